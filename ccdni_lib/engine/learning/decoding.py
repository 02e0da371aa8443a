"""Captions that networks say of themselves: the likeliest next word at each step, or the likeliest of many sentences.

After the image, every word that was said comes in at the next step (P20 SM A.3). E networks describe Q images at once.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..networks.embedding import ImageAndWords
from ..networks.network import Network
from .rule import State

MOST = 20  # words (P20 SM A.3)
SLICE = 2**24  # numbers of output that exist at once


@torch.inference_mode()
def say(
    network: Network, features: Float[Tensor, "#E Q F"], *, width: int = 1, most: int = MOST, end: int = 0
) -> Int[Tensor, "E Q most"]:
    """Captions of images.

    Args:
        network: E networks that have an embedding.
        features: of Q images, for all networks or for each.
        width: how many sentences are kept under way, 1 or more: 1 takes the likeliest word at each step, as published;
            more is a beam search for the likeliest sentence, by the sum of log-probabilities.
        most: words that are said at most.
        end: the number that ends a caption.

    Returns:
        Numbers of words; ``end`` from where a caption ends.

    Raises:
        ValueError: when ``width`` is out of range, or the networks have no embedding.

    Example:
        >>> from ccdni_lib.engine.networks.network import Sizes
        >>> network = Network.draw(Sizes(inputs=5, units=5, outputs=9, words=9, features=4), seeds=[0, 1])
        >>> say(network, torch.ones(1, 3, 4), most=6).shape
        torch.Size([2, 3, 6])
    """
    if network.embedding is None:
        raise ValueError("the networks must have an embedding, to see images and say words")
    if not 1 <= width <= network.sizes.outputs:
        raise ValueError(f"width {width}: must be 1…{network.sizes.outputs}, the number of words")
    some = max(1, SLICE // (len(network) * width * network.sizes.outputs))
    return torch.cat([_search(network, few, width, most, end) for few in features.split(some, dim=1)], dim=1)


def _search(
    network: Network, features: Float[Tensor, "#E Q F"], width: int, most: int, end: int
) -> Int[Tensor, "E Q most"]:
    E, Q = len(network), features.shape[1]
    nothing = torch.full((1, 1, Q), end, device=features.device)
    log_p, state = _step(network, ImageAndWords(nothing, features), None)  #   (E, Q, V), from the image
    score, word = log_p.topk(width)  #                                 (E, Q, W), the likeliest first
    h, c = (x.repeat_interleave(width, dim=1) for x in state)  #       (E, Q·W, n)
    said, V = word[..., None], log_p.shape[-1]
    for _ in range(most - 1):
        done = said[..., -1] == end
        if done.all():
            break
        log_p, state = _step(network, ImageAndWords(said[..., -1].reshape(E, 1, Q * width), None), (h, c))
        log_p = log_p.unflatten(1, (Q, width))
        log_p[done] = -torch.inf  # after its end a caption goes on with ends, at no cost
        log_p[..., end] = log_p[..., end].masked_fill(done, 0)
        score, chosen = (score[..., None] + log_p).flatten(2).topk(width)
        parent, word = chosen // V, chosen % V
        said = torch.cat([said.take_along_dim(parent[..., None], dim=2), word[..., None]], dim=-1)
        rows = (parent + width * torch.arange(Q, device=parent.device)[:, None]).flatten(1)
        h, c = (x.take_along_dim(rows[..., None], dim=1) for x in state)
    best = said[:, :, 0]
    return torch.nn.functional.pad(best, (0, most - best.shape[-1]), value=end)


def _step(network: Network, shown: ImageAndWords, state: State | None) -> tuple[Float[Tensor, "E R V"], State]:
    """Log-probabilities of the next word, and the state after it."""
    activity = network.cortex.run(network.receive(shown), state)
    output = network.cortex.readout(activity.h[:, 1:])
    return output[:, 0].log_softmax(-1), (activity.h[:, -1], activity.c[:, -1])
