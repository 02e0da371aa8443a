"""Stored results of spatial and forward DNI: what made them, and how to make them anew.

python -m ccdni_lib.study.experiments.feedforward [NAME …]
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xarray as xr

from ...engine.settings import SettingError
from ..feedforward.forward import train_forward
from ..feedforward.spatial import TEACHERS, sweep_spatial
from ..runs.files import results_folder, save_dataset, shorten
from .experiment import BUDGETS


@dataclass(frozen=True)
class Result:
    """A result with a name.

    Attributes:
        shows: what it answers to, in words.
        run: makes it.
        arguments: of ``run``.
        sampled: arguments that make a small piece of it instead.
        budgets: what "quick" and "class" change in ``arguments``.
    """

    shows: str
    run: Callable[..., xr.Dataset]
    arguments: Mapping[str, Any]
    sampled: Mapping[str, Any]
    budgets: Mapping[str, Mapping[str, Any]]

    def sample(self) -> xr.Dataset:
        """The first looks at a few networks: what a stored result must still agree with."""
        return self.run(**{**self.arguments, **self.sampled, "device": "cpu"})


_GRID = {"decoupled": [(), (1,), (2,), (3,), (1, 2, 3)], "teachers": list(TEACHERS), "seeds": 10}

RESULTS = {
    "spatial-digits": Result(
        "P21 eq. 1 and the idea of Fig. S7: which layers are decoupled, and what they listen to; at teaching size",
        sweep_spatial,
        {**_GRID, "batches": 3000, "record_every": 100},
        {"decoupled": [(1, 2, 3)], "teachers": ["learned"], "seeds": 1, "batches": 100},
        {"quick": {"seeds": 2, "batches": 100}, "class": {"seeds": 4, "batches": 1000}},
    ),
    "forward-mnist": Result(
        "P20 Fig. 7: losses, activities and the most correlated pairs, at published size",
        train_forward,
        {"budget": "paper"},
        {"seeds": 2, "batches": 40},
        {"quick": {"budget": "quick", "seeds": 2, "batches": 300}, "class": {"budget": "class", "seeds": 4}},
    ),
}


def make_feedforward(name: str, folder: Path | None = None, budget: str = "paper") -> Path:
    """Make a result anew and store it; returns the file.

    Args:
        name: of the result.
        folder: where to; None is the book's own, which holds the published budget only.
        budget: "quick", "class" or "paper".

    Raises:
        SettingError: when there is no such result or budget, or a smaller one would replace the book's results.
    """
    _check(name)
    if budget not in BUDGETS:
        raise SettingError(f"budget {budget}: must be one of {', '.join(BUDGETS)} for an experiment")
    if folder is None and budget != "paper" and "CCDNI_RESULTS" not in os.environ:
        raise SettingError(f"budget {budget}: must be paper for the book's results; name another folder")
    folder = folder or results_folder()
    folder.mkdir(exist_ok=True)
    result = RESULTS[name]
    run = result.run(**{**result.arguments, **result.budgets.get(budget, {})})
    made_by = f"ccdni results {name}"
    about = {"experiment": name, "made_by": made_by} | ({"budget": budget} if budget != "paper" else {})
    save_dataset(run.map(shorten, keep_attrs=True).assign_attrs(run.attrs | about), folder / f"{name}.nc")
    return folder / f"{name}.nc"


def _check(name: str) -> None:
    if name not in RESULTS:
        raise SettingError(f"result {name}: must be one of {', '.join(RESULTS)}")


if __name__ == "__main__":
    for each in sys.argv[1:] or RESULTS:
        print(each, make_feedforward(each), flush=True)
