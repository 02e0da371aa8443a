"""A short version of `tests.endurance.damage`."""

from __future__ import annotations

import pytest

from .damage import run
from .damaged_kinds import KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_damage_is_told_or_does_no_harm(kind):
    tally = run(times=20, seed=2, only=kind)
    assert tally.faults == []
    assert sum(tally.counts[kind].values()) >= 20
