"""Threads: one for small networks, all for large ones, and afterwards as many as before."""

from __future__ import annotations

import queue
import threading

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

import ccdni_lib as cc
from ccdni_lib.engine.training.ensemble import Ensemble
from ccdni_lib.engine.training.loop import Training
from ccdni_lib.engine.training.threads import batch_flops, threads_worth
from ccdni_lib.tasks import find_task, settings_for


@pytest.fixture(autouse=True)
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    assert torch.get_num_threads() == 2
    torch.set_num_threads(before)


def training(task, **settings):
    task = find_task(task)
    return Training(task, [settings_for(task, epochs=1, batches=1, **settings)])


@pytest.mark.parametrize(
    ("task", "settings", "threads"),
    [
        ("line-drawing", {"seeds": 1}, 1),
        ("line-drawing", {"seeds": 10}, 2),
        ("line-drawing", {"seeds": 10, "model": "crnn"}, 1),
        ("target-reaching", {"seeds": 10}, 1),
    ],
)
def test_a_training_uses_the_threads_that_it_is_worth(task, settings, threads):
    assert training(task, **settings).run().attrs["threads"] == threads


def test_what_learns_after_each_truncation_does_less_at_a_time():
    whole, online = ({"seeds": 10, "update": update} for update in ("sequence", "truncation"))
    assert training("line-drawing", **whole).run().attrs["threads"] == 2
    assert training("line-drawing", **online).run().attrs["threads"] == 1


def test_threads_stay_as_they_are_where_another_device_computes():
    with threads_worth(1e6, "cuda"):
        assert torch.get_num_threads() == 2
    with threads_worth(1e6, "cpu"):
        assert torch.get_num_threads() == 1


class Worker(threading.Thread):
    """A Python thread that enters and leaves a block when it is told to."""

    def __init__(self, flops=1e6):
        super().__init__(daemon=True)
        self.steps, self.seen, self.flops = queue.Queue(), queue.Queue(), flops
        self.start()

    def run(self):
        self.steps.get()
        with threads_worth(self.flops):
            self.seen.put(torch.get_num_threads())
            self.steps.get()
        self.seen.put(torch.get_num_threads())

    def go_on(self):
        self.steps.put(None)
        return self.seen.get(timeout=60)


@pytest.mark.parametrize("order", ["first", "last"])
def test_blocks_that_overlap_leave_as_many_threads_as_before(order):
    """Whoever leaves first: both go back to two, and so does a Python thread that begins afterwards."""
    one, other = Worker(), Worker()
    assert one.go_on() == other.go_on() == 1
    for worker in (one, other) if order == "first" else (other, one):
        assert worker.go_on() == 2
    later = Worker(flops=1e12)
    assert later.go_on() == later.go_on() == 2


def test_a_large_training_beside_a_small_one_has_all_threads():
    small, large = Worker(), Worker(flops=1e12)
    assert small.go_on() == 1
    assert large.go_on() == 2
    assert small.go_on() == large.go_on() == 2


def test_blocks_may_lie_in_each_other():
    with threads_worth(1e6):
        with threads_worth(1e12):
            assert torch.get_num_threads() == 2
        assert torch.get_num_threads() == 1
        with threads_worth(1e6):
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 1


def test_threads_are_given_back_when_training_is_stopped():
    with pytest.raises(cc.Interrupted):
        training("line-drawing", seeds=1).run(stop=lambda: True)


@pytest.mark.parametrize("model", ["crnn", "ccrnn"])
@pytest.mark.parametrize("task", ["line-drawing", "dd-seqmnist"])
def test_operations_are_those_that_pytorch_counts(task, model):
    task = find_task(task)
    settings = settings_for(task, model=model, seeds=3, batches=1)
    with FlopCounterMode(display=False) as counter:
        for _ in Ensemble(task, [settings]).train():
            pass
    assert counter.get_total_flops() == 3 * batch_flops(task, settings)
