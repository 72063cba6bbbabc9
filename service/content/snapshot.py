"""A content with what is known of each of its items, so that a small change costs little however large the content is.

The canonical document (`canonical.canonical`) consists of the canonical forms of the items, in the order of their keys:
a snapshot keeps these, and a changed one writes down and checks only the items that were touched.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from pydantic import ValidationError

from service.content import consistency, patches, references, registry
from service.content.canonical import plain_item, written
from service.content.models import FORMAT, Content, ItemModel, LifeEvent, Procedure, Question, Scenario
from service.content.patches import Item, Items, Patch
from service.content.reading import MOST_BYTES

T = TypeVar("T")


class Unsound(Exception):
    """The items make no sound content; `loading.read_plain` of `document` says what is wrong."""

    def __init__(self, items: Items) -> None:
        super().__init__("unsound content")
        self.document = patches.plain(items)


@dataclass(frozen=True)
class Snapshot:
    """A sound content: of each item, by key, its model, its normal form and its canonical form; the kind of every key
    (options included). Nothing in it is ever changed: snapshots share what they have in common."""

    models: Mapping[str, ItemModel]
    items: Items
    canonical_items: Mapping[str, bytes]
    kinds: Mapping[str, str]

    @classmethod
    def of(cls, content: Content) -> Snapshot:
        """The snapshot of a sound content: all of its items are written down, which takes a while."""
        items = patches.items(content)
        models = {model.key: model for name in registry.current().lists for model in getattr(content, name)}
        canonical_items = {key: written(item.fields) for key, item in items.items()}
        return cls(models, items, canonical_items, dict(_kinds(items.values())))

    @cached_property
    def canonical(self) -> bytes:
        """The canonical document, byte for byte that of `canonical.canonical`."""
        lists: dict[str, list[str]] = {"format": []}
        for key in sorted(self.items):
            lists.setdefault(registry.list_of(self.items[key].kind), []).append(key)
        return b"{" + b",".join(self._list(name, lists[name]) for name in sorted(lists)) + b"}"

    def _list(self, name: str, keys: list[str]) -> bytes:
        if name == "format":
            return b'"format":%d' % FORMAT
        return b'"%s":[%s]' % (name.encode(), b",".join(self.canonical_items[key] for key in keys))

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of the canonical document, in lower-case hexadecimal."""
        return hashlib.sha256(self.canonical).hexdigest()

    @cached_property
    def content(self) -> Content:
        """The content, every list in the order of the keys."""
        return self._part(self.items)

    def changed_to(self, items: Items) -> tuple[Snapshot, Patch]:
        """The snapshot of other items, and the patch that leads to it; only what differs is looked at.

        Errors: Unsound.
        """
        raw = patches.between(self.items, items)
        if not raw:
            return self, raw
        try:
            after = {key: _model(item) for key, item in raw.after.items()}
        except ValidationError:
            raise Unsound(items) from None
        normal = {key: Item(raw.after[key].kind, plain_item(model)) for key, model in after.items()}
        patch = Patch(
            {key: item for key, item in raw.before.items() if normal.get(key) != item},
            {key: item for key, item in normal.items() if self.items.get(key) != item},
        )
        changed = self._with(patch, {key: after[key] for key in patch.after})
        if not changed._is_sound(self, patch):
            raise Unsound(items)
        return changed, patch

    def _with(self, patch: Patch, after: Mapping[str, ItemModel]) -> Snapshot:
        gone = {key for item in patch.before.values() for key in references.own_keys(item)}
        return Snapshot(
            models={**_without(self.models, patch.before), **after},
            items={**_without(self.items, patch.before), **patch.after},
            canonical_items={
                **_without(self.canonical_items, patch.before),
                **{key: written(item.fields) for key, item in patch.after.items()},
            },
            kinds={**_without(self.kinds, gone), **dict(_kinds(patch.after.values()))},
        )

    def _is_sound(self, old: Snapshot, patch: Patch) -> bool:
        """Whether nothing is wrong with what the patch touched, nor with what speaks of it; the rest was sound."""
        looked_at = {*patch.after, *self._affected(old, patch)}
        looked_at |= {needed for key in looked_at for needed in self._answered(key)}
        own = {inside for key in looked_at for inside in references.own_keys(self.items[key])}
        others = {key: kind for key, kind in self.kinds.items() if key not in own}
        faults = consistency.faults(self._part(looked_at), ill_formed=others)
        return not faults and self._is_small(patch) and not self._is_circular(old, patch)

    def _affected(self, old: Snapshot, patch: Patch) -> Iterator[str]:
        """The items that were not touched and that the patch may have made wrong."""
        before = {key for item in patch.before.values() for key in references.own_keys(item)}
        gone = {key for key in before if self.kinds.get(key) != old.kinds[key]}
        if gone:
            yield from (item.key for item in references.referrers(self.items, gone) if item.key not in patch.after)
        changed = {key for key in patch.before if key in patch.after}
        questions = {key for key in changed if isinstance(self.models[key], Question)}
        events = {key for key in changed if isinstance(self.models[key], LifeEvent)}
        if questions or events:
            yield from (key for key, model in self.models.items() if _looks_at(model, questions, events))

    def _answered(self, key: str) -> Iterator[str]:
        """The items without which what an item says of them cannot be checked."""
        model = self.models[key]
        if isinstance(model, Scenario):
            yield from (question for question in model.answers if question in self.items)
        if isinstance(model, Procedure):
            yield from (event for event in _counted_from(model) if event in self.items)

    def _part(self, keys: Iterable[str]) -> Content:
        lists: dict[str, list[ItemModel]] = {name: [] for name in registry.current().lists}
        for key in sorted(keys):
            lists[registry.list_of(self.items[key].kind)].append(self.models[key])
        return registry.current().content.model_construct(None, format=FORMAT, **lists)

    def _is_small(self, patch: Patch) -> bool:
        """Whether the content keeps its limits; nothing can have passed them where nothing was added."""
        if sum(map(len, self.canonical_items.values())) > MOST_BYTES:
            return False
        added = {item.kind for key, item in patch.after.items() if key not in patch.before}
        return all(
            sum(item.kind == kind for item in self.items.values()) <= registry.kind(kind).about.most for kind in added
        )

    def _is_circular(self, old: Snapshot, patch: Patch) -> bool:
        """Whether items wait for each other in a circle."""
        for kind, name in registry.acyclic():
            waiting = [key for key, item in patch.after.items() if item.kind == kind and item.fields.get(name)]
            if any(old.items.get(key) is None or _names(old, key, name) != _names(self, key, name) for key in waiting):
                before = {key: _names(self, key, name) for key, item in self.items.items() if item.kind == kind}
                if consistency.is_circular(before):
                    return True
        return False


