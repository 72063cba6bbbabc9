"""The page of a new draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.editions import requests
from service.editions.requests import NewDraft
from service.errors import GuideError, InvalidRequest
from service.web.staff import context, rows
from service.web.staff.context import Form, Staff, StaffContext
from service.web.staff.layout import FormPage
from service.web.staff.rows import EditionRow

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, kw_only=True)
class NewDraftPage(FormPage):
    """The form for a new draft: what it is called, and which edition it is a copy of."""

    template: ClassVar[str] = "staff/new_draft.html"
    current: ClassVar[str] = "editions"

    rows: Sequence[EditionRow]
    of: int | None
    title: str = ""


@router.get("/staff/drafts/new")
async def show(request: Request, actor: Staff, of: int | None = None) -> Response:
    """The form for a new draft."""
    return context.respond(await new_draft_page(context.visit(request, actor), of=of))


@router.post("/staff/drafts/new")
async def submit(request: Request, form: Form) -> Response:
    """Makes a draft."""
    visit, title = context.visit(request, form.actor), form.get("title")
    of = context.number(form.get("of"))
    try:
        if of is None and form.get("of").strip():
            raise InvalidRequest("もとにする版を、一覧から選んでください。", where="/of")
        draft = await visit.service.fork(requests.read(NewDraft, {"title": title, "of": of}), by=form.actor)
    except GuideError as error:
        return await context.again(error, new_draft_page(visit, of=of, title=title, refusal=error))
    return context.onward(f"/staff/editions/{draft.number}?done=forked")


async def new_draft_page(
    visit: StaffContext, *, of: int | None, title: str = "", refusal: GuideError | None = None
) -> NewDraftPage:
    """The form for a new draft, with what was typed."""
    every = await rows.rows(visit)
    live = next((row.edition.number for row in every if row.standing == "live"), None)
    chosen = [row for row in every if not row.edition.archived or row.edition.number == of]
    return NewDraftPage(frame=visit.frame, refusal=refusal, rows=chosen, of=of or live, title=title)
