"""Claims on coupling and on lesions, in all tasks (P21 Fig. 3b, c, S5, S6, S7; P20 Fig. 6)."""

from __future__ import annotations

from typing import Any

import xarray as xr

from ..claim import Claim, Comparison
from ..readings import (
    LacksError,
    Measure,
    Runs,
    Sample,
    constant_sample,
    final_value,
    rank_trend_along,
    sample_of,
    select,
    value_at_others_peak,
    variable,
)

LINES, FIXED, COUPLING = "line-drawing-lesions", "line-drawing-fixed", "line-drawing-coupling"
REACHING, LD, DD, NAMING = "reaching-lesions", "ld-seqmnist-lesions", "dd-seqmnist-lesions", "seqmnist-lesions"
_taught = final_value("train_error")
_TRAINING = "training error after the last epoch, a taught step"


def by_onset(run: xr.Dataset, measure: Measure) -> xr.DataArray:
    """A measure of networks that were ablated, with the epoch of ablation as the dim ``onset``, from 0, cRNN, on.

    Example:
        >>> run = xr.Dataset({"error": ("lesion", [1.0, 3.0, 2.0])}, {"lesion": ["", "cerebellum@9", "cerebellum@0"]})
        >>> by_onset(run, lambda run: run.error).to_series().to_dict()
        {0: 2.0, 9: 3.0}
    """
    labels = [str(label) for label in run.lesion.values if str(label).startswith("cerebellum@")]
    found = measure(run).sel(lesion=labels)
    onsets = [int(label.partition("@")[2]) for label in labels]
    return found.assign_coords(lesion=onsets).rename(lesion="onset").sortby("onset")


def _ablated(experiment: str, measure: Measure, model: str, onset: int | str) -> Sample:
    """Networks ablated at an epoch, or at the "last"; the "mean" of all after 0; the "worst" as other seeds tell it."""

    def read(runs: Runs) -> xr.DataArray:
        found = select(by_onset(runs[experiment], measure), model=model)
        later = found.sel(onset=slice(1, None))
        if onset in ("mean", "worst", "last") and not later.sizes["onset"]:
            raise LacksError("the result lacks ablations after epoch 0")
        if onset == "mean":
            return later.mean("onset", skipna=False)
        if onset == "worst":
            return value_at_others_peak(later, "onset")
        if onset == "last":
            return found.isel(onset=-1, drop=True)
        return select(found, onset=onset)

    return Sample((experiment,), read)


def _intact(experiment: str, measure: Measure, model: str) -> Sample:
    return sample_of(experiment, measure, model=model, lesion="")


def _onset_trend(experiment: str, measure: Measure, model: str, start: int) -> Sample:
    """Rank correlation of an error with the epoch of ablation, from ``start`` on."""

    def read(runs: Runs) -> xr.DataArray:
        found = select(by_onset(runs[experiment], measure), model=model).sel(onset=slice(start, None))
        if found.sizes["onset"] < 3:
            raise LacksError(f"the result lacks three ablations from epoch {start} on")
        return rank_trend_along(found, "onset")

    return Sample((experiment,), read)


def _falls(label: str, experiment: str, measure: Measure, model: str, start: int) -> Comparison:
    return Comparison(label, _onset_trend(experiment, measure, model, start), constant_sample(0), "less", "difference")


def _against(
    label: str, experiment: str, measure: Measure, model: str, onset: int | str, other: int | str | None, expect: str
) -> Comparison:
    """Ablated at one epoch against ablated at another, or never."""
    twin = _intact(experiment, measure, model) if other is None else _ablated(experiment, measure, model, other)
    return Comparison(label, _ablated(experiment, measure, model, onset), twin, expect)


def _coupling(experiment: str, when: str) -> Sample:
    """Coupling of the whole ccRNN at the "start", at the "peak" of the other seeds, or at the "end"; or its "trend"."""

    def measure(run: xr.Dataset) -> xr.DataArray:
        point: dict[str, Any] = {"lesion": ""} if "lesion" in run.dims else {}
        curve = select(variable("coupling")(run), model="ccrnn", **point)
        early = curve.sel(recorded_epoch=slice(0, 100))  # P21 Fig. 3b shows these
        if when == "peak":
            return value_at_others_peak(early, "recorded_epoch")
        if when == "trend":
            return rank_trend_along(curve.sel(recorded_epoch=slice(_peak(early), None)), "recorded_epoch")
        return curve.isel(recorded_epoch=0 if when == "start" else -1, drop=True)

    return sample_of(experiment, measure)


