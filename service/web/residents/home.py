"""The beginning: which life events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.content.models import LifeEvent, Outline
from service.guidance.municipality import Municipality
from service.web.residents import context
from service.web.residents.layout import CitizenPage
from service.web.residents.parts import by_position

router = APIRouter(include_in_schema=False)

MOVING = "move"
"""What the icons of the life events begin with that are offered as moves."""


@dataclass(frozen=True, kw_only=True)
class HomePage(CitizenPage):
    """The beginning: which life events; `missing` when the form came back with none chosen."""

    template: ClassVar[str] = "citizen/home.html"

    moves: tuple[LifeEvent, ...]
    others: tuple[LifeEvent, ...]
    missing: bool = False
    chosen: frozenset[str] = frozenset()


@router.get("/")
async def show(request: Request) -> Response:
    """The beginning; `event` ticks life events, `none` tells that none was chosen."""
    guidance_service = context.guidance_service(request)
    _, outline = await guidance_service.outline()
    chosen = [value for name, value in context.parameters(request) if name == "event"]
    missing = "none" in request.query_params
    return context.respond(request, home_page(guidance_service.city, outline, missing=missing, chosen=chosen))


def home_page(city: Municipality, outline: Outline, *, missing: bool = False, chosen: Iterable[str] = ()) -> HomePage:
    """The home page: moves and everything else, in the order of the edition."""
    events = by_position(outline)
    return HomePage(
        city=city,
        moves=tuple(event for event in events if (event.icon or "").startswith(MOVING)),
        others=tuple(event for event in events if not (event.icon or "").startswith(MOVING)),
        missing=missing,
        chosen=frozenset(chosen),
    )
