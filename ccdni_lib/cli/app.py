"""The command line: `ccdni tasks | train | sweep | caption | results | figures | ledger | bench | doctor | publish`."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from ..data import followed, listen, use_folder
from ..engine.files import FileError
from ..engine.settings import MODELS, TABLE, SettingError, Settings
from ..engine.training.loop import Interrupted
from ..engine.training.recorders import RECORDINGS
from ..study.experiments.catalogue import EXPERIMENTS
from ..study.experiments.experiment import BUDGETS as SIZES
from ..study.experiments.feedforward import RESULTS as FEEDFORWARD
from ..study.experiments.feedforward import make_feedforward
from ..study.experiments.results import make_result
from ..study.runs.train import sweep as run_sweep
from ..study.runs.train import train as run_train
from ..tasks import BUDGETS, TASKS, find_task
from .options import SHARED, Device, Option, Workers, asked, setting_options, several_of, with_data, words
from .tables import summarise

UsageError = typer.BadParameter.__base__  # what typer's parser raises

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Cortico-cerebellar networks as decoupled neural interfaces: train them, compare them, measure them.",
    epilog="Sources in the help: N = Pemberton et al. 2021 (NeurIPS), I = its ICLR 2021 version, SM = supplement, "
    "C = the authors' public code.",
)
out_console, err_console = Console(), Console(stderr=True)
Data = Annotated[  # has done its work when a command begins
    Path | None,
    typer.Option(
        help="Folder that has the data; the same as the environment variable CCDNI_DATA.",
        callback=lambda folder: folder and use_folder(folder),
        show_default=False,
        metavar="DIR",
    ),
]


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; a user's mistake is one sentence on stderr and exit code 2."""
    listen(_say)
    try:
        return app(arguments, standalone_mode=False) or 0
    except (SettingError, FileError) as error:
        _say(str(error))
        return 2
    except UsageError as error:
        if error.format_message():  # empty where the help was printed instead
            _say(error.format_message())
        return 2
    except (KeyboardInterrupt, typer.Abort):
        _say("stopped")
        return 130


def _say(message: str) -> None:
    err_console.print(f"ccdni: {message}", markup=False, highlight=False, soft_wrap=True)


@app.command()
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
    with _progress(f"{task} {given.get('model') or 'ccrnn'}") as report:
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
    with _progress(f"{task} sweep") as report:
        run = run_sweep(task, words(models), budget=budget, device=device, progress=report, **options, **settings)
    summarise(out_console, run, out)


@app.command()
def caption(
    images: Annotated[list[Path], typer.Argument(help="Image files.", metavar="IMAGE", show_default=False)],
    model: Annotated[
        Path, typer.Option(help="File that `ccdni train captions --save` wrote.", show_default=False, metavar="FILE")
    ],
    width: Annotated[int, typer.Option(help="Sentences kept under way; more than 1 is a beam search.")] = 1,
    most: Annotated[int, typer.Option("--words", help="Words that are said at most, 1…1,000.")] = 20,
    seed: Annotated[
        int | None, typer.Option(help="Only the network of this seed; by default all.", show_default=False)
    ] = None,
    device: Device = "auto",
) -> None:
    """Say what is to be seen in images, with networks that learnt captions."""
    from .caption import run_caption

    run_caption(out_console, images, model, width, most, seed, device)


@app.command()
def bench(
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the table to this file too.")] = None,
    task: Annotated[str, typer.Option(help="Task to time, or all.")] = "all",
    device: Device = "auto",
    networks: Annotated[str, typer.Option(help="Sizes of the ensemble, with commas.")] = "1,10,40",
    data: Data = None,
) -> None:
    """Time the engine against the literal reference and against the GEMM floor, in one run."""
    from .bench import run_bench

    run_bench(out_console, json_file, task, device, networks)


@app.command()
def doctor(device: Device = "auto", data: Data = None) -> None:
    """Show versions, data and devices; train a few steps on the CPU and on the device, and compare."""
    from .doctor import run_doctor

    raise typer.Exit(run_doctor(out_console, device))


