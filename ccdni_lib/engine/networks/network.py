"""E cortico-cerebellar networks: their weights, where those come from, and where they go."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from ..randomness import Purpose, generator
from ..tensors import read_tensors, write_tensors
from .cerebellum import Cerebellum, cerebellum_shapes
from .cortex import Cortex, cortex_shapes
from .embedding import Embedding, ImageAndWords, embedding_shapes
from .parameters import Parameters

_KIND = "network 3"


@dataclass(frozen=True)
class Sizes:
    """How large the parts of a network are.

    Attributes:
        inputs: numbers that come in at each step.
        units: n, LSTM units of the cortex.
        outputs: numbers that go out at each step.
        granule_cells: M, in each granule layer; 0 for a cortex without cerebellum (cRNN).
        granule_layers: 1 … 4; 2 for captions (P20 SM A.3).
        mossy_fibres: K, inputs that each granule cell keeps of the 2n; None keeps all.
        words: V, where words come in and each becomes ``inputs`` numbers; else 0.
        features: F, of the image that comes in before the words; 0 where none does.

    Example:
        >>> Sizes(inputs=1, units=50, outputs=2, granule_cells=400).cerebellum()["nuclei_weight"]
        (100, 400)
    """

    inputs: int
    units: int
    outputs: int
    granule_cells: int = 0
    granule_layers: int = 1
    mossy_fibres: int | None = None
    words: int = 0
    features: int = 0

    def cortex(self) -> dict[str, tuple[int, int]]:
        """Shapes of the cortex's weights, with those of its embedding if it has one."""
        shapes = cortex_shapes(self.inputs, self.units, self.outputs)
        return shapes | embedding_shapes(self.features, self.words, self.inputs) if self.words else shapes

    def cerebellum(self) -> dict[str, tuple[int, int]]:
        """Shapes of the cerebellum's weights; empty without a cerebellum."""
        if not self.granule_cells:
            return {}
        return cerebellum_shapes(self.units, self.granule_cells, self.granule_layers, self.mossy_fibres)

    def shapes(self) -> dict[str, tuple[int, int]]:
        """Shapes of all weights, the cortex's first."""
        return self.cortex() | self.cerebellum()


