"""Files that are written whole or not at all, and clear words about those that cannot be used."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from safetensors import SafetensorError


class FileError(ValueError):
    """A file that cannot be read or written: one sentence that names it and says why."""


def write_whole(path: str | Path, write: Callable[[Path], object], within: Path | None = None) -> None:
    """Have ``write`` fill a file beside ``path``, then put it in its place: never half a file under that name.

    The file gets the mode that any new file gets here, whoever writes it.

    Args:
        path: of the file, replaced if it exists.
        write: fills the file whose path it is given.
        within: folder for the file while it is filled, on the same disk; by default that of ``path``.

    Raises:
        FileError: when the folder does not exist or cannot be written, or the disk is full.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_whole(Path(folder) / "a.txt", lambda beside: beside.write_text("whole"))
        ...     (Path(folder) / "a.txt").read_text()
        'whole'
    """
    path = Path(path)
    check_writable(path)
    beside = (path.parent if within is None else within) / f".{path.name}.{os.getpid()}.part"
    try:
        beside.touch()
        mode = beside.stat().st_mode
        write(beside)
        beside.chmod(mode)
        beside.replace(path)
    except (OSError, RuntimeError, SafetensorError) as error:  # h5py and safetensors have their own for a full disk
        why = getattr(error, "strerror", None) or str(error).strip() or type(error).__name__
        raise FileError(f"{path}: cannot be written ({why.splitlines()[0]})") from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def check_writable(path: str | Path) -> None:
    """Complain early about a file that could not be written after hours of work.

    Raises:
        FileError: when the folder does not exist or cannot be written, or ``path`` is a folder.
    """
    path = Path(path)
    if path.is_dir():
        raise FileError(f"{path}: is a folder, must be the name of a file")
    if not path.parent.is_dir():
        raise FileError(f"{path}: the folder {path.parent} must exist")
    if not os.access(path.parent, os.W_OK):
        raise FileError(f"{path}: the folder {path.parent} must be writable")


def make_folder(path: str | Path) -> Path:
    """Make a folder, and those it lies in, unless it is there; returns it.

    Raises:
        FileError: when it cannot be made.
    """
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"{path}: the folder cannot be made ({error.strerror or error})") from error
    return Path(path)
