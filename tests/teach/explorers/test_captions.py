"""Captions: the explorer and the figures tell what networks said, and mark what is not so."""

from __future__ import annotations

import base64
import functools
import io
import itertools
import json
import re

import numpy as np
import pytest
import xarray as xr
from PIL import Image

import ccdni_lib as cc
from ccdni_lib.data.corpus import load_corpus
from ccdni_lib.data.scenes.captions import captions, facts, truth
from ccdni_lib.data.scenes.draw import Scene, Thing, draw
from ccdni_lib.engine.settings import SettingError
from ccdni_lib.findings.figures.captions import images as figures
from ccdni_lib.findings.figures.captions import sweeps
from ccdni_lib.study.experiments.compact import compact
from ccdni_lib.study.measures import caption_scores
from ccdni_lib.study.measures.blind import blind_bits
from ccdni_lib.study.measures.captioning import measure_captions
from ccdni_lib.study.runs.train import watch
from ccdni_lib.tasks import find_task
from ccdni_lib.teach.explorers import captions as captioning
from ccdni_lib.teach.explorers.captions import SHOWN, caption_explorer
from ccdni_lib.teach.widget.still import still_picture

from ...captioned import look_through_colours
from ..widget.test_widget import status, wait_for

pytest.importorskip("pycocoevalcap", reason="needs the extra [captions]")
TASK = "captions:images=20"
FEW = {"budget": "live", "seeds": 2, "epochs": 6, "batches": 6, "batch_size": 20}
FEW |= {"lstm_units": 8, "granule_cells": 8, "validation_size": 60, "learning_rate": 3e-2}
MODELS = ("crnn", "ccrnn", "sccrnn")


@pytest.fixture(scope="module")
def patched(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(caption_scores, "has_java", lambda: False)
        patch.setattr(captioning, "TASK", TASK)
        patch.setattr(captioning, "watch", functools.partial(watch, **FEW))
        look_through_colours(patch, tmp_path_factory.mktemp("store"))
        yield patch


@pytest.fixture(scope="module")
def run(patched):
    swept = cc.sweep(TASK, MODELS, truncation=[3, 4], progress=False, workers=1, **FEW)
    return compact(measure_captions(swept, TASK))


@pytest.fixture
def explorer(run, patched):
    patched.setattr(captioning, "load_result", lambda name: run)
    return caption_explorer()


def test_cells_tell_what_the_middle_network_said(explorer, run):
    spec, told = json.loads(explorer.spec), []
    names = ("<end>", "<unknown>", *find_task(TASK).corpus.vocabulary.words)
    assert set(spec["cells"]) == {"0", "1"}
    for cell, T in zip(spec["cells"].values(), (3, 4), strict=True):
        for row, model in enumerate(MODELS):
            own = run.sel(model=model, truncation=T)
            better = int(own.bits_per_word.isel(epoch=-1).argmin("seed"))  # of two the better one is in the middle
            for place, image in enumerate(SHOWN):
                words = own.said.isel(seed=better, image=image).values.tolist()
                said = cell["panels"][0]["said"][place][row]
                expected = " ".join(names[word] for word in itertools.takewhile(bool, words))
                assert said["style"] == model
                told.append(expected)
                assert re.sub(r"[\[\]]|\(nothing\)", "", said["text"]) == expected
    assert any(told)


def test_curves_and_bars_are_those_of_the_run(explorer, run):
    four = run.sel(truncation=4)
    _, curves, true, score = explorer.cell["panels"]
    for series, bar, other in zip(curves["series"], true["bars"], score["bars"], strict=True):
        own = four.sel(model=series["style"])
        np.testing.assert_allclose(series["y"], own.bits_per_word.mean("seed"), rtol=1e-2)
        np.testing.assert_allclose(bar["dots"], own.truth.dropna("seed"), atol=1e-3)  # who states nothing has none
        np.testing.assert_allclose(other["parts"][0], own.score.sel(metric="CIDEr").mean(), rtol=1e-2)


def test_pictures_are_the_scenes(explorer):
    scenes, images = load_corpus(images=20).validation.scenes, json.loads(explorer.spec)["panels"][0]["images"]
    for place, image in zip(SHOWN, images, strict=True):
        drawn = np.asarray(Image.open(io.BytesIO(base64.b64decode(image["src"].split(",")[1]))).convert("RGB"), int)
        assert abs(drawn - draw(scenes[place], captioning.SIZE)).mean() < 3
        assert truth(image["text"], scenes[place]) == 1
        assert scenes[place].things[0].colour in image["alt"]


def test_is_small_and_has_a_still_picture_with_all_images(explorer):
    assert len(explorer.html()) < 100_000
    picture = still_picture(explorer._spec, explorer.cell).svg()
    assert picture.count("<image") == len(SHOWN)
    assert picture.count(">ccRNN<") >= len(SHOWN)


def test_a_moved_slider_trains_and_then_speaks(explorer):
    explorer.place = [0]
    wait_for(lambda: (status(explorer) or "").startswith("Trained here"), 60)
    live = json.loads(explorer.live)
    stored = json.loads(explorer.spec)["cells"]["0"]["panels"]
    assert "20 scenes" in live["status"]
    assert live["cell"]["panels"][0] == stored[0]
    np.testing.assert_allclose(live["cell"]["panels"][2]["bars"][1]["parts"], stored[2]["bars"][1]["parts"], atol=1e-3)


SCENE = Scene((Thing("star", "red", "small", 0, 0), Thing("ring", "blue", "large", 0, 1)), "dark")


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("we can see a red star", "we can see a red star"),
        ("there are two red stars", "there are [two red stars]"),
        ("a red star is right of a blue ring", "a red star [is right of a blue ring]"),
        ("a star on a light background", "a star [on a light background]"),
        ("a blue heart and a blue ring", "[a blue heart] and a blue ring"),
        ("two stars at the top", "[two stars at the top]"),
        ("a picture of of", "a picture of of"),
        ("", ""),
    ],
)
def test_what_is_not_so_is_in_brackets(caption, expected):
    assert figures.mark_untrue(caption, SCENE) == expected


