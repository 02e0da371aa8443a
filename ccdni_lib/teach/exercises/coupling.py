"""Exercises of the chapter on coupling: what varies together, and how good a guess is."""

from __future__ import annotations

import numpy as np

from .exercise import Case, Exercise

Cells = np.ndarray  # (patterns, cells)


def _unit_granule_correlations(h: Cells, granule: Cells) -> np.ndarray:
    """Pearson's r of each unit with each granule cell."""
    with np.errstate(invalid="ignore", divide="ignore"):
        units = h.shape[1]
        return np.corrcoef(h.T, granule.T)[:units, units:]


def _active_cells(granule: Cells) -> Cells:
    """The granule cells whose activity varies."""
    return granule[:, np.ptp(granule, axis=0) > 0]


def _mean_coupling(h: Cells, granule: Cells) -> float:
    """Mean |r| over pairs of a unit and an active granule cell."""
    return float(np.abs(_unit_granule_correlations(h, _active_cells(granule))).mean())


def _flat_cosine(guess: np.ndarray, target: np.ndarray) -> float:
    """Cosine of two arrays, each taken as one long vector."""
    return float((guess * target).sum() / np.sqrt((guess**2).sum() * (target**2).sum()))


_rng = np.random.default_rng(8)
_H = _rng.normal(size=(12, 3))
_GRANULE = np.maximum(_H @ _rng.normal(size=(3, 5)) - 0.5, 0)
_SILENT = np.concatenate([_GRANULE, np.zeros((12, 3))], axis=1)
_UP = np.array([[1.0], [2.0], [3.0]])
_GUESS, _TARGET = np.array([[3.0, 0.0], [0.0, 0.1]]), np.array([[4.0, 3.0], [0.0, -0.1]])

EXERCISES = [
    Exercise(
        "coupling",
        [
            Case("a unit 1, 2, 3 and a granule cell 3, 2, 1", (_UP, 4 - _UP), 1.0),
            Case("3 units, 5 granule cells, 12 patterns", (_H, _GRANULE), _mean_coupling(_H, _GRANULE)),
            Case("the same with 3 silent cells", (_H, _SILENT), _mean_coupling(_H, _SILENT)),
        ],
        [
            (
                lambda h, g: _unit_granule_correlations(h, _active_cells(g)).mean(),
                "You averaged r itself; pairs that go together and pairs that go against each other cancel out.",
            ),
            (
                lambda h, g: np.nan_to_num(np.abs(_unit_granule_correlations(h, g))).mean(),
                "You counted silent cells as r = 0; here they are to be left out.",
            ),
            (
                lambda h, g: np.abs(np.corrcoef(np.hstack([h, _active_cells(g)]).T)).mean(),
                "You took all pairs of all cells; asked are pairs of a unit and a granule cell.",
            ),
        ],
    ),
    Exercise(
        "cosine",
        [
            Case("(3, 4) and (6, 8)", (np.array([3.0, 4.0]), np.array([6.0, 8.0])), 1.0),
            Case("(1, 0) and (-2, 1)", (np.array([1.0, 0.0]), np.array([-2.0, 1.0])), -np.sqrt(0.8)),
            Case("two cues, two components", (_GUESS, _TARGET), _flat_cosine(_GUESS, _TARGET)),
        ],
        [
            (
                lambda a, b: np.mean((a * b).sum(-1) / np.linalg.norm(a, axis=-1) / np.linalg.norm(b, axis=-1)),
                "You averaged a cosine for each cue; all cues and components are to be one long vector.",
            ),
            (lambda a, b: (a * b).sum(), "You did not divide by the two lengths."),
            (
                lambda a, b: (a * b).sum() / (b * b).sum(),
                "You divided by the target's length twice; each length comes in once.",
            ),
            (
                lambda a, b: np.corrcoef(a.ravel(), b.ravel())[0, 1],
                "That is Pearson's r, which subtracts the means first; a cosine does not.",
            ),
        ],
    ),
]
