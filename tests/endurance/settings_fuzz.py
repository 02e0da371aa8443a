"""Random settings, through Python and the command line: a run or one sentence, and a run does what was said.

A case is a task, some settings with values that are right, at the edge, or odd, and a way to ask for them: `train` or
`sweep`, from Python or as typed. `odd_values` knows of each value what it must come to: the value that the result must
say it was made with, a refusal, or either. Counted as faults are tracebacks, sentences of more than a line or that do
not name what is wrong, values taken that are none, values refused that are right, results of other sizes or settings
than asked for, and numbers that are NaN without being counted as diverged. What is right and large is not run.

    python -m tests.endurance.settings_fuzz --times 10000 --seed 1
"""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import math
import sys
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

import ccdni_lib as cc
from ccdni_lib.cli.app import main
from ccdni_lib.cli.options import flag_of
from ccdni_lib.engine.settings import TABLE
from ccdni_lib.tasks import settings_for

from .odd_values import EITHER, REFUSED, Value, draw_value, is_same
from .tally import Progress, Tally, run_script

TINY = {"seeds": 1, "epochs": 1, "batches": 1, "batch_size": 2, "lstm_units": 3, "granule_cells": 4}
TINY |= {"validation_size": 2}
TASKS = ("line-drawing", "target-reaching", "target-reaching:targets=9,inputs=2")
VARIED = (list, tuple, range, np.ndarray)  # what a sweep takes for several values
LARGEST = 30_000  # multiplications of a run, roughly; what needs more is not run
LONGEST = 400  # characters of a sentence


@dataclass(frozen=True)
class Case:
    """What is asked for.

    Attributes:
        way: "train", "sweep", "typed train" or "typed sweep".
        task: by name.
        given: the drawn values of some settings, a list of them where a sweep varies it.
    """

    way: str
    task: str
    given: dict[str, Value | list[Value]]

    @property
    def several(self) -> bool:
        """Whether it is a sweep."""
        return self.way.endswith("sweep")

    def tiny(self) -> dict[str, Any]:
        """Settings that make the run small; those of a cerebellum are refused for a single cRNN."""
        model = self.given.get("model")
        alone = isinstance(model, Value) and str(model.said) == "crnn" and not self.several
        return {name: value for name, value in TINY.items() if not (alone and TABLE[name].metadata["needs"])}

    def values(self) -> dict[str, list[Value]]:
        """The drawn values of each setting."""
        return {name: value if isinstance(value, list) else [value] for name, value in self.given.items()}


def draw_case(seed: int, number: int) -> Case:
    """The case of that number."""
    rng = np.random.default_rng([seed, number])
    typed, several = rng.random() < 0.5, rng.random() < 0.4
    names = rng.choice([n for n in TABLE if not (several and n == "model")], size=rng.integers(1, 4), replace=False)
    given: dict[str, Value | list[Value]] = {}
    for name in map(str, names):
        range_ = TABLE[name].metadata["range"]
        if several and name != "seeds" and rng.random() < 0.6:
            given[name] = [draw_value(range_, rng, typed) for _ in range(rng.integers(2 if typed else 0, 4))]
        else:
            value = draw_value(range_, rng, typed)
            varied = several and name != "seeds" and isinstance(value.said, VARIED)
            given[name] = Value(value.said, EITHER) if varied else value
    way = ("typed " if typed else "") + ("sweep" if several else "train")
    return Case(way, str(rng.choice(TASKS)), given)


def expectation(case: Case) -> Any:
    """REFUSED where a value must be refused, EITHER where one may be or settings may not go together, else None."""
    task, fates = cc.find_task(case.task), []
    for name, values in case.values().items():
        listed = isinstance(case.given[name], list)
        meant = [value.meant for value in values]
        known = [m for m in meant if m is not REFUSED and m is not EITHER]
        if listed and (not values or any(is_same(a, b) for a, b in itertools.combinations(known, 2))):
            fates.append(REFUSED)
        if name in task.unused or (name == "input_dropout" and task.finite and any(known)):
            fates.append(REFUSED)
        fates += meant
    if any(fate is REFUSED for fate in fates):
        return REFUSED
    together = {"mossy_fibres", "lstm_units", "predictor", "update", "granule_layers"}  # limited by one another
    if not case.several and "model" in case.given:
        together |= {
            name for name, about in TABLE.items() if about.metadata["needs"]
        }  # refused where nothing needs them
    return EITHER if any(fate is EITHER for fate in fates) or together & case.given.keys() else None


def small(case: Case) -> dict[str, Any]:
    """The settings that keep a run short, without those that mean nothing to the model."""
    alone = any(value.meant == "crnn" for value in case.values().get("model", []))
    return {name: value for name, value in TINY.items() if not (alone and name == "granule_cells")}


