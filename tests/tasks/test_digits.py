"""The digit tasks: targets, taught steps, split and scores against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import ccdni_lib as cc
from ccdni_lib.data.digits import load_digits
from ccdni_lib.engine.settings import SettingError
from ccdni_lib.tasks import find_task, settings_for
from ccdni_lib.tasks.templates import STROKES, stroke, strokes

NAMES = ("seqmnist", "c-seqmnist", "ld-seqmnist", "dd-seqmnist")
CPU = torch.device("cpu")


def examples(task, part="training"):
    return task.examples(part, torch.float32, CPU)


@pytest.mark.parametrize("name", NAMES)
def test_an_image_comes_in_row_by_row(name):
    few = examples(find_task(name), "test")
    inputs, _ = few.at(torch.tensor([[3, 5]]))
    assert inputs.shape == (1, 2, 28, 28)
    torch.testing.assert_close(inputs[0, 1], load_digits().test_images[5] / 255)


@pytest.mark.parametrize(
    ("name", "interval", "taught"),
    [
        ("seqmnist", 4, [27]),
        ("c-seqmnist", 4, [27]),
        ("ld-seqmnist", 4, [0, 4, 8, 12, 16, 20, 24]),
        ("dd-seqmnist", 10, [0, 10, 20]),
        ("ld-seqmnist", 1, list(range(28))),
    ],
)
def test_taught_steps(name, interval, taught):
    assert np.flatnonzero(find_task(name).taught_steps(interval)).tolist() == taught


def test_training_and_validation_share_no_image_and_leave_none_out():
    task = find_task("ld-seqmnist")
    training, validation = (examples(task, part).rows for part in ("training", "validation"))
    images = len(load_digits().training_images)
    assert len(training) == round(0.8 * images)
    assert torch.cat([training, validation]).sort().values.tolist() == list(range(images))
    assert torch.equal(examples(find_task("seqmnist"), "validation").rows, validation)


def test_an_epoch_has_every_image_once_and_another_order_for_each_seed():
    task = find_task("seqmnist")
    images = len(examples(task))
    orders = [task.draw(np.random.default_rng(seed), images // 50, 50) for seed in (1, 2)]
    assert all(len(np.unique(order)) == order.size for order in orders)
    assert (orders[0] != orders[1]).mean() > 0.99
    more = task.draw(np.random.default_rng(0), 3 * images // 50, 50)  # where there are few, all come before one returns
    assert np.bincount(more.ravel(), minlength=images).min() >= 2


@pytest.mark.parametrize("digit", range(10))
def test_a_line_goes_to_the_place_of_its_digit(digit):
    few = examples(find_task("ld-seqmnist"))
    index = (few.labels[few.rows] == digit).nonzero()[0]
    _, target = few.at(index)
    angle = 2 * np.pi * digit / 10
    t = np.arange(28)[:, None] / 27
    np.testing.assert_allclose(target[0], 10 * t * [np.cos(angle), np.sin(angle)], atol=1e-6)


@pytest.mark.parametrize("digit", range(10))
def test_a_stroke_has_equal_steps_and_stays_in_its_square(digit):
    fine, points = stroke(digit, 2701), stroke(digit, 28)
    assert (fine >= 0).all()
    assert (fine <= 1).all()
    np.testing.assert_allclose(fine[::100], points, atol=1e-12)  # the same course, whatever the number of steps
    gaps, way = (np.linalg.norm(np.diff(x, axis=0), axis=1) for x in (points, fine))
    assert gaps.max() == pytest.approx(way.sum() / 27, rel=1e-3)
    assert np.median(gaps) == pytest.approx(gaps.max())  # only a step across a corner is shorter than its way
    assert 4 <= len(STROKES[digit]) <= 11
    assert digit == 1 or points[0].tolist() == [0, 1]


def test_no_two_strokes_are_alike():
    flat = strokes(28).reshape(10, -1)
    apart = np.linalg.norm(flat[:, None] - flat[None], axis=-1)[~np.eye(10, dtype=bool)]
    assert apart.min() > 1


@pytest.mark.parametrize("name", NAMES)
def test_perfect_outputs_are_accurate_and_shuffled_ones_are_not(name):
    task = find_task(name)
    few = examples(task, "validation")
    _, targets = few.at(torch.arange(200))
    targets = targets.transpose(0, 1)[None]
    perfect = torch.nn.functional.one_hot(targets, 10).float() if name == "seqmnist" else targets
    assert task.scores(perfect, targets)["accuracy"].shape == (1, 200)
    assert task.scores(perfect, targets)["accuracy"].mean() == 1
    shuffled = perfect[:, :, torch.randperm(200, generator=torch.Generator().manual_seed(0))]
    assert task.scores(shuffled, targets)["accuracy"].mean() == pytest.approx(0.1, abs=0.08)


def test_staying_at_the_origin_costs_a_hundred_on_the_circle():
    """P20 SM A.2.2: a static model has a constant MSE of 100."""
    task = find_task("c-seqmnist")
    _, targets = examples(task).at(torch.arange(20))
    losses, _ = task.loss(torch.zeros(1, 28, 20, 2), targets.transpose(0, 1)[None])
    torch.testing.assert_close(losses, torch.full_like(losses, 100.0))


def test_images_are_in_memory_once():
    parts = [examples(find_task(name), part) for name in NAMES for part in ("training", "validation")]
    assert len({part.images.data_ptr() for part in parts}) == 1
    assert parts[0].images.dtype == torch.uint8


@pytest.mark.parametrize("name", ["seqmnist", "c-seqmnist"])
def test_a_feedback_interval_means_nothing_to_those_taught_at_the_end(name):
    with pytest.raises(SettingError, match="must not be given"):
        settings_for(find_task(name), feedback_interval=3)


@pytest.mark.parametrize("name", ["seqmnist", "c-seqmnist"])
def test_a_horizon_of_three_is_none_where_the_only_lesson_is_alone_in_its_truncation(name):
    """28 = 9 · 3 + 1: to a cRNN T = 3 is T = 1, and T = 4 is not."""
    small = {"seeds": 1, "epochs": 1, "batches": 3, "batch_size": 5, "validation_size": 5, "lstm_units": 4}
    one, three, four = (
        cc.train(name, "crnn", truncation=T, device="cpu", progress=False, **small).output for T in (1, 3, 4)
    )
    np.testing.assert_array_equal(one, three)
    assert abs(one - four).max() > 0
