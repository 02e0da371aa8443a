"""The explorer of expansion: what a layer of granule cells makes of correlated mossy fibres."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import torch
from jaxtyping import Float

from ....engine.networks.network import Network, Sizes
from ....engine.settings import SettingError
from ....findings.pictures.picture import STYLES
from ....study.measures.populations import dimension, r_pop
from ...widget.short import mean_bar, round_numbers
from ...widget.widget import Cell, Explorer, build_cells, start_positions

FIBRES, PATTERNS, NETWORKS, SHOWN = 40, 800, 3, 10
KEPT, CELLS = [1, 2, 4, 8, 16, 40], [20, 40, 80, 160, 320]
SYNAPSES = ["of either sign", "excitatory"]


def mossy_patterns(correlation: float = 0.5) -> Float[np.ndarray, "patterns fibres"]:
    """Activity of mossy fibres that have a signal in common: normal, variance 1, and every pair equally correlated.

    Args:
        correlation: of each pair of fibres, 0 … 1.

    Returns:
        Activity of 40 fibres to 800 patterns, ``(800, 40)``; the same at each call.

    Raises:
        SettingError: when the correlation is out of range.

    Example:
        >>> np.corrcoef(mossy_patterns(0.5).T)[0, 1].round(1)
        np.float64(0.5)
    """
    if not 0 <= correlation <= 1:
        raise SettingError(f"correlation {correlation}: must be a number 0…1")
    rng = np.random.default_rng(0)
    common, own = rng.standard_normal((PATTERNS, 1)), rng.standard_normal((PATTERNS, FIBRES))
    return np.sqrt(correlation) * common + np.sqrt(1 - correlation) * own


def expand(
    mossy: Float[np.ndarray, "patterns fibres"], cells: int, kept: int, excitatory: bool = False
) -> Float[np.ndarray, "networks patterns cells"]:
    """Activity of the granule cells of new, untrained cerebella.

    Args:
        mossy: activity of an even number of mossy fibres to patterns, ``(patterns, fibres)``.
        cells: M, granule cells; 1 or more.
        kept: K, mossy fibres that each of them listens to; 1 … all.
        excitatory: whether all of these synapses are made positive; else they have either sign, as they are drawn.

    Returns:
        Activity of three cerebella, ``(3, patterns, cells)``, 0 or more.

    Raises:
        SettingError: when the number of fibres is odd, or that of cells or of kept fibres is out of range.

    Example:
        >>> expand(mossy_patterns(), cells=80, kept=4).shape
        (3, 800, 80)
    """
    fibres = mossy.shape[1]
    if fibres % 2 or not fibres:
        raise SettingError(f"mossy fibres {fibres}: must be an even number, 2 or more, one for each h and each c")
    if cells < 1:
        raise SettingError(f"cells {cells}: must be a whole number, 1 or more")
    if not 1 <= kept <= fibres:
        raise SettingError(f"kept {kept}: must be a whole number 1…{fibres}, for there are {fibres} mossy fibres")
    sizes = Sizes(
        inputs=1, units=fibres // 2, outputs=1, granule_cells=cells, mossy_fibres=kept if kept < fibres else None
    )
    network = Network.draw(sizes, seeds=range(NETWORKS))
    assert network.cerebellum is not None
    if excitatory:
        network.weights["granule0_weight"].abs_()
    states = torch.from_numpy(mossy).float().expand(NETWORKS, -1, -1)
    return network.cerebellum.predict(states)[1].numpy().astype(float)


def expansion_explorer(
    name: str = "expansion", kept: int = 4, cells: int = 160, synapses: str = "of either sign"
) -> Explorer:
    """Sliders for K, M and the sign of synapses over how much alike granule cells are, and in how many ways they vary.

    Args:
        name: of the explorer, unique in a page; its sliders stand in the page's address under it.
        kept: K, where its slider stands at first; one of `KEPT`, mossy fibres of each granule cell.
        cells: M, where its slider stands at first; one of `CELLS`, granule cells.
        synapses: where the last slider stands at first, "of either sign" or "excitatory".

    Returns:
        The explorer; panels: correlations of ten granule cells, population correlation, dimension of the activity.

    Raises:
        SettingError: when a slider does not have the value.

    Example:
        >>> expansion_explorer()
        <explorer expansion: kept 4, cells 160, synapses of either sign>
    """
    sliders: list[dict[str, Any]] = [
        {"name": "kept", "label": "mossy fibres of each granule cell, K", "values": KEPT},
        {"name": "cells", "label": "granule cells, M", "values": CELLS},
        {"name": "synapses", "label": "their synapses are", "values": SYNAPSES},
    ]
    labels = [str(number) if number in (1, 5, SHOWN) else "" for number in range(1, SHOWN + 1)]
    matrix = {"kind": "matrix", "x": "granule cell", "y": "granule cell", "rows": labels, "columns": labels}
    styles = {
        "mossy": {"color": "#7d7d7d", "dash": "", "label": "mossy"},
        "dense": {"color": "#d97000", "dash": "", "label": f"K = {FIBRES}"},
        "sparse": {"color": "#0097a7", "dash": "", "label": "your K"},
    }
    spec = {
        "name": name,
        "title": "What granule cells make of correlated mossy fibres",
        "sliders": sliders,
        "panels": [
            {**matrix, "title": f"Correlations of {SHOWN} granule cells", "colors": ["#d97000", "#8a4fbf"]},
            {"kind": "bars", "title": "Population correlation", "y": "r_pop", "parts": ["mean of 3 networks"]},
            {"kind": "bars", "title": "Dimension of the activity", "y": "dimension", "parts": ["mean of 3 networks"]},
        ],
        "styles": STYLES | styles,
        "cells": build_cells(sliders, _cell),
        "start": start_positions(sliders, kept, cells, synapses),
        "note": f"{PATTERNS} patterns on {FIBRES} mossy fibres, every pair of them correlated by 0.5; untrained "
        "networks, a dot for each. Correlations: orange positive, purple negative, fainter is weaker. Mind the axes.",
    }
    return Explorer(spec)


def _cell(kept: int, cells: int, synapses: str) -> Cell:
    """Correlations of granule cells with few fibres each, beside those of mossy fibres and of cells with all fibres."""
    correlations, measured = _measure_granule_cells(kept, cells, synapses)
    layers = {
        "mossy": _measure_mossy_fibres(),
        "dense": _measure_granule_cells(FIBRES, cells, synapses)[1],
        "sparse": measured,
    }
    bars = [[mean_bar(style, values[number]) for style, values in layers.items()] for number in (0, 1)]
    panels: list[Cell] = [{"values": correlations}, *({"bars": each} for each in bars)]
    means = {style: [value.mean() for value in values] for style, values in layers.items()}
    listens = f"all {FIBRES}" if kept == FIBRES else f"{kept} of {FIBRES}"
    say = (
        f"{cells} granule cells for {FIBRES} mossy fibres, each listening to {listens} through synapses that are "
        f"{synapses}. Population correlation: {means['mossy'][0]:.2f} in the mossy fibres, {means['sparse'][0]:.2f} in "
        f"the granule cells. Dimension: {means['mossy'][1]:.1f} and {means['sparse'][1]:.1f}."
    )
    return {"panels": panels, "say": say}


@cache
def _measure_granule_cells(
    kept: int, cells: int, synapses: str
) -> tuple[list[list[float | None]], tuple[np.ndarray, np.ndarray]]:
    """Correlations of some granule cells of one network; population correlation and dimension of three."""
    activity = expand(mossy_patterns(), cells, kept, excitatory=synapses == "excitatory")
    with np.errstate(invalid="ignore", divide="ignore"):  # a cell that is always silent correlates with none
        shown = round_numbers(np.corrcoef(activity[0, :, :SHOWN].T), 2)
    return shown, (np.asarray(r_pop(activity)), np.asarray(dimension(activity)))


@cache
def _measure_mossy_fibres() -> tuple[np.ndarray, np.ndarray]:
    """Population correlation and dimension of the mossy fibres."""
    mossy = mossy_patterns()[None]
    return np.asarray(r_pop(mossy)), np.asarray(dimension(mossy))
