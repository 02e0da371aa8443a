"""Named experiments: which settings make which published figure, and the stored results that chapters show.

A stored result is one small NetCDF file in ``book/results``. `make_result` makes it anew from nothing; `sample` makes a
small piece of it anew, by which a test sees whether it is still what the engine computes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xarray as xr

from ..engine.settings import SettingError
from .runs import Progress, sweep
from .store import compact, load_dataset, results_folder, save_dataset


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
    """

    name: str
    shows: str
    task: str
    models: tuple[str, ...]
    settings: Mapping[str, Any]
    sampled: Mapping[str, Any] = field(default_factory=dict)
    sampled_epochs: int = 3

    def run(self, budget: str = "paper", progress: Progress = True, **options: Any) -> xr.Dataset:
        """Train all of it. ``options`` go to `sweep`."""
        return sweep(self.task, self.models, budget=budget, progress=progress, **{**self.settings, **options})

    def sample(self, epochs: int | None = None) -> xr.Dataset:
        """The first epochs of the first seed, at one point of the grid: what a stored result must still agree with."""
        few = {"seeds": self.settings["seeds"][:1], "epochs": epochs or self.sampled_epochs}
        return sweep(self.task, self.models, progress=False, **{**self.settings, **self.sampled, **few})


_ALL = ("crnn", "ccrnn", "sccrnn")
_TEN = {"seeds": list(range(10))}
_HORIZONS = {"truncation": [2, 3, 4, 5, 7]}  # I SM A.1

EXPERIMENTS = {
    experiment.name: experiment
    for experiment in (
        Experiment(
            "line-drawing-grid",
            "N Fig. 2b–d and 3a: line drawing over horizons and feedback intervals",
            "line-drawing",
            ("crnn", "ccrnn"),
            {"truncation": [1, 2, 3, 5, 10], "feedback_interval": [1, 2, 3, 4, 5], "seeds": list(range(10))},
            {"truncation": 1, "feedback_interval": 2},
        ),
        Experiment(
            "line-drawing-fresh",
            "N Fig. 2b, c once more, with ten other seeds",
            "line-drawing",
            ("crnn", "ccrnn"),
            {"seeds": list(range(100, 110))},
        ),
        *(
            Experiment(name, shows, f"target-reaching{variant}", _ALL, _TEN | _HORIZONS, {"truncation": 3})
            for name, variant, shows in (
                ("reaching", "", "I Fig. 2b–d and S9: target reaching over horizons"),
                ("reaching-3", ":targets=3", "I Fig. S8a: target reaching, 3 targets"),
                ("reaching-9", ":targets=9", "I Fig. S8b: target reaching, 9 targets"),
                ("reaching-2d", ":inputs=2", "I Fig. S8c: target reaching, two noisy inputs"),
                ("reaching-28d", ":inputs=28", "I Fig. S8d: target reaching, 28 noisy inputs"),
            )
        ),
        *(
            Experiment(task, shows, task, _ALL, _TEN, sampled_epochs=1)
            for task, shows in (
                ("ld-seqmnist", "N Fig. 4, S2; I Fig. 3: lines to a digit's place"),
                ("dd-seqmnist", "N Fig. 4, S2; I Fig. 3: drawing a digit"),
                ("c-seqmnist", "I Fig. 3 (there T = 5), at N's T = 3: a digit's place at the end"),
                ("seqmnist", "N Fig. S2; I Fig. 3: naming a digit"),
            )
        ),
        Experiment(
            "ld-seqmnist-grid",
            "N Fig. 4d, S3, S4; I Fig. 3, S10: horizons and intervals, at teaching size (not published size)",
            "ld-seqmnist",
            ("crnn", "ccrnn"),
            {"truncation": [1, 2, 3, 4, 5, 7, 10], "feedback_interval": [1, 2, 4, 7, 14], "seeds": list(range(3))}
            | {"epochs": 8, "batches": 240, "learning_rate": 1e-3, "validation_size": 2000},
            {"truncation": 3, "feedback_interval": 4},
            sampled_epochs=1,
        ),
    )
}


def find_experiment(name: str) -> Experiment:
    """The experiment of that name.

    Raises:
        SettingError: when there is none.
    """
    if name not in EXPERIMENTS:
        raise SettingError(f"experiment {name}: must be one of {', '.join(EXPERIMENTS)}")
    return EXPERIMENTS[name]


def make_result(name: str, folder: Path | None = None, progress: Progress = True, resume: bool = False) -> Path:
    """Run an experiment with the published budget and store the compact result; returns the file.

    Raises:
        SettingError: when there is no such experiment.
    """
    experiment = find_experiment(name)
    folder = folder or results_folder()
    whole = folder / f".{name}.whole.nc"  # kept while it is made, so that a stopped run can go on
    run = experiment.run(progress=progress, out=whole, resume=resume, overwrite=not resume)
    result = compact(run).assign_attrs(experiment=name, made_by=f"ccdni results {name}")
    save_dataset(result, folder / f"{name}.nc")
    whole.unlink()
    return folder / f"{name}.nc"


def stored(name: str) -> xr.Dataset:
    """A stored result.

    Raises:
        FileError: when it is not there.
    """
    return load_dataset(results_folder() / f"{find_experiment(name).name}.nc")
