"""Figures of coupling and feedback: they draw what the data say, and say it in their alternative texts."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import ccdni_lib as cc
from ccdni_lib.findings.figures.cerebellum import coupling as figures

SMALL = {"seeds": 3, "lstm_units": 8, "granule_cells": 20, "batches": 3, "progress": False, "device": "cpu"}


@pytest.fixture(scope="module")
def run():
    how = {"record": ("coupling", "quality"), "record_every": 2}
    return cc.train("line-drawing", "ccrnn", epochs=8, cerebellum_init="random", **SMALL, **how)


def lines(axes):
    """Curves of a panel by label: places and heights."""
    return {line.get_label(): (line.get_xdata(), line.get_ydata()) for line in axes.get_lines()}


def test_both_readings_agree_where_no_cell_is_silent_and_a_silent_cerebellum_is_uncoupled():
    run = xr.Dataset(
        {
            "coupling": ("seed", [0.4, 0.4, np.nan, np.nan]),
            "silent_granules": ("seed", [0.0, 0.75, 1.0, np.nan]),
        }
    )
    np.testing.assert_allclose(figures.coupling_of_all_cells(run), [0.4, 0.1, 0.0, np.nan])


def test_coupling_is_drawn_by_both_readings(run):
    picture = figures.coupling_over_learning({"a": run, "b": run}, until=6)
    assert len(picture.figure.axes) == 6
    drawn = lines(picture.figure.axes[3])
    part = run.sel(recorded_epoch=slice(None, 6))
    wanted = {
        "active cells": part.coupling,
        "all cells (silent: r = 0)": part.coupling * (1 - part.silent_granules),
        "share of active cells": 1 - part.silent_granules,
    }
    for label, values in wanted.items():
        assert drawn[label][0].tolist() == [0, 2, 4, 6]
        np.testing.assert_allclose(drawn[label][1], values.mean("seed"), rtol=1e-6)
    assert "at epoch 6" in picture.alt
    assert picture.figure.axes[2].get_lines()[0].get_xdata().tolist() == [1, 2, 3, 4, 5, 6]


def test_distributions_are_those_of_the_nearest_recorded_epochs_once_each(run):
    picture = figures.coupling_over_learning({"a": run}, until=None, shown=(0, 2, 9, 100))
    drawn = lines(picture.figure.axes[1])
    assert list(drawn) == ["epoch 0", "epoch 2", "epoch 8"]
    np.testing.assert_allclose(drawn["epoch 8"][1], run.coupling_histogram.isel(recorded_epoch=-1).mean("seed"))


def test_controls_share_three_panels(run):
    picture = figures.coupling_of_controls({"one": run, "two": run.isel(seed=slice(2))}, until=4)
    active, _, share = (lines(axes) for axes in picture.figure.axes)
    two = run.coupling.isel(seed=slice(2)).sel(recorded_epoch=[0, 2, 4]).mean("seed")
    np.testing.assert_allclose(active["two"][1], two, rtol=1e-5)
    wanted = 1 - run.silent_granules.sel(recorded_epoch=[0, 2, 4]).mean("seed")
    np.testing.assert_allclose(share["one"][1], wanted, rtol=1e-5)
    assert "one: active cells" in picture.alt
    assert "two: active cells" in picture.alt


def test_guesses_are_averaged_over_taught_and_over_untaught_cuts(run):
    cosine, error = (lines(axes) for axes in figures.feedback_quality_over_learning(run).figure.axes)
    np.testing.assert_allclose(
        cosine["the true gradient, taught"][1], run.true_cosine.sel(cut=[2, 4, 6, 8]).mean(("cut", "seed")), rtol=1e-5
    )
    np.testing.assert_allclose(
        error["its target, untaught"][1], run.target_error.sel(cut=[1, 3, 5, 7]).mean(("cut", "seed")), rtol=1e-5
    )


def test_every_cut_has_its_bars_and_the_last_has_none(run):
    picture = figures.feedback_quality_by_cut(run, epoch=50)
    heights = [bar.get_height() for bar in picture.figure.axes[0].patches if np.isfinite(bar.get_x())]
    look = run.sel(recorded_epoch=8)
    np.testing.assert_allclose(heights[:9], look.target_cosine.mean("seed")[:9], rtol=1e-5)
    np.testing.assert_allclose(heights[10:19], look.true_cosine.mean("seed")[:9], rtol=1e-5)
    assert heights[9] == heights[19] == 0
    assert "9 none" in picture.alt


def test_a_teacher_at_every_step_leaves_no_untaught_cut():
    how = {"record": ("quality",), "record_every": 2, "feedback_interval": 1}
    run = cc.train("line-drawing", "ccrnn", epochs=2, cerebellum_init="random", **SMALL, **how)
    assert not [
        label for label in lines(figures.feedback_quality_over_learning(run).figure.axes[0]) if "untaught" in label
    ]


def test_the_ladder_tells_when_an_error_is_reached_and_when_never():
    epochs = np.arange(1, 11)
    falling = 20.0 / epochs  # below 4.1 from epoch 5 on
    errors = xr.DataArray(
        np.array([[falling, falling], [np.full(10, 9.0), falling]]),
        {"truncation": [1, 2], "epoch": epochs},
        ("truncation", "seed", "epoch"),
    )
    picture = figures.predictor_ladder({"none": errors[:, ::-1], "oracle": errors}, criterion=4.1)
    assert "none: T = 1: 5, T = 2: inf" in picture.alt
    np.testing.assert_allclose(lines(picture.figure.axes[0])["oracle"][1], falling)
    assert figures.first_epoch_below(errors.sel(truncation=2), 4.1).tolist() == [np.inf, 5]


def test_every_picture_can_be_shown(run):
    for picture in (
        figures.coupling_over_learning({"a": run}),
        figures.coupling_of_controls({"a": run}),
        figures.feedback_quality_over_learning(run),
        figures.feedback_quality_by_cut(run, 8),
    ):
        assert picture.svg().startswith("<svg ")
        assert len(picture.alt) > 60
