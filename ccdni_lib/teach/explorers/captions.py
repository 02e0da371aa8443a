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
from ...study.runs.train import watch
from ..widget.anytask import model_means, progress_text
from ..widget.short import mean_bar, mean_curve, pick_epochs, round_numbers
from ..widget.widget import Cell, Explorer, build_cells, start_positions, sweep_slider

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
        truncation: T, where the slider stands at first; 3, 4, 5, 7, 10 or 15 words.
        live: whether a moved slider trains, where there is a kernel.

    Returns:
        The explorer; panels: captions of six scenes, learning curves, share of what is true, CIDEr.

    Raises:
        SettingError: when the slider does not have the value.

    Example:
        >>> caption_explorer()
        <explorer captions: truncation 4>
    """
    run = load_result("captions")
    part, sliders = caption_task(run).corpus.validation, [sweep_slider(run, "truncation")]
    images = [
        {"src": image_address(scene), "alt": describe_scene(scene), "text": texts[0]}
        for scene, texts in ((part.scenes[image], part.captions[image]) for image in SHOWN)
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
        "cells": build_cells(sliders, lambda truncation: caption_cell(run.sel(truncation=truncation), truncation)),
        "start": start_positions(sliders, truncation),
        "note": f"Stored: {run.sizes['seed']} seeds at teaching size, {run.epoch.values[-1]} epochs; bands: s.e.m., "
        f"dots: networks. Of each model the network of median bits per word speaks. {data_name(run)}.",
    }
    return Explorer(spec, _train if live else None)


def caption_cell(run: xr.Dataset, truncation: int) -> Cell:
    """What one position of the slider shows.

    Args:
        run: dims model, seed, epoch; at its end with ``said`` (…, image, word), ``truth`` and ``score``.
        truncation: T, for the sentence.

    Returns:
        Data of the four panels, and ``say``, a sentence.
    """
    models, epochs = [str(model) for model in run.model.values], pick_epochs(run.epoch.values)
    course = run.bits_per_word.sel(epoch=epochs)
    panels: list[Any] = [
        {"said": _marked_captions(run, models)},
        {"x": epochs.tolist(), "series": [_exact_curve(course, model) for model in models]},
        {"bars": _score_bars(run, models, "truth")},
        {"bars": _score_bars(run, models, SCORE)},
    ]
    told = ", ".join(model_means(run.bits_per_word.isel(epoch=-1)))
    reach = "the first word" if truncation == 1 else f"the first {truncation} words"
    say = f"T = {truncation}: of a caption's lessons those of {reach} come to the image. Bits per word: {told}."
    if "truth" in run:
        true = ", ".join(f"{STYLES[m]['label']} {100 * float(run.truth.sel(model=m).mean()):.0f} %" for m in models)
        say += f" True of what is stated: {true}."
    return {"panels": panels, "say": say}


def image_address(scene: Scene) -> str:
    """The picture of a scene as a data URL, which holds the PNG itself.

    Args:
        scene: one of `ccdni_lib.data.scenes`.

    Returns:
        "data:image/png;base64,…", of `SIZE` pixels each way in at most `COLOURS` colours.
    """
    drawn = io.BytesIO()
    Image.fromarray(draw(scene, SIZE)).quantize(COLOURS).save(drawn, "png", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(drawn.getvalue()).decode()}"


def data_name(run: xr.Dataset) -> str:
    """The data that a run was trained on, as its attributes name them, up to the first semicolon.

    Args:
        run: from `train`, `sweep` or `watch`, whole or compact.
    """
    return str(run.attrs["data"]).partition(";")[0]


def _marked_captions(run: xr.Dataset, models: Sequence[str]) -> list[list[dict[str, str]]]:
    """What each model says of each scene, what is not true in brackets; "…" before the end of training."""
    if "said" not in run:
        return [[{"style": model, "text": "…"} for model in models] for _ in SHOWN]
    scenes, texts = caption_task(run).corpus.validation.scenes, captions_of_median_networks(run, SHOWN)
    return [
        [{"style": m, "text": mark_untrue(texts[m][place], scenes[image]) or "(nothing)"} for m in models]
        for place, image in enumerate(SHOWN)
    ]


def _score_bars(run: xr.Dataset, models: Sequence[str], what: str) -> list[dict[str, Any]]:
    """A bar for each model, a dot for each network; none where nothing has been measured yet."""
    values = run.get("truth") if what == "truth" else run.score.sel(metric=what) if "score" in run else None
    if values is None:
        return [{"style": model, "parts": [0], "dots": []} for model in models]
    return [mean_bar(model, values.sel(model=model).dropna("seed")) for model in models]


def _exact_curve(bits: xr.DataArray, model: str) -> dict[str, Any]:
    """Data of a curve with four digits, which an axis that does not begin at 0 needs."""
    own = bits.sel(model=model)
    return mean_curve(model, own) | {"y": round_numbers(own.mean("seed").values, 4)}


def _train(truncation: int) -> Iterator[tuple[Cell, str]]:
    """Train small networks at a truncation; give a cell and a status while they learn."""
    for look in watch(TASK, tuple(STYLES), truncation=truncation):
        if "said" in look:
            look = measure_captions(look, TASK, metrics=(SCORE,))
        yield caption_cell(look, truncation), f"{progress_text(look)} {data_name(look)}."
