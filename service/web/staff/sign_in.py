"""The way into the staff's pages and out of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from service.accounts import sessions
from service.guidance.service import Reception
from service.web import rendering
from service.web.staff import auth
from service.web.staff.auth import COOKIE, NO_STORE, Posted
from service.web.staff.layout import EnterPage

router = APIRouter(include_in_schema=False)


@router.get("/staff/enter")
async def enter_page(request: Request, token: str = "") -> Response:
    """A button that uses the one-time link up; looking at this page does not."""
    _here(request)
    page = EnterPage(city=_reception(request).city, actor=None, token=token)
    return HTMLResponse(rendering.render(page), 200, NO_STORE)


@router.post("/staff/enter")
async def enter(request: Request) -> Response:
    """Exchanges the one-time token for a session."""
    _here(request)
    if auth.sent_from(request) == "elsewhere":
        raise auth.cross_site()
    fields = dict(await auth.read_form(request))
    reception = _reception(request)
    hours = reception.settings.staff_session_hours
    session = await sessions.enter(reception.graph, fields.get("token", ""), hours=hours)
    answer = RedirectResponse("/staff", 303, NO_STORE)
    answer.set_cookie(
        COOKIE,
        session,
        max_age=hours * 3600,
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


@router.post("/staff/leave")
async def leave(request: Request, form: Annotated[Posted, Depends(auth.posted)]) -> Response:
    """Ends the session."""
    await sessions.leave(_reception(request).graph, request.cookies[COOKIE])
    answer = RedirectResponse("/", 303, NO_STORE)
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return answer


def _here(request: Request) -> None:
    if not auth.is_here(request):
        raise auth.nothing()


def _reception(request: Request) -> Reception:
    reception: Reception = request.app.state.reception
    return reception
