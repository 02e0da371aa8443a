"""Captions of scenes: made by a grammar and read back by it, so that what they state can be held against a scene.

`captions` says what is true of a scene. `facts` finds what any words state, a trained network's too, and `truth` gives
the share of it that holds. Both use the same tables of phrases; their words are all there are, the `VOCABULARY`.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise, permutations
from math import inf, nan
from typing import NamedTuple, TypeVar

import numpy as np

from ...engine.randomness import Purpose, generator
from ...engine.settings import SettingError
from .draw import COLOURS, SHAPES, Scene, Thing, pick
from .facts import Behind, Count, Fact, Kind, Relation, holds, ways

T = TypeVar("T")
SHORTEST, LONGEST = 5, 25  # words of a caption
TOPICS = ("thing", "place", "relation", "number", "background")

Number = tuple[int, float]  # at least and at most so many
ONE: Number = (1, inf)
SINGLE: dict[str, Number] = {"a": ONE, "an": ONE, "one": (1, 1), "only one": (1, 1), "exactly one": (1, 1)}
SEVERAL: dict[str, Number] = {"no": (0, 0)}
for _number, _word in enumerate(("two", "three", "four", "five"), start=2):
    SEVERAL |= {_word: (_number, _number), f"exactly {_word}": (_number, _number), f"at least {_word}": (_number, inf)}
COUNTED = {word: number for word, number in (SINGLE | SEVERAL).items() if number not in (ONE, (0, 0))}
SIZES = {"small": "small", "little": "small", "large": "large", "big": "large"}
NOUN: dict[str, str | None] = {**{shape: shape for shape in SHAPES}, "object": None, "shape": None}
NOUNS = {f"{noun}{'es' if noun == 'cross' else 's'}": shape for noun, shape in NOUN.items()}
WAYS = {
    **dict.fromkeys(("left of", "to the left of", "on the left of"), "left of"),
    **dict.fromkeys(("right of", "to the right of", "on the right of"), "right of"),
    **dict.fromkeys(("above", "over"), "above"),
    **dict.fromkeys(("below", "under"), "below"),
    **dict.fromkeys(("next to", "beside"), "next to"),
}
PLACES: dict[str, tuple[int | None, int | None]] = {  # row and column; None: any
    **dict.fromkeys(("at the top", "in the top row"), (0, None)),
    **dict.fromkeys(("at the bottom", "in the bottom row"), (2, None)),
    **dict.fromkeys(("on the left", "on the left side"), (None, 0)),
    **dict.fromkeys(("on the right", "on the right side"), (None, 2)),
    **dict.fromkeys(("in the middle", "in the middle of the image"), (1, 1)),
    **dict.fromkeys(("at the top left", "in the top left corner"), (0, 0)),
    **dict.fromkeys(("at the top right", "in the top right corner"), (0, 2)),
    **dict.fromkeys(("at the bottom left", "in the bottom left corner"), (2, 0)),
    **dict.fromkeys(("at the bottom right", "in the bottom right corner"), (2, 2)),
}
BEHIND = {
    **{f"{how} {kind} background": kind for how in ("on a", "on a plain", "against a") for kind in ("light", "dark")},
    **dict.fromkeys(("outdoors", "in an open landscape", "under a clear sky"), "landscape"),
}
OPENERS = ("a picture of", "an image of", "a drawing of", "this picture shows", "this image shows", "we can see")
SILENT = (*OPENERS, "there is", "there are", "there is also", "there are also", "and", "with", "but", "while")
_TABLES = (SINGLE, SEVERAL, SIZES, COLOURS, NOUN, NOUNS, WAYS, PLACES, BEHIND, SILENT, ("is", "are"))
VOCABULARY = tuple(sorted({word for table in _TABLES for phrase in table for word in phrase.split()}))


def captions(scene: Scene, count: int = 5, seed: int = 0) -> tuple[str, ...]:
    """Different true captions of a scene: lower case, 5 to 25 words from `VOCABULARY`, no punctuation.

    They differ in what they are about: one thing, where it is, two things and their relation, a number, the background.
    About as many words are as common as in COCO: 8 to 11 most often, with a long tail. They are the same whenever the
    scene is the same, and a larger ``count`` adds to them.

    Args:
        scene: what they are to be about.
        count: how many, 1 … 20.
        seed: 0 or more; another seed gives others.

    Raises:
        SettingError: when one is out of its range.

    Example:
        >>> scene = Scene((Thing("star", "red", "small", 0, 0), Thing("ring", "blue", "large", 0, 1)), "dark")
        >>> for caption in captions(scene, 3):
        ...     print(caption)
        there is a blue ring and there is a little red star
        an image of a big blue ring in the top row
        one ring on a dark background
    """
    if not 1 <= count <= 20:
        raise SettingError(f"count {count}: must be a whole number 1…20")
    if seed < 0:
        raise SettingError(f"seed {seed}: must be a whole number, 0 or more")
    random = generator(seed, Purpose.CAPTIONS, zlib.crc32(repr(scene).encode()))
    topics = [topic for topic in random.permutation(TOPICS).tolist() if topic != "relation" or len(scene.things) > 1]
    found: dict[str, None] = {}
    while len(found) < count:
        caption, _ = compose(scene, topics[len(found) % len(topics)], random)
        found[caption] = None
    return tuple(found)


def truth(caption: str, scene: Scene) -> float:
    """The share of the facts stated by a caption that hold, 0 … 1; NaN where it states none.

    Example:
        >>> scene = Scene((Thing("star", "red", "small", 0, 0), Thing("ring", "blue", "large", 0, 1)), "dark")
        >>> truth("a red star left of a blue ring", scene), truth("a red star and a green ring", scene)
        (1.0, 0.5)
        >>> truth("left left circle of", scene)
        nan
    """
    stated = facts(caption)
    return sum(holds(fact, scene) for fact in stated) / len(stated) if stated else nan


def facts(caption: str) -> tuple[Fact, ...]:
    """What a caption states, each fact once, in its order.

    "a" means one or more, a number just so many; "two stars at the top": two or more, and just two of them there. A
    relation is one between the things named before and after it, a place is that of the things named last. What is no
    phrase of the grammar states nothing: see `unknown_words`.

    Example:
        >>> facts("there are two stars on a dark background")
        (Count(kind=Kind(shape='star', colour=None, size=None, row=None, column=None), least=2, most=2), \
Behind(background='dark'))
    """
    return tuple(dict.fromkeys(piece for piece in _read(caption) if not isinstance(piece, str)))


def unknown_words(caption: str) -> tuple[str, ...]:
    """The words of a caption that belong to no phrase of the grammar.

    Example:
        >>> unknown_words("a red star left of left of a green elephant")
        ('left', 'of', 'left', 'of', 'a', 'green', 'elephant')
    """
    return tuple(piece for piece in _read(caption) if isinstance(piece, str))


def _one_of(phrases: Iterable[str]) -> str:
    """A pattern for the longest of these phrases that is there, with the space behind it."""
    return f"({'|'.join(sorted(phrases, key=len, reverse=True))}) "


_LOOKS = f"(?:{_one_of(SIZES)})?(?:{_one_of(COLOURS)})?"
_NAMED = [
    (re.compile(_one_of(numbers) + _LOOKS + _one_of(nouns)), numbers, nouns)
    for numbers, nouns in ((SINGLE, NOUN), (SEVERAL, NOUNS))
]
_WAY = re.compile(f"(?:is )?{_one_of(WAYS)}")
_PLACE = re.compile(f"(?:is |are )?{_one_of(PLACES)}(?!of )")
_BEHIND = re.compile(_one_of(BEHIND))
_SILENT = re.compile(_one_of(SILENT))


class _NamedThings(NamedTuple):
    """Things that a caption names, and where it goes on after them."""

    kind: Kind
    number: Number
    end: int


def _read(caption: str) -> Iterator[Fact | str]:
    """The facts that a caption states and the words that belong to none, in its order."""
    text, at = " ".join([*caption.lower().split(), ""]), 0
    last: _NamedThings | None = None  # of which a relation or a place may follow
    while at < len(text):
        if named := _find_named(text, at):
            last, at = named, named.end
            least, most = named.number
            if not _PLACE.match(text, at):
                yield Count(named.kind, least, most)
            elif least:
                yield Count(named.kind, least, inf)  # two at the top: there may be more below
        elif last and (way := _WAY.match(text, at)) and (other := _find_single(last, text, way.end())):
            yield Relation(last.kind, WAYS[way[1]], other.kind)
            at = way.end()
        elif last and (place := _PLACE.match(text, at)):
            row, column = PLACES[place[1]]
            yield Count(replace(last.kind, row=row, column=column), *last.number)
            at = place.end()
        elif behind := _BEHIND.match(text, at):
            yield Behind(BEHIND[behind[1]])
            last, at = None, behind.end()
        elif silent := _SILENT.match(text, at):
            last, at = None, silent.end()
        else:
            word = text[at : text.index(" ", at)]
            yield word
            last, at = None, at + len(word) + 1


def _find_named(text: str, at: int) -> _NamedThings | None:
    for pattern, numbers, nouns in _NAMED:
        if found := pattern.match(text, at):
            number, size, colour, noun = found.groups()
            return _NamedThings(Kind(nouns[noun], colour, size and SIZES[size]), numbers[number], found.end())
    return None


def _find_single(last: _NamedThings, text: str, at: int) -> _NamedThings | None:
    other = _find_named(text, at)
    return other if other and last.number == other.number == ONE else None


class _Clause(NamedTuple):
    """A part of a caption: its words, the facts they state, and the things that are meant."""

    subject: str
    predicate: str
    facts: tuple[Fact, ...]
    things: tuple[Thing, ...]

    @property
    def verb(self) -> str:
        return "are" if self.subject.startswith(tuple(SEVERAL)) else "is"


def compose(scene: Scene, topic: str, random: np.random.Generator) -> tuple[str, tuple[Fact, ...]]:
    """A true caption about one of the `TOPICS` first of all, and the facts that it states, in its order.

    Clauses are added until there are as many words as were drawn. No two of them are about the same thing.
    """
    while True:
        wanted = random.gamma(4, 1.8)  # 7.2 on average: what is added last goes beyond
        behind = scene.background if topic == "background" or random.random() < 0.25 else None
        clauses: list[_Clause] = []
        free, length = list(scene.things), 4 if behind else 0
        for _ in range(8):
            clause = _clause(scene, free, pick(TOPICS, random) if clauses else topic, random)
            if clause and not any(set(clause.facts) & set(other.facts) for other in clauses):
                clauses.append(clause)
                free = [thing for thing in free if thing not in clause.things]
                length += len(f"{clause.subject} {clause.predicate}".split()) + 2
            if clauses and length >= wanted:
                break
        if clauses and not behind and random.random() < 0.08 and (absent := _absent(scene, random)):
            clauses.append(absent)
        if not clauses:
            topic = "thing"  # nothing to say of that topic
        else:
            caption, stated = _join(clauses, behind, random)
            if SHORTEST <= len(caption.split()) <= LONGEST:
                return caption, tuple(dict.fromkeys(stated))


def _clause(scene: Scene, free: list[Thing], topic: str, random: np.random.Generator) -> _Clause | None:
    """One about things that are still free; None where there is none of this topic."""
    if topic == "relation":
        return _relation(pick(list(permutations(free, 2)), random), random) if len(free) > 1 else None
    if not free:
        return None
    thing = pick(free, random)
    if topic != "number":
        kind = _kind(thing, random, shape=0.9, colour=0.85, size=0.5)
        return _some("a", kind, (thing,), topic == "place", random)
    kind = _kind(thing, random, shape=0.8, colour=0.5, size=0.2)
    things = tuple(filter(kind.fits, scene.things))
    if not set(things) <= set(free) or (len(things) == 1 and random.random() < 0.7):
        return None
    fitting = [number for number, (least, most) in COUNTED.items() if least <= len(things) <= most]
    number = min(fitting, key=len) if random.random() < 0.6 else pick(fitting, random)
    return _some(number, kind, things, random.random() < 0.3, random)


def _some(number: str, kind: Kind, things: tuple[Thing, ...], placed: bool, random: np.random.Generator) -> _Clause:
    """So many things of a kind and, where it is asked for and there is one, a place where all of them are."""
    least, most = (SINGLE | SEVERAL)[number]
    clause = _Clause(_name(number, kind, random), "", (Count(kind, least, most),), things)
    places = [
        place for place in dict.fromkeys(PLACES.values()) if all(map(Kind(None, None, None, *place).fits, things))
    ]
    if not placed or not places:
        return clause
    row, column = pick(places, random)
    there = Count(replace(kind, row=row, column=column), least, most)
    return clause._replace(predicate=_phrase(PLACES, (row, column), random), facts=(Count(kind, least, inf), there))


def _absent(scene: Scene, random: np.random.Generator) -> _Clause | None:
    """What there is none of."""
    kind = Kind(pick(list(SHAPES), random), pick([None, *COLOURS], random))
    none = Count(kind, *SEVERAL["no"])
    return _Clause(_name("no", kind, random), "", (none,), ()) if holds(none, scene) else None


def _relation(pair: tuple[Thing, Thing], random: np.random.Generator) -> _Clause | None:
    one, other = (_kind(thing, random, shape=0.9, colour=0.8, size=0.4) for thing in pair)
    if one == other:
        return None
    way = pick(ways(*pair), random)
    stated = (Count(one, *ONE), Relation(one, way, other), Count(other, *ONE))
    return _Clause(_name("a", one, random), f"{_phrase(WAYS, way, random)} {_name('a', other, random)}", stated, pair)


def _join(clauses: list[_Clause], behind: str | None, random: np.random.Generator) -> tuple[str, list[Fact]]:
    """Clauses as one caption, and all that it states, in order.

    With more than one clause a place or a relation could be taken for one of all that was named before: then it is a
    caption of sentences, "there is a star and a ring is at the top".
    """
    first, *others = clauses
    background = _phrase(BEHIND, behind, random) if behind else ""
    stated: list[Fact] = [fact for clause in clauses for fact in clause.facts]
    if random.random() < 0.4 or (others and any(clause.predicate for clause in clauses)):
        if first.predicate and random.random() < 0.6:
            words = [first.subject, first.verb, first.predicate]
        else:
            words = ["there", first.verb, first.subject, first.predicate]
            if behind and random.random() < 0.4:
                words, stated, behind, background = [background, *words], [Behind(behind), *stated], None, ""
        for last, clause in pairwise(clauses):
            if clause.predicate:
                joint = pick(("and", "while"), random) if last.predicate else "while"
                words += [joint, clause.subject, clause.verb, clause.predicate]
            elif not clause.things:
                words += [pick(("and", "but"), random), "there", clause.verb, clause.subject]
            elif last.predicate or random.random() < 0.3:
                words += ["and there", clause.verb, pick(("also", ""), random), clause.subject]
            else:
                words += ["and", clause.subject]
    else:
        words = [pick(("", *OPENERS), random), first.subject, first.predicate]
        for clause in others:
            words += ["and" if clause.things else pick(("with", "but"), random), clause.subject]
    if behind:
        words, stated = [*words, background], [*stated, Behind(behind)]
    return " ".join(filter(None, words)), stated


def _phrase(table: dict[str, T], meaning: T, random: np.random.Generator) -> str:
    return pick([phrase for phrase, means in table.items() if means == meaning], random)


def _kind(thing: Thing, random: np.random.Generator, shape: float, colour: float, size: float) -> Kind:
    """What there is to say of a thing, each attribute with its probability."""

    def said(attribute: str, probability: float) -> str | None:
        return attribute if random.random() < probability else None

    return Kind(said(thing.shape, shape), said(thing.colour, colour), said(thing.size, size))


def _name(number: str, kind: Kind, random: np.random.Generator) -> str:
    size = _phrase(SIZES, kind.size, random) if kind.size else None
    noun = _phrase(NOUN if number in SINGLE else NOUNS, kind.shape, random)
    words = [word for word in (size, kind.colour, noun) if word]
    return " ".join(["an" if number == "a" and words[0][0] in "aeiou" else number, *words])
