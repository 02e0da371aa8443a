"""Statistics of twins: two groups of networks that share their seeds, compared pair by pair.

Twins begin with the same cortex and see the same examples in the same order, so their difference is what was changed
between them. An effect is given with an interval over seeds (bootstrap) and with an exact test (flips of sign).

With three pairs there are only 2³ = 8 ways to flip signs: a two-sided p cannot be below 2/8 = 0.25, whatever the
networks do, and the interval reaches from the least to the greatest of the three pairs. Three networks can show that an
effect has one sign in all of them; they cannot make it significant. With five pairs p can be as low as 2/32 = 0.06,
with ten as low as 2/1024.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

RESAMPLES, FLIPS = 9999, 9999  # of the bootstrap, and at most of the test
Statistic = Callable[..., Any]


def _ratio(one: np.ndarray, other: np.ndarray, axis: int = -1) -> Any:
    return one.mean(axis) / other.mean(axis)


def _difference(one: np.ndarray, other: np.ndarray, axis: int = -1) -> Any:
    return one.mean(axis) - other.mean(axis)


def _factor(one: np.ndarray, other: np.ndarray, axis: int = -1) -> Any:
    return np.exp((one - other).mean(axis))


KINDS: dict[str, tuple[Statistic, float]] = {  # each with its value where there is no effect
    "ratio": (_ratio, 1.0),  # of means
    "difference": (_difference, 0.0),  # of means
    "factor": (_factor, 1.0),  # geometric mean of the pairs' ratios; the samples are logarithms
}


@dataclass(frozen=True)
class Effect:
    """How much one group of networks differs from its twins.

    Attributes:
        kind: "ratio", "difference" or "factor", see `KINDS`.
        size: of the effect; 1 (ratio, factor) or 0 (difference) is none.
        low, high: ends of its 95 % interval; NaN with fewer than two pairs.
        p: of the two-sided test; NaN with fewer than two pairs.
        n: pairs compared.
        left_out: pairs of which one network has diverged.
    """

    kind: str
    size: float
    low: float
    high: float
    p: float
    n: int
    left_out: int

    def __str__(self) -> str:
        sign = "× " if self.kind != "difference" else ""
        if not np.isfinite(self.low):
            return f"{sign}{self.size:.3g}"
        return f"{sign}{self.size:.3g} [{self.low:.3g}, {self.high:.3g}]"


def paired_effect(one: ArrayLike, other: ArrayLike, kind: str = "ratio") -> Effect:
    """Compare networks with their twins.

    Args:
        one: a number a network, in the order of the seeds; NaN where it has diverged.
        other: of their twins, in the same order and unit.
        kind: of effect, see `KINDS`; for "factor" both are natural logarithms.

    Returns:
        The effect, with a percentile bootstrap interval over pairs (9999 resamples, always the same ones; those of a
        ratio that are 0 / 0 left out) and the p-value of `exact_p`.

    Raises:
        ValueError: for an unknown kind, or groups of different sizes.

    Example:
        >>> effect = paired_effect([1.0, 2.0, 3.0, np.nan], [2.0, 4.0, 9.0, 1.0])
        >>> str(effect), effect.p, effect.n, effect.left_out
        ('× 0.4 [0.333, 0.5]', 0.25, 3, 1)
    """
    from scipy import stats  # takes half a second to import

    if kind not in KINDS:
        raise ValueError(f"kind {kind}: must be one of {', '.join(KINDS)}")
    a, b = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
    if a.shape != b.shape or a.ndim != 1:
        raise ValueError(f"groups of shape {a.shape} and {b.shape}: must be two rows of the same length")
    alive = np.isfinite(a) & np.isfinite(b)
    a, b, statistic = a[alive], b[alive], KINDS[kind][0]
    n, left_out, low, high, p = len(a), int((~alive).sum()), np.nan, np.nan, np.nan
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():  # of a ratio to zero
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        size = float(statistic(a, b)) if n else np.nan
        if n > 1:
            found = stats.bootstrap(
                (a, b),
                statistic,
                n_resamples=RESAMPLES,
                vectorized=True,
                paired=True,
                method="percentile",
                rng=np.random.default_rng(0),
            )
            drawn = found.bootstrap_distribution
            low, high = np.percentile(drawn[~np.isnan(drawn)], [2.5, 97.5])  # 0 / 0 tells nothing
            p = exact_p(a - b)
    return Effect(kind, size, float(low), float(high), p, n, left_out)


def exact_p(differences: ArrayLike) -> float:
    """Two-sided p of the paired permutation test: how often the mean is as far from 0 when signs are flipped at random.

    All 2ⁿ flips are tried where there are at most 9999 of them (n ≤ 13), so p is exact, and cannot be below 2/2ⁿ.

    Args:
        differences: one for each pair, finite, two or more.

    Example:
        >>> exact_p([1.0, 2.0, 3.0]), exact_p([1.0, -1.0])
        (0.25, 1.0)
    """
    from scipy import stats  # takes half a second to import

    found = stats.permutation_test(
        (np.asarray(differences, dtype=float),),
        lambda x, axis: x.mean(axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=FLIPS,
        rng=np.random.default_rng(0),
    )
    return float(found.pvalue)


def rank_trend(x: ArrayLike, y: ArrayLike) -> float:
    """Spearman's rank correlation: 1 where y rises all along x, -1 where it falls; 0 where y is constant, NaN with NaN.

    Args:
        x, y: numbers in pairs, two or more.

    Example:
        >>> rank_trend([1, 2, 3], [9.0, 4.0, 1.0]), rank_trend([1, 2, 3], [5.0, 5.0, 5.0])
        (-1.0, 0.0)
    """
    from scipy import stats  # takes half a second to import

    y = np.asarray(y, dtype=float)
    if not np.isfinite(y).all():
        return np.nan
    return float(round(stats.spearmanr(x, y).statistic, 12)) if np.ptp(y) > 0 else 0.0
