"""The ledger: claims are tested where they can be, verdicts follow their rules, and what is missing stops nothing."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from rich.console import Console

import ccdni_lib as cc
from ccdni_lib.cli.app import main
from ccdni_lib.cli.ledger import run_ledger
from ccdni_lib.findings.claims.catalogue import CLAIMS, TOPICS, experiments_of, find_claims
from ccdni_lib.findings.claims.claim import DOES_NOT_HOLD, HOLDS, IN_PART, NOT_TESTED, Claim, Comparison, twins
from ccdni_lib.findings.claims.ledger import Ledger, evaluate
from ccdni_lib.findings.claims.readings import (
    Sample,
    distance_from_median,
    final_value,
    mean_over_first_half,
    mean_over_learning,
    roughness,
    sample_of,
    value_at_others_peak,
)
from ccdni_lib.findings.claims.topics.captions import by_length
from ccdni_lib.findings.claims.topics.lesions import by_onset
from ccdni_lib.study.experiments import EXPERIMENTS, differences, find_experiment, load_result, make_result
from ccdni_lib.study.experiments.compact import compact
from ccdni_lib.study.experiments.feedforward import FeedforwardExperiment
from ccdni_lib.study.experiments.recheck import is_quick
from ccdni_lib.study.feedforward.forward import train_forward
from ccdni_lib.study.measures import statistics
from ccdni_lib.study.measures.captioning import measure_captions
from ccdni_lib.study.runs.files import save_dataset
from ccdni_lib.study.runs.train import sweep
from ccdni_lib.tasks import find_task

TESTED = [claim for claim in CLAIMS.values() if claim.comparisons]
RECORDED = ("coupling", "true_cosine", "cortex_correlation", "cortex_r_pop", "feedback_correlation", "feedback_r_pop")
FEW_SCENES = "captions:images=20"
FAST = ["BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "ROUGE-L", "CIDEr"]


def made_up(name: str) -> xr.Dataset:
    """A result with the dims of an experiment at published size, and any numbers."""
    rng = np.random.default_rng(len(name))
    if isinstance(find_experiment(name), FeedforwardExperiment):
        return train_forward(
            seeds=3, batches=40, record_every=10, device="cpu", hidden=(8, 8), granule_cells=8, pairs=8
        )
    experiment = find_experiment(name)
    settings, task = experiment.settings, find_task(FEW_SCENES if name == "captions" else experiment.task)
    coords = {"model": list(experiment.models)}
    coords |= {key: value for key, value in settings.items() if isinstance(value, list) and key != "seeds"}
    coords |= {"seed": settings["seeds"]}
    epochs = settings.get("epochs", task.published.get("epochs", 250))
    point, grid = list(coords), {**coords, "epoch": np.unique(np.r_[1, np.arange(2, epochs, 10), epochs])}

    def some(**more):
        sizes = {**coords, **more}
        return tuple(sizes), rng.uniform(0.1, 1, [len(values) for values in sizes.values()])

    data = {"train_error": some(epoch=grid["epoch"])}
    if name != "captions":
        data |= {key: some(epoch=grid["epoch"]) for key in ("ataxia_score", "ataxia_taught", "ataxia_untaught")}
    if name == "captions":
        grid |= {"metric": [*FAST, "METEOR"], "length": range(task.steps)}
        data |= {"bits_per_word": some(epoch=grid["epoch"]), "training_bits": some(), "truth": some()}
        data |= {key: some(length=grid["length"]) for key in ("length_bits", "length_captions")}
        data["score"] = some(metric=grid["metric"])
    elif "seqmnist" in name:
        data["validation_accuracy"] = some(epoch=grid["epoch"])
    else:
        drawn = {"cue": range(3), "time": range(task.steps), "xy": ["x", "y"]}
        data["output"] = some(**drawn)
        data["target"] = (tuple(drawn), rng.uniform(size=[len(values) for values in drawn.values()]))
    taught = np.arange(task.steps) % 2 == 0
    data["taught"] = (
        (*point[:-1], "time"),
        np.broadcast_to(taught, [len(coords[key]) for key in point[:-1]] + [task.steps]),
    )
    if experiment.record:
        recorded = np.arange(0, epochs + 1, experiment.record_every)
        data |= {key: some(recorded_epoch=recorded) for key in RECORDED[2:]} | {
            "coupling": some(recorded_epoch=recorded)
        }
        data["true_cosine"] = some(recorded_epoch=recorded, cut=range(task.steps))
        grid["recorded_epoch"] = recorded
    return xr.Dataset(data, {**grid, "time": np.arange(task.steps)}, {"seconds": 60.0, "task": experiment.task})


@pytest.fixture(scope="session")
def results():
    return {name: made_up(name) for claim in TESTED for name in claim.experiments}


@pytest.fixture(scope="session")
def ledger(results):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(statistics, "RESAMPLES", 200)  # quick, and good enough for numbers that mean nothing
        return Ledger.from_results(None, results.__getitem__)


def results_folder_of_the_book() -> Path:
    return Path(__file__).parents[3] / "book" / "results"


@pytest.fixture
def small_experiments(monkeypatch):
    """Two experiments that take a second at "quick"."""
    few = {"seeds": [0, 1], "epochs": 2, "batches": 1}
    for name, grid in (("line-drawing-fresh", {}), ("line-drawing-grid", {"truncation": [1, 2]})):
        intervals = {"feedback_interval": [2, 3]} if grid else {}
        monkeypatch.setitem(find_experiment(name).smaller, "quick", {**few, **grid, **intervals})
        monkeypatch.setitem(find_experiment(name).smaller, "class", {**few, **grid, **intervals})


def printed(*arguments, width=160, **options) -> tuple[int, str]:
    console = Console(file=io.StringIO(), width=width)
    code = run_ledger(console, *arguments, **options)
    return code, console.file.getvalue()


# --- what is claimed ---------------------------------------------------------------------------------------------


def test_there_are_claims_of_both_papers_and_most_are_tested():
    assert len(CLAIMS) == sum(map(len, TOPICS.values())) >= 36
    assert len(TESTED) >= 30
    for paper in ("P21", "P20"):
        assert len([claim for claim in TESTED if claim.place.startswith(f"{paper} ")]) >= 15


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=lambda claim: claim.id)
def test_a_claim_says_where_it_stands_and_how_it_is_tested_or_why_not(claim):
    assert re.match(r"P2[01] (section|abstract|SM)", claim.place)
    assert claim.id.startswith(f"{claim.place[:3]}-")
    assert 1 < len(claim.quote.split()) <= 15
    assert claim.says.endswith(".")
    assert bool(claim.untested) != bool(claim.comparisons)
    if claim.comparisons:
        assert claim.measure
        assert claim.experiments
        assert set(claim.experiments) <= set(EXPERIMENTS)
        assert all(comparison.label in claim.rule for comparison in claim.comparisons)


@pytest.mark.parametrize("claim", TESTED, ids=lambda claim: claim.id)
def test_every_comparison_finds_its_networks_in_results_of_published_size(claim, ledger):
    (row,) = (row for row in ledger.rows if row.claim is claim)
    assert [outcome.missing for outcome in row.outcomes] == [""] * len(claim.comparisons)
    assert all(outcome.effect.n >= 3 for outcome in row.outcomes)
    assert row.verdict != NOT_TESTED
    assert sum(row.minutes.values()) > 0


def test_results_of_the_engine_have_what_claims_read(results):
    """Of two experiments, run for an epoch or two: the names of what is measured are those of the made-up results."""
    tiny = {"seeds": [0, 1], "epochs": 2, "batches": 1, "batch_size": 4, "workers": 1, "progress": False}
    for name, size in (
        ("line-drawing-coupling", {"lstm_units": 4, "granule_cells": 8}),
        (
            "seqmnist-lesions",
            {"lstm_units": 4, "granule_cells": 8, "validation_size": 20, "lesion": ["", "cerebellum@1"]},
        ),
    ):
        one = find_experiment(name)
        run = compact(sweep(one.task, one.models, **{**one.settings, **tiny, **size}, record=one.record))
        kept = {key for key in results[name].data_vars if not (key in RECORDED and key not in run)}
        assert kept <= set(run.data_vars) | {"output"}
        assert {key for key in RECORDED if key in run} >= {"coupling"}
        for key in kept - {"output", "target"}:
            assert set(results[name][key].dims) == set(run[key].dims), key


def test_results_of_captions_have_what_claims_read(results):
    pytest.importorskip("pycocoevalcap", reason="needs the extra [captions]")
    tiny = {"seeds": [0, 1], "epochs": 2, "batches": 1, "batch_size": 4, "workers": 1, "progress": False}
    run = sweep(FEW_SCENES, truncation=[3, 4], **tiny, lstm_units=4, granule_cells=8, validation_size=20)
    run = compact(measure_captions(run, FEW_SCENES, metrics=FAST))
    for key, made in results["captions"].data_vars.items():
        assert set(made.dims) == set(run[key].dims), key


# --- what is concluded -------------------------------------------------------------------------------------------


def sample(*values) -> Sample:
    return Sample((), lambda runs: xr.DataArray(list(values), dims="seed", coords={"seed": range(len(values))}))


HALF, ONE, TWICE = sample(1.0, 1.1, 0.9, 1.0), sample(2.0, 2.1, 1.9, 2.0), sample(4.0, 4.1, 3.9, 4.0)
NOISE = sample(1.0, 3.0, 2.5, 1.5)


@pytest.mark.parametrize(
    ("one", "expect", "came_out"),
    [
        (HALF, "less", True),
        (TWICE, "less", False),
        (NOISE, "less", False),
        (HALF, "more", False),
        (TWICE, "more", True),
        (ONE, "same", True),
        (HALF, "same", False),
        (NOISE, "same", False),
        (TWICE, "not less", True),
        (ONE, "not less", True),
        (HALF, "not less", False),
        (HALF, "not more", True),
        (TWICE, "not more", False),
    ],
)
def test_a_comparison_comes_out_where_the_whole_interval_is_on_its_side(one, expect, came_out):
    assert Comparison("", one, ONE, expect, within=0.25).evaluate({}).came_out is came_out


def test_margins_are_shares_of_ratios_and_steps_of_differences():
    assert Comparison("", ONE, ONE, "same", within=0.25).rule == "ratio between 0.8 and 1.25"
    assert Comparison("", ONE, ONE, "same", "difference", within=0.25).rule == "difference between -0.25 and 0.25"


@pytest.mark.parametrize(
    ("groups", "needs", "verdict"),
    [
        ((HALF, HALF), "all", HOLDS),
        ((HALF, TWICE), "all", IN_PART),
        ((HALF, TWICE), "any", HOLDS),
        ((TWICE, NOISE), "all", DOES_NOT_HOLD),
        ((TWICE, NOISE), "any", DOES_NOT_HOLD),
        ((HALF, sample(np.nan)), "all", NOT_TESTED),
        ((HALF, sample(np.nan)), "any", NOT_TESTED),
        ((sample(np.nan),), "all", NOT_TESTED),
    ],
)
def test_a_claim_holds_with_all_its_comparisons_and_in_part_with_some(groups, needs, verdict):
    claim = Claim(
        "P21-0", "P21 section 0", "", "", "", tuple(Comparison("", one, ONE, "less") for one in groups), needs=needs
    )
    assert evaluate(claim, {}.__getitem__).verdict == verdict


def test_expectations_that_there_are_not_are_named():
    with pytest.raises(ValueError, match=r"^expect greater: must be one of less, more, same"):
        Comparison("", ONE, ONE, "greater")


def test_twins_are_paired_by_seed_and_not_by_place():
    swapped = Sample((), lambda runs: ONE.read({}).isel(seed=[2, 0, 1]) / 2)
    outcome = Comparison("", swapped, ONE, "less").evaluate({})
    assert (outcome.effect.n, outcome.effect.low, outcome.effect.high) == (3, 0.5, 0.5)


# --- what is read off --------------------------------------------------------------------------------------------


def test_an_average_over_learning_does_not_depend_on_which_epochs_are_kept():
    epoch = np.arange(1, 101)
    run = xr.Dataset({"train_error": ("epoch", 7.0 - 0.03 * epoch)}, {"epoch": epoch})
    few = run.sel(epoch=[1, 2, 3, 10, 50, 100])
    assert mean_over_learning("train_error")(few).item() == pytest.approx(7 - 0.03 * 50.5)
    assert mean_over_learning("train_error")(run).item() == pytest.approx(7 - 0.03 * 50.5)


def test_a_saw_is_rough_and_a_line_is_not():
    saw = np.array([0.0, 1, 0, 1, 0])
    drawn = np.stack([np.stack([np.arange(5.0), saw], -1), np.stack([np.arange(5.0), np.arange(5.0)], -1)])
    run = xr.Dataset({"output": (("seed", "cue", "time", "xy"), drawn[:, None])})
    assert roughness(run).values.tolist() == [4, 0]  # second differences of the saw are ±2


def test_spread_is_the_distance_from_the_median():
    run = xr.Dataset({"train_error": (("seed", "epoch"), [[1.0], [2.0], [9.0]])})
    assert distance_from_median(final_value("train_error"))(run).values.tolist() == [1, 0, 7]


def test_peaks_of_others_are_not_higher_than_the_rest_in_noise():
    """Each network's own maximum is some two standard deviations above the mean of thirty epochs."""
    noise = np.random.default_rng(4).normal(size=(300, 5, 30))
    curves = [xr.DataArray(one, {"epoch": range(30)}, ("seed", "epoch")) for one in noise]
    assert abs(np.mean([value_at_others_peak(curve, "epoch").mean() for curve in curves])) < 0.15
    assert noise.max(2).mean() > 1.9


