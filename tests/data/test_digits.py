"""Digits: files held to their checksums, downloads that break in every way, and what stands in for MNIST.

The mirrors are servers of this machine, and the files that they have are small.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pooch
import pytest
import scipy.ndimage
import sklearn.datasets
import torch

from ccdni_lib import FileError
from ccdni_lib.data import digits, log, send_notices
from ccdni_lib.data.digits import Checksums, find_digits, load_digits, read_idx

MNIST = Path(__file__).parents[2].parent / "shared" / "data" / "mnist"
needs_mnist = pytest.mark.skipif(not MNIST.is_dir(), reason="MNIST is not beside the repository")
NAMES = tuple(digits.FILES)


def idx(*shape: int, seed: int = 0) -> bytes:
    """An IDX file of random bytes, put together as the format's description has it."""
    data = np.random.default_rng(seed).integers(0, 10, size=shape, dtype=np.uint8)
    return bytes([0, 0, 8, len(shape)]) + b"".join(size.to_bytes(4, "big") for size in shape) + data.tobytes()


SMALL = dict(
    zip(NAMES, [idx(60, 28, 28), idx(60, seed=1), idx(10, 28, 28, seed=2), idx(10, seed=3)], strict=True)
)  # what stands for MNIST here: 60 and 10 images
PACKED = {f"{name}.gz": gzip.compress(content, mtime=0) for name, content in SMALL.items()}
CHECKSUMS = {
    name: Checksums(hashlib.sha256(PACKED[f"{name}.gz"]).hexdigest(), hashlib.sha256(content).hexdigest())
    for name, content in SMALL.items()
}


@pytest.fixture(autouse=True)
def _alone(monkeypatch, tmp_path):
    """No folder, an empty cache, no mirrors: a test says what there is."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("CCDNI_DATA", raising=False)
    monkeypatch.delenv("CCDNI_OFFLINE", raising=False)
    monkeypatch.setattr(digits, "_cache", lambda: tmp_path / "cache")
    monkeypatch.setattr(digits, "MIRRORS", ())
    digits._load.cache_clear()
    yield
    digits._load.cache_clear()


@pytest.fixture
def small(monkeypatch):
    """MNIST is the small files from here on."""
    monkeypatch.setattr(digits, "FILES", CHECKSUMS)


@pytest.fixture
def notices():
    """What is told to a listener."""
    told: list[str] = []
    before = log.handlers, log.level
    send_notices(told.append)
    yield told
    log.handlers, log.level = before


def write(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def is_small(found: digits.Digits) -> bool:
    """Whether these are the small files' numbers, taken from the bytes in another way."""
    four = found.training_images, found.training_labels, found.test_images, found.test_labels
    return all(
        tensor.numpy().astype(np.uint8).tobytes() == content[4 + 4 * tensor.ndim :]
        for tensor, content in zip(four, SMALL.values(), strict=True)
    )


@contextmanager
def mirror(change=lambda name, content: content, begin=lambda name: None) -> Iterator[tuple[str, Counter]]:
    """A server that has the small files, each changed in some way, None being one that it has not; it counts."""
    fetched: Counter = Counter()

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.answer()

        def do_GET(self):
            name = self.path.removeprefix("/")
            fetched[name] += 1
            begin(name)
            content = self.answer()
            pieces = [content] if isinstance(content, bytes) else content
            try:
                for piece in pieces:
                    self.wfile.write(piece)
            except (BrokenPipeError, ConnectionResetError):  # nobody listens any more
                self.close_connection = True

        def answer(self):
            name = self.path.removeprefix("/")
            content = change(name, PACKED[name])
            self.send_response(404 if content is None else 200)
            if content is not None:
                self.send_header("Content-Length", str(len(PACKED[name])))
            self.end_headers()
            return b"" if content is None else content

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", fetched
        finally:
            server.shutdown()


# --- files ---


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


# --- downloads ---


def cached(tmp_path: Path) -> list[str]:
    folder = tmp_path / "cache"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_digits_are_downloaded_once(small, monkeypatch, tmp_path, notices, capfd):
    with mirror() as (address, fetched):
        monkeypatch.setattr(digits, "MIRRORS", (address,))
        assert find_digits() == f"MNIST, to be downloaded to {tmp_path / 'cache'} when first needed"
        assert not fetched
        found = load_digits()
        assert fetched == dict.fromkeys(PACKED, 1)
        digits._load.cache_clear()  # as another process would
        again = load_digits()
        assert fetched == dict.fromkeys(PACKED, 1)
    assert is_small(found)
    assert is_small(again)
    assert again.source == found.source == find_digits() == f"MNIST, downloaded to {tmp_path / 'cache'}"
    assert {name: (tmp_path / "cache" / name).read_bytes() for name in cached(tmp_path)} == PACKED
    assert notices == [f"downloading MNIST (11 MB) from {address} to {tmp_path / 'cache'}"]
    assert capfd.readouterr() == ("", "")


