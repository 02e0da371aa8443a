"""`ccdni results`: the stored results of the book, made anew."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from ..engine.settings import SettingError
from ..study.experiments.catalogue import EXPERIMENTS
from ..study.experiments.experiment import BUDGETS
from ..study.experiments.feedforward import RESULTS as FEEDFORWARD
from ..study.experiments.feedforward import make_feedforward
from ..study.experiments.results import make_result
from .console import out_console, resumable, show_progress
from .options import Data, Workers


def results(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Experiments; by default all that have their data here.", show_default=False),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder; by default book/results.", show_default=False)] = None,
    budget: Annotated[str, typer.Option(help=f"{', '.join(BUDGETS)}; below paper only into another folder.")] = "paper",
    workers: Workers = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where it stopped.")] = False,
    data: Data = None,
) -> None:
    """Make the stored results of the book anew; at published size that takes minutes to hours."""
    known = [*EXPERIMENTS, *FEEDFORWARD]
    for name in names or known:
        if name not in known:
            raise SettingError(f"experiment {name}: must be one of {', '.join(known)}")
    at_hand = [name for name in known if "CCDNI_DATA" in os.environ or name != "captions-coco-sample"]
    for name in names or at_hand:
        with resumable(f"go on with ccdni results {name} --resume"), show_progress(name) as report:
            path = (
                make_feedforward(name, out, budget)
                if name in FEEDFORWARD
                else make_result(name, out, report, resume, budget, workers)
            )
        out_console.print(f"{name}: saved to {path}", highlight=False, soft_wrap=True)
