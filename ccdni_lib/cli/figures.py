"""`ccdni figures`: the published figures as files to publish, from stored results or from results made at any size."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
import xarray as xr
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from ..engine.files import FileError, make_folder, write_whole
from ..engine.settings import SettingError
from ..study.experiments.experiment import RESULT_BUDGETS
from .console import complain, err_console, out_console, resumable
from .options import Data

if TYPE_CHECKING:
    from ..findings.figures.figure import Figure
    from ..findings.pictures.picture import Picture


def figures(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Figures, as P21-3c, or P21-3 for all of its parts; by default all.", show_default=False),
    ] = None,
    budget: Annotated[
        str, typer.Option(help="stored: the book's own results; quick (a smoke test), class, paper: made anew.")
    ] = "stored",
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for the files; results made anew are kept there, too.")
    ] = Path("figures"),
    listing: Annotated[bool, typer.Option("--list", help="Only tell which figures there are.")] = False,
    data: Data = None,
) -> None:
    """Draw the published figures as SVG and PNG, light and dark, each with a text that says what it shows."""
    with resumable(f"the figures that were drawn are in {out}; the same command goes on"):
        raise typer.Exit(draw_figures(out_console, names or [], budget, out, listing, complain))


def draw_figures(
    console: Console,
    names: Sequence[str] = (),
    budget: str = "stored",
    out: Path = Path("figures"),
    listing: bool = False,
    say: Callable[[str], object] = print,
) -> int:
    """Draw figures and write them to a folder; one that fails is told, and the others go on.

    Args:
        console: where it is told what was written.
        names: of figures, or of a whole one: P21-4 is all of P21-4a to P21-4d; none for all.
        budget: "stored" for the book's own results; or "quick", "class", "paper" for results that are made anew, and
            kept in ``out``, so that another call goes on from there.
        out: folder for the files; made where it is missing.
        listing: only tell which figures there are.
        say: is called with the sentence about a figure that failed.

    Returns:
        Exit code: 0, or 1 when a figure failed.

    Raises:
        SettingError: when there is no such figure or budget.
        FileError: when nothing can be written to ``out``, or what draws is not installed.
    """
    from ..findings.figures import draw, figure_text, find_figures

    if budget not in RESULT_BUDGETS:
        raise SettingError(f"budget {budget}: must be one of {', '.join(RESULT_BUDGETS)} for figures")
    chosen = find_figures(names)
    if listing:
        console.print(_table_of_figures(chosen))
        return 0
    out, written, failed = _output_folder(out), [], 0
    with _show_figures(len(chosen)) as report:
        load = _make_loader(budget, out / f"results-{budget}", report)
        try:
            for figure in chosen:
                report(figure.name, 0)
                try:
                    picture = draw(figure.name, load)
                    results = {name: load(name) for name in figure.experiments}
                    _write_files(out / figure.name, picture, figure_text(figure.name, picture, results))
                except (FileError, SettingError) as error:
                    failed += 1
                    say(f"figure {figure.name}: {error}")
                else:
                    written.append(figure.name)
                report(figure.name, 1)
        finally:  # also when it is stopped
            if written:
                console.print(f"{', '.join(written)}: saved to {out}", highlight=False, soft_wrap=True)
    return 1 if failed else 0


def _make_loader(budget: str, folder: Path, report: Callable[[str, int], object]) -> Callable[[str], xr.Dataset]:
    """What gives results by name: the stored ones, or those of a folder, which are made where they are missing."""
    from ..study.experiments import load_result, make_results

    @cache
    def load(name: str) -> xr.Dataset:
        if budget == "stored":
            return load_result(name)
        make_results([name], folder, budget, report=lambda name: report(f"training {name}", 0))
        return load_result(name, folder)

    return load


def _write_files(path: Path, picture: Picture, text: str) -> None:
    """Write NAME.svg, NAME.png, NAME-dark.svg, NAME-dark.png, and NAME.txt."""
    from ..findings.pictures.picture import THEMES, png_of, standalone

    svg = picture.svg()
    for theme in THEMES:
        name = path.name if theme == "light" else f"{path.name}-{theme}"
        drawn, pixels = standalone(svg, theme), png_of(svg, theme)
        write_whole(path.with_name(f"{name}.svg"), lambda beside, text=drawn: beside.write_text(text, encoding="utf-8"))
        write_whole(path.with_name(f"{name}.png"), lambda beside, pixels=pixels: beside.write_bytes(pixels))
    write_whole(path.with_name(f"{path.name}.txt"), lambda beside: beside.write_text(text, encoding="utf-8"))


def _output_folder(out: Path) -> Path:
    """The folder for the files, made where it is missing; asked before anything is trained, as is what draws."""
    if find_spec("resvg_py") is None:
        raise FileError("resvg_py: must be installed to draw figures: pip install 'ccdni_lib[book]'")
    out = make_folder(out).resolve()
    if not os.access(out, os.W_OK):
        raise FileError(f"{out}: must be a folder that can be written")
    return out


@contextmanager
def _show_figures(figures: int) -> Iterator[Callable[[str, int], None]]:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=err_console, transient=True, disable=not err_console.is_terminal) as bar:
        place = bar.add_task("figures", total=figures)
        yield lambda what, done: bar.update(place, description=what, advance=done)


def _table_of_figures(chosen: Sequence[Figure]) -> Table:
    from ..findings.figures.gallery import published_order

    table = Table(title="Figures", title_justify="left", box=box.SIMPLE_HEAD, expand=True)
    table.add_column("figure", no_wrap=True, min_width=max(len(figure.name) for figure in chosen))
    table.add_column("what it shows")
    table.add_column("results it reads")
    for figure in sorted(chosen, key=lambda figure: published_order(figure.name)):
        table.add_row(figure.name, figure.shows, ", ".join(figure.experiments))
    return table
