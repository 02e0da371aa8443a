"""Figures of the digit tasks: errors and ratios that are drawn over horizons are those that were measured."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from ccdni_lib.findings.figures.digits import learning as figures_digits
from ccdni_lib.findings.figures.digits import sweeps as figures_digit_sweeps

DIMS = ("model", "truncation", "seed", "epoch")
COORDS = {"model": ["crnn", "ccrnn"], "truncation": [2, 3, 4], "seed": [0, 1]}


@pytest.mark.parametrize(
    ("task", "measure", "unit", "back"),
    [
        ("seqmnist", "validation_accuracy", "share misread", ["1.0", "0.0", "3.0"]),  # taught at 27
        ("ld-seqmnist", "validation_mean", "error per step", ["0.0", "0.9", "0.0"]),  # taught at 0, 4, …, 24
    ],
)
def test_over_horizons_naming_is_judged_by_what_is_misread_and_drawing_by_all_steps(task, measure, unit, back):
    values = np.random.default_rng(0).uniform(0.2, 0.6, (2, 3, 2, 1))
    other = {"validation_accuracy", "validation_mean"} - {measure}
    run = xr.Dataset({measure: (DIMS, values)} | dict.fromkeys(other, (DIMS, 0 * values)), COORDS, {"task": task})
    picture = figures_digits.digit_ratios_over_horizons(run)
    above, below = picture.figure.axes
    error = (1 - values if task == "seqmnist" else values)[..., 0]
    for line, dots, own in zip(above.lines, above.collections, error, strict=True):
        np.testing.assert_allclose(line.get_ydata(), own.mean(1))
        np.testing.assert_allclose(dots.get_offsets()[:, 1], own.ravel())
    np.testing.assert_allclose(below.lines[1].get_ydata(), (error[1] / error[0]).mean(1))
    assert above.get_ylabel().startswith(unit)
    assert picture.alt.startswith(unit.capitalize())
    assert [label.get_text() for label in below.get_xticklabels()] == [
        f"{T}\n{steps}" for T, steps in zip((2, 3, 4), back, strict=True)
    ]


def test_over_cuts_each_truncation_stands_at_the_number_of_its_cuts():
    shares = {  # a sequence has 28 steps, and cuts lie before steps T, 2T, …
        "seqmnist": xr.DataArray([[0.9, 0.7], [0.5, 0.5]], {"truncation": [1, 27]}, ("truncation", "seed")),
        "ld-seqmnist": xr.DataArray([[1.0, 0.8], [0.6, 0.8]], {"truncation": [2, 4]}, ("truncation", "seed")),
    }
    picture = figures_digit_sweeps.digit_ratios_over_cuts(shares)
    (axes,) = picture.figure.axes
    _, naming, lines = axes.lines
    np.testing.assert_allclose(naming.get_xydata(), [[27, 0.8], [1, 0.5]])
    np.testing.assert_allclose(lines.get_xydata(), [[13, 0.9], [6, 0.7]])
    np.testing.assert_allclose(axes.collections[0].get_offsets(), [[27, 0.9], [27, 0.7], [1, 0.5], [1, 0.5]])
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1", "6", "13", "27"]
    assert "seqmnist: 27 0.8 ± 0.1, 1 0.5; ld-seqmnist: 13 0.9 ± 0.1, 6 0.7 ± 0.1" in picture.alt
