"""`ccdni figures`: which figures there are, what is written for each, and what happens when a chapter fails."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from ccdni_lib.cli.figures.chapters import book_folder, pictures, read_chapter
from ccdni_lib.cli.figures.gallery import Place, choose, find_figures, run_figures
from ccdni_lib.engine.files import FileError
from ccdni_lib.engine.settings import SettingError
from ccdni_lib.findings.pictures.picture import THEMES, Picture, alt_of, drawing

SHOW = "HTML(svg.replace('mean', f'mean at {BUDGET}'))"
BOOK = Path(__file__).parents[3] / "book"


def curve() -> str:
    with drawing(2.5, 2) as figure:
        axes = figure.subplots()
        axes.plot([0, 1, 4], color="#d97000")
        axes.set(xlabel="epoch", ylabel="error (1)", title="$\\hat\\delta$ > 0")
    return Picture(figure, 'A curve that rises, "mean" of > 1 & < 3 networks.').svg()


def write_chapter(folder: Path, name: str, *cells: tuple[str, str, str]) -> None:
    """A chapter of cells (id, tag, source), behind what each of them needs."""
    first = [
        ("parameters", "parameters", "BUDGET = 'none'"),
        ("start", "", "from IPython.display import HTML, display\nsvg = open('curve.svg').read()"),
        ("unneeded", "", "raise RuntimeError('no figure needs this')"),
    ]
    notebook = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "", "language": "python"}}
    )
    for id_, tag, source in [*first, *cells]:
        cell = nbformat.v4.new_code_cell(source, id=id_, metadata={"tags": [tag] if tag else []})
        notebook.cells.append(cell)
    nbformat.write(notebook, folder / f"{name}.ipynb")


def call(*names: str, **how):
    """Exit code, what was printed, and what was said of chapters that failed."""
    printed, said = io.StringIO(), []
    code = run_figures(Console(file=printed, width=200), names, say=said.append, **how)
    return code, printed.getvalue(), said


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    folder = tmp_path_factory.mktemp("book")
    (folder / "curve.svg").write_text(curve())
    write_chapter(folder, "01_one", ("shown", "figure-P21-1a", SHOW))
    write_chapter(
        folder,
        "02_two",
        ("good", "figure-P21-1b", SHOW),
        ("bad", "figure-P20-2", f"1 / 0\n{SHOW}"),
        ("z", "figure-P20-3", SHOW),
    )
    write_chapter(folder, "03_three", ("both", "figure-P21-S3", f"display(HTML(svg))\n{SHOW}"))
    keep = (
        "import os, pathlib\npathlib.Path('told').write_text(os.environ['CCDNI_BUDGET'] + os.environ['CCDNI_RESULTS'])"
    )
    write_chapter(folder, "04_four", ("kept", "figure-P20-S4-left", f"{keep}\n{SHOW}"))
    return folder


@pytest.fixture(scope="module")
def drawn(book, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "made" / "here"
    before = dict(os.environ)
    code, printed, said = call(book=book, out=out, budget="quick")
    assert dict(os.environ) == before
    return out, code, printed, said


def test_chapters_that_fail_are_told_and_the_others_go_on(drawn):
    out, code, printed, said = drawn
    assert code == 1
    assert said == [
        "02_two.ipynb, cell bad: ZeroDivisionError: division by zero",
        "03_three.ipynb, cell both: shows 2 pictures, must show one for figure P21-S3",
    ]
    assert printed == f"P21-1a, P21-1b, P20-S4-left: saved to {out}\n"
    files = {path.name for path in out.iterdir() if not path.name.startswith(".")}
    endings = (".svg", ".png", "-dark.svg", "-dark.png", ".txt")
    assert files == {name + ending for name in ("P21-1a", "P21-1b", "P20-S4-left") for ending in endings}


def test_a_text_says_what_is_shown_and_how_it_was_made(drawn):
    text = (drawn[0] / "P21-1a.txt").read_text()
    assert text.startswith('A curve that rises, "mean at quick" of > 1 & < 3 networks.\n')
    assert "ccdni figures P21-1a --budget quick" in text
    assert "01_one.ipynb" in text


def test_missing_results_are_made_at_the_budget_and_kept_beside_the_figures(drawn, book):
    told = (book / "told").read_text()
    folder = Path(told.removeprefix("quick"))
    assert folder.is_dir()
    assert folder.parent == drawn[0]


@pytest.mark.parametrize("theme", THEMES)
def test_a_file_can_be_read_on_its_ground(drawn, theme):
    ink, paper = (tuple(bytes.fromhex(color[1:])) for color in THEMES[theme])
    path = drawn[0] / ("P21-1a" if theme == "light" else "P21-1a-dark")
    root = ElementTree.fromstring(path.with_name(path.name + ".svg").read_text())
    assert root.attrib["aria-label"].startswith("A curve that rises")
    assert root.attrib["width"] == "180pt"
    svg = path.with_name(path.name + ".svg").read_text()
    assert "currentColor" not in svg
    assert (THEMES["light"][0] in svg) == (theme == "light")  # nothing black on dark
    with Image.open(path.with_name(path.name + ".png")) as image:
        assert image.size == (750, 600)  # 2.5 × 2 inches at 300 dpi
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        assert image.info["Description"] == root.attrib["aria-label"]
        pixels = np.asarray(image).reshape(-1, 3)
    assert tuple(pixels[0]) == paper
    colors = {tuple(color) for color in np.unique(pixels, axis=0).tolist()}
    assert {ink, (0xD9, 0x70, 0x00)} <= colors


def test_letters_are_drawn_whatever_fonts_the_machine_has(drawn):
    """The bottom quarter, with the word epoch in it, has ink in many columns."""
    with Image.open(drawn[0] / "P21-1a.png") as image:
        bottom = np.asarray(image.convert("L"))[-40:]
    assert (bottom < 128).any(0).sum() > 40


def test_a_picture_without_words_is_refused():
    with drawing(1, 1) as figure, pytest.raises(ValueError, match="must have an alt text"):
        Picture(figure, "A curve")


def test_lists_figures_and_runs_nothing(capsys, tmp_path):
    code, printed, _ = call("P21-2", book=BOOK, out=tmp_path / "none", listing=True)
    assert code == 0
    assert re.search(r"P21-2b +05_line_drawing +Learning curves", printed)
    assert "P20-7" not in printed
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("names", "how", "sentence"),
    [
        (["P21-9z"], {}, "figure P21-9z: must be one of P21-1a, P21-1b, P21-S3, P20-2, P20-3, P20-S4-left"),
        (["P21-1a", "1a"], {}, "figure 1a: must be one of"),
        (["N"], {}, "figure N: must be one of"),
        ([""], {}, "figure : must be one of"),
        (["P21-1a"], {"budget": "huge"}, "budget huge: must be one of stored, quick, class, paper for figures"),
        (["P21-1a"], {"out": Path(__file__)}, "must be a folder that can be written"),
        (
            ["P21-1a"],
            {"book": Path("no/such")},
            "no/such: must be the folder of the book's chapters; name it with --book",
        ),
    ],
)
def test_a_mistake_is_one_sentence(book, tmp_path, names, how, sentence):
    with pytest.raises((SettingError, FileError)) as caught:
        call(*names, **{"book": book, "out": tmp_path / "none"} | how)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "none").exists()


def test_a_number_names_all_parts_of_a_figure_and_no_other():
    known = {name: Place(name, Path(), "") for name in ("P21-1a", "P21-1b", "P21-10a", "P21-S1", "P20-1", "P20-1-two")}
    assert [place.name for place in choose(known, ["P21-1"])] == ["P21-1a", "P21-1b"]
    assert [place.name for place in choose(known, ["P20-1"])] == ["P20-1", "P20-1-two"]
    assert len(choose(known, [])) == 6


def test_a_figure_is_drawn_in_one_place(tmp_path):
    for chapter in ("01_one", "02_two"):
        write_chapter(tmp_path, chapter, ("shown", "figure-P21-1a", SHOW))
    with pytest.raises(FileError, match=r"02_two.ipynb: figure P21-1a is drawn in 01_one.ipynb already"):
        find_figures(tmp_path)


def test_the_environment_may_name_the_book(monkeypatch, book):
    assert book_folder() == BOOK
    monkeypatch.setenv("CCDNI_BOOK", str(book))
    assert book_folder() == book


def test_what_is_drawn_stays_when_it_is_stopped(book, tmp_path):
    chapters = tmp_path / "book"
    chapters.mkdir()
    (chapters / "curve.svg").write_text(curve())
    wait = "import os, pathlib, time\npathlib.Path('kernel').write_text(str(os.getpid()))\ntime.sleep(60)"
    write_chapter(chapters, "01_one", ("shown", "figure-P21-1a", SHOW), ("slow", "figure-P21-1b", f"{wait}\n{SHOW}"))
    code = (
        "import sys, pathlib, rich.console, ccdni_lib.cli.figures.gallery as g; g.run_figures(rich.console.Console(), "
    )
    code += "out=pathlib.Path(sys.argv[1]), book=pathlib.Path(sys.argv[2]))"
    running = subprocess.Popen([sys.executable, "-c", code, tmp_path / "out", chapters], stderr=subprocess.DEVNULL)
    end = time.monotonic() + 60
    while not (chapters / "kernel").exists():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    running.wait(timeout=30)
    assert {path.stem for path in (tmp_path / "out").iterdir()} == {"P21-1a", "P21-1a-dark"}
    with pytest.raises(ProcessLookupError):
        os.kill(int((chapters / "kernel").read_text()), 0)


def test_every_figure_of_the_book_is_a_picture_with_words():
    figures = find_figures(BOOK)
    assert len(figures) >= 10
    for name, place in figures.items():
        assert re.fullmatch(r"[NI]S?\d+[a-z]?(-[a-z0-9]+)*", name)
        cell = next(cell for cell in read_chapter(place.chapter).cells if cell.id == place.cell)
        assert len(pictures(cell)) == 1, name
        assert len(place.alt.split()) > 8


@pytest.mark.notebooks
@pytest.mark.parametrize("chapter", sorted({place.chapter.stem for place in find_figures(BOOK).values()}))
def test_the_part_of_a_chapter_that_a_figure_needs_draws_what_the_whole_chapter_drew(chapter, tmp_path):
    figures = [place for place in find_figures(BOOK).values() if place.chapter.stem == chapter]
    code, _, said = call(*(place.name for place in figures), out=tmp_path)
    assert (code, said) == (0, [])
    for place in figures:
        assert alt_of((tmp_path / f"{place.name}.svg").read_text()) == place.alt


@pytest.mark.slow
def test_a_figure_is_drawn_from_results_made_anew(tmp_path):
    code, _, said = call("P20-7-losses", out=tmp_path, budget="quick")
    assert (code, said) == (0, [])
    made = alt_of((tmp_path / "P20-7-losses.svg").read_text())
    assert "over 300 batches, 2 networks" in made
    (result,) = tmp_path.glob(".results-quick-*/**/*.nc")
    at = result.stat().st_mtime_ns
    assert call("P20-7-losses", out=tmp_path, budget="quick")[0] == 0
    assert result.stat().st_mtime_ns == at  # kept
