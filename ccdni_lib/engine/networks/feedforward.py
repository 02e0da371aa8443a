"""Feedforward networks, E side by side, and the synthesisers that may be added to them; forward and backward.

Symbols. ``h_0 = x`` is the input, ``h_i`` the activity of layer i = 1 … depth, the last of which is the output.
``δ_i = dL/dh_i`` is the feedback that layer i waits for; where B examples run together it is that of each example's own
loss, not of their mean.
What is built on this: `spatial.py` predicts δ_i from h_i, `forward.py` predicts h_i from x.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ..randomness import Purpose, generator
from ..ranges import Whole
from ..settings import SettingError
from .cerebellum import Cerebellum
from .parameters import Parameters

_MOMENTUM, _EPSILON = 0.1, 1e-5  # those of `torch.nn.BatchNorm1d`


@dataclass(frozen=True)
class Response:
    """What E networks answered to B inputs, by layer.

    Attributes:
        h: activity h_i, ``(E, B, ·)``; h_0 is the input, h_depth the output.
        normalised: of a hidden layer, before gain and shift, ``(E, B, ·)``; empty without batch normalisation.
        spread: standard deviation that each of its units was divided by, ``(E, 1, ·)``; empty likewise.

    Example:
        >>> response = Feedforward.draw((64, 32, 10), seeds=[0, 1]).run(torch.zeros(2, 5, 64))
        >>> sorted(response.h), response.normalised
        ([0, 1, 2], {})
    """

    h: dict[int, Float[Tensor, "E B _"]]
    normalised: dict[int, Float[Tensor, "E B _"]]
    spread: dict[int, Float[Tensor, "E 1 _"]]


class Feedforward:
    """E feedforward networks: ReLU layers, batch-normalised if wanted, and a linear readout.

    Args:
        sizes: inputs, hidden units of each layer, outputs.
        networks: E.
        batch_norm: normalise what each hidden layer receives over the batch, before the ReLU (P20 SM B).
        dtype: of the weights.
        device: where they are.

    Example:
        >>> network = Feedforward.draw((784, 256, 256, 10), seeds=[0, 1, 2], batch_norm=True)
        >>> [tuple(h.shape) for h in network.run(torch.zeros(3, 50, 784)).h.values()]
        [(3, 50, 784), (3, 50, 256), (3, 50, 256), (3, 50, 10)]
    """

    def __init__(
        self,
        sizes: Sequence[int],
        networks: int,
        batch_norm: bool = False,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ):
        self.sizes, self.networks, self.batch_norm, self.depth = tuple(sizes), networks, batch_norm, len(sizes) - 1
        weights: dict[str, tuple[int, int]] = {}
        statistics: dict[str, tuple[int, int]] = {}
        for layer, (before, after) in enumerate(pairwise(sizes), start=1):
            weights |= {f"weight{layer}": (before, after), f"bias{layer}": (1, after)}
            if batch_norm and layer < self.depth:
                weights |= {f"gain{layer}": (1, after), f"shift{layer}": (1, after)}
                statistics |= {f"mean{layer}": (1, after), f"variance{layer}": (1, after)}
        self.weights = _zeros(weights, networks, dtype, device)
        self.statistics = _zeros(statistics, networks, dtype, device)
        self.gradients = self.weights.zeros_like()
        for name, view in [*self.weights.items(), *self.statistics.items()]:
            if name.startswith(("gain", "variance")):
                view.fill_(1)

    @classmethod
    def draw(
        cls,
        sizes: Sequence[int],
        seeds: Sequence[int],
        batch_norm: bool = False,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> Feedforward:
        """New networks, one a seed; weights and biases U(±1/√inputs of the layer), as `torch.nn.Linear` draws them.

        Args:
            sizes: inputs, hidden units of each layer, outputs.
            seeds: one whole number ≥ 0 a network.
            batch_norm, dtype, device: as above.
        """
        network = cls(sizes, len(seeds), batch_norm, dtype, device)
        drawn = [name for name in network.weights if name.startswith(("weight", "bias"))]
        _fill(network.weights, drawn, seeds, Purpose.CORTEX)
        return network

    def run(
        self, x: Float[Tensor, "#E B I"], statistics: str = "batch", first: int = 1, last: int | None = None
    ) -> Response:
        """Answer to B inputs.

        Args:
            x: inputs of the first layer that runs, for each network its own or for all the same.
            statistics: by which batch normalisation goes: "batch", those of this batch; "learn", the same, and they are
                remembered; "kept", those remembered from learning.
            first, last: layers to run, 1 … depth; None is the output.
        """
        w, response = self.weights, Response({first - 1: x.expand(self.networks, -1, -1)}, {}, {})
        for layer in range(first, (last or self.depth) + 1):
            z = torch.baddbmm(w[f"bias{layer}"], response.h[layer - 1], w[f"weight{layer}"])
            if layer < self.depth:
                if self.batch_norm:
                    mean, variance = self._statistics(layer, z, statistics)
                    response.spread[layer] = (variance + _EPSILON).sqrt()
                    response.normalised[layer] = (z - mean) / response.spread[layer]
                    z = response.normalised[layer] * w[f"gain{layer}"] + w[f"shift{layer}"]
                z = z.relu()
            response.h[layer] = z
        return response

    def backward(
        self, response: Response, layer: int, feedback: Float[Tensor, "E B n"], fill: bool = False
    ) -> Float[Tensor, "E B m"]:
        """Feedback to layer i - 1 from the feedback to layer i: δ_{i-1} = δ_i dh_i/dh_{i-1}.

        Args:
            response: of a run that went by the statistics of its batch.
            layer: i, 1 … depth.
            feedback: δ_i.
            fill: put the layer's gradient, the mean of δ_i dh_i/dθ_i over the batch, into ``gradients``.
        """
        w, grad, dz = self.weights, self.gradients, feedback
        if layer < self.depth:
            dz = dz * (response.h[layer] > 0)
            if self.batch_norm:
                z = response.normalised[layer]
                shift, gain = dz.mean(1, keepdim=True), (dz * z).mean(1, keepdim=True)
                if fill:
                    grad[f"shift{layer}"].copy_(shift)
                    grad[f"gain{layer}"].copy_(gain)
                dz = w[f"gain{layer}"] / response.spread[layer] * (dz - shift - z * gain)
        if fill:
            torch.bmm(response.h[layer - 1].mT, dz / dz.shape[1], out=grad[f"weight{layer}"])
            torch.mean(dz, dim=1, keepdim=True, out=grad[f"bias{layer}"])
        return torch.bmm(dz, w[f"weight{layer}"].mT)

    def _statistics(self, layer: int, z: Tensor, which: str) -> tuple[Tensor, Tensor]:
        kept = self.statistics[f"mean{layer}"], self.statistics[f"variance{layer}"]
        if which == "kept":
            return kept
        mean = z.mean(1, keepdim=True)
        if which == "learn":
            for old, new in zip(kept, (mean, z.var(1, keepdim=True)), strict=True):
                old.lerp_(new, _MOMENTUM)
        return mean, z.var(1, keepdim=True, correction=0)


def draw_synthesiser(
    inputs: int,
    granule_cells: int,
    outputs: int,
    seeds: Sequence[int],
    index: int = 0,
    init: str = "zero",
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
) -> Cerebellum:
    """A cerebellum for each of E feedforward networks.

    Hidden layer U(±1/√inputs); last layer zero, so that predictions start at zero (P20 SM A, J17), or U(±1/√M).

    Args:
        inputs: mossy fibres.
        granule_cells: M, in one layer; 0 for a linear synthesiser.
        outputs: what is predicted.
        seeds: one a network.
        index: which of the network's synthesisers this is, 0 or more.
        init: of the last layer, "zero" or "random".
        dtype: of the weights.
        device: where they are.

    Example:
        >>> cerebellum = draw_synthesiser(inputs=64, granule_cells=256, outputs=64, seeds=[0, 1])
        >>> cerebellum.predict(torch.ones(2, 5, 64))[-1].abs().max().item()
        0.0
    """
    granule = {"granule0_weight": (inputs, granule_cells), "granule0_bias": (1, granule_cells)} if granule_cells else {}
    shapes = granule | {"nuclei_weight": (outputs, granule_cells or inputs), "nuclei_bias": (1, outputs)}
    weights = _zeros(shapes, len(seeds), dtype, device)
    _fill(weights, list(granule if init == "zero" else shapes), seeds, Purpose.CEREBELLUM, index)
    return Cerebellum(weights, weights.zeros_like())


def check_layers(layers: Iterable[int], hidden: int) -> None:
    """Complain about a layer that nothing can be predicted for.

    Args:
        layers: numbers of layers.
        hidden: how many hidden layers there are.

    Raises:
        SettingError: naming the first that is not one of them.

    Example:
        >>> check_layers([1, 4], hidden=3)
        Traceback (most recent call last):
        ...
        ccdni_lib.engine.settings.SettingError: layer 4: must be a whole number 1…3, one of the hidden layers
    """
    allowed = Whole(1, hidden)
    for layer in layers:
        try:
            allowed.read(layer, 0)
        except (ValueError, TypeError):
            raise SettingError(f"layer {layer}: must be {allowed.allowed(None)}, one of the hidden layers") from None


def _zeros(
    shapes: dict[str, tuple[int, int]], networks: int, dtype: torch.dtype, device: torch.device | str
) -> Parameters:
    size = networks * sum(rows * columns for rows, columns in shapes.values())
    return Parameters(shapes, networks, torch.zeros(size, dtype=dtype, device=device))


def _fill(weights: Parameters, names: Sequence[str], seeds: Sequence[int], purpose: Purpose, index: int = 0) -> None:
    """Draw the weights called ``names``, U(±1/√inputs) of their layer, from each network's own stream."""
    for e, seed in enumerate(seeds):
        rng, bound = generator(seed, purpose, index), 1.0
        for name in names:
            view = weights[name][e].mT if name == "nuclei_weight" else weights[name][e]  # all are drawn as (in, out)
            bound = bound if "bias" in name else 1 / np.sqrt(len(view))  # a bias follows its layer's weight
            view[:] = torch.from_numpy(rng.uniform(-bound, bound, view.shape))
