"""Target reaching: cues, targets, noise and variants against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import ccdni_lib as cc
from ccdni_lib.engine.settings import SettingError
from ccdni_lib.engine.training.ensemble import Ensemble
from ccdni_lib.tasks import find_task, settings_for
from ccdni_lib.tasks.reaching import TargetReaching

CPU = torch.device("cpu")


def examples(task, part="training"):
    return task.examples(part, torch.float64, CPU)


def test_the_cue_comes_in_once_and_the_target_is_asked_for_at_the_end():
    few = examples(TargetReaching())
    assert few.inputs[:, 0, 0].tolist() == [0, -3, -2, -1, 1, 2, 3]
    assert (few.inputs[:, 1:] == 0).all()
    half = 3**0.5 / 2
    by_hand = [[0, 0], [10, 0], [5, 10 * half], [-5, 10 * half], [-10, 0], [-5, -10 * half], [5, -10 * half]]
    np.testing.assert_allclose(few.targets[:, -1], by_hand, atol=1e-12)
    assert np.flatnonzero(TargetReaching().taught_steps(1)).tolist() == [9]


def test_a_network_that_stays_has_the_error_worked_out_by_hand():
    """A squared distance of 100 for six of seven cues."""
    targets = examples(TargetReaching()).targets.transpose(0, 1)[None]
    losses, _ = TargetReaching().loss(torch.zeros(1, 10, 7, 2, dtype=torch.float64), targets)
    assert losses[0, -1].mean().item() == pytest.approx(600 / 7)


@pytest.mark.parametrize(("targets", "cues"), [(3, [0, -1, 1]), (9, [0, -4, -3, -2, -1, 1, 2, 3, 4])])
def test_fewer_and_more_targets(targets, cues):
    task = find_task(f"target-reaching:targets={targets}")
    few = examples(task)
    assert few.inputs[:, 0, 0].tolist() == cues
    assert len(few.targets[:, -1].round(decimals=6).unique(dim=0)) == targets
    gaps = few.targets[1:, -1].diff(dim=0).norm(dim=1)
    torch.testing.assert_close(gaps, torch.full_like(gaps, 20 * np.sin(np.pi / (targets - 1))))


def test_two_inputs_are_a_tenth_of_the_target():
    few = examples(TargetReaching(inputs=2))
    torch.testing.assert_close(few.inputs[:, 0], 0.1 * few.targets[:, -1])


def test_28_inputs_are_different_patterns_of_zeros_and_ones():
    few = examples(TargetReaching(inputs=28))
    assert set(few.inputs.unique().tolist()) == {0, 1}
    assert len(few.inputs[:, 0].unique(dim=0)) == 7
    assert settings_for(TargetReaching(inputs=28)).lstm_units == 30


@pytest.mark.parametrize("inputs", [2, 28])
def test_noise_has_variance_a_tenth_at_every_step(inputs):
    task = TargetReaching(inputs=inputs)
    noise = examples(task, "validation").inputs - examples(task).inputs.repeat(20, 1, 1)
    assert noise.var().item() == pytest.approx(0.1, rel=0.1)
    assert noise.mean().item() == pytest.approx(0, abs=0.02)
    ensemble = Ensemble(task, [settings_for(task, seeds=2, batches=3, batch_size=40)])
    clean = task.examples("training", torch.float32, CPU).inputs[:, 1:]
    drawn = torch.stack([batch.inputs[:, 1:] for batch in ensemble.batches.draw(ensemble.epoch)])
    assert (clean == 0).all()
    assert drawn.var().item() == pytest.approx(0.1, rel=0.1)
    assert abs(np.corrcoef(drawn[:, 0].flatten(), drawn[:, 1].flatten())[0, 1]) < 0.1  # each seed has its own


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("target-reaching:targets=8", "targets 8: must be one of 3, 7, 9 for target-reaching"),
        ("target-reaching:size=2", "variant size: must be one of targets, inputs for target-reaching"),
        ("line-drawing:targets=3", "variant targets: must be left out, there are no variants for line-drawing"),
        ("target-reachin", r"task target-reachin: must be one of .*; did you mean target-reaching\?$"),
    ],
)
def test_a_variant_that_is_not_there_is_refused(name, sentence):
    with pytest.raises(SettingError, match=f"^{sentence}"):
        find_task(name)


def test_a_feedback_interval_means_nothing_here():
    with pytest.raises(SettingError, match=r"feedback_interval 2: must not be given for target-reaching"):
        cc.train("target-reaching", feedback_interval=2)


def test_noise_on_finite_examples_is_refused_not_forgotten():
    task = TargetReaching()
    task.noise = 0.5
    with pytest.raises(ValueError, match=r"^noise 0.5 of target-reaching: must be 0"):
        Ensemble(task, [settings_for(task, seeds=1)])
