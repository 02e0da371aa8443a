"""Figures of spatial and forward DNI: they draw what the data say, and say it in their alternative texts."""

from __future__ import annotations

import numpy as np
import pytest

from ccdni_lib.findings.figures.decoupling import feedforward as figures
from ccdni_lib.study.feedforward.forward import train_forward
from ccdni_lib.study.feedforward.spatial import train_spatial
from ccdni_lib.study.measures.smoothing import smooth

SHORT = {"seeds": 3, "batches": 40, "record_every": 10, "device": "cpu"}


@pytest.fixture(scope="module")
def forward():
    return train_forward(hidden=(16, 14), granule_cells=13, pairs=5, **SHORT)


def drawn(picture):
    """Lines of each panel by label: values upwards."""
    return [{line.get_label(): line.get_ydata() for line in axes.get_lines()} for axes in picture.figure.axes]


def test_courses_are_means_over_networks():
    values = np.array([[0.0, 1.0], [1.0, 3.0]])
    picture = figures.course_panels({"height": {"a": values}}, "epochs")
    np.testing.assert_allclose(drawn(picture)[0]["a"], [0.5, 2.0])
    assert "height, at the end: a 2 ± 1" in picture.alt


def test_a_single_network_has_no_band_and_no_warning():
    picture = figures.course_panels({"height": {"a": np.array([[0.0, 1.0]])}}, "epochs")
    assert not picture.figure.axes[0].collections


def test_guesses_are_told_by_cosine_and_size():
    true = np.array([[3.0, 0.0], [0.0, 4.0]])
    picture = figures.predicted_against_true_feedback({"first": (true, 0.5 * true), "second": (true, true[::-1])})
    assert "first: cosine 1.00, size of the guess 0.50; second: cosine 0.00, size of the guess 1.00" in picture.alt


def test_a_ladder_shows_accuracy_and_alignment():
    run = train_spatial(decoupled=[1], hidden=(16, 12), **SHORT)
    accuracy, cosine = drawn(figures.teacher_ladder({"learned": run}))
    np.testing.assert_allclose(accuracy["learned"], run.accuracy.mean("seed"), rtol=1e-6)
    np.testing.assert_allclose(cosine["learned"][1:], run.alignment.sel(layer=1)[:, 1:].mean("seed"), rtol=1e-6)


def test_losses_and_activities(forward):
    picture = figures.losses_and_activities(forward.assign(train_error=smooth(forward.train_error)))
    losses, activities = drawn(picture)
    np.testing.assert_allclose(losses["task (nats an image)"], smooth(forward.train_error).mean("seed"), rtol=1e-5)
    wanted = forward.activity.sel(population="nuclei").mean("seed")
    np.testing.assert_allclose(activities["nuclei"], wanted, rtol=1e-5)


def test_pairs_of_both_partners_are_drawn(forward):
    own, other = drawn(figures.strongest_pair_correlations(forward))
    for lines, partner in ((own, "own"), (other, "other")):
        wanted = forward.strongest.sel(part="granule", partner=partner, picked="end").mean("seed")
        np.testing.assert_allclose(lines["granule cells, strongest at end"], wanted, rtol=1e-5)


def test_what_picks_nothing(forward):
    mean, _, matched = drawn(figures.all_pair_correlations(forward))
    wanted = forward.mean_correlation.sel(part="granule", partner="other").mean("seed")
    np.testing.assert_allclose(mean["another cortex"], wanted, rtol=1e-5)
    np.testing.assert_allclose(
        matched["own cortex"][1:], forward.matched.sel(partner="own")[:, 1:].mean("seed"), rtol=1e-5
    )
