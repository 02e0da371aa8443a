"""`ccdni bench`: the engine against the literal reference, and against the GEMM floor, in one run on this machine.

Both learn as they do in training at published settings, a few updates at a time. The floor is the time that the matrix
products of an update would take alone, at the rate of a large product measured in the same run. Rounds of reference,
engine and product alternate, and medians are compared, so that a machine that slows down or speeds up does so for all
of them.
"""

from __future__ import annotations

import json
import math
import resource
import statistics
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import count, islice
from pathlib import Path
from typing import Annotated

import torch
import typer
from rich import box
from rich.console import Console
from rich.table import Table
from torch import Tensor

from ..engine.files import check_writable, write_whole
from ..engine.learning.reference import Reference
from ..engine.networks.embedding import ImageAndWords
from ..engine.networks.losses import cross_entropy
from ..engine.randomness import Purpose, generator
from ..engine.ranges import Whole
from ..engine.settings import SettingError, Settings
from ..engine.training.devices import pick_device
from ..engine.training.ensemble import Ensemble
from ..engine.training.threads import batch_flops, threads_worth, update_flops
from ..tasks import TASKS, Task, find_task, settings_for
from .console import out_console
from .options import Data, Device

ROUNDS = 7
UPDATES, CAPTION_UPDATES = 16, 2  # that are timed in each round
PRODUCT = 2048


@dataclass
class Row:
    """One comparison; times in ms per update and network, rates in networks · epochs per second."""

    task: str
    model: str
    networks: int
    ms_engine: float
    ms_reference: float
    speedup: float
    floor_share: float
    rate_engine: float
    rate_reference: float


def bench(
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the table to this file too.")] = None,
    task: Annotated[str, typer.Option(help="Task to time, or all.")] = "all",
    device: Device = "auto",
    networks: Annotated[str, typer.Option(help="Sizes of the ensemble, with commas.")] = "1,10,40",
    data: Data = None,
) -> None:
    """Time the engine against the literal reference and against the GEMM floor, in one run."""
    run_bench(out_console, json_file, task, device, networks)


def run_bench(console: Console, file: Path | None, task: str, device: str, networks: str) -> None:
    """Measure, print a table and, if asked, write JSON.

    Raises:
        SettingError: for a task, a device or a number of networks that cannot be.

    "all" leaves out captions, whose networks are so large that they take minutes: they must be asked for.
    """
    names = [name for name in TASKS if name != "captions"] if task == "all" else [find_task(task).name]
    device, sizes = pick_device(device), [_read_count(text) for text in networks.split(",")]
    if file is not None:
        check_writable(file)
    product = ProductRate(device)
    rows: list[Row] = []
    for name in names:
        for model in ("crnn", "ccrnn"):
            with console.status(f"{name} {model}"):
                rows += compare(find_task(name), model, sizes, device, product)
    gflops = statistics.median(product.rates)
    memory = peak_memory(device)
    place = f"{device}, {torch.get_num_threads()} threads, {gflops:,.0f} GFLOP/s, {memory:,.0f} MB"
    console.print(f"One run on {place} at most.", highlight=False)
    console.print("Reference and engine: networks · epochs a second.", highlight=False)
    console.print(_table(rows))
    if file is not None:
        found = {
            "gemm_gflops": gflops,
            "device": device,
            "peak_memory_mb": memory,
            "rows": [asdict(row) for row in rows],
        }
        write_whole(file, lambda beside: beside.write_text(json.dumps(found, indent=1)))


class ProductRate:
    """Rate of a large float32 matrix product, measured each time it is called; ``rates`` in GFLOP/s."""

    def __init__(self, device: str):
        self.factors = torch.randn(2, PRODUCT, PRODUCT, device=device)
        self.rates: list[float] = []
        torch.mm(*self.factors)

    def __call__(self) -> None:
        """Measure once more."""
        seconds = seconds_of(lambda: torch.mm(*self.factors), self.factors.device.type)
        self.rates.append(2 * PRODUCT**3 / seconds / 1e9)


def compare(task: Task, model: str, sizes: list[int], device: str, product: ProductRate) -> list[Row]:
    """Reference and engine, for ensembles of the given sizes, at the task's published settings."""
    few = CAPTION_UPDATES if task.words else UPDATES
    settings = {size: settings_for(task, model=model, seeds=size) for size in sizes}
    published = settings_for(task, model=model, seeds=1)
    courses = {0: reference_course(task, published, device)}
    courses |= {size: engine_course(Ensemble(task, [one], device)) for size, one in settings.items()}
    flops = {0: math.inf} | {size: update_flops(task, one, size) for size, one in settings.items()}
    times: dict[int, list[float]] = {size: [] for size in courses}
    for number in range(1 + ROUNDS):
        product()
        for size, course in courses.items():
            with threads_worth(flops[size], device):
                seconds = seconds_of(lambda course=course: deque(islice(course, few), maxlen=0), device)
            if number:  # the first round, in which much is made that then is there, does not count
                times[size].append(seconds)
    reference = statistics.median(times[0]) / few
    rows = []
    for size in sizes:
        own = statistics.median(times[size]) / few / size
        floor = floor_flops(task, settings[size]) / statistics.median(product.rates) / 1e9
        rows.append(
            Row(
                task.name,
                model,
                size,
                ms_engine=1e3 * own,
                ms_reference=1e3 * reference,
                speedup=reference / own,
                floor_share=floor / own,
                rate_engine=1 / own / published.batches,
                rate_reference=1 / reference / published.batches,
            )
        )
    return rows


