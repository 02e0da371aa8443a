"""A short hash of examples, the same on every machine, so that results on other data are never joined."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..engine.networks.embedding import ImageAndWords
from ..engine.training.examples import Examples

DIGITS = 16  # binary digits that count, of the largest number of a tensor
AT_ONCE = 1000  # sequences that exist at once
# Rounding starts off the middle: numbers with few digits (0.5, 0.125) would else lie where one machine rounds up and
# another down.
OFFSET = 0.381966


def hash_of_examples(parts: Mapping[str, Examples]) -> str:
    """A short hash of the sequences of each part: inputs, targets and lengths.

    Numbers count rounded to 1/65,536 of the largest, so that machines whose last digits differ agree.

    Args:
        parts: examples by the name of their part.

    Returns:
        Twelve hexadecimal digits.

    Example:
        >>> from ccdni_lib.engine.training.examples import TensorExamples
        >>> third, silent = torch.ones(2, 5, 1, dtype=torch.float64) / 3, torch.zeros(2, 5, 1)
        >>> one, nearly, other = (
        ...     hash_of_examples({"training": TensorExamples(x, silent)}) for x in (third, third * (1 + 1e-15), -third)
        ... )
        >>> one == nearly, one == other, len(one)
        (True, False, 12)
    """
    digest = hashlib.sha256()
    for name, examples in parts.items():
        digest.update(f"{name} {len(examples)};".encode())
        if examples.lengths is not None:
            digest.update(_packed(examples.lengths, 1.0))
        for index in torch.arange(len(examples)).split(AT_ONCE):
            for values in _tensors(examples.at(index)):
                step = _step(values)
                digest.update(f"{tuple(values.shape)} {step};".encode())
                digest.update(_packed(values, step))
    return digest.hexdigest()[:12]


def hash_of_texts(*texts: str) -> str:
    """A short hash of some texts, such as checksums of the parts of a whole; twelve hexadecimal digits.

    Example:
        >>> hash_of_texts("a", "b") == hash_of_texts("ab")
        False
    """
    return hashlib.sha256(b"".join(hashlib.sha256(text.encode()).digest() for text in texts)).hexdigest()[:12]


def to_plain(value: Any) -> Any:
    """A number, a text or a tuple of such as JSON gives it back.

    Args:
        value: anything.

    Raises:
        TypeError: when it is anything else.

    Example:
        >>> to_plain((1, np.float32(0.5), "a"))
        [1, 0.5, 'a']
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, tuple):
        return [to_plain(each) for each in value]
    raise TypeError


def _tensors(pair: tuple[Tensor | ImageAndWords, Tensor]) -> Iterator[Tensor]:
    for x in pair:
        if not isinstance(x, ImageAndWords):
            yield x
            continue
        yield x.words
        if x.features is not None:
            yield x.features


def _step(values: Tensor) -> float:
    """What numbers are rounded to. A factor keeps a largest number of 1, as good as 1 - 1e-16, off the border."""
    if not values.is_floating_point() or not values.numel():
        return 1.0
    largest = values.abs().nan_to_num(0, 0, 0).max().item()
    return 2.0 ** (math.frexp(0.7 * largest)[1] - DIGITS) if largest else 1.0


def _packed(values: Tensor, step: float) -> bytes:
    x = values.detach().cpu()
    if x.is_floating_point():
        x = torch.floor(x.double() / step + OFFSET).nan_to_num(2.0**40, 2.0**41, -(2.0**41))
    return x.to(torch.int64).numpy().astype("<i8").tobytes()
