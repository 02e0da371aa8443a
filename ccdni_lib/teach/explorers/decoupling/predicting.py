"""The explorer of predicted activity: which nucleus goes with which cortical unit, over learning."""

from __future__ import annotations

import numpy as np
import xarray as xr

from ....study.experiments import load_result
from ...widget.short import round_numbers
from ...widget.widget import Cell, Explorer, build_cells, nearest_position

POSITIVE, NEGATIVE = "#d97000", "#0097a7"
_SHOWN = 10
_BATCHES = (0, 20, 40, 60, 100, 200, 400, 800, 1600, 2400)


def predicting_explorer(name: str = "predicting", batch: int = 2400) -> Explorer:
    """A slider over learning, and the correlations of C's outputs with the units of two cortices.

    Stored: ten networks of the published size on MNIST (result "forward-mnist").

    Args:
        name: of the explorer, unique in a page; its sliders stand in the page's address under it.
        batch: where the slider stands at first, 0 … 2400 batches learned; the nearest one that the slider has.

    Returns:
        The explorer; panels: correlations with the cortex that is predicted, and with another one.

    Raises:
        SettingError: when the batch is no number.

    Example:
        >>> predicting_explorer()
        <explorer predicting: batch 2400>
    """
    run = load_result("forward-mnist")
    batches = [b for b in _BATCHES if b in run.batch.values]
    sliders = [{"name": "batch", "label": "batches learned", "values": batches}]
    labels = [str(i + 1) for i in range(_SHOWN)]
    axes = {"kind": "matrix", "y": "nucleus …", "rows": labels, "columns": labels, "colors": [POSITIVE, NEGATIVE]}
    spec = {
        "name": name,
        "title": "Correlation of predictions with cortical units",
        "sliders": sliders,
        "panels": [
            {**axes, "title": "The cortex that is predicted", "x": "… and unit of h₂"},
            {**axes, "title": "Another cortex", "x": "… and unit of its h₂"},
        ],
        "cells": build_cells(sliders, lambda batch: _cell(run.sel(batch=batch))),
        "start": [nearest_position("batch", batch, batches)],
        "note": "Stored: the first ten of 256 units, 1,000 held-out images. Orange: positive. Cyan: negative. "
        "The stronger, the fuller.",
    }
    return Explorer(spec)


def _cell(look: xr.Dataset) -> Cell:
    """Correlations of the first units after some batches, and what C explains by then."""
    panels = []
    for partner in ("own", "other"):
        r = look.corner.sel(partner=partner).values[:_SHOWN, :_SHOWN]
        panels.append({"values": [round_numbers(row, 2) for row in r]})
    if np.isnan(look.matched).all():
        return {"panels": panels, "say": "Nothing is predicted yet: the last layer of C begins at zero, and is silent."}
    own, other = (float(look.matched.sel(partner=partner).mean()) for partner in ("own", "other"))
    explained, right, through = (float(look[each].mean()) for each in ("explained", "accuracy", "bypass_accuracy"))
    say = (
        f"Each nucleus with its own unit: r = {own:.2f} on average, and {other:.2f} in the other cortex. "
        f"C explains {max(explained, 0):.0%} of the variance of h₂. Digits recognised: {right:.1%} through h₂, "
        f"{through:.1%} through C(x)."
    )
    return {"panels": panels, "say": say}
