"""Stored results: one small NetCDF file in ``book/results`` for each experiment, which chapters and the ledger read.

`make_result` makes it anew from nothing; `Experiment.sample` makes a small piece of it anew, by which a test sees
whether it is still what the engine computes.
"""

from __future__ import annotations

import os
from pathlib import Path

import xarray as xr

from ...engine.files import FileError, make_folder
from ...engine.settings import SettingError
from ..runs.files import compact, load_dataset, results_folder, save_dataset
from ..runs.train import Progress
from .catalogue import find_experiment
from .feedforward import RESULTS


def make_result(
    name: str,
    folder: Path | None = None,
    progress: Progress = True,
    resume: bool = False,
    budget: str = "paper",
    workers: int | None = None,
) -> Path:
    """Run an experiment, measure what is left to measure, and store the compact result; returns the file.

    Args:
        name: of the experiment.
        folder: where to; None is the book's own, which holds the published budget only.
        progress, workers: see `ccdni_lib.sweep`.
        resume: go on where it stopped.
        budget: "quick", "class" or "paper".

    Raises:
        SettingError: when there is no such experiment or budget, or a smaller one would replace the book's results.
    """
    experiment = find_experiment(name)
    if folder is None and budget != "paper" and "CCDNI_RESULTS" not in os.environ:
        raise SettingError(f"budget {budget}: must be paper for the book's results; name another folder")
    folder = results_folder() if folder is None else make_folder(folder)
    whole = folder / f".{name}.whole.nc"  # kept while it is made, so that a stopped run can go on
    options = {"out": whole, "resume": resume, "overwrite": not resume, "workers": workers}
    run = experiment.run(budget, progress, **options)
    if experiment.measure:
        run = experiment.measure(run, experiment.task, progress is True)
    asked = "" if budget == "paper" else f" --budget {budget}"
    result = compact(run).assign_attrs(experiment=name, budget=budget, made_by=f"ccdni results {name}{asked}")
    save_dataset(result, folder / f"{name}.nc")
    whole.unlink()
    return folder / f"{name}.nc"


def load_result(name: str, folder: str | Path | None = None) -> xr.Dataset:
    """The stored result of a named experiment; nothing is trained.

    Args:
        name: of the experiment.
        folder: where results lie; None is ``CCDNI_RESULTS``, or book/results of the project that this package is from.

    Returns:
        The Dataset, with what made it as attributes.

    Raises:
        SettingError: when there is no such experiment.
        FileError: when its file is not there, is damaged, or holds another experiment.

    Example:
        >>> load_result("line-drawing-fresh").sizes["seed"]
        10
        >>> load_result("line-drawings")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        ccdni_lib.engine.settings.SettingError: experiment line-drawings: must be one of line-drawing-grid, ...
    """
    if name not in RESULTS:
        find_experiment(name)
    path = (results_folder() if folder is None else Path(folder)) / f"{name}.nc"
    result = load_dataset(path)
    if result.attrs.get("experiment") != name:
        raise FileError(f"{path}: must hold the result of {name}, and holds {result.attrs.get('experiment')}")
    return result
