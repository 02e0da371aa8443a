"""Exercises of the chapter on synthetic gradients."""

from __future__ import annotations

from ..check import Exercise

EXERCISES: list[Exercise] = []
