"""Handwritten digits row by row: name them, point to their place, walk there, or draw them (P20 SM A.2; P21 3.2).

The four tasks see the same; they differ in what is to come out, in the loss and in the taught steps.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from ..data.digits import SMALL, load_digits
from ..engine.networks.losses import cross_entropy
from ..engine.randomness import Purpose, generator
from ..engine.training.examples import TensorExamples
from .base import Task, feedback_at_end
from .checksum import hash_of_examples, hash_of_texts
from .templates import circle, straight_lines, strokes

SPLIT = 4 / 5  # of the images not for testing, this share is for training, the rest for validation (P20 SM A.2)
STEPS, CLASSES = 28, 10


class DigitExamples:
    """Some of the digits, with what each of them asks for.

    Images stay bytes, and are shared by all that use them; numbers are made of the chosen ones only.

    Args:
        images: ``(images, 28, 28)``, 0 … 255; row t comes in at step t, divided by 255.
        labels: 0 … 9, ``(images,)``.
        rows: which of the images belong here, ``(Q,)``.
        wanted: what each label asks for at each step, ``(10, 28, O)``, or class numbers ``(10, 28)``.
        dtype: of what comes in.

    Example:
        >>> images, labels = torch.full((5, 28, 28), 51, dtype=torch.uint8), torch.arange(5)
        >>> wanted = torch.arange(10)[:, None].expand(10, 28)
        >>> examples = DigitExamples(images, labels, torch.tensor([4, 1]), wanted, torch.float64)
        >>> inputs, targets = examples.at(torch.tensor([0]))
        >>> inputs.shape, inputs.max().item(), targets[0, -1].item()
        (torch.Size([1, 28, 28]), 0.2, 4)
    """

    lengths: Int[Tensor, " Q"] | None = None

    def __init__(
        self,
        images: UInt8[Tensor, "images 28 28"],
        labels: Int[Tensor, " images"],
        rows: Int[Tensor, " Q"],
        wanted: Tensor,
        dtype: torch.dtype,
    ):
        self.images, self.labels, self.rows, self.wanted, self.dtype = images, labels, rows, wanted, dtype

    def __len__(self) -> int:
        return len(self.rows)

    def at(self, index: Int[Tensor, "*some"]) -> tuple[Float[Tensor, "*some 28 28"], Tensor]:
        """Inputs and targets of the chosen sequences."""
        rows = self.rows[index]
        images = self.images.index_select(0, rows.flatten()).unflatten(0, rows.shape)
        return images.to(self.dtype).div_(255), self.wanted[self.labels[rows]]


class Digits(Task):
    """What the four tasks share: the images, their split, and how well an output is told from those of other digits.

    Of 60,000 images 48,000 are for training and 12,000 for validation, the same for every seed; 10,000 others are for a
    test after the last epoch. Where MNIST cannot be had, scikit-learn's small digits stand in (see
    `ccdni_lib.data.digits`); the same shares of them are used.
    """

    steps, inputs, outputs = STEPS, 28, 2
    finite, has_test = False, True
    published = {
        "epochs": 25,
        "batches": 960,
        "batch_size": 50,
        "truncation": 3,
        "feedback_interval": 4,
        "update": "sequence",
        "lstm_units": 30,
        "granule_cells": 300,
        "learning_rate": 1e-4,
    }
    budgets = {
        "quick": {"seeds": 3, "epochs": 8, "batches": 120, "learning_rate": 1e-3, "validation_size": 1000},
        "class": {"seeds": 5, "epochs": 10, "batches": 480, "learning_rate": 1e-3, "validation_size": 2000},
        "live": {"seeds": 3, "epochs": 12, "batches": 20, "learning_rate": 5e-3, "validation_size": 200}
        | {
            "lstm_units": 20,
            "granule_cells": 80,
            "cerebellum_learning_rate": 1e-3,
            "clip_norm": 1.0,
            "clip": "separate",
        },
    }
    axes = {"axis": ("xy", ("x", "y"))}

    @property
    def data(self) -> str:
        """Which images."""
        return "MNIST" if load_digits().source.startswith("MNIST") else SMALL.removesuffix(", for MNIST")

    @property
    def checksum(self) -> str:
        """A short hash of the images and labels, and of what each digit asks for; twelve hexadecimal digits."""
        wanted = torch.from_numpy(self.wanted())
        targets = TensorExamples(torch.zeros(CLASSES, 0, 0), wanted)
        return hash_of_texts(load_digits().checksum, hash_of_examples({"wanted": targets}))

    def wanted(self) -> np.ndarray:
        """What each digit asks for at each step: ``(10, 28, outputs)``, or class numbers ``(10, 28)``.

        Raises:
            NotImplementedError: of this class; each of the four tasks has its own.
        """
        raise NotImplementedError

    def examples(self, part: str, dtype: torch.dtype, device: torch.device) -> DigitExamples:
        """Training, validation or test images."""
        digits = load_digits()
        test = part == "test"
        images, labels = (
            (digits.test_images, digits.test_labels) if test else (digits.training_images, digits.training_labels)
        )
        rows = np.arange(len(images)) if test else self._split(len(images))[part]
        wanted = torch.from_numpy(self.wanted())
        wanted = wanted if wanted.ndim == 2 else wanted.to(dtype)
        images, labels, kept, wanted = (x.to(device) for x in (images, labels, torch.from_numpy(rows), wanted))
        return DigitExamples(images, labels, kept, wanted, dtype)

    def draw(self, rng: np.random.Generator, batches: int, size: int) -> np.ndarray:
        """Images without repetition, in an order of the seed's own; all of them come before any comes again."""
        images = round(SPLIT * len(load_digits().training_images))
        needed = batches * size
        rounds = [rng.permutation(images) for _ in range(-(-needed // images))]
        return np.concatenate(rounds)[:needed].reshape(batches, size)

    def scores(self, output: Tensor, target: Tensor) -> Mapping[str, Tensor]:
        """``accuracy``: 1 where the output is nearer to what its own digit asks for than to any other digit's."""
        asked = torch.from_numpy(self.taught_steps(1) > 0).to(output.device)
        known = torch.from_numpy(self.wanted()).to(output)[:, asked].flatten(1)  # (10, ·)
        nearest = [
            torch.cdist(x[:, asked].transpose(1, 2).flatten(2), known[None]).argmin(-1) for x in (output, target)
        ]
        return {"accuracy": (nearest[0] == nearest[1]).to(output.dtype)}

    @staticmethod
    def _split(images: int) -> dict[str, np.ndarray]:
        shuffled, cut = generator(0, Purpose.SPLIT).permutation(images), round(SPLIT * images)
        return {"training": shuffled[:cut], "validation": shuffled[cut:]}


class SeqMNIST(Digits):
    """Name the digit when its last row has been seen: ten outputs, cross-entropy at step 27 (P20 SM A.2.1).

    Example:
        >>> task = SeqMNIST()
        >>> task.taught_steps(1).astype(int).tolist()[-3:], task.wanted()[7, -1].item()
        ([0, 0, 1], 7)
    """

    name = "seqmnist"
    summary = "28 rows of a handwritten digit; say at the end which it is"
    source = "P20 SM A.2.1, Fig. 3; P21 Fig. S2"
    outputs = CLASSES
    loss = staticmethod(cross_entropy)
    unused = {"feedback_interval": "for its teacher speaks at the last step only"}
    axes = {"axis": ("digit", tuple(range(CLASSES)))}

    def wanted(self) -> np.ndarray:
        """The class number, at every step: ``(10, 28)``."""
        return np.repeat(np.arange(CLASSES)[:, None], STEPS, axis=1)

    def taught_steps(self, feedback_interval: int) -> np.ndarray:
        """1 at the last step only; ``(28,)``."""
        return feedback_at_end(STEPS)

    def scores(self, output: Tensor, target: Tensor) -> Mapping[str, Tensor]:
        """``accuracy``: 1 where the largest output at the last step is that of the digit."""
        return {"accuracy": (output[:, -1].argmax(-1) == target[:, -1]).to(output.dtype)}


class CSeqMNIST(Digits):
    """Be at the digit's place when its last row has been seen: a point on a circle of radius 10 (P20 SM A.2.2).

    Example:
        >>> CSeqMNIST().wanted()[5, -1].round(6).tolist()  # digit d lies at 36° · d
        [-10.0, 0.0]
    """

    name = "c-seqmnist"
    summary = "28 rows of a handwritten digit; be at its place on a circle of radius 10 at the end"
    source = "P20 SM A.2.2, Fig. 3"
    unused = {"feedback_interval": "for its teacher speaks at the last step only"}

    def wanted(self) -> np.ndarray:
        """The digit's place, at every step: ``(10, 28, 2)``."""
        return np.repeat(circle(CLASSES)[:, None], STEPS, axis=1)

    def taught_steps(self, feedback_interval: int) -> np.ndarray:
        """1 at the last step only; ``(28,)``."""
        return feedback_at_end(STEPS)


class LdSeqMNIST(Digits):
    """Walk from the origin to the digit's place in 28 equal steps while its rows come in (P20 SM A.2.4; P21 3.2).

    Example:
        >>> LdSeqMNIST().wanted()[0, [0, 9, 27]].round(6).tolist()
        [[0.0, 0.0], [3.333333, 0.0], [10.0, 0.0]]
    """

    name = "ld-seqmnist"
    summary = "28 rows of a handwritten digit; draw a straight line to its place on a circle of radius 10"
    source = "P21 section 3.2, Fig. 4; P20 SM A.2.4"

    def wanted(self) -> np.ndarray:
        """A straight line to the digit's place: ``(10, 28, 2)``."""
        return straight_lines(circle(CLASSES), STEPS)


class DdSeqMNIST(Digits):
    """Draw the digit in one stroke while its rows come in; errors are reported 100 times as large (P20 SM A.2.3).

    Example:
        >>> DdSeqMNIST().wanted()[0, 0].tolist()  # the 0 starts at the top left
        [0.0, 1.0]
    """

    name = "dd-seqmnist"
    summary = "28 rows of a handwritten digit; draw it in one stroke in a square of side 1"
    source = "P20 SM A.2.3, Fig. 3; P21 Fig. 4"
    error_factor = 100.0

    def wanted(self) -> np.ndarray:
        """The digit's stroke: ``(10, 28, 2)``."""
        return strokes(STEPS)
