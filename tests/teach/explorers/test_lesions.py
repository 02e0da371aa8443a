"""The explorer of lesions: what it shows is the stored sweep's, and a moved slider lesions small networks."""

from __future__ import annotations

import functools
import json

import numpy as np
import pytest

import ccdni_lib as cc
from ccdni_lib.study.experiments.compact import compact
from ccdni_lib.study.runs.train import watch
from ccdni_lib.teach.explorers.cerebellum import lesions
from ccdni_lib.teach.explorers.cerebellum.lesions import lesion_explorer

from ..widget.test_widget import status, wait_for

KINDS, ONSETS = ("cerebellum", "olive", "nuclei"), (0, 2, 4)
STRONG = {"learning_rate": 0.05, "cerebellum_learning_rate": 0.05, "feedback_scale": 1.0}
FEW = {"budget": "live", "seeds": 3, "epochs": 6, "batches": 6, **STRONG, "progress": False}


@pytest.fixture(scope="module")
def sweep():
    labels = ["", *(f"{kind}@{onset}" for kind in KINDS for onset in ONSETS)]
    return compact(cc.sweep("line-drawing", ["ccrnn"], lesion=labels, **FEW))


@pytest.fixture
def explorer(sweep, monkeypatch):
    monkeypatch.setattr(lesions, "load_result", lambda name: sweep)
    return lesion_explorer(kind="olive", epoch=3)


def points(curves, number):
    """What one of the curves has at each epoch."""
    series = curves["series"][number]
    return dict(zip(series.get("x", curves["x"]), series["y"], strict=True))


def test_starts_where_it_is_told_or_near(explorer):
    assert explorer.values in ({"kind": "olive", "epoch": 2}, {"kind": "olive", "epoch": 4})


def test_every_place_shows_its_lesion(explorer, sweep):
    spec = json.loads(explorer.spec)
    assert len(spec["cells"]) == 9
    for i, kind in enumerate(KINDS):
        for j, onset in enumerate(ONSETS):
            curves, drawing, bars = spec["cells"][f"{i},{j}"]["panels"]
            own = sweep.sel(model="ccrnn", lesion=f"{kind}@{onset}")
            assert bars["bars"][2]["style"] == "lesioned"
            np.testing.assert_allclose(sorted(bars["bars"][2]["dots"]), sorted(own.ataxia_score[:, -1]), rtol=6e-3)
            mean = points(curves, 2)
            np.testing.assert_allclose(mean[6], own.train_error.sel(epoch=6).mean(), rtol=6e-3)
            assert [path["style"] for path in drawing["paths"]] == ["crnn", "lesioned"]
            assert f"{kind}@{onset}: after {onset} of 6 epochs" in spec["cells"][f"{i},{j}"]["say"]


def test_the_lesion_is_marked_where_it_is_and_curves_stay_whole(explorer):
    for place, onset in (("0,0", 0), ("0,1", 2), ("2,2", 4)):
        curves = json.loads(explorer.spec)["cells"][place]["panels"][0]
        *series, mark = curves["series"]
        assert mark["style"] == "mark"
        assert mark["x"] == [onset, onset]
        assert mark["y"][0] == 0
        assert mark["y"][1] > 20
        for number, one in enumerate(series):
            assert len(one["y"]) == len(one["band"])
            assert list(points(curves, number)) == [1, 2, 3, 4, 5, 6]


def test_a_lesioned_network_is_the_whole_one_up_to_its_lesion(explorer):
    curves = json.loads(explorer.spec)["cells"]["1,2"]["panels"][0]
    whole, lesioned = (points(curves, number) for number in (1, 2))
    assert all(whole[epoch] == lesioned[epoch] for epoch in (1, 2, 3, 4))
    assert whole[6] != lesioned[6]


@pytest.mark.parametrize(
    ("kind", "sent", "learns"),
    [("cerebellum", "no longer", "no longer"), ("olive", "still", "no longer"), ("nuclei", "no longer", "still")],
)
def test_the_sentence_says_which_switches_are_off(explorer, kind, sent, learns):
    say = json.loads(explorer.spec)["cells"][f"{KINDS.index(kind)},1"]["say"]
    assert f"the cortex is {sent} sent predictions, and the cerebellum {learns} learns" in say


def test_a_still_picture_and_a_page_are_made(explorer):
    bundle, _ = explorer._repr_mimebundle_()
    assert "lesioned" in bundle["text/html"]
    assert bundle["image/png"]


@pytest.fixture
def brief(monkeypatch):
    """Live training of 42 epochs in less than a second."""
    tiny = {"seeds": 2, "batches": 2, "lstm_units": 6, "granule_cells": 12, "every": 14, **STRONG}
    monkeypatch.setattr(lesions, "watch", functools.partial(watch, **tiny))


def test_a_moved_slider_lesions_small_networks_after_the_same_share_of_training(explorer, brief):
    explorer.place = [1, 2]  # the olive, after 4 of 6 epochs
    wait_for(lambda: "Trained here" in (status(explorer) or ""), seconds=120)
    cell = json.loads(explorer.live)["cell"]
    assert cell["say"].startswith("olive@28: after 28 of 42 epochs")
    whole, lesioned = (points(cell["panels"][0], number) for number in (1, 2))
    assert 28 in lesioned
    assert all(whole[epoch] == lesioned[epoch] for epoch in whole if epoch <= 28)
    assert whole[42] != lesioned[42]


def test_looks_before_the_lesion_have_no_mark(brief):
    looks = list(lesions._train("nuclei", 0.5))
    first, last = (cell["panels"][0]["series"] for cell, _ in (looks[0], looks[-1]))
    assert [one["style"] for one in first] == ["crnn", "ccrnn", "lesioned"]
    assert last[-1]["style"] == "mark"
