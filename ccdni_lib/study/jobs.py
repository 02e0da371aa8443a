"""Ensembles as jobs: run here, in processes beside each other, or on a Dask cluster."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import xarray as xr

from ..engine.files import FileError
from ..engine.settings import TABLE, Settings
from ..engine.training import Training
from ..tasks import Task
from .store import load_dataset, save_dataset

Report = Callable[[float], None]


@dataclass(frozen=True)
class Job:
    """One ensemble to train.

    Attributes:
        task: what to learn.
        points: settings that can train side by side.
        device: "cpu", "cuda" or "cuda:N".
        recordings, record_every: see `Training`.
        checkpoint: file to save to and to go on from; None saves nothing.
        result: file that keeps its Dataset until all jobs are done; None keeps it in memory.
    """

    task: Task
    points: tuple[Settings, ...]
    device: str = "cpu"
    recordings: tuple[str, ...] = ()
    record_every: int = 1
    checkpoint: Path | None = None
    result: Path | None = None

    @property
    def work(self) -> int:
        """Network updates: what it costs, roughly."""
        one = self.points[0]
        return len(self.points) * len(one.seeds) * one.epochs * one.batches


def make_jobs(
    task: Task, points: Sequence[Settings], device: str, recordings: tuple[str, ...], record_every: int
) -> tuple[list[Job], list[list[int]]]:
    """Points that can share an ensemble make a job; with each job, the places of its points among all."""
    groups: dict[tuple, list[int]] = {}
    for place, point in enumerate(points):
        shape = tuple(getattr(point, name) for name, about in TABLE.items() if not about.metadata["per_network"])
        groups.setdefault(shape, []).append(place)
    places = list(groups.values())
    chosen = (tuple(points[place] for place in group) for group in places)
    return [Job(task, group, device, recordings, record_every) for group in chosen], places


def run_job(job: Job, report: Report | None = None, stop: Callable[[], bool] | None = None) -> xr.Dataset:
    """Train a job's ensemble, going on where it stopped before.

    Raises:
        Interrupted: when stopped.
        FileError: when what it should go on from cannot be used.
    """
    if job.result is not None and job.result.exists():
        dataset = load_dataset(job.result)
        if dataset.attrs["points"] != json.dumps([point.to_json() for point in job.points]):
            raise FileError(f"{job.result}: cannot be resumed from, it was made with other settings")
        return dataset
    training = Training(
        job.task,
        job.points,
        device=job.device,
        recordings=job.recordings,
        record_every=job.record_every,
        checkpoint=job.checkpoint,
    )
    training.resume()
    dataset = training.run(report and (lambda epochs: report(epochs / training.epochs)), stop)
    if job.result is not None:
        save_dataset(dataset, job.result)
    return dataset


def run_jobs(
    jobs: Sequence[Job], report: Report, workers: int | None = None, cluster: str | None = None
) -> list[xr.Dataset]:
    """Run jobs and give their Datasets in the same order.

    Args:
        jobs: what to run.
        report: called now and then with the share of the work that is done, 0 … 1.
        workers: processes to spread them over; None decides: one a core where there is enough to do, one on a GPU.
        cluster: address of a Dask scheduler, which then takes all jobs.

    Raises:
        Interrupted: when stopped; what was done is in the jobs' files.
    """
    if cluster is not None:
        return _on_cluster(jobs, report, cluster)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if workers is None:
        enough = sum(job.work for job in jobs) > 100_000 and jobs[0].device == "cpu"
        workers = min(len(jobs), cores) if enough else 1
    shares = np.array([job.work for job in jobs], dtype=float)
    shares /= shares.sum()
    if workers > 1:
        return _in_processes(jobs, shares, report, workers, max(1, cores // workers))
    results = []
    for place, job in enumerate(jobs):
        before, share = shares[:place].sum(), shares[place]
        results.append(run_job(job, lambda done, before=before, share=share: report(before + share * done)))
    report(1.0)
    return results


def _in_processes(
    jobs: Sequence[Job], shares: np.ndarray, report: Report, workers: int, threads: int
) -> list[xr.Dataset]:
    from loky import get_reusable_executor

    with tempfile.TemporaryDirectory() as folder:
        # What workers and parent share: how far each job is, and, last, whether all are to stop.
        board = np.memmap(Path(folder) / "board", dtype=float, mode="w+", shape=(len(jobs) + 1,))
        executor = get_reusable_executor(max_workers=workers, timeout=60)
        longest_first = np.argsort(-shares, kind="stable")
        futures: dict[int, Future] = {
            int(place): executor.submit(_work, jobs[place], int(place), str(board.filename), len(board), threads)
            for place in longest_first
        }
        waiting = set(futures.values())
        try:
            while waiting:
                done, waiting = wait(waiting, timeout=0.2, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()
                report(float(board[:-1] @ shares))
        except BaseException:
            board[-1] = 1
            for future in waiting:
                future.cancel()
            wait(waiting)
            raise
        return [futures[place].result() for place in range(len(jobs))]


def _work(job: Job, place: int, board_file: str, size: int, threads: int) -> xr.Dataset:
    torch.set_num_threads(threads)
    board = np.memmap(board_file, dtype=float, mode="r+", shape=(size,))

    def report(done: float) -> None:
        board[place] = done

    return run_job(job, report, lambda: bool(board[-1]))


def _on_cluster(jobs: Sequence[Job], report: Report, address: str) -> list[xr.Dataset]:
    from distributed import Client, as_completed

    with Client(address) as client:
        futures = [client.submit(run_job, job, pure=False) for job in jobs]
        for done, _ in enumerate(as_completed(futures), start=1):
            report(done / len(jobs))
        return client.gather(futures)
