"""The explorer of sparse wiring: mossy fibres of a granule cell × granule cells, in target reaching."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import xarray as xr

from ....findings.figures.reaching.sparsity import BETTER, WORSE, Wiring
from ....findings.pictures.picture import STYLES
from ....study.experiments import load_result
from ....study.measures.errors import mean_sem
from ....study.measures.references import resting_reach_error
from ....study.runs.train import watch
from ...widget.anytask import learning_panel, progress_text
from ...widget.short import mean_bar, round_numbers
from ...widget.widget import Cell, Explorer, build_cells, start_positions

TASK, TRUNCATION = "target-reaching", 2
FRESH = list(range(100, 105))  # seeds that no stored result has
FULL = 0.25  # share of the cortex's error that is drawn in full colour


def wiring_explorer(name: str = "wiring", mossy_fibres: int = 4, expansion: float = 4, live: bool = True) -> Explorer:
    """Sliders for K and M/N over target reaching: the map of all of them, learning curves, and how each network ends.

    Stored: ten seeds at published size, T = 2 (experiments "reaching-map" and "reaching"). Live: five other seeds, so
    that whoever finds a good place on the map can see whether it is one.

    Args:
        name: of the explorer, unique in a page; its sliders stand in the page's address under it.
        mossy_fibres: K, where its slider stands at first; 1, 4, 8, 12 or 20 fibres of each granule cell.
        expansion: M/N, where its slider stands at first; 1, 2, 4, 10 or 20 granule cells a mossy fibre.
        live: whether a moved slider trains, where there is a kernel.

    Returns:
        The explorer; panels: map of where sparse wiring helps, learning curves, the error of each network at the end.

    Raises:
        SettingError: when a slider does not have the value.

    Example:
        >>> wiring_explorer(mossy_fibres=8)
        <explorer wiring: mossy_fibres 8, expansion 4>
    """
    sparse, alone = load_result("reaching-map"), load_result("reaching").sel(truncation=TRUNCATION, model="crnn")
    fibres = int(sparse.mossy_fibres.max())  # all of them
    kept, cells = sparse.mossy_fibres.values.tolist(), sparse.granule_cells.values.tolist()
    expansions = round_numbers([M / fibres for M in cells])
    gain = Wiring.of(TASK, sparse.sel(model="sccrnn"), alone, usual=4 * fibres).gain()
    sliders: list[dict[str, Any]] = [
        {"name": "mossy_fibres", "label": f"mossy fibres of a granule cell, K of {fibres}", "values": kept},
        {"name": "expansion", "label": "granule cells a mossy fibre, M/N", "values": expansions},
    ]

    def build(mossy_fibres: int, expansion: float) -> Cell:
        at = sparse.sel(granule_cells=round(expansion * fibres)).drop_vars("granule_cells")
        own, dense = (at.sel(mossy_fibres=K).drop_vars("mossy_fibres") for K in (mossy_fibres, fibres))
        run = _join_three_models(alone, dense, own)
        return wiring_cell(run, gain, mossy_fibres=mossy_fibres, expansion=expansion, fibres=fibres)

    def train(mossy_fibres: int, expansion: float) -> Iterator[tuple[Cell, str]]:
        settings: dict[str, Any] = {
            "truncation": TRUNCATION,
            "granule_cells": round(expansion * fibres),
            "seeds": FRESH,
            "every": 20,
        }
        whole = watch(TASK, ["crnn", "ccrnn"], **settings)
        for look, own in zip(whole, watch(TASK, ["sccrnn"], mossy_fibres=mossy_fibres, **settings), strict=True):
            cell = wiring_cell(
                _join_models([look, own]), gain, mossy_fibres=mossy_fibres, expansion=expansion, fibres=fibres
            )
            yield cell, f"{progress_text(look)} Seeds {FRESH[0]} to {FRESH[-1]}, which are not in the map."

    matrix = {"kind": "matrix", "x": "K", "y": "M/N", "columns": [str(K) for K in kept], "colors": [BETTER, WORSE]}
    curves = {"kind": "curves", "title": "Learning", "x": "epoch", "y": "squared distance at the last step"}
    spec = {
        "name": name,
        "title": "Target reaching: how few fibres, how many cells",
        "sliders": sliders,
        "panels": [
            {**matrix, "title": "Where sparse is better than none", "rows": [f"{x:g}" for x in expansions[::-1]]},
            {**curves, "top": 1.4 * resting_reach_error(TASK)},
            {"kind": "bars", "title": "In the end, network by network", "y": curves["y"], "parts": ["mean"]},
        ],
        "styles": STYLES
        | {"ccrnn": {**STYLES["ccrnn"], "label": f"K = {fibres}"}}
        | {"sccrnn": {**STYLES["sccrnn"], "label": "your K"}},
        "cells": build_cells(sliders, build),
        "start": start_positions(sliders, mossy_fibres, expansion),
        "note": f"Stored: {alone.sizes['seed']} seeds, {alone.epoch.values[-1]} epochs, T = {TRUNCATION}; bands: "
        "s.e.m. Map: teal where the mean error is below that of the cortex alone, grey where above.",
    }
    return Explorer(spec, train if live else None)


def wiring_cell(run: xr.Dataset, gain: xr.DataArray, mossy_fibres: int, expansion: float, fibres: int) -> Cell:
    """What one position of the sliders shows.

    Args:
        run: the three models, with ``ataxia_taught`` (model, seed, epoch); the dense one has as many granule cells.
        gain: of the whole map, dims mossy_fibres, granule_cells.
        mossy_fibres: K, for the mark and the sentence.
        expansion: M/N, for the mark and the sentence.
        fibres: N, how many mossy fibres there are.

    Returns:
        Data of the three panels, and ``say``, a sentence.
    """
    cells, error = round(expansion * fibres), run.ataxia_taught
    shade = (
        (gain / FULL).clip(-1, 1).transpose("granule_cells", "mossy_fibres").isel(granule_cells=slice(None, None, -1))
    )
    mark = [shade.granule_cells.values.tolist().index(cells), shade.mossy_fibres.values.tolist().index(mossy_fibres)]
    last = error.isel(epoch=-1)
    bars = [mean_bar(str(model), last.sel(model=model)) for model in last.model.values]
    return {
        "panels": [{"values": round_numbers(shade.values, 2), "mark": mark}, learning_panel(error), {"bars": bars}],
        "say": _sentence(last, mossy_fibres, cells, fibres),
    }


def _sentence(last: xr.DataArray, kept: int, cells: int, fibres: int) -> str:
    """How many synapses there are, the error of each model, and in how many pairs sparse wiring is ahead."""
    crnn, dense, own = (last.sel(model=model) for model in ("crnn", "ccrnn", "sccrnn"))
    ahead = int((own < crnn).sum())
    return (
        f"{cells} granule cells, each listening to {kept} of {fibres} mossy fibres: {kept * cells} of {fibres * cells} "
        f"synapses. Squared distance at the last step, mean ± s.e.m.: cortex alone {mean_sem(crnn)}, all synapses "
        f"{mean_sem(dense)}, these {mean_sem(own)}; ahead of the cortex alone in {ahead} of {own.size} pairs of twins."
    )


def _join_three_models(alone: xr.Dataset, dense: xr.Dataset, own: xr.Dataset) -> xr.Dataset:
    """Join the three models of one cell; the dense one is a sparse one whose granule cells listen to all fibres."""
    runs = [alone.drop_vars("truncation"), dense.sel(model="sccrnn"), own.sel(model="sccrnn")]
    return _join_models([run.assign_coords(model=m) for run, m in zip(runs, ("crnn", "ccrnn", "sccrnn"), strict=True)])


def _join_models(runs: list[xr.Dataset]) -> xr.Dataset:
    """Join what is shown of several models along the dim model."""
    shown = [run[["ataxia_taught"]] for run in runs]
    return xr.concat(shown, "model", data_vars="all", coords="minimal", compat="override", combine_attrs="override")
