"""What networks are judged by once they are trained: one name for each error, in the unit that its task reports."""

from __future__ import annotations

import numpy as np
import xarray as xr

from .references import resting_line_error

LEARNED = 0.1  # of the error of who never moves: below that a network counts as having learned


def final_train_error(run: xr.Dataset) -> xr.DataArray:
    """Training error per taught step in the last epoch: the dims of ``train_error`` but epoch.

    Example:
        >>> run = xr.Dataset({"train_error": (("seed", "epoch"), [[4.0, 2.0], [4.0, 1.0]])})
        >>> final_train_error(run).values.tolist()
        [2.0, 1.0]
    """
    return run.train_error.isel(epoch=-1, drop=True)


def final_step_error(run: xr.Dataset) -> xr.DataArray:
    """Error of a mean step of line drawing, taught or not, after the last epoch: the dims of ``train_error`` but epoch.

    Args:
        run: from `train`, `sweep` or `watch`, whole or compact.

    Returns:
        Squared distance per step.

    Example:
        >>> run = xr.Dataset({"ataxia_score": ("epoch", [90.0, 50.0])}, {"time": range(10)})
        >>> final_step_error(run).item()
        5.0
    """
    return run.ataxia_score.isel(epoch=-1, drop=True) / run.sizes["time"]


def final_reach_error(run: xr.Dataset) -> xr.DataArray:
    """Squared distance from the target at the last step of target reaching, in validation after the last epoch.

    Args:
        run: of target reaching, whose only taught step is the last.

    Example:
        >>> final_reach_error(xr.Dataset({"ataxia_taught": ("epoch", [90.0, 50.0])})).item()
        50.0
    """
    return run.ataxia_taught.isel(epoch=-1)


def final_digit_error(run: xr.Dataset) -> xr.DataArray:
    """Error in validation after the last epoch: share of digits misread for seqMNIST, else that of a mean step.

    Args:
        run: compact, of a digit task; all 28 steps count, in the unit that the task reports.

    Example:
        >>> run = xr.Dataset({"validation_accuracy": ("epoch", [0.5, 0.75])}, attrs={"task": "seqmnist"})
        >>> final_digit_error(run).item()
        0.25
    """
    error = 1 - run.validation_accuracy if run.attrs["task"] == "seqmnist" else run.validation_mean
    return error.isel(epoch=-1)


def taught_error(run: xr.Dataset) -> xr.DataArray:
    """What a task is judged by, over epochs: share of digits misread for seqMNIST, else error per taught step.

    Args:
        run: whole or compact; validation, in the unit that the task reports.

    Example:
        >>> at = {"epoch": [1, 2], "time": [0, 1]}
        >>> run = xr.Dataset({"ataxia_taught": ("epoch", [8.0, 6.0]), "taught": ("time", [True, True])}, at)
        >>> taught_error(run.assign_attrs(task="line-drawing")).values.tolist()
        [4.0, 3.0]
    """
    if run.attrs["task"] == "seqmnist":
        return 1 - run.validation_accuracy
    return run.ataxia_taught / run.taught.sum("time")


def typical_ratio(run: xr.Dataset) -> xr.DataArray:
    """By what factor a cerebellum changes the error of a typical pair of twins: the geometric mean over seeds.

    Unlike the mean of ratios it does not depend on which of the two is divided by which.

    Args:
        run: of line drawing, with dims model (crnn, ccrnn) and seed.

    Example:
        >>> score = xr.DataArray([[[1.0], [1.0]], [[2.0], [0.5]]], dims=("model", "seed", "epoch"))
        >>> run = xr.Dataset({"ataxia_score": score, "time": [0]}, {"model": ["crnn", "ccrnn"]})
        >>> typical_ratio(run).item()  # twice as bad in one pair, twice as good in the other
        1.0
    """
    logarithm: xr.DataArray = np.log(twin_ratio(run))  # type: ignore[assignment]
    return np.exp(logarithm.mean("seed", skipna=False))  # type: ignore[return-value]


def twin_ratio(run: xr.Dataset) -> xr.DataArray:
    """Final error of the ccRNN divided by that of the cRNN of the same seed, in line drawing.

    Args:
        run: with dims model (crnn, ccrnn) and seed.
    """
    error = final_step_error(run)
    return error.sel(model="ccrnn", drop=True) / error.sel(model="crnn", drop=True)


def has_learned(run: xr.Dataset) -> xr.DataArray:
    """Whether networks have, on average over seeds, learned what they were taught of line drawing.

    They have if the error at the *taught* steps is below a tenth of the error there of who never moves.

    Args:
        run: compact, with dims model, seed, epoch and any others.

    Returns:
        Boolean, without seed and epoch.
    """
    resting = xr.DataArray(resting_line_error(), dims="time").where(run.taught).sum("time")
    return run.ataxia_taught.isel(epoch=-1, drop=True).mean("seed") < LEARNED * resting


def first_epoch_below(errors: xr.DataArray, criterion: float) -> np.ndarray:
    """First epoch that was kept at which an error is below the criterion, for each seed; inf where none is.

    Args:
        errors: dims seed, epoch.
        criterion: in their unit.

    Example:
        >>> errors = xr.DataArray([[3.0, 2.0, 0.5], [3.0, 3.0, 3.0]], {"epoch": [1, 5, 10]}, ("seed", "epoch"))
        >>> first_epoch_below(errors, 1.0).tolist()
        [10.0, inf]
    """
    below = (errors < criterion).transpose("seed", "epoch").values
    return np.where(below.any(-1), errors.epoch.values[below.argmax(-1)], np.inf)


def difference_to_twins(values: xr.DataArray) -> xr.DataArray:
    """What is more in each model with a cerebellum than in the cRNN of the same seed.

    Args:
        values: dims model, seed and others.

    Returns:
        Without the model "crnn".

    Example:
        >>> bits = xr.DataArray([[2.0, 3.0], [1.5, 3.5]], {"model": ["crnn", "ccrnn"]}, ("model", "seed"))
        >>> difference_to_twins(bits).values.tolist()
        [[-0.5, 0.5]]
    """
    others = [model for model in values.model.values if model != "crnn"]
    return values.sel(model=others) - values.sel(model="crnn", drop=True)


def coupling_of_all_cells(run: xr.Dataset) -> xr.DataArray:
    """Coupling when a silent granule cell counts as one that correlates with nothing, r = 0; 0 … 1.

    ``run.coupling`` leaves silent cells out instead. Their two readings agree where no cell is silent.

    Args:
        run: with ``coupling`` and ``silent_granules``.

    Example:
        >>> run = xr.Dataset({"coupling": ("seed", [0.6, np.nan]), "silent_granules": ("seed", [0.5, 1.0])})
        >>> coupling_of_all_cells(run).values.tolist()
        [0.3, 0.0]
    """
    return xr.where(run.silent_granules == 1, 0, run.coupling * (1 - run.silent_granules))
