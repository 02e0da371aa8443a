"""Mean and standard error, as they are drawn."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from scipy.stats import sem

from ccdni_lib.findings.pictures.parts import mean_band
from ccdni_lib.findings.pictures.picture import drawing

VALUES = xr.DataArray(np.random.default_rng(5).uniform(1, 9, (4, 3)), {"epoch": [1, 2, 6]}, ("seed", "epoch"))


def drawn(values, **options):
    """Line and band: of each place the height, and where the band begins and ends."""
    with drawing(3, 2) as figure:
        axes = figure.subplots()
        mean_band(axes, values, {"color": "black", "label": "some"}, **options)
    (line,) = axes.get_lines()
    corners = np.concatenate([band.get_paths()[0].vertices for band in axes.collections] or [np.empty((0, 2))])
    ends = [(at[:, 1].min(), at[:, 1].max()) for x in line.get_xdata() if len(at := corners[corners[:, 0] == x])]
    return line, np.array(ends)


@pytest.mark.parametrize("values", [VALUES, VALUES.T], ids=["seeds first", "seeds last"])
def test_the_band_is_one_standard_error_to_both_sides(values):
    line, band = drawn(values)
    mean, error = VALUES.values.mean(0), sem(VALUES.values)
    assert (line.get_label(), line.get_xdata().tolist()) == ("some", [1, 2, 6])
    np.testing.assert_allclose(line.get_ydata(), mean)
    np.testing.assert_allclose(band, np.stack([mean - error, mean + error], 1))
    np.testing.assert_allclose(drawn(values, count=4)[1], band)


def test_networks_without_a_value_count_for_nothing():
    gone = VALUES.copy()
    gone[0, 1] = np.nan
    line, band = drawn(gone)
    np.testing.assert_allclose(line.get_ydata(), np.nanmean(gone, 0))
    np.testing.assert_allclose(band[1, 1] - band[1, 0], 2 * sem(VALUES.values[1:, 1]))


def test_on_a_logarithmic_axis_the_band_stays_above_zero():
    wide = xr.DataArray([[0.0], [0.0], [9.0]], {"epoch": [1]}, ("seed", "epoch"))
    assert drawn(wide - 1, floor=None)[1][0, 0] < 0
    np.testing.assert_allclose(drawn(wide, floor=0.1)[1], [[0.3, 6.0]])


def test_a_single_network_has_no_band():
    line, band = drawn(VALUES[:1])
    np.testing.assert_allclose(line.get_ydata(), VALUES[0])
    assert not band.size
