"""Stored results: one small NetCDF file for each experiment, which chapters, figures and the ledger read.

A file states the experiment, its budget, the revision of the sources and all that was trained (`Experiment.made_from`),
so that none is taken for another.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import xarray as xr

from ...engine.files import FileError, make_folder
from ...engine.settings import SettingError
from ...engine.training.identity import first_difference
from ..runs.files import load_dataset, save_dataset
from .catalogue import find_experiment
from .experiment import Experiment, Progress, check_budget


class MissingResult(FileError):
    """There is no stored result of an experiment."""


def load_result(name: str, folder: str | Path | None = None) -> xr.Dataset:
    """The stored result of a named experiment; nothing is trained.

    Args:
        name: of the experiment.
        folder: where results lie; None is `results_folder`.

    Returns:
        The Dataset, with what made it as attributes.

    Raises:
        SettingError: when there is no such experiment.
        MissingResult: a FileError, when its file is not there.
        FileError: when it is damaged, or holds another experiment.

    Example:
        >>> load_result("line-drawing-fresh").sizes["seed"]
        10
        >>> load_result("line-drawings")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        ccdni_lib.engine.settings.SettingError: experiment line-drawings: must be one of line-drawing-grid, ...
    """
    find_experiment(name)
    path = result_path(name, folder)
    if not path.exists():
        raise MissingResult(f"{path}: there is no such file")
    result = load_dataset(path)
    if result.attrs.get("experiment") != name:
        raise FileError(f"{path}: must hold the result of {name}, and holds {result.attrs.get('experiment')}")
    return result


def make_result(
    name: str,
    folder: str | Path | None = None,
    budget: str = "paper",
    *,
    resume: bool = False,
    overwrite: bool = False,
    workers: int | None = None,
    progress: Progress = True,
) -> Path:
    """Run an experiment, and store what figures need of it; a stored result is replaced once the new one is whole.

    Args:
        name: of the experiment.
        folder: where to; None is `results_folder`, where the book's own are.
        budget: of `ccdni_lib.study.experiments.experiment.EXPERIMENT_BUDGETS`.
        resume: go on where a run was stopped; a result that is there, and was made with the same, is left as it is.
        overwrite: discard what a stopped run has left.
        workers, progress: see `ccdni_lib.sweep`.

    Returns:
        The file.

    Raises:
        SettingError: when there is no such experiment or budget, or a smaller one would replace the book's results.
        FileError: when a stopped run has left something, and neither ``resume`` nor ``overwrite`` is given.
    """
    experiment = find_experiment(name)
    check_budget(budget)
    if folder is None and budget != "paper" and "CCDNI_RESULTS" not in os.environ:
        raise SettingError(f"budget {budget}: must be paper for the book's results; name another folder")
    path = result_path(name, None if folder is None else make_folder(folder))
    whole = path.with_name(f".{name}.whole.nc")  # kept while it is made, so that a stopped run can go on
    parts = whole.with_name(f"{whole.name}.parts")
    if not (resume and difference_of(path, experiment, budget) == ""):
        made_from = experiment.made_from(budget)  # before it runs: sources may be edited meanwhile
        run = experiment.run(
            budget, progress=progress, whole=whole, resume=resume, overwrite=overwrite, workers=workers
        )
        about = {name: made_from[name] for name in ("experiment", "budget", "source_revision", "data")}
        option = "" if budget == "paper" else f" --budget {budget}"
        about |= {"made_by": f"ccdni results {name}{option}", "made_from": json.dumps(made_from)}
        save_dataset(experiment.compact(run).assign_attrs(about), path, make_folder(parts))
    whole.unlink(missing_ok=True)
    shutil.rmtree(parts, ignore_errors=True)
    return path


def make_results(
    names: Iterable[str],
    folder: str | Path,
    budget: str,
    *,
    workers: int | None = None,
    progress: Progress = False,
    report: Callable[[str], object] = str,
) -> list[Path]:
    """Make those results that a folder lacks; what a stopped run has left there is gone on with.

    Args:
        names: of experiments.
        folder: where to; it is made where it is missing.
        budget: of `ccdni_lib.study.experiments.experiment.EXPERIMENT_BUDGETS`.
        workers, progress: see `ccdni_lib.sweep`.
        report: called with the name of each experiment before it is run.

    Returns:
        The files, in the order of the names.

    Raises:
        SettingError: when there is no such experiment or budget.
        FileError: when a file in the folder is damaged, or was made at another budget, by other sources, or with
            anything else that differs: it is neither used nor replaced.
    """
    check_budget(budget)
    folder, paths = make_folder(folder), []
    chosen = [find_experiment(name) for name in names]
    for experiment in chosen:
        path = result_path(experiment.name, folder)
        difference = difference_of(path, experiment, budget)
        if difference:
            raise FileError(f"{path}: must not be used, made with {difference}; delete it or name another folder")
    for experiment in chosen:
        if not result_path(experiment.name, folder).exists():
            report(experiment.name)
        paths.append(make_result(experiment.name, folder, budget, resume=True, workers=workers, progress=progress))
    return paths


def difference_of(path: Path, experiment: Experiment, budget: str) -> str | None:
    """What a stored result was made with that would be otherwise now, in words; empty if nothing, None without a file.

    Args:
        path: of the file.
        experiment, budget: what it is to hold.

    Raises:
        FileError: when it is damaged, or the experiment's data are not at hand.
    """
    if not path.exists():
        return None
    made_from = json.loads(load_dataset(path).attrs.get("made_from", "{}"))
    return first_difference(made_from, json.loads(json.dumps(experiment.made_from(budget)))) or ""


def missing_results(names: Iterable[str], folder: str | Path | None = None) -> list[str]:
    """Which of these experiments have no stored result.

    Raises:
        FileError: when there is no such folder.

    Example:
        >>> missing_results(["line-drawing-grid", "captions"])
        []
    """
    return [name for name in names if not result_path(name, folder).exists()]


def result_path(name: str, folder: str | Path | None = None) -> Path:
    """Where the result of an experiment is stored.

    Raises:
        FileError: when there is no folder of stored results.
    """
    return (results_folder() if folder is None else Path(folder)) / f"{name}.nc"


def results_folder() -> Path:
    """Where stored results lie: ``CCDNI_RESULTS``, or book/results of the project that this package belongs to.

    Raises:
        FileError: when there is no such folder.
    """
    named, own = os.environ.get("CCDNI_RESULTS"), Path(__file__).parents[3] / "book" / "results"
    folder = Path(named) if named else own
    if not folder.is_dir():
        raise FileError(f"{folder}: {WHERE_RESULTS_ARE}")
    return folder


WHERE_RESULTS_ARE = (
    "must be the folder of stored results, which are in book/results of the repository: clone it, or set CCDNI_RESULTS "
    "to where they are"
)
