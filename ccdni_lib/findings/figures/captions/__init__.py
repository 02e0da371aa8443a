"""Figures of captions."""
