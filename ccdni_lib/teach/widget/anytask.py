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
from .short import encode_path, mean_curve, pick_epochs, round_numbers
from .widget import Cell, Explorer, build_cells

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
        task: a name (see `ccdni tasks`), or a task of your own.
        run: what `sweep` returned, whole or compact; its varied settings become sliders. None sweeps now.
        models: names of those that are compared, where it sweeps now: "crnn", "ccrnn", "sccrnn".
        budget: "paper" or another budget of the task, for sweeping now, and for training when a slider is moved; None
            takes "live" if the task has it.
        name: of the explorer, unique in a page; its sliders stand in the page's address under it.
        live: whether a moved slider trains, where there is a kernel.
        settings: fields of `ccdni_lib.Settings`, for sweeping and for training; a list is varied.

    Returns:
        The explorer, its sliders where the task's published settings are, or else at their first values.

    Raises:
        SettingError: when nothing is varied, or a setting, model, budget or task is not possible.

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
    sliders = [_setting_slider(setting, run[setting].values.tolist()) for setting in varied]
    fixed = {setting: value for setting, value in settings.items() if setting not in varied}

    def train(**values: Any) -> Iterator[tuple[Cell, str]]:
        for look in watch(task, run.model.values.tolist(), budget=budget, **fixed, **values):
            yield task_cell(task, look, values), progress_text(look)

    published = settings_for(task, budget, **fixed)
    spec = {
        "name": name,
        "title": f"{task.name}: {' and '.join(setting.replace('_', ' ') for setting in varied)}",
        "sliders": sliders,
        "panels": _panel_specs(run),
        "cells": build_cells(sliders, lambda **values: task_cell(task, run.sel(values), values)),
        "start": [_index_or_first(slider["values"], label(getattr(published, slider["name"]))) for slider in sliders],
        "note": f"{run.sizes['seed']} networks a model, {run.epoch.values[-1]} epochs; bands: s.e.m.",
    }
    return Explorer(spec, train if live else None)


def task_cell(task: Task, run: xr.Dataset, values: Mapping[str, Any]) -> Cell:
    """What one position of the sliders shows.

    Args:
        task: what was learned.
        run: of one point of a sweep, with dims model, seed, epoch.
        values: what the sliders stand on, for the sentence.

    Returns:
        Data of the panels, curves first, and ``say``, a sentence.
    """
    error = validation_error(task, run)
    panels = [learning_panel(error)]
    if run.target.ndim == 3:  # not classes
        wanted = round_numbers(_plane_points(run.target.values[:SHOWN], _largest_coordinate(run)))
        for model in error.model.values:
            own = run.sel(model=model)
            seed = median_seed(error.sel(model=model).isel(epoch=-1))
            drawn = _plane_points(own.output.isel(seed=seed).values[:SHOWN], _largest_coordinate(run))
            paths = [{"style": str(model), "points": [encode_path(line, _panel_reach(run)) for line in drawn]}]
            panels.append({"targets": wanted, "taught": own.taught.values.astype(int).tolist(), "paths": paths})
    ends = model_means(error.isel(epoch=-1))
    where = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in values.items())
    return {"panels": panels, "say": f"At {where}: error in validation, mean ± s.e.m.: {' and '.join(ends)}."}


def validation_error(task: Task, run: xr.Dataset) -> xr.DataArray:
    """Error per step in validation, taught or not; per taught step where a task never gives feedback at the others.

    Args:
        task: what was learned.
        run: from `train` or `sweep`, whole or compact.

    Returns:
        Dims of ``train_error``: seed, epoch, and those in front.
    """
    if task.taught_steps(1).all():
        return run.ataxia_score / run.sizes["time"]
    return run.ataxia_taught / run.taught.sum("time")


