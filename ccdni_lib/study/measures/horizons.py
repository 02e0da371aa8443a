"""How far a lesson travels back in the cortex before a cut stops it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def steps_back(taught: ArrayLike, truncation: int) -> float:
    """Steps that a lesson travels back in the cortex, on average: from where it is given to the cut before it.

    Args:
        taught: whether the teacher speaks, for each of the N steps.
        truncation: T, 1 … N; cuts lie before steps 0, T, 2T, ….

    Returns:
        0 … T - 1.

    Example:
        >>> from ccdni_lib.tasks import find_task
        >>> taught = find_task("seqmnist").taught_steps(1)  # its only lesson is at step 27
        >>> [steps_back(taught, T) for T in (2, 3, 4)]
        [1.0, 0.0, 3.0]
    """
    return float(np.mean(np.flatnonzero(taught) % truncation))
