"""Search over procedures, terms and windows: folded as Japanese is typed (kana, width, case), all words, best first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from service.catalogue import Entry
from service.kana import folded
from service.models import Term, Window

Found = TypeVar("Found", Entry, Term, Window)

MOST_WORDS = 8
MOST_LENGTH = 100


def words(text: str) -> tuple[str, ...]:
    """The folded words of what was typed, at most `MOST_WORDS` of the first `MOST_LENGTH` characters."""
    parts = (folded(part) for part in text[:MOST_LENGTH].replace("\u3000", " ").split())
    return tuple(part for part in parts if part)[:MOST_WORDS]


def _texts(one: Entry | Term | Window) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What names the item, and what only describes it."""
    if isinstance(one, Entry):
        return (one.name, one.reading, *one.synonyms), (one.summary, one.field)
    if isinstance(one, Term):
        return (one.term, one.reading or ""), (one.meaning,)
    return (one.name,), (one.building or "",)


def _score(one: Entry | Term | Window, wanted: Sequence[str]) -> int | None:
    """Lower is better: 0 a name, 1 its beginning, 2 part of a name, 3 a description; None: not found."""
    named, described = ([folded(text) for text in texts] for texts in _texts(one))
    worst = 0
    for word in wanted:
        if word in named:
            place = 0
        elif any(text.startswith(word) for text in named):
            place = 1
        elif any(word in text for text in named):
            place = 2
        elif any(word in text for text in described):
            place = 3
        else:
            return None
        worst = max(worst, place)
    return worst


def found(items: Iterable[Found], wanted: Sequence[str]) -> list[Found]:
    """The items that have all words, the best first, then by key; nothing without a word."""
    if not wanted:
        return []
    scored = [(score, one) for one in items if (score := _score(one, wanted)) is not None]
    return [one for _, one in sorted(scored, key=lambda pair: (pair[0], pair[1].key))]
