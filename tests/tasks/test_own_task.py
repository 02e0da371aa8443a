"""A task of one's own: what it leaves out is decided well, and what it says in the plain way works."""

from __future__ import annotations

import pytest
import torch

from ccdni_lib.engine.networks.losses import cross_entropy, squared_distance
from ccdni_lib.engine.training.ensemble import Ensemble
from ccdni_lib.engine.training.examples import TensorExamples
from ccdni_lib.engine.training.threads import batch_flops
from ccdni_lib.tasks import Task, settings_for

SMALL = {"seeds": 2, "lstm_units": 6, "granule_cells": 9, "batches": 3, "batch_size": 8, "precision": "float64"}


class Echo(Task):
    """Tones are heard once, and are to be given back."""

    name, steps, inputs, outputs = "echo", 5, 1, 1

    def __init__(self, tones):
        self.tones = tones

    def examples(self, part, dtype, device):
        tones = torch.linspace(-1, 1, self.tones, dtype=dtype, device=device)[:, None, None]
        heard = torch.cat([tones, torch.zeros(self.tones, 4, 1, dtype=dtype, device=device)], dim=1)
        return TensorExamples(heard, tones.expand(-1, 5, 1))


def trained(task, **settings):
    ensemble = Ensemble(task, [settings_for(task, **{**SMALL, **settings})])
    for _ in range(2):
        list(ensemble.train())
    return ensemble


@pytest.mark.parametrize(("tones", "size", "weighted"), [(8, 8, True), (9, 8, False), (5000, 8, False), (5, 50, True)])
def test_few_examples_run_weighted_and_many_one_by_one(tones, size, weighted):
    """So an update costs what the smaller of the two does: 5,000 examples do not run once for each batch of eight."""
    task = Echo(tones)
    settings = settings_for(task, **{**SMALL, "batch_size": size})
    assert Ensemble(task, [settings]).batches.weighted == weighted
    rows = min(tones, size)
    one = batch_flops(Echo(1), settings_for(task, **{**SMALL, "batch_size": 1}))
    assert batch_flops(task, settings) == rows * one


@pytest.mark.parametrize("tones", [5, 30])
def test_both_ways_learn_the_same(tones):
    """With eight sequences a batch: five examples run weighted unless told otherwise, and thirty do not."""
    decided, told = Echo(tones), Echo(tones)
    told.finite = tones == 30
    one, other = trained(decided), trained(told)
    assert one.batches.weighted != other.batches.weighted
    torch.testing.assert_close(one.network.weights.flat, other.network.weights.flat, rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(one.train_error, other.train_error)


@pytest.mark.parametrize("noisy", [True, False])
def test_examples_that_are_altered_when_drawn_run_one_by_one(noisy):
    task = Echo(3)
    task.noise = 0.1 if noisy else 0.0
    assert not trained(task, input_dropout=0.0 if noisy else 0.5).batches.weighted


class Letters(Echo):
    """Which tone it was."""

    outputs = 3
    loss = cross_entropy

    def examples(self, part, dtype, device):
        heard = super().examples(part, dtype, device).inputs
        return TensorExamples(heard, torch.arange(3, device=device)[:, None].expand(3, 5))


def test_a_loss_may_stand_in_the_class_as_it_is():
    assert Letters(3).loss is cross_entropy
    assert bool((trained(Letters(3)).train_error < 2).all())


def test_a_loss_may_be_written_in_any_of_the_usual_ways():
    class Plain(Echo):
        def loss(output, target):
            return squared_distance(output, target)

    class Static(Echo):
        @staticmethod
        def loss(output, target):
            return squared_distance(output, target)

    class Method(Echo):
        def loss(self, output, target):
            return squared_distance(output, target)

    class Inherited(Plain):
        name = "inherited"

    expected = trained(Echo(5)).network.weights.flat
    for kind in (Plain, Static, Method, Inherited):
        assert torch.equal(trained(kind(5)).network.weights.flat, expected)
