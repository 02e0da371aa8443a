"""A still picture of an explorer's cell, by matplotlib: for print, and for where no JavaScript runs."""

from __future__ import annotations

import base64
import io
import math
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.patches import Rectangle
from PIL import Image

from ...findings.pictures.picture import Picture, drawing
from .short import FINE


def still(spec: Mapping[str, Any], cell: Mapping[str, Any]) -> Picture:
    """The picture of one cell; its alternative text is the cell's sentence."""
    return Picture(_draw(spec, cell), cell["say"])


def _draw(spec: Mapping[str, Any], cell: Mapping[str, Any]) -> Figure:
    pairs = list(zip(spec["panels"], cell["panels"], strict=True))
    plots = [pair for pair in pairs if pair[0]["kind"] != "told"]
    texts = [pair for pair in pairs if pair[0]["kind"] == "told"]
    heights = [0.3 + 0.95 * math.ceil(len(data["said"]) / 2) for _, data in texts]
    with drawing(3.1 * len(plots), 2.9 + sum(heights)) as figure:
        parts = figure.subfigures(len(texts) + 1, 1, height_ratios=[*heights, 2.9], squeeze=False)[:, 0]
        for part, (panel, data) in zip(parts[: len(texts)], texts, strict=True):
            _told(part, panel, data, spec["styles"])
        for axes, (panel, data) in zip(parts[-1].subplots(1, len(plots), squeeze=False)[0], plots, strict=True):
            axes.set_title(panel["title"])
            _KINDS[panel["kind"]](axes, panel, data, spec["styles"])
    return figure


def _told(figure: SubFigure, panel: Mapping[str, Any], data: Mapping[str, Any], styles: Mapping[str, Any]) -> None:
    """Images, two in a row, each with what is said of it."""
    figure.suptitle(panel["title"], x=0.01, ha="left", fontsize=9)
    rows = math.ceil(len(data["said"]) / 2)
    places = figure.subplots(rows, 4, squeeze=False, width_ratios=(1, 4.2, 1, 4.2))
    for axes in places.ravel():
        axes.axis("off")
    pairs = places.reshape(-1, 2)
    for (left, right), image, texts in zip(pairs[: len(data["said"])], panel["images"], data["said"], strict=True):
        with Image.open(io.BytesIO(base64.b64decode(image["src"].partition(",")[2]))) as opened:
            left.imshow(
                opened.convert("RGB"), interpolation="none", clip_on=False
            )  # a clip would have another name each time
        lines = [(panel["label"], "black", image["text"])]
        lines += [(styles[one["style"]]["label"], styles[one["style"]]["color"], one["text"]) for one in texts]
        below = 1.0
        for label, colour, text in lines:
            folded = textwrap.wrap(text, 44) or [""]
            right.text(0, below, label, color=colour, va="top", fontsize=7, fontweight="bold")
            right.text(0.16, below, "\n".join(folded), va="top", fontsize=7)
            below -= 0.145 * len(folded)


def _line(style: Mapping[str, Any]) -> dict[str, Any]:
    dash = tuple(float(length) for length in style["dash"].split())
    return {"color": style["color"], "linestyle": (0, dash) if dash else "-", "label": style["label"]}


def _curves(axes: Axes, panel: Mapping[str, Any], data: Mapping[str, Any], styles: Mapping[str, Any]) -> None:
    for series in data["series"]:
        x, look = series.get("x", data["x"]), _line(styles[series["style"]])
        y, band = ([math.nan if v is None else v for v in series.get(key, [])] for key in ("y", "band"))
        axes.plot(x, y, **look)
        if band:
            low, high = ([a + sign * b for a, b in zip(y, band, strict=True)] for sign in (-1, 1))
            axes.fill_between(x, low, high, color=look["color"], alpha=0.2, linewidth=0)
    axes.set(
        xlabel=panel["x"], ylabel=panel["y"], xlim=(0, panel.get("right")), ylim=(panel.get("low", 0), panel.get("top"))
    )
    axes.legend(frameon=False)


def _drawing(axes: Axes, panel: Mapping[str, Any], data: Mapping[str, Any], styles: Mapping[str, Any]) -> None:
    gap = [math.nan, math.nan]
    dotted = [point for target in data["targets"] for point in (*target, gap)]
    axes.plot(*zip(*dotted, strict=True), color="black", linestyle=":", linewidth=0.8)
    for name, target in zip(panel.get("names") or [""] * len(data["targets"]), data["targets"], strict=True):
        x, y = (1.13 * value for value in target[-1])
        axes.text(x, y, name, ha="center", va="center")
    for paths in data["paths"]:
        style = styles[paths["style"]]
        taught = np.array(data["taught"], bool)
        steps = np.reshape(paths["points"], (-1, len(taught), 2))
        points = steps.cumsum(axis=1) * panel["reach"] / FINE
        for path in points:
            axes.plot(*path.T, **_line(style), linewidth=1)
        for some, inside in ((points[:, taught], style["color"]), (points[:, ~taught], "none")):
            ring = {"color": style["color"], "markerfacecolor": inside, "markersize": 2.6, "markeredgewidth": 0.7}
            axes.plot(*some.reshape(-1, 2).T, "o", **ring)
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
                look = {"color": panel["colors"][int(value < 0)], "alpha": abs(value), "linewidth": 0, "clip_on": False}
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
