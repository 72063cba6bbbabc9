"""What residents read of a procedure: facts that rest on the law or on the city, and what they have to ask about.

What other municipalities do, and what nobody has said the basis of, is no fact for them: it is left out, and where it
changes what they have to do, it is named as something to ask at the window.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, Final

from service.content.fields import FieldEntry, fields_of
from service.content.models import NO_ACTION, Basis, Document, Procedure, Source

GROUPS: Final = tuple(fields_of(Basis))
"""The groups of facts, each of which rests on something of its own."""

ASKED: Final = ("duty", "deadline", "documents", "windows", "online")
"""The groups that change what a resident has to do, in the order in which they are asked about."""

_FACTS = frozenset({"law", "city"})


def fields_by_group() -> Mapping[str, tuple[FieldEntry, ...]]:
    """The fields of a procedure that hold the facts of each group; a group may have none of its own."""
    fields = fields_of(Procedure).values()
    return MappingProxyType({group: tuple(entry for entry in fields if entry.group == group) for group in GROUPS})


def is_fact(procedure: Procedure, group: str) -> bool:
    """Whether what is said of a group holds in this city."""
    return getattr(procedure.basis, group) in _FACTS


def is_stated(procedure: Procedure, group: str) -> bool:
    """Whether anything is said of a group."""
    return any(_is_stated(procedure, entry) for entry in fields_by_group()[group])


def _is_stated(procedure: Procedure, entry: FieldEntry) -> bool:
    value = entry.of(procedure)
    return bool(value is not None and value != entry.default and getattr(value, "is_", None) != "unknown")


def as_residents_see(procedure: Procedure) -> Procedure:
    """The procedure without what is no fact in this city, and without sources that carry none."""
    hidden: dict[str, Any] = {
        entry.attribute: type(procedure).model_fields[entry.attribute].get_default()
        for group, entries in fields_by_group().items()
        if not is_fact(procedure, group)
        for entry in entries
    }
    sources = official(procedure.sources or [])
    return procedure.model_copy(update=hidden | {"sources": sources or None})


def official(sources: list[Source]) -> list[Source]:
    """The sources of the state, the prefecture and the city."""
    return [source for source in sources if source.basis in _FACTS]


def is_told(document: Document) -> bool:
    """Whether residents read that they need a document: one that only other municipalities ask for is no fact here."""
    return document.basis != "elsewhere"


def in_order(groups: Collection[str]) -> tuple[str, ...]:
    """The groups to ask about, in the order in which they are asked about."""
    return tuple(group for group in ASKED if group in groups)


def to_ask(procedure: Procedure) -> tuple[str, ...]:
    """The groups that a resident has to ask about; none of what asks nothing of anybody."""
    if procedure.nature in NO_ACTION:
        return ()
    return tuple(group for group in ASKED if not _is_known(procedure, group))


def _is_known(procedure: Procedure, group: str) -> bool:
    """Whether a resident knows enough of a group; of a duty its basis says all."""
    if group == "duty":
        return is_fact(procedure, group)
    if group == "deadline":
        return is_fact(procedure, group) and procedure.deadline is not None and procedure.deadline.is_known
    if group == "windows":
        return is_fact(procedure, group) and bool(procedure.handled_at)
    return is_fact(procedure, group) and is_stated(procedure, group)
