"""A short version of `tests.endurance.settings_fuzz`; and no setting is without effect."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import ccdni_lib as cc
from ccdni_lib.engine.settings import TABLE

from .settings_fuzz import TINY

OTHERS = {  # a value of each setting that is not its default, and what else must be given for it to mean something
    "model": {"model": "crnn"},
    "seeds": {"seeds": [7]},
    "epochs": {"epochs": 3},
    "batches": {"batches": 4},
    "batch_size": {"batch_size": 9},
    "truncation": {"truncation": 3},
    "feedback_interval": {"feedback_interval": 3},
    "update": {"update": "truncation"},
    "lstm_units": {"lstm_units": 6},
    "granule_cells": {"granule_cells": 6},
    "granule_layers": {"granule_layers": 2},
    "mossy_fibres": {"mossy_fibres": 2},
    "input_dropout": {"input_dropout": 0.5, "task": "target-reaching:inputs=2"},
    "learning_rate": {"learning_rate": 0.01},
    "cerebellum_learning_rate": {"cerebellum_learning_rate": 0.01},
    "beta1": {"beta1": 0.5},
    "beta2": {"beta2": 0.5},
    "epsilon": {"epsilon": 0.01},
    "clip_norm": {"clip_norm": 0.001},
    "clip": {"clip": "separate"},
    "feedback_scale": {"feedback_scale": 1.0},
    "terminal_feedback": {"terminal_feedback": True},
    "predictor": {"predictor": "oracle"},
    "lesion": {"lesion": "cerebellum@0"},
    "bias_factor": {"bias_factor": 2.0},
    "cerebellum_init": {"cerebellum_init": "random"},
    "validation_size": {"validation_size": 1},
    "precision": {"precision": "float64"},
}


def test_random_settings_are_run_or_refused_in_a_sentence(tmp_path):
    """In a process of its own, without the checks of types that tests run with: these would refuse things first."""
    script = [sys.executable, "-m", "tests.endurance.settings_fuzz", "--times", "200", "--seed", "2"]
    done = subprocess.run([*script, "--json", str(tmp_path / "figures")], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    counts = json.loads((tmp_path / "figures").read_text())["counts"]
    for ending in ("run", "one sentence"):
        assert sum(counter.get(ending, 0) for counter in counts.values()) > 20


def test_every_setting_is_listed():
    assert OTHERS.keys() == TABLE.keys()


@pytest.mark.parametrize("name", OTHERS)
def test_no_setting_is_ignored(name):
    given = {"task": "line-drawing", **OTHERS[name]}
    fixed = {**TINY, "epochs": 2, "batches": 3, "device": "cpu", "progress": False}
    if name == "model":
        del fixed["granule_cells"]
    other = cc.train(**{**fixed, **given})
    default = cc.train(given["task"], **fixed)
    assert not other.drop_attrs().equals(default.drop_attrs())
