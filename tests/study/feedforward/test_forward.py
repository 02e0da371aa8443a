"""Runs of forward DNI: correlations, the pairs that are followed, smoothing, and what a user is told."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import xarray as xr
from scipy.signal import savgol_filter

from ccdni_lib.engine.settings import SettingError
from ccdni_lib.engine.training.populations import correlations
from ccdni_lib.study.feedforward.forward import _follow, train_forward
from ccdni_lib.study.measures.smoothing import smooth

SHORT = {"seeds": [4, 9, 2], "batches": 40, "record_every": 20, "hidden": (16, 12), "granule_cells": 14, "pairs": 10}


@pytest.fixture(scope="module")
def run():
    return train_forward(device="cpu", **SHORT)


def test_a_dataset_has_all_looks(run):
    assert run.batch.values.tolist() == [0, 20, 40]
    assert run.strongest.shape == (3, 3, 2, 2, 2)
    assert run.corner.shape == (3, 2, 12, 12)
    assert run.train_error.shape == run.prediction_error.shape == (3, 40)
    assert run.attrs["diverged"] == 0


def test_before_learning_nothing_is_predicted(run):
    start = run.isel(batch=0)
    assert (start.activity.sel(population="nuclei") == 0).all()
    assert start.strongest.sel(part="nuclei").isnull().all()
    assert start.strongest.sel(part="granule").notnull().all()
    assert (start.explained < 0).all()


def test_pairs_picked_at_a_time_are_the_strongest_of_that_time(run):
    for partner in ("own", "other"):
        pairs = run.strongest.sel(part="granule", partner=partner)
        first, last = pairs.isel(batch=0), pairs.isel(batch=-1)
        assert (first.sel(picked="beginning") > first.sel(picked="end")).all()
        assert (last.sel(picked="end") > last.sel(picked="beginning")).all()
        assert (first.sel(picked="beginning") > run.mean_correlation.isel(batch=0).sel(part="granule")).all()


def test_nuclei_come_to_follow_their_own_units_and_no_others():
    run = train_forward(device="cpu", **SHORT | {"batches": 400, "record_every": 200}).isel(batch=-1)
    assert (run.matched.sel(partner="own") > 0.6).all()
    assert (abs(run.matched.sel(partner="other")) < 0.4).all()
    assert (run.explained > 0.4).all()
    assert (run.accuracy > 0.8).all()


def test_the_control_belongs_to_the_next_network(run):
    """The last network's control is the first's cortex: alone with it, in turned order, it has the same."""
    pair = train_forward(device="cpu", **SHORT | {"seeds": [2, 4]})
    np.testing.assert_allclose(
        run.mean_correlation.sel(seed=2, partner="other"), pair.mean_correlation.sel(seed=2, partner="other"), rtol=1e-4
    )


def test_correlations_against_numpy():
    a, b = torch.randn(2, 30, 4, dtype=torch.float64), torch.randn(2, 30, 3, dtype=torch.float64)
    for e in range(2):
        wanted = np.corrcoef(a[e].T.numpy(), b[e].T.numpy())[:4, 4:]
        np.testing.assert_allclose(correlations(a, b)[e].numpy(), wanted)


def test_a_unit_that_is_constant_has_no_correlation():
    a = torch.randn(1, 30, 2)
    a[..., 0] = 7.0
    assert correlations(a, a)[0].isnan().tolist() == [[True, True], [True, False]]


def test_followed_pairs_by_hand():
    looks = [np.zeros((1, 1, 4)), np.array([[[0.9, 0.8, 0.1, 0.2]]]), np.array([[[0.1, 0.4, 0.6, 0.2]]])]
    followed = _follow(looks, 2)[0, :, 0]
    np.testing.assert_allclose(followed, [[np.nan, np.nan], [0.85, 0.45], [0.25, 0.5]], rtol=1e-6)


def test_smoothing_is_scipys():
    values = np.random.default_rng(0).normal(size=(3, 40))
    data = xr.DataArray(values, dims=("seed", "step"))
    np.testing.assert_allclose(smooth(data), savgol_filter(values, 19, 3, axis=1))


def test_smoothing_needs_as_many_batches_as_its_window():
    with pytest.raises(ValueError, match=r"^window 19: must be at most 18, the number of batches$"):
        smooth(xr.DataArray(np.zeros(18), dims="step"))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"layer": 3}, "layer 3: must be a whole number 1…2, one of the hidden layers"),
        ({"layer": "h2"}, "layer h2: must be a whole number 1…20"),
        ({"seeds": [1]}, "seeds 1: must be 2 or more"),
        ({"pairs": 0}, "pairs 0: must be a whole number 1…100,000"),
        ({"bypass": "perhaps"}, "bypass perhaps: must be true or false"),
    ],
)
def test_a_users_mistake_is_one_sentence(given, sentence):
    with pytest.raises(SettingError) as caught:
        train_forward(**SHORT | given)
    assert str(caught.value).startswith(sentence)
