"""One flat tensor for all weights of E networks, and names for its parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor


class Parameters(Mapping[str, Tensor]):
    """Named weights ``(E, rows, columns)`` of E networks, which lie one behind the other in one flat tensor.

    Adam is then one fused pass over everything, and every matrix product writes to contiguous memory.

    Args:
        shapes: name → (rows, columns) of that weight in one network, in storage order.
        networks: E.
        flat: storage, ``(E·P,)``; zeros if None.

    Example:
        >>> weights = Parameters({"weight": (4, 2), "bias": (1, 2)}, networks=3)
        >>> weights["weight"].shape, weights["bias"].shape, weights.flat.shape
        (torch.Size([3, 4, 2]), torch.Size([3, 1, 2]), torch.Size([30]))
    """

    def __init__(self, shapes: Mapping[str, tuple[int, int]], networks: int, flat: Float[Tensor, " EP"] | None = None):
        sizes = [networks * rows * columns for rows, columns in shapes.values()]
        self.shapes, self.networks = dict(shapes), networks
        self.flat = torch.zeros(sum(sizes)) if flat is None else flat
        blocks = self.flat.split(sizes)
        self._views = {name: b.view(networks, *shapes[name]) for name, b in zip(shapes, blocks, strict=True)}

    def __getitem__(self, name: str) -> Float[Tensor, "E rows columns"]:
        return self._views[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._views)

    def __len__(self) -> int:
        return len(self._views)

    def split(self, names: Sequence[str]) -> tuple[Parameters, Parameters]:
        """The same storage as two: some weights, and the rest.

        Args:
            names: of those weights; they must be the first in storage.
        """
        first = {name: self.shapes[name] for name in names}
        rest = {name: shape for name, shape in self.shapes.items() if name not in first}
        size = self.networks * sum(rows * columns for rows, columns in first.values())
        return Parameters(first, self.networks, self.flat[:size]), Parameters(rest, self.networks, self.flat[size:])

    def zeros_like(self) -> Parameters:
        """New weights of the same names and shapes, all zero: for gradients, or Adam's running averages."""
        return Parameters(self.shapes, self.networks, torch.zeros_like(self.flat))
