"""The picture in the browser and the one in print: explorer.js, run by Node, and still.py draw the same numbers."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_hex

import ccdni_lib.teach.widget as widget
from ccdni_lib.findings.pictures.picture import STYLES
from ccdni_lib.teach.widget.short import encode_path
from ccdni_lib.teach.widget.still import _draw_figure

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="needs node")

# As much of a browser's document as explorer.js uses: elements that keep what they are given.
DOCUMENT = """
const element = (tag) => ({
  tag, attributes: {}, children: [],
  setAttribute(name, value) { this.attributes[name] = value; },
  append(...more) { this.children.push(...more); },
  replaceChildren(...more) { this.children = more; },
  insertBefore(child) { this.children.push(child); },
  addEventListener() {},
});
globalThis.document = { createElement: element, createElementNS: (_, tag) => element(tag), createTextNode: element };
const { default: explorer } = await import(process.argv[1]);
const held = { spec: process.argv[2], place: [0], live: "{}" };
const el = element("div");
explorer.render({ model: { get: (name) => held[name], set() {}, save_changes() {}, on() {} }, el });
console.log(JSON.stringify(el));
"""
ENDS = np.array([[[0.0, 0.0], [6.0, 2.0], [9.0, -5.0]], [[0.0, 0.0], [-3.0, 4.0], [-8.0, 8.0]]])
PANELS = {
    "curves": (
        {"x": "epoch", "y": "error", "top": 40, "low": 10},
        {"x": [0, 10, 50], "series": [{"style": "crnn", "y": [40, 25, 12.5], "band": [0, 5, 1]}]},
    ),
    "drawing": (
        {"reach": 12},
        {
            "targets": [[[0, 0], [10, 0]], [[0, 0], [-5, 8]]],
            "taught": [1, 0, 1],
            "paths": [{"style": "ccrnn", "points": [encode_path(points, 12) for points in ENDS]}],
        },
    ),
    "bars": (
        {"y": "score", "parts": ["taught", "untaught"]},
        {
            "bars": [
                {"style": "crnn", "parts": [2, 6], "dots": [7, 9]},
                {"style": "ccrnn", "parts": [1, 0.5], "dots": [1, 2]},
            ]
        },
    ),
    "steps": ({"x": "step", "y": "error"}, {"style": "ccrnn", "y": [1, 4, 2], "taught": [True, False, True]}),
    "matrix": (
        {"x": "", "y": "", "rows": ["1", "2"], "columns": ["1", "2", "3"], "colors": ["#d97000", "#7d7d7d"]},
        {"values": [[1, -0.5, None], [0, 0.25, -1]], "mark": [1, 2]},
    ),
}


def draw_both(kind, tmp_path):
    """Elements that explorer.js puts into the panel's SVG, as (tag, attributes), and the axes that still.py draws."""
    panel, data = PANELS[kind]
    cell = {"panels": [data], "say": "said"}
    spec = {"name": "test", "title": "", "note": "", "start": [0], "styles": STYLES, "cells": {"0": cell}}
    spec |= {"sliders": [{"name": "k", "label": "k", "values": [1]}], "panels": [{"kind": kind, "title": "", **panel}]}
    module = tmp_path / "explorer.mjs"
    module.write_bytes((Path(widget.__file__).parent / "explorer.js").read_bytes())
    command = [NODE, "--input-type=module", "--eval", DOCUMENT, module.as_uri(), json.dumps(spec)]
    told = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)

    def find(node, tag):
        if isinstance(node, str):
            return []
        return [node] if node.get("tag") == tag else [hit for child in node["children"] for hit in find(child, tag)]

    [svg] = find(json.loads(told.stdout), "svg")
    return [(child["tag"], child["attributes"]) for child in svg["children"]], _draw_figure(spec, cell).axes[0]


def corners(path):
    return np.array(re.findall(r"-?[\d.]+", path), float).reshape(-1, 2)


def scaled(values):
    """Numbers from 0 to 1 over their own range, so that pixels, which run down, and units can be compared."""
    values = np.asarray(values, float)
    return (values - values.min()) / (values.max() - values.min())


