"""What a claim reads off stored results: one number a network.

A *measure* takes the Dataset of one experiment and gives an array with the dim ``seed`` and those that the experiment
varies; a *sample* picks a point of it, or puts several together, and leaves the dim ``seed`` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np
import torch
import xarray as xr

from ...study.measures.errors import distance_to_target
from ...study.measures.statistics import rank_trend
from ...study.measures.variables import MEASURED
from ...tasks import find_task

Runs = Mapping[str, xr.Dataset]
Measure = Callable[[xr.Dataset], xr.DataArray]


class LacksError(LookupError):
    """A result does not have what a claim reads; one sentence that says what."""


@dataclass(frozen=True)
class Sample:
    """One number a network.

    Attributes:
        experiments: whose results it needs.
        read: gives it, with the dim ``seed``; raises LacksError where a result has no such variable or point.
    """

    experiments: tuple[str, ...]
    read: Callable[[Runs], xr.DataArray]


def sample_of(experiment: str, measure: Measure, **point: Any) -> Sample:
    """A measure at one point of an experiment; a list of values means their average.

    Example:
        >>> run = xr.Dataset({"error": (("model", "seed"), [[1.0, 2.0], [3.0, 5.0]])}, {"model": ["crnn", "ccrnn"]})
        >>> sample_of("some", lambda run: run.error, model="ccrnn").read({"some": run}).values.tolist()
        [3.0, 5.0]
        >>> sample_of("some", lambda run: run.error, model=["crnn", "ccrnn"]).read({"some": run}).values.tolist()
        [2.0, 3.5]
    """

    def read(runs: Runs) -> xr.DataArray:
        found = select(measure(runs[experiment]), **point)
        return found.mean([dim for dim in found.dims if dim != "seed"], skipna=False).reset_coords(drop=True)

    return Sample((experiment,), read)


def constant_sample(value: float) -> Sample:
    """The same number for each network, to hold others against."""
    return Sample((), lambda runs: xr.DataArray(value))


def scaled_sample(sample: Sample, factor: float) -> Sample:
    """So-and-so-many times a sample."""
    return Sample(sample.experiments, lambda runs: factor * sample.read(runs))


def log_ratio(one: Sample, other: Sample) -> Sample:
    """Natural logarithm of one over the other, network by network.

    Example:
        >>> halved = log_ratio(constant_sample(1.0), constant_sample(2.0)).read({})
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
    return log_ratio(
        sample_of(experiment, measure, model=model, **point), sample_of(experiment, measure, model=other, **point)
    )


def mean_sample(samples: Sequence[Sample]) -> Sample:
    """Mean of several samples, network by network."""

    def read(runs: Runs) -> xr.DataArray:
        return xr.concat([sample.read(runs) for sample in samples], "of", join="inner").mean("of", skipna=False)

    return Sample(tuple(dict.fromkeys(name for sample in samples for name in sample.experiments)), read)


def select(values: xr.DataArray, **point: Any) -> xr.DataArray:
    """What an array has at some of its labels; a list of labels keeps the dimension.

    Raises:
        LacksError: when it does not have such a label.
        KeyError: when it does not have such a dimension.

    Example:
        >>> values = xr.DataArray([1.0, 3.0], {"truncation": [1, 2]}, name="train_error")
        >>> select(values, truncation=2).item()
        3.0
        >>> select(values, truncation=[1, 5])
        Traceback (most recent call last):
        ...
        ccdni_lib.findings.claims.readings.LacksError: the result lacks truncation 5
    """
    for name, labels in point.items():
        wanted = labels if isinstance(labels, list) else [labels]
        lacking = [label for label in wanted if label not in values[name].values]
        if lacking:
            raise LacksError(f"the result lacks {name} {', '.join(map(str, lacking))}")
    return values.sel(point, drop=True)


def variable(name: str) -> Measure:
    """A variable, as it is.

    Raises:
        ValueError: when nothing that trains or measures gives a result such a variable.

    Example:
        >>> variable("ataxia_scroe")
        Traceback (most recent call last):
        ...
        ValueError: variable ataxia_scroe: is measured by nothing, did you mean ataxia_score?
    """
    if name not in MEASURED:
        alike = get_close_matches(name, MEASURED, 1)
        raise ValueError(f"variable {name}: is measured by nothing{f', did you mean {alike[0]}?' if alike else ''}")

    def read(run: xr.Dataset) -> xr.DataArray:
        if name not in run:
            raise LacksError(f"the result lacks {name}")
        return run[name]

    return read


def final_value(name: str) -> Measure:
    """A variable after the last epoch; errors as of `variable`."""
    read = variable(name)
    return lambda run: read(run).isel(epoch=-1)


def value_at_epoch(name: str, epoch: int) -> Measure:
    """A variable after an epoch, or the nearest that is kept; errors as of `variable`."""
    read = variable(name)
    return lambda run: read(run).sel(epoch=epoch, method="nearest")


def mean_over_learning(name: str) -> Measure:
    """Mean of a variable over all epochs: area under its learning curve (trapezium rule), divided by its length."""
    read = variable(name)
    return lambda run: read(run).integrate("epoch") / float(run.epoch[-1] - run.epoch[0])


