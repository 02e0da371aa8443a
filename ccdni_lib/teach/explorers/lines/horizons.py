"""The explorer of horizons and intervals: where a cerebellum helps, and what predicting at the very end does to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import xarray as xr

from ....findings.pictures.picture import STYLES
from ....study.experiments import load_result
from ....study.measures.horizons import steps_back
from ....study.measures.outcomes import final_step_error, typical_ratio
from ....study.measures.references import resting_line_error
from ....study.runs.train import watch
from ....tasks.lines import LineDrawing
from ...widget.anytask import model_means, progress_text
from ...widget.short import mean_bar, mean_curve, pick_epochs, round_numbers
from ...widget.widget import Cell, Explorer, build_cells, start_positions, sweep_slider

TASK = "line-drawing"
END = ["zero", "predicted too"]  # feedback at the end of the sequence
POINTS, FULL = 12, 1.5  # points of a curve; a factor of 10 ** 1.5 has a square's full colour


def horizon_explorer(
    name: str = "horizons",
    truncation: int = 1,
    feedback_interval: int = 2,
    terminal_feedback: bool = False,
    live: bool = True,
) -> Explorer:
    """Sliders for horizon, interval and feedback at the end over a map of where a cerebellum helps to draw lines.

    Stored: ten seeds at published size (experiments "line-drawing-grid" and "line-drawing-terminal"). Live: five seeds
    of small networks; the map stays the stored one.

    Args:
        name: of the explorer, unique in a page; its sliders stand in the page's address under it.
        truncation: T, where its slider stands at first; 1 … 10 steps.
        feedback_interval: k, where its slider stands at first; 1 … 5 steps.
        terminal_feedback: whether feedback at the sequence's end is predicted at first, or else zero.
        live: whether a moved slider trains, where there is a kernel.

    Returns:
        The explorer; panels: map of where a cerebellum helps, learning curves, errors at the end.

    Raises:
        SettingError: when a slider does not have the value.

    Example:
        >>> horizon_explorer()
        <explorer horizons: truncation 1, feedback_interval 2, end zero>
    """
    grid = load_result("line-drawing-grid")
    also = load_result("line-drawing-terminal")
    wholes = {END[0]: grid, END[1]: _join_end_predictions(grid, also)}
    maps = {end: _ratio_map(whole) for end, whole in wholes.items()}
    sliders = [
        sweep_slider(grid, "truncation"),
        sweep_slider(grid, "feedback_interval"),
        {"name": "end", "label": "feedback at the sequence's end is …", "values": END, "unit": ""},
    ]

    def there(truncation: int, feedback_interval: int, end: str) -> dict[str, Any]:
        row, column = sliders[1]["values"].index(feedback_interval), sliders[0]["values"].index(truncation)
        return {"values": maps[end], "mark": [row, column]}

    def cell(end: str, **values: int) -> Cell:
        return horizon_cell(wholes[end].sel(values), there(end=end, **values), **values)

    def train(end: str, **values: Any) -> Iterator[tuple[Cell, str]]:
        for look in watch(TASK, terminal_feedback=end == END[1], **values):
            status = f"{progress_text(look)} The map is the stored one."
            yield horizon_cell(look, there(end=end, **values), **values), status

    labels = [[str(value) for value in grid[dim].values] for dim in ("feedback_interval", "truncation")]
    spec = {
        "name": name,
        "title": "Line drawing: where does a cerebellum help?",
        "sliders": sliders,
        "panels": [
            {
                "kind": "matrix",
                "title": "Orange: it helps",
                "x": "horizon T",
                "y": "interval k",
                "rows": labels[0],
                "columns": labels[1],
                "colors": [STYLES["ccrnn"]["color"], STYLES["crnn"]["color"]],
            },
            {"kind": "curves", "title": "Learning", "x": "epoch", "y": "squared distance per step", "top": 42},
            {"kind": "bars", "title": "At the end", "y": "squared distance per step", "parts": ["mean of networks"]},
        ],
        "cells": build_cells(sliders, cell),
        "start": start_positions(sliders, truncation, feedback_interval, END[bool(terminal_feedback)]),
        "note": f"Stored: {grid.sizes['seed']} seeds at published size, {grid.epoch.values[-1]} epochs; bands: s.e.m. "
        f"Who never moves has {resting_line_error().mean():.1f}. Grey in the map: more error with a cerebellum; the "
        "fuller, the larger the factor in a typical pair of twins.",
    }
    return Explorer(spec, train if live else None)


def horizon_cell(run: xr.Dataset, where: dict[str, Any], truncation: int, feedback_interval: int) -> Cell:
    """What one position of the sliders shows.

    Args:
        run: both models, with dims model, seed, epoch.
        where: the map, and which square is marked.
        truncation: T, for the sentence.
        feedback_interval: k, for the sentence.

    Returns:
        Data of the three panels, and ``say``, a sentence.
    """
    error, course = final_step_error(run), run.ataxia_score / run.sizes["time"]
    epochs, count = pick_epochs(run.epoch.values, POINTS), run.sizes["seed"]
    course, models = course.sel(epoch=epochs), [str(model) for model in run.model.values]
    series = [mean_curve(model, course.sel(model=model), 1) for model in models]
    bars = [mean_bar(model, error.sel(model=model), 2) for model in models]
    better = int((error.sel(model="ccrnn") < error.sel(model="crnn")).sum())
    back = steps_back(LineDrawing().taught_steps(feedback_interval), truncation)
    say = (
        f"T = {truncation}, k = {feedback_interval}: a lesson travels back {back:.1f} steps on average. Error per "
        f"step: {' and '.join(model_means(error))}, the ccRNN's smaller in {better} of {count} pairs, typically "
        f"{float(typical_ratio(run)):.2g} times its twin's."
    )
    panels = [where, {"x": epochs.tolist(), "series": series}, {"bars": bars}]
    return {"panels": panels, "say": say}


def _join_end_predictions(grid: xr.Dataset, also: xr.Dataset) -> xr.Dataset:
    """Join the cortex alone, which predicts nothing, with the ccRNN that predicts at the end too."""
    needed = ["ataxia_score"]
    return xr.concat([grid[needed].sel(model=["crnn"]), also[needed]], "model").assign_coords(time=grid.time)


def _ratio_map(run: xr.Dataset) -> list[list[float]]:
    """log10 of how many times smaller a typical pair's error is with a cerebellum, 1 at ``FULL`` powers of ten."""
    power = -np.log10(typical_ratio(run).transpose("feedback_interval", "truncation").values) / FULL
    shade = np.copysign(np.clip(abs(power), 0.05, 1), power)  # 0 would be a dot
    return round_numbers(shade, 1)
