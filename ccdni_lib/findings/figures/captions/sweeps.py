"""Figures of captions over models, truncations, lengths and scores; all differences are between twins, seed by seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes

from ....study.measures.errors import mean_sem
from ....study.measures.outcomes import difference_to_twins
from ...pictures.parts import mean_band
from ...pictures.picture import STYLES, Picture, drawing, line_style, model_label

FEWEST = 10  # validation captions of a length, for it to be shown
LENGTH = "length ratio"
TRUTH = "truth"


def caption_learning_curves(run: xr.Dataset) -> Picture:
    """Bits per word in validation while models learn, and the difference to their twins (P21 Fig. 5b; P20 Fig. 4b).

    Args:
        run: dims model, seed, epoch; one truncation.
    """
    bits, apart = run.bits_per_word, difference_to_twins(run.bits_per_word)
    with drawing(6.0, 2.7) as figure:
        left, right = figure.subplots(1, 2)
        for model in map(str, bits.model.values):
            mean_band(left, bits.sel(model=model), line_style(model))
        left.set_ylim(*_limits_of_ends(bits))
        left.set(xlabel="epoch", ylabel="bits per word in validation")
        left.legend()
        right.axhline(0, **_unlabelled_line("crnn"))
        for model in map(str, apart.model.values):
            mean_band(right, apart.sel(model=model), line_style(model))
        right.set(xlabel="epoch", ylabel="more than the cRNN\nof the same seed")
        late = apart.isel(epoch=slice(apart.sizes["epoch"] // 5, None))
        _set_limits_around(right, late)
    told = "; ".join(f"{model_label(m)} {mean_sem(bits.sel(model=m).isel(epoch=-1))}" for m in bits.model.values)
    return Picture(
        figure,
        f"Left, bits per word in validation over epochs, mean over {run.sizes['seed']} seeds with s.e.m. At the end: "
        f"{told}. Right, the difference to the cRNN of the same seed: {_differences_in_words(apart.isel(epoch=-1))}.",
    )


def caption_loss_changes(run: xr.Dataset, truncation: int = 4) -> Picture:
    """Change in loss over truncations, its spread over seeds, and the change by caption length (P20 Fig. 4d).

    The change is given twice, for it is not said of which epochs the published one is: of the mean of all, which is how
    fast is learned, and of the last.

    Args:
        run: dims model, truncation, seed, epoch, length.
        truncation: for the lengths.
    """
    bits = run.bits_per_word
    with drawing(6.2, 4.6) as figure:
        (speed, end), (spread, length) = figure.subplots(2, 2)
        for axes, values, title in (
            (speed, bits.mean("epoch", skipna=False), "mean of all epochs"),
            (end, bits.isel(epoch=-1, drop=True), "last epoch"),
        ):
            axes.axhline(0, **_unlabelled_line("crnn"))
            apart = difference_to_twins(values)
            for place, model in enumerate(map(str, apart.model.values)):
                _draw_points(axes, apart.sel(model=model), model, 0.15 * (2 * place - 1))
            axes.set(title=title, xlabel="truncation T", ylabel="change in bits per word")
        speed.legend()
        deviation = bits.mean("epoch", skipna=False).std("seed", ddof=1)
        for model in map(str, bits.model.values):
            spread.plot(
                range(bits.sizes["truncation"]), deviation.sel(model=model), marker="o", ms=3, **line_style(model)
            )
        spread.set(title="spread over seeds", xlabel="truncation T", ylabel="SD of mean bits per word", ylim=(0, None))
        for axes in (speed, end, spread):
            axes.set_xticks(range(bits.sizes["truncation"]), bits.truncation.values)
        _draw_by_length(length, run.sel(truncation=truncation))
        length.set_title(f"by caption length, T = {truncation}")
    at_end = bits.isel(epoch=-1)
    told = "; ".join(
        f"T = {T}: {_differences_in_words(difference_to_twins(at_end.sel(truncation=T)))}"
        for T in bits.truncation.values
    )
    return Picture(
        figure,
        "Change in bits per word against the cRNN of the same seed, over truncations: of the mean of all epochs and of "
        f"the last; spread over seeds; and the change by caption length. At the last epoch, {told}.",
    )


def caption_generalisation(run: xr.Dataset, longest: int = 7) -> Picture:
    """Change in validation loss against change in training loss, for short truncations (P20 Fig. S13).

    Args:
        run: dims model, truncation, seed; with ``training_bits``, which is without dropout.
        longest: truncation that is shown.
    """
    short = run.sel(truncation=run.truncation[run.truncation <= longest])
    training, validation = (difference_to_twins(x) for x in (short.training_bits, short.bits_per_word.isel(epoch=-1)))
    with drawing(4.4, 3.4) as figure:
        axes = figure.subplots()
        reach = 1.1 * float(max(abs(training).max(), abs(validation).max()))
        axes.axhline(0, color="black", linewidth=0.5)
        axes.axvline(0, color="black", linewidth=0.5)
        axes.plot([-reach, reach], [-reach, reach], color="black", linewidth=0.7, linestyle=":")
        for model in map(str, training.model.values):
            x, y, style = training.sel(model=model), validation.sel(model=model), STYLES[model]
            axes.scatter(x, y, s=7, color=style["color"], alpha=0.55)
            for T in short.truncation.values:
                mean = float(x.sel(truncation=T).mean()), float(y.sel(truncation=T).mean())
                axes.scatter(
                    *mean,
                    s=60,
                    marker=f"${T}$",
                    color=style["color"],
                    label=style["label"] if short.truncation[0] == T else None,
                )
        axes.set(xlabel="change in training, bits per word", ylabel="change in validation,\nbits per word")
        axes.legend()
    below = (validation < training).mean(("seed", "truncation"))
    told = "; ".join(f"{model_label(m)} {float(below.sel(model=m)):.0%}" for m in below.model.values)
    return Picture(
        figure,
        "Change in validation loss against change in training loss, both against the cRNN of the same seed; dots are "
        f"networks, numbers the mean of each truncation. Below the dotted line: {told}.",
    )


def caption_curves_over_truncations(run: xr.Dataset) -> Picture:
    """Validation curves in bits per word, a panel for each truncation (P20 Fig. S14).

    Args:
        run: dims model, truncation, seed, epoch.
    """
    bits, columns = run.bits_per_word, 3
    rows = -(-bits.sizes["truncation"] // columns)
    with drawing(6.2, 1.9 * rows + 0.3) as figure:
        panels = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel()
        for axes in panels[bits.sizes["truncation"] :]:
            axes.axis("off")
        for axes, T in zip(panels[: bits.sizes["truncation"]], bits.truncation.values, strict=True):
            for model in map(str, bits.model.values):
                mean_band(axes, bits.sel(truncation=T, model=model), line_style(model))
            axes.set(title=f"T = {T}")
        panels[0].set_ylim(*_limits_of_ends(bits))
        panels[0].legend()
        figure.supxlabel("epoch", fontsize=9)
        figure.supylabel("bits per word in validation", fontsize=9)
    at_end = bits.isel(epoch=-1)
    told = "; ".join(
        f"T = {T}: "
        + ", ".join(f"{model_label(m)} {mean_sem(at_end.sel(truncation=T, model=m))}" for m in bits.model.values)
        for T in bits.truncation.values
    )
    return Picture(figure, f"Validation curves in bits per word, a panel for each truncation. At the end, {told}.")


def caption_scores_over_truncations(run: xr.Dataset) -> Picture:
    """Scores of captions over truncations, with their lengths and how much of them is true (P20 Fig. S15).

    Args:
        run: dims model, truncation, seed, metric.
    """
    scores, columns = scores_with_truth(run), 3
    rows = -(-scores.sizes["metric"] // columns)
    with drawing(6.2, 1.6 * rows + 0.5) as figure:
        panels = figure.subplots(rows, columns, squeeze=False, sharex=True).ravel()
        for axes in panels[scores.sizes["metric"] :]:
            axes.axis("off")
        for axes, metric in zip(panels[: scores.sizes["metric"]], scores.metric.values, strict=True):
            for place, model in enumerate(map(str, scores.model.values)):
                _draw_points(
                    axes, scores.sel(metric=metric, model=model, drop=True), model, 0.15 * (place - 1), dots=False
                )
            axes.set_title(metric)
            axes.set_xticks(range(scores.sizes["truncation"]), scores.truncation.values)
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
        figure.supxlabel("truncation T", fontsize=9)
    told = "; ".join(
        f"{metric}: "
        + ", ".join(
            f"{model_label(m)} {float(scores.sel(metric=metric, model=m).mean()):.3g}" for m in scores.model.values
        )
        for metric in scores.metric.values
    )
    return Picture(
        figure,
        "Scores of captions of validation scenes over truncations, mean with s.e.m., with the ratio of lengths and the "
        f"share of what is stated that is true. Means over all truncations, {told}.",
    )


def scores_with_truth(run: xr.Dataset) -> xr.DataArray:
    """The scores of a run, the ratio of lengths, and, of scenes, the truth; along the dim metric."""
    more = {LENGTH: run.length_ratio} | ({TRUTH: run.truth} if "truth" in run else {})
    return xr.concat(
        [run.score, *(values.expand_dims(metric=[name]) for name, values in more.items())], "metric", join="outer"
    )


def caption_score_table(run: xr.Dataset) -> pd.DataFrame:
    """Scores of each model, mean ± s.e.m. over seeds, and in how many pairs each cerebellum is ahead (P21 Table S2).

    Args:
        run: dims model, seed, metric; one truncation.
    """
    scores, names = scores_with_truth(run), [str(model) for model in run.model.values]
    rows = {}
    for metric in map(str, scores.metric.values):
        own = scores.sel(metric=metric)
        ahead = (own > own.sel(model="crnn", drop=True)).sum("seed")
        rows[metric] = {model_label(model): mean_sem(own.sel(model=model)) for model in names} | {
            f"{model_label(model)} ahead": ""
            if metric == LENGTH
            else f"{int(ahead.sel(model=model))} of {run.sizes['seed']}"
            for model in names[1:]
        }
    return pd.DataFrame(rows).T


def _draw_by_length(axes: Axes, run: xr.Dataset) -> None:
    """Change by caption length, in lengths that are frequent enough; the cross is at their mean length."""
    count = run.length_captions.isel({dim: 0 for dim in run.length_captions.dims if dim != "length"}).values
    bits = run.length_bits.assign_coords(length=np.arange(run.sizes["length"])).isel(
        length=np.flatnonzero(count >= FEWEST)
    )
    apart = difference_to_twins(bits)
    axes.axhline(0, **_unlabelled_line("crnn"))
    for model in map(str, apart.model.values):
        mean_band(axes, apart.sel(model=model), line_style(model))
    mean = float((np.arange(len(count)) * count).sum() / count.sum())
    axes.plot(mean, 0, "x", color="black", markersize=7, markeredgewidth=1.6)
    axes.set(xlabel="words of the caption", ylabel="change in bits per word")


def _draw_points(axes: Axes, values: xr.DataArray, model: str, shift: float, dots: bool = True) -> None:
    """Mean and standard error over truncations, which are set apart alike; dots are seeds."""
    values = values.transpose("truncation", "seed")
    x, count = np.arange(values.sizes["truncation"]) + shift, values.notnull().sum("seed")
    sem = values.std("seed", ddof=1) / count**0.5 if values.sizes["seed"] > 1 else None
    axes.errorbar(x, values.mean("seed"), sem, marker="o", markersize=3, capsize=0, **line_style(model))
    if dots:
        axes.scatter(
            np.repeat(x, values.sizes["seed"]), values.values.ravel(), s=4, color=STYLES[model]["color"], alpha=0.5
        )


def _limits_of_ends(bits: xr.DataArray) -> tuple[float, float]:
    """Limits that show the end of curves: from a little below the lowest to where they are after a tenth of all."""
    mean = bits.mean("seed")
    top, low = float(mean.isel(epoch=mean.sizes["epoch"] // 10).max()), float(mean.min())
    return low - 0.08 * (top - low), top


def _set_limits_around(axes: Axes, values: xr.DataArray) -> None:
    """Limits around the means of some values, and zero."""
    reach = 1.4 * float(abs(values.mean("seed")).max())
    if np.isfinite(reach) and reach:
        axes.set_ylim(-reach, reach)


def _differences_in_words(apart: xr.DataArray) -> str:
    return ", ".join(f"{model_label(model)} {mean_sem(apart.sel(model=model))}" for model in apart.model.values)


def _unlabelled_line(model: str) -> dict[str, Any]:
    return {key: value for key, value in line_style(model).items() if key != "label"}
