"""Horizons: the explorer shows what was measured, and the exercises' answers are what networks do."""

from __future__ import annotations

import functools
import itertools
import json

import numpy as np
import pytest
from scipy.stats import binomtest, gmean

import ccdni_lib as cc
from ccdni_lib.study.experiments.compact import compact
from ccdni_lib.study.runs.train import watch
from ccdni_lib.teach.exercises.horizons import EXERCISES
from ccdni_lib.teach.explorers.lines import horizons
from ccdni_lib.teach.explorers.lines.horizons import horizon_explorer

from ..widget.test_widget import status, wait_for

FEW = {"budget": "live", "seeds": 3, "epochs": 8, "batches": 12}
GRID = {"truncation": [1, 5, 10], "feedback_interval": [2, 5], "progress": False, **FEW}


@pytest.fixture(scope="module")
def results():
    also = cc.sweep("line-drawing", "ccrnn", terminal_feedback=True, **GRID)
    return {"line-drawing-grid": compact(cc.sweep("line-drawing", **GRID)), "line-drawing-terminal": compact(also)}


@pytest.fixture
def explorer(results, monkeypatch):
    monkeypatch.setattr(horizons, "load_result", results.get)
    monkeypatch.setattr(horizons, "watch", functools.partial(watch, **FEW))
    return horizon_explorer()


def test_has_a_cell_for_every_position(explorer):
    spec = json.loads(explorer.spec)
    assert set(spec["cells"]) == {",".join(map(str, place)) for place in np.ndindex(3, 2, 2)}
    assert explorer.values == {"truncation": 1, "feedback_interval": 2, "end": "zero"}


@pytest.mark.parametrize("place", [[0, 0, 0], [2, 1, 0], [1, 0, 1]])
def test_bars_curves_and_sentence_are_those_of_the_results(explorer, results, place):
    explorer.place = place
    values = explorer.values
    grid, also = (run.sel(truncation=values["truncation"], feedback_interval=values["feedback_interval"])
                  for run in results.values())  # fmt: skip
    ccrnn = (also if values["end"] == "predicted too" else grid).sel(model="ccrnn")
    ends = [run.final_error.mean("time").values for run in (grid.sel(model="crnn"), ccrnn)]
    _, curves, bars = explorer.cell["panels"]
    for bar, series, end in zip(bars["bars"], curves["series"], ends, strict=True):
        np.testing.assert_allclose(bar["dots"], end, rtol=6e-2)
        np.testing.assert_allclose([bar["parts"][0], series["y"][-1]], end.mean(), rtol=6e-3)
    assert f"smaller in {(ends[1] < ends[0]).sum()} of 3 pairs" in explorer.cell["say"]
    assert f"typically {gmean(ends[1] / ends[0]):.2g} times" in explorer.cell["say"]


def test_the_map_is_positive_where_the_cerebellum_helps_and_marks_where_the_sliders_stand(explorer, results):
    explorer.place = [2, 1, 0]
    drawn = explorer.cell["panels"][0]
    assert drawn["mark"] == [1, 2]
    error = results["line-drawing-grid"].final_error.mean("time")
    helped = gmean(error.sel(model="ccrnn") / error.sel(model="crnn"), axis=-1) < 1
    np.testing.assert_array_equal(np.array(drawn["values"]) > 0, helped.T)


def test_the_cortex_alone_does_not_change_with_feedback_at_the_end(explorer):
    cells = json.loads(explorer.spec)["cells"]
    for place in itertools.product("012", "01"):
        zero, too = (cells[",".join((*place, end))]["panels"][2]["bars"][0] for end in "01")
        assert zero == too


def test_a_moved_slider_trains_networks_that_predict_at_the_end(explorer):
    """Equal to what was stored with the same settings."""
    explorer.place = [2, 0, 1]
    wait_for(lambda: (status(explorer) or "").startswith("Trained here: 3 networks"))
    live = json.loads(explorer.live)["cell"]["panels"]
    for now, before in zip(live[2]["bars"], explorer.cell["panels"][2]["bars"], strict=True):
        np.testing.assert_allclose(now["parts"], before["parts"], rtol=2e-2)
    assert live[0] == explorer.cell["panels"][0]


@pytest.mark.parametrize(("truncation", "interval"), [case.arguments for case in EXERCISES[1].cases])
def test_no_horizon_is_what_networks_say(truncation, interval):
    """They learn as with T = 1, to the last bit, or they do not."""
    asked = {**FEW, "device": "cpu", "progress": False, "feedback_interval": interval}
    one, other = (cc.train("line-drawing", "crnn", truncation=T, **asked).output for T in (1, truncation))
    answer = {case.arguments: case.expected for case in EXERCISES[1].cases}
    assert bool((one == other).all()) is answer[truncation, interval]


def test_the_sign_test_is_scipys():
    for case in EXERCISES[2].cases:
        assert case.expected == pytest.approx(binomtest(*case.arguments).pvalue)


def test_the_typical_ratio_is_scipys():
    for case in EXERCISES[0].cases:
        assert case.expected == pytest.approx(gmean(case.arguments[0] / case.arguments[1]))
