"""The explorer of line drawing: feedback interval × truncation, both models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import xarray as xr

from ....findings.pictures.picture import STYLES
from ....study.experiments import load_result
from ....study.measures.errors import mean_sem
from ....study.runs.train import watch
from ....tasks import find_task, settings_for
from ....tasks.lines import LineDrawing
from ....tasks.templates import RADIUS
from ...widget.anytask import learning
from ...widget.short import numbers, path
from ...widget.widget import Cell, Explorer, cells_of, slider

TASK = "line-drawing"
REACH = 1.2 * RADIUS  # of the drawing
HORIZONS = [1, 2, 3, 5, 10]  # of the ten that are stored, to keep a page small


def line_explorer(name: str = "lines", feedback_interval: int = 2, truncation: int = 1, live: bool = True) -> Explorer:
    """Sliders for feedback interval and truncation over the line-drawing task.

    Stored: ten seeds of both models at published size (experiment "line-drawing-grid"). Live: five seeds of small
    networks, trained in a second or two.

    Args:
        name: of the explorer, unique in a page; its sliders stand in the page's address under it.
        feedback_interval, truncation: where the sliders stand at first.
        live: whether a moved slider trains, where there is a kernel.

    Example:
        >>> explorer = line_explorer()  # doctest: +SKIP
    """
    grid = load_result("line-drawing-grid").sel(truncation=HORIZONS)
    sliders = [slider(grid, "feedback_interval"), slider(grid, "truncation")]
    start = [sliders[0]["values"].index(feedback_interval), sliders[1]["values"].index(truncation)]
    spec = {
        "name": name,
        "title": "Line drawing: feedback interval and truncation",
        "sliders": sliders,
        "panels": [
            {"kind": "curves", "title": "Learning", "x": "epoch", "y": "training error per taught step", "top": 35},
            {"kind": "drawing", "title": "What the median network draws", "reach": REACH},
            {"kind": "bars", "title": "Ataxia score", "y": "summed squared distance", "parts": ["taught", "untaught"]},
        ],
        "cells": cells_of(sliders, lambda **values: line_cell(grid.sel(values), **values)),
        "start": start,
        "note": f"Stored: {grid.sizes['seed']} seeds at published size, {grid.epoch.values[-1]} epochs; bands: s.e.m.",
    }
    return Explorer(spec, _train if live else None)


def line_cell(run: xr.Dataset, feedback_interval: int, truncation: int) -> Cell:
    """What one position of the sliders shows.

    Args:
        run: both models, with dims model, seed, epoch, cue, time, xy.
        feedback_interval, truncation: for the sentence.
    """
    models = [str(model) for model in run.model.values]
    count, last = run.sizes["seed"], run.isel(epoch=-1)
    paths, bars = [], []
    for model in models:
        own = last.sel(model=model)
        median = own.ataxia_score.argsort().values[count // 2]
        moving = own.output.isel(seed=int(median)).sel(cue=own.cue[own.cue != 0]).transpose("cue", "time", "xy")
        paths.append({"style": model, "points": [path(line, REACH) for line in moving.values]})
        parts = [float(own.ataxia_taught.mean()), float(own.ataxia_untaught.mean())]
        bars.append({"style": model, "parts": numbers(parts), "dots": numbers(own.ataxia_score.values)})
    task = LineDrawing()
    targets = [numbers([[0.0, 0.0], target]) for target in task.targets()[1:]]
    taught = task.taught_steps(feedback_interval).astype(int).tolist()
    drawing = {"targets": targets, "taught": taught, "paths": paths}
    return {
        "panels": [learning(run.train_error), drawing, {"bars": bars}],
        "say": _sentence(last, feedback_interval, truncation),
    }


def _sentence(last: xr.Dataset, feedback_interval: int, truncation: int) -> str:
    every = "every step" if feedback_interval == 1 else f"every {_ordinal(feedback_interval)} step"
    reach = f"{truncation} step{'s' if truncation > 1 else ''}"
    scores = []
    for model in last.model.values:
        score = last.ataxia_score.sel(model=model)
        scores.append(f"{STYLES[str(model)]['label']} {mean_sem(score.values)}")
    crnn, ccrnn = (float(last.ataxia_score.sel(model=model).mean()) for model in ("crnn", "ccrnn"))
    ratio = f"{ccrnn / crnn:.2g} times" if np.isfinite(ccrnn / crnn) else "not comparable with"
    return (
        f"Taught at {every}, gradient reaching back {reach}. Ataxia score, mean ± s.e.m.: {' and '.join(scores)}; "
        f"with a cerebellum it is {ratio} that of the cortex alone."
    )


def _ordinal(number: int) -> str:
    return {2: "second", 3: "third"}.get(number, f"{number}th")


def _train(**values: Any) -> Iterator[tuple[Cell, str]]:
    settings = settings_for(find_task(TASK), "live")
    small = f"{len(settings.seeds)} small networks a model ({settings.lstm_units} LSTM units)"
    for look in watch(TASK, **values):
        done = look.sizes["epoch"]
        state = (
            f"training {small}: epoch {done} of {settings.epochs} …"
            if done < settings.epochs
            else f"Trained here: {small}."
        )
        yield line_cell(look, **values), state
