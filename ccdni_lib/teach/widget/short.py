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
from numpy.typing import ArrayLike

REACH_UNITS = 200  # a panel's reach in the whole numbers of its paths; explorer.js has the same
_SHORTEST_SHARED = 16  # characters; of anything shorter a reference would not be shorter


def share_repeats(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Make a spec shorter: what occurs in several cells stands once in ``shared``, and ``{"$": i}`` where it was.

    explorer.js puts ``shared[i]`` back in the place of ``{"$": i}``.

    Args:
        spec: of an explorer (`Explorer`).

    Returns:
        The spec, its cells with references, and the list ``shared``.

    Example:
        >>> cells = {place: {"panels": [{"x": [1, 2, 3, 4, 5, 6], "y": [place]}]} for place in "01"}
        >>> share_repeats({"cells": cells})["shared"]
        [[1, 2, 3, 4, 5, 6]]
        >>> share_repeats({"cells": cells})["cells"]["1"]
        {'panels': [{'x': {'$': 0}, 'y': ['1']}]}
    """
    counts: Counter[str] = Counter()  # how often each part occurs, as JSON
    places: dict[str, int] = {}  # of what is shared, in the list
    shared: list[Any] = []

    def parts_of(data: Any) -> list[Any]:
        return list(data.values()) if isinstance(data, dict) else data if isinstance(data, list) else []

    def count(data: Any) -> None:
        key = json.dumps(data)
        counts[key] += 1
        if counts[key] == 1:  # what is inside of a copy is shared with it
            for part in parts_of(data):
                count(part)

    def replace_repeats(data: Any) -> Any:
        key = json.dumps(data)
        if not parts_of(data) or counts[key] == 1 or len(key) < _SHORTEST_SHARED:
            if isinstance(data, dict):
                return {name: replace_repeats(part) for name, part in data.items()}
            return [replace_repeats(part) for part in data] if isinstance(data, list) else data
        if key not in places:
            places[key] = len(shared)
            shared.append(data)
        return {"$": places[key]}

    count(spec["cells"])
    return {**spec, "cells": replace_repeats(spec["cells"]), "shared": shared}


def round_numbers(values: Any, digits: int = 3, top: float | None = None) -> Any:
    """Round numbers to what a picture shows, so that they are short in a page; NaN and infinity become None.

    Args:
        values: a number, an array, or lists of numbers of any depth.
        digits: significant digits that are kept, 1 or more.
        top: upper end of the axis on which they are drawn; what is finer than a thousandth of it is rounded off.

    Returns:
        Numbers as deeply nested as ``values``.

    Example:
        >>> round_numbers(np.array([[1.23456, float("nan")], [1e-7, 12345.6]]))
        [[1.23, None], [1e-07, 12300]]
        >>> round_numbers([12.345, 0.0123], top=20)
        [12.3, 0.01]
    """
    if isinstance(values, (list, tuple, np.ndarray)):
        return [round_numbers(value, digits, top) for value in values]
    if not math.isfinite(values):
        return None
    value = float(f"{values:.{digits}g}")
    if top and math.isfinite(top):
        value = round(value, 3 - math.floor(math.log10(top) + 1e-9))
    return int(value) if value.is_integer() else value


def mean_curve(style: str, values: xr.DataArray, digits: int = 2, top: float | None = None) -> dict[str, Any]:
    """One series of a panel of curves: the mean over seeds, and a band of ± one standard error.

    Args:
        style: name of a style, which says how the curve looks.
        values: dims seed and another; a single seed has no band.
        digits: significant digits of the band, 1 or more.
        top: upper end of the panel's axis; None takes the largest value of the curve.

    Returns:
        ``style``, ``y`` (one number a point), and, of several seeds, ``band``.

    Example:
        >>> mean_curve("crnn", xr.DataArray([[3.0, 2.0], [1.0, 2.0]], dims=("seed", "epoch")))
        {'style': 'crnn', 'y': [2, 2], 'band': [1, 0]}
    """
    mean, count = values.mean("seed"), values.sizes["seed"]
    top = top or float(abs(mean).max())
    series = {"style": style, "y": round_numbers(mean.values, top=top)}
    if count == 1:
        return series
    return series | {"band": round_numbers(values.std("seed", ddof=1).values / count**0.5, digits, top)}


def encode_path(points: Float[np.ndarray, "point 2"], reach: float) -> list[int]:
    """Encode a line of a drawing as a flat list: the first x and y, then each next point relative to the one before.

    The unit is a 200th of the panel's reach, which is as exact as the picture; rounding does not add up. `decode_paths`
    is the inverse.

    Args:
        points: N points of the plane; NaN (of a diverged network) becomes 0.
        reach: what the panel shows of the plane, to each side.

    Example:
        >>> encode_path(np.array([[0.0, 1.0], [5.0, -2.51]]), reach=10)
        [0, 20, 100, -70]
    """
    places = np.rint(REACH_UNITS * np.nan_to_num(points, posinf=0, neginf=0) / reach).astype(int)
    return np.diff(places, axis=0, prepend=0).ravel().tolist()


def decode_paths(paths: Sequence[Sequence[int]], reach: float) -> Float[np.ndarray, "path point 2"]:
    """The points of lines that `encode_path` made, all of the same length.

    Args:
        paths: each flat, as `encode_path` returns it.
        reach: what the panel shows of the plane, to each side; more than 0.

    Example:
        >>> decode_paths([[0, 20, 100, -70]], reach=10).tolist()
        [[[0.0, 1.0], [5.0, -2.5]]]
    """
    steps = np.reshape(np.asarray(paths), (len(paths), -1, 2))
    return steps.cumsum(axis=1) * reach / REACH_UNITS


def mean_bar(style: str, values: ArrayLike, digits: int = 3) -> dict[str, Any]:
    """One bar of a panel of bars: the mean over networks, and a dot for each network.

    Args:
        style: name of a style, which says how the bar looks.
        values: one number a network; the mean leaves out NaN (diverged networks), and is 0 where nothing is left.
        digits: significant digits of the dots, 1 or more.

    Example:
        >>> mean_bar("crnn", [1.0, 2.0])
        {'style': 'crnn', 'parts': [1.5], 'dots': [1, 2]}
    """
    each = np.asarray(values)
    finite = each[np.isfinite(each)]
    mean = finite.mean() if finite.size else 0.0
    return {"style": style, "parts": round_numbers([mean]), "dots": round_numbers(each, digits)}


def pick_epochs(epochs: Sequence[int] | np.ndarray, count: int = 28) -> np.ndarray:
    """Pick the epochs at which a curve gets its points, denser at the beginning, where more happens.

    Args:
        epochs: those that there are, ascending.
        count: how many are picked at most, 2 or more; all, where there are no more.

    Returns:
        Some of ``epochs``, with the first and the last.

    Example:
        >>> pick_epochs(np.arange(1, 101), count=10)
        array([  1,   5,  11,  20,  30,  42,  55,  69,  84, 100])
    """
    epochs = np.asarray(epochs)
    if len(epochs) <= count:
        return epochs
    return epochs[np.unique(np.rint((len(epochs) - 1) * np.linspace(0, 1, count) ** 1.5).astype(int))]
