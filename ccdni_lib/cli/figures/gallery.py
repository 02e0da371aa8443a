"""`ccdni figures`: every published figure from the chapter that draws it, at any size, as files to publish.

There is no table of figures: a chapter's cell that draws one has the tag ``figure-NAME``, as P21-3c for Fig. 3c of N. The
cell and what it stands on are run; the picture that it shows is written as SVG and PNG, on light and on dark, with a
text that says what it shows and how it was made.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from ...engine.files import FileError, write_whole
from ...engine.settings import SettingError
from ...engine.versions import versions
from ...findings.pictures.picture import THEMES, alt_of, png_of, standalone
from ...study.experiments.experiment import BUDGETS
from .chapters import ChapterError, book_folder, pictures, read_chapter, run_cells

SIZES = ("stored", *BUDGETS)
_PACKAGE, _TAG = Path(__file__).parents[2], "figure-"


@dataclass(frozen=True)
class Place:
    """Where a figure is drawn.

    Attributes:
        name: of the figure, as P21-3c, P21-S6 or P20-2e; with a word behind it where it has several parts, as P21-4c-ld.
        chapter: file of the notebook.
        cell: id of the cell.
        alt: what it showed when the chapter was last run.
    """

    name: str
    chapter: Path
    cell: str
    alt: str = ""


def run_figures(
    console: Console,
    names: Sequence[str] = (),
    budget: str = "stored",
    out: Path = Path("figures"),
    book: Path | None = None,
    listing: bool = False,
    say: Callable[[str], object] = print,
) -> int:
    """Draw figures and write them to a folder; a chapter that fails is told, and the others go on.

    Args:
        console: where it is told what was written.
        names: of figures, or of a whole one: P21-4 is all of P21-4b, P21-4c, P21-4d; none for all.
        budget: "stored" for the book's own results; or "quick", "class", "paper" for results that are made anew, and
            kept in ``out``, so that another call goes on from there.
        out: folder for the files; made where it is missing.
        book: folder of the chapters; None is what ``CCDNI_BOOK`` names, or the project's own.
        listing: only tell which figures there are.
        say: is called with the sentence about a chapter that failed.

    Returns:
        Exit code: 0, or 1 when a chapter failed.

    Raises:
        SettingError: when there is no such figure or budget.
        FileError: when there is no book, or nothing can be written to ``out``.
    """
    if budget not in SIZES:
        raise SettingError(f"budget {budget}: must be one of {', '.join(SIZES)} for figures")
    book = book_folder(book)
    chosen = choose(find_figures(book), names)
    if listing:
        console.print(_table(chosen))
        return 0
    out = _made(out)
    environment, failed = _environment(budget, out, book), []
    written: list[str] = []
    try:
        with _progress(len(chosen)) as tell:

            def finish(place: Place, svg: str) -> None:
                write(place, svg, out, budget)
                written.append(place.name)
                tell(place.name, 1)

            for chapter in dict.fromkeys(place.chapter for place in chosen):
                try:
                    draw([place for place in chosen if place.chapter == chapter], budget, environment, tell, finish)
                except ChapterError as error:
                    failed.append(str(error))
    finally:  # also when it is stopped
        if written:
            console.print(f"{', '.join(written)}: saved to {out}", highlight=False, soft_wrap=True)
        for sentence in failed:
            say(sentence)
    return 1 if failed else 0


def find_figures(book: Path) -> dict[str, Place]:
    """All figures that the chapters draw, by name, as they follow one another in the book.

    Raises:
        FileError: when two cells draw the same figure, or a chapter cannot be read.
    """
    found: dict[str, Place] = {}
    for chapter in sorted(book.glob("*.ipynb")):
        for cell in read_chapter(chapter).cells:
            for tag in cell.metadata.get("tags", []):
                name = tag.removeprefix(_TAG)
                if name == tag:
                    continue
                if name in found:
                    raise FileError(f"{chapter}: figure {name} is drawn in {found[name].chapter.name} already")
                found[name] = Place(name, chapter, cell.id, " ".join(map(alt_of, pictures(cell))))
    return found


def choose(known: Mapping[str, Place], names: Sequence[str]) -> list[Place]:
    """The figures of these names, or of whole ones; all where none is named.

    Raises:
        SettingError: when there is none of a name.

    Example:
        >>> known = {name: Place(name, Path(), "") for name in ("P21-3c", "P21-S3", "P21-4b", "P21-4c-ld", "P21-4c-dd")}
        >>> [place.name for place in choose(known, ["P21-4c", "P21-3"])]
        ['P21-3c', 'P21-4c-ld', 'P21-4c-dd']
        >>> choose(known, ["P21-9"])
        Traceback (most recent call last):
        ...
        ccdni_lib.engine.settings.SettingError: figure P21-9: must be one of P21-3c, P21-4b, P21-4c-ld, P21-4c-dd, P21-S3
    """
    chosen = set() if names else set(known)
    for asked in names:
        whole = re.compile(rf"{re.escape(asked)}(?!\d).*" if re.search(r"\d", asked) else re.escape(asked))
        own = {name for name in known if whole.fullmatch(name)}
        if not own:
            raise SettingError(f"figure {asked}: must be one of {', '.join(sorted(known, key=_order))}")
        chosen |= own
    return [place for name, place in known.items() if name in chosen]


def draw(
    places: Sequence[Place],
    budget: str,
    environment: Mapping[str, str],
    tell: Callable[[str, int], object],
    finish: Callable[[Place, str], object],
) -> None:
    """Run what some figures of one chapter stand on.

    Args:
        places: figures of one chapter.
        budget: of `SIZES`.
        environment: of the kernel, beside this process's own.
        tell: is called with the cell that runs, and 0.
        finish: is called with each figure as soon as it is drawn, and its picture, an SVG element.

    Raises:
        ChapterError: when a cell fails, or shows anything but one picture.
    """
    chapter = places[0].chapter

    def done(cell: str, shown: list[str]) -> None:
        for place in places:
            if place.cell == cell:
                if len(shown) != 1:
                    told = f"shows {len(shown)} pictures, must show one for figure {place.name}"
                    raise ChapterError(f"{chapter.name}, cell {cell}: {told}")
                finish(place, shown[0])

    parameters = {"BUDGET": "quick" if budget == "stored" else budget}
    cells = {place.cell for place in places}
    run_cells(chapter, cells, parameters, environment, lambda cell: tell(f"{chapter.stem} {cell}", 0), done)


def write(place: Place, svg: str, out: Path, budget: str) -> None:
    """Write NAME.svg, NAME.png, NAME-dark.svg, NAME-dark.png, and in NAME.txt what it shows and how it was made."""
    for theme in THEMES:
        path = out / (place.name if theme == "light" else f"{place.name}-{theme}")
        text, pixels = standalone(svg, theme), png_of(svg, theme)
        write_whole(f"{path}.svg", lambda beside, text=text: beside.write_text(text, encoding="utf-8"))
        write_whole(f"{path}.png", lambda beside, pixels=pixels: beside.write_bytes(pixels))
    results = "stored in the book" if budget == "stored" else f"made anew at budget {budget}"
    made = ", ".join(f"{name} {version}" for name, version in versions().items())
    about = (
        f"{alt_of(svg)}\n\nFigure {place.name}, drawn by {place.chapter.name}, cell {place.cell}; results {results}.\n"
        f"ccdni figures {place.name} --budget {budget}\n{made}; source revision {sources()}\n"
    )
    write_whole(out / f"{place.name}.txt", lambda beside: beside.write_text(about, encoding="utf-8"))


def sources() -> str:
    """A short hash of the sources that results depend on: everything below the chapters that draws no figures.

    Example:
        >>> len(sources())
        12
    """
    files = [file for wing in ("engine", "data", "tasks", "study") for file in sorted((_PACKAGE / wing).glob("*.py"))]
    digest = hashlib.sha256()
    for file in files:
        if not re.match("figures|pictures", file.name):
            digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _made(out: Path) -> Path:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"{out}: must be a folder that can be written ({error.strerror})") from error
    if not os.access(out, os.W_OK):
        raise FileError(f"{out}: must be a folder that can be written")
    return out.resolve()


def _environment(budget: str, out: Path, book: Path) -> dict[str, str]:
    """What the chapter's kernel is told: where its results lie, and at which budget it makes those that are missing."""
    data = os.environ.get("CCDNI_DATA", "")
    told = {"CCDNI_DATA": str(Path(data).resolve()) if data else ""}
    if budget == "stored":
        folder = Path(os.environ.get("CCDNI_RESULTS") or book / "results").resolve()
        return told | {"CCDNI_RESULTS": str(folder), "CCDNI_BUDGET": ""}
    made_from = f"{sources()} {told['CCDNI_DATA']} {os.environ.get('CCDNI_OFFLINE')}"
    folder = out / f".results-{budget}-{hashlib.sha256(made_from.encode()).hexdigest()[:8]}"
    folder.mkdir(exist_ok=True)
    return told | {"CCDNI_RESULTS": str(folder), "CCDNI_BUDGET": budget}


@contextmanager
def _progress(figures: int) -> Iterator[Callable[[str, int], None]]:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        place = bar.add_task("figures", total=figures)
        yield lambda what, done: bar.update(place, description=what, advance=done)


def _table(places: Sequence[Place]) -> Table:
    table = Table(title="Figures", title_justify="left", box=box.SIMPLE_HEAD, expand=True)
    for heading, texts in (("figure", [p.name for p in places]), ("chapter", [p.chapter.stem for p in places])):
        table.add_column(heading, no_wrap=True, min_width=max(map(len, texts)))
    table.add_column("what it shows", no_wrap=True, overflow="ellipsis", ratio=1)
    for place in sorted(places, key=lambda place: _order(place.name)):
        table.add_row(place.name, place.chapter.stem, re.split(r"(?<=[.;:]) (?=[A-Z])", place.alt)[0].rstrip(".;:"))
    return table


def _order(name: str) -> tuple[bool, bool, int, str]:
    """P21 before P20, supplements behind; parts as they stand in the book."""
    parts = re.match(r"(P2[01])-(S?)(\d+)([a-z]?)", name)
    if parts is None:
        return (True, True, 0, name)
    return (parts[1] != "P21", bool(parts[2]), int(parts[3]), parts[4])
