"""E networks in training: settings turned into tensors, and the course of an epoch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..learning.adam import Adam
from ..learning.rule import Batch, Propagation, Rule, learn, propagate
from ..networks.network import Network, Sizes
from ..settings import TABLE, SettingError, Settings
from .batches import Batches, sequences
from .examples import Examples, Trainable
from .replay import Replay


class Ensemble:
    """Networks that train side by side: every point (a set of settings) with every one of its seeds.

    What each network becomes depends on its own seed and settings alone. Training can stop after any batch and go on
    from `state`, bit for bit.

    Args:
        task: what to learn.
        points: settings that agree in all but those marked ``per_network``, and have the same seeds.
        device: where to compute.

    Attributes:
        members: the settings and the seed of each network, in their order.
        network, optimiser: all of them.
        batches: what they learn from.
        training, validation: examples.
        taught: 1 where the teacher speaks, else 0, ``(E, N)``.
        epoch, batch: epochs that are done, and batches of the one under way.
        train_error: of the last epoch that was done, loss per taught step, ``(E,)``.

    Raises:
        SettingError: when noise or dropout is asked for a task whose examples run weighted.
        ValueError: when the points cannot share an ensemble, or the task cannot be trained as it says.

    Example:
        >>> from ccdni_lib.tasks import find_task, settings_for
        >>> task = find_task("line-drawing")
        >>> ensemble = Ensemble(task, [settings_for(task, "live", feedback_interval=k) for k in (1, 2)])
        >>> for _ in ensemble.train():
        ...     pass
        >>> len(ensemble), ensemble.epoch, ensemble.train_error.shape  # two points with five seeds
        (10, 1, torch.Size([10]))
    """

    def __init__(self, task: Trainable, points: Sequence[Settings], device: torch.device | str = "cpu"):
        shared = points[0]
        for name, about in TABLE.items():
            if (not about.metadata["per_network"] or name == "seeds") and len({getattr(p, name) for p in points}) > 1:
                raise ValueError(f"networks that differ in {name} cannot train side by side")
        for name, amount in (("noise", task.noise), ("input_dropout", shared.input_dropout)):
            if task.finite and amount:  # examples that run once for all that drew them cannot each have their own
                raise SettingError(f"{name} {amount} of {task.name}: must be 0 for a task with finite examples")
        self.task, self.points, self.shared, self.device = task, list(points), shared, torch.device(device)
        self.members = [(point, seed) for point in points for seed in shared.seeds]
        dtype = getattr(torch, shared.precision)

        sizes = Sizes(
            inputs=shared.lstm_units if task.words else task.inputs,
            units=shared.lstm_units,
            outputs=task.outputs,
            granule_cells=0 if shared.model == "crnn" else shared.granule_cells,
            granule_layers=shared.granule_layers,
            mossy_fibres=None if shared.model == "crnn" else shared.mossy_fibres,
            words=task.words,
            features=task.features,
        )
        self.network = Network.draw(
            sizes,
            [seed for _, seed in self.members],
            bias_factor=[point.bias_factor for point, _ in self.members],
            cerebellum_init=shared.cerebellum_init,
            dtype=dtype,
            device=self.device,
        )
        self.training, self.validation = self._examples("training"), self._examples("validation")
        self.optimiser = Adam(
            self.network.parts,
            betas=(shared.beta1, shared.beta2),
            epsilon=shared.epsilon,
            clip_norm=shared.clip_norm,
            separate=shared.clip == "separate",
            apart=self.training.lengths is not None,
        )
        taught = np.stack([task.taught_steps(point.feedback_interval) for point, _ in self.members])
        self.taught = torch.from_numpy(taught).to(self.device, dtype)
        odd = task.finite or task.noise or any(point.terminal_feedback for point in points)
        if self.training.lengths is not None and odd:
            raise ValueError(
                f"{task.name}: must not be finite, noisy or with terminal_feedback, for its sequences differ in length"
            )
        self.batches = Batches(task, points, self.training, self.taught)
        self._taught_steps = (self.taught * self._share_with_step(self.training)).sum(1)
        self.epoch, self.batch = 0, 0
        self._error = torch.zeros(len(self), dtype=dtype, device=self.device)
        self._switches: object = None
        self._begin()

    def __len__(self) -> int:
        return len(self.members)

    @torch.inference_mode()  # the gradients are our own; PyTorch's bookkeeping for them costs a tenth of the time
    def train(self) -> Iterator[None]:
        """Train to the end of the epoch, a batch at a time; may be left after any of them.

        At the end of an epoch ``train_error`` holds the loss per taught step of each network, averaged over the epoch.
        """
        for batch in self.batches.draw(self.epoch, self.batch):
            self._error += self._update(batch)
            self.batch += 1
            if self.batch == self.shared.batches:
                self.train_error = self._error / self.shared.batches / self._taught_steps
                self._error.zero_()
                self.epoch, self.batch = self.epoch + 1, 0
                self._begin()
            yield

    @torch.inference_mode()
    def validate(self, part: str = "validation") -> tuple[Float[Tensor, "E N"], dict[str, Float[Tensor, " E"]]]:
        """Loss of every step, taught or not, and the task's scores; averaged over the validation or test examples.

        Where sequences end early, a step's loss is averaged over those that have it.

        Args:
            part: "validation", or "test" where the task has test examples.
        """
        examples = self.validation if part == "validation" else self._examples(part)
        index = self.validation_index(examples)
        losses, scores = torch.zeros_like(self.taught), defaultdict[str, Tensor](lambda: torch.zeros_like(losses[:, 0]))
        for few in self._portions(index, examples):
            output, targets, there = self._judged(few, examples)
            losses[:, : output.shape[1]] += (self.task.loss(output, targets)[0] * there).sum(-1)
            for name, score in self.task.scores(output, targets).items():
                scores[name] += score.sum(-1)
        share = self._share_with_step(examples, index)
        return losses / (len(index) * share).clamp(min=1), {name: x / len(index) for name, x in scores.items()}

    @torch.inference_mode()
    def sequence_losses(
        self, examples: Examples, index: Int[Tensor, " Q"]
    ) -> tuple[Float[Tensor, "E Q"], Int[Tensor, " Q"]]:
        """Loss of some sequences, summed over their steps, and how many steps each has.

        Args:
            examples: to choose from.
            index: which, each at most once.
        """
        index, back = index.sort()
        losses = torch.zeros(len(self), len(index), dtype=self.taught.dtype, device=self.device)
        for few in self._portions(index, examples):
            output, targets, there = self._judged(few, examples)
            losses[:, torch.searchsorted(index, few)] = (self.task.loss(output, targets)[0] * there).sum(1)
        steps = (
            torch.full((len(index),), self.task.steps) if examples.lengths is None else examples.lengths[index.cpu()]
        )
        order = back.argsort()
        return losses[:, order], steps.to(self.device)[order]

    @property
    def step_share(self) -> Float[Tensor, " N"] | None:
        """Share of the validation examples that have each step; None where all have all of them."""
        return (
            None if self.validation.lengths is None else self._share_with_step(self.validation, self.validation_index())
        )

    def validation_index(self, examples: Examples | None = None) -> Int[Tensor, " Q"]:
        """Which examples networks are judged by: the first ``validation_size``, or all.

        Args:
            examples: to choose from; None is the validation examples.
        """
        examples = self.validation if examples is None else examples
        return torch.arange(min(self.shared.validation_size or len(examples), len(examples)), device=self.device)

    @torch.inference_mode()
    def respond(
        self, index: Int[Tensor, " Q"], examples: Examples | None = None
    ) -> tuple[Float[Tensor, "E N Q O"], Tensor]:
        """Outputs to some examples, and their targets ``(1, N, Q, …)``.

        Where all of them end early, N is the length of the longest.

        Args:
            index: which.
            examples: to choose from; None is the validation examples.
        """
        output, targets, _ = self._judged(index, self.validation if examples is None else examples)
        return output, targets

    @torch.inference_mode()
    def probe(self, index: Int[Tensor, " Q"]) -> Propagation:
        """All that some validation examples make the networks do, feedback included; no weight changes.

        Feedback has the scale it has in training, that of a loss averaged over ``batch_size`` sequences.

        Args:
            index: which validation examples.
        """
        return propagate(self.network, self.batches.choose(self.validation, index), self.rule, self.task.loss)

    def state(self) -> dict[str, Tensor]:
        """A copy of all that training changes."""
        weights = [(x.flat, mean.flat, square.flat) for x, _, mean, square in self.optimiser.parts]
        stored = {
            f"{name}{part}": x for part, all_ in enumerate(weights) for name, x in zip(_STORED, all_, strict=True)
        }
        stored |= {"counts": self.optimiser.counts, "error": self._error}
        stored["place"] = torch.tensor([self.epoch, self.batch, self.optimiser.since_flush])
        return {name: x.clone() for name, x in stored.items()}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go back to a `state` of an ensemble with the same settings.

        Args:
            state: what `state` gave.

        Raises:
            ValueError: when it is the state of another ensemble.
        """
        mine = self.state()
        if {name: x.shape for name, x in mine.items()} != {name: x.shape for name, x in state.items()}:
            raise ValueError("the state belongs to an ensemble with other settings")
        for part, (weights, _, mean, square) in enumerate(self.optimiser.parts):
            for name, x in zip(_STORED, (weights, mean, square), strict=True):
                x.flat.copy_(state[f"{name}{part}"])
        self._error.copy_(state["error"])
        self.epoch, self.batch, self.optimiser.since_flush = state["place"].tolist()
        self.optimiser.counts, self._switches = state["counts"], None
        self._begin()

    def _begin(self) -> None:
        """The rule of this epoch, if it is not the last one's: who is lesioned, and who learns at which rate."""
        points = [point for point, _ in self.members]
        inject, learn_ = switches = tuple(zip(*(point.switches(self.epoch) for point in points), strict=True))
        if switches == self._switches:
            return
        self._switches = switches
        self.rule = Rule(
            truncation=self.shared.truncation,
            online=self.shared.update == "truncation",
            inject=self._factor([on * point.feedback_scale for on, point in zip(inject, points, strict=True)]),
            learn=self._factor(learn_),
            terminal=self._factor([point.terminal_feedback for point in points]),
            oracle=self.shared.predictor == "oracle",
        )
        rates: list[list[float | None]] = [[point.learning_rate for point in points]]
        if self.network.cerebellum is not None:
            own = [point.cerebellum_learning_rate or point.learning_rate for point in points]
            trained = [on and not self.rule.oracle for on in learn_]
            rates.append([rate if on else None for rate, on in zip(own, trained, strict=True)])
        self.optimiser.set_rates(rates)
        if self.network.cerebellum is not None and self.rule.learn is None:
            self.network.cerebellum.gradients.flat.zero_()  # the last one must not stay in the joint norm
        alike = self.training.lengths is None  # all batches have one shape
        self._update = Replay(self._learn) if self.device.type == "cuda" and alike else self._learn

    def _learn(self, batch: Batch) -> Float[Tensor, " E"]:
        return learn(self.network, batch, self.rule, self.task.loss, self.optimiser)

    def _factor(self, numbers: Sequence[float]) -> Float[Tensor, "E 1 1 1"] | None:
        if not any(numbers):
            return None
        return torch.tensor(numbers, dtype=self.taught.dtype, device=self.device)[:, None, None, None]

    def _examples(self, part: str) -> Examples:
        return self.task.examples(part, getattr(torch, self.shared.precision), self.device)

    def _judged(
        self, index: Int[Tensor, " Q"], examples: Examples
    ) -> tuple[Float[Tensor, "E N Q O"], Tensor, Float[Tensor, "1 _ _"]]:
        """What `respond` gives, and 1 where a sequence has a step, else 0."""
        inputs, targets, lengths = sequences(examples, index[None])
        output = self.network.cortex.readout(self.network.cortex.run(self.network.receive(inputs)).h[:, 1:])
        there = torch.ones(1, 1, 1) if lengths is None else lengths[:, None] > torch.arange(targets.shape[1])[:, None]
        return output, targets, there.to(self.taught)

    def _portions(self, index: Int[Tensor, " Q"], examples: Examples) -> Iterable[Int[Tensor, " some"]]:
        """A part of the examples at a time, so that memory is bounded; those of like lengths together."""
        width = 2**24 // (len(self) * self.task.steps) // max(self.shared.lstm_units, self.task.outputs)
        if examples.lengths is not None:
            index = index[examples.lengths[index.cpu()].argsort(stable=True).to(self.device)]
            width = min(width, 256)
        return index.split(max(1, width))

    def _share_with_step(self, examples: Examples, index: Int[Tensor, " Q"] | None = None) -> Float[Tensor, " N"]:
        """Which share of the examples, or of some of them, has each step."""
        steps = self.task.steps
        if examples.lengths is None:
            return torch.ones(steps, dtype=self.taught.dtype, device=self.device)
        lengths = examples.lengths if index is None else examples.lengths[index.cpu()]
        return (lengths[:, None] > torch.arange(steps)).double().mean(0).to(self.taught)


_STORED = ("weights", "mean", "square")
