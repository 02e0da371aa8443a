"""Exercises of the chapter on drawing digits."""

from __future__ import annotations

from ..check import Exercise

EXERCISES: list[Exercise] = []
