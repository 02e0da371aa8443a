"""Forward DNI: a cerebellum predicts the activity of a higher layer from the input (P20 SM B, Fig. 7; J17).

The prediction ĥ_k = C(x) is there before layers 1 … k have been computed, so the layers above can go on without them:
the forward lock is open. C learns from ‖h_k - C(x)‖² once h_k has arrived.
"""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Float, Int
from torch import Tensor

from ..networks.cerebellum import Cerebellum
from ..networks.feedforward import Feedforward, check_layers
from ..networks.losses import cross_entropy
from .adam import Adam


@dataclass(frozen=True)
class Forecast:
    """What E networks and their cerebella made of one batch.

    Attributes:
        losses: of the output that was learned from, ``(E, B)``, cross-entropy in nats.
        prediction_losses: L_C = ‖h_k - C(x)‖², ``(E, B)``, summed over the units of layer k.
        h: the activity h_k that was to be predicted, ``(E, B, n)``.
        activities: of the cerebellum: mossy fibres x, granule cells, prediction ĥ_k; ``(E, B, ·)``.
    """

    losses: Float[Tensor, "E B"]
    prediction_losses: Float[Tensor, "E B"]
    h: Float[Tensor, "E B n"]
    activities: list[Float[Tensor, "E B _"]]


class ForwardDNI:
    """E feedforward networks, each with a cerebellum that predicts h_k from the input.

    Args:
        network: E networks.
        cerebellum: from x to h_k, by `draw_synthesiser`.
        layer: k, one of the hidden layers.
        rate: step size of Adam.
        cerebellum_rate: of Adam for the cerebellum; None for one that does not learn.
        bypass: whether the layers above k learn on C(x) in place of h_k. What they send down then goes to h_k as if
            h_k had been used. It never goes to C, whose only teacher is h_k.

    Raises:
        SettingError: when ``layer`` is not one of the hidden layers.
        ValueError: when the cerebellum does not lead from the input to that layer.

    Example:
        >>> import torch
        >>> from ccdni_lib.engine.networks.feedforward import draw_synthesiser
        >>> network = Feedforward.draw((64, 32, 32, 10), seeds=[0, 1], batch_norm=True)
        >>> dni = ForwardDNI(network, draw_synthesiser(64, 48, 32, seeds=[0, 1]))
        >>> forecast = dni.learn(torch.rand(2, 50, 64), torch.zeros(2, 50, dtype=torch.int64))
        >>> [tuple(a.shape) for a in forecast.activities]
        [(2, 50, 64), (2, 50, 48), (2, 50, 32)]
    """

    def __init__(
        self,
        network: Feedforward,
        cerebellum: Cerebellum,
        layer: int = 2,
        rate: float = 1e-3,
        cerebellum_rate: float | None = 1e-3,
        bypass: bool = False,
    ):
        check_layers([layer], network.depth - 1)
        w, wanted = cerebellum.weights, (network.sizes[0], network.sizes[layer])
        ends = cerebellum.fibres, cerebellum.outputs
        if ends != wanted:
            raise ValueError(f"cerebellum from {ends[0]} to {ends[1]}: must lead from {wanted[0]} to {wanted[1]}")
        self.network, self.cerebellum, self.layer, self.bypass = network, cerebellum, layer, bypass
        self.optimiser = Adam([(network.weights, network.gradients), (w, cerebellum.gradients)])
        self.optimiser.set_rates([[each] * network.networks for each in (rate, cerebellum_rate)])

    def propagate(self, x: Float[Tensor, "#E B I"], labels: Int[Tensor, "#E B"], statistics: str = "batch") -> Forecast:
        """Run a batch forward, predict, and send feedback back; fills gradients, changes no weight.

        Args:
            x: inputs.
            labels: classes, 0 … outputs - 1.
            statistics: as in `Feedforward.run`.
        """
        network, k, depth = self.network, self.layer, self.network.depth
        activities = self._predict(x)
        below = network.run(x, statistics, last=k)
        above = network.run(activities[-1] if self.bypass else below.h[k], statistics, first=k + 1)
        losses, feedback = (each[:, 0] for each in cross_entropy(above.h[depth][:, None], labels[:, None]))
        for i in reversed(range(1, depth + 1)):
            feedback = network.backward(above if i > k else below, i, feedback, fill=True)

        error = activities[-1] - below.h[k]  # the inferior olive
        self.cerebellum.differentiate(activities, error * (2 / error.shape[1]))
        return Forecast(losses, error.square().sum(-1), below.h[k], activities)

    def learn(self, x: Float[Tensor, "#E B I"], labels: Int[Tensor, "#E B"]) -> Forecast:
        """Propagate a batch, and change the weights of networks and cerebella; arguments are those of `propagate`."""
        forecast = self.propagate(x, labels, statistics="learn")
        self.optimiser.step()
        return forecast

    def answer(self, x: Float[Tensor, "#E B I"], bypass: bool = False) -> Float[Tensor, "E B O"]:
        """Outputs of networks that are not learning.

        Args:
            x: inputs.
            bypass: whether the layers above k run on C(x) in place of h_k.
        """
        if bypass:
            response = self.network.run(self._predict(x)[-1], "kept", first=self.layer + 1)
        else:
            response = self.network.run(x, "kept")
        return response.h[self.network.depth]

    def _predict(self, x: Tensor) -> list[Tensor]:
        return self.cerebellum.predict(x.expand(self.network.networks, -1, -1))
