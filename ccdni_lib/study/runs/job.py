"""A job: one ensemble to train, with all that its numbers depend on and the folder that keeps what it has done."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from ...engine.files import write_whole
from ...engine.networks.network import Network
from ...engine.settings import Settings
from ...engine.training.identity import Identity, identity_of
from ...engine.training.loop import Training
from ...tasks import Task

Report = Callable[[float], None]
Stop = Callable[[], bool]


@dataclass(frozen=True)
class Job:
    """One ensemble to train.

    Attributes:
        task: what to learn.
        points: settings that can train side by side.
        recordings, record_every: see `Training`.
        device: "auto", "cpu", "cuda" or "cuda:N"; "auto" is decided where the job runs.
        folder: where the job keeps what it has done, to go on from; None keeps nothing. It belongs to this job alone.
        keep_networks: whether the trained networks are written to the folder, a file for each point.
        made: identity, where it is known already.
    """

    task: Task
    points: tuple[Settings, ...]
    recordings: tuple[str, ...] = ()
    record_every: int = 1
    device: str = "cpu"
    folder: Path | None = None
    keep_networks: bool = False
    made: Identity | None = field(default=None, repr=False)

    @cached_property
    def identity(self) -> Identity:
        """All that the numbers of this job depend on, as it was where the job was made: it travels with the job."""
        return self.made or identity_of(self.task, self.points, self.recordings, self.record_every)

    def with_points(self, points: Sequence[Settings]) -> Job:
        """The same job for some other points."""
        points = tuple(points)
        own = [json.loads(point.to_json()) for point in points]
        return replace(self, points=points, made={**self.identity, "points": own})

    @property
    def updates(self) -> int:
        """Updates of all networks together: what the job costs, roughly."""
        one = self.points[0]
        return len(self.points) * len(one.seeds) * one.epochs * one.batches

    def training(self, name: str = "checkpoint") -> Training:
        """The training of this job, going on from its checkpoint if there is one.

        Args:
            name: of the checkpoint in the job's folder.

        Raises:
            FileError: when the checkpoint cannot be used.
        """
        training = Training(
            self.task,
            self.points,
            device=self.device,
            recordings=self.recordings,
            record_every=self.record_every,
            checkpoint=self.file(name),
            identity=self.identity,
        )
        training.resume()
        return training

    def file(self, name: str) -> Path | None:
        """A file in the job's folder; None where it keeps nothing."""
        return None if self.folder is None else self.folder / name

    def save_networks(self, network: Network, places: Sequence[int] | None = None) -> None:
        """Write trained networks, a file for each point, with task, settings, data and what the task notes of them.

        Args:
            network: of the points, each with all of its seeds.
            places: of these points among the job's; by default all.
        """
        if self.folder is None or not self.keep_networks:
            return
        places = range(len(self.points)) if places is None else places
        for number, place in enumerate(places):
            point = self.points[place]
            own = network.subset(range(number * len(point.seeds), (number + 1) * len(point.seeds)))
            about = {"task": self.task.name, "data": self.task.data, "settings": json.loads(point.to_json())}
            write_whole(
                self.folder / networks_name(place),
                lambda beside, own=own, about=about: own.save(beside, **about, notes=self.task.notes()),
            )


def networks_name(place: int) -> str:
    """Name of the file with the networks of one of a job's points.

    Example:
        >>> networks_name(0)
        'networks-0.safetensors'
    """
    return f"networks-{place}.safetensors"
