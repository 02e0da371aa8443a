"""`ccdni figures`: which figures there are, what is written for each, and what happens when one cannot be drawn."""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

import ccdni_lib as cc
from ccdni_lib.cli.figures import draw_figures
from ccdni_lib.engine.files import FileError
from ccdni_lib.engine.settings import SettingError
from ccdni_lib.findings.pictures.picture import THEMES
from ccdni_lib.study import experiments

ENDINGS = (".svg", ".png", "-dark.svg", "-dark.png", ".txt")
RESULTS = Path(__file__).parents[2] / "book" / "results"


def call(*names: str, **how):
    """Exit code, what was printed, and what was said of figures that failed."""
    printed, said = io.StringIO(), []
    code = draw_figures(Console(file=printed, width=200), names, say=said.append, **how)
    return code, printed.getvalue(), said


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("out") / "made" / "here"
    code, printed, said = call("P21-2b", out=folder)
    assert (code, said) == (0, [])
    assert printed == f"P21-2b, P21-2b-drawings: saved to {folder}\n"
    return folder


def test_every_figure_has_its_files_and_nothing_is_left(out):
    assert {path.name for path in out.iterdir()} == {
        name + ending for name in ("P21-2b", "P21-2b-drawings") for ending in ENDINGS
    }


def test_a_text_says_what_is_shown_and_what_made_the_result(out):
    text, made = (out / "P21-2b.txt").read_text(), cc.load_result("line-drawing-grid").attrs
    assert text.startswith("Learning curves over 250 epochs, mean and standard error over 10 seeds.")
    assert "Drawn from line-drawing-grid: budget paper, 10 seeds, 250 epochs; made by `ccdni results" in text
    assert re.findall(r"revision (\w+), which covers (.*)\.", text) == [
        (made["source_revision"], "engine, the task's own file")
    ]
    assert "made_from" not in made  # once it is made anew its revision covers engine, data, tasks


@pytest.mark.parametrize("theme", THEMES)
def test_a_file_can_be_read_on_its_ground(out, theme):
    ink, paper = (tuple(bytes.fromhex(color[1:])) for color in THEMES[theme])
    path = out / ("P21-2b" if theme == "light" else "P21-2b-dark")
    svg = path.with_name(path.name + ".svg").read_text()
    root = ElementTree.fromstring(svg)
    assert root.attrib["aria-label"].startswith("Learning curves over 250 epochs")
    assert "currentColor" not in svg
    assert (THEMES["light"][0] in svg) == (theme == "light")  # nothing black on dark
    with Image.open(path.with_name(path.name + ".png")) as image:
        assert image.size == (1560, 900)  # 5.2 × 3 inches at 300 dpi
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        assert image.info["Description"] == root.attrib["aria-label"]
        pixels = np.asarray(image).reshape(-1, 3)
    assert tuple(pixels[0]) == paper
    colors = {tuple(color) for color in np.unique(pixels, axis=0).tolist()}
    assert {ink, (0xD9, 0x70, 0x00)} <= colors


def test_letters_are_drawn_whatever_fonts_the_machine_has(out):
    """The bottom, with the word epoch in it, has ink in many columns."""
    with Image.open(out / "P21-2b.png") as image:
        bottom = np.asarray(image.convert("L"))[-40:]
    assert (bottom < 128).any(0).sum() > 40


def test_one_that_cannot_be_drawn_is_told_and_the_others_go_on(tmp_path, monkeypatch):
    shutil.copy(RESULTS / "line-drawing-fixed.nc", tmp_path)
    (tmp_path / "forward-mnist.nc").write_text("damaged")
    monkeypatch.setenv("CCDNI_RESULTS", str(tmp_path))
    code, printed, said = call("P21-3b", "P21-S7", "P20-7-pairs", out=tmp_path / "out")
    assert code == 1
    assert printed.startswith("P21-S7: saved to")
    assert [sentence.partition(":")[0] for sentence in said] == ["figure P21-3b", "figure P20-7-pairs"]
    assert "line-drawing-coupling.nc" in said[0]
    assert all("\n" not in sentence for sentence in said)


def fake_results(names, folder, budget, report=str):
    """In place of training: two networks of the stored result, up to epoch 20."""
    folder.mkdir(exist_ok=True)
    for name in names:
        if not (folder / f"{name}.nc").exists():
            report(name)
            run = cc.load_result(name, RESULTS).isel(seed=slice(2)).sel(epoch=slice(None, 20))
            cc.save_dataset(run.assign_attrs(budget=budget, source_revision="0123456789ab"), folder / f"{name}.nc")


