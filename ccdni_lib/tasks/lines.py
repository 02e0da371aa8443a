"""Line drawing: a cue, then nothing; draw a straight line to the cue's target (P21 section 3.1, Fig. 2)."""

from __future__ import annotations

import numpy as np
import torch

from ..engine.training.examples import TensorExamples
from .base import Task
from .templates import circle, straight_lines

CUES = (0, -3, -2, -1, 1, 2, 3)


class LineDrawing(Task):
    """A cue at the first step, then silence: draw a straight line from the origin to one of six targets, or stay.

    The cue x ∈ {0, ±1, ±2, ±3} comes in as 0.1 x at the first of ten steps. Targets lie on a circle of radius 10, 60°
    apart in the order of their cues; cue 0 means to stay at the origin. The line has ten equally spaced points, origin
    and target included. The teacher speaks at steps 0, k, 2k, ….

    Example:
        >>> task = LineDrawing()
        >>> inputs, targets = task.examples("validation", torch.float64, torch.device("cpu")).at(torch.tensor(6))
        >>> inputs[:3, 0].tolist(), [round(v, 2) for v in targets[-1].tolist()]  # cue 3: its target is at 300°
        ([0.30000000000000004, 0.0, 0.0], [5.0, -8.66])
        >>> task.taught_steps(3).astype(int).tolist()
        [1, 0, 0, 1, 0, 0, 1, 0, 0, 1]
    """

    name = "line-drawing"
    summary = "a cue at the first of 10 steps; draw a straight line to its target on a circle of radius 10"
    source = "P21 section 3.1, Fig. 2"
    steps, inputs, outputs, finite = 10, 1, 2, True
    axes = {"example": ("cue", CUES), "axis": ("xy", ("x", "y"))}
    published = {
        "epochs": 250,
        "batches": 16,
        "batch_size": 50,
        "truncation": 1,
        "feedback_interval": 2,
        "update": "sequence",
        "lstm_units": 50,
        "granule_cells": 400,
        "learning_rate": 1e-3,
        "beta1": 0.9,
        "beta2": 0.98,
        "epsilon": 1e-9,
        "clip_norm": 1.0,
    }
    budgets = {
        "quick": {"seeds": 4, "epochs": 100},
        "class": {"seeds": 10, "epochs": 100},
        "live": {
            "seeds": 5,
            "epochs": 42,
            "lstm_units": 20,
            "granule_cells": 80,
            "learning_rate": 5e-3,
            "cerebellum_learning_rate": 1e-3,
            "clip": "separate",
        },
    }

    def targets(self) -> np.ndarray:
        """The point that each cue means, in the order of `CUES`: ``(7, 2)``, in units of the plane."""
        return np.concatenate([np.zeros((1, 2)), circle(6)])

    def examples(self, part: str, dtype: torch.dtype, device: torch.device) -> TensorExamples:
        """The seven sequences, in the order of `CUES`; training and validation have the same."""
        cues = np.zeros((len(CUES), self.steps, 1))
        cues[:, 0, 0] = 0.1 * np.array(CUES)
        lines = straight_lines(self.targets(), self.steps)
        return TensorExamples(*(torch.from_numpy(x).to(device, dtype) for x in (cues, lines)))

    def draw(self, rng: np.random.Generator, batches: int, size: int) -> np.ndarray:
        """Cues drawn with equal chances, ``(batches, size)``, as numbers into `CUES`."""
        return rng.integers(len(CUES), size=(batches, size))