def mean_over_first_half(name: str) -> Measure:
    """Mean of a variable over the first half of the epochs, or the first two where there are fewer than four.

    Example:
        >>> errors = ("epoch", [3.0, 2.0, 1.0, 9.0, 9.0, 9.0])
        >>> mean_over_first_half("train_error")(xr.Dataset({"train_error": errors}, {"epoch": np.arange(1, 7)})).item()
        2.0
    """
    mean = mean_over_learning(name)
    return lambda run: mean(run.sel(epoch=slice(None, max(2, int(run.epoch[-1]) // 2))))


def weighted(values: xr.DataArray, weight: xr.DataArray, dim: str) -> xr.DataArray:
    """Weighted mean over a dimension; NaN where a value that counts is NaN, or none counts.

    Example:
        >>> values, weight = xr.DataArray([2.0, 5.0, np.nan], dims="word"), xr.DataArray([2, 1, 0], dims="word")
        >>> weighted(values, weight, "word").item()
        3.0
    """
    return (values.where(weight > 0, 0) * weight).sum(dim, skipna=False) / weight.sum(dim)


def mean_step_error(take: Callable[[str], Measure]) -> Measure:
    """Validation error of a mean step, taught or not, from one of the measures above: the ataxia score over the steps.

    Example:
        >>> run = xr.Dataset({"ataxia_score": (("seed", "epoch"), [[9.0, 6.0]]), "taught": ("time", [True, False])})
        >>> mean_step_error(final_value)(run).item()
        3.0
    """
    return lambda run: take("ataxia_score")(run) / run.sizes["time"]


def error_rate(take: Callable[[str], Measure]) -> Measure:
    """Share of validation images that are not recognised, from one of the measures above.

    Example:
        >>> run = xr.Dataset({"validation_accuracy": (("seed", "epoch"), [[0.5, 0.75]])})
        >>> error_rate(final_value)(run).item()
        0.25
    """
    return lambda run: 1 - take("validation_accuracy")(run)


def square_root(measure: Measure) -> Measure:
    """Square root of a squared error: a distance, in units of the plane."""
    return lambda run: measure(run) ** 0.5


def untaught_per_step(run: xr.Dataset) -> xr.DataArray:
    """Squared error at the untaught steps after the last epoch, a step."""
    return final_value("ataxia_untaught")(run) / (~variable("taught")(run)).sum("time")


def roughness(run: xr.Dataset) -> xr.DataArray:
    """Mean squared length of y_{t+1} - 2 y_t + y_{t-1} of what is drawn, over cues and steps; 0 for even steps ahead.

    Example:
        >>> line = xr.DataArray([[[[0.0, 0], [1, 1], [2, 2], [3, 3]]]], dims=("seed", "cue", "time", "xy"))
        >>> roughness(xr.Dataset({"output": line})).item()
        0.0
    """
    bends = variable("output")(run).diff("time", 2)
    return (bends**2).sum("xy").mean([dim for dim in ("cue", "example", "time") if dim in bends.dims], skipna=False)


def distance_over_steps(run: xr.Dataset) -> xr.DataArray:
    """Distance to the target, averaged over the steps of the movement (P20 Fig. 2c), in units of the plane."""
    return distance_to_target(run).mean("time", skipna=False)


def share_of_standing_still(run: xr.Dataset) -> xr.DataArray:
    """Final error of a mean step, over that of a network that stays at the origin; for tasks with few examples."""
    examples = find_task(run.attrs["task"]).examples("validation", torch.float64, torch.device("cpu"))
    _, targets = examples.at(torch.arange(len(examples)))
    return mean_step_error(final_value)(run) / targets.square().sum(-1).mean().item()


def distance_from_median(measure: Measure) -> Measure:
    """How far each network lies from the median of its kind (Brown & Forsythe 1974), in the unit of the measure."""

    def apart(run: xr.Dataset) -> xr.DataArray:
        values = measure(run)
        return abs(values - values.median("seed"))

    return apart


def value_at_others_peak(curve: xr.DataArray, dim: str) -> xr.DataArray:
    """Each network's value where the mean of the *other* networks peaks.

    The greatest of many noisy values is greater than the rest for no reason. Where the others peak is chosen without
    looking at this network.

    Args:
        curve: dims ``seed`` and ``dim``, two networks or more; diverged ones are NaN.

    Returns:
        One number a network, with where it was read as the coordinate ``peak``.

    Example:
        >>> curve = xr.DataArray([[0.0, 1.0, 5.0], [0.0, 4.0, 1.0]], {"epoch": [0, 1, 2]}, ("seed", "epoch"))
        >>> value_at_others_peak(curve, "epoch").values.tolist()  # the second peaks at 1, the first at 2
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


def rank_trend_along(curve: xr.DataArray, dim: str) -> xr.DataArray:
    """Spearman's rank correlation of a curve with its coordinate, for each network, -1 … 1."""
    x = curve[dim].values
    return xr.apply_ufunc(lambda y: rank_trend(x, y), curve, input_core_dims=[[dim]], vectorize=True)
