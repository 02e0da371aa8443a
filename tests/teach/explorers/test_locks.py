"""Time lines of learning: held to formulas, and to the locks of which they are made."""

from __future__ import annotations

import json

import numpy as np
import pytest

from ccdni_lib.findings.figures.decoupling.locks import late_feedback_paths, waiting_shares
from ccdni_lib.teach.exercises import EXERCISES
from ccdni_lib.teach.explorers.decoupling.locks import (
    WAYS,
    first_layer_delay,
    locks_explorer,
    timeline,
    working_share,
)

DEPTHS = range(1, 9)


def ticks(table):
    """Ticks, from 1, of the forward steps and of the updates, as {(layer, batch): tick}."""
    steps = {(i + 1, v): t + 1 for (i, t), v in np.ndenumerate(table) if v > 0}
    updates = {(i + 1, -v): t + 1 for (i, t), v in np.ndenumerate(table) if v < 0}
    return steps, updates


@pytest.mark.parametrize("depth", DEPTHS)
def test_backpropagation_goes_up_and_comes_back(depth):
    steps, updates = ticks(timeline(depth, 2 * depth))
    assert steps == {(i, 1): i for i in range(1, depth + 1)}
    assert updates == {(i, 1): 2 * depth - i + 1 for i in range(1, depth + 1)}


@pytest.mark.parametrize("depth", DEPTHS)
def test_shares_are_those_of_the_formulas(depth):
    expected = {"backprop": 1 / depth, "broadcast": 2 / (depth + 1), "pipeline": 1, "predicted": 1, "all predicted": 1}
    assert {way: working_share(depth, way) for way in WAYS} == pytest.approx(expected)


@pytest.mark.parametrize("depth", DEPTHS)
def test_a_pipelines_feedback_is_as_old_as_layers_lie_above(depth):
    table = timeline(depth, 20 * depth, "pipeline")
    for layer, row in enumerate(table, start=1):
        update = np.flatnonzero(row < 0)[-1]
        step = np.flatnonzero(row == -row[update])[0]
        assert (row[step:update] < 0).sum() == depth - layer
        assert update - step - 1 == 2 * (depth - layer)
    assert first_layer_delay(depth, "pipeline") == (2 * depth - 2, depth - 1)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("depth", [1, 2, 5])
def test_locks_are_kept(way, depth):
    steps, updates = ticks(timeline(depth, 60, way))
    locks = WAYS[way][1]
    for (layer, batch), tick in steps.items():
        assert batch == 1 or steps[layer, batch - 1] < tick  # batches stay in their order
        if "forward" in locks and layer > 1:
            assert steps[layer - 1, batch] < tick
        if "still" in locks and batch > 1:
            assert updates[layer, batch - 1] < tick
    for (layer, batch), tick in updates.items():
        assert steps[layer, batch] < tick
        if "update" in locks:
            assert steps[depth, batch] < tick
        if "backward" in locks and layer < depth:
            assert updates[layer + 1, batch] < tick


def test_whoever_may_work_works():
    """Predicted feedback: nobody ever waits, but for the first batch to arrive."""
    for way, arrives in (("predicted", lambda layer: layer - 1), ("all predicted", lambda layer: 0)):
        for layer, row in enumerate(timeline(6, 30, way), start=1):
            assert not row[: arrives(layer)].any()
            assert row[arrives(layer) :].all()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((0, 5), "depth 0: must be a whole number, 1 or more"),
        ((5, 0), "ticks 0: must be a whole number, 1 or more"),
        ((5, 5, "bribery"), "way bribery: must be one of backprop, pipeline, broadcast, predicted, all predicted"),
    ],
)
def test_what_cannot_be_is_said(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        timeline(*arguments)


def test_exercises_agree_with_time_lines():
    for case in EXERCISES["update_tick"].cases:
        layer, depth = case.arguments
        assert ticks(timeline(depth, 2 * depth))[1][layer, 1] == case.expected
    for case in EXERCISES["idle_share"].cases:
        if (depth := case.arguments[0]) < 10:
            assert 1 - working_share(depth) == pytest.approx(case.expected)
    for case in EXERCISES["stale_updates"].cases:
        layer, depth = case.arguments
        assert first_layer_delay(depth - layer + 1, "pipeline")[1] == case.expected


def test_the_explorer_has_a_cell_for_every_position_and_fits_a_page():
    explorer = locks_explorer()
    spec = json.loads(explorer.spec)
    assert set(spec["cells"]) == {f"{i},{j}" for i in range(8) for j in range(5)}
    assert len(explorer.html()) < 100_000
    assert explorer.html() == locks_explorer().html()
    values = spec["cells"]["2,0"]["panels"][0]["values"]
    assert values[0][:7] == [1, 0, 0, 0, 0, -1, 0.5]  # the second batch is fainter
    assert values[3] == [None] * 16  # there is no fourth layer


def test_the_explorer_says_what_it_shows():
    said = locks_explorer(depth=4, way="pipeline").cell["say"]
    assert "works 25%" in said
    assert "a pipeline it works 100%" in said
    assert "waits 6 ticks" in said
    assert "change 3 times" in said
    assert "With 1 layer and backpropagation a layer works 100%" in locks_explorer(depth=1, way="backprop").cell["say"]


def test_figures_draw_what_they_are_given():
    shares = {"a": [0.0, 0.5], "b": [0.0, 0.0]}
    lines = waiting_shares([1, 2], shares).figure.axes[0].lines
    assert [line.get_ydata().tolist() for line in lines] == [[0, 50], [0, 0]]
    picture = late_feedback_paths({0: [1, 0.5], 3: [1, 0.5]}, {0: 2.0, 1: 1.0}, rate=0.5)
    formula = picture.figure.axes[1].lines[0]
    assert formula.get_ydata()[[0, -1]] == pytest.approx([2, 1])  # 2 sin(π/2) and 2 sin(π/6)