def test_a_diverged_network_has_no_peak_and_does_not_move_that_of_others():
    curve = xr.DataArray([[0.0, 5.0], [1.0, 6.0], [np.nan, 99.0]], {"epoch": [0, 1]}, ("seed", "epoch"))
    found = value_at_others_peak(curve, "epoch")
    np.testing.assert_array_equal(found, [5, 6, np.nan])


def test_captions_are_counted_by_their_words_and_their_ends():
    """Of eight captions half have 2 or 3 words; the lower quartile is 1, the upper 3."""
    captions = np.array([0, 2, 3, 1, 1, 0, 1])
    bits = np.array([np.nan, 1.0, 2.0, 4.0, 3.0, np.nan, 6.0])
    run = xr.Dataset({"length_bits": ("length", bits), "length_captions": ("length", captions)})
    assert by_length("common")(run).item() == pytest.approx((2 * 2 * 1 + 3 * 3 * 2 + 1 * 4 * 4) / (2 * 2 + 3 * 3 + 4))
    assert by_length("long")(run).item() == pytest.approx((5 * 3 + 7 * 6) / (5 + 7))
    assert np.isnan(by_length("long")(run.assign(length_bits=run.length_bits * np.nan)))  # a diverged network


def test_early_learning_is_the_first_half():
    epoch = np.arange(1, 61)
    run = xr.Dataset({"bits_per_word": ("epoch", np.where(epoch <= 30, 10.0 - 0.1 * epoch, 99.0))}, {"epoch": epoch})
    assert mean_over_first_half("bits_per_word")(run).item() == pytest.approx(10 - 0.1 * 15.5)


