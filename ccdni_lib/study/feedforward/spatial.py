"""Train feedforward networks whose layers learn from predicted feedback, and watch the predictions (P21 eq. 1)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
import xarray as xr
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import one_hot

from ...engine.learning.spatial import Feedback, SpatialDNI
from ...engine.networks.feedforward import Feedforward, check_layers, draw_synthesiser
from ...engine.ranges import Choice, Number, Optional, Switch, Whole
from ...engine.training.devices import pick_device
from .common import (
    Common,
    Images,
    LayerNumbers,
    LayerSizes,
    Recorder,
    draw_batches,
    load_images,
    read_settings,
)
from .common import setting as _setting

TEACHERS = {
    "none": "a synthesiser that is silent: it predicts zero and never learns",
    "fixed": "a random synthesiser that never learns (P21 Fig. S7)",
    "learned": "a synthesiser that learns (P21 eq. 1)",
    "told": "one that learns and is told the label (J17, conditional DNI)",
    "oracle": "the true feedback: backpropagation",
}
_PROBE, _READ = 500, 2000


@dataclass(frozen=True, kw_only=True)
class SpatialSettings(Common):
    """Settings of spatial DNI.

    Example:
        >>> SpatialSettings(decoupled=(1, 3)).teacher
        'learned'
    """

    hidden: tuple[int, ...] = _setting((64, 64, 64), LayerSizes(), "units of each hidden layer", "ours")
    decoupled: tuple[int, ...] = _setting((), LayerNumbers(1, 20), "layers that learn from a prediction", "P21 eq. 1")
    teacher: str = _setting("learned", Choice(tuple(TEACHERS)), "what decoupled layers listen to", "P21 eq. 1, Fig. S7")
    granule_cells: int | None = _setting(
        None,
        Optional(Whole(0, 65536), "four for each unit"),
        "granule cells of a synthesiser; 0: a linear one",
        "P20",
    )
    synthesiser_rate: float | None = _setting(
        None, Optional(Number(0, 10, positive=True), "the network's"), "step size of Adam for synthesisers", "P20 SM A"
    )
    bootstrap: bool = _setting(False, Switch(), "train them on what arrives, not on the true feedback", "J17")
    budgets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "quick": {},
        "class": {"images": "mnist", "hidden": (256, 256, 256), "batches": 6000, "record_every": 200},
        "paper": {"images": "mnist", "hidden": (256, 256, 256), "batches": 30000, "record_every": 500, "seeds": 10},
    }


def train_spatial(*, budget: str = "quick", device: str = "auto", **settings: Any) -> xr.Dataset:
    """Train feedforward networks on images of digits, some of their layers decoupled.

    Every hidden layer has a synthesiser; those of layers that are not decoupled listen, learn and are not listened to.

    Args:
        budget: defaults for what is not given: "quick", "class" or "paper".
        device: "auto" takes a CUDA device if there is one; or "cpu", "cuda", "cuda:1".
        settings: fields of `SpatialSettings`: ``decoupled``, ``teacher``, ``seeds``, ``batches``, ….

    Returns:
        A Dataset with dims ``seed``, ``batch`` (batches learned so far, from 0) and ``layer``. ``accuracy`` (seed,
        batch): share of held-out images that are recognised. ``train_error`` (seed, batch): cross-entropy on 500
        training images, nats an image. On the same images, (seed, batch, layer): ``alignment``, cosine between
        predicted and true feedback, NaN where nothing is predicted; ``misfit``, ‖δ̂ - δ‖² / ‖δ‖²; ``feedback``, root
        mean square of ‖δ‖. ``readable`` (seed, batch, layer): what a fresh linear readout of h_i would recognise.

    Raises:
        ccdni_lib.SettingError: a ValueError that names the value and the allowed range.

    Example:
        >>> run = train_spatial(decoupled=[1], seeds=2, batches=120, device="cpu")
        >>> run.alignment.dims, run.layer.values.tolist(), run.batch.values.tolist()
        (('seed', 'batch', 'layer'), [1, 2, 3], [0, 60, 120])
    """
    return deque(watch_spatial(budget=budget, device=device, **settings), maxlen=1).pop()


def watch_spatial(*, budget: str = "quick", device: str = "auto", **settings: Any) -> Iterator[xr.Dataset]:
    """As `train_spatial`, but gives the Dataset so far again and again while the networks learn."""
    own = read_settings(SpatialSettings, budget, settings)
    check_layers(own.decoupled, len(own.hidden))
    images = load_images(own.images, pick_device(device))
    dni, recorder = _build(own, images), Recorder(own, images)
    dims = dict.fromkeys(("alignment", "misfit", "feedback", "readable"), ("layer",))
    layers = {"layer": sorted(dni.synthesisers)}
    _look(recorder, dni, 0)
    for batch, (x, labels) in enumerate(draw_batches(images, own), start=1):
        dni.learn(x, labels)
        if recorder.due(batch):
            _look(recorder, dni, batch)
            yield recorder.dataset(dims, layers)


def alignment(a: Float[Tensor, "E B n"], b: Float[Tensor, "E B n"]) -> Float[Tensor, " E"]:
    """Cosine between two feedbacks of a whole batch, -1 … 1; NaN where one is zero.

    Example:
        >>> alignment(torch.tensor([[[3.0, 0.0]]]), torch.tensor([[[4.0, 4.0]]])).item()
        0.7071...
    """
    a, b = a.flatten(1).double(), b.flatten(1).double()
    return (a * b).sum(1) / (a.norm(dim=1) * b.norm(dim=1))


def misfit(predicted: Float[Tensor, "E B n"], true: Float[Tensor, "E B n"]) -> Float[Tensor, " E"]:
    """‖δ̂ - δ‖² / ‖δ‖²: 0 is perfect, 1 no better than silence.

    Example:
        >>> misfit(torch.zeros(1, 5, 3), torch.ones(1, 5, 3)).item()
        1.0
    """
    return (true - predicted).square().sum((1, 2)) / true.square().sum((1, 2))


def readable(
    h: Float[Tensor, "E Q n"], labels: Int[Tensor, " Q"], held_h: Float[Tensor, "E R n"], held_labels: Int[Tensor, " R"]
) -> Float[Tensor, " E"]:
    """Share of held-out labels that a fresh linear readout recognises, fitted to other examples by ridge regression.

    Args:
        h, labels: to fit the readout to; classes are 0, 1, ….
        held_h, held_labels: to try it on.

    Example:
        >>> h = torch.tensor([[[0.0], [0.1], [0.9], [1.0]]])
        >>> readable(h, torch.tensor([0, 0, 1, 1]), h[:, 1:3], torch.tensor([0, 1])).item()
        1.0
    """
    mean, targets = h.mean(1, keepdim=True), one_hot(labels).to(h.dtype)
    inside, offset = h - mean, targets.mean(0)
    gram = inside.mT @ inside
    ridge = 1e-3 * gram.diagonal(dim1=1, dim2=2).mean(1)[:, None, None] + 1e-12
    one = torch.eye(h.shape[2], dtype=h.dtype, device=h.device)
    weight = torch.linalg.solve_ex(gram + ridge * one, inside.mT @ targets)[0]  # _ex: no error for what has diverged
    return (((held_h - mean) @ weight + offset).argmax(-1) == held_labels).float().mean(1)


def _build(settings: SpatialSettings, images: Images) -> SpatialDNI:
    seeds, hidden, teacher = settings.seeds, settings.hidden, settings.teacher
    classes, device = int(images.labels.max()) + 1, images.x.device
    network = Feedforward.draw((images.x.shape[1], *hidden, classes), seeds, device=device)
    synthesisers = {
        layer: draw_synthesiser(
            units + (classes if teacher == "told" else 0),
            4 * units if settings.granule_cells is None else settings.granule_cells,
            units,
            seeds,
            index=layer,
            init="random" if teacher == "fixed" else "zero",
            device=device,
        )
        for layer, units in enumerate(hidden, start=1)
    }
    return SpatialDNI(
        network,
        synthesisers,
        settings.decoupled,
        rate=settings.learning_rate,
        synthesiser_rate=None if teacher in ("none", "fixed") else settings.synthesiser_rate or settings.learning_rate,
        oracle=teacher == "oracle",
        bootstrap=settings.bootstrap,
    )


def _look(recorder: Recorder, dni: SpatialDNI, batch: int) -> None:
    images, N = recorder.images, dni.network.depth
    probe: Feedback = dni.propagate(images.x[None, :_PROBE], images.labels[None, :_PROBE])
    layers = sorted(dni.synthesisers)
    pairs = [(probe.predicted(layer), probe.true[layer]) for layer in layers]
    h, held = (dni.network.run(x[None], "kept").h for x in (images.x[:_READ], images.held_x))
    recorder.note(
        batch,
        accuracy=(held[N].argmax(-1) == images.held_labels).float().mean(1),
        train_error=probe.losses.mean(1),
        alignment=torch.stack([alignment(*pair) for pair in pairs], dim=1),
        misfit=torch.stack([misfit(*pair) for pair in pairs], dim=1),
        feedback=torch.stack([true.square().sum(-1).mean(1).sqrt() for _, true in pairs], dim=1),
        readable=torch.stack(
            [readable(h[i], images.labels[:_READ], held[i], images.held_labels) for i in layers], dim=1
        ),
    )
