"""Smoothing of noisy courses."""

from __future__ import annotations

import xarray as xr

from ...engine.settings import SettingError


def smooth(values: xr.DataArray, window: int = 19, order: int = 3) -> xr.DataArray:
    """Savitzky–Golay filter over batches: each point from a cubic that is fitted to its neighbours (P20 SM B).

    Args:
        values: with dim step.
        window: how many batches a polynomial is fitted to; odd.
        order: of the polynomial.

    Raises:
        SettingError: when there are fewer batches than the window has.

    Example:
        >>> import numpy as np
        >>> line = xr.DataArray(2.0 * np.arange(30), dims="step")
        >>> float(abs(smooth(line) - line).max()) < 1e-9  # a polynomial stays what it is
        True
    """
    from scipy.signal import savgol_filter  # takes half a second to import

    if values.sizes["step"] < window:
        raise SettingError(f"window {window}: must be at most {values.sizes['step']}, the number of batches")
    return values.copy(data=savgol_filter(values.values, window, order, axis=values.get_axis_num("step")))
