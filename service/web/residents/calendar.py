"""The days of a result, to be taken into a calendar."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service import clock
from service.content.models import Edition, Procedure
from service.guidance.calendar import CalendarEntry, calendar
from service.guidance.cards import CardDue, Groups
from service.guidance.deadlines import Due
from service.web import rendering
from service.web.residents import cards, context

router = APIRouter(include_in_schema=False)

MEDIA_TYPE = "text/calendar; charset=utf-8"


@router.get("/result.ics")
async def show(request: Request) -> Response:
    """The days of the list as calendar entries."""
    guidance_service = context.guidance_service(request)
    visit = await guidance_service.visit(context.parameters(request))
    advice = await guidance_service.advice(visit)
    body = result_calendar(
        advice.details.procedures,
        planned(cards.grouped(advice, today=clock.today()), advice.dues),
        edition=visit.edition,
        city=guidance_service.city.name,
        base=context.base(request),
    )
    name = {"Content-Disposition": 'attachment; filename="tetsuzuki.ics"'}
    return Response(body, 200, context.PRIVATE | name, MEDIA_TYPE)


def planned(groups: Groups, dues: Mapping[str, Due]) -> dict[str, Due]:
    """The days of what has to be planned: not of what another procedure settles in time, nor of what asks nothing."""
    return {card.key: dues[card.key] for card in groups.each if card.due is not None}


def result_calendar(
    procedures: Mapping[str, Procedure], dues: Mapping[str, Due], *, edition: Edition, city: str, base: str
) -> bytes:
    """An entry for each due procedure; `base` is the full address of the guide without a slash at its end."""
    entries = [
        _entry(procedures[key], dues[key], url=f"{base}/procedures/{key}") for key in dues.keys() & procedures.keys()
    ]
    return calendar(entries, name=f"{city} 手続きの期限", stamp=edition.published_at or edition.created_at)


def plan_day(due: Due) -> date:
    """The day that a resident should plan with: the last opening day in time, else the last day."""
    return due.go_by or due.last_day


def _entry(procedure: Procedure, due: Due, *, url: str) -> CalendarEntry:
    day = plan_day(due)
    shown = _shown(due, day)
    return CalendarEntry(
        day=day,
        procedure=procedure.key,
        summary=f"{procedure.name} {rendering.say('until', shown, procedure.deadline)}",
        description=f"{rendering.say('explained', shown, procedure.deadline)}\n{url}".strip(),
        url=url,
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
