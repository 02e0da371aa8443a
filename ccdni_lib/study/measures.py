"""What is measured of networks that have been trained. Datasets in, numbers out."""

from __future__ import annotations

import math

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike


def ataxia(errors: xr.DataArray, taught: xr.DataArray) -> xr.Dataset:
    """The ataxia score and its two parts: Σ L_t over the taught steps + Σ L_t over the untaught steps (N eq. 2).

    The first sum is what training minimises; the second is the error where the teacher was silent. Both are sums over
    steps: to compare feedback intervals, divide each by its number of steps.

    Args:
        errors: L_t of every step, with a dim "time"; in the unit of the loss (squared distance).
        taught: True at the steps of FB; dims "time" and any that ``errors`` has.

    Returns:
        ``ataxia_score``, ``ataxia_taught`` and ``ataxia_untaught``, without "time".

    Example:
        >>> errors = xr.DataArray([1.0, 2.0, 3.0], dims="time")
        >>> parts = ataxia(errors, xr.DataArray([True, False, True], dims="time"))
        >>> parts.ataxia_score.item(), parts.ataxia_taught.item(), parts.ataxia_untaught.item()
        (6.0, 4.0, 2.0)
    """
    parts = xr.Dataset(
        {
            "ataxia_taught": errors.where(taught, 0).sum("time", skipna=False),
            "ataxia_untaught": errors.where(~taught, 0).sum("time", skipna=False),
        }
    )
    return parts.assign(ataxia_score=parts.ataxia_taught + parts.ataxia_untaught)


def mean_sem(values: ArrayLike) -> str:
    """Mean ± standard error of the mean, to the digit that the error allows; NaN (diverged networks) left out.

    Args:
        values: one number a network.

    Example:
        >>> mean_sem([30.0, 35.0, 42.0]), mean_sem([0.0101, 0.0125, 0.0124])
        ('36 ± 3', '0.0117 ± 0.0008')
    """
    finite = np.asarray(values, dtype=float)
    finite = finite[np.isfinite(finite)]
    if not finite.size:
        return "all diverged"
    mean, sem = finite.mean(), finite.std(ddof=1) / math.sqrt(finite.size) if finite.size > 1 else math.nan
    if not sem > 0:
        return f"{mean:.3g}"
    digits = -math.floor(math.log10(sem))
    if digits > 5:
        return f"{mean:.2e} ± {sem:.0e}"
    return f"{round(mean, digits):.{max(digits, 0)}f} ± {round(sem, digits):.{max(digits, 0)}f}"
