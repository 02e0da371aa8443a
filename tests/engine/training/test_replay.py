"""A recorded update does what the update does."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext

import pytest
import torch

from ccdni_lib.engine.learning.rule import Batch
from ccdni_lib.engine.networks.losses import squared_distance
from ccdni_lib.engine.training import replay
from ccdni_lib.engine.training.ensemble import Ensemble
from ccdni_lib.tasks import find_task, settings_for
from ccdni_lib.tasks.lines import LineDrawing

SMALL = {"seeds": 2, "lstm_units": 6, "granule_cells": 9, "batches": 4, "batch_size": 8}


def train(task, epochs=3, device="cuda", **settings):
    ensemble = Ensemble(task, [settings_for(task, **{**SMALL, **settings})], device)
    for _ in range(epochs):
        list(ensemble.train())
    return ensemble


@pytest.mark.cuda
@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("line-drawing", {}),
        ("line-drawing", {"model": "crnn"}),
        ("line-drawing", {"update": "truncation", "truncation": 3, "model": "sccrnn"}),
        ("line-drawing", {"lesion": "olive@1-2", "clip": "separate"}),
        ("line-drawing", {"predictor": "oracle", "truncation": 3}),
        ("target-reaching:inputs=28", {}),
        ("ld-seqmnist", {}),
        ("seqmnist", {"input_dropout": 0.5}),
    ],
)
def test_what_is_replayed_is_what_would_be_done(name, settings, monkeypatch):
    recorded = train(find_task(name), **settings)
    assert recorded._update.graph is not None
    monkeypatch.setattr(replay, "WARM_UP", 1000)
    done = train(find_task(name), **settings)
    assert done._update.graph is None
    assert torch.equal(recorded.network.weights.flat, done.network.weights.flat)
    assert torch.equal(recorded.train_error, done.train_error)
    assert torch.equal(recorded.optimiser.counts, done.optimiser.counts)


@pytest.mark.cuda
def test_goes_on_from_a_state_bit_for_bit():
    whole, first = train(LineDrawing(), epochs=4), train(LineDrawing(), epochs=2)
    second = train(LineDrawing(), epochs=1)
    second.restore(first.state())
    for _ in range(2):
        list(second.train())
    assert torch.equal(whole.network.weights.flat, second.network.weights.flat)


@pytest.mark.cuda
def test_a_loss_that_asks_for_numbers_is_not_recorded():
    class Asking(LineDrawing):
        @staticmethod
        def loss(output, target):
            loss, slope = squared_distance(output, target)
            return loss * (loss.sum().item() > 0), slope

    with pytest.warns(UserWarning, match="an update cannot be recorded as a CUDA graph"):
        asking = train(Asking())
    plain = train(LineDrawing())
    assert asking._update.graph is None
    torch.testing.assert_close(asking.network.weights.flat, plain.network.weights.flat)


class Graph:
    """Stands for CUDA's graphs where there is no GPU: it replays what was done while it was recorded."""

    def __init__(self):
        self.replays = 0

    def replay(self):
        self.replays += 1


@pytest.fixture
def streams(monkeypatch):
    """CUDA without a device; a list of what ends a recording with an error: CUDA's word that it has been broken."""
    broken = []

    @contextmanager
    def graph(graph, stream, capture_error_mode):
        try:
            yield
        finally:
            if broken:
                raise torch.AcceleratorError(broken[0])

    for name, stands_in in {
        "CUDAGraph": Graph,
        "graph": graph,
        "Stream": lambda device: None,
        "current_stream": lambda device: None,
        "stream": lambda stream: nullcontext(),
    }.items():
        monkeypatch.setattr(torch.cuda, name, stands_in)
    return broken


BATCH = Batch(torch.ones(1, 10, 3, 1), torch.ones(1, 10, 3, 2), torch.ones(1, 10, 1), size=3)


def replaying(error):
    """Work that fails while it is recorded, and how often it was done."""
    done = []

    def work(batch):
        done.append(batch)
        if len(done) == replay.WARM_UP + 1 and error is not None:
            raise error
        return batch.targets.sum()

    return replay.Replay(work), done


def test_is_recorded_once_after_the_first_few(streams):
    add, done = replaying(None)
    for _ in range(5):
        assert add(BATCH).item() == 60
    assert len(done) == replay.WARM_UP + 1
    assert add.graph.replays == 3


@pytest.mark.parametrize("end", [None, "CUDA error: operation failed due to a previous error during capture"])
@pytest.mark.parametrize(
    "sentence",
    [
        "CUDA error: operation not permitted when stream is capturing\nCompile with TORCH_USE_CUDA_DSA",
        "Cannot copy between CPU and CUDA tensors during CUDA graph capture unless the CPU tensor is pinned.",
    ],
)
def test_what_cannot_be_captured_is_done_as_it_comes_and_told_once(streams, sentence, end):
    streams[:] = [end] if end else []
    add, done = replaying(RuntimeError(sentence))
    for _ in range(replay.WARM_UP):
        add(BATCH)
    with pytest.warns(UserWarning, match="an update cannot be recorded as a CUDA graph") as told:
        results = [add(BATCH).item() for _ in range(4)]
    assert results == [60] * 4
    assert len(told) == 1
    assert sentence.partition("\n")[0] in str(told[0].message)
    assert "\n" not in str(told[0].message)
    assert add.graph is None
    assert len(done) == replay.WARM_UP + 1 + 4


@pytest.mark.parametrize("end", [None, "CUDA error: operation failed due to a previous error during capture"])
@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB while capturing a graph"),
        RuntimeError("The size of tensor a (3) must match the size of tensor b (4)"),
        torch.AcceleratorError("CUDA error: an illegal memory access was encountered"),
        ValueError("a mistake of the task"),
        KeyboardInterrupt(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_every_other_error_is_raised(streams, error, end):
    streams[:] = [end] if end else []
    add, _ = replaying(error)
    for _ in range(replay.WARM_UP):
        add(BATCH)
    with pytest.raises(type(error)) as caught:
        add(BATCH)
    assert caught.value is error


def test_a_code_outweighs_words(streams):
    """An error that has CUDA's code is known by it: 2 is out of memory, whatever its text speaks of."""
    error = torch.AcceleratorError("CUDA error: out of memory while capturing")
    error.error_code = 2
    add, _ = replaying(error)
    for _ in range(replay.WARM_UP):
        add(BATCH)
    with pytest.raises(torch.AcceleratorError):
        add(BATCH)


def test_elsewhere_nothing_is_recorded():
    ensemble = train(LineDrawing(), epochs=1, device="cpu")
    assert not isinstance(ensemble._update, replay.Replay)
