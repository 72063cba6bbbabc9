"""The result: the answer of the guide on the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response
from markupsafe import Markup

from service import clock
from service.content.models import Guidance, LifeEvent
from service.guidance import forms
from service.guidance.answers import fields
from service.guidance.cards import Card, Groups
from service.guidance.municipality import Municipality
from service.guidance.service import Advice, Visit
from service.web.residents import cards, context, kept, notices, review, submitted
from service.web.residents.cards import CardCache
from service.web.residents.notices import Notice
from service.web.residents.parts import Fields, address, events_of
from service.web.residents.result_list import ListPage, first_and_next, overview

router = APIRouter(include_in_schema=False)

MOURNING = "death"
"""The icon of the life events at which a result opens with a word of condolence."""


@dataclass(frozen=True, kw_only=True)
class ResultPage(ListPage):
    """The answer: rendered cards in three groups, what next, how to take it along."""

    template: ClassVar[str] = "citizen/result.html"

    undated: tuple[LifeEvent, ...]
    mourning: bool
    next: tuple[Card, ...]
    later: int
    must: tuple[Markup, ...]
    gain: tuple[Markup, ...]
    maybe: tuple[Markup, ...]
    no_action: tuple[Markup, ...]
    hidden: Fields
    review_url: str
    sheet_url: str
    calendar_url: str


@router.get("/result")
async def show(request: Request) -> Response:
    """The list; a form that leads here goes on to the address of its answers."""
    parameters = context.parameters(request)
    if any(name.startswith("date-") for name, _ in parameters):
        return await review.show(request)
    visit = await context.guidance_service(request).visit(parameters)
    if forms.is_form(parameters):
        # 「ここまでの結果を見る」: what is ticked counts, and nothing ticked is no error here
        return submitted.redirect("/result", request, submitted.read(request, visit))
    return kept.respond(request, visit, await _page(request, visit))


async def _page(request: Request, visit: Visit) -> ResultPage:
    guidance_service = context.guidance_service(request)
    advice = await guidance_service.advice(visit)
    return advice_page(
        guidance_service.city,
        advice,
        cache=cards.cache_of(request),
        sheet_url=address("/sheet", visit.query),
        notice=notices.for_result(advice),
    )


def advice_page(
    city: Municipality, advice: Advice, *, cache: CardCache, sheet_url: str, notice: Notice | None
) -> ResultPage:
    """The result page of an advice, its deadlines seen from today."""
    return result_page(
        city,
        advice.visit,
        guidance=advice.given.guidance,
        groups=cards.grouped(advice, today=clock.today()),
        cache=cache,
        code=advice.code,
        sheet_url=sheet_url,
        notice=notice,
    )


def result_page(
    city: Municipality,
    visit: Visit,
    *,
    guidance: Guidance,
    groups: Groups,
    cache: CardCache,
    code: str,
    sheet_url: str,
    notice: Notice | None = None,
) -> ResultPage:
    """The result; `cache` keeps rendered cards, `sheet_url` is where it stands on paper."""
    query = visit.query
    _, following, later = first_and_next(groups)
    events = events_of(query.life_events, visit.outline)
    return ResultPage(
        city=city,
        overview=overview(visit, groups, code=code),
        undated=tuple(event for event in events if event.date_label and event.key not in query.dates),
        mourning=any(event.icon == MOURNING for event in events),
        next=following,
        later=later,
        must=cards.rendered(groups.must, cache),
        gain=cards.rendered(groups.gain, cache),
        maybe=cards.rendered(groups.maybe, cache),
        no_action=cards.rendered(groups.no_action, cache),
        hidden=tuple(fields(query)),
        review_url=address("/review", query),
        sheet_url=sheet_url,
        calendar_url=address("/result.ics", query),
        notice=notice or notices.unfinished(guidance, query),
    )
