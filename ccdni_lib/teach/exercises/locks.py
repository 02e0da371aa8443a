"""Exercises of the chapter on locks."""

from __future__ import annotations

from ..check import Exercise

EXERCISES: list[Exercise] = []
