"""The explorer of coupling shows what is stored, and marks the epoch that its slider stands on."""

from __future__ import annotations

import json

import numpy as np
import pytest

from ccdni_lib.study.experiments import load_result
from ccdni_lib.teach.explorers.cerebellum.coupling import coupling_explorer


@pytest.fixture(scope="module")
def run():
    return load_result("line-drawing-coupling")


@pytest.fixture(scope="module")
def explorer():
    return coupling_explorer()


def cells(explorer):
    """Every cell with the values that its sliders stand on."""
    spec = json.loads(explorer.spec)
    epochs, models = (slider["values"] for slider in spec["sliders"])
    for place, cell in spec["cells"].items():
        epoch, model = map(int, place.split(","))
        yield epochs[epoch], {"ccRNN": "ccrnn", "sCC": "sccrnn"}[models[model]], cell


def test_is_small_enough_for_a_page(explorer):
    assert len(explorer.html()) < 80_000


def test_distributions_are_shares_whose_mean_is_the_coupling(explorer, run):
    for epoch, model, cell in cells(explorer):
        shown = cell["panels"][0]
        assert sum(shown["series"][0]["y"]) == pytest.approx(1, abs=5e-3)
        mean = np.dot(shown["x"], shown["series"][0]["y"])  # to what a bin's width allows
        assert mean == pytest.approx(float(run.coupling.sel(model=model, recorded_epoch=epoch).mean()), abs=0.01)


def test_curves_are_those_of_the_stored_result(explorer, run):
    for epoch, model, cell in cells(explorer):
        now = run.sel(model=model, recorded_epoch=epoch)
        active, everyone, share = (
            np.interp(epoch, panel["x"], panel["series"][number]["y"])
            for panel, number in ((cell["panels"][1], 0), (cell["panels"][1], 1), (cell["panels"][2], 0))
        )
        assert active == pytest.approx(float(now.coupling.mean()), rel=6e-3)
        assert share == pytest.approx(1 - float(now.silent_granules.mean()), rel=6e-3)
        assert everyone == pytest.approx(float((now.coupling * (1 - now.silent_granules)).mean()), rel=6e-3)


def test_the_mark_stands_at_the_epoch_and_nowhere_else(explorer):
    for epoch, _, cell in cells(explorer):
        for panel in cell["panels"][1:]:
            mark = panel["series"][-1]
            assert mark["style"] == "now"
            assert mark["x"] == [epoch, epoch]
            assert mark["y"][0] == 0 < mark["y"][1]
            assert panel["x"] == sorted(panel["x"])
            assert {len(panel["x"])} == {len(series[key]) for series in panel["series"][:-1] for key in ("y", "band")}


def test_learning_is_shown_beside_it(explorer, run):
    for _, model, cell in cells(explorer):
        panel = cell["panels"][3]
        errors = run.train_error.sel(model=model).mean("seed")
        as_fine_as_a_picture = float(errors.max()) / 1000
        assert panel["x"][-1] == errors.epoch[-1]
        assert panel["series"][0]["y"] == pytest.approx(
            errors.sel(epoch=panel["x"]).values, rel=6e-3, abs=as_fine_as_a_picture
        )


def test_starts_where_it_is_asked_to():
    assert coupling_explorer(epoch=103, model="sCC").values == {"epoch": 100, "model": "sCC"}
