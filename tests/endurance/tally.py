"""What the scripts share: their arguments, progress on stderr, and the table of figures at the end."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Tally:
    """How often each kind of case ended in each way, and what went wrong.

    Attributes:
        counts: for each kind of case, how often it ended how.
        faults: a line for each case that ended as none must.
        figures: other numbers of the whole, by name.

    Example:
        >>> tally = Tally()
        >>> tally.add("train", "same result")
        >>> tally.fault("train", "case 7: a traceback")
        >>> print(tally.table())
               same result  fault
        train            1      1
    """

    counts: dict[str, Counter[str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)

    def add(self, kind: str, ending: str) -> None:
        """One more case of that kind that ended that way."""
        self.counts.setdefault(kind, Counter())[ending] += 1

    def fault(self, kind: str, what: str) -> None:
        """One more case that ended as none must."""
        self.add(kind, "fault")
        self.faults.append(f"{kind}: {what}")
        print(f"\rFAULT {self.faults[-1]}", file=sys.stderr)

    def table(self) -> str:
        """Kinds down, endings across."""
        endings = [e for e in dict.fromkeys(e for counter in self.counts.values() for e in counter) if e != "fault"]
        endings += ["fault"] * any("fault" in counter for counter in self.counts.values())
        first = max(map(len, self.counts), default=0)
        lines = [" " * first + "".join(f"  {ending}" for ending in endings)]
        for kind, counter in self.counts.items():
            lines.append(kind.ljust(first) + "".join(f"  {counter[e]:>{len(e)},}" for e in endings))
        lines += [f"{name}: {value:,.6g}" for name, value in self.figures.items()]
        return "\n".join(lines)


class Progress:
    """One line on stderr, written anew now and then."""

    def __init__(self, total: int):
        self.total, self.done, self.begun, self.told = total, 0, time.monotonic(), 0.0

    def step(self, what: str = "") -> None:
        """One more case is done."""
        self.done += 1
        now = time.monotonic()
        if now - self.told > 0.5 or self.done == self.total:
            self.told = now
            print(f"\r{self.done:,} of {self.total:,}, {now - self.begun:.0f} s  {what:40.40}", end="", file=sys.stderr)
            if self.done == self.total:
                print(file=sys.stderr)


def run_script(run: Callable[..., Tally], about: str, times: int, **more: float) -> int:
    """The command line of a script: reads its arguments, runs it, shows the figures; returns the exit status.

    Args:
        run: called with ``times``, ``seed`` and what is in ``more``, by name.
        about: for the help.
        times: how many cases, unless told otherwise.
        more: other arguments that are numbers, with their defaults.
    """
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--times", type=int, default=times, help=f"cases ({times:,} by default)")
    parser.add_argument("--seed", type=int, default=1, help="draws which cases")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file too")
    for name, default in more.items():
        parser.add_argument(f"--{name}", type=type(default), default=default)
    given = vars(parser.parse_args())
    file, begun = given.pop("json"), time.monotonic()
    tally = run(**given)
    tally.figures["seconds"] = round(time.monotonic() - begun, 1)
    print(tally.table())
    for fault in tally.faults:
        print(fault)
    if file is not None:
        file.write_text(json.dumps(given | vars(tally), indent=1) + "\n")
    return 1 if tally.faults else 0
