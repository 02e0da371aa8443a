"""Measures against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import ccdni_lib as cc
from ccdni_lib.study.measures.errors import ataxia, distance_to_target, mean_sem


def test_ataxia_of_many_networks_with_different_teachers():
    errors = xr.DataArray(np.arange(12.0).reshape(2, 2, 3), dims=("interval", "seed", "time"))
    taught = xr.DataArray([[True, True, True], [True, False, False]], dims=("interval", "time"))
    parts = ataxia(errors, taught)
    np.testing.assert_array_equal(parts.ataxia_taught, [[0 + 1 + 2, 3 + 4 + 5], [6, 9]])
    np.testing.assert_array_equal(parts.ataxia_untaught, [[0, 0], [7 + 8, 10 + 11]])
    np.testing.assert_array_equal(parts.ataxia_score, errors.sum("time"))


def test_a_diverged_network_has_no_score():
    errors = xr.DataArray([[1.0, np.nan, 2.0]], dims=("seed", "time"))
    parts = ataxia(errors, xr.DataArray([True, False, False], dims="time"))
    assert parts.ataxia_score.isnull().all()


def test_mean_sem_by_hand():
    assert mean_sem([1.0, 2.0, 3.0, 4.0]) == "2.5 ± 0.6"  # sd 1.291, over the root of 4
    assert mean_sem([100.0, 200.0]) == "150 ± 50"
    assert mean_sem([1.0, np.nan, 3.0]) == "2 ± 1"
    assert mean_sem([5.0]) == "5"
    assert mean_sem([np.nan]) == "all diverged"


def test_distance_to_target_is_that_of_a_network_that_never_moves():
    """Six of seven targets are 10 away, one is where it stands."""
    run = cc.train("target-reaching", "crnn", seeds=2, epochs=1, progress=False, device="cpu")
    still = run.assign(output=0 * run.output)
    distance = distance_to_target(still)
    assert distance.dims == ("seed", "time")
    np.testing.assert_allclose(distance, 60 / 7, rtol=1e-6)
    step = run.output.sel(seed=1, cue=-2, time=9) - run.target.sel(cue=-2, time=9)
    one = distance_to_target(run.sel(cue=[-2])).sel(seed=1, time=9)
    assert one.item() == pytest.approx(np.hypot(*step.values))
