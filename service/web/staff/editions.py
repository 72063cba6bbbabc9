"""The page of all editions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.content.models import Edition
from service.errors import GuideError
from service.web.staff import context, rows
from service.web.staff.context import Form, Staff, StaffContext
from service.web.staff.layout import FormPage
from service.web.staff.rows import EditionRow

router = APIRouter(include_in_schema=False)


AT_ONCE = 50


@dataclass(frozen=True, kw_only=True)
class EditionsPage(FormPage):
    """Every edition, from `start` on as many as fit, and a form to compare any two of the `choices`.

    `due` are those that may leave the graph.
    """

    template: ClassVar[str] = "staff/editions.html"
    current: ClassVar[str] = "editions"

    rows: Sequence[EditionRow]
    choices: Sequence[EditionRow]
    due: Sequence[Edition]
    count: int
    start: int
    at_once: int
    old: int
    new: int


@router.get("/staff/editions")
async def show(request: Request, actor: Staff, start: int = 0, done: str = "") -> Response:
    """Every edition."""
    return context.respond(await editions_page(context.visit(request, actor), start=start, done=done))


@router.post("/staff/editions/archive-due")
async def archive_due(request: Request, form: Form) -> Response:
    """Moves every edition out of the graph whose time has come."""
    visit = context.visit(request, form.actor)
    try:
        await visit.service.archive_due(by=form.actor)
    except GuideError as error:
        return await context.again(error, editions_page(visit, refusal=error))
    return context.onward("/staff/editions?done=archived")


async def editions_page(
    visit: StaffContext, *, start: int = 0, done: str = "", refusal: GuideError | None = None
) -> EditionsPage:
    """Every edition, the newest first; the form compares the live one with the newest draft, if there is one."""
    every = await rows.rows(visit)
    live = next((row.edition.number for row in every if row.standing == "live"), 0)
    drafts = [row.edition.number for row in every if row.standing == "draft"]
    past = [row.edition.number for row in every if row.standing == "past"]
    old, new = (live, drafts[0]) if drafts else (past[0] if past else live, live)
    start = start if 0 <= start < len(every) else 0
    return EditionsPage(
        frame=visit.frame,
        done=done,
        refusal=refusal,
        rows=every[start : start + AT_ONCE],
        choices=rows.choices(every),
        due=await visit.service.due(),
        count=len(every),
        start=start,
        at_once=AT_ONCE,
        old=old,
        new=new,
    )
