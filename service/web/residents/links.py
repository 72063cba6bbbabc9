"""Lists of links to procedures."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from service.content.japanese import sort_key
from service.content.models import Procedure

MOST_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class PageLink:
    """A name that leads somewhere, with an optional second line."""

    name: str
    url: str
    more: str | None = None


@dataclass(frozen=True, slots=True)
class LinkGroup:
    """Links under a heading; `name` None for those without one."""

    name: str | None
    anchor: str
    links: tuple[PageLink, ...]


def procedure_link(procedure: Procedure) -> PageLink:
    """A link to the procedure's own page."""
    return PageLink(procedure.name, f"/procedures/{procedure.key}", procedure.summary)


def procedure_links(procedures: Iterable[Procedure]) -> tuple[PageLink, ...]:
    """Links to the procedures, by reading."""
    return tuple(procedure_link(procedure) for procedure in sorted(procedures, key=_reading))


def examples(procedures: Iterable[Procedure]) -> tuple[str, ...]:
    """What may be searched for: the shortest names of procedures, each of another field; those with a bracket never."""
    short = sorted(
        (procedure for procedure in procedures if "（" not in procedure.name),
        key=lambda procedure: (len(procedure.name), procedure.key),
    )
    shortest: dict[str | None, str] = {}
    for procedure in short:
        shortest.setdefault(procedure.field, procedure.name)
    return tuple(shortest.values())[:MOST_EXAMPLES]


def _reading(procedure: Procedure) -> tuple[tuple[str, str], str]:
    return (sort_key(procedure.reading or procedure.name), procedure.key)


def by_field(
    procedures: Iterable[Procedure], link: Callable[[Procedure], PageLink] = procedure_link
) -> tuple[LinkGroup, ...]:
    """The procedures by field, the largest field first, those without one last; inside by reading."""
    fields: dict[str | None, list[Procedure]] = {}
    for procedure in sorted(procedures, key=_reading):
        fields.setdefault(procedure.field, []).append(procedure)
    ordered = sorted(fields.items(), key=lambda pair: (pair[0] is None, -len(pair[1]), pair[0] or ""))
    return tuple(
        LinkGroup(name, f"field-{number}", tuple(link(procedure) for procedure in members))
        for number, (name, members) in enumerate(ordered, start=1)
    )
