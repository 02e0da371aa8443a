"""Digits: files that are held to their checksums, and once in memory."""

from __future__ import annotations

import gzip
import hashlib
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from ccdni_lib import FileError
from ccdni_lib.data import digits
from ccdni_lib.data.digits import find_digits, load_digits, read_idx
from tests.data.digit_files import (
    CHECKSUMS,
    MNIST,
    NAMES,
    PACKED,
    SMALL,
    _alone,
    idx,
    is_small,
    mirror,
    needs_mnist,
    small,
    write,
)

__all__ = ["_alone", "small"]


@needs_mnist
def test_mnist_is_mnist(monkeypatch):
    monkeypatch.setenv("CCDNI_DATA", str(MNIST))
    begun = time.process_time()
    found = load_digits()
    assert time.process_time() - begun < 2
    assert found.training_images.shape == (60_000, 28, 28)
    assert found.test_images.shape == (10_000, 28, 28)
    assert found.training_images.dtype == found.test_images.dtype == torch.uint8
    # published: the first labels, how many of each digit, and the mean and deviation that everyone normalises with
    assert found.training_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert found.test_labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert found.training_labels.bincount().tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert found.test_labels.bincount().tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    pixels = found.training_images.float() / 255
    assert (pixels.mean().item(), pixels.std().item()) == pytest.approx((0.1307, 0.3081), abs=5e-5)
    assert found.source == f"MNIST from {MNIST}"


@needs_mnist
@pytest.mark.parametrize("name", NAMES)
def test_the_checksums_are_those_of_mnist_packed_and_unpacked(name):
    packed = (MNIST / f"{name}.gz").read_bytes()
    assert digits.FILES[name] == tuple(hashlib.sha256(x).hexdigest() for x in (packed, gzip.decompress(packed)))


@pytest.mark.parametrize("files", [SMALL, PACKED, dict([*PACKED.items()][:2]) | dict([*SMALL.items()][2:])])
@pytest.mark.parametrize("below", ["", "mnist"])
def test_files_may_be_plain_or_packed_in_the_folder_or_below(small, monkeypatch, tmp_path, files, below):
    write(tmp_path / below, files)
    monkeypatch.setenv("CCDNI_DATA", str(tmp_path))
    found = load_digits()
    assert is_small(found)
    assert found.source == find_digits() == f"MNIST from {tmp_path}"


def test_packing_differently_is_no_damage(small, monkeypatch, tmp_path):
    other = {f"{name}.gz": gzip.compress(content, compresslevel=1, mtime=7) for name, content in SMALL.items()}
    assert all(other[name] != PACKED[name] for name in other)
    monkeypatch.setenv("CCDNI_DATA", str(write(tmp_path, other)))
    assert is_small(load_digits())


LABELS = SMALL[NAMES[1]]
DAMAGES = {
    "empty": (b"", "is no IDX file of bytes"),
    "a web page": (b"<!DOCTYPE html><title>404</title>", "is no IDX file of bytes"),
    "numbers of another type": (LABELS[:2] + b"\x0d" + LABELS[3:], "is no IDX file of bytes"),
    "no dimensions": (b"\0\0\x08\0", "is no IDX file of bytes"),
    "nothing but the start": (LABELS[:6], "is no IDX file of bytes"),
    "cut": (LABELS[:-20], "has 48 bytes, where its head speaks of 68"),
    "longer": (LABELS + b"\0", "has 69 bytes, where its head speaks of 68"),
    "one bit turned": (LABELS[:-1] + bytes([LABELS[-1] ^ 1]), "is damaged or another file, with the sha256 "),
    "another set of the same form": (idx(60, seed=9), "is damaged or another file, with the sha256 "),
    "a larger one": (idx(70, seed=1), "is damaged or another file, with the sha256 "),
    "as if larger than any memory": (
        b"\0\0\x08\x03" + b"\xff" * 12 + bytes(50),
        "has 66 bytes, where its head speaks of 79,228",
    ),
}


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
@pytest.mark.parametrize(("content", "why"), DAMAGES.values(), ids=DAMAGES)
def test_a_wrong_file_is_named_with_what_is_wrong_and_the_checksum(small, monkeypatch, tmp_path, content, why, packed):
    path = write(tmp_path, PACKED if packed else SMALL) / (NAMES[1] + ".gz" * packed)
    path.write_bytes(gzip.compress(content) if packed else content)
    monkeypatch.setenv("CCDNI_DATA", str(tmp_path))
    for look in (load_digits, load_digits, find_digits):
        with pytest.raises(FileError) as refused:
            look()
        sentence = str(refused.value)
        assert sentence.startswith(f"{path}: {why}")
        assert sentence.endswith(f"; its content, unpacked, must have the sha256 {CHECKSUMS[NAMES[1]].unpacked}")
        assert "\n" not in sentence


