"""Experiments that sweep: their sizes follow from the tasks', and never exceed the published one."""

from __future__ import annotations

import pytest

import ccdni_lib as cc
from ccdni_lib.study.experiments import EXPERIMENTS, find_experiment
from ccdni_lib.study.experiments.sweep import SweepExperiment
from ccdni_lib.tasks import find_task, settings_for

SWEEPS = [name for name, one in EXPERIMENTS.items() if isinstance(one, SweepExperiment) and "coco" not in name]
SIZE = ("epochs", "batches", "learning_rate", "lstm_units", "granule_cells", "validation_size")


def size_of(experiment: SweepExperiment, budget: str) -> dict:
    """What the first network of an experiment trains with."""
    fixed = {name: value for name, value in experiment.settings_at(budget).items() if not isinstance(value, list)}
    seeds = experiment.settings_at(budget)["seeds"]
    point = settings_for(find_task(experiment.task), seeds=seeds, model=experiment.models[0], **fixed)
    return {name: getattr(point, name) for name in SIZE} | {"seeds": len(point.seeds)}


@pytest.mark.parametrize("name", ["line-drawing-grid", "reaching", "ld-seqmnist", "seqmnist-horizons-full"])
@pytest.mark.parametrize("budget", ["quick", "class"])
def test_one_word_means_one_size(name, budget):
    """Of experiments at published size: as `ccdni_lib.train` at the same budget, unless that is more than published."""
    experiment = find_experiment(name)
    task = find_task(experiment.task)
    trained, published = settings_for(task, budget), settings_for(task)
    expected = {each: getattr(trained, each) for each in SIZE} | {"seeds": len(trained.seeds)}
    for each in ("epochs", "batches"):
        expected[each] = min(expected[each], getattr(published, each))
    assert size_of(experiment, budget) == expected


@pytest.mark.parametrize("name", SWEEPS)
@pytest.mark.parametrize("budget", ["quick", "class"])
def test_no_budget_is_larger_than_paper_and_every_one_can_be_trained(name, budget):
    experiment = find_experiment(name)
    small, whole = size_of(experiment, budget), size_of(experiment, "paper")
    for each in ("epochs", "batches", "seeds"):
        assert small[each] <= whole[each]
    settings = experiment.settings_at(budget)
    assert set(settings["seeds"]) <= set(experiment.settings["seeds"])
    lesions = settings.get("lesion", [])
    assert all(int(one.partition("@")[2]) < small["epochs"] for one in lesions if one)


def test_a_budget_that_there_is_not_is_refused():
    with pytest.raises(cc.SettingError, match=r"^budget live: must be one of quick, class, paper for an experiment"):
        find_experiment("reaching").settings_at("live")
    with pytest.raises(cc.SettingError, match=r"^budget live: must be one of quick, class, paper for an experiment"):
        find_experiment("forward-mnist").definition("live")
