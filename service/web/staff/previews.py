"""Links to previews: how staff make them, list them and take them back, and how their holders come in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from service import clock
from service.accounts.permissions import Actor
from service.editions import preview_links, requests, responses
from service.editions.preview_links import MOST_DAYS, MOST_NOTE, PreviewEnded
from service.editions.requests import NewPreviewLink
from service.editions.service import EditionService
from service.guidance.service import Reception
from service.web import previews, rendering
from service.web.previews import COOKIE, Number
from service.web.staff import auth, layout
from service.web.staff.auth import NO_STORE, Posted
from service.web.staff.layout import PreviewEndedPage, StaffPage

router = APIRouter(include_in_schema=False)


@router.get("/preview/{preview}")
async def beginning(request: Request, preview: Number) -> Response:
    """On to the address under which everything of a preview is."""
    await previews.enter(request, preview)
    return RedirectResponse(f"/preview/{preview}/", 303, NO_STORE)


@router.get("/preview/{preview}/enter")
async def enter(request: Request, preview: Number, token: str = "") -> Response:
    """Exchanges the token of a link for a cookie of this preview alone."""
    reception = _reception(request)
    until = await preview_links.open_until(reception.graph, preview, token=token)
    if until is None:
        raise auth.nothing()
    await previews.admitted(request, preview, token=token)
    answer = RedirectResponse(f"/preview/{preview}/", 303, NO_STORE)
    answer.set_cookie(
        COOKIE,
        token,
        max_age=int((until - clock.now()).total_seconds()),
        path=f"/preview/{preview}/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


@router.get("/staff/editions/{number}/previews")
async def listed(request: Request, number: Number, actor: Annotated[Actor, Depends(auth.staff)]) -> Response:
    """The links to the preview of an edition."""
    return await _links(request, number, actor=actor)


@router.post("/staff/editions/{number}/previews")
async def issued(request: Request, number: Number, form: Annotated[Posted, Depends(auth.posted)]) -> Response:
    """A new link, shown this once."""
    reception, days = _reception(request), form.get("days").strip()
    typed = {"days": int(days) if days.isdecimal() and len(days) < 4 else 0, "note": form.get("note").strip()}
    service: EditionService = request.app.state.editions
    token = await service.issue_link(number, requests.read(NewPreviewLink, typed), by=form.actor)
    base = reception.base(str(request.base_url))
    return await _links(request, number, actor=form.actor, made=f"{base}{responses.preview_path(number, token)}")


@router.post("/staff/editions/{number}/previews/{link}/revoke")
async def revoked(
    request: Request, number: Number, link: str, form: Annotated[Posted, Depends(auth.posted)]
) -> Response:
    """Takes a link back."""
    service: EditionService = request.app.state.editions
    await service.revoke_link(number, link, by=form.actor)
    return RedirectResponse(f"/staff/editions/{number}/previews", 303, NO_STORE)


async def ended(request: Request, error: Exception) -> Response:
    """What staff read where a preview was; nobody else learns that there was one."""
    assert isinstance(error, PreviewEnded)
    actor = await auth.visitor(request)
    page = PreviewEndedPage(
        city=_reception(request).city, actor=actor, form_token=auth.form_token(request), edition=error.edition
    )
    return HTMLResponse(rendering.render(page), error.status, NO_STORE)


async def _links(request: Request, number: int, *, actor: Actor, made: str | None = None) -> Response:
    reception = _reception(request)
    edition = await preview_links.edition(reception.graph.latest, number)
    frame = StaffPage(city=reception.city, actor=actor, form_token=auth.form_token(request))
    page = layout.previews_page(
        frame,
        edition,
        links=await preview_links.links(reception.graph, number),
        days=reception.settings.preview_days,
        most=(MOST_DAYS, MOST_NOTE),
        now=clock.now(),
        made=made,
    )
    return HTMLResponse(rendering.render(page), 200, NO_STORE)


def _reception(request: Request) -> Reception:
    reception: Reception = request.app.state.reception
    return reception
