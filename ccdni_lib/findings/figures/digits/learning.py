"""Figures of the digit tasks: what comes in, what is asked, how it is learned, and what is drawn, coloured by digit."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from scipy.ndimage import zoom

from ....study.measures.errors import mean_sem
from ....study.measures.horizons import steps_back
from ....study.measures.outcomes import final_digit_error
from ....study.measures.references import blind_digit_error, find_digit_task
from ...pictures.parts import mean_band
from ...pictures.picture import STYLES, Picture, drawing, line_style, model_label

# Told apart under the common kinds of colour blindness, and readable on light and on dark; a number stands beside.
COLORS = (
    *("#2d5aa5", "#f09600", "#006978", "#c33c00", "#4bb4f0"),
    *("#874b3c", "#96b469", "#5a0fff", "#a89898", "#8769ff"),
)
MEASURES = {
    "train_error": "training error per taught step",
    "validation_error": "validation error per taught step",
    "validation_accuracy": "read right in validation",
}
SPREAD = 1.6  # distance between digits that are drawn, whose sides are 1


def digit_labels(run: xr.Dataset) -> Int[np.ndarray, " example"]:
    """Which digit each example of a run is, told by its target."""
    target = run.target.values
    if target.ndim == 2:
        return target[:, -1].astype(int)
    wanted = find_digit_task(run.attrs["task"]).wanted()
    return np.square(target[:, None] - wanted[None]).sum((2, 3)).argmin(1)


def digit_rows(digits: tuple[int, ...] = (4, 9), rows: tuple[int, ...] = (8, 14, 18, 23, 28)) -> Picture:
    """What has come in after some of the rows, from the top down: handwritten digits (scikit-learn's, which are small).

    Args:
        digits: which digits, a line each.
        rows: after how many of the 28 rows.
    """
    from sklearn.datasets import load_digits

    small = load_digits()
    with drawing(5.4, 1.1 * len(digits) + 0.2) as figure:
        panels = figure.subplots(len(digits), len(rows), squeeze=False)
        for line, digit in zip(panels, digits, strict=True):
            ink = zoom(small.images[np.flatnonzero(small.target == digit)[0]] / 16, 3.5, order=1).clip(0, 1)
            for axes, seen in zip(line, rows, strict=True):
                image = np.full((*ink.shape, 4), 0.5)
                image[..., 3] = np.where(np.arange(len(ink))[:, None] < seen, 0.12 + 0.88 * ink, 0)
                axes.imshow(image)
                axes.hlines(seen - 0.5, -0.5, 27.5, color=COLORS[1], linewidth=1.2)
                axes.set(xlim=(-0.5, 27.5), ylim=(27.8, -0.5))
                axes.axis("off")
        for axes, seen in zip(panels[0], rows, strict=True):
            axes.set_title(f"{seen} rows")
    names = " and ".join(f"a handwritten {digit}" for digit in digits)
    return Picture(figure, f"What has come in of {names} after {', '.join(map(str, rows))} rows, from the top down.")


def digit_targets(interval: int = 4) -> Picture:
    """What the two drawing tasks ask for: ten lines to a digit's place, and ten drawings; dots are taught steps.

    Args:
        interval: steps between two corrections.
    """
    with drawing(6.4, 2.7) as figure:
        for axes, name in zip(
            figure.subplots(1, 2, width_ratios=(1, 1.5)), ("ld-seqmnist", "dd-seqmnist"), strict=True
        ):
            task = find_digit_task(name)
            taught = task.taught_steps(interval) > 0
            for digit, path in enumerate(task.wanted()):
                place = path + _offset(name, digit)
                axes.plot(*place.T, color=COLORS[digit], linewidth=1.2)
                axes.scatter(*place[taught].T, s=14, color=COLORS[digit])
            _write_numbers(axes, name)
            axes.set_title(name)
    return Picture(
        figure,
        "Left, ld-seqmnist: ten straight lines from the centre to places on a circle, the 0 to the right, the others "
        "counter-clockwise. Right, dd-seqmnist: ten digits, each drawn in one stroke of 28 points at equal distances. "
        f"Dots are taught steps, every {interval}th.",
    )


def digit_outputs(run: xr.Dataset) -> Picture:
    """What the median network of each model does for images it was not trained on, coloured by digit (P21 Fig. 4a).

    Args:
        run: of ld-seqmnist, dd-seqmnist, or c-seqmnist of which only the ends are shown; dims model, seed, epoch.
    """
    name, digits = run.attrs["task"], digit_labels(run)
    models = [str(model) for model in run.model.values]
    columns, size = (1, (5.2, 2.05)) if name == "dd-seqmnist" else (2, (2.7, 2.6))
    rows = -(-len(models) // columns)
    with drawing(columns * size[0], rows * size[1]) as figure:
        panels = figure.subplots(rows, columns, squeeze=False).ravel()
        for axes in panels[len(models) :]:
            axes.axis("off")
        for axes, model in zip(panels[: len(models)], models, strict=True):
            error = run.ataxia_taught.sel(model=model).isel(epoch=-1).values
            output = run.output.sel(model=model).isel(seed=int(np.argsort(error)[error.size // 2])).values
            for path, digit in zip(output, digits.tolist(), strict=True):
                place = path + _offset(name, digit)
                if name == "c-seqmnist":
                    axes.scatter(*place[-1], s=30, marker=f"${digit}$", color=COLORS[digit], linewidths=0.3)
                else:
                    axes.plot(*place.T, color=COLORS[digit], linewidth=0.8, alpha=0.8)
            for digit, path in enumerate(find_digit_task(name).wanted()):
                axes.plot(*(path + _offset(name, digit)).T, color="black", linestyle=":", linewidth=0.9)
            _write_numbers(axes, name)
            axes.set_title(model_label(model))
    told = "; ".join(f"{model_label(m)} {_percent(_last_values(run, m, 'validation_accuracy'))}" for m in models)
    return Picture(
        figure,
        f"Outputs of {name} for {len(digits)} images that were not trained on, coloured by digit, a panel for each "
        f"model; dotted is what was asked for. Read right in validation, mean ± s.e.m. over seeds: {told}.",
    )


def digit_learning_curves(runs: Mapping[str, xr.Dataset], measure: str) -> Picture:
    """Learning curves, a panel for each task: mean over seeds with a band of ± one standard error (P21 Fig. 4b, S2).

    Args:
        runs: by task; dims model, seed, epoch.
        measure: a key of `MEASURES`.
    """
    share = measure == "validation_accuracy"
    with drawing(5.6, 2.2 * -(-len(runs) // 2) + 0.3) as figure:
        places = figure.subplots(-(-len(runs) // 2), 2, squeeze=False).ravel()
        for axes in places[len(runs) :]:
            axes.axis("off")
        for axes, (name, run) in zip(places[: len(runs)], runs.items(), strict=True):
            values = _values_of_measure(run, measure)
            for model in values.model.values:
                mean_band(axes, values.sel(model=model), line_style(str(model)), run.sizes["seed"])
            blind = 0.1 if share else blind_digit_error(name)[_taught_steps(run)].mean()
            axes.axhline(blind, color="black", linestyle=":", linewidth=0.9, label="never looks")
            axes.set(title=name, xlabel="epoch", xlim=(0, None), ylim=(0, 1) if share else (0, None))
            if share:
                axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        figure.legend(*places[0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
        figure.supylabel(MEASURES[measure], fontsize=9)
    show = _percent if share else mean_sem
    told = "; ".join(
        f"{name}: " + ", ".join(f"{model_label(m)} {show(_last_values(run, m, measure))}" for m in run.model.values)
        for name, run in runs.items()
    )
    return Picture(
        figure,
        f"Learning curves, {MEASURES[measure]}, a panel for each task, mean ± s.e.m. over seeds. At the end {told}.",
    )


def digit_errors_by_step(run: xr.Dataset) -> Picture:
    """Error at each step at the end of training, with that of who never looks; dots are taught steps.

    Args:
        run: compact, with ``final_error`` (model, seed, time).
    """
    name, taught = run.attrs["task"], np.flatnonzero(_taught_steps(run))
    with drawing(5.4, 2.8) as figure:
        axes = figure.subplots()
        axes.plot(blind_digit_error(name), color="black", linestyle=":", linewidth=0.9, label="never looks")
        for model in run.model.values:
            mean, style = run.final_error.sel(model=model).mean("seed").values, line_style(str(model))
            axes.plot(mean, **style)
            axes.scatter(taught, mean[taught], s=14, color=style["color"], zorder=3)
        axes.set(title=name, xlabel="step", ylabel="error in validation", xlim=(0, 27.5), ylim=(0, None))
        axes.set_xticks([*taught.tolist(), 27])
        axes.legend()
    told = "; ".join(
        f"{model_label(m)} {mean_sem(run.final_error.sel(model=m).isel(time=-1))}" for m in run.model.values
    )
    return Picture(figure, f"Error of {name} at each of 28 steps; dots are taught steps. At the last step: {told}.")


def digit_ratios_over_horizons(grid: xr.Dataset, interval: int = 4) -> Picture:
    """Error over truncations, and the ratio of the two models seed by seed (P21 Fig. 4d, S3; P20 Fig. 3c, S11).

    Args:
        grid: compact sweep with dims model, truncation and seed, and feedback_interval if it has several.
        interval: which feedback interval.
    """
    error, what = final_digit_error(grid), "share misread" if grid.attrs["task"] == "seqmnist" else "error per step"
    if "feedback_interval" in error.dims:
        error = error.sel(feedback_interval=interval)
    taught = find_digit_task(grid.attrs["task"]).taught_steps(interval)
    places, truncations = np.arange(error.sizes["truncation"]), error.truncation.values.tolist()
    ratio = (error.sel(model="ccrnn") / error.sel(model="crnn")).transpose("truncation", "seed").values
    with drawing(5.4, 4.2) as figure:
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(1.2, 1))
        for model, shift in (("crnn", -0.08), ("ccrnn", 0.08)):
            own, style = error.sel(model=model).transpose("truncation", "seed").values, line_style(model)
            above.plot(places + shift, own.mean(1), **style)
            above.scatter(np.repeat(places + shift, own.shape[1]), own.ravel(), s=9, color=style["color"])
        above.set_ylabel(f"{what}\nin validation")
        above.legend()
        below.axhline(1, color="black", linewidth=0.7)
        below.plot(places, ratio.mean(1), **line_style("ccrnn"))
        below.scatter(np.repeat(places, ratio.shape[1]), ratio.ravel(), s=9, color=STYLES["ccrnn"]["color"])
        below.set_ylabel("ccRNN ÷ cRNN,\nsame seed")
        below.set_xticks(places, [f"{T}\n{steps_back(taught, T):.1f}" for T in truncations])
        below.set_xlabel("truncation; below it, how many steps a lesson travels back")
    told = "; ".join(f"T = {T}: {mean_sem(row)}" for T, row in zip(truncations, ratio, strict=True))
    return Picture(
        figure,
        f"{what.capitalize()} in validation of both models for each truncation, dots are seeds; below, that of the "
        f"ccRNN divided by that of the cRNN of the same seed. {told}.",
    )


def _offset(name: str, digit: int) -> Float[np.ndarray, " 2"]:
    """Where a digit is put: drawings lie in two rows of five, lines stay where they are."""
    if name != "dd-seqmnist":
        return np.zeros(2)
    return SPREAD * np.array([digit % 5, -(digit // 5)], dtype=float)


def _write_numbers(axes: Axes, name: str) -> None:
    """Write the number of each digit where it belongs."""
    for digit, path in enumerate(find_digit_task(name).wanted()):
        x, y = _offset(name, digit) + np.array([-0.25, 0.5]) if name == "dd-seqmnist" else 1.14 * path[-1]
        axes.text(x, y, str(digit), ha="center", va="center", color=COLORS[digit], fontweight="bold")
    if name == "dd-seqmnist":
        axes.set(xlim=(-0.5, 4 * SPREAD + 1.2), ylim=(-SPREAD - 0.3, 1.3))
    else:
        axes.set(xlim=(-12.5, 12.5), ylim=(-12.5, 12.5))
    axes.set_aspect("equal")
    axes.axis("off")


def _taught_steps(run: xr.Dataset) -> np.ndarray:
    return run.taught.isel({dim: 0 for dim in run.taught.dims if dim != "time"}).values.astype(bool)


def _values_of_measure(run: xr.Dataset, measure: str) -> xr.DataArray:
    return run.ataxia_taught / run.taught.sum("time") if measure == "validation_error" else run[measure]


def _last_values(run: xr.Dataset, model: str, measure: str) -> np.ndarray:
    return _values_of_measure(run, measure).sel(model=model).isel(epoch=-1).values


def _percent(shares: np.ndarray) -> str:
    return f"{mean_sem(100 * shares)} %"
