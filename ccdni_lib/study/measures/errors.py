"""What is measured of networks that have been trained. Datasets in, numbers out."""

from __future__ import annotations

import math

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike


def ataxia(errors: xr.DataArray, taught: xr.DataArray) -> xr.Dataset:
    """The ataxia score and its two parts: Σ L_t over the taught steps + Σ L_t over the untaught steps (P21 eq. 2).

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


def per_step(errors: xr.DataArray, share: xr.DataArray) -> xr.DataArray:
    """Error of a mean step, where sequences differ in length: of captions, bits per word, the end counted as one.

    Args:
        errors: of each step, averaged over the sequences that have it; with a dim "time".
        share: share of the sequences that have each step.

    Returns:
        The errors without "time".

    Example:
        >>> errors, share = (xr.DataArray(x, dims="time") for x in ([1.0, 4.0], [1.0, 0.5]))
        >>> per_step(errors, share).item()  # of two sequences, one has a second step
        2.0
    """
    return (errors * share).sum("time", skipna=False) / share.sum("time")


def distance_to_target(run: xr.Dataset) -> xr.DataArray:
    """How far a network is at each step from where it must be in the end: ‖ŷ_t - y_N‖, mean over cues (P20 Fig. 2c).

    Args:
        run: with ``output`` and ``target`` in a plane, as from `ccdni_lib.train` on a task with outputs x and y.

    Returns:
        In the units of the plane, with the dims "time" and those of ``output`` that ``target`` does not have.

    Example:
        >>> output = xr.DataArray([[[0.0, 0.0], [3.0, 4.0]]], dims=("cue", "time", "xy"))
        >>> target = xr.DataArray([[[0.0, 0.0], [6.0, 8.0]]], dims=("cue", "time", "xy"))
        >>> distance_to_target(xr.Dataset({"output": output, "target": target})).values
        array([10.,  5.])
    """
    gap = run.output - run.target.isel(time=-1)
    averaged = [dim for dim in run.target.dims if dim not in ("time", "xy")]
    return np.sqrt((gap**2).sum("xy")).mean(averaged)


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
