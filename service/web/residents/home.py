"""The beginning: which life events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.content.models import LifeEvent, Outline
from service.guidance.municipality import Municipality
from service.web.residents import context, links
from service.web.residents.layout import CitizenPage
from service.web.residents.parts import Fields, by_position

router = APIRouter(include_in_schema=False)

CARRIED = frozenset({"a", "date", "from"})
"""What an address says beside the life events (`answers.fields`)."""

MOVING = "move"
"""What the icons of the life events begin with that are offered as moves."""


@dataclass(frozen=True, kw_only=True)
class HomePage(CitizenPage):
    """The beginning: which life events; `missing` when the form came back with none chosen.

    `examples` are names to search for. `hidden` are the answers and days that were given already, which go on to the
    questions.
    """

    template: ClassVar[str] = "citizen/home.html"

    moves: tuple[LifeEvent, ...]
    others: tuple[LifeEvent, ...]
    missing: bool = False
    chosen: frozenset[str] = frozenset()
    hidden: Fields = ()
    examples: tuple[str, ...] = ()


@router.get("/")
async def show(request: Request) -> Response:
    """The beginning; `event` ticks life events, `none` tells that none was chosen; answers and days are carried on."""
    guidance_service = context.guidance_service(request)
    edition, outline = await guidance_service.outline()
    parameters = context.parameters(request)
    page = home_page(
        guidance_service.city,
        outline,
        missing="none" in request.query_params,
        chosen=[value for name, value in parameters if name == "event"],
        hidden=tuple((name, value) for name, value in parameters if name in CARRIED),
        examples=links.examples((await guidance_service.catalogue.procedures(edition.number)).values()),
    )
    return context.respond(request, page)


def missing_address(parameters: Sequence[tuple[str, str]]) -> str:
    """Where a form without any life event leads back to, with the answers that it carried."""
    carried = [(name, value) for name, value in parameters if name in CARRIED]
    return f"/?{urlencode([('none', '1'), *carried], safe=':,?')}"


def home_page(
    city: Municipality,
    outline: Outline,
    *,
    missing: bool = False,
    chosen: Iterable[str] = (),
    hidden: Fields = (),
    examples: tuple[str, ...] = (),
) -> HomePage:
    """The home page: moves and everything else, in the order of the edition."""
    events = by_position(outline)
    return HomePage(
        city=city,
        moves=tuple(event for event in events if (event.icon or "").startswith(MOVING)),
        others=tuple(event for event in events if not (event.icon or "").startswith(MOVING)),
        missing=missing,
        chosen=frozenset(chosen),
        hidden=hidden,
        examples=examples,
    )
