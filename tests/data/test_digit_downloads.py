"""Downloads of digits that break in every way; the mirrors are servers of this machine."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ccdni_lib.data import digits
from ccdni_lib.data.digits import find_digits, load_digits
from tests.data.digit_files import CHECKSUMS, NAMES, PACKED, SMALL, _alone, is_small, mirror, notices, small, write

__all__ = ["_alone", "notices", "small"]


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
