"""The chapter on the cerebellum: names that exist, measures held to formulas, a circuit with all its parts."""

from __future__ import annotations

import dataclasses
import json
import re
from itertools import combinations
from pathlib import Path

import nbformat
import numpy as np
import pytest
import xarray as xr

import ccdni_lib.engine.learning.rule as learning
import ccdni_lib.engine.networks.cortex as cortex
from ccdni_lib import Network, Settings, Sizes
from ccdni_lib.engine.settings import SettingError
from ccdni_lib.findings.figures.cerebellum.anatomy import cerebellar_loop, scores_by_granule_cells
from ccdni_lib.study.measures.populations import r_pop
from ccdni_lib.teach.exercises import EXERCISES
from ccdni_lib.teach.explorers.cerebellum.anatomy import PARTS, anatomy_table
from ccdni_lib.teach.explorers.reaching.expansion import expand, expansion_explorer, mossy_patterns


@pytest.fixture(scope="module")
def sparse():
    return Network.draw(Sizes(inputs=1, units=5, outputs=2, granule_cells=12, mossy_fibres=4), seeds=[0])


@pytest.mark.parametrize("name", [name for part in PARTS for name in part.code])
def test_every_name_in_the_table_exists(name, sparse):
    owner, _, own = name.rpartition(".")
    if owner:
        assert hasattr(getattr(cortex, owner), own)
    else:
        fields = {field.name for field in dataclasses.fields(Settings) + dataclasses.fields(learning.Propagation)}
        assert own in fields | set(sparse.weights) or hasattr(sparse.cerebellum, own) or hasattr(learning, own)


def test_the_chapter_shows_this_table():
    chapter = nbformat.read(Path(__file__).parents[3] / "book" / "04_cerebellum.ipynb", as_version=4)
    assert [anatomy_table() in cell.source for cell in chapter.cells].count(True) == 1
    assert {row.count("|") for row in anatomy_table().splitlines()} == {4}


def test_expansion_is_the_engines_first_layer():
    mossy = mossy_patterns()
    _, _, dense = Network.draw(Sizes(1, 20, 1, granule_cells=30, mossy_fibres=4), seeds=[0]).to_torch(0)
    weight, bias = (parameter.detach().numpy().astype(float) for parameter in dense[0].parameters())
    np.testing.assert_allclose(expand(mossy, 30, 4)[0], np.maximum(mossy @ weight.T + bias, 0), atol=1e-5)
    np.testing.assert_allclose(expand(mossy, 30, 4, True)[0], np.maximum(mossy @ abs(weight).T + bias, 0), atol=1e-5)


def test_mossy_patterns_are_correlated_as_asked():
    for correlation in (0.0, 0.3, 1.0):
        pairs = np.corrcoef(mossy_patterns(correlation).T)[np.triu_indices(40, 1)]
        assert pairs.mean() == pytest.approx(correlation, abs=0.03)
    with pytest.raises(ValueError, match="correlation 2: must be a number 0…1"):
        mossy_patterns(2)


@pytest.mark.parametrize(
    ("fibres", "cells", "kept", "sentence"),
    [
        (40, 80, 41, "kept 41: must be a whole number 1…40, for there are 40 mossy fibres"),
        (40, 80, 0, "kept 0: must be a whole number 1…40"),
        (40, 0, 4, "cells 0: must be a whole number, 1 or more"),
        (39, 80, 4, "mossy fibres 39: must be an even number, 2 or more"),
    ],
)
def test_granule_cells_that_cannot_be_are_refused(fibres, cells, kept, sentence):
    with pytest.raises(SettingError, match=sentence):
        expand(mossy_patterns()[:, :fibres], cells, kept)


def test_only_excitatory_synapses_make_sparseness_decorrelate():
    """What the chapter says of the model, with room for the draw."""
    mossy = mossy_patterns()
    for excitatory, smaller, larger in ((True, 4, 40), (False, 40, 4)):
        few, many = (r_pop(expand(mossy, 160, kept, excitatory)) for kept in (smaller, larger))
        assert few.mean() < many.mean()


def test_sums_are_correlated_as_the_exercise_says():
    covariance = 0.5 * np.eye(8) + 0.5
    first, second = np.repeat(np.eye(2), 4, axis=1)  # which of the eight inputs each sum takes
    measured = first @ covariance @ second / (first @ covariance @ first)
    case = next(case for case in EXERCISES["summed_correlation"].cases if case.arguments == (4, 0.5))
    assert measured == pytest.approx(case.expected)


def test_twins_are_counted_as_the_exercise_says():
    choices = list(combinations(range(5), 2))
    twins = np.mean([a == b for a in choices for b in choices])
    case = next(case for case in EXERCISES["chance_of_twins"].cases if case.arguments == (5, 2))
    assert twins == pytest.approx(case.expected)


def test_fibres_reach_as_many_cells_as_the_exercise_says(sparse):
    case = EXERCISES["cells_per_fibre"]
    network = Network.draw(Sizes(1, 50, 2, granule_cells=400, mossy_fibres=4), seeds=[0])
    reached = np.bincount(network.wiring[0].flatten().numpy(), minlength=100)
    expected = next(c.expected for c in case.cases if c.arguments == (100, 400, 4))
    assert reached.mean() == pytest.approx(expected)


def test_the_circuit_shows_its_parts():
    picture = cerebellar_loop()
    written = " ".join(text.get_text().replace("\n", " ") for text in picture.figure.axes[0].texts)
    for part in ("cortex", "pons", "mossy fibres", "granule cells", "Purkinje", "nuclei", "thalamus", "olive", "Golgi"):
        assert part in written
        assert part.lower() in picture.alt.lower()
    assert not re.search(r"(fill|stroke): ?(#ffffff|white)", picture.svg())  # it must not shine in the dark


def test_sizes_are_compared_network_by_network():
    scores = xr.DataArray(
        [[[1.0, 3.0], [2.0, 2.0]], [[5.0, 7.0], [4.0, 4.0]]],
        dims=("model", "granule_cells", "seed"),
        coords={"model": ["ccrnn", "sccrnn"], "granule_cells": [10, 40]},
    )
    picture = scores_by_granule_cells(scores, baseline=xr.DataArray([9.0, 11.0], dims="seed"))
    means = [line.get_ydata() for line in picture.figure.axes[0].lines[:2]]
    np.testing.assert_allclose(means, [[2, 2], [6, 4]])
    assert "sCC 6" in picture.alt


def test_the_explorer_has_a_cell_for_every_position_and_fits_a_page():
    explorer = expansion_explorer()
    spec = json.loads(explorer.spec)
    assert set(spec["cells"]) == {f"{i},{j},{k}" for i in range(6) for j in range(5) for k in range(2)}
    assert len(explorer.html()) < 100_000
    explorer.place = [5, 3, 0]  # K = all: "your K" is the dense layer
    _, dense, chosen = explorer.cell["panels"][1]["bars"]
    assert dense["parts"] == chosen["parts"]
