"""Exercises that check themselves: what you got, what was expected, and what may have gone wrong."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .exercises import EXERCISES
from .exercises.exercise import Case, Exercise


def check(function: Callable[..., Any], exercises: Mapping[str, Exercise] | None = None) -> None:
    """Try a function that you wrote on the cases of its exercise, and print how it went.

    Printed is "✓" with the number of cases that are right, or "✗" with the first that is not: what was given, what your
    function returned, what is expected, and, where the mistake is a known one, what led to it. Whatever the function
    returns or raises is reported in the same way; nothing is raised.

    Args:
        function: takes the arguments that the exercise names; its own name is that of the exercise.
        exercises: exercises by name; those of the book if None.

    Example:
        >>> def taught_share(taught, untaught):
        ...     return taught / untaught
        >>> check(taught_share)
        ✗ taught_share: for a taught part of 1.0 and an untaught part of 3.0 you
          returned 0.3333; expected 0.25.
          You divided by the untaught part; the score is the sum of both.
    """
    known = EXERCISES if exercises is None else exercises
    name = getattr(function, "__name__", str(function))
    if name not in known:
        print(_wrap_lines(f"✗ {name}: there is no exercise of that name; there are {', '.join(known)}."))
        return
    cases = known[name].cases
    faults = (_find_fault(function, known[name], case) for case in cases)
    fault = next(filter(None, faults), None)
    print(_wrap_lines(f"✗ {name}: {fault}") if fault else f"✓ {name}: {len(cases)} of {len(cases)} right.")


def _find_fault(function: Callable[..., Any], exercise: Exercise, case: Case) -> str | None:
    """What is wrong with the answer to one case, as a sentence, or None if it is right."""
    try:
        answer = function(*case.arguments)
    except Exception as error:
        return f"for {case.given} it stopped with {type(error).__name__}: {error}"
    if answer is None or answer is ...:
        return f"for {case.given} it returned nothing yet; expected {_format_answer(case.expected)}."
    try:
        got, expected = np.asarray(answer, dtype=float), np.asarray(case.expected, dtype=float)
    except (TypeError, ValueError):
        return (
            f"for {case.given} you returned {answer!r}, which is no number; expected {_format_answer(case.expected)}."
        )
    if got.shape != expected.shape:
        return f"for {case.given} you returned something of shape {got.shape}; expected shape {expected.shape}."
    if np.allclose(got, expected, rtol=exercise.tolerance, atol=1e-8):
        return None
    why = ""
    for mistake, words in exercise.mistakes:
        wrong = np.asarray(mistake(*case.arguments), dtype=float)
        if wrong.shape == got.shape and np.allclose(wrong, got, rtol=1e-4):
            why = f"\n  {words}"
            break
    return f"for {case.given} you returned {_format_answer(got)}; expected {_format_answer(expected)}.{why}"


def _format_answer(value: Any) -> str:
    """A number or an array on one line, to a few digits."""
    array = np.asarray(value, dtype=float)
    if array.ndim == 0:
        return f"{float(array):.4g}"
    text = np.array2string(array, separator=", ", threshold=12, formatter={"float_kind": "{:.3g}".format})
    return " ".join(text.split())


def _wrap_lines(text: str) -> str:
    """The text in lines of at most 78 characters, indented from the second on."""
    lines = (textwrap.wrap(line.strip(), 76) for line in text.splitlines())
    return "\n  ".join(part for line in lines for part in line)
