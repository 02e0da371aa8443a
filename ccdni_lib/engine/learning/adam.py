"""Clipping and Adam for E networks, each with its own learning rates, in as few passes over memory as there can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress

import torch
from jaxtyping import Float
from torch import Tensor
from torch.optim.adam import adam

from ..networks.parameters import Parameters


class Adam:
    """`torch.optim.Adam` (Kingma & Ba 2014) and `clip_grad_norm_`, for E networks side by side.

    A network has parts: the cortex, and the cerebellum if there is one. Every part of every network has its own
    learning rate and its own count of updates; one that does not learn is left alone, as if it were not there.

    Args:
        parts: weights and gradients of each part. Weights are changed in place; gradients are scaled, when clipped.
        betas: decay of the running mean and of the running square, 0 … 1.
        epsilon: added to the root of the running square.
        clip_norm: largest norm of a network's gradient; None does not clip.
        separate: clip each part by its own norm instead of all by the joint one.
        apart: keep networks apart, so that some may rest in a `step`.

    Example:
        >>> weights = Parameters({"weight": (1, 2)}, networks=2)
        >>> gradients = weights.zeros_like()
        >>> _ = gradients.flat.fill_(3)
        >>> optimiser = Adam([(weights, gradients)])
        >>> optimiser.set_rates([[0.1, None]])  # the second network does not learn
        >>> optimiser.step()
        >>> [round(w, 4) for w in weights.flat.tolist()]
        [-0.1, -0.1, 0.0, 0.0]
    """

    def __init__(
        self,
        parts: Sequence[tuple[Parameters, Parameters]],
        betas: tuple[float, float] = (0.9, 0.999),
        epsilon: float = 1e-8,
        clip_norm: float | None = None,
        separate: bool = False,
        apart: bool = False,
    ):
        self.betas, self.epsilon, self.clip_norm, self.apart = betas, epsilon, clip_norm, apart
        self.parts = [(weights, gradients, weights.zeros_like(), weights.zeros_like()) for weights, gradients in parts]
        gradients = [list(part[1].values()) for part in self.parts]
        self._clipped = gradients if separate else [[g for part in gradients for g in part]]
        self._counts = torch.zeros(len(parts), parts[0][0].networks)
        self._groups: list[_Group] = []
        self.since_flush = 0

    def set_rates(self, rates: Sequence[Sequence[float | None]]) -> None:
        """Set learning rates.

        Args:
            rates: one row a part, one number > 0 a network; None where it does not learn.
        """
        self._counts = self.counts
        self._groups = []
        for part, row in enumerate(rates):
            alike = not self.apart and len(set(row)) == 1 and len(self._counts[part].unique()) == 1
            for rate in {own for own in row if own is not None}:
                chosen = None if alike else [e for e, own in enumerate(row) if own == rate]
                self._groups.append(self._group(part, chosen, rate))

    def step(self, awake: Sequence[bool] | None = None) -> None:
        """Clip the gradients in place and update the weights of all that learns.

        Args:
            awake: for each network whether it takes part, if they are kept ``apart``; None is all of them.
        """
        if self.clip_norm is not None:
            for gradients in self._clipped:
                norm = torch.stack([torch.linalg.vector_norm(g, dim=(1, 2)) for g in gradients]).norm(dim=0)
                scale = (self.clip_norm / (norm + 1e-6)).clamp_(max=1)[:, None, None]
                for gradient in gradients:
                    gradient.mul_(scale)
        for group in self._groups:
            weights, gradients, means, squares, counts = group.awake(awake)
            if not counts:
                continue
            adam(
                weights,
                gradients,
                means,
                squares,
                [],
                counts,
                fused=True,
                amsgrad=False,
                beta1=self.betas[0],
                beta2=self.betas[1],
                lr=group.rate,
                weight_decay=0.0,
                eps=self.epsilon,
                maximize=False,
            )
        self._flush()

    @property
    def counts(self) -> Float[Tensor, "parts E"]:
        """How many updates each part of each network has had; after it is set, so must be the rates."""
        counts = self._counts.clone()
        for group in self._groups:
            each = torch.stack(group.counts).cpu()
            if group.networks is None:
                counts[group.part] = each
            else:
                counts[group.part, group.networks] = each.view(len(group.networks), -1)[:, 0]
        return counts

    @counts.setter
    def counts(self, counts: Float[Tensor, "parts E"]) -> None:
        self._counts, self._groups = counts.clone(), []

    def _group(self, part: int, networks: list[int] | None, rate: float) -> _Group:
        if networks is None:  # all alike: one tensor
            tensors = [[x.flat] for x in self.parts[part]]
            counts = [self._counts[part, 0]]
        else:
            tensors = [[view[e] for e in networks for view in x.values()] for x in self.parts[part]]
            counts = [self._counts[part, e] for e in networks for _ in self.parts[part][0]]
        device = self.parts[part][0].flat.device
        return _Group(part, networks, rate, tensors, [count.clone().to(device) for count in counts])

    def _flush(self) -> None:
        """Now and then, set to zero what in Adam's averages is too small to matter.

        The averages of a silent granule cell decay for ever, and numbers below 1e-38 make a CPU ten times slower.
        """
        if self.parts[0][0].flat.device.type != "cpu":
            return
        self.since_flush += 1
        if self.since_flush == 100:
            self.since_flush = 0
            for _, _, mean, square in self.parts:
                tiny = torch.finfo(mean.flat.dtype).tiny
                mean.flat.masked_fill_(mean.flat.abs() < tiny * 1e8, 0)
                square.flat.masked_fill_(square.flat < tiny * 1e4, 0)


@dataclass
class _Group:
    """Networks of one part that share a learning rate; ``networks`` None is all of them."""

    part: int
    networks: list[int] | None
    rate: float
    tensors: list[list[Tensor]]
    counts: list[Tensor]

    def awake(self, awake: Sequence[bool] | None) -> list[list[Tensor]]:
        """Weights, gradients, means, squares and counts of those that take part."""
        lists = [*self.tensors, self.counts]
        if awake is None or self.networks is None:
            return lists
        names = len(self.counts) // len(self.networks)
        taken = [awake[network] for network in self.networks for _ in range(names)]
        return [list(compress(tensors, taken)) for tensors in lists]
