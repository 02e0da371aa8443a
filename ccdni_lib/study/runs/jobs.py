"""Ensembles as jobs: run here, in processes beside each other, or on a Dask cluster."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
import xarray as xr

from ...engine.files import FileError, write_whole
from ...engine.networks.network import Network
from ...engine.ranges import Lesion
from ...engine.settings import TABLE, Settings
from ...engine.training.loop import Training
from ...tasks import Task
from .files import load_dataset, save_dataset

Report = Callable[[float], None]
THREADS = 4  # jobs at once on a GPU


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
        save: file for the trained networks; None lets them go. Only for a job of one point.
    """

    task: Task
    points: tuple[Settings, ...]
    device: str = "cpu"
    recordings: tuple[str, ...] = ()
    record_every: int = 1
    checkpoint: Path | None = None
    result: Path | None = None
    save: Path | None = None

    def training(self) -> Training:
        """What is to be run."""
        return Training(
            self.task,
            self.points,
            device=self.device,
            recordings=self.recordings,
            record_every=self.record_every,
            checkpoint=self.checkpoint,
        )

    def part(self, number: int, points: Sequence[Settings]) -> Job:
        """The job of some of the points, with files of its own."""
        checkpoint, result = (
            file and file.with_suffix(f".{number}{file.suffix}") for file in (self.checkpoint, self.result)
        )
        return replace(self, points=tuple(points), checkpoint=checkpoint, result=result)

    def keep(self, network: Network) -> None:
        """Save the trained networks, with their task, settings and data, and what the task says must be known."""
        about = {"task": self.task.name, "data": self.task.data, "settings": json.loads(self.points[0].to_json())}
        if self.save is not None:
            write_whole(self.save, lambda beside: network.save(beside, **about, notes=self.task.notes()))

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
    kept = _kept(job)
    if kept is not None:
        return kept
    courses = lesion_courses(job)
    if len(courses) > 1:
        return run_courses(job, courses, report, stop)
    training = job.training()
    training.resume()
    dataset = training.run(report and (lambda epochs: report(epochs / training.epochs)), stop)
    job.keep(training.ensemble.network)
    if job.result is not None:
        save_dataset(dataset, job.result)
    return dataset


def _kept(job: Job) -> xr.Dataset | None:
    """What there is of a job that was done before.

    Raises:
        FileError: when it was made with other settings.
    """
    if job.result is None or not job.result.exists():
        return None
    dataset = load_dataset(job.result)
    if dataset.attrs["points"] != json.dumps([point.to_json() for point in job.points]):
        raise FileError(f"{job.result}: cannot be resumed from, it was made with other settings")
    return dataset


def lesion_courses(job: Job) -> dict[tuple[Lesion, ...], list[int]]:
    """Lesion schedules whose networks have a common past, the earliest lesion first, and the places of their points.

    Only one where nothing is saved by it: without lesions, on a GPU, which trains all schedules side by side, or where
    networks differ in more than lesions from one schedule to the next.
    """
    courses: dict[tuple[Lesion, ...], list[int]] = {}
    for place, point in enumerate(job.points):
        courses.setdefault(point.lesion, []).append(place)
    rests = {tuple(replace(job.points[place], lesion=()) for place in places) for places in courses.values()}
    if job.device != "cpu" or len(rests) > 1:
        return {(): list(range(len(job.points)))}
    return dict(sorted(courses.items(), key=lambda course: _onset(course[0], job.points[0].epochs)))


