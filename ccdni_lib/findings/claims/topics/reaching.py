"""Claims on target reaching: speed, accuracy, horizons, sparsity, decorrelation (P20 section 3.1, SM E and F)."""

from __future__ import annotations

import xarray as xr

from ..claim import Claim, Comparison, twins
from ..readings import (
    LacksError,
    Measure,
    Runs,
    Sample,
    benefit,
    constant_sample,
    distance_over_steps,
    final_value,
    log_ratio,
    mean_over_learning,
    sample_of,
    square_root,
    variable,
)

REACHING, MAP, MAP_28D, BIAS = "reaching", "reaching-map", "reaching-28d-map", "reaching-bias"
HORIZONS = (2, 3, 4, 5, 7)
_end, _learning = final_value("ataxia_taught"), mean_over_learning("ataxia_taught")
_END = "squared error at the last step after the last epoch, on validation examples (squared units of the plane)"
_LEARNING = "squared error at the last step on validation examples, averaged over epochs (squared units of the plane)"
DNI = (("CC-DNI", "ccrnn"), ("sCC-DNI", "sccrnn"))


def correlated(experiment: str, correlation: str, measure: Measure, model: str, most: bool) -> Sample:
    """A measure of each seed's most correlated networks, or of its least correlated ones.

    A seed has one network for each bias factor b. Twins begin with the same cortex, so their correlation before
    learning is the same; it is read off the ccRNN. Of five networks the two greatest, or the two least, are averaged.
    """

    def read(runs: Runs) -> xr.DataArray:
        run = runs[experiment]
        # a cortex of constant units correlates with nothing
        first = variable(correlation)(run).sel(model="ccrnn").isel(recorded_epoch=0)
        r = first.fillna(0).transpose("seed", "bias_factor")
        if r.sizes["bias_factor"] < 4:
            raise LacksError("the result lacks four bias factors, two for the most and two for the least correlated")
        ranks = r.copy(data=(-r if most else r).values.argsort(axis=1, kind="stable").argsort(axis=1))
        chosen = measure(run).sel(model=model).where(ranks < 2, 0)
        return chosen.sum("bias_factor", skipna=False).reset_coords(drop=True) / 2

    return Sample((experiment,), read)


def helps_when_correlated(experiment: str, correlation: str, measure: Measure) -> tuple[Comparison, ...]:
    """Sparse against dense cerebella where the cortex is most correlated, and whether they gain more there."""

    def gain(most: bool) -> Sample:
        return log_ratio(*(correlated(experiment, correlation, measure, name, most) for name in ("sccrnn", "ccrnn")))

    return (
        Comparison(
            "most correlated networks, sCC-DNI against CC-DNI",
            correlated(experiment, correlation, measure, "sccrnn", True),
            correlated(experiment, correlation, measure, "ccrnn", True),
            "less",
        ),
        Comparison("benefit where most against least correlated", gain(True), gain(False), "less", "factor"),
    )


def decorrelates(experiment: str, name: str, until: int) -> tuple[Comparison, ...]:
    """Correlation of the components of predicted feedback over the first epochs, in sparse and in dense cerebella."""

    def measure(run: xr.Dataset) -> xr.DataArray:
        return variable(name)(run).sel(recorded_epoch=slice(1, until)).mean("recorded_epoch", skipna=False)

    factors = [0.01, 0.1, 0.5, 1.0, 2.0]
    return (
        twins("b = 1, sCC-DNI against CC-DNI", experiment, measure, "less", "sccrnn", "ccrnn", bias_factor=1.0),
        twins(
            "mean over b, sCC-DNI against CC-DNI", experiment, measure, "less", "sccrnn", "ccrnn", bias_factor=factors
        ),
    )


def _near(label: str, model: str, expect: str) -> Comparison:
    distance = sample_of(REACHING, square_root(_end), model=model, truncation=2)
    return Comparison(f"{label}, {expect} than 5 from the target", distance, constant_sample(5), expect, "difference")


_BENEFITS = "Benefits are normalised errors, (s)CC-DNI over LSTM: smaller means more."
_MOST = "Of each seed's five networks, one for each b, the two most and the two least correlated before learning count."

