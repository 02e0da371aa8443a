"""What chapters say of live runs that are chaotic, so that their outputs cannot be compared digit by digit."""

from __future__ import annotations

import numpy as np
import pytest

import ccdni_lib as cc

pytestmark = pytest.mark.notebooks
QUIET = {"device": "cpu", "progress": False}


def test_most_of_what_a_cerebellum_costs_is_gone_when_it_learns_slowly():
    """Chapter 07, at a horizon of five steps."""
    asked = {"truncation": 5, "epochs": 40, "seeds": 4, **QUIET}
    alone = cc.train("line-drawing", "crnn", **asked)
    usual = cc.train("line-drawing", "ccrnn", **asked)
    slow = cc.train("line-drawing", "ccrnn", cerebellum_learning_rate=1e-4, **asked)
    alone, usual, slow = (run.train_error.isel(epoch=-1).mean("seed").item() for run in (alone, usual, slow))
    assert slow - alone < (usual - alone) / 2


def test_coupling_falls_in_all_controls_and_furthest_where_the_olive_is_at_work():
    """Chapter 08: the ccRNN, and cerebella that are unheard, silent, or noise."""
    asked = {"budget": "quick", "seeds": 4, "epochs": 100, "record": "coupling", "record_every": 2, **QUIET}
    lesions = {"ccRNN": "", "unheard": "nuclei@0", "silent": "cerebellum@0", "noise": "olive@0"}
    ends, errors = {}, {}
    for name, lesion in lesions.items():
        drawn = "random" if name == "noise" else "zero"
        run = cc.train("line-drawing", "ccrnn", lesion=lesion, cerebellum_init=drawn, **asked)
        coupling = run.coupling.mean("seed")
        ends[name], errors[name] = coupling.sel(recorded_epoch=100).item(), run.train_error.isel(epoch=-1)
        assert ends[name] < coupling.sel(recorded_epoch=0).item()
    assert max(ends["ccRNN"], ends["unheard"]) < ends["silent"] / 1.5
    assert errors["noise"].min() > 20  # it never learns; the others do
    assert max(errors[name].max() for name in ("ccRNN", "unheard", "silent")) < 15


def test_strangers_are_coupled_like_partners_before_learning_and_after():
    """Chapter 08, small networks."""
    run = cc.train("line-drawing", "ccrnn", budget="live", seeds=4, record="activity", record_every=40, **QUIET)
    for epoch in (0, 40):
        look = run.sel(recorded_epoch=epoch)
        units, cells = look.h.isel(time=slice(None, -1)).values, look.granule.isel(cut=slice(1, None)).values
        units, cells = (x.reshape(4, -1, x.shape[-1]) for x in (units, cells))
        active = [granule[:, np.ptp(granule, axis=0) > 0] for granule in cells]
        n = units.shape[-1]
        table = np.array([[abs(np.corrcoef(h.T, m.T)[:n, n:]).mean() for m in active] for h in units])
        own, strangers = np.diag(table).mean(), table[~np.eye(4, dtype=bool)].mean()
        assert own == pytest.approx(strangers, abs=0.06)


def test_a_cerebellum_that_nobody_hears_changes_all_when_clipped_jointly_and_nothing_when_clipped_apart():
    """Chapter 09: what differs in the last digit today differs in the first tomorrow."""
    asked = {"budget": "live", "seeds": 4, **QUIET}
    for clip in ("joint", "separate"):
        unheard = cc.train("line-drawing", "ccrnn", lesion="nuclei@0", clip=clip, **asked)
        never = cc.train("line-drawing", "crnn", clip=clip, **asked)
        apart = abs(unheard.train_error / never.train_error - 1).max("seed")
        if clip == "separate":
            assert (apart == 0).all()
        else:
            assert apart.sel(epoch=slice(1, 5)).max() < 1e-5
            assert apart.sel(epoch=slice(20, None)).max() > 1e-2
