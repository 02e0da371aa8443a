"""On a GPU, an update that is recorded once and replayed for every batch.

A GPU works through an update of small networks faster than Python can ask for its three hundred operations, one by
one. As a CUDA graph they are asked for all at once: the same operations in the same order, on the same memory.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from threading import Lock
from typing import Any

import torch
from torch import Tensor

from ..learning.rule import Batch

WARM_UP = 2  # updates that are not recorded, in which libraries set up what they need
CAPTURE_ERRORS = range(900, 909)  # cudaErrorStreamCaptureUnsupported … cudaErrorStreamCaptureWrongThread
_RECORDING = Lock()  # one at a time


class Replay:
    """Work on batches of one shape, recorded as a CUDA graph after it has been done a few times.

    What cannot be recorded, because it asks the device for a number (a loss that calls ``.item()``), is done operation
    by operation for ever, and a warning says so.

    Args:
        work: from a batch to a tensor; may change others in place, always the same ones.

    Attributes:
        graph: the recorded work; None before it is recorded.
        recordable: whether it is to be recorded.

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
        """What ``work`` returns; it holds until the next call.

        Raises:
            torch.OutOfMemoryError: when the device has no room for the record; and whatever ``work`` raises.
        """
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
        self.batch, device = replace(batch, **own), batch.targets.device
        failure: BaseException | None = (
            None  # of the work itself: the end of a broken recording only says that it broke
        )
        try:
            # the outer stream is where everything goes on: a broken recording would leave its own as the current one
            with _RECORDING, torch.cuda.stream(torch.cuda.current_stream(device)):
                graph, stream = torch.cuda.CUDAGraph(), torch.cuda.Stream(device)
                with torch.cuda.graph(graph, stream=stream, capture_error_mode="thread_local"):
                    try:
                        self.result = self.work(self.batch)
                    except BaseException as error:
                        failure = error
                        raise
        except RuntimeError as error:
            failure = failure or error
            if not _cannot_be_recorded(failure):
                raise failure from None
            self.recordable = False
            reason = str(failure).partition("\n")[0]
            warnings.warn(
                "an update cannot be recorded as a CUDA graph and is done operation by operation, which is slower; "
                f"a loss must not ask for numbers, as .item() does ({reason})",
                stacklevel=2,
            )
        else:
            self.graph = graph


def _cannot_be_recorded(error: BaseException) -> bool:
    """Whether it is the complaint about an operation that no graph can hold, by CUDA or by PyTorch.

    CUDA has the codes 900 … 908 for these; all their texts, and PyTorch's own, speak of capturing.
    """
    if not isinstance(error, RuntimeError) or isinstance(error, torch.OutOfMemoryError):
        return False
    code = getattr(error, "error_code", None)
    return code in CAPTURE_ERRORS if code is not None else "captur" in str(error)
