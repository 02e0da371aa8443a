"""Exercises of the chapter on the cerebellum: convergence, divergence and decorrelation of granule cells."""

from __future__ import annotations

from math import comb, perm

from .exercise import Case, Exercise


def _sum_correlation(kept: float, correlation: float) -> float:
    """Correlation of two sums of as many inputs, every pair of them equally correlated."""
    return kept * correlation / (1 + (kept - 1) * correlation)


EXERCISES = [
    Exercise(
        "cells_per_fibre",
        [
            Case("100 mossy fibres, 400 granule cells that keep 4", (100, 400, 4), 16.0),
            Case("20 mossy fibres, 80 granule cells that keep all 20", (20, 80, 20), 80.0),
            Case("250 million mossy fibres, 50 billion granule cells that keep 4", (250e6, 50e9, 4), 800.0),
        ],
        [
            (
                lambda fibres, cells, kept: cells / fibres,
                "That is the expansion M / N; every granule cell takes more than one fibre.",
            ),
            (
                lambda fibres, cells, kept: cells * kept,
                "That is the number of all synapses; share them out among the mossy fibres.",
            ),
            (
                lambda fibres, cells, kept: fibres * kept / cells,
                "You exchanged fibres and cells: there are K synapses at each granule cell, not at each fibre.",
            ),
        ],
    ),
    Exercise(
        "chance_of_twins",
        [
            Case("5 mossy fibres of which each cell keeps 2", (5, 2), 1 / 10),
            Case("100 mossy fibres of which each cell keeps 1", (100, 1), 1 / 100),
            Case("100 mossy fibres of which each cell keeps 4", (100, 4), 1 / comb(100, 4)),
            Case("20 mossy fibres of which each cell keeps all 20", (20, 20), 1.0),
        ],
        [
            (
                lambda fibres, kept: 1 / perm(fibres, kept),
                "You told orders apart: a cell that keeps fibres 1 and 2 is a twin of one that keeps 2 and 1.",
            ),
            (
                lambda fibres, kept: 1 / fibres**kept,
                "You let a cell keep the same fibre twice, and told orders apart.",
            ),
            (
                lambda fibres, kept: comb(fibres, kept),
                "That is how many choices there are; the chance to make one certain choice is one over it.",
            ),
        ],
        tolerance=1e-6,
    ),
    Exercise(
        "summed_correlation",
        [
            Case("4 inputs each, correlated by 0.5", (4, 0.5), _sum_correlation(4, 0.5)),
            Case("1 input each, correlated by 0.3", (1, 0.3), 0.3),
            Case("100 inputs each, correlated by 0.1", (100, 0.1), _sum_correlation(100, 0.1)),
            Case("4 inputs each, not correlated", (4, 0.0), 0.0),
        ],
        [
            (lambda kept, r: r, "That is the correlation of two inputs; summing changes it."),
            (
                lambda kept, r: kept * r,
                "That is the covariance over K; divide it by the variance of a sum, which grows too.",
            ),
            (
                lambda kept, r: kept**2 * r,
                "That is the covariance of the two sums; divide it by the variance of a sum.",
            ),
            (
                lambda kept, r: kept * r / (1 + kept * r),
                "In the variance of a sum of K inputs each meets K - 1 others, not K.",
            ),
        ],
    ),
]