def engine_course(ensemble: Ensemble) -> Iterator[None]:
    """An ensemble that learns from batch after batch, through epochs without end."""
    while True:
        yield from ensemble.train()


def reference_course(task: Task, settings: Settings, device: str) -> Iterator[None]:
    """The literal reference that does the same, every example of a batch written out."""
    ensemble = Ensemble(task, [settings], device)
    image, words = ensemble.network.embedding_to_torch(0) if task.words else (None, None)
    network = Reference(
        *ensemble.network.to_torch(0),
        image=image,
        words=words,
        truncation=settings.truncation,
        online=settings.update == "truncation",
        learning_rate=settings.learning_rate,
        betas=(settings.beta1, settings.beta2),
        epsilon=settings.epsilon,
        clip_norm=settings.clip_norm,
    )
    taught, loss = ensemble.taught[0], _class_loss if task.loss is cross_entropy else None

    def captions(index: Tensor, x: ImageAndWords, y: Tensor) -> None:
        assert ensemble.training.lengths is not None
        assert x.features is not None
        lengths = ensemble.training.lengths[index.cpu()].to(device)
        steps = int(lengths.max())
        there = (lengths > torch.arange(steps, device=device)[:, None]).to(taught)
        kept = torch.rand(steps, len(index), ensemble.network.sizes.inputs, device=device) >= settings.input_dropout
        seen = [x.features, *x.words[1:steps]]
        network.learn(seen, y[:steps], there, loss, lengths, kept / (1 - settings.input_dropout))

    for epoch in count():
        rng = generator(settings.seeds[0], Purpose.EXAMPLES, epoch)
        for index in torch.from_numpy(task.draw(rng, settings.batches, settings.batch_size)).to(device):
            inputs, targets = ensemble.training.at(index)
            x, y = inputs.transpose(0, 1), targets.transpose(0, 1)
            if isinstance(x, ImageAndWords):
                captions(index, x, y)
            else:
                network.learn(x, y, taught, loss)
            yield


def floor_flops(task: Task, settings: Settings) -> float:
    """Floating point operations of the matrix products that one network cannot do without to learn from one batch.

    Example:
        >>> task = find_task("line-drawing")
        >>> round(floor_flops(task, settings_for(task)) / 1e6)  # 28 of these 32 million in the cerebellum
        32
    """
    return _caption_flops(task, settings) if task.words else batch_flops(task, settings)


def _caption_flops(task: Task, settings: Settings) -> float:
    """What captions cost on average: steps that they have, and cuts that lie before their ends."""
    lengths = task.examples("training", torch.float32, torch.device("cpu")).lengths
    assert lengths is not None
    n, V, size = settings.lstm_units, task.outputs, settings.batch_size
    steps, cuts = lengths.double().mean().item(), (-(-lengths // settings.truncation)).double().mean().item()
    cell, granule = (2 * n + 2) * 4 * n, settings.granule_cells
    products = size * steps * (3 * cell + 3 * n * V) + size * 2 * task.features * n
    if settings.model == "crnn":
        return 2 * (products - size * cuts * 4 * n * n)
    layers = 2 * (2 * n * granule) + (settings.granule_layers - 1) * granule**2
    ahead = size * (cuts - 1) * layers  # what is to come is foreseen at the end of each truncation, too
    return 2 * (products + ahead + size * cuts * (3 * layers - 2 * n * granule))


def seconds_of(work: Callable[[], object], device: str) -> float:
    """Seconds that some work takes, to its end on the device."""
    begun = time.perf_counter()
    work()
    if device.startswith("cuda"):
        torch.cuda.synchronize()
    return time.perf_counter() - begun


def peak_memory(device: str) -> float:
    """Largest memory so far, in MB: of the device, or on the CPU of the whole process."""
    if device.startswith("cuda"):
        return torch.cuda.max_memory_allocated() / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def _class_loss(output: Tensor, target: Tensor) -> Tensor:
    return torch.nn.functional.cross_entropy(output.transpose(1, 2), target, reduction="none")


def _read_count(text: str) -> int:
    kind = Whole(1, 100_000)
    try:
        return kind.read(text, 0)
    except ValueError:
        raise SettingError(f"networks {text}: must be {kind.allowed(None)}") from None


def _table(rows: list[Row]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("task", "model"):
        table.add_column(heading, no_wrap=True)
    for heading in ("net-\nworks", "reference", "engine", "speed-up", "share\nof floor"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(
            row.task,
            row.model,
            str(row.networks),
            _round_rate(row.rate_reference),
            _round_rate(row.rate_engine),
            f"{row.speedup:.1f} ×",
            f"{row.floor_share:.0%}",
        )
    return table


def _round_rate(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 100 else f"{rate:.3g}"
