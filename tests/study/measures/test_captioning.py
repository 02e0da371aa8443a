"""What networks say is held against validation captions and scenes, and kept with what was learned."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import xarray as xr

import ccdni_lib as cc
from ccdni_lib.study.experiments import EXPERIMENTS, differences, find_experiment, load_result, make_result
from ccdni_lib.study.measures import caption_scores
from ccdni_lib.study.measures.captioning import measure_captions
from ccdni_lib.study.runs.files import load_dataset, save_dataset
from ccdni_lib.tasks import find_task

pytest.importorskip("pycocoevalcap", reason="needs the extra [captions]")
FAST = ("BLEU-1", "BLEU-4", "ROUGE-L", "CIDEr")
TASK = "captions:images=150"  # enough for all the words that there are


@pytest.fixture(autouse=True)
def no_java(monkeypatch):
    """Whose start takes seconds, and which is tried elsewhere."""
    monkeypatch.setattr(caption_scores, "has_java", lambda: False)


@pytest.fixture(scope="module")
def asked():
    """Validation captions and scenes."""
    return find_task(TASK).corpus.validation


def measured(*said, metrics=FAST, **more) -> xr.Dataset:
    """Of networks that say these texts, one for each image."""
    vocabulary = find_task(TASK).corpus.vocabulary
    words = np.stack([vocabulary.encode(texts, 26).words.numpy() for texts in said])
    return measure_captions(xr.Dataset({"said": (("seed", "image", "word"), words), **more}), TASK, metrics=metrics)


def test_one_who_says_what_people_said_is_right_in_all(asked):
    run = measured([texts[0] for texts in asked.captions], [texts[-1] for texts in asked.captions])
    assert run.score.dims == ("seed", "metric")
    assert run.metric.values.tolist() == list(FAST)
    np.testing.assert_allclose(run.score.sel(metric=["BLEU-1", "BLEU-4", "ROUGE-L"]), 1)
    assert (run.score.sel(metric="CIDEr") > 1).all()
    np.testing.assert_array_equal([run.truth, run.stating, run.length_ratio], 1)
    words = [len(texts[0].split()) for texts in asked.captions]
    assert run.caption_length.values[0] == pytest.approx(np.mean(words))


def test_the_same_of_other_images_is_less_true_and_scores_less(asked):
    own = [texts[0] for texts in asked.captions]
    run = measured(own, own[1:] + own[:1])
    right, wrong = run.isel(seed=0), run.isel(seed=1)
    assert wrong.truth < 0.5 < right.truth
    assert (wrong.score < 0.9 * right.score).all()
    assert (wrong.stating, wrong.caption_length) == (right.stating, right.caption_length)  # the same words


def test_what_states_nothing_is_left_out_of_truth_and_counted_as_such(asked):
    texts = ["there is a" if place % 4 else asked.captions[place][0] for place in range(len(asked))]
    run = measured(texts, ["there is"] * len(asked), [""] * len(asked))
    np.testing.assert_array_equal(run.truth, [1, np.nan, np.nan])
    np.testing.assert_array_equal(run.stating, [0.25, 0, 0])
    assert run.caption_length.values.tolist()[1:] == [2, 0]
    assert run.length_ratio.values[2] == 0


def test_nothing_is_measured_of_a_network_that_has_diverged(asked):
    own = [texts[0] for texts in asked.captions]
    run = measured(own, own, train_error=(("seed", "epoch"), [[2.0, np.nan], [2.0, 1.0]]))
    for name in ("score", "truth", "stating", "length_ratio", "caption_length"):
        assert run[name].isnull().any("metric" if name == "score" else ()).values.tolist() == [True, False]


def test_what_cannot_be_had_is_left_out_and_a_note_says_why(asked):
    run = measured([texts[0] for texts in asked.captions], metrics=("ROUGE-L", "METEOR"))
    assert run.metric.values.tolist() == ["ROUGE-L"]
    assert "METEOR is left out: it needs Java" in run.attrs["notes"].splitlines()


def test_other_tasks_say_nothing():
    with pytest.raises(cc.SettingError, match=r"^task line-drawing: must be captions"):
        measure_captions(xr.Dataset(), "line-drawing")


@pytest.fixture
def few(monkeypatch, tmp_path):
    """The experiment with few small networks, in a folder of its own."""
    monkeypatch.setenv("CCDNI_RESULTS", str(tmp_path))
    small = {"truncation": [4, 10], "seeds": [0, 1], "batches": 2, "lstm_units": 4, "granule_cells": 8}
    experiment = replace(
        find_experiment("captions"),
        task="captions:images=20",
        models=("crnn", "ccrnn"),
        settings=small | {"epochs": 3, "learning_rate": 3e-3, "validation_size": 50},
        sampled_epochs=1,
        measure=partial(measure_captions, metrics=FAST),
    )
    monkeypatch.setitem(EXPERIMENTS, "captions", experiment)
    return experiment


def test_a_result_has_what_was_said_and_what_it_is_worth_and_comes_out_again(few, tmp_path):
    make_result("captions", progress=False, workers=1)
    result = load_result("captions")
    grid = ("model", "truncation", "seed")
    assert result.said.dims == (*grid, "image", "word")
    assert result.score.dims == (*grid, "metric")
    assert result.truth.dims == result.stating.dims == result.length_ratio.dims == grid
    again = measure_captions(result.sel(model="ccrnn", truncation=[10]), few.task, metrics=FAST)
    np.testing.assert_allclose(again.score.isel(truncation=0), result.score.sel(model="ccrnn", truncation=10))
    assert differences("captions") == {}
    changed = {"train_error": result.train_error * 1.01, "bits_per_word": result.bits_per_word * 1.02}
    save_dataset(result.assign(changed), tmp_path / "captions.nc")
    assert differences("captions") == {
        "train_error": pytest.approx(0.01, rel=0.1),
        "bits_per_word": pytest.approx(0.02, rel=0.1),
    }


def test_what_was_trained_is_kept_until_it_is_measured(few, tmp_path, monkeypatch):
    def fail(run, task, progress):
        raise cc.SettingError("it failed")

    monkeypatch.setitem(EXPERIMENTS, "captions", replace(few, measure=fail))
    with pytest.raises(cc.SettingError, match="it failed"):
        make_result("captions", progress=False, workers=1)
    kept = load_dataset(tmp_path / ".captions.whole.nc")
    monkeypatch.setitem(EXPERIMENTS, "captions", few)
    path = make_result("captions", progress=False, workers=1, resume=True)
    assert list(tmp_path.iterdir()) == [path]
    assert load_dataset(path).attrs["seconds"] == kept.attrs["seconds"]  # not trained again
    np.testing.assert_array_equal(load_dataset(path).said, kept.said)
