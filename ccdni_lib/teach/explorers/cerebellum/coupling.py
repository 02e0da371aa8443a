"""The explorer of coupling: what cortical units and granule cells have in common, over learning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from ....findings.figures.cerebellum.coupling import PURPLE
from ....findings.pictures.picture import STYLES
from ....study.experiments import load_result
from ....study.measures.outcomes import coupling_of_all_cells
from ...widget.short import mean_curve, round_numbers
from ...widget.widget import Cell, Explorer, build_cells, nearest_position, position_of

_EPOCHS = (0, 2, 6, *range(10, 21, 2), 30, 40, 60, 80, 100, 150, 250)
_READINGS = {
    "active": {"color": STYLES["ccrnn"]["color"], "dash": "", "label": "active"},
    "all": {"color": PURPLE, "dash": "2 3", "label": "all"},
    "now": {"color": "#7d7d7d", "dash": "", "label": "now"},
}


def coupling_explorer(name: str = "coupling", epoch: int = 20, model: str = "ccRNN") -> Explorer:
    """Sliders for the epoch and the model over the distribution of |r|, coupling, active cells and learning.

    Stored: ten networks of each model at published size (experiment "line-drawing-coupling").

    Args:
        name: of the explorer, unique in a page; its sliders stand in the page's address under it.
        epoch: where its slider stands at first, 0 … 250; the nearest one that the slider has.
        model: where its slider stands at first, "ccRNN" or "sCC".

    Returns:
        The explorer; panels: distribution of |r|, coupling, active granule cells, learning.

    Raises:
        SettingError: when there is no such model, or the epoch is no number.

    Example:
        >>> coupling_explorer()
        <explorer coupling: epoch 20, model ccRNN>
    """
    run = load_result("line-drawing-coupling")
    epochs = run.recorded_epoch.sel(recorded_epoch=list(_EPOCHS), method="nearest").values.tolist()
    models = {STYLES[str(key)]["label"]: str(key) for key in run.model.values}
    sliders: list[dict[str, Any]] = [
        {"name": "epoch", "label": "epoch", "values": list(dict.fromkeys(epochs))},
        {"name": "model", "label": "cerebellum of the", "values": list(models)},
    ]
    top = 1.05 * float(_fold_histogram(run.coupling_histogram.mean("seed")).max())
    height = 1.05 * float(run.train_error.mean("seed").max())
    last = int(run.recorded_epoch[-1])
    over = {"kind": "curves", "x": "epoch", "right": last}
    spec = {
        "name": name,
        "title": "Coupling of cortex and granule cells over learning",
        "sliders": sliders,
        "panels": [
            {"kind": "curves", "title": "Active pairs", "x": "|r|", "y": "share of pairs", "right": 1, "top": top},
            {**over, "title": "Coupling", "y": "mean |r|", "top": 1},
            {**over, "title": "Active granule cells", "y": "share", "top": 1},
            {**over, "title": "Learning", "y": "training error per taught step", "top": height},
        ],
        "styles": STYLES | _READINGS,
        "cells": build_cells(sliders, lambda epoch, model: _cell(run.sel(model=models[model]), epoch, height)),
        "start": [nearest_position("epoch", epoch, sliders[0]["values"]), position_of("model", model, list(models))],
        "note": f"Stored: {run.sizes['seed']} networks at published size; bands: s.e.m. Active: silent granule cells "
        "left out. All: silent cells count as r = 0.",
    }
    return Explorer(spec)


def _cell(run: xr.Dataset, epoch: int, height: float) -> Cell:
    """What the networks of one model show at an epoch; ``height`` is the top of the panel of learning."""
    style, count = str(run.model.values), run.sizes["seed"]
    now = run.sel(recorded_epoch=epoch)
    folded = _fold_histogram(now.coupling_histogram)
    bins = folded.shape[-1]
    middles = (np.arange(bins) + 0.5) / bins
    sampled = run.sel(recorded_epoch=[e for e in run.recorded_epoch.values if _has_point(int(e))])
    taught = run.train_error.sel(epoch=[e for e in run.epoch.values if _has_point(int(e))])
    everyone = coupling_of_all_cells(sampled)
    say = (
        f"Epoch {epoch}, {STYLES[style]['label']}: mean |r| is {float(now.coupling.mean()):.2f} over the granule cells "
        f"that are active, and {float(coupling_of_all_cells(now).mean()):.2f} over all of them, for only "
        f"{1 - float(now.silent_granules.mean()):.0%} are active (means of {count} networks)."
    )
    panels = [
        {"x": round_numbers(middles), "series": [mean_curve(style, xr.DataArray(folded, dims=("seed", "bin")))]},
        _marked_curves(epoch, 1.0, sampled.recorded_epoch.values, {"active": sampled.coupling, "all": everyone}),
        _marked_curves(epoch, 1.0, sampled.recorded_epoch.values, {style: 1 - sampled.silent_granules}),
        _marked_curves(epoch, height, taught.epoch.values, {style: taught}),
    ]
    return {"panels": panels, "say": say}


def _marked_curves(epoch: int, top: float, epochs: np.ndarray, curves: Mapping[str, xr.DataArray]) -> dict[str, Any]:
    """Curves over epochs with a mark at one of them, a vertical line."""
    series = [mean_curve(style, values) for style, values in curves.items()]
    return {
        "x": epochs.tolist(),
        "series": [*series, {"style": "now", "x": [epoch, epoch], "y": [0, round_numbers(top)]}],
    }


def _fold_histogram(histogram: xr.DataArray) -> np.ndarray:
    """The distribution of |r| from that of r, whose bins lie symmetrically around 0."""
    half = histogram.sizes["r"] // 2
    values = histogram.transpose(..., "r").values
    return values[..., half:] + values[..., :half][..., ::-1]


def _has_point(epoch: int) -> bool:
    """Whether a curve has a point at this epoch; denser where more happens."""
    return epoch <= 20 or (epoch % 10 == 0 and epoch <= 100) or epoch % 50 == 0