def test_ablations_are_sorted_by_their_epoch_and_other_lesions_left_out():
    labels = ["", "olive@5", "cerebellum@10", "cerebellum@0", "cerebellum@2"]
    found = by_onset(xr.Dataset({"error": ("lesion", range(5))}, {"lesion": labels}), lambda run: run.error)
    assert dict(zip(found.onset.values.tolist(), found.values.tolist(), strict=True)) == {0: 3, 2: 4, 10: 2}


# --- the table ---------------------------------------------------------------------------------------------------


def test_a_claim_without_a_result_is_not_tested_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("CCDNI_RESULTS", str(tmp_path))
    ledger = Ledger.from_results()
    assert {row.verdict for row in ledger.rows} == {NOT_TESTED}
    assert all(row.reason for row in ledger.rows)
    assert set(ledger.missing) == set(experiments_of(CLAIMS.values()))
    (row,) = (row for row in ledger.rows if row.claim.id == "P21-2c-ataxia")
    assert row.reason == "no stored result of line-drawing-grid, line-drawing-fresh."


def test_a_damaged_result_is_told_as_damaged_and_not_as_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("CCDNI_RESULTS", str(tmp_path))
    whole = (results_folder_of_the_book() / "line-drawing-fresh.nc").read_bytes()
    (tmp_path / "line-drawing-fresh.nc").write_bytes(whole[: len(whole) // 2])
    (row,) = Ledger.from_results(find_claims(["P21-2c"])).rows
    assert row.verdict == NOT_TESTED
    assert row.missing == ("line-drawing-grid",)
    assert re.search(r"line-drawing-fresh\.nc: cannot be read as a result, it is damaged", row.reason)
    assert row.unreadable == (row.reason.split("; ", 1)[1][:-1],)


def test_a_claim_of_which_one_comparison_lacks_its_networks_is_not_tested_and_says_what_is_missing(results):
    (claim,) = find_claims(["P20-4b-metrics"])
    lacking = results["captions"].drop_sel(metric="METEOR").assign_attrs(experiment="captions")
    row = evaluate(claim, lambda name: lacking)
    assert (row.verdict, row.tally) == (NOT_TESTED, "")
    assert row.reason == (
        "nothing can be told of 2 of 8 comparisons: T = 4, CC-DNI, METEOR: the result lacks metric METEOR; "
        "T = 4, sCC-DNI, METEOR: the result lacks metric METEOR."
    )
    row = evaluate(claim, lambda name: lacking.drop_vars("score"))
    assert row.reason.startswith(
        "nothing can be told of 8 of 8 comparisons: T = 4, CC-DNI, BLEU-4: the result lacks score"
    )


def test_on_smaller_grids_every_claim_is_tested_or_says_what_is_missing(results, monkeypatch):
    monkeypatch.setattr(statistics, "RESAMPLES", 200)
    varied = ("truncation", "feedback_interval", "lesion", "mossy_fibres", "granule_cells", "bias_factor", "metric")
    smaller = {name: run.isel({dim: slice(1) for dim in varied if dim in run.dims}) for name, run in results.items()}
    rows = Ledger.from_results(None, smaller.__getitem__).rows
    assert sum(row.verdict == NOT_TESTED for row in rows) > 30
    for row in rows:
        assert bool(row.reason) == (row.verdict == NOT_TESTED)
        assert bool(row.tally) != (row.verdict == NOT_TESTED)


def test_a_measure_that_nothing_defines_is_an_error_and_no_missing_result():
    with pytest.raises(ValueError, match=r"^variable ataxia_scroe: .* nothing, did you mean ataxia_score\?$"):
        twins("", "line-drawing-grid", final_value("ataxia_scroe"))
    typo = Comparison("", sample_of("some", lambda run: run.error, modell="ccrnn"), ONE, "less")
    with pytest.raises(KeyError, match="modell"):
        typo.evaluate({"some": xr.Dataset({"error": ("seed", [1.0, 2.0])})})


def test_the_page_has_every_claim_folded_with_its_rule_and_its_numbers(ledger):
    page = ledger._repr_html_()
    assert page.count("<details>") == page.count("</details>") == len(CLAIMS)
    assert page.count("<tbody><tr>") == len(TESTED)
    assert page.count("<td>") == sum(len(claim.comparisons) for claim in TESTED)
    for verdict, count in ledger.counts.items():
        assert f"{count} {verdict}" in page
    assert "r| &" not in page.replace("&lt;", "").replace("&amp;", "")
    assert not re.findall(
        r"<(?!/?(?:style|div|p|strong|details|summary|span|i|dl|dt|dd|table|thead|tbody|tr|th|td)\b)", page
    )


def test_the_terminal_shows_all_claims_and_named_ones_in_full(monkeypatch, results):
    monkeypatch.setattr("ccdni_lib.cli.ledger.load_result", lambda name, folder: results[name])
    monkeypatch.setattr(statistics, "RESAMPLES", 200)
    code, text = printed()
    assert code == 0
    assert all(claim.id in text for claim in CLAIMS.values())
    _, text = printed(["P21-3a-too", "P21-3b-feedback"])
    assert "too large for the models" in text
    assert "ratio between 0.8 and 1.25" in text
    assert "ccdni results line-drawing-grid" in text
    assert "neither paper describes an experiment" in text


def test_a_narrow_terminal_cuts_nothing_off(monkeypatch, ledger, results):
    monkeypatch.setattr("ccdni_lib.cli.ledger.load_result", lambda name, folder: results[name])
    monkeypatch.setattr(statistics, "RESAMPLES", 200)
    lines = printed(width=80)[1].splitlines()
    told = " ".join(line.strip() for line in lines)
    assert max(map(len, lines)) <= 80
    assert "…" not in told
    for row in ledger.rows:
        assert [line.endswith(f" {row.verdict}") for line in lines if line.startswith(f"{row.claim.id} ")] == [True]
        assert row.claim.says in told
        assert not row.outcomes or str(row.outcomes[0].effect) in told


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"names": ["P21-9"]}, r"^claim P21-9: must be one of P21-2-direction"),
        ({"budget": "tiny"}, r"^budget tiny: must be one of stored, quick, class, paper"),
        ({"budget": "quick", "check": True}, r"^budget quick: must be stored"),
        ({"out": Path("there")}, r"^out there: must be given with a budget"),
    ],
)
def test_mistakes_are_one_sentence(arguments, sentence):
    with pytest.raises(cc.SettingError, match=sentence):
        printed(**arguments)


