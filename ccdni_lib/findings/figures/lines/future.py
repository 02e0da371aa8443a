"""Figures of unsteady teachers: a prediction where no future is left, and cerebella that learn fast or slowly."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import xarray as xr

from ....study.measures.errors import mean_sem
from ....study.measures.outcomes import final_step_error
from ....study.measures.references import resting_line_error
from ...pictures.parts import pair_with_looks
from ...pictures.picture import STYLES, Picture, drawing, line_style
from .horizons import EACH, band, dots, plain

FUTURE = "#8a4fbf"


def terminal_feedback_errors(grid: xr.Dataset, terminal: xr.Dataset, interval: int = 2) -> Picture:
    """Error over horizons of the cRNN, of the ccRNN, and of a ccRNN that predicts at the sequence's end as well.

    Args:
        grid: dims model (crnn, ccrnn), truncation, feedback_interval, seed, epoch.
        terminal: the same of a ccRNN with ``terminal_feedback``.
        interval: k.
    """
    wrong = {"color": FUTURE, "linestyle": (0, (1, 1)), "label": "ccRNN, predicts at the end too"}
    whole, also = (final_step_error(run.sel(feedback_interval=interval)) for run in (grid, terminal))
    lines = [(whole.sel(model=m), line_style(m)) for m in ("crnn", "ccrnn")] + [(also.sel(model="ccrnn"), wrong)]
    with drawing(5.8, 3.2) as figure:
        axes = figure.subplots()
        for shift, (values, style) in zip((-0.15, 0, 0.15), lines, strict=True):
            dots(axes, values.truncation.values + shift, values.transpose("truncation", "seed").values, style)
        axes.axhline(resting_line_error().mean(), color="black", linestyle=":", linewidth=0.9, label="never moves")
        axes.set(xlabel="horizon T", ylabel=f"error, {EACH}", yscale="log", xticks=grid.truncation.values)
        plain(axes)
        figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    told = "; ".join(f"T = {T}: {mean_sem(also.sel(model='ccrnn', truncation=T))}" for T in also.truncation.values)
    return Picture(
        figure,
        "Error at the end over horizons, on a logarithmic axis, dots are networks: cRNN, ccRNN, and a ccRNN that "
        f"predicts feedback at the end of the sequence as well. Errors of the last: {told}.",
    )


def terminal_feedback_courses(none: xr.Dataset, some: xr.Dataset) -> Picture:
    """What predicting at the end does to a network that sees the whole sequence.

    Args:
        none, some: runs without and with ``terminal_feedback``, that recorded activity and feedback.
    """
    measured: list[tuple[str, Callable[[xr.Dataset], xr.DataArray]]] = [
        (
            "size of feedback predicted first",
            lambda r: np.sqrt((r.predicted_feedback**2).mean(["cut", "cue", "component"])),
        ),
        ("mean |h| at the last step", lambda r: abs(r.h.isel(time=-1)).mean(["cue", "unit"])),
        ("h there differs between cues by", lambda r: r.h.isel(time=-1).std("cue").mean("unit")),
    ]
    styles = (
        {**line_style("ccrnn"), "label": "zero at the end"},
        {"color": FUTURE, "linestyle": (0, (1, 1)), "label": "predicted at the end too"},
    )
    told = []
    with drawing(7.2, 2.5) as figure:
        panels = figure.subplots(1, 3)
        for axes, (title, measure) in zip(panels, measured, strict=True):
            for run, style in zip((none, some), styles, strict=True):
                axes.plot(run.recorded_epoch, measure(run).mean("seed"), **style)
            ends = [float(measure(run).mean("seed")[-1]) for run in (none, some)]
            told.append(f"{title}: {ends[0]:.2g} without and {ends[1]:.2g} with")
            axes.set(title=title, xlabel="epoch", xlim=(0, None), ylim=(0, None))
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return Picture(
        figure, f"Three courses over epochs, without and with feedback predicted at the end; finally {'; '.join(told)}."
    )


def cerebellar_rate_curves(run: xr.Dataset, crnn: xr.Dataset) -> Picture:
    """Error over epochs for cerebella of different learning rates, clipped with the cortex (left) or apart (right).

    Args:
        run: dims cerebellum_learning_rate, clip, seed, epoch.
        crnn: the cortex alone, dims seed, epoch.
    """
    looks = [("-", STYLES["ccrnn"]["color"]), ((0, (5, 2)), FUTURE), ((0, (2, 2)), "#2e7d32")]
    rates = pair_with_looks(run.cerebellum_learning_rate.values, looks, "learning rates")
    steps, told = run.sizes["time"], []
    with drawing(6.8, 3.0) as figure:
        panels = figure.subplots(1, run.sizes["clip"], sharey=True, squeeze=False)[0]
        for axes, clip in zip(panels, run["clip"].values, strict=True):
            band(axes, crnn.ataxia_score / steps, line_style("crnn"))
            for rate, (dash, color) in rates:
                own = run.ataxia_score.sel(cerebellum_learning_rate=rate, clip=clip) / steps
                band(axes, own, {"color": color, "linestyle": dash, "label": f"cerebellum at {rate:g}"})
                told.append(f"{rate:g}, {clip}: {mean_sem(own.isel(epoch=-1))}")
            axes.set(title=f"clip: {clip}", xlabel="epoch", yscale="log", xlim=(0, run.epoch.values[-1]))
            plain(axes)
        panels[0].set_ylabel(f"error, {EACH}")
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
    return Picture(
        figure,
        "Learning curves on a logarithmic axis of cRNN and of ccRNNs whose cerebella learn at different rates, clipped "
        f"jointly with the cortex or separately. Error at the end: {'; '.join(told)}.",
    )
