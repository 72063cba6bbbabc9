"""The days of a result, to be taken into a calendar."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service import clock
from service.guidance.calendar import CalendarEntry, calendar
from service.guidance.cards import Card, CardDue, Groups
from service.guidance.deadlines import Due
from service.web import rendering
from service.web.residents import cards, context
from service.web.residents.parts import address

router = APIRouter(include_in_schema=False)

MEDIA_TYPE = "text/calendar; charset=utf-8"


@router.get("/result.ics")
async def show(request: Request) -> Response:
    """The days of the list as calendar entries; where there are none, on to where days are written."""
    guidance_service = context.guidance_service(request)
    visit = await guidance_service.visit(context.parameters(request))
    advice = await guidance_service.advice(visit)
    groups = cards.grouped(advice, today=clock.today())
    if not planned(groups):
        return context.redirect(request, f"{address('/review', visit.query)}#days")
    body = result_calendar(
        groups,
        advice.dues,
        life_events=visit.query.life_events,
        city=guidance_service.city.name,
        base=context.base(request),
        moment=clock.now(),
    )
    name = {"Content-Disposition": 'attachment; filename="tetsuzuki.ics"'}
    return Response(body, 200, context.PRIVATE | name, MEDIA_TYPE)


def planned(groups: Groups) -> tuple[Card, ...]:
    """What has a day to be planned with: not what another procedure settles in time, nor what asks nothing."""
    return tuple(card for card in groups.each if card.due is not None)


def result_calendar(
    groups: Groups,
    dues: Mapping[str, Due],
    *,
    life_events: Collection[str],
    city: str | None,
    base: str,
    moment: datetime,
) -> bytes:
    """An entry for each due procedure; `base` is the full address of the guide without a slash at its end, `city` the
    name of the municipality, if it has one."""
    entries = [
        _entry(card, dues[card.key], life_events=life_events, url=f"{base}/procedures/{card.key}")
        for card in planned(groups)
    ]
    name = f"{city} 手続きの期限" if city else "手続きの期限"
    return calendar(entries, city=city or "", name=name, moment=moment)


def plan_day(due: Due) -> date:
    """The day that a resident should plan with: the last opening day in time, else the last day."""
    return due.go_by or due.last_day


def _entry(card: Card, due: Due, *, life_events: Collection[str], url: str) -> CalendarEntry:
    own, day = card.facts.procedure, plan_day(due)
    shown = _shown(due, day)
    lines = (
        rendering.say("explained", shown, own.deadline),
        *(rendering.say("papers", settled) for settled in (card, *card.under)),
        rendering.say("fee", own),
        url,
    )
    return CalendarEntry(
        day=day,
        procedure=card.key,
        life_events=tuple(
            event for event in (own.deadline.from_event or () if own.deadline else ()) if event in life_events
        ),
        summary=f"{own.name} {rendering.say('until', shown, own.deadline)}",
        description="\n".join(filter(None, lines)),
        url=url,
        location=" ".join(filter(None, (card.window.name, card.window.building))) if card.window else None,
    )


def _shown(due: Due, day: date) -> CardDue:
    """The days in the form that the set phrases take, told apart from the day on which they are read."""
    until = due.accepted_until
    return CardDue(
        day=day,
        closed_day=due.last_day if day < due.last_day else None,
        accepted_until=until if until is not None and until > due.last_day else None,
        cautious=due.cautious,
        show_year=True,
    )