def test_results_can_be_made_anew_for_it_and_are_used_again(tmp_path, small_experiments):
    arguments = {"names": ["P21-2c"], "out": tmp_path, "workers": 1}
    code, text = printed(**arguments, budget="quick")
    assert (code, text.count("making")) == (0, 2)
    code, text = printed(**arguments, budget="quick")
    assert (code, text.count("making")) == (0, 0)
    with pytest.raises(cc.FileError, match=r"must not be used, made with budget quick, not class; delete it"):
        printed(["P21-2c"], budget="class", out=tmp_path)


def test_nothing_stored_at_all_is_one_sentence_that_says_where_it_looked_and_how_to_get_results(tmp_path, monkeypatch):
    """As from an installed wheel, which has no results: it is no finding that nothing was tested."""
    monkeypatch.setenv("CCDNI_RESULTS", str(tmp_path))
    for check in (False, True):
        with pytest.raises(
            cc.FileError, match=rf"^{re.escape(str(tmp_path))}: has no stored .*: clone it, or set CCDNI_RES"
        ):
            printed(check=check)
    assert main(["ledger"]) == 2
    monkeypatch.setenv("CCDNI_RESULTS", str(tmp_path / "none"))
    assert main(["ledger"]) == 2


def test_where_some_are_missing_the_ledger_says_which_and_does_not_end_well(tmp_path, monkeypatch):
    monkeypatch.setenv("CCDNI_RESULTS", str(tmp_path))
    fresh = results_folder_of_the_book() / "line-drawing-fresh.nc"
    (tmp_path / fresh.name).write_bytes(fresh.read_bytes())
    told = []
    code, _ = printed(["P21-2c"], say=told.append)
    assert code == 1
    assert told == ["no stored result of line-drawing-grid; ccdni results makes them"]
    (tmp_path / "line-drawing-grid.nc").write_bytes(b"no result")
    code, _ = printed(["P21-2c"], say=told.append)
    assert code == 1
    assert "line-drawing-grid.nc: cannot be read as a result" in told[-1]
    code, text = printed(["P21-2c"], check=True)
    assert code == 1
    assert "✗ line-drawing-grid: " in text


