"""Captions of scenes: true of their own scene, read back as they were meant, and wrong ones found out."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccdni_lib.data.scenes.captions import TOPICS, VOCABULARY, captions, compose, facts, truth, unknown_words
from ccdni_lib.data.scenes.draw import COLOURS, SHAPES, Scene, Thing, scenes
from ccdni_lib.data.scenes.facts import Behind, Count, Kind, Relation
from ccdni_lib.engine.settings import SettingError

MANY = scenes(160, seed=6)
SAID = [captions(scene) for scene in MANY]
ALL = [caption for said in SAID for caption in said]

STAR = Thing("star", "red", "small", 0, 0)
SCENE = Scene(
    (
        STAR,
        Thing("ring", "blue", "large", 0, 1),
        Thing("ring", "blue", "small", 2, 2),
        Thing("heart", "black", "small", 1, 1),
    ),
    "dark",
)
# ★ ◯ ·
# · ♥ ·
# · · ◦

TRUE = """
a red star
a small red star
a little object and a big shape
there is a large blue ring
we can see one red star
two blue rings
exactly two rings
at least two objects
four objects and no crosses
only one large blue shape
an image of exactly one heart but no white hearts
a star to the left of a ring
a red star is on the left of a large ring
a heart is right of a star
a heart below a star
a small ring under a black heart
a star over a small ring
a star next to a ring
a big ring beside a small red star
a ring above a heart while a heart is below a ring
a star at the top left
a star in the top left corner
a star is at the top on the left
a ring is at the top
a ring in the bottom right corner
three small objects
a heart is in the middle of the image
two objects in the top row
one ring at the bottom and no stars at the bottom
on a plain dark background there is a heart
a heart against a dark background
"""
FALSE = """
a blue star
a large star
a green object
three blue rings
exactly one ring
at least three rings
five objects
no rings
only one object
a star to the right of a ring
a heart is left of a star
a heart above a star
a ring left of a star
a star next to a heart
a ring beside a ring
a heart left of a heart
a star at the bottom
a star is in the middle
a heart on the left side
two rings at the top
three objects in the top row
one object in the top row
no hearts in the middle
on a plain light background
a heart outdoors
under a clear sky
"""


@pytest.mark.parametrize("caption", TRUE.strip().splitlines())
def test_what_is_true_holds(caption):
    assert unknown_words(caption) == ()
    assert truth(caption, SCENE) == 1


@pytest.mark.parametrize("caption", FALSE.strip().splitlines())
def test_what_is_wrong_fails(caption):
    assert unknown_words(caption) == ()
    assert truth(caption, SCENE) < 1


@pytest.mark.parametrize(
    ("caption", "stated"),
    [
        ("a little star", [Count(Kind("star", size="small"), 1, math.inf)]),
        ("an orange star", []),
        ("exactly three big blue crosses", [Count(Kind("cross", "blue", "large"), 3, 3)]),
        ("there are no objects", [Count(Kind(), 0, 0)]),
        ("no objects at the top", [Count(Kind(row=0), 0, 0)]),
        ("two stars are on the left", [Count(Kind("star"), 2, math.inf), Count(Kind("star", column=0), 2, 2)]),
        ("under a clear sky", [Behind("landscape")]),
        (
            "a star left of a ring in the middle",
            [
                Count(Kind("star"), 1, math.inf),
                Relation(Kind("star"), "left of", Kind("ring")),
                Count(Kind("ring"), 1, math.inf),
                Count(Kind("ring", row=1, column=1), 1, math.inf),
            ],
        ),
        ("a star and a star and a star", [Count(Kind("star"), 1, math.inf)]),
        ("A  Star\n", [Count(Kind("star"), 1, math.inf)]),
    ],
)
def test_reads_just_what_is_stated(caption, stated):
    assert facts(caption) == tuple(stated)


@pytest.mark.parametrize(
    ("caption", "left"),
    [
        ("", ""),
        ("of of of", "of of of"),
        ("red large star", "red large star"),
        ("two star", "two star"),
        ("a stars", "a stars"),
        ("a red blue star", "a red blue star"),
        ("left of at the top", "left of at the top"),
        ("a star left of a", "left of a"),
        ("a star left of two rings", "left of"),
        ("two stars left of a ring", "left of"),
        ("a star and at the top", "at the top"),
        ("a star on the left of", "on the left of"),
        ("a star at the top of the image", "at the top of the image"),
        ("on a background", "on a background"),
        ("two elephants and a star", "two elephants"),
        ("red", "red"),
        ("there is", ""),
    ],
)
def test_what_cannot_be_read_states_nothing_and_is_counted(caption, left):
    assert " ".join(unknown_words(caption)) == left
    rest = [fact for fact in facts(caption) if fact not in facts("a star two stars a ring two rings")]
    assert rest == []


def test_nothing_stated_has_no_truth():
    assert math.isnan(truth("ring the and at", SCENE))
    assert truth("ring the and at a star", SCENE) == 1
    assert truth("a star with a green star and three rings", SCENE) == pytest.approx(1 / 3)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([*VOCABULARY, "elephant"]), max_size=25))
def test_any_words_can_be_read(words):
    caption = " ".join(words)
    assert sum((Counter(unknown_words(caption)) - Counter(words)).values()) == 0
    share = truth(caption, SCENE)
    assert 0 <= share <= 1 if facts(caption) else math.isnan(share)


@given(st.text().filter(lambda text: not {*text.lower().split()} & {*VOCABULARY}))
def test_any_text_can_be_read(text):
    """What has no word of the grammar states nothing."""
    assert facts(text) == ()


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(MANY), st.sampled_from(TOPICS), st.integers(0, 2**32))
def test_reading_inverts_the_grammar(scene, topic, seed):
    caption, meant = compose(scene, topic, np.random.default_rng(seed))
    assert facts(caption) == meant
    assert unknown_words(caption) == ()
    assert truth(caption, scene) == 1


def test_captions_are_true_of_their_scene():
    assert all(truth(caption, scene) == 1 for scene, said in zip(MANY, SAID, strict=True) for caption in said)


def test_captions_are_rarely_true_of_another_scene():
    others = [truth(caption, scene) for scene, said in zip(MANY, [*SAID[1:], SAID[0]], strict=True) for caption in said]
    assert np.mean(others) < 0.35
    assert np.mean(np.array(others) == 1) < 0.12


def test_captions_follow_the_scene_when_it_is_mirrored():
    """A mirror swaps left and right, or high and low; what was said stays true, in the other words."""
    pairs = [("left", "right"), ("top", "bottom"), ("above", "below"), ("over", "under")]
    swap = {a: b for pair in pairs for a, b in (pair, pair[::-1])}
    seen = 0
    for scene, said in zip(MANY, SAID, strict=True):
        if scene.background == "landscape":
            continue
        for way, words in (("column", {"left", "right"}), ("row", swap.keys() - {"left", "right"})):
            mirrored = replace(scene, things=tuple(replace(t, **{way: 2 - getattr(t, way)}) for t in scene.things))
            for caption in said:
                other = " ".join(swap[word] if word in words else word for word in caption.split())
                assert truth(other, mirrored) == 1
                seen += other != caption and truth(caption, mirrored) < 1
    assert seen > 60


@pytest.mark.parametrize(("attribute", "names"), [("shape", list(SHAPES)), ("colour", list(COLOURS))])
def test_captions_follow_the_scene_when_its_things_change(attribute, names):
    after = dict(zip(names, names[1:] + names[:1], strict=True))
    plural = {f"{a}{'es' * (a == 'cross') or 's'}": f"{b}{'es' * (b == 'cross') or 's'}" for a, b in after.items()}
    changed = 0
    for scene, said in zip(MANY[:60], SAID, strict=False):
        other = replace(
            scene, things=tuple(replace(t, **{attribute: after[getattr(t, attribute)]}) for t in scene.things)
        )
        for caption in said:
            words = " ".join((after | plural).get(word, word) for word in caption.split())
            assert truth(words, other) == 1
            changed += truth(caption, other) < 1
    assert changed > 150


def test_one_thing_more_breaks_what_was_counted():
    counted = 0
    for scene, said in zip(MANY, SAID, strict=True):
        free = {(row, column) for row in range(3) for column in range(3)} - {(t.row, t.column) for t in scene.things}
        if len(scene.things) == 5:
            continue
        row, column = min(free)
        more = replace(scene, things=(*scene.things, replace(scene.things[0], row=row, column=column)))
        for caption in said:
            exact = [fact for fact in facts(caption) if isinstance(fact, Count) and fact.most < math.inf]
            broken = any(fact.kind.fits(more.things[-1]) for fact in exact)  # each held just so
            assert (truth(caption, more) < 1) is broken
            counted += broken
    assert counted > 25


def test_the_vocabulary_is_closed_small_and_used():
    assert 80 <= len(VOCABULARY) <= 120
    assert {word for caption in ALL for word in caption.split()} == set(VOCABULARY)
    assert all(re.fullmatch("[a-z]+( [a-z]+)*", caption) for caption in ALL)


def test_lengths_are_spread_as_in_coco():
    lengths = np.array([len(caption.split()) for caption in ALL])
    assert lengths.min() == 5
    assert 20 < lengths.max() <= 25
    assert 10 <= lengths.mean() <= 12
    assert Counter(lengths.tolist()).most_common(1)[0][0] in (9, 10, 11)
    assert 0.03 < np.mean(lengths >= 16) < 0.2
    assert np.mean(lengths <= 8) > 0.15


def test_captions_of_a_scene_differ_in_what_they_mention():
    assert all(len(set(said)) == 5 for said in SAID)
    kinds = {
        "thing": lambda fact: isinstance(fact, Count) and fact.most == math.inf,
        "place": lambda fact: isinstance(fact, Count) and (fact.kind.row, fact.kind.column) != (None, None),
        "relation": lambda fact: isinstance(fact, Relation),
        "number": lambda fact: isinstance(fact, Count) and fact.most < math.inf,
        "background": lambda fact: isinstance(fact, Behind),
    }
    for scene, said in zip(MANY, SAID, strict=True):
        for topic, states in kinds.items():
            if topic == "relation" and len(scene.things) == 1:
                continue
            about = sum(any(map(states, facts(caption))) for caption in said)
            assert about >= 1 or topic == "number"  # "at least two" is no exact number


def test_articles_agree():
    for caption in ALL:
        assert not re.search(r"\ba [aeiou]|\ban [^aeiou]", caption)


def test_are_the_same_for_a_scene_however_many_are_asked_for():
    again = Scene(tuple(replace(thing) for thing in MANY[0].things), MANY[0].background)
    assert captions(again) == SAID[0]
    assert captions(MANY[0], 12)[:5] == SAID[0]
    assert captions(MANY[0], seed=1) != SAID[0]
    assert len(set(captions(Scene((STAR,), "light"), 20))) == 20


@pytest.mark.parametrize(
    ("count", "seed", "message"),
    [(0, 0, "count 0: must be a whole number 1…20"), (21, 0, "count 21"), (5, -1, "seed -1: must be")],
)
def test_other_counts_are_refused(count, seed, message):
    with pytest.raises(SettingError, match=message):
        captions(SCENE, count, seed)
