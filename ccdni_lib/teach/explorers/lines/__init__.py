"""Explorers of line drawing."""
