"""A short version of `tests.endurance.memory`."""

from __future__ import annotations

from .memory import run


def test_memory_is_flat():
    tally = run(times=6, seed=1, minutes=0.1)
    assert tally.faults == []
    assert tally.figures["moves, MB at the end"] > 0
