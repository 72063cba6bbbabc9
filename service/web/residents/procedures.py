"""The procedures, without anybody's answers: all of them, and each on a page of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service import clock
from service.content.basis import in_order, is_told
from service.content.models import Kind, LifeEvent, Outline, Procedure, Term
from service.guidance import cards
from service.guidance.cards import Bring, CardFacts
from service.guidance.municipality import Municipality
from service.web.residents import context
from service.web.residents.layout import CitizenPage
from service.web.residents.links import LinkGroup, PageLink, by_field, procedure_link, procedure_links
from service.web.residents.parts import Piece, by_position, marked_terms

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, kw_only=True)
class ProcedurePage(CitizenPage):
    """One procedure, without anybody's answers."""

    template: ClassVar[str] = "citizen/procedure.html"
    current: ClassVar[str] = "procedures"

    facts: CardFacts
    summary: tuple[Piece, ...]
    terms: tuple[Term, ...]
    bring: tuple[Bring, ...]
    brings_nothing: bool
    to_ask: tuple[str, ...]
    period_over: bool
    before: tuple[PageLink, ...]
    after: tuple[PageLink, ...]
    events: tuple[LifeEvent, ...]


@dataclass(frozen=True, kw_only=True)
class ProceduresPage(CitizenPage):
    """All procedures, by field and by life event."""

    template: ClassVar[str] = "citizen/procedures.html"
    current: ClassVar[str] = "procedures"

    count: int
    by_event: tuple[LinkGroup, ...]
    by_field: tuple[LinkGroup, ...]


@router.get("/procedures")
async def show_list(request: Request) -> Response:
    """All procedures, by field and by life event."""
    guidance_service = context.guidance_service(request)
    edition, outline = await guidance_service.outline()
    entries = await guidance_service.catalogue.entries(edition.number)
    page = procedures_page(
        guidance_service.city,
        outline,
        procedures=await guidance_service.catalogue.procedures(edition.number),
        by_event={
            event: [entry.key for entry in entries if event in entry.life_events] for event in outline.life_events
        },
    )
    return context.respond(request, page)


@router.get("/procedures/{key}")
async def show(request: Request, key: str) -> Response:
    """One procedure."""
    guidance_service = context.guidance_service(request)
    catalogue = guidance_service.catalogue
    edition, outline = await guidance_service.outline()
    number = edition.number
    await catalogue.item(number, key, Kind.PROCEDURE)
    life_events = next(entry.life_events for entry in await catalogue.entries(number) if entry.key == key)
    needs = await catalogue.needs(number, key)
    details = await catalogue.details(number, [key], [document for document, _ in needs])
    mentioned = await catalogue.terms_in(number, [key])
    page = procedure_page(
        guidance_service.city,
        cards.facts(key, details),
        procedures=await catalogue.procedures(number),
        bring=[
            Bring(details.documents[document], not labels, labels)
            for document, labels in needs
            if document in details.documents
        ],
        events=[event for name, event in outline.life_events.items() if name in life_events],
        terms=mentioned.get(key, ()),
    )
    return context.respond(request, page)


def procedure_page(
    city: Municipality,
    facts: CardFacts,
    *,
    procedures: Mapping[str, Procedure],
    bring: Sequence[Bring],
    events: Sequence[LifeEvent],
    terms: Sequence[Term],
) -> ProcedurePage:
    """The page of a procedure; `bring` is what it always needs and, with labels, what only some need."""
    own = facts.procedure
    papers = tuple(paper for paper in bring if is_told(paper.document))
    papers_open = facts.papers_known and len(papers) < len(bring)
    after = [procedure for procedure in procedures.values() if own.key in procedure.follows]
    return ProcedurePage(
        city=city,
        facts=facts,
        summary=marked_terms(own.summary or "", terms),
        terms=tuple(terms),
        to_ask=in_order({*facts.to_ask, *({"documents"} if papers_open else ())}),
        period_over=cards.period_over(own, clock.today()),
        bring=papers if facts.papers_known else (),
        brings_nothing=own.needs is not None and not papers and not papers_open,
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
