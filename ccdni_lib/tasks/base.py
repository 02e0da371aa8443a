"""What a task is, and how to write one of your own.

A task says what comes in, what is to come out, how that is judged, and when the teacher speaks. The engine does the
rest. Derive from `Task`, give it a name, three sizes, a loss and its examples, and train it as any other:
``ccdni_lib.train(Echo(), "ccrnn", epochs=50)`` for the one in the docstring of `Task`. ``examples/sine_wave.py`` in the
repository is a complete one, with an explorer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from inspect import signature
from types import FunctionType
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from ..engine.networks.losses import Loss, squared_distance
from ..engine.ranges import Range, one_line
from ..engine.settings import SettingError, Settings, make_settings
from ..engine.training.ensemble import Ensemble
from ..engine.training.examples import Examples
from .checksum import hash_of_examples, to_plain

BUDGETS = {
    "quick": "seconds on two CPU cores: enough to see the effect",
    "class": "a minute: enough to discuss it",
    "paper": "the published seeds and epochs",
    "live": "about a second: a small network, for sliders",
}
_WORDS = ("name", "summary", "source", "error_name", "error_unit")  # what a task is called and said to be


class Task:
    """A task: what training needs of it (see `ccdni_lib.engine.training.examples.Trainable`), and what a person asks.

    Attributes:
        name: as on the command line and in results.
        summary: one sentence: what comes in, and what is to come out.
        source: where it was published.
        steps: N, length of a sequence.
        inputs: numbers that come in at each step.
        outputs: numbers that go out at each step.
        loss: of a step, with its gradient (see `ccdni_lib.engine.networks.losses`); squared distance if not given. A
            function in the body of a class will do, as in ``loss = cross_entropy``.
        finite: whether each example runs once a batch, weighted by how often it was drawn: the same gradients, faster
            where examples are few, slower where they are many. None, as a rule, does so where there are no more
            training examples than sequences in a batch (see `ccdni_lib.engine.training.examples.runs_weighted`).
        noise: standard deviation of Gaussian noise on all that comes in while training; must be 0 if ``finite``.
        error_factor: factor on errors where they are reported.
        error_name, error_unit: what errors are called, and their unit, where the loss is your own; else "" (see
            `ccdni_lib.tasks.variables`).
        has_test: whether there are "test" examples too.
        words, features: V and F, where images and words come in (see `ccdni_lib.engine.networks.embedding`); else 0.
        keeps_outputs: whether outputs are kept in Datasets; not where they are thousands of numbers a step.
        published: the settings it was published with, where they differ from the shared defaults.
        budgets: what the smaller budgets change, by name.
        unused: settings that mean nothing here, each with the reason.
        axes: the name and the labels of what its Datasets call "example" and "axis".
        variants: keywords of the constructor with what they may be, for names such as ``target-reaching:targets=9``.

    Example:
        >>> from ccdni_lib.engine.training.examples import TensorExamples
        >>> class Echo(Task):  # five tones; each is heard once, and is to be given back for eight steps
        ...     name, steps, inputs, outputs = "echo", 8, 1, 1
        ...
        ...     def examples(self, part, dtype, device):
        ...         tones = torch.linspace(-1, 1, 5, dtype=dtype, device=device)[:, None, None]
        ...         heard = torch.cat([tones, torch.zeros(5, 7, 1, dtype=dtype, device=device)], dim=1)
        ...         return TensorExamples(heard, tones.expand(5, 8, 1))
        >>> ensemble = Ensemble(Echo(), [settings_for(Echo(), seeds=3, batches=2)])
        >>> for _ in ensemble.train():
        ...     pass
        >>> ensemble.validate()[0].shape  # three networks, eight steps
        torch.Size([3, 8])
    """

    name: str
    summary: str = ""
    source: str = ""
    steps: int
    inputs: int
    outputs: int
    loss: Loss = staticmethod(squared_distance)  # type: ignore[assignment]
    finite: bool | None = None
    noise: float = 0.0
    error_factor: float = 1.0
    error_name: str = ""
    error_unit: str = ""
    has_test: bool = False
    words: int = 0
    features: int = 0
    keeps_outputs: bool = True
    published: Mapping[str, Any] = {}
    budgets: Mapping[str, Mapping[str, Any]] = {}
    unused: Mapping[str, str] = {}
    axes: Mapping[str, tuple[str, Sequence[Any]]] = {}
    variants: ClassVar[Mapping[str, Range]] = {}
    _checksum: str | None = None

    def __init_subclass__(cls, **keywords: Any) -> None:
        """A plain function as ``loss`` in a class's body is what judges, not a method of it."""
        super().__init_subclass__(**keywords)
        loss = vars(cls).get("loss")
        if isinstance(loss, FunctionType) and next(iter(signature(loss).parameters), "") != "self":
            cls.loss = staticmethod(loss)  # type: ignore[assignment]

    def __getstate__(self) -> dict[str, Any]:
        """What travels to another process: not the checksum, which must be that of the examples found there."""
        return {name: value for name, value in vars(self).items() if name != "_checksum"}

    @property
    def checksum(self) -> str:
        """A short hash of the training and validation examples, twelve hexadecimal digits; computed once and kept.

        It is the same on every machine; results whose checksums differ were made on other data, and are never joined.

        Example:
            >>> from ccdni_lib.tasks import find_task
            >>> find_task("line-drawing").checksum == find_task("target-reaching").checksum
            False
        """
        if self._checksum is None:
            cpu = torch.device("cpu")
            parts = {part: self.examples(part, torch.float64, cpu) for part in ("training", "validation")}
            self._checksum = hash_of_examples(parts)
        return self._checksum

    @property
    def parameters(self) -> dict[str, Any]:
        """What makes this object another than one of the same name, as JSON can hold it.

        All public attributes of the object, and of your own classes, that are numbers, texts or tuples of such; those
        of other kinds must be told by `checksum`, or by a ``parameters`` of your own.

        Example:
            >>> from ccdni_lib.tasks import find_task
            >>> find_task("target-reaching:targets=3").parameters["count"]
            3
        """
        own = [vars(kind) for kind in reversed(type(self).__mro__) if kind not in Task.__mro__]
        found = {}
        for name, value in (item for each in [*own, vars(self)] for item in each.items()):
            if name.startswith("_") or name in _WORDS:
                continue
            with suppress(TypeError):
                found[name] = to_plain(value)
        return found

    @property
    def data(self) -> str:
        """Where the examples come from, in a line; empty where they are made up."""
        return ""

    def examples(self, part: str, dtype: torch.dtype, device: torch.device) -> Examples:
        """Sequences with their targets; to be written for every task.

        Args:
            part: "training", "validation" or, if ``has_test``, "test".
            dtype: of what comes in, and of targets that are no class numbers.
            device: where they are wanted.

        Raises:
            NotImplementedError: when a task has none.
        """
        raise NotImplementedError

    def taught_steps(self, feedback_interval: int) -> np.ndarray:
        """1 at the steps where the teacher speaks, else 0; ``(N,)``. At steps 0, k, 2k, … unless said otherwise.

        Args:
            feedback_interval: k, 1 … N steps.
        """
        return feedback_every(self.steps, feedback_interval)

    def draw(self, rng: np.random.Generator, batches: int, size: int) -> np.ndarray:
        """Which training examples each batch of an epoch has, ``(batches, size)``; drawn with equal chances.

        Args:
            rng: of one network and epoch; nothing else may be drawn from.
            batches: in an epoch.
            size: sequences in a batch.
        """
        count = len(self.examples("training", torch.float32, torch.device("cpu")))
        return rng.integers(count, size=(batches, size))

    def scores(self, output: Tensor, target: Tensor) -> Mapping[str, Tensor]:
        """What else is measured of every sequence after each epoch, by name, ``(E, B)``; nothing as a rule.

        Args:
            output: ``(E, N, B, O)``.
            target: as the examples have it, ``(1, N, B, …)``.
        """
        return {}

    def final(self, ensemble: Ensemble) -> Mapping[str, tuple[tuple[str, ...], Tensor]]:
        """What is measured of the networks once, after the last epoch: name → dims and values ``(E, …)``.

        Args:
            ensemble: all networks, with their examples.
        """
        return {}

    def prepare(self) -> None:
        """Get ready what takes long and is then kept, before several processes need it at once; nothing as a rule."""

    def notes(self) -> Mapping[str, Any]:
        """What must be known to use trained networks, as JSON can hold it; it is saved with them."""
        return {}


