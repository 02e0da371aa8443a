"""Figures of learning curves, drawn lines and errors step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from ....engine.settings import SettingError
from ....study.measures.errors import mean_sem
from ...pictures.parts import check_dims, distinct_lines, error_label, mean_band
from ...pictures.picture import STYLES, Picture, drawing, line_style, model_label


def learning_curves(run: xr.Dataset, labels: Mapping[str, str] | None = None) -> Picture:
    """Training error per taught step over epochs: mean over seeds, with a band of ± one standard error (P21 Fig. 2b).

    Args:
        run: with dims model, seed, epoch.
        labels: other names for the models.

    Raises:
        SettingError: when a dimension is left that must be selected, or one is missing.
    """
    check_dims(run.train_error, "model", "seed", "epoch")
    with drawing(5.2, 3.0) as figure:
        axes = figure.subplots()
        for model in run.model.values:
            style = line_style(str(model)) | {"label": _model_label(model, labels)}
            mean_band(axes, run.train_error.sel(model=model), style)
        axes.set(xlabel="epoch", ylabel=error_label(run), ylim=(0, None))
        axes.set_xlim(0, run.epoch.values[-1])
        axes.legend()
    ends = "; ".join(
        f"{_model_label(m, labels)} {mean_sem(run.train_error.sel(model=m).isel(epoch=-1))}" for m in run.model.values
    )
    return Picture(
        figure,
        f"Learning curves over {run.epoch.values[-1]} epochs, mean and standard error over {run.sizes['seed']} seeds. "
        f"Training error per taught step at the end: {ends}.",
    )


def line_drawings(run: xr.Dataset, targets: np.ndarray) -> Picture:
    """What the networks draw: for each model, the lines of all its seeds to all targets.

    Args:
        run: with ``output`` (model, seed, cue, time, xy) and ``taught`` (time).
        targets: the points that the cues mean, ``(cue, 2)``.
    """
    check_dims(run.output, "model", "seed", "cue", "time", "xy")
    models = [str(model) for model in run.model.values]
    taught = run.taught.isel(model=0).values if "model" in run.taught.dims else run.taught.values
    with drawing(3.1 * len(models), 3.1) as figure:
        for axes, model in zip(figure.subplots(1, len(models), squeeze=False)[0], models, strict=True):
            style = line_style(model)
            for target in targets:
                axes.plot([0, target[0]], [0, target[1]], color="black", linestyle=":", linewidth=0.8)
            for path in (
                run.output.sel(model=model).transpose("seed", "cue", "time", "xy").values.reshape(-1, len(taught), 2)
            ):
                axes.plot(path[:, 0], path[:, 1], color=style["color"], linewidth=0.7, alpha=0.6)
                axes.scatter(path[taught, 0], path[taught, 1], s=5, color=style["color"])
            reach = 1.15 * np.abs(targets).max()
            axes.set(title=style["label"], aspect="equal", xlim=(-reach, reach), ylim=(-reach, reach))
            axes.axis("off")
    scores = "; ".join(f"{model_label(m)} {mean_sem(_last_epoch(run).ataxia_score.sel(model=m))}" for m in models)
    return Picture(
        figure,
        f"Lines drawn by all {run.sizes['seed']} networks of each model from the centre to the targets on a circle; "
        f"dots are taught steps, dotted lines the targets. Ataxia scores: {scores}.",
    )


def ataxia_bars(run: xr.Dataset) -> Picture:
    """The ataxia score with its two parts, and a dot for each network (P21 Fig. 2c and eq. 2).

    Args:
        run: with dims model, seed and perhaps epoch, of which the last is shown.
    """
    last = _last_epoch(run)
    check_dims(last.ataxia_score, "model", "seed")
    models = [str(model) for model in last.model.values]
    with drawing(3.6, 3.2) as figure:
        axes = figure.subplots()
        for place, model in enumerate(models):
            own, color = last.sel(model=model), STYLES[model]["color"]
            taught, untaught = float(own.ataxia_taught.mean()), float(own.ataxia_untaught.mean())
            axes.bar(place, taught, 0.5, color=color, edgecolor=color, label="taught" if not place else None)
            axes.bar(
                place,
                untaught,
                0.5,
                bottom=taught,
                facecolor="none",
                edgecolor=color,
                hatch="///",
                label="untaught" if not place else None,
            )
            axes.scatter(np.full(own.sizes["seed"], place + 0.34), own.ataxia_score, s=8, color="black", alpha=0.6)
        axes.set_xticks(range(len(models)), [model_label(model) for model in models])
        axes.set_ylabel(error_label(run, "ataxia_score").replace(": validation ", ":\nsum of "))
        axes.set_ylim(0, 1.3 * float(last.ataxia_score.max()))  # room for the legend
        axes.legend()
    told = "; ".join(
        f"{model_label(m)}: taught {mean_sem(last.ataxia_taught.sel(model=m))}, "
        f"untaught {mean_sem(last.ataxia_untaught.sel(model=m))}"
        for m in models
    )
    return Picture(
        figure, f"Stacked bars of the ataxia score, its taught and untaught part, dots are networks. {told}."
    )


def errors_by_step(run: xr.Dataset) -> Picture:
    """Error of each step along the line; filled where the teacher speaks, hatched where it is silent.

    Args:
        run: with ``final_error`` (model, seed, time), or ``validation_error`` of which the last epoch is shown.
    """
    errors = run.final_error if "final_error" in run else run.validation_error.isel(epoch=-1)
    check_dims(errors, "model", "seed", "time")
    taught = run.taught.isel(model=0) if "model" in run.taught.dims else run.taught
    models = [str(model) for model in errors.model.values]
    with drawing(6.4, 2.9) as figure:
        places = figure.subplots(1, len(models), squeeze=False, sharey=True)[0]
        for axes, model in zip(places, models, strict=True):
            own, color = errors.sel(model=model), STYLES[model]["color"]
            for step in errors.time.values:
                look = {} if bool(taught.sel(time=step)) else {"facecolor": "none", "hatch": "///"}
                axes.bar(step, float(own.sel(time=step).mean()), 0.7, color=color, edgecolor=color, **look)
            axes.set(title=model_label(model), xlabel="step", xticks=errors.time.values)
        places[0].set_ylabel("squared distance")
    told = "; ".join(
        f"{model_label(m)} at step {int(errors.time.values[-1])}: {mean_sem(errors.sel(model=m).isel(time=-1))}"
        for m in models
    )
    return Picture(
        figure,
        f"Error at each step of the line, a panel for each model; filled bars are taught, hatched untaught. {told}.",
    )


def named_curves(curves: Mapping[str, xr.DataArray], ylabel: str, about: str, colors: Sequence[str] = ()) -> Picture:
    """Named curves over epochs, mean over seeds with a band of ± one standard error.

    Args:
        curves: name → values with dims seed and epoch; 25 at the most.
        ylabel: what is drawn upwards, with its unit.
        about: what the picture shows, in a sentence or more; its alternative text goes on with where each curve ends.
        colors: one a curve; colours that can be told apart if empty.

    Raises:
        SettingError: when there are more curves than can be told apart, or not a colour for each.

    Example:
        >>> values = xr.DataArray([[4.0, 1.0], [8.0, 3.0]], {"epoch": [1, 2]}, ("seed", "epoch"))
        >>> named_curves({"one": values, "other": 2 * values}, "error", "Two curves fall.").alt
        'Two curves fall. At the end: one 2 ± 1; other 4 ± 2.'
    """
    looks = distinct_lines(len(curves))
    if colors and len(colors) != len(curves):
        raise SettingError(f"colors {', '.join(colors)}: must be one for each of {len(curves)} curves")
    with drawing(5.4, 3.1) as figure:
        axes = figure.subplots()
        for (name, values), look, color in zip(
            curves.items(), looks, colors or [look["color"] for look in looks], strict=True
        ):
            mean_band(axes, values, {**look, "color": color, "label": name})
        axes.set(xlabel="epoch", ylabel=ylabel, ylim=(0, None))
        axes.legend(ncols=1 if len(curves) < 9 else 2)
    ends = "; ".join(f"{name} {mean_sem(values.isel(epoch=-1))}" for name, values in curves.items())
    return Picture(figure, f"{about} At the end: {ends}.")


def _model_label(model: str, labels: Mapping[str, str] | None) -> str:
    return (labels or {}).get(str(model), model_label(model))


def _last_epoch(run: xr.Dataset) -> xr.Dataset:
    return run.isel(epoch=-1) if "epoch" in run.dims else run
