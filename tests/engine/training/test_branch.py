"""A training that branches off another is the one that would have gone its way from the start, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest

from ccdni_lib.engine.training.loop import Interrupted, Training
from ccdni_lib.tasks import find_task, settings_for

TASK = find_task("line-drawing")
RECORDED = {"recordings": ("coupling", "quality", "feedback"), "record_every": 2}


def settings(lesion="", **given):
    small = {"seeds": 2, "epochs": 6, "lstm_units": 8, "granule_cells": 16, "batches": 4, "learning_rate": 1e-2}
    return settings_for(TASK, **{**small, "lesion": lesion, **given})


def branched(at, *points):
    trunk = Training(TASK, [settings(model=point.model) for point in points], **RECORDED)
    trunk.run(until=at)
    return trunk, trunk.branch(points)


@pytest.mark.parametrize("model", ["ccrnn", "sccrnn", "crnn"])
@pytest.mark.parametrize(
    ("at", "lesion"),
    [
        (0, "cerebellum@0"),
        (3, "cerebellum@3"),
        (3, "olive@3"),
        (3, "nuclei@3"),
        (1, "nuclei@2-4"),
        (2, "olive@2,nuclei@4"),
        (6, ""),
    ],
)
def test_a_branch_is_what_an_uninterrupted_run_gives_recordings_too(model, at, lesion):
    point = settings(lesion, model=model)
    _, branch = branched(at, point)
    whole = Training(TASK, [point], **RECORDED).run()
    assert branch.run().drop_attrs().identical(whole.drop_attrs())


def test_a_lesion_makes_a_difference_from_its_epoch_on_and_none_before():
    trunk, branch = branched(3, settings("olive@3"))
    whole, lesioned = trunk.run(), branch.run()
    before, after = slice(1, 3), slice(4, None)
    assert lesioned.train_error.sel(epoch=before).equals(whole.train_error.sel(epoch=before))
    assert (lesioned.validation_error.sel(epoch=after) != whole.validation_error.sel(epoch=after)).any()


def test_a_trunk_goes_on_as_if_nothing_had_branched_off():
    trunk, branch = branched(2, settings("cerebellum@2"))
    branch.run()
    assert trunk.run().drop_attrs().identical(Training(TASK, [settings()], **RECORDED).run().drop_attrs())


def test_a_branch_may_branch_and_its_points_may_differ():
    trunk = Training(TASK, [settings(), settings()])
    trunk.run(until=1)
    first = trunk.branch([settings("nuclei@1"), settings("olive@2")])
    first.run(until=4)
    points = [settings("nuclei@1,olive@4"), settings("olive@2-4")]
    assert first.branch(points).run().drop_attrs().identical(Training(TASK, points).run().drop_attrs())


def test_a_branch_in_the_middle_of_an_epoch_keeps_that_epoch():
    trunk, count = Training(TASK, [settings()], **RECORDED), iter(range(1, 100))
    with pytest.raises(Interrupted):
        trunk.run(stop=lambda: next(count) == 10)  # in the third epoch, number 2
    with pytest.raises(ValueError, match="must differ in lesions to come only"):
        trunk.branch([settings("olive@2")])
    point = settings("olive@3")
    whole = Training(TASK, [point], **RECORDED).run()
    assert trunk.branch([point]).run().drop_attrs().identical(whole.drop_attrs())


def test_a_branch_with_a_checkpoint_stops_and_resumes(tmp_path):
    point, file, count = settings("cerebellum@2"), tmp_path / "branch.checkpoint", iter(range(1, 100))
    trunk = Training(TASK, [settings()], **RECORDED)
    trunk.run(until=2)
    with pytest.raises(Interrupted):
        trunk.branch([point], file).run(stop=lambda: next(count) == 6)
    again = Training(TASK, [point], checkpoint=file, **RECORDED)
    again.resume()
    assert again.run().drop_attrs().identical(Training(TASK, [point], **RECORDED).run().drop_attrs())


@pytest.mark.parametrize(
    "other",
    [
        settings("olive@1"),
        settings("nuclei@0-1"),
        settings("olive@3", learning_rate=2e-2),
        settings("olive@3", seeds=(0, 5)),
        settings("olive@3", truncation=2),
    ],
    ids=["lesioned before", "lesioned for a while", "other rate", "other seeds", "other truncation"],
)
def test_another_past_is_refused(other):
    trunk = Training(TASK, [settings()])
    trunk.run(until=2)
    with pytest.raises(ValueError, match="must differ in lesions to come only"):
        trunk.branch([other])


def test_as_many_points_are_needed_as_there_are():
    trunk = Training(TASK, [settings()])
    with pytest.raises(ValueError, match="zip"):
        trunk.branch([settings(), settings("olive@3")])


def test_a_branch_shares_no_numbers_with_its_trunk():
    trunk, branch = branched(2, settings("nuclei@2"))
    before = {name: x.clone() for name, x in trunk.ensemble.state().items()}
    logged = {name: x.clone() for name, x in trunk.log.items()}
    branch.run()
    assert all(x.equal(before[name]) for name, x in trunk.ensemble.state().items())
    for name, x in trunk.log.items():
        np.testing.assert_array_equal(x, logged[name])
