"""A run: what it records, that it can be stopped and resumed, and what happens to networks that diverge."""

from __future__ import annotations

import json
import os
import signal
import threading
import time

import numpy as np
import pytest
import torch

from ccdni_lib.engine.files import FileError
from ccdni_lib.engine.training.loop import Interrupted, Training
from ccdni_lib.tasks import find_task, settings_for

TASK = find_task("line-drawing")


def settings(**given):
    return settings_for(TASK, **{"seeds": 2, "epochs": 6, "lstm_units": 8, "granule_cells": 16, "batches": 4, **given})


def test_errors_are_finite_and_fall():
    run = Training(TASK, [settings(epochs=60, learning_rate=1e-2)]).run()
    assert np.isfinite(run.validation_error).all()
    assert (run.train_error.isel(epoch=-1) < 0.8 * run.train_error.isel(epoch=0)).all()


def test_says_what_made_it():
    run = Training(TASK, [settings()]).run()
    identity = json.loads(run.attrs["identity"])
    assert identity["task"] == "line-drawing"
    assert {"points", "versions", "source_revision", "checksum"} <= set(identity)
    assert {"device", "seconds", "diverged"} <= set(run.attrs)


@pytest.mark.parametrize("recordings", [(), ("activity", "feedback")])
@pytest.mark.parametrize("after", [1, 10, 16])
def test_resumes_to_what_an_uninterrupted_run_gives(tmp_path, recordings, after):
    how = {"recordings": recordings, "record_every": 2}
    whole = Training(TASK, [settings()], **how).run()
    file = tmp_path / "run.checkpoint"
    count = iter(range(1, 100))
    with pytest.raises(Interrupted) as stopped:
        Training(TASK, [settings()], checkpoint=file, **how).run(stop=lambda: next(count) == after)
    assert stopped.value.finished.sizes["epoch"] == after // 4
    again = Training(TASK, [settings()], checkpoint=file, **how)
    again.resume()
    assert again.run().drop_attrs().identical(whole.drop_attrs())
    done = Training(TASK, [settings()], checkpoint=file, **how)  # the last state stays until the result is safe
    done.resume()
    assert done.run().drop_attrs().identical(whole.drop_attrs())


def test_ctrl_c_takes_effect_between_two_batches_and_keeps_what_is_done(tmp_path):
    file = tmp_path / "run.checkpoint"
    training = Training(TASK, [settings(epochs=100_000)], checkpoint=file)
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    begun = time.perf_counter()
    with pytest.raises(Interrupted):
        training.run()
    assert time.perf_counter() - begun < 20
    assert file.exists()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_refuses_checkpoints_that_are_not_its_own(tmp_path):
    file = tmp_path / "run.checkpoint"
    count = iter(range(1, 100))
    with pytest.raises(Interrupted):
        Training(TASK, [settings()], checkpoint=file).run(stop=lambda: next(count) == 9)
    whole = file.read_bytes()
    for point, how, words in [
        (settings(truncation=2), {}, "it was made with truncation 1, not 2"),
        (settings(seeds=3), {}, "it was made with seeds 0,1, not 0,1,2"),
        (settings(), {"recordings": ("feedback",)}, "it was made with record nothing, not feedback"),
    ]:
        with pytest.raises(FileError, match=words):
            Training(TASK, [point], checkpoint=file, **how).resume()
    for damaged in (whole[: len(whole) // 2], b"", b"junk" * 100):
        file.write_bytes(damaged)
        with pytest.raises(FileError, match="cannot be resumed from"):
            Training(TASK, [settings()], checkpoint=file).resume()


def test_a_diverged_network_is_nan_from_there_on_and_the_others_go_on():
    alone = Training(TASK, [settings(seeds=(1,))]).run()
    training = Training(TASK, [settings(seeds=(0, 1))])
    training.run(until=3)
    training.ensemble.network.weights["cell"][0] = torch.inf
    run = training.run()
    assert run.attrs["diverged"] == 1
    assert run.train_error.sel(seed=0).notnull().sum() == 3
    assert run.validation_error.sel(seed=0, epoch=slice(4, None)).isnull().all()
    np.testing.assert_allclose(run.train_error.sel(seed=1), alone.train_error.sel(seed=1), rtol=1e-4)


def test_recordings_are_what_they_say():
    """On a trained network: δ̂ is C(s), and the bootstrapped target is what the next truncation sends back."""
    training = Training(
        TASK,
        [settings(precision="float64", truncation=3, epochs=20)],
        recordings=("activity", "feedback"),
        record_every=20,
    )
    run = training.run().isel(point=0, recorded_epoch=-1)
    lstm, _, cerebellum = training.ensemble.network.to_torch(0)
    inputs = training.ensemble.validation.inputs.transpose(0, 1)
    hidden, _ = lstm(inputs)
    own = run.isel(seed=0)
    np.testing.assert_allclose(own.h.transpose("time", "example", "unit"), hidden.detach(), rtol=1e-9, atol=1e-12)
    states = [torch.zeros(7, 16, dtype=torch.float64)]
    state = None
    for start in range(0, 9, 3):
        _, state = lstm(inputs[start : start + 3], state)
        states.append(torch.cat([state[0][0], state[1][0]], -1))
    for cut, s in enumerate(states):
        np.testing.assert_allclose(own.predicted_feedback.isel(cut=cut), cerebellum(s).detach(), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(own.granule.isel(cut=cut), cerebellum[:2](s).detach(), rtol=1e-9, atol=1e-12)
    # the last truncation has no future: what arrives is exactly the true feedback
    np.testing.assert_allclose(own.target_feedback.isel(cut=-1), own.true_feedback.isel(cut=-1), rtol=1e-9, atol=1e-12)
    assert not np.allclose(own.target_feedback.isel(cut=0), own.true_feedback.isel(cut=0))


def test_memory_does_not_grow_with_epochs():
    """What a run holds for each epoch is a few numbers for each network and step."""
    training = Training(TASK, [settings(epochs=1000)])
    kept = sum(values.nbytes for values in training.log.values())
    assert kept == 1000 * 2 * (1 + TASK.steps) * 4
