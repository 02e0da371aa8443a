"""Small networks, batches and rules for the engine's tests."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from ccdni_lib.engine.learning.adam import Adam
from ccdni_lib.engine.learning.reference import Reference
from ccdni_lib.engine.learning.rule import Batch, Rule
from ccdni_lib.engine.networks.network import Network, Sizes

SIZES = Sizes(inputs=3, units=6, outputs=2, granule_cells=12)
STEPS, SEQUENCES = 7, 5
RATE, CEREBELLUM_RATE, CLIP = 1e-2, 3e-3, 0.3


@dataclass
class Case:
    """E networks with data of their own, and everything the reference needs to follow them."""

    sizes: Sizes = SIZES
    networks: int = 3
    truncation: int = 2
    online: bool = False
    terminal: bool = False
    inject: float = 0.1
    learn: bool = True
    oracle: bool = False
    clip: str = "joint"
    dtype: torch.dtype = torch.float64
    taught: tuple[float, ...] = (1, 0, 1, 0, 1, 1, 0)
    device: str = "cpu"
    network: Network = field(init=False)

    def __post_init__(self):
        random = torch.Generator().manual_seed(0)
        draw = {"generator": random, "dtype": torch.float64}
        self.x = torch.randn(self.networks, STEPS, SEQUENCES, self.sizes.inputs, **draw).to(self.dtype)
        self.y = torch.randn(self.networks, STEPS, SEQUENCES, self.sizes.outputs, **draw).to(self.dtype)
        self.network = Network.draw(
            self.sizes, range(self.networks), cerebellum_init="random", dtype=self.dtype, device=self.device
        )
        self.optimiser = Adam(self.network.parts, clip_norm=CLIP, separate=self.clip == "separate")
        trained = CEREBELLUM_RATE if self.learn and not self.oracle else None
        self.optimiser.set_rates([[RATE] * self.networks, [trained] * self.networks][: len(self.network.parts)])

    def rule(self) -> Rule:
        return Rule(
            truncation=self.truncation,
            online=self.online,
            inject=self.factor(self.inject),
            learn=self.factor(float(self.learn)),
            terminal=self.factor(float(self.terminal)),
            oracle=self.oracle,
        )

    def factor(self, value: float) -> Tensor | None:
        return torch.full((self.networks, 1, 1, 1), value, dtype=self.dtype, device=self.device) if value else None

    def batch(self) -> Batch:
        taught = torch.tensor(self.taught, dtype=self.dtype)[None, :, None]
        return Batch(*(x.to(self.device) for x in (self.x, self.y, taught)), size=SEQUENCES)

    def reference(self, index: int) -> Reference:
        lstm, readout, cerebellum = self.network.to_torch(index)
        return Reference(
            lstm,
            readout,
            cerebellum,
            truncation=self.truncation,
            online=self.online,
            feedback_scale=self.inject or 0.1,
            inject=bool(self.inject),
            learn=self.learn,
            terminal_feedback=self.terminal,
            oracle=self.oracle,
            learning_rate=RATE,
            cerebellum_learning_rate=CEREBELLUM_RATE,
            clip_norm=CLIP,
            clip=self.clip,
            wiring=None if self.network.wiring is None else self.network.wiring[index],
        )


def flat(network: Network, index: int) -> Tensor:
    """All weights of one network, as PyTorch's modules order them."""
    return torch.cat([p.detach().flatten() for part in network.to_torch(index) if part for p in part.parameters()])


def flat_reference(reference: Reference) -> Tensor:
    return torch.cat([p.detach().flatten() for p in [*reference.cortical, *reference.cerebellar]])
