"""Search over procedures, terms and windows: folded as Japanese is typed (kana, width, case), all words, best first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from service.content.japanese import folded
from service.content.models import Term, Window
from service.store.catalogue import Entry, Folded, Found

MOST_WORDS = 8
MOST_LENGTH = 100


def words(text: str) -> tuple[str, ...]:
    """The folded words of what was typed, at most `MOST_WORDS` of the first `MOST_LENGTH` characters."""
    parts = (folded(part) for part in text[:MOST_LENGTH].replace("\u3000", " ").split())
    return tuple(part for part in parts if part)[:MOST_WORDS]


def _score(one: Folded[Entry] | Folded[Term] | Folded[Window], wanted: Sequence[str]) -> int | None:
    """Lower is better: 0 a name, 1 its beginning, 2 part of a name, 3 a description; None: not found."""
    worst = 0
    for word in wanted:
        if word in one.named:
            place = 0
        elif any(text.startswith(word) for text in one.named):
            place = 1
        elif any(word in text for text in one.named):
            place = 2
        elif any(word in text for text in one.described):
            place = 3
        else:
            return None
        worst = max(worst, place)
    return worst


def found(items: Iterable[Folded[Found]], wanted: Sequence[str]) -> list[Found]:
    """The items that have all words, the best first, then by key; nothing without a word."""
    if not wanted:
        return []
    scored = [(score, one.item) for one in items if (score := _score(one, wanted)) is not None]
    return [one for _, one in sorted(scored, key=lambda pair: (pair[0], pair[1].key))]
