"""What all commands import, so that a process that is forked from one that has this starts at once."""

import distributed.cli.dask_scheduler
import distributed.cli.dask_worker  # noqa: F401
import h5netcdf  # noqa: F401
import loky  # noqa: F401
import scipy.stats  # noqa: F401
import sklearn.datasets  # noqa: F401
import tqdm.auto  # noqa: F401

import ccdni_lib.cli.app  # noqa: F401
