"""Figures of reaching and of sparseness show the numbers that they were given."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import ccdni_lib as cc
from ccdni_lib.findings.figures.reaching import (
    decorrelation as figures_decorrelation,
)
from ccdni_lib.findings.figures.reaching import (
    learning as figures_reaching,
)
from ccdni_lib.findings.figures.reaching import (
    sparsity as figures_sparsity,
)
from ccdni_lib.findings.pictures.picture import STYLES
from ccdni_lib.study.experiments.compact import compact
from ccdni_lib.study.measures.errors import distance_to_target

FEW = {"seeds": 3, "epochs": 4, "progress": False, "device": "cpu"}
MODELS = ["crnn", "ccrnn", "sccrnn"]


@pytest.fixture(scope="module")
def run():
    return compact(cc.sweep("target-reaching", MODELS, truncation=[2, 5], **FEW))


@pytest.fixture(scope="module")
def bias():
    made = cc.sweep("target-reaching", MODELS, bias_factor=[0.1, 1.0], truncation=2, record=["correlation"], **FEW)
    return compact(made)


@pytest.fixture
def wiring():
    at = {"mossy_fibres": [1, 4, 20], "granule_cells": [20, 80], "seed": [0, 1], "epoch": [10, 100]}
    error = xr.DataArray(np.full((3, 2, 2, 2), 60.0), at, tuple(at))
    error.loc[{"mossy_fibres": 4, "granule_cells": 80, "epoch": 100}] = 30.0
    error.loc[{"mossy_fibres": 20, "granule_cells": 80, "epoch": 100}] = 90.0
    epochs = {"seed": [0, 1], "epoch": [10, 100, 300]}
    alone = xr.DataArray([[80.0, 50.0, 1.0], [80.0, 70.0, 1.0]], epochs, ("seed", "epoch"))
    return figures_sparsity.Wiring("a task", error, alone, "squared error", 20, 80)


def curves(axes):
    return {line.get_label(): line.get_ydata() for line in axes.lines}


def names(picture):
    return [axes.get_title(loc="left") for axes in picture.figure.axes]


@pytest.mark.parametrize("variant", ["", ":targets=3", ":targets=9", ":inputs=2", ":inputs=28"])
def test_who_stays_has_the_error_of_a_network_that_never_moves(variant):
    task = f"target-reaching{variant}"
    made = cc.train(task, "crnn", seeds=1, epochs=1, progress=False, device="cpu")
    wanted = made.target.isel(time=-1)
    cues = wanted.groupby(wanted.dims[0]).first() if wanted.sizes[wanted.dims[0]] > 9 else wanted
    assert figures_reaching.resting_reach_error(task) == pytest.approx(float((cues**2).sum("xy").mean()), rel=1e-5)


def test_learning_has_a_panel_for_each_truncation_with_mean_errors_at_the_last_step(run):
    picture = figures_reaching.reaching_learning_curves(run, mark=2)
    shown = [axes for axes in picture.figure.axes if axes.lines]
    assert [axes.get_title(loc="left") for axes in shown] == ["T = 2", "T = 5"]
    for axes, truncation in zip(shown, (2, 5), strict=True):
        for model in MODELS:
            own = run.ataxia_taught.sel(model=model, truncation=truncation).mean("seed")
            np.testing.assert_allclose(curves(axes)[STYLES[model]["label"]], own)
        assert curves(axes)["stays"][0] == pytest.approx(600 / 7)
        assert [2, 2] in [list(line.get_xdata()) for line in axes.lines]


def test_the_error_in_the_end_is_that_of_the_last_step(run):
    np.testing.assert_allclose(figures_reaching.final_reach_error(run), run.final_error.isel(time=-1), rtol=1e-3)


def test_distances_are_numbered_from_the_first_step(run):
    picture = figures_reaching.reaching_distances(run.sel(truncation=5))
    axes = picture.figure.axes[0]
    own = distance_to_target(run).sel(truncation=5, model="sccrnn").mean("seed")
    np.testing.assert_allclose(curves(axes)["sCC"], own)
    assert list(axes.lines[0].get_xdata()) == list(range(1, 11))


def test_horizons_tell_how_far_a_lesson_travels_and_what_lies_before_it(run):
    picture = figures_reaching.reaching_errors_over_horizons(run)
    labels = [label.get_text() for label in picture.figure.axes[0].get_xticklabels()]
    assert labels == ["T = 2\n1 back\n4 cuts", "T = 5\n4 back\n1 cuts"]
    dots = sum(
        len(marks.get_offsets()) for marks in picture.figure.axes[0].collections if len(marks.get_offsets()) == 6
    )
    assert dots == 3 * 2 * 3


def test_variants_have_a_row_each(run):
    other = compact(cc.sweep("target-reaching:targets=3", MODELS, truncation=[2, 5], **FEW))
    picture = figures_reaching.reaching_variants({"seven": run, "three": other}, truncation=5)
    rows = np.reshape(picture.figure.axes, (2, 3))
    for row, task in zip(rows, (run, other), strict=True):
        own = task.ataxia_taught.sel(model="ccrnn", truncation=5).mean("seed")
        np.testing.assert_allclose(curves(row[0])["ccRNN"], own)
        ends = figures_reaching.final_reach_error(task).sel(model="ccrnn").mean("seed")
        np.testing.assert_allclose(curves(row[2])["ccRNN"], ends)


def test_paths_lead_where_the_outputs_are(run):
    picture = figures_reaching.reaching_paths(run.sel(truncation=2))
    drawn = {tuple(np.round(line.get_xydata()[-1].tolist(), 4)) for axes in picture.figure.axes for line in axes.lines}
    ends = run.output.sel(truncation=2).isel(time=-1).values.reshape(-1, 2)
    assert {tuple(np.round(end, 4)) for end in ends.tolist()} <= drawn


def test_gain_compares_at_the_last_epoch_that_both_have(wiring):
    gain = wiring.gain()
    assert gain.sel(mossy_fibres=4, granule_cells=80).item() == pytest.approx(0.5)  # 30 against the mean of 50 and 70
    assert gain.sel(mossy_fibres=20, granule_cells=80).item() == pytest.approx(-0.5)
    assert gain.sel(mossy_fibres=1, granule_cells=20).item() == pytest.approx(0.0)


def test_a_map_writes_means_and_colours_better_and_worse(wiring):
    axes = figures_sparsity.wiring_maps([wiring]).figure.axes[0]
    written = {text.get_position(): text.get_text() for text in axes.texts}
    assert written[(1, 1)] == "30"
    assert written[(2, 1)] == "90"
    assert written[(0, 0)] == "60"
    filled = {tuple(p.get_xy()): p for p in axes.patches if p.get_fill()}
    better, worse = filled[(0.5, 0.5)], filled[(1.5, 0.5)]
    assert better.get_facecolor()[:3] != worse.get_facecolor()[:3]
    assert better.get_alpha() == pytest.approx(worse.get_alpha())
    assert filled[(-0.5, -0.5)].get_alpha() == 0
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1", "4", "20*"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["1", "4"]


def test_small_curves_stand_in_the_order_of_the_map(wiring):
    picture = figures_sparsity.wiring_curves([wiring])
    panels = np.reshape(picture.figure.axes, (2, 3))
    ends = [[axes.lines[1].get_ydata()[-1] for axes in line] for line in panels]
    assert ends == [[60, 30, 90], [60, 60, 60]]  # M/N = 4 is above
    assert all(list(axes.lines[0].get_ydata()) == [80, 60] for axes in panels.ravel())  # up to epoch 100


def test_a_task_is_judged_in_its_own_measure(run):
    error, unit = figures_sparsity.error_and_unit(run)
    np.testing.assert_allclose(error.isel(epoch=-1), run.final_error.isel(time=-1), rtol=1e-3)
    assert unit == "squared error"
    small = {"budget": "live", "seeds": 1, "epochs": 1, "batches": 1, "validation_size": 40, "progress": False}
    digits = cc.train("seqmnist", "crnn", **small)
    error, unit = figures_sparsity.error_and_unit(digits)
    assert error.item() == pytest.approx(100 * (1 - digits.validation_accuracy.item()))
    assert unit == "wrong (%)"


@pytest.mark.parametrize("measure", ["correlation", "r_pop"])
def test_every_network_is_a_mark_at_its_correlation_and_error(bias, measure):
    axes = figures_decorrelation.errors_by_cortical_correlation(bias, measure).figure.axes[0]
    marks = {tuple(np.round(at, 5)) for found in axes.collections for at in found.get_offsets().tolist()}
    x = bias[f"cortex_{measure}"].sel(recorded_epoch=0).values.ravel()
    y = figures_reaching.final_reach_error(bias).values.ravel()
    assert {tuple(np.round(at, 5)) for at in zip(x.tolist(), y.tolist(), strict=True)} <= marks


def test_feedback_is_shown_for_each_bias_factor_from_the_first_epoch(bias):
    picture = figures_decorrelation.feedback_correlation_curves(bias, until=3)
    assert names(picture) == ["b = 0.1", "b = 1"]
    for axes, b in zip(picture.figure.axes, (0.1, 1.0), strict=True):
        own = bias.feedback_correlation.sel(model="sccrnn", bias_factor=b, recorded_epoch=slice(1, 3)).mean("seed")
        np.testing.assert_allclose(curves(axes)["sCC"], own)


def test_both_in_one_picture(bias):
    picture = figures_decorrelation.decorrelation_panels(bias, "r_pop", until=3)
    assert len(picture.figure.axes) == 3
    assert "r_pop of predicted feedback" in picture.alt


def test_another_task_is_refused():
    with pytest.raises(ValueError, match="must be target-reaching"):
        figures_reaching.resting_reach_error("line-drawing")
