"""What a run keeps while it runs: a folder beside its result, which goes when the result is whole.

``OUT.parts`` holds ``run.json`` (what the run is), ``3.nc`` for the third job that is finished, the folder ``3`` with
what it keeps while it is not, and a lock, so that two runs never write to one result.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import xarray as xr
from filelock import FileLock, Timeout

from ...engine.files import FileError, check_writable, make_folder, write_whole
from ...engine.training.identity import Identity, first_difference
from .files import load_dataset, save_dataset
from .job import Job
from .run import load_part

GO_ON = "resume it (resume=True, --resume) or replace it (overwrite=True, --overwrite)"
_RUN, _LOCK = "run.json", "lock"


class Parts:
    """The folder of one run, for as long as it holds its lock; `open_parts` makes it.

    Args:
        folder: where to keep what is done; None keeps nothing.
    """

    def __init__(self, folder: Path | None):
        self.folder = folder

    def job_with_folder(self, number: int, job: Job) -> Job:
        """A job that keeps what it has done."""
        return job if self.folder is None else replace(job, folder=make_folder(self.folder / str(number)))

    def load(self, number: int, job: Job) -> xr.Dataset | None:
        """The Dataset of a job that was finished before; None if it was not.

        Raises:
            FileError: when it was made with something else.
        """
        if self.folder is None or not self._result(number).exists():
            return None
        return load_part(self._result(number), job)

    def keep(self, number: int, dataset: xr.Dataset) -> None:
        """Write the Dataset of a finished job; then remove what it has kept while it ran, but not trained networks."""
        if self.folder is None:
            return
        save_dataset(dataset, self._result(number))
        for path in (self.folder / str(number)).iterdir():
            if not path.name.startswith("networks-"):
                path.unlink()

    def networks(self, number: int) -> list[Path]:
        """Files with the trained networks of a job, one for each of its points."""
        if self.folder is None:
            return []
        found = (self.folder / str(number)).glob("networks-*.safetensors")
        return sorted(found, key=lambda path: int(path.stem.partition("-")[2]))

    def remove(self) -> None:
        """Remove the folder: the result is safe, or there is nothing in it."""
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def empty(self) -> bool:
        """Whether nothing is kept that would be missed."""
        if self.folder is None or not self.folder.is_dir():
            return True
        return not any(path.is_file() and path.name not in (_RUN, _LOCK) for path in self.folder.rglob("*"))

    def _result(self, number: int) -> Path:
        assert self.folder is not None
        return self.folder / f"{number}.nc"


@contextmanager
def open_parts(
    out: Path | None, save: Path | None, identity: Identity, resume: bool, overwrite: bool
) -> Iterator[tuple[Parts, xr.Dataset | None]]:
    """Take the place where a run writes, for as long as the block lasts.

    Args:
        out: file of the result; None if it is not written.
        save: file or folder of the trained networks; None if they are not.
        identity: what the run's numbers depend on.
        resume: go on with what a stopped run of the same identity has left.
        overwrite: discard what is there.

    Yields:
        The parts, and the result if it is there already, whole and with the same identity. If the block is left by an
        error or an interruption, the parts stay unless they are empty; whoever has saved the result removes them.

    Raises:
        FileError: when something is there and neither `resume` nor `overwrite` is asked for, when what is there was
            made with something else, or when another run writes there.
    """
    anchor = out or save
    if anchor is None:
        yield Parts(None), None
        return
    for path in filter(None, (out, save)):
        check_writable(path)
    folder = anchor.with_name(f"{anchor.name}.parts")
    parts, lock = Parts(folder), FileLock(make_folder(folder) / _LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise FileError(f"{anchor}: is being written by another run; wait for its end or name another file") from None
    except OSError as error:
        raise FileError(f"{folder}: cannot be written ({error.strerror or error})") from error
    try:
        whole = _whole_before(out, save, folder, identity, resume, overwrite)
        if whole is None and not (folder / _RUN).exists():
            write_whole(folder / _RUN, lambda beside: beside.write_text(json.dumps(identity), encoding="utf-8"))
        yield parts, whole
    finally:
        if parts.empty:
            parts.remove()
        lock.release()


def _whole_before(
    out: Path | None, save: Path | None, folder: Path, identity: Identity, resume: bool, overwrite: bool
) -> xr.Dataset | None:
    """The whole result that is there already, if any; what is to be discarded is discarded.

    Raises:
        FileError: when what is there must not be touched, or cannot be gone on with.
    """
    begun = folder / _RUN
    if overwrite:
        for path in folder.iterdir():
            if path.name != _LOCK:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        return None
    there = next((path for path in (out, save) if path is not None and path.exists()), None)
    if not resume:
        if there is not None:
            raise FileError(f"{there}: exists already; {GO_ON}")
        if begun.exists():
            raise FileError(f"{folder}: holds what a stopped run has done; {GO_ON}")
        return None
    if begun.exists():
        _compare(begun, _read(begun), identity)
    if out is None or not out.exists():
        return None
    before = load_dataset(out)
    try:
        _compare(out, json.loads(before.attrs.get("identity", "{}")), identity)
    except FileError:
        if begun.exists():  # it is being replaced
            return None
        raise
    if not before.attrs["complete"]:
        return None
    if save is not None and not save.exists():
        if begun.exists() and not Parts(folder).empty:
            return None
        raise FileError(f"{save}: cannot be made, for {out} is complete; train anew (overwrite=True, --overwrite)")
    Parts(folder).remove()
    return before


def _read(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FileError(f"{path}: cannot be read, it is damaged ({error}); discard it with overwrite") from error


def _compare(path: Path, theirs: dict[str, Any], mine: Identity) -> None:
    difference = first_difference(theirs, mine)
    if difference:
        raise FileError(f"{path}: cannot be resumed from, it was made with {difference}")
