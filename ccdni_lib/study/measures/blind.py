"""What captions cost somebody who sees no image: who tells each word by the few words before it."""

from __future__ import annotations

from collections import Counter

import numpy as np

from ...data.corpus import Corpus, Part
from ...data.vocabulary import END


def blind_bits(corpus: Corpus, before: int, weight: float = 4.0) -> float:
    """Bits per word, in validation, of who sees no image and remembers so many words.

    Words are counted in training captions. The counts are smoothed by the probabilities of who remembers one word less
    (MacKay & Peto 1995), down to those of who takes all words for equally frequent.

    Args:
        corpus: captions.
        before: words that are remembered, 0 or more; -1 takes all words for equally frequent.
        weight: of what is known from one word less, in occurrences.

    Example:
        >>> from ccdni_lib.data.corpus import load_corpus
        >>> corpus = load_corpus(images=20)
        >>> bool(abs(blind_bits(corpus, -1) - np.log2(len(corpus.vocabulary))) < 1e-9)
        True
        >>> blind_bits(corpus, 1) < blind_bits(corpus, 0) < blind_bits(corpus, -1)
        True
    """
    followed: Counter[tuple[int, ...]] = Counter()  # some words, and the one after them
    met: Counter[tuple[int, ...]] = Counter()  # some words
    for words in _windows(corpus, corpus.training, before):
        for known in range(before + 1):
            followed[words[-known - 1 :]] += 1
            met[words[-known - 1 : -1]] += 1
    bits = []
    for words in _windows(corpus, corpus.validation, before):
        p = 1 / len(corpus.vocabulary)
        for known in range(before + 1):
            p = (followed[words[-known - 1 :]] + weight * p) / (met[words[-known - 1 : -1]] + weight)
        bits.append(-np.log2(p))
    return float(np.mean(bits))


def _windows(corpus: Corpus, part: Part, before: int) -> list[tuple[int, ...]]:
    """Each word of each caption, and its end, behind so many words before it; before the first there were ends."""
    words, lengths = corpus.vocabulary.encode(text for texts in part.captions for text in texts)
    captions = [[END] * max(before, 0) + row[:length] for row, length in zip(words.tolist(), lengths, strict=True)]
    return [tuple(row[at : at + max(before, 0) + 1]) for row in captions for at in range(len(row) - max(before, 0))]
