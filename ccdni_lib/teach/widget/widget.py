"""The explorer: sliders over a picture, alive in three places.

In a built page it shows stored cells, with no kernel and no network. In Jupyter or Colab it is a widget: a moved slider
starts training, and the picture follows while the networks learn. Where neither runs it is a still picture.
"""

from __future__ import annotations

import hashlib
import json
import re
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets
import xarray as xr

from ...findings.pictures.picture import STYLES
from .short import told_once
from .still import still

Cell = dict[str, Any]
Train = Callable[..., Iterator[tuple[Cell, str]]]

_MODULE = (Path(__file__).parent / "explorer.js").read_text(encoding="utf-8")
_IN_PAGE = re.sub(r"^\s*(//.*\n)?", "", _MODULE, flags=re.MULTILINE)  # no comments, no indentation


class Explorer(anywidget.AnyWidget):
    """Sliders over a picture (see the module).

    Args:
        spec: what explorer.js draws: ``name``, ``title``, ``sliders``, ``panels``, ``cells`` by position of the
            sliders, ``start`` position and a ``note``.
        train: called with the sliders' values when one is moved in a live notebook; gives, again and again while it
            trains, a cell and a line that says how far it is. None for a picture that does not train.

    Example:
        >>> panel = {"kind": "matrix", "title": "", "x": "", "y": "", "rows": [1], "columns": [1], "colors": ["black"]}
        >>> cells = {"0": {"panels": [{"values": [[1.0]]}], "say": "one"}}
        >>> spec = {"name": "demo", "title": "a demo", "sliders": [{"name": "k", "label": "k", "values": [1]}]}
        >>> Explorer(spec | {"panels": [panel], "cells": cells, "start": [0], "note": ""})
        <explorer demo: k 1>
    """

    _esm = _MODULE
    spec = traitlets.Unicode().tag(sync=True)
    place = traitlets.List(traitlets.Int()).tag(sync=True)
    live = traitlets.Unicode("{}").tag(sync=True)

    def __init__(self, spec: Mapping[str, Any], train: Train | None = None):
        self._spec = {"styles": STYLES, **spec}
        super().__init__(spec=json.dumps(self._spec, separators=(",", ":")), place=list(spec["start"]))
        self._train = train
        self._turn = 0
        self._worker = ThreadPoolExecutor(max_workers=1)
        if train is not None:
            self.observe(self._moved, names="place")

    @property
    def values(self) -> dict[str, Any]:
        """What the sliders stand on."""
        return {s["name"]: s["values"][i] for s, i in zip(self._spec["sliders"], self.place, strict=True)}

    @property
    def cell(self) -> Cell:
        """The stored cell under the sliders."""
        return self._spec["cells"][",".join(map(str, self.place))]

    def _moved(self, change: Mapping[str, Any]) -> None:
        self._turn += 1
        self._worker.submit(self._follow, self._turn, list(self.place), self.values)

    def _follow(self, turn: int, place: list[int], values: dict[str, Any]) -> None:
        """Train and send pictures until done, or until a slider has been moved again."""
        try:
            if turn != self._turn:
                return
            self.live = json.dumps({"place": place, "status": "training …"})
            for cell, status in self._train(**values):  # type: ignore[misc]
                if turn != self._turn:
                    return
                self.live = json.dumps({"place": place, "cell": cell, "status": status})
        except Exception as error:
            traceback.print_exc()
            self.live = json.dumps({"place": place, "status": f"training stopped: {error}"})

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        bundle, metadata = super()._repr_mimebundle_(**kwargs)
        own = {"text/plain": repr(self), "text/html": self.html(), "image/png": still(self._spec, self.cell).png()}
        return bundle | own, metadata

    def html(self) -> str:
        """A piece of a page that needs nothing else: the module, the cells, and a still picture until both run."""
        spec = json.dumps(told_once(self._spec), separators=(",", ":"), ensure_ascii=False).replace("</", "<\\/")
        name = f"explorer-{hashlib.sha256(spec.encode()).hexdigest()[:10]}"
        return (
            f'<div id="{name}" class="ccdni-explorer">{still(self._spec, self.cell).svg()}</div>\n'
            f'<script type="application/json" id="{name}-spec">{spec}</script>\n'
            f'<script type="module">\n{_IN_PAGE}\n'
            f'const spec = document.getElementById("{name}-spec").textContent;\n'
            f"const held = {{ spec, place: {json.dumps(list(self.place))}, live: '{{}}' }};\n"
            "const model = { inPage: true, get: (k) => held[k], set: (k, v) => { held[k] = v; }, "
            "save_changes() {}, on() {} };\n"
            f'render({{ model, el: document.getElementById("{name}") }});\n</script>'
        )

    def __repr__(self) -> str:
        return f"<explorer {self._spec['name']}: {', '.join(f'{k} {v}' for k, v in self.values.items())}>"


LABELS = {
    "truncation": "truncation: gradient travels back …",
    "feedback_interval": "feedback interval: the teacher speaks every …",
}


def slider(run: xr.Dataset, name: str) -> dict[str, Any]:
    """A slider over the values of a setting that a stored sweep has.

    Args:
        run: the sweep.
        name: a key of `LABELS`.

    Example:
        >>> slider(xr.Dataset(coords={"truncation": [1, 2]}), "truncation")["values"]
        [1, 2]
    """
    return {"name": name, "label": LABELS[name], "values": run[name].values.tolist(), "unit": "steps"}


def cells_of(sliders: Sequence[Mapping[str, Any]], build: Callable[..., Cell]) -> dict[str, Cell]:
    """The cell of every position of the sliders, ``build`` being called with the sliders' values."""
    cells = {}
    for place in np.ndindex(*(len(slider["values"]) for slider in sliders)):
        values = {s["name"]: s["values"][i] for s, i in zip(sliders, place, strict=True)}
        cells[",".join(map(str, place))] = build(**values)
    return cells
