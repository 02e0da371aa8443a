"""The captions task: what comes in and what is asked, worked out by hand; what is measured, computed anew."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest
import torch

import ccdni_lib as cc
from ccdni_lib.data import corpus
from ccdni_lib.data.corpus import features_of
from ccdni_lib.data.vocabulary import tokenize
from ccdni_lib.engine.learning.decoding import say
from ccdni_lib.engine.training.loop import Training
from ccdni_lib.tasks import find_task, settings_for
from tests.captioned import SHARED, coco, colours, look_through_colours, needs_sample

__all__ = ["colours"]
CPU = torch.device("cpu")
SMALL = {"lstm_units": 8, "granule_cells": 12, "batches": 3, "batch_size": 6, "epochs": 2, "truncation": 8, "seeds": 2}


def examples(task, part="training"):
    return task.examples(part, torch.float64, CPU)


def test_its_name_says_what_is_not_usual():
    assert find_task("captions:source=scenes,images=20,minimum=none,views=1").name == "captions:images=20"
    assert find_task("captions:views=2,images=20").name == "captions:images=20,views=2"
    with pytest.raises(cc.SettingError, match="images 20: must not be given for COCO, all of whose images are used"):
        find_task("captions:source=coco,images=20")


def test_coco_stays_in_its_folder_wherever_the_task_goes(monkeypatch, tmp_path):
    monkeypatch.setenv("CCDNI_DATA", str(coco(tmp_path)))
    task = find_task("captions:source=coco,minimum=1")
    monkeypatch.setenv("CCDNI_DATA", "elsewhere")
    again = pickle.loads(pickle.dumps(task))
    assert again.corpus.training.files == task.corpus.training.files
    assert again.data == task.data
    assert all(file.is_relative_to(tmp_path) for file in task.corpus.training.files)
    assert str(tmp_path) not in task.data  # a result says what was learned from, not where it lay
    monkeypatch.delenv("CCDNI_DATA")
    with pytest.raises(cc.FileError, match="must have a folder"):
        find_task("captions:source=coco")
    assert find_task("captions:images=20").corpus.training.scenes


@pytest.mark.parametrize("part", ["training", "validation"])
@pytest.mark.parametrize("views", [1, 3])
def test_at_each_step_the_next_word_is_asked_and_then_given(colours, part, views):
    task = find_task(f"captions:images=20,views={views}")
    few, own = examples(task, part), views if part == "training" else 1
    texts = [text for texts in task.corpus.part(part).captions for text in texts]
    assert len(few) == own * len(texts)
    index = torch.tensor([0, 7, own * 11 + own - 1, len(few) - 1])
    shown, asked = few.at(index)
    for place, example in enumerate(index.tolist()):
        words = tokenize(texts[example // own])
        steps = int(few.lengths[example])
        assert steps == len(words) + 1  # the end is asked, too
        assert task.corpus.vocabulary.decode(asked[place : place + 1]) == [" ".join(words)]
        assert asked[place, steps - 1] == 0
        assert torch.equal(shown.words[place, 1:steps], asked[place, : steps - 1])
    assert shown.words.shape == asked.shape == (4, task.steps)
    image = index // own // 5  # five captions each
    seen = features_of(task.corpus, part, views=views)[image, index % own]
    mean, spread = task.standard()
    torch.testing.assert_close(shown.features, ((seen - mean) / spread).double())


def test_features_are_standardised_over_training_images(colours):
    task = find_task("captions:images=20")
    training, validation = (examples(task, part).features[:, 0] for part in ("training", "validation"))
    torch.testing.assert_close(training.mean(0), torch.zeros(48, dtype=torch.float64), atol=1e-5, rtol=0)
    torch.testing.assert_close(training.std(0, correction=0), torch.ones(48, dtype=torch.float64), atol=1e-4, rtol=0)
    assert validation.mean(0).abs().mean() > 0.01  # by the numbers of training, not by its own


def test_a_feature_that_is_silent_stays_so(colours, monkeypatch):
    def flat(*asked):
        found = features_of(*asked).clone()
        found[..., 3] = 0.25
        return found

    monkeypatch.setattr("ccdni_lib.tasks.captions.features_of", flat)
    assert not examples(find_task("captions:images=20")).features[..., 3].any()


def test_all_captions_come_before_any_returns_with_a_view_drawn_for_each():
    once, thrice = find_task("captions:images=20"), find_task("captions:images=20,views=3")
    drawn = once.draw(np.random.default_rng(0), batches=5, size=50)  # 250 of 100 captions
    for start in (0, 100):
        assert sorted(drawn.ravel()[start : start + 100]) == list(range(100))
    viewed = thrice.draw(np.random.default_rng(0), batches=5, size=50)
    assert np.array_equal(viewed // 3, drawn)
    assert (np.bincount(viewed.ravel() % 3) > 50).all()
    assert not np.array_equal(viewed, thrice.draw(np.random.default_rng(1), batches=5, size=50))


# --- what is measured of trained networks ---


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        look_through_colours(patch, tmp_path_factory.mktemp("store"))
        task = find_task("captions:images=20,views=2")
        training = Training(task, [settings_for(task, **SMALL, validation_size=37, precision="float64")])
        run = training.run().isel(point=0)
    corpus._features_of_part.cache_clear()
    return task, training.ensemble, run


@torch.no_grad()
def bits(ensemble, network: int, few, example: int) -> float:
    """What one caption costs one network, with PyTorch's modules and no dropout."""
    lstm, readout, _ = ensemble.network.to_torch(network)
    image, vectors = ensemble.network.embedding_to_torch(network)
    shown, asked = few.at(torch.tensor([example]))
    steps = int(few.lengths[example])
    entering = torch.cat([image(shown.features), vectors(shown.words[0, 1:steps])])
    log_p = readout(lstm(entering)[0]).log_softmax(-1) / np.log(2)
    return -log_p[torch.arange(steps), asked[0, :steps]].sum().item()


