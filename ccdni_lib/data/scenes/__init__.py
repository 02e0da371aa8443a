"""Scenes that are drawn here: pictures, what is true of them, and captions from a grammar."""

from .captions import facts, truth

__all__ = ["facts", "truth"]
