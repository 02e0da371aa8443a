"""Every stretch of every kind of file, damaged or cut: one sentence that names the file, or the very same content.

A file of each kind is made, its length is divided into as many stretches as there are cases, and in each a bit is
flipped, bytes are replaced, blanked, taken out or put in, or the file ends there. It is then read as the package reads
it. Faults are tracebacks, dead processes, sentences that do not name the file, and content that is read as another
without a word. Where a format of others has no checksum (JSON, text, JPEG) another content cannot be told from the
right one: this is counted, and is no fault.

    python -m tests.endurance.damage --times 1000 --seed 1
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ccdni_lib import FileError

from .child import Child
from .damaged_kinds import KINDS, Kind
from .tally import Progress, Tally, run_script


def damaged(content: bytes, place: int, rng: np.random.Generator) -> tuple[str, bytes]:
    """In what way it was damaged at that place, and what is left."""
    ways = ["a bit flipped", "a byte replaced", "zeroed", "overwritten", "cut", "bytes lacking", "bytes put in"]
    way, length = str(rng.choice(ways)), int(rng.integers(1, max(2, len(content) // 8)))
    if way == "a bit flipped":
        return way, content[:place] + bytes([content[place] ^ 1 << rng.integers(8)]) + content[place + 1 :]
    if way == "a byte replaced":
        return way, content[:place] + bytes([rng.integers(256)]) + content[place + 1 :]
    if way == "zeroed":
        length = min(length, len(content) - place)
        return way, content[:place] + bytes(length) + content[place + length :]
    if way == "overwritten":
        length = min(length, len(content) - place)
        return way, content[:place] + rng.bytes(length) + content[place + length :]
    if way == "cut":
        return way, content[:place]
    if way == "bytes lacking":
        return way, content[:place] + content[place + length :]
    return way, content[:place] + rng.bytes(length) + content[place:]


def make_reader(name: str, folder: Path, file: str) -> Callable[[Path], str]:
    """A function that reads that kind of file in another folder, and says how it ended.

    Args:
        name: of the kind.
        folder: with the sound file, to compare with.
        file: which one is damaged.
    """
    kind, file = KINDS[name], Path(file).name
    sound = kind.read(folder)

    def read(worn: Path) -> str:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                content = kind.read(worn)
            except FileError as error:
                said = str(error)
                if "\n" in said or file not in said:
                    return f"not one sentence that names {file}: {said!r}"
                return "one sentence"
            except Exception as error:
                return f"{type(error).__name__}: {error}"
        if content == sound:
            return "same content"
        return "read as something else" if kind.has_checksum else "other content, no checksum"

    return read


def restore(folder: Path, files: dict[str, bytes]) -> None:
    """Have a folder contain these files and no others."""
    for path in folder.rglob("*"):
        if path.is_file() and path.relative_to(folder).as_posix() not in files:
            path.unlink()
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def run_kind(kind: Kind, times: int, seed: int, folder: Path, tally: Tally, progress: Progress) -> None:
    """All cases of one kind of file."""
    sound, worn = folder / "sound", folder / "worn"
    sound.mkdir()
    target = kind.make(sound).relative_to(sound).as_posix()
    files = {p.relative_to(sound).as_posix(): p.read_bytes() for p in sound.rglob("*") if p.is_file()}
    content, child = files[target], Child(make_reader, kind.name, sound, target)
    for number in range(times):
        rng = np.random.default_rng([seed, number])
        place = min(len(content) * number // times + int(rng.integers(len(content) // times + 1)), len(content) - 1)
        way, left = damaged(content, place, rng)
        restore(sound, files)
        restore(worn, files | {target: left})
        ending = child.ask(worn) if left != content else "same content"
        if ending in ("one sentence", "same content", "other content, no checksum"):
            tally.add(kind.name, ending)
        else:
            tally.fault(kind.name, f"{ending[:300]} | case {number} of seed {seed}: {way} at {place} of {len(content)}")
        progress.step(kind.name)
    child.close()


def run(times: int, seed: int, only: str = "") -> Tally:
    """So many cases of each kind of file, or of one kind only."""
    kinds = [kind for kind in KINDS.values() if only in kind.name]
    tally, progress = Tally(), Progress(times * len(kinds))
    for kind in kinds:
        with tempfile.TemporaryDirectory() as folder:
            run_kind(kind, times, seed, Path(folder), tally, progress)
    return tally


if __name__ == "__main__":
    sys.exit(run_script(run, __doc__, times=1000, only=""))
