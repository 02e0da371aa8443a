"""`ccdni figures`: the command, its options and its help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..console import complain, out_console, resumable
from ..options import Data
from .gallery import run_figures


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
    with resumable(f"the figures that were drawn are in {out}; the same command draws the others"):
        raise typer.Exit(run_figures(out_console, names or [], budget, out, book, listing, complain))
