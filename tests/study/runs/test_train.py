"""`train`, `sweep` and `watch`: the Datasets of contract 1, and files that are whole or not there."""

from __future__ import annotations

import json
import multiprocessing
import os
from contextlib import nullcontext
from decimal import Decimal

import numpy as np
import pytest
import torch
import xarray as xr

import ccdni_lib as cc
from ccdni_lib.engine.training.loop import Interrupted
from ccdni_lib.study.runs import execute

TINY = {"seeds": 2, "epochs": 3, "lstm_units": 6, "granule_cells": 12, "batches": 3, "device": "cpu", "progress": False}


@pytest.fixture(scope="module")
def run():
    return cc.train("line-drawing", **TINY)


def test_a_run_has_the_dims_and_variables_that_are_promised(run):
    dims = {
        "train_error": ("seed", "epoch"),
        "validation_error": ("seed", "epoch", "time"),
        "ataxia_score": ("seed", "epoch"),
        "ataxia_taught": ("seed", "epoch"),
        "ataxia_untaught": ("seed", "epoch"),
        "output": ("seed", "cue", "time", "xy"),
        "taught": ("time",),
    }
    assert {name: run[name].dims for name in dims} == dims
    assert run.epoch.values.tolist() == [1, 2, 3]
    assert run.cue.values.tolist() == [0, -3, -2, -1, 1, 2, 3]
    assert json.loads(run.attrs["settings"])["truncation"] == 1
    assert run.attrs["complete"] == 1


def test_the_score_is_the_sum_over_all_steps_and_its_parts_add_up(run):
    np.testing.assert_allclose(run.ataxia_score, run.validation_error.sum("time"), rtol=1e-6)
    np.testing.assert_allclose(
        run.ataxia_taught, run.validation_error.isel(time=slice(0, None, 2)).sum("time"), rtol=1e-6
    )
    np.testing.assert_allclose(run.ataxia_score, run.ataxia_taught + run.ataxia_untaught, rtol=1e-6)


def test_a_sweep_is_its_runs():
    grid = cc.sweep("line-drawing", truncation=[1, 3], feedback_interval=[2, 5], **TINY)
    assert grid.train_error.dims == ("model", "truncation", "feedback_interval", "seed", "epoch")
    for model in ("crnn", "ccrnn"):
        own = {name: value for name, value in TINY.items() if model != "crnn" or name != "granule_cells"}
        for truncation in (1, 3):
            for interval in (2, 5):
                one = cc.train("line-drawing", model, truncation=truncation, feedback_interval=interval, **own)
                same = grid.sel(model=model, truncation=truncation, feedback_interval=interval)
                for name in one.data_vars:
                    np.testing.assert_allclose(same[name], one[name], rtol=1e-4, atol=1e-4)


def test_odd_values_of_a_sweep_are_refused_in_a_sentence():
    """Values that cannot be compared with each other, a number as an array, and none at all."""
    quiet = {"progress": False, "device": "cpu", "seeds": 1, "epochs": 1}
    for odd in ([Decimal(2), np.int64(7)], [np.array([]), np.array([1, 2])], []):
        with pytest.raises(cc.SettingError, match=r"^feedback_interval .*must be"):
            cc.sweep("line-drawing", ["crnn"], feedback_interval=odd, **quiet)
    assert "feedback_interval" not in cc.sweep("line-drawing", ["crnn"], feedback_interval=np.array(2), **quiet).dims


def test_what_means_nothing_to_the_model_is_refused_where_it_is_asked_for():
    """In a run of one model, and where it is varied; what models that are compared share may mean something to some."""
    quiet = {"progress": False, "device": "cpu"}
    with pytest.raises(
        cc.SettingError, match=r"^granule_layers 2: must be left out for a crnn, which has no cerebellum$"
    ):
        cc.train("line-drawing", "crnn", granule_layers=2, **quiet)
    with pytest.raises(cc.SettingError, match=r"^granule_cells \[5, 9\]: must be left out for a crnn"):
        cc.sweep("line-drawing", ["crnn"], granule_cells=[5, 9], **quiet)
    grid = cc.sweep("line-drawing", ["crnn", "ccrnn"], **{**TINY, "epochs": 1, "granule_cells": [5, 9]})
    assert dict(grid.sizes)["granule_cells"] == 2