class Network:
    """E networks side by side: a cortex each and, if they have one, a cerebellum each.

    Args:
        sizes: the sizes they share.
        weights: of all networks, named by `Sizes.shapes`.
        wiring: for a sparse cerebellum, the mossy fibres of each granule cell, ``(E, K, M)``.

    Example:
        >>> network = Network.draw(Sizes(inputs=1, units=50, outputs=2, granule_cells=400), seeds=[0, 1, 2])
        >>> len(network), network.weights["granule0_weight"].shape, network.weights["nuclei_weight"].abs().max().item()
        (3, torch.Size([3, 100, 400]), 0.0)
    """

    def __init__(self, sizes: Sizes, weights: Parameters, wiring: Int[Tensor, "E K M"] | None = None):
        self.sizes, self.weights, self.gradients, self.wiring = sizes, weights, weights.zeros_like(), wiring
        names = list(sizes.cortex())
        cortex, cerebellum = zip(self.weights.split(names), self.gradients.split(names), strict=True)
        self.cortex = Cortex(*cortex)
        self.embedding = Embedding(*cortex) if sizes.words else None
        self.cerebellum = Cerebellum(*cerebellum, wiring=wiring) if sizes.granule_cells else None
        self.parts = [cortex, cerebellum] if sizes.granule_cells else [cortex]

    def __len__(self) -> int:
        return self.weights.networks

    def receive(self, inputs: Float[Tensor, "#E N B _"] | ImageAndWords) -> Float[Tensor, "#E N B I"]:
        """What enters the cell: what comes in, or what an embedding makes of it.

        Args:
            inputs: numbers, or an image and then words.

        Raises:
            ValueError: when words come in and the networks have no embedding.
        """
        if not isinstance(inputs, ImageAndWords):
            return inputs
        if self.embedding is None:
            raise ValueError("images and words cannot come into networks whose sizes have no words")
        return self.embedding(inputs)

    @classmethod
    def draw(
        cls,
        sizes: Sizes,
        seeds: Sequence[int],
        *,
        bias_factor: Sequence[float] | float = 1.0,
        cerebellum_init: str = "zero",
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> Network:
        """New networks, one a seed.

        Cortex and readout: U(±1/√n). Cerebellum: hidden layers U(±1/√inputs), which is Kaiming's bound at a = √5; the
        last layer zero, so that predictions start at zero (P20 SM A). A sparse cerebellum keeps, of the weights that
        the dense one of its seed would have, K a cell. An embedding is drawn as PyTorch does it: N(0, 1) for words,
        U(±1/√F) for the image's map.

        Args:
            sizes: the sizes they share.
            seeds: one whole number ≥ 0 a network.
            bias_factor: b, scales the LSTM's initial input and recurrent weights (P20 SM A); one number, or one each.
            cerebellum_init: "zero", or "random" for a last layer from U(±1/√M) (P21 Fig. S7).
            dtype: of the weights; the draws are the same for all.
            device: where they go.
        """
        factors = np.broadcast_to(np.asarray(bias_factor, dtype=float), (len(seeds),))
        drawn = [_draw_one(sizes, seed, b, cerebellum_init) for seed, b in zip(seeds, factors, strict=True)]
        stacked = {name: torch.from_numpy(np.stack([one[name] for one in drawn])).to(device) for name in drawn[0]}
        wiring = stacked.pop("wiring", None)
        return cls(sizes, _pack(sizes, {name: weight.to(dtype) for name, weight in stacked.items()}), wiring)

    def to_torch(self, index: int) -> tuple[nn.LSTM, nn.Linear, nn.Sequential | None]:
        """One network as plain PyTorch: ``nn.LSTM``, readout ``nn.Linear``, cerebellum ``nn.Sequential`` or None.

        A sparse cerebellum comes out dense, with zeros where nothing is connected.

        Args:
            index: place of the network, 0 … E - 1.

        Example:
            >>> network = Network.draw(Sizes(inputs=1, units=5, outputs=2), seeds=[0])
            >>> lstm, readout, cerebellum = network.to_torch(0)
            >>> x = torch.ones(10, 3, 1)  # 10 steps of 3 sequences
            >>> theirs, _ = lstm(x)
            >>> torch.allclose(theirs, network.cortex.run(x[None]).h[0, 1:], atol=1e-6)
            True
        """
        sizes, w = self.sizes, {name: view[index] for name, view in self.weights.items()}
        like: dict = {"dtype": self.weights.flat.dtype, "device": self.weights.flat.device}
        hh, ih, bias_ih, bias_hh = w["cell"].split([sizes.units, sizes.inputs, 1, 1])
        lstm = nn.LSTM(sizes.inputs, sizes.units, **like)
        lstm.load_state_dict(
            {"weight_ih_l0": ih.mT, "weight_hh_l0": hh.mT, "bias_ih_l0": bias_ih[0], "bias_hh_l0": bias_hh[0]}
        )
        readout = _linear(w["readout_weight"], w["readout_bias"])
        if self.cerebellum is None:
            return lstm, readout, None
        layers: list[nn.Module] = []
        for layer in range(sizes.granule_layers):
            weight = w[f"granule{layer}_weight"]
            if layer == 0 and self.wiring is not None:
                weight = weight.new_zeros(2 * sizes.units, sizes.granule_cells).scatter_(0, self.wiring[index], weight)
            layers += [_linear(weight.mT, w[f"granule{layer}_bias"]), nn.ReLU()]
        return lstm, readout, nn.Sequential(*layers, _linear(w["nuclei_weight"], w["nuclei_bias"]))

    def embedding_to_torch(self, index: int) -> tuple[nn.Linear, nn.Embedding]:
        """The embedding of one network as plain PyTorch: the image's map, and the words' vectors.

        Args:
            index: place of the network, 0 … E - 1.

        Example:
            >>> network = Network.draw(Sizes(inputs=5, units=5, outputs=9, words=9, features=4), seeds=[0])
            >>> network.embedding_to_torch(0)
            (Linear(in_features=4, out_features=5, bias=True), Embedding(9, 5))
        """
        w = {name: view[index] for name, view in self.weights.items()}
        words = nn.Embedding.from_pretrained(w["word_vectors"].clone(), freeze=False)
        return _linear(w["image_weight"].mT, w["image_bias"]), words

    @classmethod
    def from_torch(
        cls, lstm: nn.LSTM, readout: nn.Linear, cerebellum: nn.Sequential | None = None, copies: int = 1
    ) -> Network:
        """Networks from plain PyTorch modules, shaped as `to_torch` gives them.

        Args:
            lstm: one layer, one direction, with biases.
            readout: n → outputs.
            cerebellum: 2n → M (→ M) → 2n with a ReLU after every layer but the last; None for a cRNN.
            copies: E, how many equal networks to make.

        Raises:
            ValueError: when a module has another form.
        """
        if lstm.num_layers != 1 or lstm.bidirectional or not lstm.bias or lstm.proj_size:
            raise ValueError("the LSTM must have one layer, one direction, biases and no projection")
        n, linears = lstm.hidden_size, [layer for layer in cerebellum or [] if isinstance(layer, nn.Linear)]
        widths = [linear.in_features for linear in linears] + [linear.out_features for linear in linears[-1:]]
        if linears and (widths[0], widths[-1], len(set(widths[1:-1]))) != (2 * n, 2 * n, 1):
            raise ValueError(f"the cerebellum's layers have {widths} units: must be 2n, M, …, 2n with n = {n}")
        sizes = Sizes(
            inputs=lstm.input_size,
            units=n,
            outputs=readout.out_features,
            granule_cells=widths[1] if linears else 0,
            granule_layers=max(len(linears) - 1, 1),
        )
        ih, hh, bias_ih, bias_hh = lstm.parameters()
        rows = [hh.mT, ih.mT, bias_ih[None], bias_hh[None]]
        weights = [torch.cat(rows), readout.weight, readout.bias[None]]
        for linear in linears:
            weights += [linear.weight.mT, linear.bias[None]]
        if linears:
            weights[-2] = linears[-1].weight
        named = zip(sizes.shapes(), weights, strict=True)
        return cls(sizes, _pack(sizes, {name: weight.detach().expand(copies, -1, -1) for name, weight in named}))

    def subset(self, networks: Sequence[int]) -> Network:
        """Some of the networks, by their places, as networks of their own.

        Args:
            networks: places, 0 … E - 1, in the order wanted.

        Example:
            >>> three = Network.draw(Sizes(inputs=1, units=5, outputs=2), seeds=[0, 1, 2])
            >>> last = three.subset([2])
            >>> bool((last.weights["cell"][0] == three.weights["cell"][2]).all())
            True
        """
        rows = list(networks)
        weights = {name: view[rows] for name, view in self.weights.items()}
        wiring = None if self.wiring is None else self.wiring[rows]
        return Network(self.sizes, _pack(self.sizes, weights), wiring)

    def save(self, path: str | Path, **settings: object) -> None:
        """Write the networks to a safetensors file, with their sizes and a checksum in its header.

        Args:
            path: of the file.
            settings: anything else to keep, by name, as JSON can hold it.
        """
        tensors = dict(self.weights.items()) | ({} if self.wiring is None else {"wiring": self.wiring})
        write_tensors(path, _KIND, tensors, {"sizes": json.dumps(asdict(self.sizes)), "settings": json.dumps(settings)})

    @classmethod
    def load(cls, path: str | Path, device: torch.device | str = "cpu") -> tuple[Network, dict]:
        """Networks and settings from a file that `save` wrote.

        Args:
            path: of the file.
            device: where the networks go.

        Raises:
            FileError: when the file is not one of ours, or is damaged.

        Example:
            >>> import tempfile
            >>> network = Network.draw(Sizes(inputs=1, units=5, outputs=2), seeds=[0, 1])
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     network.save(f"{folder}/two.safetensors", task="line-drawing")
            ...     same, kept = Network.load(f"{folder}/two.safetensors")
            >>> bool((same.weights.flat == network.weights.flat).all()), kept
            (True, {'task': 'line-drawing'})
        """
        tensors, header = read_tensors(path, _KIND, device)
        sizes = Sizes(**json.loads(header["sizes"]))
        wiring = tensors.pop("wiring", None)
        return cls(sizes, _pack(sizes, tensors), wiring), json.loads(header["settings"])


def _pack(sizes: Sizes, weights: dict[str, Tensor]) -> Parameters:
    """Parameters from one ``(E, rows, columns)`` tensor a name."""
    flat = torch.cat([weights[name].flatten() for name in sizes.shapes()])
    return Parameters(sizes.shapes(), len(weights["cell"]), flat)


def _linear(weight: Tensor, bias: Tensor) -> nn.Linear:
    """The layer with this weight, (out, in)."""
    outputs, inputs = weight.shape
    linear = nn.Linear(inputs, outputs, dtype=weight.dtype, device=weight.device)
    linear.load_state_dict({"weight": weight, "bias": bias[0]})
    return linear


def _draw_one(sizes: Sizes, seed: int, factor: float, cerebellum_init: str) -> dict[str, np.ndarray]:
    """Weights of one network and, for a sparse cerebellum, its "wiring"."""

    def uniform(rng: np.random.Generator, shape: tuple[int, int], fan_in: int) -> np.ndarray:
        return rng.uniform(-1.0, 1.0, shape) / np.sqrt(fan_in)

    rng = generator(seed, Purpose.CORTEX)
    drawn: dict[str, np.ndarray] = {}
    for name, shape in sizes.cortex().items():
        if name == "word_vectors":
            drawn[name] = rng.standard_normal(shape)
        elif name == "readout_weight":  # drawn as (in, out), as all are
            drawn[name] = uniform(rng, shape[::-1], sizes.units).T
        else:
            drawn[name] = uniform(rng, shape, sizes.features if name.startswith("image") else sizes.units)
    drawn["cell"][:-2] *= factor
    rng, fan_in = generator(seed, Purpose.CEREBELLUM), 2 * sizes.units
    for name, (rows, columns) in sizes.cerebellum().items():
        if name.startswith("nuclei") and cerebellum_init == "zero":
            drawn[name] = np.zeros((rows, columns))
        elif name == "nuclei_weight":
            drawn[name] = uniform(rng, (columns, rows), fan_in).T
        else:
            drawn[name] = uniform(rng, (fan_in if name.endswith("weight") else 1, columns), fan_in)
        if name.endswith("bias"):
            fan_in = columns
    if sizes.mossy_fibres:
        fibres = np.tile(np.arange(2 * sizes.units), (sizes.granule_cells, 1))
        kept = generator(seed, Purpose.WIRING).permuted(fibres, axis=1)[:, : sizes.mossy_fibres]
        wiring = np.sort(kept, axis=1).T.copy()
        drawn["granule0_weight"] = np.take_along_axis(drawn["granule0_weight"], wiring, axis=0)
        drawn["wiring"] = wiring
    return drawn
