"""Exercises of the chapter on forward DNI."""

from __future__ import annotations

import numpy as np

from .exercise import Case, Exercise

_A = np.array([[1.0, 2.0], [2.0, 0.0], [4.0, 1.0], [3.0, 5.0]])
_B = np.array([[2.0, 1.0, 0.0], [4.0, -1.0, 1.0], [8.0, -3.0, 0.0], [6.0, -3.0, 1.0]])
_COURSE = np.array([[0.9, 0.8, 0.1, 0.2], [0.5, 0.6, 0.4, 0.3], [0.2, 0.3, 0.9, 0.7]])


def _explained_variance(h: np.ndarray, guess: np.ndarray) -> float:
    """Share of the variance of h that a guess explains."""
    return 1 - ((h - guess) ** 2).sum() / ((h - h.mean(0)) ** 2).sum()


def _correlation_strengths(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """|r| of each column of one array with each of the other."""
    return np.abs(np.corrcoef(a.T, b.T)[: a.shape[1], a.shape[1] :])


def _cosine_strengths(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Absolute cosine of each column of one array with each of the other."""
    return np.abs(a.T @ b) / np.outer(np.linalg.norm(a, axis=0), np.linalg.norm(b, axis=0))


EXERCISES = [
    Exercise(
        "explained_share",
        [
            Case("a perfect prediction", (_B, _B), 1.0),
            Case("the mean of each unit", (_B, np.tile(_B.mean(0), (4, 1))), 0.0),
            Case("a prediction that is half wrong", (_B, 0.5 * _B), _explained_variance(_B, 0.5 * _B)),
        ],
        [
            (
                lambda h, g: ((h - g) ** 2).sum() / ((h - h.mean(0)) ** 2).sum(),
                "That is the share that is left unexplained.",
            ),
            (
                lambda h, g: 1 - ((h - g) ** 2).sum() / ((h - h.mean()) ** 2).sum(),
                "Units have different means, and knowing these is no merit: take the mean of each unit.",
            ),
            (
                lambda h, g: 1 - ((h - g) ** 2).sum() / (h**2).sum(),
                "Compare with the mean of each unit, not with zero.",
            ),
        ],
    ),
    Exercise(
        "pair_strength",
        [
            Case("two units and three, four images", (_A, _B), _correlation_strengths(_A, _B)),
            Case("the same units twice", (_A, _A), _correlation_strengths(_A, _A)),
        ],
        [
            (
                lambda a, b: np.corrcoef(a.T, b.T)[: a.shape[1], a.shape[1] :],
                "A pair may be correlated negatively; asked is its absolute value.",
            ),
            (_cosine_strengths, "That is a cosine; a correlation takes the mean of each unit away first."),
        ],
    ),
    Exercise(
        "follow",
        [
            Case("the two that are strongest at first", (_COURSE, 0, 2), np.array([0.85, 0.55, 0.25])),
            Case("the two that are strongest at last", (_COURSE, -1, 2), np.array([0.15, 0.35, 0.8])),
            Case("the one that is strongest in the middle", (_COURSE[:, :3], 1, 1), _COURSE[:, 1]),
        ],
        [
            (
                lambda c, look, n: np.sort(c, axis=1)[:, -n:].mean(1),
                "You picked anew at every look; pick once, and follow the same pairs.",
            ),
            (
                lambda c, look, n: c[:, np.argsort(c[look])[:n]].mean(1),
                "You followed the weakest; np.argsort sorts upwards.",
            ),
            (
                lambda c, look, n: c.mean(1),
                "That is the mean over all pairs.",
            ),
        ],
    ),
]
