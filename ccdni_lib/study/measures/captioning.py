"""What trained networks say of validation images: how good it is, how long, and how much of it is true."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch
import xarray as xr
from tqdm.auto import tqdm

from ...data.scenes.captions import truth
from ...data.scenes.draw import Scene
from ...engine.settings import SettingError
from ...tasks import Task, find_task
from ...tasks.captions import Captions
from .caption_scores import METRICS, score_captions


def measure_captions(
    run: xr.Dataset, task: str | Task, progress: bool = False, metrics: Iterable[str] = METRICS
) -> xr.Dataset:
    """Add measures of the captions that each network writes to a run; of a diverged network they are NaN.

    Args:
        run: from `ccdni_lib.train` or `ccdni_lib.sweep`, with ``said`` (…, seed, image, word).
        task: what was learned; its validation captions and scenes are what is said is held against.
        progress: show a bar; a network takes a second or two.
        metrics: which of `ccdni_lib.study.measures.caption_scores.METRICS`.

    Returns:
        The same Dataset with the dims … and seed of ``said``, and

        - ``score`` (…, seed, metric): see `ccdni_lib.study.measures.caption_scores.score_captions`; where some cannot
          be had, ``attrs["notes"]`` says which, and why;
        - ``length_ratio``: words said over words of those validation captions whose lengths are closest (P20 Fig. S15);
        - ``caption_length``: words of a mean caption;
        - where we drew the scenes ourselves ``truth``, the share of what a caption states that holds (0 … 1; mean over
          captions that state something), and ``stating``, the share of captions that state something.

    Raises:
        SettingError: when the task is not captions, or the extra ``[captions]`` is not there.

    Example:
        >>> run = xr.Dataset({"said": (("seed", "image", "word"), np.zeros((1, 200, 20), int))})
        >>> run = measure_captions(run, "captions:images=20")  # doctest: +SKIP
        >>> run.caption_length.values, run.stating.values  # it says nothing  # doctest: +SKIP
        (array([0.]), array([0.]))
    """
    task = find_task(task)
    if not isinstance(task, Captions):
        raise SettingError(f"task {task.name}: must be captions")
    vocabulary, validation = task.corpus.vocabulary, task.corpus.validation
    wanted, notes = [metric for metric in METRICS if metric in set(metrics)], dict[str, None]()
    names = ("score", "length_ratio", "caption_length", *(("truth", "stating") if validation.scenes else ()))

    def measure(numbers: np.ndarray, alive: np.bool) -> tuple[Any, ...]:
        bar.update()
        if not alive:
            return np.full(len(wanted), np.nan), *[np.nan] * (len(names) - 1)
        texts = vocabulary.decode(torch.tensor(numbers, dtype=torch.long))
        found = score_captions(texts, validation.captions, wanted)
        notes.update(dict.fromkeys(found.attrs["notes"].splitlines()))
        score = found.score.reindex(metric=wanted).values
        true = truthfulness(texts, validation.scenes) if validation.scenes else ()
        return score, found.length_ratio.item(), found.length.mean().item(), *true

    alive = np.isfinite(run.train_error.isel(epoch=-1, drop=True)) if "train_error" in run else xr.DataArray(True)
    networks = run.said.size // (run.sizes["image"] * run.sizes["word"])
    with tqdm(total=networks, desc="captions", disable=not progress, leave=False) as bar:
        measured = xr.apply_ufunc(
            measure,
            run.said,
            alive,
            input_core_dims=[["image", "word"], []],
            output_core_dims=[["metric"], *[[]] * (len(names) - 1)],
            vectorize=True,
        )
    added = run.assign(dict(zip(names, measured, strict=True))).assign_coords(metric=wanted)
    return added.dropna("metric", how="all").assign_attrs(notes="\n".join(notes))


def truthfulness(texts: list[str], scenes: Sequence[Scene]) -> tuple[float, float]:
    """Mean share of what captions state of their scenes that holds, and the share of captions that state anything.

    Args:
        texts: a caption for each scene.
        scenes: what is to be seen.

    Returns:
        Both 0 … 1; the first is NaN where no caption states anything.

    Example:
        >>> from ccdni_lib.data.scenes.draw import Thing
        >>> scene = Scene((Thing("star", "red", "small", 0, 0), Thing("ring", "blue", "large", 0, 1)), "dark")
        >>> truthfulness(["a red star and a green ring", "a red star", "left left of"], (scene, scene, scene))
        (0.75, 0.6666666666666666)
    """
    shares = np.array([truth(text, scene) for text, scene in zip(texts, scenes, strict=True)])
    stating = np.isfinite(shares)
    return float(shares[stating].mean()) if stating.any() else np.nan, float(stating.mean())