def test_curves_have_the_same_points(tmp_path):
    elements, axes = draw_both("curves", tmp_path)
    [path] = [a["d"] for tag, a in elements if tag == "path" and a.get("stroke") == "#7d7d7d" and "h24" not in a["d"]]
    left, right, top, bottom = 48, 300 - 14, 12, 240 - 40  # the box of explorer.js's axes
    x, y = corners(path).T
    low, high = axes.get_ylim()
    points = np.stack([50 * (x - left) / (right - left), low + (high - low) * (bottom - y) / (bottom - top)], axis=1)
    np.testing.assert_allclose(points, axes.lines[0].get_xydata(), atol=0.02)  # explorer.js rounds to tenths of a pixel
    [band] = [a["d"] for tag, a in elements if tag == "path" and "opacity" in a]
    heights = low + (high - low) * (bottom - corners(band)[:, 1]) / (bottom - top)
    drawn = axes.collections[0].get_paths()[0].vertices[:, 1]
    np.testing.assert_allclose(np.unique(heights.round(1)), np.unique(drawn.round(1)))


def test_paths_have_the_same_points_and_markers(tmp_path):
    elements, axes = draw_both("drawing", tmp_path)
    color = STYLES["ccrnn"]["color"]
    scale = (240 / 2 - 12) / 12
    paths = [a["d"] for tag, a in elements if tag == "path" and a.get("stroke") == color]
    browser = [(corners(path) - [150, 120]) * [1 / scale, -1 / scale] for path in paths]
    still = [line.get_xydata() for line in axes.lines if line.get_color() == color and line.get_marker() == "None"]
    np.testing.assert_allclose(browser, still, atol=0.02)
    np.testing.assert_allclose(browser, ENDS, atol=0.06)  # a 200th of the reach, rounded
    filled = [a["fill"] == color for tag, a in elements if tag == "circle" and a.get("stroke") == color]
    markers = {line.get_markerfacecolor(): len(line.get_xydata()) for line in axes.lines if line.get_marker() == "o"}
    assert markers == {color: sum(filled), "none": len(filled) - sum(filled)} == {color: 4, "none": 2}


@pytest.mark.parametrize("kind", ["bars", "steps"])
def test_bars_have_the_same_heights_and_filling(kind, tmp_path):
    elements, axes = draw_both(kind, tmp_path)
    browser = [a for tag, a in elements if tag == "rect" and a["width"] != 10]  # those of 10 are the legend
    still = axes.patches
    heights = np.array([float(a["height"]) for a in browser])
    expected = np.array([patch.get_height() for patch in still])
    np.testing.assert_allclose(heights / heights.max(), expected / expected.max(), rtol=1e-6)
    assert [a["fill"].startswith("url") for a in browser] == [patch.get_hatch() is not None for patch in still]
    assert [a["stroke"] for a in browser] == [to_hex(patch.get_edgecolor()) for patch in still]
    if kind == "bars":
        dots = [float(a["cy"]) for tag, a in elements if tag == "circle"]
        drawn = np.concatenate([dots.get_offsets()[:, 1] for dots in axes.collections])
        np.testing.assert_allclose(scaled(np.negative(dots)), scaled(drawn))


def test_squares_have_the_same_place_colour_and_opacity(tmp_path):
    elements, axes = draw_both("matrix", tmp_path)
    size = min((300 - 40 - 8) / 3, (240 - 22 - 30) / 2)
    browser = [
        ((float(a["x"]) - 40) / size, (float(a["y"]) - 22) / size, a["fill"], float(a["opacity"]))
        for tag, a in elements
        if tag == "rect" and "opacity" in a
    ]
    shaded = [patch for patch in axes.patches if patch.get_fill()]
    still = [(*patch.get_xy(), to_hex(patch.get_facecolor()), patch.get_alpha()) for patch in shaded]
    for one, other in zip(browser, still, strict=True):
        assert one == (*(pytest.approx(place) for place in other[:2]), *other[2:])
    assert [tag for tag, _ in elements].count("circle") == len(axes.collections) - 2  # two are the grid
    [mark] = [a for _, a in elements if a.get("class") == "chosen"]
    [chosen] = [patch for patch in axes.patches if not patch.get_fill()]
    place = [(float(mark["x"]) + 1 - 40) / size, (float(mark["y"]) + 1 - 22) / size]
    np.testing.assert_allclose(place, np.add(chosen.get_xy(), 0.04))
