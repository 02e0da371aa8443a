"""Jobs on a Dask cluster: nothing is taken for granted of its machines but that they have this package.

Workers may have other folders, other environments and no disk in common with the client. So a job brings along what it
has kept before, and gives back what it has kept when it is stopped; and before anything trains, every worker says
whether it computes the same and has the same data.
"""

from __future__ import annotations

import contextlib
import logging
import os
import time
import uuid
from collections.abc import Iterator, Mapping
from concurrent.futures import CancelledError
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import xarray as xr

from ...data import use_folder
from ...engine.files import FileError
from ...engine.settings import SettingError
from ...engine.training.devices import pick_device
from ...engine.training.identity import Identity, first_difference
from ...engine.training.loop import Interrupted
from ...engine.versions import source_revision, versions
from ...tasks import Task
from .board import Board, Keep, WorkerError, gather
from .job import Job
from .run import run_job

PATIENCE = 10  # seconds for the scheduler to answer, and for a first worker to be there
_CARRIED = ("CCDNI_DATA", "CCDNI_OFFLINE")
_stopped: set[str] = set()  # in a worker: runs whose jobs are to stop


@dataclass(frozen=True)
class Outcome:
    """What comes back from a worker.

    Attributes:
        dataset: of the job; None when it was stopped.
        files: what its folder held, by name.
    """

    dataset: xr.Dataset | None
    files: Mapping[str, bytes]


def run_on_cluster(jobs: Mapping[int, Job], board: Board, keep: Keep, address: str) -> None:
    """Run jobs on the workers of a Dask scheduler.

    Args:
        jobs, board, keep: see `run_jobs`.
        address: of the scheduler, as tcp://host:8786.

    Raises:
        SettingError: when there is no scheduler at the address, or it has no workers.
        WorkerError: when a worker cannot do the jobs, or the cluster is gone.
    """
    with _client(address) as client:
        run, surroundings = f"ccdni-{uuid.uuid4().hex}", {name: os.environ.get(name) for name in _CARRIED}
        first = next(iter(jobs.values()))
        _check_workers(client, first, surroundings)
        shares: dict[int, float] = {}
        client.subscribe_topic(run, lambda event: shares.update([event[1]]))
        with client.get_executor(pure=False) as executor:
            futures = {
                number: executor.submit(
                    _work, _travelling(jobs[number]), number, _files(jobs[number]), run, surroundings
                )
                for number in board.largest_first(jobs)
            }

            def look() -> None:
                for number, share in list(shares.items()):
                    board.tell(number, share)
                if client.status not in ("running", "connecting"):
                    raise WorkerError(f"cluster {address}: the scheduler is gone; what is done is kept, resume it")

            def stop() -> None:
                with contextlib.suppress(OSError, TimeoutError):  # the scheduler may be what is gone
                    client.run(_ask_to_stop, run)

            def receive(number: int, outcome: Outcome) -> None:
                _write_files(jobs[number], outcome.files)
                if outcome.dataset is None:
                    raise KeyboardInterrupt
                keep(number, outcome.dataset)
                board.tell(number, 1.0)

            try:
                gather(futures, receive, look, stop)
            except CancelledError as error:
                raise WorkerError(
                    f"cluster {address}: the scheduler is gone; what is done is kept, resume it"
                ) from error
            except Exception as error:
                if type(error).__name__ == "KilledWorker":
                    raise WorkerError(
                        f"cluster {address}: workers are gone, several times for one job: {error}"
                    ) from error
                raise