def run_courses(
    job: Job,
    courses: Mapping[tuple[Lesion, ...], list[int]],
    report: Report | None = None,
    stop: Callable[[], bool] | None = None,
) -> xr.Dataset:
    """Train networks that differ in lesions: what is whole trains once, and each schedule branches off at its onset.

    Arguments but ``courses`` are those of `run_job`, and so is what it returns.
    """
    epochs, datasets, done = job.points[0].epochs, [], 0
    onsets = [_onset(lesions, epochs) for lesions in courses]
    total = max(onsets) + sum(epochs - onset for onset in onsets)

    def tell(now: float, base: int) -> None:
        if report is not None:
            report((done + now - base) / total)

    trunk = replace(
        job, points=tuple(replace(job.points[p], lesion=()) for p in next(iter(courses.values())))
    ).training()
    trunk.resume()
    for number, (places, onset) in enumerate(zip(courses.values(), onsets, strict=True)):
        part = job.part(number, [job.points[place] for place in places])
        kept = _kept(part)
        if kept is not None:
            datasets.append(kept)
            done += epochs - onset
            continue
        if part.checkpoint is not None and part.checkpoint.exists():
            branch = part.training()
            branch.resume()
        else:
            begun = trunk.ensemble.epoch
            trunk.run(lambda now, begun=begun: tell(now, begun), stop, until=onset)
            done += onset - begun
            trunk.save()
            try:
                branch = trunk.branch(part.points, part.checkpoint)
            except ValueError:  # what was resumed has gone on beyond this onset
                raise FileError(f"{job.checkpoint}: cannot be resumed from, it was made with other lesions") from None
        datasets.append(branch.run(lambda now, onset=onset: tell(now, onset), stop))
        done += epochs - onset
        if part.result is not None:
            save_dataset(datasets[-1], part.result)
    whole = xr.concat(
        datasets, "point", combine_attrs="override", data_vars="minimal", coords="minimal", compat="override"
    )
    whole = whole.isel(point=np.argsort(np.concatenate(list(courses.values()))))
    whole.attrs["points"] = json.dumps([point.to_json() for point in job.points])
    whole.attrs["diverged"] = sum(data.attrs["diverged"] for data in datasets)
    whole.attrs["seconds"] = trunk.seconds + sum(data.attrs["seconds"] for data in datasets)
    if job.checkpoint is not None:
        job.checkpoint.unlink(missing_ok=True)
    if job.result is not None:
        save_dataset(whole, job.result)
    return whole


def _onset(lesions: tuple[Lesion, ...], epochs: int) -> int:
    return min([lesion.start for lesion in lesions] + [epochs])


def run_jobs(
    jobs: Sequence[Job], report: Report, workers: int | None = None, cluster: str | None = None
) -> list[xr.Dataset]:
    """Run jobs and give their Datasets in the same order.

    Args:
        jobs: what to run.
        report: called now and then with the share of the work that is done, 0 … 1.
        workers: processes to spread them over, or on a GPU threads; None decides: a process a core where there is
            enough to do, and four threads on a GPU.
        cluster: address of a Dask scheduler, which then takes all jobs.

    Raises:
        Interrupted: when stopped; what was done is in the jobs' files.
    """
    if cluster is not None:
        return _on_cluster(jobs, report, cluster)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if workers is None:
        enough = sum(job.work for job in jobs) > 100_000
        workers = min(len(jobs), (cores if enough else 1) if jobs[0].device == "cpu" else THREADS)
    shares = np.array([job.work for job in jobs], dtype=float)
    shares /= shares.sum()
    if workers > 1 and jobs[0].device != "cpu":
        return _in_threads(jobs, shares, report, workers)
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
    from loky import ProcessPoolExecutor

    # Processes live as long as these jobs: idle ones that leave after a while could leave as the next jobs arrive.
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(workers) as executor:
        # What workers and parent share: how far each job is, and, last, whether all are to stop.
        board = np.memmap(Path(folder) / "board", dtype=float, mode="w+", shape=(len(jobs) + 1,))
        futures: dict[int, Future] = {
            int(place): executor.submit(_work, jobs[place], int(place), str(board.filename), len(board), threads)
            for place in np.argsort(-shares, kind="stable")
        }
        return _gather(futures, board, shares, report)


def _in_threads(jobs: Sequence[Job], shares: np.ndarray, report: Report, workers: int) -> list[xr.Dataset]:
    """Several at once on one GPU, each on a stream of its own: operations of small networks leave most of it idle."""
    board = np.zeros(len(jobs) + 1)

    def work(place: int) -> xr.Dataset:
        with torch.cuda.stream(torch.cuda.Stream(jobs[place].device)):
            return run_job(jobs[place], partial(board.__setitem__, place), lambda: bool(board[-1]))

    with ThreadPoolExecutor(workers) as executor:
        places = np.argsort(-shares, kind="stable").tolist()
        return _gather({place: executor.submit(work, place) for place in places}, board, shares, report)


def _gather(futures: Mapping[int, Future], board: np.ndarray, shares: np.ndarray, report: Report) -> list[xr.Dataset]:
    """The results, in the order of their places; if one fails, or somebody stops it, the others are told to stop."""
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
    return [futures[place].result() for place in range(len(futures))]


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
