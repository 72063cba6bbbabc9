"""Search by names and words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.content.models import LifeEvent, Procedure, Term, Window
from service.guidance import search
from service.guidance.municipality import Municipality
from service.guidance.search import Results
from service.web.residents import context
from service.web.residents.layout import CitizenPage
from service.web.residents.links import PageLink, examples, procedure_link

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, kw_only=True)
class SearchPage(CitizenPage):
    """What a search found; `meant` are words that may have been meant, the first of which found what is here.

    `partly`: nothing has all of what was typed, what is here has some of it. `examples` are names to search for.
    """

    template: ClassVar[str] = "citizen/search.html"

    words: str
    count: int = 0
    events: tuple[LifeEvent, ...] = ()
    procedures: tuple[PageLink, ...] = ()
    terms: tuple[Term, ...] = ()
    windows: tuple[Window, ...] = ()
    meant: tuple[PageLink, ...] = ()
    partly: bool = False
    examples: tuple[str, ...] = ()


@router.get("/search")
async def show(request: Request) -> Response:
    """What the words in `q` find."""
    guidance_service = context.guidance_service(request)
    edition, _ = await guidance_service.outline()
    typed = request.query_params.get("q", "")[: search.MOST_LENGTH]
    found = search.results(await guidance_service.catalogue.searchable(edition.number), typed)
    procedures = await guidance_service.catalogue.procedures(edition.number)
    return context.respond(request, search_page(guidance_service.city, typed, found, procedures))


def search_page(city: Municipality, words: str, found: Results, procedures: Mapping[str, Procedure]) -> SearchPage:
    """What was found, in the order given; `procedures` are all of the edition by key."""
    return SearchPage(
        city=city,
        words=words,
        count=found.count,
        events=found.life_events,
        procedures=tuple(procedure_link(procedures[entry.key]) for entry in found.procedures),
        terms=found.terms,
        windows=found.windows,
        meant=tuple(PageLink(word, f"/search?{urlencode({'q': word})}") for word in found.meant),
        partly=found.partly,
        examples=examples(procedures.values()),
    )
