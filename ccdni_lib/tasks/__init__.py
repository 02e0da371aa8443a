"""The tasks of the papers, by name."""

from __future__ import annotations

from ..engine.settings import SettingError
from .base import BUDGETS, Task, settings_for
from .lines import LineDrawing

__all__ = ["BUDGETS", "TASKS", "LineDrawing", "Task", "find_task", "settings_for"]

TASKS: dict[str, type[Task]] = {task.name: task for task in (LineDrawing,)}


def find_task(task: str | Task) -> Task:
    """The task of that name; a task itself is given back.

    Raises:
        SettingError: when there is no such task.

    Example:
        >>> find_task("line-drawing").steps
        10
    """
    if not isinstance(task, str):
        return task
    if task not in TASKS:
        raise SettingError(f"task {task}: must be one of {', '.join(TASKS)}")
    return TASKS[task]()
