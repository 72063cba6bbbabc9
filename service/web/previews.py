"""Previewing over HTTP: who may look at an edition that is not public, and the doors through which they do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Path, Request

from service.content.models import Edition
from service.editions import preview_links
from service.guidance.service import GuidanceService
from service.web import application
from service.web.residents.layout import PreviewMark
from service.web.staff import auth

COOKIE = "tetsuzuki-preview"
PREFIX = "/preview/{preview}"

Number = Annotated[int, Path(ge=1, lt=2**53)]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a request of a preview works with: doors that keep nothing, and what its pages are marked with."""

    guidance_service: GuidanceService
    mark: PreviewMark


async def enter(request: Request, preview: Number) -> None:
    """Dependency of every page of a preview. Errors: NotFound for strangers, PreviewEnded for staff."""
    request.state.preview = await admitted(request, preview, token=request.cookies.get(COOKIE))


def found(request: Request) -> Preview | None:
    """The preview that this request is part of, if any."""
    preview: Preview | None = getattr(request.state, "preview", None)
    return preview


async def admitted(request: Request, number: int, *, token: str | None) -> Preview:
    """The preview of an edition, for staff and for who holds a token that opens it.

    Errors: NotFound for everybody else; for staff, PreviewEnded when it is not previewed any more.
    """
    guidance_service = application.guidance_service(request)
    is_staff = await auth.visitor(request) is not None
    if not is_staff and await preview_links.open_until(guidance_service.graph, number, token=token) is None:
        raise auth.nothing()
    try:
        edition = await preview_links.previewed(guidance_service.graph.latest, number)
    except preview_links.PreviewEnded:
        if is_staff:
            raise
        raise auth.nothing() from None
    return Preview(guidance_service.only(edition), mark(edition))


def mark(edition: Edition) -> PreviewMark:
    """What the pages of a preview are marked with."""
    return PreviewMark(
        number=edition.number, title=edition.title, comes=edition.published_at if edition.scheduled else None
    )
