"""Stored results: small, complete, still what the code computes, and never taken for another's."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

import ccdni_lib as cc
from ccdni_lib.cli.app import main
from ccdni_lib.study.experiments import (
    EXPERIMENTS,
    differences,
    find_experiment,
    load_result,
    make_result,
    make_results,
    results_folder,
)
from ccdni_lib.study.experiments import experiment as experiment_module
from ccdni_lib.study.experiments.compact import compact
from ccdni_lib.study.runs.files import load_dataset, save_dataset

FRESH = "line-drawing-fresh"


@pytest.fixture
def small(monkeypatch):
    """The experiment with two seeds and two epochs at every budget."""
    few = {"seeds": [100, 101], "epochs": 2, "batches": 1}
    experiment = replace(find_experiment(FRESH), settings=few, smaller={})
    monkeypatch.setitem(EXPERIMENTS, FRESH, experiment)
    return experiment


# --- the book's ---


def test_every_experiment_is_stored_and_nothing_else():
    assert {path.stem for path in results_folder().rglob("*.nc")} == set(EXPERIMENTS)
    assert sum(path.stat().st_size for path in results_folder().rglob("*.nc")) < 20_000_000


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_stored_result_is_small_and_says_what_made_it(name):
    assert (results_folder() / f"{name}.nc").stat().st_size < 1_000_000
    attrs = load_result(name).attrs
    assert attrs["made_by"] == f"ccdni results {name}"
    assert {"settings", "versions", "seconds", "source_revision", "device"} <= set(attrs)
    assert attrs["complete"]


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_stored_result_still_comes_out(name):
    """A few networks, the first epochs or batches, at one point of the grid, trained anew: equal to rounding."""
    try:
        assert differences(name) == {}
    except cc.FileError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("name", ["seqmnist", "c-seqmnist", "ld-seqmnist", "dd-seqmnist"])
def test_each_network_that_reads_digits_ends_with_a_smaller_error_than_its_twin_without_a_cerebellum(name):
    """What the README says of the stored results."""
    error = load_result(name).train_error.isel(epoch=-1)
    assert (error.sel(model="ccrnn") < error.sel(model="crnn")).all()


# --- reading ---


def test_compacting_keeps_every_second_of_a_hundred_epochs_to_four_digits():
    run = cc.train("line-drawing", "crnn", seeds=2, epochs=104, batches=1, lstm_units=4, progress=False, device="cpu")
    small = compact(run)
    assert small.epoch.values.tolist() == [1, *range(2, 105, 2)]
    np.testing.assert_allclose(small.train_error, run.train_error.sel(epoch=small.epoch), rtol=2e-4)
    np.testing.assert_allclose(small.final_error, run.validation_error.isel(epoch=-1), rtol=2e-4)
    np.testing.assert_allclose(small.validation_mean.isel(epoch=-1), small.final_error.mean("time"), rtol=4e-4)


def test_reading_a_result_trains_nothing(tmp_path, monkeypatch):
    """Not where the environment names a budget either."""
    monkeypatch.setenv("CCDNI_RESULTS", str(tmp_path))
    monkeypatch.setenv("CCDNI_BUDGET", "quick")
    with pytest.raises(cc.FileError, match=r"line-drawing-fresh\.nc: there is no such file"):
        load_result(FRESH)
    assert list(tmp_path.iterdir()) == []


def test_a_file_under_another_experiments_name_is_refused(tmp_path):
    (tmp_path / "line-drawing-grid.nc").write_bytes((results_folder() / f"{FRESH}.nc").read_bytes())
    with pytest.raises(cc.FileError, match=r"must hold the result of line-drawing-grid, and holds line-drawing-fresh"):
        load_result("line-drawing-grid", tmp_path)


def test_a_sample_of_other_data_is_not_compared(tmp_path, monkeypatch):
    save_dataset(load_result(FRESH).assign_attrs(data="MNIST"), tmp_path / f"{FRESH}.nc")
    monkeypatch.setenv("CCDNI_RESULTS", str(tmp_path))
    with pytest.raises(cc.FileError, match=r"cannot be checked, it was made from MNIST, and at hand is nothing else"):
        differences(FRESH)


# --- making ---


def test_a_smaller_budget_is_refused_where_the_book_keeps_its_results(tmp_path, monkeypatch):
    monkeypatch.delenv("CCDNI_RESULTS", raising=False)
    with pytest.raises(cc.SettingError, match=r"^budget quick: must be paper"):
        make_result(FRESH, budget="quick")
    with pytest.raises(cc.SettingError, match=r"^budget tiny: must be one of quick, class, paper"):
        make_result(FRESH, tmp_path, "tiny")


def test_a_result_states_what_it_was_made_from_and_leaves_nothing_else(small, tmp_path):
    path = make_result(FRESH, tmp_path / "new" / "folder", "quick", progress=False, workers=1)
    assert list(path.parent.iterdir()) == [path]
    run = load_result(FRESH, path.parent)
    made_from = json.loads(run.attrs["made_from"])
    assert made_from == json.loads(json.dumps(small.made_from("quick")))
    assert made_from["definition"]["seeds"] == run.seed.values.tolist() == [100, 101]
    named = {name: run.attrs[name] for name in ("experiment", "budget", "source_revision")}
    assert named == {name: made_from[name] for name in named}
    assert run.attrs["made_by"] == "ccdni results line-drawing-fresh --budget quick"


def test_missing_results_are_made_and_those_that_fit_are_used(small, tmp_path):
    made = []
    paths = make_results([FRESH], tmp_path, "quick", workers=1, report=made.append)
    before = paths[0].read_bytes()
    assert make_results([FRESH], tmp_path, "quick", workers=1, report=made.append) == paths
    assert (made, paths[0].read_bytes()) == ([FRESH], before)


def test_a_result_of_another_budget_definition_or_revision_is_neither_used_nor_replaced(small, tmp_path, monkeypatch):
    (path,) = make_results([FRESH], tmp_path, "quick", workers=1)
    before = path.read_bytes()
    with pytest.raises(cc.FileError, match=r"fresh\.nc: must not be used, made with budget quick, not class;"):
        make_results([FRESH], tmp_path, "class", workers=1)
    other = replace(small, settings={**small.settings, "epochs": 3})
    monkeypatch.setitem(EXPERIMENTS, FRESH, other)
    with pytest.raises(cc.FileError, match=r"must not be used, made with epochs 2, not 3;"):
        make_results([FRESH], tmp_path, "quick", workers=1)
    monkeypatch.setitem(EXPERIMENTS, FRESH, small)
    monkeypatch.setattr(experiment_module, "hash_of_sources", lambda package, folders: "of-others")
    with pytest.raises(cc.FileError, match=r"made with source revision \w+, not of-others;"):
        make_results([FRESH], tmp_path, "quick", workers=1)
    path.write_bytes(before[:2000] + b"?" + before[2001:])
    with pytest.raises(cc.FileError, match=r"fresh\.nc: .*damaged"):
        make_results([FRESH], tmp_path, "quick", workers=1)


def test_the_results_of_the_book_are_not_taken_for_results_of_todays_sources(tmp_path):
    """They state what made them as results did then, and are held to what the code computes by their samples."""
    (tmp_path / f"{FRESH}.nc").write_bytes((results_folder() / f"{FRESH}.nc").read_bytes())
    with pytest.raises(cc.FileError, match="must not be used"):
        make_results([FRESH], tmp_path, "paper")


# --- the command ---


def test_the_command_resumes_refuses_and_replaces(small, tmp_path, capfd):
    out = ["--out", str(tmp_path / "new" / "a"), "--budget", "quick", "--workers", "1"]
    assert main(["results", FRESH, *out]) == 0
    path = tmp_path / "new" / "a" / f"{FRESH}.nc"
    before = path.stat().st_mtime_ns
    assert main(["results", FRESH, *out, "--resume"]) == 0
    assert path.stat().st_mtime_ns == before  # was not made again
    left = path.with_name(f".{FRESH}.whole.nc")
    left.write_bytes(b"what a stopped run has left")
    assert main(["results", FRESH, *out]) == 2
    assert "--overwrite" in capfd.readouterr().err
    assert left.exists()
    assert main(["results", FRESH, *out, "--overwrite"]) == 0
    assert list(path.parent.iterdir()) == [path]
    assert path.stat().st_mtime_ns > before


@pytest.mark.slow
@pytest.mark.parametrize("seeds", ["0-9", "100-109"])
def test_with_a_cerebellum_the_ataxia_score_is_below_a_third(seeds, tmp_path):
    """P21 Fig. 2b, c, whole: 10 seeds, T = 1, every second step taught, 250 epochs."""
    out = tmp_path / "run.nc"  # in a process of its own, where no types are checked at every call
    command = [sys.executable, "-m", "ccdni_lib.cli.app", "sweep", "line-drawing", "--seeds", seeds, "--device", "cpu"]
    subprocess.run([*command, "--out", out], check=True, capture_output=True)
    run = load_dataset(out)
    score = run.ataxia_score.isel(epoch=-1).mean("seed")
    assert score.sel(model="ccrnn") < score.sel(model="crnn") / 3