def settings_for(task: Task, budget: str = "paper", **given: Any) -> Settings:
    """Checked settings of a task: what it was published with, what the budget changes, and what is asked for.

    Args:
        task: what is to be learned.
        budget: "paper", the published settings, or one of the task's smaller ``budgets``.
        given: any fields of `Settings`, as Python values or as text; they count most.

    Raises:
        SettingError: naming the first value that cannot be, and what is allowed.

    Example:
        >>> from ccdni_lib.tasks import find_task
        >>> settings = settings_for(find_task("line-drawing"), "quick", truncation="5")
        >>> settings.truncation, settings.epochs, settings.learning_rate
        (5, 100, 0.001)
    """
    known = ["paper", *task.budgets]
    if budget not in known:
        raise SettingError(f"budget {budget}: must be one of {', '.join(known)} for {task.name}")
    for name, why in task.unused.items():
        if name in given:
            raise SettingError(f"{name} {one_line(given[name])}: must not be given for {task.name}, {why}")
    return make_settings(task.name, task.steps, {**task.published, **task.budgets.get(budget, {})}, **given)


def feedback_every(steps: int, interval: int) -> np.ndarray:
    """1 at steps 0, k, 2k, …, else 0: a teacher that speaks every k-th step (P21 section 3).

    Args:
        steps: N.
        interval: k, 1 … N.

    Example:
        >>> feedback_every(10, 4).tolist()
        [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    """
    return (np.arange(steps) % interval == 0).astype(float)


def feedback_at_end(steps: int) -> np.ndarray:
    """0 but for the last step: a teacher that looks at the end alone.

    Args:
        steps: N, 1 or more.

    Example:
        >>> feedback_at_end(4).tolist()
        [0.0, 0.0, 0.0, 1.0]
    """
    return (np.arange(steps) == steps - 1).astype(float)
