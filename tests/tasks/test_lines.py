"""Line drawing: cues, targets and taught steps against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ccdni_lib.tasks.lines import LineDrawing

TASK = LineDrawing()
EXAMPLES = TASK.examples("training", torch.float64, torch.device("cpu"))


def test_the_cue_is_there_at_the_first_step_only():
    assert EXAMPLES.inputs.shape == (7, 10, 1)
    np.testing.assert_allclose(EXAMPLES.inputs[:, 0, 0], [0, -0.3, -0.2, -0.1, 0.1, 0.2, 0.3])
    assert (EXAMPLES.inputs[:, 1:] == 0).all()


def test_lines_run_from_the_origin_to_the_target_in_equal_steps():
    assert EXAMPLES.targets.shape == (7, 10, 2)
    assert (EXAMPLES.targets[:, 0] == 0).all()
    steps = EXAMPLES.targets.diff(dim=1)
    torch.testing.assert_close(steps, steps[:, :1].expand_as(steps))
    half = 3**0.5 / 2
    by_hand = [[0, 0], [10, 0], [5, 10 * half], [-5, 10 * half], [-10, 0], [-5, -10 * half], [5, -10 * half]]
    np.testing.assert_allclose(EXAMPLES.targets[:, -1], by_hand, atol=1e-12)


def test_a_network_that_stays_at_the_origin_has_the_error_worked_out_by_hand():
    """Σ (t/9)² over ten steps is 285/81; times 100, times 6 of 7 cues: 301.6 in all, 127.0 of it taught for k = 2."""
    losses, _ = TASK.loss(torch.zeros(1, 10, 7, 2, dtype=torch.float64), EXAMPLES.targets.transpose(0, 1)[None])
    per_step = losses[0].mean(1)
    assert per_step.sum().item() == pytest.approx(100 * 285 / 81 * 6 / 7)
    assert per_step[TASK.taught_steps(2) > 0].sum().item() == pytest.approx(100 * 120 / 81 * 6 / 7)


@pytest.mark.parametrize(
    ("interval", "steps"), [(1, range(10)), (2, [0, 2, 4, 6, 8]), (3, [0, 3, 6, 9]), (4, [0, 4, 8]), (10, [0])]
)
def test_the_teacher_speaks_at_every_kth_step(interval, steps):
    assert np.flatnonzero(TASK.taught_steps(interval)).tolist() == list(steps)


def test_cues_are_drawn_with_equal_chances():
    drawn = TASK.draw(np.random.default_rng(0), 200, 50)
    assert drawn.shape == (200, 50)
    counts = np.bincount(drawn.ravel(), minlength=7)
    assert counts.size == 7
    assert ((counts - 10_000 / 7) ** 2 / (10_000 / 7)).sum() < 22.5  # chi² with 6 degrees of freedom, p = 0.001
