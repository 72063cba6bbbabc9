"""Layers: a content put together from several, of which a later one adds to, changes and drops items of those before
(ops/design/content-format.md, "Layers")."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from service.content import registry
from service.content.fields import FieldEntry, fields_of
from service.content.models import FORMAT
from service.content.patches import Fields, Item, Items

DROP = "drop"
"""What stands beside the key of an item that a layer takes out."""


def changed(item: Mapping[str, Any], change: Mapping[str, Any], entries: Mapping[str, FieldEntry]) -> dict[str, Any]:
    """The fields of an item with those that a later layer gives it: null takes a value away.

    What nobody has checked yet is no error here: fields that there are not stay, so that they are refused afterwards.
    """
    fields = dict(item)
    for name, value in change.items():
        entry = entries.get(name)
        if value is None and entry is not None:
            fields.pop(name, None)
        elif entry is not None and entry.is_changed_in_part:
            fields[name] = _in_part(entry, fields.get(name), value)
        else:
            fields[name] = value
    return fields


def _in_part(entry: FieldEntry, old: Any, change: Any) -> Any:
    """The value with the parts that are given anew."""
    old, change = spelled_out(entry, old), spelled_out(entry, change)
    if not isinstance(change, Mapping):
        return change
    known: Collection[str] = fields_of(entry.inner) if entry.inner else change
    parts = dict(old) if isinstance(old, Mapping) else {}
    for name, value in change.items():
        if value is None and name in known:
            parts.pop(name, None)
        else:
            parts[name] = value
    return parts


def spelled_out(entry: FieldEntry, value: Any) -> Any:
    """The value with its fields, where one word may be written for all; what cannot be read stays as it is."""
    try:
        return entry.spelled_out(value)
    except ValueError:
        return value


def difference(beneath: Items, whole: Items) -> Fields:
    """The document of the layer that makes the whole of what lies beneath it: the least that it has to say."""
    layer: Fields = {"format": FORMAT}
    for key in sorted({*beneath, *whole}):
        old, new = beneath.get(key), whole.get(key)
        if old is not None and (new is None or new.kind != old.kind):
            layer.setdefault(registry.list_of(old.kind), []).append({"key": key, DROP: True})
            old = None
        if new is not None and new != old:
            fields = {"key": key, **change_of(old, new)} if old else new.fields
            layer.setdefault(registry.list_of(new.kind), []).append(fields)
    return layer


def change_of(old: Item, new: Item) -> Fields:
    """The fields in which an item differs from the one of the same kind and key beneath it, as a layer writes them."""
    entries = registry.kind(new.kind).fields
    names = [name for name in entries if old.fields.get(name) != new.fields.get(name)]
    return {name: _part_of(entries[name], old.fields.get(name), new.fields.get(name)) for name in names}


def _part_of(entry: FieldEntry, old: Any, new: Any) -> Any:
    """The value as a layer writes it: where it is changed in part, the parts that differ; None for one taken away."""
    if not entry.is_changed_in_part or old is None or new is None:
        return new
    old, new = spelled_out(entry, old), spelled_out(entry, new)
    return {name: new.get(name) for name in (*new, *(old.keys() - new.keys())) if old.get(name) != new.get(name)}


def says(change: Mapping[str, Any], place: tuple[str | int, ...]) -> bool:
    """Whether it is the change that says what stands at a place inside the item."""
    value: Any = change
    for part in place:
        if not isinstance(value, Mapping):
            return True
        if part not in value:
            return False
        value = value[part]
    return bool(place)
