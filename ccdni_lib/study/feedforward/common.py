"""What runs of spatial and of forward DNI share: images, settings, batches, and the frame of their Datasets."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, TypeVar

import numpy as np
import torch
import xarray as xr
from jaxtyping import Float, Int
from torch import Tensor

from ...data.digits import load_digits
from ...engine.randomness import Purpose, generator
from ...engine.ranges import Choice, Number, Range, Seeds, Whole, whole_number
from ...engine.settings import SettingError, read_values
from ...engine.versions import COMPUTES, PACKAGE, hash_of_sources, versions
from ..measures.variables import FEEDFORWARD_VARIABLES

SOURCES = (*COMPUTES, "study/feedforward")  # folders of the package that the numbers depend on
IMAGES = {
    "small": "the 1,797 digits of 8×8 pixels that scikit-learn brings along",
    "mnist": "MNIST, 28×28 pixels; where it cannot be had, the small ones enlarged",
}


@dataclass(frozen=True, eq=False)
class Images:
    """Flat images, 0 … 1, and the digit that each shows.

    Attributes:
        x, labels: to learn from.
        held_x, held_labels: held out.
        source: what they are, in a line.
    """

    x: Float[Tensor, "Q pixels"]
    labels: Int[Tensor, " Q"]
    held_x: Float[Tensor, "R pixels"]
    held_labels: Int[Tensor, " R"]
    source: str


def load_images(name: str, device: torch.device | str = "cpu") -> Images:
    """Images by name.

    Args:
        name: "small" or "mnist" (see `IMAGES`).
        device: where they go.

    Example:
        >>> images = load_images("small")
        >>> tuple(images.x.shape), tuple(images.held_x.shape), images.x.min().item(), images.x.max().item()
        ((1498, 64), (299, 64), 0.0, 1.0)
    """
    if name == "small":
        from sklearn.datasets import load_digits as load_small

        found = load_small()
        order = generator(0, Purpose.SPLIT, 1).permutation(len(found.target))
        held, rest = order[: len(order) // 6], order[len(order) // 6 :]
        both = [(torch.from_numpy(found.data[i]).float() / 16, torch.from_numpy(found.target[i])) for i in (rest, held)]
        source = IMAGES[name]
    else:
        digits = load_digits()
        both = [
            (images.flatten(1).float() / 255, labels)
            for images, labels in (
                (digits.training_images, digits.training_labels),
                (digits.test_images, digits.test_labels),
            )
        ]
        source = "MNIST" if digits.source.startswith("MNIST") else digits.source  # without the folder it lies in
    x, labels, held_x, held_labels = (part.to(device) for pair in both for part in pair)
    return Images(x, labels, held_x, held_labels, source)


def setting(default: Any, range_: Range, meaning: str, source: str) -> Any:
    """A field of settings: its range, its meaning with its unit, and where its default is from."""
    return field(default=default, metadata={"range": range_, "meaning": meaning, "source": source})


@dataclass(frozen=True)
class LayerNumbers:
    """Different whole numbers, as a tuple; perhaps none.

    Example:
        >>> LayerNumbers(1, 3).read([1, 3], 0), LayerNumbers(1, 3).allowed(None)
        ((1, 3), 'different whole numbers 1…3')
    """

    low: int
    high: int

    def read(self, value: Any, steps: int) -> tuple[int, ...]:
        """The numbers, in the order given."""
        numbers = tuple(Whole(self.low, self.high).read(each, steps) for each in value)
        if len(set(numbers)) < len(numbers):
            raise ValueError
        return numbers

    def allowed(self, steps: int | None) -> str:
        """What they must be, in words."""
        return f"different whole numbers {self.low:,}…{self.high:,}"


@dataclass(frozen=True)
class LayerSizes:
    """Units of one or more layers.

    Example:
        >>> LayerSizes().read((64, 32), 0)
        (64, 32)
    """

    def read(self, value: Any, steps: int) -> tuple[int, ...]:
        """The sizes, from the input on."""
        sizes = tuple(whole_number(each) for each in value)
        if not 1 <= len(sizes) <= 20 or not all(1 <= each <= 8192 for each in sizes):
            raise ValueError
        return sizes

    def allowed(self, steps: int | None) -> str:
        """What they must be, in words."""
        return "one to 20 whole numbers 1…8,192"


@dataclass(frozen=True, kw_only=True)
class Common:
    """Settings that both kinds of run have."""

    images: str = setting("small", Choice(tuple(IMAGES)), "what is learned: classes of these images", "P20 SM B: MNIST")
    seeds: tuple[int, ...] = setting((0, 1, 2, 3), Seeds(), "how many networks, or which", "ours")
    batches: int = setting(900, Whole(1, 10_000_000), "how long to learn, batches", "ours")
    batch_size: int = setting(50, Whole(2, 100_000), "images in a batch", "P20 SM A")
    learning_rate: float = setting(1e-3, Number(0, 10, positive=True), "step size of Adam", "P20 SM A")
    record_every: int = setting(60, Whole(1, 10_000_000), "batches between two looks at the networks", "ours")
    budgets: ClassVar[Mapping[str, Mapping[str, Any]]] = {"quick": {}}


S = TypeVar("S", bound=Common)


def read_settings(kind: type[S], budget: str, given: Mapping[str, Any]) -> S:
    """Settings from their defaults, what a budget changes, and what is given; all checked.

    Args:
        kind: of settings.
        budget: one of its ``budgets``.
        given: values by name.

    Raises:
        SettingError: naming the first value that cannot be, and what is allowed.

    Example:
        >>> read_settings(Common, "quick", {"batches": 0})
        Traceback (most recent call last):
        ...
        ccdni_lib.engine.settings.SettingError: batches 0: must be a whole number 1…10,000,000
    """
    if budget not in kind.budgets:
        raise SettingError(f"budget {budget}: must be one of {', '.join(kind.budgets)}")
    return kind(**read_values(kind, {**kind.budgets[budget], **given}))


def draw_batches(images: Images, settings: Common) -> Iterator[tuple[Tensor, Tensor]]:
    """Images ``(E, B, pixels)`` and labels ``(E, B)`` for each network; every epoch all images once, in its own order.

    What does not fill a batch at the end of an epoch is left out.

    Raises:
        SettingError: when a batch is larger than the set of images.
    """
    count, size = len(images.x), settings.batch_size
    if size > count:
        raise SettingError(f"batch_size {size}: must be a whole number 2…{count:,}, the number of images to learn from")
    for batch in range(settings.batches):
        epoch, place = divmod(batch, count // size)
        if place == 0:
            orders = np.stack([generator(s, Purpose.EXAMPLES, epoch).permutation(count) for s in settings.seeds])
        chosen = torch.from_numpy(orders[:, place * size : (place + 1) * size]).to(images.x.device)
        yield images.x[chosen], images.labels[chosen]


class Recorder:
    """Collects what is seen of the networks, and makes the Dataset.

    Args:
        settings: of the run.
        images: what it learns.
    """

    def __init__(self, settings: Common, images: Images):
        self.settings, self.images, self.begun = settings, images, time.perf_counter()
        self.batches: list[int] = []
        self.values: dict[str, list[np.ndarray]] = {}

    def due(self, batch: int) -> bool:
        """Whether networks are looked at after so many batches."""
        return batch % self.settings.record_every == 0 or batch == self.settings.batches

    def note(self, batch: int, **values: Tensor) -> None:
        """Write down values ``(E, …)`` by name."""
        self.batches.append(batch)
        for name, value in values.items():
            self.values.setdefault(name, []).append(value.detach().float().cpu().numpy())

    def dataset(self, dims: Mapping[str, tuple[str, ...]], coords: Mapping[str, Any], **more: Any) -> xr.Dataset:
        """All that was noted, with dims seed, batch and those given by name; their ``coords``; ``more`` variables."""
        data = {name: (("seed", "batch", *dims.get(name, ())), np.stack(v, axis=1)) for name, v in self.values.items()}
        run = xr.Dataset(data | more, {"seed": list(self.settings.seeds), "batch": self.batches, **coords})
        for name in run.variables:
            if name in FEEDFORWARD_VARIABLES:
                run[name].attrs = dict(zip(("long_name", "units"), FEEDFORWARD_VARIABLES[name], strict=True))
        diverged = ~np.isfinite(run.train_error).all(run.train_error.dims[1:])
        return run.assign_attrs(
            settings=json.dumps(asdict(self.settings)),
            images=self.images.source,
            device=str(self.images.x.device),
            threads=torch.get_num_threads(),
            versions=json.dumps(versions()),
            source_revision=hash_of_sources(PACKAGE, SOURCES),
            seconds=round(time.perf_counter() - self.begun, 2),
            diverged=int(diverged.sum()),
            complete=1,
        )