def _model(item: Item) -> ItemModel:
    return registry.kind(item.kind).model.model_validate(item.fields, by_alias=True, by_name=False)


def _names(snapshot: Snapshot, key: str, name: str) -> list[str]:
    """The items (of options their questions) that a field of an item names."""
    return [other.partition("/")[0] for other in snapshot.items[key].fields.get(name, ())]


def _looks_at(model: ItemModel, questions: set[str], events: set[str]) -> bool:
    """Whether what an item says is right or wrong by what one of these is like."""
    if isinstance(model, Scenario):
        return not questions.isdisjoint(model.answers)
    return isinstance(model, Procedure) and not events.isdisjoint(_counted_from(model))


def _counted_from(procedure: Procedure) -> list[str]:
    """The life events whose day a deadline is counted from."""
    return (procedure.deadline.from_event if procedure.deadline else None) or []


def _kinds(items: Iterable[Item]) -> Iterator[tuple[str, str]]:
    for item in items:
        inside = registry.kind(item.kind).owned_model
        for key in references.own_keys(item):
            yield key, inside.about.label if inside and key != item.key else item.kind


def _without(mapping: Mapping[str, T], gone: Iterable[str]) -> dict[str, T]:
    left = dict(mapping)
    for key in gone:
        left.pop(key, None)
    return left
