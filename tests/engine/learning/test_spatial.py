"""Feedforward networks and spatial DNI, against `torch.nn`, autograd and `torch.optim`."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from ccdni_lib.engine.learning.spatial import SpatialDNI
from ccdni_lib.engine.networks.feedforward import Feedforward, draw_synthesiser
from ccdni_lib.engine.settings import SettingError

SIZES, SEEDS, BATCH = (6, 8, 7, 5, 4), [3, 8, 1], 9
HIDDEN = (1, 2, 3)
RATE = 1e-2


def data(dtype=torch.float64, device="cpu"):
    random = torch.Generator().manual_seed(1)
    x = torch.randn(len(SEEDS), BATCH, SIZES[0], generator=random, dtype=torch.float64)
    return x.to(device, dtype), torch.randint(SIZES[-1], (len(SEEDS), BATCH), generator=random).to(device)


def build(layers=HIDDEN, batch_norm=False, labels=0, init="random", dtype=torch.float64, device="cpu", **how):
    like = {"dtype": dtype, "device": device}
    network = Feedforward.draw(SIZES, SEEDS, batch_norm, **like)
    sizes = {i: (SIZES[i] + labels, 12, SIZES[i]) for i in layers}
    synthesisers = {i: draw_synthesiser(*sizes[i], SEEDS, index=i, init=init, **like) for i in layers}
    return SpatialDNI(network, synthesisers, **{"rate": RATE, "synthesiser_rate": RATE, **how})


def plain(network, e):
    """One network as `torch.nn` modules, a list for each layer."""
    modules = []
    for layer, (before, after) in enumerate(pairwise(SIZES), start=1):
        w = {name: network.weights[f"{name}{layer}"][e].detach().clone() for name in ("weight", "bias")}
        linear = nn.Linear(before, after, dtype=torch.float64)
        linear.load_state_dict({"weight": w["weight"].T, "bias": w["bias"][0]})
        hidden = layer < len(SIZES) - 1
        norm = [nn.BatchNorm1d(after, dtype=torch.float64)] * (network.batch_norm and hidden)
        modules.append(nn.Sequential(linear, *norm, *[nn.ReLU()] * hidden))
    return modules


def activities(modules, x):
    h = [x.clone().requires_grad_()]
    for module in modules:
        h.append(module(h[-1]))
    return h


def gradients_of(network, e):
    """The engine's gradients of one network, in the order and the layout of `torch.nn`."""
    own = []
    for layer in range(1, len(SIZES)):
        names = ["weight", "bias", "gain", "shift"] if f"gain{layer}" in network.gradients else ["weight", "bias"]
        own += [network.gradients[f"{name}{layer}"][e] for name in names]
    return [g.T if g.shape[0] > 1 else g[0] for g in own]


@pytest.mark.parametrize("batch_norm", [False, True])
def test_true_feedback_and_gradients_are_those_of_autograd(batch_norm):
    dni, (x, y) = build(batch_norm=batch_norm, decoupled=()), data()
    feedback = dni.propagate(x, y)
    for e in range(len(SEEDS)):
        modules = plain(dni.network, e)
        h = activities(modules, x[e])
        losses = cross_entropy(h[-1], y[e], reduction="none")
        torch.testing.assert_close(feedback.losses[e], losses.detach())
        for own, theirs in zip(feedback.true, torch.autograd.grad(losses.sum(), h, retain_graph=True), strict=True):
            torch.testing.assert_close(own[e], theirs)
        parameters = [p for module in modules for p in module.parameters()]
        theirs = torch.autograd.grad(losses.mean(), parameters)
        torch.testing.assert_close(gradients_of(dni.network, e), list(theirs))


def test_batch_normalisation_remembers_what_torch_remembers():
    network, (x, _) = build(batch_norm=True).network, data()
    modules = plain(network, 0)
    for step in range(4):
        network.run(x + step, "learn")
        network.run(x - step)  # goes by the batch, and leaves no trace
        activities(modules, x[0] + step)
    for module in modules:
        module.eval()
    torch.testing.assert_close(network.run(x, "kept").h[4][0], activities(modules, x[0])[-1].detach())


