"""`ccdni results`: the stored results of the book, made anew."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from ..study.experiments import EXPERIMENT_BUDGETS, EXPERIMENTS, find_experiment, make_result
from .console import out_console, resumable, show_progress
from .options import Data, Workers

BUDGET_HELP = "; ".join(f"{budget}: {size}" for budget, size in EXPERIMENT_BUDGETS.items())


def results(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Experiments; by default all that have their data here.", show_default=False),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder, made where it is missing; by default book/results.", show_default=False),
    ] = None,
    budget: Annotated[str, typer.Option(help=f"{BUDGET_HELP}; below paper only with --out.")] = "paper",
    workers: Workers = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where it was stopped; what is done already is left as it is.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Begin anew, and discard what a stopped command has left.")
    ] = False,
    data: Data = None,
) -> None:
    """Make the stored results of the book anew; at published size that takes minutes to hours."""
    at_hand = [name for name in EXPERIMENTS if "CCDNI_DATA" in os.environ or name != "captions-coco-sample"]
    chosen = [find_experiment(name).name for name in names or at_hand]
    for name in chosen:
        with resumable("go on with the same command and --resume"), show_progress(name) as report:
            path = make_result(name, out, budget, resume=resume, overwrite=overwrite, workers=workers, progress=report)
        out_console.print(f"{name}: saved to {path}", highlight=False, soft_wrap=True)
