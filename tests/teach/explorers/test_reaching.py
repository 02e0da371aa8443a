"""The explorer of sparse wiring: numbers of the stored map, and training with seeds that are not in it."""

from __future__ import annotations

import functools
import json

import numpy as np
import pytest

from ccdni_lib.study.experiments import load_result
from ccdni_lib.study.runs.train import watch
from ccdni_lib.teach.explorers.reaching import wiring as reaching
from ccdni_lib.teach.explorers.reaching.wiring import wiring_explorer

from ..widget.test_widget import status, wait_for


@pytest.fixture(scope="module")
def explorer():
    return wiring_explorer()


def test_has_a_cell_for_every_wiring_and_is_small(explorer):
    spec = json.loads(explorer.spec)
    assert len(spec["cells"]) == 25
    assert explorer.values == {"mossy_fibres": 4, "expansion": 4}
    for cell in spec["cells"].values():
        assert len(cell["panels"]) == len(spec["panels"]) == 3
    assert len(explorer.html()) < 100_000


def test_bars_are_those_of_the_three_networks(explorer):
    spec = json.loads(explorer.spec)
    whole, alone = load_result("reaching-map"), load_result("reaching").sel(truncation=2, model="crnn")
    ends = whole.ataxia_taught.isel(epoch=-1, model=0)
    for row, M in enumerate(whole.granule_cells.values):
        for column, K in enumerate(whole.mossy_fibres.values):
            bars = {bar["style"]: bar["parts"][0] for bar in spec["cells"][f"{column},{row}"]["panels"][2]["bars"]}
            own, dense = (ends.sel(mossy_fibres=k, granule_cells=M).mean().item() for k in (K, 20))
            wanted = {"crnn": alone.ataxia_taught.isel(epoch=-1).mean().item(), "ccrnn": dense, "sccrnn": own}
            assert bars == pytest.approx(wanted, rel=6e-3)


def test_the_map_is_upright_and_framed_where_the_sliders_are(explorer):
    spec = json.loads(explorer.spec)
    whole, alone = load_result("reaching-map"), load_result("reaching").sel(truncation=2, model="crnn")
    means = whole.ataxia_taught.isel(epoch=-1, model=0).mean("seed").transpose("granule_cells", "mossy_fibres")
    gain = 1 - means / alone.ataxia_taught.isel(epoch=-1).mean()
    shade = np.clip(gain.values / reaching.FULL, -1, 1)[::-1]
    assert spec["panels"][0]["rows"] == ["20", "10", "4", "2", "1"]
    for place, cell in spec["cells"].items():
        column, row = map(int, place.split(","))
        assert cell["panels"][0]["mark"] == [4 - row, column]
        np.testing.assert_allclose(cell["panels"][0]["values"], shade, rtol=0.06, atol=1e-6)


def test_the_sentence_counts_synapses(explorer):
    assert "80 granule cells, each listening to 4 of 20 mossy fibres: 320 of 1600 synapses" in explorer.cell["say"]


def test_a_moved_slider_trains_networks_that_are_not_in_the_map(monkeypatch):
    seen = []

    def few(task, models, **settings):
        seen.append((models, settings))
        return watch(task, models, **{**settings, "seeds": [100, 101], "epochs": 4, "every": 2})

    monkeypatch.setattr(reaching, "watch", functools.partial(few))
    explorer = wiring_explorer()
    explorer.place = [0, 1]
    wait_for(lambda: (status(explorer) or "").startswith("Trained here: 2 networks"))
    cell = json.loads(explorer.live)["cell"]
    assert [models for models, _ in seen] == [["crnn", "ccrnn"], ["sccrnn"]]
    assert all(settings["granule_cells"] == 40 and settings["truncation"] == 2 for _, settings in seen)
    assert seen[1][1]["mossy_fibres"] == 1
    assert not set(reaching.FRESH) & set(load_result("reaching-map").seed.values.tolist())
    assert [bar["style"] for bar in cell["panels"][2]["bars"]] == ["crnn", "ccrnn", "sccrnn"]
    assert cell["panels"][1]["x"] == [1, 2, 3, 4]
