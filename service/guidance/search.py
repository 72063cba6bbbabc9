"""Search as people type it: what is called so first, then what holds all the words, then what holds most of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum, auto
from itertools import product
from typing import Any, TypeVar

from rapidfuzz import process
from rapidfuzz.distance import OSA

from service.content.models import LifeEvent, Term, Window
from service.content.search_index import Index, Indexed, Order
from service.content.words import ACT, Spelt, spelt
from service.store.catalogue import Entry, Searchable

MOST_PARTS = 8
MOST_LENGTH = 100
MOST_LOOSE = 8
MOST_MEANT = 3
SHORT = 3
"""A reading of so few kana says little where it is only part of a name: 死 is read し."""
SHORTEST = 2
"""So few kana say little even where they are typed: ガス is in 流す."""
SEVERAL = 2 * MOST_LENGTH
"""How far names are that have all words only together: as one that says two words more."""
ENOUGH = 0.25
"""The share of what was typed that an item has to answer where none answers it all."""
HALF = 0.5
NEAR = 0.7
"""How alike two spellings are (0 to 1) for one to be meant by the other: one slip in four letters, two in seven."""

KANA = re.compile("[\u3041-\u309f]+")

Item = TypeVar("Item")


class Place(IntEnum):
    """Where the words were found; the best first. The own name counts more than what else an item is called."""

    NAME = auto()
    BEGINNING_OF_OWN_NAME = auto()
    BEGINNING = auto()
    PART_OF_OWN_NAME = auto()
    PART = auto()
    WORDS_OF_NAMES = auto()
    DESCRIPTION = auto()


_PARTS = {
    (True, True): Place.BEGINNING_OF_OWN_NAME,
    (False, True): Place.BEGINNING,
    (True, False): Place.PART_OF_OWN_NAME,
    (False, False): Place.PART,
}
"""By whether it is the own name, and whether it begins so."""
Rank = tuple[Place, bool, int, Order]
"""The place, whether others there come first, how much else stands there, and the order of what is found equally."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of what was typed: its letters, if they tell anything, and the words that an item has to have."""

    letters: str | None
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Query:
    """What was typed, as a whole and its parts between blanks.

    `forms` are the ways to write it and how it sounds; those that `tell` count also where they are part of a name.
    """

    forms: tuple[str, ...]
    telling: tuple[str, ...]
    said: frozenset[str]
    words: frozenset[str]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """What was found, of each kind the best first.

    Where nothing has all that was typed: `meant` are names that are spelt nearly so, and what is here was found by the
    first of them; or, `partly`, what is here has only some of the words.
    """

    life_events: tuple[LifeEvent, ...] = ()
    procedures: tuple[Entry, ...] = ()
    terms: tuple[Term, ...] = ()
    windows: tuple[Window, ...] = ()
    meant: tuple[str, ...] = ()
    partly: bool = False

    @property
    def count(self) -> int:
        """How many were found."""
        return len(self.life_events) + len(self.procedures) + len(self.terms) + len(self.windows)


def results(among: Searchable, text: str) -> Results:
    """What the text finds; something like it where nothing has all of it."""
    wanted = query(text)
    certain = _all_found(among, wanted)
    if certain.count or not wanted.parts:
        return certain
    some, holds_a_name = partly_found(among.procedures, wanted)
    if not holds_a_name:
        meant = nearly_called((among.procedures, among.terms, among.windows, among.life_events), wanted)
        if meant:
            return replace(_all_found(among, query(meant[0])), meant=meant)
    return Results(procedures=tuple(some), partly=True)


def _all_found(among: Searchable, wanted: Query) -> Results:
    return Results(
        life_events=tuple(found(among.life_events, wanted)),
        procedures=tuple(found(among.procedures, wanted)),
        terms=tuple(found(among.terms, wanted)),
        windows=tuple(found(among.windows, wanted)),
    )


def query(text: str) -> Query:
    """What was typed, at most `MOST_PARTS` parts of the first `MOST_LENGTH` characters."""
    typed = [part for part in map(spelt, text[:MOST_LENGTH].split()) if part.letters][:MOST_PARTS]
    whole = spelt(" ".join(part.text for part in typed))
    return Query(
        forms=whole.forms,
        telling=tuple(form for form in whole.forms if _tells(form, whole)),
        said=frozenset(whole.words),
        words=_needed(whole),
        parts=tuple(Part(part.letters if _tells(part.letters, part) else None, _needed(part)) for part in typed),
    )


def _tells(form: str, whole: Spelt) -> bool:
    """Whether the form means something where it is only part of a name."""
    least = SHORTEST if form in whole.written else SHORT
    return len(form) > least or not KANA.fullmatch(form)


