"""Figures of the chapter on the cerebellum: its circuit, drawn; and how many granule cells it takes."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Ellipse, FancyArrowPatch, FancyBboxPatch

from ....study.measures.errors import mean_sem
from ...pictures.picture import Picture, drawing, line_style, model_label

CORTEX, CEREBELLUM, SPARSE, OLIVE = "#7d7d7d", "#d97000", "#0097a7", "#8a4fbf"


def cerebellar_loop() -> Picture:
    """The loop from cortex through the cerebellum and back, with the model's symbols; dotted is what it leaves out.

    Example:
        >>> cerebellar_loop().alt.split(".")[0]
        'The loop between cerebral cortex and cerebellum, with the symbols of the model'
    """
    with drawing(4.4, 5.4) as figure:
        axes = figure.subplots()
        axes.set(xlim=(0, 8.8), ylim=(0, 10.8))
        axes.axis("off")
        _draw_stations(axes)
        _draw_granule_layer(axes)
        _draw_ways(axes)
    return Picture(
        figure,
        "The loop between cerebral cortex and cerebellum, with the symbols of the model. The cortex, an LSTM with "
        "state h and c, sends 2n mossy fibres by way of the pons to M granule cells, each of which takes K of them. "
        "Parallel fibres lead from the granule cells to Purkinje cells, which inhibit the nuclei; the nuclei return "
        "the predicted feedback, times 0.1, by way of the thalamus to the cortex. The inferior olive compares the "
        "prediction with the feedback that then arrives, and sends climbing fibres to the Purkinje cells. Pons, "
        "thalamus and the inhibiting Golgi cells are dotted: they are not in the model.",
    )


def _draw_stations(axes: Axes) -> None:
    """Where the loop passes through."""
    look: dict[str, Any] = {"facecolor": "none", "linewidth": 1.6}
    for x, y, width, height, color in (
        (0.9, 9.3, 7.7, 1.2, CORTEX),
        (0.65, 2.4, 8.0, 5.1, CEREBELLUM),
        (5.6, 2.95, 2.85, 0.85, CEREBELLUM),
    ):
        axes.add_patch(FancyBboxPatch((x, y), width, height, "round,pad=0,rounding_size=0.25", edgecolor=color, **look))
    axes.add_patch(Circle((6.6, 6.03), 0.3, edgecolor=CEREBELLUM, **look))
    axes.add_patch(Ellipse((5.3, 1.15), 3.7, 1.2, edgecolor=OLIVE, **look))
    for x, name in ((2.75, "pons"), (7.75, "thalamus")):
        axes.add_patch(Ellipse((x, 8.4), 1.75, 0.62, facecolor="none", edgecolor="black", linestyle=":"))
        axes.text(x, 8.4, name, ha="center", va="center")
    bold: dict[str, Any] = {"ha": "center", "va": "center", "weight": "bold"}
    axes.text(4.75, 10.12, "cerebral cortex", **bold)
    axes.text(4.75, 9.68, "LSTM with state h, c", ha="center", va="center")
    axes.text(0.9, 2.68, "cerebellum C", va="center", weight="bold")
    axes.text(6.98, 6.03, "Purkinje\ncells", va="center", linespacing=1.0)
    axes.text(7.02, 3.37, r"nuclei:  $\hat\delta$", ha="center", va="center")
    axes.text(5.3, 1.38, "inferior olive", **bold)
    axes.text(5.3, 0.92, r"$\hat\delta - \bar\delta$", ha="center", va="center")


def _draw_granule_layer(axes: Axes) -> None:
    """Mossy fibres that come in, granule cells of which one shows its claws, parallel fibres, and a Golgi cell."""
    cell = (2.75, 4.6)
    for number, x in enumerate(np.linspace(1.5, 4.0, 9)):
        kept = number in (1, 3, 4, 7)
        color, width = (SPARSE, 1.5) if kept else (CORTEX, 0.8)
        axes.plot([2.75, x, x], [8.09, 7.6, 5.5], color=color, linewidth=width)
        if kept:
            axes.plot([x, cell[0]], [5.5, cell[1]], color=color, linewidth=width)
    for row, y in enumerate((4.6, 4.1, 3.6)):
        for x in np.arange(1.75, 4.3, 0.5) - 0.25 * (row % 2):
            fill = SPARSE if (x, y) == cell else "none"
            axes.add_patch(Circle((x, y), 0.13, facecolor=fill, edgecolor=CEREBELLUM, zorder=3))
        right, up = 4.45 + 0.12 * row, 6.15 - 0.12 * row
        axes.plot([4.25, right, right, 6.3], [y, y, up, up], color=CEREBELLUM, linewidth=0.8)
    axes.text(4.15, 7.0, "2n mossy\nfibres", va="center", linespacing=1.0)
    axes.text(2.85, 3.17, "M granule cells", ha="center", va="center")
    axes.text(1.55, 5.15, "K = 4", ha="center", va="center", color=SPARSE, weight="bold")
    axes.text(5.45, 6.42, "parallel fibres", ha="center", va="center")
    axes.add_patch(Circle((1.05, 4.1), 0.2, facecolor="none", edgecolor="black", linestyle=":"))
    axes.plot([1.25, 1.45], [4.1, 4.1], color="black", linestyle=":")
    axes.text(1.1, 3.68, "Golgi", ha="center", va="center")


def _draw_ways(axes: Axes) -> None:
    """What leads from station to station; a bar at the end is inhibition."""
    axes.plot([2.75, 2.75], [9.3, 8.75], color=CORTEX, linewidth=1.4)
    bar = "|-|,widthA=0,widthB=0.4"
    for color, head, *points in (
        (CEREBELLUM, bar, (6.6, 5.73), (6.6, 3.86)),
        (CEREBELLUM, "-|>", (8.25, 3.8), (8.25, 8.14)),
        (CEREBELLUM, "-|>", (8.25, 8.66), (8.25, 9.3)),
        (CEREBELLUM, bar, (7.2, 2.95), (6.72, 1.63)),
        (OLIVE, "-|>", (5.05, 1.75), (5.05, 4.6), (6.37, 5.8)),
        (CORTEX, "-|>", (0.9, 9.9), (0.3, 9.9), (0.3, 1.15), (3.4, 1.15)),
    ):
        dashes = (0, (4, 2)) if len(points) > 2 else "-"  # what teaches is dashed
        axes.plot(*zip(*points[:-1], strict=True), color=color, linewidth=1.4, linestyle=dashes)
        look: dict[str, Any] = {"arrowstyle": head, "mutation_scale": 10, "shrinkA": 0, "shrinkB": 0, "linewidth": 1.4}
        axes.add_patch(FancyArrowPatch(points[-2], points[-1], color=color, linestyle=dashes, **look))
    axes.text(8.1, 7.1, r"$0.1\,\hat\delta$", ha="right", va="center")
    axes.text(7.15, 2.1, r"$\hat\delta$", va="center")
    axes.text(0.5, 1.62, "feedback that\nthen arrives:  $\\bar\\delta$", va="center", linespacing=1.1)
    axes.text(4.9, 2.03, "climbing\nfibres", ha="right", va="center", linespacing=1.0)


def scores_by_granule_cells(scores: xr.DataArray, baseline: xr.DataArray) -> Picture:
    """A score over the number of granule cells, dense and sparse: means over seeds, and a dot for each network.

    Args:
        scores: with dims model, granule_cells and seed; small is good.
        baseline: of networks without a cerebellum, dim seed.
    """
    with drawing(4.8, 3.1) as figure:
        axes = figure.subplots()
        cells = scores.granule_cells.values
        for side, model in zip((-0.06, 0.06), scores.model.values, strict=True):
            own, style = scores.sel(model=model), line_style(str(model))
            axes.plot(np.arange(len(cells)) + side, own.mean("seed"), marker="o", ms=4, **style)
            for place in range(len(cells)):
                dots = own.isel(granule_cells=place)
                axes.scatter(np.full(dots.size, place + side), dots, s=5, color=style["color"], alpha=0.5)
        without = line_style("crnn") | {"label": "cRNN, mean"}
        axes.axhline(float(baseline.mean()), **without)
        axes.set_xticks(np.arange(len(cells)), [str(number) for number in cells])
        axes.set(xlabel="granule cells, M", ylabel="ataxia score (squared distance)", ylim=(0, None))
        axes.legend()
    told = "; ".join(
        f"{model_label(model)} {mean_sem(scores.sel(model=model, granule_cells=number))} with {number} cells"
        for model in scores.model.values
        for number in cells
    )
    return Picture(
        figure, f"Ataxia score over the number of granule cells: {told}. Without a cerebellum {mean_sem(baseline)}."
    )
