"""Correlations of cells and of populations, against NumPy, SciPy, and cases worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import pearsonr

from ccdni_lib.engine.training.populations import correlations, mean_correlation, r_pop, variances


@pytest.fixture
def cells():
    """Two networks, 30 patterns, 6 cells."""
    return torch.from_numpy(np.random.default_rng(0).normal(size=(2, 30, 6)))


def turned(spread, seed=0, patterns=40):
    """Activity whose covariance has the eigenvalues ``spread``, in directions drawn at random."""
    rng = np.random.default_rng(seed)
    signals = rng.normal(size=(patterns, len(spread)))
    signals, _ = np.linalg.qr(signals - signals.mean(0))  # orthonormal, and each of mean 0
    directions, _ = np.linalg.qr(rng.normal(size=(len(spread),) * 2))
    return torch.from_numpy(signals * np.sqrt(np.multiply(spread, patterns - 1)) @ directions + 3.0)


def test_correlations_are_those_of_scipy_and_numpy(cells):
    other = cells[..., :4].cos() + 0.1 * cells[..., 1:5]
    r = correlations(cells, other)
    assert r.shape == (2, 6, 4)
    for e in range(2):
        np.testing.assert_allclose(r[e], np.corrcoef(cells[e].T, other[e].T)[:6, 6:], rtol=1e-10)
        assert r[e, 5, 2].item() == pytest.approx(pearsonr(cells[e, :, 5], other[e, :, 2]).statistic, rel=1e-10)


def test_correlations_know_no_scale_no_offset_and_turn_with_the_sign(cells):
    r = correlations(cells, cells)
    moved = correlations(7 * cells - 100, -0.01 * cells + 3)
    np.testing.assert_allclose(moved, -r, atol=1e-9)
    np.testing.assert_allclose(r.diagonal(dim1=-2, dim2=-1), 1, rtol=1e-12)


@pytest.mark.parametrize("value", [0.0, 1.0, 0.1, -1e4, 1e-20])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_constant_cell_correlates_with_nothing(cells, value, dtype):
    """Also where the mean of equal numbers is, by rounding, not quite that number: 0.1."""
    activity = cells.to(dtype)
    activity[0, :, 2] = value
    r = correlations(activity, activity)
    assert r[0, 2].isnan().all()
    assert r[0, :, 2].isnan().all()
    kept = [0, 1, 3, 4, 5]
    assert r[0][kept][:, kept].isfinite().all()
    assert r[1].isfinite().all()


def test_a_cell_that_varies_little_still_counts():
    """A thousandth of a percent around its mean is no rounding."""
    small = torch.linspace(0, 1e-5, 20, dtype=torch.float64)[:, None]
    assert correlations(1 + small, small).item() == pytest.approx(1.0, abs=1e-6)


def test_float32_stays_within_one(cells):
    activity = cells.float()
    assert correlations(activity, 3 * activity).abs().max() <= 1


def test_mean_correlation_counts_each_pair_once_and_leaves_out_constant_cells(cells):
    r = np.abs(np.corrcoef(cells[0].T))
    wanted = [r[i, j] for i in range(6) for j in range(i)]
    assert mean_correlation(cells)[0].item() == pytest.approx(np.mean(wanted), rel=1e-10)
    silent = torch.cat([cells, torch.zeros_like(cells[..., :3])], -1)
    np.testing.assert_allclose(mean_correlation(silent), mean_correlation(cells), rtol=1e-12)


def test_variances_are_those_that_were_put_in():
    spread = [9.0, 4.0, 1.0, 0.0]
    np.testing.assert_allclose(sorted(variances(turned(spread)), reverse=True), spread, atol=1e-9)


def test_variances_sum_to_those_of_the_cells(cells):
    np.testing.assert_allclose(variances(cells).sum(-1), cells.numpy().var(axis=1, ddof=1).sum(-1), rtol=1e-10)


@pytest.mark.parametrize(
    ("spread", "expected"),
    [
        ([1.0, 1.0, 1.0, 1.0], 0.0),  # (4/3)(1/4 - 1/4)
        ([5.0, 0.0, 0.0, 0.0], 1.0),  # one signal: (4/3)(1 - 1/4)
        ([9.0, 1.0, 1.0, 1.0], 1 / 3),  # (4/3)(3/6 - 1/4)
        ([4.0, 4.0], 0.0),
        ([16.0, 1.0], 0.6),  # 2 (4/5 - 1/2)
    ],
)
def test_r_pop_of_known_spectra(spread, expected):
    assert r_pop(turned(spread)).item() == pytest.approx(expected, abs=1e-6)


def test_what_cannot_be_said_is_nan_and_other_networks_are_not_touched(cells):
    activity = cells.clone()
    activity[0, 3, 1] = torch.nan
    for measure in (mean_correlation, r_pop, variances):
        found, whole = measure(activity), measure(cells)
        np.testing.assert_allclose(found[1], whole[1], rtol=1e-12)
    assert r_pop(activity)[0].isnan()
    assert variances(activity)[0].isnan().all()
    assert correlations(activity, activity)[0, 1].isnan().all()
    constant = torch.ones(10, 4)
    assert r_pop(constant).isnan()
    assert mean_correlation(constant).isnan()
    single = torch.randn(10, 1)
    assert r_pop(single).isnan()
    assert mean_correlation(single).isnan()
