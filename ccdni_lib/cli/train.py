"""`ccdni tasks`, `ccdni train` and `ccdni sweep`: what there is to learn, and networks that learn it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.padding import Padding
from rich.table import Table

from ..engine.settings import MODELS, TABLE, Settings
from ..engine.training.recorders import RECORDINGS
from ..study.runs.train import sweep as run_sweep
from ..study.runs.train import train as run_train
from ..tasks import BUDGETS, TASKS, find_task
from .console import out_console, resumable, show_progress
from .options import SHARED, Option, Workers, asked, setting_options, several_of, with_data, words
from .tables import summarise


def tasks() -> None:
    """What there is to learn: tasks with sizes, published settings and sources."""
    table = Table(title="Tasks", title_justify="left", box=box.SIMPLE_HEAD)
    for heading in ("task", "steps", "in → out", "LSTM", "granule", "seeds × epochs"):
        table.add_column(heading, no_wrap=True)
    for name in TASKS:
        task, about = find_task(name), find_task(name).published
        size = (str(about.get(key, TABLE[key].default)) for key in ("lstm_units", "granule_cells"))
        shared = Settings()
        runs = f"{about.get('seeds', len(shared.seeds))} × {about.get('epochs', shared.epochs)}"
        inputs = f"image, {task.words}" if task.words else task.inputs
        table.add_row(name, str(task.steps), f"{inputs} → {task.outputs}", *size, runs)
    out_console.print(table)
    for name in TASKS:
        task = find_task(name)
        out_console.print(f"[bold]{name}[/bold]: {task.summary} ({task.source}).", highlight=False)
        for key, kind in task.variants.items():
            out_console.print(Padding(f"{name}:{key}=…, {kind.allowed(None)}", (0, 0, 0, 4)), highlight=False)
    out_console.print()
    out_console.print("Models: " + "; ".join(f"{name}, {what}" for name, what in MODELS.items()) + ".")
    out_console.print("Budgets: " + "; ".join(f"{name}, {what}" for name, what in BUDGETS.items()) + ".")


def _train(task: str, budget: str, device: str, out: Path | None, save: Path | None, **given: Any) -> None:
    """Train one model on a task, over its seeds, and save the result as NetCDF."""
    options = {name: given.pop(name) for name in ("record_every", "resume", "overwrite")}
    options |= {"record": words(given.pop("record")), "out": out, "save": save}
    with resumable(_kept(out)), show_progress(f"{task} {given.get('model') or 'ccrnn'}") as report:
        run = run_train(task, budget=budget, device=device, progress=report, **options, **asked(given))
    summarise(out_console, run, out)
    if save is not None:
        out_console.print(f"networks saved to {save}", highlight=False, soft_wrap=True)


def _sweep(
    task: str,
    budget: str,
    device: str,
    out: Path | None,
    resume: bool,
    overwrite: bool,
    models: str,
    workers: int | None,
    cluster: str | None,
    **given: Any,
) -> None:
    """Train every combination of models and settings; a setting with several values becomes a dimension.

    Values are separated by commas (--truncation 1,2,5,10; whole numbers also as 1-5), lesion schedules by semicolons.
    """
    options: dict[str, Any] = {
        "out": out,
        "resume": resume,
        "overwrite": overwrite,
        "workers": workers,
        "cluster": cluster,
    }
    settings = {name: several_of(name, text) for name, text in asked(given).items()}
    with resumable(_kept(out)), show_progress(f"{task} sweep") as report:
        run = run_sweep(task, words(models), budget=budget, device=device, progress=report, **options, **settings)
    summarise(out_console, run, out)


def _kept(out: Path | None) -> str:
    """What is kept of a run that is interrupted, and how to go on."""
    return "go on with the same command and --resume" if out else "nothing is kept where no --out is given"


def _with_settings(function: Callable[..., None], name: str, extra: dict[str, Option], *, several: bool) -> Any:
    """A command whose options are the shared ones, its own, and all settings."""
    keyword, missing = inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.empty
    options = [
        inspect.Parameter(key, keyword, annotation=annotation, default=missing if default is ... else default)
        for key, (annotation, default) in (SHARED | extra).items()
    ]

    def command(task: str, data: str | None, **given: Any) -> None:
        function(task=with_data(task, data), **given)

    command.__name__, command.__doc__ = name, function.__doc__
    command.__signature__ = inspect.Signature(options + setting_options(several=several))  # type: ignore[attr-defined]
    return command


train = _with_settings(
    _train,
    "train",
    {
        "record": (Annotated[str, typer.Option(help=f"What else to keep, with commas: {', '.join(RECORDINGS)}.")], ""),
        "record_every": (Annotated[int, typer.Option(help="Epochs between two of these recordings.")], 1),
        "save": (
            Annotated[
                Path | None,
                typer.Option(help="Safetensors file for the trained networks.", show_default=False, metavar="FILE"),
            ],
            None,
        ),
    },
    several=False,
)
sweep = _with_settings(
    _sweep,
    "sweep",
    {
        "models": (Annotated[str, typer.Option(help=f"With commas: {', '.join(MODELS)}.")], "crnn,ccrnn"),
        "workers": (Workers, None),
        "cluster": (
            Annotated[
                str | None, typer.Option(help="Address of a Dask scheduler.", show_default=False, metavar="TCP://…")
            ],
            None,
        ),
    },
    several=True,
)
