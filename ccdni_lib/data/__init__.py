"""Where examples come from that are not computed: files, downloads, and what other packages bring along.

The environment variable ``CCDNI_DATA`` names a folder that has them, ``CCDNI_CACHE`` one for what is downloaded or
takes long to compute. What a user should know of them (a download, a small set that stands in for a large one) is told
by the logger "ccdni_lib.data", whose notices `send_notices` gives to a function. Those who follow a long work on them
are told how far it has come.
"""

from __future__ import annotations

import inspect
import logging
import multiprocessing
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pooch

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


def cache_folder() -> Path:
    """The folder for what is downloaded or takes long to compute; it need not exist yet.

    It is what ``CCDNI_CACHE`` names, or ccdni in the user's cache folder.

    Example:
        >>> from unittest.mock import patch
        >>> with patch.dict(os.environ, CCDNI_CACHE="some/folder"):
        ...     cache_folder().as_posix()
        'some/folder'
    """
    return Path(os.environ.get("CCDNI_CACHE") or pooch.os_cache("ccdni"))


class _Handler(logging.Handler):
    def __init__(self, to: Callable[[str], object]):
        super().__init__()
        self.to = to

    def emit(self, record: logging.LogRecord) -> None:
        self.to(record.getMessage())


def send_notices(to: Callable[[str], object]) -> None:
    """Give each notice about data to a function, from now on; to that one only.

    Example:
        >>> send_notices(lambda notice: print("Notice:", notice))
        >>> log.info("this takes a while")
        Notice: this takes a while
        >>> log.handlers, log.level = [logging.NullHandler()], logging.NOTSET
    """
    log.handlers = [_Handler(to)]
    log.setLevel(logging.INFO)


def warn(sentence: str) -> None:
    """Tell what no one should miss: to the function of `send_notices`, or else as a warning of Python's.

    Worker processes keep silent, for the process that started them has told it already.
    """
    if any(isinstance(handler, _Handler) for handler in log.handlers):
        log.warning("%s", sentence)
    elif multiprocessing.parent_process() is None:
        level, frame = 1, inspect.currentframe()
        while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "ccdni_lib":
            level, frame = level + 1, frame.f_back
        warnings.warn(sentence, stacklevel=level)  # at the user's own line


_followers: list[Callable[[str, float], object]] = []


@contextmanager
def follow_progress(by: Callable[[str, float], object]) -> Iterator[None]:
    """Have a function called, within the block, with what long works on data are and with their share done, 0 … 1.

    Example:
        >>> with follow_progress(lambda what, done: print(f"{what}: {done:.0%}")):
        ...     report_progress("1,000 images", 0.25)
        1,000 images: 25%
    """
    _followers.append(by)
    try:
        yield
    finally:
        _followers.remove(by)


def report_progress(what: str, done: float) -> None:
    """Tell all who follow that this share of a long work is done."""
    for tell in _followers:
        tell(what, done)
