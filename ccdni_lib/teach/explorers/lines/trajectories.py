"""The explorer of line drawing: feedback interval × truncation, both models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import xarray as xr

from ....study.experiments import load_result
from ....study.runs.train import watch
from ....tasks.lines import LineDrawing
from ....tasks.templates import RADIUS
from ...widget.anytask import learning_panel, median_seed, model_means, progress_text
from ...widget.short import encode_path, round_numbers
from ...widget.widget import Cell, Explorer, build_cells, start_positions, sweep_slider

TASK = "line-drawing"
REACH = 1.2 * RADIUS  # of the drawing
HORIZONS = [1, 2, 3, 5, 10]  # of the ten that are stored, to keep a page small


def line_explorer(name: str = "lines", feedback_interval: int = 2, truncation: int = 1, live: bool = True) -> Explorer:
    """Sliders for feedback interval and truncation over the line-drawing task.

    Stored: ten seeds of both models at published size (experiment "line-drawing-grid"). Live: five seeds of small
    networks, trained in a second or two.

    Args:
        name: of the explorer, unique in a page; its sliders stand in the page's address under it.
        feedback_interval: k, where its slider stands at first; 1 … 5 steps.
        truncation: T, where its slider stands at first; one of `HORIZONS`, in steps.
        live: whether a moved slider trains, where there is a kernel.

    Returns:
        The explorer; panels: learning curves, what the network of median error draws, ataxia scores.

    Raises:
        SettingError: when a slider does not have the value.

    Example:
        >>> line_explorer(truncation=3)
        <explorer lines: feedback_interval 2, truncation 3>
    """
    grid = load_result("line-drawing-grid").sel(truncation=HORIZONS)
    sliders = [sweep_slider(grid, "feedback_interval"), sweep_slider(grid, "truncation")]
    spec = {
        "name": name,
        "title": "Line drawing: feedback interval and truncation",
        "sliders": sliders,
        "panels": [
            {"kind": "curves", "title": "Learning", "x": "epoch", "y": "training error per taught step", "top": 35},
            {"kind": "drawing", "title": "What the median network draws", "reach": REACH},
            {"kind": "bars", "title": "Ataxia score", "y": "summed squared distance", "parts": ["taught", "untaught"]},
        ],
        "cells": build_cells(sliders, lambda **values: line_cell(grid.sel(values), **values)),
        "start": start_positions(sliders, feedback_interval, truncation),
        "note": f"Stored: {grid.sizes['seed']} seeds at published size, {grid.epoch.values[-1]} epochs; bands: s.e.m.",
    }
    return Explorer(spec, _train if live else None)


def line_cell(run: xr.Dataset, feedback_interval: int, truncation: int) -> Cell:
    """What one position of the sliders shows.

    Args:
        run: both models, with dims model, seed, epoch, cue, time, xy.
        feedback_interval: k, for the drawing and the sentence.
        truncation: T, for the sentence.

    Returns:
        Data of the three panels, and ``say``, a sentence.
    """
    last = run.isel(epoch=-1)
    models = [str(model) for model in run.model.values]
    return {
        "panels": [
            learning_panel(run.train_error),
            drawing_panel(last, models, feedback_interval),
            {"bars": [ataxia_bar(last, model) for model in models]},
        ],
        "say": _sentence(last, feedback_interval, truncation),
    }


def drawing_panel(last: xr.Dataset, models: Sequence[str], feedback_interval: int) -> dict[str, Any]:
    """Data of a drawing: targets, and what the network of median ataxia score of each model draws.

    Args:
        last: of line drawing at one epoch, with dims model, seed, cue, time, xy.
        models: names of those that are drawn.
        feedback_interval: k, steps; says which steps are taught.

    Returns:
        ``targets``, ``taught`` (1 or 0 for each step) and ``paths`` of the moving cues.
    """
    task, paths = LineDrawing(), []
    for model in models:
        own = last.sel(model=model)
        moving = own.output.isel(seed=median_seed(own.ataxia_score)).sel(cue=own.cue[own.cue != 0])
        lines = moving.transpose("cue", "time", "xy").values
        paths.append({"style": model, "points": [encode_path(line, REACH) for line in lines]})
    targets = [round_numbers([[0.0, 0.0], target]) for target in task.targets()[1:]]
    return {"targets": targets, "taught": task.taught_steps(feedback_interval).astype(int).tolist(), "paths": paths}


def ataxia_bar(last: xr.Dataset, model: str) -> dict[str, Any]:
    """One bar of a panel of ataxia scores: means of the taught and the untaught part, and a dot for each network.

    Args:
        last: of one epoch, with ``ataxia_score``, ``ataxia_taught``, ``ataxia_untaught`` (model, seed).
        model: whose bar; the name of a style too.
    """
    own = last.sel(model=model)
    parts = [float(own.ataxia_taught.mean()), float(own.ataxia_untaught.mean())]
    return {"style": model, "parts": round_numbers(parts), "dots": round_numbers(own.ataxia_score.values)}


def _sentence(last: xr.Dataset, feedback_interval: int, truncation: int) -> str:
    """The setting in words, the ataxia score of each model, and their ratio."""
    every = "every step" if feedback_interval == 1 else f"every {_ordinal(feedback_interval)} step"
    reach = f"{truncation} step{'s' if truncation > 1 else ''}"
    scores = " and ".join(model_means(last.ataxia_score))
    crnn, ccrnn = (float(last.ataxia_score.sel(model=model).mean()) for model in ("crnn", "ccrnn"))
    ratio = f"{ccrnn / crnn:.2g} times" if np.isfinite(ccrnn / crnn) else "not comparable with"
    return (
        f"Taught at {every}, gradient reaching back {reach}. Ataxia score, mean ± s.e.m.: {scores}; "
        f"with a cerebellum it is {ratio} that of the cortex alone."
    )


def _ordinal(number: int) -> str:
    """A whole number from 2 to 10 as an ordinal, as in "second" or "4th"."""
    return {2: "second", 3: "third"}.get(number, f"{number}th")


def _train(**values: Any) -> Iterator[tuple[Cell, str]]:
    """Train small networks at the sliders' values; give a cell and a status while they learn."""
    for look in watch(TASK, **values):
        yield line_cell(look, **values), progress_text(look)
