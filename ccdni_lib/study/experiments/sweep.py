"""An experiment that sweeps over settings of cortices with a cerebellum."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xarray as xr

from ...engine.training.threads import batch_flops
from ...engine.versions import COMPUTES
from ...tasks import find_task, settings_for
from ...tasks.variables import describe_variables
from ..runs.train import sweep
from .compact import compact
from .experiment import Deviations, Experiment, Progress, check_budget, deviation

PAIR, CEREBELLA, ALL = ("crnn", "ccrnn"), ("ccrnn", "sccrnn"), ("crnn", "ccrnn", "sccrnn")  # models
TEN = {"seeds": list(range(10))}
AMOUNTS = ("epochs", "batches", "validation_size")  # an experiment never takes more of these than at published size
LEARNING = ("train_error", "ataxia_score", "bits_per_word")  # of an epoch; what is measured at the end differs
TOLERANCE, TOLERANCE_RECORDED = 2e-3, 1e-2  # relative; results are stored with four digits


@dataclass(frozen=True)
class SweepExperiment(Experiment):
    """A sweep with a name.

    Attributes:
        task: what is learned.
        models: which are compared.
        settings: what differs from the published settings; a list is varied.
        sampled: one point of the grid that is made anew to check a stored result.
        sampled_epochs: how many of its epochs.
        record: what else is kept, see `ccdni_lib.engine.training.recorders.RECORDINGS`.
        record_every: epochs between two of these recordings.
        smaller: by budget, what differs from ``settings`` beside the size of the networks and of their training, as
            the points of a large grid.
        measure: what is measured once all are trained, and added to the result: takes the run, the task's name
            and whether to show a bar.
    """

    task: str
    models: tuple[str, ...]
    settings: Mapping[str, Any]
    sampled: Mapping[str, Any] = field(default_factory=dict)
    sampled_epochs: int = 3
    record: tuple[str, ...] = ()
    record_every: int = 1
    smaller: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    measure: Callable[[xr.Dataset, str, bool], xr.Dataset] | None = None

    @property
    def computed_by(self) -> tuple[str, ...]:
        """The engine, the data and the tasks; and the measures, if there are some of its own."""
        return (*COMPUTES, "study/measures") if self.measure else COMPUTES

    def settings_at(self, budget: str) -> dict[str, Any]:
        """What differs from the task's published settings at a budget.

        Below "paper" networks are as large, and are trained as long, as by `ccdni_lib.train` at the same budget; but no
        longer than at "paper", and no more of them.

        Raises:
            SettingError: when there is no such budget.

        Example:
            >>> one = SweepExperiment("fresh", "", "line-drawing", PAIR, {"seeds": list(range(100, 110))})
            >>> one.settings_at("quick")  # as of `ccdni train line-drawing --budget quick`
            {'seeds': [100, 101, 102, 103], 'epochs': 100}
        """
        check_budget(budget)
        settings = dict(self.settings)
        if budget == "paper":
            return settings
        task = find_task(self.task)
        for name, value in task.budgets.get(budget, {}).items():
            own = settings.get(name, task.published.get(name))
            if name == "seeds":
                settings["seeds"] = settings["seeds"][:value]
            elif name in AMOUNTS:
                settings[name] = value if own is None else min(own, value)
            elif not isinstance(own, list):
                settings[name] = value
        return settings | dict(self.smaller.get(budget, {}))

    def definition(self, budget: str) -> dict[str, Any]:
        """The task, the models, the settings and what is recorded."""
        recorded = {"record": list(self.record), "record_every": self.record_every}
        return {"task": self.task, "models": list(self.models), **self.settings_at(budget), **recorded}

    def data(self, budget: str = "paper") -> str:
        """What the task's examples are, in a line."""
        return find_task(self.task).data

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
        """Train all of it, and measure what is left to measure; see `Experiment.run`."""
        run = sweep(
            self.task,
            self.models,
            progress=progress,
            record=self.record,
            record_every=self.record_every,
            out=whole,
            resume=resume,
            overwrite=overwrite,
            workers=workers,
            **self.settings_at(budget),
        )
        return self.measure(run, self.task, progress is True) if self.measure else run

    def compact(self, run: xr.Dataset) -> xr.Dataset:
        """What figures need, see `ccdni_lib.study.experiments.compact.compact`."""
        return describe_variables(compact(run), find_task(self.task))

    def sample(self) -> xr.Dataset:
        """The first epochs of the first seed, at one point of the grid."""
        few = {"seeds": self.settings["seeds"][:1], "epochs": self.sampled_epochs}
        return sweep(
            self.task,
            self.models,
            progress=False,
            record=self.record,
            record_every=self.record_every,
            device="cpu",
            **{**self.settings, **self.sampled, **few},
        )

    def deviations(self, result: xr.Dataset, sample: xr.Dataset) -> Deviations:
        """Where a sample differs from a stored result: in errors of each epoch, or in what was recorded."""
        same = result.sel(**self.sampled, seed=sample.seed, epoch=sample.epoch)
        wide = {"bits_per_word": TOLERANCE_RECORDED}  # at one moment of a course that rounding has moved
        found = {
            name: deviation(sample[name], same[name], wide.get(name, TOLERANCE)) for name in LEARNING if name in same
        }
        for name, new in sample.data_vars.items():
            if "recorded_epoch" in new.dims:
                old = same[name].sel(recorded_epoch=sample.recorded_epoch)
                found[str(name)] = deviation(new, old, TOLERANCE_RECORDED, TOLERANCE_RECORDED)
        return {name: apart for name, apart in found.items() if apart is not None}

    @property
    def sample_flops(self) -> float:
        """Roughly what the sample costs, in floating point operations."""
        task, known = find_task(self.task), {**self.settings, **self.sampled}
        lesion = known.get("lesion", "")
        schedules = len(lesion) if isinstance(lesion, list) else 1
        fixed = {name: value for name, value in known.items() if name != "lesion" and not isinstance(value, list)}
        points = [settings_for(task, model=model, **fixed) for model in self.models]
        return sum(self.sampled_epochs * each.batches * schedules * batch_flops(task, each) for each in points)


def lesions(kinds: tuple[str, ...], epochs: tuple[int, ...]) -> list[str]:
    """No lesion, and each kind at each of the epochs.

    Example:
        >>> lesions(("cerebellum", "olive"), (0, 50))
        ['', 'cerebellum@0', 'cerebellum@50', 'olive@0', 'olive@50']
    """
    return ["", *(f"{kind}@{epoch}" for kind in kinds for epoch in epochs)]
