"""Links to previews: how staff make them, list them and take them back, and how their holders come in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from service import clock
from service.accounts import people
from service.content.models import Edition
from service.diff_text import history as history_text
from service.editions import preview_links, requests, responses
from service.editions.preview_links import MOST_DAYS, MOST_NOTE, Link, PreviewEnded
from service.editions.requests import NewPreviewLink
from service.errors import GuideError, InvalidRequest
from service.web import application, previews, rendering
from service.web.previews import COOKIE, Number
from service.web.staff import auth, context
from service.web.staff.auth import NAMES, NO_STORE
from service.web.staff.context import Form, Staff, StaffContext
from service.web.staff.layout import FormPage, StaffPage

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, kw_only=True)
class PreviewsPage(FormPage):
    """The links to the preview of an edition, and the form for a new one with what was typed.

    `made` is the address of a new one, which is shown this once; `only_here`: no other machine can open it.
    """

    template: ClassVar[str] = "staff/previews.html"
    current: ClassVar[str] = "editions"

    edition: Edition
    links: Sequence[Link]
    states: Mapping[str, str]
    people: Mapping[str, str]
    days: str
    note: str
    most_days: int = MOST_DAYS
    most_note: int = MOST_NOTE
    made: str | None = None

    @property
    def only_here(self) -> bool:
        """Whether the new link leads to this machine alone."""
        return self.made is not None and urlsplit(self.made).hostname in NAMES


@dataclass(frozen=True, kw_only=True)
class PreviewEndedPage(StaffPage):
    """What staff read where a preview was."""

    template: ClassVar[str] = "staff/preview_ended.html"

    edition: Edition


@router.get("/preview/{preview}")
async def beginning(request: Request, preview: Number) -> Response:
    """On to the address under which everything of a preview is."""
    await previews.enter(request, preview)
    return RedirectResponse(f"/preview/{preview}/", 303, NO_STORE)


@router.get("/preview/{preview}/enter")
async def enter(request: Request, preview: Number, token: str = "") -> Response:
    """Exchanges the token of a link for a cookie of this preview alone."""
    guidance_service = application.guidance_service(request)
    until = await preview_links.open_until(guidance_service.graph, preview, token=token)
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
async def show(request: Request, number: Number, actor: Staff) -> Response:
    """The links to the preview of an edition."""
    return context.respond(await previews_page(context.visit(request, actor), number, _proposed_days(request)))


@router.post("/staff/editions/{number}/previews")
async def submit(request: Request, number: Number, form: Form) -> Response:
    """A new link, shown this once."""
    visit, days, note = context.visit(request, form.actor), form.get("days"), form.get("note")
    try:
        wanted = requests.read(NewPreviewLink, {"days": _days(days), "note": note.strip()})
        token = await visit.service.issue_link(number, wanted, by=form.actor)
    except PreviewEnded:
        raise
    except GuideError as error:
        return await context.again(error, previews_page(visit, number, days, note=note, refusal=error))
    base = application.guidance_service(request).base(str(request.base_url))
    made = f"{base}{responses.preview_path(number, token)}"
    return context.respond(await previews_page(visit, number, _proposed_days(request), made=made))


@router.post("/staff/editions/{number}/previews/{link}/revoke")
async def revoke(request: Request, number: Number, link: str, form: Form) -> Response:
    """Takes a link back."""
    await context.visit(request, form.actor).service.revoke_link(number, link, by=form.actor)
    return context.onward(f"/staff/editions/{number}/previews")


async def ended(request: Request, error: Exception) -> Response:
    """What staff read where a preview was; nobody else learns that there was one."""
    assert isinstance(error, PreviewEnded)
    actor = await auth.visitor(request)
    page = PreviewEndedPage(frame=context.frame(request, actor), edition=error.edition)
    return HTMLResponse(rendering.render(page), error.status, NO_STORE)


async def previews_page(
    visit: StaffContext,
    number: int,
    days: str,
    *,
    note: str = "",
    made: str | None = None,
    refusal: GuideError | None = None,
) -> PreviewsPage:
    """The page of the links; with what was typed and why it was refused. Errors: NotFound, PreviewEnded."""
    links, now = await preview_links.links(visit.graph, number), clock.now()
    called = await people.names(visit.graph.latest)
    return PreviewsPage(
        frame=visit.frame,
        refusal=refusal,
        edition=await preview_links.previewed(visit.graph.latest, number),
        links=links,
        states={link.id: link.state(now) for link in links},
        people={link.created_by: history_text.person(link.created_by, called) for link in links},
        days=days,
        note=note,
        made=made,
    )


def _days(typed: str) -> int:
    """For how many days a link is to be good. Errors: InvalidRequest."""
    days = context.number(typed)
    if days is None or not 1 <= days <= MOST_DAYS:
        raise InvalidRequest(f"使える日数を、1 から {MOST_DAYS} までの数で書いてください。", where="/days")
    return days


def _proposed_days(request: Request) -> str:
    return str(application.guidance_service(request).settings.preview_days)
