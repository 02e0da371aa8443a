"""Scenes: small pictures drawn here, of one to five things each, so that all there is to say of them is known.

A thing lies in a cell of a 3×3 layout, off its middle by a little, and never leaves it: so things never overlap, and
who is left of or above whom can be told from the cells. They stand in for COCO (P20 section 3.3) where nothing is
downloaded; `scene_facts` has what can be said of them, `scene_captions` the words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TypeVar

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw

from ...engine.randomness import Purpose, generator
from ...engine.settings import SettingError

T = TypeVar("T")

COLOURS = {  # 30 or more apart in CIELAB, also for those who see no red, no green or no blue (Machado et al. 2009)
    "black": (22, 22, 22),
    "white": (255, 255, 255),
    "red": (194, 21, 11),
    "yellow": (237, 209, 8),
    "green": (13, 158, 106),
    "blue": (19, 31, 224),
    "pink": (230, 127, 203),
    "purple": (110, 57, 145),
}
SIZES = {"small": 0.07, "large": 0.13}  # half the width of a thing; the image is 1 wide
BACKGROUNDS = {  # of the sky and of the ground, from the horizon down, and of the line around each thing
    "light": ((226, 226, 221), (226, 226, 221), (60, 60, 60)),
    "dark": ((80, 88, 100), (80, 88, 100), (216, 216, 210)),
    "landscape": ((190, 220, 240), (176, 164, 112), (60, 60, 60)),
}
HORIZON = 0.68  # from the top
MARGIN = 0.015  # between a thing and the border of its cell, line included
LINE = 0.009
FINE = 4  # drawn so many times as large, then reduced


def _corners(text: str) -> np.ndarray:
    return np.array([[float(number) for number in corner.split(",")] for corner in text.split()])


def _around(radii: list[float], points: int) -> np.ndarray:
    """Points around the middle, from the top, clockwise, at these distances in turn."""
    angle = 2 * np.pi * np.arange(points) / points
    distance = np.resize(radii, points)
    return np.stack([distance * np.sin(angle), -distance * np.cos(angle)], axis=1)


def _heart(points: int) -> np.ndarray:
    t = 2 * np.pi * np.arange(points) / points
    x, y = 16 * np.sin(t) ** 3, -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))
    return np.stack([x, y - (y.max() + y.min()) / 2], axis=1) / 16


SHAPES = {  # the closed lines around each, from −1 to 1 to the right and down; the second goes around a hole
    "circle": (_around([0.95], 48),),
    "ring": (_around([1], 48), _around([0.55], 48)),
    "square": (_corners("-.84,-.84 .84,-.84 .84,.84 -.84,.84"),),
    "diamond": (_corners("0,-1 .76,0 0,1 -.76,0"),),
    "triangle": (_corners("0,-.92 1,.8 -1,.8"),),
    "star": (_around([1, 0.45], 10) * 1.05 + [0, 0.08],),
    "heart": (_heart(48),),
    "cross": (_corners("-.34,-1 .34,-1 .34,-.34 1,-.34 1,.34 .34,.34 .34,1 -.34,1 -.34,.34 -1,.34 -1,-.34 -.34,-.34"),),
}


def _known(what: str, name: str, names: Iterable[str]) -> None:
    if name not in names:
        raise SettingError(f"{what} {name}: must be one of {', '.join(names)}")


@dataclass(frozen=True)
class Thing:
    """One thing of a scene.

    Args:
        shape: circle, ring, square, diamond, triangle, star, heart or cross.
        colour: black, white, red, yellow, green, blue, pink or purple.
        size: small or large.
        row: of its cell; 0 (top), 1 or 2.
        column: of its cell; 0 (left), 1 or 2.
        shift: from the middle of the cell to the right and down, in image widths; within ± `room`.

    Raises:
        SettingError: naming the first of these that cannot be.

    Example:
        >>> Thing("star", "red", "small", row=0, column=2).centre
        (0.8333333333333334, 0.16666666666666666)
        >>> Thing("star", "brown", "small", 0, 2)
        Traceback (most recent call last):
            ...
        ccdni_lib.engine.settings.SettingError: colour brown: must be one of black, white, red, yellow, green, blue, \
