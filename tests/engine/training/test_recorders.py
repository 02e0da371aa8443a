"""What is measured while networks train: against PyTorch's own LSTM and autograd, NumPy and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import pearsonr

import ccdni_lib as cc
from ccdni_lib.engine.training.ensemble import Ensemble
from ccdni_lib.engine.training.loop import Training
from ccdni_lib.engine.training.recorders import BINS, DIMS, RECORDINGS, record
from ccdni_lib.tasks import find_task, settings_for

TASK = find_task("line-drawing")
SMALL = {"seeds": 2, "epochs": 8, "lstm_units": 8, "granule_cells": 30, "batches": 4, "precision": "float64"}


def trained(**given):
    """An ensemble that has learned for a while."""
    rates = {"learning_rate": 1e-2, "cerebellum_learning_rate": 1e-3}
    training = Training(TASK, [settings_for(TASK, **SMALL | rates | given)])
    training.run()
    return training.ensemble


def by_torch(ensemble, index=0):
    """What PyTorch makes of the validation cues: h, granule cells and δ̂ after every step, ``(cue·step, ·)`` each."""
    lstm, _, cerebellum = ensemble.network.to_torch(index)
    states, state = [], None
    for x in ensemble.validation.inputs.transpose(0, 1).split(1):
        _, state = lstm(x, state)
        states.append(torch.cat([state[0][0], state[1][0]], -1))
    s = torch.cat(states).detach()
    return s[:, : lstm.hidden_size].numpy(), cerebellum[:2](s).detach().numpy(), cerebellum(s).detach().numpy()


def gradients_by_autograd(ensemble, truncation, index=0):
    """Gradient of all later losses at every cut, and, of those, what comes from the cut's own truncation alone."""
    lstm, readout, cerebellum = ensemble.network.to_torch(index)
    x, y = (part.transpose(0, 1) for part in (ensemble.validation.inputs, ensemble.validation.targets))
    taught, size = ensemble.taught[index], ensemble.shared.batch_size

    def error(outputs, start):
        steps = slice(start, start + len(outputs))
        return ((readout(outputs) - y[steps]).square().sum(-1) * taught[steps, None]).sum() / size

    def start_at(state):
        return tuple(part.detach().requires_grad_() for part in state)

    true, target = [], []
    state = (torch.zeros(1, x.shape[1], lstm.hidden_size, dtype=x.dtype),) * 2
    for start in range(0, len(x), truncation):
        stop = min(start + truncation, len(x))
        begin = start_at(state)
        outputs, _ = lstm(x[start:], begin)
        true.append(torch.cat([g[0] for g in torch.autograd.grad(error(outputs, start), begin)], -1))

        begin = start_at(state)
        outputs, end = lstm(x[start:stop], begin)
        s = torch.cat([end[0][0], end[1][0]], -1)
        injected = 0.1 * cerebellum(s).detach() if stop < len(x) else torch.zeros_like(s)
        arrived = torch.autograd.grad(error(outputs, start) + (s * injected).sum(), begin)
        target.append(torch.cat([g[0] for g in arrived], -1))
        state = end
    return torch.stack(true), torch.stack(target)


def cosine(a, b):
    return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum()))


@pytest.mark.parametrize("kind", RECORDINGS)
@pytest.mark.parametrize("model", ["crnn", "ccrnn", "sccrnn"])
def test_dims_are_those_that_are_announced(kind, model):
    settings = {**SMALL, "mossy_fibres": 4}
    if model == "crnn":
        del settings["granule_cells"], settings["mossy_fibres"]
    run = cc.train("line-drawing", model, **settings, record=(kind,), record_every=4, progress=False, device="cpu")
    kept = {name: x for name, x in run.data_vars.items() if "recorded_epoch" in x.dims}
    renamed = {"example": "cue"}
    for name, values in kept.items():
        assert values.dims == ("seed", "recorded_epoch", *(renamed.get(dim, dim) for dim in DIMS[name]))
    assert run.sizes.get("recorded_epoch", 3) == 3
    assert bool(kept) == (model != "crnn" or kind not in ("coupling", "quality"))


