"""The table of published figures: chapters show all of it, and any size of result can be drawn."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import nbformat
import numpy as np
import pytest
import xarray as xr

import ccdni_lib as cc
from ccdni_lib.findings.figures import FIGURES, draw, figure_text, find_figures
from ccdni_lib.findings.figures.gallery import published_order, size_note
from ccdni_lib.study.experiments import find_experiment
from ccdni_lib.study.experiments.sweep import SweepExperiment

BOOK = Path(__file__).parents[3] / "book"
load = cache(cc.load_result)


def cells():
    """Code cells of all chapters."""
    for path in sorted(BOOK.glob("*.ipynb")):
        yield from (cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code")


def names_in(source: str) -> list[str]:
    """The figures that a cell shows: what it draws, and what its comment says that this is, too."""
    return re.findall(r'figures\.draw\("([^"]+)"\)', source) + re.findall(r"# which (\S+) shows, too", source)


def at_quick_size(name: str) -> xr.Dataset:
    """A stored result cut down to the seeds, epochs and points that it has when it is made at budget "quick"."""
    run, experiment = load(name), find_experiment(name)
    if not isinstance(experiment, SweepExperiment):
        return run.isel(seed=slice(2)).assign_attrs(budget="quick")
    settings = experiment.settings_at("quick")
    run = run.isel(seed=slice(len(settings["seeds"])))
    for dim in ("epoch", "recorded_epoch"):
        if dim in run.dims and "epochs" in settings:
            run = run.sel({dim: slice(None, settings["epochs"])})
    for dim, values in settings.items():
        if dim in run.dims and isinstance(values, list):
            run = run.sel({dim: [value for value in run[dim].values.tolist() if value in values]})
    return run.assign_attrs(budget="quick")


def test_names_are_those_of_the_papers_and_lines_are_short():
    for name, figure in FIGURES.items():
        assert re.fullmatch(r"P2[01]-S?\d+[a-z]?(-[a-z0-9]+)*", name)
        assert figure.name == name
        assert 4 <= len(figure.shows.split()) < 16
        assert not figure.shows.endswith(".")
        for experiment in figure.experiments:
            find_experiment(experiment)


def test_chapters_show_all_of_the_table_and_each_figure_once():
    shown = [name for cell in cells() for name in names_in(cell.source)]
    assert sorted(shown) == sorted(FIGURES)


@pytest.mark.notebooks
def test_a_chapter_is_kept_with_the_figure_that_is_drawn_now():
    """Pictures are left out when outputs of chapters are compared; their words, which have the numbers, are not."""
    for cell in cells():
        for name in names_in(cell.source):
            (kept,) = (output.data["text/plain"] for output in cell.outputs if "text/html" in output.get("data", {}))
            assert kept == repr(draw(name, load)), name


@pytest.mark.parametrize("name", sorted(FIGURES, key=published_order))
def test_every_figure_can_be_drawn_from_quick_results_and_says_so(name):
    picture = draw(name, at_quick_size)
    assert len(picture.alt.split()) > 8
    if FIGURES[name].experiments:
        assert picture.alt.startswith("Smoke test, not evidence: budget quick, ")
        assert picture.note
        assert "Drawn from " in figure_text(name, picture, {one: load(one) for one in FIGURES[name].experiments})


def test_a_number_names_all_parts_of_a_figure_and_no_other():
    assert [figure.name for figure in find_figures(["P20-S3"])] == ["P20-S3-maps", "P20-S3-curves"]
    with pytest.raises(cc.SettingError, match="figure P20-S1: must be one of"):  # not P20-S10 to P20-S15
        find_figures(["P20-S1"])
    assert len(find_figures([])) == len(FIGURES)


def test_the_note_counts_what_is_there():
    runs = [
        xr.Dataset(coords={"seed": np.arange(seeds), "epoch": [1, epochs]}, attrs={"budget": budget})
        for seeds, epochs, budget in ((4, 100, "quick"), (2, 100, "quick"), (10, 250, "paper"))
    ]
    assert size_note(runs) == "Smoke test, not evidence: budget quick, 2 to 4 seeds, 100 epochs"
    assert size_note(runs[2:]) == ""
    mixed = [runs[0], runs[1].assign_attrs(budget="class")]
    assert size_note(mixed).startswith("Smoke test, not evidence: budget quick, 4 seeds, 100 epochs; budget class, 2")
