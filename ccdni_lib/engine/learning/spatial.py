"""Spatial DNI: layers of a feedforward network learn from predicted feedback (P21 section 2, eq. 1; P20 eq. 1; J17).

θ_i ← θ_i - α δ̂_i dh_i/dθ_i,    δ̂_i = C_i(h_i),    L_C = ‖δ̂_i - δ_i‖²
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import one_hot

from ..networks.cerebellum import Cerebellum
from ..networks.feedforward import Feedforward, check_layers
from ..networks.losses import cross_entropy
from .adam import Adam


@dataclass(frozen=True)
class Feedback:
    """What each layer of E networks hears about one batch, by layer i = 0 … depth.

    Attributes:
        losses: ``(E, B)``, cross-entropy in nats.
        true: δ_i, with nothing decoupled, ``(E, B, ·)``.
        arriving: what the layer above sends down, ``(E, B, ·)``; equal to ``true`` above all decoupled layers.
        received: what layer i learns from: its prediction where it is decoupled, else what arrives.
        activities: of each synthesiser, from its mossy fibres to its prediction δ̂_i.
    """

    losses: Float[Tensor, "E B"]
    true: list[Float[Tensor, "E B _"]]
    arriving: list[Float[Tensor, "E B _"]]
    received: list[Float[Tensor, "E B _"]]
    activities: dict[int, list[Float[Tensor, "E B _"]]]

    def predicted(self, layer: int) -> Float[Tensor, "E B n"]:
        """δ̂_i of a layer that has a synthesiser.

        Args:
            layer: i, 1 … depth - 1.
        """
        return self.activities[layer][-1]


class SpatialDNI:
    """E feedforward networks, some of whose layers do not wait for feedback but take a synthesiser's word for it.

    A decoupled layer learns from δ̂_i, and so do the layers below it, down to the next decoupled one. Here all weights
    change when the batch has been through; since the change of a layer touches nothing else in that batch, changing
    each at once, which is what decoupling is for, gives the same numbers.

    Args:
        network: E networks.
        synthesisers: C_i by layer i, from `draw_synthesiser`. One whose mossy fibres are as many as h_i has units and
            the output has classes receives the label too (conditional DNI of J17).
        decoupled: layers that learn from the prediction; None is all with a synthesiser. The others' only listen.
        rate: step size of Adam.
        synthesiser_rate: of Adam for the synthesisers; None for some that do not learn.
        oracle: give decoupled layers the true feedback in place of the prediction, a control.
        bootstrap: train synthesisers on what arrives, which may stem from other predictions (J17), instead of on the
            true feedback (P21, P20).

    Raises:
        SettingError: when a layer is not one of the hidden layers, or has no synthesiser.
        ValueError: when a synthesiser does not fit its layer.

    Example:
        >>> from ccdni_lib.engine.networks.feedforward import draw_synthesiser
        >>> network = Feedforward.draw((64, 32, 32, 10), seeds=[0, 1, 2])
        >>> dni = SpatialDNI(network, {2: draw_synthesiser(32, 128, 32, seeds=[0, 1, 2])})
        >>> feedback = dni.learn(torch.rand(3, 50, 64), torch.zeros(3, 50, dtype=torch.int64))
        >>> feedback.true[2].shape, feedback.predicted(2).abs().max().item()  # it has learned nothing to say yet
        (torch.Size([3, 50, 32]), 0.0)
    """

    def __init__(
        self,
        network: Feedforward,
        synthesisers: Mapping[int, Cerebellum],
        decoupled: Iterable[int] | None = None,
        rate: float = 1e-3,
        synthesiser_rate: float | None = 1e-3,
        oracle: bool = False,
        bootstrap: bool = False,
    ):
        self.network, self.synthesisers = network, dict(synthesisers)
        self.decoupled = tuple(synthesisers if decoupled is None else decoupled)
        self.oracle, self.bootstrap = oracle, bootstrap
        check_layers([*synthesisers, *self.decoupled], network.depth - 1)
        if missing := set(self.decoupled) - set(synthesisers):
            raise ValueError(f"layer {min(missing)}: has no synthesiser, and cannot be decoupled")
        for layer, synthesiser in synthesisers.items():
            _check_fit(network, layer, synthesiser)
        parts = [(network.weights, network.gradients), *((c.weights, c.gradients) for c in synthesisers.values())]
        self.optimiser = Adam(parts)
        rates = [rate, *[synthesiser_rate] * len(synthesisers)]
        self.optimiser.set_rates([[each] * network.networks for each in rates])

    def propagate(self, x: Float[Tensor, "#E B I"], labels: Int[Tensor, "#E B"], statistics: str = "batch") -> Feedback:
        """Run a batch forward, and all feedback back, true and predicted; fills gradients, changes no weight.

        Args:
            x: inputs.
            labels: classes, 0 … outputs - 1.
            statistics: as in `Feedforward.run`.
        """
        network, depth = self.network, self.network.depth
        response = network.run(x, statistics)
        losses, slope = cross_entropy(response.h[depth][:, None], labels[:, None])
        activities = {i: c.predict(self._mossy(c, response.h[i], labels)) for i, c in self.synthesisers.items()}

        true, arriving, received = ([slope[:, 0]] * (depth + 1) for _ in range(3))
        for i in reversed(range(depth)):
            arriving[i] = network.backward(response, i + 1, received[i + 1], fill=True)
            real = received[i + 1] is true[i + 1]
            true[i] = arriving[i] if real else network.backward(response, i + 1, true[i + 1])
            received[i] = arriving[i]
            if i in self.decoupled:
                received[i] = true[i] if self.oracle else activities[i][-1]

        for i, synthesiser in self.synthesisers.items():  # the inferior olive
            error = activities[i][-1] - (arriving if self.bootstrap else true)[i]
            synthesiser.differentiate(activities[i], error * (2 / error.shape[1]))
        return Feedback(losses[:, 0], true, arriving, received, activities)

    def learn(self, x: Float[Tensor, "#E B I"], labels: Int[Tensor, "#E B"]) -> Feedback:
        """Propagate a batch, and change the weights of networks and synthesisers; arguments as in `propagate`."""
        feedback = self.propagate(x, labels, statistics="learn")
        self.optimiser.step()
        return feedback

    def _mossy(self, synthesiser: Cerebellum, h: Tensor, labels: Tensor) -> Tensor:
        classes = synthesiser.fibres - h.shape[2]
        if not classes:
            return h
        return torch.cat((h, one_hot(labels, classes).to(h.dtype).expand(len(h), -1, -1)), dim=-1)


def _check_fit(network: Feedforward, layer: int, synthesiser: Cerebellum) -> None:
    units, classes = network.sizes[layer], network.sizes[-1]
    outputs, fibres = synthesiser.outputs, synthesiser.fibres
    if outputs != units or fibres not in (units, units + classes):
        raise ValueError(
            f"synthesiser of layer {layer} with {fibres} mossy fibres and {outputs} outputs: must have {units} mossy "
            f"fibres, or {units + classes} where it receives the label, and {units} outputs"
        )
