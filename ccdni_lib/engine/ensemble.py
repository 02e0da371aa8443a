"""E networks in training: settings turned into tensors, and the course of an epoch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from .adam import Adam
from .examples import Examples, Trainable
from .learning import Batch, Propagation, Rule, learn, propagate
from .network import Network, Sizes
from .randomness import Purpose, generator
from .settings import TABLE, Settings


class Ensemble:
    """Networks that train side by side: every point (a set of settings) with every one of its seeds.

    What each network becomes depends on its own seed and settings alone. Training can stop after any batch and go on
    from `state`, bit for bit.

    Args:
        task: what to learn.
        points: settings that agree in all but those marked ``per_network``, and have the same seeds.
        device: where to compute.

    Raises:
        ValueError: when the points cannot share an ensemble, or the task cannot be trained as it says.
    """

    def __init__(self, task: Trainable, points: Sequence[Settings], device: torch.device | str = "cpu"):
        shared = points[0]
        for name, about in TABLE.items():
            if (not about.metadata["per_network"] or name == "seeds") and len({getattr(p, name) for p in points}) > 1:
                raise ValueError(f"networks that differ in {name} cannot train side by side")
        if task.finite and task.noise:
            raise ValueError(f"noise {task.noise} of {task.name}: must be 0 for a task with finite examples")
        self.task, self.points, self.shared, self.device = task, list(points), shared, torch.device(device)
        self.members = [(point, seed) for point in points for seed in shared.seeds]
        dtype = getattr(torch, shared.precision)

        sizes = Sizes(
            inputs=task.inputs,
            units=shared.lstm_units,
            outputs=task.outputs,
            granule_cells=0 if shared.model == "crnn" else shared.granule_cells,
            granule_layers=shared.granule_layers,
            mossy_fibres=None if shared.model == "crnn" else shared.mossy_fibres,
        )
        self.network = Network.draw(
            sizes,
            [seed for _, seed in self.members],
            bias_factor=[point.bias_factor for point, _ in self.members],
            cerebellum_init=shared.cerebellum_init,
            dtype=dtype,
            device=self.device,
        )
        self.optimiser = Adam(
            self.network.parts,
            betas=(shared.beta1, shared.beta2),
            epsilon=shared.epsilon,
            clip_norm=shared.clip_norm,
            separate=shared.clip == "separate",
        )
        taught = np.stack([task.taught(point.feedback_interval) for point, _ in self.members])
        self.taught = torch.from_numpy(taught).to(self.device, dtype)
        self.training, self.validation = self._examples("training"), self._examples("validation")
        self.epoch, self.batch = 0, 0
        self._error = torch.zeros(len(self), dtype=dtype, device=self.device)
        self._begin()

    def __len__(self) -> int:
        return len(self.members)

    @torch.inference_mode()  # the gradients are our own; PyTorch's bookkeeping for them costs a tenth of the time
    def train(self) -> Iterator[None]:
        """Train to the end of the epoch, a batch at a time; may be left after any of them.

        At the end of an epoch ``train_error`` holds the loss per taught step of each network, averaged over the epoch.
        """
        for batch in self._batches():
            self._error += learn(self.network, batch, self.rule, self.task.loss, self.optimiser)
            self.batch += 1
            if self.batch == self.shared.batches:
                self.train_error = self._error / self.shared.batches / self.taught.sum(1)
                self._error.zero_()
                self.epoch, self.batch = self.epoch + 1, 0
                self._begin()
            yield

    @torch.inference_mode()
    def validate(self, part: str = "validation") -> tuple[Float[Tensor, "E N"], dict[str, Float[Tensor, "E"]]]:
        """Loss of every step, taught or not, and the task's scores; averaged over the validation or test examples."""
        examples = self.validation if part == "validation" else self._examples(part)
        some, width = self.shared.validation_size or len(examples), 2**24 // (len(self) * self.task.steps)
        index = torch.arange(min(some, len(examples)), device=self.device)
        losses, scores = torch.zeros_like(self.taught), defaultdict[str, Tensor](lambda: torch.zeros_like(losses[:, 0]))
        for few in index.split(max(1, width // self.shared.lstm_units)):
            output, targets = self.respond(few, examples)
            losses += self.task.loss(output, targets)[0].sum(-1)
            for name, score in self.task.scores(output, targets).items():
                scores[name] += score.sum(-1)
        return losses / len(index), {name: score / len(index) for name, score in scores.items()}

    @torch.inference_mode()
    def respond(
        self, index: Int[Tensor, "Q"], examples: Examples | None = None
    ) -> tuple[Float[Tensor, "E N Q O"], Tensor]:
        """Outputs to some validation examples (or others), and their targets ``(1, N, Q, …)``."""
        inputs, targets = (
            x.transpose(0, 1)[None] for x in (self.validation if examples is None else examples).at(index)
        )
        return self.network.cortex.readout(self.network.cortex.run(inputs).h[:, 1:]), targets

    @torch.inference_mode()
    def probe(self, index: Int[Tensor, "Q"]) -> Propagation:
        """All that some validation examples make the networks do, feedback included; no weight changes.

        Feedback has the scale it has in training, that of a loss averaged over ``batch_size`` sequences.
        """
        inputs, targets = (x.transpose(0, 1)[None] for x in self.validation.at(index))
        batch = Batch(inputs, targets, self.taught[..., None], self.shared.batch_size)
        return propagate(self.network, batch, self.rule, self.task.loss)

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
        self.optimiser.counts = state["counts"]
        self._begin()

    def _begin(self) -> None:
        """The rule of this epoch: who is lesioned, and who learns at which rate."""
        points = [point for point, _ in self.members]
        inject, learn_ = zip(*(point.switches(self.epoch) for point in points), strict=True)
        self.rule = Rule(
            truncation=self.shared.truncation,
            online=self.shared.update == "truncation",
            inject=self._factor([on * point.feedback_scale for on, point in zip(inject, points, strict=True)]),
            learn=self._factor(learn_),
            terminal=self._factor([point.terminal_feedback for point in points]),
            oracle=self.shared.predictor == "oracle",
        )
        rates = [[point.learning_rate for point in points]]
        if self.network.cerebellum is not None:
            own = [point.cerebellum_learning_rate or point.learning_rate for point in points]
            trained = [on and not self.rule.oracle for on in learn_]
            rates.append([rate if on else None for rate, on in zip(own, trained, strict=True)])
        self.optimiser.set_rates(rates)
        if self.network.cerebellum is not None and self.rule.learn is None:
            self.network.cerebellum.gradients.flat.zero_()  # the last one must not stay in the joint norm

    def _factor(self, numbers: Sequence[float]) -> Float[Tensor, "E 1 1 1"] | None:
        if not any(numbers):
            return None
        return torch.tensor(numbers, dtype=self.taught.dtype, device=self.device)[:, None, None, None]

    def _examples(self, part: str) -> Examples:
        return self.task.examples(part, getattr(torch, self.shared.precision), self.device)

    def _batches(self) -> Iterator[Batch]:
        """The batches of this epoch that are still to come."""
        seeds, size, examples = self.shared.seeds, self.shared.batch_size, self.training
        drawn = np.stack(
            [self.task.draw(generator(s, Purpose.EXAMPLES, self.epoch), self.shared.batches, size) for s in seeds]
        )
        if self.task.finite:  # the few examples run once each, weighted by how often they were drawn
            kinds = len(examples)
            rows = np.arange(drawn.shape[0] * drawn.shape[1]).reshape(*drawn.shape[:2], 1)
            drawn = np.bincount((drawn + kinds * rows).ravel(), minlength=kinds * rows.size).reshape(
                *drawn.shape[:2], kinds
            )
            inputs, targets = (x.transpose(0, 1)[None] for x in examples.at(torch.arange(kinds, device=self.device)))
        noise = [generator(s, Purpose.NOISE, self.epoch) for s in seeds] if self.task.noise else []
        index = torch.from_numpy(drawn).to(self.device).repeat(len(self.points), 1, 1)
        for number, one in enumerate(index.unbind(1)):
            more = self._noise(noise) if noise else None
            if number < self.batch:
                continue
            if self.task.finite:
                yield Batch(inputs, targets, self.taught[..., None], size, one.to(self.taught.dtype))
            else:
                inputs, targets = (x.transpose(1, 2) for x in examples.at(one))
                yield Batch(inputs if more is None else inputs + more, targets, self.taught[..., None], size)

    def _noise(self, generators: Sequence[np.random.Generator]) -> Float[Tensor, "E N B I"]:
        """Noise for one batch, each network's from its own seed."""
        shape = self.task.steps, self.shared.batch_size, self.task.inputs
        drawn = torch.from_numpy(np.stack([self.task.noise * one.standard_normal(shape) for one in generators]))
        return drawn.to(self.device, self.taught.dtype).repeat(len(self.points), 1, 1, 1)


_STORED = ("weights", "mean", "square")
