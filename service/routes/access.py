"""The way into the staff's pages and out of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from service import access, entrance, pages
from service.entrance import COOKIE, NO_STORE, Posted
from service.reception import Reception
from service.views.staff_pages import EnterPage

router = APIRouter(include_in_schema=False)


@router.get("/staff/enter")
async def enter_page(request: Request, token: str = "") -> Response:
    """A button that uses the one-time link up; looking at this page does not."""
    _here(request)
    page = EnterPage(city=_reception(request).city, actor=None, token=token)
    return HTMLResponse(pages.render(page), 200, NO_STORE)


@router.post("/staff/enter")
async def enter(request: Request) -> Response:
    """Exchanges the one-time token for a session."""
    _here(request)
    if entrance.sent_from(request) == "elsewhere":
        raise entrance.cross_site()
    fields = dict(await entrance.read_form(request))
    reception = _reception(request)
    hours = reception.settings.staff_session_hours
    session = await access.enter(reception.graph, fields.get("token", ""), hours=hours)
    answer = RedirectResponse("/staff", 303, NO_STORE)
    answer.set_cookie(
        COOKIE, session, max_age=hours * 3600, path="/", httponly=True, samesite="strict",
        secure=request.url.scheme == "https",
    )  # fmt: skip
    return answer


@router.post("/staff/leave")
async def leave(request: Request, form: Annotated[Posted, Depends(entrance.posted)]) -> Response:
    """Ends the session."""
    await access.leave(_reception(request).graph, request.cookies[COOKIE])
    answer = RedirectResponse("/", 303, NO_STORE)
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return answer


def _here(request: Request) -> None:
    if not entrance.is_here(request):
        raise entrance.nothing()


def _reception(request: Request) -> Reception:
    reception: Reception = request.app.state.reception
    return reception
