"""Experiments with feedforward networks: one interface with all others, and each finished point is kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import ccdni_lib as cc
from ccdni_lib.study.experiments import EXPERIMENTS, find_experiment, load_result, make_result, make_results, results
from ccdni_lib.study.feedforward import sweep_feedforward, train_forward, train_spatial
from ccdni_lib.study.feedforward.spatial import SpatialSettings

SPATIAL = "spatial-digits"
FEW = {"seeds": 2, "batches": 30, "record_every": 30, "device": "cpu"}
GRID = {"decoupled": [(), (1, 2)], "teacher": ["learned", "told"]}


@pytest.fixture
def small(monkeypatch):
    experiment = replace(find_experiment(SPATIAL), settings={**GRID, **FEW, "budget": "quick"}, smaller={})
    monkeypatch.setitem(EXPERIMENTS, SPATIAL, experiment)
    return experiment


def test_a_result_can_be_made_and_is_used_again(small, tmp_path):
    (path,) = make_results([SPATIAL], tmp_path, "quick")
    assert list(tmp_path.iterdir()) == [path]
    run = load_result(SPATIAL, tmp_path)
    assert dict(run.sizes) == {"decoupled": 2, "teacher": 2, "seed": 2, "batch": 2, "layer": 3}
    assert (run.attrs["budget"], run.attrs["made_by"]) == ("quick", "ccdni results spatial-digits --budget quick")
    again = train_spatial(decoupled=(1, 2), teacher="told", **FEW)
    np.testing.assert_allclose(run.accuracy.sel(decoupled="1+2", teacher="told"), again.accuracy, rtol=2e-4)
    with pytest.raises(cc.FileError, match="made with budget quick, not class"):
        make_results([SPATIAL], tmp_path, "class")


def test_a_stopped_one_goes_on_with_the_points_that_are_finished(small, tmp_path, monkeypatch):
    trained = []

    def train(**point):
        if len(trained) == 2:
            raise KeyboardInterrupt
        trained.append(point)
        return train_spatial(**point)

    monkeypatch.setitem(EXPERIMENTS, SPATIAL, replace(small, train=train))
    with pytest.raises(KeyboardInterrupt):
        make_result(SPATIAL, tmp_path, "quick", progress=False)
    with pytest.raises(cc.FileError, match=r"holds what a stopped run has done; .*--resume.*--overwrite"):
        make_result(SPATIAL, tmp_path, "quick", progress=False)
    finished = trained.copy()
    trained.append({})  # the interruption is over
    path = make_result(SPATIAL, tmp_path, "quick", progress=False, resume=True)
    assert len(finished) == 2
    assert [point for point in trained[3:] if point in finished] == []
    assert len(trained[3:]) == 2
    assert list(tmp_path.iterdir()) == [path]
    monkeypatch.setitem(EXPERIMENTS, SPATIAL, small)
    whole = make_result(SPATIAL, tmp_path / "whole", "quick", progress=False)
    np.testing.assert_array_equal(load_result(SPATIAL, tmp_path).accuracy, load_result(SPATIAL, whole.parent).accuracy)


def test_nothing_is_lost_where_the_whole_cannot_be_saved(small, tmp_path, monkeypatch):
    def fail(*arguments):
        raise cc.FileError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(results, "save_dataset", fail)
        with pytest.raises(cc.FileError, match="the disk is full"):
            make_result(SPATIAL, tmp_path, "quick", progress=False)
    monkeypatch.setitem(EXPERIMENTS, SPATIAL, replace(small, train=fail))  # nothing is trained again
    make_result(SPATIAL, tmp_path, "quick", progress=False, resume=True)
    assert [path.name for path in tmp_path.iterdir()] == [f"{SPATIAL}.nc"]


def test_points_of_another_budget_are_not_gone_on_with(tmp_path):
    folder = tmp_path / "parts"
    stop = []

    def train(**point):
        if stop:
            raise KeyboardInterrupt
        stop.append(1)
        return train_spatial(**point)

    with pytest.raises(KeyboardInterrupt):
        sweep_feedforward(train, folder=folder, identity={"budget": "quick"}, **GRID, **FEW)
    with pytest.raises(cc.FileError, match=r"0\.nc: cannot be resumed from, it was made with budget quick, not class"):
        sweep_feedforward(train_spatial, folder=folder, identity={"budget": "class"}, **GRID, **FEW)
    with pytest.raises(cc.FileError, match=r"0\.nc: cannot be resumed from, it was made with .*batches 30, not 31"):
        sweep_feedforward(train_spatial, folder=folder, identity={"budget": "quick"}, **GRID, **FEW | {"batches": 31})


@pytest.mark.slow
def test_processes_compute_the_same(tmp_path):
    here = sweep_feedforward(train_spatial, **GRID, **FEW)
    there = sweep_feedforward(train_spatial, folder=tmp_path / "parts", workers=2, **GRID, **FEW)
    np.testing.assert_allclose(there.train_error, here.train_error, rtol=1e-4)
    assert there.teacher.values.tolist() == here.teacher.values.tolist()
    assert len(list((tmp_path / "parts").iterdir())) == 4  # until the whole is saved


def test_at_quick_they_are_of_the_size_that_training_at_quick_has():
    made = find_experiment("forward-mnist").definition("quick")
    assert made == {"budget": "quick"}
    spatial = find_experiment(SPATIAL).definition("quick")
    assert (spatial["seeds"], spatial["batches"]) == (len(SpatialSettings().seeds), SpatialSettings().batches)
    run = train_forward(**made, seeds=2, batches=20, device="cpu")
    assert run.attrs["images"] == find_experiment("forward-mnist").data("quick")
