"""What README.md says of what came out, read off the stored results; errors of digits are in study/test_results.py."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import xarray as xr

from ccdni_lib.findings.claims.readings import mean_over_learning
from ccdni_lib.findings.figures.cerebellum.lesions import NEVER, lesion_onsets
from ccdni_lib.study.experiments import load_result
from ccdni_lib.study.measures.horizons import steps_back
from ccdni_lib.study.measures.outcomes import final_digit_error, final_train_error, typical_ratio
from ccdni_lib.study.measures.statistics import Effect, paired_effect

INTERVALS = (1, 2, 3, 4, 5)  # published: 2
SWEPT = ("ld-seqmnist", "dd-seqmnist", "seqmnist")


def factor(one: xr.DataArray, other: xr.DataArray) -> Effect:
    """By what factor networks differ from their twins."""
    return paired_effect(np.log(one), np.log(other), "factor")


@pytest.mark.parametrize("name", ["line-drawing-grid", "line-drawing-fresh"])
def test_with_a_cerebellum_the_stored_ataxia_score_is_below_a_third(name):
    run = load_result(name)
    run = run.sel(truncation=1, feedback_interval=2) if "truncation" in run.dims else run
    assert run.seed.values.tolist() == list(range(10) if name == "line-drawing-grid" else range(100, 110))
    score = run.ataxia_score.isel(epoch=-1).mean("seed")
    assert score.sel(model="ccrnn") < score.sel(model="crnn") / 3


def test_for_the_cortex_a_horizon_of_two_steps_is_exactly_that_of_one_when_every_second_is_taught():
    alone = load_result("line-drawing-grid").sel(model="crnn", feedback_interval=2)
    one, two, three = (alone.sel(truncation=T, drop=True) for T in (1, 2, 3))
    for measured in ("train_error", "ataxia_score", "output"):
        assert (one[measured] == two[measured]).all()
        assert not (one[measured] == three[measured]).all()


@pytest.mark.parametrize(
    ("name", "seeds"), [("ld-seqmnist", 10), ("dd-seqmnist", 10), ("seqmnist", 10), ("c-seqmnist", 10)]
)
def test_digits_have_so_many_seeds_and_three_steps_are_no_horizon_where_only_the_last_is_taught(name, seeds):
    run = load_result(name)
    assert run.sizes["seed"] == seeds
    lessons = np.flatnonzero(run.taught.isel({dim: 0 for dim in run.taught.dims if dim != "time"}))
    at_the_end = name in ("seqmnist", "c-seqmnist")
    assert (lessons.tolist() == [27]) == at_the_end
    assert (not (lessons % 3).any()) == at_the_end  # no lesson has a step before it in its truncation


def ends_of(name):
    """Error at the end, (model, truncation, seed), at published size."""
    return final_digit_error(load_result(f"{name}-horizons-full"))


def test_in_drawing_and_naming_nearly_every_network_with_a_cerebellum_is_ahead_at_every_horizon():
    ahead = [(ends_of(name).sel(model="ccrnn") < ends_of(name).sel(model="crnn")).values for name in SWEPT]
    assert np.size(ahead) == 180
    assert np.sum(ahead) == 172
    assert np.sum(ahead, axis=-1).min() >= 8  # of ten, at each horizon of each task


@pytest.mark.parametrize("name", SWEPT)
def test_there_help_is_least_at_the_shortest_horizon(name):
    error = ends_of(name)
    ratio = (error.sel(model="ccrnn") / error.sel(model="crnn")).mean("seed")
    assert ratio.truncation[ratio.values.argmax()] == 1


@pytest.mark.parametrize(
    ("name", "same", "further"),
    [("ld-seqmnist", [1, 2], [4]), ("dd-seqmnist", [1, 2], [4]), ("seqmnist", [1, 3], [9, 27])],
)
def test_where_the_cortex_is_one_and_the_same_every_network_is_helped_more_by_fewer_cuts(name, same, further):
    swept, control = ends_of(name), final_digit_error(load_result(f"{name}-cuts")).sel(model="ccrnn", drop=True)
    control = control if "truncation" in control.dims else control.expand_dims(truncation=further)
    alone = swept.sel(model="crnn", truncation=same[0], drop=True)
    assert (alone == swept.sel(model="crnn", truncation=same[1])).all()
    helped = [swept.sel(model="ccrnn", truncation=T, drop=True) for T in same]
    helped += [control.sel(truncation=T, drop=True) for T in further]
    sizes = [factor(error, alone).size for error in helped]
    for more_cuts, fewer_cuts in pairwise(helped):
        assert (fewer_cuts < more_cuts).all()
    assert all(more > fewer for more, fewer in pairwise(sizes))
    if name == "seqmnist":
        assert [round(float((error / alone).mean()), 2) for error in helped] == [0.94, 0.75, 0.50, 0.29]


def test_across_three_cuts_a_cerebellum_takes_away_three_times_the_share_where_the_lesson_cannot_travel():
    """To name digits: T = 7, whose lesson travels back six steps, against T = 9, whose lesson travels none."""
    swept = ends_of("seqmnist")
    further = final_digit_error(load_result("seqmnist-cuts")).sel(model="ccrnn", truncation=9, drop=True)
    travels = swept.sel(model="ccrnn", truncation=7, drop=True) / swept.sel(model="crnn", truncation=7, drop=True)
    cannot = further / swept.sel(model="crnn", truncation=1, drop=True)
    assert (cannot < travels).all()
    assert round(float((1 - cannot).mean() / (1 - travels).mean())) == 3


def test_handed_on_whole_predictions_bring_more_across_many_cuts_and_still_less_than_across_few():
    alone = ends_of("seqmnist").sel(model="crnn", truncation=1, drop=True)
    whole = final_digit_error(load_result("seqmnist-cuts-unscaled")).sel(model="ccrnn", drop=True)
    tenth = ends_of("seqmnist").sel(model="ccrnn", truncation=1, drop=True)
    assert (whole.sel(truncation=1) < tenth).all()
    left = (whole / alone).mean("seed")
    assert round(float((1 - left.sel(truncation=1)) / (1 - (tenth / alone).mean()))) == 4
    few = final_digit_error(load_result("seqmnist-cuts")).sel(model="ccrnn", drop=True)
    assert (abs(left - (few / alone).mean("seed")) < 0.02).sel(truncation=[9, 27]).all()
    assert round(100 * (1 - float(left.sel(truncation=1)))) == 24
    assert (left.diff("truncation") < 0).all()
    assert left.sel(truncation=1) > 2 * left.sel(truncation=27)


@pytest.mark.parametrize("part", ["granule", "nuclei"])
def test_correlations_of_forward_dni_strengthen_as_much_against_a_network_that_it_was_never_connected_to(part):
    strongest = load_result("forward-mnist").strongest.sel(part=part, picked="end", drop=True)
    spoken = strongest.dropna("batch", how="all")
    first, last = spoken.isel(batch=0), spoken.isel(batch=-1)
    assert (last > first).all()
    rise = (last - first).mean("seed")
    assert rise.sel(partner="other") > 0.5 * rise.sel(partner="own")


def test_help_falls_off_a_cliff_where_lessons_begin_to_travel():
    """The error of a typical pair, ccRNN ÷ cRNN: small before, about one after. At every interval k, behind T = k."""
    grid = load_result("line-drawing-grid")
    ratio = typical_ratio(grid)
    published = grid.sel(feedback_interval=2)
    lessons = published.taught.isel({dim: 0 for dim in published.taught.dims if dim != "time"}).values
    for T in grid.truncation.values:
        here = float(ratio.sel(truncation=T, feedback_interval=2))
        assert here < 0.2 if steps_back(lessons, int(T)) == 0 else here > 0.6, T
    for k in INTERVALS:
        none, some = (float(ratio.sel(truncation=T, feedback_interval=k)) for T in (k, k + 1))
        assert none < 0.3, k
        assert some > 2.5 * none, k


@pytest.mark.parametrize("truncation", [3, 4, 5, 6, 7])
def test_at_middling_horizons_a_cerebellum_delays_learning(truncation):
    run = load_result("line-drawing-grid").sel(truncation=truncation, feedback_interval=2)
    error = mean_over_learning("train_error")(run)
    assert paired_effect(error.sel(model="ccrnn"), error.sel(model="crnn")).low > 1


def test_a_cerebellum_that_is_ablated_late_is_not_missed_in_line_drawing():
    """After four tenths of training: what it brought is not lost, and twins that keep it are not clearly better."""
    run = load_result("line-drawing-lesions").sel(model="ccrnn")
    error = final_train_error(run)
    late = [label for epoch, label in lesion_onsets(run, "cerebellum").items() if epoch >= 100]
    assert len(late) >= 3
    for label in late:
        assert (error.sel(lesion=label) < 0.05 * error.sel(lesion=NEVER).mean()).all()
        assert factor(error.sel(lesion=label), error.sel(lesion="")).low < 1


@pytest.mark.parametrize("model", ["ccrnn", "sccrnn"])
def test_nor_is_it_in_target_reaching(model):
    run = load_result("reaching-lesions").sel(model=model)
    error = final_train_error(run)
    for label in [label for epoch, label in lesion_onsets(run, "cerebellum").items() if epoch >= 200]:
        assert factor(error.sel(lesion=label), error.sel(lesion="")).low < 1


@pytest.mark.parametrize("name", ["ld-seqmnist-lesions", "dd-seqmnist-lesions"])
def test_but_in_drawing_digits_it_is_missed_by_every_network_to_the_end(name):
    run = load_result(name).sel(model="ccrnn")
    error = final_train_error(run)
    late = [label for epoch, label in lesion_onsets(run, "cerebellum").items() if epoch >= run.epoch[-1] / 2]
    assert late
    for label in late:
        assert (error.sel(lesion=label) > error.sel(lesion="")).all()


def test_a_cerebellum_that_can_no_longer_learn_and_is_heard_ruins_its_cortex_at_any_time():
    """Worse than never having had one, and than losing it at that time; one that never learned says nothing."""
    run = load_result("line-drawing-lesions").sel(model="ccrnn")
    error, never = final_train_error(run), final_train_error(run).sel(lesion=NEVER)
    for epoch, label in lesion_onsets(run, "olive").items():
        own = error.sel(lesion=label)
        if epoch == 0:
            assert (own == never).all()
        else:
            assert (own > never).all()
            assert own.mean() > 5 * never.mean()
            assert (own > error.sel(lesion=f"cerebellum@{epoch}")).all()


@pytest.mark.parametrize("truncation", [2, 3, 4, 5, 7])
def test_in_target_reaching_sparse_cerebella_are_not_faster(truncation):
    error = mean_over_learning("ataxia_taught")(load_result("reaching").sel(truncation=truncation))
    assert paired_effect(error.sel(model="sccrnn"), error.sel(model="ccrnn")).high > 1


@pytest.mark.parametrize("measure", ["correlation", "r_pop"])
def test_in_target_reaching_predictions_of_sparse_cerebella_are_not_less_correlated(measure):
    feedback = (
        load_result("reaching-bias")[f"feedback_{measure}"].sel(recorded_epoch=slice(1, 100)).mean("recorded_epoch")
    )
    for b in feedback.bias_factor.values:
        own = feedback.sel(bias_factor=b)
        assert paired_effect(own.sel(model="sccrnn"), own.sel(model="ccrnn")).high > 1, b


def test_save_one_of_forty_networks_with_a_sparse_cerebellum_end_with_a_smaller_error_than_their_twins():
    errors = [
        load_result(name).train_error.isel(epoch=-1)
        for name in ("seqmnist", "c-seqmnist", "ld-seqmnist", "dd-seqmnist")
    ]
    better = sum(int((error.sel(model="sccrnn") < error.sel(model="crnn")).sum()) for error in errors)
    assert better == 39
    assert sum(error.sizes["seed"] for error in errors) == 40


def test_captions_cost_less_with_a_long_horizon_and_no_less_with_a_cerebellum():
    bits = load_result("captions").bits_per_word.isel(epoch=-1)
    alone = bits.sel(model="crnn").mean("seed").values
    assert (np.diff(alone) < 0).all()
    gain = (bits.sel(model="crnn") - bits.sel(model="ccrnn")).stack(pair=("truncation", "seed"))
    for truncation in bits.truncation:
        own = gain.sel(truncation=truncation)
        assert own.mean() < 2 * own.std(ddof=1) / own.size**0.5
    assert abs(gain.mean()) < 0.1 * (alone[0] - alone[-1])
