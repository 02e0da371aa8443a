"""Lines in the plane that tasks ask for: straight ones to places on a circle, and digits in one stroke.

A stroke is given by corners on a grid of nine points, with equal steps along the line between them. The strokes are our
own; the papers show theirs only as pictures (P20 Fig. 3c). Each but the 1 starts at the top left, and all keep inside
the square from (0, 0) to (1, 1).
"""

from __future__ import annotations

import numpy as np

RADIUS = 10.0  # of the circle that targets lie on (P20 SM A.1)
_GRID = {
    letter: (column / 2, 1 - row / 2)
    for row, line in enumerate(("abc", "def", "ghi"))
    for column, letter in enumerate(line)
}
STROKES = ("acfigda", "dbeh", "acfdgi", "acefihg", "adfcfi", "acadfig", "adgifd", "aceg", "acfdgifda", "acfdacfi")


def stroke(digit: int, steps: int) -> np.ndarray:
    """The drawing of a digit as points at equal distances along its stroke, both ends included; ``(steps, 2)``.

    Args:
        digit: 0 … 9.
        steps: 2 or more.

    Example:
        >>> stroke(7, 5).tolist()[0], stroke(7, 5).tolist()[-1]
        ([0.0, 1.0], [0.0, 0.0])
    """
    corners = np.array([_GRID[letter] for letter in STROKES[digit]])
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(corners, axis=0), axis=1))])
    places = np.linspace(0, along[-1], steps)
    return np.stack([np.interp(places, along, corners[:, axis]) for axis in (0, 1)], axis=-1)


def strokes(steps: int) -> np.ndarray:
    """The drawings of all ten digits, ``(10, steps, 2)``.

    Args:
        steps: 2 or more.

    Example:
        >>> strokes(28).shape
        (10, 28, 2)
    """
    return np.stack([stroke(digit, steps) for digit in range(10)])


def circle(points: int, radius: float = RADIUS) -> np.ndarray:
    """Points at equal distances on a circle around the origin, the first to the right; ``(points, 2)``.

    Args:
        points: how many.
        radius: in units of the plane.

    Example:
        >>> circle(4).round(6).tolist()
        [[10.0, 0.0], [0.0, 10.0], [-10.0, 0.0], [-0.0, -10.0]]
    """
    angles = np.arange(points) * 2 * np.pi / points
    return radius * np.stack([np.cos(angles), np.sin(angles)], axis=-1)


def straight_lines(targets: np.ndarray, steps: int) -> np.ndarray:
    """Straight lines from the origin to each target, in equal steps, both ends included; ``(targets, steps, 2)``.

    Args:
        targets: points, ``(targets, 2)``.
        steps: 2 or more.

    Example:
        >>> straight_lines(np.array([[10.0, 0.0]]), 3).tolist()
        [[[0.0, 0.0], [5.0, 0.0], [10.0, 0.0]]]
    """
    return targets[:, None] * np.linspace(0, 1, steps)[None, :, None]
