"""`train` and `sweep`: from a task's name and some settings to a Dataset."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from tqdm.auto import tqdm

from ...data import followed
from ...engine.files import FileError, check_writable
from ...engine.settings import SettingError, Settings
from ...engine.training.devices import pick_device
from ...engine.training.loop import Interrupted, Training
from ...engine.training.recorders import RECORDINGS
from ...tasks import Task, find_task, settings_for
from .assemble import label, present
from .files import load_dataset, save_dataset
from .jobs import Job, make_jobs, run_jobs

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
        record: what else to keep: "activity", "feedback".
        record_every: epochs between two of these recordings; the first is made before training.
        out: NetCDF file to write. What is done is saved there if training is interrupted.
        resume: go on where an interrupted run with the same ``out`` stopped.
        overwrite: replace ``out`` and ``save`` if they exist.
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

    Example:
        >>> run = train("line-drawing", model="crnn", budget="live", epochs=3, device="cpu", progress=False)
        >>> run.ataxia_score.dims, dict(run.sizes)["seed"]
        (('seed', 'epoch'), 5)
    """
    task = find_task(task)
    point = settings_for(task, budget, model=model, **settings)
    return _run(task, [point], {}, _options(device, progress, record, record_every, out, resume, overwrite, save=save))


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
    workers: int | None = None,
    cluster: str | None = None,
    **settings: Any,
) -> xr.Dataset:
    """Train every combination of models and settings; each setting that is given as a list becomes a dimension.

    What can share one ensemble does; the ensembles are spread over processes, or over a Dask cluster.

    Args:
        task, budget, device, progress, record, record_every, out, resume, overwrite: as in `train`.
        models: any of "crnn", "ccrnn", "sccrnn".
        workers: processes, or on a GPU threads; None uses one a core where there is enough to do, and 4 on a GPU.
        cluster: address of a Dask scheduler, as tcp://host:8786.
        settings: fields of `ccdni_lib.Settings`; a list is varied (``seeds`` excepted).

    Returns:
        The Dataset of `train` with the dims ``model`` and one for each varied setting in front.

    Example:
        >>> grid = sweep("line-drawing", feedback_interval=[1, 2, 3], budget="live", epochs=2, progress=False)
        >>> dict(grid.ataxia_score.sizes)
        {'model': 2, 'feedback_interval': 3, 'seed': 5, 'epoch': 2}
    """
    task = find_task(task)
    varied = {"model": _values("models", [models] if isinstance(models, str) else models)}
    for name, value in settings.items():
        if name != "seeds" and isinstance(value, (list, tuple, range, np.ndarray)):
            varied[name] = _values(name, value)
    fixed = {name: value for name, value in settings.items() if name not in varied}
    points = [
        settings_for(task, budget, **fixed, **dict(zip(varied, values, strict=True)))
        for values in itertools.product(*varied.values())
    ]
    stride = len(points)
    for name, values in varied.items():  # as the settings have them, whatever text was given
        stride //= len(values)
        varied[name] = _values(name, [getattr(points[stride * place], name) for place in range(len(values))])
    options = _options(device, progress, record, record_every, out, resume, overwrite, workers, cluster)
    return _run(task, points, varied, options)


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
    trainings = [Training(task, [point], device=pick_device(device)) for point in points]
    places, last = [[place] for place in range(len(points))], points[0].epochs
    for epoch in [*range(every, last, every), last]:
        looks = [training.run(until=epoch) for training in trainings]
        yield present(task, looks, places, {"model": names}, _asked(points, {"model": names}))


@dataclass(frozen=True)
class _Options:
    """How a run is run; none of this changes a number."""

    device: str
    progress: Progress
    record: tuple[str, ...]
    record_every: int
    out: Path | None
    resume: bool
    overwrite: bool
    workers: int | None
    cluster: str | None
    save: Path | None