def _peak(curve: xr.DataArray) -> int:
    """The epoch at which the mean of all networks peaks, but one that leaves three recordings after it."""
    return int(curve.mean("seed").isel(recorded_epoch=slice(None, -2)).idxmax("recorded_epoch"))


def _rises(label: str, experiment: str) -> Comparison:
    return Comparison(label, _coupling(experiment, "peak"), _coupling(experiment, "start"), "more", "difference")


def _sinks(label: str, experiment: str) -> Comparison:
    return Comparison(label, _coupling(experiment, "end"), _coupling(experiment, "peak"), "less", "difference")


_COUPLED = "coupling: mean |r| over all pairs of a cortical unit and a granule cell, over cues and steps (0 … 1)"
_PEAK = "The peak is read at the epoch, up to 100, where the mean of the other seeds is greatest."
_IMPAIRED = "last-step error after the last epoch on held-out examples (squared units; seqMNIST: nats)"

_end = final_value("ataxia_taught")
_REACHERS = (("CC-DNI, reaching", REACHING, "ccrnn"), ("sCC-DNI, reaching", REACHING, "sccrnn"))
_ABLATED = (*_REACHERS, ("CC-DNI, seqMNIST", NAMING, "ccrnn"))

LESIONS = (
    Claim(
        "P21-3b-rise",
        "P21 section 3.1, Fig. 3b",
        "In the fast phase of learning the coupling of cortex and cerebellum rises.",
        "we observe a noticeable rise in the average cortico-cerebellar coupling",
        _COUPLED,
        (_rises("peak against the untrained network", COUPLING),),
        why=_PEAK,
    ),
    Claim(
        "P21-3b-fall",
        "P21 section 3.1, Fig. 3b",
        "As training goes on, coupling gradually decreases.",
        "as training continues the population correlation should gradually decrease",
        f"{_COUPLED}; rank correlation with the epoch after the peak (–1 … 1)",
        (
            _sinks("epoch 250 against the peak", COUPLING),
            Comparison("trend after the peak", _coupling(COUPLING, "trend"), constant_sample(0), "less", "difference"),
        ),
        why=_PEAK,
    ),
    Claim(
        "P21-3b-feedback",
        "P21 section 3.1, Fig. 3b",
        "Coupling falls because the feedback to be predicted becomes smaller.",
        "errors (and feedback) becomes gradually smaller",
        untested="A cause is claimed; neither paper describes an experiment that would change feedback alone.",
    ),
    Claim(
        "P21-3c-worse",
        "P21 section 3.1, Fig. 3c",
        "Ablation after learning has started is worse than never having had a cerebellum.",
        "has a more detrimental impact than if there was not a cerebellum to start with",
        f"{_TRAINING} (squared units of the plane); ablated at epoch 0 is the cRNN",
        tuple(
            _against(f"ablated at {onset} against never had", LINES, _taught, "ccrnn", onset, 0, "more")
            for onset in (1, 10, 25, 50)
        ),
        why="The paper's critical phase ends at epoch 50.",
    ),
    Claim(
        "P21-3c-falls",
        "P21 section 3.1, Fig. 3c",
        "After the critical phase the cerebellum becomes gradually less important.",
        "the cerebellum becomes gradually less important (> 50 epochs)",
        f"{_TRAINING} (squared units of the plane); its rank correlation with the epoch of ablation (–1 … 1)",
        (
            _against("ablated at 200 against 50", LINES, _taught, "ccrnn", 200, 50, "less"),
            _falls("trend over ablations from 50 on", LINES, _taught, "ccrnn", 50),
        ),
    ),
    Claim(
        "P21-3c-nonlinear",
        "P21 section 3.1, Fig. 3c",
        "Impairment first rises and then falls with the epoch of ablation.",
        "predicts a nonlinear relationship between ablation time and performance impairment",
        f"{_TRAINING} (squared units of the plane)",
        (
            _against("worst epoch against epoch 0", LINES, _taught, "ccrnn", "worst", 0, "more"),
            _against("worst epoch against the last", LINES, _taught, "ccrnn", "worst", "last", "more"),
        ),
        why="The worst epoch after 0 is the one where the mean of the other seeds is greatest.",
    ),
    Claim(
        "P21-S7-fixed",
        "P21 section 2, Fig. S7",
        "A cerebellum that does not learn gives poor or no learning: it does not help by steadying alone.",
        "(i.e. not learnt) gives poor or often no learning",
        f"{_TRAINING} (squared units of the plane)",
        (
            Comparison(
                "fixed, random, against one that learns",
                sample_of(FIXED, _taught, cerebellum_init="random", lesion="olive@0"),
                sample_of(FIXED, _taught, cerebellum_init="zero", lesion=""),
                "more",
            ),
            Comparison(
                "fixed, random, against none",
                sample_of(FIXED, _taught, cerebellum_init="random", lesion="olive@0"),
                sample_of(FIXED, _taught, cerebellum_init="zero", lesion="olive@0"),
                "not less",
                within=0.25,
            ),
        ),
        why="A fixed cerebellum whose last layer is zero sends nothing, and is none. No help: an error no more than a "
        "fifth smaller.",
    ),
    Claim(
        "P21-S5-coupling",
        "P21 section 3.2, Fig. S5",
        "In digit tasks coupling rises and falls as in line drawing.",
        "cortico-cerebral coupling (Fig. S5)",
        _COUPLED,
        tuple(
            comparison
            for task, name in (("ld-seqMNIST", LD), ("dd-seqMNIST", DD))
            for comparison in (
                _rises(f"{task}, peak against untrained", name),
                _sinks(f"{task}, end against peak", name),
            )
        ),
        why=f"{_PEAK} Teaching size.",
    ),
    Claim(
        "P21-S6-early",
        "P21 section 3.2, Fig. S6",
        "In digit tasks, too, ablation after learning has started is worse than never having had a cerebellum.",
        "We observed a similar dependency to the simple line drawing task",
        f"{_TRAINING} (ld: squared units; dd: hundredths); ablated at epoch 0 is the cRNN",
        tuple(
            _against(f"{task}, ablated at {onset} against never had", name, _taught, "ccrnn", onset, 0, "more")
            for task, name in (("ld", LD), ("dd", DD))
            for onset in (1, 2, 4)
        ),
        why="Teaching size, 16 epochs.",
    ),
    Claim(
        "P21-S6-late",
        "P21 section 3.2, Fig. S6",
        "In digit tasks the cerebellum stays important late in learning.",
        "cerebellar feedback is still relatively important even in later stages of learning",
        f"{_TRAINING} (ld: squared units; dd: hundredths)",
        tuple(
            _against(f"{task}, ablated at {onset} against never", name, _taught, "ccrnn", onset, None, "more")
            for task, name in (("ld", LD), ("dd", DD))
            for onset in (8, 12)
        ),
        why="Late: from half of the 16 epochs on. Teaching size.",
    ),
    Claim(
        "P20-6-impairs",
        "P20 section 3.4, Fig. 6",
        "Ablation generally impairs learning.",
        "ablations generally impair learning (Fig. 6a-b)",
        _IMPAIRED,
        tuple(
            _against(f"{label}, mean of all ablations after 0 against none", name, _end, model, "mean", None, "more")
            for label, name, model in _ABLATED
        ),
        why="seqMNIST at teaching size.",
    ),
    Claim(
        "P20-6-reduces",
        "P20 section 3.4, Fig. 6",
        "The impairment by ablation becomes smaller over learning.",
        "that this impairment reduces over learning",
        f"rank correlation of the epoch of ablation, after 0, with the {_IMPAIRED} (–1 … 1)",
        tuple(_falls(label, name, _end, model, 1) for label, name, model in _ABLATED),
        why="seqMNIST at teaching size.",
    ),
    Claim(
        "P20-6-presence",
        "P20 section 3.4, Fig. 6",
        "Once the cortex no longer needs it, the presence of a cerebellum can impair learning.",
        "once the main network no longer needs the cerebellar estimations its presence can impair",
        _IMPAIRED,
        tuple(
            _against(f"{label}, last ablation against none", name, _end, model, "last", None, "less")
            for label, name, model in _ABLATED
        ),
        needs="any",
        why="seqMNIST at teaching size.",
    ),
)
