"""A short version of `tests.endurance.disk`."""

from __future__ import annotations

from .disk import CASES, run


def test_nothing_is_lost():
    tally = run(times=1, seed=2)
    assert tally.faults == []
    assert tally.counts == {kind: {"right in the end": 1} for kind in CASES}