def test_bits_of_captions_of_each_length(trained):
    _, ensemble, run = trained
    few = ensemble.validation
    lengths = few.lengths[:37].numpy() - 1
    assert run.length_captions.values.tolist() == [np.bincount(lengths, minlength=26).tolist()] * 2
    for network in range(2):
        cost = np.array([bits(ensemble, network, few, example) for example in range(37)])
        for length, found in enumerate(run.length_bits.values[network]):
            chosen = lengths == length
            wanted = cost[chosen].sum() / (chosen.sum() * (length + 1)) if chosen.any() else np.nan
            np.testing.assert_allclose(found, wanted, rtol=1e-9)


def test_bits_of_all_lengths_make_up_the_error_per_word(trained):
    _, _, run = trained
    words = run.length_captions * (np.arange(26) + 1)
    whole = (run.length_bits.fillna(0) * words).sum("length") / words.sum("length")
    steps = run.validation_error.isel(epoch=-1) * run.asked
    np.testing.assert_allclose(whole, steps.sum("time") / run.asked.sum("time"), rtol=1e-5)


def test_bits_of_training_captions_are_without_dropout(trained):
    _, ensemble, run = trained
    few = ensemble.training
    first = [2 * caption for caption in range(37)]  # the first view of each
    asked = few.lengths[first].sum().item()
    for network in range(2):
        wanted = sum(bits(ensemble, network, few, example) for example in first) / asked
        assert run.training_bits.values[network] == pytest.approx(wanted, rel=1e-9)


def test_what_is_said_is_said_of_each_validation_image(colours, trained):
    task, ensemble, run = trained
    features = examples(task, "validation").features[:, 0]
    assert run.said.shape == (2, 200, 20)
    assert torch.equal(torch.from_numpy(run.said.values), say(ensemble.network, features[None]).to(torch.int32))


def test_a_run_has_bits_per_word_and_no_outputs(colours):
    run = cc.train("captions:images=20", **SMALL, validation_size=20, device="cpu", progress=False)
    assert "output" not in run
    words = run.length_captions * (np.arange(26) + 1)
    whole = (run.length_bits.fillna(0) * words).sum("length") / words.sum("length")
    np.testing.assert_allclose(run.bits_per_word.isel(epoch=-1), whole, rtol=1e-5)


def test_notes_are_what_is_needed_to_use_the_networks(colours, monkeypatch, tmp_path):
    task = find_task("captions:images=20")
    notes = json.loads(json.dumps(task.notes()))
    assert (notes["cnn"], notes["view"]) == ("efficientnet-lite0", "whole")
    assert torch.equal(torch.tensor(notes["mean"]), task.standard()[0])
    assert notes["vocabulary"].splitlines()[0].split("\t")[0] == task.corpus.vocabulary.words[0]
    monkeypatch.setenv("CCDNI_DATA", str(coco(tmp_path)))
    assert find_task("captions:source=coco").notes()["view"] == "middle"


# --- processes side by side ---


@needs_sample
def test_a_sweep_over_processes_gives_the_same(monkeypatch):
    monkeypatch.setenv("CCDNI_DATA", str(SHARED))
    task = find_task("captions:source=coco")
    monkeypatch.setenv("CCDNI_DATA", "elsewhere")  # processes must be told what the task knows
    few = {**SMALL, "seeds": 1, "truncation": [4, 8], "validation_size": 10, "device": "cpu", "progress": False}
    one, two = (cc.sweep(task, ["ccrnn"], workers=workers, **few) for workers in (1, 2))
    assert one.attrs["data"] == two.attrs["data"]
    assert two.attrs["data"].startswith("271 images of COCO 2017, 54 of them for validation")
    for name in ("train_error", "bits_per_word", "length_bits"):
        np.testing.assert_allclose(one[name], two[name], rtol=1e-4)


def test_images_are_looked_at_once_before_processes_begin(colours, monkeypatch):
    begun = []

    def jobs(*_, **__):
        begun.append(colours.network.given)
        raise cc.FileError("seen")

    monkeypatch.setattr("ccdni_lib.study.runs.train.run_jobs", jobs)
    count(colours, monkeypatch)
    with pytest.raises(cc.FileError, match="seen"):
        cc.sweep("captions:images=20", seeds=1, progress=False)
    assert begun == [220]


def count(cnn, monkeypatch) -> None:
    """Count the images that a CNN looks at."""
    network, look = cnn.network, type(cnn).__call__
    monkeypatch.setattr(network, "given", 0, raising=False)

    def counted(self, crops, *how, **more):
        network.given += len(crops)
        return look(self, crops, *how, **more)

    monkeypatch.setattr(type(cnn), "__call__", counted)
