"""Explorers of locks and of feedforward networks."""
