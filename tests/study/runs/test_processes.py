"""Jobs in processes: nobody is left behind, whoever is killed, and a killed worker is one sentence."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import ccdni_lib as cc
from ccdni_lib.engine.training.loop import Interrupted
from ccdni_lib.study.runs.board import WorkerError

from .test_train import TINY, Stop

LONG = {**TINY, "epochs": 1_000_000, "truncation": [1, 2]}
SCRIPT = """
import sys, ccdni_lib as cc
cc.sweep("line-drawing", ["crnn"], truncation=[1, 2], epochs=1_000_000, lstm_units=6, batches=3, seeds=2, workers=2,
         device="cpu", out=sys.argv[1], progress=lambda share: share and print(share, flush=True))
"""


def children(pid: int) -> set[int]:
    """Processes that descend from one."""
    found = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout.split()
    parents = dict(zip(map(int, found[::2]), map(int, found[1::2]), strict=True))
    inside = {pid}
    while more := {one for one, parent in parents.items() if parent in inside} - inside:
        inside |= more
    return inside - {pid}


def alive(pids: set[int]) -> set[int]:
    return {pid for pid in pids if Path(f"/proc/{pid}").exists() and "Z" not in state(pid)}


def state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return "Z"


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except FileNotFoundError:
        return ""


def until(true, seconds=60.0):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.1)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_no_worker_outlives_its_parent_and_what_is_done_is_kept(tmp_path, number):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    out = tmp_path / "x.nc"
    environment = {**os.environ, "TMPDIR": str(temporary)}
    command = [sys.executable, "-c", SCRIPT, out]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment) as running:
        assert running.stdout.readline()  # it trains
        workers = children(running.pid)
        assert len(workers) >= 2
        assert list(temporary.glob("ccdni-*")) == []  # what they share lies with the run's parts, and goes with them
        running.send_signal(number)
        running.stdout.read()
    until(lambda: not alive(workers))
    assert {path.name for path in tmp_path.glob("x.nc.parts/*/*")} == {"checkpoint"}
    assert list(temporary.glob("ccdni-*")) == []


def test_a_worker_that_is_killed_is_one_sentence(tmp_path):
    def kill(share):
        if share > 0 and not killed:
            killed.append(next(pid for pid in children(os.getpid()) if "LokyProcess" in command_of(pid)))
            os.kill(killed[0], signal.SIGKILL)

    killed = []

    with pytest.raises(WorkerError, match="a worker process ended unexpectedly"):
        cc.sweep("line-drawing", workers=2, out=tmp_path / "x.nc", **{**LONG, "progress": kill})


def test_a_job_that_ends_while_others_are_stopped_is_kept(tmp_path):
    """One job is short, the other long; the short one's result is there afterwards."""
    out = tmp_path / "x.nc"
    given = {**TINY, "batches": 1, "epochs": 20_000, "truncation": [1, 10]}
    with pytest.raises(Interrupted, match=r"stopped with \d of 2 ensembles done"):
        cc.sweep("line-drawing", ["crnn"], workers=2, out=out, **{**given, "progress": Stop(0.05)})
    parts = tmp_path / "x.nc.parts"
    for number in (0, 1):
        assert (parts / f"{number}.nc").exists() or (parts / str(number) / "checkpoint").exists()


def test_an_error_in_a_worker_is_the_error_itself(tmp_path):
    (tmp_path / "x.nc.parts" / "0").mkdir(parents=True)
    (tmp_path / "x.nc.parts" / "0" / "checkpoint").write_bytes(b"junk" * 20)
    with pytest.raises(cc.FileError, match="checkpoint: cannot be resumed from, it is damaged or not a checkpoint"):
        cc.sweep("line-drawing", truncation=[1, 2], workers=2, out=tmp_path / "x.nc", resume=True, **TINY)
