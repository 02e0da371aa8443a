"""Exercises of the chapter on the cerebellum."""

from __future__ import annotations

from ..check import Exercise

EXERCISES: list[Exercise] = []
