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
from ..study.runs.train import sweep as run_sweep
from ..study.runs.train import train as run_train
from ..tasks import BUDGETS, TASKS, find_task
from .console import out_console, resumable, show_progress
from .options import SHARED, Option, Workers, choose_data, read_values, setting_options, split_commas
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


def _train(task: str, out: Path | None, save: Path | None, record: str, **given: Any) -> None:
    """Train one model on a task, over its seeds, and save the result as NetCDF."""
    given = {name: value for name, value in given.items() if value is not None}
    with resumable(_how_to_go_on(out or save)), show_progress(f"{task} {given.get('model', 'ccrnn')}") as report:
        run = run_train(task, progress=report, out=out, save=save, record=split_commas(record), **given)
    summarise(out_console, run, out)
    _say_saved(save)


def _sweep(
    task: str,
    out: Path | None,
    save: Path | None,
    record: str,
    models: str,
    workers: int | None,
    cluster: str | None,
    **given: Any,
) -> None:
    """Train every combination of models and settings; a setting with several values becomes a dimension.

    Values are separated by commas (--truncation 1,2,5,10; whole numbers also as 1-5), lesion schedules by semicolons.
    """
    options = {name: value for name, value in given.items() if name not in TABLE}
    settings = {name: read_values(name, given[name]) for name in TABLE if given.get(name) is not None}
    options |= {"record": split_commas(record), "workers": workers, "cluster": cluster}
    options |= {"save": save} if save else {}
    with resumable(_how_to_go_on(out or save)), show_progress(f"{task} sweep") as report:
        run = run_sweep(task, split_commas(models), progress=report, out=out, **options, **settings)
    summarise(out_console, run, out)
    _say_saved(save)


def _say_saved(save: Path | None) -> None:
    if save is not None:
        out_console.print(f"networks saved to {save}", highlight=False, soft_wrap=True)


def _how_to_go_on(out: Path | None) -> str:
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
        function(task=choose_data(task, data), **given)

    command.__name__, command.__doc__ = name, function.__doc__
    command.__signature__ = inspect.Signature(options + setting_options(several=several))  # type: ignore[attr-defined]
    return command


def _save(help: str, metavar: str) -> Option:
    return Annotated[Path | None, typer.Option(help=help, show_default=False, metavar=metavar)], None


train = _with_settings(
    _train, "train", {"save": _save("Safetensors file for the trained networks.", "FILE")}, several=False
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
        "save": _save("Folder for the trained networks, a safetensors file for each ensemble.", "DIR"),
    },
    several=True,
)
