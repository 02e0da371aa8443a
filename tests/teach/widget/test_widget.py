"""Explorers: what they hold, what a page gets, and what happens when a slider is moved in a live notebook."""

from __future__ import annotations

import io
import json
import re
import threading
import time

import numpy as np
import pytest
from PIL import Image

from ccdni_lib.engine.settings import SettingError
from ccdni_lib.findings.pictures.picture import png_of
from ccdni_lib.study.experiments import load_result
from ccdni_lib.teach import (
    caption_explorer,
    coupling_explorer,
    decoupling_explorer,
    digit_explorer,
    expansion_explorer,
    horizon_explorer,
    lesion_explorer,
    line_explorer,
    locks_explorer,
    predicting_explorer,
    reach_explorer,
    step_explorer,
    wiring_explorer,
)
from ccdni_lib.teach.explorers.lines.reach import lesson_weights
from ccdni_lib.teach.widget.still import still_picture
from ccdni_lib.teach.widget.widget import Explorer, nearest_position

EXPLORERS = {
    "lines": line_explorer,
    "reach": reach_explorer,
    "steps": step_explorer,
    "digits": digit_explorer,
    "locks": locks_explorer,
    "expansion": expansion_explorer,
    "decoupling": decoupling_explorer,
    "predicting": predicting_explorer,
    "horizons": horizon_explorer,
    "coupling": coupling_explorer,
    "lesions": lesion_explorer,
    "wiring": wiring_explorer,
    "captions": caption_explorer,
}


def wait_for(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)


@pytest.mark.parametrize("make", EXPLORERS.values(), ids=EXPLORERS)
def test_has_a_cell_for_every_position(make):
    spec = json.loads(make().spec)
    sizes = [len(slider["values"]) for slider in spec["sliders"]]
    assert set(spec["cells"]) == {",".join(map(str, place)) for place in np.ndindex(*sizes)}
    for cell in spec["cells"].values():
        assert len(cell["panels"]) == len(spec["panels"])
        assert len(cell["say"]) > 30


@pytest.mark.parametrize("make", EXPLORERS.values(), ids=EXPLORERS)
def test_a_page_gets_one_piece_that_needs_nothing_else(make):
    explorer = make()
    html = explorer.html()
    assert len(html.encode()) < 100_000
    assert html.count("</script>") == 2
    assert "http" not in html.replace("http://www.w3.org/", "")
    data = re.search(r'<script type="application/json" id="[\w-]+">(.*?)</script>', html, re.S)[1]
    page = json.loads(data)
    shared = page.pop("shared")
    back = json.loads(json.dumps(page), object_hook=lambda d: shared[d["$"]] if "$" in d else d)
    assert back == json.loads(explorer.spec)


@pytest.mark.parametrize("make", EXPLORERS.values(), ids=EXPLORERS)
def test_a_page_is_the_same_each_time(make):
    assert make().html() == make().html()


@pytest.mark.parametrize("name", ["lines", "digits", "horizons"])
def test_the_still_picture_of_a_page_is_the_whole_one(name, monkeypatch):
    """Only shorter: drawn, no pixel differs by more than the rounding of coordinates does."""
    explorer = EXPLORERS[name]()
    picture = still_picture(explorer._spec, explorer.cell)
    short = picture.svg()
    monkeypatch.setattr("ccdni_lib.findings.pictures.picture.slim", lambda svg: svg)
    whole = picture.svg()
    before, after = (
        np.asarray(Image.open(io.BytesIO(png_of(svg, dpi=100))).convert("L"), float) for svg in (whole, short)
    )
    assert len(short) < 0.65 * len(whole)
    assert before.std() > 10
    assert abs(before - after).mean() < 0.2


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        ("lines", {"truncation": 4}, "truncation 4: must be one of 1, 2, 3, 5, 10"),
        ("reach", {"feedback_interval": 0}, "feedback_interval 0: must be one of 1, 2, 3, 4, 5"),
        ("reach", {"truncation": -1}, "truncation -1: must be one of 1, 2, 3, 4, 5, 6, 7, 8, 9, 10"),
        ("steps", {"truncation": 11}, "truncation 11: must be one of 1, 2, 3, 4, 5, 6, 7, 8, 9, 10"),
        ("steps", {"feedback_interval": 6}, "feedback_interval 6: must be one of 1, 2, 3, 4, 5"),
        ("digits", {"feedback_interval": 3}, "feedback_interval 3: must be one of 1, 2, 4, 7, 14"),
        ("locks", {"depth": 0}, "depth 0: must be one of 1, 2, 3, 4, 5, 6, 7, 8"),
        ("locks", {"way": "bribery"}, "way bribery: must be one of backprop, pipeline, broadcast, predicted, all pre"),
        ("expansion", {"kept": 3}, "kept 3: must be one of 1, 2, 4, 8, 16, 40"),
        ("decoupling", {"decoupled": "1+2"}, r"decoupled 1\+2: must be one of none, 1, 2, 3, 1\+2\+3"),
        ("decoupling", {"teacher": "me"}, "teacher me: must be one of none, fixed, learned, told, oracle"),
        ("horizons", {"truncation": 11}, "truncation 11: must be one of 1, 2, 3, 4, 5, 6, 7, 8, 9, 10"),
        ("coupling", {"model": "crnn"}, "model crnn: must be one of ccRNN, sCC"),
        ("lesions", {"kind": "cortex"}, "kind cortex: must be one of cerebellum, olive, nuclei"),
        ("wiring", {"mossy_fibres": 5}, "mossy_fibres 5: must be one of 1, 4, 8, 12, 20"),
        ("captions", {"truncation": 1}, "truncation 1: must be one of 3, 4, 5, 7, 10, 15"),
    ],
)
def test_a_position_that_no_slider_has_is_refused(name, arguments, sentence):
    with pytest.raises(SettingError, match=f"^{sentence}"):
        EXPLORERS[name](**arguments)


