"""A short version of `tests.endurance.disk`."""

from __future__ import annotations

import pytest

from .disk import CASES, run


@pytest.mark.parametrize("kind", CASES)
def test_nothing_is_lost(kind):
    tally = run(times=2, seed=1, only=kind)
    assert tally.faults == []
    assert tally.counts[kind]["right in the end"] == 2
