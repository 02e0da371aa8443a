"""What a task is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np

from ..engine.examples import Trainable
from ..engine.settings import SettingError, Settings, make_settings

BUDGETS = {
    "quick": "seconds on two CPU cores: enough to see the effect",
    "class": "a minute: enough to discuss it",
    "paper": "the published seeds and epochs",
    "live": "about a second: a small network, for sliders",
}


@runtime_checkable
class Task(Trainable, Protocol):
    """A task: what training needs of it (see `Trainable`), and what a person wants to know of it.

    Attributes:
        summary: one sentence: what comes in, and what is to come out.
        source: where it was published.
        published: the settings it was published with, where they differ from the shared defaults.
        budgets: what the smaller budgets change, by name.
        axes: the name and the labels of what its Datasets call "example" and "axis".
    """

    summary: str
    source: str
    published: Mapping[str, Any]
    budgets: Mapping[str, Mapping[str, Any]]
    axes: Mapping[str, tuple[str, Sequence[Any]]]


def settings_for(task: Task, budget: str = "paper", **given: Any) -> Settings:
    """Checked settings of a task: what it was published with, what the budget changes, and what is asked for.

    Raises:
        SettingError: naming the first value that cannot be, and what is allowed.
    """
    known = ["paper", *task.budgets]
    if budget not in known:
        raise SettingError(f"budget {budget}: must be one of {', '.join(known)} for {task.name}")
    return make_settings(task.name, task.steps, {**task.published, **task.budgets.get(budget, {})}, **given)


def every(steps: int, interval: int) -> np.ndarray:
    """1 at steps 0, k, 2k, …, else 0: a teacher that speaks every k-th step (N section 3).

    Example:
        >>> every(10, 4).tolist()
        [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    """
    return (np.arange(steps) % interval == 0).astype(float)
