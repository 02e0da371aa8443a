"""Figures of target reaching: how it is learned, how soon the target is reached, and with which horizons."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from ....study.measures.errors import distance_to_target, mean_sem
from ....study.measures.horizons import steps_back
from ....study.measures.outcomes import final_reach_error
from ....study.measures.references import find_reaching_task, resting_reach_error
from ...pictures.parts import mean_band
from ...pictures.picture import Picture, drawing, line_style, model_label
from ..lines.curves import line_drawings

ERROR = "squared distance\nat the last step"


def reaching_learning_curves(run: xr.Dataset, mark: int | None = None) -> Picture:
    """Learning curves in validation, a panel for each truncation: mean over seeds ± one s.e.m. (P20 Fig. 2b, S9).

    Args:
        run: of target reaching; dims model, seed, epoch, and perhaps truncation.
        mark: an epoch to mark by a line.
    """
    panels = _by_truncation(run)
    rows, columns = -(-len(panels) // 3), min(3, len(panels))
    with drawing(5.0 if columns == 1 else 2.3 * columns, 2.1 * rows + 0.5 + 0.4 * (columns == 1)) as figure:
        places = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel()
        for axes, (truncation, own) in zip(places[: len(panels)], panels.items(), strict=True):
            _draw_curves(axes, own)
            if mark is not None:
                axes.axvline(mark, color="black", linewidth=0.7)
            axes.set_title(f"T = {truncation}" if truncation else "")
        for axes in places[len(panels) :]:
            axes.axis("off")
        figure.supylabel(f"validation: {ERROR}", fontsize=9)
        figure.legend(*places[0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
    told = "; ".join(f"{_truncation_in_words(truncation)}{_ends_in_words(own)}" for truncation, own in panels.items())
    return Picture(
        figure,
        f"Learning curves over {run.epoch.values[-1]} epochs, mean and s.e.m. over {run.sizes['seed']} seeds. Squared "
        f"distance from the target at the last step, in the end: {told}. Who stays at the origin has "
        f"{resting_reach_error(run.attrs['task']):.1f}.",
    )


def reaching_distances(run: xr.Dataset) -> Picture:
    """How far from the target networks are at each step of the way, after training (P20 Fig. 2c).

    Args:
        run: of one truncation; with ``output`` and ``target``, dims model, seed, time.
    """
    distance = distance_to_target(run)
    with drawing(4.6, 2.9) as figure:
        axes = figure.subplots()
        _draw_distances(axes, run)
        axes.legend()
    told = "; ".join(
        f"{model_label(m)} {mean_sem(distance.sel(model=m).isel(time=0))} at the first step and "
        f"{mean_sem(distance.sel(model=m).isel(time=-1))} at the last"
        for m in run.model.values
    )
    return Picture(figure, f"Distance from the target at each step, mean and s.e.m. over seeds: {told}.")


def reaching_paths(run: xr.Dataset) -> Picture:
    """Where the networks of each model go, all seeds and cues (P20 Fig. 2a).

    Args:
        run: of one truncation; with ``output``, dims model, seed, cue, time, xy.
    """
    distance = distance_to_target(run)
    middle = run.sizes["time"] // 2
    told = "; ".join(f"{model_label(m)} {mean_sem(distance.sel(model=m).isel(time=middle))}" for m in run.model.values)
    return Picture(
        line_drawings(run, find_reaching_task(run.attrs["task"]).targets()).figure,
        f"Paths of all {run.sizes['seed']} networks of each model to the targets on a circle; a dot at the last step. "
        f"Distance from the target after {middle + 1} of {run.sizes['time']} steps: {told}.",
    )


def reaching_errors_over_horizons(run: xr.Dataset) -> Picture:
    """Error at the end of training over truncations, a dot for each network (P20 Fig. 2d).

    Under each truncation stands how many steps the lesson travels back in the cortex, and how many cuts lie between it
    and the cue.

    Args:
        run: dims model, truncation, seed, epoch.
    """
    steps = run.sizes["time"]
    with drawing(5.4, 3.2) as figure:
        axes = figure.subplots()
        _draw_errors(axes, run, dots=True)
        lesson = np.arange(steps) == steps - 1
        labels = [
            f"T = {T}\n{steps_back(lesson, T):.0f} back\n{(steps - 1) // T} cuts"
            for T in run.truncation.values.tolist()
        ]
        axes.set_xticks(np.arange(len(labels)), labels)
        axes.set_ylabel(f"validation: {ERROR}")
        axes.legend()
    told = "; ".join(
        f"{_truncation_in_words(truncation)}{_ends_in_words(own)}" for truncation, own in _by_truncation(run).items()
    )
    return Picture(figure, f"Error at the end of training for each truncation, dots are networks. {told}.")


def reaching_variants(runs: Mapping[str, xr.Dataset], truncation: int) -> Picture:
    """Variants of the task, a row each: learning, distance on the way, error over truncations (P20 Fig. S8).

    Args:
        runs: by a short name; dims model, truncation, seed, epoch.
        truncation: of the first two columns.
    """
    columns: tuple[tuple[str, Callable[[Axes, xr.Dataset], None]], ...] = (
        (f"learning, T = {truncation}", lambda axes, run: _draw_curves(axes, run.sel(truncation=truncation))),
        (f"on the way, T = {truncation}", lambda axes, run: _draw_distances(axes, run.sel(truncation=truncation))),
        ("over truncations", _draw_errors),
    )
    with drawing(6.6, 1.75 * len(runs) + 0.5) as figure:
        panels = figure.subplots(len(runs), len(columns), squeeze=False)
        for row, (name, run) in zip(panels, runs.items(), strict=True):
            for axes, (title, paint) in zip(row, columns, strict=True):
                paint(axes, run)
                axes.set_title(title if row is panels[0] else "")
            row[0].set_ylabel(f"{name}\n{ERROR}")
            row[2].set_xticks(np.arange(run.sizes["truncation"]), [str(T) for T in run.truncation.values])
            row[2].set(xlabel="truncation", ylabel="")
        figure.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
    told = "; ".join(f"{name}: {_ends_in_words(run.sel(truncation=truncation))}" for name, run in runs.items())
    return Picture(
        figure,
        "Variants of target reaching, a row each: learning curves, distance from the target on the way, and error at "
        f"the end over truncations. Error at the end for T = {truncation}: {told}.",
    )


def _draw_curves(axes: Axes, run: xr.Dataset) -> None:
    for model in run.model.values:
        mean_band(axes, run.ataxia_taught.sel(model=model), line_style(str(model)), run.sizes["seed"])
    stay = resting_reach_error(run.attrs["task"])
    axes.axhline(stay, color="black", linestyle=":", linewidth=0.9, label="stays")
    axes.set(xlabel="epoch", xlim=(0, run.epoch.values[-1]), ylim=(0, 1.12 * stay))


def _draw_distances(axes: Axes, run: xr.Dataset) -> None:
    distance = distance_to_target(run).assign_coords(time=run.time + 1)
    for model in run.model.values:
        mean_band(axes, distance.sel(model=model), line_style(str(model)), run.sizes["seed"])
    axes.set(xlabel="step", ylabel="distance", xticks=[1, 4, 7, 10], ylim=(0, None))


def _draw_errors(axes: Axes, run: xr.Dataset, dots: bool = False) -> None:
    error = final_reach_error(run)
    shifts = np.linspace(-0.14, 0.14, error.sizes["model"])
    for shift, model in zip(shifts, error.model.values, strict=True):
        own, style = error.sel(model=model).transpose("truncation", "seed"), line_style(str(model))
        places, count = np.arange(own.sizes["truncation"]) + shift, own.sizes["seed"]
        axes.plot(places, own.mean("seed"), **style)
        axes.errorbar(places, own.mean("seed"), own.std("seed", ddof=1) / count**0.5, fmt="none", ecolor=style["color"])
        if dots:
            axes.scatter(np.repeat(places, count), own.values.ravel(), s=5, color=style["color"], alpha=0.5)
    axes.axhline(resting_reach_error(run.attrs["task"]), color="black", linestyle=":", linewidth=0.9, label="stays")
    axes.set_ylim(0, None)


def _by_truncation(run: xr.Dataset) -> dict[int, xr.Dataset]:
    """A run's truncations, one by one; 0 stands for the only one of a run without that dim."""
    if "truncation" not in run.dims:
        return {0: run}
    return {int(T): run.sel(truncation=T) for T in run.truncation.values}


def _truncation_in_words(truncation: int) -> str:
    return f"at T = {truncation} " if truncation else ""


def _ends_in_words(run: xr.Dataset) -> str:
    error = final_reach_error(run)
    return ", ".join(f"{model_label(m)} {mean_sem(error.sel(model=m))}" for m in error.model.values)
