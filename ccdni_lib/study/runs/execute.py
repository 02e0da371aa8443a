"""Run jobs here, in processes, on the streams of a GPU, or on a Dask cluster: the same arguments, the same errors."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event

import torch
import xarray as xr

from ...engine.training.devices import pick_device
from ...engine.training.loop import Interrupted
from .board import Board, Keep, gather
from .cluster import run_on_cluster
from .job import Job
from .processes import run_in_processes
from .run import run_job

STREAMS = 4  # jobs at once on a GPU
ENOUGH = 100_000  # network updates from which on processes are worth their start


def run_jobs(
    jobs: Mapping[int, Job], board: Board, keep: Keep, workers: int | None = None, cluster: str | None = None
) -> None:
    """Run jobs and hand over the Dataset of each as soon as it is finished.

    Args:
        jobs: what is still to run, by number.
        board: is told how far each job is.
        keep: called with the number and the Dataset of every job that is finished, also while others are being stopped.
        workers: processes to spread them over, or on a GPU streams; None decides: a process a core where there is
            enough to do, and four streams on a GPU.
        cluster: address of a Dask scheduler, which then takes all jobs.

    Raises:
        Interrupted: when stopped (Ctrl-C); what was done is in the jobs' folders.
        WorkerError: when a process or a machine that jobs were given to is gone or cannot do them.
        SettingError, FileError: as `run_job` has them, from wherever the job ran.
    """
    if not jobs:
        return
    try:
        if cluster is not None:
            return run_on_cluster(jobs, board, keep, cluster)
        device = pick_device(next(iter(jobs.values())).device)
        workers = min(len(jobs), workers or _workers_for(jobs, device))
        if workers == 1:
            return run_here(jobs, board, keep)
        if device == "cpu":
            return run_in_processes(jobs, board, keep, workers, threads=max(1, _cores() // workers))
        return run_on_streams(jobs, board, keep, workers)
    except Interrupted as stopped:
        if len(board.shares) == 1:
            raise
        raise _stopped(board) from stopped
    except KeyboardInterrupt:
        raise _stopped(board) from None


def run_here(jobs: Mapping[int, Job], board: Board, keep: Keep) -> None:
    """One after the other, in this process."""
    for number, job in jobs.items():
        keep(number, run_job(job, partial(board.tell, number)))
        board.tell(number, 1.0)


def run_on_streams(jobs: Mapping[int, Job], board: Board, keep: Keep, workers: int) -> None:
    """Several at once on one GPU, each on a stream of its own: operations of small networks leave most of it idle."""
    shares, stopped = dict.fromkeys(jobs, 0.0), Event()

    def work(number: int) -> xr.Dataset:
        with torch.cuda.stream(torch.cuda.Stream(pick_device(jobs[number].device))):
            return run_job(jobs[number], partial(shares.__setitem__, number), stopped.is_set)

    def look() -> None:
        for number, share in list(shares.items()):
            board.tell(number, share)

    with ThreadPoolExecutor(workers) as executor:
        futures = {number: executor.submit(work, number) for number in board.largest_first(jobs)}

        def stop() -> None:
            stopped.set()
            for future in futures.values():
                future.cancel()

        gather(futures, keep, look, stop)
    look()


def _stopped(board: Board) -> Interrupted:
    done = sum(share >= 1 for share in board.shares.values())
    return Interrupted(what=f"stopped with {done} of {len(board.shares)} ensembles done")


def _workers_for(jobs: Mapping[int, Job], device: str) -> int:
    if device != "cpu":
        return STREAMS
    return _cores() if sum(job.updates for job in jobs.values()) > ENOUGH else 1


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