@pytest.mark.parametrize("decoupled", [(), HIDDEN])
def test_with_none_decoupled_or_an_oracle_learning_is_backpropagation_with_adam(decoupled):
    dni = build(batch_norm=True, decoupled=decoupled, oracle=bool(decoupled))
    x, y = data()
    chains = [nn.Sequential(*plain(dni.network, e)) for e in range(len(SEEDS))]
    optimisers = [torch.optim.Adam(chain.parameters(), lr=RATE) for chain in chains]
    for step in range(5):
        dni.learn(x + 0.1 * step, y)
        for e, (chain, optimiser) in enumerate(zip(chains, optimisers, strict=True)):
            optimiser.zero_grad()
            cross_entropy(chain(x[e] + 0.1 * step), y[e]).backward()
            optimiser.step()
    for e, chain in enumerate(chains):
        for layer, module in enumerate(chain, start=1):
            torch.testing.assert_close(dni.network.weights[f"weight{layer}"][e].T, module[0].weight.detach())
            torch.testing.assert_close(dni.network.weights[f"bias{layer}"][e, 0], module[0].bias.detach())


@pytest.mark.parametrize("decoupled", [(1,), (2,), (3,), (1, 3), HIDDEN])
def test_decoupling_is_the_prediction_put_in_place_of_the_gradient(decoupled):
    """Autograd, layer by layer, each started from what that layer is said to receive (P21 eq. 1)."""
    dni, (x, y) = build(decoupled=decoupled), data()
    feedback = dni.propagate(x, y)
    for e in range(len(SEEDS)):
        modules = plain(dni.network, e)
        h = activities(modules, x[e])
        arriving = torch.autograd.grad(cross_entropy(h[-1], y[e], reduction="sum"), h[-1], retain_graph=True)[0]
        wanted = []
        for layer in reversed(range(1, len(SIZES))):
            if layer in decoupled:
                arriving = feedback.predicted(layer)[e]
            parameters = list(modules[layer - 1].parameters())
            *theirs, arriving = torch.autograd.grad(h[layer], [*parameters, h[layer - 1]], arriving, retain_graph=True)
            wanted = [gradient / BATCH for gradient in theirs] + wanted
        torch.testing.assert_close(gradients_of(dni.network, e), wanted)


@pytest.mark.parametrize("layer", HIDDEN)
def test_decoupling_a_layer_changes_it_and_those_below_and_nothing_else(layer):
    whole, cut = build(decoupled=()), build(decoupled=(layer,))
    for dni in (whole, cut):
        dni.propagate(*data())
    for number in range(1, len(SIZES)):
        for name in (f"weight{number}", f"bias{number}"):
            same = torch.equal(whole.network.gradients[name], cut.network.gradients[name])
            assert same == (number > layer)
    for number, synthesiser in whole.synthesisers.items():  # the olive compares with the true feedback all the same
        torch.testing.assert_close(synthesiser.gradients.flat, cut.synthesisers[number].gradients.flat)


@pytest.mark.parametrize("labels", [0, SIZES[-1]])
@pytest.mark.parametrize("bootstrap", [False, True])
def test_the_olive_teaches_synthesisers_and_nothing_else_does(labels, bootstrap):
    dni, (x, y) = build(labels=labels, bootstrap=bootstrap), data()
    feedback = dni.propagate(x, y)
    targets = feedback.arriving if bootstrap else feedback.true
    h = dni.network.run(x).h
    for i, synthesiser in dni.synthesisers.items():
        mossy = h[i] if not labels else torch.cat((h[i], nn.functional.one_hot(y, labels)), dim=-1)
        w = {name: view.clone().requires_grad_() for name, view in synthesiser.weights.items()}
        guess = (mossy @ w["granule0_weight"] + w["granule0_bias"]).relu() @ w["nuclei_weight"].mT + w["nuclei_bias"]
        torch.testing.assert_close(feedback.predicted(i), guess.detach())
        ((guess - targets[i]).square().sum() / BATCH).backward()
        for name, view in w.items():
            torch.testing.assert_close(synthesiser.gradients[name], view.grad)


def test_what_does_not_learn_stays():
    fixed, listening = build(synthesiser_rate=None), build(decoupled=(), init="zero")
    kept = {i: synthesiser.weights.flat.clone() for i, synthesiser in fixed.synthesisers.items()}
    alone = build(layers=())
    for dni in (fixed, listening, alone):
        for _ in range(3):
            dni.learn(*data())
    assert all(torch.equal(fixed.synthesisers[i].weights.flat, flat) for i, flat in kept.items())
    assert torch.equal(listening.network.weights.flat, alone.network.weights.flat)
    assert all(synthesiser.weights["nuclei_weight"].any() for synthesiser in listening.synthesisers.values())


def test_bootstrapped_targets_are_made_of_the_prediction_above():
    dni, (x, y) = build(bootstrap=True), data()
    feedback, response = dni.propagate(x, y), dni.network.run(x)
    mask = (response.h[3] > 0).double()
    from_above = torch.bmm(feedback.predicted(3) * mask, dni.network.weights["weight3"].mT)
    torch.testing.assert_close(feedback.arriving[2], from_above)
    torch.testing.assert_close(feedback.arriving[3], feedback.true[3])