@app.command()
def results(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Experiments; by default all that have their data here.", show_default=False),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder; by default book/results.", show_default=False)] = None,
    budget: Annotated[str, typer.Option(help=f"{', '.join(SIZES)}; below paper only into another folder.")] = "paper",
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
        with _progress(name) as report:
            path = (
                make_feedforward(name, out, budget)
                if name in FEEDFORWARD
                else make_result(name, out, report, resume, budget, workers)
            )
        out_console.print(f"{name}: saved to {path}", highlight=False, soft_wrap=True)


@app.command()
def figures(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Figures, as P21-3c, or P21-3 for all of its parts; by default all.", show_default=False),
    ] = None,
    budget: Annotated[
        str, typer.Option(help="stored: the book's own results; quick, class, paper: made anew at that size.")
    ] = "stored",
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for the files; results made anew are kept there, too.")
    ] = Path("figures"),
    book: Annotated[
        Path | None,
        typer.Option(help="Folder of the chapters; the same as CCDNI_BOOK.", show_default=False, metavar="DIR"),
    ] = None,
    listing: Annotated[bool, typer.Option("--list", help="Only tell which figures there are.")] = False,
    data: Data = None,
) -> None:
    """Draw the published figures, each from the chapter that holds it, as SVG and PNG, light and dark."""
    from .figures.gallery import run_figures

    raise typer.Exit(run_figures(out_console, names or [], budget, out, book, listing, _say))


@app.command()
def ledger(
    claims: Annotated[
        list[str] | None,
        typer.Argument(help="Claims by id, or how it begins, as P21-3; by default all.", show_default=False),
    ] = None,
    budget: Annotated[
        str, typer.Option(help="stored, or make the results anew first: quick, class, paper.")
    ] = "stored",
    check: Annotated[
        bool, typer.Option("--check", help="Make samples anew: are the stored results still what the code computes?")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Folder for results made anew; by default a temporary one.", show_default=False)
    ] = None,
    data: Data = None,
) -> None:
    """Every published claim: what the paper says, what came out here, and a verdict."""
    from .ledger import run_ledger

    raise typer.Exit(run_ledger(out_console, claims, budget, check, out))


@app.command()
def publish(
    repo: Annotated[str, typer.Option(help="Address of the repository, as https://github.com/someone/ccdni-book.")],
    root: Annotated[Path, typer.Option(help="Folder of the project.")] = Path(),
) -> None:
    """Rewrite every place that names the repository: book, chapters, badges, citation."""
    from .publish import rewrite

    for path in rewrite(root, repo):
        out_console.print(f"rewrote {path}", highlight=False)


def _command(function: Callable[..., None], name: str, extra: dict[str, Option], *, several: bool) -> None:
    """Register a command whose options are the shared ones, its own, and all settings."""
    keyword, missing = inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.empty
    options = [
        inspect.Parameter(key, keyword, annotation=annotation, default=missing if default is ... else default)
        for key, (annotation, default) in (SHARED | extra).items()
    ]

    def command(task: str, data: str | None, **given: Any) -> None:
        try:
            function(task=with_data(task, data), **given)
        except Interrupted as stopped:
            kept = "; go on with the same command and --resume" if given["out"] else ""
            _say(f"{stopped}{kept}")
            raise typer.Exit(130) from None

    command.__doc__ = function.__doc__
    command.__signature__ = inspect.Signature(options + setting_options(several=several))  # type: ignore[attr-defined]
    app.command(name)(command)


_command(
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
_command(
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


@contextmanager
def _progress(title: str) -> Iterator[Callable[[float], None]]:
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn()
    with Progress(
        *columns, TimeRemainingColumn(), console=err_console, transient=True, disable=not err_console.is_terminal
    ) as bar:
        place, before = bar.add_task(title, total=1.0), bar.add_task("", total=1.0, visible=False)

        def tell(what: str, done: float) -> None:
            bar.update(before, description=what, completed=done, visible=done < 1)

        with followed(tell):
            yield lambda done: bar.update(place, completed=done)


if __name__ == "__main__":
    sys.exit(main())
