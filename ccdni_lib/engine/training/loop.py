"""A training run: epochs, recordings, checkpoints, and the Dataset that comes of it."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import xarray as xr
from jaxtyping import Bool, Float
from torch import Tensor

from ..settings import SettingError, Settings
from .checkpoint import load_checkpoint, save_checkpoint
from .ensemble import Ensemble
from .examples import Trainable
from .identity import Identity, identity_of
from .recorders import BINS, DIMS, record, recorded_examples
from .threads import threads_worth, update_flops

Report = Callable[[float], None]
SAVE_EVERY = float(os.environ.get("CCDNI_SAVE_EVERY", "30"))  # seconds from one checkpoint to the next
_LOG = "log."


class Interrupted(KeyboardInterrupt):
    """Training was stopped.

    Attributes:
        finished: Dataset of the epochs that were done; None where several ensembles were under way.
    """

    def __init__(self, finished: xr.Dataset | None = None, what: str = ""):
        super().__init__(what or (f"stopped after epoch {finished.sizes['epoch']}" if finished else "stopped"))
        self.finished = finished

    def __reduce__(self) -> tuple:
        return type(self), (self.finished, str(self))


class Training:
    """One ensemble on its way through its epochs.

    A network whose errors are no numbers any more has diverged: it is NaN from there on, and the others go on.

    Args:
        task: what to learn.
        points: settings that can train side by side (see `Ensemble`).
        device: where to compute.
        recordings: kinds of `RECORDINGS` to keep.
        record_every: epochs between recordings; the first is made before training.
        checkpoint: file to save to once in a while, when stopped, and at the end; None saves nothing. Whoever gave
            it removes it once the result is safe.
        identity: what the numbers depend on, if it was found out elsewhere; by default as it is here.

    Raises:
        SettingError: when there is something to record of sequences that differ in length.

    Example:
        >>> from ccdni_lib.tasks import find_task, settings_for
        >>> task = find_task("line-drawing")
        >>> training = Training(task, [settings_for(task, "live", epochs=2)])
        >>> training.run().train_error.shape  # one point, five seeds, two epochs
        (1, 5, 2)
    """

    def __init__(
        self,
        task: Trainable,
        points: Sequence[Settings],
        *,
        device: torch.device | str = "cpu",
        recordings: Sequence[str] = (),
        record_every: int = 1,
        checkpoint: Path | None = None,
        identity: Identity | None = None,
    ):
        self.ensemble = Ensemble(task, points, device)
        if recordings and self.ensemble.training.lengths is not None:
            raise SettingError(
                f"record {','.join(recordings)}: must be left out for {task.name}: sequences differ in length"
            )
        self.task, self.points, self.checkpoint = task, list(points), checkpoint
        self.recordings, self.record_every = list(recordings), record_every
        self.identity = identity or identity_of(task, points, recordings, record_every)
        self.epochs, E = points[0].epochs, len(self.ensemble)
        self._flops = update_flops(task, points[0], E)
        self.log = {
            "train_error": torch.full((self.epochs, E), torch.nan),
            "validation_error": torch.full((self.epochs, E, task.steps), torch.nan),
        }
        self.recorded: dict[str, list[Tensor]] = {}
        self.recorded_epochs: list[int] = []
        self.seconds = 0.0

    def resume(self) -> None:
        """Go on from the checkpoint, if there is one.

        Raises:
            FileError: when it is not ours, damaged, or made with something else.
        """
        if self.checkpoint is None or not self.checkpoint.exists():
            return
        tensors, notes = load_checkpoint(self.checkpoint, self.identity)
        own = self.ensemble.state()
        self.ensemble.restore({name: tensors.pop(name).to(x.device) for name, x in own.items()})
        for name in [name for name in tensors if name.startswith(_LOG)]:
            self._note(name.removeprefix(_LOG), slice(self.ensemble.epoch), tensors.pop(name))
        self.recorded = {name: list(x) for name, x in tensors.items()}
        self.recorded_epochs, self.seconds = notes["recorded_epochs"], notes["seconds"]

    def branch(
        self, points: Sequence[Settings], checkpoint: Path | None = None, identity: Identity | None = None
    ) -> Training:
        """A training that has the same past and goes another way from here, as if it had gone it from the start.

        Args:
            points: one for each of this training's; they differ from those in lesions that are still to come.
            checkpoint, identity: of the new training.

        Raises:
            ValueError: when the points would have made another past.

        Example:
            >>> from ccdni_lib.tasks import find_task, settings_for
            >>> task = find_task("line-drawing")
            >>> whole, lesioned = (settings_for(task, "live", epochs=4, lesion=x) for x in ("", "cerebellum@2"))
            >>> trunk = Training(task, [whole])
            >>> _ = trunk.run(until=2)
            >>> branch = trunk.branch([lesioned]).run()
            >>> bool((branch.train_error == Training(task, [lesioned]).run().train_error).all())
            True
        """
        begun = self.ensemble.epoch + (self.ensemble.batch > 0)  # epochs, the one under way too
        for mine, theirs in zip(self.points, points, strict=True):
            past = [mine.switches(epoch) == theirs.switches(epoch) for epoch in range(begun)]
            if replace(mine, lesion=theirs.lesion) != theirs or not all(past):
                raise ValueError("the points of a branch must differ in lesions to come only")
        other = Training(
            self.task,
            points,
            device=self.ensemble.device,
            recordings=self.recordings,
            record_every=self.record_every,
            checkpoint=checkpoint,
            identity=identity,
        )
        other.ensemble.restore(self.ensemble.state())
        other.log = {name: values.clone() for name, values in self.log.items()}
        before = [place for place, epoch in enumerate(self.recorded_epochs) if epoch < begun]
        other.recorded = {name: [rows[place] for place in before] for name, rows in self.recorded.items()}
        other.recorded_epochs = [self.recorded_epochs[place] for place in before]
        return other

    def run(
        self, report: Report | None = None, stop: Callable[[], bool] | None = None, until: int | None = None
    ) -> xr.Dataset:
        """Train to the last epoch, or to an earlier one.

        Args:
            report: called after every batch with the number of epochs done, fractions included.
            stop: asked after every batch whether to stop.
            until: how many epochs to have done in the end; None for all.

        Raises:
            Interrupted: when stopped, or on Ctrl-C; what was done is in the checkpoint, and in the exception.
        """
        with threads_worth(self._flops, self.ensemble.device):
            return self._run(report, stop, until)

    def _run(self, report: Report | None, stop: Callable[[], bool] | None, until: int | None) -> xr.Dataset:
        begun = time.perf_counter() - self.seconds
        saved = time.perf_counter()
        with _interrupts() as interrupted:
            while self.ensemble.epoch < (self.epochs if until is None else until):
                if self.ensemble.batch == 0:
                    self._record()
                for _ in self.ensemble.train():
                    self.seconds = time.perf_counter() - begun
                    if self.ensemble.batch == 0:
                        self._log()
                    if report is not None:
                        report(self.ensemble.epoch + self.ensemble.batch / self.points[0].batches)
                    if interrupted.is_set() or (stop is not None and stop()):
                        self.save()
                        raise Interrupted(self.dataset())
                    if self.checkpoint is not None and time.perf_counter() - saved > SAVE_EVERY:
                        self.save()
                        saved = time.perf_counter()
            self._record()
        if self.ensemble.epoch == self.epochs:
            self.save()  # what is measured at the end may take long, and its result must be safe first
        return self.dataset()

    def dataset(self) -> xr.Dataset:
        """What there is so far, with dims point, seed, epoch (1 is after the first), time, example, axis."""
        done, task = self.ensemble.epoch, self.task
        data = {
            name: self._split(values[:done].movedim(1, 0), "epoch", *["time"] * (values.ndim - 2))
            for name, values in self.log.items()
        }
        data["taught"] = self._split(self.ensemble.taught, "time").isel(seed=0, drop=True).astype(bool)
        if task.keeps_outputs:
            output, target = self.ensemble.respond(recorded_examples(self.ensemble))
            data["output"] = self._split(output.transpose(1, 2), "example", "time", "axis")
            dims = ("example", "time", "axis")[: target.ndim - 1]
            data["target"] = xr.DataArray(target[0].transpose(0, 1).cpu().numpy(), dims=dims)
        asked = self.ensemble.step_share
        if asked is not None:
            data["asked"] = xr.DataArray(asked.cpu().numpy(), dims="time")
        if task.has_test and done == self.epochs:
            for name, values in self._measured("test").items():
                data[name] = self._split(values, *["time"] * (values.ndim - 1))
        if done == self.epochs:
            for name, (dims, values) in task.final(self.ensemble).items():
                data[name] = self._split(values, *dims)
        for name, rows in self.recorded.items():
            data[name] = self._split(torch.stack(rows, dim=1), "recorded_epoch", *DIMS[name])
        coords = {"seed": list(self.points[0].seeds), "epoch": np.arange(1, done + 1), "time": np.arange(task.steps)}
        if self.recorded:
            coords["recorded_epoch"] = self.recorded_epochs
            coords["cut"] = np.arange(0, task.steps, self.points[0].truncation)
        if "coupling_histogram" in self.recorded:
            coords["r"] = (np.arange(BINS) + 0.5) * 2 / BINS - 1  # middles of the bins
        diverged = self.log["train_error"][:done].isnan().any(0).sum().item() if done else 0
        attrs = {
            "identity": json.dumps(self.identity),
            "epochs_asked": self.epochs,
            "diverged": int(diverged),
            "seconds": round(self.seconds, 3),
            "device": _device_name(self.ensemble.device),
            "threads": torch.get_num_threads(),
        }
        return xr.Dataset(data, coords, attrs)

    def _split(self, values: Tensor, *dims: str) -> xr.DataArray:
        """From ``(E, …)`` to dims point, seed and those given."""
        values = values.detach().cpu().unflatten(0, (len(self.points), -1))
        return xr.DataArray(values.numpy(), dims=("point", "seed", *dims))

    def _record(self) -> None:
        epoch = self.ensemble.epoch
        if self.recordings and epoch % self.record_every == 0 and epoch not in self.recorded_epochs:
            self.recorded_epochs.append(epoch)
            for what in self.recordings:
                for name, values in record(self.ensemble, what).items():
                    self.recorded.setdefault(name, []).append(values.cpu())

    def _log(self) -> None:
        """Write down an epoch that has ended, and take diverged networks out."""
        values = {"train_error": self.task.error_factor * self.ensemble.train_error} | self._measured("validation")
        diverged = ~(values["train_error"].isfinite() & values["validation_error"].isfinite().all(1))
        if diverged.any():
            for weight in self.ensemble.network.weights.values():
                weight[diverged] = torch.nan
        for name, x in values.items():
            self._note(name, self.ensemble.epoch - 1, _without(x, diverged))

    def _measured(self, part: str) -> dict[str, Tensor]:
        """Error of every step, and the task's scores; NaN for networks that have diverged."""
        losses, scores = self.ensemble.validate(part)
        diverged = ~losses.isfinite().all(1)
        own = {f"{part}_error": self.task.error_factor * losses} | {f"{part}_{name}": x for name, x in scores.items()}
        return {name: _without(x, diverged) for name, x in own.items()}

    def _note(self, name: str, epochs: int | slice, values: Tensor) -> None:
        if name not in self.log:
            self.log[name] = torch.full((self.epochs, len(self.ensemble)), torch.nan)
        self.log[name][epochs] = values.cpu().to(self.log[name].dtype)

    def save(self) -> None:
        """Write the checkpoint, if there is to be one."""
        if self.checkpoint is None:
            return
        done = self.ensemble.epoch
        tensors = self.ensemble.state() | {name: torch.stack(values) for name, values in self.recorded.items()}
        tensors |= {f"{_LOG}{name}": values[:done] for name, values in self.log.items()}
        notes = {"recorded_epochs": self.recorded_epochs, "seconds": self.seconds}
        save_checkpoint(self.checkpoint, self.identity, tensors, notes)


def _without(values: Float[Tensor, "E ..."], diverged: Bool[Tensor, " E"]) -> Float[Tensor, "E ..."]:
    return values.masked_fill(diverged.view(-1, *[1] * (values.ndim - 1)), torch.nan)


@contextmanager
def _interrupts() -> Iterator[threading.Event]:
    """Turn Ctrl-C into an event, so that it takes effect between two batches; a second one interrupts at once."""
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    before = signal.getsignal(signal.SIGINT)

    def note(number: int, frame: object) -> None:
        asked.set()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, note)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)


def _device_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
