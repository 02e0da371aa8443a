"""Scenes: the same for a seed, without overlaps, and drawn as they are said to be."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from ccdni_lib.data.scenes.draw import BACKGROUNDS, COLOURS, SHAPES, SIZES, Scene, Thing, draw, room, scenes
from ccdni_lib.data.scenes.facts import Behind, Count, Kind, Relation, holds, ways
from ccdni_lib.engine.settings import SettingError

MANY = scenes(400, seed=3)
STAR = Thing("star", "red", "small", 0, 0)
RING = Thing("ring", "blue", "large", 1, 1)

# what is left of linear red, green and blue to those who lack one kind of cone: Machado, Oliveira & Fernandes 2009
SEEN = {
    "all cones": np.eye(3),
    "no long": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "no middle": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "no short": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def lab(linear: np.ndarray) -> np.ndarray:
    """CIELAB (1976) of linear sRGB under D65."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    share = linear.clip(0, 1) @ to_xyz.T / to_xyz.sum(1)
    x, y, z = np.where(share > (6 / 29) ** 3, np.cbrt(share), share / 3 / (6 / 29) ** 2 + 4 / 29).T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


def painted(scene: Scene, size: int = 96) -> np.ndarray:
    """Where things are: the pixels that differ from those of a scene with nothing but a thing elsewhere."""
    corners = [Thing("circle", "red", "small", row, column) for row, column in ((0, 0), (2, 2))]
    one, other = (draw(Scene((corner,), scene.background), size) for corner in corners)
    half = size // 2
    empty = np.concatenate([other[:half], one[half:]])
    return (draw(scene, size) != empty).any(-1)


def test_are_the_same_for_a_seed_however_many_are_asked_for():
    assert scenes(400, seed=3) == MANY
    assert scenes(7, seed=3) == MANY[:7]
    assert len(set(MANY)) == 400
    assert not set(MANY) & set(scenes(400, seed=4))
    assert scenes(0) == ()


def test_have_all_that_there_is():
    things = [thing for scene in MANY for thing in scene.things]
    for names, name in (
        (SHAPES, "shape"),
        (COLOURS, "colour"),
        (SIZES, "size"),
        ((0, 1, 2), "row"),
        ((0, 1, 2), "column"),
    ):
        shares = [np.mean([getattr(thing, name) == one for thing in things]) for one in names]
        np.testing.assert_allclose(shares, 1 / len(names), atol=0.05)
    assert {len(scene.things) for scene in MANY} == {1, 2, 3, 4, 5}
    assert {scene.background for scene in MANY} == set(BACKGROUNDS)
    alike = [any(a.shape == b.shape and a.colour == b.colour for a, b in combinations(s.things, 2)) for s in MANY]
    assert 0.2 < np.mean(alike) < 0.7  # there is something to count


def test_things_do_not_overlap_and_keep_off_the_border():
    for scene in MANY[:30]:
        alone = [painted(Scene((thing,), scene.background)) for thing in scene.things]
        assert np.sum(alone, axis=0).max() == 1
        assert (np.sum(alone, axis=0) == painted(scene)).all()
        assert not painted(scene)[[0, -1]].any()
        assert not painted(scene)[:, [0, -1]].any()


@pytest.mark.parametrize("size", [64, 96, 101, 128])
def test_a_thing_lies_where_it_says_and_is_as_large(size):
    for thing in [
        thing for scene in MANY[:40] for thing in scene.things if thing.shape in ("circle", "ring", "square", "cross")
    ]:
        rows, columns = np.nonzero(painted(Scene((thing,), "light"), size))
        middle = (np.array([columns.min() + columns.max(), rows.min() + rows.max()]) + 1) / 2
        np.testing.assert_allclose(middle, size * np.array(thing.centre), atol=0.8)
        reach = 0.84 if thing.shape == "square" else 0.95 if thing.shape == "circle" else 1
        width = size * (2 * reach * SIZES[thing.size] + 0.009)  # with half the line on both sides
        assert width - 0.5 < np.ptp(columns) + 1 < width + 2.5  # a pixel that is touched counts


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("background", BACKGROUNDS)
def test_a_things_colour_is_seen_at_its_place(shape, background):
    for colour, rgb in COLOURS.items():
        for size in SIZES:
            thing = Thing(shape, colour, size, 1, 2, (room(size), -room(size)))
            x, y = 96 * np.array(thing.centre)
            down = 0.77 * 96 * SIZES[size] if shape == "ring" else 0  # into the band
            image = draw(Scene((thing,), background))
            assert image[int(y + down), int(x)].tolist() == list(rgb)
            if shape == "ring":
                assert image[int(y), int(x)].tolist() == list(BACKGROUNDS[background][0])


def test_shapes_and_sizes_look_different():
    images = [painted(Scene((Thing(shape, "red", size, 1, 1),), "light")) for shape in SHAPES for size in SIZES]
    for one, other in combinations(images, 2):
        assert (one != other).sum() > 0.12 * max(one.sum(), other.sum())


