"""Figures of decorrelation: how correlated the cortex is, how correlated predicted feedback, and what becomes of it."""

from __future__ import annotations

from typing import Any

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from ....study.measures.errors import mean_sem
from ...pictures.parts import mean_band, pair_with_looks
from ...pictures.picture import STYLES, Picture, drawing, line_style, model_label
from .sparsity import error_and_unit

MARKERS = ("o", "s", "^", "D", "v")
MEASURES = {"correlation": "mean |r|", "r_pop": "r_pop"}
CEREBELLA = ("ccrnn", "sccrnn")


def errors_by_cortical_correlation(run: xr.Dataset, measure: str = "correlation") -> Picture:
    """Error at the end against how correlated the cortex was at birth, a mark for each network (P20 Fig. 2e).

    Args:
        run: with a dim bias_factor, and recordings of correlation.
        measure: a key of `MEASURES`.
    """
    with drawing(4.9, 3.3) as figure:
        _draw_marks(figure.subplots(), run, measure)
    return Picture(figure, _marks_in_words(run, measure))


def feedback_correlation_curves(run: xr.Dataset, measure: str = "correlation", until: int = 100) -> Picture:
    """How much alike the components of predicted feedback are while networks learn, for each bias factor (P20 Fig. 2f).

    Args:
        run: with a dim bias_factor, and recordings of correlation.
        measure: a key of `MEASURES`.
        until: last epoch that is shown.
    """
    with drawing(6.6, 2.2) as figure:
        _draw_feedback_curves(figure, run, measure, until)
    return Picture(figure, _feedback_in_words(run, measure, until))


def decorrelation_panels(run: xr.Dataset, measure: str = "correlation", until: int = 100) -> Picture:
    """Both of the above in one picture (P20 Fig. 3d, S6, S7).

    Args:
        run: with a dim bias_factor, and recordings of correlation.
        measure: a key of `MEASURES`.
        until: last epoch that is shown.
    """
    with drawing(6.6, 5.2) as figure:
        above, below = figure.subfigures(2, 1, height_ratios=(1.35, 1))
        _draw_marks(above.subplots(), run, measure)
        _draw_feedback_curves(below, run, measure, until)
    return Picture(figure, f"{_marks_in_words(run, measure)} {_feedback_in_words(run, measure, until)}")


def _draw_marks(axes: Axes, run: xr.Dataset, measure: str) -> None:
    error, unit = error_and_unit(run)
    error, born = error.isel(epoch=-1), run[f"cortex_{measure}"].sel(recorded_epoch=0, method="nearest")
    factors = run.bias_factor.values
    for model in run.model.values:
        for b, marker in pair_with_looks(factors, MARKERS, "bias factors"):
            x, y = (values.sel(model=model, bias_factor=b) for values in (born, error))
            face = "none" if model == "crnn" else STYLES[str(model)]["color"]
            look: dict[str, Any] = {
                "edgecolors": STYLES[str(model)]["color"],
                "facecolors": face,
                "marker": marker,
                "alpha": 0.7,
            }
            axes.scatter(x, y, s=16, linewidths=0.9, **look)
    for b, marker in pair_with_looks(factors, MARKERS, "bias factors"):
        axes.scatter([], [], marker=marker, s=16, facecolors="none", edgecolors="black", label=f"b = {b:g}")
    for model in run.model.values:
        axes.plot([], [], marker="o", linestyle="", color=STYLES[str(model)]["color"], label=model_label(model))
    axes.set(xlabel=f"{MEASURES[measure]} of the cortex before training", ylabel=f"{unit} in the end", ylim=(0, None))
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))


def _draw_feedback_curves(figure: Figure | SubFigure, run: xr.Dataset, measure: str, until: int) -> None:
    values = run[f"feedback_{measure}"].sel(recorded_epoch=slice(1, until))
    factors = run.bias_factor.values
    places = figure.subplots(1, len(factors), squeeze=False, sharey=True)[0]
    for axes, b in zip(places, factors, strict=True):
        for model in CEREBELLA:
            mean_band(axes, values.sel(model=model, bias_factor=b), line_style(model), run.sizes["seed"])
        axes.set(title=f"b = {b:g}", ylim=(0, 1), xlim=(0, float(values.recorded_epoch[-1])))
    places[0].set_ylabel(f"{MEASURES[measure]}\nof predicted feedback")
    places[len(places) // 2].set_xlabel("epoch")
    figure.legend(*places[0].get_legend_handles_labels(), loc="outside upper right", ncols=2)


def _marks_in_words(run: xr.Dataset, measure: str) -> str:
    error, unit = error_and_unit(run)
    born = run[f"cortex_{measure}"].sel(recorded_epoch=0, method="nearest")
    told = "; ".join(
        f"b = {b:g}: {MEASURES[measure]} {float(born.sel(bias_factor=b).mean()):.2f}, "
        + ", ".join(
            f"{model_label(m)} {mean_sem(error.isel(epoch=-1).sel(model=m, bias_factor=b))}" for m in run.model.values
        )
        for b in run.bias_factor.values
    )
    return (
        f"Error at the end ({unit}) of every network against the {MEASURES[measure]} of its cortex before training, "
        f"for initial weights scaled by b. {told}."
    )


def _feedback_in_words(run: xr.Dataset, measure: str, until: int) -> str:
    values = run[f"feedback_{measure}"].sel(recorded_epoch=slice(1, until)).mean("recorded_epoch")
    told = "; ".join(
        f"b = {b:g}: "
        + ", ".join(f"{model_label(m)} {mean_sem(values.sel(model=m, bias_factor=b))}" for m in CEREBELLA)
        for b in run.bias_factor.values
    )
    return f"The {MEASURES[measure]} of predicted feedback, averaged over the first {until} epochs. {told}."
