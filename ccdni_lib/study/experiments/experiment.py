"""What an experiment is: something that is trained under a name, in three sizes, and of which a small piece can be."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from ...engine.settings import SettingError
from ...engine.versions import COMPUTES, PACKAGE, hash_of_sources

EXPERIMENT_BUDGETS = {
    "quick": "the size of train --budget quick, all experiments within an hour on two cores",
    "class": "that of train --budget class, hours",
    "paper": "that of the book, a day",
}
RESULT_BUDGETS = ("stored", *EXPERIMENT_BUDGETS)  # stored: the results that are there
Progress = bool | Callable[[float], None]
Deviations = dict[str, float]  # variable → its largest deviation, relative to the stored value


@dataclass(frozen=True)
class Experiment(ABC):
    """What is trained under a name; the kinds of it are `SweepExperiment` and `FeedforwardExperiment`.

    Attributes:
        name: of the experiment and of its file.
        shows: which published figures it answers to, in words.
    """

    name: str
    shows: str

    @property
    def computed_by(self) -> tuple[str, ...]:
        """Folders of the package whose sources its numbers depend on."""
        return COMPUTES

    @abstractmethod
    def definition(self, budget: str) -> dict[str, Any]:
        """All that is trained at a budget, as JSON can hold it.

        Raises:
            SettingError: when there is no such budget.
        """

    @abstractmethod
    def data(self, budget: str = "paper") -> str:
        """What the examples are that are at hand, in a line; empty where they are made up.

        Raises:
            FileError: when they are not at hand.
        """

    @abstractmethod
    def run(
        self,
        budget: str = "paper",
        *,
        progress: Progress = True,
        whole: Path | None = None,
        resume: bool = False,
        overwrite: bool = False,
        workers: int | None = None,
    ) -> xr.Dataset:
        """Train all of it, and measure what is left to measure.

        Args:
            budget: of `EXPERIMENT_BUDGETS`.
            progress: show a bar; or a function that is called with the share that is done, 0 … 1.
            whole: file for what is done, so that a stopped run can go on; None keeps nothing.
            resume: go on with what a stopped run has left there.
            overwrite: discard what a stopped run has left there.
            workers: processes; None uses one a core where there is enough to do.

        Raises:
            SettingError: when there is no such budget.
            FileError: when a stopped run has left something, and neither ``resume`` nor ``overwrite`` is given.
        """

    @abstractmethod
    def compact(self, run: xr.Dataset) -> xr.Dataset:
        """What is stored of a run."""

    @abstractmethod
    def sample(self) -> xr.Dataset:
        """A small piece, trained anew on the CPU: what a stored result must still agree with."""

    @abstractmethod
    def deviations(self, result: xr.Dataset, sample: xr.Dataset) -> Deviations:
        """Which variables of a sample differ from a stored result by more than rounding, and how far; empty if none."""

    @property
    @abstractmethod
    def sample_flops(self) -> float:
        """Roughly what the sample costs, in floating point operations."""

    def made_from(self, budget: str) -> dict[str, Any]:
        """All that its numbers depend on, as JSON can hold it; it is stored with them, and compared.

        Raises:
            SettingError: when there is no such budget.
            FileError: when its data are not at hand.
        """
        revision = hash_of_sources(PACKAGE, self.computed_by)
        named = {"experiment": self.name, "budget": budget, "source_revision": revision}
        return named | {"definition": self.definition(budget), "data": self.data(budget)}


def check_budget(budget: str) -> None:
    """Complain about a budget that experiments do not have.

    Example:
        >>> check_budget("live")
        Traceback (most recent call last):
        ...
        ccdni_lib.engine.settings.SettingError: budget live: must be one of quick, class, paper for an experiment
    """
    if budget not in EXPERIMENT_BUDGETS:
        raise SettingError(f"budget {budget}: must be one of {', '.join(EXPERIMENT_BUDGETS)} for an experiment")


def deviation(new: xr.DataArray, old: xr.DataArray, relative: float, absolute: float = 0.0) -> float | None:
    """The largest deviation of new numbers from old ones, relative to these; None where all agree.

    Args:
        new, old: with the same dims, in any order; NaN agrees with NaN.
        relative, absolute: what may differ, as in `numpy.allclose`.

    Example:
        >>> new, old = (xr.DataArray(x, dims="seed") for x in ([1.0, 2.2], [1.0, 2.0]))
        >>> deviation(new, old, 0.2), round(deviation(new, old, 0.01), 6)
        (None, 0.1)
    """
    old = old.transpose(*new.dims)
    if np.allclose(new, old, relative, absolute, equal_nan=True):
        return None
    return float(np.nanmax(abs(new.values - old.values) / abs(old.values)))
