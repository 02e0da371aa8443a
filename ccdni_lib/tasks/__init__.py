"""The tasks of the papers, by name."""

from __future__ import annotations

import difflib

from ..engine.settings import SettingError
from .base import BUDGETS, Task, settings_for
from .captions import Captions
from .digits import CSeqMNIST, DdSeqMNIST, LdSeqMNIST, SeqMNIST
from .lines import LineDrawing
from .reaching import TargetReaching
from .variables import describe_variables, error_of

__all__ = ["BUDGETS", "TASKS", "Captions", "LineDrawing", "TargetReaching", "Task"]
__all__ += ["describe_variables", "error_of", "find_task", "settings_for"]

TASKS: dict[str, type[Task]] = {
    task.name: task for task in (LineDrawing, TargetReaching, SeqMNIST, CSeqMNIST, LdSeqMNIST, DdSeqMNIST, Captions)
}


def find_task(task: str | Task) -> Task:
    """The task of that name, perhaps with a variant (``target-reaching:targets=9``); a task itself is given back.

    Args:
        task: a name from `TASKS`, with what its ``variants`` allow behind a colon, or a task.

    Raises:
        SettingError: when there is no such task or variant.

    Example:
        >>> find_task("line-drawing").steps
        10
        >>> find_task("target-reaching:targets=9,inputs=28").inputs
        28
    """
    if not isinstance(task, str):
        return task
    name, _, text = task.partition(":")
    if name not in TASKS:
        close = difflib.get_close_matches(name, TASKS, 1)
        raise SettingError(
            f"task {name}: must be one of {', '.join(TASKS)}" + (f"; did you mean {close[0]}?" if close else "")
        )
    kind, chosen = TASKS[name], {}
    for part in filter(None, text.split(",")):
        option, _, value = part.partition("=")
        if option not in kind.variants:
            known = f"one of {', '.join(kind.variants)}" if kind.variants else "left out, there are no variants"
            raise SettingError(f"variant {option}: must be {known} for {name}")
        try:
            chosen[option] = kind.variants[option].read(value, 0)
        except (ValueError, TypeError):
            raise SettingError(f"{option} {value}: must be {kind.variants[option].allowed(None)} for {name}") from None
    return kind(**chosen)
