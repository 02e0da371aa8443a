"""A short version of `tests.endurance.kills`."""

from __future__ import annotations

import numpy as np
import pytest

from .kills import run
from .tally import Tally


@pytest.mark.parametrize("kind", ["train", "processes", "results"])
def test_a_killed_command_ends_as_an_uninterrupted_one(kind):
    tally = run(times=2, seed=int(np.random.default_rng().integers(1000)), only=kind)
    assert tally.faults == []
    assert tally.counts[kind]["kills"] == 2
    assert tally.counts[kind]["same result"] >= 1


def test_a_sweep_on_a_cluster_ends_as_an_undisturbed_one():
    pytest.importorskip("distributed", reason="needs the extra [cluster]: pip install distributed")
    tally = run(times=2, seed=1, only="cluster")
    assert tally.faults == []
    assert tally.counts["cluster"]["kills"] == 2


def test_a_fault_is_told(capsys):
    tally = Tally()
    tally.fault("train", "another content")
    assert tally.counts["train"]["fault"] == 1
    assert "FAULT train: another content" in capsys.readouterr().err
