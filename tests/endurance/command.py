"""The command line as a real process that starts at once, for it is forked from one that has imported all.

It has a session of its own, so that whatever it starts can be found, and a folder of its own for temporary files.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from .child import CONTEXT

SAVE_EVERY = "0.1"  # seconds between two checkpoints
NOBODY = 65534


class Command:
    """A process that runs ``ccdni`` with some arguments.

    Args:
        arguments: as typed.
        folder: what it works in; beside it lie the folder for temporary files and what it prints.
        prepare: called in the process before the command begins.
    """

    _number = itertools.count()

    def __init__(self, arguments: list[str], folder: Path, prepare: Callable[[], None] | None = None):
        self.folder, self.temporary = folder, folder.with_name(f"{folder.name}.tmp")
        self.temporary.mkdir(exist_ok=True)
        self._error = folder.with_name(f"{folder.name}.{next(self._number)}.err")
        self._process = CONTEXT.Process(
            target=_run, args=(arguments, folder, self.temporary, self._error, prepare), daemon=False
        )
        self._process.start()
        self.pid = self._process.pid or 0

    def wait(self, seconds: float) -> bool:
        """Whether it ends within that time."""
        self._process.join(seconds)
        return self._process.exitcode is not None

    @property
    def status(self) -> int | None:
        """Its exit status; negative for the signal that ended it, None while it runs."""
        return self._process.exitcode

    @property
    def said(self) -> str:
        """What it has printed on stderr."""
        return self._error.read_text(errors="replace").strip() if self._error.exists() else ""

    def processes(self) -> list[int]:
        """It and all that it has started, as far as they live."""
        return session_of(self.pid)

    def workers(self) -> list[int]:
        """What it has started for its work; not the process that Python has for its bookkeeping."""
        return [pid for pid in self.processes() if pid != self.pid and b"resource_tracker" not in _words_of(pid)]

    def leaves_nothing_alive(self, seconds: float = 20) -> bool:
        """Whether all that it has started ends within that time; what does not is ended."""
        end = time.monotonic() + seconds
        while self.processes() and time.monotonic() < end:
            time.sleep(0.05)
        alive = self.processes()
        for pid in alive:
            kill(pid)
        return not alive


def kill(pid: int) -> None:
    """End a process as the machine's failure would, if it is still there."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def become_nobody() -> None:
    """Give up the rights of root, for whom permissions mean nothing, and own the folder that is worked in."""
    if os.geteuid() == 0:
        for place in (Path.cwd(), Path(os.environ["TMPDIR"])):
            os.chown(place, NOBODY, NOBODY)
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def session_of(leader: int) -> list[int]:
    """The living processes of the session that this process leads or has led."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                state, _, _, session = entry.joinpath("stat").read_text().rpartition(")")[2].split()[:4]
            except (OSError, ValueError):
                continue  # it has just ended
            if int(session) == leader and state not in "ZX":
                found.append(int(entry.name))
    return found


def _words_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _run(arguments: list[str], folder: Path, temporary: Path, error: Path, prepare: Callable[[], None] | None) -> None:
    import torch

    from ccdni_lib.cli.app import main
    from ccdni_lib.engine.training import loop

    os.setsid()
    os.chdir(folder)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ |= {"TMPDIR": str(temporary), "OMP_NUM_THREADS": "1", "CCDNI_SAVE_EVERY": SAVE_EVERY}
    os.environ |= {"CCDNI_OFFLINE": "1", "PYTHONWARNINGS": "default"}
    tempfile.tempdir, loop.SAVE_EVERY = None, float(SAVE_EVERY)
    torch.set_num_threads(1)
    for number, file in ((1, os.devnull), (2, str(error))):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), number)
    if prepare is not None:
        prepare()
    sys.exit(main(arguments))
