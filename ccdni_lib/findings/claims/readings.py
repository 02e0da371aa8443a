"""What a claim reads off stored results: one number a network.

A *measure* takes the Dataset of one experiment and gives an array with the dim ``seed`` and those that the experiment
varies; a *sample* picks a point of it, or puts several together, and leaves the dim ``seed`` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import xarray as xr

from ...study.measures.errors import distance_to_target
from ...study.measures.statistics import rank_trend
from ...tasks import find_task

Runs = Mapping[str, xr.Dataset]
Measure = Callable[[xr.Dataset], xr.DataArray]


@dataclass(frozen=True)
class Sample:
    """One number a network.

    Attributes:
        experiments: whose results it needs.
        read: gives it, with the dim ``seed``; raises KeyError where a result has no such point.
    """

    experiments: tuple[str, ...]
    read: Callable[[Runs], xr.DataArray]


def of(experiment: str, measure: Measure, **point: Any) -> Sample:
    """A measure at one point of an experiment; a list of values means their average.

    Example:
        >>> run = xr.Dataset({"error": (("model", "seed"), [[1.0, 2.0], [3.0, 5.0]])}, {"model": ["crnn", "ccrnn"]})
        >>> of("some", lambda run: run.error, model="ccrnn").read({"some": run}).values.tolist()
        [3.0, 5.0]
        >>> of("some", lambda run: run.error, model=["crnn", "ccrnn"]).read({"some": run}).values.tolist()
        [2.0, 3.5]
    """

    def read(runs: Runs) -> xr.DataArray:
        found = measure(runs[experiment]).sel(point)
        return found.mean([dim for dim in found.dims if dim != "seed"], skipna=False).reset_coords(drop=True)

    return Sample((experiment,), read)


def constant(value: float) -> Sample:
    """The same number for each network, to hold others against."""
    return Sample((), lambda runs: xr.DataArray(value))


def scaled(sample: Sample, factor: float) -> Sample:
    """So-and-so-many times a sample."""
    return Sample(sample.experiments, lambda runs: factor * sample.read(runs))


def log_ratio(one: Sample, other: Sample) -> Sample:
    """Natural logarithm of one over the other, network by network.

    Example:
        >>> halved = log_ratio(constant(1.0), constant(2.0)).read({})
        >>> round(float(np.exp(halved)), 6)
        0.5
    """

    def read(runs: Runs) -> xr.DataArray:
        top, bottom = xr.align(one.read(runs), other.read(runs), join="inner")
        logarithm: xr.DataArray = np.log(top / bottom)  # type: ignore[assignment]
        return logarithm

    return Sample((*one.experiments, *other.experiments), read)


def benefit(experiment: str, measure: Measure, model: str = "ccrnn", other: str = "crnn", **point: Any) -> Sample:
    """Logarithm of a normalised error: of a model over its twin's, at one point of an experiment."""
    return log_ratio(of(experiment, measure, model=model, **point), of(experiment, measure, model=other, **point))


def average(samples: Sequence[Sample]) -> Sample:
    """Mean of several samples, network by network."""

    def read(runs: Runs) -> xr.DataArray:
        return xr.concat([sample.read(runs) for sample in samples], "of", join="inner").mean("of", skipna=False)

    return Sample(tuple(dict.fromkeys(name for sample in samples for name in sample.experiments)), read)


def at_end(name: str) -> Measure:
    """A variable after the last epoch."""
    return lambda run: run[name].isel(epoch=-1)


def at_epoch(name: str, epoch: int) -> Measure:
    """A variable after an epoch, or the nearest that is kept."""
    return lambda run: run[name].sel(epoch=epoch, method="nearest")


def over_learning(name: str) -> Measure:
    """Mean of a variable over all epochs: area under its learning curve (trapezium rule), divided by its length."""
    return lambda run: run[name].integrate("epoch") / float(run.epoch[-1] - run.epoch[0])


