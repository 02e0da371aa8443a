"""The explorer of lesions: what is put out of action in a network that draws lines, and when."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import xarray as xr

from ....findings.figures.cerebellum.lesions import KINDS, LOOKS, NEVER, lesion_onsets
from ....findings.pictures.picture import STYLES
from ....study.experiments import load_result
from ....study.measures.errors import mean_sem
from ....study.runs.train import watch
from ....tasks import find_task, settings_for
from ...widget.anytask import learning_panel, progress_text
from ...widget.short import pick_epochs
from ...widget.widget import Cell, Explorer, build_cells, nearest_position, position_of
from ..lines.trajectories import REACH, ataxia_bar, drawing_panel

TASK = "line-drawing"
NETWORKS = ("crnn", "ccrnn", "lesioned")
TOP = 45  # of the learning curves; an error without any learning lies under their legend
_PURPLE = LOOKS[0][0]
_NAMES = {"crnn": "cRNN", "ccrnn": "ccRNN", "lesioned": "lesioned"}


def lesion_explorer(name: str = "lesions", kind: str = "cerebellum", epoch: int = 50, live: bool = True) -> Explorer:
    """Sliders for the kind of a lesion and its epoch, over learning curves, lines and ataxia scores.

    Stored: ten seeds at published size (experiment "line-drawing-lesions"). Live: five seeds of small networks,
    lesioned after the same share of their training.

    Args:
        name: of the explorer, unique in a page; its sliders stand in the page's address under it.
        kind: what is put out of action at first: "cerebellum", "olive" or "nuclei".
        epoch: of the lesion at first, 0 … 200; the nearest one that is stored.
        live: whether a moved slider trains, where there is a kernel.

    Returns:
        The explorer; panels: learning curves, what the network of median score draws, ataxia scores.

    Raises:
        SettingError: when there is no such kind of lesion, or the epoch is no number.

    Example:
        >>> lesion_explorer(kind="olive", epoch=100)
        <explorer lesions: kind olive, epoch 100>
    """
    run = load_result("line-drawing-lesions").sel(model="ccrnn", drop=True)
    epochs, last = list(lesion_onsets(run, "cerebellum")), int(run.epoch[-1])
    sliders: list[dict[str, Any]] = [
        {"name": "kind", "label": "what is put out of action", "values": list(KINDS), "unit": ""},
        {"name": "epoch", "label": "after how long", "values": epochs, "unit": "epochs"},
    ]

    def cell(kind: str, epoch: int) -> Cell:
        chosen = run.sel(lesion=[NEVER, "", f"{kind}@{epoch}"])
        return lesion_cell(chosen.rename(lesion="model").assign_coords(model=list(NETWORKS)), kind, epoch)

    def train(kind: str, epoch: int) -> Iterator[tuple[Cell, str]]:
        yield from _train(kind, epoch / last)

    spec = {
        "name": name,
        "title": "Lesions: what is put out of action, and when",
        "sliders": sliders,
        "panels": [
            {"kind": "curves", "title": "Learning", "x": "epoch", "y": "training error per taught step", "top": TOP},
            {"kind": "drawing", "title": "What the median network draws", "reach": REACH},
            {"kind": "bars", "title": "Ataxia score", "y": "summed squared distance", "parts": ["taught", "untaught"]},
        ],
        "styles": STYLES
        | {
            "lesioned": {"color": _PURPLE, "dash": "7 2 2 2", "label": "lesioned"},
            "mark": {"color": _PURPLE, "dash": "1 3", "label": "lesion"},
        },
        "cells": build_cells(sliders, cell),
        "start": [position_of("kind", kind, list(KINDS)), nearest_position("epoch", epoch, epochs)],
        "note": f"Stored: {run.sizes['seed']} seeds at published size, {last} epochs; bands: s.e.m. Up to the lesion, "
        "marked by a vertical line, the lesioned networks are the ccRNNs. Lines: the lesioned network and the cRNN.",
    }
    return Explorer(spec, train if live else None)


def lesion_cell(run: xr.Dataset, kind: str, epoch: int) -> Cell:
    """What one position of the sliders shows.

    Args:
        run: with dims model (those of `NETWORKS`), seed, epoch, cue, time, xy.
        kind: of the lesion, for the sentence.
        epoch: of the lesion, for the mark and the sentence.

    Returns:
        Data of the three panels, and ``say``, a sentence.
    """
    last = run.isel(epoch=-1)
    drawing = drawing_panel(last, [model for model in NETWORKS if model != "ccrnn"], feedback_interval=2)
    bars = [ataxia_bar(last, model) for model in NETWORKS]
    curves = _mark_lesion(run.train_error, epoch)
    return {"panels": [curves, drawing, {"bars": bars}], "say": _sentence(run, kind, epoch)}


def _mark_lesion(errors: xr.DataArray, onset: int) -> dict[str, Any]:
    """Data of learning curves; that of the lesioned networks has a point at the lesion, where a vertical line is."""
    epochs = pick_epochs(errors.epoch.values)
    data = learning_panel(errors.sel(model=["crnn", "ccrnn"]), epochs)
    there = np.intersect1d(errors.epoch, np.union1d(epochs, onset))
    own = learning_panel(errors.sel(model=["lesioned"]), there)
    data["series"].append({**own["series"][0], "x": own["x"]})
    if onset <= there[-1]:  # else still to come, where it is watched
        data["series"].append({"style": "mark", "x": [onset, onset], "y": [0, 0.62 * TOP]})
    return data


def _sentence(run: xr.Dataset, kind: str, epoch: int) -> str:
    """What the lesion stops, the ataxia scores, and in how many pairs the lesioned network does worse than its twin."""
    last = run.isel(epoch=-1)
    scores = [f"{_NAMES[name]} {mean_sem(last.ataxia_score.sel(model=name))}" for name in NETWORKS]
    worse = int((last.train_error.sel(model="lesioned") > last.train_error.sel(model="crnn")).sum())
    sent, learns = ("still" if kind == kept else "no longer" for kept in ("olive", "nuclei"))
    return (
        f"{kind}@{epoch}: after {epoch} of {int(run.epoch[-1])} epochs the cortex is {sent} sent predictions, and the "
        f"cerebellum {learns} learns. Ataxia score, mean ± s.e.m.: {', '.join(scores)}. The final training error of "
        f"a lesioned network is above that of its cRNN twin in {worse} of {run.sizes['seed']} pairs."
    )


def _train(kind: str, share: float) -> Iterator[tuple[Cell, str]]:
    """Train small networks, lesioned after a share of their training; give a cell and a status while they learn."""
    onset = round(share * settings_for(find_task(TASK), "live").epochs)
    whole, lesioned = watch(TASK), watch(TASK, ["ccrnn"], lesion=f"{kind}@{onset}")
    shown = ["train_error", "output", "ataxia_score", "ataxia_taught", "ataxia_untaught"]
    for pair, struck in zip(whole, lesioned, strict=True):
        three = xr.concat([pair[shown], struck[shown].assign_coords(model=["lesioned"])], "model")
        yield lesion_cell(three, kind, onset), progress_text(pair)
