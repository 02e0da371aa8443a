"""The explorer of drawing digits: truncation × feedback interval, and what both models draw for each digit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import xarray as xr

from ...findings.figures.digits.learning import COLORS, digit_labels
from ...findings.pictures.picture import STYLES
from ...study.experiments import load_result
from ...study.measures.errors import mean_sem
from ...study.measures.horizons import steps_back
from ...study.measures.references import blind_digit_error, find_digit_task
from ...study.runs.train import watch
from ...tasks.templates import RADIUS
from ..widget.anytask import learning_panel, median_seed, progress_text, validation_error
from ..widget.short import encode_path, round_numbers
from ..widget.widget import Cell, Explorer, build_cells, start_positions, sweep_slider

TASK = "ld-seqmnist"
SHOWN = 6  # digits, an image of each
REACH = 1.25 * RADIUS  # of a drawing


def digit_explorer(
    name: str = "digits", truncation: int = 3, feedback_interval: int = 4, live: bool = True
) -> Explorer:
    """Sliders for truncation and feedback interval over lines that are drawn to a digit's place (ld-seqmnist).

    Stored: three seeds of both models at teaching size (experiment "ld-seqmnist-grid"). Live: small networks on some
    of the digits, trained in seconds.

    Args:
        name: of the explorer, unique in a page; its sliders stand in the page's address under it.
        truncation: T, where its slider stands at first; 1, 2, 3, 4, 5, 7 or 10 steps.
        feedback_interval: k, where its slider stands at first; 1, 2, 4, 7 or 14 steps.
        live: whether a moved slider trains, where there is a kernel.

    Returns:
        The explorer; panels: learning curves, and what the network of median error of each model draws.

    Raises:
        SettingError: when a slider does not have the value.

    Example:
        >>> digit_explorer()
        <explorer digits: truncation 3, feedback_interval 4>
    """
    grid = load_result("ld-seqmnist-grid")
    sliders = [sweep_slider(grid, "truncation"), sweep_slider(grid, "feedback_interval")]
    names = [str(digit) for digit in range(10)]
    drawing = {"kind": "drawing", "reach": REACH, "names": names}
    top = 1.5 * float(blind_digit_error(TASK).mean())  # who guesses wrongly does worse than who guesses nothing
    curves = {"kind": "curves", "title": "Learning", "x": "epoch", "y": "error per step in validation", "top": top}
    spec = {
        "name": name,
        "title": "Lines to a digit's place: truncation and feedback interval",
        "sliders": sliders,
        "panels": [curves, *({**drawing, "title": f"{STYLES[str(m)]['label']} draws"} for m in grid.model.values)],
        "styles": STYLES | {digit: {"color": COLORS[int(digit)], "dash": "", "label": digit} for digit in names},
        "cells": build_cells(sliders, lambda **values: digit_cell(grid.sel(values), **values)),
        "start": start_positions(sliders, truncation, feedback_interval),
        "note": f"Stored: {grid.sizes['seed']} seeds at teaching size, {grid.epoch.values[-1]} epochs; bands: s.e.m. "
        f"Lines of the network of median error, for images of {SHOWN} digits; the place of the 0 is to the right.",
    }
    return Explorer(spec, _train if live else None)


def digit_cell(run: xr.Dataset, truncation: int, feedback_interval: int) -> Cell:
    """What one position of the sliders shows.

    Args:
        run: both models, with dims model, seed, epoch, example, time, xy.
        truncation: T, for the sentence.
        feedback_interval: k, for the taught steps and the sentence.

    Returns:
        Data of the panels, and ``say``, a sentence.
    """
    task = find_digit_task(TASK)
    error, digits = validation_error(task, run), digit_labels(run)
    taught = task.taught_steps(feedback_interval) > 0
    third = np.arange(task.steps) % 3 == 0
    kept = np.flatnonzero(third | (taught & (feedback_interval > 2)))  # enough to see the line
    targets = [[[0, 0], end] for end in round_numbers(task.wanted()[:, -1])]
    panels: list[dict[str, Any]] = [learning_panel(error)]
    for model in error.model.values:
        own = run.output.sel(model=model).isel(seed=median_seed(error.sel(model=model).isel(epoch=-1))).values
        firsts = [(digit, np.flatnonzero(digits == digit)[:1]) for digit in np.unique(digits)[:SHOWN]]
        paths = [
            {"style": str(digit), "points": [encode_path(line, REACH) for line in own[first][:, kept]]}
            for digit, first in firsts
        ]
        panels.append({"targets": targets, "taught": taught[kept].astype(int).tolist(), "paths": paths})
    return {"panels": panels, "say": _sentence(run, error, truncation, feedback_interval)}


def _sentence(run: xr.Dataset, error: xr.DataArray, truncation: int, feedback_interval: int) -> str:
    """How far lessons travel back, and the error of each model with what a reader makes of its lines."""
    back, told = steps_back(find_digit_task(TASK).taught_steps(feedback_interval), truncation), []
    for model in error.model.values:
        own = error.sel(model=model).isel(epoch=-1)
        share = float(run.validation_accuracy.sel(model=model).isel(epoch=-1).mean())
        told.append(f"{STYLES[str(model)]['label']} {mean_sem(own)} ({share:.0%} read right)")
    return (
        f"T = {truncation}, k = {feedback_interval}: a lesson travels back {back:.1f} steps on average. Error per "
        f"step, mean ± s.e.m.: {' and '.join(told)}; who never looks has {blind_digit_error(TASK).mean():.1f}."
    )


def _train(**values: Any) -> Iterator[tuple[Cell, str]]:
    """Train small networks at the sliders' values; give a cell and a status while they learn."""
    for look in watch(TASK, **values):
        yield digit_cell(look, **values), f"{progress_text(look)} Data: {look.attrs['data']}."
