"""Stored results of spatial and forward DNI: small, complete, and still what the engine computes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ccdni_lib.study.experiments import load_result
from ccdni_lib.study.experiments.feedforward import RESULTS, make_feedforward
from ccdni_lib.study.feedforward.common import load_images
from ccdni_lib.study.runs.files import load_dataset, results_folder


@pytest.mark.parametrize("name", RESULTS)
def test_a_stored_result_is_small_and_says_what_made_it(name):
    assert (results_folder() / f"{name}.nc").stat().st_size < 1_000_000
    attrs = load_result(name).attrs
    assert attrs["made_by"] == f"ccdni results {name}"
    assert {"settings", "versions", "seconds", "source_revision", "device", "images"} <= set(attrs)


@pytest.mark.parametrize("name", RESULTS)
def test_a_stored_result_still_comes_out(name):
    """The first looks at one or two networks, trained anew: equal to what rounding allows."""
    stored = load_result(name)
    if stored.attrs["images"] == "MNIST" and load_images("mnist").source != "MNIST":
        pytest.skip("needs MNIST")
    sample = RESULTS[name].sample()
    names = {"accuracy", "train_error", "alignment", "explained", "activity"} & set(stored)
    for each in names:
        same = stored[each].sel({dim: sample[dim] for dim in stored[each].dims})
        np.testing.assert_allclose(sample[each], same, rtol=5e-3, atol=5e-3)


def test_a_result_can_be_made_again(tmp_path, monkeypatch):
    result = RESULTS["spatial-digits"]
    monkeypatch.setitem(
        RESULTS, "spatial-digits", replace(result, arguments={**result.arguments, **result.sampled, "batches": 30})
    )
    run = load_dataset(make_feedforward("spatial-digits", tmp_path))
    assert dict(run.sizes) == {"decoupled": 1, "teacher": 1, "seed": 1, "batch": 2, "layer": 3}
