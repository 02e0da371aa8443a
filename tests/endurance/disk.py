"""Disks that fill, folders that may not be written any more, two commands that write to one file.

"full": from the start or from a random moment on, no file can grow beyond a random size (a limit that the system sets
on a process, which answers like a full disk); "full, replacing": the same where there is a result already, which is
being replaced. "read-only": the folder loses its write permission at a random moment. "two at once": two commands write
to one file, with the same settings or with others. Each ends in its result or in one sentence; nothing that was there
before is lost, no file is half written, and gone on with under better circumstances the result is the right one.

    python -m tests.endurance.disk --times 200 --seed 1
"""

from __future__ import annotations

import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from .command import Command, become_nobody
from .comparing import contents_of, difference
from .kills import LONGEST, SMALL, is_sentence
from .tally import Progress, Tally, run_script

TRAIN = f"train line-drawing --epochs 60 {SMALL} --out run.nc --save n.safetensors"
SWEEP = f"sweep line-drawing --epochs 30 {SMALL} --truncation 1,3 --workers 1 --out run.nc"
OTHER = f"train line-drawing --epochs 3 {SMALL} --seeds 5, --out run.nc --save n.safetensors"
SMALLEST, LARGEST = 1_000, 60_000  # bytes of a file on a disk that is full; the smallest holds a sentence on stderr


def ended_badly(command: Command) -> str | None:
    """What is wrong with how a command ended, in words; None for its result or one sentence."""
    if not command.wait(LONGEST):
        command.leaves_nothing_alive(0)
        return f"did not end in {LONGEST:.0f} s"
    if command.status == 0 or (command.status == 2 and is_sentence(command.said)):
        return None
    return f"status {command.status}: {command.said[-400:]!r}"


def go_on(words: str, folder: Path, sound: dict[str, Any]) -> str | None:
    """What is wrong with the result once a command that failed is called again; None if it is the right one."""
    contents_of(folder)  # raises where something is half written
    again = Command([*words.split(), "--resume"], folder)
    wrong = ended_badly(again)
    if wrong is None and again.status and "made with" in again.said:  # what there was before it is to be replaced
        again = Command([*words.split(), "--overwrite"], folder)
        wrong = ended_badly(again)
    if wrong or again.status:
        return wrong or f"cannot be gone on with: {again.said!r}"
    return difference(sound, contents_of(folder))


def fill_disk(words: str, replaced: str, folder: Path, rng: np.random.Generator, sound: dict[str, dict]) -> str | None:
    """The disk fills while a command runs; ``replaced`` made what is there before, if anything."""
    before = {}
    if replaced:
        Command(replaced.split(), folder).wait(LONGEST)
        before = contents_of(folder)
    size = int(np.exp(rng.uniform(np.log(SMALLEST), np.log(LARGEST))))
    at_once = rng.random() < 0.5
    command = Command(
        words.split() + ["--overwrite"] * bool(replaced), folder, partial(limit, size) if at_once else None
    )
    if not at_once and not command.wait(rng.uniform(0, 1.5)):
        resource.prlimit(command.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    wrong = ended_badly(command)
    if wrong:
        return wrong
    if command.status == 0:
        return difference(sound[words], contents_of(folder))
    now = contents_of(folder)
    lost = [name for name in before if now.get(name) not in (before[name], sound[words][name])]
    return f"lost {lost} of what was there" if lost else go_on(words, folder, sound[words])


def limit(size: int) -> None:
    """Have no file of this process grow beyond a size."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def lock_folder(words: str, folder: Path, rng: np.random.Generator, sound: dict[str, dict]) -> str | None:
    """The folder cannot be written any more from a random moment on."""
    command = Command(words.split(), folder, become_nobody)
    command.wait(rng.uniform(0, 1.5))
    folder.chmod(0o500)
    wrong = ended_badly(command)
    folder.chmod(0o700)
    if wrong or command.status == 0:
        return wrong or difference(sound[words], contents_of(folder))
    return go_on(words, folder, sound[words])


def write_at_once(words: str, other: str, folder: Path, rng: np.random.Generator, sound: dict[str, dict]) -> str | None:
    """A second command writes to the same file."""
    first = Command(words.split(), folder)
    time.sleep(rng.uniform(0, 1.2) * rng.integers(2))
    endings = [(words, first), (other, Command(other.split(), folder))]
    wrong = [found for _, command in endings if (found := ended_badly(command))]
    if wrong:
        return "; ".join(wrong)
    done = [said for said, command in endings if command.status == 0]
    if len(done) != 1:
        return f"{len(done)} of two ended with their result"
    return difference(sound[done[0]], contents_of(folder))


CASES: dict[str, Callable[..., str | None]] = {
    "full, train": partial(fill_disk, TRAIN, ""),
    "full, replacing": partial(fill_disk, TRAIN, OTHER),
    "full, sweep": partial(fill_disk, SWEEP, ""),
    "read-only, train": partial(lock_folder, TRAIN),
    "two at once, same": partial(write_at_once, TRAIN, TRAIN),
    "two at once, others": partial(write_at_once, TRAIN, OTHER),
}


def run(times: int, seed: int, only: str = "") -> Tally:
    """So many cases of each kind, or of one kind only."""
    kinds = [kind for kind in CASES if only in kind]
    tally, progress, sound = Tally(), Progress(times * len(kinds)), {}
    with tempfile.TemporaryDirectory() as base:
        for words in (TRAIN, SWEEP, OTHER):
            folder = Path(base) / f"sound{len(sound)}"
            folder.mkdir()
            Command(words.split(), folder).wait(LONGEST)
            sound[words] = contents_of(folder)
        for kind in kinds:
            for number in range(times):
                folder = Path(base) / f"{kind} {number}"
                folder.mkdir()
                wrong = CASES[kind](folder, np.random.default_rng([seed, number]), sound)
                if wrong:
                    tally.fault(kind, f"{wrong} | case {number} of seed {seed}")
                else:
                    tally.add(kind, "right in the end")
                shutil.rmtree(folder)
                progress.step(kind)
    return tally


if __name__ == "__main__":
    sys.exit(run_script(run, __doc__, times=200, only=""))