def test_edges_are_anti_aliased():
    scene = Scene((Thing("circle", "black", "large", 1, 1),), "light")
    pure = {COLOURS["black"], *BACKGROUNDS["light"]}
    found = {tuple(pixel) for pixel in draw(scene).reshape(-1, 3).tolist()}
    assert pure - {BACKGROUNDS["light"][2]} <= found
    assert len(found - pure) > 10
    fine, coarse = draw(scene, 128).astype(float), draw(scene, 64)
    np.testing.assert_allclose(fine.reshape(64, 2, 64, 2, 3).mean((1, 3)), coarse, atol=60)
    assert np.abs(fine.mean((0, 1)) - coarse.mean((0, 1))).max() < 2


def test_a_drawing_is_the_callers_own():
    image = draw(MANY[0])
    assert image.shape == (96, 96, 3)
    assert image.dtype == np.uint8
    image = image.copy()
    image[:] = 0
    assert draw(MANY[0]).any()


@pytest.mark.parametrize("eye", SEEN)
def test_colours_can_be_told_apart_by_eyes_that_lack_a_cone(eye):
    srgb = np.array(list(COLOURS.values())) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    seen = lab(linear @ SEEN[eye].T)
    assert min(np.linalg.norm(one - other) for one, other in combinations(seen, 2)) > 30


@pytest.mark.parametrize("size", [0, 63, 129])
def test_other_image_sizes_are_refused(size):
    with pytest.raises(SettingError, match=f"size {size}: must be a whole number 64…128"):
        draw(MANY[0], size)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"shape": "blob"}, "shape blob: must be one of circle"),
        ({"colour": "brown"}, "colour brown: must be one of black"),
        ({"size": "huge"}, "size huge: must be one of small, large"),
        ({"row": 3}, "row 3: must be 0, 1 or 2"),
        ({"column": -1}, "column -1: must be 0, 1 or 2"),
        ({"shift": (0.0, 0.1)}, r"shift \(0.0, 0.1\): must be within ±0.082 for a small thing"),
        ({"shift": (0.0, float("nan"))}, "shift .*nan"),
    ],
)
def test_things_that_cannot_be_are_refused(change, message):
    with pytest.raises(SettingError, match=message):
        replace(STAR, **change)


@pytest.mark.parametrize(
    ("things", "background", "message"),
    [
        ((), "light", "0 things: must be 1…5"),
        (tuple(replace(STAR, row=i // 3, column=i % 3) for i in range(6)), "light", "6 things: must be 1…5"),
        ((STAR, replace(RING, row=0, column=0)), "light", "not two in row 0, column 0"),
        ((STAR,), "night", "background night: must be one of light, dark, landscape"),
    ],
)
def test_scenes_that_cannot_be_are_refused(things, background, message):
    with pytest.raises(SettingError, match=message):
        Scene(things, background)


@pytest.mark.parametrize(("count", "seed", "message"), [(-1, 0, "count -1: must be"), (1, -1, "seed -1: must be")])
def test_no_negative_numbers(count, seed, message):
    with pytest.raises(SettingError, match=message):
        scenes(count, seed)


def test_every_two_things_lie_some_way_towards_each_other_or_far_askew():
    back = {"left of": "right of", "right of": "left of", "above": "below", "below": "above", "next to": "next to"}
    for a, b in [pair for scene in MANY for pair in combinations(scene.things, 2)]:
        assert set(ways(b, a)) == {back[way] for way in ways(a, b)}
        (ax, ay), (bx, by) = a.centre, b.centre
        assert ("left of" not in ways(a, b)) or ax < bx
        assert ("above" not in ways(a, b)) or ay < by
        assert set(ways(a, b)) - {"next to"}


@pytest.mark.parametrize(
    ("fact", "true"),
    [
        (Behind("dark"), True),
        (Behind("light"), False),
        (Count(Kind("star"), 1, 9), True),
        (Count(Kind("star"), 2, 2), True),
        (Count(Kind("star"), 1, 1), False),
        (Count(Kind("star", "red"), 1, 1), True),
        (Count(Kind("star", "red", "large"), 1, 9), False),
        (Count(Kind(), 3, 3), True),
        (Count(Kind("heart"), 0, 0), True),
        (Count(Kind(row=0), 2, 2), True),
        (Count(Kind("star", row=0, column=2), 1, 9), True),
        (Relation(Kind("star"), "left of", Kind("ring")), True),  # 45° are both
        (Relation(Kind("star"), "above", Kind("ring")), True),
        (Relation(Kind("star"), "below", Kind("ring")), False),
        (Relation(Kind("ring"), "below", Kind("star")), True),
        (Relation(Kind("star"), "left of", Kind("star")), True),
        (Relation(Kind(colour="red"), "right of", Kind("star")), False),
        (Relation(Kind("star"), "next to", Kind("star")), False),  # a cell lies between them
        (Relation(Kind("ring"), "left of", Kind("ring")), False),  # not of itself
        (Relation(Kind("heart"), "left of", Kind("ring")), False),
    ],
)
def test_facts_hold_or_not(fact, true):
    scene = Scene((STAR, RING, Thing("star", "blue", "large", 0, 2)), "dark")
    assert holds(fact, scene) is true
