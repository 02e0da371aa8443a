"""The learning rule against the literal reference, against plain PyTorch, and against what must be true of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from ccdni_lib.engine.learning.rule import Batch, learn, propagate, update
from ccdni_lib.engine.networks.losses import cross_entropy, squared_distance
from ccdni_lib.engine.networks.network import Network

from .build import SEQUENCES, SIZES, STEPS, Case, flat, flat_reference


def follow(case: Case, updates: int = 3, rtol: float = 1e-10) -> None:
    """Train engine and reference on the same data: same errors on the way, same weights in the end."""
    references = [case.reference(index) for index in range(case.networks)]
    taught = torch.tensor(case.taught, dtype=case.dtype)
    for _ in range(updates):
        errors = learn(case.network, case.batch(), case.rule(), squared_distance, case.optimiser)
        for index, reference in enumerate(references):
            assert errors[index].item() == pytest.approx(
                reference.learn(case.x[index], case.y[index], taught), rel=rtol
            )
    for index, reference in enumerate(references):
        torch.testing.assert_close(flat(case.network, index), flat_reference(reference), rtol=rtol, atol=rtol)


@pytest.mark.parametrize("truncation", [1, 2, 3, 5, 7], ids=lambda t: f"T{t}")
@pytest.mark.parametrize("online", [False, True], ids=["sequence", "online"])
@pytest.mark.parametrize("terminal", [False, True], ids=["", "terminal"])
@pytest.mark.parametrize("fibres", [None, 4], ids=["dense", "K4"])
def test_follows_the_reference(truncation, online, terminal, fibres):
    sizes = replace(SIZES, mossy_fibres=fibres)
    follow(Case(sizes, truncation=truncation, online=online, terminal=terminal))


@pytest.mark.parametrize(
    "sizes", [replace(SIZES, granule_cells=0), replace(SIZES, granule_layers=2)], ids=["crnn", "two"]
)
@pytest.mark.parametrize("online", [False, True], ids=["sequence", "online"])
def test_follows_the_reference_without_a_cerebellum_and_with_two_granule_layers(sizes, online):
    follow(Case(sizes, online=online))


@pytest.mark.parametrize("clip", ["joint", "separate"])
@pytest.mark.parametrize(
    ("inject", "learn_"), [(0.0, True), (0.1, False), (0.0, False)], ids=["nuclei", "olive", "ablated"]
)
def test_follows_the_reference_with_parts_out_of_action(clip, inject, learn_):
    follow(Case(clip=clip, inject=inject, learn=learn_))


@pytest.mark.parametrize("truncation", [1, 3, 7])
def test_follows_the_reference_with_an_oracle(truncation):
    follow(Case(truncation=truncation, oracle=True))


def test_follows_the_reference_in_cross_entropy():
    case = Case()
    classes = torch.randint(SIZES.outputs, (case.networks, STEPS, SEQUENCES))
    batch = replace(case.batch(), targets=classes)
    references = [case.reference(index) for index in range(case.networks)]

    def loss(output, target):
        return torch.nn.functional.cross_entropy(output.movedim(-1, 1), target, reduction="none")

    for _ in range(3):
        learn(case.network, batch, case.rule(), cross_entropy, case.optimiser)
        for index, reference in enumerate(references):
            reference.learn(case.x[index], classes[index], torch.tensor(case.taught, dtype=case.dtype), loss)
    for index, reference in enumerate(references):
        torch.testing.assert_close(flat(case.network, index), flat_reference(reference))


def gradients_by_autograd(case: Case, truncation: int) -> torch.Tensor:
    """Truncated BPTT of the first network by `torch.nn` alone: cortex and readout, flat."""
    lstm, readout, _ = case.network.to_torch(0)
    h = c = torch.zeros(1, SEQUENCES, SIZES.units, dtype=case.dtype)
    total = torch.zeros((), dtype=case.dtype)
    for start in range(0, STEPS, truncation):
        stop = min(start + truncation, STEPS)
        out, (h, c) = lstm(case.x[0, start:stop], (h.detach(), c.detach()))
        error = (readout(out) - case.y[0, start:stop]).square().sum(-1).mean(-1)
        total = total + (error * torch.tensor(case.taught[start:stop], dtype=case.dtype)).sum()
    total.backward()
    return torch.cat([p.grad.flatten() for p in [*lstm.parameters(), *readout.parameters()]])


def gradients(case: Case) -> torch.Tensor:
    """Gradients that the engine computes for the cortex of the first network, as PyTorch orders them."""
    case.optimiser.clip_norm = None
    case.optimiser.set_rates([[None] * case.networks] * 2)  # no weight changes
    update(case.network, case.batch(), case.rule(), squared_distance, case.optimiser)
    copy = Network(case.network.sizes, case.network.gradients, case.network.wiring)
    lstm, readout, _ = copy.to_torch(0)
    return torch.cat([p.detach().flatten() for p in [*lstm.parameters(), *readout.parameters()]])


@pytest.mark.parametrize("truncation", [1, 2, 7])
@pytest.mark.parametrize("silent", ["zero cerebellum", "not injected"])
def test_a_silent_cerebellum_leaves_truncated_bptt(truncation, silent):
    case = Case(truncation=truncation, inject=0.0 if silent == "not injected" else 0.1)
    if silent == "zero cerebellum":
        case.network.weights["nuclei_weight"].zero_()
        case.network.weights["nuclei_bias"].zero_()
    torch.testing.assert_close(gradients(case), gradients_by_autograd(case, truncation))


@pytest.mark.parametrize("truncation", [1, 2, 3])
def test_an_oracle_makes_truncated_updates_full_bptt(truncation):
    case = Case(truncation=truncation, oracle=True, inject=1.0)
    torch.testing.assert_close(gradients(case), gradients_by_autograd(case, STEPS))


def test_predicted_feedback_reaches_the_cortex_and_not_the_readout():
    with_, without = Case(), Case(inject=0.0)
    gradients(with_), gradients(without)
    for name, same in [("cell", False), ("readout_weight", True), ("readout_bias", True)]:
        assert torch.equal(with_.network.gradients[name], without.network.gradients[name]) == same


def test_the_task_loss_never_trains_the_cerebellum_and_the_olive_never_the_cortex():
    """However large the task loss, the cerebellum moves by its own error only, and the cortex not by that error."""
    case = Case(inject=0.0)
    case.y *= 100
    cortex = gradients(case)
    cerebellum = case.network.parts[1][1].flat
    case2 = Case(inject=0.0, learn=False)
    case2.y *= 100
    torch.testing.assert_close(gradients(case2), cortex, rtol=0, atol=0)  # the olive changes nothing in the cortex
    assert cerebellum.abs().max() > 0
    p = propagate(case2.network, case2.batch(), replace(case2.rule(), learn=case2.factor(1.0)), squared_distance)
    olive = 2 * (p.predicted - p.arriving) / (SEQUENCES * 2 * SIZES.units)  # dL_C/dδ̂ and nothing else
    case2.network.cerebellum.differentiate(p.layers, olive.flatten(1, 2))
    torch.testing.assert_close(case2.network.parts[1][1].flat, cerebellum)


@pytest.mark.parametrize("online", [False, True])
def test_nothing_is_injected_where_no_future_is_left(online):
    """The last truncation's first state receives real feedback only: its target has a future of exactly zero."""
    case = Case(truncation=3, online=online)
    p = propagate(case.network, case.batch(), case.rule(), squared_distance)
    assert p.injected.abs().max() > 0
    assert torch.equal(p.injected[:, -1], torch.zeros_like(p.injected[:, -1]))
    silent = propagate(case.network, case.batch(), replace(case.rule(), inject=None), squared_distance)
    assert torch.equal(p.arriving[:, -1], silent.arriving[:, -1])
    assert not torch.equal(p.arriving[:, 0], silent.arriving[:, 0])


