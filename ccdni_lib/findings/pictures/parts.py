"""What figures have in common: curves of means, looks that tell things apart, labels of axes, and checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from ...engine.settings import SettingError
from ...tasks import TASKS, describe_variables, find_task

One = TypeVar("One")
Look = TypeVar("Look")
_COLORS = ("#7d7d7d", "#d97000", "#0097a7", "#8a4fbf", "#2e7d32")
_DASHES: Sequence[Any] = ("-", (0, (5, 2)), (0, (2, 2)), (0, (7, 2, 2, 2)), (0, (1, 1)))


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

    Raises:
        SettingError: when the values have more dims.

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
    along = [str(dim) for dim in values.dims if dim != "seed"]
    check_dims(values, "seed", along[-1] if along else "epoch")
    mean = values.mean("seed")
    x = mean[mean.dims[0]].values
    axes.plot(x, mean.values, **style)
    if values.sizes["seed"] > 1:
        sem = values.std("seed", ddof=1) / (values.notnull().sum("seed") if count is None else count) ** 0.5
        low, high = (mean - sem).values, (mean + sem).values
        if floor is not None:
            low = np.maximum(low, floor * mean.values)
        axes.fill_between(x, low, high, color=style["color"], alpha=0.2 * style.get("alpha", 1), linewidth=0)


def check_dims(values: xr.DataArray, *wanted: str) -> None:
    """Refuse values that cannot be drawn as they are: with a dimension too many, or without one that is needed.

    Args:
        values: to draw.
        wanted: the dimensions that a figure draws.

    Raises:
        SettingError: naming the dimension.

    Example:
        >>> errors = xr.DataArray(np.zeros((3, 2, 4)), {"truncation": [1, 2, 5]}, ("truncation", "seed", "epoch"))
        >>> check_dims(errors.sel(truncation=1), "seed", "epoch")
        >>> check_dims(errors, "seed", "epoch")
        Traceback (most recent call last):
        ...
        ccdni_lib.engine.settings.SettingError: truncation: must be selected to draw this, as in .sel(truncation=1), one of 1, 2, 5
    """  # noqa: E501
    for dim in map(str, values.dims):
        if dim not in wanted:
            known = values[dim].values.tolist()
            raise SettingError(
                f"{dim}: must be selected to draw this, as in .sel({dim}={known[0]!r}), one of "
                f"{', '.join(map(str, known))}"
            )
    for dim in wanted:
        if dim not in values.dims:
            there = ", ".join(map(str, values.dims))
            raise SettingError(f"{dim}: must be a dimension of what is drawn, which has {there or 'none'}")


def pair_with_looks(things: Iterable[One], looks: Sequence[Look], what: str) -> list[tuple[One, Look]]:
    """Each thing that is drawn with the look that it is drawn in; never fewer than there are.

    Args:
        things: to draw.
        looks: colours, dashes or markers that can be told apart.
        what: the things are, for the sentence.

    Raises:
        SettingError: when there are more things than looks.

    Example:
        >>> pair_with_looks([1, 2], "osD", "intervals")
        [(1, 'o'), (2, 's')]
        >>> pair_with_looks([1, 2, 4], "os", "intervals")
        Traceback (most recent call last):
        ...
        ccdni_lib.engine.settings.SettingError: intervals 1, 2, 4: must be at most 2 to be told apart in one picture
    """
    things = list(things)
    if len(things) > len(looks):
        named = ", ".join(str(thing[0] if isinstance(thing, tuple) else thing) for thing in things)
        raise SettingError(f"{what} {named}: must be at most {len(looks)} to be told apart in one picture")
    return list(zip(things, looks[: len(things)], strict=True))


def distinct_lines(count: int) -> list[dict[str, Any]]:
    """Looks of so many lines, all different: colours first, then other dashes; 25 can be told apart.

    Example:
        >>> looks = distinct_lines(7)
        >>> len({(look["color"], look["linestyle"]) for look in looks})
        7
    """
    looks = [
        {"color": color, "linestyle": _DASHES[(number + turn) % len(_DASHES)]}
        for turn in range(len(_DASHES))
        for number, color in enumerate(_COLORS)
    ]
    return [look for _, look in pair_with_looks(range(1, count + 1), looks, "curves")]


def error_label(run: xr.Dataset, name: str = "train_error") -> str:
    """What stands beside an axis of errors: what they are and their unit, as the run's task has them, in two lines.

    Args:
        run: from `train` or `sweep`, or stored.
        name: of the variable.

    Example:
        >>> runs = {task: xr.Dataset({"train_error": 1.0}, attrs={"task": task}) for task in TASKS}
        >>> print(error_label(runs["line-drawing"]))
        training squared distance
        per taught step
        >>> print(error_label(runs["seqmnist"]))
        training cross-entropy
        per taught step (nat)
    """
    if "long_name" not in run[name].attrs and run.attrs.get("task", "").partition(":")[0] in TASKS:
        run = describe_variables(run[[name]].assign_attrs(run.attrs), find_task(run.attrs["task"]))
    about = run[name].attrs
    text = about.get("long_name", name.replace("_", " ")).partition(",")[0].replace(" per ", "\nper ", 1)
    unit = about.get("units", "1")
    return text if unit == "1" else f"{text} ({unit})" if unit[0].isalpha() else f"{text} (in units of {unit})"
