"""Claims on forward DNI, correlations of a cerebellum with the layer that it predicts (P20 section 3.4, Fig. 7)."""

from __future__ import annotations

from collections.abc import Callable

import xarray as xr

from ..claim import Claim, Comparison
from ..readings import Measure, sample_of, scaled_sample, variable

FORWARD = "forward-mnist"
_PARTS = (("granule cells", "granule"), ("nuclei", "nuclei"))


def _spoken(run: xr.Dataset, part: str) -> xr.Dataset:
    """The looks at the networks from the first on at which the cerebellum says anything."""
    one = run.sel(part=part, partner="own")
    return one.isel(batch=variable("strongest")(one).notnull().any(["seed", "picked"]).values)


def _strongest(part: str, picked: str, place: int) -> Measure:
    return lambda run: variable("strongest")(_spoken(run, part)).sel(picked=picked).isel(batch=place)


def _spread(part: str, place: int) -> Measure:
    return lambda run: variable("spread_correlation")(_spoken(run, part)).isel(batch=place)


def _activity(population: str, share: float) -> Measure:
    """Mean |activity| after a share of all batches."""
    read = variable("activity")
    return lambda run: read(run).sel(population=population).isel(batch=int(share * (run.sizes["batch"] - 1)))


def _last_against_first(measure: Callable[[str, int], Measure], expect: str) -> tuple[Comparison, ...]:
    return tuple(
        Comparison(label, sample_of(FORWARD, measure(part, -1)), sample_of(FORWARD, measure(part, 0)), expect)
        for label, part in _PARTS
    )


FORWARDS = (
    Claim(
        "P20-7-nonzero",
        "P20 section 3.4, Fig. 7",
        "When activity is predicted, the cerebellum's output converges to something other than zero.",
        "the cerebellum output converges to some non-zero value (Fig. 7, top)",
        "mean |activity| (no unit)",
        (
            Comparison(
                "nuclei against half of the layer that they predict, at the end",
                sample_of(FORWARD, _activity("nuclei", 1.0)),
                scaled_sample(sample_of(FORWARD, _activity("cortex", 1.0)), 0.5),
                "more",
            ),
            Comparison(
                "nuclei at the end against three quarters of training",
                sample_of(FORWARD, _activity("nuclei", 1.0)),
                sample_of(FORWARD, _activity("nuclei", 0.75)),
                "same",
                within=0.1,
            ),
        ),
        why="Converged: the last quarter of training changes it by less than a tenth.",
    ),
    Claim(
        "P20-7-strengthen",
        "P20 section 3.4, Fig. 7",
        "Correlations with the cerebellum increase for the pairs that have the highest in the end.",
        "increase over learning for neurons with final high correlations",
        "mean |r| over 1,000 images of the 256 pairs most correlated at the end (0 … 1); last look against first",
        _last_against_first(lambda part, place: _strongest(part, "end", place), "more"),
        why="Pairs that are chosen for a high end rise to it by choice alone: chapter 12 has a control.",
    ),
    Claim(
        "P20-7-weaken",
        "P20 section 3.4, Fig. 7",
        "Correlations decrease for the pairs that have the highest at the beginning.",
        "whereas correlations decrease for neurons with initial high correlations",
        "mean |r| over 1,000 images of the 256 pairs most correlated at the beginning (0 … 1); last look against first",
        _last_against_first(lambda part, place: _strongest(part, "beginning", place), "less"),
        why="Pairs that are chosen for a high beginning fall from it by choice alone, likewise.",
    ),
    Claim(
        "P20-7-variance",
        "P20 section 3.4",
        "The variance of all correlations decreases over learning.",
        "the variance of total correlations decreases over learning (not shown)",
        "variance of |r| over all pairs (no unit); last look against first",
        _last_against_first(_spread, "less"),
    ),
)
