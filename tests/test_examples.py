"""The example of a task of one's own: it is short, trains, sweeps, is drawn, and has an explorer."""

from __future__ import annotations

import functools
import json
import runpy
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

import ccdni_lib as cc
from ccdni_lib.engine.settings import SettingError
from ccdni_lib.findings.figures import learning_curves
from ccdni_lib.study.experiments.compact import compact
from ccdni_lib.tasks import base, find_task
from ccdni_lib.teach.widget.anytask import task_cell, task_explorer, validation_error

from .teach.widget.test_widget import status, wait_for

EXAMPLE = Path(__file__).parents[1] / "examples" / "sine_wave.py"
SMALL = {"budget": "live", "seeds": 2, "epochs": 6, "batches": 4, "progress": False}


@pytest.fixture(scope="module")
def task():
    return runpy.run_path(str(EXAMPLE))["SineWave"]()


@pytest.fixture(scope="module")
def run(task):
    return cc.sweep(task, truncation=[1, 12], feedback_interval=[2, 5], **SMALL)


def test_is_under_forty_lines():
    assert len(EXAMPLE.read_text().splitlines()) < 40


def test_asks_for_a_sine_of_every_pitch(run):
    pitch, time = run.pitch.values[:, None], np.arange(12) / 11
    np.testing.assert_allclose(run.target.squeeze().values, np.sin(2 * np.pi * pitch * time), atol=1e-6)


def test_is_learned(task):
    trained = cc.train(task, "crnn", truncation=12, **{**SMALL, "epochs": 60, "batches": 16})
    error = trained.train_error.mean("seed")
    assert error[-1] < 0.3 * error[0]


def test_the_teacher_speaks_at_every_kth_step(run):
    assert run.taught.sel(truncation=1, feedback_interval=5)[0].values.nonzero()[0].tolist() == [0, 5, 10]


def test_is_drawn(run):
    assert "6 epochs" in learning_curves(run.sel(truncation=1, feedback_interval=2)).alt


def test_runs_as_a_script(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cc, "sweep", functools.partial(cc.sweep, seeds=1, epochs=1, batches=1, progress=False))
    runpy.run_path(str(EXAMPLE), run_name="__main__")
    assert {path.name for path in tmp_path.iterdir()} == {"sine_wave.png", "sine_wave.html"}
    assert "ccrnn" in capsys.readouterr().out


def test_has_an_explorer(task, run):
    explorer = task_explorer(task, run, name="sine")
    bundle, _ = explorer._repr_mimebundle_()
    assert {"text/plain", "text/html", "image/png"} <= set(bundle)
    spec = json.loads(explorer.spec)
    assert [slider["name"] for slider in spec["sliders"]] == ["truncation", "feedback_interval"]
    assert set(spec["cells"]) == {"0,0", "0,1", "1,0", "1,1"}
    assert explorer.values == {"truncation": 1, "feedback_interval": 2}  # the defaults, where the run has them


def test_the_explorer_shows_the_numbers_of_the_run(task, run):
    explorer = task_explorer(task, run)
    explorer.place = [1, 0]
    curves, *drawings = explorer.cell["panels"]
    own = run.sel(truncation=12, feedback_interval=2)
    for series, drawn in zip(curves["series"], drawings, strict=True):
        mine = own.sel(model=series["style"])
        mean = mine.validation_error.mean(["time", "seed"])
        np.testing.assert_allclose(series["y"], mean, rtol=6e-3)
        reach = json.loads(explorer.spec)["panels"][1]["reach"]
        heights = np.reshape(drawn["paths"][0]["points"], (3, -1, 2)).cumsum(1)[..., 1] * reach / 200
        apart = abs(mine.output.squeeze("axis").values[:, :3] - heights).max((1, 2))
        assert apart.min() < 6e-3  # it is one of the networks


def test_a_compact_run_has_the_same_explorer(task, run):
    assert task_explorer(task, compact(run)).cell["panels"][0]["x"] == [1, 2, 3, 4, 5, 6]


def test_a_moved_slider_trains(task, run):
    explorer = task_explorer(task, run, **{name: SMALL[name] for name in ("seeds", "epochs", "batches")})
    explorer.place = [1, 1]
    wait_for(lambda: (status(explorer) or "").startswith("Trained here: 2 networks"))
    cell = json.loads(explorer.live)["cell"]
    assert "truncation 12, feedback interval 5" in cell["say"]
    np.testing.assert_allclose(
        cell["panels"][0]["series"][1]["y"],
        run.sel(model="ccrnn", truncation=12, feedback_interval=5).validation_error.mean(["time", "seed"]),
        rtol=6e-3,
    )


def test_two_outputs_are_drawn_in_their_plane():
    explorer = task_explorer("line-drawing", feedback_interval=[1, 2], seeds=1, epochs=1, batches=1)
    ends = np.array(explorer.cell["panels"][1]["targets"])[:, -1]
    np.testing.assert_allclose(ends, find_task("line-drawing").targets()[:3], atol=0.01)


def test_classes_have_curves_alone_and_only_the_asked_step_counts():
    few = {"seeds": 1, "epochs": 1, "batches": 2, "validation_size": 20, "progress": False, "budget": "live"}
    run = cc.sweep("seqmnist", truncation=[3, 4], **few)
    cell = task_cell(find_task("seqmnist"), run.sel(truncation=3), {"truncation": 3})
    assert len(cell["panels"]) == 1
    error = validation_error(find_task("seqmnist"), run)
    np.testing.assert_allclose(error, run.validation_error.isel(time=27), rtol=1e-6)


def test_something_must_be_varied(task):
    with pytest.raises(SettingError, match=r"must vary one at least, as in feedback_interval=\[1, 2, 4\]"):
        task_explorer(task, feedback_interval=2, **{name: SMALL[name] for name in ("seeds", "epochs", "batches")})


def test_a_task_may_be_typed_in():
    """As `python -` reads it, where there is no file to tell the revision from; it is the one of `tasks/base.py`."""
    text = (base.__doc__ or "").split("\n\n")
    code = [block for block in text if block.startswith("    ")]
    script = textwrap.dedent("\n\n".join(code)).replace("epochs=50", "epochs=2, seeds=2, progress=False")
    head = "import torch, ccdni_lib\nfrom ccdni_lib.tasks import Task\n"
    head += "from ccdni_lib.engine.training.examples import TensorExamples\n"
    done = subprocess.run([sys.executable, "-"], input=head + script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
