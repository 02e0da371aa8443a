"""Experiments on spatial and forward DNI in feedforward networks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xarray as xr
from tqdm.auto import tqdm

from ...engine.files import FileError
from ..feedforward import load_images, sweep_feedforward, train_forward, train_spatial
from ..feedforward.common import SOURCES, Common
from ..feedforward.forward import ForwardSettings
from ..feedforward.spatial import TEACHERS, SpatialSettings
from ..feedforward.sweep import Train
from .compact import shorten
from .experiment import Deviations, Experiment, Progress, check_budget, deviation

TOLERANCE = 5e-3  # relative and absolute; results are stored with four digits
COMPARED = ("accuracy", "train_error", "alignment", "explained", "activity")


@dataclass(frozen=True)
class FeedforwardExperiment(Experiment):
    """Feedforward networks with a name.

    Attributes:
        train: trains them, at one point of a grid.
        kind: of its settings.
        settings: arguments of ``train``; a list is varied. Where they have no "budget", it is the experiment's.
        sampled: arguments that make a small piece of it instead.
        smaller: by budget, what differs from ``settings``.
        sample_flops: roughly what that piece costs, in floating point operations.
    """

    train: Train
    kind: type[Common]
    settings: Mapping[str, Any]
    sampled: Mapping[str, Any]
    smaller: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    sample_flops: float = 0.0

    @property
    def computed_by(self) -> tuple[str, ...]:
        """The engine, the data, the tasks, and what trains feedforward networks."""
        return SOURCES

    def definition(self, budget: str) -> dict[str, Any]:
        """The arguments of ``train``."""
        check_budget(budget)
        return {"budget": budget, **self.settings, **self.smaller.get(budget, {})}

    def data(self, budget: str = "paper") -> str:
        """What the images are, in a line."""
        given = self.definition(budget)
        return load_images({**self.kind.budgets[given["budget"]], **given}.get("images", self.kind.images)).source

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
        """Train all of it; see `Experiment.run`. What is kept of a stopped run are the points that were finished."""
        settings = self.definition(budget)
        folder = None if whole is None else whole.with_name(f"{whole.name}.parts")
        if folder is not None and folder.exists():
            if overwrite:
                for path in folder.glob("*.nc"):
                    path.unlink()
            elif not resume:
                go_on = "resume it (--resume) or replace it (--overwrite)"
                raise FileError(f"{folder}: holds what a stopped run has done; {go_on}")
        with tqdm(total=1.0, desc=self.name, disable=progress is not True, leave=False) as bar:

            def report(done: float) -> None:
                progress(done) if callable(progress) else bar.update(done - bar.n)

            identity = self.made_from(budget)
            return sweep_feedforward(
                self.train, folder=folder, identity=identity, workers=workers, report=report, **settings
            )

    def compact(self, run: xr.Dataset) -> xr.Dataset:
        """All of it, with four significant digits."""
        return run.map(shorten, keep_attrs=True).assign_attrs(run.attrs)

    def sample(self) -> xr.Dataset:
        """The first looks at a few networks."""
        return sweep_feedforward(self.train, **{**self.definition("paper"), **self.sampled, "device": "cpu"})

    def deviations(self, result: xr.Dataset, sample: xr.Dataset) -> Deviations:
        """Where a sample differs from a stored result, at the batches that both have."""
        found = {}
        for name in COMPARED:
            if name in result:
                old = result[name].sel({dim: sample[dim] for dim in result[name].dims})
                found[name] = deviation(sample[name], old, TOLERANCE, TOLERANCE)
        return {name: apart for name, apart in found.items() if apart is not None}


_CHOICES = {"decoupled": [(), (1,), (2,), (3,), (1, 2, 3)], "teacher": list(TEACHERS)}

FEEDFORWARD = (
    FeedforwardExperiment(
        "spatial-digits",
        "P21 eq. 1 and the idea of Fig. S7: which layers are decoupled, and what they listen to; at teaching size",
        train_spatial,
        SpatialSettings,
        {**_CHOICES, "budget": "quick", "seeds": 10, "batches": 3000, "record_every": 100},
        {"decoupled": [(1, 2, 3)], "teacher": ["learned"], "seeds": 1, "batches": 100},
        {"quick": {"seeds": 4, "batches": 900}, "class": {"seeds": 5}},
        sample_flops=1e9,
    ),
    FeedforwardExperiment(
        "forward-mnist",
        "P20 Fig. 7: losses, activities and the most correlated pairs, at published size",
        train_forward,
        ForwardSettings,
        {},
        {"seeds": 2, "batches": 40},
        sample_flops=20e9,
    ),
)
