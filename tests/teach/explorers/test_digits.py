"""Digits: the explorer and the figures show what was computed, and each digit in its own colour."""

from __future__ import annotations

import functools
import json
from collections import Counter

import numpy as np
import pytest

import ccdni_lib as cc
from ccdni_lib.findings.figures.digits import learning as figures_digits
from ccdni_lib.findings.figures.digits.learning import COLORS, digit_labels
from ccdni_lib.study.experiments.compact import compact
from ccdni_lib.study.measures.horizons import steps_back
from ccdni_lib.study.measures.references import blind_digit_error
from ccdni_lib.study.runs.train import watch
from ccdni_lib.teach.explorers import digits
from ccdni_lib.teach.explorers.digits import digit_explorer

from ..widget.test_widget import status, wait_for

FEW = {"budget": "live", "seeds": 2, "epochs": 2, "batches": 2, "validation_size": 40}


@pytest.fixture(scope="module")
def grid():
    return compact(cc.sweep("ld-seqmnist", truncation=[1, 3], feedback_interval=[1, 4], progress=False, **FEW))


@pytest.fixture
def explorer(grid, monkeypatch):
    monkeypatch.setattr(digits, "load_result", lambda name: grid)
    monkeypatch.setattr(digits, "watch", functools.partial(watch, **FEW))
    return digit_explorer()


def angles(points):
    """Digit that a point of the circle belongs to: 36° each, from the right."""
    return np.round(np.degrees(np.arctan2(points[..., 1], points[..., 0])) / 36).astype(int) % 10


def test_has_a_cell_for_every_position(explorer):
    spec = json.loads(explorer.spec)
    assert set(spec["cells"]) == {"0,0", "0,1", "1,0", "1,1"}
    assert explorer.values == {"truncation": 3, "feedback_interval": 4}
    for cell in spec["cells"].values():
        assert len(cell["panels"]) == len(spec["panels"]) == 3


def test_the_stored_one_is_small():
    assert len(digit_explorer().html()) < 100_000


def test_curves_are_those_of_the_grid(explorer, grid):
    for series in explorer.cell["panels"][0]["series"]:
        own = grid.validation_mean.sel(model=series["style"], truncation=3, feedback_interval=4).mean("seed")
        np.testing.assert_allclose(series["y"], own, rtol=6e-3)


def test_lines_are_those_of_one_network_in_the_colours_of_the_digits_shown(explorer, grid):
    spec = json.loads(explorer.spec)
    shown = angles(grid.target.values[:, -1])
    for place, panel in enumerate(explorer.cell["panels"][1:]):
        output = grid.output.isel(model=place).sel(truncation=3, feedback_interval=4).values
        assert len(panel["paths"]) == min(digits.SHOWN, len(set(shown)))
        for path in panel["paths"]:
            digit = int(path["style"])
            assert spec["styles"][path["style"]]["color"] == COLORS[digit]
            first = output[:, np.flatnonzero(shown == digit)[0]]
            walked = np.reshape(path["points"], (-1, 2)).cumsum(0) * spec["panels"][1 + place]["reach"] / 200
            ends = abs(first[:, -1] - walked[-1]).max(1)
            assert ends.min() < 0.06
            assert len(walked) == len(panel["taught"])


def test_the_sentence_tells_how_far_a_lesson_travels(explorer):
    assert "a lesson travels back 0.9 steps" in explorer.cell["say"]  # 0, 1, 2, 0, 1, 2, 0
    explorer.place = [0, 0]
    assert "a lesson travels back 0.0 steps" in explorer.cell["say"]


def test_a_moved_slider_trains_and_says_on_which_digits(explorer, grid):
    explorer.place = [1, 0]
    wait_for(lambda: (status(explorer) or "").startswith("Trained here: 2 networks"))
    live = json.loads(explorer.live)
    assert grid.attrs["data"] in live["status"]
    stored_there = json.loads(explorer.spec)["cells"]["1,0"]["panels"][0]["series"]
    for now, before in zip(live["cell"]["panels"][0]["series"], stored_there, strict=True):
        np.testing.assert_allclose(now["y"], before["y"], rtol=1e-2)


@pytest.mark.parametrize("truncation", [1, 2, 3, 4, 5, 9, 28])
@pytest.mark.parametrize("lessons", [[27], [0, 4, 8, 12, 16, 20, 24], [0, 14]])
def test_a_lesson_travels_to_the_cut_in_front_of_it(truncation, lessons):
    cuts, walked = set(range(0, 28, truncation)), []
    for step in lessons:
        back = 0
        while step - back not in cuts:
            back += 1
        walked.append(back)
    taught = np.isin(np.arange(28), lessons)
    assert steps_back(taught, truncation) == pytest.approx(sum(walked) / len(walked))


def test_who_never_looks():
    np.testing.assert_allclose(blind_digit_error("ld-seqmnist"), (10 * np.arange(28) / 27) ** 2, atol=1e-9)
    assert blind_digit_error("dd-seqmnist")[0] == pytest.approx(
        100 * 0.5**2 * 0.1 * 0.9
    )  # only the 1 starts elsewhere, by ½


def test_labels_are_the_same_however_they_are_told(grid):
    few = {**FEW, "epochs": 1, "seeds": 1, "progress": False}
    told = [digit_labels(cc.train(name, "crnn", **few)) for name in ("seqmnist", "c-seqmnist", "dd-seqmnist")]
    assert all(np.array_equal(told[0], other) for other in told[1:])
    count = grid.sizes["example"]
    assert np.array_equal(told[0][:count], angles(grid.target.values[:, -1]))


@pytest.mark.parametrize("name", ["ld-seqmnist", "dd-seqmnist", "c-seqmnist"])
def test_every_image_is_drawn_once_for_each_model_in_its_colour(name):
    run = cc.sweep(name, ["crnn", "sccrnn"], progress=False, **FEW)
    picture = figures_digits.digit_outputs(run)
    expected = Counter(COLORS[digit] for digit in digit_labels(run))
    for axes in picture.figure.axes[:2]:
        drawn = [line.get_color() for line in axes.lines if line.get_linestyle() == "-"]
        marks = [tuple(mark.get_facecolor()[0]) for mark in axes.collections]
        assert Counter(drawn) == expected if name != "c-seqmnist" else len(marks) == sum(expected.values())


def test_colours_are_ten():
    assert len(set(COLORS)) == 10
