"""The pages of what the city has to confirm: the windows, and what one of them has to say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar
from urllib.parse import quote

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from service.editions import requests
from service.editions.confirming import WindowToConfirm
from service.editions.requests import Confirming
from service.errors import GuideError, InvalidRequest
from service.web.previews import Number
from service.web.staff import context
from service.web.staff.auth import Posted
from service.web.staff.context import Form, Staff, StaffContext
from service.web.staff.layout import EditionPage

router = APIRouter(include_in_schema=False)

NOWHERE = "-"
"""What the name of a field stands behind, in addresses of what has no window: no key begins so."""

WindowName = Annotated[str, Path(max_length=120)]


@dataclass(frozen=True, kw_only=True)
class ConfirmPage(EditionPage):
    """The windows that have something to confirm."""

    template: ClassVar[str] = "staff/confirm.html"

    windows: Sequence[WindowToConfirm]


@dataclass(frozen=True, kw_only=True)
class ConfirmWindowPage(EditionPage):
    """What one window has to confirm, None where that is nothing (any more); `note` is what was typed."""

    template: ClassVar[str] = "staff/confirm_window.html"

    window: WindowToConfirm | None
    address: str
    note: str


@router.get("/staff/editions/{number}/confirm")
async def show(request: Request, number: Number, actor: Staff, done: str = "") -> Response:
    """The windows that have something to confirm."""
    visit = context.visit(request, actor)
    about = await context.about(visit, number)
    windows = await visit.service.to_confirm(number)
    return context.respond(ConfirmPage(frame=visit.frame, about=about, done=done, windows=windows))


@router.get("/staff/editions/{number}/confirm/{window}")
async def show_window(request: Request, number: Number, window: WindowName, actor: Staff, done: str = "") -> Response:
    """What one window has to confirm."""
    return context.respond(await window_page(context.visit(request, actor), number, window, done=done))


@router.post("/staff/editions/{number}/confirm/{window}")
async def submit(request: Request, number: Number, window: WindowName, form: Form) -> Response:
    """Confirms all of a window, or what was chosen of one procedure."""
    visit = context.visit(request, form.actor)
    try:
        await visit.service.confirm(number, wanted(form, window), by=form.actor)
    except GuideError as error:
        page = window_page(visit, number, window, note=form.get("note"), refusal=error)
        return await context.again(error, page)
    left = any(address(unconfirmed) == window for unconfirmed in await visit.service.to_confirm(number))
    return context.onward(f"/staff/editions/{number}/confirm{f'/{quote(window)}' if left else ''}?done=confirmed")


def address(window: WindowToConfirm) -> str:
    """What stands for a window in addresses."""
    return window.window or f"{NOWHERE}{window.name}"


def wanted(form: Posted, window: str) -> Confirming:
    """What the form confirms. Errors: InvalidRequest where nothing was chosen."""
    fields = {"seen": form.get("seen"), "note": form.get("note")}
    procedure = form.get("procedure")
    if not procedure:
        return requests.read(Confirming, {"window": window, **fields})
    groups = form.all("group")
    if not groups:
        raise InvalidRequest("確かめたことを、1つ以上選んでください。", where="/groups")
    return requests.read(Confirming, {"procedure": procedure, "groups": groups, **fields})


async def window_page(
    visit: StaffContext,
    number: int,
    window: str,
    *,
    note: str = "",
    done: str = "",
    refusal: GuideError | None = None,
) -> ConfirmWindowPage:
    """The page of one window; with what was typed and why it was refused. Errors: NotFound, Archived."""
    about = await context.about(visit, number)
    windows = [each for each in await visit.service.to_confirm(number) if address(each) == window]
    return ConfirmWindowPage(
        frame=visit.frame,
        about=about,
        done=done,
        refusal=refusal,
        window=windows[0] if windows else None,
        address=window,
        note=note,
    )
