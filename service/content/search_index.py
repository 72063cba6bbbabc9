"""What a search looks through: items with their names and descriptions, spelt out once, and how much each word says."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from service.content.words import Spelt, spelt

Item = TypeVar("Item")
Order = tuple[int, int, str]

_MARK = "\n"
"""Stands around every form of a text: no folded text holds it."""


@dataclass(frozen=True, slots=True)
class Indexed(Generic[Item]):
    """An item that can be found; `forms` are all forms of its names in one text, each between two marks.

    `own_forms` are those of the first name, which is its own.
    `aside`: it comes after the others that are found in the same place. `order` says which comes first of items that
    are found equally well.
    """

    item: Item
    order: Order
    aside: bool
    names: tuple[Spelt, ...]
    own_forms: tuple[str, ...]
    forms: str
    words: frozenset[str]
    described: str
    all_words: frozenset[str]

    @classmethod
    def of(
        cls, item: Item, *, order: Order, names: Iterable[str], described: Iterable[str], aside: bool = False
    ) -> Indexed[Item]:
        """The item under these names, of which the first is its own, with texts that describe it."""
        called = tuple(map(spelt, dict.fromkeys(spelling for name in names for spelling in (name, _bare(name)))))
        descriptions = [spelt(text) for text in described]
        own = (called[0], spelt(_bare(called[0].text)))
        forms = dict.fromkeys(form for name in called for form in name.forms)
        return cls(
            item,
            order,
            aside,
            called,
            tuple(dict.fromkeys(form for name in own for form in name.forms)),
            _MARK + "".join(form + _MARK for form in forms),
            frozenset(word for name in called for word in name.words),
            _MARK.join(form for text in descriptions for form in text.forms),
            frozenset(word for text in (*called, *descriptions) for word in text.words),
        )

    def is_called(self, form: str) -> bool:
        """Whether a name is exactly that."""
        return f"{_MARK}{form}{_MARK}" in self.forms


def _bare(name: str) -> str:
    """The name without what stands behind it in brackets: 離婚届 of 離婚届（協議離婚）."""
    return name.partition("（")[0] or name


class Index(Generic[Item]):
    """The items of one kind; `weights` says of each word how much it says: the rarer, the more.

    `forms` are those of all names, and at the same places in `names` the name that each is of.
    """

    def __init__(self, entries: Iterable[Indexed[Item]]) -> None:
        self.entries = tuple(entries)
        pairs = [(form, name.text) for entry in self.entries for name in entry.names for form in name.forms]
        self.forms, self.names = [form for form, _ in pairs], [name for _, name in pairs]
        counts = Counter(word for entry in self.entries for word in entry.all_words)
        self.weights = {word: math.log(1 + len(self.entries) / count) for word, count in counts.items()}

    def weight(self, words: Iterable[str]) -> float:
        """What these words say together; all of them are known."""
        return sum(self.weights[word] for word in words)
