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

from ...engine.ranges import one_line
from ...engine.settings import SettingError
from ...findings.pictures.picture import STYLES
from .short import share_repeats
from .still import still_picture

Cell = dict[str, Any]
Train = Callable[..., Iterator[tuple[Cell, str]]]

_MODULE = (Path(__file__).parent / "explorer.js").read_text(encoding="utf-8")
_IN_PAGE = re.sub(r"^\s*(//.*\n)?", "", _MODULE, flags=re.MULTILINE)  # no comments, no indentation


class Explorer(anywidget.AnyWidget):
    """Sliders over a picture (see the module).

    A cell is what one position of the sliders shows: ``{"panels": [data of each panel], "say": sentence}``. What data
    each kind of panel takes stands above its function in explorer.js.

    Args:
        spec: what explorer.js draws: ``name`` (unique in a page), ``title``, ``sliders`` (each with ``name``,
            ``label``, ``values`` and, if it has one, ``unit``), ``panels`` (each with ``kind`` and ``title``),
            ``cells`` by position of the sliders ("0,2": first value of the first, third of the second), ``start``
            position, a ``note``, and, where others than the book's are wanted, ``styles``.
        train: called with the sliders' values when one is moved in a live notebook; gives, again and again while it
            trains, a cell and a line that says how far it is. None for a picture that does not train.

    Raises:
        KeyError: when the spec has no ``start``; when it is shown, also for whatever else the spec lacks.

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
            self.observe(self._start_training, names="place")

    @property
    def values(self) -> dict[str, Any]:
        """The values that the sliders stand on, by name of the slider."""
        return {s["name"]: s["values"][i] for s, i in zip(self._spec["sliders"], self.place, strict=True)}

    @property
    def cell(self) -> Cell:
        """The stored cell of the position that the sliders stand on."""
        return self._spec["cells"][",".join(map(str, self.place))]

    def _start_training(self, change: Mapping[str, Any]) -> None:
        """Train for the new position, in another thread; what is under way notices that it is no longer wanted."""
        self._turn += 1
        self._worker.submit(self._train_and_send, self._turn, list(self.place), self.values)

    def _train_and_send(self, turn: int, place: list[int], values: dict[str, Any]) -> None:
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
        own = {
            "text/plain": repr(self),
            "text/html": self.html(),
            "image/png": still_picture(self._spec, self.cell).png(),
        }
        return bundle | own, metadata

    def html(self) -> str:
        """The explorer as a piece of a page that needs nothing else.

        Returns:
            HTML with explorer.js, the cells as JSON, and the still picture, which explorer.js replaces once it runs.
        """
        spec = json.dumps(share_repeats(self._spec), separators=(",", ":"), ensure_ascii=False).replace("</", "<\\/")
        name = f"explorer-{hashlib.sha256(spec.encode()).hexdigest()[:10]}"
        return (
            f'<div id="{name}" class="ccdni-explorer">{still_picture(self._spec, self.cell).svg()}</div>\n'
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


def sweep_slider(run: xr.Dataset, name: str) -> dict[str, Any]:
    """A slider over the values that a stored sweep has of a setting.

    Args:
        run: the sweep.
        name: a key of `LABELS`.

    Example:
        >>> sweep_slider(xr.Dataset(coords={"truncation": [1, 2]}), "truncation")["values"]
        [1, 2]
    """
    return {"name": name, "label": LABELS[name], "values": run[name].values.tolist(), "unit": "steps"}


def build_cells(sliders: Sequence[Mapping[str, Any]], build: Callable[..., Cell]) -> dict[str, Cell]:
    """Build the cell of every position of the sliders.

    Args:
        sliders: each with ``name`` and ``values``.
        build: makes a cell; called with one value of each slider, by name.

    Returns:
        Cells by position, as in "0,2".

    Example:
        >>> build_cells([{"name": "k", "values": [3, 4]}], lambda k: {"say": f"k = {k}"})
        {'0': {'say': 'k = 3'}, '1': {'say': 'k = 4'}}
    """
    cells = {}
    for place in np.ndindex(*(len(slider["values"]) for slider in sliders)):
        values = {s["name"]: s["values"][i] for s, i in zip(sliders, place, strict=True)}
        cells[",".join(map(str, place))] = build(**values)
    return cells


def position_of(name: str, value: Any, allowed: Sequence[Any]) -> int:
    """The position at which a slider has a value.

    Args:
        name: of the argument that the value was given for.
        value: one of those allowed.
        allowed: values of the slider.

    Raises:
        SettingError: when the slider does not have the value.

    Example:
        >>> position_of("truncation", 3, [1, 3, 10])
        1
        >>> position_of("truncation", 4, [1, 3, 10])
        Traceback (most recent call last):
        ccdni_lib.engine.settings.SettingError: truncation 4: must be one of 1, 3, 10
    """
    try:
        return list(allowed).index(value)
    except ValueError:
        raise SettingError(f"{name} {one_line(value)}: must be one of {', '.join(map(str, allowed))}") from None


def start_positions(sliders: Sequence[Mapping[str, Any]], *values: Any) -> list[int]:
    """The positions at which sliders have the given values, one value a slider.

    Args:
        sliders: each with ``name`` and ``values``.
        values: one for each slider, in the same order.

    Raises:
        SettingError: when a slider does not have the value.

    Example:
        >>> start_positions([{"name": "T", "values": [1, 2]}, {"name": "k", "values": [4]}], 2, 4)
        [1, 0]
    """
    return [position_of(s["name"], value, s["values"]) for s, value in zip(sliders, values, strict=True)]


def nearest_position(name: str, value: float, there: Sequence[float]) -> int:
    """The position at which a slider comes nearest to a number.

    Args:
        name: of the argument that the number was given for.
        value: any finite number.
        there: values of the slider.

    Raises:
        SettingError: when the value is no finite number.

    Example:
        >>> nearest_position("epoch", 48, [0, 20, 50])
        2
    """
    if not isinstance(value, (int, float, np.number)) or not np.isfinite(value):
        raise SettingError(f"{name} {one_line(value)}: must be a number, best one of {', '.join(map(str, there))}")
    return int(np.abs(np.subtract(there, value)).argmin())
