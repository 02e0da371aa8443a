"""What captions bring in: an image at the first step, then words; E networks see both through weights of their own."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from .parameters import Parameters


def embedding_shapes(features: int, words: int, width: int) -> dict[str, tuple[int, int]]:
    """Names and shapes of one network's weights between what comes in and the cell.

    Args:
        features: F, numbers that a pretrained CNN makes of an image.
        words: V, how many words there are.
        width: numbers that each image, and each word, becomes.

    Example:
        >>> embedding_shapes(features=1280, words=9956, width=256)
        {'word_vectors': (9956, 256), 'image_weight': (1280, 256), 'image_bias': (1, 256)}
    """
    return {"word_vectors": (words, width), "image_weight": (features, width), "image_bias": (1, width)}


@dataclass(frozen=True)
class ImageAndWords:
    """An image and then words, as numbers; can be cut like a tensor ``(E, N, B)``.

    Attributes:
        words: that comes in at each step, 0 … V - 1, ``(E or 1, N, B)``; where there is an image, the first one counts
            for nothing.
        features: of the image that comes in at the first step, ``(E or 1, B, F)``; None in a piece that begins later.

    Example:
        >>> shown = ImageAndWords(torch.zeros(3, 10, 7, dtype=torch.long), torch.ones(3, 7, 1280))
        >>> first, second = shown[:, :4, :5], shown[:, 4:]
        >>> first.words.shape, first.features.shape, second.features
        (torch.Size([3, 4, 5]), torch.Size([3, 5, 1280]), None)
    """

    words: Int[Tensor, "..."]
    features: Float[Tensor, "... F"] | None

    def __getitem__(self, key: tuple[slice, ...]) -> ImageAndWords:
        networks, steps, *rows = key
        features = None if self.features is None or steps.start else self.features[networks, *rows]
        return ImageAndWords(self.words[key], features)

    def transpose(self, one: int, other: int) -> ImageAndWords:
        """Steps and sequences change places, as `torch.Tensor.transpose` does it.

        Args:
            one, other: the two dimensions of ``words`` that change places.
        """
        return ImageAndWords(self.words.transpose(one, other), self.features)


class Embedding:
    """E maps from images and words to what enters the cell (P20 SM A.3).

    Args:
        weights: those named by `embedding_shapes`, among others.
        gradients: where `differentiate` puts dL/dweights; the same names and shapes.

    Example:
        >>> weights = Parameters(embedding_shapes(features=4, words=9, width=5), networks=3)
        >>> embedding = Embedding(weights, weights.zeros_like())
        >>> embedding(ImageAndWords(torch.zeros(3, 10, 7, dtype=torch.long), torch.ones(3, 7, 4))).shape
        torch.Size([3, 10, 7, 5])
    """

    def __init__(self, weights: Parameters, gradients: Parameters):
        self.weights, self.gradients = weights, gradients

    def __call__(self, shown: ImageAndWords) -> Float[Tensor, "E N B D"]:
        """What enters the cell at each step."""
        w = self.weights
        entering = w["word_vectors"].flatten(0, 1)[self._rows(shown.words)]
        if shown.features is not None:
            features = shown.features.expand(w.networks, -1, -1)
            torch.baddbmm(w["image_bias"], features, w["image_weight"], out=entering[:, 0])
        return entering

    def differentiate(self, shown: ImageAndWords, feedback: Float[Tensor, "E N B D"]) -> None:
        """Fill ``gradients``.

        Args:
            shown: what came in.
            feedback: dL/d(what entered the cell), from `Cortex.entering_backward`.
        """
        grad, rows = self.gradients, self._rows(shown.words)
        for name in ("image_weight", "image_bias"):
            grad[name].zero_()
        if shown.features is not None:
            image = feedback[:, 0]
            features = shown.features.expand(grad.networks, -1, -1)
            torch.bmm(features.mT, image, out=grad["image_weight"])
            torch.sum(image, dim=1, keepdim=True, out=grad["image_bias"])
            rows, feedback = rows[:, 1:], feedback[:, 1:]
        vectors = grad["word_vectors"]
        # it adds in a fixed order on a GPU too, which index_add_ does not
        summed = torch.ops.aten.embedding_dense_backward(feedback, rows, vectors.shape[0] * vectors.shape[1], -1, False)
        vectors.copy_(summed.view_as(vectors))

    def _rows(self, words: Int[Tensor, "#E N B"]) -> Int[Tensor, "E N B"]:
        """Where the vector of each word lies among those of all networks."""
        E, V, _ = self.weights["word_vectors"].shape
        return words + V * torch.arange(E, device=words.device)[:, None, None]