def test_coupling_is_the_mean_of_all_pairs_that_vary():
    ensemble = trained()
    ensemble.network.weights["granule0_weight"][0, :, :5] = 0  # five cells that hear nothing
    found = record(ensemble, "coupling")
    h, granule, _ = by_torch(ensemble)
    varies = np.ptp(granule, axis=0) > 0
    assert not varies[:5].any()
    assert varies.sum() > 3
    r = np.array([[pearsonr(a, b).statistic for b in granule[:, varies].T] for a in h.T])
    assert found["coupling"][0].item() == pytest.approx(np.abs(r).mean(), rel=1e-9)
    assert found["silent_granules"][0].item() == pytest.approx(1 - varies.mean())
    counts, _ = np.histogram(r, BINS, (-1, 1))
    np.testing.assert_allclose(found["coupling_histogram"][0], counts / r.size, atol=1e-12)


def test_coupling_agrees_with_recorded_activity():
    """With T = 1 granule cells are recorded before every step: those before step t + 1 go with h after step t."""
    how = {"record": ("activity", "coupling"), "record_every": 8, "progress": False, "device": "cpu"}
    run = cc.train("line-drawing", "ccrnn", **SMALL, truncation=1, **how).isel(recorded_epoch=-1, seed=1)
    h = run.h.isel(time=slice(None, -1)).values.reshape(-1, 8)
    granule = run.granule.isel(cut=slice(1, None)).values.reshape(-1, 30)
    last = trained(
        learning_rate=1e-3, cerebellum_learning_rate=None, truncation=1
    )  # the same network; the state after step 9 is before no step
    h_all, granule_all, _ = by_torch(last, 1)
    np.testing.assert_allclose(h, h_all[: len(h)], atol=1e-6)
    np.testing.assert_allclose(granule, granule_all[: len(h)], atol=1e-6)
    varies = np.ptp(granule_all, axis=0) > 0
    r = np.corrcoef(h_all.T, granule_all[:, varies].T)[:8, 8:]
    assert run.coupling.item() == pytest.approx(np.abs(r).mean(), rel=1e-5)
    middles = run.coupling_histogram.r.values
    np.testing.assert_allclose(middles, np.linspace(-0.975, 0.975, BINS))
    np.testing.assert_allclose(run.coupling_histogram, np.histogram(r, BINS, (-1, 1))[0] / r.size, atol=2e-3)
    assert run.coupling_histogram.sum().item() == pytest.approx(1, abs=1e-6)


def test_a_cell_that_copies_a_unit_is_coupled_by_one():
    ensemble = trained(lstm_units=1, granule_cells=2)
    weight = ensemble.network.weights["granule0_weight"]  # from h and c of the only unit
    weight[:] = torch.tensor([[1.0, -2.0], [0.0, 0.0]])
    ensemble.network.weights["granule0_bias"][:] = 5.0  # so high that ReLU cuts nothing off
    found = record(ensemble, "coupling")
    np.testing.assert_allclose(found["coupling"], 1, rtol=1e-9)
    np.testing.assert_allclose(found["coupling_histogram"][:, [0, -1]], 0.5)
    np.testing.assert_allclose(found["silent_granules"], 0)


def test_a_cerebellum_without_a_single_active_cell_has_no_coupling():
    ensemble = trained()
    ensemble.network.weights["granule0_weight"][1] = 0
    found = record(ensemble, "coupling")
    assert found["coupling"][1].isnan()
    assert found["coupling_histogram"][1].isnan().all()
    assert found["silent_granules"].tolist()[1] == 1
    assert found["coupling"][0].isfinite()


@pytest.mark.parametrize("kind", ["coupling", "quality", "correlation"])
def test_a_diverged_network_is_nan_and_the_others_are_not(kind):
    ensemble = trained()
    before = record(ensemble, kind)
    for weight in ensemble.network.weights.values():
        weight[0] = torch.nan
    for name, values in record(ensemble, kind).items():
        assert values[0].isnan().all(), name
        np.testing.assert_allclose(values[1], before[name][1], rtol=1e-9)


@pytest.mark.parametrize("kind", ["coupling", "correlation"])
def test_a_cortex_of_one_unit_can_be_recorded(kind):
    found = record(trained(lstm_units=1), kind)
    assert all(len(values) == 2 for values in found.values())


@pytest.mark.parametrize("truncation", [1, 3, 10])
def test_feedback_is_what_autograd_finds(truncation):
    ensemble = trained(truncation=truncation)
    found = record(ensemble, "feedback")
    for index in range(2):
        true, target = gradients_by_autograd(ensemble, truncation, index)
        np.testing.assert_allclose(found["true_feedback"][index], true, rtol=1e-8, atol=1e-14)
        np.testing.assert_allclose(found["target_feedback"][index], target, rtol=1e-8, atol=1e-14)


