"""Exercises of the chapter on drawing digits."""

from __future__ import annotations

import numpy as np

from ...tasks.templates import strokes
from .exercise import Case, Exercise

_EVERY_FOURTH = np.arange(0, 28, 4)
_OPPOSITE = np.linspace(0, 1, 3)[None, :, None] * np.array([[10.0, 0.0], [-10.0, 0.0]])[:, None]
_BESIDE = np.array([[[0.0, 0.0], [3.0, 4.0]], [[0.0, 0.0], [3.0, 0.0]], [[0.0, 3.0], [3.0, 2.0]]])
_TEMPLATES = strokes(12)
_SHAKY = 0.1 * np.sin(np.arange(24.0)).reshape(12, 2)
_SAW = np.array([[0.0, 0.0], [1.0, 3.0], [2.0, -3.0], [3.0, 0.0]])


def _mean_shape_error(wanted: np.ndarray) -> np.ndarray:
    """Squared distance at each step to the mean of all lines, averaged over lines."""
    return np.square(wanted - wanted.mean(0)).sum(-1).mean(0)


def _deviation_from_line(path: np.ndarray) -> np.ndarray:
    """How far a path is at each step from where a straight line at steady speed would be."""
    return path - np.linspace(path[0], path[-1], len(path))


def _squared_distance_across(path: np.ndarray) -> float:
    """Mean squared distance from the line itself, whatever the speed."""
    way = path[-1] - path[0]
    side = np.array([-way[1], way[0]]) / np.linalg.norm(way)
    return float(np.square((path - path[0]) @ side).mean())


EXERCISES = [
    Exercise(
        "way_back",
        [
            Case("lessons at 0 and 4 with T = 3", (np.array([0, 4]), 3), 0.5),
            Case("a lesson at 27 with T = 4", (np.array([27]), 4), 3.0),
            Case("lessons at 0, 4, …, 24 with T = 3", (_EVERY_FOURTH, 3), 6 / 7),
            Case("lessons at 0, 4, …, 24 with T = 4", (_EVERY_FOURTH, 4), 0.0),
            Case("a lesson at 27 with T = 28", (np.array([27]), 28), 27.0),
        ],
        [
            (
                lambda lessons, T: T - 1,
                "Not every lesson comes at the end of its truncation; cuts lie before steps 0, T, 2T, …",
            ),
            (
                lambda lessons, T: np.minimum(lessons, T - 1).mean(),
                "You let the window slide with the lesson; cuts lie on a fixed grid, before steps 0, T, 2T, …",
            ),
            (
                lambda lessons, T: (lessons % T).mean() + 1,
                "You counted the step of the lesson itself; asked is how many steps it travels back from there.",
            ),
        ],
    ),
    Exercise(
        "blind_error",
        [
            Case("two lines, to (10, 0) and to (-10, 0)", (_OPPOSITE,), np.array([0.0, 25.0, 100.0])),
            Case("three lines that lie on one side", (_BESIDE,), _mean_shape_error(_BESIDE)),
            Case("the ten digits in 12 steps", (_TEMPLATES,), _mean_shape_error(_TEMPLATES)),
        ],
        [
            (
                lambda wanted: np.square(wanted - wanted.mean(0)).mean((0, 2)),
                "You averaged over x and y; a squared distance is their sum.",
            ),
            (
                lambda wanted: np.square(wanted - wanted.mean(0)).sum((0, 2)),
                "You added up the digits; asked is their mean.",
            ),
            (
                lambda wanted: np.square(wanted).sum(-1).mean(0),
                "Staying at (0, 0) is best only where targets lie around it; the best single answer is their mean.",
            ),
        ],
    ),
    Exercise(
        "nearest_digit",
        [
            Case("the drawing of an 8, as it should be", (_TEMPLATES[8], _TEMPLATES), 8),
            Case("the drawing of a 2 with a shaky hand", (_TEMPLATES[2] + _SHAKY, _TEMPLATES), 2),
            Case("the drawing of a 7 that is a little small", (0.8 * _TEMPLATES[7], _TEMPLATES), 7),
        ],
        [
            (
                lambda path, wanted: np.square(wanted[:, -1] - path[-1]).sum(-1).argmin(),
                "You looked at the last point alone; several digits end where others do.",
            ),
            (
                lambda path, wanted: np.square(wanted - path).sum((1, 2)).argmax(),
                "That is the digit that is farthest away; np.argmin gives the nearest.",
            ),
        ],
    ),
    Exercise(
        "irregularity",
        [
            Case("a straight line at constant speed", (np.linspace([1.0, 0.0], [4.0, 4.0], 5),), 0.0),
            Case("a saw, (0, 0), (1, 3), (2, -3), (3, 0)", (_SAW,), 4.5),
            Case(
                "a straight line that hurries, (0, 0), (3, 0), (4, 0)", (np.array([[0.0, 0], [3, 0], [4, 0]]),), 1 / 3
            ),
            Case("the same saw, begun at (1, 1)", (_SAW + 1,), 4.5),
        ],
        [
            (
                lambda path: np.square(_deviation_from_line(path)).sum(),
                "You added up the steps; asked is their mean.",
            ),
            (
                lambda path: np.square(_deviation_from_line(path)).mean(),
                "You averaged over x and y as well; a squared distance is their sum.",
            ),
            (
                lambda path: np.linalg.norm(_deviation_from_line(path), axis=1).mean(),
                "Those are distances; asked are squared distances.",
            ),
            (
                _squared_distance_across,
                "You measured how far the points lie from the line; they must also come at equal steps along it.",
            ),
            (
                lambda path: np.square(path - np.linspace(0, 1, len(path))[:, None] * path[-1]).sum(-1).mean(),
                "Your straight line begins at (0, 0); it must begin where the path does.",
            ),
        ],
    ),
]
