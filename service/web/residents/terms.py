"""用語集: all terms, and each on a page of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.content.japanese import ROWS, row, sort_key
from service.content.models import Kind, Procedure, Term
from service.guidance.municipality import Municipality
from service.web.residents import context
from service.web.residents.layout import CitizenPage
from service.web.residents.links import PageLink, procedure_links

router = APIRouter(include_in_schema=False)


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
    procedures: tuple[PageLink, ...]


@router.get("/terms")
async def show_list(request: Request) -> Response:
    """All terms."""
    guidance_service = context.guidance_service(request)
    edition, _ = await guidance_service.outline()
    return context.respond(
        request, terms_page(guidance_service.city, await guidance_service.catalogue.terms(edition.number))
    )


@router.get("/terms/{key}")
async def show(request: Request, key: str) -> Response:
    """One term and the procedures that speak of it."""
    guidance_service = context.guidance_service(request)
    edition, _ = await guidance_service.outline()
    term = await guidance_service.catalogue.item(edition.number, key, Kind.TERM)
    assert isinstance(term, Term)
    procedures = await guidance_service.catalogue.procedures(edition.number)
    mentioned = await guidance_service.catalogue.terms_in(edition.number, procedures)
    speaking = [procedures[name] for name in procedures if key in {term.key for term in mentioned[name]}]
    return context.respond(request, term_page(guidance_service.city, term, procedures=speaking))


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
