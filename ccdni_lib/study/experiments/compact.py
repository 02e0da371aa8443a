"""The part of a run that is stored: small enough to lie in a repository."""

from __future__ import annotations

import numpy as np
import xarray as xr


def compact(run: xr.Dataset) -> xr.Dataset:
    """The part of a run that figures need, small enough to lie in a repository.

    About sixty epochs: the first few, and then every so-and-so-many; per-step errors of the last epoch only; outputs to
    as many examples as stay below 200,000 numbers; four significant digits.

    Args:
        run: from `train` or `sweep`.

    Returns:
        The same Dataset with fewer epochs, ``validation_error`` replaced by ``final_error`` (…, seed, time) and by
        ``validation_mean`` (…, seed, epoch), its mean over steps.
    """
    epoch, every = run.epoch.values, max(1, run.sizes["epoch"] // 50)
    kept = run.sel(epoch=epoch[(epoch <= every) | (epoch % every == 0) | (epoch == epoch[-1])])
    if "example" in kept.dims:
        one = kept.output.size // kept.sizes["example"]
        kept = kept.isel(example=slice(max(1, 200_000 // one)))
    error = kept.validation_error
    kept = kept.assign(final_error=error.isel(epoch=-1, drop=True))
    if "asked" not in kept:
        kept = kept.assign(validation_mean=error.mean("time"))
    return kept.drop_vars("validation_error").map(shorten, keep_attrs=True).assign_attrs(run.attrs)


def shorten(data: xr.DataArray, bits: int = 13) -> xr.DataArray:
    """Round float32 numbers to ``bits`` of their 23 bits of mantissa, so that they compress."""
    if data.dtype != np.float32:
        return data
    drop = 23 - bits
    as_whole = data.values.view(np.uint32)
    rounded = ((as_whole + (1 << (drop - 1))) >> drop << drop).view(np.float32)
    return data.copy(data=np.where(np.isfinite(data.values), rounded, data.values))
