"""The windows: where things are done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.content.basis import is_fact, official
from service.content.models import Kind, Procedure, Source, Window
from service.guidance.municipality import Municipality
from service.web.residents import context
from service.web.residents.layout import CitizenPage
from service.web.residents.links import PageLink, procedure_links

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, kw_only=True)
class WindowPage(CitizenPage):
    """One window and what is done there."""

    template: ClassVar[str] = "citizen/window.html"

    window: Window
    procedures: tuple[PageLink, ...]
    sources: tuple[Source, ...]


@router.get("/windows/{key}")
async def show(request: Request, key: str) -> Response:
    """One window."""
    guidance_service = context.guidance_service(request)
    edition, _ = await guidance_service.outline()
    window = await guidance_service.catalogue.item(edition.number, key, Kind.WINDOW)
    assert isinstance(window, Window)
    procedures = await guidance_service.catalogue.procedures(edition.number)
    return context.respond(request, window_page(guidance_service.city, window, procedures=procedures.values()))


def window_page(city: Municipality, window: Window, *, procedures: Iterable[Procedure]) -> WindowPage:
    """The page of a window, with those of the procedures that are done there."""
    done_here = (
        procedure
        for procedure in procedures
        if window.key in (procedure.handled_at or ()) and is_fact(procedure, "windows")
    )
    here = procedure_links(done_here)
    sources = official(window.sources or [])
    return WindowPage(city=city, window=window, procedures=here, sources=tuple(sources))