def test_counts_are_the_same_as_repeats():
    counts = torch.tensor([[2.0, 0, 1, 3, 4], [1, 1, 1, 1, 6], [0, 0, 0, 0, 10]], dtype=torch.float64)
    weighted, expanded = Case(), Case()
    repeat = torch.stack([torch.repeat_interleave(torch.arange(SEQUENCES), row.long()) for row in counts])
    pick = torch.arange(3)[:, None], slice(None), repeat
    for _ in range(3):
        batch = replace(weighted.batch(), counts=counts, size=10)
        a = learn(weighted.network, batch, weighted.rule(), squared_distance, weighted.optimiser)
        x, y = (v[pick].transpose(1, 2) for v in (expanded.x, expanded.y))
        batch = Batch(x, y, expanded.batch().taught, size=10)
        b = learn(expanded.network, batch, expanded.rule(), squared_distance, expanded.optimiser)
        torch.testing.assert_close(a, b)
    torch.testing.assert_close(weighted.network.weights.flat, expanded.network.weights.flat)


def test_float32_stays_with_float64():
    """Over 50 updates: weights within 2e-3 of each other, a hundred times what they moved by less."""
    cases = [Case(dtype=dtype) for dtype in (torch.float32, torch.float64)]
    start = cases[1].network.weights.flat.clone()
    for case in cases:
        for _ in range(50):
            learn(case.network, case.batch(), case.rule(), squared_distance, case.optimiser)
    single, double = (case.network.weights.flat for case in cases)
    assert (double - start).abs().max() > 0.1
    torch.testing.assert_close(single.double(), double, rtol=0, atol=2e-3)


def test_repeats_bit_for_bit():
    runs = []
    for _ in range(2):
        case = Case(dtype=torch.float32)
        for _ in range(5):
            learn(case.network, case.batch(), case.rule(), squared_distance, case.optimiser)
        runs.append(case.network.weights.flat)
    assert torch.equal(*runs)


@pytest.mark.parametrize("online", [False, True])
@pytest.mark.parametrize("fibres", [None, 4])
def test_makes_no_tensor_on_the_cpu_by_mistake(online, fibres):
    case = Case(replace(SIZES, mossy_fibres=fibres), online=online, terminal=True, device="meta")
    error = learn(case.network, case.batch(), case.rule(), squared_distance, case.optimiser)
    assert error.device.type == "meta"


@pytest.mark.cuda
@pytest.mark.parametrize("online", [False, True])
@pytest.mark.parametrize("fibres", [None, 4])
def test_cuda_agrees_with_the_cpu(online, fibres):
    cases = [Case(replace(SIZES, mossy_fibres=fibres), online=online, device=device) for device in ("cpu", "cuda")]
    for case in cases:
        for _ in range(5):
            learn(case.network, case.batch(), case.rule(), squared_distance, case.optimiser)
    torch.testing.assert_close(cases[1].network.weights.flat.cpu(), cases[0].network.weights.flat)
