"""Clipping and Adam for many networks, against `torch.optim.Adam` and `clip_grad_norm_` for each alone."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from ccdni_lib.engine.learning.adam import Adam
from ccdni_lib.engine.networks.parameters import Parameters

NETWORKS = 3
SHAPES = [{"weight": (4, 3), "bias": (1, 3)}, {"deep": (2, 5)}]
RATES = [[0.1, 0.1, 0.02], [0.05, None, 0.05]]


def parts():
    made = []
    for shapes in SHAPES:
        weights = Parameters(shapes, NETWORKS, torch.randn(NETWORKS * sum(a * b for a, b in shapes.values())))
        made.append((weights, weights.zeros_like()))
    return made


@pytest.mark.parametrize("separate", [False, True])
@pytest.mark.parametrize("clip_norm", [None, 0.5])
def test_every_network_is_trained_as_if_it_were_alone(clip_norm, separate):
    own = parts()
    optimiser = Adam(own, betas=(0.9, 0.98), epsilon=1e-9, clip_norm=clip_norm, separate=separate)
    theirs = []
    for network in range(NETWORKS):
        pieces = [[nn.Parameter(x[network].clone()) for x in weights.values()] for weights, _ in own]
        groups = [{"params": piece, "lr": rates[network] or 0.0} for piece, rates in zip(pieces, RATES, strict=True)]
        theirs.append((pieces, torch.optim.Adam(groups, betas=(0.9, 0.98), eps=1e-9)))
    for step in range(5):
        # part 1 of network 1 learns only from the third step on: its count of updates begins there
        rates = [RATES[0], RATES[1] if step < 2 else [0.05, 0.05, 0.05]]
        optimiser.set_rates(rates)
        for _, gradients in own:
            gradients.flat.normal_()
        for network, (pieces, theirs_) in enumerate(theirs):
            for part, piece in enumerate(pieces):
                active = rates[part][network] is not None
                for parameter, gradient in zip(piece, own[part][1].values(), strict=True):
                    parameter.grad = gradient[network].clone() if active else None
                theirs_.param_groups[part]["lr"] = rates[part][network] or 0.0
                if not active:
                    own[part][1]["deep"][network] = 0  # what the learning rule leaves there
            if clip_norm:
                for piece in pieces if separate else [pieces[0] + pieces[1]]:
                    nn.utils.clip_grad_norm_(piece, clip_norm)
            theirs_.step()
        optimiser.step()
    for network, (pieces, _) in enumerate(theirs):
        for piece, (weights, _) in zip(pieces, own, strict=True):
            for parameter, weight in zip(piece, weights.values(), strict=True):
                torch.testing.assert_close(weight[network], parameter.detach(), rtol=1e-5, atol=1e-6)
    assert optimiser.counts.tolist() == [[5, 5, 5], [5, 3, 5]]


def test_numbers_too_small_to_matter_become_zero_instead_of_slow():
    weights = Parameters({"w": (1, 2)}, 1, torch.zeros(2))
    gradients = weights.zeros_like()
    optimiser = Adam([(weights, gradients)])
    optimiser.set_rates([[1e-3]])
    gradients.flat[:] = torch.tensor([1.0, 1e-20])
    optimiser.step()
    gradients.flat.zero_()
    for _ in range(1500):  # 0.9 ** 1500 is far below the smallest normal number
        optimiser.step()
    tiny = torch.finfo(torch.float32).tiny
    for kind in (2, 3):
        average = optimiser.parts[0][kind].flat
        assert not ((average != 0) & (average.abs() < tiny)).any()


def test_a_network_of_nan_leaves_the_others_alone():
    own = parts()
    optimiser = Adam(own, clip_norm=1.0)
    optimiser.set_rates([[0.1] * NETWORKS] * 2)
    for weights, gradients in own:
        gradients.flat.normal_()
        for view in gradients.values():
            view[1] = torch.nan
        assert weights.flat.isfinite().all()
    optimiser.step()
    for weights, _ in own:
        for view in weights.values():
            assert view[[0, 2]].isfinite().all()
            assert view[1].isnan().all()
