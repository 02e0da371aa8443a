"""Figures of lesions: they draw what the data say, by labels that are there, and divide as they say they do."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from ccdni_lib.findings.figures.cerebellum import lesions as figures

EPOCHS = [1, 2, 5, 10, 50, 100]
LESIONS = ["", *(f"{kind}@{epoch}" for kind in figures.KINDS for epoch in (0, 1, 10, 50))]


@pytest.fixture
def run():
    """Errors that are powers of two: 2 ** (place of the lesion) at the end, falling by halves over epochs."""
    last = 2.0 ** np.arange(len(LESIONS))[:, None] * np.array([1.0, 4.0, 0.25])
    errors = last[..., None] * 2.0 ** np.arange(len(EPOCHS))[::-1]
    coords = {"model": ["ccrnn"], "lesion": LESIONS, "seed": [0, 1, 2], "epoch": EPOCHS}
    return xr.Dataset({"train_error": (("model", "lesion", "seed", "epoch"), errors[None])}, coords)


@pytest.fixture
def one(run):
    return run.sel(model="ccrnn")


def lines(axes):
    return {line.get_label(): line for line in axes.get_lines()}


def test_onsets_are_read_from_the_labels(run):
    assert figures.lesion_onsets(run, "nuclei") == {0: "nuclei@0", 1: "nuclei@1", 10: "nuclei@10", 50: "nuclei@50"}
    assert figures.lesion_onsets(run.sel(lesion=["", "olive@10"]), "nuclei") == {}


def test_a_few_are_chosen_whatever_is_there(run):
    assert figures.chosen_onsets(run, "olive", (0.0, 0.1, 0.6)) == {1: "olive@1", 10: "olive@10", 50: "olive@50"}
    assert figures.chosen_onsets(run.sel(lesion=["", "olive@0", "olive@1"]), "olive") == {1: "olive@1"}
    assert figures.chosen_onsets(run.sel(lesion=["", "olive@0"]), "olive") == {}


def test_the_table_divides_by_the_twins(one):
    table = figures.lesions_against_twins(one, "nuclei")
    factor = 2.0 ** (LESIONS.index("nuclei@10") - LESIONS.index(figures.NEVER))
    assert table.loc[10, "of the mean"] == factor
    assert table.loc[10, "of the twin"] == f"× {factor:.3g} [{factor:.3g}, {factor:.3g}]"
    assert table.loc[10, "worse"] == "3 of 3"
    assert table.loc[10, "p"] == 0.25  # the least that three pairs can give
    assert figures.lesions_against_twins(one, "cerebellum").loc[0, "worse"] == "0 of 3"
    whole = figures.lesions_against_twins(one, "cerebellum", "")
    assert whole.loc[0, "of the mean"] == 2.0


def test_twins_that_differ_are_averaged_as_logarithms(one):
    other = one.copy(deep=True)
    other.train_error.loc[{"lesion": "olive@1"}] = one.train_error.sel(lesion=figures.NEVER).values * np.array(
        [[2.0], [0.5], [1.0]]
    )
    row = figures.lesions_against_twins(other, "olive").loc[1]
    assert row["of the twin"].startswith("× 1 [")
    assert row["worse"] == "1 of 3"
    assert row["of the mean"] == pytest.approx((2 + 4 * 0.5 + 0.25) / 5.25, abs=1e-3)


def test_ablations_show_curves_marks_and_shares(run, one):
    picture = figures.ablation_curves({"left": run, "right": run.isel(epoch=slice(0, 4))})
    upper, other, lower, _ = picture.figure.axes
    drawn = lines(upper)
    assert {"ccRNN", "cRNN", "ablated at 10", "ablated at 50"} <= set(drawn)
    np.testing.assert_allclose(drawn["ccRNN"].get_ydata(), one.train_error.sel(lesion="").mean("seed"))
    after = drawn["ablated at 10"]
    assert after.get_xdata().tolist() == [10, 50, 100]  # from the lesion on
    np.testing.assert_allclose(
        after.get_ydata(), one.train_error.sel(lesion="cerebellum@10", epoch=[10, 50, 100]).mean("seed")
    )
    marks = {line.get_xdata()[0] for line in upper.get_lines() if line.get_label().startswith("_")}
    assert {10, 50} <= marks
    middle = lower.containers[0].lines[0]
    assert middle.get_xdata().tolist() == [1, 10, 50, 100]  # the last is never
    np.testing.assert_allclose(np.asarray(middle.get_ydata(), dtype=float), [2, 4, 8, 0.5])
    assert "left: ccRNN, as a share of the cRNN's error, ablated at 0 1.00" in picture.alt
    assert other.get_title(loc="left") == "right"


def test_a_single_seed_is_drawn_without_a_band(run):
    picture = figures.ablation_curves({"one": run.isel(seed=[0])})
    assert "at 10 4.00 ± 0.00" in picture.alt


def test_twins_are_drawn_as_ratios(one):
    picture = figures.lesion_twin_ratios(one)
    axes = picture.figure.axes[0]
    heights = {round(float(y), 6) for marks in axes.collections for _, y in getattr(marks, "get_offsets", list)()}
    expected = {2.0 ** (LESIONS.index(name) - 1) for name in LESIONS if name.startswith(("cer", "nuc"))} - {1.0}
    assert expected <= heights
    assert "3 pairs" in picture.alt
    assert "nuclei lesioned at 0: × 256" in picture.alt


def test_after_lesions_medians_are_told(one):
    picture = figures.curves_after_lesions(one, "olive")
    assert "cRNN 2," in picture.alt
    assert "ccRNN 1," in picture.alt
    assert picture.figure.axes[0].get_yscale() == "log"


def test_until_worse_counts_from_the_lesion_and_for_good():
    courses = {
        figures.NEVER: [[4, 4, 4, 4], [4, 4, 4, 4], [4, 4, 4, 4], [4, 4, 4, 4]],
        "olive@2": [[9, 9, 9, 9], [1, 9, 1, 9], [1, 1, 1, 1], [1, 1, 9, 9]],
    }
    coords = {"lesion": list(courses), "seed": range(4), "epoch": [2, 5, 10, 20]}
    run = xr.Dataset({"train_error": (("lesion", "seed", "epoch"), np.array(list(courses.values())))}, coords)
    assert figures.epochs_until_worse(run, "olive@2").tolist() == [3, 18, np.inf, 8]


def test_fixed_cerebella_are_named_by_what_they_are():
    values = np.arange(8.0).reshape(2, 2, 2, 1) + np.arange(2.0)
    coords = {"cerebellum_init": ["zero", "random"], "lesion": ["", "olive@0"], "seed": [0, 1], "epoch": [1, 2]}
    run = xr.Dataset({"train_error": (("cerebellum_init", "lesion", "seed", "epoch"), values)}, coords)
    picture = figures.fixed_cerebellum_curves(run)
    drawn = lines(picture.figure.axes[0])
    np.testing.assert_allclose(drawn["fixed at zero: the cRNN"].get_ydata(), [2.5, 3.5])
    np.testing.assert_allclose(drawn["learns, from random"].get_ydata(), [4.5, 5.5])
