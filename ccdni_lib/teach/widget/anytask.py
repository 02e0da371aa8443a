"""An explorer for any task, one of your own too: sliders for whatever is varied, how it is learned, what comes out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from ...engine.settings import TABLE, SettingError
from ...findings.pictures.picture import STYLES
from ...study.measures.errors import mean_sem
from ...study.runs.plan import label
from ...study.runs.train import sweep, watch
from ...tasks import Task, find_task, settings_for
from .short import curve, looks, numbers, path
from .widget import Cell, Explorer, cells_of

SHOWN = 3  # examples that are drawn


def task_explorer(
    task: str | Task,
    run: xr.Dataset | None = None,
    *,
    models: Sequence[str] = ("crnn", "ccrnn"),
    budget: str | None = None,
    name: str = "task",
    live: bool = True,
    **settings: Any,
) -> Explorer:
    """Sliders over a sweep of any task: validation error while it learns, and outputs for the first examples.

    Two outputs are drawn in their plane; of any other number the first is drawn over time, from left to right. Where
    targets are classes there are curves alone.

    Args:
        task: a name, or a task of your own.
        run: what `sweep` gave, whole or compact; its varied settings become sliders. None sweeps now.
        models: which are compared, where it sweeps now.
        budget: for sweeping now, and for training when a slider is moved; None takes "live" if the task has it.
        name: of the explorer, unique in a page; its sliders stand in the page's address under it.
        live: whether a moved slider trains, where there is a kernel.
        settings: fields of `ccdni_lib.Settings`, for sweeping and for training; a list is varied.

    Raises:
        SettingError: when nothing is varied, or a setting cannot be.

    Example:
        >>> task_explorer("line-drawing", feedback_interval=[1, 2, 3], epochs=2)  # 2 is what it was published with
        <explorer task: feedback_interval 2>
    """
    task = find_task(task)
    budget = budget or ("live" if "live" in task.budgets else "paper")
    if run is None:
        run = sweep(task, models, budget=budget, progress=False, **settings)
    varied = [str(dim) for dim in run.train_error.dims if dim not in ("model", "seed", "epoch")]
    if not varied:
        raise SettingError(f"settings of {task.name}: must vary one at least, as in feedback_interval=[1, 2, 4]")
    sliders = [_slider(setting, run[setting].values.tolist()) for setting in varied]
    fixed = {setting: value for setting, value in settings.items() if setting not in varied}

    def train(**values: Any) -> Iterator[tuple[Cell, str]]:
        for look in watch(task, run.model.values.tolist(), budget=budget, **fixed, **values):
            yield task_cell(task, look, values), progress(look)

    published = settings_for(task, budget, **fixed)
    spec = {
        "name": name,
        "title": f"{task.name}: {' and '.join(setting.replace('_', ' ') for setting in varied)}",
        "sliders": sliders,
        "panels": _panels(run),
        "cells": cells_of(sliders, lambda **values: task_cell(task, run.sel(values), values)),
        "start": [_place(slider["values"], label(getattr(published, slider["name"]))) for slider in sliders],
        "note": f"{run.sizes['seed']} networks a model, {run.epoch.values[-1]} epochs; bands: s.e.m.",
    }
    return Explorer(spec, train if live else None)


def task_cell(task: Task, run: xr.Dataset, values: Mapping[str, Any]) -> Cell:
    """What one position of the sliders shows.

    Args:
        task: what was learned.
        run: of one point, with dims model, seed, epoch.
        values: what the sliders stand on, for the sentence.
    """
    error = validation_error(task, run)
    panels = [learning(error)]
    if run.target.ndim == 3:  # not classes
        wanted = numbers(_points(run.target.values[:SHOWN], _reach(run)))
        for model in error.model.values:
            own = run.sel(model=model)
            seed = median(error.sel(model=model).isel(epoch=-1))
            drawn = _points(own.output.isel(seed=seed).values[:SHOWN], _reach(run))
            paths = [{"style": str(model), "points": [path(line, _seen(run)) for line in drawn]}]
            panels.append({"targets": wanted, "taught": own.taught.values.astype(int).tolist(), "paths": paths})
    ends = [f"{STYLES[str(m)]['label']} {mean_sem(error.sel(model=m).isel(epoch=-1))}" for m in error.model.values]
    where = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in values.items())
    return {"panels": panels, "say": f"At {where}: error in validation, mean ± s.e.m.: {' and '.join(ends)}."}


def validation_error(task: Task, run: xr.Dataset) -> xr.DataArray:
    """Error per step in validation, taught or not; per taught step where a task's teacher never asks for the others.

    Args:
        task: what was learned.
        run: from `train` or `sweep`, whole or compact.

    Returns:
        Dims of ``train_error``: seed, epoch, and those in front.
    """
    if task.taught_steps(1).all():
        return run.ataxia_score / run.sizes["time"]
    return run.ataxia_taught / run.taught.sum("time")


def learning(values: xr.DataArray, epochs: np.ndarray | None = None) -> dict[str, Any]:
    """Data of a panel of curves: mean over seeds of each model, with ± one standard error.

    Args:
        values: dims model, seed, epoch.
        epochs: at which; None takes as many as a picture needs.

    Example:
        >>> labels = {"model": ["crnn"], "epoch": [1, 2]}
        >>> learning(xr.DataArray([[[3.0, 2.0], [1.0, 2.0]]], labels, ("model", "seed", "epoch")))
        {'x': [1, 2], 'series': [{'style': 'crnn', 'y': [2, 2], 'band': [1, 0]}]}
    """
    values = values.sel(epoch=looks(values.epoch.values) if epochs is None else epochs)
    series = [curve(str(m), values.sel(model=m)) for m in values.model.values]
    return {"x": [int(e) for e in values.epoch.values], "series": series}


def median(errors: xr.DataArray) -> int:
    """Place of the seed whose error is in the middle; diverged networks (NaN) come last."""
    return int(np.argsort(errors.values)[errors.size // 2])


def progress(look: xr.Dataset) -> str:
    """The line under an explorer while it trains, and when it has.

    Args:
        look: from `watch`.
    """
    asked, done = json.loads(look.attrs["settings"]), look.sizes["epoch"]
    networks = f"{len(asked['seeds'])} networks a model ({asked['lstm_units']} LSTM units)"
    if done < asked["epochs"]:
        return f"training {networks}: epoch {done} of {asked['epochs']} …"
    return f"Trained here: {networks}."


def _slider(setting: str, values: list[Any]) -> dict[str, Any]:
    about = TABLE[setting].metadata
    return {"name": setting, "label": about["meaning"], "values": values, "unit": about["unit"]}


def _place(values: list[Any], wanted: Any) -> int:
    return values.index(wanted) if wanted in values else 0


def _panels(run: xr.Dataset) -> list[dict[str, Any]]:
    panels: list[dict[str, Any]] = [{"kind": "curves", "title": "Learning", "x": "epoch", "y": "error in validation"}]
    if run.target.ndim == 3:
        over = "" if run.target.shape[-1] == 2 else " over time"
        panels += [
            {"kind": "drawing", "title": f"{STYLES[str(m)]['label']}{over}", "reach": _seen(run)}
            for m in run.model.values
        ]
    return panels


def _reach(run: xr.Dataset) -> float:
    return float(np.abs(run.target.values[:SHOWN]).max()) or 1.0


def _seen(run: xr.Dataset) -> float:
    """What a panel shows of the plane."""
    return float(numbers(1.25 * _reach(run)))


def _points(values: np.ndarray, reach: float) -> np.ndarray:
    """Outputs as points of the plane, ``(examples, N, 2)``: as they are, or the first of them over time."""
    if values.shape[-1] == 2:
        return values
    time = np.broadcast_to(np.linspace(-reach, reach, values.shape[1]), values.shape[:2])
    return np.stack([time, values[..., 0]], axis=-1)
