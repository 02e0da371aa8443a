"""A short version of `tests.endurance.kills`."""

from __future__ import annotations

import pytest

from .kills import COMMANDS, run
from .tally import Tally


@pytest.mark.parametrize("kind", COMMANDS)
def test_a_killed_command_ends_as_an_uninterrupted_one(kind):
    if kind == "cluster":
        pytest.importorskip("distributed", reason="needs the extra [cluster]: pip install distributed")
    tally = run(times=1, seed=1, only=kind)
    assert tally.faults == []
    assert tally.counts[kind]["kills"] == 1
    assert tally.counts[kind]["same result"] == 1


def test_a_fault_is_told(capsys):
    tally = Tally()
    tally.fault("train", "another content")
    assert tally.counts["train"]["fault"] == 1
    assert "FAULT train: another content" in capsys.readouterr().err
