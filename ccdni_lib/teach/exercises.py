"""The exercises of the book, by the name of the function that the reader writes."""

from __future__ import annotations

import numpy as np

from .check import Case, Exercise


def _lessons(step: int, truncation: int, interval: int, steps: int = 10) -> np.ndarray:
    end = min((step // truncation + 1) * truncation, steps)
    return np.array([t for t in range(step, end) if t % interval == 0], dtype=float)


def _weight(step: int, lesson: int, truncation: int, scale: float = 0.1) -> float:
    return scale ** (lesson // truncation - step // truncation) if lesson >= step else 0.0


def _line(target: tuple[float, float], steps: int) -> np.ndarray:
    return np.linspace((0.0, 0.0), target, steps)


_CURVES = [np.array([9.0, 4.0, 0.8, 0.2]), np.array([9.0, 8.0, 7.0, 0.9]), np.array([0.5, 0.4, 0.3, 0.2])]
_ERRORS = np.array([0.0, 1.0, 0.2, 2.0, 0.1, 3.0, 0.3, 4.0, 0.4, 9.0])
_TAUGHT = np.arange(10) % 2 == 0

EXERCISES = {
    exercise.name: exercise
    for exercise in (
        # 03 time
        Exercise(
            "lessons",
            [
                Case("step 0 with T = 1 and k = 2", (0, 1, 2), _lessons(0, 1, 2)),
                Case("step 1 with T = 1 and k = 2", (1, 1, 2), _lessons(1, 1, 2)),
                Case("step 1 with T = 3 and k = 2", (1, 3, 2), _lessons(1, 3, 2)),
                Case("step 1 with T = 2 and k = 2", (1, 2, 2), _lessons(1, 2, 2)),
                Case("step 4 with T = 10 and k = 2", (4, 10, 2), _lessons(4, 10, 2)),
            ],
            [
                (
                    lambda s, T, k: [t for t in range(s, min(s + T, 10)) if t % k == 0],
                    "You let the window slide with the step; truncations lie on a fixed grid 0 … T-1, T … 2T-1, …",
                ),
                (
                    lambda s, T, k: list(range(s, min((s // T + 1) * T, 10))),
                    "You counted every step; the teacher speaks only at 0, k, 2k, …",
                ),
                (
                    lambda s, T, k: [t for t in range(s // T * T, min((s // T + 1) * T, 10)) if t % k == 0],
                    "You counted "
                    "lessons before the step as well; gradient cannot teach a step by what happened earlier.",
                ),
            ],
        ),
        Exercise(
            "feedback_weight",
            [
                Case("step 3, lesson 3, T = 2", (3, 3, 2), _weight(3, 3, 2)),
                Case("step 3, lesson 4, T = 2", (3, 4, 2), _weight(3, 4, 2)),
                Case("step 0, lesson 8, T = 2", (0, 8, 2), _weight(0, 8, 2)),
                Case("step 0, lesson 8, T = 10", (0, 8, 10), _weight(0, 8, 10)),
                Case("step 5, lesson 2, T = 2", (5, 2, 2), _weight(5, 2, 2)),
            ],
            [
                (
                    lambda s, l, T: 0.1 ** (l - s),
                    "You discounted every step; the factor 0.1 comes in once at each cut.",
                ),
                (
                    lambda s, l, T: 0.1 ** (l // T - s // T),
                    "A lesson that is already over cannot teach a later step: its weight is 0.",
                ),
            ],
        ),
        # 05 line drawing
        Exercise(
            "straight_line",
            [
                Case("target (10, 0) and 3 steps", ((10.0, 0.0), 3), _line((10.0, 0.0), 3)),
                Case("target (5, -8.66) and 10 steps", ((5.0, -8.66), 10), _line((5.0, -8.66), 10)),
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
        # 06 ataxia
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
                    "The last step may be taught, as with k = 3; extrapolation is what lies "
                    "after the last taught step.",
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
    )
}
