"""Figures of horizons and intervals: what is drawn is what was measured, and what was measured is what it is called."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import xarray as xr
from matplotlib.patches import Rectangle

import ccdni_lib as cc
from ccdni_lib.findings.figures.lines import future
from ccdni_lib.findings.figures.lines import horizons as figures
from ccdni_lib.tasks.lines import LineDrawing

SMALL = {"lstm_units": 6, "granule_cells": 8, "batches": 2, "epochs": 3, "seeds": 3, "progress": False, "device": "cpu"}


@pytest.fixture(scope="module")
def grid():
    return cc.sweep("line-drawing", truncation=[1, 2, 3], feedback_interval=[1, 2], **SMALL)


def lines(axes):
    return {line.get_label(): line for line in axes.get_lines()}


def test_who_never_moves_is_wrong_by_the_length_of_the_way():
    np.testing.assert_allclose(figures.resting_line_error(), 600 / 7 * (np.arange(10) / 9) ** 2)


def test_the_final_error_is_the_mean_over_all_steps(grid):
    expected = grid.validation_error.isel(epoch=-1).mean("time")
    xr.testing.assert_allclose(figures.final_step_error(grid), expected.drop_vars("epoch"), rtol=1e-5)


def test_the_typical_ratio_does_not_care_which_is_divided_by_which(grid):
    swapped = grid.assign_coords(model=["ccrnn", "crnn"])
    product = figures.typical_ratio(grid) * figures.typical_ratio(swapped)
    np.testing.assert_allclose(product, 1, rtol=1e-6)


@pytest.mark.parametrize(("share", "expected"), [(0.0, True), (0.09, True), (0.11, False), (1.0, False)])
def test_learned_is_a_tenth_of_the_error_at_the_taught_steps(share, expected):
    taught = LineDrawing().taught_steps(5).astype(bool)
    error = share * 600 / 7 * (5 / 9) ** 2  # of steps 0 and 5
    run = xr.Dataset(
        {"ataxia_taught": (("seed", "epoch"), [[99.0, 0.0], [99.0, 2 * error]]), "taught": ("time", taught)}
    )
    assert figures.has_learned(run).item() is expected


def test_ratios_over_horizons_are_those_of_twins(grid):
    picture = figures.line_errors_over_horizons(grid, 2)
    error = grid.validation_error.isel(epoch=-1).mean("time").sel(feedback_interval=2)
    ratio = (error.sel(model="ccrnn") / error.sel(model="crnn")).transpose("truncation", "seed").values
    dots = picture.figure.axes[1].collections[0].get_offsets()[:, 1]
    np.testing.assert_allclose(dots, ratio.ravel(), rtol=1e-5)
    typical = lines(picture.figure.axes[1])["typical (geometric mean)"].get_ydata()
    np.testing.assert_allclose(typical, ratio.prod(1) ** (1 / 3), rtol=1e-5)
    labels = [label.get_text() for label in picture.figure.axes[1].get_xticklabels()]
    assert labels == ["10", "20", "30"]


def test_errors_over_intervals_are_means_over_seeds(grid):
    above = figures.line_errors_over_intervals(grid, 1).figure.axes[0]
    error = grid.validation_error.isel(epoch=-1).mean(["time", "seed"]).sel(truncation=1)
    drawn = [container.lines[0].get_ydata() for container in above.containers]
    for own, model in zip(drawn, ("crnn", "ccrnn"), strict=True):
        np.testing.assert_allclose(own, error.sel(model=model), rtol=1e-5)


def test_there_is_a_panel_of_curves_for_each_horizon(grid):
    panels = [axes for axes in figures.line_curves_over_horizons(grid).figure.axes if axes.get_title("left")]
    assert [axes.get_title("left") for axes in panels] == ["T = 1", "T = 2", "T = 3"]
    own = lines(panels[1])["ccRNN"].get_ydata()
    expected = grid.train_error.sel(model="ccrnn", truncation=2, feedback_interval=2).mean("seed")
    np.testing.assert_allclose(own, expected, rtol=1e-6)


def test_error_by_travel_has_a_mark_for_each_setting(grid):
    left, right = figures.line_errors_by_steps_back(grid).figure.axes
    for axes, model in ((left, "crnn"), (right, "ccrnn")):
        marks = np.concatenate([marks.get_offsets() for marks in axes.collections])
        error = grid.validation_error.isel(epoch=-1).mean(["time", "seed"]).sel(model=model)
        np.testing.assert_allclose(marks[:, 1], error.transpose("feedback_interval", "truncation").values.ravel(), 1e-5)
        np.testing.assert_allclose(marks[:, 0], [0, 0.5, 0.9, 0, 0, 1])  # k = 1, then k = 2, each with T = 1, 2, 3


def test_the_map_frames_the_squares_whose_crnn_is_that_of_t_1(grid):
    left = figures.line_ratio_maps(grid).figure.axes[0]
    framed = {patch.get_xy() for patch in left.patches if isinstance(patch, Rectangle) and not patch.get_fill()}
    output = grid.output.sel(model="crnn")
    same = {
        (column, row)
        for (column, T), (row, k) in itertools.product(enumerate((1, 2, 3)), enumerate((1, 2)))
        if bool((output.sel(truncation=T, feedback_interval=k) == output.sel(truncation=1, feedback_interval=k)).all())
    }
    assert framed == same
    assert len(left.get_lines()) == 6  # struck through: nobody learns in three epochs


def test_orange_is_less_error_with_a_cerebellum(grid):
    left = figures.line_ratio_maps(grid).figure.axes[0]
    better = figures.typical_ratio(grid).transpose("feedback_interval", "truncation").values.ravel() < 1
    filled = [patch for patch in left.patches if patch.get_fill()]
    assert [patch.get_facecolor()[0] > 0.8 for patch in filled] == better.tolist()


def test_futures_show_three_kinds_of_network(grid):
    picture = future.terminal_feedback_errors(grid, grid.sel(model=["ccrnn"]))
    drawn = [container.lines[0].get_ydata() for container in picture.figure.axes[0].containers]
    np.testing.assert_array_equal(drawn[1], drawn[2])
    assert not np.array_equal(drawn[0], drawn[1])


def test_the_course_of_a_runaway_is_told():
    asked = {**SMALL, "truncation": 10, "record": ("activity", "feedback")}
    none, some = (cc.train("line-drawing", "ccrnn", terminal_feedback=end, **asked) for end in (False, True))
    picture = future.terminal_feedback_courses(none, some)
    size = np.sqrt((some.predicted_feedback**2).mean(["cut", "cue", "component"])).mean("seed")
    np.testing.assert_allclose(lines(picture.figure.axes[0])["predicted at the end too"].get_ydata(), size)
    assert f"{size[-1].item():.2g} with" in picture.alt


def test_a_panel_of_rates_for_each_way_of_clipping(grid):
    run = cc.sweep("line-drawing", "ccrnn", cerebellum_learning_rate=[1e-3, 1e-4], clip=["joint", "separate"], **SMALL)
    crnn = grid.sel(model="crnn", truncation=1, feedback_interval=2)
    panels = future.cerebellar_rate_curves(run.isel(model=0), crnn).figure.axes
    assert [axes.get_title("left") for axes in panels] == ["clip: joint", "clip: separate"]
    for axes in panels:
        assert list(lines(axes)) == ["cRNN", "cerebellum at 0.001", "cerebellum at 0.0001"]
