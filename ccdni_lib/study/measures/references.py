"""Errors to hold a network's error against: of who never moves, and of who answers without looking."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from ...engine.settings import SettingError
from ...tasks import find_task
from ...tasks.digits import Digits
from ...tasks.lines import LineDrawing
from ...tasks.reaching import TargetReaching
from ...tasks.templates import straight_lines


def resting_line_error() -> Float[np.ndarray, " N"]:
    """Error in line drawing, at each step, of who stays at the origin whatever the cue.

    Returns:
        Squared distance in units of the plane, ``(N,)``, averaged over the cues.

    Example:
        >>> resting_line_error()[[0, 9]].round(2).tolist()  # six of seven targets are 10 away
        [0.0, 85.71]
    """
    task = LineDrawing()
    return np.square(straight_lines(task.targets(), task.steps)).sum(-1).mean(0)


def resting_reach_error(name: str) -> float:
    """Error in target reaching of who stays at the origin: the mean squared distance of the targets.

    Args:
        name: of target reaching, or of a variant of it.

    Returns:
        In units of the plane, squared.

    Raises:
        SettingError: when it is another task.

    Example:
        >>> round(resting_reach_error("target-reaching"), 2)  # six of seven targets lie on a circle of radius 10
        85.71
    """
    return float(np.square(find_reaching_task(name).targets()).sum(1).mean())


def blind_digit_error(name: str) -> Float[np.ndarray, " N"]:
    """Error in a digit task, at each step, of the best answer that is the same for all digits, each as frequent.

    Args:
        name: of a digit task.

    Returns:
        In the unit that the task's errors are reported in, ``(N,)``.

    Raises:
        SettingError: when it is another task.

    Example:
        >>> blind_digit_error("c-seqmnist")[-1].round(6).item()  # digits lie on a circle of radius 10
        100.0
        >>> blind_digit_error("seqmnist")[-1].round(6).item()  # log 10
        2.302585
    """
    task = find_digit_task(name)
    wanted = task.wanted()
    if wanted.ndim == 2:
        return np.full(task.steps, np.log(task.outputs))
    return task.error_factor * np.square(wanted - wanted.mean(0)).sum(-1).mean(0)


def find_reaching_task(name: str) -> TargetReaching:
    """The variant of target reaching that has this name.

    Raises:
        SettingError: when it is another task.

    Example:
        >>> find_reaching_task("line-drawing")
        Traceback (most recent call last):
        ...
        ccdni_lib.engine.settings.SettingError: task line-drawing: must be target-reaching or one of its variants
    """
    task = find_task(name)
    if not isinstance(task, TargetReaching):
        raise SettingError(f"task {name}: must be target-reaching or one of its variants")
    return task


def find_digit_task(name: str) -> Digits:
    """The digit task of that name.

    Raises:
        SettingError: when it is another task.

    Example:
        >>> find_digit_task("line-drawing")
        Traceback (most recent call last):
        ...
        ccdni_lib.engine.settings.SettingError: task line-drawing: must be one of seqmnist, c-seqmnist, ld-seqmnist, dd-seqmnist
    """  # noqa: E501
    task = find_task(name)
    if not isinstance(task, Digits):
        raise SettingError(f"task {name}: must be one of seqmnist, c-seqmnist, ld-seqmnist, dd-seqmnist")
    return task
