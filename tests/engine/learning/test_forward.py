"""Forward DNI, against autograd."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import batch_norm, cross_entropy

from ccdni_lib.engine.learning.forward import ForwardDNI
from ccdni_lib.engine.networks.feedforward import Feedforward, draw_synthesiser
from ccdni_lib.engine.settings import SettingError

SIZES, SEEDS, BATCH, GRANULE = (6, 8, 7, 5, 4), [3, 8], 9, 10


def data(device="cpu"):
    random = torch.Generator().manual_seed(2)
    x = torch.randn(len(SEEDS), BATCH, SIZES[0], generator=random, dtype=torch.float64)
    return x.to(device), torch.randint(SIZES[-1], (len(SEEDS), BATCH), generator=random).to(device)


def build(layer=2, init="random", dtype=torch.float64, device="cpu", **how):
    like = {"dtype": dtype, "device": device}
    network = Feedforward.draw(SIZES, SEEDS, batch_norm=True, **like)
    return ForwardDNI(
        network, draw_synthesiser(SIZES[0], GRANULE, SIZES[layer], SEEDS, init=init, **like), layer, **how
    )


def literal(w, c, x, y, layer, bypass):
    """Losses of one network by autograd; a bypassed h_k hands the gradient of C(x) on as if it were its own."""
    guess = (x @ c["granule0_weight"] + c["granule0_bias"]).relu() @ c["nuclei_weight"].mT + c["nuclei_bias"]
    h = x
    for i in range(1, len(SIZES)):
        h = h @ w[f"weight{i}"] + w[f"bias{i}"]
        if i < len(SIZES) - 1:
            h = batch_norm(h, None, None, w[f"gain{i}"][0], w[f"shift{i}"][0], training=True).relu()
        if i == layer:
            olive = (h.detach() - guess).square().sum(-1)
            if bypass:
                h = h + (guess - h).detach()
    return cross_entropy(h, y, reduction="none"), olive


@pytest.mark.parametrize("layer", [1, 2, 3])
@pytest.mark.parametrize("bypass", [False, True])
def test_gradients_are_those_of_autograd_and_each_loss_has_its_own(layer, bypass):
    """The task's loss moves the network alone, the prediction loss C alone."""
    dni, (x, y) = build(layer, bypass=bypass), data()
    forecast = dni.propagate(x, y)
    for e in range(len(SEEDS)):
        w, c = (
            {name: view[e].clone().requires_grad_() for name, view in part.items()}
            for part in (dni.network.weights, dni.cerebellum.weights)
        )
        losses, olive = literal(w, c, x[e], y[e], layer, bypass)
        torch.testing.assert_close(forecast.losses[e], losses.detach())
        torch.testing.assert_close(forecast.prediction_losses[e], olive.detach())
        (losses.mean() + olive.mean()).backward()
        for own, theirs in ((dni.network.gradients, w), (dni.cerebellum.gradients, c)):
            for name, view in own.items():
                torch.testing.assert_close(view[e], theirs[name].grad, msg=lambda text, name=name: f"{name}: {text}")


def test_a_network_that_is_predicted_learns_as_if_it_were_alone():
    """Without bypass nothing of C reaches the network; with it, something does."""
    runs = [build(cerebellum_rate=1e-2), build(cerebellum_rate=None), build(bypass=True)]
    start = [dni.cerebellum.weights.flat.clone() for dni in runs]
    for dni in runs:
        for _ in range(3):
            dni.learn(*data())
    weights = [dni.network.weights.flat for dni in runs]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
    moved = [not torch.equal(dni.cerebellum.weights.flat, flat) for dni, flat in zip(runs, start, strict=True)]
    assert moved == [True, False, True]


def test_with_a_perfect_prediction_the_bypass_changes_nothing():
    """C is the first layer's own weights, h_1 = ReLU(x W + b) being computed on both ways."""
    direct, bypassed = (
        ForwardDNI(
            Feedforward.draw((6, 5, 4), SEEDS, dtype=torch.float64),
            draw_synthesiser(6, 5, 5, SEEDS, dtype=torch.float64),
            layer=1,
            bypass=bypass,
        )
        for bypass in (False, True)
    )
    for dni in (direct, bypassed):
        c, w = dni.cerebellum.weights, dni.network.weights
        c["granule0_weight"][:], c["granule0_bias"][:] = w["weight1"], w["bias1"]
        c["nuclei_weight"][:] = torch.eye(5)
        forecast = dni.propagate(*data())
        assert forecast.prediction_losses.abs().max() < 1e-25
    torch.testing.assert_close(direct.network.gradients.flat, bypassed.network.gradients.flat)
    x, _ = data()
    torch.testing.assert_close(direct.answer(x), direct.answer(x, bypass=True))


def test_answers_go_by_what_was_remembered():
    dni, (x, y) = build(), data()
    for _ in range(3):
        dni.learn(x, y)
    one_by_one = torch.cat([dni.answer(x[:, b : b + 1]) for b in range(BATCH)], dim=1)
    torch.testing.assert_close(dni.answer(x), one_by_one)
    predicted = dni.cerebellum.predict(x)[-1]
    torch.testing.assert_close(dni.answer(x, bypass=True), dni.network.run(predicted, "kept", first=3).h[4])


def test_a_prediction_learns():
    dni, (x, y) = build(init="zero", rate=1e-9, cerebellum_rate=1e-2), data()
    losses = [dni.learn(x, y).prediction_losses.mean().item() for _ in range(500)]
    assert losses[-1] < 1e-2 * losses[0]


def test_makes_no_tensor_on_the_cpu_by_mistake():
    x, y = torch.zeros(len(SEEDS), BATCH, SIZES[0], device="meta"), data()[1].to("meta")
    assert build(dtype=torch.float32, device="meta", bypass=True).learn(x, y).losses.device.type == "meta"


@pytest.mark.cuda
@pytest.mark.parametrize("bypass", [False, True])
def test_cuda_agrees_with_the_cpu(bypass):
    both = [build(device=device, bypass=bypass) for device in ("cpu", "cuda")]
    for dni, device in zip(both, ("cpu", "cuda"), strict=True):
        for _ in range(5):
            dni.learn(*data(device))
    torch.testing.assert_close(both[1].network.weights.flat.cpu(), both[0].network.weights.flat)


@pytest.mark.parametrize("layer", [0, 4])
def test_a_layer_that_is_not_there_is_named(layer):
    network = Feedforward.draw(SIZES, SEEDS)
    with pytest.raises(SettingError, match=rf"^layer {layer}: must be a whole number 1…3, one of the hidden layers$"):
        ForwardDNI(network, draw_synthesiser(6, GRANULE, 7, SEEDS), layer)


def test_a_cerebellum_that_leads_elsewhere_is_told():
    network = Feedforward.draw(SIZES, SEEDS)
    with pytest.raises(ValueError, match=r"^cerebellum from 6 to 5: must lead from 6 to 7$"):
        ForwardDNI(network, draw_synthesiser(6, GRANULE, 5, SEEDS), 2)
