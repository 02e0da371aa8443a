"""Runs of spatial DNI: what their Datasets hold, and what a user is told."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from ccdni_lib.engine.settings import SettingError
from ccdni_lib.study.feedforward.common import Common, draw_batches, load_images
from ccdni_lib.study.feedforward.spatial import alignment, misfit, train_spatial, watch_spatial
from ccdni_lib.study.feedforward.sweep import sweep_feedforward

SHORT = {"seeds": [4, 9], "batches": 40, "record_every": 20, "hidden": (16, 12), "device": "cpu"}


def test_a_dataset_says_what_made_it():
    run = train_spatial(decoupled=[1], **SHORT)
    assert dict(run.sizes) == {"seed": 2, "batch": 3, "layer": 2}
    assert run.seed.values.tolist() == [4, 9]
    assert json.loads(run.attrs["settings"])["decoupled"] == [1]
    assert {"versions", "source_revision", "seconds", "device", "images"} <= set(run.attrs)
    assert run.attrs["diverged"] == 0


def test_before_learning_it_is_chance_and_the_synthesisers_are_silent():
    start = train_spatial(decoupled=[1, 2], **SHORT).isel(batch=0)
    assert start.alignment.isnull().all()
    np.testing.assert_allclose(start.misfit, 1)
    np.testing.assert_allclose(start.train_error, np.log(10), rtol=0.05)
    assert (start.accuracy < 0.3).all()


def test_a_networks_result_is_its_own():
    both, one = (train_spatial(decoupled=[1], **SHORT | {"seeds": seeds}) for seeds in ([4, 9], [9]))
    for name in ("accuracy", "train_error", "alignment"):
        np.testing.assert_allclose(both[name].sel(seed=9), one[name].sel(seed=9), rtol=1e-4)


def test_it_learns_and_an_oracle_is_backpropagation():
    how = SHORT | {"batches": 300, "record_every": 100}
    plain, oracle = train_spatial(**how), train_spatial(decoupled=[1, 2], teacher="oracle", **how)
    np.testing.assert_array_equal(plain.accuracy, oracle.accuracy)
    assert (plain.accuracy.isel(batch=-1) > 0.7).all()
    assert (plain.alignment.isel(batch=1) > 0.2).all()


def test_teachers_that_do_not_learn_say_what_they_said_before():
    silent, fixed = (train_spatial(decoupled=[1, 2], teacher=teacher, **SHORT) for teacher in ("none", "fixed"))
    assert silent.alignment.isnull().all()
    np.testing.assert_allclose(silent.misfit, 1)
    assert (abs(fixed.alignment) < 0.2).all()


def test_watching_gives_what_training_gives():
    looks = list(watch_spatial(decoupled=[2], **SHORT))
    assert [look.sizes["batch"] for look in looks] == [2, 3]
    np.testing.assert_array_equal(looks[-1].accuracy, train_spatial(decoupled=[2], **SHORT).accuracy)


def test_a_sweep_is_its_runs():
    grid = sweep_feedforward(train_spatial, decoupled=[(), (1, 2)], teacher=["learned", "told"], **SHORT)
    one = train_spatial(decoupled=(1, 2), teacher="told", **SHORT)
    np.testing.assert_array_equal(grid.accuracy.sel(decoupled="1+2", teacher="told"), one.accuracy)


def test_cosine_and_misfit_against_numpy():
    a, b = torch.randn(3, 5, 4), torch.randn(3, 5, 4)
    for e in range(3):
        x, y = a[e].numpy().ravel(), b[e].numpy().ravel()
        assert alignment(a, b)[e].item() == pytest.approx(x @ y / np.sqrt((x @ x) * (y @ y)), rel=1e-5)
        assert misfit(a, b)[e].item() == pytest.approx(((x - y) @ (x - y)) / (y @ y), rel=1e-4)


def test_every_image_comes_once_an_epoch_in_each_networks_own_order():
    images, settings = load_images("small"), Common(seeds=(1, 2), batches=58, batch_size=50)
    batches = [x for x, _ in draw_batches(images, settings)]
    epochs = torch.cat(batches[:29], dim=1), torch.cat(batches[29:], dim=1)
    for epoch in epochs:
        for own in epoch:
            assert len(own.unique(dim=0)) == len(own) == 1450
    assert not torch.equal(epochs[0][0], epochs[0][1])
    assert not torch.equal(epochs[0][0], epochs[1][0])


def test_small_images_are_split_and_complete():
    images = load_images("small")
    assert len(images.x) + len(images.held_x) == 1797
    assert sorted(images.held_labels.unique().tolist()) == list(range(10))


def test_mnist_or_what_stands_for_it_is_flat_and_between_0_and_1(monkeypatch):
    monkeypatch.delenv("CCDNI_DATA", raising=False)
    monkeypatch.setenv("CCDNI_OFFLINE", "1")
    images = load_images("mnist")
    assert images.x.shape[1] == images.held_x.shape[1] == 784
    assert (images.x.min(), images.x.max()) == (0, 1)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"decoupled": [3]}, "layer 3: must be a whole number 1…2, one of the hidden layers"),
        ({"decoupled": ["h1"]}, "decoupled ['h1']: must be different whole numbers 1…20"),
        ({"decoupled": [1, 1]}, "decoupled [1, 1]: must be different whole numbers 1…20"),
        ({"teacher": "nobody"}, "teacher nobody: must be one of none, fixed, learned, told, oracle"),
        ({"hidden": ()}, "hidden (): must be one to 20 whole numbers 1…8,192"),
        ({"batch_size": 1}, "batch_size 1: must be a whole number 2…100,000"),
        ({"batch_size": 2000}, "batch_size 2000: must be a whole number 2…1,498, the number of images to learn from"),
        ({"budget": "huge"}, "budget huge: must be one of quick, class, paper"),
        ({"layers": 3}, "unknown setting layers: must be one of images, seeds, batches"),
    ],
)
def test_a_users_mistake_is_one_sentence(given, sentence):
    with pytest.raises(SettingError) as caught:
        train_spatial(**SHORT | given)
    assert str(caught.value).startswith(sentence)
