"""Results on disk: NetCDF files, written whole, read back with everything that made them."""

from __future__ import annotations

import hashlib
from pathlib import Path

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
    # In memory first: where the disk fills under its hands, HDF5 ends the process with a segmentation fault.
    content = bytes(dataset.to_netcdf(engine="h5netcdf", encoding=packed))
    sealed = content + _SEAL + hashlib.sha256(content).hexdigest().encode()
    write_whole(path, lambda beside: beside.write_bytes(sealed), within)


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
