"""What figures have in common: a curve of the mean over networks, with its standard error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes


def mean_band(
    axes: Axes, values: xr.DataArray, style: Mapping[str, Any], count: int | None = None, floor: float | None = None
) -> None:
    """Draw the mean over seeds, with a band of ± one standard error, both of the networks that have a value.

    A single network has no band.

    Args:
        axes: to draw on.
        values: with the dim seed and one other, along which it is drawn.
        style: of the line, as `Axes.plot` takes it, with ``color``; the band has the same, at a fifth of its opacity.
        count: how many networks have a value, where it is the same all along; by default it is counted place by place.
        floor: the share of the mean, 0 … 1, below which the band does not reach: a logarithmic axis has no zero.

    Example:
        >>> from ccdni_lib.findings.pictures.picture import drawing
        >>> errors = xr.DataArray([[4.0, 1.0], [8.0, 3.0]], {"epoch": [1, 2]}, ("seed", "epoch"))
        >>> with drawing(3, 2) as figure:
        ...     axes = figure.subplots()
        ...     mean_band(axes, errors, {"color": "black"})
        >>> axes.lines[0].get_ydata().tolist()
        [6.0, 2.0]
        >>> axes.collections[0].get_datalim(axes.transData).intervaly.tolist()  # from 2 - 1 to 6 + 2
        [1.0, 8.0]
    """
    mean = values.mean("seed")
    x = mean[mean.dims[0]].values
    axes.plot(x, mean.values, **style)
    if values.sizes["seed"] > 1:
        sem = values.std("seed", ddof=1) / (values.notnull().sum("seed") if count is None else count) ** 0.5
        low, high = (mean - sem).values, (mean + sem).values
        if floor is not None:
            low = np.maximum(low, floor * mean.values)
        axes.fill_between(x, low, high, color=style["color"], alpha=0.2 * style.get("alpha", 1), linewidth=0)
