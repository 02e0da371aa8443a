"""Figures of the digit tasks over horizons and feedback intervals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ....study.measures.errors import mean_sem
from ....study.measures.horizons import steps_back
from ....study.measures.outcomes import taught_error
from ....study.measures.references import find_digit_task
from ...pictures.parts import mean_band, pair_with_looks
from ...pictures.picture import STYLES, Picture, drawing, line_style, model_label


def unit_of_error(run: xr.Dataset) -> str:
    """The unit of `taught_error`, in words.

    Example:
        >>> unit_of_error(xr.Dataset(attrs={"task": "seqmnist"}))
        'share misread'
    """
    return "share misread" if run.attrs["task"] == "seqmnist" else "error per taught step"


def digit_errors_over_horizons(runs: Mapping[str, xr.Dataset]) -> Picture:
    """Error in validation at the end over truncations, a panel for each task (P21 Fig. S3; P20 Fig. 3c, S11).

    Args:
        runs: by task; dims model, truncation, seed, epoch.
    """
    with drawing(6.2, 2.5 * -(-len(runs) // 2) + 0.3) as figure:
        places = figure.subplots(-(-len(runs) // 2), 2, squeeze=False).ravel()
        for axes, (name, run) in zip(places[: len(runs)], runs.items(), strict=True):
            error, taught = taught_error(run).isel(epoch=-1), find_digit_task(name).taught_steps(_interval_of(run))
            spots = np.arange(error.sizes["truncation"])
            for model, shift in zip(error.model.values, np.linspace(-0.12, 0.12, error.sizes["model"]), strict=True):
                own, style = error.sel(model=model).transpose("truncation", "seed").values, line_style(str(model))
                sem = own.std(1, ddof=1) / own.shape[1] ** 0.5
                axes.errorbar(spots + shift, own.mean(1), sem, **style, elinewidth=1, marker="o", markersize=2.5)
            labels = [f"{T}\n{steps_back(taught, T):.1f}" for T in error.truncation.values.tolist()]
            axes.set_xticks(spots, labels)
            axes.set(title=name, ylabel=unit_of_error(run), ylim=(0, None))
        for axes in places[len(runs) :]:
            axes.axis("off")
        figure.supxlabel("truncation T; below it, how many steps a lesson travels back", fontsize=9)
        _add_legend(figure, places[: len(runs)])
    return Picture(
        figure,
        "Error in validation at the end of training over truncations, a panel for each task; mean and standard error "
        f"over seeds. {_ends_of_all_in_words(runs)}.",
    )


def digit_curves_over_horizons(runs: Mapping[str, xr.Dataset]) -> Picture:
    """Learning curves in validation, a row for each task and a column for each truncation (P20 Fig. S10).

    Args:
        runs: by task; dims model, truncation, seed, epoch; all with the same truncations.
    """
    truncations = next(iter(runs.values())).truncation.values
    with drawing(1.0 * len(truncations) + 0.8, 1.35 * len(runs) + 0.5) as figure:
        rows = figure.subplots(len(runs), len(truncations), squeeze=False, sharex=True, sharey="row")
        for row, (name, run) in zip(rows, runs.items(), strict=True):
            error = taught_error(run)
            for axes, T in zip(row, truncations, strict=True):
                for model in error.model.values:
                    mean_band(axes, error.sel(model=model, truncation=T), line_style(str(model)), run.sizes["seed"])
                axes.set_title(f"T = {T}" if name == next(iter(runs)) else "", fontsize=8)
                axes.set_ylim(0, None)
                axes.tick_params(labelsize=7)
            row[0].set_ylabel(f"{name}\n{unit_of_error(run).replace(' per', chr(10) + 'per')}", fontsize=7.5)
        figure.supxlabel("epoch", fontsize=9)
        _add_legend(figure, rows[:, 0])
    return Picture(
        figure,
        "Learning curves in validation, a row for each task and a column for each truncation; mean and standard error "
        f"over seeds. At the end: {_ends_of_all_in_words(runs)}.",
    )


def digit_ratios_over_intervals(runs: Mapping[str, xr.Dataset]) -> Picture:
    """Error per step of the ccRNN as a fraction of the cRNN's over feedback intervals, seed by seed (P21 Fig. S4).

    Args:
        runs: by task; dims model, feedback_interval, seed, epoch.
    """
    told = []
    with drawing(6.0, 2.6) as figure:
        places = figure.subplots(1, len(runs), squeeze=False, sharey=True)[0]
        for axes, (name, run) in zip(places, runs.items(), strict=True):
            error = run.validation_mean.isel(epoch=-1)
            ratio = error.sel(model="ccrnn") / error.sel(model="crnn")
            ratio = ratio.transpose("feedback_interval", "seed").values
            spots, intervals = np.arange(len(ratio)), run.feedback_interval.values
            axes.axhline(1, color="black", linewidth=0.7)
            axes.plot(spots, ratio.mean(1), **line_style("ccrnn"))
            axes.scatter(np.repeat(spots, ratio.shape[1]), ratio.ravel(), s=9, color=STYLES["ccrnn"]["color"])
            axes.set_xticks(spots, [str(k) for k in intervals])
            axes.set(title=name, xlabel="feedback interval (steps)")
            told.append(
                f"{name}: " + ", ".join(f"k = {k} {mean_sem(row)}" for k, row in zip(intervals, ratio, strict=True))
            )
        places[0].set_ylabel("error per step in validation,\nccRNN ÷ cRNN, same seed")
    return Picture(
        figure,
        "Error of the ccRNN divided by that of the cRNN of the same seed over feedback intervals; dots are seeds. "
        f"{'; '.join(told)}.",
    )


def digit_ratios_over_cuts(shares: Mapping[str, xr.DataArray]) -> Picture:
    """What is left of the error with a cerebellum over the cuts that predictions must be handed across.

    Args:
        shares: by task, error of the ccRNN divided by that of the cRNN of the same seed, dims truncation, seed; of
            truncations that are the same to the cortex.
    """
    told, shown = [], set()
    with drawing(5.4, 3.0) as figure:
        axes = figure.subplots()
        axes.axhline(1, color="black", linewidth=0.7)
        looks = list(zip("os^D", ("-", "--", ":", "-."), strict=True))
        for (name, share), (marker, dash) in pair_with_looks(shares.items(), looks, "tasks"):
            cuts = (find_digit_task(name).steps - 1) // share.truncation.values
            values = share.transpose("truncation", "seed").values
            color = STYLES["ccrnn"]["color"]
            axes.plot(cuts, values.mean(1), color=color, linestyle=dash, marker=marker, markersize=6, label=name)
            axes.scatter(np.repeat(cuts, values.shape[1]), values.ravel(), s=5, color=color, alpha=0.5, linewidths=0)
            told.append(f"{name}: " + ", ".join(f"{n} {mean_sem(row)}" for n, row in zip(cuts, values, strict=True)))
            shown |= set(cuts.tolist())
        axes.set_xscale("log")
        axes.set_xticks(sorted(shown), [str(n) for n in sorted(shown)])
        axes.minorticks_off()
        axes.set(xlabel="cuts in a sequence", ylabel="error in validation, ccRNN ÷\nthe same cRNN", ylim=(0, None))
        axes.legend()
    return Picture(
        figure,
        "Error in validation of the ccRNN divided by that of the cRNN of the same seed, over the number of cuts, for "
        f"truncations that are the same to the cortex; small dots are seeds. By cuts, {'; '.join(told)}.",
    )


def _interval_of(run: xr.Dataset) -> int:
    """Of two taught steps, how far they lie apart; it means nothing to tasks that teach at the end only."""
    taught = np.flatnonzero(run.taught.isel({dim: 0 for dim in run.taught.dims if dim != "time"}).values)
    return int(taught[1] - taught[0]) if len(taught) > 1 else 1


def _add_legend(figure: Figure, places: Iterable[Axes]) -> None:
    """Above the figure, that of the panel with the most models: not every task has all of them."""
    most = max(places, key=lambda axes: len(axes.get_legend_handles_labels()[0]))
    figure.legend(*most.get_legend_handles_labels(), loc="outside upper center", ncols=3)


def _ends_of_all_in_words(runs: Mapping[str, xr.Dataset]) -> str:
    return "; ".join(f"{name}: {_ends_in_words(run)}" for name, run in runs.items())


def _ends_in_words(run: xr.Dataset) -> str:
    error = taught_error(run).isel(epoch=-1)
    shown = [error.truncation.values[0], error.truncation.values[-1]]
    return ", ".join(
        f"{model_label(model)} {mean_sem(error.sel(model=model, truncation=T))} at T = {T}"
        for T in shown
        for model in error.model.values
    )
