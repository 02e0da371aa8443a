"""Networks side by side: each is what it would be alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ccdni_lib.engine.learning.reference import Reference
from ccdni_lib.engine.randomness import Purpose, generator
from ccdni_lib.engine.settings import SettingError
from ccdni_lib.engine.training.ensemble import Ensemble
from ccdni_lib.tasks import find_task, settings_for

TASK = find_task("line-drawing")
SMALL = {"lstm_units": 8, "granule_cells": 16, "batches": 4, "precision": "float64"}


def trained(points, epochs=2):
    ensemble = Ensemble(TASK, points)
    for _ in range(epochs):
        for _ in ensemble.train():
            pass
    return ensemble


def weights(ensemble, index):
    return torch.cat([weight[index].flatten() for weight in ensemble.network.weights.values()])


VARIED = [
    {},
    {"feedback_interval": 3},
    {"learning_rate": 3e-3},
    {"cerebellum_learning_rate": 1e-4},
    {"terminal_feedback": True},
    {"feedback_scale": 0.5},
    {"lesion": "cerebellum@1"},
    {"lesion": "olive@0"},
    {"bias_factor": 0.5},
]


@pytest.mark.parametrize("model", ["ccrnn", "sccrnn"])
@pytest.mark.parametrize("update", ["sequence", "truncation"])
def test_a_network_is_the_same_alone_and_among_others(model, update):
    shared = {"model": model, "update": update, "seeds": (2, 5), "truncation": 3, **SMALL}
    together = trained([settings_for(TASK, **shared, **own) for own in VARIED])
    for place, own in enumerate(VARIED):
        alone = trained([settings_for(TASK, **{**shared, **own, "seeds": (5,)})])
        torch.testing.assert_close(weights(together, 2 * place + 1), weights(alone, 0), rtol=1e-7, atol=1e-9)


def test_the_whole_course_is_that_of_the_reference():
    """Same draws, batches of 50 written out, one network at a time: training errors and weights agree."""
    settings = settings_for(TASK, seeds=(3,), truncation=3, **SMALL)
    ensemble = Ensemble(TASK, [settings])
    reference = Reference(*ensemble.network.to_torch(0), truncation=3, betas=(0.9, 0.98), epsilon=1e-9, clip_norm=1.0)
    for epoch in range(3):
        errors = []
        for index in TASK.draw(generator(3, Purpose.EXAMPLES, epoch), settings.batches, settings.batch_size):
            x, y = (value.transpose(0, 1) for value in ensemble.training.at(torch.from_numpy(index)))
            errors.append(reference.learn(x, y, ensemble.taught[0]))
        for _ in ensemble.train():
            pass
        assert ensemble.train_error.item() == pytest.approx(np.mean(errors) / 5, rel=1e-9)
    theirs = torch.cat([p.detach().flatten() for p in [*reference.cortical, *reference.cerebellar]])
    ours = torch.cat([p.flatten() for module in ensemble.network.to_torch(0) for p in module.parameters()])
    torch.testing.assert_close(ours, theirs, rtol=1e-8, atol=1e-10)


def test_silenced_inputs_need_examples_that_are_drawn_anew():
    task = find_task("line-drawing")
    sentence = "input_dropout 0.1 of line-drawing: must be 0 for a task with finite examples"
    with pytest.raises(SettingError, match=sentence):
        Ensemble(task, [settings_for(task, "live", input_dropout=0.1)])


def test_networks_of_different_shape_do_not_train_side_by_side():
    with pytest.raises(ValueError, match="truncation"):
        Ensemble(TASK, [settings_for(TASK, truncation=1), settings_for(TASK, truncation=2)])


@pytest.mark.parametrize("lesion", ["", "olive@1", "cerebellum@1-2"])
@pytest.mark.parametrize("stop", [1, 3, 4, 6])
def test_goes_on_from_a_state_bit_for_bit(lesion, stop):
    settings = settings_for(TASK, seeds=2, lesion=lesion, **SMALL | {"precision": "float32"})
    whole, first = Ensemble(TASK, [settings]), Ensemble(TASK, [settings])
    for _ in range(3):
        list(whole.train())
    done = 0
    while done < stop:
        for _ in first.train():
            done += 1
            if done == stop:
                break
    second = Ensemble(TASK, [settings])
    second.restore(first.state())
    while second.epoch < 3:
        list(second.train())
    assert torch.equal(whole.network.weights.flat, second.network.weights.flat)
    assert torch.equal(whole.train_error, second.train_error)


def test_validation_counts_every_step_and_every_example():
    ensemble = Ensemble(TASK, [settings_for(TASK, seeds=2, **SMALL)])
    losses, scores = ensemble.validate()
    assert scores == {}
    output, _ = ensemble.respond(torch.arange(7))
    targets = ensemble.validation.targets
    expected = (output.permute(0, 2, 1, 3) - targets).square().sum(-1).mean(1)
    torch.testing.assert_close(losses, expected)


@pytest.mark.cuda
def test_trains_on_cuda_as_on_the_cpu():
    settings = settings_for(TASK, seeds=3, **SMALL)
    results = []
    for device in ("cpu", "cuda"):
        ensemble = Ensemble(TASK, [settings], device)
        for _ in range(2):
            list(ensemble.train())
        results.append(ensemble.network.weights.flat.cpu())
    torch.testing.assert_close(*results)