def _needed(typed: Spelt) -> frozenset[str]:
    """The words without that for what is done, where there are others."""
    return frozenset(typed.words) - {ACT} or frozenset(typed.words)


def found(index: Index[Item], wanted: Query) -> list[Item]:
    """The items that have all of what was typed in their names or descriptions, the best first."""
    if not wanted.parts:
        return []
    ranked = [(rank, one.item) for one in index.entries if (rank := _rank(one, wanted))]
    return [item for _, item in sorted(ranked, key=lambda pair: pair[0])]


def partly_found(index: Index[Item], wanted: Query) -> tuple[list[Item], bool]:
    """The few items that have most of what the words say; words that no item knows say nothing.

    And whether what was typed is a sentence around the name of the first: 「父が死んだ」.
    """
    known = wanted.words & index.weights.keys()
    shares = [(_share(index, one, known), one) for one in index.entries if known & one.words]
    best = sorted((-share, one.order, one) for share, one in shares if share >= ENOUGH)[:MOST_LOOSE]
    return [one.item for _, _, one in best], bool(best) and _named(index, best[0][2], known) >= HALF


def nearly_called(indexes: Iterable[Index[Any]], wanted: Query) -> tuple[str, ...]:
    """Names that are spelt nearly as what was typed, the nearest first."""
    alike: dict[str, float] = {}
    for index, form in product(indexes, wanted.forms):
        near = process.extract(form, index.forms, scorer=OSA.normalized_similarity, score_cutoff=NEAR)
        for _, score, place in near:
            name = index.names[place]
            alike[name] = max(score, alike.get(name, 0.0))
    return tuple(sorted(alike, key=lambda name: (-alike[name], len(name), name))[:MOST_MEANT])


def _rank(one: Indexed[Item], wanted: Query) -> Rank | None:
    """How well the item answers; None where it misses some of what was typed."""
    stands = _in_names(one, wanted) or _in_words(one, wanted)
    return (stands[0], one.aside, stands[1], one.order) if stands else None


def _in_names(one: Indexed[Item], wanted: Query) -> tuple[Place, int] | None:
    """Where a name has the letters or the sound of what was typed, and how much else."""
    called = [form for form in wanted.forms if one.is_called(form)]
    if called:
        return Place.NAME, 0 if any(form in name for form in called for name in one.own_forms) else 1
    held = [form for form in wanted.telling if form in one.forms]
    if not held:
        return None
    places = [
        (_PARTS[own, name.startswith(form)], len(name) - len(form))
        for own, names in ((True, one.own_forms), (False, one.forms.split()))
        for name in names
        for form in held
        if form in name
    ]
    return min(places)


def _in_words(one: Indexed[Item], wanted: Query) -> tuple[Place, int] | None:
    """Where the words or the parts stand, in whatever order; those of one name are nearer than those of several."""
    if wanted.words and wanted.words <= one.words:
        names = [name for name in one.names if wanted.words.issubset(name.words)]
        return Place.WORDS_OF_NAMES, min([SEVERAL, *(_other(name, wanted) for name in names)])
    if not all(_is_told(one, part) for part in wanted.parts):
        return None
    if all(_holds(one.forms, part) or _has_words(one.words, part) for part in wanted.parts):
        return Place.WORDS_OF_NAMES, SEVERAL + 1
    return Place.DESCRIPTION, len(wanted.words - one.words)


def _other(name: Spelt, wanted: Query) -> int:
    """How much else a name says that has all the words: first by words, then by letters."""
    return MOST_LENGTH * len(set(name.words) - wanted.said) + OSA.distance(name.letters, wanted.forms[0])


def _has_words(words: frozenset[str], part: Part) -> bool:
    return bool(part.words) and words >= part.words


def _is_told(one: Indexed[Item], part: Part) -> bool:
    """Whether names or descriptions have the letters or the words of one part."""
    return _holds(one.described, part) or _holds(one.forms, part) or _has_words(one.all_words, part)


def _holds(text: str, part: Part) -> bool:
    return part.letters is not None and part.letters in text


def _share(index: Index[Item], one: Indexed[Item], words: frozenset[str]) -> float:
    """How much of what the words say the item answers: names twice as much as descriptions, a whole name once more."""
    named, told = words & one.words, words & (one.all_words - one.words)
    said = (index.weight(named) + 0.5 * index.weight(told)) / index.weight(words)
    return (said + _named(index, one, words)) / 2


def _named(index: Index[Item], one: Indexed[Item], words: frozenset[str]) -> float:
    """How much of what the words say a whole name of the item says."""
    names = [index.weight(name.words) for name in one.names if words.issuperset(name.words)]
    return max(names, default=0.0) / index.weight(words)
