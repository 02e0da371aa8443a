"""What an exercise is: trials of a reader's function, and the wrong answers that are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Case:
    """One trial of a reader's function.

    Attributes:
        given: the arguments, in words.
        arguments: the arguments.
        expected: what it must return: a number, or something that becomes an array.
    """

    given: str
    arguments: tuple
    expected: Any


@dataclass(frozen=True)
class Exercise:
    """A function for the reader to write.

    Attributes:
        name: of the function.
        cases: trials, easiest first.
        mistakes: wrong answers that are known, each with what led to it: from arguments to that answer.
        tolerance: relative, plus 1e-8.
    """

    name: str
    cases: Sequence[Case]
    mistakes: Sequence[tuple[Callable[..., Any], str]] = ()
    tolerance: float = 1e-4
