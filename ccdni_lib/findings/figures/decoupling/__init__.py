"""Figures of locks and of feedforward networks."""
