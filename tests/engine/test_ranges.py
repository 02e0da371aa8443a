"""Whole numbers and seeds as they are typed."""

from __future__ import annotations

import pytest

import ccdni_lib as cc
from ccdni_lib.engine.ranges import Seeds, span


@pytest.mark.parametrize(
    ("text", "numbers"), [("0", [0]), ("3-3", [3]), (" 2-5 ", [2, 3, 4, 5]), ("1-10000", list(range(1, 10_001)))]
)
def test_a_span_has_both_its_ends(text, numbers):
    assert list(span(text)) == numbers


@pytest.mark.parametrize("text", ["", "-", "5-", "-5", "5-3", "1-2-3", "a", "1.5", "1-10001", "0-99999999999999999999"])
def test_what_is_no_span_is_refused(text):
    with pytest.raises(ValueError, match="must "):
        span(text)


@pytest.mark.parametrize(
    ("text", "seeds"),
    [("3", (0, 1, 2)), ("5-7,3", (5, 6, 7, 3)), ("7,", (7,)), ("4294967295,", (2**32 - 1,)), (" 2 ", (0, 1))],
)
def test_seeds_are_a_count_or_a_list(text, seeds):
    assert Seeds().read(text, 0) == seeds


@pytest.mark.parametrize(
    "text", ["", ",", "5-3,7", "5-3", "7,5-", "1,,2", "0", "10001", "1-3,2", "4294967296,", "-1", "x"]
)
def test_seeds_that_cannot_be_are_one_sentence(text):
    with pytest.raises(cc.SettingError) as error:
        cc.train("line-drawing", seeds=text)
    assert str(error.value).startswith(f"seeds {text}: must be a count of 1…10,000, or different whole numbers")
