"""Networks: where their weights come from, and that they go out and come back unchanged."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from ccdni_lib.engine.networks.network import Network, Sizes

SIZES = Sizes(inputs=2, units=8, outputs=3, granule_cells=24)
SPARSE = replace(SIZES, mossy_fibres=4)


def test_draws_are_within_their_bounds_and_fill_them():
    network = Network.draw(SIZES, range(20))
    for name, bound in [("cell", 8**-0.5), ("readout_weight", 8**-0.5), ("granule0_weight", 16**-0.5)]:
        largest = network.weights[name].abs().max().item()
        assert 0.97 * bound < largest <= bound
    assert network.weights["nuclei_weight"].abs().max() == network.weights["nuclei_bias"].abs().max() == 0


def test_kaiming_bound_is_pytorchs():
    linear = nn.Linear(16, 24)
    nn.init.kaiming_uniform_(linear.weight, a=math.sqrt(5))
    ours = Network.draw(replace(SIZES, granule_cells=2000), [0]).weights["granule0_weight"]
    assert ours.std().item() == pytest.approx(16**-0.5 / 3**0.5, rel=0.02)
    assert linear.weight.std().item() == pytest.approx(16**-0.5 / 3**0.5, rel=0.2)


def test_a_network_depends_on_its_own_seed_only():
    alone, among = Network.draw(SPARSE, [7]), Network.draw(SPARSE, [3, 7, 1])
    for name, weight in alone.weights.items():
        assert torch.equal(weight[0], among.weights[name][1])
    assert torch.equal(alone.wiring[0], among.wiring[1])


def test_twins_share_their_cortex():
    with_, without = Network.draw(SIZES, [4]), Network.draw(replace(SIZES, granule_cells=0), [4])
    for name, weight in without.weights.items():
        assert torch.equal(weight, with_.weights[name])


def test_bias_factor_scales_input_and_recurrent_weights_alone():
    one, two = (Network.draw(SIZES, [0], bias_factor=factor).weights for factor in (1.0, 0.5))
    torch.testing.assert_close(two["cell"][:, :-2], 0.5 * one["cell"][:, :-2])
    assert torch.equal(two["cell"][:, -2:], one["cell"][:, -2:])
    assert torch.equal(two["readout_weight"], one["readout_weight"])


def test_each_granule_cell_keeps_k_different_mossy_fibres_with_the_dense_weights():
    sparse, dense = Network.draw(SPARSE, [5]), Network.draw(SIZES, [5])
    wiring = sparse.wiring[0]
    assert wiring.shape == (4, 24)
    assert all(len(set(cell)) == 4 for cell in wiring.T.tolist())
    assert len({tuple(cell) for cell in wiring.T.tolist()}) > 12  # drawn per cell
    kept = dense.weights["granule0_weight"][0].gather(0, wiring)
    assert torch.equal(sparse.weights["granule0_weight"][0], kept)
    _, _, cerebellum = sparse.to_torch(0)
    assert (cerebellum[0].weight != 0).sum() == 4 * 24


def test_goes_to_pytorch_and_back_unchanged():
    network = Network.draw(SIZES, [0, 1], cerebellum_init="random")
    back = Network.from_torch(*network.to_torch(1))
    assert back.sizes == network.sizes
    for name, weight in back.weights.items():
        assert torch.equal(weight[0], network.weights[name][1])


def test_takes_weights_from_an_lstm_and_computes_what_it_computes():
    lstm, readout = nn.LSTM(2, 8), nn.Linear(8, 3)
    network = Network.from_torch(lstm, readout, copies=2)
    x = torch.randn(5, 4, 2)
    hidden, (_, c) = lstm(x)
    activity = network.cortex.run(x[None])
    torch.testing.assert_close(activity.h[1, 1:], hidden)
    torch.testing.assert_close(activity.c[0, -1], c[0])
    torch.testing.assert_close(network.cortex.readout(activity.h[:, 1:])[0], readout(hidden))


@pytest.mark.parametrize(
    "modules",
    [
        (nn.LSTM(2, 8, num_layers=2), nn.Linear(8, 3)),
        (nn.LSTM(2, 8, bidirectional=True), nn.Linear(8, 3)),
        (nn.LSTM(2, 8), nn.Linear(8, 3), nn.Sequential(nn.Linear(16, 24), nn.ReLU(), nn.Linear(24, 5))),
    ],
)
def test_refuses_modules_of_another_form(modules):
    with pytest.raises(ValueError, match="must"):
        Network.from_torch(*modules)


@pytest.mark.parametrize("sizes", [SIZES, SPARSE])
def test_save_and_load(sizes, tmp_path):
    network = Network.draw(sizes, [0, 1])
    network.save(tmp_path / "n.safetensors", task="line-drawing", epochs=3)
    back, settings = Network.load(tmp_path / "n.safetensors")
    assert settings == {"task": "line-drawing", "epochs": 3}
    assert torch.equal(back.weights.flat, network.weights.flat)
    assert sizes.mossy_fibres is None or torch.equal(back.wiring, network.wiring)


def test_refuses_files_that_are_not_its_own(tmp_path):
    (tmp_path / "junk").write_bytes(b"junk")
    save_file({"a": torch.zeros(2)}, tmp_path / "foreign")
    Network.draw(SIZES, [0]).save(tmp_path / "whole")
    (tmp_path / "half").write_bytes((tmp_path / "whole").read_bytes()[:2000])
    save_file({"a": torch.zeros(2)}, tmp_path / "older", metadata={"format": "ccdni_lib network 1"})
    for name in ("junk", "foreign", "half", "absent", "older.*of this version.*network 1"):
        with pytest.raises(ValueError, match=name):
            Network.load(tmp_path / name.split(".")[0])


def test_draws_do_not_change_between_versions():
    """These numbers are part of every stored result."""
    weights = Network.draw(SPARSE, [3]).weights
    drawn = [weights[name].flatten()[0].item() for name in ("cell", "readout_bias", "granule0_weight")]
    np.testing.assert_allclose(drawn, [-0.3215263, -0.2910899, 0.1786430], rtol=1e-5)
