"""How a job runs: one ensemble through its epochs, or lesion schedules that share a past and branch off from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import xarray as xr

from ...engine.files import FileError
from ...engine.ranges import Lesion
from ...engine.training.devices import pick_device
from ...engine.training.identity import first_difference
from ...engine.training.loop import Training
from .files import load_dataset, save_dataset
from .job import Job, Report, Stop


def run_job(job: Job, report: Report | None = None, stop: Stop | None = None) -> xr.Dataset:
    """Train a job's ensemble, going on from what its folder holds.

    Args:
        job: what to train.
        report: called after every batch with the share that is done, 0 … 1.
        stop: asked after every batch whether to stop.

    Returns:
        Its Dataset, with dims point, seed, epoch, …. The folder is left as it is: whoever keeps the Dataset clears it.

    Raises:
        Interrupted: when stopped; what was done is in the folder.
        FileError: when what it should go on from cannot be used.
        SettingError: when there is no such device here.
    """
    job = replace(job, device=pick_device(job.device))
    courses = lesion_courses(job)
    if len(courses) > 1:
        return _run_courses(job, courses, report, stop)
    training = job.training()

    def tell(epochs: float) -> None:
        if report is not None:
            report(epochs / training.epochs)

    tell(training.ensemble.epoch)
    dataset = training.run(tell, stop)
    job.save_networks(training.ensemble.network)
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


def _run_courses(
    job: Job, courses: Mapping[tuple[Lesion, ...], list[int]], report: Report | None, stop: Stop | None
) -> xr.Dataset:
    """Train networks that differ in lesions: what is whole trains once, and each schedule branches off at its onset."""
    epochs = job.points[0].epochs
    onsets = [_onset(lesions, epochs) for lesions in courses]
    total = max(onsets) + sum(epochs - onset for onset in onsets)
    whole = [replace(job.points[place], lesion=()) for place in next(iter(courses.values()))]
    trunk = job.with_points(whole).training()
    datasets, finished = [], 0

    def tell(trunk_epochs: float, branch_epochs: float = 0.0) -> None:
        if report is not None:
            report((trunk_epochs + finished + branch_epochs) / total)

    for number, (places, onset) in enumerate(zip(courses.values(), onsets, strict=True)):
        part = job.with_points([job.points[place] for place in places])
        dataset = _finished_part(part, number)
        if dataset is None:
            branch = _branch_of(trunk, part, number, onset, tell, stop)
            at = trunk.ensemble.epoch
            dataset = branch.run(lambda now, at=at, onset=onset: tell(at, now - onset), stop)
            job.save_networks(branch.ensemble.network, places)
            if job.folder is not None:
                save_dataset(dataset, job.folder / f"course-{number}.nc")
                (job.folder / f"course-{number}.checkpoint").unlink(missing_ok=True)
        datasets.append(dataset)
        finished += epochs - onset
        tell(trunk.ensemble.epoch)
    joined = xr.concat(
        datasets, "point", combine_attrs="override", data_vars="minimal", coords="minimal", compat="override"
    )
    joined = joined.isel(point=np.argsort(np.concatenate(list(courses.values()))))
    joined.attrs["identity"] = json.dumps(job.identity)
    joined.attrs["diverged"] = sum(data.attrs["diverged"] for data in datasets)
    joined.attrs["seconds"] = trunk.seconds + sum(data.attrs["seconds"] for data in datasets)
    return joined


def _finished_part(part: Job, number: int) -> xr.Dataset | None:
    """The Dataset of a course that was finished before; None if it was not.

    Raises:
        FileError: when it was made with something else.
    """
    path = part.file(f"course-{number}.nc")
    if path is None or not path.exists():
        return None
    return load_part(path, part)


def load_part(path: Path, job: Job) -> xr.Dataset:
    """The finished Dataset of a job.

    Raises:
        FileError: when it cannot be read, or was made with something else than the job says.
    """
    dataset = load_dataset(path)
    difference = first_difference(json.loads(dataset.attrs.get("identity", "{}")), job.identity)
    if difference:
        raise FileError(f"{path}: cannot be resumed from, it was made with {difference}")
    return dataset


def _branch_of(trunk: Training, part: Job, number: int, onset: int, tell: Report, stop: Stop | None) -> Training:
    """The training of one course: from its own checkpoint, or branching off from the whole one at its onset."""
    name = f"course-{number}.checkpoint"
    path = part.file(name)
    if path is not None and path.exists():
        return part.training(name=name)
    trunk.run(tell, stop, until=onset)
    trunk.save()
    try:
        return trunk.branch(part.points, path, part.identity)
    except ValueError:  # what was resumed has gone on beyond this onset
        raise FileError(f"{trunk.checkpoint}: cannot be resumed from, it was made with other lesions") from None


def _onset(lesions: tuple[Lesion, ...], epochs: int) -> int:
    return min([lesion.start for lesion in lesions] + [epochs])
