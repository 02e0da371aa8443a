"""Figures of target reaching, sparsity and decorrelation."""
