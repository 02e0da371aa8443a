"""Words and their numbers.

A caption is read in lower case; a word is an unbroken run of the letters a–z, the digits and the apostrophe, and
everything else only parts words: "A man's T-shirt." is a, man's, t, shirt.

Two numbers are no words. ``END`` comes after the last word, so that a network can say that it is done. ``UNKNOWN``
stands for every word that is not in the vocabulary. A start is not needed: the image comes in at the first step, and
the first word is said in answer to it, P(w_t | X, w_<t) (P20 SM A.3). Nor is a padding: captions come with their
lengths, what lies behind them is masked, and it is filled with ``END``, which is as good as any number.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

import torch
from jaxtyping import Int
from torch import Tensor

from ..engine.files import FileError, write_whole
from ..engine.settings import SettingError

END, UNKNOWN = 0, 1
SPECIAL = ("<end>", "<unknown>")  # how they are shown
_WORD = re.compile(r"[a-z0-9']+")
_TOKEN = re.compile(rf"{SPECIAL[UNKNOWN]}|{_WORD.pattern}")  # so that what was decoded can be read again


class Encoded(NamedTuple):
    """Captions as numbers.

    Attributes:
        words: what is to be said at each step: the caption's words, ``END``, and ``END`` again where nothing is asked.
        lengths: at how many steps something is asked: the number of words and one for the end.
    """

    words: Int[Tensor, "Q N"]
    lengths: Int[Tensor, " Q"]


def tokenize(caption: str) -> list[str]:
    """The words of a caption, lower case, punctuation off.

    Example:
        >>> tokenize("Two girls' kites, and a T-shirt that's GREEN!")
        ['two', "girls'", 'kites', 'and', 'a', 't', 'shirt', "that's", 'green']
    """
    return _TOKEN.findall(caption.lower())


@dataclass(frozen=True)
class Vocabulary:
    """The words that a network can say, the most frequent first, and how often each was in the captions they are from.

    ``len`` of it is how many numbers there are, `END` and `UNKNOWN` among them: the size of a readout to words.

    Raises:
        SettingError: when a word is in it twice or is no single word of `tokenize`, or words and counts do not match.

    Example:
        >>> vocabulary = Vocabulary.build(["A red ball.", "A red cube", "a ball"], minimum=2)
        >>> vocabulary.words, len(vocabulary)
        (('a', 'red', 'ball'), 5)
        >>> words, lengths = vocabulary.encode(["A red cube", "a ball"])
        >>> words
        tensor([[2, 3, 1, 0],
                [2, 4, 0, 0]])
        >>> lengths
        tensor([4, 3])
        >>> vocabulary.decode(words)
        ['a red <unknown>', 'a ball']
    """

    words: tuple[str, ...]
    counts: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.words) != len(self.counts):
            raise SettingError(f"vocabulary: must have a count for each of its {len(self.words)} words")
        for word in self.words:
            if not _WORD.fullmatch(word):
                raise SettingError(f"vocabulary: {word!r} must be one word of the characters a-z, 0-9 and '")
        if len(self._numbers) != len(self.words):
            twice = next(word for word, count in Counter(self.words).items() if count > 1)
            raise SettingError(f"vocabulary: must have {twice!r} once only")

    def __len__(self) -> int:
        return len(SPECIAL) + len(self.words)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.words, start=len(SPECIAL))}

    @classmethod
    def build(cls, captions: Iterable[str], minimum: int = 5, size: int | None = None) -> Vocabulary:
        """The words that are often enough in some captions; of two that are equally frequent, the one met first.

        Args:
            captions: as they were written.
            minimum: how often a word must occur, 1 or more.
            size: the most that ``len`` of the vocabulary may be (9,956 in P20 SM A.3), 3 or more; all words if None.

        Raises:
            SettingError: when ``minimum`` or ``size`` is out of range, or no word occurs often enough.
        """
        if minimum < 1:
            raise SettingError(f"minimum {minimum}: must be 1 or more")
        if size is not None and size <= len(SPECIAL):
            raise SettingError(
                f"size {size}: must be {len(SPECIAL) + 1} or more, the end and the unknown word included"
            )
        counted = Counter(word for caption in captions for word in tokenize(caption))
        del counted[SPECIAL[UNKNOWN]]
        if not counted:
            raise SettingError("captions: must have a word among them")
        frequent = [(word, count) for word, count in counted.most_common() if count >= minimum]
        if not frequent:
            raise SettingError(f"minimum {minimum}: must be at most {max(counted.values())} for these captions")
        words, counts = zip(*frequent[: None if size is None else size - len(SPECIAL)], strict=True)
        return cls(words, counts)

    def encode(self, captions: Iterable[str], steps: int | None = None) -> Encoded:
        """Captions as numbers.

        Args:
            captions: Q texts.
            steps: N, 1 or more; a caption that needs more loses its tail, and with it its end, which was not there
                yet. If None, as many as the longest caption needs.

        Raises:
            SettingError: when ``steps`` is out of range.
        """
        if steps is not None and steps < 1:
            raise SettingError(f"steps {steps}: must be 1 or more")
        rows = []
        for caption in captions:
            numbers = [self._numbers.get(word, UNKNOWN) for word in tokenize(caption)]
            rows.append([*numbers, END][:steps])
        lengths = torch.tensor([len(row) for row in rows], dtype=torch.long)
        words = torch.full((len(rows), steps or max(map(len, rows), default=0)), END)
        asked = torch.arange(words.shape[1]) < lengths[:, None]
        words[asked] = torch.tensor([number for row in rows for number in row], dtype=torch.long)
        return Encoded(words, lengths)

    def decode(self, words: Int[Tensor, "Q N"]) -> list[str]:
        """Captions as text, each up to its first ``END``.

        Args:
            words: numbers of words, 0 … ``len(vocabulary) - 1``.

        Raises:
            SettingError: when a number is out of range.
        """
        if words.numel() and not 0 <= int(words.min()) <= int(words.max()) < len(self):
            raise SettingError(
                f"word {int(words.min()) if words.min() < 0 else int(words.max())}: must be 0…{len(self) - 1}"
            )
        names = (*SPECIAL, *self.words)
        return [" ".join(names[n] for n in takewhile(lambda n: n != END, row)) for row in words.tolist()]

    def as_text(self) -> str:
        """A line for each word: the word, a tab, its count."""
        return "".join(f"{word}\t{count}\n" for word, count in zip(self.words, self.counts, strict=True))

    @classmethod
    def from_text(cls, text: str, source: str | Path = "vocabulary") -> Vocabulary:
        r"""What `as_text` gave.

        Args:
            text: its lines.
            source: where they are from, for complaints.

        Raises:
            FileError: when they are no vocabulary.

        Example:
            >>> Vocabulary.from_text("a\t12\nball\t7\n").words
            ('a', 'ball')
            >>> Vocabulary.from_text("a\t12\nball\n", "words.tsv")
            Traceback (most recent call last):
                ...
            ccdni_lib.engine.files.FileError: words.tsv, line 2: must be a word, a tab and a count, is 'ball'
        """
        words, counts = [], []
        for number, line in enumerate(text.splitlines(), start=1):
            word, _, count = line.partition("\t")
            if not (_WORD.fullmatch(word) and count.isdecimal() and count.isascii()):
                raise FileError(f"{source}, line {number}: must be a word, a tab and a count, is {line[:60]!r}")
            words.append(word)
            counts.append(int(count))
        try:
            return cls(tuple(words), tuple(counts))
        except SettingError as error:
            raise FileError(f"{source}: is no vocabulary ({error})") from None

    def save(self, path: str | Path) -> None:
        """Write it to a text file, whole or not at all.

        Raises:
            FileError: when the file cannot be written.
        """
        write_whole(path, lambda beside: beside.write_text(self.as_text(), encoding="utf-8"))

    @classmethod
    def load(cls, path: str | Path) -> Vocabulary:
        """Read a text file that `save` wrote, or any with a word, a tab and its count on each line.

        Raises:
            FileError: when it cannot be read or is no vocabulary.
        """
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise FileError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or 'is no text'})") from error
        if not text:
            raise FileError(f"{path}: must have a word, a tab and its count on each line, is empty")
        return cls.from_text(text, path)
