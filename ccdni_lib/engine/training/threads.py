"""How many CPU threads an update is worth: one, where its operations are too small to be shared.

Threads wait for each other at the end of every operation. On a core that is theirs this takes a microsecond; where
something else runs there too, another notebook, or a class on one server, it takes until the scheduler comes round
again. With operations of some microseconds, learning is then many times slower.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch

from ..settings import Settings
from .examples import Trainable, runs_weighted

SMALL = 150e6  # floating point operations of an update; below it, a second thread hardly helps


def batch_flops(task: Trainable, settings: Settings) -> float:
    """Floating point operations of the matrix products that one network cannot do without to learn from one batch.

    Where sequences end early they are counted as if they all went on to the last step.

    Args:
        task: what is learned.
        settings: of the network.

    Example:
        >>> from ccdni_lib.tasks import find_task, settings_for
        >>> task = find_task("line-drawing")
        >>> round(batch_flops(task, settings_for(task)) / 1e6)  # 28 of these 32 million in the cerebellum
        32
    """
    n, steps, rows = settings.lstm_units, task.steps, settings.batch_size
    if task.finite is not False:
        examples = task.examples("training", torch.float32, torch.device("cpu"))
        if runs_weighted(task, examples, settings):  # a batch holds each example many times, and runs it once
            rows = len(examples)
    cuts = -(-steps // settings.truncation)
    cell = (n + (n if task.words else task.inputs) + 2) * 4 * n
    back = 4 * n * n
    products = steps * rows * (2 * cell + 3 * n * task.outputs)  # forward and weights, for cell and readout
    if settings.model == "crnn":
        return 2 * (products + (steps - cuts) * rows * back)
    granule = settings.granule_cells
    layers = 2 * (2 * n * granule) + (settings.granule_layers - 1) * granule**2
    return 2 * (products + steps * rows * back + cuts * rows * (3 * layers - 2 * n * granule))


def update_flops(task: Trainable, settings: Settings, networks: int) -> float:
    """The same of one update of several networks: of a batch or, online, of one of its truncations.

    Args:
        task: what is learned.
        settings: of the networks.
        networks: E, how many.

    Example:
        >>> from ccdni_lib.tasks import find_task, settings_for
        >>> task = find_task("line-drawing")
        >>> batch, online = (settings_for(task, update=each, truncation=5) for each in ("sequence", "truncation"))
        >>> update_flops(task, batch, networks=10) / update_flops(task, online, networks=10)
        2.0
    """
    updates = -(-task.steps // settings.truncation) if settings.update == "truncation" else 1
    return networks * batch_flops(task, settings) / updates


@contextmanager
def threads_worth(flops: float, device: torch.device | str = "cpu") -> Iterator[None]:
    """Within the block, compute on the CPU with one thread if an update has so few operations, else with all there are.

    Blocks may lie in each other, and overlap in several Python threads. PyTorch has a number for each Python thread,
    which a new one takes from whichever was set last: so all that leave a block go back to the number there was before
    the first of them began.

    Args:
        flops: floating point operations of an update, 0 or more.
        device: that does them; where it is another than the CPU, threads stay as they are, for several ensembles may
            train on it at once in one process.

    Example:
        >>> before = torch.get_num_threads()
        >>> with threads_worth(1e6):
        ...     torch.get_num_threads()
        1
        >>> torch.get_num_threads() == before
        True
    """
    if torch.device(device).type != "cpu":
        yield
        return
    around = getattr(_here, "threads", None)  # what a block around this one has set in this Python thread
    with _lock:
        if _blocks.count == 0:
            _blocks.before = torch.get_num_threads()
        _blocks.count += 1
        _here.threads = 1 if flops < SMALL else _blocks.before
        torch.set_num_threads(_here.threads)
    try:
        yield
    finally:
        with _lock:
            _blocks.count -= 1
            _here.threads = around
            torch.set_num_threads(_blocks.before if around is None else around)


@dataclass
class _Blocks:
    """How many blocks are under way in all Python threads, and the number of threads before the first of them."""

    count: int = 0
    before: int = 0


_lock, _blocks, _here = threading.Lock(), _Blocks(), threading.local()
