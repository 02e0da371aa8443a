"""The explorer of horizons and intervals: where a cerebellum helps, and what predicting at the very end does to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import xarray as xr

from ....findings.pictures.picture import STYLES
from ....study.experiments import load_result
from ....study.measures.errors import mean_sem
from ....study.measures.horizons import steps_back
from ....study.measures.outcomes import final_step_error, typical_ratio
from ....study.measures.references import resting_line_error
from ....study.runs.train import watch
from ....tasks.lines import LineDrawing
from ...widget.anytask import progress
from ...widget.short import curve, looks, numbers
from ...widget.widget import Cell, Explorer, cells_of, slider

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
        name: of the explorer, unique in a page.
        truncation, feedback_interval, terminal_feedback: where the sliders stand at first.
        live: whether a moved slider trains, where there is a kernel.

    Example:
        >>> horizon_explorer()
        <explorer horizons: truncation 1, feedback_interval 2, end zero>
    """
    grid = load_result("line-drawing-grid")
    also = load_result("line-drawing-terminal")
    wholes = {END[0]: grid, END[1]: _with_end(grid, also)}
    maps = {end: _map(whole) for end, whole in wholes.items()}
    sliders = [
        slider(grid, "truncation"),
        slider(grid, "feedback_interval"),
        {"name": "end", "label": "feedback at the sequence's end is …", "values": END, "unit": ""},
    ]

    def there(truncation: int, feedback_interval: int, end: str) -> dict[str, Any]:
        row, column = sliders[1]["values"].index(feedback_interval), sliders[0]["values"].index(truncation)
        return {"values": maps[end], "mark": [row, column]}

    def cell(end: str, **values: int) -> Cell:
        return horizon_cell(wholes[end].sel(values), there(end=end, **values), **values)

    def train(end: str, **values: Any) -> Iterator[tuple[Cell, str]]:
        for look in watch(TASK, terminal_feedback=end == END[1], **values):
            yield horizon_cell(look, there(end=end, **values), **values), f"{progress(look)} The map is the stored one."

    labels = [[str(value) for value in grid[dim].values] for dim in ("feedback_interval", "truncation")]
    start = (truncation, feedback_interval, END[terminal_feedback])
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
        "cells": cells_of(sliders, cell),
        "start": [s["values"].index(value) for s, value in zip(sliders, start, strict=True)],
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
        truncation, feedback_interval: for the sentence.
    """
    error, course = final_step_error(run), run.ataxia_score / run.sizes["time"]
    epochs, count = looks(run.epoch.values, POINTS), run.sizes["seed"]
    course = course.sel(epoch=epochs)
    series, bars, told = [], [], []
    for model in map(str, run.model.values):
        own, ends = course.sel(model=model), error.sel(model=model)
        series.append(curve(model, own, 1))
        bars.append({"style": model, "parts": numbers([ends.mean()]), "dots": numbers(ends.values, 2)})
        told.append(f"{STYLES[model]['label']} {mean_sem(ends)}")
    better = int((error.sel(model="ccrnn") < error.sel(model="crnn")).sum())
    back = steps_back(LineDrawing().taught_steps(feedback_interval), truncation)
    say = (
        f"T = {truncation}, k = {feedback_interval}: a lesson travels back {back:.1f} steps on average. Error per "
        f"step: {' and '.join(told)}, the ccRNN's smaller in {better} of {count} pairs, typically "
        f"{float(typical_ratio(run)):.2g} times its twin's."
    )
    panels = [where, {"x": epochs.tolist(), "series": series}, {"bars": bars}]
    return {"panels": panels, "say": say}


def _with_end(grid: xr.Dataset, also: xr.Dataset) -> xr.Dataset:
    """The cortex alone, which predicts nothing, beside the ccRNN that predicts at the end too."""
    needed = ["ataxia_score"]
    return xr.concat([grid[needed].sel(model=["crnn"]), also[needed]], "model").assign_coords(time=grid.time)


def _map(run: xr.Dataset) -> list[list[float]]:
    """log10 of how many times smaller a typical pair's error is with a cerebellum, 1 at ``FULL`` powers of ten."""
    power = -np.log10(typical_ratio(run).transpose("feedback_interval", "truncation").values) / FULL
    shade = np.copysign(np.clip(abs(power), 0.05, 1), power)  # 0 would be a dot
    return numbers(shade, 1)
