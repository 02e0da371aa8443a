"""The explorer of decoupled layers: which of them learn from a prediction, and whose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import xarray as xr

from ....study.experiments import load_result
from ....study.feedforward.spatial import watch_spatial
from ....study.measures.errors import mean_sem
from ...widget.short import mean_curve
from ...widget.widget import Cell, Explorer, build_cells, position_of

WORDS = {
    "none": "silence",
    "fixed": "a random synthesiser",
    "learned": "a synthesiser that learns",
    "told": "one that knows the label",
    "oracle": "the true gradient",
}
STYLES = {
    "backprop": {"color": "#7d7d7d", "dash": "5 3", "label": "backprop"},
    "this": {"color": "#d97000", "dash": "", "label": "this net"},
    "1": {"color": "#0097a7", "dash": "", "label": "layer 1"},
    "2": {"color": "#8a4fbf", "dash": "6 2", "label": "layer 2"},
    "3": {"color": "#2e7d32", "dash": "2 3", "label": "layer 3"},
}
_LIVE: dict[str, Any] = {"seeds": 4, "batches": 900, "record_every": 100, "device": "cpu"}


def decoupling_explorer(name: str = "decoupling", decoupled: str = "1+2+3", teacher: str = "learned") -> Explorer:
    """Sliders for the decoupled layers and for what they listen to.

    Stored: ten networks of three hidden layers on small digits (result "spatial-digits"). Live: four of them, for fewer
    batches.

    Args:
        name: of the explorer, unique in a page; its sliders stand in the page's address under it.
        decoupled: which layers are decoupled at first: "none", "1", "2", "3" or "1+2+3".
        teacher: what these layers learn from at first, a key of `WORDS`: "none", "fixed", "learned", "told", "oracle".

    Returns:
        The explorer; panels: share of held-out digits got wrong, cosine of guess and gradient, readouts of each layer.

    Raises:
        SettingError: when there are no such layers, or no such teacher.

    Example:
        >>> decoupling_explorer()
        <explorer decoupling: decoupled 1+2+3, teacher a synthesiser that learns>
    """
    grid = load_result("spatial-digits")
    layers, teachers = grid.decoupled.values.tolist(), grid.teacher.values.tolist()
    words = [WORDS[each] for each in teachers]
    sliders: list[dict[str, Any]] = [
        {"name": "decoupled", "label": "decoupled layers", "values": layers},
        {"name": "teacher", "label": "they learn from", "values": words},
    ]

    def cell(decoupled: str, teacher: str) -> Cell:
        return _cell(grid.sel(decoupled=decoupled, teacher=teachers[words.index(teacher)]), grid, decoupled, teacher)

    def train(decoupled: str, teacher: str) -> Iterator[tuple[Cell, str]]:
        chosen = [int(layer) for layer in decoupled.split("+") if layer != "none"]
        for run in watch_spatial(decoupled=chosen, teacher=teachers[words.index(teacher)], **_LIVE):
            done = int(run.batch[-1])
            end = "Trained here" if done == _LIVE["batches"] else f"training: batch {done} of {_LIVE['batches']}"
            yield _cell(run, grid, decoupled, teacher), f"{end}: {run.sizes['seed']} networks."

    curves = {"kind": "curves", "x": "batches learned", "top": 1}
    spec = {
        "name": name,
        "title": "Decoupled layers and their teachers",
        "sliders": sliders,
        "styles": STYLES,
        "panels": [
            {**curves, "title": "Held-out digits not recognised", "y": "share"},
            {**curves, "title": "Is the guess right?", "y": "cosine"},
            {**curves, "title": "What the layers hold", "y": "share got wrong"},
        ],
        "cells": build_cells(sliders, cell),
        "start": [position_of("decoupled", decoupled, layers), position_of("teacher", teacher, teachers)],
        "note": f"Stored: {grid.sizes['seed']} networks, 64-64-64-64-10. Middle: cosine of each layer's guess, "
        "heeded or not, and its true gradient; "
        "below 0 is drawn at 0. Right: what a new linear readout of each layer gets wrong.",
    }
    return Explorer(spec, train)


def _cell(run: xr.Dataset, grid: xr.Dataset, decoupled: str, teacher: str) -> Cell:
    """What networks of one setting show beside those of backpropagation, which are in the grid."""
    whole = grid.sel(decoupled="none", teacher="oracle").sel(batch=run.batch)
    errors = {"backprop": 1 - whole.accuracy, "this": 1 - run.accuracy}
    by_layer = (run.alignment.clip(min=0), 1 - run.readable)
    parts = [errors, *({str(i): values.sel(layer=i) for i in run.layer.values} for values in by_layer)]
    panels = [
        {
            "x": run.batch.values.tolist(),
            "series": [mean_curve(name, values, top=1) for name, values in part.items() if values.notnull().any()],
        }
        for part in parts
    ]
    right, of_whole = (mean_sem(100 * each.accuracy.isel(batch=-1)) for each in (run, whole))
    which = {"none": "Nothing is decoupled", "1+2+3": "All layers learn"}.get(decoupled, f"Layer {decoupled} learns")
    source = "" if decoupled == "none" else f" from {teacher}"
    say = (
        f"{which}{source}: after {int(run.batch[-1]):,} batches {right} % of the held-out digits are recognised, "
        f"against {of_whole} % with backpropagation."
    )
    return {"panels": panels, "say": say}