def test_the_nearest_position_is_taken_where_there_are_many():
    assert lesion_explorer(epoch=60).values["epoch"] == 50
    assert coupling_explorer(epoch=1000).values["epoch"] == 250
    for value in (np.nan, -np.inf):
        with pytest.raises(SettingError, match=f"^epoch {value}: must be a number, best one of 0, 20"):
            nearest_position("epoch", value, [0, 20])


def test_text_that_looks_like_the_end_of_a_script_is_harmless():
    explorer = step_explorer()
    spec = json.loads(explorer.spec)
    spec["note"] = "</script><b>"
    html = Explorer(spec).html()
    assert html.count("</script>") == 2


def test_numbers_are_those_of_the_stored_result():
    explorer = line_explorer()
    grid = load_result("line-drawing-grid").sel(truncation=3, feedback_interval=4).isel(epoch=-1)
    explorer.place = [3, 2]
    assert explorer.values == {"feedback_interval": 4, "truncation": 3}
    for bar in explorer.cell["panels"][2]["bars"]:
        own = grid.sel(model=bar["style"])
        expected = [own.ataxia_taught.mean().item(), own.ataxia_untaught.mean().item()]
        np.testing.assert_allclose(bar["parts"], expected, rtol=6e-3)


class Trainer:
    """Training in steps that the test allows one by one."""

    def __init__(self, cell):
        self.cell, self.allowed, self.begun, self.left = cell, threading.Semaphore(0), [], []

    def __call__(self, **values):
        self.begun.append(values)
        try:
            for step in range(3):
                self.allowed.acquire()
                yield self.cell, f"step {step}"
        finally:
            self.left.append(values)


@pytest.fixture
def live():
    spec = json.loads(step_explorer().spec)
    trainer = Trainer(spec["cells"]["0"])
    return Explorer(spec, trainer), trainer


def status(explorer):
    return json.loads(explorer.live).get("status")


def test_a_moved_slider_trains_and_the_picture_follows(live):
    explorer, trainer = live
    explorer.place = [3]
    wait_for(lambda: trainer.begun)
    assert trainer.begun == [{"feedback_interval": 4}]
    for step in range(3):
        trainer.allowed.release()
        wait_for(lambda step=step: status(explorer) == f"step {step}")
    assert json.loads(explorer.live)["place"] == [3]


def test_a_new_move_cancels_the_training_under_way(live):
    explorer, trainer = live
    explorer.place = [3]
    wait_for(lambda: trainer.begun)
    explorer.place = [4]
    explorer.place = [2]
    trainer.allowed.release()
    wait_for(lambda: len(trainer.begun) == 2)
    trainer.allowed.release(3)
    wait_for(lambda: status(explorer) == "step 2")
    assert trainer.begun == [{"feedback_interval": 4}, {"feedback_interval": 3}]  # 5 was passed over
    assert json.loads(explorer.live)["place"] == [2]


def test_a_failure_is_said_and_the_next_move_works(live, capsys):
    explorer, trainer = live

    def fail(**values):
        raise RuntimeError("out of memory")
        yield

    explorer._train = fail
    explorer.place = [3]
    wait_for(lambda: status(explorer) == "training stopped: out of memory")
    explorer._train = trainer
    explorer.place = [1]
    trainer.allowed.release(3)
    wait_for(lambda: status(explorer) == "step 2")


def test_line_drawing_trains_for_real():
    explorer = line_explorer()
    explorer.place = [1, 4]
    wait_for(lambda: (status(explorer) or "").startswith("Trained here"))
    cell = json.loads(explorer.live)["cell"]
    crnn = cell["panels"][0]["series"][0]["y"]
    assert crnn[-1] < 0.5 * crnn[0]


def test_lesson_weights_by_hand():
    """T = 3, k = 2: the lesson at step 4 lies in the second truncation, one cut away from step 0, none from step 3."""
    weight = lesson_weights(3, 2, bootstrap=True)
    assert weight[0, 2] == 1
    assert weight[0, 4] == pytest.approx(0.1)
    assert weight[3, 4] == 1
    assert weight[0, 8] == pytest.approx(0.01)
    assert np.isnan(weight[5, 4])
    assert np.isnan(weight[0, 3])
    assert lesson_weights(3, 2, bootstrap=False)[0, 4] == 0
