"""A still picture of an explorer's cell, by matplotlib: for print, and for where no JavaScript runs.

The picture is drawn twice. In a browser explorer.js draws it, since a page has no Python and a moved slider must redraw
at once. Here matplotlib draws the same cell for a printed book, a README, and a page whose scripts are off: none of
these runs JavaScript, and taking a picture of a page would need a browser wherever the book is built. Both read the
same spec and the same cell, so that no number is computed twice; only the drawing is.
`tests/teach/widget/test_drawn_alike.py` runs explorer.js in Node and compares what both draw: coordinates of curves and
paths, heights of bars, opacity of squares.
"""

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
from .short import decode_paths

_Json = Mapping[str, Any]


def still_picture(spec: _Json, cell: _Json) -> Picture:
    """Draw one cell.

    Args:
        spec: of an explorer (`ccdni_lib.teach.Explorer`), with ``styles``.
        cell: one of its cells.

    Returns:
        The picture, its panels in a row; its alternative text is the cell's sentence.
    """
    return Picture(_draw_figure(spec, cell), cell["say"])


def _draw_figure(spec: _Json, cell: _Json) -> Figure:
    """Panels of text below each other, then plots in a row."""
    pairs = list(zip(spec["panels"], cell["panels"], strict=True))
    plots = [pair for pair in pairs if pair[0]["kind"] != "told"]
    texts = [pair for pair in pairs if pair[0]["kind"] == "told"]
    heights = [0.3 + 0.95 * math.ceil(len(data["said"]) / 2) for _, data in texts]
    with drawing(3.1 * len(plots), 2.9 + sum(heights)) as figure:
        parts = figure.subfigures(len(texts) + 1, 1, height_ratios=[*heights, 2.9], squeeze=False)[:, 0]
        for part, (panel, data) in zip(parts[: len(texts)], texts, strict=True):
            _draw_texts(part, panel, data, spec["styles"])
        for axes, (panel, data) in zip(parts[-1].subplots(1, len(plots), squeeze=False)[0], plots, strict=True):
            axes.set_title(panel["title"])
            _KINDS[panel["kind"]](axes, panel, data, spec["styles"])
    return figure


def _draw_texts(figure: SubFigure, panel: _Json, data: _Json, styles: _Json) -> None:
    """Draw images, two in a row, each with the sentences about it."""
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
            )  # a clip path's name in the SVG would differ at each run
        lines = [(panel["label"], "black", image["text"])]
        lines += [(styles[one["style"]]["label"], styles[one["style"]]["color"], one["text"]) for one in texts]
        below = 1.0
        for label, colour, text in lines:
            folded = textwrap.wrap(text, 44) or [""]
            right.text(0, below, label, color=colour, va="top", fontsize=7, fontweight="bold")
            right.text(0.16, below, "\n".join(folded), va="top", fontsize=7)
            below -= 0.145 * len(folded)


def _line_style(style: _Json) -> dict[str, Any]:
    """A style of the spec as matplotlib's arguments of a line."""
    dash = tuple(float(length) for length in style["dash"].split())
    return {"color": style["color"], "linestyle": (0, dash) if dash else "-", "label": style["label"]}


def _draw_curves(axes: Axes, panel: _Json, data: _Json, styles: _Json) -> None:
    """Draw means as lines, and their errors as bands."""
    for series in data["series"]:
        x, look = series.get("x", data["x"]), _line_style(styles[series["style"]])
        y, band = ([math.nan if v is None else v for v in series.get(key, [])] for key in ("y", "band"))
        axes.plot(x, y, **look)
        if band:
            low, high = ([a + sign * b for a, b in zip(y, band, strict=True)] for sign in (-1, 1))
            axes.fill_between(x, low, high, color=look["color"], alpha=0.2, linewidth=0)
    axes.set(
        xlabel=panel["x"], ylabel=panel["y"], xlim=(0, panel.get("right")), ylim=(panel.get("low", 0), panel.get("top"))
    )
    axes.legend(frameon=False)


def _draw_paths(axes: Axes, panel: _Json, data: _Json, styles: _Json) -> None:
    """Draw targets as dotted lines, and outputs as lines with a filled marker at each taught step."""
    gap = [math.nan, math.nan]
    dotted = [point for target in data["targets"] for point in (*target, gap)]
    axes.plot(*zip(*dotted, strict=True), color="black", linestyle=":", linewidth=0.8)
    for name, target in zip(panel.get("names") or [""] * len(data["targets"]), data["targets"], strict=True):
        x, y = (1.13 * value for value in target[-1])
        axes.text(x, y, name, ha="center", va="center")
    for paths in data["paths"]:
        style = styles[paths["style"]]
        taught = np.array(data["taught"], bool)
        points = decode_paths(paths["points"], panel["reach"])
        for path in points:
            axes.plot(*path.T, **_line_style(style), linewidth=1)
        for some, inside in ((points[:, taught], style["color"]), (points[:, ~taught], "none")):
            ring = {"color": style["color"], "markerfacecolor": inside, "markersize": 2.6, "markeredgewidth": 0.7}
            axes.plot(*some.reshape(-1, 2).T, "o", **ring)
    reach = panel["reach"]
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    axes.axis("off")


def _draw_bars(axes: Axes, panel: _Json, data: _Json, styles: _Json) -> None:
    """Draw stacked bars, the first part filled and the others hatched, with a dot for each network."""
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


def _draw_steps(axes: Axes, panel: _Json, data: _Json, styles: _Json) -> None:
    """Draw a bar for each step, filled where it is taught."""
    color = styles[data["style"]]["color"]
    for step, (error, taught) in enumerate(zip(data["y"], data["taught"], strict=True)):
        look = {"facecolor": color} if taught else {"facecolor": "none", "hatch": "///"}
        axes.bar(step, error, 0.7, edgecolor=color, **look)
    axes.set(xlabel=panel["x"], ylabel=panel["y"], xticks=range(len(data["y"])))


def _draw_matrix(axes: Axes, panel: _Json, data: _Json, styles: _Json) -> None:
    """Draw a square for each value: its sign is the colour, its size the opacity; a dot for 0, nothing for None."""
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


_KINDS: dict[str, Callable[[Axes, _Json, _Json, _Json], None]] = {
    "curves": _draw_curves,
    "drawing": _draw_paths,
    "bars": _draw_bars,
    "steps": _draw_steps,
    "matrix": _draw_matrix,
}
