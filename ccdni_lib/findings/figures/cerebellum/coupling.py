"""Figures of coupling and of predicted feedback: what varies together, and how good a guess is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from ....study.measures.errors import mean_sem
from ....study.measures.outcomes import coupling_of_all_cells, first_epoch_below
from ...pictures.parts import mean_band, pair_with_looks
from ...pictures.picture import STYLES, Picture, drawing

ORANGE, PURPLE, GREY, CYAN = STYLES["ccrnn"]["color"], "#8a4fbf", STYLES["crnn"]["color"], STYLES["sccrnn"]["color"]
_LOOKS: Sequence[dict[str, Any]] = (
    {"color": GREY, "linestyle": (0, (5, 3))},
    {"color": ORANGE, "linestyle": "-"},
    {"color": PURPLE, "linestyle": (0, (1, 1.5))},
    {"color": CYAN, "linestyle": (0, (7, 2, 2, 2))},
    {"color": "#2e7d32", "linestyle": (0, (3, 1))},
)


def coupling_over_learning(
    runs: Mapping[str, xr.Dataset], until: int | None = 100, shown: Sequence[int] = (0, 10, 20, 100)
) -> Picture:
    """Coupling, how correlations are distributed, and learning, side by side; a row for each run (P21 Fig. 3b, S5).

    Args:
        runs: by name; with ``coupling``, ``silent_granules``, ``coupling_histogram`` (seed, recorded_epoch) and
            ``train_error`` (seed, epoch).
        until: last epoch that is drawn; None for all.
        shown: epochs whose distributions are drawn; of each, the nearest that was recorded.
    """
    told = []
    with drawing(8.4, 2.7 * len(runs)) as figure:
        for row, (name, run) in zip(figure.subplots(len(runs), 3, squeeze=False), runs.items(), strict=True):
            part = run.sel(recorded_epoch=slice(None, until), epoch=slice(None, until))
            readings = {
                "active cells": part.coupling,
                "all cells (silent: r = 0)": coupling_of_all_cells(part),
            }
            for (label, values), look in zip(readings.items(), (_LOOKS[1], _LOOKS[2]), strict=True):
                mean_band(row[0], values, look | {"label": label})
            mean_band(row[0], 1 - part.silent_granules, _LOOKS[0] | {"label": "share of active cells"})
            row[0].set(ylabel="coupling, mean |r|", ylim=(0, 1.35), yticks=np.linspace(0, 1, 6))
            row[0].legend(fontsize=7.5)
            _draw_distributions(row[1], part, shown)
            mean_band(row[2], part.train_error, _LOOKS[1])
            row[2].set(ylabel="training error per taught step", ylim=(0, None))
            for axes in (row[0], row[2]):
                axes.set(xlabel="epoch", xlim=(0, part.recorded_epoch.values[-1]))
            row[0].set_title(f"{name}: coupling")
            row[1].set_title("distribution over pairs")
            row[2].set_title("learning")
            told.append(f"{name}: {_readings_in_words(part)}")
    return Picture(
        figure,
        "Coupling of cortex and granule cells over epochs, mean and standard error over seeds, the distribution of "
        f"correlations at some epochs, and the training error beside it. {' '.join(told)}",
    )


def coupling_of_controls(runs: Mapping[str, xr.Dataset], until: int | None = 100) -> Picture:
    """Coupling by both readings, and the share of active cells, for up to four cerebella.

    Args:
        runs: by name, with the recordings of `coupling_over_learning`; their seeds may differ in number.
        until: last epoch that is drawn; None for all.
    """
    titles = ("active cells only", "all cells (silent: r = 0)", "share of active cells")
    told = []
    with drawing(8.4, 2.8) as figure:
        panels = figure.subplots(1, 3, sharey=True)
        looks = (_LOOKS[1], _LOOKS[2], _LOOKS[0], _LOOKS[3])
        for (name, run), look in pair_with_looks(runs.items(), looks, "runs"):
            part = run.sel(recorded_epoch=slice(None, until))
            measures = (part.coupling, coupling_of_all_cells(part), 1 - part.silent_granules)
            for axes, values in zip(panels, measures, strict=True):
                mean_band(axes, values, look | {"label": name})
            told.append(f"{name}: {_readings_in_words(part)}")
        for axes, title in zip(panels, titles, strict=True):
            axes.set(xlabel="epoch", title=title, xlim=(0, None), ylim=(0, 1))
        panels[0].set_ylabel("coupling, mean |r|; or share")
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=8)
    return Picture(
        figure,
        "Coupling over epochs, counting active granule cells only, or all of them, and the share of active ones. "
        + " ".join(told),
    )


def feedback_quality_over_learning(run: xr.Dataset) -> Picture:
    """Cosine and relative error of predicted feedback against its target and the true gradient, over epochs.

    Args:
        run: with ``target_cosine`` and the other measures of "quality" (seed, recorded_epoch, cut), and ``taught``
            (time). Cut 0, whose prediction is never injected, is left out.
    """
    means, told = {}, []
    for kind, color in (("target", ORANGE), ("true", PURPLE)):
        for taught, dash in ((True, "-"), (False, (0, (2, 2)))):
            cuts = [cut for cut in run.cut.values if cut and bool(run.taught.sel(time=cut)) == taught]
            if not cuts:
                continue
            what = f"{'its target' if kind == 'target' else 'the true gradient'}, {'' if taught else 'un'}taught"
            look = {"color": color, "linestyle": dash}
            means[what] = [run[f"{kind}_{m}"].sel(cut=cuts).mean("cut") for m in ("cosine", "error")], look
    with drawing(7.2, 3.0) as figure:
        panels = figure.subplots(1, 2)
        for what, (measures, look) in means.items():
            for axes, values in zip(panels, measures, strict=True):
                mean_band(axes, values, look | {"label": what})
            best = measures[0].mean("seed")
            told.append(f"{what}: highest mean cosine {float(best.max()):.2f}")
        panels[0].axhline(0, color="black", linewidth=0.6)
        panels[0].set(xlabel="epoch", ylabel="cosine of the guess with …", ylim=(-0.3, 1))
        panels[1].axhline(1, color="black", linewidth=0.6, linestyle=(0, (1, 2)))
        panels[1].set(xlabel="epoch", ylabel="length of the miss / length of …", yscale="log")
        for axes in panels:
            axes.set_xlim(0, run.recorded_epoch.values[-1])
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=7.5)
    return Picture(
        figure,
        "How good the predicted feedback is over epochs: cosine, and relative error on a logarithmic scale, averaged "
        f"over the cuts before taught and before untaught steps. {'; '.join(told)}.",
    )


def feedback_quality_by_cut(run: xr.Dataset, epoch: int) -> Picture:
    """Cosine of predicted feedback with its target and with the true gradient, cut by cut; a dot for each network.

    Args:
        run: see `feedback_quality_over_learning`.
        epoch: the nearest that was recorded is drawn.
    """
    look = run.sel(recorded_epoch=epoch, method="nearest")
    told = []
    with drawing(5.6, 2.9) as figure:
        axes = figure.subplots()
        for shift, (kind, label, color) in zip(
            (-0.19, 0.19), (("target", "its target", ORANGE), ("true", "the true gradient", PURPLE)), strict=True
        ):
            values = look[f"{kind}_cosine"]
            for cut in values.cut.values:
                taught = bool(run.taught.sel(time=cut))
                fill: dict[str, Any] = {"facecolor": color} if taught else {"facecolor": "none", "hatch": "///"}
                own = values.sel(cut=cut).values
                axes.bar(cut + shift, np.nanmean(own) if np.isfinite(own).any() else 0, 0.36, edgecolor=color, **fill)
                axes.scatter(np.full(own.size, cut + shift), own, s=6, color="black", alpha=0.5, zorder=3)
            axes.bar(np.nan, np.nan, color=color, label=label)
            told.append(f"{label}: " + ", ".join(f"{c} {_mean_in_words(values.sel(cut=c))}" for c in values.cut.values))
        axes.axhline(0, color="black", linewidth=0.6)
        axes.set(xlabel="the cut before step …", ylabel="cosine of the guess with …", xticks=look.cut.values)
        axes.legend(loc="lower right", ncols=2)
    return Picture(
        figure,
        f"Cosine of predicted feedback at each cut at epoch {int(look.recorded_epoch)}; filled bars before taught "
        f"steps, hatched before untaught ones; dots are networks. {'; '.join(told)}.",
    )


def predictor_ladder(rungs: Mapping[str, xr.DataArray], criterion: float = 1.0) -> Picture:
    """From no predictor to an oracle: learning with the shortest horizon, and how soon it is learned with each.

    Args:
        rungs: training errors by name, (truncation, seed, epoch), all with the same truncations; four at most.
        criterion: a training error below which the task counts as learned.
    """
    horizons = next(iter(rungs.values())).truncation.values
    longest, told = max(int(errors.epoch[-1]) for errors in rungs.values()), []
    with drawing(7.6, 3.1) as figure:
        left, right = figure.subplots(1, 2)
        looks = (_LOOKS[0], _LOOKS[1], _LOOKS[3], _LOOKS[2])
        for place, ((name, errors), look) in enumerate(pair_with_looks(rungs.items(), looks, "predictors")):
            mean_band(left, errors.sel(truncation=horizons[0]), look | {"label": name})
            soon = [first_epoch_below(errors.sel(truncation=T), criterion) for T in horizons]
            for number, when in enumerate(soon):
                x = number + 0.19 * (place - (len(rungs) - 1) / 2)
                drawn = np.where(np.isfinite(when), when, 1.06 * longest)
                right.scatter(np.full(when.size, x), drawn, s=8, color=look["color"], alpha=0.6)
                right.hlines(np.median(drawn), x - 0.07, x + 0.07, color=look["color"], linewidth=2)
            medians = ", ".join(f"T = {T}: {np.median(w):.0f}" for T, w in zip(horizons, soon, strict=True))
            told.append(f"{name}: {medians}")
        left.set(xlabel="epoch", ylabel="training error per taught step", title=f"T = {horizons[0]}", ylim=(0, None))
        left.set_xlim(0, longest)
        left.legend()
        right.set_xticks(range(len(horizons)), [f"T = {T}" for T in horizons])
        right.axhline(longest, color="black", linewidth=0.6, linestyle=(0, (1, 2)))
        right.set(ylabel=f"epochs to an error below {criterion:g}", ylim=(0, 1.12 * longest))
        right.set_title("dots: networks; above the line: never")
    return Picture(
        figure,
        "Learning with no predictor, a learned one and oracles: training error over epochs with the shortest horizon; "
        f"and the epochs until it is below {criterion:g}, medians: {'; '.join(told)} (inf: most networks never).",
    )


def _draw_distributions(axes: Axes, run: xr.Dataset, shown: Sequence[int]) -> None:
    epochs = run.recorded_epoch.sel(recorded_epoch=list(shown), method="nearest").values
    for epoch, look in pair_with_looks(dict.fromkeys(epochs.tolist()), _LOOKS, "epochs"):
        share = run.coupling_histogram.sel(recorded_epoch=epoch).mean("seed")
        axes.plot(share.r, share, label=f"epoch {epoch}", **look)
    axes.set(xlabel="r, active cells", ylabel="share of pairs", xlim=(-1, 1), ylim=(0, None))
    axes.legend(fontsize=7.5)


def _readings_in_words(run: xr.Dataset) -> str:
    """The alternative text of a course: both readings of coupling and the active share, at the start and the end."""
    first, last = (run.isel(recorded_epoch=place) for place in (0, -1))
    spans = (
        f"{what} {mean_sem(a.values)} before training and {mean_sem(b.values)} at epoch {int(last.recorded_epoch)}"
        for what, a, b in (
            ("active cells", first.coupling, last.coupling),
            ("all cells", coupling_of_all_cells(first), coupling_of_all_cells(last)),
            ("share of active cells", 1 - first.silent_granules, 1 - last.silent_granules),
        )
    )
    return "; ".join(spans) + "."


def _mean_in_words(values: xr.DataArray) -> str:
    return "none" if values.isnull().all() else f"{float(values.mean()):.2f}"
