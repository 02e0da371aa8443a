"""Explorers of target reaching."""
