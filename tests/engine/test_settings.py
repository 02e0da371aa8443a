"""Settings: what is given is checked, and what cannot be is refused in one sentence with value and range."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccdni_lib.engine.ranges import Lesion
from ccdni_lib.engine.settings import TABLE, SettingError, Settings, check_needs, make_settings, read_values
from ccdni_lib.tasks import find_task, settings_for

TASK = find_task("line-drawing")
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.floats(),
    st.text(max_size=12),
    st.lists(st.integers(-3, 12), max_size=4),
    st.sampled_from(["none", "1-5", "3,", "olive@3", "olive@3-1", "1e3", "0x1", "१", "inf", "-0", "quick"]),
)


@pytest.mark.parametrize(
    ("given_", "sentence"),
    [
        ({"truncation": 0}, "truncation 0: must be a whole number 1…10 for line-drawing"),
        ({"truncation": 11}, "truncation 11: must be a whole number 1…10 for line-drawing"),
        ({"truncation": -1}, "truncation -1: must be a whole number 1…10 for line-drawing"),
        ({"truncation": 2.5}, "truncation 2.5: must be a whole number 1…10 for line-drawing"),
        ({"truncation": True}, "truncation True: must be a whole number 1…10 for line-drawing"),
        ({"feedback_interval": 0}, "feedback_interval 0: must be a whole number 1…10 for line-drawing"),
        ({"feedback_interval": 11}, "feedback_interval 11: must be a whole number 1…10 for line-drawing"),
        ({"epochs": -1}, "epochs -1: must be a whole number 1…1,000,000"),
        ({"model": "rnn"}, "model rnn: must be one of crnn, ccrnn, sccrnn"),
        ({"learning_rate": 0}, "learning_rate 0: must be more than 0, at most 10"),
        ({"learning_rate": b"3"}, "learning_rate b'3': must be more than 0, at most 10"),
        ({"learning_rate": "nan"}, "learning_rate nan: must be more than 0, at most 10"),
        ({"seeds": 0}, "seeds 0: must be a count"),
        ({"seeds": [1, 2, 1]}, r"seeds \[1, 2, 1\]: must be a count of 1…10,000, or different whole numbers"),
        ({"seeds": "4,4"}, "seeds 4,4: must be a count"),
        ({"seeds": "5-"}, "seeds 5-: must be a count"),
        ({"lesion": "olive"}, "lesion olive: must be KIND@EPOCH"),
        ({"lesion": "olive@9-3"}, "lesion olive@9-3: must be KIND@EPOCH"),
        ({"mossy_fibres": 101}, "mossy_fibres 101: must be 1…100, twice the number of lstm_units"),
        ({"clip_norm": -1}, "clip_norm -1: must be more than 0, at most 1e.06, or none for no clipping"),
        ({"lesion": [Lesion("liver", 3)]}, r"lesion \[Lesion\(kind='liver', .*\]: must be KIND@EPOCH"),
        ({"update": "3\n4"}, r"update 3\\n4: must be one of sequence, truncation"),
        ({"update": np.array(["sequence"])}, r"update \['sequence'\]: must be one of sequence, truncation"),
        ({"epochs": "9" * 5000}, r"epochs 9{79}…: must be a whole number"),
        ({"epochs": 10**5000}, "epochs a number of thousands of digits: must be a whole number"),
        ({"truncatoin": 1}, "unknown setting truncatoin: did you mean truncation?"),
        ({"predictor": "oracle", "update": "truncation"}, "predictor oracle: must go with update sequence"),
        ({"budget": "huge"}, "budget huge: must be one of paper, quick, class, live for line-drawing"),
    ],
)
def test_refuses_in_one_sentence(given_, sentence):
    with pytest.raises(SettingError, match=f"^{sentence}") as caught:
        settings_for(TASK, **given_)
    assert "\n" not in str(caught.value)


@given(st.dictionaries(st.sampled_from(sorted(TABLE)), ANYTHING, min_size=1, max_size=3))
def test_whatever_is_given_is_understood_or_refused(given_):
    try:
        settings = settings_for(TASK, **given_)
    except SettingError as error:
        sentence = str(error)
    else:
        sentence = ""
    if sentence:
        named = [name for name in given_ if sentence.startswith((f"{name} ", f"unknown setting {name}"))]
        assert named
        assert "must" in sentence
        return
    assert Settings.from_json(settings.to_json()) == settings
    for name in TABLE:  # everything is in its range: read again, it stays what it is
        again = TABLE[name].metadata["range"].read(getattr(settings, name), TASK.steps)
        assert again == getattr(settings, name)


@pytest.mark.parametrize(
    ("seeds", "meant"),
    [(3, (0, 1, 2)), ("3", (0, 1, 2)), ("1,2,1243", (1, 2, 1243)), ("20-22", (20, 21, 22)), ("7,", (7,)), ([5], (5,))],
)
def test_seeds_are_a_count_or_a_list(seeds, meant):
    assert settings_for(TASK, seeds=seeds).seeds == meant


def test_published_settings_are_those_of_the_paper():
    """P21 Fig. 2 and the facts about the authors' code that the task's docstring names."""
    s = settings_for(TASK)
    assert (s.lstm_units, s.granule_cells, s.learning_rate, s.truncation, s.feedback_interval) == (50, 400, 1e-3, 1, 2)
    assert (s.beta1, s.beta2, s.epsilon, s.clip_norm, s.clip) == (0.9, 0.98, 1e-9, 1.0, "joint")
    assert (s.batches, s.batch_size, len(s.seeds), s.epochs, s.update) == (16, 50, 10, 250, "sequence")
    assert (s.feedback_scale, s.terminal_feedback, s.mossy_fibres) == (0.1, False, None)


def test_what_is_given_outweighs_budget_and_publication():
    assert settings_for(TASK, "quick").epochs == 100
    assert settings_for(TASK, "quick", epochs=7).epochs == 7
    assert settings_for(TASK, clip_norm=None).clip_norm is None
    assert settings_for(TASK, model="sccrnn").mossy_fibres == 4


@pytest.mark.parametrize(
    ("lesion", "epoch", "switches"),
    [
        ("", 0, (True, True)),
        ("cerebellum@5", 4, (True, True)),
        ("cerebellum@5", 5, (False, False)),
        ("olive@5-8", 5, (True, False)),
        ("olive@5-8", 8, (True, True)),
        ("nuclei@0", 0, (False, True)),
        ("nuclei@0,olive@3", 3, (False, False)),
    ],
)
def test_lesions_switch_injection_and_learning(lesion, epoch, switches):
    assert settings_for(TASK, lesion=lesion).switches(epoch) == switches


IDLE = [
    ("granule_cells", 10, "which has no cerebellum"),
    ("granule_layers", "2", "which has no cerebellum"),
    ("mossy_fibres", 4, "which has no cerebellum"),
    ("cerebellum_learning_rate", 1e-3, "which has no cerebellum"),
    ("cerebellum_init", "random", "which has no cerebellum"),
    ("feedback_scale", 0.1, "which receives no predicted feedback unless predictor is oracle"),
    ("terminal_feedback", False, "which receives no predicted feedback unless predictor is oracle"),
    ("lesion", "olive@5", "which receives no predicted feedback unless predictor is oracle"),
]


@pytest.mark.parametrize(("name", "value", "why"), IDLE)
def test_what_means_nothing_to_a_cortex_alone_is_refused(name, value, why):
    given_ = {"model": "crnn", "epochs": 3, name: value}
    alone, other = settings_for(TASK, **given_), settings_for(TASK, **{**given_, "model": "sccrnn"})
    with pytest.raises(SettingError, match=f"^{name} {value}: must be left out for a crnn, {why}$"):
        check_needs([alone], given_)
    for points in ([other], [alone, other]):  # a sweep over models: it means something to one of them
        check_needs(points, given_)


def test_published_settings_and_nothing_asked_for_are_never_refused():
    """What a budget gives for all models does not count as given; None and an empty list of lesions ask for nothing."""
    for budget in ("paper", "quick", "class", "live"):
        check_needs([settings_for(TASK, budget, model="crnn")], {"model": "crnn"})
    nothing = {"mossy_fibres": None, "lesion": "", "cerebellum_learning_rate": "none"}
    check_needs([settings_for(TASK, model="crnn", **nothing)], nothing)


def test_a_cortex_with_an_oracle_receives_feedback_but_has_no_cerebellum():
    point = settings_for(TASK, model="crnn", predictor="oracle")
    check_needs([point], {"predictor": "oracle", "feedback_scale": 1.0, "lesion": "nuclei@3"})
    with pytest.raises(SettingError, match=r"^granule_cells 9: "):
        check_needs([point], {"predictor": "oracle", "granule_cells": 9})


def test_every_setting_says_what_it_is():
    for field in TABLE.values():
        about = field.metadata
        assert about["meaning"]
        assert about["source"]
        assert about["range"].allowed(None)
        assert make_settings("x", 10, {}, **{field.name: field.default})


@pytest.mark.parametrize("name", ["seeds", "epochs", "learning_rate", "model", "lesion"])
def test_bytes_are_no_numbers_and_no_text(name):
    for value in (b"3", bytearray(b"3"), memoryview(b"3")):
        with pytest.raises(SettingError, match=f"^{name} .*: must be"):
            read_values(Settings, {name: value}, steps=10)
