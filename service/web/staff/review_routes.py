"""The staff's pages on which what was done is read, taken back and compared."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response

from service.accounts.permissions import Actor, Permission
from service.errors import GuideError
from service.web.previews import Number
from service.web.staff import auth, context, history_pages, review_pages
from service.web.staff.auth import Posted
from service.web.staff.context import Visit, onward, shown
from service.web.staff.history_pages import MOST_KEY

router = APIRouter(include_in_schema=False)

Staff = Annotated[Actor, Depends(auth.staff)]
Form = Annotated[Posted, Depends(auth.posted)]
Given = Annotated[int, Query(ge=1, lt=2**53)]
Key = Annotated[str, Path(max_length=MOST_KEY)]

ASKED = ("draft", "note", "key", "side")


def _visit(request: Request, actor: Actor) -> Visit:
    actor.needs(Permission.READ)
    return context.visit(request, actor)


@router.get("/staff/history")
async def history(request: Request, actor: Staff) -> Response:
    """What was done, in sentences."""
    return shown(await history_pages.history_page(_visit(request, actor), dict(request.query_params)))


@router.get("/staff/history/verify")
async def verify(request: Request, actor: Staff) -> Response:
    """Whether the history is whole."""
    return shown(await history_pages.verify_page(_visit(request, actor)))


@router.get("/staff/history/{number}")
async def change(request: Request, number: Number, actor: Staff) -> Response:
    """One change in full."""
    return shown(await history_pages.change_page(_visit(request, actor), number))


@router.post("/staff/history/{number}")
async def undone(request: Request, number: Number, form: Form) -> Response:
    """Takes a change back in a draft, or restores an item of it."""
    visit, given = _visit(request, form.actor), {name: form.get(name) for name in ASKED}
    try:
        draft = await history_pages.undone(visit, number, given=given, detach=form.get("detach") == "yes")
    except GuideError as error:
        return await context.again(error, history_pages.change_page(visit, number, given=given, refusal=error))
    return onward(f"/staff/history?edition={draft}")


@router.get("/staff/items/{key:path}/history")
async def item(request: Request, key: Key, actor: Staff) -> Response:
    """What was done to one item, in whatever edition."""
    return shown(await history_pages.history_page(_visit(request, actor), dict(request.query_params), key=key))


@router.get("/staff/compare")
async def compare(request: Request, old: Given, new: Given, actor: Staff) -> Response:
    """Any two editions compared, for content and for residents."""
    return shown(await review_pages.compare_page(_visit(request, actor), old=old, new=new))


@router.get("/staff/editions/{number}/questions")
async def questions(request: Request, number: Number, actor: Staff, event: str = "", question: str = "") -> Response:
    """How many questions residents are asked, and what another order would cost."""
    page = review_pages.questions_page(_visit(request, actor), number, event=event, question=question)
    return shown(await page)
