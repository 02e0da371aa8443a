"""Exercises of the chapter on synthetic gradients."""

from __future__ import annotations

import numpy as np

from .exercise import Case, Exercise

_X = np.array([[1.0, 0.0, 2.0], [0.0, 1.0, 1.0], [3.0, 1.0, 0.0], [1.0, 1.0, 1.0]])
_H = np.array([[0.5, 0.0], [1.0, 2.0], [0.0, 0.3], [0.2, 0.1]])
_FEEDBACK = np.array([[0.4, -1.0], [-0.2, 0.6], [1.0, 0.5], [-0.6, 0.2]])
_WEIGHT = np.array([[1.0, -2.0], [0.5, 3.0]])
_LABELS = np.array([7, 1, 7, 7])


def _feedback_below(feedback: np.ndarray, h: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Feedback that a layer of rectified units sends to the one below."""
    return (feedback * (h > 0)) @ weight.T


def _mean_feedback_by_label(feedback: np.ndarray, known: np.ndarray) -> np.ndarray:
    """For each example the mean feedback of all examples of its label."""
    return np.array([feedback[known == own].mean(0) for own in known])


EXERCISES = [
    Exercise(
        "send_back",
        [
            Case(
                "four examples and two units, some silent",
                (_FEEDBACK, _H, _WEIGHT),
                _feedback_below(_FEEDBACK, _H, _WEIGHT),
            ),
            Case(
                "a layer with no unit silent", (_FEEDBACK, _H + 1, _WEIGHT), _feedback_below(_FEEDBACK, _H + 1, _WEIGHT)
            ),
        ],
        [
            (
                lambda d, h, w: d @ w.T,
                "A silent ReLU unit sends nothing back: there the feedback is multiplied by a slope of 0.",
            ),
            (
                lambda d, h, w: (d * (h > 0)) @ w,
                "Feedback goes through the weights the other way round: transpose them.",
            ),
            (
                lambda d, h, w: (d * h) @ w.T,
                "The slope of a ReLU is 1 or 0, not the activity itself.",
            ),
        ],
    ),
    Exercise(
        "local_update",
        [
            Case("four examples", (_X, _H, _FEEDBACK), (_X.T @ (_FEEDBACK * (_H > 0)) / 4).round(9)),
            Case("one example", (_X[:1], _H[:1], _FEEDBACK[:1]), _X[:1].T @ (_FEEDBACK[:1] * (_H[:1] > 0))),
            Case("no feedback at all", (_X, _H, 0 * _FEEDBACK), np.zeros((3, 2))),
        ],
        [
            (
                lambda x, h, d: x.T @ (d * (h > 0)),
                "You summed over the examples; L is their mean.",
            ),
            (
                lambda x, h, d: x.T @ d / len(x),
                "A silent ReLU unit does not learn: its slope is 0.",
            ),
        ],
    ),
    Exercise(
        "best_guess",
        [
            Case("labels 7, 1, 7, 7", (_FEEDBACK, _LABELS), _mean_feedback_by_label(_FEEDBACK, _LABELS)),
            Case("all labels alike", (_FEEDBACK, 0 * _LABELS), np.tile(_FEEDBACK.mean(0), (4, 1))),
            Case("all labels different", (_FEEDBACK, np.arange(4)), _FEEDBACK),
        ],
        [
            (
                lambda d, known: np.tile(d.mean(0), (len(d), 1)),
                "That is the mean over all examples; take it over those that share what is known.",
            ),
            (
                lambda d, known: d,
                "That is the feedback itself, which nobody can know who knows only the label.",
            ),
        ],
    ),
]
