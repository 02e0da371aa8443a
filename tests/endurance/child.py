"""A process that answers questions one after another, and whose death or silence is an answer too."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

CONTEXT = multiprocessing.get_context("forkserver")  # children start at once, from a process that has imported all
CONTEXT.set_forkserver_preload(["tests.endurance.preload"])


class Child:
    """A process that calls one function again and again.

    Args:
        make: called in the process with ``arguments``; gives the function that answers.
        seconds: how long an answer may take.
    """

    def __init__(self, make: Callable[..., Callable[[Any], str]], *arguments: Any, seconds: float = 60):
        self._made_by, self._seconds = (make, *arguments), seconds
        self._start()

    def _start(self) -> None:
        self._pipe, theirs = CONTEXT.Pipe()
        self._process = CONTEXT.Process(target=_answer, args=(theirs, *self._made_by), daemon=True)
        self._process.start()
        theirs.close()

    def ask(self, question: Any) -> str:
        """What the function answers; or how the process ended instead, and then there is a new one."""
        try:
            self._pipe.send(question)
            if self._pipe.poll(self._seconds):
                return self._pipe.recv()
            ending = f"no answer in {self._seconds:.0f} s"
        except (EOFError, OSError):
            self._process.join()
            code = self._process.exitcode or 0
            ending = f"the process died: {signal.Signals(-code).name if code < 0 else f'status {code}'}"
        self.close()
        self._start()
        return ending

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()
        self._pipe.close()


def _answer(pipe: Connection, make: Callable[..., Callable[[Any], str]], *arguments: Any) -> None:
    function = make(*arguments)
    while True:
        try:
            question = pipe.recv()
        except EOFError:
            return
        pipe.send(function(question))