def test_brackets_are_there_just_where_a_caption_is_not_all_true():
    part = load_corpus(images=20).validation
    for scene, other in zip(part.scenes[:40], part.captions[1:41], strict=True):
        for caption in (*other, *captions(scene)):
            told = figures.mark_untrue(caption, scene)
            assert re.sub(r"[\[\]]", "", told) == caption
            assert ("[" in told) == (truth(caption, scene) < 1)
    assert facts("a star")


def test_differences_are_between_twins(run):
    apart = sweeps.difference_to_twins(run.bits_per_word)
    expected = run.bits_per_word.sel(model="sccrnn").values - run.bits_per_word.sel(model="crnn").values
    np.testing.assert_allclose(apart.sel(model="sccrnn"), expected)
    panels = sweeps.caption_loss_changes(run).figure.axes
    drawn = panels[1].collections[1].get_offsets()[:, 1]  # seeds of the ccRNN at the last epoch
    own = apart.sel(model="ccrnn").isel(epoch=-1).transpose("truncation", "seed")
    np.testing.assert_allclose(np.sort(drawn), np.sort(own.values.ravel()), atol=1e-6)


def test_every_figure_says_what_it_shows(run):
    pictures = [
        sweeps.caption_learning_curves(run.sel(truncation=4)),
        sweeps.caption_loss_changes(run),
        sweeps.caption_generalisation(run),
        sweeps.caption_curves_over_truncations(run),
        sweeps.caption_scores_over_truncations(run),
        figures.scenes_with_written_captions(run.sel(truncation=4), [2, 4]),
        figures.captioned_scenes(load_corpus(images=20).validation, [2, 4]),
        figures.unrolled_caption_network(SCENE, "we can see a red star", 4),
        figures.words_in_reach(["a red star"], [1, 4]),
    ]
    assert all(len(picture.alt) > 80 and "nan" not in picture.alt for picture in pictures)
    assert "only the lessons of we, can, see, a travel back" in pictures[-2].alt
    assert "T = 1: 0%, T = 4: 100%" in pictures[-1].alt


def test_the_table_counts_pairs(run):
    table, score = sweeps.caption_score_table(run.sel(truncation=3)), run.score.sel(truncation=3, metric="CIDEr")
    ahead = (score.sel(model="ccrnn") > score.sel(model="crnn")).sum().item()
    assert table.loc["CIDEr", "ccRNN ahead"] == f"{ahead} of 2"
    assert table.loc["length ratio", "ccRNN ahead"] == ""


def test_only_captions_of_scenes_can_be_held_against_scenes():
    with pytest.raises(SettingError, match="line-drawing: must be captions"):
        figures.caption_task(xr.Dataset(attrs={"task": "line-drawing"}))


def test_who_never_looks_by_hand(monkeypatch):
    corpus = load_corpus(images=20)
    small = type(corpus)("", type(corpus.training)((("a b", "a a"),)), type(corpus.training)((("b",),)), 1, 5)
    # words a, b, end and unknown; of six that were said, three are a, one is b and two are ends
    words = [(1 + 4 / 4) / 10, (2 + 4 / 4) / 10]
    assert blind_bits(small, 0) == pytest.approx(-np.log2(words).mean())
    after = [
        (0 + 4 * words[0]) / 6,
        (1 + 4 * words[1]) / 5,
    ]  # no caption began with b; the only b was followed by the end
    assert blind_bits(small, 1) == pytest.approx(-np.log2(after).mean())
