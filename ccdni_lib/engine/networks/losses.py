"""What a step is asked for: loss and its gradient, for every network, step and sequence at once."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int
from torch import Tensor


@runtime_checkable
class Loss(Protocol):
    """A loss at each step, with its gradient with respect to the output.

    On a GPU an update is recorded once and replayed. A loss that asks for a number (``.item()``, ``if`` of a tensor)
    makes this impossible, and learning there slower.
    """

    def __call__(self, output: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """Loss ``(E, N, B)`` and dL/doutput ``(E, N, B, O)`` from output ``(E, N, B, O)`` and target."""
        ...


def squared_distance(
    output: Float[Tensor, "E N B O"], target: Float[Tensor, "#E N B O"]
) -> tuple[Float[Tensor, "E N B"], Float[Tensor, "E N B O"]]:
    """Squared Euclidean distance ‖y - ŷ‖², in squared units of the task's plane; and its gradient 2 (ŷ - y).

    The papers call it MSE and sum over x and y: a network that stays at the origin of a circle of radius 10 has a loss
    of 100 (P20 SM A.2.2).

    Example:
        >>> loss, gradient = squared_distance(torch.zeros(1, 1, 1, 2), torch.tensor([[[[6.0, 8.0]]]]))
        >>> loss.item(), gradient.flatten().tolist()
        (100.0, [-12.0, -16.0])
    """
    difference = output - target
    return difference.square().sum(-1), 2 * difference


def cross_entropy(
    output: Float[Tensor, "E N B O"], target: Int[Tensor, "#E N B"]
) -> tuple[Float[Tensor, "E N B"], Float[Tensor, "E N B O"]]:
    """Cross-entropy of a softmax over the outputs, in nats; and its gradient softmax(ŷ) - onehot(y).

    Example:
        >>> loss, gradient = cross_entropy(torch.zeros(1, 1, 1, 4), torch.tensor([[[2]]]))
        >>> round(loss.item(), 4), gradient.flatten().tolist()  # log 4; a quarter each, less one
        (1.3863, [0.25, 0.25, -0.75, 0.25])
    """
    log_p = output.log_softmax(-1)
    index = target.expand(output.shape[:-1])[..., None]
    gradient = log_p.exp().scatter_add_(-1, index, -torch.ones_like(index, dtype=output.dtype))
    return -log_p.gather(-1, index)[..., 0], gradient
