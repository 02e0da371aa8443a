"""Lesions: what they leave of a network's learning, against the network that never had a cerebellum (P21 Fig. 3c)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes

from ....study.measures.errors import mean_sem
from ....study.measures.outcomes import final_train_error
from ....study.measures.statistics import paired_effect
from ...pictures.parts import error_label, pair_with_looks
from ...pictures.picture import STYLES, Picture, drawing, line_style
from ..lines.curves import named_curves

NEVER = "cerebellum@0"  # ablated before the first epoch: the cortex alone, bit for bit
LOOKS = (("#8a4fbf", (0, (7, 2, 2, 2))), ("#2e7d32", (0, (1, 1))), ("#b0305c", (0, (4, 1))))  # of lesioned networks
_GREY = STYLES["crnn"]["color"]
KINDS = {"cerebellum": "ablated", "olive": "olive lesioned", "nuclei": "nuclei lesioned"}


def lesion_onsets(run: xr.Dataset, kind: str) -> dict[int, str]:
    """Epochs at which a kind of lesion was made, the earliest first, each with its label.

    Args:
        run: a sweep over lesions, with labels KIND@EPOCH, and "" for none.
        kind: "cerebellum", "olive" or "nuclei".

    Example:
        >>> run = xr.Dataset(coords={"lesion": ["", "olive@50", "olive@5", "nuclei@5"]})
        >>> lesion_onsets(run, "olive")
        {5: 'olive@5', 50: 'olive@50'}
    """
    labels = [str(label) for label in run.lesion.values if str(label).startswith(f"{kind}@")]
    return dict(sorted((int(label.partition("@")[2]), label) for label in labels))


def chosen_onsets(run: xr.Dataset, kind: str, shares: Sequence[float] = (0.04, 0.2, 0.4)) -> dict[int, str]:
    """A few onsets to draw: those nearest to some shares of the training; all are after the first epoch.

    Example:
        >>> labels = {"lesion": ["", *(f"olive@{epoch}" for epoch in (0, 1, 10, 25, 50, 75, 100))]}
        >>> chosen_onsets(xr.Dataset(coords={**labels, "epoch": [1, 250]}), "olive")
        {10: 'olive@10', 50: 'olive@50', 100: 'olive@100'}
    """
    there = {epoch: label for epoch, label in lesion_onsets(run, kind).items() if epoch > 0}
    wanted = [share * int(run.epoch[-1]) for share in shares]
    chosen = {min(there, key=lambda epoch, near=near: abs(epoch - near)) for near in wanted} if there else set()
    return {epoch: label for epoch, label in there.items() if epoch in chosen}


def lesions_against_twins(run: xr.Dataset, kind: str, twin: str = NEVER) -> pd.DataFrame:
    """Final training errors after lesions against those of twins, onset by onset.

    Args:
        run: a sweep over lesions of one model, `NEVER` among them, with dims lesion, seed, epoch.
        kind: of lesion.
        twin: the lesion of the twins: `NEVER`, those who never had a cerebellum; or "", those who kept it.

    Returns:
        Index: epoch of the lesion. ``error``: mean ± s.e.m.; ``of the mean``: ratio to the twins' mean; ``of the
        twin``: geometric mean of the pairs' ratios, with an interval; ``p``: of its exact test (see `paired_effect`);
        ``worse``: in how many pairs.
    """
    final, rows = final_train_error(run), {}
    other = final.sel(lesion=twin).values
    for epoch, label in lesion_onsets(run, kind).items():
        own = final.sel(lesion=label).values
        effect = paired_effect(np.log(own), np.log(other), "factor")
        rows[epoch] = {
            "error": mean_sem(own),
            "of the mean": round(float(np.nanmean(own) / np.nanmean(other)), 3),
            "of the twin": str(effect),
            "p": round(effect.p, 3),
            "worse": f"{int((own > other).sum())} of {effect.n}",
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("epoch")


def ablation_curves(runs: Mapping[str, xr.Dataset], ylabel: str = "training error per taught step") -> Picture:
    """Learning curves for a few epochs of ablation, and the final error over all (P21 Fig. 3c, S6; P20 Fig. 6).

    Above: the first model of each run; vertical lines mark the ablation. Below: all its models, each network's final
    training error divided by the mean of the networks without a cerebellum; mean ± one standard error, and dots.

    Args:
        runs: title → a sweep over lesions with dims model, lesion, seed, epoch; a column each.
        ylabel: of the learning curves, with its unit.
    """
    told = []
    with drawing(0.4 + 3.6 * len(runs) + 1.2 * (len(runs) == 1), 5.0) as figure:
        above, below = figure.subplots(2, len(runs), squeeze=False, height_ratios=(1.2, 1))
        for upper, lower, (title, run) in zip(above, below, runs.items(), strict=True):
            model = str(run.model.values[0])
            draw_lesion_courses(upper, run.sel(model=model), "cerebellum", chosen_onsets(run, "cerebellum"), model)
            upper.set(title=title, ylabel=ylabel, ylim=(0, None))
            told += [f"{title}: {_draw_final_errors(lower, run.sel(model=own), str(own))}" for own in run.model.values]
            margin = 0.03 * int(run.epoch[-1])
            upper.set_xlim(-margin, int(run.epoch[-1]) + margin)
            lower.set_xlim(upper.get_xlim())
        below[0].set_ylabel("final training error,\nof the cRNN's mean")
    return Picture(
        figure,
        "Above, learning curves of networks with a cerebellum, without one, and of networks that lose it at an epoch "
        f"marked by a vertical line; below, final training error over the epoch of ablation. {' '.join(told)}",
    )


def draw_lesion_courses(
    axes: Axes,
    run: xr.Dataset,
    kind: str,
    shown: Mapping[int, str],
    model: str = "ccrnn",
    middle: str = "mean",
    **legend: Any,
) -> None:
    """Training error over epochs of whole networks, of the cortex alone, and after lesions, whose epochs are marked.

    Args:
        axes: to draw on.
        run: of one model, with dims lesion, seed, epoch.
        kind: of lesion, for the legend.
        shown: onset → label, three at most.
        model: for the colour.
        middle: "mean" or "median" over seeds.
        legend: options of the legend.
    """
    for label, style in (("", line_style(model)), (NEVER, line_style("crnn"))):
        axes.plot(run.epoch, _average_curve(run, label, middle), **style)
    for (epoch, label), (color, dash) in pair_with_looks(shown.items(), LOOKS, "lesions at"):
        values = _average_curve(run, label, middle)
        after = values.epoch >= epoch
        axes.plot(values.epoch[after], values[after], color=color, linestyle=dash, label=f"{KINDS[kind]} at {epoch}")
        axes.axvline(epoch, color=color, linestyle=dash, linewidth=0.8)
    axes.set(xlabel="epoch", xlim=(0, int(run.epoch[-1])))
    axes.legend(**legend)


def lesion_twin_ratios(run: xr.Dataset, kinds: Sequence[str] = ("cerebellum", "nuclei")) -> Picture:
    """Each lesioned network against its twin who never had a cerebellum: ratio of final training errors, twin by twin.

    Args:
        run: a sweep over lesions of one model, with dims lesion, seed, epoch.
        kinds: of lesions, at most three, side by side.
    """
    final, told = final_train_error(run), []
    alone = final.sel(lesion=NEVER).values
    epochs = list(lesion_onsets(run, kinds[0]))
    with drawing(6.6, 3.2) as figure:
        axes = figure.subplots()
        axes.axhline(1, color="black", linewidth=0.8, linestyle=":")
        looks = [(color, marker) for (color, _), marker in zip(LOOKS, "osv", strict=True)]
        for row, (kind, (color, marker)) in enumerate(pair_with_looks(kinds, looks, "kinds of lesion")):
            for epoch, label in lesion_onsets(run, kind).items():
                if label == NEVER or epoch not in epochs:
                    continue
                own = final.sel(lesion=label).values
                ratios, effect = own / alone, paired_effect(np.log(own), np.log(alone), "factor")
                place = epochs.index(epoch) + 0.3 * (row - (len(kinds) - 1) / 2)
                face = color if row == 0 else "none"
                axes.scatter(np.full(ratios.size, place), ratios, s=12, marker=marker, facecolor=face, edgecolor=color)
                axes.vlines(place + 0.1, effect.low, effect.high, color="black", linewidth=1)
                axes.hlines(effect.size, place + 0.04, place + 0.16, color="black", linewidth=2)
                told.append(f"{KINDS[kind]} at {epoch}: {effect}, larger in {int((ratios > 1).sum())} pairs")
            axes.scatter([], [], s=14, marker=marker, facecolor=face, edgecolor=color, label=KINDS[kind])
        axes.set(xlabel="epoch of lesion", ylabel="final training error,\nof the cRNN twin's", yscale="log")
        axes.set_xticks(range(len(epochs)), [str(epoch) for epoch in epochs])
        axes.legend(loc="lower left")
    return Picture(
        figure,
        f"Ratio of final training errors, lesioned network to its twin that never had a cerebellum, {alone.size} "
        f"pairs, logarithmic; bars are geometric means with their intervals. {'; '.join(told)}.",
    )


def curves_after_lesions(run: xr.Dataset, kind: str = "olive") -> Picture:
    """Training error after some lesions of a kind, median over networks, on a logarithmic axis.

    Args:
        run: a sweep over lesions of one model, with dims lesion, seed, epoch.
        kind: of lesion.
    """
    shown = chosen_onsets(run, kind, (0.1, 0.4, 0.8))
    with drawing(6.8, 3.2) as figure:
        axes = figure.subplots()
        draw_lesion_courses(axes, run, kind, shown, middle="median", loc="upper left", bbox_to_anchor=(1.0, 1.0))
        axes.set(yscale="log", ylabel=f"{error_label(run)},\nmedian")
    final = final_train_error(run).median("seed")
    ends = {f"{KINDS[kind]} at {epoch}": label for epoch, label in shown.items()}
    told = (
        f"{name} {float(final.sel(lesion=label)):.2g}" for name, label in {"ccRNN": "", "cRNN": NEVER, **ends}.items()
    )
    return Picture(
        figure, f"Training error over epochs, vertical lines mark lesions. Medians at the end: {', '.join(told)}."
    )


def epochs_until_worse(run: xr.Dataset, label: str) -> np.ndarray:
    """Epochs from a lesion until a network's training error is above that of its twin who never had a cerebellum.

    From there on it must stay above. Epochs that are not stored are not looked at.

    Args:
        run: a sweep over lesions of one model, with dims lesion, seed, epoch.
        label: of the lesion.

    Returns:
        One number a seed; inf where it does not come to that.
    """
    start = int(label.partition("@")[2])
    later = run.train_error.sel(epoch=run.epoch[run.epoch > start]).transpose(..., "seed", "epoch")
    above = (later.sel(lesion=label) > later.sel(lesion=NEVER)).values
    stays = np.flip(np.logical_and.accumulate(np.flip(above, 1), 1), 1)
    return np.where(stays.any(1), later.epoch.values[stays.argmax(1)] - start, np.inf)


def fixed_cerebellum_curves(run: xr.Dataset) -> Picture:
    """Learning with cerebella that learn or not, whose last layer begins at zero or at random (P21 Fig. S7).

    Args:
        run: of one model, with dims cerebellum_init (zero, random), lesion ("", "olive@0"), seed, epoch.
    """
    names = {
        "learns, from zero: the ccRNN": {"cerebellum_init": "zero", "lesion": ""},
        "fixed at zero: the cRNN": {"cerebellum_init": "zero", "lesion": "olive@0"},
        "learns, from random": {"cerebellum_init": "random", "lesion": ""},
        "fixed, random": {"cerebellum_init": "random", "lesion": "olive@0"},
    }
    curves = {name: run.train_error.sel(place) for name, place in names.items()}
    return named_curves(
        curves,
        error_label(run),
        "Learning curves of four kinds of cerebellum, training error, mean and standard error.",
        [STYLES["ccrnn"]["color"], _GREY, LOOKS[0][0], LOOKS[2][0]],
    )


def _average_curve(run: xr.Dataset, label: str, middle: str) -> xr.DataArray:
    values = run.train_error.sel(lesion=label)
    return values.mean("seed") if middle == "mean" else values.median("seed")


def _draw_final_errors(axes: Axes, run: xr.Dataset, model: str) -> str:
    """Final errors over onsets of ablation as a share of the cortex's alone; returns them in words."""
    final, style, last = final_train_error(run), line_style(model), int(run.epoch[-1])
    alone = float(final.sel(lesion=NEVER).mean())
    places = lesion_onsets(run, "cerebellum") | {last: ""}
    shares = [final.sel(lesion=label).values / alone for label in places.values()]
    means = [float(np.nanmean(share)) for share in shares]
    sems = [float(np.nanstd(share, ddof=1) / np.sqrt(share.size)) if share.size > 1 else 0.0 for share in shares]
    axes.axhline(1, color="black", linewidth=0.8, linestyle=":")
    axes.errorbar(list(places)[1:], means[1:], sems[1:], marker="o", markersize=3.5, capsize=2, **style)
    axes.errorbar(list(places)[:1], means[:1], sems[:1], marker="s", markersize=4, capsize=2, color=_GREY)
    for epoch, share in zip(places, shares, strict=True):
        color = style["color"] if epoch else _GREY
        axes.scatter(np.full(share.size, epoch), share, s=5, color=color, alpha=0.45)
    axes.set(xlabel="epoch of ablation (square: cRNN; last: never)", ylim=(0, None))
    axes.legend()
    names = ["never" if epoch == last else f"at {epoch}" for epoch in places]
    parts = ", ".join(f"{name} {mean:.2f} ± {sem:.2f}" for name, mean, sem in zip(names, means, sems, strict=True))
    return f"{style['label']}, as a share of the cRNN's error, ablated {parts}."