@pytest.mark.parametrize("labels", [0, SIZES[-1]])
def test_a_synthesiser_predicts_the_mean_of_the_feedback_given_what_it_knows(labels):
    """One image under many labels: without the label the best guess is the mean feedback, with it the feedback."""
    x, y = data()
    dni = build(layers=(3,), labels=labels, init="zero", rate=1e-9)
    for _ in range(1000):
        feedback = dni.learn(x[:, :1].expand(x.shape), y)
    true, predicted = feedback.true[3], feedback.predicted(3)
    mean = true.mean(1, keepdim=True).expand(true.shape)
    best, spread = true if labels else mean, (true - mean).square().sum()
    assert (predicted - best).square().sum() < 1e-2 * spread


def test_networks_do_not_know_of_each_other():
    together = build(batch_norm=True)
    x, y = data()
    for _ in range(3):
        together.learn(x, y)
    for e, seed in enumerate(SEEDS):
        like = {"dtype": torch.float64}
        network = Feedforward.draw(SIZES, [seed], batch_norm=True, **like)
        synthesisers = {i: draw_synthesiser(SIZES[i], 12, SIZES[i], [seed], i, "random", **like) for i in HIDDEN}
        alone = SpatialDNI(network, synthesisers, rate=RATE, synthesiser_rate=RATE)
        for _ in range(3):
            alone.learn(x[e : e + 1], y[e : e + 1])
        for name, view in network.weights.items():
            torch.testing.assert_close(together.network.weights[name][e], view[0])


def test_weights_are_drawn_as_torch_draws_them():
    """U(±1/√inputs): bounds, and the spread of a uniform distribution, 1/√3 of its bound."""
    network = Feedforward.draw((400, 300, 10), seeds=[5])
    for layer, inputs in ((1, 400), (2, 300)):
        for name in ("weight", "bias"):
            assert network.weights[f"{name}{layer}"].abs().max() <= inputs**-0.5
        assert network.weights[f"weight{layer}"].std().item() == pytest.approx(inputs**-0.5 / 3**0.5, rel=0.05)


def test_a_linear_synthesiser_has_no_granule_cells():
    synthesiser = draw_synthesiser(5, 0, 3, SEEDS, init="random")
    x = torch.randn(len(SEEDS), 4, 5)
    wanted = x @ synthesiser.weights["nuclei_weight"].mT + synthesiser.weights["nuclei_bias"]
    torch.testing.assert_close(synthesiser.predict(x)[-1], wanted)


def test_makes_no_tensor_on_the_cpu_by_mistake():
    x, y = torch.zeros(len(SEEDS), BATCH, SIZES[0], device="meta"), data()[1].to("meta")
    feedback = build(batch_norm=True, dtype=torch.float32, device="meta").learn(x, y)
    assert feedback.losses.device.type == "meta"


@pytest.mark.cuda
def test_cuda_agrees_with_the_cpu():
    both = [build(batch_norm=True, device=device) for device in ("cpu", "cuda")]
    for dni, device in zip(both, ("cpu", "cuda"), strict=True):
        for _ in range(5):
            dni.learn(*data(device=device))
    torch.testing.assert_close(both[1].network.weights.flat.cpu(), both[0].network.weights.flat)


@pytest.mark.parametrize("layer", [0, 4, -1, True])
def test_a_layer_that_cannot_be_decoupled_is_named(layer):
    network = Feedforward.draw(SIZES, SEEDS)
    with pytest.raises(SettingError, match=rf"^layer {layer}: must be a whole number 1…3, one of the hidden layers$"):
        SpatialDNI(network, {}, decoupled=(layer,))


def test_a_layer_without_synthesiser_cannot_be_decoupled():
    with pytest.raises(ValueError, match=r"^layer 2: has no synthesiser, and cannot be decoupled$"):
        build(layers=(1, 3), decoupled=(1, 2))


def test_a_synthesiser_that_does_not_fit_is_told_what_would():
    network = Feedforward.draw(SIZES, SEEDS)
    sentence = (
        "synthesiser of layer 2 with 8 mossy fibres and 7 outputs: must have 7 mossy fibres, "
        "or 11 where it receives the label, and 7 outputs"
    )
    with pytest.raises(ValueError, match=rf"^{sentence}$"):
        SpatialDNI(network, {2: draw_synthesiser(8, 12, 7, SEEDS)})
