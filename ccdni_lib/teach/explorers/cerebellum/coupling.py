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
from ...widget.short import curve, numbers
from ...widget.widget import Cell, Explorer, cells_of

_LOOKS = (0, 2, 6, *range(10, 21, 2), 30, 40, 60, 80, 100, 150, 250)
_READINGS = {
    "active": {"color": STYLES["ccrnn"]["color"], "dash": "", "label": "active"},
    "all": {"color": PURPLE, "dash": "2 3", "label": "all"},
    "now": {"color": "#7d7d7d", "dash": "", "label": "now"},
}


def coupling_explorer(name: str = "coupling", epoch: int = 20, model: str = "ccRNN") -> Explorer:
    """Sliders for the epoch and the model over the distribution of |r|, coupling, active cells and learning.

    Stored: ten networks of each model at published size (experiment "line-drawing-coupling").

    Args:
        name: of the explorer, unique in a page.
        epoch: where the slider stands at first; the nearest that there is.
        model: "ccRNN" or "sCC", where the other one stands.

    Example:
        >>> coupling_explorer()
        <explorer coupling: epoch 20, model ccRNN>
    """
    run = load_result("line-drawing-coupling")
    looks = run.recorded_epoch.sel(recorded_epoch=list(_LOOKS), method="nearest").values.tolist()
    models = {STYLES[str(key)]["label"]: str(key) for key in run.model.values}
    sliders: list[dict[str, Any]] = [
        {"name": "epoch", "label": "epoch", "values": list(dict.fromkeys(looks))},
        {"name": "model", "label": "cerebellum of the", "values": list(models)},
    ]
    top = 1.05 * float(_folded(run.coupling_histogram.mean("seed")).max())
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
        "cells": cells_of(sliders, lambda epoch, model: _cell(run.sel(model=models[model]), epoch, height)),
        "start": [int(np.abs(np.subtract(sliders[0]["values"], epoch)).argmin()), list(models).index(model)],
        "note": f"Stored: {run.sizes['seed']} networks at published size; bands: s.e.m. Active: silent granule cells "
        "left out. All: silent cells count as r = 0.",
    }
    return Explorer(spec)


def _cell(run: xr.Dataset, epoch: int, height: float) -> Cell:
    style, count = str(run.model.values), run.sizes["seed"]
    now = run.sel(recorded_epoch=epoch)
    folded = _folded(now.coupling_histogram)
    bins = folded.shape[-1]
    middles = (np.arange(bins) + 0.5) / bins
    sampled = run.sel(recorded_epoch=[e for e in run.recorded_epoch.values if _drawn(int(e))])
    taught = run.train_error.sel(epoch=[e for e in run.epoch.values if _drawn(int(e))])
    everyone = coupling_of_all_cells(sampled)
    say = (
        f"Epoch {epoch}, {STYLES[style]['label']}: mean |r| is {float(now.coupling.mean()):.2f} over the granule cells "
        f"that are active, and {float(coupling_of_all_cells(now).mean()):.2f} over all of them, for only "
        f"{1 - float(now.silent_granules.mean()):.0%} are active (means of {count} networks)."
    )
    panels = [
        {"x": numbers(middles), "series": [curve(style, xr.DataArray(folded, dims=("seed", "bin")))]},
        _course(epoch, 1.0, sampled.recorded_epoch.values, {"active": sampled.coupling, "all": everyone}),
        _course(epoch, 1.0, sampled.recorded_epoch.values, {style: 1 - sampled.silent_granules}),
        _course(epoch, height, taught.epoch.values, {style: taught}),
    ]
    return {"panels": panels, "say": say}


def _course(epoch: int, top: float, epochs: np.ndarray, curves: Mapping[str, xr.DataArray]) -> dict[str, Any]:
    """Curves over epochs with a mark at one of them, a vertical line."""
    series = [curve(style, values) for style, values in curves.items()]
    return {"x": epochs.tolist(), "series": [*series, {"style": "now", "x": [epoch, epoch], "y": [0, numbers(top)]}]}


def _folded(histogram: xr.DataArray) -> np.ndarray:
    """The distribution of |r| from that of r, whose bins lie symmetrically around 0."""
    half = histogram.sizes["r"] // 2
    values = histogram.transpose(..., "r").values
    return values[..., half:] + values[..., :half][..., ::-1]


def _drawn(epoch: int) -> bool:
    """Whether a curve has a point at this epoch; denser where more happens."""
    return epoch <= 20 or (epoch % 10 == 0 and epoch <= 100) or epoch % 50 == 0
