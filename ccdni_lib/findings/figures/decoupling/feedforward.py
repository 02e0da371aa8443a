"""Figures of the chapters on synthetic gradients and on forward DNI. Nothing here trains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from ....study.measures.errors import mean_sem
from ...pictures.parts import mean_band, pair_with_looks
from ...pictures.picture import Picture, drawing

GREY, ORANGE, CYAN, PURPLE, GREEN = "#7d7d7d", "#d97000", "#0097a7", "#8a4fbf", "#2e7d32"
_LOOKS: Sequence[dict[str, Any]] = (
    {"color": GREY, "linestyle": (0, (5, 3))},
    {"color": ORANGE, "linestyle": "-"},
    {"color": CYAN, "linestyle": (0, (2, 2))},
    {"color": PURPLE, "linestyle": (0, (7, 2, 2, 2))},
    {"color": GREEN, "linestyle": (0, (1, 1))},
)


_KNOWN = {
    "gradient": 0,
    "true gradient": 0,
    "synthesiser": 1,
    "learned": 1,
    "told the label": 2,
    "nothing": 3,
    "random": 4,
}


def predicted_against_true_feedback(shots: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> Picture:
    """Predicted against true feedback at several times, a dot for each component, in units of their root mean squares.

    Args:
        shots: title → (true, predicted), arrays of the same shape.
    """
    told, reach = [], 3.0
    with drawing(2.3 * len(shots), 2.6) as figure:
        places = figure.subplots(1, len(shots), squeeze=False, sharex=True, sharey=True)[0]
        for axes, (title, (true, predicted)) in zip(places, shots.items(), strict=True):
            sizes = [float(np.sqrt((x**2).mean())) for x in (true, predicted)]
            axes.plot([-reach, reach], [-reach, reach], color="black", linestyle=":", linewidth=0.8)
            dots = (x.ravel() / (size or 1) for x, size in zip((true, predicted), sizes, strict=True))
            axes.scatter(*dots, s=4, color=ORANGE, alpha=0.35, linewidths=0)
            told.append(f"{title}: cosine {_cosine(true, predicted):.2f}, size of the guess {sizes[1] / sizes[0]:.2f}")
            axes.set(title=title, xlabel="true $\\delta_1$", xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
        places[0].set_ylabel("predicted $\\hat\\delta_1$")
    return Picture(
        figure,
        "Predicted against true feedback, a dot for each unit and image, in units of their root mean squares; on the "
        f"dotted diagonal guess and truth agree. {'; '.join(told)} of the truth's.",
    )


def course_panels(panels: Mapping[str, Mapping[str, np.ndarray]], xlabel: str, x: np.ndarray | None = None) -> Picture:
    """Named courses in panels side by side, mean over networks with a band of ± one standard error.

    Args:
        panels: label of the vertical axis → name → values ``(network, time)``; up to five names, the same in all.
        xlabel: of the time.
        x: the times; 1, 2, … if None.
    """
    told = []
    with drawing(3.5 * len(panels), 3.2) as figure:
        for axes, (ylabel, lines) in zip(
            figure.subplots(1, len(panels), squeeze=False)[0], panels.items(), strict=True
        ):
            for (name, values), look in zip(lines.items(), _looks_of(list(lines)), strict=True):
                times = np.arange(1, values.shape[1] + 1) if x is None else x
                course = xr.DataArray(values, {"time": times}, ("seed", "time"))
                mean_band(axes, course, look | {"label": name})
            axes.set(xlabel=xlabel, ylabel=ylabel)
            axes.axhline(0, color="black", linewidth=0.5, alpha=0.4)
            ends = "; ".join(f"{name} {mean_sem(values[:, -1])}" for name, values in lines.items())
            told.append(f"{ylabel}, at the end: {ends}")
        figure.legend(
            *axes.get_legend_handles_labels(), loc="outside lower center", ncols=len(lines) if len(lines) < 5 else 3
        )
    return Picture(figure, f"Courses over {xlabel}, mean and standard error over networks. {'. '.join(told)}.")


def teacher_ladder(runs: Mapping[str, xr.Dataset]) -> Picture:
    """Held-out accuracy and alignment of layer 1 while networks learn from different teachers.

    Args:
        runs: name → Dataset of `ccdni_lib.study.feedforward.spatial.train_spatial`.
    """
    times = next(iter(runs.values())).batch.values
    return course_panels(
        {
            "share of held-out digits recognised": {name: run.accuracy.values for name, run in runs.items()},
            "cosine of $\\hat\\delta_1$ and $\\delta_1$": {
                name: run.alignment.sel(layer=1).values for name, run in runs.items()
            },
        },
        "batches learned",
        times,
    )


def losses_and_activities(run: xr.Dataset) -> Picture:
    """Losses and mean activities of cortex and cerebellum over batches (P20 Fig. 7, top).

    Args:
        run: of `ccdni_lib.study.feedforward.forward.train_forward`, its losses perhaps smoothed.
    """
    with drawing(7.0, 2.9) as figure:
        left, right = figure.subplots(1, 2)
        for name, label, look in (
            ("train_error", "task (nats an image)", {"color": GREY, "linestyle": (0, (5, 3))}),
            ("prediction_error", "prediction (a unit)", {"color": ORANGE, "linestyle": "-"}),
        ):
            mean_band(left, run[name], look | {"label": label})
        left.set(xlabel="batch", ylabel="loss", ylim=(0, None))
        left.legend()
        for population, label, look in _POPULATIONS:
            mean_band(right, run.activity.sel(population=population), look | {"label": label})
        right.set(xlabel="batch", ylabel="mean absolute activity", ylim=(0, None))
        right.legend()
    end = run.isel(batch=-1, step=-1)
    told = "; ".join(f"{p} {mean_sem(end.activity.sel(population=p))}" for p in ("cortex", "granule", "nuclei"))
    return Picture(
        figure,
        f"Losses and mean absolute activities over {int(run.batch[-1])} batches, {run.sizes['seed']} networks. At the "
        f"end the task's loss is {mean_sem(end.train_error)}, the prediction loss {mean_sem(end.prediction_error)} a "
        f"unit, and the activities are: {told}.",
    )


def strongest_pair_correlations(run: xr.Dataset) -> Picture:
    """The most correlated pairs at the beginning and at the end, followed over learning (P20 Fig. 7, bottom).

    Left with the cortex that the cerebellum predicts, right with another one's.

    Args:
        run: of `ccdni_lib.study.feedforward.forward.train_forward`.
    """
    titles = {"own": "the cortex that C predicts", "other": "another cortex, never seen"}
    told = []
    with drawing(7.0, 3.5) as figure:
        places = figure.subplots(1, 2, sharey=True)
        for axes, (partner, title) in zip(places, titles.items(), strict=True):
            for part, label, look in _POPULATIONS[1:]:
                for picked, alpha in (("beginning", 0.55), ("end", 1.0)):
                    values = run.strongest.sel(part=part, partner=partner, picked=picked)
                    mean_band(axes, values, look | {"label": f"{label}, strongest at {picked}", "alpha": alpha})
                    first, last = (float(values.mean("seed").dropna("batch")[i]) for i in (0, -1))
                    told.append(f"{title}, {label}, picked at the {picked}: from {first:.2f} to {last:.2f}")
            axes.set(title=title, xlabel="batch", ylim=(0, 1))
        places[0].set_ylabel("mean |r| of the picked pairs")
        figure.legend(*places[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return Picture(
        figure,
        "The most correlated pairs of a cerebellar and a cortical unit, picked at the beginning or at the end and "
        f"followed over learning. {'; '.join(told)}.",
    )


def all_pair_correlations(run: xr.Dataset) -> Picture:
    """What picks nothing: mean and variance of |r| over all pairs, and r of each nucleus with its own target.

    Args:
        run: of `ccdni_lib.study.feedforward.forward.train_forward`.
    """
    partners = {"own": ("own cortex", ORANGE, "-"), "other": ("another cortex", GREY, (0, (5, 3)))}
    kinds = {
        "mean_correlation": "mean |r| of all pairs",
        "spread_correlation": "variance of |r|",
        "matched": "mean r of matched pairs",
    }
    told = []
    with drawing(8.4, 2.7) as figure:
        for axes, (kind, ylabel) in zip(figure.subplots(1, 3), kinds.items(), strict=True):
            for partner, (label, color, dash) in partners.items():
                values = run[kind].sel(partner=partner)
                values = values.sel(part="granule") if "part" in values.dims else values
                mean_band(axes, values, {"color": color, "linestyle": dash, "label": label})
                told.append(f"{ylabel}, {label}: {mean_sem(values.isel(batch=-1))}")
            axes.set(xlabel="batch", ylabel=ylabel, ylim=(-0.1, 1) if kind == "matched" else (0, None))
            axes.axhline(0, color="black", linewidth=0.5, alpha=0.4)
        axes.legend(loc="center right")
    return Picture(
        figure,
        "Correlations without picking, of granule cells with cortical units, and of nuclei with the units that they "
        f"predict. At the end: {'; '.join(told)}.",
    )


_POPULATIONS: Sequence[tuple[str, str, dict[str, Any]]] = (
    ("cortex", "cortex $h_2$", {"color": GREY, "linestyle": (0, (5, 3))}),
    ("granule", "granule cells", {"color": CYAN, "linestyle": (0, (2, 2))}),
    ("nuclei", "nuclei", {"color": ORANGE, "linestyle": "-"}),
)


def _looks_of(names: Sequence[str]) -> list[dict[str, Any]]:
    """A look for each name, all different: those of known teachers are always the same, others take what is left."""
    known = {name: _KNOWN[name] for name in names if name in _KNOWN}
    left = [place for place in range(len(_LOOKS)) if place not in known.values()]
    others = pair_with_looks([name for name in names if name not in known], left, "courses")
    places = known | dict(others)
    return [_LOOKS[places[name]] for name in names]


def _cosine(a: np.ndarray, b: np.ndarray) -> float:
    size = np.linalg.norm(a) * np.linalg.norm(b)
    return float((a * b).sum() / size) if size else float("nan")
