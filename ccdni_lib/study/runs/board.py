"""What a run knows of its jobs while they run: how far each is, and what to do when one ends or all are to stop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import suppress
from typing import Any

import xarray as xr

from .job import Job, Report

Keep = Callable[[int, xr.Dataset], None]


class WorkerError(RuntimeError):
    """A process or machine that jobs were given to cannot do them, or is gone: one sentence that says which and why."""


class Board:
    """How far the jobs of a run are.

    Args:
        jobs: all jobs of the run, by number.
        report: called with the share of the whole work that is done, 0 … 1.
    """

    def __init__(self, jobs: Mapping[int, Job], report: Report):
        work = {number: job.updates for number, job in jobs.items()}
        self.weights = {number: updates / sum(work.values()) for number, updates in work.items()}
        self.shares, self.report = dict.fromkeys(jobs, 0.0), report

    def tell(self, number: int, share: float) -> None:
        """One job has come so far, 0 … 1."""
        self.shares[number] = share
        self.report(min(1.0, sum(self.weights[n] * done for n, done in self.shares.items())))

    def largest_first(self, jobs: Mapping[int, Job]) -> list[int]:
        """Numbers of some jobs in the order in which they are best begun."""
        return sorted(jobs, key=lambda number: -self.weights[number])


def gather(
    futures: Mapping[int, Future],
    keep: Callable[[int, Any], None],
    look: Callable[[], None],
    stop: Callable[[], None],
    every: float = 0.2,
) -> None:
    """Wait for jobs that run elsewhere; if one fails, or somebody stops it, stop all and keep what comes to its end.

    Args:
        futures: of the jobs, by number.
        keep: called with the number and the result of each that ends.
        look: called now and then: looks how far they are, and may raise an error.
        stop: tells all jobs to stop.
        every: seconds between two looks.
    """
    pending = {future: number for number, future in futures.items()}
    try:
        while pending:
            for future in wait(pending, timeout=every, return_when=FIRST_COMPLETED).done:
                keep(pending.pop(future), future.result())
            look()
    except BaseException:
        stop()
        for future in wait(pending).done:
            with suppress(BaseException):  # the first error is the one that is raised
                keep(pending[future], future.result())
        raise