pink, purple
    """

    shape: str
    colour: str
    size: str
    row: int
    column: int
    shift: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        _known("shape", self.shape, SHAPES)
        _known("colour", self.colour, COLOURS)
        _known("size", self.size, SIZES)
        for name in ("row", "column"):
            if getattr(self, name) not in (0, 1, 2):
                raise SettingError(f"{name} {getattr(self, name)}: must be 0, 1 or 2")
        if not all(abs(way) <= room(self.size) for way in self.shift):
            raise SettingError(f"shift {self.shift}: must be within ±{room(self.size):.3f} for a {self.size} thing")

    @property
    def centre(self) -> tuple[float, float]:
        """Its middle: image widths from the left and from the top."""
        return (self.column + 0.5) / 3 + self.shift[0], (self.row + 0.5) / 3 + self.shift[1]


def room(size: str) -> float:
    """How far a thing of this size can be shifted within its cell, in image widths."""
    return 1 / 6 - SIZES[size] - MARGIN


@dataclass(frozen=True)
class Scene:
    """What is to be seen in a picture.

    Args:
        things: one to five, in different cells.
        background: light or dark (both plain), or landscape (the sky above the ground).

    Raises:
        SettingError: when it has none or too many things, two in one cell, or no such background.

    Example:
        >>> Scene((Thing("star", "red", "small", 0, 2), Thing("ring", "blue", "large", 0, 2)), "light")
        Traceback (most recent call last):
            ...
        ccdni_lib.engine.settings.SettingError: things: must be in different cells, not two in row 0, column 2
    """

    things: tuple[Thing, ...]
    background: str

    def __post_init__(self) -> None:
        _known("background", self.background, BACKGROUNDS)
        if not 1 <= len(self.things) <= 5:
            raise SettingError(f"{len(self.things)} things: must be 1…5")
        cells = sorted((thing.row, thing.column) for thing in self.things)
        for one, other in pairwise(cells):
            if one == other:
                raise SettingError(f"things: must be in different cells, not two in row {one[0]}, column {one[1]}")


def scenes(count: int, seed: int = 0) -> tuple[Scene, ...]:
    """The first scenes of a seed; the next hundred do not change these.

    Things often come in groups of one shape and colour, so that there is something to count.

    Args:
        count: how many; 0 or more.
        seed: 0 or more; another seed gives others.

    Raises:
        SettingError: when one is negative.

    Example:
        >>> three = scenes(3, seed=1)
        >>> three[:2] == scenes(2, seed=1)
        True
        >>> [(thing.size, thing.colour, thing.shape) for thing in three[0].things]
        [('small', 'blue', 'heart'), ('small', 'blue', 'star')]
    """
    if count < 0:
        raise SettingError(f"count {count}: must be a whole number, 0 or more")
    if seed < 0:
        raise SettingError(f"seed {seed}: must be a whole number, 0 or more")
    return tuple(_scene(generator(seed, Purpose.SCENES, index)) for index in range(count))


def draw(scene: Scene, size: int = 96) -> UInt8[np.ndarray, "size size 3"]:
    """The picture of a scene, anti-aliased: red, green and blue, 0 … 255, from the top left.

    Args:
        scene: what is to be seen.
        size: width and height, 64 … 128 pixels.

    Raises:
        SettingError: for another size.

    Example:
        >>> image = draw(Scene((Thing("star", "red", "large", 1, 1),), "light"))
        >>> image.shape, image[48, 48].tolist(), image[0, 0].tolist()
        ((96, 96, 3), [194, 21, 11], [226, 226, 221])
    """
    if not 64 <= size <= 128:
        raise SettingError(f"size {size}: must be a whole number 64…128 (pixels)")
    width = FINE * size
    image = _empty(scene.background, width).copy()
    pen, line = ImageDraw.Draw(image), BACKGROUNDS[scene.background][2]
    for thing in scene.things:
        around = [width * (SIZES[thing.size] * part + thing.centre) for part in SHAPES[thing.shape]]
        # back to the start after each part: the way to the hole and back encloses nothing
        area = np.concatenate([part[np.r_[: len(part), 0]] for part in around])
        pen.polygon(area.ravel().tolist(), fill=COLOURS[thing.colour])
        for part in around:
            pen.line(part[np.r_[: len(part), 0, 1]].ravel().tolist(), line, round(LINE * width), joint="curve")
    return np.asarray(image.reduce(FINE))


@lru_cache(maxsize=len(BACKGROUNDS))
def _empty(background: str, width: int) -> Image.Image:
    sky, ground, _ = BACKGROUNDS[background]
    image = Image.new("RGB", (width, width), sky)
    image.paste(ground, (0, round(HORIZON * width), width, width))
    return image


def _scene(random: np.random.Generator) -> Scene:
    things: list[Thing] = []
    for cell in random.permutation(9)[: random.choice([1, 2, 3, 4, 5], p=[0.15, 0.25, 0.25, 0.2, 0.15])]:
        shape, colour = pick(list(SHAPES), random), pick(list(COLOURS), random)
        if things and random.random() < 0.4:
            shape, colour = (like := pick(things, random)).shape, like.colour
        size = pick(list(SIZES), random)
        right, down = (room(size) * random.uniform(-1, 1, size=2)).tolist()
        things.append(Thing(shape, colour, size, int(cell) // 3, int(cell) % 3, (right, down)))
    return Scene(tuple(things), pick(list(BACKGROUNDS), random))


def pick(options: Sequence[T], random: np.random.Generator) -> T:
    """One of some things, each as likely."""
    return options[int(random.random() * len(options))]
