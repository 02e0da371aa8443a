"""Exercises: right answers pass, known mistakes are named, and nothing that a reader may return breaks the check."""

from __future__ import annotations

import numpy as np
import pytest

from ccdni_lib.teach.check import check
from ccdni_lib.teach.exercises import EXERCISES


def answer(exercise, replies):
    """A function of the exercise's name that gives the replies one after the other."""
    given = iter(replies)

    def function(*arguments):
        return next(given)

    function.__name__ = exercise.name
    return function


@pytest.mark.parametrize("name", EXERCISES)
def test_right_answers_pass(name, capsys):
    exercise = EXERCISES[name]
    check(answer(exercise, [case.expected for case in exercise.cases]))
    assert capsys.readouterr().out.startswith(f"✓ {name}: ")


@pytest.mark.parametrize(
    ("name", "number"), [(name, number) for name, e in EXERCISES.items() for number in range(len(e.mistakes))]
)
def test_every_known_mistake_is_wrong_and_is_named(name, number, capsys):
    exercise = EXERCISES[name]
    mistake, words = exercise.mistakes[number]

    def function(*arguments):
        return mistake(*arguments)

    function.__name__ = name
    check(function)
    printed = " ".join(capsys.readouterr().out.split())
    assert printed.startswith(f"✗ {name}: for ")
    assert "; expected " in printed
    if not words.startswith(("Your line stops", "Your line does not")):  # of these two the first that fits is named
        assert words in printed or "shape" in printed


@pytest.mark.parametrize("reply", [None, ..., "text", [1, [2, 3]], np.zeros((2, 2)), {}, float("nan")])
def test_whatever_comes_back_is_answered(reply, capsys):
    exercise = EXERCISES["taught_share"]
    check(answer(exercise, [reply] * 9))
    assert capsys.readouterr().out.startswith("✗ taught_share: for a taught part of 1.0")


def test_an_error_in_the_answer_is_shown(capsys):
    def taught_share(taught, untaught):
        return taught / 0

    check(taught_share)
    assert "ZeroDivisionError" in capsys.readouterr().out


def test_an_unknown_name_is_told(capsys):
    check(lambda: 1)
    assert "there is no exercise of that name" in capsys.readouterr().out


def test_lines_fit_the_page(capsys):
    for exercise in EXERCISES.values():
        check(answer(exercise, [np.full(np.shape(exercise.cases[0].expected), 0.123)] * 9))
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 78
