"""Figures of horizons and intervals: for which T and k does a cerebellum help line drawing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import LogLocator

from ....study.measures.errors import mean_sem
from ....study.measures.horizons import steps_back
from ....study.measures.outcomes import final_step_error, has_learned, twin_ratio, typical_ratio
from ....study.measures.references import resting_line_error
from ....tasks.lines import LineDrawing
from ...pictures.parts import mean_band, pair_with_looks
from ...pictures.picture import STYLES, Picture, drawing, line_style, model_label

BETTER, WORSE = STYLES["ccrnn"]["color"], STYLES["crnn"]["color"]
EACH = "squared distance per step"


def line_errors_over_horizons(grid: xr.Dataset, interval: int = 2) -> Picture:
    """Error of both models over horizons, and of the ccRNN normalised to its twin (P21 Fig. 2d).

    Args:
        grid: dims model, truncation, feedback_interval, seed, epoch.
        interval: k.
    """
    here, steps = grid.sel(feedback_interval=interval), grid.sizes["time"]
    labels = [f"{100 * T // steps}" for T in here.truncation.values]
    return _errors_and_ratios(here, "truncation", labels, "cortical horizon T, % of the task", f"k = {interval}")


def line_errors_over_intervals(grid: xr.Dataset, truncation: int = 1) -> Picture:
    """Error of both models over feedback intervals, and of the ccRNN normalised to its twin (P21 Fig. 3a).

    Args:
        grid: dims model, truncation, feedback_interval, seed, epoch.
        truncation: T.
    """
    here = grid.sel(truncation=truncation)
    labels = [str(k) for k in here.feedback_interval.values]
    return _errors_and_ratios(here, "feedback_interval", labels, "feedback interval k, steps", f"T = {truncation}")


def line_curves_over_horizons(grid: xr.Dataset, interval: int = 2) -> Picture:
    """Learning curves, a panel for each horizon: mean over seeds with a band of ± one standard error (P21 Fig. S1).

    Args:
        grid: dims model, truncation, feedback_interval, seed, epoch.
        interval: k.
    """
    here = grid.train_error.sel(feedback_interval=interval)
    horizons, columns = here.truncation.values, min(5, here.sizes["truncation"])
    rows, told = -(-len(horizons) // columns), []
    with drawing(7.2, 1.75 * rows + 0.4) as figure:
        panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
        for axes in panels.ravel()[len(horizons) :]:
            axes.axis("off")
        for axes, T in zip(panels.ravel()[: len(horizons)], horizons, strict=True):
            for model in here.model.values:
                band(axes, here.sel(model=model, truncation=T), line_style(str(model)))
            ends = here.sel(truncation=T).isel(epoch=-1)
            told.append(
                f"T = {T}: " + ", ".join(f"{model_label(m)} {mean_sem(ends.sel(model=m))}" for m in here.model.values)
            )
            axes.set(title=f"T = {T}", yscale="log", xlim=(0, here.epoch.values[-1]))
            plain(axes)
        figure.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside upper right", ncols=2)
        figure.supxlabel("epoch", fontsize=9)
        figure.supylabel("training error per taught step", fontsize=9)
    return Picture(
        figure,
        f"Learning curves of both models with a teacher at every {interval} steps, a panel for each horizon, errors on "
        f"a logarithmic axis. Training error per taught step at the end: {'; '.join(told)}.",
    )


def line_errors_by_steps_back(grid: xr.Dataset) -> Picture:
    """Error against how far lessons travel back on average, for every horizon and interval; a panel for each model.

    Args:
        grid: dims model, truncation, feedback_interval, seed, epoch.
    """
    error, task = final_step_error(grid).mean("seed"), LineDrawing()
    looks = list(zip("osD^v", ("#4477aa", "#cc5566", "#228833", "#8a6d00", "#aa3377"), strict=True))
    intervals = pair_with_looks(grid.feedback_interval.values, looks, "feedback intervals")
    with drawing(6.8, 3.0) as figure:
        panels = figure.subplots(1, error.sizes["model"], sharey=True, squeeze=False)[0]
        for k, (marker, color) in intervals:
            far = [steps_back(task.taught_steps(int(k)), int(T)) for T in grid.truncation.values]
            for axes, model in zip(panels, error.model.values, strict=True):
                own = error.sel(model=model, feedback_interval=k)
                axes.scatter(far, own, s=18, marker=marker, facecolors="none", edgecolors=color, label=f"k = {k}")
        for axes, model in zip(panels, error.model.values, strict=True):
            axes.axhline(resting_line_error().mean(), color="black", linestyle=":", linewidth=0.9, label="never moves")
            axes.set(title=model_label(model), xlabel="steps a lesson travels back, mean", yscale="log")
            plain(axes)
        panels[0].set_ylabel(f"error, {EACH}")
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside right upper")
    return Picture(
        figure,
        "Error at the end against how many steps a lesson travels back on average, one mark for each horizon and "
        f"interval, on a logarithmic axis; a panel for {' and one for '.join(map(model_label, error.model.values))}.",
    )


def line_ratio_maps(grid: xr.Dataset) -> Picture:
    """Horizon × interval: by what factor a cerebellum changes the error of a typical pair, and by how much on average.

    Orange: less error with a cerebellum; grey: more. Framed: no lesson travels back, so the cRNN is that of T = 1. A
    stroke: neither model has learned what it was taught.

    Args:
        grid: dims model (crnn, ccrnn), truncation, feedback_interval, seed, epoch.
    """
    order = ("feedback_interval", "truncation")
    intervals, horizons = (grid[dim].values for dim in order)
    error = final_step_error(grid)
    ratio = typical_ratio(grid).transpose(*order).values
    gain = (error.sel(model="crnn") - error.sel(model="ccrnn")).mean("seed").transpose(*order).values
    neither = (~has_learned(grid).any("model")).transpose(*order).values
    task = LineDrawing()
    alone = np.array([[steps_back(task.taught_steps(int(k)), int(T)) == 0 for T in horizons] for k in intervals])
    with drawing(7.4, 2.5) as figure:
        left, right = figure.subplots(1, 2, sharey=True)
        _draw_cells(left, ratio, -np.log10(ratio) / 1.5, neither, alone)
        _draw_cells(right, gain, gain / 20, neither, alone)
        for axes, title in ((left, "error of ccRNN ÷ cRNN, typical pair"), (right, "error of cRNN − ccRNN, mean")):
            axes.set(title=title, xlabel="horizon T")
            axes.set_xticks(np.arange(len(horizons)) + 0.5, horizons)
            axes.set_yticks(np.arange(len(intervals)) + 0.5, intervals)
        left.set_ylabel("interval k")
    told = "; ".join(
        f"k = {k}: {', '.join(map(_short_number, row))}" for k, row in zip(intervals, ratio.tolist(), strict=True)
    )
    return Picture(
        figure,
        "Two maps of horizon T, from left to right, against interval k, from top to bottom; orange where the error is "
        "smaller with a cerebellum, grey where it is larger. Framed where no lesson travels back, struck through where "
        f"neither model has learned. Ratio of errors from T = {horizons[0]} on: {told}.",
    )


def _errors_and_ratios(run: xr.Dataset, dim: str, labels: Sequence[str], xlabel: str, title: str) -> Picture:
    """Errors of both models above; below, those of the ccRNN divided by its twin's, mean ± s.e.m. and typical."""
    error, ratio, typical = (
        final_step_error(run),
        twin_ratio(run).transpose(dim, "seed").values,
        typical_ratio(run).values.tolist(),
    )
    places = np.arange(error.sizes[dim])
    with drawing(5.6, 4.6) as figure:
        above, below = figure.subplots(2, 1, sharex=True)
        for model, shift in (("crnn", -0.1), ("ccrnn", 0.1)):
            dots(above, places + shift, error.sel(model=model).transpose(dim, "seed").values, line_style(model))
        above.axhline(resting_line_error().mean(), color="black", linestyle=":", linewidth=0.9, label="never moves")
        above.set(title=title, ylabel=f"error, {EACH}", yscale="log")
        below.axhline(1, color="black", linewidth=0.7)
        dots(below, places, ratio, {**line_style("ccrnn"), "label": "mean ± s.e.m."})
        below.plot(
            places, typical, "D", color="black", markersize=4, fillstyle="none", label="typical (geometric mean)"
        )
        below.set(xlabel=xlabel, ylabel="ccRNN ÷ cRNN, same seed", yscale="log")
        below.set_xticks(places, labels)
        for axes in (above, below):
            plain(axes)
            axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
    told = "; ".join(
        f"{label}: {mean_sem(row)}, typically {_short_number(one)}"
        for label, row, one in zip(labels, ratio, typical, strict=True)
    )
    return Picture(
        figure,
        f"Errors of both models at {title} on a logarithmic axis, dots are networks; below, the error of the ccRNN "
        f"divided by that of the cRNN of the same seed. Ratios by {xlabel}: {told}.",
    )