@pytest.mark.parametrize("truncation", [1, 3])
def test_quality_is_cosine_and_relative_error(truncation):
    ensemble = trained(truncation=truncation)
    measured, feedback = (record(ensemble, kind) for kind in ("quality", "feedback"))
    predicted = feedback["predicted_feedback"][1].numpy()
    true, target = (x.numpy() for x in gradients_by_autograd(ensemble, truncation, 1))
    for name, other in (("true", true), ("target", target)):
        for cut in range(len(other)):
            if not other[cut].any():
                assert measured[f"{name}_cosine"][1, cut].isnan()
                assert measured[f"{name}_error"][1, cut].isnan()
                continue
            miss = np.linalg.norm(predicted[cut] - other[cut]) / np.linalg.norm(other[cut])
            assert measured[f"{name}_cosine"][1, cut].item() == pytest.approx(cosine(predicted[cut], other[cut]))
            assert measured[f"{name}_error"][1, cut].item() == pytest.approx(miss)


def test_the_last_cut_of_every_second_step_has_no_future_to_guess():
    measured = record(trained(truncation=1, feedback_interval=2), "quality")
    for name in ("target_cosine", "target_error", "true_cosine", "true_error"):
        assert measured[name][:, -1].isnan().all()
        assert measured[name][:, 1:-1].isfinite().all()


def test_a_guess_of_nothing_has_no_direction_and_an_error_of_one():
    ensemble = Ensemble(TASK, [settings_for(TASK, **SMALL)])  # the last layer begins at zero
    measured = record(ensemble, "quality")
    assert measured["true_cosine"].isnan().all()
    np.testing.assert_allclose(measured["true_error"][:, :-1], 1)


def test_an_oracle_is_right():
    measured = record(trained(predictor="oracle", feedback_scale=1.0, epochs=3), "quality")
    for name in ("true", "target"):  # at full strength, what arrives is the true gradient as well
        np.testing.assert_allclose(measured[f"{name}_cosine"][:, :-1], 1, rtol=1e-9)
        np.testing.assert_allclose(measured[f"{name}_error"][:, :-1], 0, atol=1e-9)


def test_a_prediction_that_equals_its_target_is_right():
    """With one cut, T = N, and one cue there is one target, and a last layer that gives a constant can hit it."""
    ensemble = trained(truncation=10)
    ensemble.validation = type(ensemble.validation)(ensemble.validation.inputs[3:4], ensemble.validation.targets[3:4])
    true = record(ensemble, "feedback")["true_feedback"]  # (E, 1, 1, 2n)
    ensemble.network.weights["nuclei_weight"][:] = 0
    ensemble.network.weights["nuclei_bias"][:] = true[:, 0]
    measured = record(ensemble, "quality")
    for name in ("target", "true"):
        np.testing.assert_allclose(measured[f"{name}_cosine"], 1, rtol=1e-12)
        np.testing.assert_allclose(measured[f"{name}_error"], 0, atol=1e-12)


def test_correlation_is_that_of_numpy():
    ensemble = trained()
    found = record(ensemble, "correlation")
    h, _, feedback = by_torch(ensemble)
    for name, activity in (("cortex", h), ("feedback", feedback)):
        cells = activity.shape[1]
        r = np.abs(np.corrcoef(activity.T))
        assert found[f"{name}_correlation"][0].item() == pytest.approx(r[np.triu_indices(cells, 1)].mean(), rel=1e-8)
        root = np.sqrt(np.clip(np.linalg.eigvalsh(np.cov(activity.T)), 0, None))
        wanted = cells / (cells - 1) * (root.max() / root.sum() - 1 / cells)
        assert found[f"{name}_r_pop"][0].item() == pytest.approx(wanted, rel=1e-5)


def test_recording_changes_nothing():
    plain = Training(TASK, [settings_for(TASK, **SMALL)]).run()
    watched = Training(TASK, [settings_for(TASK, **SMALL)], recordings=tuple(RECORDINGS)).run()
    assert watched.train_error.identical(plain.train_error)
    assert watched.output.identical(plain.output)


def test_where_one_of_two_models_has_no_cerebellum_it_has_no_coupling():
    how = {"record": ("coupling", "correlation"), "record_every": 4, "progress": False, "device": "cpu", "workers": 1}
    run = cc.sweep("line-drawing", models=("crnn", "ccrnn"), **SMALL, **how)
    assert run.coupling.dims == ("model", "seed", "recorded_epoch")
    assert run.coupling.sel(model="crnn").isnull().all()
    assert run.coupling.sel(model="ccrnn").notnull().all()
    assert run.cortex_correlation.notnull().all()
