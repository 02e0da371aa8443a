"""Stored results: small, complete, and still what the engine computes."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import ccdni_lib as cc
from ccdni_lib.findings.claims.recheck import differences
from ccdni_lib.study.experiments import load_result
from ccdni_lib.study.experiments.catalogue import EXPERIMENTS, find_experiment
from ccdni_lib.study.experiments.feedforward import RESULTS
from ccdni_lib.study.experiments.results import make_result
from ccdni_lib.study.runs.files import compact, load_dataset, results_folder
from ccdni_lib.tasks import find_task


def has_the_data_of(result):
    try:
        return find_task(result.attrs["task"]).data == result.attrs.get("data", "")
    except cc.FileError:  # captions of COCO cannot be without their folder
        return False


def test_every_experiment_is_stored_and_nothing_else():
    assert {path.stem for path in results_folder().glob("*.nc")} == {*EXPERIMENTS, *RESULTS}
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
    """One seed, the first epochs, at one point of the grid, trained anew: equal to what rounding allows."""
    if not has_the_data_of(load_result(name)):
        pytest.skip(f"needs {load_result(name).attrs['data']}: put it into CCDNI_DATA")
    assert differences(name) == {}


@pytest.mark.parametrize("name", ["seqmnist", "c-seqmnist", "ld-seqmnist", "dd-seqmnist"])
def test_each_network_that_reads_digits_ends_with_a_smaller_error_than_its_twin_without_a_cerebellum(name):
    """What the README says of the stored results."""
    error = load_result(name).train_error.isel(epoch=-1)
    assert (error.sel(model="ccrnn") < error.sel(model="crnn")).all()


def test_compacting_keeps_every_second_of_a_hundred_epochs_to_four_digits():
    run = cc.train("line-drawing", "crnn", seeds=2, epochs=104, batches=1, lstm_units=4, progress=False, device="cpu")
    small = compact(run)
    assert small.epoch.values.tolist() == [1, *range(2, 105, 2)]
    np.testing.assert_allclose(small.train_error, run.train_error.sel(epoch=small.epoch), rtol=2e-4)
    np.testing.assert_allclose(small.final_error, run.validation_error.isel(epoch=-1), rtol=2e-4)
    np.testing.assert_allclose(small.validation_mean.isel(epoch=-1), small.final_error.mean("time"), rtol=4e-4)


def test_a_smaller_budget_is_refused_where_the_book_keeps_its_results(tmp_path, monkeypatch):
    monkeypatch.delenv("CCDNI_RESULTS", raising=False)
    with pytest.raises(cc.SettingError, match=r"^budget quick: must be paper"):
        make_result("line-drawing-fresh", budget="quick")
    with pytest.raises(cc.SettingError, match=r"^budget tiny: must be one of quick, class, paper"):
        make_result("line-drawing-fresh", tmp_path, budget="tiny")


def test_reading_a_result_trains_nothing(tmp_path, monkeypatch):
    """Not where the environment names a budget either."""
    monkeypatch.setenv("CCDNI_RESULTS", str(tmp_path))
    monkeypatch.setenv("CCDNI_BUDGET", "quick")
    with pytest.raises(cc.FileError, match=r"line-drawing-fresh\.nc: there is no such file"):
        load_result("line-drawing-fresh")
    assert list(tmp_path.iterdir()) == []


def test_a_file_under_another_experiments_name_is_refused(tmp_path):
    (tmp_path / "line-drawing-grid.nc").write_bytes((results_folder() / "line-drawing-fresh.nc").read_bytes())
    with pytest.raises(cc.FileError, match=r"must hold the result of line-drawing-grid, and holds line-drawing-fresh"):
        load_result("line-drawing-grid", tmp_path)


def test_a_result_can_be_made_again(tmp_path, monkeypatch):
    experiment = find_experiment("line-drawing-fresh")
    monkeypatch.setitem(experiment.settings, "epochs", 2)
    monkeypatch.setitem(experiment.settings, "seeds", [100, 101])
    path = make_result("line-drawing-fresh", tmp_path, progress=False)
    assert list(tmp_path.iterdir()) == [path]


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
