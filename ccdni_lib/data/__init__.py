"""Where examples come from that are not computed: files, downloads, and what other packages bring along.

The environment variable ``CCDNI_DATA`` names a folder that has them. What a user should know of them (a download, a
small set that stands in for a large one) is told by the logger "ccdni_lib.data", which is silent until someone listens.
How far a long work on them has come is told to those who follow it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..engine.files import FileError

log = logging.getLogger("ccdni_lib.data")
log.addHandler(logging.NullHandler())


def use_folder(folder: str | Path) -> None:
    """Have data come from a folder, here and in all processes that are started from here.

    Raises:
        FileError: when there is no such folder.

    Example:
        >>> use_folder("no/such")
        Traceback (most recent call last):
            ...
        ccdni_lib.engine.files.FileError: data no/such: must be a folder that exists
    """
    if not Path(folder).is_dir():
        raise FileError(f"data {folder}: must be a folder that exists")
    os.environ["CCDNI_DATA"] = str(folder)


class _Listener(logging.Handler):
    def __init__(self, say: Callable[[str], object]):
        super().__init__()
        self.say = say

    def emit(self, record: logging.LogRecord) -> None:
        self.say(record.getMessage())


def listen(say: Callable[[str], object]) -> None:
    """Have each notice about data given to a function, from now on; to that one only.

    Example:
        >>> listen(lambda notice: print("Listen:", notice))
        >>> log.info("this takes a while")
        Listen: this takes a while
        >>> log.handlers, log.level = [logging.NullHandler()], logging.NOTSET
    """
    log.handlers = [_Listener(say)]
    log.setLevel(logging.INFO)


_followers: list[Callable[[str, float], object]] = []


@contextmanager
def followed(by: Callable[[str, float], object]) -> Iterator[None]:
    """Have a function called, within the block, with what long works on data are and with their share done, 0 … 1.

    Example:
        >>> with followed(lambda what, done: print(f"{what}: {done:.0%}")):
        ...     come_to("1,000 images", 0.25)
        1,000 images: 25%
    """
    _followers.append(by)
    try:
        yield
    finally:
        _followers.remove(by)


def come_to(what: str, done: float) -> None:
    """Tell all who follow that this share of a long work is done."""
    for tell in _followers:
        tell(what, done)