def early(name: str) -> Measure:
    """Mean of a variable over the first half of the epochs, or the first two where there are fewer than four.

    Example:
        >>> epoch = np.arange(1, 7)
        >>> early("error")(xr.Dataset({"error": ("epoch", [3.0, 2.0, 1.0, 9.0, 9.0, 9.0])}, {"epoch": epoch})).item()
        2.0
    """
    return lambda run: over_learning(name)(run.sel(epoch=slice(None, max(2, int(run.epoch[-1]) // 2))))


def weighted(values: xr.DataArray, weight: xr.DataArray, dim: str) -> xr.DataArray:
    """Weighted mean over a dimension; NaN where a value that counts is NaN, or none counts.

    Example:
        >>> values, weight = xr.DataArray([2.0, 5.0, np.nan], dims="word"), xr.DataArray([2, 1, 0], dims="word")
        >>> weighted(values, weight, "word").item()
        3.0
    """
    return (values.where(weight > 0, 0) * weight).sum(dim, skipna=False) / weight.sum(dim)


def mean_step(take: Callable[[str], Measure]) -> Measure:
    """Validation error of a mean step, taught or not, from one of the measures above: the ataxia score over the steps.

    Example:
        >>> run = xr.Dataset({"ataxia_score": (("seed", "epoch"), [[9.0, 6.0]]), "taught": ("time", [True, False])})
        >>> mean_step(at_end)(run).item()
        3.0
    """
    return lambda run: take("ataxia_score")(run) / run.sizes["time"]


def error_rate(take: Callable[[str], Measure]) -> Measure:
    """Share of validation images that are not recognised, from one of the measures above.

    Example:
        >>> run = xr.Dataset({"validation_accuracy": (("seed", "epoch"), [[0.5, 0.75]])})
        >>> error_rate(at_end)(run).item()
        0.25
    """
    return lambda run: 1 - take("validation_accuracy")(run)


def root(measure: Measure) -> Measure:
    """Square root of a squared error: a distance, in units of the plane."""
    return lambda run: measure(run) ** 0.5


def untaught_per_step(run: xr.Dataset) -> xr.DataArray:
    """Squared error at the untaught steps after the last epoch, a step."""
    return run.ataxia_untaught.isel(epoch=-1) / (~run.taught).sum("time")


def roughness(run: xr.Dataset) -> xr.DataArray:
    """Mean squared length of y_{t+1} - 2 y_t + y_{t-1} of what is drawn, over cues and steps; 0 for even steps ahead.

    Example:
        >>> line = xr.DataArray([[[[0.0, 0], [1, 1], [2, 2], [3, 3]]]], dims=("seed", "cue", "time", "xy"))
        >>> roughness(xr.Dataset({"output": line})).item()
        0.0
    """
    bends = run.output.diff("time", 2)
    return (bends**2).sum("xy").mean([dim for dim in ("cue", "example", "time") if dim in bends.dims], skipna=False)


def distance_over_steps(run: xr.Dataset) -> xr.DataArray:
    """Distance to the target, averaged over the steps of the movement (P20 Fig. 2c), in units of the plane."""
    return distance_to_target(run).mean("time", skipna=False)


def share_of_standing_still(run: xr.Dataset) -> xr.DataArray:
    """Final error of a mean step, over that of a network that stays at the origin; for tasks with few examples."""
    examples = find_task(run.attrs["task"]).examples("validation", torch.float64, torch.device("cpu"))
    _, targets = examples.at(torch.arange(len(examples)))
    return mean_step(at_end)(run) / targets.square().sum(-1).mean().item()


def spread(measure: Measure) -> Measure:
    """How far each network lies from the median of its kind (Brown & Forsythe 1974), in the unit of the measure."""

    def apart(run: xr.Dataset) -> xr.DataArray:
        values = measure(run)
        return abs(values - values.median("seed"))

    return apart


def at_others_peak(curve: xr.DataArray, dim: str) -> xr.DataArray:
    """Each network's value where the mean of the *other* networks peaks.

    The greatest of many noisy values is greater than the rest for no reason. Where the others peak is chosen without
    looking at this network.

    Args:
        curve: dims ``seed`` and ``dim``, two networks or more; diverged ones are NaN.

    Returns:
        One number a network, with where it was read as the coordinate ``peak``.

    Example:
        >>> curve = xr.DataArray([[0.0, 1.0, 5.0], [0.0, 4.0, 1.0]], {"epoch": [0, 1, 2]}, ("seed", "epoch"))
        >>> at_others_peak(curve, "epoch").values.tolist()  # the second peaks at 1, the first at 2
        [1.0, 1.0]
    """
    curve = curve.transpose("seed", dim)
    values = curve.values
    whole = np.isfinite(values).all(1)
    sums = np.where(whole[:, None], values, 0).sum(0)
    others = sums - np.where(whole[:, None], values, 0)
    places = others.argmax(1)
    picked = np.where(whole, values[np.arange(len(values)), places], np.nan)
    coords = {"peak": ("seed", curve[dim].values[places])}
    return curve.isel({dim: 0}, drop=True).copy(data=picked).assign_coords(coords)


def trend(curve: xr.DataArray, dim: str) -> xr.DataArray:
    """Spearman's rank correlation of a curve with its coordinate, for each network, -1 … 1."""
    x = curve[dim].values
    return xr.apply_ufunc(lambda y: rank_trend(x, y), curve, input_core_dims=[[dim]], vectorize=True)