THIRD = f"{NAMES[2]}.gz"
BROKEN = {
    "has nothing": lambda name, content: None,
    "lacks the third": lambda name, content: None if name == THIRD else content,
    "sends all but the end": lambda name, content: content[:-100],
    "cuts the third": lambda name, content: content[:100] if name == THIRD else content,
    "sends web pages": lambda name, content: b"<html>".ljust(len(content)),
    "has another third": lambda name, content: PACKED[f"{NAMES[0]}.gz"][: len(content)] if name == THIRD else content,
}


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN)
def test_after_a_broken_mirror_the_next_is_tried_and_nothing_is_left(small, monkeypatch, tmp_path, change):
    with mirror(change) as (bad, fetched_bad), mirror() as (good, fetched):
        monkeypatch.setattr(digits, "MIRRORS", (bad, good))
        assert is_small(load_digits())
    assert {name: (tmp_path / "cache" / name).read_bytes() for name in cached(tmp_path)} == PACKED
    assert fetched[THIRD] == 1
    assert all(fetched[name] + fetched_bad[name] <= 2 for name in PACKED)


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN)
def test_with_broken_mirrors_only_digits_are_those_of_scikit_learn(small, monkeypatch, tmp_path, notices, change):
    with mirror(change) as (bad, fetched), mirror(change) as (worse, _):
        monkeypatch.setattr(digits, "MIRRORS", (bad, worse))
        found = load_digits()
        tried = fetched.copy()
        assert load_digits() is found  # it is remembered that there was no way
        assert fetched == tried
    assert len(found.training_images) + len(found.test_images) == 1797
    assert found.source.endswith("(1,797 images), for MNIST could not be downloaded")
    assert notices[-1] == f"{found.source}; CCDNI_DATA may name a folder that has it"
    whole = cached(tmp_path)
    assert set(whole) <= set(PACKED)
    assert all((tmp_path / "cache" / name).read_bytes() == PACKED[name] for name in whole)


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(digits, "PATIENCE", 0.3)


def test_a_network_that_swallows_everything_costs_the_patience_once(small, monkeypatch, tmp_path, impatient):
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections and never answers
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        monkeypatch.setattr(digits, "MIRRORS", tuple(f"{address}{number}/" for number in range(30)))
        begun = time.monotonic()
        assert digits._find_mirrors() == []
        assert time.monotonic() - begun < 10 * digits.PATIENCE
        assert not digits._download(tmp_path / "cache")
    assert cached(tmp_path) == []


def test_a_name_that_is_looked_up_for_ever_costs_the_patience_once(small, monkeypatch, tmp_path, impatient):
    end = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: end.wait(60) and [])
    monkeypatch.setattr(digits, "MIRRORS", ("http://one.invalid/", "http://two.invalid/"))
    begun = time.monotonic()
    assert digits._find_mirrors() == []
    assert time.monotonic() - begun < 10 * digits.PATIENCE
    end.set()


class Pieces:
    """Content that comes in pieces, made anew each time it is sent."""

    def __init__(self, change, name, content):
        self.parts = change, name, content

    def __iter__(self):
        change, name, content = self.parts
        return change(name, content)


def drip(name: str, content: bytes) -> Iterator[bytes]:
    for place in range(0, len(content), 1024):
        time.sleep(0.1)
        yield content[place : place + 1024]


def stall(name: str, content: bytes) -> Iterator[bytes]:
    yield content[:2000]
    time.sleep(1.0)
    yield content[2000:]


@pytest.mark.parametrize(("change", "longest"), [(drip, 1.0), (stall, 60.0)])
def test_a_mirror_that_drips_or_stalls_is_given_up(small, monkeypatch, tmp_path, impatient, change, longest):
    monkeypatch.setattr(digits, "LONGEST", longest)
    with mirror(lambda name, content: Pieces(change, name, content)) as (slow, fetched):
        monkeypatch.setattr(digits, "MIRRORS", (slow,))
        assert not digits._download(tmp_path / "cache")
    assert fetched == {f"{NAMES[0]}.gz": 1}
    assert cached(tmp_path) == []


def test_a_damaged_download_is_fetched_anew(small, monkeypatch, tmp_path):
    write(tmp_path / "cache", PACKED | {THIRD: b"damaged since"})
    with mirror() as (address, fetched):
        monkeypatch.setattr(digits, "MIRRORS", (address,))
        assert is_small(load_digits())
    assert fetched == {THIRD: 1}


def test_a_cache_that_cannot_be_made_is_blamed_and_no_mirror(small, monkeypatch, tmp_path, notices):
    (tmp_path / "cache").write_text("a file where the folder should be")
    with mirror() as (address, fetched):
        monkeypatch.setattr(digits, "MIRRORS", (address,))
        assert load_digits().source.endswith("could not be downloaded")
        assert not fetched
    assert (tmp_path / "cache").is_file()
    assert notices[0] == f"{tmp_path}/cache: the folder cannot be made (File exists); CCDNI_CACHE may name another"


