"""The way into the staff's pages and out of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from service.accounts import sessions
from service.web import application
from service.web.staff import auth, context
from service.web.staff.auth import COOKIE, NO_STORE
from service.web.staff.context import Form
from service.web.staff.layout import StaffPage

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, kw_only=True)
class EnterPage(StaffPage):
    """The way in from a one-time link: a button, so that programs which only look at links do not use it up."""

    template: ClassVar[str] = "staff/enter.html"

    token: str


@router.get("/staff/enter")
async def show(request: Request, token: str = "") -> Response:
    """A button that uses the one-time link up; looking at this page does not."""
    _here(request)
    return context.respond(EnterPage(frame=context.frame(request, None), token=token))


@router.post("/staff/enter")
async def enter(request: Request) -> Response:
    """Exchanges the one-time token for a session."""
    _here(request)
    if auth.sent_from(request) == "elsewhere":
        raise auth.cross_site()
    fields = dict(await auth.read_form(request))
    guidance_service = application.guidance_service(request)
    hours = guidance_service.settings.staff_session_hours
    session = await sessions.enter(guidance_service.graph, fields.get("token", ""), hours=hours)
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
async def leave(request: Request, form: Form) -> Response:
    """Ends the session."""
    await sessions.leave(application.guidance_service(request).graph, request.cookies[COOKIE])
    answer = RedirectResponse("/", 303, NO_STORE)
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return answer


def _here(request: Request) -> None:
    if not auth.is_here(request):
        raise auth.nothing()
