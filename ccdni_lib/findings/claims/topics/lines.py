"""Claims on line drawing: learning, straightness, horizons, intervals (P21 sections 2 and 3.1, Fig. 2, 3a, S1)."""

from __future__ import annotations

from functools import partial
from typing import Any

import xarray as xr

from ..claim import Claim, Comparison, twins
from ..readings import (
    Measure,
    Sample,
    benefit,
    constant_sample,
    distance_from_median,
    final_value,
    mean_over_learning,
    mean_sample,
    mean_step_error,
    roughness,
    sample_of,
    share_of_standing_still,
    square_root,
    untaught_per_step,
    variable,
)

GRID, FRESH, ORACLE, COUPLING = (
    "line-drawing-grid",
    "line-drawing-fresh",
    "line-drawing-oracle",
    "line-drawing-coupling",
)
_here: dict[str, Any] = {"truncation": 1, "feedback_interval": 2}  # P21 Fig. 2b, c
_error = mean_step_error(final_value)
_gain = partial(benefit, GRID, _error)
_MSE = "squared error of a mean step after the last epoch, all ten steps (squared units of the plane)"


def _both(measure: Measure) -> tuple[Comparison, ...]:
    """With the ten seeds of the figure and, once more, with ten others."""
    return (
        twins("seeds 0–9", GRID, measure, **_here),
        twins("seeds 100–109", FRESH, measure),
    )


def _cosine(epoch: int) -> Sample:
    """Cosine of predicted feedback with the true gradient, mean over the cuts at which it is injected."""

    def measure(run: xr.Dataset) -> xr.DataArray:
        return (
            variable("true_cosine")(run)
            .sel(recorded_epoch=epoch, method="nearest")
            .isel(cut=slice(1, None))
            .mean("cut")
        )

    return sample_of(COUPLING, measure, model="ccrnn")


def _straight(value: float) -> Comparison:
    one = sample_of(GRID, square_root(untaught_per_step), model="ccrnn", **_here)
    return Comparison(
        f"ccRNN, distance from the line below {value:g}", one, constant_sample(value), "less", "difference"
    )


