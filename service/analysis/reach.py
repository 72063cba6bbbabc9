"""Who comes to an item: for how many answer patterns it is asked, holds or is listed, exactly, and one household.

Worked out over all households of each life event (`bdd`), never sampled. Patterns are no people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from service.analysis import bdd
from service.analysis.bdd import ALL, NONE, Compiled, Node, NotDecided
from service.content import references, registry
from service.content.models import Answer, Content, ItemModel, Kind


@dataclass(frozen=True, slots=True)
class EventReach:
    """How many of all answer patterns of a life event come to an item, and a household that does.

    `count` is None where that is too large to be decided; `example` is None where nobody comes to it.
    """

    event: str
    patterns: int
    count: int | None
    example: tuple[Answer, ...] | None


Where = Callable[[Compiled, ItemModel], Node]
"""The households of some life events that come to an item; KeyError for what does not belong to these events."""


def reach(content: Content, item: ItemModel) -> tuple[EventReach, ...] | None:
    """Who comes to an item, one entry for each life event where somebody could; None for what nobody comes to (words
    that are explained, tests)."""
    used = {entry.reference.kind for entry in registry.kind(Kind.PROCEDURE).fields.values() if entry.reference}
    if item.about.label not in _WHERE and item.about.label not in used:
        return None
    return tuple(_reached(content, item))


def _reached(content: Content, item: ItemModel) -> Iterator[EventReach]:
    concerned = _events(content, item)
    for event in sorted(content.life_events, key=lambda event: (event.position, event.key)):
        if event.key not in concerned:
            continue
        try:
            compiled = bdd.compiled(content, [event.key])
            node = _where(compiled, item)
            if node is not None and node != NONE:
                count = compiled.count(node)
                yield EventReach(event.key, compiled.count(), count, compiled.witness(node) if count else None)
        except NotDecided:
            yield EventReach(event.key, 0, None, None)


def _events(content: Content, item: ItemModel) -> set[str]:
    """The life events under which somebody may come to the item: the others need not be worked out."""
    if item.about.label == Kind.LIFE_EVENT:
        return {item.key}
    if item.about.label == Kind.QUESTION:
        return {event.key for event in content.life_events if item.key in bdd.relevant(content, [event.key])}
    wanted = {item.key, *_users(content, item.key)}
    return {
        event
        for row in content.conditions
        if not wanted.isdisjoint((row.key, *row.selects, *row.needs))
        for event in row.life_events
    }


def _where(compiled: Compiled, item: ItemModel) -> Node | None:
    """The households that come to the item; None where it does not belong to the life events."""
    try:
        return _WHERE.get(item.about.label, _of_users)(compiled, item)
    except KeyError:
        return None


def _of_event(compiled: Compiled, item: ItemModel) -> Node:
    return ALL if item.key in compiled.events else NONE


def _of_question(compiled: Compiled, item: ItemModel) -> Node:
    return compiled.asked(item.key)


def _of_condition(compiled: Compiled, item: ItemModel) -> Node:
    return compiled.condition(item.key)


def _of_procedure(compiled: Compiled, item: ItemModel) -> Node:
    return compiled.applies(item.key)


def _of_document(compiled: Compiled, item: ItemModel) -> Node:
    """Where any procedure needs it."""
    listed = [key for key in compiled.reading.procedures if item.key in compiled.reading.documents(key)]
    return compiled.diagram.any_of(compiled.needed(key, item.key) for key in listed)


def _of_users(compiled: Compiled, item: ItemModel) -> Node:
    """Where a procedure that names it applies."""
    return compiled.diagram.any_of(compiled.applies(key) for key in _users(compiled.content, item.key))


def _users(content: Content, key: str) -> list[str]:
    """The procedures that name an item."""
    return [one.key for one in content.procedures if key in references.named_in(one, type(one))]


_WHERE: Mapping[str, Where] = {
    Kind.LIFE_EVENT: _of_event,
    Kind.QUESTION: _of_question,
    Kind.CONDITION: _of_condition,
    Kind.PROCEDURE: _of_procedure,
    Kind.DOCUMENT: _of_document,
}
"""Kinds that the rules of guidance speak of; what is of any other kind is come to with the procedures that name it."""
