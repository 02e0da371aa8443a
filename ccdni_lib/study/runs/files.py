"""Results on disk: NetCDF files, written whole, read back with everything that made them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import xarray as xr

from ...engine.files import FileError, write_whole

_SEAL = b"\nccdni_lib sha256 "  # what follows the NetCDF file: readers of NetCDF stop before it
_SEALED = len(_SEAL) + 64


def save_dataset(dataset: xr.Dataset, path: str | Path, within: Path | None = None) -> None:
    """Write a Dataset to a NetCDF file, compressed, whole or not at all.

    A checksum is written behind the NetCDF data, where other programs do not look, so that damage is found on reading.

    Args:
        dataset: any Dataset; one from `train` or `sweep` can be read back with `load_dataset`.
        path: of the file, which is replaced if it exists.
        within: folder for the file while it is filled (see `ccdni_lib.engine.files.write_whole`).

    Raises:
        FileError: when the folder does not exist or cannot be written, or the disk is full.

    Example:
        >>> import tempfile, ccdni_lib as cc
        >>> run = cc.train("line-drawing", budget="live", epochs=2, progress=False)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save_dataset(run, f"{folder}/run.nc")
        ...     load_dataset(f"{folder}/run.nc").identical(run)
        True
    """
    packed = {name: {"zlib": True, "shuffle": True} for name, data in dataset.data_vars.items() if data.ndim}

    def write(beside: Path) -> None:
        dataset.to_netcdf(beside, engine="h5netcdf", encoding=packed)
        found = hashlib.sha256(beside.read_bytes()).hexdigest()
        with beside.open("ab") as stream:
            stream.write(_SEAL + found.encode())

    write_whole(path, write, within)


def load_dataset(path: str | Path) -> xr.Dataset:
    """Read a Dataset that `save_dataset` wrote, into memory.

    Args:
        path: of the file.

    Returns:
        The Dataset, with its attributes.

    Raises:
        FileError: when there is no such file, it cannot be read, it is damaged, or it is no result of ours.

    Example:
        >>> load_dataset("no/such.nc")
        Traceback (most recent call last):
            ...
        ccdni_lib.engine.files.FileError: no/such.nc: there is no such file
    """
    path = Path(path)
    if not path.exists():
        raise FileError(f"{path}: there is no such file")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileError(f"{path}: cannot be read ({error.strerror})") from error
    inside, seal = content[:-_SEALED], content[-_SEALED:]
    if seal.startswith(_SEAL) and hashlib.sha256(inside).hexdigest().encode() != seal[len(_SEAL) :]:
        raise FileError(f"{path}: is damaged, it is not what was written (its checksum differs)")
    try:
        dataset = xr.load_dataset(path, engine="h5netcdf")
    except MemoryError:
        raise
    except Exception as error:  # h5py has many ways to say that a file is damaged
        raise FileError(f"{path}: cannot be read as a result, it is damaged or not NetCDF ({error})") from error
    if "source_revision" not in dataset.attrs and "identity" not in dataset.attrs:
        raise FileError(f"{path}: is NetCDF, but not a result of ccdni_lib")
    return dataset


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


def results_folder() -> Path:
    """Where stored results lie: ``CCDNI_RESULTS``, or book/results of the project that this package belongs to.

    Raises:
        FileError: when there is no such folder.
    """
    named, own = os.environ.get("CCDNI_RESULTS"), Path(__file__).parents[3] / "book" / "results"
    folder = Path(named) if named else own
    if not folder.is_dir():
        raise FileError(f"{folder}: must be the folder of stored results; set CCDNI_RESULTS to where they are")
    return folder


def shorten(data: xr.DataArray, bits: int = 13) -> xr.DataArray:
    """Round float32 numbers to ``bits`` of their 23 bits of mantissa, so that they compress."""
    if data.dtype != np.float32:
        return data
    drop = 23 - bits
    as_whole = data.values.view(np.uint32)
    rounded = ((as_whole + (1 << (drop - 1))) >> drop << drop).view(np.float32)
    return data.copy(data=np.where(np.isfinite(data.values), rounded, data.values))
