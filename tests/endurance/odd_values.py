"""Values for a setting, from right to absurd, each with what it must come to.

What is meant is worked out here by hand, apart from `ccdni_lib.engine.ranges`, which is what is tested.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from ccdni_lib.engine.ranges import Choice, Lesion, Lesions, Number, Optional, Range, Seeds, Switch, Whole

REFUSED, EITHER = "<must be refused>", "<either>"


@dataclass(frozen=True)
class Value:
    """What is said for a setting, and what the result must say it was; or `REFUSED`, or `EITHER`."""

    said: Any
    meant: Any


NOTHING = [
    "",
    " ",
    ",",
    "abc",
    "tänzer 🧠",
    "\x00",
    "3\n4",
    "1e",
    "--",
    "x" * 5000,
    "5-3",
    "-",
    "nan",
    "NaN",
    "inf",
    "-inf",
]
NO_TEXT = [object(), {}, [], (), b"3", 1j, math.nan, math.inf, -math.inf, float, print, np.array([]), np.zeros((2, 2))]
HUGE = [10**30, -(10**30), 10**400, "9" * 30, "9" * 5000, -(2**63), 2**63]


def is_same(meant: Any, recorded: Any) -> bool:
    """Whether a result says what was meant, be its tuples lists and its precision that of JSON."""
    if isinstance(meant, list | tuple):
        return isinstance(recorded, list | tuple) and list(meant) == list(recorded)
    return type(meant) is type(recorded) and meant == recorded


def draw_value(range_: Range, rng: np.random.Generator, typed: bool) -> Value:
    """A value for a setting of that range: right with even chance, else at an edge, wrong or odd.

    Args:
        range_: of the setting.
        rng: draws it.
        typed: whether it must be text.
    """
    right, other = list(_right(range_, rng)), list(_other(range_))
    chosen = right if rng.random() < 0.5 else other
    while True:
        value = chosen[rng.integers(len(chosen))]
        if not typed:
            return value
        if isinstance(value.said, str) and not {"\x00", ","} & set(value.said):
            return value
        if isinstance(value.said, int | float | None) and value.meant is not EITHER and value.said is not True:
            text = "none" if value.said is None else str(value.said)
            return Value(text.lower() if isinstance(value.said, bool) else text, value.meant)


def _right(range_: Range, rng: np.random.Generator) -> Iterator[Value]:
    """Values that are allowed, small ones and those at the edges."""
    if isinstance(range_, Whole):
        low, high = range_.low, range_.high or 10
        small = int(rng.integers(low, min(high, low + 6) + 1))
        yield from (Value(said, small) for said in (small, np.int64(small), np.uint8(small), str(small)))
        yield from (Value(low, low), Value(str(low), low), Value(range_.high or low, range_.high or low))
    elif isinstance(range_, Number):
        low, high = (range_.high / 1000, range_.high) if range_.positive else (range_.low, range_.high)
        some = round(float(rng.uniform(low, high)), 4) or high
        yield from (
            Value(some, some),
            Value(str(some), some),
            Value(f"{some!r:>9}".strip(), some),
            Value(high, float(high)),
        )
        yield from (Value(low, float(low)), Value(np.float64(some), some), Value(Decimal(str(some)), some))
        if range_.low <= 1 <= range_.high:
            yield from (Value(1, 1.0), Value("1", 1.0), Value("1e0", 1.0), Value(Fraction(1), 1.0))
    elif isinstance(range_, Choice):
        yield from (Value(word, word) for word in range_.words)
    elif isinstance(range_, Switch):
        yield from (Value(True, True), Value(False, False), Value("true", True), Value("false", False))
    elif isinstance(range_, Optional):
        yield from (Value(None, EITHER), Value("none", EITHER))  # a sparse cerebellum has a default of its own
        yield from _right(range_.kind, rng)
    elif isinstance(range_, Seeds):
        yield from (Value(2, [0, 1]), Value("2", [0, 1]), Value([5, 9], [5, 9]), Value((3,), [3]), Value("7,", [7]))
        yield from (Value(range(2), [0, 1]), Value(np.arange(2), [0, 1]), Value("20-22", [20, 21, 22]))
        yield from (Value("4294967295,", [2**32 - 1]), Value("1-2,8", [1, 2, 8]), Value(10_000, list(range(10_000))))
    elif isinstance(range_, Lesions):
        yield from (Value("", []), Value("olive@0", ["olive@0"]), Value(["nuclei@0-1"], ["nuclei@0-1"]), Value((), []))
        yield from (Value([Lesion("cerebellum", 0)], ["cerebellum@0"]), Value("olive@999999999", ["olive@999999999"]))
        yield Value("olive@0,nuclei@2-3", ["olive@0", "nuclei@2-3"])


def _other(range_: Range) -> Iterator[Value]:
    """Values that are not allowed, and some that may be read in more than one way."""
    kind = range_.kind if isinstance(range_, Optional) else range_
    if kind is range_:
        yield Value(None, REFUSED)
    if isinstance(kind, Whole):
        high = kind.high or 10
        wrong: list[Any] = [kind.low - 1, high + 1, -1, str(-1), str(high + 1), 1.5, "1.5", "1e3", "0x10", 2.0, True]
        yield from (Value(said, REFUSED) for said in [*wrong, *HUGE, *NOTHING, *NO_TEXT, np.float64(2), Decimal(2)])
        yield from (Value(said, EITHER) for said in (" 2 ", "2_0", "٢", "+2", "1-3", "02", np.bool_(True), np.array(2)))
    elif isinstance(kind, Number):
        wrong = [kind.high * 1.001, str(kind.high * 1.001), -1e-9, "-1e-9", "1,5", "0.1.2", True, [0.1], "1e400"]
        wrong += [0, "0", "-0.0"] if kind.positive else []
        yield from (Value(said, REFUSED) for said in [*wrong, *HUGE, *NOTHING, *NO_TEXT])
        yield from (Value(said, EITHER) for said in (5e-324, "1e-300", "0_1", "１", np.array(0.1), np.float32(0.1)))
    elif isinstance(kind, Choice):
        word = kind.words[0]
        wrong = [word.upper(), f" {word}", f"{word},", word[:-1], 0, True, np.array([word]), {word}]
        yield from (Value(said, REFUSED) for said in [*wrong, *HUGE, *NOTHING, *NO_TEXT, [word, word]])
        yield Value(np.str_(word), EITHER)
    elif isinstance(kind, Switch):
        wrong = ["maybe", "2", 2, 0, 1, "tru", 0.0]
        yield from (Value(said, REFUSED) for said in [*wrong, *HUGE, *NOTHING, *NO_TEXT])
        yield from (Value(said, EITHER) for said in ("TRUE", "yes", "Off", np.bool_(True), "1", "0"))
    elif isinstance(kind, Seeds):
        wrong = [0, -1, [], "", "0", "-3", "3-", [1, 1], "1,1", [-1], [2**32], "4294967296,", 10_001, "1-20000", 1.5]
        wrong += [[1.5], [True], True, "5-3", "5-3,7", "1,,2", ["1"], "1-2-3", "1.5", [None], {"a"}, np.array([0.5])]
        wrong += [*HUGE, *NOTHING, *NO_TEXT]
        yield from (Value(said, REFUSED) for said in wrong)
        yield from (Value(said, EITHER) for said in ({4, 5}, " 2", "2_0", "٢", "1, 2", {3: 1}, iter([1, 2])))
    elif isinstance(kind, Lesions):
        wrong = ["olive", "olive@-1", "liver@1", "olive@5-3", "olive@1.5", "olive@1-1", "olive@", "@1", 3, True, 2.5]
        wrong += [[3], ["olive"], [Lesion("liver", 1)], [Lesion("olive", -1)], [Lesion("olive", 5, 3)], "Olive@1"]
        wrong += [said for said in [*HUGE, *NOTHING, *NO_TEXT] if not isinstance(said, dict | list | tuple)]
        wrong = [said for said in wrong if not isinstance(said, str) or said.strip(", ")]
        yield from (Value(said, REFUSED) for said in wrong)
        yield from (Value(said, EITHER) for said in (",", {}, "olive@1,", "olive@٣", "olive@0,olive@0", " "))
