"""Data of an explorer, short enough for a page: no finer than its picture, and nothing told twice."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Float

FINE = 200  # a panel's reach in the whole numbers of its paths
_WORTH = 16  # characters from which on a reference is shorter


def told_once(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A spec whose cells have ``{"$": i}`` for what occurs in several of them, which is ``shared[i]``.

    A page says so only once; explorer.js puts it back.

    Example:
        >>> cells = {place: {"panels": [{"x": [1, 2, 3, 4, 5, 6], "y": [place]}]} for place in "01"}
        >>> told_once({"cells": cells})["shared"]
        [[1, 2, 3, 4, 5, 6]]
        >>> told_once({"cells": cells})["cells"]["1"]
        {'panels': [{'x': {'$': 0}, 'y': ['1']}]}
    """
    often: Counter[str] = Counter()
    places: dict[str, int] = {}
    shared: list[Any] = []

    def inside(data: Any) -> list[Any]:
        return list(data.values()) if isinstance(data, dict) else data if isinstance(data, list) else []

    def count(data: Any) -> None:
        key = json.dumps(data)
        often[key] += 1
        if often[key] == 1:  # what is inside of a copy is told with it
            for part in inside(data):
                count(part)

    def tell(data: Any) -> Any:
        key = json.dumps(data)
        if not inside(data) or often[key] == 1 or len(key) < _WORTH:
            if isinstance(data, dict):
                return {name: tell(part) for name, part in data.items()}
            return [tell(part) for part in data] if isinstance(data, list) else data
        if key not in places:
            places[key] = len(shared)
            shared.append(data)
        return {"$": places[key]}

    count(spec["cells"])
    return {**spec, "cells": tell(spec["cells"]), "shared": shared}


def numbers(values: Any, digits: int = 3, top: float | None = None) -> Any:
    """Nested lists of numbers, short enough for a page; NaN becomes None.

    Args:
        values: numbers, as deep as they may be.
        digits: significant ones.
        top: of the axis that they are drawn on; a thousandth of it is as exact as the picture.

    Example:
        >>> numbers(np.array([[1.23456, float("nan")], [1e-7, 12345.6]]))
        [[1.23, None], [1e-07, 12300]]
        >>> numbers([12.345, 0.0123], top=20)
        [12.3, 0.01]
    """
    if isinstance(values, (list, tuple, np.ndarray)):
        return [numbers(value, digits, top) for value in values]
    if not math.isfinite(values):
        return None
    value = float(f"{values:.{digits}g}")
    if top and math.isfinite(top):
        value = round(value, 3 - math.floor(math.log10(top) + 1e-9))
    return int(value) if value.is_integer() else value


def curve(style: str, values: xr.DataArray, digits: int = 2, top: float | None = None) -> dict[str, Any]:
    """One series of a panel of curves: the mean over seeds, and a band of ± one standard error.

    Args:
        style: name of its looks.
        values: dims seed and another; a single seed has no band.
        digits: of the band.
        top: of the panel; None takes the curve's own.

    Example:
        >>> curve("crnn", xr.DataArray([[3.0, 2.0], [1.0, 2.0]], dims=("seed", "epoch")))
        {'style': 'crnn', 'y': [2, 2], 'band': [1, 0]}
    """
    mean, count = values.mean("seed"), values.sizes["seed"]
    top = top or float(abs(mean).max())
    series = {"style": style, "y": numbers(mean.values, top=top)}
    if count == 1:
        return series
    return series | {"band": numbers(values.std("seed", ddof=1).values / count**0.5, digits, top)}


def path(points: Float[np.ndarray, "point 2"], reach: float) -> list[int]:
    """A line of a drawing, flat: the first x and y, then how far each next point lies from the one before.

    In whole 200ths of the panel's reach, which is as exact as the picture; rounding does not add up.

    Args:
        points: N points of the plane; NaN (of a diverged network) becomes 0.
        reach: what the panel shows of the plane, to each side.

    Example:
        >>> path(np.array([[0.0, 1.0], [5.0, -2.51]]), reach=10)
        [0, 20, 100, -70]
    """
    places = np.rint(FINE * np.nan_to_num(points, posinf=0, neginf=0) / reach).astype(int)
    return np.diff(places, axis=0, prepend=0).ravel().tolist()


def looks(epochs: Sequence[int] | np.ndarray, count: int = 28) -> np.ndarray:
    """The epochs at which a curve gets its points, denser at the beginning, where more happens.

    Args:
        epochs: those that there are, ascending.
        count: how many are taken, about; all, where there are no more.

    Example:
        >>> looks(np.arange(1, 101), count=10)
        array([  1,   5,  11,  20,  30,  42,  55,  69,  84, 100])
    """
    epochs = np.asarray(epochs)
    if len(epochs) <= count:
        return epochs
    return epochs[np.unique(np.rint((len(epochs) - 1) * np.linspace(0, 1, count) ** 1.5).astype(int))]
