"""How a digit is drawn in one stroke: corners on a grid of nine points, and equal steps along the line between them.

The strokes are our own; the papers show theirs only as pictures (P20 Fig. 3c). Each but the 1 starts at the top left,
and all keep inside the square from (0, 0) to (1, 1).
"""

from __future__ import annotations

import numpy as np

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
    """The drawings of all ten digits, ``(10, steps, 2)``."""
    return np.stack([stroke(digit, steps) for digit in range(10)])
