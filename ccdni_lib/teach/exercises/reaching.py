"""Exercises of the chapter on reaching and sparsity: random wiring, what it saves, and measures of how much alike."""

from __future__ import annotations

import numpy as np

from ...study.measures.populations import r_pop
from .exercise import Case, Exercise


def _smallest_draws(draws: np.ndarray, kept: int) -> np.ndarray:
    """For each cell the fibres with the smallest draws, in order."""
    return np.sort(np.argsort(draws, axis=1)[:, :kept], axis=1)


def _count_weights(fibres: int, cells: int, kept: int) -> int:
    """Weights and biases of a cerebellum with sparse granule cells."""
    return cells * (kept + 1) + fibres * (cells + 1)


def _correlation_within_groups(x: np.ndarray, y: np.ndarray, group: np.ndarray) -> float:
    """Pearson's r after subtracting the mean of each group."""
    own = group[:, None] == group[None]
    centred = [values - (own * values).sum(1) / own.sum(1) for values in (x, y)]
    return float(np.corrcoef(*centred)[0, 1])


def _eigenvalue_powers(activity: np.ndarray, power: float = 0.5) -> np.ndarray:
    """Powers of the eigenvalues of the covariance; square roots unless said otherwise."""
    return np.linalg.eigvalsh(np.cov(activity.T)).clip(min=0) ** power


def _correlation_without_root(activity: np.ndarray) -> float:
    """The mistake of leaving out the square root in the population correlation."""
    own, cells = _eigenvalue_powers(activity, 1.0), activity.shape[1]
    return cells / (cells - 1) * (own.max() / own.sum() - 1 / cells)


_FEW = np.array([[0.9, 0.1, 0.5], [0.2, 0.3, 0.1]])
_DRAWS = np.random.default_rng(10).random((3, 6))
_ALIKE = np.outer([1.0, -2.0, 1.0], [1.0, 2.0, 3.0])
_APART = np.concatenate([np.eye(4), -np.eye(4)])
_MIXED = np.random.default_rng(11).standard_normal((50, 5)) * np.array([1.0, 2.0, 3.0, 4.0, 5.0])
_GROUP = np.array([0, 0, 0, 1, 1, 1])
_X, _NEAR, _FAR = np.array([1.0, 2, 3, 11, 12, 13]), np.array([3.0, 2, 1, 13, 12, 11]), np.array([1.0, 3, 2, 0, 8, 1])

EXERCISES = [
    Exercise(
        "wire",
        [
            Case("draws (0.9, 0.1, 0.5) and (0.2, 0.3, 0.1) and 1 kept", (_FEW, 1), _smallest_draws(_FEW, 1)),
            Case("3 cells, 6 fibres and 4 kept", (_DRAWS, 4), _smallest_draws(_DRAWS, 4)),
            Case("3 cells that keep all 6 fibres", (_DRAWS, 6), _smallest_draws(_DRAWS, 6)),
        ],
        [
            (
                lambda draws, kept: np.sort(np.argsort(-draws, axis=1)[:, :kept], axis=1),
                "Those are the fibres with the largest draws; asked are the smallest.",
            ),
            (
                lambda draws, kept: np.argsort(draws, axis=1)[:, :kept],
                "The right fibres, but not in order: sort each row.",
            ),
            (
                lambda draws, kept: (draws[:, :kept] * draws.shape[1]).astype(int),
                "Fibres drawn one by one may come twice for the same cell; rank the draws instead.",
            ),
        ],
    ),
    Exercise(
        "cerebellar_weights",
        [
            Case("2 mossy fibres, 3 granule cells that keep 1", (2, 3, 1), _count_weights(2, 3, 1)),
            Case("20 mossy fibres, 80 granule cells that keep all 20", (20, 80, 20), _count_weights(20, 80, 20)),
            Case("20 mossy fibres, 80 granule cells that keep 4", (20, 80, 4), _count_weights(20, 80, 4)),
        ],
        [
            (lambda fibres, cells, kept: kept * cells, "Those are the weights of the granule layer alone."),
            (
                lambda fibres, cells, kept: kept * cells + cells * fibres,
                "You forgot the biases: one for each granule cell and one for each output.",
            ),
            (
                lambda fibres, cells, kept: cells * (kept + 1) + kept * (cells + 1),
                "The output has as many components as there are mossy fibres, and each listens to all granule cells.",
            ),
        ],
    ),
    Exercise(
        "population_correlation",
        [
            Case("three cells that follow one signal", (_ALIKE,), 1.0),
            Case("four cells that vary equally and independently", (_APART,), 0.0),
            Case("five cells of different variance", (_MIXED,), float(r_pop(_MIXED))),
        ],
        [
            (
                _correlation_without_root,
                "You left out the root: what counts is the standard deviation along each direction.",
            ),
            (
                lambda activity: _eigenvalue_powers(activity).max() / _eigenvalue_powers(activity).sum(),
                "That is the share of the largest; subtract 1/Z and rescale, so that it begins at 0.",
            ),
        ],
    ),
    Exercise(
        "within_groups",
        [
            Case(
                "two groups far apart, falling in each",
                (_X, _NEAR, _GROUP),
                _correlation_within_groups(_X, _NEAR, _GROUP),
            ),
            Case("two groups, each a little rising", (_X, _FAR, _GROUP), _correlation_within_groups(_X, _FAR, _GROUP)),
            Case("a single group", (_X, _FAR, 0 * _GROUP), _correlation_within_groups(_X, _FAR, 0 * _GROUP)),
        ],
        [
            (
                lambda x, y, group: float(np.corrcoef(x, y)[0, 1]),
                "That is the correlation over all networks; subtract the mean of its group from each.",
            ),
            (
                lambda x, y, group: float(
                    np.mean([np.corrcoef(x[group == g], y[group == g])[0, 1] for g in np.unique(group)])
                ),
                "You averaged the correlations of the groups; subtract each group's mean, then correlate all at once.",
            ),
        ],
    ),
]
