"""Exercises of the chapter on forward DNI."""

from __future__ import annotations

from ..check import Exercise

EXERCISES: list[Exercise] = []
