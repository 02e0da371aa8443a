"""How much alike the cells of a population are: population correlation, and the dimension of what they do."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import ArrayLike

from ...engine.training import populations


def r_pop(activity: ArrayLike) -> np.ndarray | np.float64:
    """Population correlation, from 0 (cells vary equally and independently) to 1 (all follow a single signal).

    r_pop = Z/(Z−1) · (maxᵢ √λᵢ / Σᵢ √λᵢ − 1/Z), with λ the eigenvalues of the covariance of Z cells (P20 section 2.1,
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
    return populations.r_pop(_tensor(activity)).numpy()[()]


def mean_correlation(activity: ArrayLike) -> np.ndarray | np.float64:
    """Mean absolute r over all pairs of different cells of a population, 0 … 1 (the r̄ of P20 Fig. 2e, f and 3d).

    Args:
        activity: of Z ≥ 2 cells to at least 2 patterns, ``(…, patterns, Z)``; any unit. Cells that are constant are
            left out.

    Returns:
        One number for each population, ``(…)``; NaN where no two cells vary.

    Raises:
        ValueError: when there are fewer than two cells or two patterns.

    Example:
        >>> mean_correlation([[1.0, -1.0, 0.0], [2.0, -2.0, 1.0], [3.0, -3.0, 0.0]]).round(4)  # the mean of 1, 0 and 0
        np.float64(0.3333)
    """
    return populations.mean_correlation(_tensor(activity)).numpy()[()]


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
    found = populations.variances(_tensor(activity)).numpy()
    squares = (found**2).sum(-1)
    return found.sum(-1) ** 2 / np.where(squares > 0, squares, np.nan)


def _tensor(activity: ArrayLike) -> torch.Tensor:
    values = np.asarray(activity, dtype=float)
    if values.ndim < 2 or min(values.shape[-2:]) < 2:
        raise ValueError(f"activity of shape {values.shape}: must be (…, patterns, cells), two or more of both")
    return torch.from_numpy(values)
