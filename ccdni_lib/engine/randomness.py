"""Random numbers that depend on a network's own seed and on nothing else.

Every draw is made by NumPy on the CPU, from a stream named by the seed, the purpose and an index (an epoch, say). So a
network sees the same numbers on every device, alone or beside others, and a run that is resumed at epoch 70 draws what
an uninterrupted one draws there. A cRNN and a ccRNN of one seed share their cortex and their examples: they are pairs.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Purpose(IntEnum):
    """What a stream of random numbers is for. Values are part of every result: never renumber them.

    Example:
        >>> Purpose.EXAMPLES.value
        3
    """

    CORTEX = 0
    CEREBELLUM = 1
    WIRING = 2
    EXAMPLES = 3
    NOISE = 4
    DROPOUT = 5
    SPLIT = 6
    SCENES = 7
    CAPTIONS = 8


def generator(seed: int, purpose: Purpose, index: int = 0) -> np.random.Generator:
    """The stream of one seed for one purpose.

    Args:
        seed: the network's seed, 0 or more.
        purpose: what the numbers are for.
        index: which of the streams for this purpose, usually the epoch; 0 or more.

    Example:
        >>> generator(3, Purpose.EXAMPLES, 10).integers(7, size=5).tolist()
        [3, 5, 4, 4, 4]
    """
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, purpose, index])))
