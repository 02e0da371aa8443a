"""What a step is asked for: loss and its gradient, for every network, step and sequence at once."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int
from torch import Tensor


@runtime_checkable
class Loss(Protocol):
    """A loss at each step, with its gradient with respect to the output; a function will do.

    On a GPU an update is recorded once and replayed. A loss that asks for a number (``.item()``, ``if`` of a tensor)
    makes this impossible, and learning there slower.
    """

    def __call__(self, output: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """Judge all networks, steps and sequences at once.

        Args:
            output: ``(E, N, B, O)``.
            target: ``(E or 1, N, B, O)``, or class numbers ``(E or 1, N, B)``: whatever the task's examples have.

        Returns:
            The loss ``(E, N, B)``, and its gradient dL/doutput ``(E, N, B, O)``.
        """
        ...


def squared_distance(
    output: Float[Tensor, "E N B O"], target: Float[Tensor, "#E N B O"]
) -> tuple[Float[Tensor, "E N B"], Float[Tensor, "E N B O"]]:
    """Squared Euclidean distance ‖y - ŷ‖², in squared units of the task's plane; and its gradient 2 (ŷ - y).

    The papers call it MSE and sum over x and y: a network that stays at the origin of a circle of radius 10 has a loss
    of 100 (P20 SM A.2.2).

    Args:
        output: ŷ, in units of the task's plane.
        target: y, in the same units; may be shared by all networks.

    Returns:
        The loss of each step and sequence, and its gradient with respect to the output.

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

    P20 SM A.2.1 for digits, A.3 for words.

    Args:
        output: ŷ, logits, one a class.
        target: y, class numbers 0 … O - 1; may be shared by all networks.

    Returns:
        The loss of each step and sequence, and its gradient with respect to the output.

    Example:
        >>> loss, gradient = cross_entropy(torch.zeros(1, 1, 1, 4), torch.tensor([[[2]]]))
        >>> round(loss.item(), 4), gradient.flatten().tolist()  # log 4; a quarter each, less one
        (1.3863, [0.25, 0.25, -0.75, 0.25])
    """
    log_p = output.log_softmax(-1)
    index = target.expand(output.shape[:-1])[..., None]
    gradient = log_p.exp().scatter_add_(-1, index, -torch.ones_like(index, dtype=output.dtype))
    return -log_p.gather(-1, index)[..., 0], gradient
