"""Figures of the digit tasks."""
