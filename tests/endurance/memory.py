"""Memory while networks train for an hour, and while an explorer is moved hundreds of times: flat.

Resident memory is measured again and again. After a warm-up, the first quarter, a line is fitted; what it rises over
the rest must stay below `MOST`. Training is one run after another, each with checkpoints and a result on disk; a live
explorer trains at every move of a slider, some moves being cancelled by the next.

    python -m tests.endurance.memory --times 200 --minutes 60
"""

from __future__ import annotations

import gc
import itertools
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import ccdni_lib as cc
from ccdni_lib.engine.training import loop
from ccdni_lib.teach import line_explorer

from .tally import Progress, Tally, run_script

MOST = 20.0  # MB that memory may rise by, measured after a warm-up
PAGE = 4096 / 1e6  # MB


def resident() -> float:
    """Memory of this process, in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def rise(measured: list[float]) -> float:
    """By how much memory rises after the first quarter of the measurements, in MB: that of a fitted line.

    Example:
        >>> round(rise([50, 90, 100, 100, 100, 100, 100, 100]))
        0
        >>> round(rise([0, 1, 2, 3, 4, 5, 6, 7]))
        5
    """
    kept = np.array(measured[len(measured) // 4 :], dtype=float)
    slope = np.polyfit(np.arange(len(kept)), kept, 1)[0] if len(kept) > 1 else 0.0
    return float(slope * (len(kept) - 1))


def train(minutes: float, seed: int) -> list[float]:
    """Memory during runs of half a minute, measured often, for so long."""
    measured: list[float] = []
    end, before, last = time.monotonic() + minutes * 60, loop.SAVE_EVERY, 0.0

    def look(done: float) -> None:
        nonlocal last
        if time.monotonic() - last > min(1.0, minutes):
            last = time.monotonic()
            measured.append(resident())

    loop.SAVE_EVERY = 1.0
    try:
        with tempfile.TemporaryDirectory() as folder:
            for number in itertools.count():
                model = ("ccrnn", "crnn", "sccrnn")[number % 3]
                options = {"seeds": [seed + number], "budget": "live", "epochs": 400, "device": "cpu"}
                cc.train("line-drawing", model, out=Path(folder) / "run.nc", overwrite=True, progress=look, **options)
                gc.collect()
                measured.append(resident())
                if time.monotonic() > end:
                    return measured
    finally:
        loop.SAVE_EVERY = before
    return measured


def move_explorer(moves: int, seed: int, progress: Progress) -> list[float]:
    """Memory after each of so many moves of a live explorer's sliders."""
    rng, explorer, measured = np.random.default_rng(seed), line_explorer(live=True), []
    sizes = [len(slider["values"]) for slider in json.loads(explorer.spec)["sliders"]]
    for _ in range(moves):
        place = [int(rng.integers(size)) for size in sizes]
        explorer.place = place
        if rng.random() < 0.3:
            time.sleep(float(rng.uniform(0, 0.2)))  # and the next move cancels this one
            progress.step("moves")
            continue
        end = time.monotonic() + 120
        while not is_done(json.loads(explorer.live), place):
            if time.monotonic() > end:
                raise TimeoutError(f"the explorer does not come to an end at {place}: {explorer.live[:200]}")
            time.sleep(0.01)
        gc.collect()
        measured.append(resident())
        progress.step("moves")
    return measured


def is_done(live: dict, place: list[int]) -> bool:
    """Whether what an explorer shows is the end of training at a place."""
    return live.get("place") == place and live.get("status", "").startswith("Trained here")


def run(times: int, seed: int, minutes: float = 60.0) -> Tally:
    """So many moves, and so many minutes of training."""
    tally, progress = Tally(), Progress(times)
    for kind, measured in (("moves", move_explorer(times, seed, progress)), ("training", train(minutes, seed))):
        more = rise(measured)
        tally.figures |= {f"{kind}, MB at the end": round(measured[-1], 1), f"{kind}, MB risen": round(more, 2)}
        if more > MOST:
            tally.fault(kind, f"memory rises by {more:.1f} MB over {len(measured)} measurements")
        else:
            tally.add(kind, "flat")
    return tally


if __name__ == "__main__":
    sys.exit(run_script(run, __doc__, times=200, minutes=60.0))
