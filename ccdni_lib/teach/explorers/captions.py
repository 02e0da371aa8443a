"""The explorer of captions: a slider over truncations, and what each model says of some scenes."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import xarray as xr
from PIL import Image

from ...data.scenes.draw import Scene, draw
from ...findings.figures.captions.images import caption_task, captions_of_median_networks, describe_scene, mark_untrue
from ...findings.pictures.picture import STYLES
from ...study.experiments import load_result
from ...study.measures.captioning import measure_captions
from ...study.measures.errors import mean_sem
from ...study.runs.train import watch
from ..widget.anytask import progress
from ..widget.short import curve, looks, numbers
from ..widget.widget import Cell, Explorer, cells_of, slider

TASK = "captions:images=100"  # what a moved slider trains on
SHOWN = (2, 4, 6, 8, 10, 13)  # scenes of the validation part
SIZE, COLOURS = 84, 24  # of their pictures: pixels, and colours that are kept
SCORE = "CIDEr"


def caption_explorer(name: str = "captions", truncation: int = 4, live: bool = True) -> Explorer:
    """A slider for the truncation over captions that three models write of six scenes they were not trained on.

    Stored: five seeds at teaching size (experiment "captions"). Live: two seeds of small networks on a tenth of the
    scenes; that needs the extra ``[captions]``.

    Args:
        name: of the explorer, unique in a page; its slider stands in the page's address under it.
        truncation: where the slider stands at first.
        live: whether a moved slider trains, where there is a kernel.

    Example:
        >>> caption_explorer()
        <explorer captions: truncation 4>
    """
    run = load_result("captions")
    part, sliders = caption_task(run).corpus.validation, [slider(run, "truncation")]
    images = [
        {"src": address(part.scenes[image]), "alt": describe_scene(part.scenes[image]), "text": part.captions[image][0]}
        for image in SHOWN
    ]
    bits = run.bits_per_word.mean("seed")
    low = np.floor(10 * float(bits.min())) / 10
    top = np.ceil(10 * float(bits.isel(epoch=bits.sizes["epoch"] // 12).max())) / 10
    panels = [
        {"kind": "told", "title": "In brackets: what is not so", "images": images, "size": SIZE, "label": "true"},
        {"kind": "curves", "title": "Learning", "x": "epoch", "y": "bits per word in validation"}
        | {"low": round(float(low), 1), "top": round(float(top), 1)},
        {"kind": "bars", "title": "How much is true", "y": "share of what is stated", "parts": ["mean of networks"]},
        {"kind": "bars", "title": "As scores see it", "y": SCORE, "parts": ["mean of networks"]},
    ]
    spec = {
        "name": name,
        "title": "Captions of scenes: truncation",
        "sliders": sliders,
        "panels": panels,
        "cells": cells_of(sliders, lambda truncation: caption_cell(run.sel(truncation=truncation), truncation)),
        "start": [sliders[0]["values"].index(truncation)],
        "note": f"Stored: {run.sizes['seed']} seeds at teaching size, {run.epoch.values[-1]} epochs; bands: s.e.m., "
        f"dots: networks. Of each model the network of median bits per word speaks. {part_name(run)}.",
    }
    return Explorer(spec, _train if live else None)


def caption_cell(run: xr.Dataset, truncation: int) -> Cell:
    """What one position of the slider shows.

    Args:
        run: dims model, seed, epoch; at its end with ``said`` (…, image, word), ``truth`` and ``score``.
        truncation: for the sentence.
    """
    models, epochs = [str(model) for model in run.model.values], looks(run.epoch.values)
    course = run.bits_per_word.sel(epoch=epochs)
    panels: list[Any] = [
        {"said": _texts(run, models)},
        {"x": epochs.tolist(), "series": [_series(course, model) for model in models]},
        {"bars": _bars(run, models, "truth")},
        {"bars": _bars(run, models, SCORE)},
    ]
    last = run.bits_per_word.isel(epoch=-1)
    told = ", ".join(f"{STYLES[model]['label']} {mean_sem(last.sel(model=model))}" for model in models)
    reach = "the first word" if truncation == 1 else f"the first {truncation} words"
    say = f"T = {truncation}: of a caption's lessons those of {reach} come to the image. Bits per word: {told}."
    if "truth" in run:
        true = ", ".join(f"{STYLES[m]['label']} {100 * float(run.truth.sel(model=m).mean()):.0f} %" for m in models)
        say += f" True of what is stated: {true}."
    return {"panels": panels, "say": say}


def address(scene: Scene) -> str:
    """The picture of a scene as an address with everything in it."""
    drawn = io.BytesIO()
    Image.fromarray(draw(scene, SIZE)).quantize(COLOURS).save(drawn, "png", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(drawn.getvalue()).decode()}"


def part_name(run: xr.Dataset) -> str:
    """What a run was trained on, in a line."""
    return str(run.attrs["data"]).partition(";")[0]


def _texts(run: xr.Dataset, models: Sequence[str]) -> list[list[dict[str, str]]]:
    """What each model says of each scene, what is not so in brackets; before the end of training, nothing."""
    if "said" not in run:
        return [[{"style": model, "text": "…"} for model in models] for _ in SHOWN]
    scenes, texts = caption_task(run).corpus.validation.scenes, captions_of_median_networks(run, SHOWN)
    return [
        [{"style": m, "text": mark_untrue(texts[m][place], scenes[image]) or "(nothing)"} for m in models]
        for place, image in enumerate(SHOWN)
    ]


def _bars(run: xr.Dataset, models: Sequence[str], what: str) -> list[dict[str, Any]]:
    """A bar for each model, a dot for each network; none where nothing has been measured yet."""
    values = run.get("truth") if what == "truth" else run.score.sel(metric=what) if "score" in run else None
    if values is None:
        return [{"style": model, "parts": [0], "dots": []} for model in models]
    there = {model: values.sel(model=model).dropna("seed") for model in models}
    return [
        {"style": m, "parts": numbers([own.mean() if own.size else 0.0]), "dots": numbers(own.values, 3)}
        for m, own in there.items()
    ]


def _series(bits: xr.DataArray, model: str) -> dict[str, Any]:
    """A curve as exact as an axis that does not begin at 0 needs it."""
    own = bits.sel(model=model)
    return curve(model, own) | {"y": numbers(own.mean("seed").values, 4)}


def _train(truncation: int) -> Iterator[tuple[Cell, str]]:
    for look in watch(TASK, tuple(STYLES), truncation=truncation):
        if "said" in look:
            look = measure_captions(look, TASK, metrics=(SCORE,))
        yield caption_cell(look, truncation), f"{progress(look)} {part_name(look)}."