@contextlib.contextmanager
def _client(address: str) -> Iterator[Any]:
    """A client of the scheduler, without the log of a connection that breaks."""
    try:
        from distributed import Client
    except ImportError as error:
        needed = "needs the package distributed: pip install 'ccdni_lib[cluster]'"
        raise SettingError(f"cluster {address}: {needed}") from error
    loggers = [logging.getLogger(name) for name in logging.root.manager.loggerDict if name.startswith("distributed")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:  # each has a level of its own
        logger.setLevel(logging.CRITICAL + 1)
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise SettingError(
            f"cluster {address}: must be the address of a Dask scheduler that answers, as tcp://host:8786 ({why})"
        ) from error
    try:
        yield client
    finally:
        client.close(timeout=PATIENCE)
    for logger, level in zip(loggers, levels, strict=True):  # not after an error: what is broken goes on complaining
        logger.setLevel(level)


def _check_workers(client: Any, job: Job, surroundings: Mapping[str, str | None]) -> None:
    """Ask every worker whether it can do the jobs, before anything trains.

    Raises:
        SettingError: when there is no worker.
        WorkerError: in the words of the first worker that cannot.
    """
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError:
        address = client.scheduler.address
        raise SettingError(f"cluster {address}: has no workers; start one with: dask worker {address}") from None
    answers = client.run(_obstacle, job.task, job.identity, job.device, surroundings, on_error="return")
    for worker, answer in answers.items():
        if isinstance(answer, BaseException):  # it cannot even read what it is asked
            answer = f"cannot take the task: {type(answer).__name__}: {answer}"
        if answer:
            raise WorkerError(f"worker {worker}: {answer}")


def _obstacle(task: Task, identity: Identity, device: str, surroundings: Mapping[str, str | None]) -> str | None:
    """In a worker: why it cannot do a job, in words; None if it can."""
    with _surrounded(surroundings):
        own = {"versions": versions(), "source_revision": source_revision()}
        if type(task).__module__.startswith("ccdni_lib.") or identity["versions"] != own["versions"]:
            theirs = {name: identity[name] for name in own}
            difference = first_difference(own, theirs)
            if difference:
                return f"has {difference.replace(', not ', ', must have ')}; install the same there as here"
        try:
            pick_device(device)
            found = {"data": task.data, "checksum": task.checksum}
        except (SettingError, FileError) as error:
            return str(error)
        wanted = {name: identity[name] for name in found}
        if found != wanted:
            return (
                f"has {found['data'] or 'examples'} ({found['checksum']}), must have {wanted['data'] or 'the same'} "
                f"({wanted['checksum']}); put the data there and name their folder in its CCDNI_DATA"
            )
        return None


def _ask_to_stop(run: str) -> None:
    """In a worker: have the jobs of a run save what is done, and end."""
    _stopped.add(run)


def _work(
    job: Job, number: int, files: Mapping[str, bytes], run: str, surroundings: Mapping[str, str | None]
) -> Outcome:
    """In a worker: do a job; what it keeps lies in a folder of the worker's own."""
    from distributed import get_worker

    worker, told = get_worker(), [0.0]
    key = worker.get_current_task()

    def report(share: float) -> None:
        if time.monotonic() - told[0] > 0.5 or share == 1:
            told[0] = time.monotonic()
            worker.log_event(run, (number, share))

    def stop() -> bool:
        task = worker.state.tasks.get(key)
        return run in _stopped or task is None or task.state == "cancelled"

    obstacle = _obstacle(job.task, job.identity, job.device, surroundings)
    if obstacle:
        raise WorkerError(f"worker {worker.address}: {obstacle}")
    with _surrounded(surroundings), TemporaryDirectory(dir=worker.local_directory) as folder:
        job = replace(job, folder=Path(folder))
        _write_files(job, files)
        try:
            dataset = run_job(job, report, stop)
        except Interrupted:
            return Outcome(None, _files(job))
        return Outcome(dataset, _files(job, "networks-*"))


@contextlib.contextmanager
def _surrounded(surroundings: Mapping[str, str | None]) -> Iterator[None]:
    """In a worker: use the client's data where its folder is there, and download only if the client may."""
    before = {name: os.environ.get(name) for name in _CARRIED}
    try:
        folder, offline = surroundings.get("CCDNI_DATA"), surroundings.get("CCDNI_OFFLINE")
        if folder and Path(folder).is_dir():
            use_folder(folder)
        if offline:
            os.environ["CCDNI_OFFLINE"] = offline
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _travelling(job: Job) -> Job:
    """A job as it goes to another machine: with its identity, without its folder."""
    return replace(job, folder=None, made=job.identity)


def _files(job: Job, pattern: str = "*") -> dict[str, bytes]:
    """What a job's folder holds."""
    if job.folder is None:
        return {}
    return {path.name: path.read_bytes() for path in job.folder.glob(pattern) if path.is_file()}


def _write_files(job: Job, files: Mapping[str, bytes]) -> None:
    if job.folder is not None:
        for name, content in files.items():
            (job.folder / name).write_bytes(content)
