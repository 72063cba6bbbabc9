"""Merging: two contents that grew from one base, item by item (ops/design/editions.md, "Publish").

What only one side touched is taken; what both touched differently is a conflict, which a person decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from service.content.patches import Item, Items

Side = Literal["mine", "theirs"]


@dataclass(frozen=True, slots=True)
class Conflict:
    """An item that both sides touched; None where a side has it not (removed, or not yet there)."""

    key: str
    kind: str
    base: Item | None
    mine: Item | None
    theirs: Item | None


@dataclass(frozen=True, slots=True)
class Merged:
    """The items of both sides together; those in conflict stand as in `mine` until they are decided.

    `decisions` are those that counted: by key of an item that both sides touched differently.
    """

    items: dict[str, Item]
    conflicts: tuple[Conflict, ...]
    decisions: dict[str, Side]


def merge(base: Items, *, mine: Items, theirs: Items, decided: Mapping[str, Side] | None = None) -> Merged:
    """Both sides together; `decided` says for an item in conflict which side counts."""
    items: dict[str, Item] = {}
    conflicts: list[Conflict] = []
    decisions: dict[str, Side] = {}
    for key in sorted({*base, *mine, *theirs}):
        old, own, other = base.get(key), mine.get(key), theirs.get(key)
        taken = other if own == old else own
        if old != own != other != old:
            side = (decided or {}).get(key)
            taken = other if side == "theirs" else own
            if side is None:
                kind = next(item.kind for item in (own, other, old) if item)
                conflicts.append(Conflict(key, kind, old, own, other))
            else:
                decisions[key] = side
        if taken is not None:
            items[key] = taken
    return Merged(items, tuple(conflicts), decisions)
