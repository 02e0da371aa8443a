"""`train` and `sweep`: from a task's name and some settings to a Dataset."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from tqdm.auto import tqdm

from ...data import follow_progress
from ...engine.files import make_folder, write_whole
from ...engine.settings import SettingError, check_needs
from ...engine.training.devices import pick_device
from ...engine.training.loop import Interrupted
from ...engine.training.recorders import RECORDINGS
from ...tasks import Task, find_task, settings_for
from .assemble import assemble
from .board import Board
from .execute import run_jobs
from .files import save_dataset
from .parts import Parts, open_parts
from .plan import Plan, make_plan

Progress = bool | Callable[[float], None]
BAR = "{desc} {percentage:3.0f}% {bar} {elapsed}<{remaining}"


def train(
    task: str | Task,
    model: str = "ccrnn",
    *,
    budget: str = "paper",
    device: str = "auto",
    progress: Progress = True,
    record: Sequence[str] = (),
    record_every: int = 1,
    out: str | Path | None = None,
    resume: bool = False,
    overwrite: bool = False,
    save: str | Path | None = None,
    **settings: Any,
) -> xr.Dataset:
    """Train one model on one task, over its seeds.

    Args:
        task: a name from `ccdni_lib.tasks.TASKS`, or a task of your own (see `ccdni_lib.tasks.Task`).
        model: "crnn", "ccrnn" or "sccrnn".
        budget: defaults for what is not given: "quick", "class" or "paper", the published settings.
        device: "auto" takes a CUDA device if there is one; or "cpu", "cuda", "cuda:1".
        progress: show a bar; or a function that is called with the share that is done, 0 … 1.
        record: what else to keep, any of `ccdni_lib.engine.training.recorders.RECORDINGS`: "activity", "feedback",
            "coupling", "quality", "correlation".
        record_every: epochs between two of these recordings; the first is made before training.
        out: NetCDF file to write. If training is interrupted, what is done is kept in the folder ``OUT.parts`` beside
            it, and the epochs that are done are in the file.
        resume: go on where an interrupted run with the same ``out`` (or ``save``) stopped; a run of anything else is
            refused.
        overwrite: replace ``out`` and ``save`` if they exist, and discard what an interrupted run has left.
        save: safetensors file to write the trained networks to, once they are (see `ccdni_lib.Network.load`).
        settings: any field of `ccdni_lib.Settings`: ``seeds``, ``truncation``, ``feedback_interval``, ``epochs``, ….

    Returns:
        A Dataset with dims ``seed``, ``epoch`` (1 is after the first) and ``time``; where drawn, ``cue`` and ``xy``.
        ``train_error`` (seed, epoch): loss per taught step, averaged over the epoch. ``validation_error`` (seed, epoch,
        time): loss of each step, taught or not. ``ataxia_score``, ``ataxia_taught``, ``ataxia_untaught`` (seed, epoch):
        sums over steps, P21 eq. 2. ``output``: at the end. ``attrs``: settings, versions, device, seconds, and how many
        networks ``diverged``; those are NaN from there on.

    Raises:
        ccdni_lib.SettingError: a ValueError that names the value and the allowed range.
        ccdni_lib.FileError: a ValueError that names the file and what is wrong with it.
        ccdni_lib.Interrupted: a KeyboardInterrupt; its ``finished`` is a Dataset of the epochs that were done.

    Example:
        >>> run = train("line-drawing", model="crnn", budget="live", epochs=3, device="cpu", progress=False)
        >>> run.ataxia_score.dims, dict(run.sizes)["seed"]
        (('seed', 'epoch'), 5)
    """
    task = find_task(task)
    point = settings_for(task, budget, model=model, **settings)
    check_needs([point], settings)
    kinds = _checked_options(record, record_every)
    plan = make_plan(
        task,
        [point],
        {},
        device=pick_device(device),
        recordings=kinds,
        record_every=record_every,
        keep_networks=save is not None,
    )
    return _run(plan, progress=progress, out=out, save=save, resume=resume, overwrite=overwrite)


def sweep(
    task: str | Task,
    models: Sequence[str] = ("crnn", "ccrnn"),
    *,
    budget: str = "paper",
    device: str = "auto",
    progress: Progress = True,
    record: Sequence[str] = (),
    record_every: int = 1,
    out: str | Path | None = None,
    resume: bool = False,
    overwrite: bool = False,
    save: str | Path | None = None,
    workers: int | None = None,
    cluster: str | None = None,
    **settings: Any,
) -> xr.Dataset:
    """Train every combination of models and settings; each setting that is given as a list becomes a dimension.

    What can share one ensemble does; the ensembles are spread over processes, or over a Dask cluster.

    Args:
        task, budget, device, progress, record, record_every, out, resume, overwrite: as in `train`.
        models: any of "crnn", "ccrnn", "sccrnn".
        save: folder for the trained networks, a safetensors file for each combination, named after what is varied.
        workers: processes, or on a GPU threads; None uses one a core where there is enough to do, and 4 on a GPU.
        cluster: address of a Dask scheduler, as tcp://host:8786.
        settings: fields of `ccdni_lib.Settings`; a list is varied (``seeds`` excepted).

    Returns:
        The Dataset of `train` with the dims ``model`` and one for each varied setting in front.

    Raises:
        ccdni_lib.SettingError, ccdni_lib.FileError, ccdni_lib.Interrupted: as in `train`.
        ccdni_lib.WorkerError: when a process or a machine that work was given to is gone or cannot do it.

    Example:
        >>> grid = sweep("line-drawing", feedback_interval=[1, 2, 3], budget="live", epochs=2, progress=False)
        >>> dict(grid.ataxia_score.sizes)
        {'model': 2, 'feedback_interval': 3, 'seed': 5, 'epoch': 2}
    """
    task = find_task(task)
    varied = {"model": _values("models", [models] if isinstance(models, str) else models)}
    for name, value in settings.items():
        several = value.ndim > 0 if isinstance(value, np.ndarray) else isinstance(value, (list, tuple, range))
        if several and name != "seeds":
            varied[name] = list(value) or _values(name, ())  # they are compared below, when they have been read
    fixed = {name: value for name, value in settings.items() if name not in varied}
    points = [
        settings_for(task, budget, **fixed, **dict(zip(varied, values, strict=True)))
        for values in itertools.product(*varied.values())
    ]
    check_needs(points, {name: settings[name] for name in varied if name in settings})
    stride = len(points)
    for name, values in varied.items():  # as the settings have them, whatever text was given
        stride //= len(values)
        varied[name] = _values(name, [getattr(points[stride * place], name) for place in range(len(values))])
    kinds = _checked_options(record, record_every, workers, cluster)
    plan = make_plan(
        task,
        points,
        varied,
        device=device if cluster else pick_device(device),  # a worker may have another than this machine
        recordings=kinds,
        record_every=record_every,
        keep_networks=save is not None,
    )
    return _run(
        plan,
        progress=progress,
        out=out,
        save=save,
        resume=resume,
        overwrite=overwrite,
        workers=workers,
        cluster=cluster,
    )


def watch(
    task: str | Task,
    models: Sequence[str] = ("crnn", "ccrnn"),
    *,
    budget: str = "live",
    device: str = "cpu",
    every: int = 4,
    **settings: Any,
) -> Iterator[xr.Dataset]:
    """Train several models side by side, and look at them while they learn.

    Args:
        task, budget, device, settings: as in `train`.
        models: which, in the order of the dim ``model``.
        every: epochs between two looks.

    Yields:
        The Dataset of `train`, with a dim ``model`` in front and the epochs so far.

    Example:
        >>> [look.sizes["epoch"] for look in watch("line-drawing", epochs=5, every=2)]
        [2, 4, 5]
    """
    task, names = find_task(task), _values("models", models)
    points = [settings_for(task, budget, model=model, **settings) for model in names]
    plan = make_plan(task, points, {"model": names}, device=pick_device(device))
    trainings, last = {number: job.training() for number, job in plan.jobs.items()}, points[0].epochs
    for epoch in [*range(every, last, every), last]:
        yield assemble(plan, {number: training.run(until=epoch) for number, training in trainings.items()})


def _run(
    plan: Plan,
    *,
    progress: Progress,
    out: str | Path | None,
    save: str | Path | None,
    resume: bool,
    overwrite: bool,
    workers: int | None = None,
    cluster: str | None = None,
) -> xr.Dataset:
    """Plan, run, assemble: what of a plan is done already is kept, the rest is run, and all is put together."""
    out, save = (None if path is None else Path(path) for path in (out, save))
    with open_parts(out, save, plan.identity, resume, overwrite) as (parts, whole):
        if whole is not None:
            return whole
        _prepare(plan.task, progress)
        jobs = {number: parts.job_with_folder(number, job) for number, job in plan.jobs.items()}
        datasets = {number: parts.load(number, job) for number, job in jobs.items()}
        done = {number: dataset for number, dataset in datasets.items() if dataset is not None}

        def keep(number: int, dataset: xr.Dataset) -> None:
            parts.keep(number, dataset)
            done[number] = dataset

        with _bar(progress, plan.name) as report:
            board = Board(jobs, report)
            for number in done:
                board.tell(number, 1.0)
            try:
                run_jobs({n: job for n, job in jobs.items() if n not in done}, board, keep, workers, cluster)
            except Interrupted as stopped:
                if not plan.varied and out is not None and stopped.finished and stopped.finished.sizes["epoch"]:
                    save_dataset(assemble(plan, {0: stopped.finished}), out, parts.folder)
                raise
        dataset = assemble(plan, done)
        if save is not None:
            _save_networks(plan, parts, save)
        if out is not None:
            save_dataset(dataset, out, parts.folder)
        parts.remove()
        return dataset


def _save_networks(plan: Plan, parts: Parts, save: Path) -> None:
    """Copy the trained networks to where they were asked for: a file, or a folder with a file for each point."""
    for number, places in plan.places.items():
        for place, file in zip(places, parts.networks(number), strict=True):
            target = make_folder(save) / f"{plan.label(place)}.safetensors" if plan.varied else save
            write_whole(target, lambda beside, file=file: shutil.copyfile(file, beside))


def _checked_options(
    record: str | Sequence[str], record_every: int, workers: int | None = None, cluster: str | None = None
) -> tuple[str, ...]:
    """The recordings that are asked for, once all options are found to be possible."""
    kinds = (record,) if isinstance(record, str) else tuple(record)
    for kind in kinds:
        if kind not in RECORDINGS:
            raise SettingError(f"record {kind}: must be one of {', '.join(RECORDINGS)}")
    for name, value in (("record_every", record_every), ("workers", workers)):
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            raise SettingError(f"{name} {value}: must be a whole number, 1 or more")
    if cluster is not None and workers is not None:
        raise SettingError(f"workers {workers}: must not be given with a cluster, which has its own")
    return kinds


def _values(name: str, values: Iterable[Any]) -> list[Any]:
    listed = list(values)
    if not listed or any(listed.count(value) > 1 for value in listed):
        raise SettingError(f"{name} {','.join(map(str, listed))}: must be one or more different values")
    return listed


def _prepare(task: Task, progress: Progress) -> None:
    """Have the task get ready what takes long, once, before processes share the work."""
    with tqdm(total=1.0, bar_format=BAR, disable=progress is not True, leave=False, delay=1) as bar:

        def tell(what: str, done: float) -> None:
            bar.set_description_str(what, refresh=False)
            bar.update(done - bar.n)

        with follow_progress(tell):
            task.prepare()


@contextmanager
def _bar(progress: Progress, title: str) -> Iterator[Callable[[float], None]]:
    if callable(progress):
        yield progress
        return
    with tqdm(total=1.0, desc=title, bar_format=BAR, disable=not progress, leave=False) as bar:

        def report(done: float) -> None:
            bar.update(done - bar.n)

        yield report
