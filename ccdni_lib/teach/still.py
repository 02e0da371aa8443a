"""A still picture of an explorer's cell, by matplotlib: for print, and for where no JavaScript runs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ..study.pictures import Picture, drawing


def still(spec: Mapping[str, Any], cell: Mapping[str, Any]) -> Picture:
    """The picture of one cell; its alternative text is the cell's sentence."""
    return Picture(_draw(spec, cell), cell["say"])


def _draw(spec: Mapping[str, Any], cell: Mapping[str, Any]) -> Figure:
    count = len(spec["panels"])
    with drawing(3.1 * count, 2.9) as figure:
        places = figure.subplots(1, count, squeeze=False)[0]
        for axes, panel, data in zip(places, spec["panels"], cell["panels"], strict=True):
            axes.set_title(panel["title"])
            _KINDS[panel["kind"]](axes, panel, data, spec["styles"])
    return figure


def _line(style: Mapping[str, Any]) -> dict[str, Any]:
    dash = tuple(float(length) for length in style["dash"].split())
    return {"color": style["color"], "linestyle": (0, dash) if dash else "-", "label": style["label"]}


def _curves(axes: Axes, panel: Mapping[str, Any], data: Mapping[str, Any], styles: Mapping[str, Any]) -> None:
    for series in data["series"]:
        y, band = ([math.nan if v is None else v for v in series[key]] for key in ("y", "band"))
        axes.plot(data["x"], y, **_line(styles[series["style"]]))
        low, high = ([a + sign * b for a, b in zip(y, band, strict=True)] for sign in (-1, 1))
        axes.fill_between(data["x"], low, high, color=styles[series["style"]]["color"], alpha=0.2, linewidth=0)
    axes.set(xlabel=panel["x"], ylabel=panel["y"], xlim=(0, panel.get("right")), ylim=(0, panel.get("top")))
    axes.legend(frameon=False)


def _drawing(axes: Axes, panel: Mapping[str, Any], data: Mapping[str, Any], styles: Mapping[str, Any]) -> None:
    for number, target in enumerate(data["targets"]):
        axes.plot(*zip(*target, strict=True), color="black", linestyle=":", linewidth=0.8)
        if "names" in panel:
            x, y = (1.13 * value for value in target[-1])
            axes.text(x, y, panel["names"][number], ha="center", va="center")
    for paths in data["paths"]:
        style = styles[paths["style"]]
        for path in paths["points"]:
            axes.plot(*zip(*path, strict=True), **_line(style), linewidth=1)
            for taught, marker in ((True, style["color"]), (False, "none")):
                some = [point for point, is_taught in zip(path, data["taught"], strict=True) if is_taught == taught]
                if some:
                    axes.scatter(
                        *zip(*some, strict=True), s=7, facecolors=marker, edgecolors=style["color"], linewidths=0.7
                    )
    reach = panel["reach"]
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    axes.axis("off")


def _bars(axes: Axes, panel: Mapping[str, Any], data: Mapping[str, Any], styles: Mapping[str, Any]) -> None:
    for place, bar in enumerate(data["bars"]):
        color, below = styles[bar["style"]]["color"], 0.0
        for number, (part, label) in enumerate(zip(bar["parts"], panel["parts"], strict=True)):
            look = {"hatch": "///", "facecolor": "none"} if number else {"facecolor": color}
            axes.bar(place, part, 0.5, bottom=below, edgecolor=color, label=label if place == 0 else None, **look)
            below += part
        dots = bar.get("dots", [])
        axes.scatter([place + 0.34] * len(dots), dots, s=5, color="black", alpha=0.55)
    axes.set_xticks(range(len(data["bars"])), [styles[bar["style"]]["label"] for bar in data["bars"]])
    axes.set_ylabel(panel["y"])
    axes.legend(frameon=False)


def _steps(axes: Axes, panel: Mapping[str, Any], data: Mapping[str, Any], styles: Mapping[str, Any]) -> None:
    color = styles[data["style"]]["color"]
    for step, (error, taught) in enumerate(zip(data["y"], data["taught"], strict=True)):
        look = {"facecolor": color} if taught else {"facecolor": "none", "hatch": "///"}
        axes.bar(step, error, 0.7, edgecolor=color, **look)
    axes.set(xlabel=panel["x"], ylabel=panel["y"], xticks=range(len(data["y"])))


def _matrix(axes: Axes, panel: Mapping[str, Any], data: Mapping[str, Any], styles: Mapping[str, Any]) -> None:
    rows, columns = len(data["values"]), len(data["values"][0])
    for r in range(rows):
        for c in range(columns):
            value = data["values"][r][c]
            if value:
                look = {"color": panel["colors"][int(value < 0)], "alpha": abs(value), "linewidth": 0}
                axes.add_patch(Rectangle((c, r), 0.92, 0.92, **look))
            elif value == 0:
                axes.scatter(c + 0.46, r + 0.46, s=2, color="black")
    axes.hlines([r - 0.04 for r in range(rows + 1)], -0.04, columns - 0.04, color="black", alpha=0.2, linewidth=0.5)
    axes.vlines([c - 0.04 for c in range(columns + 1)], -0.04, rows - 0.04, color="black", alpha=0.2, linewidth=0.5)
    if "mark" in data:
        row, column = data["mark"]
        axes.add_patch(Rectangle((column - 0.04, row - 0.04), 1, 1, fill=False, edgecolor="black", linewidth=1.6))
    axes.set(xlim=(-0.2, columns), ylim=(rows, -0.2), aspect="equal", xlabel=panel["x"], ylabel=panel["y"])
    axes.set_xticks([c + 0.5 for c in range(columns)], panel["columns"])
    axes.set_yticks([r + 0.5 for r in range(rows)], panel["rows"])
    axes.tick_params(length=0)


_KINDS: dict[str, Callable[[Axes, Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]], None]] = {
    "curves": _curves,
    "drawing": _drawing,
    "bars": _bars,
    "steps": _steps,
    "matrix": _matrix,
}
