"""Figures of line drawing."""
