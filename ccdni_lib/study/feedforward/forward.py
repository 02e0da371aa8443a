"""Train networks whose higher layer is predicted from the input, and correlate the two (P20 SM B, Fig. 7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from ...engine.learning.forward import ForwardDNI
from ...engine.networks.feedforward import Feedforward, check_layers, draw_synthesiser
from ...engine.ranges import Choice, Switch, Whole
from ...engine.settings import SettingError
from ...engine.training.devices import pick_device
from ...engine.training.populations import correlations
from .common import Common, Images, LayerSizes, Recorder, draw_batches, load_images, read_settings
from .common import setting as _setting

PROBE, SHOWN = 1000, 12
_PUBLISHED_SIZE = {"images": "mnist", "hidden": (256, 256), "granule_cells": 256, "pairs": 256, "record_every": 20}


@dataclass(frozen=True, kw_only=True)
class ForwardSettings(Common):
    """Settings of forward DNI.

    Example:
        >>> ForwardSettings().hidden
        (64, 64)
    """

    hidden: tuple[int, ...] = _setting((64, 64), LayerSizes(), "units of each hidden layer", "P20 SM B: 256, 256")
    layer: int = _setting(2, Whole(1, 20), "which hidden layer is predicted, k", "P20 SM B")
    granule_cells: int = _setting(64, Whole(1, 65536), "granule cells of the cerebellum", "P20 SM B: 256")
    cerebellum_init: str = _setting("zero", Choice(("zero", "random")), "last layer of the cerebellum", "P20 SM A")
    bypass: bool = _setting(False, Switch(), "whether the layers above learn on the prediction", "P20 SM B: possible")
    pairs: int = _setting(64, Whole(1, 100_000), "how many of the most correlated pairs to follow", "P20 Fig. 7: 256")
    budgets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "quick": {},
        "class": _PUBLISHED_SIZE,
        "paper": {**_PUBLISHED_SIZE, "batches": 2400, "seeds": 10},
    }


def train_forward(*, budget: str = "quick", device: str = "auto", **settings: Any) -> xr.Dataset:
    """Train networks on images of digits, and beside each a cerebellum that predicts h_k from the image.

    Correlations are Pearson's, over 1,000 held-out images (or all there are), the same for all networks. Each is taken
    twice: with h_k of the network that the cerebellum belongs to (``partner`` "own") and, as a control, with h_k of the
    next seed's network (``partner`` "other"), which it has no connection to.

    Args:
        budget: defaults for what is not given: "quick", "class" or "paper" (P20 SM B).
        device: "auto" takes a CUDA device if there is one; or "cpu", "cuda", "cuda:1".
        settings: fields of `ForwardSettings`: ``seeds``, ``batches``, ``bypass``, ….

    Returns:
        A Dataset with dims ``seed``; ``batch``, batches learned before a look at the networks, 0 at first; ``step``,
        each batch; ``part``, granule cells or nuclei, the outputs of C; ``partner``; ``picked``, the pairs that are
        most correlated at the "beginning", as soon as C says anything, or at the "end".
        (seed, step): ``train_error``, cross-entropy, nats an image; ``prediction_error``, ‖h_k - C(x)‖² a unit.
        (seed, batch): ``explained``, share of the variance of h_k that C(x) explains; ``accuracy`` and
        ``bypass_accuracy``, share of held-out images recognised by h_k and by C(x).
        ``activity`` (…, population): mean absolute activity of h_k ("cortex"), granule cells and nuclei.
        ``strongest`` (…, part, partner, picked): mean |r| of the picked pairs. ``mean_correlation`` and
        ``spread_correlation`` (…, part, partner): mean and variance of |r| over all pairs. ``matched`` (…, partner):
        mean r of each nucleus with the unit that it predicts. ``corner`` (batch, partner, nucleus, unit): r of the
        first twelve, in the first network.

    Raises:
        ccdni_lib.SettingError: a ValueError that names the value and the allowed range.

    Example:
        >>> run = train_forward(seeds=2, batches=60, device="cpu")
        >>> run.strongest.dims
        ('seed', 'batch', 'part', 'partner', 'picked')
    """
    own = read_settings(ForwardSettings, budget, settings)
    check_layers([own.layer], len(own.hidden))
    if len(own.seeds) < 2:
        raise SettingError(
            "seeds 1: must be 2 or more, for each cerebellum is compared with another seed's network too"
        )
    images = load_images(own.images, pick_device(device))
    dni, recorder = _build(own, images), Recorder(own, images)
    seen, errors = [_look(recorder, dni, 0)], []
    for batch, (x, labels) in enumerate(draw_batches(images, own), start=1):
        forecast = dni.learn(x, labels)
        units = forecast.h.shape[2]
        errors.append(torch.stack((forecast.losses.mean(1), forecast.prediction_losses.mean(1) / units)))
        if recorder.due(batch):
            seen.append(_look(recorder, dni, batch))
    strongest = np.stack([_follow([look[part] for look in seen], own.pairs) for part in range(2)], axis=2)
    over_steps = torch.stack(errors, dim=2).cpu().numpy()
    run = recorder.dataset(
        {"activity": ("population",), "matched": ("partner",), "corner": ("partner", "nucleus", "unit")}
        | dict.fromkeys(("mean_correlation", "spread_correlation"), ("part", "partner")),
        {"step": np.arange(1, own.batches + 1), "population": ["cortex", "granule", "nuclei"]}
        | {"part": ["granule", "nuclei"], "partner": ["own", "other"], "picked": ["beginning", "end"]},
        train_error=(("seed", "step"), over_steps[0]),
        prediction_error=(("seed", "step"), over_steps[1]),
        strongest=(("seed", "batch", "part", "partner", "picked"), strongest),
    )
    return run.assign(corner=run.corner.isel(seed=0, drop=True))


def _build(settings: ForwardSettings, images: Images) -> ForwardDNI:
    pixels, classes, device = images.x.shape[1], int(images.labels.max()) + 1, images.x.device
    network = Feedforward.draw((pixels, *settings.hidden, classes), settings.seeds, batch_norm=True, device=device)
    units = settings.hidden[settings.layer - 1]
    cerebellum = draw_synthesiser(
        pixels, settings.granule_cells, units, settings.seeds, init=settings.cerebellum_init, device=device
    )
    return ForwardDNI(
        network, cerebellum, settings.layer, settings.learning_rate, settings.learning_rate, settings.bypass
    )


def _look(recorder: Recorder, dni: ForwardDNI, batch: int) -> list[np.ndarray]:
    """Note what is seen of the networks; returns |r| of all pairs, (E, partner, pair), for granule cells and nuclei."""
    images, k = recorder.images, dni.layer
    x = images.held_x[None, :PROBE]
    h = dni.network.run(x, last=k).h[k]
    _, *parts = dni.cerebellum.predict(x.expand(len(h), -1, -1))  # granule cells, nuclei
    # (E, partner, a, b): with the h_k that is predicted, and with that of the next network, which is not
    r = [torch.stack([correlations(part, h), correlations(part, h.roll(-1, 0))], dim=1) for part in parts]
    pairs = [each.abs().nan_to_num(0).flatten(2) for each in r]

    def right(bypass: bool) -> Tensor:
        answers = dni.answer(images.held_x[None], bypass).argmax(-1)
        return (answers == images.held_labels).float().mean(1)

    recorder.note(
        batch,
        explained=1 - (h - parts[1]).square().sum((1, 2)) / (h - h.mean(1, keepdim=True)).square().sum((1, 2)),
        accuracy=right(bypass=False),
        bypass_accuracy=right(bypass=True),
        activity=torch.stack([layer.abs().mean((1, 2)) for layer in (h, *parts)], dim=1),
        mean_correlation=torch.stack([each.mean(2) for each in pairs], dim=1),
        spread_correlation=torch.stack([each.var(2) for each in pairs], dim=1),
        matched=r[1].diagonal(dim1=2, dim2=3).nanmean(2),
        corner=r[1][:, :, :SHOWN, :SHOWN],
    )
    return [each.half().cpu().numpy() for each in pairs]


def _follow(looks: Sequence[np.ndarray], count: int) -> np.ndarray:
    """Mean |r| over time of the pairs that are most correlated at the beginning, and of those at the end.

    Args:
        looks: |r| of all pairs at each look, ``(E, partner, pair)``; all zero while C is silent.
        count: how many pairs.

    Returns:
        ``(E, look, partner, picked)``; NaN while C is silent.
    """
    over_time = np.stack(looks, axis=2)  # (E, partner, look, pair)
    followed = np.full((*over_time.shape[:3], 2), np.nan, dtype=np.float32)
    for place in np.ndindex(over_time.shape[:2]):
        course = over_time[place]
        speaks = np.flatnonzero(course.any(1))
        for picked, look in enumerate(speaks[[0, -1]]):
            strongest = np.argsort(course[look])[-count:]
            followed[place][speaks, picked] = course[speaks][:, strongest].mean(1, dtype=np.float32)
    return followed.transpose(0, 2, 1, 3)
