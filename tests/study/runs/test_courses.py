"""Lesion schedules that share their course give what each gives alone, for less, and stop and go on like others."""

from __future__ import annotations

import re

import pytest

import ccdni_lib as cc
from ccdni_lib.engine.training.loop import Interrupted
from ccdni_lib.study.runs.job import Job
from ccdni_lib.study.runs.plan import make_plan
from ccdni_lib.study.runs.run import lesion_courses
from ccdni_lib.tasks import find_task, settings_for

from .test_train import Stop

TINY = {"seeds": 2, "epochs": 6, "lstm_units": 6, "granule_cells": 12, "batches": 3, "device": "cpu", "progress": False}
LESIONS = ["olive@4", "", "cerebellum@0", "nuclei@2-4", "cerebellum@2"]
INTERVALS = [2, 1]
RECORDED = {"record": ["coupling", "feedback"], "record_every": 2}


def swept(lesion, **how):
    return cc.sweep(
        "line-drawing", ["ccrnn"], lesion=lesion, feedback_interval=INTERVALS, **{**TINY, **RECORDED, **how}
    )


@pytest.fixture(scope="module")
def shared():
    return swept(LESIONS)


@pytest.mark.parametrize("lesion", LESIONS)
def test_every_schedule_is_what_it_would_be_alone(shared, lesion):
    alone = swept(lesion)
    assert shared.sel(lesion=lesion, drop=True).drop_attrs().identical(alone.drop_attrs())


def test_settings_keep_their_order(shared):
    assert shared.train_error.dims == ("model", "lesion", "feedback_interval", "seed", "epoch")
    assert shared.lesion.values.tolist() == LESIONS
    assert shared.feedback_interval.values.tolist() == INTERVALS
    taught = shared.taught.isel(model=0, lesion=0).sum("time")
    assert taught.values.tolist() == [5, 10]


def test_without_a_cerebellum_from_the_start_it_is_the_crnn(shared):
    crnn = cc.sweep("line-drawing", ["crnn"], feedback_interval=INTERVALS, **TINY).sel(model="crnn", drop=True)
    lesioned = shared.sel(model="ccrnn", lesion="cerebellum@0", drop=True)
    for name in ("train_error", "validation_error", "output"):
        assert lesioned[name].equals(crnn[name]), name


def test_models_with_nothing_to_lesion_sweep_along():
    both = cc.sweep("line-drawing", ["crnn", "ccrnn"], lesion=["", "olive@2"], **TINY).train_error
    whole, lesioned = (both.sel(lesion=lesion, drop=True) for lesion in ("", "olive@2"))
    assert whole.sel(model="crnn").equals(lesioned.sel(model="crnn"))
    assert not whole.sel(model="ccrnn").equals(lesioned.sel(model="ccrnn"))


def test_what_is_common_is_trained_once(epochs_trained):
    swept(["", "cerebellum@2", "olive@4"])
    assert len(epochs_trained) == 6 + 4 + 2  # the whole ones, and what comes after each lesion
    epochs_trained.clear()
    swept(["cerebellum@2", "olive@4"])
    assert len(epochs_trained) == 4 + 4 + 2  # nobody stays whole: the common course ends with the last onset
    epochs_trained.clear()
    swept(["cerebellum@0", "olive@0"])
    assert len(epochs_trained) == 6 + 6  # nothing is common


def test_a_report_rises_to_one():
    told = []
    swept(["", "cerebellum@2", "olive@4"], progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len({round(share, 6) for share in told}) >= 12 * 3  # once a batch


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
def test_an_interrupted_sweep_ends_as_an_uninterrupted_one(tmp_path, shared, share):
    file = tmp_path / "lesions.nc"
    with pytest.raises(Interrupted):
        swept(LESIONS, out=file, progress=Stop(share))
    assert not file.exists()
    resumed = swept(LESIONS, out=file, resume=True)
    assert resumed.drop_attrs().identical(shared.drop_attrs())
    assert list(tmp_path.iterdir()) == [file]


def test_what_was_done_is_not_done_again(tmp_path, epochs_trained):
    file = tmp_path / "lesions.nc"
    with pytest.raises(Interrupted):
        swept(LESIONS, out=file, progress=Stop(0.7))
    swept(LESIONS, out=file, resume=True)
    apart = 6 + 6 + 4 + 4 + 2  # whole, @0, @2-4, @2, @4
    assert apart <= len(epochs_trained) <= apart + 1  # the one that was interrupted began twice
    epochs_trained.clear()
    swept(LESIONS, out=file, resume=True)
    assert not epochs_trained


@pytest.mark.parametrize("share", [0.1, 0.6])
def test_other_lesions_cannot_go_on_from_it(tmp_path, share):
    file = tmp_path / "lesions.nc"
    with pytest.raises(Interrupted):
        swept(["", "cerebellum@3"], out=file, progress=Stop(share))
    other = "olive@0" if share < 0.3 else "olive@3"  # before where it stopped; in place of what is done
    with pytest.raises(ValueError, match=re.escape("cannot be resumed from")):
        swept(["", other], out=file, resume=True)


def test_without_out_there_are_no_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    swept(["", "olive@2"])
    assert list(tmp_path.iterdir()) == []


def job(device="cpu", **varied):
    task = find_task("line-drawing")
    points = [
        settings_for(task, lesion=lesion, **{k: v[i] for k, v in varied.items()}) for i, lesion in enumerate(LESIONS)
    ]
    return Job(task, tuple(points), device=device)


def test_courses_are_told_by_their_first_onset():
    courses = lesion_courses(job())
    assert list(courses.values()) == [[2], [3], [4], [0], [1]]
    assert [",".join(map(str, lesions)) for lesions in courses] == [
        "cerebellum@0",
        "nuclei@2-4",
        "cerebellum@2",
        "olive@4",
        "",
    ]


def test_there_is_one_course_where_nothing_would_be_saved():
    assert list(lesion_courses(job("cuda")).values()) == [[0, 1, 2, 3, 4]]  # side by side
    assert len(lesion_courses(job(feedback_interval=[1, 2, 3, 4, 5]))) == 1  # they differ in more than lesions
    task = find_task("line-drawing")
    plain = [settings_for(task, feedback_interval=interval) for interval in (1, 2)]
    [alike] = make_plan(task, plain, {"feedback_interval": [1, 2]}).jobs.values()
    assert len(lesion_courses(alike)) == 1