LINES = (
    Claim(
        "P21-2-direction",
        "P21 section 2",
        "A cerebellum that has learned a decent approximation moves the cortex roughly along the true gradient.",
        "move (roughly) along the direction of the true loss gradient",
        "cosine of predicted feedback with the true gradient of all future losses, mean over cuts 1–9 (–1 … 1)",
        tuple(
            Comparison(f"epoch {epoch}", _cosine(epoch), constant_sample(0), "more", "difference")
            for epoch in (10, 50, 100)
        ),
        why="A cosine of 0 is a right angle.",
    ),
    Claim(
        "P20-D-oracle",
        "P20 SM D",
        "If the future gradient is predicted perfectly, truncated learning is as good as full backpropagation in time.",
        "if the synthesiser perfectly predicts the future gradient",
        "training error after the last epoch, a taught step (squared units of the plane)",
        tuple(
            Comparison(
                f"oracle, T = {horizon}, against cRNN, T = 10",
                sample_of(ORACLE, final_value("train_error"), model="ccrnn", feedback_scale=1.0, truncation=horizon),
                sample_of(GRID, final_value("train_error"), model="crnn", truncation=10, feedback_interval=2),
                "same",
                within=0.25,
            )
            for horizon in (1, 2, 5)
        ),
        why="The updates are equal on paper; a quarter leaves room for rounding that grows over 4,000 updates.",
    ),
    Claim(
        "P21-2b-faster",
        "P21 section 3.1, Fig. 2b",
        "Without a cerebellum line drawing is learned more slowly.",
        "it does so more slowly",
        "training error averaged over all epochs, a taught step (squared units of the plane)",
        _both(mean_over_learning("train_error")),
    ),
    Claim(
        "P21-2b-variability",
        "P21 section 3.1, Fig. 2b",
        "Without a cerebellum networks differ more from each other.",
        "and with higher variability",
        "distance of each network's training error over all epochs from the median of its kind (squared units)",
        _both(distance_from_median(mean_over_learning("train_error"))),
    ),
    Claim(
        "P21-2b-straight",
        "P21 section 3.1, Fig. 2b",
        "With a cerebellum the untaught points lie almost on a straight line; without, the line is irregular.",
        "the ccRNN generalises to a near-perfect straight line",
        "distance from the line at untaught steps (units of the plane); squared error there, a step; "
        "roughness, mean squared second difference of the drawing (squared units)",
        (
            _straight(0.5),
            twins("untaught error", GRID, untaught_per_step, **_here),
            twins("roughness", GRID, roughness, **_here),
        ),
        why="0.5 is a twentieth of the line's length, less than half of one step.",
    ),
    Claim(
        "P21-2c-ataxia",
        "P21 section 3.1, Fig. 2c",
        "Without a cerebellum the ataxia score is higher.",
        "leading to an increased ataxia score",
        "ataxia score (P21 eq. 2) after the last epoch, a sum over ten steps (squared units of the plane)",
        _both(final_value("ataxia_score")),
    ),
    Claim(
        "P21-2d-struggles",
        "P21 section 3.1, Fig. 2d",
        "The cerebellum helps where the cortex struggles, that is, with a short horizon.",
        "when the main cortical recurrent network struggles to learn the task on its own",
        _MSE,
        (
            twins("T = 1", GRID, _error, **_here),
            twins("T = 2", GRID, _error, truncation=2, feedback_interval=2),
            *(
                Comparison(
                    f"benefit at T = 1 against T = {horizon}",
                    _gain(**_here),
                    _gain(truncation=horizon, feedback_interval=2),
                    "less",
                    "factor",
                )
                for horizon in (5, 10)
            ),
        ),
        why="Short is 10 or 20 % of the task. Benefits are normalised errors, ccRNN over cRNN: smaller means more.",
    ),
    Claim(
        "P21-S1-intervals",
        "P21 section 3.1, Fig. S1",
        "At every feedback interval the cerebellum helps more with the shortest horizon than with the longest.",
        "i.e. when using a short temporal feedback window; Fig. 2d, S1",
        _MSE,
        tuple(
            Comparison(
                f"k = {interval}, benefit at T = 1 against T = 10",
                _gain(truncation=1, feedback_interval=interval),
                _gain(truncation=10, feedback_interval=interval),
                "less",
                "factor",
            )
            for interval in (1, 2, 3, 4, 5)
        ),
        why="P21's supplement was not at hand: what Fig. S1 shows is concluded from the sentence that refers to it.",
    ),
    Claim(
        "P21-3a-continuous",
        "P21 section 3.1, Fig. 3a",
        "With feedback at every step the cerebellum hardly helps.",
        "there are only minor benefits of having the cerebellar module",
        _MSE,
        (
            twins("k = 1", GRID, _error, "not less", within=0.25, truncation=1, feedback_interval=1),
            Comparison(
                "benefit at k = 1 against k = 2",
                _gain(truncation=1, feedback_interval=1),
                _gain(**_here),
                "more",
                "factor",
            ),
        ),
        why="Minor means: an error no more than a fifth smaller, and less help than at the interval of Fig. 2.",
    ),
    Claim(
        "P21-3a-intermediate",
        "P21 section 3.1, Fig. 3a",
        "The cerebellum helps most at intermediate feedback intervals.",
        "are stronger at intermediate feedback intervals",
        _MSE,
        tuple(
            Comparison(
                f"benefit at k = 2, 3, 4 against k = {interval}",
                mean_sample([_gain(truncation=1, feedback_interval=middle) for middle in (2, 3, 4)]),
                _gain(truncation=1, feedback_interval=interval),
                "less",
                "factor",
            )
            for interval in (1, 5)
        ),
        why="An interaction: the mean log of the normalised error in the middle against each end.",
    ),
    Claim(
        "P21-3a-too-large",
        "P21 section 3.1, Fig. 3a",
        "With too long an interval no network learns the task, and the cerebellum does not help.",
        "until the feedback interval is just too large for the models",
        f"{_MSE}; the same as a share of the error of standing still at the origin",
        (
            twins("k = 5", GRID, _error, "same", within=0.25, truncation=1, feedback_interval=5),
            *(
                Comparison(
                    f"{name} at k = 5, share of the error of standing still above a half",
                    sample_of(GRID, share_of_standing_still, model=model, truncation=1, feedback_interval=5),
                    constant_sample(0.5),
                    "more",
                    "difference",
                )
                for name, model in (("cRNN", "crnn"), ("ccRNN", "ccrnn"))
            ),
        ),
        why="A network with more than half the error of one that never moves has not learned to draw.",
    ),
)
