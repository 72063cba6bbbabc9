"""The result on paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import segno
from fastapi import APIRouter, Request
from fastapi.responses import Response
from markupsafe import Markup

from service import clock
from service.content.models import LifeEvent
from service.guidance.cards import Groups
from service.guidance.municipality import Municipality
from service.guidance.service import Advice, Visit
from service.web.residents import cards, context, kept, notices
from service.web.residents.notices import Notice
from service.web.residents.parts import address, events_of
from service.web.residents.result_list import ListPage, StageOfList, overview, stages

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, kw_only=True)
class SheetPage(ListPage):
    """The result on paper: boxes to tick, a 2D code that reopens it, never days left."""

    template: ClassVar[str] = "citizen/sheet.html"

    events: tuple[LifeEvent, ...]
    groups: Groups
    must: tuple[StageOfList, ...]
    gain: tuple[StageOfList, ...]
    picture: Markup
    pinned_url: str
    result_url: str
    today: date


@router.get("/sheet")
async def show(request: Request) -> Response:
    """The list on paper."""
    visit = await context.guidance_service(request).visit(context.parameters(request))
    return kept.respond(request, visit, await _page(request, visit))


async def _page(request: Request, visit: Visit) -> SheetPage:
    guidance_service = context.guidance_service(request)
    advice = await guidance_service.advice(visit)
    return advice_page(
        guidance_service.city,
        advice,
        base=context.base(request),
        result_url=address("/result", visit.query),
        notice=notices.of_unknown(visit),
    )


def pinned_path(advice: Advice) -> str:
    """The path that reopens a result in exactly its edition."""
    return f"/e/{advice.visit.edition.number}/{advice.code}"


def advice_page(
    city: Municipality, advice: Advice, *, base: str, result_url: str, notice: Notice | None = None
) -> SheetPage:
    """The sheet of an advice, printed today; `base` is the full address of the guide without a slash at its end."""
    today = clock.today()
    return sheet_page(
        city,
        advice.visit,
        groups=cards.grouped(advice, today=today),
        code=advice.code,
        pinned_url=base + pinned_path(advice),
        today=today,
        result_url=result_url,
        notice=notice,
    )


def sheet_page(
    city: Municipality,
    visit: Visit,
    *,
    groups: Groups,
    code: str,
    pinned_url: str,
    today: date,
    result_url: str,
    notice: Notice | None = None,
) -> SheetPage:
    """The print sheet; `pinned_url` is the full address that the 2D code holds."""
    return SheetPage(
        city=city,
        events=events_of(visit.query.life_events, visit.outline),
        overview=overview(visit, groups, code=code),
        groups=groups,
        must=stages(groups.must),
        gain=stages(groups.gain),
        picture=code_picture(pinned_url),
        pinned_url=pinned_url,
        result_url=result_url,
        today=today,
        notice=notice,
    )


def code_picture(url: str) -> Markup:
    """The 2D code of an address as inline SVG, error correction M (15 %), with the quiet zone of four modules."""
    drawn = segno.make(url, error="m", micro=False).svg_inline(border=4, svgclass=None, lineclass=None, omitsize=True)
    return Markup(drawn)
