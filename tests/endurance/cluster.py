"""A Dask cluster on this machine: a scheduler and two workers, each a process with surroundings of its own."""

from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path

from .child import CONTEXT
from .command import SAVE_EVERY, kill

WORKERS = 2


class Cluster:
    """Processes that are started anew when they are gone.

    Args:
        folder: has a folder for each process.
    """

    def __init__(self, folder: Path):
        self.folder, self._processes, self.address = folder, {}, ""

    @property
    def scheduler(self) -> list[int]:
        """Process of the scheduler, if it lives."""
        return self._living("scheduler")

    @property
    def workers(self) -> list[int]:
        """Processes of the workers that live."""
        return self._living("worker")

    def revive(self) -> None:
        """Start whatever is not there; all anew where it is the scheduler."""
        if not self.scheduler:
            self.end()
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
            self.address = f"tcp://127.0.0.1:{port}"
            self._start("scheduler", ["--host", "127.0.0.1", "--port", str(port), "--no-dashboard", "--no-show"])
            self._wait_for_port(port)
        for number in range(WORKERS):
            name = f"worker{number}"
            if not self._living(name):
                options = ["--no-nanny", "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1"]
                self._start(name, [self.address, *options, "--local-directory", str(self.folder / name / "own")])

    def end(self) -> None:
        """End all processes."""
        for process in self._processes.values():
            kill(process.pid)
            process.join()
        self._processes.clear()

    def _living(self, name: str) -> list[int]:
        return [p.pid for key, p in self._processes.items() if key.startswith(name) and p.is_alive()]

    def _start(self, name: str, arguments: list[str]) -> None:
        place = self.folder / name
        place.mkdir(parents=True, exist_ok=True)
        self._processes[name] = CONTEXT.Process(target=_serve, args=(name, arguments, place), daemon=True)
        self._processes[name].start()

    def _wait_for_port(self, port: int) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        raise TimeoutError("the scheduler did not start")


def _serve(name: str, arguments: list[str], place: Path) -> None:
    """What the commands ``dask scheduler`` and ``dask worker`` do, in a process of its own."""
    import torch
    from distributed.cli import dask_scheduler, dask_worker

    from ccdni_lib.engine.training import loop

    os.setsid()
    os.chdir(place)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for key in [key for key in os.environ if key.startswith("CCDNI_")]:
        del os.environ[key]
    os.environ["TMPDIR"], loop.SAVE_EVERY = str(place), float(SAVE_EVERY)
    torch.set_num_threads(1)
    log = os.open(place / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)
    command = dask_scheduler.main if name == "scheduler" else dask_worker.main
    command(arguments, standalone_mode=False)
