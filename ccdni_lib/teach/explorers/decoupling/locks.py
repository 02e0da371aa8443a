"""The explorer of locks: which layer works at which tick, and which waits, while a network learns."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Int

from ....engine.ranges import one_line
from ....engine.settings import SettingError
from ...widget.widget import Cell, Explorer, build_cells, position_of, start_positions

TICKS, DEEPEST = 16, 8
FORWARD, UPDATE = "#7d7d7d", "#d97000"
WAYS = {
    "backprop": ("backpropagation", {"forward", "update", "backward", "still"}),
    "pipeline": ("a pipeline", {"forward", "update", "backward"}),
    "broadcast": ("an error that is broadcast to all layers", {"forward", "update", "still"}),
    "predicted": ("predicted feedback", {"forward", "still"}),
    "all predicted": ("predicted feedback and predicted input", {"still"}),
}


def timeline(depth: int, ticks: int, way: str = "backprop") -> Int[np.ndarray, "depth ticks"]:
    """What each layer of a network does at each tick, while batch after batch comes in.

    No schedule is laid down, only locks (the first three from J17 section 1). At every tick a layer makes the update
    that it may make; if there is none, the forward step that it may make; if there is none, it waits. Each takes one
    tick.

    - forward: it may take a batch once the layer before has passed it on;
    - update: it may update once the last layer has seen the batch;
    - backward: it may update once the layer behind it has, for its feedback comes from there;
    - still: it may not take a new batch before it has learned from the old one. Without this lock it may have as many
      batches under way as there are layers.

    Args:
        depth: L, layers; 1 or more.
        ticks: how long to look; 1 or more.
        way: of learning, a key of `WAYS`, which says what locks it has.

    Returns:
        ``(depth, ticks)``, first layer first: b for a forward step of batch b, -b for the update, 0 for waiting.

    Raises:
        SettingError: when a number is not whole or below 1, or there is no such way.

    Example:
        >>> timeline(depth=3, ticks=6)
        array([[ 1,  0,  0,  0,  0, -1],
               [ 0,  1,  0,  0, -1,  0],
               [ 0,  0,  1, -1,  0,  0]])
        >>> timeline(depth=3, ticks=6, way="predicted")
        array([[ 1, -1,  2, -2,  3, -3],
               [ 0,  1, -1,  2, -2,  3],
               [ 0,  0,  1, -1,  2, -2]])
    """
    for name, value in (("depth", depth), ("ticks", ticks)):
        if not isinstance(value, (int, np.integer)) or value < 1:
            raise SettingError(f"{name} {one_line(value)}: must be a whole number, 1 or more")
    position_of("way", way, list(WAYS))
    locks, top = WAYS[way][1], depth - 1
    under_way = 1 if "still" in locks else depth
    passed, learned = np.zeros(depth, dtype=int), np.zeros(depth, dtype=int)  # batches that each layer is done with
    table = np.zeros((depth, ticks), dtype=int)
    for tick in range(ticks):
        seen, taught = passed.copy(), learned.copy()  # as the tick begins
        for i in range(depth):
            batch = taught[i] + 1
            may_update = (
                seen[i] >= batch
                and ("update" not in locks or seen[top] >= batch)
                and ("backward" not in locks or i == top or taught[i + 1] >= batch)
            )
            may_step = seen[i] < taught[i] + under_way and ("forward" not in locks or i == 0 or seen[i - 1] > seen[i])
            if may_update:
                table[i, tick], learned[i] = -batch, batch
            elif may_step:
                table[i, tick] = passed[i] = seen[i] + 1
    return table


def working_share(depth: int, way: str = "backprop") -> float:
    """The share of its time in which a layer works once the network has filled with batches.

    Counted on a `timeline` over whole periods of it, and over all layers.

    Args:
        depth: L, layers; 1 or more.
        way: of learning, a key of `WAYS`.

    Returns:
        0 … 1; with backpropagation 1 / L.

    Raises:
        SettingError: as `timeline` does.

    Example:
        >>> working_share(depth=4), working_share(depth=4, way="pipeline"), working_share(depth=4, way="predicted")
        (0.25, 1.0, 1.0)
    """
    filling, periods = 4 * depth * (depth + 1), 2 * depth * (depth + 1)
    return float((timeline(depth, filling + periods, way)[:, filling:] != 0).mean())


def first_layer_delay(depth: int, way: str = "backprop") -> tuple[int, int]:
    """How long the first layer waits between a batch's forward step and its update, and how often it changes meanwhile.

    Args:
        depth: L, layers; 1 or more.
        way: of learning, a key of `WAYS`.

    Returns:
        Ticks between the two, and updates with other batches that the first layer makes in between.

    Raises:
        SettingError: as `timeline` does.

    Example:
        >>> [first_layer_delay(depth=4, way=way) for way in ("backprop", "pipeline", "predicted")]
        [(6, 0), (6, 3), (0, 0)]
    """
    row = timeline(depth, 12 * depth, way)[0]
    update = int(np.flatnonzero(row < 0)[-1])
    step = int(np.flatnonzero(row == -row[update])[0])
    between = row[step + 1 : update]
    return len(between), int((between < 0).sum())


def locks_explorer(name: str = "locks", depth: int = 6, way: str = "predicted") -> Explorer:
    """Sliders for depth and way of learning over the time line of who works and who waits.

    Args:
        name: of the explorer, unique in a page; its sliders stand in the page's address under it.
        depth: where its slider stands at first, 1 … 8 layers.
        way: of learning, where its slider stands at first; a key of `WAYS`.

    Returns:
        The explorer; panels: time lines of backpropagation and of the chosen way of learning.

    Raises:
        SettingError: when a slider does not have the value.

    Example:
        >>> locks_explorer()
        <explorer locks: depth 6, way predicted>
    """
    sliders: list[dict[str, Any]] = [
        {"name": "depth", "label": "depth", "values": list(range(1, DEEPEST + 1)), "unit": "layers"},
        {"name": "way", "label": "way of learning", "values": list(WAYS)},
    ]
    labels = {
        "rows": [str(layer) for layer in range(1, DEEPEST + 1)],
        "columns": [str(tick) if tick == 1 or tick % 4 == 0 else "" for tick in range(1, TICKS + 1)],
    }
    axes = {"kind": "matrix", "x": "tick", "y": "layer", "colors": [FORWARD, UPDATE], **labels}
    spec = {
        "name": name,
        "title": "Who works, and who waits",
        "sliders": sliders,
        "panels": [{**axes, "title": "Backpropagation"}, {**axes, "title": "Your way of learning"}],
        "cells": build_cells(sliders, _cell),
        "start": start_positions(sliders, depth, way),
        "note": "Grey: a forward step. Orange: an update. Dot: the layer waits. Every second batch is fainter. "
        "Rows below the last layer are empty.",
    }
    return Explorer(spec)


def _cell(depth: int, way: str) -> Cell:
    """Time lines of backpropagation and of a way of learning, and how long layers work and wait."""
    panels = [{"values": _shades(timeline(depth, TICKS, each))} for each in ("backprop", way)]
    say = (
        f"With {_count_text(depth, 'layer')} and backpropagation a layer works {working_share(depth):.0%} of its time. "
    )
    wait, changed = first_layer_delay(depth, way)
    if way != "backprop":
        say += f"With {WAYS[way][0]} it works {working_share(depth, way):.0%}. "
    say += f"Layer 1 waits {_count_text(wait, 'tick')} between a forward step and its update"
    if changed:
        say += f", and its weights change {_count_text(changed, 'time')} in between"
    return {"panels": panels, "say": say + "."}


def _count_text(number: int, what: str) -> str:
    """A number with its noun, as in "1 tick" or "2 ticks"."""
    return f"{number} {what}{'s' * (number != 1)}"


def _shades(table: Int[np.ndarray, "depth ticks"]) -> list[list[float | int | None]]:
    """Values for a matrix panel of all rows: its sign says forward step or update, every second batch is fainter."""
    shade = np.sign(table) * np.where(table % 2 == 0, 0.5, 1)
    rows: list[list[float | int | None]] = [[v if v % 1 else int(v) for v in row] for row in shade.tolist()]
    return rows + [[None] * table.shape[1]] * (DEEPEST - len(rows))