PACKED_LABELS = PACKED[f"{NAMES[1]}.gz"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (LABELS, "is no packed file, or damaged (Not a gzipped file"),
        (b"", "is no IDX file of bytes"),
        (PACKED_LABELS[:5], "ends too early"),
        (PACKED_LABELS[:-12], "ends too early"),
        (PACKED_LABELS[:12] + b"\xff\xff\xff" + PACKED_LABELS[15:], "is no packed file, or damaged (Error -3"),
    ],
    ids=["not packed", "empty", "cut in its head", "cut", "damaged"],
)
def test_a_broken_packed_file_is_named(tmp_path, content, why):
    path = tmp_path / "labels.gz"
    path.write_bytes(content)
    with pytest.raises(FileError, match=r"must have the sha256 abc$") as refused:
        read_idx(path, "abc")
    assert str(refused.value).startswith(f"{path}: {why}")


def test_a_file_that_is_a_folder_or_not_there_is_named(tmp_path):
    for path, why in ((tmp_path, "Is a directory"), (tmp_path / "x", "No such file or directory")):
        with pytest.raises(FileError) as refused:
            read_idx(path, "abc")
        assert str(refused.value).startswith(f"{path}: cannot be read ({why})")


@pytest.mark.parametrize("there", [{}, dict([*PACKED.items()][:3])], ids=["none", "three of four"])
def test_a_folder_without_digits_is_refused_with_the_four_names(small, monkeypatch, tmp_path, there):
    write(tmp_path, there)
    for folder in (tmp_path, tmp_path / "no", Path("x" * 300)):
        monkeypatch.setenv("CCDNI_DATA", str(folder))
        for look in (load_digits, find_digits):
            with pytest.raises(FileError) as refused:
                look()
            sentence = str(refused.value)
            assert sentence.startswith(f"{folder}: ")
            assert "File name too long" in sentence or all(name in sentence for name in NAMES)
    monkeypatch.setenv("CCDNI_DATA", str(tmp_path))
    with pytest.raises(FileError, match=f"has no {NAMES[len(there)]}; must be a folder with"):
        load_digits()


def test_what_a_folder_lacks_is_not_downloaded(small, monkeypatch, tmp_path):
    monkeypatch.setenv("CCDNI_DATA", str(tmp_path))
    with mirror() as (address, fetched):
        monkeypatch.setattr(digits, "MIRRORS", (address,))
        with pytest.raises(FileError):
            load_digits()
    assert not fetched


# --- once in memory ---


def test_all_threads_get_the_same_digits(small, monkeypatch, tmp_path):
    monkeypatch.setenv("CCDNI_DATA", str(write(tmp_path, PACKED)))
    together, found = threading.Barrier(8), []

    def ask():
        together.wait()
        found.append(load_digits())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {id(one) for one in found} == {id(load_digits())}


def test_another_folder_gives_other_digits(small, monkeypatch, tmp_path):
    for name in ("a", "b"):
        monkeypatch.setenv("CCDNI_DATA", str(write(tmp_path / name, PACKED)))
        assert load_digits().source == f"MNIST from {tmp_path / name}"


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (PermissionError(13, "Permission denied"), "cannot be read (Permission denied)"),
        (OSError(5, "Input/output error"), "cannot be read (Input/output error)"),
        (MemoryError(), "cannot be read, for there is not enough memory"),
    ],
)
def test_a_sound_file_is_not_called_damaged(monkeypatch, tmp_path, fault, why):
    path = tmp_path / "labels.gz"
    path.write_bytes(PACKED_LABELS)

    def fail(*_, **__):
        raise fault

    monkeypatch.setattr("gzip.open", fail)
    with pytest.raises(FileError) as refused:
        read_idx(path, CHECKSUMS[NAMES[1]].unpacked)
    assert str(refused.value) == f"{path}: {why}"


def test_the_checksum_is_of_every_image_and_label(small, monkeypatch, tmp_path):
    monkeypatch.setenv("CCDNI_DATA", str(write(tmp_path / "data", SMALL)))
    found = load_digits()
    shapes = [(f"({count}, 28, 28);", f"({count},);") for count in (len(found.training_labels), len(found.test_labels))]
    told = b"".join(
        shape.encode() + content[4 + 4 * content[3] :]
        for shape, content in zip([*shapes[0], *shapes[1]], SMALL.values(), strict=True)
    )
    assert found.checksum == hashlib.sha256(told).hexdigest()[:12]
    assert found.checksum is found.checksum  # computed once
    for name in ("training_images", "training_labels", "test_images", "test_labels"):
        changed = getattr(found, name).clone()
        changed.view(-1)[-1] += 1
        assert replace(found, **{name: changed}).checksum != found.checksum
    assert replace(found, source="elsewhere").checksum == found.checksum