# --- the check ---------------------------------------------------------------------------------------------------


def test_a_stored_result_that_was_changed_does_not_come_out(tmp_path, monkeypatch):
    monkeypatch.setenv("CCDNI_RESULTS", str(tmp_path))
    monkeypatch.setitem(find_experiment("reaching").smaller, "quick", {"seeds": [0], "epochs": 3, "truncation": [3]})
    make_result("reaching", tmp_path, "quick", progress=False, workers=1)
    assert differences("reaching") == {}
    code, text = printed(["P20-2b-faster"], check=True)
    assert (code, "✓ reaching: comes out" in text) == (0, True)
    changed = load_result("reaching")
    changed["train_error"] *= 1.01
    save_dataset(changed, tmp_path / "reaching.nc")
    assert differences("reaching") == {"train_error": pytest.approx(0.01, rel=0.1)}
    code, text = printed(["P20-2b-faster"], check=True)
    assert (code, "✗ reaching: differs: train_error by 1.0%" in text) == (1, True)
    (tmp_path / "reaching.nc").rename(tmp_path / "reaching-3.nc")
    assert printed(["P20-2b-faster"], check=True)[0] == 1


def test_the_check_takes_line_drawing_and_reaching_and_leaves_digits_and_captions_out():
    names = [name for name in experiments_of(CLAIMS.values()) if is_quick(name)]
    assert {"line-drawing-grid", "line-drawing-lesions", "reaching", "reaching-28d-map"} <= set(names)
    assert not {"seqmnist", "captions"} & set(names)
