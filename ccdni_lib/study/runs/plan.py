"""What is to be run: the points of a grid, grouped into jobs, and what the whole run's numbers depend on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...engine.settings import TABLE, Settings
from ...engine.training.identity import Identity, identity_of
from ...tasks import Task
from .job import Job


@dataclass(frozen=True)
class Plan:
    """A run before it is run.

    Attributes:
        task: what is learned.
        points: settings of every point of the grid, the last dimension fastest.
        varied: the grid's dimensions, each with its values; empty for a single run.
        jobs: ensembles to train, by number.
        places: with the number of each job, the places of its points among all.
        identity: all that the run's numbers depend on; it is written into its result.
    """

    task: Task
    points: Sequence[Settings]
    varied: Mapping[str, Sequence[Any]]
    jobs: Mapping[int, Job]
    places: Mapping[int, Sequence[int]]
    identity: Identity

    @property
    def name(self) -> str:
        """Of the task, and of the model or "sweep": what a progress bar is headed with."""
        return f"{self.task.name} {'sweep' if self.varied else self.points[0].model}"

    def label(self, place: int) -> str:
        """What tells one point from the others, as part of a file's name.

        Example:
            >>> from ccdni_lib.tasks import find_task, settings_for
            >>> task = find_task("line-drawing")
            >>> points = [settings_for(task, truncation=t) for t in (1, 2)]
            >>> make_plan(task, points, {"truncation": [1, 2]}).label(1)
            'truncation-2'
        """
        own = ((name, label(getattr(self.points[place], name))) for name in self.varied)
        return "_".join(f"{name.replace('_', '-')}-{value if value != '' else 'none'}" for name, value in own)


def make_plan(
    task: Task,
    points: Sequence[Settings],
    varied: Mapping[str, Sequence[Any]],
    *,
    device: str = "cpu",
    recordings: Sequence[str] = (),
    record_every: int = 1,
    keep_networks: bool = False,
) -> Plan:
    """Group points that can share an ensemble into jobs.

    Args:
        task: what to learn.
        points: settings of every point, in the order of ``varied``.
        varied: dimensions of the grid and their values.
        device: "auto", "cpu", "cuda" or "cuda:N".
        recordings, record_every: see `ccdni_lib.engine.training.loop.Training`.
        keep_networks: whether trained networks are to be saved.
    """
    groups: dict[tuple, list[int]] = {}
    for place, point in enumerate(points):
        shape = tuple(getattr(point, name) for name, about in TABLE.items() if not about.metadata["per_network"])
        groups.setdefault(shape, []).append(place)
    places = dict(enumerate(groups.values()))
    common = identity_of(task, [], recordings, record_every)
    jobs = {}
    for number, group in places.items():
        own = tuple(points[place] for place in group)
        made = {**common, "points": [json.loads(point.to_json()) for point in own]}
        jobs[number] = Job(task, own, tuple(recordings), record_every, device, keep_networks=keep_networks, made=made)
    del common["points"]
    grid = json.loads(points[0].to_json()) | {
        name: [label(value) for value in values] for name, values in varied.items()
    }
    identity = {"task": common.pop("task"), "settings": grid, **common}
    return Plan(task, points, varied, jobs, places, identity)


def label(value: Any) -> Any:
    """A setting as the label of a coordinate.

    Example:
        >>> label(3), label(None), label((1, 2))
        (3, 'none', '1,2')
    """
    return "none" if value is None else ",".join(map(str, value)) if isinstance(value, tuple) else value
