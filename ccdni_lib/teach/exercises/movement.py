"""Exercises of the chapters on line drawing and on ataxia."""

from __future__ import annotations

import numpy as np

from .exercise import Case, Exercise


def _straight_line(target: tuple[float, float], steps: int) -> np.ndarray:
    """Points at equal distances from the origin to the target."""
    return np.linspace((0.0, 0.0), target, steps)


_CURVES = [np.array([9.0, 4.0, 0.8, 0.2]), np.array([9.0, 8.0, 7.0, 0.9]), np.array([0.5, 0.4, 0.3, 0.2])]
_ERRORS = np.array([0.0, 1.0, 0.2, 2.0, 0.1, 3.0, 0.3, 4.0, 0.4, 9.0])
_TAUGHT = np.arange(10) % 2 == 0

EXERCISES = [
    Exercise(
        "straight_line",
        [
            Case("target (10, 0) and 3 steps", ((10.0, 0.0), 3), _straight_line((10.0, 0.0), 3)),
            Case("target (5, -8.66) and 10 steps", ((5.0, -8.66), 10), _straight_line((5.0, -8.66), 10)),
        ],
        [
            (
                lambda target, n: np.outer(np.arange(1, n + 1) / n, target),
                "Your line does not begin at the origin; both ends are points of it.",
            ),
            (
                lambda target, n: np.outer(np.arange(n) / n, target),
                "Your line stops short of the target; both ends are points of it.",
            ),
        ],
    ),
    Exercise(
        "epochs_to",
        [
            Case("errors 9, 4, 0.8, 0.2 and the criterion 1", (_CURVES[0], 1.0), 3),
            Case("errors 9, 8, 7, 0.9 and the criterion 1", (_CURVES[1], 1.0), 4),
            Case("errors 0.5, 0.4, 0.3, 0.2 and the criterion 1", (_CURVES[2], 1.0), 1),
            Case("errors 9, 4, 0.8, 0.2 and the criterion 0.1, never reached", (_CURVES[0], 0.1), np.inf),
        ],
        [
            (
                lambda e, c: int(np.argmax(e < c)),
                "You counted from 0; the first epoch is number 1, and a criterion that is never reached is np.inf.",
            ),
            (
                lambda e, c: int(np.argmax(e < c)) + 1,
                "np.argmax of no True at all is 0; a criterion that is never reached is np.inf.",
            ),
        ],
    ),
    Exercise(
        "taught_share",
        [
            Case("a taught part of 1.0 and an untaught part of 3.0", (1.0, 3.0), 0.25),
            Case("a taught part of 2.0 and an untaught part of 2.0", (2.0, 2.0), 0.5),
            Case("two networks", (np.array([1.0, 0.0]), np.array([4.0, 5.0])), np.array([0.2, 0.0])),
        ],
        [
            (lambda a, b: a / b, "You divided by the untaught part; the score is the sum of both."),
            (lambda a, b: b / (a + b), "That is the share of the untaught part."),
        ],
    ),
    Exercise(
        "extrapolation_share",
        [
            Case("errors that rise to 9 at the last step", (_ERRORS, _TAUGHT), 9.0 / 19.0),
            Case("equal errors at all steps", (np.ones(10), _TAUGHT), 0.2),
            Case("a teacher at every third step", (np.ones(10), np.arange(10) % 3 == 0), 0.0),
            Case("a teacher at every fourth step", (np.ones(10), np.arange(10) % 4 == 0), 1.0 / 7.0),
        ],
        [
            (
                lambda e, t: e[-1] / e.sum(),
                "You divided by the whole score; asked is the share of the untaught part.",
            ),
            (
                lambda e, t: e[-1] / e[~t].sum(),
                "The last step may be taught, as with k = 3; extrapolation is what lies after the last taught step.",
            ),
        ],
    ),
    Exercise(
        "per_taught_step",
        [
            Case("a summed error of 10 with k = 2", (10.0, 2), 2.0),
            Case("a summed error of 10 with k = 1", (10.0, 1), 1.0),
            Case("a summed error of 8 with k = 3", (8.0, 3), 2.0),
            Case("a summed error of 6 with k = 4", (6.0, 4), 2.0),
        ],
        [
            (
                lambda e, k: e / (10 / k),
                "10 / k is not how many steps are taught: with k = 3 they are 0, 3, 6 and 9.",
            ),
            (lambda e, k: e / 10, "You divided by all ten steps; the sum has only the taught ones."),
            (
                lambda e, k: e / (10 // k),
                "10 // k forgets the step at 0: with k = 3 the taught steps are 0, 3, 6 and 9.",
            ),
        ],
    ),
]
