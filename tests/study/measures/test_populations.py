"""Population correlation and dimension, held to covariances whose eigenvalues are known."""

from __future__ import annotations

import numpy as np
import pytest

from ccdni_lib.study.measures.populations import dimension, r_pop


def correlated(cells, correlation, patterns=200):
    """Activity whose sample covariance is exactly (1 - r) 1 + r, to rounding."""
    rng = np.random.default_rng(1)
    raw = rng.standard_normal((patterns, cells))
    raw -= raw.mean(0)
    white = raw @ np.linalg.inv(np.linalg.cholesky(np.cov(raw.T)).T)
    wanted = (1 - correlation) * np.eye(cells) + correlation
    return white @ np.linalg.cholesky(wanted).T


@pytest.mark.parametrize("correlation", [0.0, 0.2, 0.5, 0.9])
@pytest.mark.parametrize("cells", [2, 7])
def test_measures_of_equally_correlated_cells(cells, correlation):
    """Such a covariance has the eigenvalues 1 + (Z - 1) r, once, and 1 - r, Z - 1 times."""
    activity = correlated(cells, correlation)
    largest, others = 1 + (cells - 1) * correlation, 1 - correlation
    share = np.sqrt(largest) / (np.sqrt(largest) + (cells - 1) * np.sqrt(others))
    assert r_pop(activity) == pytest.approx(cells / (cells - 1) * (share - 1 / cells), abs=1e-6)
    assert dimension(activity) == pytest.approx(cells**2 / (largest**2 + (cells - 1) * others**2))


def test_measures_at_their_ends():
    signal = np.random.default_rng(0).standard_normal((50, 1))
    assert r_pop(signal * [1, -2, 3]) == pytest.approx(1, abs=1e-6)
    assert dimension(signal * [1, -2, 3]) == pytest.approx(1)
    assert r_pop(correlated(5, 0.0)) == pytest.approx(0, abs=1e-6)
    assert dimension(correlated(5, 0.0)) == pytest.approx(5)
    assert np.isnan(r_pop(np.ones((4, 3))))
    assert np.isnan(dimension(np.ones((4, 3))))


def test_measures_of_many_populations_at_once():
    activity = np.random.default_rng(0).standard_normal((2, 3, 40, 6))
    for measure in (r_pop, dimension):
        assert measure(activity).shape == (2, 3)
        assert measure(activity)[1, 2] == pytest.approx(measure(activity[1, 2]))


@pytest.mark.parametrize("shape", [(5,), (1, 5), (5, 1)])
def test_too_little_to_measure_is_said(shape):
    with pytest.raises(ValueError, match="must be \\(…, patterns, cells\\), two or more of both"):
        r_pop(np.ones(shape))
