"""What holds for every task: the engine learns it as the literal reference does, and it can be learned."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

import ccdni_lib as cc
from ccdni_lib.engine.learning.reference import Reference
from ccdni_lib.engine.randomness import Purpose, generator
from ccdni_lib.engine.training.ensemble import Ensemble
from ccdni_lib.engine.training.loop import Training
from ccdni_lib.tasks import TASKS, find_task, settings_for

TESTED = [name if name != "captions" else "captions:images=20" for name in TASKS]  # few images: a CNN looks at each
SMALL = {"lstm_units": 7, "granule_cells": 15, "batches": 2, "batch_size": 6, "precision": "float64", "seeds": (4, 9)}
VARIANTS = [*TESTED, "target-reaching:targets=9", "target-reaching:inputs=2", "target-reaching:inputs=28"]


def class_loss(output, target):
    return cross_entropy(output.transpose(1, 2), target, reduction="none")


def learn_captions(reference, ensemble, index, dropout):
    """One batch, the longest captions first, as their numbers of dropout come."""
    lengths = ensemble.training.lengths[index]
    order = torch.sort(lengths, descending=True, stable=True).indices
    shown, y = ensemble.training.at(torch.from_numpy(index)[order])
    lengths, p = lengths[order], ensemble.shared.input_dropout
    kept = dropout.random((ensemble.task.steps, len(index), ensemble.shared.lstm_units), dtype=np.float32) >= p
    steps = int(lengths.max())
    x = [shown.features, *shown.words.T[1:steps]]
    there = (lengths > torch.arange(steps)[:, None]).double()
    reference.learn(x, y.T[:steps], there, class_loss, lengths, torch.from_numpy(kept[:steps]) / (1 - p))


@pytest.mark.parametrize("model", ["crnn", "ccrnn", "sccrnn"])
@pytest.mark.parametrize("update", ["sequence", "truncation"])
@pytest.mark.parametrize("name", VARIANTS)
def test_an_epoch_is_that_of_the_reference(name, update, model):
    """Ragged truncations (3 divides neither 10 nor 28), K = 4; the same draws and noise, each network by itself."""
    task = find_task(name)
    settings = settings_for(task, model=model, update=update, truncation=3, cerebellum_init="random", **SMALL)
    ensemble = Ensemble(task, [settings])
    network, taught = ensemble.network, ensemble.taught[0]
    senses = [network.embedding_to_torch(place) if task.words else (None, None) for place in range(2)]
    references = [
        Reference(
            *network.to_torch(place),
            truncation=3,
            online=update == "truncation",
            learning_rate=settings.learning_rate,
            betas=(settings.beta1, settings.beta2),
            epsilon=settings.epsilon,
            clip_norm=settings.clip_norm,
            wiring=None if network.wiring is None else network.wiring[place],
            image=senses[place][0],
            words=senses[place][1],
        )
        for place in range(2)
    ]
    for reference, seed in zip(references, settings.seeds, strict=True):
        noise, dropout = generator(seed, Purpose.NOISE, 0), generator(seed, Purpose.DROPOUT, 0)
        for index in task.draw(generator(seed, Purpose.EXAMPLES, 0), settings.batches, settings.batch_size):
            if task.words:
                learn_captions(reference, ensemble, index, dropout)
                continue
            x, y = (value.transpose(0, 1) for value in ensemble.training.at(torch.from_numpy(index)))
            if task.noise:
                x = x + torch.from_numpy(task.noise * noise.standard_normal(x.shape))
            reference.learn(x, y, taught, class_loss if name == "seqmnist" else None)
    for _ in ensemble.train():
        pass
    for place, reference in enumerate(references):
        theirs = torch.cat([p.detach().flatten() for p in [*reference.cortical, *reference.cerebellar]])
        lstm, readout, cerebellum = ensemble.network.to_torch(place)
        embedding = ensemble.network.embedding_to_torch(place) if task.words else ()
        modules = [lstm, readout, *embedding, *filter(None, [cerebellum])]
        ours = torch.cat([p.detach().flatten() for module in modules for p in module.parameters()])
        torch.testing.assert_close(ours, theirs, rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize("name", ["target-reaching:inputs=2", "ld-seqmnist", "captions:images=20"])
def test_a_network_with_batches_of_its_own_is_the_same_alone_and_among_others(name):
    task = find_task(name)
    shared = {**SMALL, "model": "ccrnn", "truncation": 3}
    varied = [{"learning_rate": 1e-3}, {"learning_rate": 1e-2}]
    together = Ensemble(task, [settings_for(task, **shared, **own) for own in varied])
    alone = Ensemble(task, [settings_for(task, **{**shared, "seeds": (9,)}, **varied[1])])
    for ensemble in (together, alone):
        for _ in range(2):
            for _ in ensemble.train():
                pass
    for name, weight in alone.network.weights.items():
        torch.testing.assert_close(together.network.weights[name][3], weight[0], rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("model", ["crnn", "ccrnn", "sccrnn"])
@pytest.mark.parametrize("name", TESTED)
def test_every_task_can_be_learned(name, model):
    """In a small budget, with full backpropagation through time, the error falls well below a constant's."""
    task = find_task(name)
    many = {"batches": 60, "epochs": 10} if task.finite else {"batches": 60, "epochs": 6, "validation_size": 200}
    fast = {"lstm_units": 24, "learning_rate": 1e-2, "clip_norm": 1.0, "clip": "separate"}
    fast |= {} if model == "crnn" else {"granule_cells": 40}
    interval = {} if "feedback_interval" in task.unused else {"feedback_interval": 1}
    run = cc.train(
        task,
        model,
        seeds=2,
        truncation=task.steps,
        batch_size=30,
        device="cpu",
        progress=False,
        **many,
        **fast,
        **interval,
    )
    if task.words:  # a word costs less than where only its frequency is known
        counts = np.array([sum(map(len, task.corpus.training.captions)), *task.corpus.vocabulary.counts])
        constant = -(counts / counts.sum() * np.log2(counts / counts.sum())).sum()
        assert (run.bits_per_word.isel(epoch=-1) < 0.6 * constant).all(), (run.bits_per_word.values, constant)
        return
    taught = task.taught_steps(1) > 0
    few = task.examples("validation", torch.float64, torch.device("cpu"))
    _, targets = few.at(torch.arange(min(len(few), 200)))
    if name == "seqmnist":
        constant = np.log(10)
    else:
        spread = ((targets - targets.mean(0)) ** 2).sum(-1).mean(0)  # of the best constant at each step
        constant = task.error_factor * spread.numpy()[taught].mean()
    error = run.validation_error.isel(epoch=-1, time=np.flatnonzero(taught)).mean("time")
    assert (error < 0.6 * constant).all(), (error.values, constant)


@pytest.mark.parametrize("name", TESTED)
def test_a_run_that_was_stopped_goes_on_to_the_same_end(name, tmp_path):
    task = find_task(name)
    few = {**SMALL, "epochs": 3, "validation_size": 20, "progress": False, "device": "cpu"}
    whole = cc.train(task, "ccrnn", **few)
    out = tmp_path / "run.nc"
    points = [settings_for(task, model="ccrnn", **{k: v for k, v in few.items() if k not in ("progress", "device")})]
    first = Training(task, points, checkpoint=out)
    count = iter(range(100))
    with pytest.raises(KeyboardInterrupt):
        first.run(stop=lambda: next(count) == 2)
    again = Training(task, points, checkpoint=out)
    again.resume()
    np.testing.assert_array_equal(again.run().validation_error[0], whole.validation_error)


def test_what_is_recorded_must_have_an_end_in_common():
    few = {**SMALL, "epochs": 1, "progress": False, "device": "cpu"}
    with pytest.raises(cc.SettingError, match="record coupling: must be left out for captions:images=20"):
        cc.train("captions:images=20", "ccrnn", record=["coupling"], **few)
