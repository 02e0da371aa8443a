"""The explorer of untaught steps: the error at each step of the line, over feedback intervals."""

from __future__ import annotations

import xarray as xr

from ....findings.pictures.picture import STYLES
from ....study.experiments import load_result
from ....study.measures.errors import ataxia, mean_sem
from ...widget.short import round_numbers
from ...widget.widget import Cell, Explorer, build_cells, position_of, start_positions, sweep_slider


def step_explorer(name: str = "steps", feedback_interval: int = 2, truncation: int = 1) -> Explorer:
    """A slider for the feedback interval over the error of each step, for both models.

    Args:
        name: of the explorer, unique in a page; its sliders stand in the page's address under it.
        feedback_interval: k, where the slider stands at first; 1 … 5 steps.
        truncation: T of the networks that are shown; 1 … 10 steps.

    Returns:
        The explorer; panels: for each model a bar for each step, filled where it is taught.

    Raises:
        SettingError: when the slider does not have the interval, or the stored result not the truncation.

    Example:
        >>> step_explorer(feedback_interval=3)
        <explorer steps: feedback_interval 3>
    """
    grid = load_result("line-drawing-grid")
    grid = grid.isel(truncation=position_of("truncation", truncation, grid.truncation.values.tolist()))
    sliders = [sweep_slider(grid, "feedback_interval")]
    axes = {"kind": "steps", "x": "step", "y": "squared distance"}
    spec = {
        "name": name,
        "title": "Error of each step of the line",
        "sliders": sliders,
        "panels": [{**axes, "title": STYLES[str(model)]["label"]} for model in grid.model.values],
        "cells": build_cells(sliders, lambda feedback_interval: _cell(grid.sel(feedback_interval=feedback_interval))),
        "start": start_positions(sliders, feedback_interval),
        "note": f"Stored: {grid.sizes['seed']} seeds at published size, truncation {truncation}. Filled: taught. "
        "Hatched: untaught. Mind the axes: each panel has its own.",
    }
    return Explorer(spec)


def _cell(run: xr.Dataset) -> Cell:
    """The error of each step, and which share of the ataxia score lies at untaught ones."""
    taught = run.taught.isel(model=0)
    parts = ataxia(run.final_error, taught)
    panels, told = [], []
    for model in run.model.values:
        errors = run.final_error.sel(model=model)
        panels.append(
            {"style": str(model), "y": round_numbers(errors.mean("seed").values), "taught": taught.values.tolist()},
        )
        share = float(parts.ataxia_untaught.sel(model=model).sum() / parts.ataxia_score.sel(model=model).sum())
        score = mean_sem(parts.ataxia_score.sel(model=model).values)
        told.append(f"{STYLES[str(model)]['label']} {score}, {share:.0%} of it at untaught steps")
    return {"panels": panels, "say": f"Ataxia score: {'; '.join(told)}."}
