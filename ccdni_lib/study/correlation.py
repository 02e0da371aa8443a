"""How much alike the cells of a population are: population correlation, and the dimension of what they do."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def r_pop(activity: ArrayLike) -> np.ndarray | np.float64:
    """Population correlation, from 0 (cells vary equally and independently) to 1 (all follow a single signal).

    r_pop = Z/(Z−1) · (maxᵢ √λᵢ / Σᵢ √λᵢ − 1/Z), with λ the eigenvalues of the covariance of Z cells (I, section 2.1,
    after Cayco-Gajic et al. 2017). Few patterns look correlated: with fewer than Z + 1 of them it cannot come to 0.

    Args:
        activity: of Z ≥ 2 cells to at least 2 patterns, ``(…, patterns, Z)``; any unit.

    Returns:
        One number for each population, ``(…)``; NaN where no cell varies.

    Raises:
        ValueError: when there are fewer than two cells or two patterns.

    Example:
        >>> signal = np.array([[1.0], [2.0], [5.0]])
        >>> r_pop(np.hstack([signal, -signal, 3 * signal])).round(6)
        np.float64(1.0)
        >>> r_pop([[1, 0], [-1, 0], [0, 1], [0, -1]]).round(6)  # two cells that vary equally, and independently
        np.float64(0.0)
    """
    root = np.sqrt(_variances(activity))
    cells, total = root.shape[-1], root.sum(-1)
    share = root.max(-1) / np.where(total > 0, total, np.nan)
    return cells / (cells - 1) * (share - 1 / cells)


def dimension(activity: ArrayLike) -> np.ndarray | np.float64:
    """In how many directions a population varies: (Σλ)² / Σλ², from 1 to Z (Litwin-Kumar et al. 2017).

    Args:
        activity: of Z ≥ 2 cells to at least 2 patterns, ``(…, patterns, Z)``; any unit.

    Returns:
        One number for each population, ``(…)``; NaN where no cell varies.

    Raises:
        ValueError: when there are fewer than two cells or two patterns.

    Example:
        >>> dimension([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0]])  # the third cell is silent
        np.float64(2.0)
    """
    variances = _variances(activity)
    squares = (variances**2).sum(-1)
    return variances.sum(-1) ** 2 / np.where(squares > 0, squares, np.nan)


def _variances(activity: ArrayLike) -> np.ndarray:
    """Eigenvalues of the covariance: variances along the population's own directions, ``(…, Z)``."""
    values = np.asarray(activity, dtype=float)
    if values.ndim < 2 or min(values.shape[-2:]) < 2:
        raise ValueError(f"activity of shape {values.shape}: must be (…, patterns, cells), two or more of both")
    centred = values - values.mean(-2, keepdims=True)
    return np.linalg.eigvalsh(np.swapaxes(centred, -1, -2) @ centred / (values.shape[-2] - 1)).clip(0)
