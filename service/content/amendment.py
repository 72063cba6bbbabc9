"""An amended layer brought into a content that grew on the one before it: item by item and field by field.

What only one side changed is taken. Of a list that both changed, each side's additions and removals; where both say
something else of the same thing, both are kept until somebody decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.content import registry
from service.content.fields import FieldEntry, fields_of
from service.content.layers import spelled_out
from service.content.patches import Item, Items


@dataclass(frozen=True, slots=True)
class Three:
    """A value on three sides; None where it is not there. What is no matter of dispute is the same on all of them."""

    base: Any
    mine: Any
    theirs: Any

    @property
    def is_settled(self) -> bool:
        """Whether both sides come to the same."""
        return bool(self.mine == self.theirs)


Merge = Callable[[Any, Any, Any], Three]


def amended(old: Items, new: Items, own: Items) -> dict[str, Three]:
    """Every item of `own` as the new layer in place of the old one makes it: `mine` as the content has it, `theirs` as
    the new layer wants it, both with all that is no matter of dispute."""
    keys = sorted({*old, *new, *own})
    return {key: _item(old.get(key), new.get(key), own.get(key)) for key in keys}


def _item(old: Item | None, new: Item | None, own: Item | None) -> Three:
    settled = _by_side(old, new, own)
    if settled is not None:
        return settled
    if old is None or new is None or own is None or not old.kind == new.kind == own.kind:
        return Three(old, own, new)
    entries = registry.kind(own.kind).fields
    merged = _fields(entries, old.fields, new.fields, own.fields)
    return Three(*(Item(own.kind, side) for side in (merged.base, merged.mine, merged.theirs)))


def _by_side(old: Any, new: Any, own: Any) -> Three | None:
    """What is settled because only one side changed it; None where both did."""
    if new in (old, own):
        return Three(own, own, own)
    return Three(new, new, new) if own == old else None


def _fields(entries: Mapping[str, FieldEntry], old: Any, new: Any, own: Any) -> Three:
    """Fields by name, each merged for itself, in the order in which the model has them."""
    return _named(entries, old, new, own, lambda name: lambda *sides: _value(entries[name], *sides))


def _named(names: Iterable[str], old: Any, new: Any, own: Any, merge: Callable[[str], Merge]) -> Three:
    """Three mappings, each name merged for itself."""
    merged = {name: merge(name)(old.get(name), new.get(name), own.get(name)) for name in names}
    return Three(
        *(
            {name: value for name, three in merged.items() if (value := getattr(three, side)) is not None}
            for side in ("base", "mine", "theirs")
        )
    )


def _value(entry: FieldEntry, old: Any, new: Any, own: Any) -> Three:
    """One field: its parts, its members or the whole of it."""
    settled = _by_side(old, new, own)
    if settled is not None:
        return settled
    if None not in (old, new, own):
        if entry.is_changed_in_part:
            old, new, own = (spelled_out(entry, side) for side in (old, new, own))
            if entry.inner is not None:
                return _fields(fields_of(entry.inner), old, new, own)
            return _named(sorted({*old, *new, *own}), old, new, own, lambda name: _answer)
        if entry.shape in {"items", "words"} and own and (members := _members(old, new, own)):
            return Three(members, members, members)
        if entry.shape in {"options", "records"} and entry.inner is not None:
            return _rows(old, new, own)
    return Three(old, own, new)


def _answer(old: Any, new: Any, own: Any) -> Three:
    return _by_side(old, new, own) or Three(old, own, new)


def _members(old: Sequence[str], new: Sequence[str], own: Sequence[str]) -> list[str]:
    """A list without order, with what the new layer added and without what it took out."""
    gone = set(old) - set(new)
    return [key for key in own if key not in gone] + [key for key in new if key not in {*old, *own}]


def _rows(old: Sequence[Any], new: Sequence[Any], own: Sequence[Any]) -> Three:
    """A list of records, each merged for itself by what names it; what is new stands behind what it stood behind."""
    if any(len({_name(row) for row in side}) < len(side) for side in (old, new, own)):
        return Three(old, own, new)
    by_name = [{_name(row): row for row in side} for side in (old, new, own)]
    order = [_name(row) for row in own]
    for place, name in enumerate(map(_name, new)):
        if name not in order:
            before = next((_name(row) for row in reversed(new[:place]) if _name(row) in order), None)
            order.insert(order.index(before) + 1 if before is not None else 0, name)
    order += [name for name in by_name[0] if name not in order]
    merged = [_answer(*(side.get(name) for side in by_name)) for name in order]
    sides = ([getattr(three, side) for three in merged] for side in ("base", "mine", "theirs"))
    return Three(*([row for row in side if row is not None] for side in sides))


def _name(row: Mapping[str, Any]) -> str:
    """What names a record in its list: an option its key, a source its address."""
    return str(row.get("key") or row.get("url") or row.get("title"))
