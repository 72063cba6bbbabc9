"""Search by names and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.content.models import Procedure, Term, Window
from service.guidance import search
from service.guidance.municipality import Municipality
from service.web.residents import context
from service.web.residents.layout import CitizenPage
from service.web.residents.links import PageLink, procedure_link

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, kw_only=True)
class SearchPage(CitizenPage):
    """What a search found; all life events are offered where it found nothing."""

    template: ClassVar[str] = "citizen/search.html"

    words: str
    procedures: tuple[PageLink, ...] = ()
    terms: tuple[Term, ...] = ()
    windows: tuple[Window, ...] = ()


@router.get("/search")
async def show(request: Request) -> Response:
    """What the words in `q` find."""
    guidance_service = context.guidance_service(request)
    edition, _ = await guidance_service.outline()
    typed = request.query_params.get("q", "")[: search.MOST_LENGTH]
    words = search.words(typed)
    among = await guidance_service.catalogue.searchable(edition.number)
    procedures = await guidance_service.catalogue.procedures(edition.number)
    page = search_page(
        guidance_service.city,
        words=typed,
        procedures=[procedures[entry.key] for entry in search.found(among.procedures, words)],
        terms=search.found(among.terms, words),
        windows=search.found(among.windows, words),
    )
    return context.respond(request, page)


def search_page(
    city: Municipality,
    *,
    words: str,
    procedures: Sequence[Procedure] = (),
    terms: Sequence[Term] = (),
    windows: Sequence[Window] = (),
) -> SearchPage:
    """What was found, in the order given."""
    links = tuple(procedure_link(procedure) for procedure in procedures)
    return SearchPage(city=city, words=words, procedures=links, terms=tuple(terms), windows=tuple(windows))
