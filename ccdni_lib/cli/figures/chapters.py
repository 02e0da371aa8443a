"""Chapters as programs: where they are, the pictures that their cells show, and how to run what one picture needs."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ...engine.files import FileError
from ...findings.pictures.picture import alt_of
from .slicing import stands_on

_PROJECT = Path(__file__).parents[3]


class ChapterError(RuntimeError):
    """A chapter that does not run: one sentence that names it, its cell and what went wrong there."""


def book_folder(named: Path | None = None) -> Path:
    """Where the chapters are: what is named, or ``CCDNI_BOOK``, or the project that this package belongs to.

    Raises:
        FileError: when there are none.
    """
    folder = named or Path(os.environ.get("CCDNI_BOOK") or _PROJECT / "book")
    if not any(folder.glob("*.ipynb")):
        raise FileError(f"{folder}: must be the folder of the book's chapters; name it with --book or CCDNI_BOOK")
    return folder.resolve()


def read_chapter(chapter: Path) -> Any:
    """A notebook.

    Raises:
        FileError: when it is none, or what reads and runs notebooks is not installed.
    """
    try:
        import nbformat
        import papermill  # noqa: F401 (needed a moment later, as is the next)
        import resvg_py  # noqa: F401
    except ImportError as error:
        raise FileError(f"{error.name}: must be installed to draw figures: pip install 'ccdni_lib[book]'") from error
    try:
        return nbformat.read(chapter, as_version=4)
    except Exception as error:  # of nbformat, jsonschema, json
        raise FileError(f"{chapter}: cannot be read as a notebook ({type(error).__name__})") from error


def pictures(cell: Any) -> list[str]:
    """The pictures that a cell shows, as SVG elements."""
    shown = [output.get("data", {}).get("text/html", "") for output in cell.get("outputs", [])]
    return [html for html in shown if html.startswith("<svg") and alt_of(html)]


def run_cells(
    chapter: Path,
    cells: Collection[str],
    parameters: Mapping[str, Any],
    environment: Mapping[str, str],
    begun: Callable[[str], object],
    done: Callable[[str, list[str]], object],
) -> None:
    """Run some cells of a chapter, and those that they stand on, in papermill.

    Args:
        chapter: file of the notebook.
        cells: their ids.
        parameters: of the chapter; those that it does not have are left out.
        environment: of the kernel, beside this process's own.
        begun: is called with the id of every cell that begins.
        done: is called with the id of every cell that is done and the pictures that it shows.

    Raises:
        ChapterError: when a cell fails.
    """
    from nbclient.exceptions import DeadKernelError
    from papermill import PapermillExecutionError, execute_notebook, inspect_notebook

    running = ""

    def begin(cell: Any, **_: Any) -> None:
        nonlocal running
        running = cell.id
        begun(cell.id)

    def end(cell: Any, execute_reply: Any, **_: Any) -> None:
        if execute_reply["content"]["status"] == "ok":
            done(cell.id, pictures(cell))

    try:
        with _set(environment), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of papermill's own dependencies
            known = {name: value for name, value in parameters.items() if name in inspect_notebook(str(chapter))}
            hooks = {"on_cell_start": begin, "on_cell_executed": end}
            quiet = {"progress_bar": False, "extra_arguments": ["--log-level=50"]}  # of the kernel
            execute_notebook(_sliced(chapter, cells), None, known, cwd=str(chapter.parent), **quiet, **hooks)
    except PapermillExecutionError as error:
        problem = f"{error.ename}: {error.evalue}".splitlines()[0]
        raise ChapterError(f"{chapter.name}, cell {running}: {problem}") from None
    except DeadKernelError:
        raise ChapterError(f"{chapter.name}, cell {running}: the kernel died, perhaps for want of memory") from None
    except SyntaxError as error:
        raise ChapterError(f"{chapter.name}: has a cell that is no Python ({error})") from None


def _sliced(chapter: Path, wanted: Collection[str]) -> Any:
    """The chapter with nothing in it but its parameters and what the wanted cells stand on."""
    notebook = read_chapter(chapter)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    kept = stands_on([cell.source for cell in code], [i for i, cell in enumerate(code) if cell.id in wanted])
    for index, cell in enumerate(code):
        cell.source, cell.outputs = kept.get(index, cell.source), []
    notebook.cells = [each for i, each in enumerate(code) if i in kept or "parameters" in each.metadata.get("tags", [])]
    return notebook


@contextmanager
def _set(environment: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
