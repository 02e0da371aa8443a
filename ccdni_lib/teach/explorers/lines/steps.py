"""The explorer of untaught steps: the error at each step of the line, over feedback intervals."""

from __future__ import annotations

import xarray as xr

from ....findings.pictures.picture import STYLES
from ....study.experiments import load_result
from ....study.measures.errors import ataxia, mean_sem
from ...widget.short import numbers
from ...widget.widget import Cell, Explorer, cells_of, slider


def step_explorer(name: str = "steps", feedback_interval: int = 2, truncation: int = 1) -> Explorer:
    """A slider for the feedback interval over the error of each step, for both models.

    Args:
        name: of the explorer, unique in a page.
        feedback_interval: where the slider stands at first.
        truncation: of the networks that are shown.

    Example:
        >>> explorer = step_explorer()  # doctest: +SKIP
    """
    grid = load_result("line-drawing-grid").sel(truncation=truncation)
    sliders = [slider(grid, "feedback_interval")]
    axes = {"kind": "steps", "x": "step", "y": "squared distance"}
    spec = {
        "name": name,
        "title": "Error of each step of the line",
        "sliders": sliders,
        "panels": [{**axes, "title": STYLES[str(model)]["label"]} for model in grid.model.values],
        "cells": cells_of(sliders, lambda feedback_interval: _cell(grid.sel(feedback_interval=feedback_interval))),
        "start": [sliders[0]["values"].index(feedback_interval)],
        "note": f"Stored: {grid.sizes['seed']} seeds at published size, truncation {truncation}. Filled: taught. "
        "Hatched: untaught. Mind the axes: each panel has its own.",
    }
    return Explorer(spec)


def _cell(run: xr.Dataset) -> Cell:
    taught = run.taught.isel(model=0)
    parts = ataxia(run.final_error, taught)
    panels, told = [], []
    for model in run.model.values:
        errors = run.final_error.sel(model=model)
        panels.append(
            {"style": str(model), "y": numbers(errors.mean("seed").values), "taught": taught.values.tolist()},
        )
        share = float(parts.ataxia_untaught.sel(model=model).sum() / parts.ataxia_score.sel(model=model).sum())
        score = mean_sem(parts.ataxia_score.sel(model=model).values)
        told.append(f"{STYLES[str(model)]['label']} {score}, {share:.0%} of it at untaught steps")
    return {"panels": panels, "say": f"Ataxia score: {'; '.join(told)}."}
