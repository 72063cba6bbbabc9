"""What residents search in, made of a content without a database."""

from __future__ import annotations

from service.content import registry
from service.content.models import Content, Kind, Procedure
from service.store.catalogue import Entry, Searchable, searchable


def entry(procedure: Procedure, life_events: tuple[str, ...] = ()) -> Entry:
    """The procedure as lists and search have it."""
    kind = registry.kind(Kind.PROCEDURE)
    return Entry(
        key=procedure.key,
        name=procedure.name,
        reading=procedure.reading or "",
        summary=procedure.summary or "",
        field=procedure.field or "",
        nature=procedure.nature,
        life_events=life_events,
        named=kind.texts(procedure, names=True),
        described=kind.texts(procedure, names=False),
    )


def searchable_content(content: Content) -> Searchable:
    """All that a search looks through."""
    leading: dict[str, set[str]] = {}
    for condition in content.conditions:
        for key in condition.selects:
            leading.setdefault(key, set()).update(condition.life_events)
    entries = [entry(one, tuple(sorted(leading.get(one.key, ())))) for one in content.procedures]
    return searchable(content.life_events, entries, content.terms, content.windows)