def _options(
    device: str,
    progress: Progress,
    record: str | Sequence[str],
    record_every: int,
    out: str | Path | None,
    resume: bool,
    overwrite: bool,
    workers: int | None = None,
    cluster: str | None = None,
    save: str | Path | None = None,
) -> _Options:
    """Options that have been checked."""
    kinds = (record,) if isinstance(record, str) else tuple(record)
    for kind in kinds:
        if kind not in RECORDINGS:
            raise SettingError(f"record {kind}: must be one of {', '.join(RECORDINGS)}")
    for name, value in (("record_every", record_every), ("workers", workers)):
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            raise SettingError(f"{name} {value}: must be a whole number, 1 or more")
    file, networks = (None if path is None else Path(path) for path in (out, save))
    for path in filter(None, (file, networks)):
        check_writable(path)
    if networks is not None and networks.exists() and not (resume or overwrite):
        raise FileError(f"{networks}: exists already; must be replaced (overwrite)")
    how = pick_device(device), progress, kinds, record_every, file, resume, overwrite, workers, cluster, networks
    return _Options(*how)


def _run(task: Task, points: list[Settings], varied: Mapping[str, list[Any]], options: _Options) -> xr.Dataset:
    """Run the points of a grid; ``varied`` names its dimensions, none for a single run."""
    out = options.out
    asked = _asked(points, varied)
    if out is not None and out.exists() and not options.overwrite:
        if not options.resume:
            raise FileError(f"{out}: exists already; must be resumed (resume) or replaced (overwrite)")
        before = load_dataset(out)
        _compare(out, before.attrs, {"task": task.name, "data": task.data, "settings": asked})
        if before.attrs["complete"]:
            if options.save is not None and not options.save.exists():
                raise FileError(
                    f"{options.save}: cannot be made, for {out} is complete; must be trained anew (overwrite)"
                )
            return before
    _prepare(task, options.progress)
    jobs, places = make_jobs(task, points, options.device, options.record, options.record_every)
    jobs = [replace(job, save=options.save) for job in jobs]
    jobs = _with_files(jobs, out, single=not varied, resume=options.resume)
    with _bar(options.progress, f"{task.name} {points[0].model if not varied else 'sweep'}") as report:
        try:
            datasets = run_jobs(jobs, report, options.workers, options.cluster)
        except Interrupted as stopped:
            if not varied and out is not None and stopped.finished.sizes["epoch"]:
                save_dataset(present(task, [stopped.finished], [[0]], varied, asked), out)
            raise
    dataset = present(task, datasets, places, varied, asked)
    if out is not None:
        save_dataset(dataset, out)
        shutil.rmtree(_parts(out), ignore_errors=True)
    return dataset


def _with_files(jobs: Sequence[Job], out: Path | None, single: bool, resume: bool) -> list[Job]:
    """Jobs that save where they are: a single one beside ``out``, several in a folder of their own."""
    if out is None:
        return list(jobs)
    if single:
        checkpoint = out.with_name(f"{out.name}.checkpoint")
        if not resume:
            checkpoint.unlink(missing_ok=True)
        return [replace(job, checkpoint=checkpoint) for job in jobs]
    folder = _parts(out)
    if not resume:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(exist_ok=True)
    return [
        replace(job, checkpoint=folder / f"{number}.checkpoint", result=folder / f"{number}.nc")
        for number, job in enumerate(jobs)
    ]


def _parts(out: Path) -> Path:
    return out.with_name(f"{out.name}.parts")


def _asked(points: Sequence[Settings], varied: Mapping[str, list[Any]]) -> str:
    """The settings of a grid as JSON: one value each, or the list of those that are varied."""
    return json.dumps(json.loads(points[0].to_json()) | {name: list(map(label, v)) for name, v in varied.items()})


def _compare(out: Path, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Refuse to resume a file that was made with something else, naming the first difference."""
    theirs, mine = ({"task": x["task"], "data": x.get("data", "")} | json.loads(x["settings"]) for x in (before, now))
    for name in mine:
        if theirs.get(name) != mine[name]:
            made = f"it was made with {name} {theirs.get(name)}, not {mine[name]}"
            raise FileError(f"{out}: cannot be resumed from, {made}")


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

        with followed(tell):
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
