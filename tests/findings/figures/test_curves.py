"""Learning curves: every one that is given is drawn and told, in the unit of its task, or refused with a sentence."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import ccdni_lib as cc
from ccdni_lib.findings.figures import (
    ablation_curves,
    ataxia_bars,
    cerebellar_rate_curves,
    coupling_of_controls,
    course_panels,
    digit_ratios_over_cuts,
    errors_by_step,
    late_feedback_paths,
    learning_curves,
    line_errors_by_steps_back,
    named_curves,
    predictor_ladder,
    waiting_shares,
)

SMALL = {"seeds": 2, "epochs": 2, "batches": 1, "budget": "live", "progress": False, "device": "cpu"}


def curve(level: float) -> xr.DataArray:
    return xr.DataArray(np.full((2, 3), level), {"seed": [0, 1], "epoch": [1, 2, 3]}, ("seed", "epoch"))


def run_with(**dims: list) -> xr.Dataset:
    """A run of line drawing with ones everywhere, on a grid."""
    coords = {"model": ["crnn", "ccrnn"], "seed": [0, 1], "epoch": [1, 2]} | dims
    ones = xr.DataArray(np.ones([len(values) for values in coords.values()]), coords, tuple(coords))
    names = ("train_error", "ataxia_score", "ataxia_taught", "ataxia_untaught")
    return xr.Dataset(dict.fromkeys(names, ones), attrs={"task": "line-drawing"}).assign_coords(time=range(10))


def test_seven_curves_are_drawn_told_and_told_apart():
    picture = named_curves({f"curve {level}": curve(level) for level in range(7)}, "error", "Seven curves, all flat.")
    lines = picture.figure.axes[0].lines
    assert [line.get_label() for line in lines] == [f"curve {level}" for level in range(7)]
    assert [line.get_ydata()[-1] for line in lines] == list(range(7))
    assert len({(line.get_color(), str(line.get_linestyle()), str(line._dash_pattern)) for line in lines}) == 7
    ends = "; ".join(f"curve {level} {level}" for level in range(7))
    assert picture.alt == f"Seven curves, all flat. At the end: {ends}."


def test_curves_have_a_colour_each_or_none():
    with pytest.raises(cc.SettingError, match="colors red, blue: must be one for each of 3 curves"):
        named_curves(dict.fromkeys("abc", curve(1)), "error", "Three.", ["red", "blue"])


def many(count: int) -> dict[str, xr.DataArray]:
    return {f"run {number}": curve(1) for number in range(count)}


@pytest.mark.parametrize(
    ("draw", "sentence"),
    [
        (lambda: named_curves(many(26), "error", "All."), "curves 1, 2, 3.*: must be at most 25"),
        (lambda: waiting_shares([1], {way: [0.1] for way in "abcd"}), "ways of learning a, b, c, d: must be at most 3"),
        (
            lambda: late_feedback_paths({delay: [1.0] for delay in range(4)}, {0: 1.0}, 0.4),
            "delays 0, 1, 2, 3: must be at",
        ),
        (lambda: coupling_of_controls(dict.fromkeys("abcde", xr.Dataset())), "runs a, b, c, d, e: must be at most 4"),
        (
            lambda: course_panels({"error": dict.fromkeys("abcdef", np.ones((2, 3)))}, "epochs"),
            "courses a, b, c, d, e, f: must be at most 5",
        ),
        (
            lambda: predictor_ladder({n: c.expand_dims(truncation=[1]) for n, c in many(5).items()}),
            "predictors run 0, .*: must be at most 4",
        ),
        (
            lambda: digit_ratios_over_cuts(dict.fromkeys("abcde", curve(1))),
            "tasks a, b, c, d, e: must be at most 4",
        ),
        (
            lambda: cerebellar_rate_curves(
                run_with(cerebellum_learning_rate=[1.0, 2.0, 3.0, 4.0], clip=["joint"]), run_with()
            ),
            "learning rates 1.0, 2.0, 3.0, 4.0: must be at most 3",
        ),
        (
            lambda: line_errors_by_steps_back(run_with(truncation=[1], feedback_interval=[1, 2, 3, 4, 5, 6])),
            "feedback intervals 1, 2, 3, 4, 5, 6: must be at most 5",
        ),
    ],
)
def test_more_than_can_be_told_apart_is_refused(draw, sentence):
    with pytest.raises(cc.SettingError, match=sentence) as caught:
        draw()
    assert str(caught.value).endswith("to be told apart in one picture")


def test_teachers_that_are_known_keep_their_looks_and_no_two_are_alike():
    names = ("learned", "learned, impatient", "nothing", "told, impatient")
    lines = course_panels({"error": dict.fromkeys(names, np.ones((2, 3)))}, "epochs").figure.axes[0].lines[:4]
    assert len({line.get_color() for line in lines}) == 4
    alone = course_panels({"error": {"nothing": np.ones((2, 3))}}, "epochs").figure.axes[0].lines[0]
    assert alone.get_color() == lines[2].get_color()


@pytest.mark.parametrize(
    ("task", "label"),
    [
        ("line-drawing", "training squared distance\nper taught step"),
        ("seqmnist", "training cross-entropy\nper taught step (nat)"),
    ],
)
def test_an_axis_names_the_loss_and_the_unit_of_the_task(task, label):
    run = cc.sweep(task, ["crnn", "ccrnn"], **SMALL)
    assert learning_curves(run).figure.axes[0].get_ylabel() == label


@pytest.mark.parametrize("draw", [learning_curves, ataxia_bars, errors_by_step])
def test_a_dimension_that_is_left_is_named(draw):
    run = run_with(truncation=[1, 5])
    run = run.assign(validation_error=run.train_error.expand_dims(time=range(10)), taught=("time", [True] * 10))
    with pytest.raises(cc.SettingError) as caught:
        draw(run)
    assert str(caught.value) == "truncation: must be selected to draw this, as in .sel(truncation=1), one of 1, 5"


def test_a_dimension_that_is_missing_is_named():
    with pytest.raises(cc.SettingError, match="model: must be a dimension of what is drawn, which has seed, epoch"):
        learning_curves(run_with().isel(model=0))


def test_three_panels_of_two_a_row_leave_no_empty_axes():
    lesions = {"lesion": ["", "cerebellum@0", "cerebellum@1"]}
    assert len(ablation_curves(dict.fromkeys("ab", run_with(**lesions))).figure.axes) == 4
