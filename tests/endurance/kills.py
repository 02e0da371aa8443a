"""Commands are killed with SIGKILL at random moments; gone on with, they end as if nothing had happened.

A story is one command, killed at a random moment, called again with --resume, perhaps killed again, and at last let
through. The victim is the command or one of its workers; with a cluster, a Dask worker or the scheduler too. In the end
the result must be that of an uninterrupted run, bit for bit, with nothing beside it, nothing new in the folder for
temporary files, and no process left. A command that loses a worker may go on without it, or say so in one sentence.

    python -m tests.endurance.kills --times 500 --seed 1
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from .cluster import Cluster
from .command import Command, kill
from .comparing import contents_of, difference
from .tally import Progress, Tally, run_script

LONGEST = 120.0  # seconds that a command may take
SMALL = "--seeds 2 --batches 4 --batch-size 10 --lstm-units 8 --granule-cells 16 --device cpu"
KEEP = "--out run.nc"
COMMANDS = {
    "train": f"train line-drawing --epochs 200 {SMALL} --record feedback --record-every 9 {KEEP} --save n.safetensors",
    "lesions": f"sweep line-drawing --epochs 120 {SMALL} --lesion ;olive@30;nuclei@60 --workers 1 --out run.nc",
    "processes": f"sweep line-drawing --epochs 150 {SMALL} --truncation 1,3 --workers 2 --out run.nc",
    "cluster": f"sweep line-drawing --epochs 150 {SMALL} --truncation 1,3,5 --out run.nc",
    "results": "results line-drawing-fixed --budget quick --out .",
}
SHARES = {"train": 0.3, "lesions": 0.1, "processes": 0.2, "cluster": 0.2, "results": 0.2}  # of the kills


@dataclass
class Story:
    """One command on its way, killed again and again.

    Attributes:
        kind: key of `COMMANDS`.
        folder: what it works in.
        seconds: how long an uninterrupted one takes.
        sound: the contents of an uninterrupted one's folder.
        cluster: where it runs on one.
        victims: who was killed, and when, in words.
    """

    kind: str
    folder: Path
    seconds: float
    sound: dict
    cluster: Cluster | None = None
    victims: list[str] = field(default_factory=list)

    def start(self, resume: bool) -> Command:
        """The command, from the beginning or gone on with."""
        words = COMMANDS[self.kind].split()
        if self.cluster is not None:
            self.cluster.revive()
            words += ["--cluster", self.cluster.address]
        return Command(words + ["--resume"] * resume, self.folder)

    def kill_once(self, command: Command, rng: np.random.Generator) -> bool:
        """Kill somebody at a random moment; False if the command ended before."""
        share = rng.uniform(0.85, 1.1) if rng.random() < 0.3 else rng.uniform(0, 1)  # the end is the delicate part
        moment = share * self.seconds
        if command.wait(moment):
            return False
        victims = {"command": [command.pid], "worker": command.workers()}
        if self.cluster is not None:
            victims = {"command": [command.pid], "worker": self.cluster.workers, "scheduler": self.cluster.scheduler}
        victims = {name: pids for name, pids in victims.items() if pids}
        name = str(rng.choice(list(victims)))
        kill(int(rng.choice(victims[name])))
        self.victims.append(f"{name} at {moment:.2f} s")
        return True

    def outcome(self, rng: np.random.Generator) -> str | None:
        """What went wrong, in words; None if nothing did."""
        ended, most, resume = False, int(rng.integers(1, 4)), False
        while not ended:
            command = self.start(resume)
            killed = len(self.victims) < most and self.kill_once(command, rng)
            if not command.wait(LONGEST):
                command.leaves_nothing_alive(0)
                return f"did not end in {LONGEST:.0f} s"
            if command.status != 0 and not killed:
                return f"status {command.status} though nobody was killed: {command.said[-300:]!r}"
            if command.status not in (0, -9) and not is_sentence(command.said):
                return f"status {command.status} and no sentence: {command.said[-300:]!r}"
            if command.status == -9 and rng.random() < 0.5:
                resume = True  # at once, while workers may still be there
                continue
            if not command.leaves_nothing_alive():
                return "processes were left"
            ended, resume = command.status == 0, True
        wrong = difference(self.sound, contents_of(self.folder))
        left = sorted(path.name for path in command.temporary.iterdir())
        return wrong or (f"left {left} in the folder for temporary files" if left else None)


def is_sentence(text: str) -> bool:
    """Whether that is one line of ccdni's, and no more."""
    return text.startswith("ccdni: ") and "\n" not in text


def run_kind(kind: str, kills: int, seed: int, base: Path, tally: Tally, progress: Progress) -> None:
    """Stories of one command, until there were so many kills."""
    cluster = Cluster(base / "cluster") if kind == "cluster" else None
    sound = Story(kind, base / "sound", 0, {}, cluster)
    sound.folder.mkdir(parents=True)
    Command(["tasks"], sound.folder).wait(LONGEST)  # so that the start of Python itself is not timed
    begun = time.monotonic()
    command = sound.start(resume=False)
    if not command.wait(LONGEST) or command.status:
        return tally.fault(kind, f"uninterrupted: status {command.status}, {command.said[-600:]!r}")
    seconds, contents, number, done = time.monotonic() - begun, contents_of(sound.folder), 0, 0
    while done < kills:
        story = Story(kind, base / str(number), seconds, contents, cluster)
        story.folder.mkdir()
        wrong = story.outcome(np.random.default_rng([seed, number]))
        if wrong:
            tally.fault(kind, f"{wrong} | story {number} of seed {seed}: {', '.join(story.victims)}")
        else:
            tally.add(kind, "same result" if story.victims else "ended too early")
        for _ in story.victims[: kills - done]:
            tally.add(kind, "kills")
            progress.step(kind)
        done, number = done + len(story.victims), number + 1
    if cluster is not None:
        cluster.end()


def run(times: int, seed: int, only: str = "") -> Tally:
    """So many kills, shared among the commands; or all of one command."""
    tally, shares = Tally(), {only: 1.0} if only else SHARES
    progress = Progress(sum(round(times * share) for share in shares.values()))
    for kind, share in shares.items():
        with tempfile.TemporaryDirectory() as folder:
            run_kind(kind, round(times * share), seed, Path(folder), tally, progress)
    return tally


if __name__ == "__main__":
    sys.exit(run_script(run, __doc__, times=500, only=""))
