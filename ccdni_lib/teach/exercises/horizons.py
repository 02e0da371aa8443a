"""Exercises of the chapter on horizons and intervals: pairs of twins, and horizons that are none."""

from __future__ import annotations

from math import comb

import numpy as np

from .exercise import Case, Exercise


def _sign_test(wins: int, pairs: int) -> float:
    """Two-sided p of the sign test."""
    more = max(wins, pairs - wins)
    return min(1.0, 2 * sum(comb(pairs, n) for n in range(more, pairs + 1)) / 2**pairs)


_EVEN = (np.array([2.0, 1.0]), np.array([1.0, 2.0]))
_UNEVEN = (np.array([0.1, 0.1, 8.0]), np.array([1.0, 10.0, 1.0]))

EXERCISES = [
    Exercise(
        "typical_ratio",
        [
            Case("errors (2, 1) with and (1, 2) without a cerebellum", _EVEN, 1.0),
            Case("errors (0.1, 0.1, 8) with and (1, 10, 1) without", _UNEVEN, 0.2),
            Case("errors that are halved in every pair", (np.array([1.0, 3.0]), np.array([2.0, 6.0])), 0.5),
        ],
        [
            (
                lambda cc, c: (cc / c).mean(),
                "That is the mean of the ratios: a pair that is twice as bad outweighs one that is twice as good.",
            ),
            (
                lambda cc, c: cc.mean() / c.mean(),
                "That is the ratio of the means: it hears the worst networks, and forgets who is whose twin.",
            ),
            (lambda cc, c: np.log(cc / c).mean(), "That is still a logarithm: take the exponential of it."),
            (
                lambda cc, c: np.exp(np.log(c / cc).mean()),
                "You divided the wrong way round: with a cerebellum goes above.",
            ),
        ],
    ),
    Exercise(
        "no_horizon",
        [
            Case("T = 2 and k = 2", (2, 2), True),
            Case("T = 3 and k = 2", (3, 2), False),
            Case("T = 4 and k = 2", (4, 2), False),
            Case("T = 2 and k = 4", (2, 4), True),
            Case("T = 3 and k = 4", (3, 4), False),
            Case("T = 3 and k = 9", (3, 9), True),
            Case("T = 4 and k = 10", (4, 10), True),
        ],
        [
            (
                lambda T, k: k % T == 0,
                "Nearly: with k = 10 the only lesson is at step 0, which is the first of its truncation for every T.",
            ),
            (
                lambda T, k: T in (1, k),
                "T = k is not the only case: which lessons fall on the first step of their truncation?",
            ),
            (
                lambda T, k: k >= T,
                "Short is not enough: with T = 3 and k = 4 the lesson at step 4 reaches back to step 3.",
            ),
            (
                lambda T, k: T % k == 0,
                "Other way round: with T = 4 and k = 2 the lesson at step 2 lies in the middle of a truncation.",
            ),
        ],
    ),
    Exercise(
        "sign_test",
        [
            Case("9 of 10 pairs", (9, 10), _sign_test(9, 10)),
            Case("10 of 10 pairs", (10, 10), _sign_test(10, 10)),
            Case("2 of 10 pairs", (2, 10), _sign_test(2, 10)),
            Case("5 of 10 pairs", (5, 10), 1.0),
            Case("4 of 5 pairs", (4, 5), _sign_test(4, 5)),
        ],
        [
            (
                lambda wins, pairs: comb(pairs, wins) / 2**pairs,
                "That is the chance of exactly this count; add those that would be as extreme or more so.",
            ),
            (
                lambda wins, pairs: sum(comb(pairs, n) for n in range(wins, pairs + 1)) / 2**pairs,
                "That is one side; as many pairs the other way would have surprised you just as much.",
            ),
            (
                lambda wins, pairs: 2 * comb(pairs, wins) / 2**pairs,
                "You doubled the chance of exactly this count; more extreme counts belong to it too.",
            ),
        ],
    ),
]
