"""Exercises of the chapter on lesions: what is out of action, and how much it matters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .exercise import Case, Exercise

_OFF = {"cerebellum": (0.0, 0.0), "olive": (1.0, 0.0), "nuclei": (0.0, 1.0)}
Lesions = Sequence[tuple[str, int]]


def _lesion_factors(lesions: Lesions, epoch: int) -> np.ndarray:
    """Factors of what is sent to cortex and of learning, after the lesions up to an epoch."""
    struck = [_OFF[kind] for kind, start in lesions if start <= epoch]
    return np.min([(1.0, 1.0), *struck], axis=0)


def _factors_an_epoch_late(lesions: Lesions, epoch: int) -> np.ndarray:
    """The mistake of lesioning after the epoch instead of before it."""
    return _lesion_factors(lesions, epoch - 1)


def _exchanged_factors(lesions: Lesions, epoch: int) -> np.ndarray:
    """The mistake of exchanging the two factors."""
    return _lesion_factors(lesions, epoch)[::-1]


def _factors_at_once(lesions: Lesions, epoch: int) -> np.ndarray:
    """The mistake of applying all lesions from the beginning."""
    return _lesion_factors(lesions, 10**6)


_EARLY = (np.array([4.0, 1.0, 0.1]), np.array([1.0, 1.0, 1.0]))
_EVEN = (np.array([2.0, 1.0]), np.array([1.0, 2.0]))
_SPREAD = (np.array([4.0, 0.5]), np.array([0.2, 4.0]))

EXERCISES = [
    Exercise(
        "switches",
        [
            Case("no lesion at all, in epoch 10,", ([], 10), _lesion_factors([], 10)),
            Case("the cerebellum lesioned at 50, in epoch 49,", ([("cerebellum", 50)], 49), np.array([1.0, 1.0])),
            Case("the cerebellum lesioned at 50, in epoch 50,", ([("cerebellum", 50)], 50), np.array([0.0, 0.0])),
            Case("the olive lesioned at 50, in epoch 80,", ([("olive", 50)], 80), np.array([1.0, 0.0])),
            Case("the nuclei lesioned at 50, in epoch 80,", ([("nuclei", 50)], 80), np.array([0.0, 1.0])),
            Case(
                "the olive lesioned at 50 and the nuclei at 80, in epoch 60,",
                ([("olive", 50), ("nuclei", 80)], 60),
                np.array([1.0, 0.0]),
            ),
            Case(
                "the olive lesioned at 50 and the nuclei at 80, in epoch 90,",
                ([("olive", 50), ("nuclei", 80)], 90),
                np.array([0.0, 0.0]),
            ),
        ],
        [
            (
                _factors_an_epoch_late,
                "Your lesion comes one epoch late; it strikes in the epoch that it is named after.",
            ),
            (_factors_at_once, "You let a lesion strike before its epoch has come."),
            (
                _exchanged_factors,
                "You exchanged the two: the nuclei send predictions out (inject), the olive brings errors in (learn).",
            ),
        ],
    ),
    Exercise(
        "twin_ratio",
        [
            Case("one pair, errors 8 and 2,", (np.array([8.0]), np.array([2.0])), 4.0),
            Case("errors 2 and 1, of twins with 1 and 2,", _EVEN, 1.0),
            Case("errors 4, 1 and 0.1, of twins with 1 each,", _EARLY, 0.4 ** (1 / 3)),
            Case("errors 4 and 0.5, of twins with 0.2 and 4,", _SPREAD, 2.5**0.5),
        ],
        [
            (
                lambda lesioned, alone: np.mean(lesioned) / np.mean(alone),
                "You divided the means: that compares two groups, and forgets who is whose twin.",
            ),
            (
                lambda lesioned, alone: np.mean(lesioned / alone),
                "You averaged the ratios themselves: twice and half do not cancel, for their mean is 1.25.",
            ),
            (
                lambda lesioned, alone: np.exp(np.mean(np.log(alone / lesioned))),
                "You turned it upside down: the lesioned network's error comes first.",
            ),
        ],
    ),
]
