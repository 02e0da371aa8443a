"""A task's checksum and parameters: what keeps results on other data apart."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch

import ccdni_lib.data.digits as data
from ccdni_lib.engine.training.examples import TensorExamples
from ccdni_lib.tasks import TASKS, Task, find_task


class Waves(Task):
    """A task of one's own: an example a frequency, its amplitude a parameter."""

    name, steps, inputs, outputs = "waves", 6, 1, 1

    def __init__(self, amplitude=1.0, shift=0.0):
        self.amplitude, self._shift, self.table = amplitude, shift, {"not": "plain"}

    def examples(self, part, dtype, device):
        time = torch.arange(6, dtype=dtype, device=device)[None, :, None]
        wave = self.amplitude * torch.sin(time * torch.arange(1, 4, device=device)[:, None, None])
        return TensorExamples(torch.ones_like(wave), wave + self._shift)


class WithLengths(Waves):
    """Sequences that end early."""

    def __init__(self, last):
        super().__init__()
        self._last = last

    def examples(self, part, dtype, device):
        examples = super().examples(part, dtype, device)
        examples.lengths = torch.tensor([6, 5, self._last])
        return examples


def test_tells_what_differs_and_not_what_rounding_makes():
    first = Waves().checksum
    assert len(first) == 12
    assert first == Waves().checksum
    assert first == Waves(1 + 1e-15).checksum == Waves(shift=1e-15).checksum
    different = [Waves(1.001), Waves(2.0), Waves(shift=1e-3), Waves(-1.0), WithLengths(4), WithLengths(3)]
    assert len({first, *(task.checksum for task in different)}) == 7


@pytest.mark.parametrize("value", [1.0, 0.5, 10.0, 0.1, 1 / 3, 7 / 27, 1e-3, -2.0, 0.0])
def test_numbers_that_mean_something_lie_off_the_borders_of_rounding(value):
    """A machine whose last digits differ agrees: every number of a task, a few units in the last place off."""

    class Constant(Waves):
        def examples(self, part, dtype, device):
            wave = super().examples(part, dtype, device).inputs * self._shift
            wave[0, 0] = 1.0
            return TensorExamples(wave, torch.linspace(-1, 1, 18, dtype=dtype).reshape(3, 6, 1))

    last = np.spacing(value if value else 1e-17)
    assert len({Constant(shift=value + few * last).checksum for few in range(-8, 9)}) == 1


def test_is_kept_but_does_not_travel():
    """A worker must tell of the examples that it finds itself."""
    task = Waves()
    before = task.checksum
    task._shift = 5.0
    assert task.checksum == before
    copy = pickle.loads(pickle.dumps(task))
    assert copy.amplitude == 1.0
    assert copy.checksum == Waves(shift=5.0).checksum != before


def test_every_task_and_variant_has_its_own():
    names = [name for name in TASKS if name != "captions"]
    names += ["target-reaching:targets=9", "target-reaching:inputs=2", "target-reaching:inputs=28"]
    checksums = {name: find_task(name).checksum for name in names}
    assert len(set(checksums.values())) == len(names)


def test_digits_tell_mnist_from_what_stands_in(monkeypatch):
    small = data._load_small("what stands in")
    changed = replace(small, training_labels=small.training_labels.flip(0))
    checksums = set()
    for digits in (small, changed):
        monkeypatch.setattr("ccdni_lib.tasks.digits.load_digits", lambda digits=digits: digits)
        checksums |= {find_task(name).checksum for name in ("seqmnist", "ld-seqmnist")}
    assert len(checksums) == 4


def test_parameters_are_plain_and_tell_objects_of_one_name_apart():
    assert Waves(2.0).parameters == {"steps": 6, "inputs": 1, "outputs": 1, "amplitude": 2.0}
    assert find_task("target-reaching:inputs=2").parameters["inputs"] == 2

    class Slow(Waves):
        noise, marks = 0.5, (1, 2)

    assert Slow().parameters["noise"] == 0.5
    assert Slow().parameters["marks"] == [1, 2]