def test_offline_no_mirror_is_asked(small, monkeypatch, tmp_path):
    monkeypatch.setenv("CCDNI_OFFLINE", "1")
    monkeypatch.setattr(digits, "_find_mirrors", lambda: pytest.fail("asked"))
    source = "scikit-learn's digits, 8×8 scaled to 28×28 (1,797 images), for MNIST is not here and CCDNI_OFFLINE is set"
    assert load_digits().source == find_digits() == source
    write(tmp_path / "cache", PACKED)
    digits._load.cache_clear()
    assert is_small(load_digits())


CHILD = """
import json, sys
from pathlib import Path
from ccdni_lib.data import digits
cache, address, checksums = sys.argv[1:]
digits._cache = lambda: Path(cache)
digits.MIRRORS = (address,)
digits.FILES = {name: digits.Checksums(*two) for name, two in json.loads(checksums).items()}
digits.PATIENCE = 20.0
found = digits.load_digits()
print(found.source, int(found.training_images.sum()), int(found.test_labels.sum()))
"""


def test_two_processes_at_once_do_each_other_no_harm(tmp_path):
    both = threading.Barrier(2)

    def begin(name):  # no process gets the first file before both have asked for it
        if name == f"{NAMES[0]}.gz":
            both.wait(60)

    with mirror(begin=begin) as (address, fetched):
        command = [sys.executable, "-c", CHILD, str(tmp_path / "cache"), address, json.dumps(CHECKSUMS)]
        children = [
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)
        ]
        said = [child.communicate(timeout=120) for child in children]
    sums = [sum(SMALL[name][skip:]) for name, skip in ((NAMES[0], 16), (NAMES[3], 8))]
    assert said == [(f"MNIST, downloaded to {tmp_path / 'cache'} {sums[0]} {sums[1]}\n", "")] * 2
    assert fetched[f"{NAMES[0]}.gz"] == 2
    assert {name: (tmp_path / "cache" / name).read_bytes() for name in cached(tmp_path)} == PACKED


# --- what stands in for MNIST ---


def test_the_stand_in_is_scikit_learns_digits_made_large(monkeypatch):
    monkeypatch.setenv("CCDNI_OFFLINE", "1")
    found = load_digits()
    digits._load.cache_clear()
    again = load_digits()
    assert torch.equal(found.training_images, again.training_images)  # the same split every time
    assert (len(found.training_images), len(found.test_images)) == (1498, 299)
    images = torch.cat([found.training_images, found.test_images]).numpy()
    labels = torch.cat([found.training_labels, found.test_labels]).numpy()
    original = sklearn.datasets.load_digits()
    large = scipy.ndimage.zoom(original.images * 255 / 16, (1, 3.5, 3.5), order=1, mode="nearest", grid_mode=True)
    flat, wanted = images.reshape(1797, -1).astype(float), large.reshape(1797, -1)
    distance = (flat**2).sum(1)[:, None] - 2 * flat @ wanted.T + (wanted**2).sum(1)
    same = distance.argmin(1)
    assert sorted(same) == list(range(1797))  # each image once
    assert np.abs(flat - wanted[same]).max() <= 0.5 + 1e-9
    assert (labels == original.target[same]).all()
    assert sorted(same) != same.tolist()
    assert np.bincount(found.test_labels.numpy(), minlength=10).min() > 15  # every digit is among the test images


STAND_IN = """
import sys
import loky
import ccdni_lib.data.digits as digits

def look(cache):
    from pathlib import Path
    digits.MIRRORS, digits._cache = (), lambda: Path(cache)
    return [digits.load_digits().source for _ in range(3)]

print(look(sys.argv[1])[0])
with loky.ProcessPoolExecutor(2) as workers:
    print(*{source for found in workers.map(look, [sys.argv[1]] * 4) for source in found})
"""


def test_from_python_the_stand_in_is_a_warning_once_for_all_processes(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(STAND_IN)
    found = subprocess.run([sys.executable, script, tmp_path / "cache"], capture_output=True, text=True, check=True)
    source = "scikit-learn's digits, 8×8 scaled to 28×28 (1,797 images), for MNIST could not be downloaded"
    assert found.stdout.splitlines() == [source] * 2
    (warning,) = [line for line in found.stderr.splitlines() if "UserWarning" in line]
    assert warning.startswith(f"{script}:9: ")  # the line that asked for digits
    assert warning.endswith(f"UserWarning: {source}; CCDNI_DATA may name a folder that has it")


def test_who_takes_notices_gets_no_warning(notices, monkeypatch):
    monkeypatch.setenv("CCDNI_OFFLINE", "1")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = load_digits()
    assert notices == [f"{found.source}; CCDNI_DATA may name a folder that has it"]


def test_the_cache_is_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.undo()
    monkeypatch.setenv("CCDNI_CACHE", str(tmp_path))
    assert digits._cache() == tmp_path / "mnist"
    monkeypatch.setenv("CCDNI_CACHE", "")
    assert digits._cache() == Path(pooch.os_cache("ccdni")) / "mnist"


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