def test_variables_say_what_they_are():
    run = cc.train("line-drawing", **TINY)
    assert all(variable.attrs["long_name"] for name, variable in run.variables.items() if name not in ("cue", "xy"))
    assert run.train_error.attrs["units"] == "1"


def test_a_sweep_over_processes_gives_the_same():
    grids = [cc.sweep("line-drawing", truncation=[1, 2, 3], workers=workers, **TINY) for workers in (1, 2)]
    np.testing.assert_allclose(grids[1].validation_error, grids[0].validation_error, rtol=1e-5)
    assert multiprocessing.active_children() == []  # none is left idle, to go away while the next sweep gives it work


def test_a_sweep_over_a_cluster_gives_the_same():
    distributed = pytest.importorskip("distributed", reason="needs the extra [cluster]: pip install distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None
    ) as cluster:
        there = cc.sweep("line-drawing", truncation=[1, 2], cluster=cluster.scheduler_address, **TINY)
    here = cc.sweep("line-drawing", truncation=[1, 2], **TINY)
    np.testing.assert_allclose(there.validation_error, here.validation_error, rtol=1e-5)


def test_values_may_be_given_as_text_and_become_what_they_mean():
    grid = cc.sweep("line-drawing", ["ccrnn"], truncation=["1", "10"], lesion=["", "olive@1"], **TINY)
    assert grid.truncation.values.tolist() == [1, 10]
    assert grid.lesion.values.tolist() == ["", "olive@1"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"task": "lines"}, "task lines: must be one of line-drawing"),
        ({"model": "rnn"}, "model rnn: must be one of crnn, ccrnn, sccrnn"),
        ({"device": "tpu"}, "device tpu: must be one of auto, cpu"),
        ({"record": ["everything"]}, "record everything: must be one of activity, feedback"),
        ({"record_every": 0}, "record_every 0: must be a whole number, 1 or more"),
        ({"out": "nowhere/at/all.nc"}, "nowhere/at/all.nc: the folder nowhere/at must exist"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(given, words):
    with pytest.raises(ValueError, match=f"^{words}"):
        cc.train(**{"task": "line-drawing", **TINY, **given})


def test_a_value_twice_is_refused():
    with pytest.raises(ValueError, match="truncation 1,1: must be one or more different values"):
        cc.sweep("line-drawing", truncation=[1, "1"], **TINY)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_refused_before_anything_runs(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(ValueError, match="must be writable"):
        cc.train("line-drawing", out=tmp_path / "run.nc", **TINY)


def test_a_file_holds_what_was_returned_and_is_not_overwritten_by_accident(tmp_path, run):
    file = tmp_path / "run.nc"
    made = cc.train("line-drawing", out=file, **TINY)
    assert cc.load_dataset(file).identical(made)
    assert list(tmp_path.iterdir()) == [file]
    with pytest.raises(ValueError, match="exists already; resume it"):
        cc.train("line-drawing", out=file, **TINY)
    assert cc.train("line-drawing", out=file, resume=True, **TINY).identical(made)  # done: nothing to do
    with pytest.raises(ValueError, match="it was made with epochs 3, not 4"):
        cc.train("line-drawing", out=file, resume=True, **{**TINY, "epochs": 4})
    again = cc.train("line-drawing", out=file, overwrite=True, **{**TINY, "epochs": 4})
    assert again.sizes["epoch"] == 4


class Stop:
    """Interrupts, once, when so much is done."""

    def __init__(self, at: float):
        self.at = at

    def __call__(self, done: float) -> None:
        if done >= self.at:
            self.at = 2.0
            import signal

            os.kill(os.getpid(), signal.SIGINT)


def test_an_interrupted_run_keeps_its_epochs_and_ends_as_an_uninterrupted_one(tmp_path, run):
    file = tmp_path / "run.nc"
    with pytest.raises(Interrupted):
        cc.train("line-drawing", out=file, **{**TINY, "progress": Stop(0.5)})
    part = cc.load_dataset(file)
    assert part.attrs["complete"] == 0
    assert part.train_error.equals(run.train_error.isel(epoch=slice(0, part.sizes["epoch"])))
    whole = cc.train("line-drawing", out=file, resume=True, **TINY)
    assert whole.drop_attrs().identical(run.drop_attrs())
    assert list(tmp_path.iterdir()) == [file]


def test_an_interrupted_sweep_goes_on_where_it_stopped(tmp_path):
    file = tmp_path / "sweep.nc"
    grid = {"truncation": [1, 2, 3]}
    with pytest.raises(Interrupted):
        cc.sweep("line-drawing", out=file, **grid, **{**TINY, "progress": Stop(0.6)})
    assert not file.exists()
    assert len(list((tmp_path / "sweep.nc.parts").glob("*.nc"))) == 3
    with pytest.raises(ValueError, match="cannot be resumed from"):
        cc.sweep("line-drawing", out=file, resume=True, truncation=[2, 3, 5], **TINY)
    resumed = cc.sweep("line-drawing", out=file, resume=True, **grid, **TINY)
    whole = cc.sweep("line-drawing", **grid, **TINY)
    np.testing.assert_allclose(resumed.validation_error, whole.validation_error, rtol=1e-6)
    assert list(tmp_path.iterdir()) == [file]


def test_bad_input_leaves_no_file_behind(tmp_path):
    for given in ({"truncation": 0}, {"device": "tpu"}, {"seeds": 0}, {"epochs": -1}):
        with pytest.raises(ValueError, match="must"):
            cc.train("line-drawing", out=tmp_path / "run.nc", **{**TINY, **given})
        with pytest.raises(ValueError, match="must"):
            cc.sweep("line-drawing", out=tmp_path / "sweep.nc", feedback_interval=[1, 2], **{**TINY, **given})
    assert list(tmp_path.iterdir()) == []


def test_watching_shows_the_course_of_the_run():
    looks = list(cc.watch("line-drawing", every=2, **{k: v for k, v in TINY.items() if k != "progress"}))
    assert [look.sizes["epoch"] for look in looks] == [2, 3]
    run = cc.train("line-drawing", "ccrnn", budget="live", **TINY)
    np.testing.assert_allclose(looks[-1].train_error.sel(model="ccrnn"), run.train_error, rtol=1e-6)


@pytest.fixture
def threads_on_cpu(monkeypatch):
    """Jobs of the CPU are run as those of a GPU are, in threads, without its streams."""
    monkeypatch.setattr(torch.cuda, "Stream", lambda device: None)
    monkeypatch.setattr(torch.cuda, "stream", lambda stream: nullcontext())
    monkeypatch.setattr(
        execute,
        "run_in_processes",
        lambda jobs, board, keep, workers, threads: execute.run_on_streams(jobs, board, keep, workers),
    )


def test_jobs_in_threads_give_what_they_give_one_by_one(threads_on_cpu):
    grid = {"truncation": [1, 2, 3, 5], **TINY}
    one, several = (cc.sweep("line-drawing", workers=workers, **grid) for workers in (1, 3))
    xr.testing.assert_equal(one, several)


def test_jobs_in_threads_stop_when_they_are_told_and_keep_what_is_done(threads_on_cpu, tmp_path):
    grid = {"truncation": [1, 2, 3, 5], **TINY, "epochs": 10_000, "progress": Stop(1e-5)}
    with pytest.raises(KeyboardInterrupt):
        cc.sweep("line-drawing", workers=2, out=tmp_path / "sweep.nc", **grid)
    kept = [path.name for path in (tmp_path / "sweep.nc.parts").glob("*/*")]
    assert kept == ["checkpoint"] * len(kept) != []


@pytest.mark.cuda
def test_side_by_side_on_a_gpu_jobs_give_what_they_give_one_by_one():
    asked = {"truncation": [1, 2, 5, 10], "seeds": 2, "epochs": 4, "batches": 8, "device": "cuda", "progress": False}
    one, several = (cc.sweep("line-drawing", ["crnn", "ccrnn"], workers=workers, **asked) for workers in (1, 4))
    xr.testing.assert_equal(one, several)
