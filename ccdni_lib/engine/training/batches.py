"""From a task's examples to batches: drawn by each network's own seed, with its own noise and dropout."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..learning.rule import Batch
from ..networks.embedding import ImageAndWords
from ..randomness import Purpose, generator
from ..settings import Settings
from .examples import Examples, Trainable, runs_weighted


class Batches:
    """The batches of an ensemble of E networks.

    Args:
        task: what is learned.
        points: settings of the networks, each with all its seeds.
        examples: to train on.
        taught: 1 where the teacher speaks, else 0.

    Attributes:
        weighted: whether every example runs once a batch, weighted by how often it was drawn.

    Example:
        >>> from ccdni_lib.tasks import find_task, settings_for
        >>> task, cpu = find_task("line-drawing"), torch.device("cpu")
        >>> examples = task.examples("training", torch.float32, cpu)
        >>> batches = Batches(task, [settings_for(task, seeds=2)], examples, torch.ones(2, 10))
        >>> first, *rest = batches.draw(epoch=0)
        >>> len(rest), first.counts.sum(1).tolist()  # 16 batches of 50 sequences for each network, of seven cues
        (15, [50.0, 50.0])
    """

    def __init__(self, task: Trainable, points: Sequence[Settings], examples: Examples, taught: Float[Tensor, "E N"]):
        self.task, self.points, self.shared = task, points, points[0]
        self.examples, self.taught = examples, taught
        self.weighted = runs_weighted(task, examples, self.shared)

    def draw(self, epoch: int, first: int = 0) -> Iterator[Batch]:
        """The batches of an epoch, which are the same whenever and beside whomever they are drawn.

        Args:
            epoch: 0 is the first.
            first: how many of them to leave out, for they have been learned from.
        """
        seeds, size, examples = self.shared.seeds, self.shared.batch_size, self.examples
        drawn = np.stack(
            [self.task.draw(generator(s, Purpose.EXAMPLES, epoch), self.shared.batches, size) for s in seeds]
        )
        if self.weighted:
            drawn = self._counts(drawn)
            inputs, targets, _ = sequences(examples, torch.arange(len(examples), device=self.taught.device)[None])
        elif examples.lengths is not None:  # the longest first
            order = np.argsort(-examples.lengths.numpy()[drawn], axis=-1, kind="stable")
            drawn = np.take_along_axis(drawn, order, axis=-1)
        noise, dropout = (
            [generator(s, purpose, epoch) for s in seeds] if amount else []
            for purpose, amount in ((Purpose.NOISE, self.task.noise), (Purpose.DROPOUT, self.shared.input_dropout))
        )
        index = torch.from_numpy(drawn).to(self.taught.device).repeat(len(self.points), 1, 1)
        for number, one in enumerate(index.unbind(1)):
            added = self._noise(noise) if noise else None  # drawn for those that are left out too
            kept = self._dropout(dropout) if dropout else None
            if number < first:
                continue
            if self.weighted:
                yield replace(self._batch(inputs, targets, None), counts=one.to(self.taught.dtype))
                continue
            batch = self._batch(*sequences(examples, one))
            if added is not None and isinstance(batch.inputs, Tensor):
                batch = replace(batch, inputs=batch.inputs + added)
            yield batch if kept is None else replace(batch, kept=kept[:, : batch.targets.shape[1]])

    def choose(self, examples: Examples, index: Int[Tensor, " Q"]) -> Batch:
        """Some examples as one batch for all networks, with neither noise nor dropout.

        Args:
            examples: of any part of the task.
            index: which of them.
        """
        return self._batch(*sequences(examples, index[None]))

    def _counts(self, drawn: np.ndarray) -> np.ndarray:
        """How often each example was drawn for each batch, ``(seeds, batches, examples)``."""
        kinds, (seeds, batches, _) = len(self.examples), drawn.shape
        rows = np.arange(seeds * batches).reshape(seeds, batches, 1)
        counted = np.bincount((drawn + kinds * rows).ravel(), minlength=kinds * rows.size)
        return counted.reshape(seeds, batches, kinds)

    def _batch(self, inputs: Tensor | ImageAndWords, targets: Tensor, lengths: Int[Tensor, "_ B"] | None) -> Batch:
        taught = self.taught[:, : targets.shape[1], None]
        if lengths is not None:
            there = lengths[:, None] > torch.arange(targets.shape[1])[:, None]
            taught = taught * there.to(taught)
            lengths = lengths.expand(len(self.taught), -1)
        return Batch(inputs, targets, taught, self.shared.batch_size, lengths=lengths)

    def _noise(self, generators: Sequence[np.random.Generator]) -> Float[Tensor, "E N B I"]:
        """Noise for one batch, each network's from its own seed."""
        shape = self.task.steps, self.shared.batch_size, self.task.inputs
        drawn = torch.from_numpy(np.stack([self.task.noise * one.standard_normal(shape) for one in generators]))
        return drawn.to(self.taught).repeat(len(self.points), 1, 1, 1)

    def _dropout(self, generators: Sequence[np.random.Generator]) -> Float[Tensor, "E N B I"]:
        """For one batch, 0 for all that dropout silences and 1 / (1 - p) for the rest, as `torch.nn.Dropout` has it."""
        p, width = self.shared.input_dropout, self.shared.lstm_units if self.task.words else self.task.inputs
        shape = self.task.steps, self.shared.batch_size, width
        drawn = torch.from_numpy(np.stack([one.random(shape, dtype=np.float32) >= p for one in generators]))
        return drawn.to(self.taught).div_(1 - p).repeat(len(self.points), 1, 1, 1)


def sequences(
    examples: Examples, index: Int[Tensor, "some B"]
) -> tuple[Tensor | ImageAndWords, Tensor, Int[Tensor, "some B"] | None]:
    """Inputs and targets with steps in front of sequences, and lengths; no more steps than the longest has.

    Args:
        examples: to choose from.
        index: which, for all networks or for each.

    Returns:
        Inputs ``(some, N, B, I)`` or an image and words, targets ``(some, N, B, …)``, and after how many steps each
        sequence ends, on the CPU; None where all go on to the last.

    Example:
        >>> from ccdni_lib.engine.training.examples import TensorExamples
        >>> examples = TensorExamples(torch.zeros(7, 10, 1), torch.zeros(7, 10, 2))
        >>> sequences(examples, torch.tensor([[0, 0, 3]]))[1].shape
        torch.Size([1, 10, 3, 2])
    """
    inputs, targets = examples.at(index)
    inputs, targets = inputs.transpose(1, 2), targets.transpose(1, 2)
    if examples.lengths is None:
        return inputs, targets, None
    lengths = examples.lengths[index.cpu()]
    steps = slice(int(lengths.max()))
    return inputs[:, steps], targets[:, steps], lengths
