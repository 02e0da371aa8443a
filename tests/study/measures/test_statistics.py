"""Statistics of twins against values that can be worked out, and against scipy's other tests."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from ccdni_lib.study.measures.statistics import exact_p, paired_effect, rank_trend


def test_p_is_the_share_of_all_flips_that_are_as_far_from_zero():
    differences = np.random.default_rng(1).normal(0.5, 1, 8)
    flips = np.array(list(itertools.product([1, -1], repeat=8)))
    means = abs((flips * differences).mean(1))
    assert exact_p(differences) == pytest.approx((means >= abs(differences.mean()) - 1e-12).mean())


def test_p_is_that_of_the_signed_rank_test_where_differences_are_ranks():
    differences = np.array([1, -2, 3, 4, 5, -6, 7, 8, 9, 10.0])
    assert exact_p(differences) == pytest.approx(stats.wilcoxon(differences, method="exact").pvalue)


@pytest.mark.parametrize("n", [2, 3, 10])
def test_p_cannot_be_below_what_the_number_of_flips_allows(n):
    assert exact_p(1000 + np.arange(n)) == pytest.approx(2 / 2**n)


def test_the_interval_of_three_pairs_reaches_from_the_least_to_the_greatest():
    one, other = np.array([1.0, 2.0, 6.0]), np.array([2.0, 2.5, 5.0])
    difference = paired_effect(one, other, "difference")
    assert (difference.low, difference.high) == pytest.approx((-1, 1))
    ratio = paired_effect(one, other, "ratio")
    assert (ratio.low, ratio.high) == pytest.approx((0.5, 1.2))


def test_the_interval_of_many_normal_pairs_is_that_of_the_textbook():
    rng = np.random.default_rng(2)
    other = rng.normal(5, 1, 400)
    one = other + rng.normal(0.3, 0.5, 400)
    effect, gap = paired_effect(one, other, "difference"), one - other
    half = 1.96 * gap.std(ddof=1) / 20
    assert effect.size == pytest.approx(gap.mean())
    assert (effect.low, effect.high) == pytest.approx((gap.mean() - half, gap.mean() + half), abs=0.1 * half)


def test_a_factor_is_the_geometric_mean_of_the_pairs_ratios():
    one, other = np.array([1.0, 8.0, 3.0]), np.array([2.0, 4.0, 9.0])
    assert paired_effect(np.log(one), np.log(other), "factor").size == pytest.approx(stats.gmean(one / other))


def test_a_pair_counts_only_when_both_of_it_are_numbers():
    effect = paired_effect([1.0, np.nan, 3.0, 5.0], [2.0, 2.0, np.inf, 10.0])
    assert (effect.size, effect.n, effect.left_out) == (0.5, 2, 2)


@pytest.mark.parametrize("alive", [0, 1])
def test_fewer_than_two_pairs_have_no_interval_and_no_p(alive):
    effect = paired_effect([1.0] * alive + [np.nan], [2.0] * (alive + 1))
    assert effect.n == alive
    assert np.isnan([effect.low, effect.high, effect.p]).all()


def test_the_same_pairs_give_the_same_interval_again():
    one, other = np.random.default_rng(3).normal(1, 0.1, (2, 10))
    assert paired_effect(one, other) == paired_effect(one, other)


def test_twins_that_do_the_same_have_no_effect():
    effect = paired_effect([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    assert (effect.size, effect.low, effect.high, effect.p) == (1, 1, 1, 1)


def test_mistakes_are_named():
    with pytest.raises(ValueError, match=r"^kind odds: must be one of ratio, difference, factor"):
        paired_effect([1.0], [1.0], "odds")
    with pytest.raises(ValueError, match=r"^groups of shape \(1,\) and \(2,\): must be two rows of the same length"):
        paired_effect([1.0], [1.0, 2.0])


def test_a_trend_is_spearmans():
    x, y = np.arange(6), np.array([3.0, 1, 4, 1, 5, 9])
    ranks = np.array([3, 1.5, 4, 1.5, 5, 6])
    assert rank_trend(x, y) == pytest.approx(np.corrcoef(x, ranks)[0, 1])
    assert np.isnan(rank_trend([0, 1], [1.0, np.nan]))


def test_a_ratio_to_zero_has_no_finite_interval_and_stops_nothing():
    assert not np.isfinite(paired_effect([1.0, 2.0], [0.0, 0.0]).low)
