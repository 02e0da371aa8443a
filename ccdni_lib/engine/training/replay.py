"""On a GPU, an update that is recorded once and replayed for every batch.

A GPU works through an update of small networks faster than Python can ask for its three hundred operations, one by
one. As a CUDA graph they are asked for all at once: the same operations in the same order, on the same memory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Lock
from typing import Any

import torch
from torch import Tensor

from ..learning.rule import Batch

WARM_UP = 2  # updates that are not recorded, in which libraries set up what they need
_RECORDING = Lock()  # one at a time


class Replay:
    """Work on batches of one shape, recorded as a CUDA graph after it has been done a few times.

    What cannot be recorded, because it asks the device for a number (a loss that calls ``.item()``), is done as it
    comes for ever.

    Args:
        work: from a batch to a tensor; may change others in place, always the same ones.

    Example:
        >>> total = torch.zeros(())
        >>> add = Replay(lambda batch: total.add_(batch.targets.sum()))
        >>> add(Batch(torch.ones(1, 10, 3, 1), torch.ones(1, 10, 3, 2), torch.ones(1, 10, 1), size=3)).item()
        60.0
    """

    def __init__(self, work: Callable[[Batch], Tensor]):
        self.work, self.done, self.recordable = work, 0, True
        self.graph: torch.cuda.CUDAGraph | None = None

    def __call__(self, batch: Batch) -> Tensor:
        """What ``work`` returns; it holds until the next call."""
        self.done += 1
        if self.done > WARM_UP and self.graph is None and self.recordable:
            self._record(batch)
        if self.graph is None:
            return self.work(batch)
        for name, x in vars(batch).items():
            if isinstance(x, Tensor):
                getattr(self.batch, name).copy_(x)
        self.graph.replay()
        return self.result

    def _record(self, batch: Batch) -> None:
        own: dict[str, Any] = {name: x.clone() for name, x in vars(batch).items() if isinstance(x, Tensor)}
        graph, self.batch = torch.cuda.CUDAGraph(), replace(batch, **own)
        stream = torch.cuda.Stream(batch.targets.device)
        try:
            with _RECORDING, torch.cuda.graph(graph, stream=stream, capture_error_mode="thread_local"):
                self.result = self.work(self.batch)
        except RuntimeError:
            self.recordable = False
        else:
            self.graph = graph
