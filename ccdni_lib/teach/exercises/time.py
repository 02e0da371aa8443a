"""Exercises of the chapter on time: which lesson reaches which step."""

from __future__ import annotations

import numpy as np

from .exercise import Case, Exercise


def _lessons_in_truncation(step: int, truncation: int, interval: int, steps: int = 10) -> np.ndarray:
    """Lessons from a step on to the end of its truncation."""
    end = min((step // truncation + 1) * truncation, steps)
    return np.array([t for t in range(step, end) if t % interval == 0], dtype=float)


def _lesson_weight(step: int, lesson: int, truncation: int, scale: float = 0.1) -> float:
    """0.1 to the number of cuts between a step and a lesson; 0 if the lesson is over."""
    return scale ** (lesson // truncation - step // truncation) if lesson >= step else 0.0


EXERCISES = [
    Exercise(
        "lessons",
        [
            Case("step 0 with T = 1 and k = 2", (0, 1, 2), _lessons_in_truncation(0, 1, 2)),
            Case("step 1 with T = 1 and k = 2", (1, 1, 2), _lessons_in_truncation(1, 1, 2)),
            Case("step 1 with T = 3 and k = 2", (1, 3, 2), _lessons_in_truncation(1, 3, 2)),
            Case("step 1 with T = 2 and k = 2", (1, 2, 2), _lessons_in_truncation(1, 2, 2)),
            Case("step 4 with T = 10 and k = 2", (4, 10, 2), _lessons_in_truncation(4, 10, 2)),
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
                "You counted lessons before the step as well; gradient cannot teach a step by what happened earlier.",
            ),
        ],
    ),
    Exercise(
        "feedback_weight",
        [
            Case("step 3, lesson 3, T = 2", (3, 3, 2), _lesson_weight(3, 3, 2)),
            Case("step 3, lesson 4, T = 2", (3, 4, 2), _lesson_weight(3, 4, 2)),
            Case("step 0, lesson 8, T = 2", (0, 8, 2), _lesson_weight(0, 8, 2)),
            Case("step 0, lesson 8, T = 10", (0, 8, 10), _lesson_weight(0, 8, 10)),
            Case("step 5, lesson 2, T = 2", (5, 2, 2), _lesson_weight(5, 2, 2)),
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
]
