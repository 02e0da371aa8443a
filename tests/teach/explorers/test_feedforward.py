"""The explorers of decoupled layers and of predicted activity."""

from __future__ import annotations

import json

import numpy as np
import pytest

from ccdni_lib.study.experiments import load_result
from ccdni_lib.teach.explorers.decoupling import layers as decoupling
from ccdni_lib.teach.explorers.decoupling.layers import decoupling_explorer
from ccdni_lib.teach.explorers.decoupling.predicting import predicting_explorer

EXPLORERS = {"decoupling": decoupling_explorer, "predicting": predicting_explorer}


@pytest.mark.parametrize("make", EXPLORERS.values(), ids=EXPLORERS)
def test_has_a_cell_for_every_position_and_is_small_and_stable(make):
    explorer = make()
    spec = json.loads(explorer.spec)
    sizes = [len(slider["values"]) for slider in spec["sliders"]]
    assert set(spec["cells"]) == {",".join(map(str, place)) for place in np.ndindex(*sizes)}
    for cell in spec["cells"].values():
        assert len(cell["panels"]) == len(spec["panels"])
        assert len(cell["say"]) > 30
    assert len(explorer.html()) < 100_000
    assert explorer.html() == make().html()


def test_curves_are_those_of_the_stored_result():
    explorer, grid = decoupling_explorer(), load_result("spatial-digits")
    explorer.place = [3, 3]
    assert explorer.values == {"decoupled": "3", "teacher": "one that knows the label"}
    own = grid.sel(decoupled="3", teacher="told").mean("seed")
    error, cosine, read = ({s["style"]: s["y"] for s in panel["series"]} for panel in explorer.cell["panels"])
    np.testing.assert_allclose(error["this"], 1 - own.accuracy, rtol=6e-3, atol=1e-3)
    np.testing.assert_allclose(cosine["2"][1:], own.alignment.sel(layer=2)[1:].clip(0), rtol=6e-3, atol=1e-3)
    np.testing.assert_allclose(read["3"], 1 - own.readable.sel(layer=3), rtol=6e-3, atol=1e-3)


def test_a_silent_teacher_has_no_cosine():
    explorer = decoupling_explorer(teacher="none")
    assert explorer.cell["panels"][1]["series"] == []
    assert "silence" in explorer.cell["say"]


def test_it_trains_what_the_sliders_say(monkeypatch):
    asked = []

    def watch(**how):
        asked.append(how)
        yield load_result("spatial-digits").sel(decoupled="1+2+3", teacher="told").isel(batch=slice(0, 3))

    monkeypatch.setattr(decoupling, "watch_spatial", watch)
    explorer = decoupling_explorer()
    looks = list(explorer._train(decoupled="1+2+3", teacher="one that knows the label"))
    assert asked[0]["decoupled"] == [1, 2, 3]
    assert asked[0]["teacher"] == "told"
    assert looks[0][1].startswith("training: batch 200 of 900")
    assert looks[0][0]["panels"][0]["x"] == [0, 100, 200]
    list(explorer._train(decoupled="none", teacher="silence"))
    assert asked[1]["decoupled"] == []


def test_matrices_are_those_of_the_stored_result():
    explorer, run = predicting_explorer(), load_result("forward-mnist")
    for panel, partner in zip(explorer.cell["panels"], ("own", "other"), strict=True):
        wanted = run.corner.sel(batch=2400, partner=partner)[:10, :10]
        np.testing.assert_allclose(np.array(panel["values"], dtype=float), wanted, rtol=0.06)
    own, other = (np.array(panel["values"], dtype=float) for panel in explorer.cell["panels"])
    assert np.diag(own).min() > 0.6
    assert abs(np.diag(other).mean()) < 0.3


def test_at_the_beginning_nothing_is_predicted():
    explorer = predicting_explorer(batch=0)
    assert explorer.cell["say"].startswith("Nothing is predicted yet")
    assert all(value is None for panel in explorer.cell["panels"] for row in panel["values"] for value in row)
