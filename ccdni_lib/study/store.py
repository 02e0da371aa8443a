"""Results on disk: NetCDF files, written whole, read back with everything that made them."""

from __future__ import annotations

from pathlib import Path

import xarray as xr

from ..engine.files import FileError, write_whole


def save_dataset(dataset: xr.Dataset, path: str | Path) -> None:
    """Write a Dataset to a NetCDF file, compressed, whole or not at all.

    Raises:
        FileError: when the folder does not exist or cannot be written.
    """
    packed = {name: {"zlib": True, "shuffle": True} for name, data in dataset.data_vars.items() if data.ndim}
    write_whole(path, lambda beside: dataset.to_netcdf(beside, engine="h5netcdf", encoding=packed))


def load_dataset(path: str | Path) -> xr.Dataset:
    """Read a Dataset that `save_dataset` wrote, into memory.

    Raises:
        FileError: when there is no such file, or it is no result of ours.
    """
    if not Path(path).is_file():
        raise FileError(f"{path}: there is no such file")
    try:
        dataset = xr.load_dataset(path, engine="h5netcdf")
    except Exception as error:  # h5py has many ways to say that a file is damaged
        raise FileError(f"{path}: cannot be read as a result, it is damaged or not NetCDF ({error})") from error
    if "source_revision" not in dataset.attrs:
        raise FileError(f"{path}: is NetCDF, but not a result of ccdni_lib")
    return dataset
