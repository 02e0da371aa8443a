"""Handwritten digits: MNIST from a folder, else downloaded once, else the small set that scikit-learn brings along.

Every file is held to its sha256 before an image of it is used. MNIST: LeCun, Bottou, Bengio & Haffner 1998.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
import math
import os
import struct
import time
import zlib
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from threading import Lock, Thread
from typing import NamedTuple

import pooch
import torch
from jaxtyping import Int, UInt8
from torch import Tensor
from torch.nn.functional import interpolate

from ..engine.files import FileError, make_folder
from ..engine.randomness import Purpose, generator
from . import cache_folder, log, warn


class Checksums(NamedTuple):
    """The sha256 of a file as mirrors have it, ``packed`` with gzip, and of what is in it."""

    packed: str
    unpacked: str


FILES = {  # in the order of the fields of `Digits`
    "train-images-idx3-ubyte": Checksums(
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    "train-labels-idx1-ubyte": Checksums(
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    "t10k-images-idx3-ubyte": Checksums(
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    "t10k-labels-idx1-ubyte": Checksums(
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
}
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
)
PATIENCE = 4.0  # seconds that a mirror has for its first answer, and between two pieces of a file
LONGEST = 60.0  # seconds that the whole download may take
SMALL = "scikit-learn's digits, 8×8 scaled to 28×28 (1,797 images), for MNIST"

_one_at_a_time = Lock()


@dataclass(frozen=True, eq=False)
class Digits:
    """Images of handwritten digits, 0 (background) … 255 (ink), and which digit each is, 0 … 9.

    All networks of a process share these tensors: copy them before you change them.

    Attributes:
        training_images, training_labels: 60,000 of MNIST, or 1,498 of scikit-learn's.
        test_images, test_labels: 10,000, or 299.
        source: what they are and where they came from, in a line.
    """

    training_images: UInt8[Tensor, "Q 28 28"]
    training_labels: Int[Tensor, " Q"]
    test_images: UInt8[Tensor, "R 28 28"]
    test_labels: Int[Tensor, " R"]
    source: str

    @cached_property
    def checksum(self) -> str:
        """A short hash of all images and labels, twelve hexadecimal digits; computed when first asked for, and kept."""
        digest = hashlib.sha256()
        for values in (self.training_images, self.training_labels, self.test_images, self.test_labels):
            digest.update(f"{tuple(values.shape)};".encode())
            digest.update(values.to(torch.uint8).contiguous().numpy().data)
        return digest.hexdigest()[:12]


def load_digits() -> Digits:
    """The digits, read when first asked for and then kept: once in memory, however many networks train.

    MNIST comes from the folder that the environment variable ``CCDNI_DATA`` names, or is downloaded once into the
    user's cache. Where that cannot be (no network, or ``CCDNI_OFFLINE`` is set), it is scikit-learn's digits: their
    ``source`` says so, and so does a warning, once (a notice where `ccdni_lib.data.send_notices` was called).

    Raises:
        FileError: when ``CCDNI_DATA`` is set but has not all of MNIST, or one of its files has not the right content.

    Example:
        >>> import os
        >>> os.environ["CCDNI_OFFLINE"] = "1"  # take what is here, download nothing
        >>> digits = load_digits()
        >>> digits.training_images.shape[1:], digits.training_images.dtype
        (torch.Size([28, 28]), torch.uint8)
        >>> sorted(set(digits.test_labels.tolist()))
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    """
    with _one_at_a_time:
        return _load(os.environ.get("CCDNI_DATA"), bool(os.environ.get("CCDNI_OFFLINE")))


def find_digits() -> str:
    """Which digits `load_digits` would give, and from where; nothing is downloaded.

    Raises:
        FileError: as `load_digits`.

    Example:
        >>> "MNIST" in find_digits()
        True
    """
    digits = _load_mnist(os.environ.get("CCDNI_DATA"))
    if digits is not None:
        return digits.source
    if os.environ.get("CCDNI_OFFLINE"):
        return f"{SMALL} is not here and CCDNI_OFFLINE is set"
    return f"MNIST, to be downloaded to {_cache()} when first needed"


def read_idx(path: str | Path, sha256: str) -> UInt8[Tensor, "..."]:
    """Read a file of bytes in IDX format, plain or, where its name ends in .gz, packed.

    IDX is two zeros, the type (8: bytes), the number of dimensions, their sizes as big-endian 32-bit numbers, the data.

    Args:
        path: the file.
        sha256: checksum of its content, unpacked, as hexadecimal digits.

    Raises:
        FileError: when it cannot be read, is no IDX file of bytes, has not the right size, or has another content.

    Example:
        >>> import tempfile
        >>> content = bytes([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "numbers"
        ...     _ = path.write_bytes(content)
        ...     read_idx(path, hashlib.sha256(content).hexdigest())
        tensor([[1, 2, 3],
                [4, 5, 6]], dtype=torch.uint8)
    """
    path = Path(path)

    def file_error(why: str) -> FileError:
        return FileError(f"{path}: {why}; its content, unpacked, must have the sha256 {sha256}")

    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            content = bytearray(stream.read())
    except EOFError:
        raise file_error("ends too early") from None
    except (OSError, zlib.error) as error:
        if isinstance(error, OSError) and error.strerror:  # the file may be sound
            raise FileError(f"{path}: cannot be read ({error.strerror})") from error
        raise file_error(f"is no packed file, or damaged ({error})") from error
    except MemoryError:
        raise FileError(f"{path}: cannot be read, for there is not enough memory") from None
    dimensions = content[3] if len(content) > 3 and content.startswith(b"\0\0\x08") else 0
    head = 4 + 4 * dimensions
    if not dimensions or len(content) < head:
        raise file_error("is no IDX file of bytes")
    shape = struct.unpack_from(f">{dimensions}I", content, 4)
    if len(content) != head + math.prod(shape):
        raise file_error(f"has {len(content):,} bytes, where its head speaks of {head + math.prod(shape):,}")
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise file_error(f"is damaged or another file, with the sha256 {found}")
    return torch.frombuffer(content, dtype=torch.uint8)[head:].reshape(shape)


@lru_cache(maxsize=1)
def _load(folder: str | None, offline: bool) -> Digits:
    digits = _load_mnist(folder)
    if digits is None and not offline and _download(_cache()):
        digits = _load_mnist(folder)
    if digits is None:
        why = "is not here and CCDNI_OFFLINE is set" if offline else "could not be downloaded"
        digits = _load_small(f"{SMALL} {why}")
        warn(f"{digits.source}; CCDNI_DATA may name a folder that has it")
    return digits


def _cache() -> Path:
    return cache_folder() / "mnist"


def _load_mnist(folder: str | None) -> Digits | None:
    """MNIST from a folder that must have it, or from the cache if that has it."""
    if folder:
        return _read_mnist(Path(folder), f"MNIST from {folder}")
    with suppress(FileError):  # not downloaded yet, or damaged since: downloaded anew
        return _read_mnist(_cache(), f"MNIST, downloaded to {_cache()}")
    return None


def _read_mnist(folder: Path, source: str) -> Digits:
    paths = []
    for name in FILES:
        places = [place / file for place in (folder, folder / "mnist") for file in (f"{name}.gz", name)]
        try:
            path = next(filter(Path.is_file, places), None)
        except OSError as error:
            raise FileError(f"{folder}: cannot be read ({error.strerror})") from error
        if path is None:
            raise FileError(
                f"{folder}: has no {name}; must be a folder with MNIST's four files, {', '.join(FILES)}, "
                "plain or packed (.gz), in it or in its sub-folder mnist"
            )
        paths.append(path)
    four = [read_idx(path, checksums.unpacked) for path, checksums in zip(paths, FILES.values(), strict=True)]
    return Digits(four[0], four[1].long(), four[2], four[3].long(), source)


def _download(folder: Path) -> bool:
    """Fetch what the folder has not, from the first mirror that gives it; True when all is there.

    A file is fetched beside its place, checked, and moved there whole: processes may do so at once.
    """
    pooch.get_logger().setLevel(logging.WARNING)
    fetch = pooch.HTTPDownloader(timeout=PATIENCE, progressbar=_Limit())
    for mirror in _find_mirrors():
        try:
            make_folder(folder)
        except FileError as error:  # no mirror's fault
            log.info("%s; CCDNI_CACHE may name another", error)
            return False
        log.info("downloading MNIST (11 MB) from %s to %s", mirror, folder)
        try:
            for name, checksums in FILES.items():
                pooch.retrieve(f"{mirror}{name}.gz", checksums.packed, f"{name}.gz", folder, downloader=fetch)
            return True
        except (OSError, ValueError) as error:
            log.info("%s: %s", mirror, error)
    return False


def _find_mirrors() -> list[str]:
    """The mirrors that answer in time; all are asked at once, so that a dead network costs `PATIENCE` and no more.

    In threads, because nothing else limits how long the look-up of a name or the trial of many addresses takes.
    """
    ask, found = pooch.HTTPDownloader(timeout=PATIENCE), set()

    def ask_for_head(mirror: str) -> None:
        with suppress(OSError, ValueError):
            if ask(f"{mirror}{next(iter(FILES))}.gz", None, None, check_only=True):
                found.add(mirror)

    threads = [Thread(target=ask_for_head, args=(mirror,), daemon=True) for mirror in MIRRORS]
    end = time.monotonic() + PATIENCE
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    return [mirror for mirror in MIRRORS if mirror in found]


class _Limit:
    """What pooch takes for a progress bar: it ends a download that takes longer than `LONGEST`."""

    total = 0

    def __init__(self) -> None:
        self.end = time.monotonic() + LONGEST

    def update(self, _: int) -> None:
        if time.monotonic() > self.end:
            raise TimeoutError(f"not done after {LONGEST:.0f} s")

    def reset(self) -> None: ...

    def close(self) -> None: ...


def _load_small(source: str) -> Digits:
    """scikit-learn's 8×8 digits, 0 … 16, as if they were MNIST's; a sixth, drawn once and for all, is for tests."""
    from sklearn.datasets import load_digits as load_small

    found = load_small()
    large = interpolate(torch.from_numpy(found.images)[:, None] * (255 / 16), size=(28, 28), mode="bilinear")
    images, labels = large[:, 0].round().to(torch.uint8), torch.from_numpy(found.target).long()
    order = torch.from_numpy(generator(0, Purpose.SPLIT, 1).permutation(len(labels)))
    test, training = order[: len(order) // 6], order[len(order) // 6 :]
    return Digits(images[training], labels[training], images[test], labels[test], source)
