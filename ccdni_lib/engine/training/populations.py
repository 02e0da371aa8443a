"""How much alike cells are: correlations of pairs of cells, and of a population as a whole.

All is computed where the data lie. Activity is ``(…, P, Z)``: Z cells in P patterns, such as 7 cues × 10 steps. A cell
that is the same in all patterns correlates with nothing: its correlations are NaN, and it is left out of means.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor


def correlations(one: Float[Tensor, "*E P Z"], other: Float[Tensor, "*E P Y"]) -> Float[Tensor, "*E Z Y"]:
    """Pearson's r of every cell of one population with every cell of another, -1 … 1; NaN for a constant cell.

    Args:
        one: Z cells in P patterns.
        other: Y cells in the same patterns.

    Example:
        >>> one = torch.tensor([[1.0, 7.0], [2.0, 7.0], [3.0, 7.0]])  # a rising cell, and a constant one
        >>> correlations(one, -one[:, :1]).round(decimals=4).tolist()
        [[-1.0], [nan]]
    """
    return (_standard(one).mT @ _standard(other)).clamp(-1, 1)


def mean_correlation(activity: Float[Tensor, "*E P Z"]) -> Float[Tensor, "*E"]:
    """Mean absolute r over all pairs of different cells of one population, 0 … 1 (the r̄ of P20 Fig. 2e, f and 3d).

    Args:
        activity: of Z cells in P patterns, in any unit.

    Example:
        >>> r = mean_correlation(torch.tensor([[1.0, -1.0, 0.0], [2.0, -2.0, 1.0], [3.0, -3.0, 0.0]]))
        >>> round(r.item(), 4)  # the mean of 1, 0 and 0
        0.3333
    """
    cells = activity.shape[-1]
    above = torch.ones(cells, cells, dtype=torch.bool, device=activity.device).triu(1)
    return correlations(activity, activity)[..., above].abs().nanmean(-1)


def r_pop(activity: Float[Tensor, "*E P Z"]) -> Float[Tensor, "*E"]:
    """Population correlation, from 0 (cells vary equally and independently) to 1 (all follow a single signal).

    r_pop = Z/(Z−1) · (maxᵢ √λᵢ / Σᵢ √λᵢ − 1/Z), with λ the eigenvalues of the covariance of Z cells (P20 section 2.1,
    after Cayco-Gajic et al. 2017). Few patterns look correlated: with fewer than Z + 1 of them it cannot come to 0.
    NaN where no cell varies, and for a single cell.

    Args:
        activity: of Z cells in P patterns, in any unit.

    Example:
        >>> r_pop(torch.tensor([[1.0, 0], [-1, 0], [0, 1], [0, -1]])).item()  # they vary equally, and independently
        0.0
    """
    root, cells = variances(activity).sqrt(), activity.shape[-1]
    total = root.sum(-1)
    share = root.amax(-1) / total.where(total > 0, torch.nan)
    return cells / (cells - 1) * (share - 1 / cells) if cells > 1 else torch.full_like(total, torch.nan)


def variances(activity: Float[Tensor, "*E P Z"]) -> Float[Tensor, "*E Z"]:
    """Eigenvalues of the covariance: variances along the population's own directions; NaN where activity is not finite.

    Args:
        activity: of Z cells in P patterns, in any unit; variances are in its square.

    Example:
        >>> variances(torch.tensor([[1.0, 1.0], [-1.0, -1.0]])).tolist()
        [0.0, 4.0]
    """
    fine = activity.isfinite().all(-1).all(-1)
    centred = (activity - activity.mean(-2, keepdim=True)).where(fine[..., None, None], 0)
    found = torch.linalg.eigvalsh(centred.mT @ centred / (activity.shape[-2] - 1)).clamp(min=0)
    return found.where(fine[..., None], torch.nan)


def _standard(activity: Float[Tensor, "*E P Z"]) -> Float[Tensor, "*E P Z"]:
    """Centred, and of length 1; NaN for a cell that varies by no more than rounding."""
    centred = activity - activity.mean(-2, keepdim=True)
    length = torch.linalg.vector_norm(centred, dim=-2, keepdim=True)
    whole = torch.linalg.vector_norm(activity, dim=-2, keepdim=True)
    rounding = 8 * torch.finfo(activity.dtype).eps
    return centred / length.where(length > rounding * whole, torch.nan)
