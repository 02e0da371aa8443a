"""What can be said of a scene, and whether it holds: how many of a kind there are, how things lie, what is behind."""

from __future__ import annotations

from dataclasses import dataclass

from .draw import Scene, Thing


@dataclass(frozen=True)
class Kind:
    """What a thing must be to be meant: each attribute that is given must be so.

    Example:
        >>> Kind("star", colour="red").fits(Thing("star", "red", "small", 0, 2))
        True
    """

    shape: str | None = None
    colour: str | None = None
    size: str | None = None
    row: int | None = None
    column: int | None = None

    def fits(self, thing: Thing) -> bool:
        """Whether a thing is of this kind."""
        return (
            self.shape in (None, thing.shape)
            and self.colour in (None, thing.colour)
            and self.size in (None, thing.size)
            and self.row in (None, thing.row)
            and self.column in (None, thing.column)
        )


@dataclass(frozen=True)
class Count:
    """There are at least and at most so many things of a kind."""

    kind: Kind
    least: int
    most: float


@dataclass(frozen=True)
class Relation:
    """Some thing of a kind is left of, right of, above, below or next to another, of the ``other`` kind."""

    kind: Kind
    way: str
    other: Kind


@dataclass(frozen=True)
class Behind:
    """The background is light, dark or landscape."""

    background: str


Fact = Count | Relation | Behind


def holds(fact: Fact, scene: Scene) -> bool:
    """Whether a fact is true of a scene.

    Left, right, above and below are meant within 45°, from cell to cell; next to: in one row, without a cell between.

    Example:
        >>> scene = Scene((Thing("star", "red", "small", 0, 0), Thing("ring", "blue", "large", 0, 1)), "dark")
        >>> holds(Relation(Kind("star"), "left of", Kind("ring")), scene), holds(Count(Kind("star"), 2, 2), scene)
        (True, False)
    """
    match fact:
        case Behind(background):
            return scene.background == background
        case Count(kind, least, most):
            return least <= sum(map(kind.fits, scene.things)) <= most
        case Relation(kind, way, other):
            return any(kind.fits(a) and other.fits(b) and way in ways(a, b) for a in scene.things for b in scene.things)


def ways(a: Thing, b: Thing) -> tuple[str, ...]:
    """All ways in which a thing lies towards another.

    Example:
        >>> ways(Thing("star", "red", "small", 0, 0), Thing("ring", "blue", "large", 1, 1))
        ('left of', 'above')
    """
    right, down = a.column - b.column, a.row - b.row
    found = {
        "left of": 0 < -right >= abs(down),
        "right of": 0 < right >= abs(down),
        "above": 0 < -down >= abs(right),
        "below": 0 < down >= abs(right),
        "next to": down == 0 and abs(right) == 1,
    }
    return tuple(way for way, so in found.items() if so)