TARGETS = (
    Claim(
        "P20-2b-accurate",
        "P20 section 3.1, Fig. 2a, b",
        "Only networks with a cerebellum come near their targets.",
        "only the CC-DNI models learn to reach the target with good accuracy",
        "root mean squared distance from the target at the last step, after the last epoch (units of the plane), T = 2",
        (*(_near(label, model, "less") for label, model in DNI), _near("LSTM", "crnn", "more")),
        why="Neighbouring targets are 10 apart: within 5, a point is nearer to its own target than to any other.",
    ),
    Claim(
        "P20-2b-faster",
        "P20 section 3.1, Fig. 2b",
        "Without a cerebellum the network learns much more slowly.",
        "while LSTM still learns but much more slowly",
        f"{_LEARNING}, T = 2",
        tuple(twins(f"{label} against LSTM", REACHING, _learning, model=model, truncation=2) for label, model in DNI),
    ),
    Claim(
        "P20-2b-sparse",
        "P20 section 3.1, Fig. 2b, d",
        "A sparse cerebellum makes learning faster than a dense one.",
        "sparse CC-DNI not only learns more quickly than CC-DNI",
        _LEARNING,
        tuple(
            twins(
                f"T = {horizon}, sCC-DNI against CC-DNI",
                REACHING,
                _learning,
                "less",
                "sccrnn",
                "ccrnn",
                truncation=horizon,
            )
            for horizon in HORIZONS
        ),
    ),
    Claim(
        "P20-S3-sparse",
        "P20 section 3.1, Fig. S3",
        "Four mossy fibres a granule cell are better than all of them, whatever the expansion.",
        "sparse CC-DNI not only learns more quickly than CC-DNI (Fig. 2b,d, and S3)",
        _END,
        tuple(
            Comparison(
                label,
                sample_of(name, _end, mossy_fibres=4, **cells),
                sample_of(name, _end, mossy_fibres=full, **cells),
                "less",
            )
            for label, name, full, cells in (
                ("one input, M/N = 4, K = 4 against 20", MAP, 20, {"granule_cells": 80}),
                ("one input, mean over M/N, K = 4 against 20", MAP, 20, {"granule_cells": [20, 40, 80, 200, 400]}),
                ("28 inputs, M/N = 4, K = 4 against 60", MAP_28D, 60, {"granule_cells": 240}),
                ("28 inputs, mean over M/N, K = 4 against 60", MAP_28D, 60, {"granule_cells": [60, 120, 240, 600]}),
            )
        ),
    ),
    Claim(
        "P20-2c-steps",
        "P20 section 3.1, Fig. 2c",
        "With a sparse cerebellum the target is reached in fewer steps.",
        "but also reaches the target more quickly (i.e. in fewer time steps)",
        "distance to the target, averaged over the ten steps and the cues (units of the plane), T = 2",
        tuple(
            twins(f"sCC-DNI against {label}", REACHING, distance_over_steps, "less", "sccrnn", other, truncation=2)
            for label, other in (("CC-DNI", "ccrnn"), ("LSTM", "crnn"))
        ),
        why="Who arrives earlier is nearer on average.",
    ),
    Claim(
        "P20-2d-horizon",
        "P20 section 3.1, Fig. 2d",
        "A cerebellum is particularly important with a short horizon.",
        "particularly important when learning with low BPTT truncations",
        _END,
        tuple(
            comparison
            for label, model in DNI
            for comparison in (
                twins(f"T = 2, {label} against LSTM", REACHING, _end, model=model, truncation=2),
                Comparison(
                    f"{label}, benefit at T = 2 against T = 7",
                    benefit(REACHING, _end, model, truncation=2),
                    benefit(REACHING, _end, model, truncation=7),
                    "less",
                    "factor",
                ),
            )
        ),
        why=_BENEFITS,
    ),
    Claim(
        "P20-S9-horizons",
        "P20 SM F, Fig. S9",
        "The learning curves at all horizons are like those of Fig. 2b: a cerebellum makes learning faster.",
        "in line with Fig. 2b we include the learning curves",
        _LEARNING,
        tuple(
            twins(f"T = {horizon}, {label} against LSTM", REACHING, _learning, model=model, truncation=horizon)
            for label, model in DNI
            for horizon in HORIZONS
        ),
    ),
    Claim(
        "P20-2e-correlated",
        "P20 section 3.1, Fig. 2e",
        "A sparse cerebellum helps where the cortex is highly correlated.",
        "sCC-DNI helps when high correlations are present in the main network activity",
        f"{_END}, T = 2; cortex: mean |r| over pairs of units before learning",
        helps_when_correlated(BIAS, "cortex_correlation", _end),
        why=_MOST,
    ),
    Claim(
        "P20-2f-decorrelates",
        "P20 section 3.1, Fig. 2f",
        "A sparse cerebellum sends feedback whose components are less correlated.",
        "due to decorrelation of its estimated gradients",
        "mean |r| over pairs of components of predicted feedback, averaged over epochs 1–100 (0 … 1), T = 2",
        decorrelates(BIAS, "feedback_correlation", 100),
    ),
    Claim(
        "P20-S6-population",
        "P20 SM E, Fig. S6",
        "The same holds for the population correlation of predicted feedback.",
        "Equivalent to Fig. 2f for population correlation",
        "r_pop of the components of predicted feedback, averaged over epochs 1–100 (0 … 1), T = 2",
        decorrelates(BIAS, "feedback_r_pop", 100),
    ),
    Claim(
        "P20-S6-correlated",
        "P20 SM E, Fig. S6",
        "A sparse cerebellum helps where the population correlation of the cortex is high.",
        "Effect of correlation of hidden (cortical) activity h on performance",
        f"{_END}, T = 2; cortex: r_pop of its units before learning",
        helps_when_correlated(BIAS, "cortex_r_pop", _end),
        why=_MOST,
    ),
    Claim(
        "P20-S8-variants",
        "P20 SM F, Fig. S8",
        "The results extend to other numbers of targets and inputs.",
        "results extrapolate to variants of the task with varied input-output combinations",
        f"{_END}, T = 2",
        tuple(
            twins(f"{label}, {name} against LSTM", experiment, _end, model=model, truncation=2)
            for label, experiment in (
                ("3 targets", "reaching-3"),
                ("9 targets", "reaching-9"),
                ("two inputs", "reaching-2d"),
                ("28 inputs", "reaching-28d"),
            )
            for name, model in DNI
        ),
    ),
)
