"""What a published figure is, and what several of them are drawn from together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import xarray as xr

from ..pictures.picture import Picture
from .reaching.sparsity import Wiring

SEQUENTIAL = ("seqmnist", "c-seqmnist", "ld-seqmnist", "dd-seqmnist")
SWEPT = ("seqmnist-horizons", "c-seqmnist-horizons", "ld-seqmnist-grid", "dd-seqmnist-horizons")
DIGIT_MAPS = tuple(f"{task}-map" for task in SEQUENTIAL)
REACHING_MAPS = ("reaching", "reaching-28d", "reaching-map", "reaching-28d-map")
ROOMS = {"3 targets": "reaching-3", "9 targets": "reaching-9", "2 inputs": "reaching-2d", "28 inputs": "reaching-28d"}


@dataclass(frozen=True)
class Figure:
    """A published figure.

    Attributes:
        name: of the figure, as P21-3c, P21-S6 or P20-2e; with a word behind it where it has several parts: P21-4c-ld.
        shows: what it shows, in a line.
        experiments: whose results it reads.
        picture: draws it; takes the results in the order of ``experiments``.
    """

    name: str
    shows: str
    experiments: tuple[str, ...]
    picture: Callable[..., Picture]


def reaching_wirings(seven: xr.Dataset, many: xr.Dataset, seven_map: xr.Dataset, many_map: xr.Dataset) -> list[Wiring]:
    """Maps of target reaching with 7 targets, and with 28 noisy inputs, each against a cortex alone (P20 Fig. S3).

    Args:
        seven, many, seven_map, many_map: results of `REACHING_MAPS`.
    """
    alone = {"model": "crnn", "truncation": 2}
    return [
        Wiring.of("7 targets", seven_map.sel(model="sccrnn"), seven.sel(alone), usual=80),
        Wiring.of("28 inputs", many_map.sel(model="sccrnn"), many.sel(alone), usual=240),
    ]


def digit_wirings(*results: xr.Dataset) -> list[Wiring]:
    """Maps of the four digit tasks, each against a cortex alone that was trained alike (P20 Fig. 5).

    Args:
        results: of `SWEPT`, then of `DIGIT_MAPS`.
    """
    swept, maps = digit_horizons(*results[:4]), results[4:]
    return [
        Wiring.of(name, own.sel(model="sccrnn"), swept[name].sel(model="crnn", truncation=3), usual=300)
        for name, own in zip(SEQUENTIAL, maps, strict=True)
    ]


def digit_horizons(*results: xr.Dataset) -> dict[str, xr.Dataset]:
    """Sweeps of the four digit tasks over truncations, at a feedback interval of 4; by task.

    Args:
        results: of `SWEPT`.
    """
    swept = dict(zip(SEQUENTIAL, results, strict=True))
    return swept | {"ld-seqmnist": swept["ld-seqmnist"].sel(feedback_interval=4)}
