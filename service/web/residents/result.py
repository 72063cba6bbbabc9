"""The result: the answer of the guide on the screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response
from markupsafe import Markup

from service import clock
from service.content.models import Guidance, LifeEvent
from service.guidance import forms
from service.guidance.answers import fields
from service.guidance.cards import Groups
from service.guidance.municipality import Municipality
from service.guidance.service import Advice, Visit
from service.web.residents import cards, context, kept, notices, review, submitted
from service.web.residents.cards import CardCache
from service.web.residents.notices import Notice
from service.web.residents.parts import Fields, address, events_of
from service.web.residents.result_list import ListPage, StageOfList, overview, shortened, stages

router = APIRouter(include_in_schema=False)

MOURNING = "death"
"""The icon of the life events at which a result opens with a word of condolence."""

ROOM = 16
"""How many lines of a list are shown at once: more are too many for a telephone in a tired hand."""


@dataclass(frozen=True, kw_only=True)
class ResultPage(ListPage):
    """The answer: the list as a timeline, how to take it along.

    `html` are the rendered cards by key. `printed`: it was opened by a code, which holds no days. `next_open`: the hall
    is closed today, and opens again on this day. `calendar_url` None: there is no day to be taken into a calendar.
    """

    template: ClassVar[str] = "citizen/result.html"

    undated: tuple[LifeEvent, ...]
    mourning: bool
    printed: bool
    groups: Groups
    must: tuple[StageOfList, ...]
    gain: tuple[StageOfList, ...]
    html: Mapping[str, Markup]
    hidden: Fields
    review_url: str
    sheet_url: str
    calendar_url: str | None
    next_open: date | None


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
    city: Municipality,
    advice: Advice,
    *,
    cache: CardCache,
    sheet_url: str,
    notice: Notice | None,
    printed: bool = False,
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
        printed=printed,
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
    printed: bool = False,
) -> ResultPage:
    """The result; `cache` keeps rendered cards, `sheet_url` is where it stands on paper."""
    query = visit.query
    events = events_of(query.life_events, visit.outline)
    must = shortened(stages(groups.must), room=ROOM)
    dated = any(card.due is not None for card in groups.each)
    return ResultPage(
        city=city,
        overview=overview(visit, groups, code=code),
        undated=tuple(event for event in events if event.date_label and event.key not in query.dates),
        printed=printed,
        mourning=any(event.icon == MOURNING for event in events),
        groups=groups,
        must=must,
        gain=shortened(stages(groups.gain), room=ROOM - sum(stage.count for stage in must if not stage.folded)),
        html=cards.rendered((*groups.all, *groups.no_action), cache),
        hidden=tuple(fields(query)),
        review_url=address("/review", query),
        sheet_url=sheet_url,
        calendar_url=address("/result.ics", query) if dated else None,
        next_open=city.calendar.next_opening(clock.today()),
        notice=notice or notices.unfinished(guidance, query),
    )
