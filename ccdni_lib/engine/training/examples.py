"""What training needs of a task: sequences with targets, drawn by seed and epoch, and when the teacher speaks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..networks.embedding import ImageAndWords
from ..networks.losses import Loss
from ..settings import Settings


@runtime_checkable
class Examples(Protocol):
    """A set of Q sequences on some device.

    Attributes:
        lengths: after how many steps each ends, ``(Q,)`` on the CPU; None where all go on to the last.
    """

    lengths: Int[Tensor, " Q"] | None

    def __len__(self) -> int:
        """Q."""
        ...

    def at(self, index: Int[Tensor, "*some"]) -> tuple[Float[Tensor, "*some N I"] | ImageAndWords, Tensor]:
        """Inputs and targets of the chosen sequences; images and words as ``(*some, F)`` and ``(*some, N)``.

        Args:
            index: which of them, 0 … Q - 1, in any shape.
        """
        ...


class TensorExamples:
    """Examples that are two tensors.

    Args:
        inputs: ``(Q, N, I)``.
        targets: ``(Q, N, O)``, or class numbers ``(Q, N)``.

    Example:
        >>> examples = TensorExamples(torch.zeros(7, 10, 1), torch.zeros(7, 10, 2))
        >>> inputs, targets = examples.at(torch.tensor([0, 0, 3]))
        >>> inputs.shape, targets.shape
        (torch.Size([3, 10, 1]), torch.Size([3, 10, 2]))
    """

    lengths: Int[Tensor, " Q"] | None = None

    def __init__(self, inputs: Float[Tensor, "Q N I"], targets: Tensor):
        self.inputs, self.targets = inputs, targets

    def __len__(self) -> int:
        return len(self.inputs)

    def at(self, index: Int[Tensor, "*some"]) -> tuple[Float[Tensor, "*some N I"], Tensor]:
        """Inputs and targets of the chosen sequences, as `Examples` has it."""
        return self.inputs[index], self.targets[index]


@runtime_checkable
class Trainable(Protocol):
    """What training needs of a task; `ccdni_lib.tasks.Task` has all of it, and says what each method is given.

    Attributes:
        name: as on the command line.
        steps: N, length of a sequence.
        inputs: numbers that come in at each step.
        outputs: numbers that go out at each step.
        loss: of a step.
        finite: whether examples run once each in every batch, weighted by how often they were drawn; None decides (see
            `runs_weighted`).
        noise: standard deviation of the Gaussian noise on every number that comes in, while training; 0 is none.
        error_factor: factor on errors where they are reported, 1 for nearly all.
        has_test: whether there are test examples, which are run once, after the last epoch.
        words: V, where images and words come in (``inputs`` counts for nothing then); else 0.
        features: F, of those images; else 0.
        keeps_outputs: whether outputs are kept in the Dataset of a run.
    """

    name: str
    steps: int
    inputs: int
    outputs: int
    finite: bool | None
    noise: float
    error_factor: float
    has_test: bool
    words: int
    features: int
    keeps_outputs: bool

    @property
    def data(self) -> str:
        """Where the examples come from, in a line; empty where they are made up."""
        ...

    @property
    def checksum(self) -> str:
        """A short hash of the training and validation examples, the same on every machine."""
        ...

    @property
    def parameters(self) -> Mapping[str, Any]:
        """What makes this task another than one of the same name, as JSON can hold it."""
        ...

    @property
    def loss(self) -> Loss:
        """Loss of a step."""
        ...

    def taught_steps(self, feedback_interval: int) -> np.ndarray:
        """1 at the steps where the teacher speaks, else 0; ``(N,)``."""
        ...

    def examples(self, part: str, dtype: torch.dtype, device: torch.device) -> Examples:
        """The "training", the "validation" or the "test" examples."""
        ...

    def scores(self, output: Tensor, target: Tensor) -> Mapping[str, Tensor]:
        """What else is measured of every sequence, by name: ``(E, B)`` from output ``(E, N, B, O)`` and target."""
        ...

    def draw(self, rng: np.random.Generator, batches: int, size: int) -> np.ndarray:
        """Which training examples each batch of an epoch has, ``(batches, size)``."""
        ...

    def final(self, ensemble: Any) -> Mapping[str, tuple[tuple[str, ...], Tensor]]:
        """What is measured of an `Ensemble` once, after its last epoch: name → dims and values ``(E, …)``."""
        ...


def runs_weighted(task: Trainable, examples: Examples, settings: Settings) -> bool:
    """Whether every training example runs once a batch, weighted by how often it was drawn, or each draw by itself.

    Both give the same gradients. The first pays where a batch holds most examples several times, and is only possible
    where all draws of one example are alike: so, unless the task says it in ``finite``, it is done where there are no
    more examples than sequences in a batch, of one length and with neither noise nor dropout on what comes in.

    Args:
        task: what is learned.
        examples: to train on.
        settings: of the run.

    Example:
        >>> from ccdni_lib.tasks import find_task, settings_for
        >>> task = find_task("line-drawing")
        >>> examples = task.examples("training", torch.float32, torch.device("cpu"))  # seven, for batches of 50
        >>> runs_weighted(task, examples, settings_for(task))
        True
    """
    if task.finite is not None:
        return task.finite
    alike = not task.noise and not settings.input_dropout and examples.lengths is None
    return alike and len(examples) <= settings.batch_size