def learning_panel(values: xr.DataArray, epochs: np.ndarray | None = None) -> dict[str, Any]:
    """Data of a panel of curves: mean over seeds of each model, with ± one standard error.

    Args:
        values: dims model, seed, epoch.
        epochs: at which the curves have points; None picks as many as a picture needs (`pick_epochs`).

    Example:
        >>> labels = {"model": ["crnn"], "epoch": [1, 2]}
        >>> learning_panel(xr.DataArray([[[3.0, 2.0], [1.0, 2.0]]], labels, ("model", "seed", "epoch")))
        {'x': [1, 2], 'series': [{'style': 'crnn', 'y': [2, 2], 'band': [1, 0]}]}
    """
    values = values.sel(epoch=pick_epochs(values.epoch.values) if epochs is None else epochs)
    series = [mean_curve(str(m), values.sel(model=m)) for m in values.model.values]
    return {"x": [int(e) for e in values.epoch.values], "series": series}


def median_seed(errors: xr.DataArray) -> int:
    """Position of the network whose error is the median; of an even number of networks, the upper one.

    Args:
        errors: dim seed; NaN (diverged networks) counts as the largest.

    Example:
        >>> median_seed(xr.DataArray([3.0, 1.0, float("nan")], dims="seed"))
        0
    """
    return int(np.argsort(errors.values)[errors.size // 2])


def model_means(values: xr.DataArray) -> list[str]:
    """The mean of each model with its standard error, after the model's name, as parts of a sentence.

    Args:
        values: dims model, seed; NaN (diverged networks) is left out.

    Example:
        >>> model_means(xr.DataArray([[30.0, 35.0, 42.0]], {"model": ["crnn"]}, ("model", "seed")))
        ['cRNN 36 ± 3']
    """
    return [f"{STYLES[str(model)]['label']} {mean_sem(values.sel(model=model))}" for model in values.model.values]


def progress_text(look: xr.Dataset) -> str:
    """The line under an explorer that says how far training is.

    Args:
        look: one of the Datasets that `watch` gives while it trains.
    """
    settings, done = json.loads(look.attrs["settings"]), look.sizes["epoch"]
    networks = f"{len(settings['seeds'])} networks a model ({settings['lstm_units']} LSTM units)"
    if done < settings["epochs"]:
        return f"training {networks}: epoch {done} of {settings['epochs']} …"
    return f"Trained here: {networks}."


def _setting_slider(setting: str, values: list[Any]) -> dict[str, Any]:
    """A slider over values of a setting, with the label and the unit that the table of settings has."""
    about = TABLE[setting].metadata
    return {"name": setting, "label": about["meaning"], "values": values, "unit": about["unit"]}


def _index_or_first(values: list[Any], wanted: Any) -> int:
    """Index of a value, or 0 where it is not there."""
    return values.index(wanted) if wanted in values else 0


def _panel_specs(run: xr.Dataset) -> list[dict[str, Any]]:
    """Learning curves, and a drawing for each model unless targets are classes."""
    panels: list[dict[str, Any]] = [{"kind": "curves", "title": "Learning", "x": "epoch", "y": "error in validation"}]
    if run.target.ndim == 3:
        over = "" if run.target.shape[-1] == 2 else " over time"
        panels += [
            {"kind": "drawing", "title": f"{STYLES[str(m)]['label']}{over}", "reach": _panel_reach(run)}
            for m in run.model.values
        ]
    return panels


def _largest_coordinate(run: xr.Dataset) -> float:
    """The largest absolute value of the targets that are drawn; 1 where all are 0."""
    return float(np.abs(run.target.values[:SHOWN]).max()) or 1.0


def _panel_reach(run: xr.Dataset) -> float:
    """What a panel shows of the plane, to each side: the targets and a quarter more."""
    return float(round_numbers(1.25 * _largest_coordinate(run)))


def _plane_points(values: np.ndarray, reach: float) -> np.ndarray:
    """Outputs as points of the plane, ``(examples, N, 2)``: as they are, or the first of them over time."""
    if values.shape[-1] == 2:
        return values
    time = np.broadcast_to(np.linspace(-reach, reach, values.shape[1]), values.shape[:2])
    return np.stack([time, values[..., 0]], axis=-1)
