"""Stored results of spatial and forward DNI: what made them, and how to make them anew.

python -m ccdni_lib.study.feedforward_results [NAME …]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xarray as xr

from ..engine.settings import SettingError
from .forward import train_forward
from .spatial import TEACHERS, sweep_spatial
from .store import load_dataset, results_folder, save_dataset, shorten

FOLDER = "feedforward"


@dataclass(frozen=True)
class Result:
    """A result with a name.

    Attributes:
        shows: what it answers to, in words.
        run: makes it.
        arguments: of ``run``.
        sampled: arguments that make a small piece of it instead.
    """

    shows: str
    run: Callable[..., xr.Dataset]
    arguments: Mapping[str, Any]
    sampled: Mapping[str, Any]

    def sample(self) -> xr.Dataset:
        """The first looks at a few networks: what a stored result must still agree with."""
        return self.run(**{**self.arguments, **self.sampled, "device": "cpu"})


_GRID = {"decoupled": [(), (1,), (2,), (3,), (1, 2, 3)], "teachers": list(TEACHERS), "seeds": 10}

RESULTS = {
    "spatial-digits": Result(
        "N eq. 1 and the idea of Fig. S7: which layers are decoupled, and what they listen to; at teaching size",
        sweep_spatial,
        {**_GRID, "batches": 3000, "record_every": 100},
        {"decoupled": [(1, 2, 3)], "teachers": ["learned"], "seeds": 1, "batches": 100},
    ),
    "forward-mnist": Result(
        "I Fig. 7: losses, activities and the most correlated pairs, at published size",
        train_forward,
        {"budget": "paper"},
        {"seeds": 2, "batches": 40},
    ),
}


def stored_feedforward(name: str) -> xr.Dataset:
    """A stored result.

    Raises:
        SettingError: when there is none of that name.
        FileError: when its file is not there.

    Example:
        >>> stored_feedforward("no-such")
        Traceback (most recent call last):
        ...
        ccdni_lib.engine.settings.SettingError: result no-such: must be one of spatial-digits, forward-mnist
    """
    _check(name)
    return load_dataset(results_folder() / FOLDER / f"{name}.nc")


def make_feedforward(name: str, folder: Path | None = None) -> Path:
    """Make a result anew and store it; returns the file.

    Raises:
        SettingError: when there is none of that name.
    """
    _check(name)
    folder = folder or results_folder() / FOLDER
    folder.mkdir(exist_ok=True)
    run = RESULTS[name].run(**RESULTS[name].arguments)
    short = run.map(shorten, keep_attrs=True)
    made_by = f"python -m ccdni_lib.study.feedforward_results {name}"
    save_dataset(short.assign_attrs(run.attrs, experiment=name, made_by=made_by), folder / f"{name}.nc")
    return folder / f"{name}.nc"


def _check(name: str) -> None:
    if name not in RESULTS:
        raise SettingError(f"result {name}: must be one of {', '.join(RESULTS)}")


if __name__ == "__main__":
    for each in sys.argv[1:] or RESULTS:
        print(each, make_feedforward(each), flush=True)
