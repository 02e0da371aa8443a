"""A task of your own: `python examples/sine_wave.py` trains it and writes sine_wave.png and sine_wave.html."""

from pathlib import Path

import torch

import ccdni_lib as cc
from ccdni_lib.engine.training.examples import TensorExamples
from ccdni_lib.findings.figures import learning_curves
from ccdni_lib.tasks import Task
from ccdni_lib.teach import task_explorer

PITCHES = (0.5, 1.0, 1.5)  # waves in a sequence


class SineWave(Task):
    """A pitch is heard once, and its sine wave is to be hummed."""

    name, steps, inputs, outputs = "sine-wave", 12, 1, 1
    summary = "a pitch at the first of 12 steps, then silence; hum its sine wave"
    published = {"epochs": 100, "lstm_units": 20, "granule_cells": 80, "learning_rate": 5e-3}
    budgets = {"live": {"seeds": 4, "cerebellum_learning_rate": 1e-3, "clip_norm": 1.0, "clip": "separate"}}
    axes = {"example": ("pitch", PITCHES)}

    def examples(self, part, dtype, device):
        """The same for every part: what is heard, and what is to be hummed; both (pitch, step, 1)."""
        pitch, time = torch.tensor(PITCHES)[:, None], torch.linspace(0, 1, self.steps)
        heard = torch.cat([pitch, torch.zeros(len(PITCHES), self.steps - 1)], dim=1)
        hummed = torch.sin(2 * torch.pi * pitch * time)
        return TensorExamples(*(x[..., None].to(device, dtype) for x in (heard, hummed)))


if __name__ == "__main__":
    run = cc.sweep(SineWave(), truncation=[1, 3, 12], feedback_interval=[1, 2, 4], budget="live")
    print(run.train_error.isel(epoch=-1).mean("seed").sel(feedback_interval=2).to_pandas().round(3))
    learning_curves(run.sel(truncation=3, feedback_interval=2)).figure.savefig("sine_wave.png")
    Path("sine_wave.html").write_text(task_explorer(SineWave(), run, name="sine").html())
