"""The exercises of the book, by the name of the function that the reader writes; a module for each chapter or two."""

from __future__ import annotations

from . import (
    anatomy,
    captions,
    coupling,
    digits,
    forward,
    gradients,
    horizons,
    lesions,
    locks,
    movement,
    reaching,
    time,
)
from .exercise import Exercise

_CHAPTERS = (
    *(locks, gradients, time, anatomy, movement, horizons, coupling),
    *(lesions, reaching, digits, forward, captions),
)
EXERCISES: dict[str, Exercise] = {exercise.name: exercise for chapter in _CHAPTERS for exercise in chapter.EXERCISES}
