"""What tests of digits share: small files in the place of MNIST's, and mirrors that are servers of this machine."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from ccdni_lib.data import digits, log, send_notices
from ccdni_lib.data.digits import Checksums

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
