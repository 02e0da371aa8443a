"""The explorer of horizons: which lesson teaches which step, without and with a cerebellum."""

from __future__ import annotations

import numpy as np

from ....tasks.base import feedback_every
from ...widget.short import round_numbers
from ...widget.widget import Cell, Explorer, build_cells, start_positions

STEPS, SCALE = 10, 0.1
REAL, PREDICTED = "#7d7d7d", "#d97000"


def lesson_weights(truncation: int, feedback_interval: int, bootstrap: bool) -> np.ndarray:
    """How strongly the lesson at each of ten steps reaches each earlier step.

    Inside a truncation feedback is real, and counts fully. A prediction that is injected at a cut counts 0.1; since its
    target holds the prediction of the next cut, every further cut multiplies by 0.1 again.

    Args:
        truncation: T, 1 … 10 steps.
        feedback_interval: k, 1 … 10 steps.
        bootstrap: whether a cerebellum, fully learned, bridges the cuts.

    Returns:
        ``(step, lesson)``, 0 … 1; NaN where no lesson is given, or it is already over.

    Example:
        >>> lesson_weights(2, 2, bootstrap=False)[1].tolist()[:5]  # step 1: lesson 2 lies beyond the cut
        [nan, nan, 0.0, nan, 0.0]
        >>> lesson_weights(2, 2, bootstrap=True)[1, 2]
        np.float64(0.1)
    """
    step, lesson = np.mgrid[:STEPS, :STEPS]
    cuts = lesson // truncation - step // truncation
    weight = np.where(cuts == 0, 1.0, SCALE**cuts if bootstrap else 0.0)
    asked = (lesson >= step) & (feedback_every(STEPS, feedback_interval)[lesson] > 0)
    return np.where(asked, weight, np.nan)


def reach_explorer(name: str = "reach", truncation: int = 2, feedback_interval: int = 2) -> Explorer:
    """Sliders for truncation and feedback interval over the map of lessons and steps.

    Args:
        name: of the explorer, unique in a page; its sliders stand in the page's address under it.
        truncation: T, where its slider stands at first; 1 … 10 steps.
        feedback_interval: k, where its slider stands at first; 1 … 5 steps.

    Returns:
        The explorer; panels: maps of lessons and steps of the cortex alone and with a cerebellum.

    Raises:
        SettingError: when a slider does not have the value.

    Example:
        >>> reach_explorer()
        <explorer reach: truncation 2, feedback_interval 2>
    """
    sliders = [
        {"name": "truncation", "label": "truncation T", "values": list(range(1, STEPS + 1)), "unit": "steps"},
        {"name": "feedback_interval", "label": "feedback interval k", "values": [1, 2, 3, 4, 5], "unit": "steps"},
    ]
    labels = {"columns": [str(t) for t in range(STEPS)], "rows": [str(t) for t in range(STEPS)]}
    axes = {"x": "the lesson at step …", "y": "teaches step …", "colors": [REAL, PREDICTED], **labels}
    spec = {
        "name": name,
        "title": "Which lesson teaches which step",
        "sliders": sliders,
        "panels": [
            {"kind": "matrix", "title": "Cortex alone", **axes},
            {"kind": "matrix", "title": "With a cerebellum that has learned", **axes},
        ],
        "cells": build_cells(sliders, _cell),
        "start": start_positions(sliders, truncation, feedback_interval),
        "note": "Grey: real feedback. Orange: predicted feedback, paler at every cut that it crosses. "
        "Dots: lessons that do not arrive. Dashed: cuts.",
    }
    return Explorer(spec)


def _cell(truncation: int, feedback_interval: int) -> Cell:
    """Maps without and with a cerebellum, and how many pairs of a step and a later lesson each connects."""
    panels, cuts = [], list(range(truncation, STEPS, truncation))
    for bootstrap in (False, True):
        weight = lesson_weights(truncation, feedback_interval, bootstrap)
        # opacity falls by a third at each cut, for 0.1 to a power would be invisible; its sign says what is predicted
        shade = np.where(weight > 0, np.maximum(0.08, 1 + np.log10(np.where(weight > 0, weight, 1)) / 3), 0)
        values = [
            [None if np.isnan(w) else round_numbers(s if w == 1 else -s, 2) for w, s in zip(*row, strict=True)]
            for row in zip(weight, shade, strict=True)
        ]
        panels.append({"values": values, "cuts": cuts})
    alone = lesson_weights(truncation, feedback_interval, bootstrap=False)
    pairs = ~np.isnan(alone)
    past = pairs & ~np.eye(STEPS, dtype=bool)
    direct, bridged = int((alone == 1)[past].sum()), int(past.sum())
    say = (
        f"There are {bridged} pairs of a step and a later lesson. Real feedback connects {direct} of them; predictions "
        f"connect the other {bridged - direct}"
    )
    if direct == 0 and truncation > 1:
        say += (
            f". With a lesson only at the first step of each truncation, a horizon of {truncation} is no horizon at all"
        )
    return {"panels": panels, "say": say + "."}
