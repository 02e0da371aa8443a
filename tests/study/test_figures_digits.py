"""Figures of the digit tasks: errors and ratios that are drawn over horizons are those that were measured."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from ccdni_lib.study import figures_digits

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
    picture = figures_digits.horizons(run)
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
