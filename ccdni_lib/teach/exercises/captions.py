"""Exercises of the chapter on captions."""

from __future__ import annotations

import numpy as np

from .exercise import Case, Exercise

_TABLE = np.array(  # rows: the image, or the word that was said before; columns: the end, and four words
    [
        [0.1, 0.6, 0.1, 0.1, 0.1],
        [0.1, 0.0, 0.2, 0.4, 0.3],
        [0.7, 0.1, 0.0, 0.1, 0.1],
        [0.1, 0.1, 0.5, 0.0, 0.3],
        [0.2, 0.2, 0.3, 0.3, 0.0],
    ]
)
_STUCK = np.array([[0.1, 0.6, 0.3], [0.1, 0.3, 0.6], [0.2, 0.7, 0.1]])
_SILENT = np.array([[0.6, 0.4], [0.5, 0.5]])
_BITS = np.array([[1.0, 2.0, 3.0, 9.0], [4.0, 0.0, 9.0, 9.0]])
_STEPS = np.array([3, 4, 4, 5, 11])


def _speak_greedily(table: np.ndarray, most: int, keep_end: bool = False, listen: bool = True) -> list[int]:
    """Words that are most likely, one after the other, with two ways to go wrong."""
    said: list[int] = []
    row = 0
    while len(said) < most:
        word = int(np.argmax(table[row]))
        if word == 0:
            return [*said, 0] if keep_end else said
        said.append(word)
        row = word if listen else 0
    return said


def _caption_mask(bits: np.ndarray, words: np.ndarray) -> np.ndarray:
    """Whether each step belongs to a caption: its words, and the end."""
    return np.arange(bits.shape[1]) <= np.asarray(words)[:, None]


EXERCISES = [
    Exercise(
        "bits_per_word",
        [
            Case("three words, each given ½", (np.array([0.5, 0.5, 0.5]),), 1.0),
            Case("½, ¼, ⅛ and ⅛", (np.array([0.5, 0.25, 0.125, 0.125]),), 2.25),
            Case("0.9 and 0.01", (np.array([0.9, 0.01]),), float(-np.log2([0.9, 0.01]).mean())),
            Case("one word, given 1", (np.array([1.0]),), 0.0),
        ],
        [
            (lambda p: -np.log(p).mean(), "Those are nats; with the logarithm to base 2 they are bits."),
            (
                lambda p: -np.log2(np.mean(p)),
                "You averaged the probabilities; average what each word costs, and a word that was thought impossible "
                "costs much.",
            ),
            (lambda p: -np.log2(p).sum(), "Those are the bits of all words together; divide by how many they are."),
            (lambda p: np.log2(p).mean(), "The sign: a probability below 1 has a negative logarithm."),
        ],
    ),
    Exercise(
        "masked_bits",
        [
            Case("captions of 2 words and of 0 words", (_BITS, np.array([2, 0])), 2.5),
            Case("captions of 3 words and of 1 word", (_BITS, np.array([3, 1])), 19 / 6),
            Case("one caption of 2 words", (_BITS[:1], np.array([2])), 2.0),
        ],
        [
            (
                lambda bits, words: bits.mean(),
                "You counted steps behind the end, where nothing is asked.",
            ),
            (
                lambda bits, words: (bits * _caption_mask(bits, words)).mean(),
                "You left out what lies behind the end, but divided by all steps; divide by those that are asked.",
            ),
            (
                lambda bits, words: ((bits * _caption_mask(bits, words)).sum(1) / (words + 1)).mean(),
                "You averaged captions; every word counts alike, so that a long caption counts for more.",
            ),
            (
                lambda bits, words: (
                    (bits * _caption_mask(bits, words - 1)).sum() / max(1, _caption_mask(bits, words - 1).sum())
                ),
                "You left out the end: a caption of w words is asked for w + 1 steps.",
            ),
        ],
    ),
    Exercise(
        "share_to_image",
        [
            Case("steps 3, 4, 4, 5 and 11 with T = 4", (_STEPS, 4), 0.2),
            Case("the same with T = 5", (_STEPS, 5), 0.6),
            Case("the same with T = 12", (_STEPS, 12), 1.0),
            Case("steps 4 and 8 with T = 4", (np.array([4, 8]), 4), 0.0),
        ],
        [
            (
                lambda steps, T: np.mean(np.asarray(steps) <= T),
                "The first cut lies before step T, so step T itself belongs to the second truncation.",
            ),
            (
                lambda steps, T: np.mean(np.asarray(steps) % T == 0),
                "Those lessons come at the first step of a truncation and travel nowhere; the image is at step 0.",
            ),
            (
                lambda steps, T: np.mean(np.asarray(steps) >= T),
                "Those are the lessons that do not come to the image.",
            ),
        ],
    ),
    Exercise(
        "say_greedily",
        [
            Case("a table of five words", (_TABLE, 20), [1, 3, 2]),
            Case("the same, 2 words at most", (_TABLE, 2), [1, 3]),
            Case("words that follow each other for ever, 6 at most", (_STUCK, 6), [1, 2, 1, 2, 1, 2]),
            Case("an image that leaves one speechless", (_SILENT, 20), []),
        ],
        [
            (
                lambda table, most: _speak_greedily(table, most, keep_end=True),
                "The end is not a word; stop before it.",
            ),
            (
                lambda table, most: _speak_greedily(table, most, listen=False),
                "You asked the image again and again; after the first word, look in the row of the word that was said.",
            ),
            (
                lambda table, most: _speak_greedily(table, 20),
                "You said more words than are allowed.",
            ),
        ],
    ),
]
