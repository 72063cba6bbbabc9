"""Who refers to whom among the items of a content, and what stays of an item when others go."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from service.content import registry
from service.content.fields import FieldEntry, fields_of
from service.content.fields import references as references_in
from service.content.patches import Fields, Item
from service.errors import Refused


def own_keys(item: Item) -> tuple[str, ...]:
    """The keys that an item brings into the content: its own, and those of a question's options."""
    owned = registry.kind(item.kind).owned
    inside = item.fields.get(owned.name, ()) if owned else ()
    return (item.key, *(part["key"] for part in inside))


def named(item: Item) -> Iterator[str]:
    """Every key that the item refers to, some more than once."""
    return named_in(item.fields, registry.kind(item.kind).model)


def named_in(item: BaseModel | Mapping[str, Any], model: type[BaseModel]) -> Iterator[str]:
    """Every key that an item refers to, options that were answered too; `item` is a model or its plain fields."""
    for _, key, _ in references_in(item, model):
        yield key
    yield from answered_in(item, model)


def answered_in(item: BaseModel | Mapping[str, Any], model: type[BaseModel]) -> Iterator[str]:
    """Every option that an item says was answered."""
    for entry in fields_of(model).values():
        if entry.shape == "answers":
            for answer in (entry.of(item) or {}).values():
                yield from answer if isinstance(answer, list) else ()


def referrers(items: Mapping[str, Item], gone: Collection[str]) -> list[Item]:
    """The items that refer to one of these keys and are none of them, by key."""
    return [
        item for key, item in sorted(items.items()) if key not in gone and any(other in gone for other in named(item))
    ]


def detached(item: Item, gone: Collection[str]) -> Item:
    """The item without its references to these keys.

    Errors: Refused where the last option of a clause, the last life event or the last option that a question is asked
    after would go: the rule would then mean something else for everybody.
    """
    return Item(item.kind, _without(item.fields, registry.kind(item.kind).fields, gone, item=item))


def connected(item: Item, name: str, key: str) -> Item:
    """The item with one more key in a field of `flow.CHANGED_BY_EDGE`: the last of a list, a clause of its own.

    Errors: Refused where it is there already.
    """
    entry, old = registry.kind(item.kind).fields[name], item.fields.get(name)
    if key in named_in({name: old}, registry.kind(item.kind).model):
        raise Refused(f"「{item.key}」の{entry.label}に、「{key[:100]}」はもうあります。", where=f"/{name}")
    value = key if entry.shape == "item" else [*(old or ()), [key] if entry.shape == "clauses" else key]
    return Item(item.kind, {**item.fields, name: value})


def disconnected(item: Item, name: str, key: str) -> Item:
    """The item without a key in a field of `flow.CHANGED_BY_EDGE`.

    Errors: Refused where it is not there (any more), and as in `detached`.
    """
    entry, old = registry.kind(item.kind).fields[name], item.fields.get(name)
    if key not in named_in({name: old}, registry.kind(item.kind).model):
        raise Refused(f"「{item.key}」の{entry.label}に、「{key[:100]}」はもうありません。", where=f"/{name}")
    kept = _kept(entry, old, {key}, item=item)
    others = {other: value for other, value in item.fields.items() if other != name}
    return Item(item.kind, others if kept is None else {**others, name: kept})


def _without(old: Mapping[str, Any], entries: Mapping[str, FieldEntry], gone: Collection[str], *, item: Item) -> Fields:
    """The fields without these keys; a list that becomes empty is left out."""
    fields: Fields = {}
    for name, value in old.items():
        entry = entries.get(name)
        kept = value if entry is None else _kept(entry, value, gone, item=item)
        if kept is not None:
            fields[name] = kept
    return fields


def _kept(entry: FieldEntry, value: Any, gone: Collection[str], *, item: Item) -> Any:
    """What stays of a value, None if nothing does. Errors: Refused where nothing may not be."""
    if entry.reference is None:
        nested = entry.inner is not None and isinstance(value, Mapping)
        return _without(value, fields_of(entry.inner), gone, item=item) if nested and entry.inner else value
    if entry.shape == "item":
        return None if value in gone else value
    if entry.shape == "answers":
        return dict(_answers(value, gone))
    if entry.shape == "clauses":
        clauses = [[key for key in clause if key not in gone] for clause in value]
        if not all(clauses):
            raise _emptied(item, entry.name)
        return clauses
    kept = [key for key in value if key not in gone]
    if not kept and entry.reference.required:
        raise _emptied(item, entry.name)
    return kept or None


def _answers(answers: Mapping[str, list[str] | str], gone: Collection[str]) -> Iterator[tuple[str, list[str] | str]]:
    """A scenario's answers without what is gone; one whose only option is gone says nothing any more."""
    for question, answer in answers.items():
        if question in gone:
            continue
        kept = answer if isinstance(answer, str) else [key for key in answer if key not in gone]
        if kept or not answer:
            yield question, kept


def _emptied(item: Item, name: str) -> Refused:
    return Refused(
        f"「{item.key}」の {name} が空になってしまいます。先に「{item.key}」を直すか、一緒に削除してください。",
        where=f"/{name}",
    )