def too_large(case: Case) -> bool:
    """Whether it would take more than a moment to run; settings that are refused are not."""
    size = 1
    for values in itertools.product(*case.values().values()):
        chosen = small(case) | {name: v.said for name, v in zip(case.given, values, strict=True)}
        try:
            s = settings_for(cc.find_task(case.task), "paper", **chosen)
        except ValueError:
            return False
        work = s.batches * s.batch_size + 10 * (s.validation_size or 100)
        cells = s.lstm_units * (s.lstm_units + s.granule_cells) * s.granule_layers + s.granule_cells**2
        size = max(size, len(s.seeds) * s.epochs * work * max(cells // 100, 1), s.epochs * 100)
    return size > LARGEST


def typed(case: Case) -> list[str]:
    """The case as words on the command line."""
    words = ["sweep" if case.several else "train", case.task, "--device", "cpu"]
    for name, values in (case.tiny() | case.given).items():
        if not isinstance(values, list):
            values = [values if isinstance(values, Value) else Value(values, values)]
        text = (";" if name == "lesion" else ",").join(str(value.said) for value in values)
        if name == "terminal_feedback" and not case.several:
            flags = {"true": flag_of(name), "false": flag_of(f"no_{name}")}
            words.append(flags.get(text, f"{flag_of(name)}={text}"))
        else:
            words.append(f"{flag_of(name)}={text}")
    return words


def ask(case: Case, file: Path) -> tuple[str, xr.Dataset | None]:
    """The sentence that it was refused with, or the run; ``file`` is for what a typed command makes."""
    if case.way.startswith("typed"):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = main([*typed(case), "--overwrite", "--out", str(file)])
        said = err.getvalue().rstrip("\n")
        if status not in (0, 2) or (status == 0) == bool(said):
            raise AssertionError(f"status {status} with {said!r} on stderr")
        return said, None if status else cc.load_dataset(file)
    chosen: dict[str, Any] = case.tiny()
    for name, value in case.given.items():
        chosen[name] = [one.said for one in value] if isinstance(value, list) else value.said
    function = cc.sweep if case.several else cc.train
    try:
        return "", function(case.task, device="cpu", progress=False, **chosen)
    except (cc.SettingError, cc.FileError) as error:
        return str(error), None


def complaint(case: Case, said: str, run: xr.Dataset | None) -> str | None:
    """What is wrong with the answer to a case; None where nothing is."""
    fate = expectation(case)
    if run is None:
        bare = said.removeprefix("ccdni: ")
        if "\n" in bare or len(bare) > LONGEST or not bare.strip():
            return f"not one sentence: {said[:LONGEST]!r}"
        names = {alias for name in case.given for alias in (name, flag_of(name))}
        if not any(name in bare for name in names):
            return f"names no setting that was given: {said!r}"
        return f"refused: {said!r}" if fate is None else None
    if fate is REFUSED:
        return "taken, where a value must be refused"
    return wrong_result(case, run)


def wrong_result(case: Case, run: xr.Dataset) -> str | None:
    """Where a result is not what was asked for; None where it is."""
    recorded = json.loads(run.attrs["settings"])
    for name, value in (case.tiny() | case.given).items():
        if isinstance(value, list):
            if name not in run.dims or run.sizes[name] != len(value):
                return f"{name}: {len(value)} values given, dims {dict(run.sizes)}"
            continue
        meant = value.meant if isinstance(value, Value) else list(range(value)) if name == "seeds" else value
        if meant is not EITHER and not is_same(meant, recorded[name]):
            return f"{name}: {meant!r} given, {recorded[name]!r} recorded"
    if run.seed.values.tolist() != recorded["seeds"] or run.sizes["epoch"] != np.max(recorded["epochs"]):
        return f"seeds {recorded['seeds']}, epochs {recorded['epochs']} recorded, dims {dict(run.sizes)}"
    if isinstance(recorded["epochs"], list):
        return None  # what trains for fewer epochs has no numbers in the others
    lost = int((~np.isfinite(run.train_error)).any("epoch").sum())
    if lost != run.attrs["diverged"] or (not lost and not math.isfinite(float(run.validation_error.sum()))):
        return f"{lost} networks without numbers, {run.attrs['diverged']} counted as diverged"
    return None


def run(times: int, seed: int) -> Tally:
    """So many cases."""
    with tempfile.TemporaryDirectory() as folder:
        return _run(times, seed, Path(folder) / "run.nc")


def _run(times: int, seed: int, file: Path) -> Tally:
    tally, progress = Tally(), Progress(times)
    for number in range(times):
        case = draw_case(seed, number)
        told = f"case {number} of seed {seed}: {case.way} {case.task} {case.given}"[:600]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                if too_large(case):
                    tally.add(case.way, "large, not run")
                else:
                    said, result = ask(case, file)
                    why = complaint(case, said, result)
                    if why:
                        tally.fault(case.way, f"{why} | {told}")
                    else:
                        tally.add(case.way, "one sentence" if result is None else "run")
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt):
                    raise
                tally.fault(case.way, f"{type(error).__name__}: {str(error)[:300]} | {told}")
        progress.step()
    return tally


if __name__ == "__main__":
    sys.exit(run_script(run, __doc__, times=10_000))
