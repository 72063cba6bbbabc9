"""The pages without anybody's answers: procedures, windows, terms, and what a search found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from service.content.japanese import ROWS, row, sort_key
from service.content.models import LifeEvent, Outline, Procedure, Term, Window
from service.guidance.cards import Bring, Facts
from service.guidance.municipality import Municipality
from service.web.residents.layout import (
    CitizenPage,
    Link,
    LinkGroup,
    Piece,
    by_field,
    by_position,
    marked_terms,
    procedure_link,
    procedure_links,
)


@dataclass(frozen=True, kw_only=True)
class ProcedurePage(CitizenPage):
    """One procedure, without anybody's answers."""

    template: ClassVar[str] = "citizen/procedure.html"
    current: ClassVar[str] = "procedures"

    facts: Facts
    summary: tuple[Piece, ...]
    terms: tuple[Term, ...]
    bring: tuple[Bring, ...]
    before: tuple[Link, ...]
    after: tuple[Link, ...]
    events: tuple[LifeEvent, ...]


@dataclass(frozen=True, kw_only=True)
class ProceduresPage(CitizenPage):
    """All procedures, by field and by life event."""

    template: ClassVar[str] = "citizen/procedures.html"
    current: ClassVar[str] = "procedures"

    count: int
    by_event: tuple[LinkGroup, ...]
    by_field: tuple[LinkGroup, ...]


@dataclass(frozen=True, kw_only=True)
class WindowPage(CitizenPage):
    """One window and what is done there."""

    template: ClassVar[str] = "citizen/window.html"

    window: Window
    procedures: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class TermRow:
    """The terms of one row of the kana table (あ, か …); `name` None for those whose reading is not known."""

    name: str | None
    terms: tuple[Term, ...]


@dataclass(frozen=True, kw_only=True)
class TermsPage(CitizenPage):
    """用語集 in the order of the kana table."""

    template: ClassVar[str] = "citizen/terms.html"
    current: ClassVar[str] = "terms"

    count: int
    rows: tuple[TermRow, ...]


@dataclass(frozen=True, kw_only=True)
class TermPage(CitizenPage):
    """One term, and the procedures that speak of it."""

    template: ClassVar[str] = "citizen/term.html"
    current: ClassVar[str] = "terms"

    term: Term
    procedures: tuple[Link, ...]


@dataclass(frozen=True, kw_only=True)
class SearchPage(CitizenPage):
    """What a search found; all life events are offered where it found nothing."""

    template: ClassVar[str] = "citizen/search.html"

    words: str
    procedures: tuple[Link, ...] = ()
    terms: tuple[Term, ...] = ()
    windows: tuple[Window, ...] = ()


def procedure_page(
    city: Municipality,
    known: Facts,
    *,
    procedures: Mapping[str, Procedure],
    bring: Sequence[Bring],
    events: Sequence[LifeEvent],
    terms: Sequence[Term],
) -> ProcedurePage:
    """The page of a procedure; `bring` is what it always needs and, with labels, what only some need."""
    own = known.procedure
    after = [one for one in procedures.values() if own.key in one.follows]
    return ProcedurePage(
        city=city,
        facts=known,
        summary=marked_terms(own.summary or "", terms),
        terms=tuple(terms),
        bring=() if own.scope == "example" else tuple(bring),
        before=tuple(procedure_link(procedures[key]) for key in own.follows if key in procedures),
        after=procedure_links(after),
        events=tuple(events),
    )


def procedures_page(
    city: Municipality,
    outline: Outline,
    *,
    procedures: Mapping[str, Procedure],
    by_event: Mapping[str, Sequence[str]],
) -> ProceduresPage:
    """All procedures; `by_event` has the keys of the procedures that a life event can lead to."""
    groups = [
        LinkGroup(
            event.summary or event.name,
            f"event-{event.key}",
            procedure_links(procedures[key] for key in by_event[event.key]),
        )
        for event in by_position(outline)
        if by_event.get(event.key)
    ]
    return ProceduresPage(
        city=city, count=len(procedures), by_event=tuple(groups), by_field=by_field(procedures.values())
    )


def window_page(city: Municipality, window: Window, *, procedures: Iterable[Procedure]) -> WindowPage:
    """The page of a window, with those of the procedures that are done there."""
    here = procedure_links(one for one in procedures if window.key in one.handled_at)
    return WindowPage(city=city, window=window, procedures=here)


def terms_page(city: Municipality, terms: Iterable[Term]) -> TermsPage:
    """All terms, row by row."""
    ordered = sorted(terms, key=lambda term: (sort_key(term.reading or term.term), term.key))
    rows: dict[str | None, list[Term]] = {}
    for term in ordered:
        rows.setdefault(row(term.reading or term.term), []).append(term)
    named = [TermRow(name, tuple(rows[name])) for name in ROWS if name in rows]
    rest = [TermRow(None, tuple(rows[None]))] if None in rows else []
    return TermsPage(city=city, count=len(ordered), rows=(*named, *rest))


def term_page(city: Municipality, term: Term, *, procedures: Iterable[Procedure]) -> TermPage:
    """The page of a term, with the procedures that mention it."""
    return TermPage(city=city, term=term, procedures=procedure_links(procedures))


def search_page(
    city: Municipality,
    *,
    words: str,
    procedures: Sequence[Procedure] = (),
    terms: Sequence[Term] = (),
    windows: Sequence[Window] = (),
) -> SearchPage:
    """What was found, in the order given."""
    links = tuple(procedure_link(one) for one in procedures)
    return SearchPage(city=city, words=words, procedures=links, terms=tuple(terms), windows=tuple(windows))
