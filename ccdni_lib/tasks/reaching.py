"""Target reaching: a cue, then nothing; be at the cue's target in the end (P20 section 3.1, Fig. 2, SM A.1)."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch

from ..engine.randomness import Purpose, generator
from ..engine.ranges import Choice, Range
from ..engine.training.examples import TensorExamples
from .base import Task, feedback_at_end
from .templates import circle

COPIES = 20  # of each cue among the validation examples, where cues are noisy


class TargetReaching(Task):
    """A cue at the first step, then silence: be at the cue's target at the last step; nothing else counts.

    Cue 0 means to stay at the origin; the others mean points at equal distances on a circle of radius 10, in order. The
    cue comes in as a number x ∈ {0, ±1, ±2, ±3}, as 0.1 times the two coordinates of its target, or as a pattern of 28
    zeros and ones; in the last two cases Gaussian noise with variance 0.1 is added to the input at every step.

    Args:
        targets: 3, 7 or 9, the origin included (P20 Fig. S8a, b).
        inputs: 1, 2 or 28 numbers that come in (P20 Fig. S8c, d).

    Example:
        >>> task = TargetReaching()
        >>> inputs, targets = task.examples("validation", torch.float64, torch.device("cpu")).at(torch.tensor(6))
        >>> inputs[:3, 0].tolist(), [round(v, 2) for v in targets[-1].tolist()]  # cue 3: its target is at 300°
        ([3.0, 0.0, 0.0], [5.0, -8.66])
        >>> task.taught_steps(1).astype(int).tolist()
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    """

    name = "target-reaching"
    summary = "a cue at the first of 10 steps; be at its target on a circle of radius 10 at the last"
    source = "P20 section 3.1, Fig. 2, SM A.1"
    steps, inputs, outputs = 10, 1, 2
    published = {
        "epochs": 300,
        "batches": 1,
        "batch_size": 50,
        "truncation": 3,
        "update": "truncation",
        "lstm_units": 10,
        "granule_cells": 80,
        "learning_rate": 1e-3,
    }
    budgets = {
        "quick": {"epochs": 300},
        "class": {"epochs": 3000},
        "live": {"seeds": 5, "epochs": 300},
    }
    unused = {"feedback_interval": "for its teacher speaks at the last step only"}
    variants: ClassVar[dict[str, Range]] = {"targets": Choice(("3", "7", "9")), "inputs": Choice(("1", "2", "28"))}

    def __init__(self, targets: int | str = 7, inputs: int | str = 1):
        self.count, self.inputs = int(targets), int(inputs)
        if self.count not in (3, 7, 9) or self.inputs not in (1, 2, 28):
            raise ValueError(f"targets {targets}, inputs {inputs}: must be one of 3, 7, 9 and one of 1, 2, 28")
        chosen = [f"targets={self.count}"] * (self.count != 7) + [f"inputs={self.inputs}"] * (self.inputs != 1)
        self.name = ":".join([type(self).name, ",".join(chosen)]) if chosen else type(self).name
        self.finite, self.noise = self.inputs == 1, 0.0 if self.inputs == 1 else 0.1**0.5
        if self.inputs == 28:
            self.published = {**self.published, "lstm_units": 30}
        ahead = (self.count - 1) // 2
        self.cues = (0, *range(-ahead, 0), *range(1, ahead + 1))
        self.axes = {"example": ("cue", self.cues * COPIES), "axis": ("xy", ("x", "y"))}

    def targets(self) -> np.ndarray:
        """The point that each cue means, in the order of ``cues``: ``(targets, 2)``, in units of the plane."""
        return np.concatenate([np.zeros((1, 2)), circle(self.count - 1)])

    def signals(self) -> np.ndarray:
        """What comes in at the first step for each cue: ``(targets, inputs)``."""
        if self.inputs == 1:
            return np.array(self.cues, dtype=float)[:, None]
        if self.inputs == 2:
            return 0.1 * self.targets()
        drawn = generator(0, Purpose.SPLIT).integers(2, size=(self.count - 1, self.inputs))
        return np.concatenate([np.zeros((1, self.inputs)), drawn])

    def taught_steps(self, feedback_interval: int) -> np.ndarray:
        """1 at the last step only; ``(10,)``."""
        return feedback_at_end(self.steps)

    def examples(self, part: str, dtype: torch.dtype, device: torch.device) -> TensorExamples:
        """One sequence a cue, in the order of ``cues``; for validation, if cues are noisy, twenty of each."""
        cues = np.zeros((self.count, self.steps, self.inputs))
        cues[:, 0] = self.signals()
        targets = np.repeat(self.targets()[:, None], self.steps, axis=1)
        if self.noise and part == "validation":
            cues, targets = np.tile(cues, (COPIES, 1, 1)), np.tile(targets, (COPIES, 1, 1))
            cues += self.noise * generator(0, Purpose.NOISE).standard_normal(cues.shape)
        return TensorExamples(*(torch.from_numpy(x).to(device, dtype) for x in (cues, targets)))

    def draw(self, rng: np.random.Generator, batches: int, size: int) -> np.ndarray:
        """Cues drawn with equal chances, ``(batches, size)``, as numbers into ``cues``."""
        return rng.integers(self.count, size=(batches, size))
