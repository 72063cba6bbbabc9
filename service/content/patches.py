"""Patches: what a write did to the items of a content, before and after, so that it can be told, replayed and taken
back (ops/design/editions.md). Items are in their normal form (`canonical.plain_item`): what means the same is equal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import rfc8785

from service.content import registry
from service.content.canonical import document
from service.content.models import FORMAT, Content
from service.errors import Refused

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Item:
    """An item in its normal form, with its kind's label; a question holds its options, a condition its life events."""

    kind: str
    fields: Fields

    @property
    def key(self) -> str:
        """The key of the item."""
        return str(self.fields["key"])


Items = Mapping[str, Item]
"""The items of a content by key."""


@dataclass(frozen=True, slots=True)
class Patch:
    """The touched items by key: `before` alone was removed, `after` alone was added, both was changed."""

    before: Mapping[str, Item] = field(default_factory=dict)
    after: Mapping[str, Item] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, ...]:
        """Every touched key, in alphabetical order."""
        return tuple(sorted({*self.before, *self.after}))

    def __bool__(self) -> bool:
        return bool(self.before or self.after)


class Outdated(Refused):
    """Items are not as the patch found them; `keys` names them."""

    def __init__(self, keys: Iterable[str]) -> None:
        self.keys = tuple(keys)
        named = "、".join(f"「{key}」" for key in self.keys)
        super().__init__(f"{named} は、そのあとさらに変更されています。先に、あとの変更を確かめてください。")


def items(content: Content) -> dict[str, Item]:
    """Every item of the content by key."""
    return _listed(document(content))


def plain(items_by_key: Mapping[str, Item]) -> Fields:
    """The document that consists of these items."""
    lists: Fields = {"format": FORMAT}
    for item in items_by_key.values():
        lists.setdefault(registry.list_of(item.kind), []).append(item.fields)
    return lists


def between(old: Mapping[str, Item], new: Mapping[str, Item]) -> Patch:
    """The patch that makes the new items of the old ones."""
    return Patch(before=_unlike(old, new), after=_unlike(new, old))


def _unlike(items: Mapping[str, Item], others: Mapping[str, Item]) -> dict[str, Item]:
    """The items that the others do not have so. Most are the same objects, which is seen at once."""
    return {key: item for key, item in items.items() if (other := others.get(key)) is not item and other != item}


def applied(patch: Patch, items_by_key: Mapping[str, Item]) -> dict[str, Item]:
    """The items with the patch done to them. Errors: Outdated where they are not as it says they were."""
    stale = [key for key in patch.keys if items_by_key.get(key) != patch.before.get(key)]
    if stale:
        raise Outdated(stale)
    return {key: item for key, item in items_by_key.items() if key not in patch.before} | dict(patch.after)


def inverse(patch: Patch) -> Patch:
    """The patch that takes this one back."""
    return Patch(before=patch.after, after=patch.before)


def written(side: Mapping[str, Item]) -> str | None:
    """One side of a patch as canonical JSON, by list as in the content document; None if it holds nothing."""
    if not side:
        return None
    lists: dict[str, list[Fields]] = {}
    for key in sorted(side):
        lists.setdefault(registry.list_of(side[key].kind), []).append(side[key].fields)
    return rfc8785.dumps(lists).decode()


def read(before: str | None, after: str | None) -> Patch:
    """The patch that was written down so; hashes (of imports and forks) are no sides."""
    return Patch(before=_side(before), after=_side(after))


def _side(text: str | None) -> dict[str, Item]:
    if text is None or not text.startswith("{"):
        return {}
    return _listed(json.loads(text))


def _listed(lists: Mapping[str, Any]) -> dict[str, Item]:
    """The items of a document, whole or partial, by key."""
    return {
        fields["key"]: Item(kind.label, fields)
        for name, kind in registry.current().lists.items()
        for fields in lists.get(name, [])
    }
