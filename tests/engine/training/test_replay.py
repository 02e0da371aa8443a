"""A recorded update does what the update does."""

from __future__ import annotations

import pytest
import torch

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

    asking, plain = train(Asking()), train(LineDrawing())
    assert asking._update.graph is None
    torch.testing.assert_close(asking.network.weights.flat, plain.network.weights.flat)


def test_elsewhere_nothing_is_recorded():
    ensemble = train(LineDrawing(), epochs=1, device="cpu")
    assert not isinstance(ensemble._update, replay.Replay)
