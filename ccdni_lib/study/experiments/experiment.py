"""An experiment: a sweep with a name, in three sizes, with a piece of it by which a stored result is checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import xarray as xr

from ...engine.settings import SettingError
from ..runs.train import Progress, sweep

BUDGETS = ("quick", "class", "paper")
PAIR, ALL = ("crnn", "ccrnn"), ("crnn", "ccrnn", "sccrnn")  # models
TEN = {"seeds": list(range(10))}


@dataclass(frozen=True)
class Experiment:
    """A sweep with a name.

    Attributes:
        name: of the experiment and of its file.
        shows: which published figures it answers to, in words.
        task: what is learned.
        models: which are compared.
        settings: what differs from the published settings; a list is varied.
        sampled: one point of the grid that is made anew to check a stored result.
        sampled_epochs: how many of its epochs.
        record: what else is kept, see `ccdni_lib.engine.training.recorders.RECORDINGS`.
        record_every: epochs between two of these recordings.
        budgets: what "quick" and "class" change in ``settings``.
        measure: what is measured once all are trained, and added to the result: takes the run, the task's name
            and whether to show a bar.
    """

    name: str
    shows: str
    task: str
    models: tuple[str, ...]
    settings: Mapping[str, Any]
    sampled: Mapping[str, Any] = field(default_factory=dict)
    sampled_epochs: int = 3
    record: tuple[str, ...] = ()
    record_every: int = 1
    budgets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    measure: Callable[[xr.Dataset, str, bool], xr.Dataset] | None = None

    def run(self, budget: str = "paper", progress: Progress = True, **options: Any) -> xr.Dataset:
        """Train all of it.

        Args:
            budget: "quick", "class" or "paper".
            progress: see `ccdni_lib.train`.
            options: of `ccdni_lib.sweep`.

        Raises:
            SettingError: when there is no such budget.
        """
        if budget not in BUDGETS:
            raise SettingError(f"budget {budget}: must be one of {', '.join(BUDGETS)} for an experiment")
        settings = {**self.settings, **self.budgets.get(budget, {})}
        kept = {"record": self.record, "record_every": self.record_every}
        return sweep(self.task, self.models, progress=progress, **{**settings, **kept, **options})

    def sample(self, epochs: int | None = None) -> xr.Dataset:
        """The first epochs of the first seed, at one point of the grid: what a stored result must still agree with."""
        few = {"seeds": self.settings["seeds"][:1], "epochs": epochs or self.sampled_epochs}
        return self.run(progress=False, **{**self.sampled, **few})


def lesions(kinds: tuple[str, ...], epochs: tuple[int, ...]) -> list[str]:
    """No lesion, and each kind at each of the epochs.

    Example:
        >>> lesions(("cerebellum", "olive"), (0, 50))
        ['', 'cerebellum@0', 'cerebellum@50', 'olive@0', 'olive@50']
    """
    return ["", *(f"{kind}@{epoch}" for kind in kinds for epoch in epochs)]
