"""Jobs in processes beside each other, which live as long as the jobs and leave when nobody waits for them."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Mapping
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import numpy as np
import torch
import xarray as xr

from .board import Board, Keep, WorkerError, gather
from .job import Job
from .run import run_job

_parent_is_gone = threading.Event()
_at_work = threading.Lock()


def run_in_processes(jobs: Mapping[int, Job], board: Board, keep: Keep, workers: int, threads: int) -> None:
    """Run jobs in processes of this machine.

    Args:
        jobs, board, keep: see `run_jobs`.
        workers: processes at once.
        threads: CPU threads of each.

    Raises:
        WorkerError: when a process ended unexpectedly.
    """
    from loky import ProcessPoolExecutor  # pickles tasks that were typed in, too

    numbers = board.largest_first(jobs)
    # Processes live as long as these jobs: idle ones that leave after a while could leave as the next jobs arrive.
    # Their folder lies among the run's parts, which go with it even where this process is killed.
    kept = next(iter(jobs.values())).folder
    with tempfile.TemporaryDirectory(prefix="ccdni-", dir=kept and kept.parent) as folder:
        # What workers and parent share: how far each job is, and, last, whether all are to stop.
        shared = np.memmap(Path(folder) / "board", dtype=float, mode="w+", shape=(len(numbers) + 1,))
        how = {"initializer": _begin, "initargs": (os.getpid(), folder)}
        try:
            with ProcessPoolExecutor(workers, **how) as executor:
                futures = {
                    number: executor.submit(_work, jobs[number], place, str(shared.filename), len(shared), threads)
                    for place, number in enumerate(numbers)
                }

                def look() -> None:
                    for place, number in enumerate(numbers):
                        board.tell(number, float(shared[place]))

                def stop() -> None:
                    shared[-1] = 1
                    for future in futures.values():
                        future.cancel()

                gather(futures, keep, look, stop)
                look()
        except BrokenProcessPool as error:
            raise WorkerError(
                "a worker process ended unexpectedly (killed from outside, or for lack of memory); "
                "with out, what is done is kept: resume it, with fewer workers if memory is short"
            ) from error


def _begin(parent: int, folder: str) -> None:
    """In a worker: leave Ctrl-C to the parent, and watch whether it is still there."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with, args=(parent, folder), daemon=True).start()


def _leave_with(parent: int, folder: str) -> None:
    """In a worker: when the parent is gone, have the job save what is done, and leave."""
    while os.getppid() == parent:
        time.sleep(0.5)
    _parent_is_gone.set()
    _at_work.acquire(timeout=60)
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


def _work(job: Job, place: int, board_file: str, size: int, threads: int) -> xr.Dataset:
    torch.set_num_threads(threads)
    shared = np.memmap(board_file, dtype=float, mode="r+", shape=(size,))

    def report(share: float) -> None:
        shared[place] = share

    with _at_work:
        return run_job(job, report, lambda: bool(shared[-1]) or _parent_is_gone.is_set())