@pytest.mark.parametrize(
    ("budget", "note"), [("quick", "Smoke test, not evidence"), ("class", "Not the published size")]
)
def test_a_smaller_figure_says_so_on_the_picture_and_in_its_text(tmp_path, monkeypatch, budget, note):
    monkeypatch.setattr(experiments, "make_results", fake_results)
    assert call("P21-S7", out=tmp_path, budget=budget)[0] == 0
    said = f"{note}: budget {budget}, 2 seeds, 20 epochs"
    text, svg = (tmp_path / "P21-S7.txt").read_text(), (tmp_path / "P21-S7.svg").read_text()
    assert text.startswith(f"{said}. Learning curves")
    assert f"budget {budget}, 2 seeds, 20 epochs; made by" in text
    assert "source revision 0123456789ab" in text
    assert f">{said}</text>" in svg
    root = ElementTree.fromstring(svg)
    assert root.attrib["aria-label"].startswith(said)
    assert float(root.attrib["height"].removesuffix("pt")) > 3.1 * 72  # higher than without
    assert (tmp_path / f"results-{budget}" / "line-drawing-fixed.nc").exists()


def test_results_that_are_made_are_kept_and_what_is_drawn_stays_when_it_is_stopped(tmp_path, monkeypatch):
    asked = []

    def stopped(names, folder, budget, report=str):
        asked.extend(names)
        if "line-drawing-coupling" in names:
            raise KeyboardInterrupt
        fake_results(names, folder, budget, report)

    monkeypatch.setattr(experiments, "make_results", stopped)
    printed = io.StringIO()
    with pytest.raises(KeyboardInterrupt):
        draw_figures(Console(file=printed, width=200), ["P21-2b", "P21-3b", "P21-S7"], "quick", tmp_path)
    assert printed.getvalue().startswith("P21-2b, P21-2b-drawings: saved to")
    assert asked == ["line-drawing-grid", "line-drawing-coupling"]  # each once
    assert {path.name for path in tmp_path.glob("*.txt")} == {"P21-2b.txt", "P21-2b-drawings.txt"}


def test_lists_figures_and_draws_nothing(tmp_path):
    code, printed, _ = call("P21-2", out=tmp_path / "none", listing=True)
    assert code == 0
    assert re.search(r"P21-2b +line drawing: training error over epochs, .* line-drawing-grid", printed)
    assert "P20-7" not in printed
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("names", "how", "sentence"),
    [
        (["P21-9z"], {}, "figure P21-9z: must be one of P21-2b, P21-2b-drawings, P21-2c,"),
        (["P21-2b", "2b"], {}, "figure 2b: must be one of"),
        (["P21"], {}, "figure P21: must be one of"),
        ([""], {}, "figure : must be one of"),
        (["P21-2b"], {"budget": "huge"}, "budget huge: must be one of stored, quick, class, paper for figures"),
        (["P21-2b"], {"out": Path(__file__)}, "the folder cannot be made"),
    ],
)
def test_a_mistake_is_one_sentence(tmp_path, names, how, sentence):
    with pytest.raises((SettingError, FileError)) as caught:
        call(*names, **{"out": tmp_path / "none"} | how)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "none").exists()


def test_what_is_not_installed_is_named_before_anything_is_trained(tmp_path, monkeypatch):
    monkeypatch.setattr("ccdni_lib.cli.figures.find_spec", lambda name: None)
    with pytest.raises(
        FileError, match=r"resvg_py: must be installed to draw figures: pip install 'ccdni_lib\[book\]'"
    ):
        call("P21-2b", out=tmp_path / "none", budget="quick")
    assert not (tmp_path / "none").exists()


@pytest.mark.slow
def test_a_figure_is_drawn_from_results_made_anew(tmp_path):
    code, _, said = call("P20-7-losses", out=tmp_path, budget="quick")
    assert (code, said) == (0, [])
    text = (tmp_path / "P20-7-losses.txt").read_text()
    assert text.startswith("Smoke test, not evidence: budget quick, ")
    (result,) = (tmp_path / "results-quick").glob("*.nc")
    at = result.stat().st_mtime_ns
    assert call("P20-7-losses", out=tmp_path, budget="quick")[0] == 0
    assert result.stat().st_mtime_ns == at  # kept