def dots(axes: Axes, places: np.ndarray, values: Float[np.ndarray, "places seed"], style: Mapping[str, Any]) -> None:
    """A dot for each network, and the mean with ± one standard error, joined by a line."""
    mean, sem = values.mean(1), values.std(1, ddof=1) / values.shape[1] ** 0.5
    low = np.minimum(sem, 0.9 * mean)  # a logarithmic axis has no zero
    axes.scatter(np.repeat(places, values.shape[1]), values.ravel(), s=5, color=style["color"], alpha=0.5)
    axes.errorbar(places, mean, yerr=(low, sem), marker="o", markersize=4, linewidth=1.4, capsize=2, **style)


def band(axes: Axes, values: xr.DataArray, style: Mapping[str, Any]) -> None:
    """Mean over seeds along epochs, with a band of ± one standard error that stays above zero."""
    mean_band(axes, values, {"linewidth": 1.4, **style}, values.sizes["seed"], floor=0.1)


def _draw_cells(
    axes: Axes,
    values: Float[np.ndarray, "rows columns"],
    strength: Float[np.ndarray, "rows columns"],
    struck: Bool[np.ndarray, "rows columns"],
    framed: Bool[np.ndarray, "rows columns"],
) -> None:
    """A square for each value, coloured by sign and strength (-1 … 1)."""
    rows, columns = values.shape
    for row, column in np.ndindex(rows, columns):
        opacity = np.clip(np.nan_to_num(strength[row, column]), -1, 1).item()
        color, place = BETTER if opacity > 0 else WORSE, (column, row)
        axes.add_patch(Rectangle(place, 1, 1, facecolor=color, alpha=0.75 * abs(opacity), linewidth=0))
        if framed[row, column]:
            axes.add_patch(Rectangle(place, 1, 1, fill=False, edgecolor="black", linewidth=1.1))
        if struck[row, column]:
            axes.plot([column + 0.1, column + 0.9], [row + 0.9, row + 0.1], color="black", linewidth=0.7, alpha=0.6)
        text = _short_number(values[row, column].item())
        axes.text(column + 0.5, row + 0.52, text, ha="center", va="center", fontsize=7)
    axes.set(xlim=(0, columns), ylim=(rows, 0))
    axes.tick_params(length=0)


def plain(axes: Axes) -> None:
    """Powers of ten, and three times them, as plain numbers."""
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 3.0), numticks=9))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("")


def _short_number(value: float) -> str:
    """Two digits, as few characters as they need.

    Example:
        >>> [_short_number(value) for value in (0.0412, 1.04, 26.45, -0.004)]
        ['0.04', '1.0', '26', '0']
    """
    if abs(value) < 0.005:
        return "0"
    return f"{value:.0f}" if abs(value) >= 10 else f"{value:.1f}" if abs(value) >= 1 else f"{value:.2f}"
