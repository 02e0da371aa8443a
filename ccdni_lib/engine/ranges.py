"""What a setting may be: each kind of value reads what a user says, from Python or as text, or says what it must be."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable


@runtime_checkable
class Range(Protocol):
    """A kind of value.

    Example:
        >>> isinstance(Whole(1, 9), Range)
        True
    """

    def read(self, value: Any, steps: int) -> Any:
        """The value in its right type.

        Args:
            value: a Python object, or text.
            steps: N, length of the task's sequence.

        Raises:
            ValueError, TypeError: when it does not belong to this kind; also AttributeError and OverflowError.
        """
        ...

    def allowed(self, steps: int | None) -> str:
        """What it must be, in words.

        Args:
            steps: N, length of the task's sequence; None where no task is meant.
        """
        ...


@dataclass(frozen=True)
class Whole:
    """Whole numbers from ``low`` to ``high``; ``high`` None is the number of steps of the task.

    Example:
        >>> Whole(1, None).read("3", steps=10), Whole(1, None).allowed(10)
        (3, 'a whole number 1…10')
    """

    low: int
    high: int | None

    def read(self, value: Any, steps: int) -> int:
        number = int(value) if isinstance(value, str) else whole_number(value)
        if not self.low <= number <= (steps if self.high is None else self.high):
            raise ValueError
        return number

    def allowed(self, steps: int | None) -> str:
        high = steps if self.high is None else self.high
        return f"a whole number {self.low:,}…{'N' if high is None else f'{high:,}'}"


@dataclass(frozen=True)
class Number:
    """Numbers from ``low`` to ``high``, or, if ``positive``, more than 0 and at most ``high``.

    Example:
        >>> Number(0, 10, positive=True).allowed(None)
        'more than 0, at most 10'
    """

    low: float
    high: float
    positive: bool = False

    def read(self, value: Any, steps: int) -> float:
        if isinstance(value, (bool, bytes, bytearray)):  # which float would take
            raise TypeError
        number = float(value)
        if not math.isfinite(number) or not self.low <= number <= self.high or (self.positive and number == 0):
            raise ValueError
        return number

    def allowed(self, steps: int | None) -> str:
        return f"more than 0, at most {self.high:g}" if self.positive else f"a number {self.low:g}…{self.high:g}"


@dataclass(frozen=True)
class Choice:
    """One of some words.

    Example:
        >>> Choice(("joint", "separate")).allowed(None)
        'one of joint, separate'
    """

    words: tuple[str, ...]

    def read(self, value: Any, steps: int) -> str:
        if not isinstance(value, str) or value not in self.words:
            raise ValueError
        return str(value)

    def allowed(self, steps: int | None) -> str:
        return f"one of {', '.join(self.words)}"


@dataclass(frozen=True)
class Switch:
    """True or false, as Python has it or as a word.

    Example:
        >>> Switch().read("off", 0)
        False
    """

    def read(self, value: Any, steps: int) -> bool:
        known = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
        given = known.get(value.lower()) if isinstance(value, str) else value
        if not isinstance(given, bool):
            raise ValueError
        return given

    def allowed(self, steps: int | None) -> str:
        return "true or false"


@dataclass(frozen=True)
class Optional:
    """A value of another kind, or none.

    Example:
        >>> Optional(Whole(1, 8), "all").allowed(None)
        'a whole number 1…8, or none for all'
    """

    kind: Range
    none: str

    def read(self, value: Any, steps: int) -> Any:
        return None if value is None or value == "none" else self.kind.read(value, steps)

    def allowed(self, steps: int | None) -> str:
        return f"{self.kind.allowed(steps)}, or none for {self.none}"


@dataclass(frozen=True)
class Seeds:
    """Different seeds: a count, a list, or text as on the command line.

    Example:
        >>> read = Seeds().read
        >>> read(3, 0), read([5, 9], 0), read("20-22,5", 0), read("7,", 0)
        ((0, 1, 2), (5, 9), (20, 21, 22, 5), (7,))
    """

    most: int = 10_000

    def read(self, value: Any, steps: int) -> tuple[int, ...]:
        seeds: Sequence[int]
        if isinstance(value, str):
            seeds = self._from_text(value)
        elif isinstance(value, Iterable):
            seeds = [whole_number(seed) for seed in value]
        else:
            seeds = range(min(whole_number(value), self.most + 1))
        if not 1 <= len(seeds) <= self.most or min(seeds) < 0 or max(seeds) >= 2**32 or len(set(seeds)) < len(seeds):
            raise ValueError
        return tuple(seeds)

    def _from_text(self, text: str) -> Sequence[int]:
        if re.fullmatch(r"\s*\d+\s*", text):
            return range(min(int(text), self.most + 1))
        return [seed for part in text.rstrip(",").split(",") for seed in span(part, self.most)]

    def allowed(self, steps: int | None) -> str:
        return f"a count of 1…{self.most:,}, or different whole numbers 0 or more, as in 1,2,1243 or 20-29"


@dataclass(frozen=True)
class Lesion:
    """Something that is out of action for some epochs (P21 Fig. 3c, S6, S7).

    Attributes:
        kind: one of `ccdni_lib.engine.settings.LESIONS`.
        start: the first epoch; epochs count from 0.
        stop: the first epoch in which it is whole again; None is never.

    Example:
        >>> str(Lesion("olive", 10, 20)), Lesion("olive", 10, 20).strikes(20)
        ('olive@10-20', False)
    """

    kind: str
    start: int
    stop: int | None = None

    def strikes(self, epoch: int) -> bool:
        """Whether it is in force.

        Args:
            epoch: 0 is the first.
        """
        return self.start <= epoch and (self.stop is None or epoch < self.stop)

    def __str__(self) -> str:
        return f"{self.kind}@{self.start}" + (f"-{self.stop}" if self.stop is not None else "")


@dataclass(frozen=True)
class Lesions:
    """Lesions as text, KIND@EPOCH or KIND@FROM-TO, several with commas.

    Example:
        >>> [str(lesion) for lesion in Lesions(("olive", "nuclei")).read("olive@50,nuclei@10-20", 0)]
        ['olive@50', 'nuclei@10-20']
    """

    kinds: tuple[str, ...]

    def read(self, value: Any, steps: int) -> tuple[Lesion, ...]:
        parts = value.split(",") if isinstance(value, str) else value
        return tuple(self._one(str(part) if isinstance(part, Lesion) else part) for part in parts if part)

    def _one(self, text: str) -> Lesion:
        match = re.fullmatch(r"(\w+)@(\d{1,9})(?:-(\d{1,9}))?", text)
        if not match or match[1] not in self.kinds:
            raise ValueError
        lesion = Lesion(match[1], int(match[2]), int(match[3]) if match[3] else None)
        if lesion.stop is not None and lesion.stop <= lesion.start:
            raise ValueError
        return lesion

    def allowed(self, steps: int | None) -> str:
        return f"KIND@EPOCH or KIND@FROM-TO with KIND one of {', '.join(self.kinds)}, as in olive@50"


def whole_number(value: Any) -> int:
    """A whole number.

    Args:
        value: anything.

    Raises:
        TypeError: when it only looks like one, as True and 2.0 do.

    Example:
        >>> import numpy as np
        >>> whole_number(np.int64(3))
        3
    """
    if isinstance(value, bool):
        raise TypeError
    return operator.index(value)


def span(text: str, most: int = 10_000) -> range:
    """The whole numbers that were typed as one, or as first and last with a dash between.

    Args:
        text: such as 7 or 3-5.
        most: how many there may be.

    Raises:
        ValueError: when it is nothing of the kind, falls, or has more numbers than ``most``.

    Example:
        >>> list(span("7")), list(span("3-5"))
        ([7], [3, 4, 5])
        >>> span("5-3")
        Traceback (most recent call last):
            ...
        ValueError: 5-3: must rise, as in 3-5
    """
    first, dash, last = text.strip().partition("-")
    if not first.isdecimal() or (dash and not last.isdecimal()):
        raise ValueError(f"{text}: must be a whole number, or two as in 3-5")
    numbers = range(int(first), int(last if dash else first) + 1)
    if not numbers:
        raise ValueError(f"{text}: must rise, as in {last}-{first}")
    if numbers.stop - numbers.start > most:
        raise ValueError(f"{text}: must be at most {most:,} numbers")
    return numbers


def one_line(value: Any, longest: int = 80) -> str:
    r"""A value as part of a sentence: on one line, with nothing in it that a terminal would act on, and not too long.

    Args:
        value: anything.
        longest: characters, 1 or more.

    Example:
        >>> one_line("3\n4"), one_line("1,2"), one_line("x" * 1000, longest=5)
        ('3\\n4', '1,2', 'xxxx…')
    """
    try:
        text = str(value)
    except ValueError:  # Python does not print whole numbers of thousands of digits
        text = "a number of thousands of digits"
    text = text if text.isprintable() else repr(text)[1:-1]
    return text if len(text) <= longest else text[: longest - 1] + "…"
