"""The page on which a content document becomes a new edition, and that moves out what need not stay in the graph."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Annotated, ClassVar

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from service.accounts.permissions import Actor, Permission
from service.content.loading import read_bytes
from service.editions import requests
from service.editions.requests import NewEdition
from service.errors import GuideError, InvalidContent
from service.web.staff import auth, context, edition_pages
from service.web.staff.auth import Posted
from service.web.staff.context import FormPage, Visit, onward, shown

PATH = "/staff/import"
NAME = "取り込む内容"
MOST_PROBLEMS = 50

router = APIRouter(include_in_schema=False)

Staff = Annotated[Actor, Depends(auth.staff)]
Form = Annotated[Posted, Depends(auth.posted)]


@dataclass(frozen=True, kw_only=True)
class ImportPage(FormPage):
    """The form, with what was typed; `problems` are what is wrong with the document, each with its line."""

    template: ClassVar[str] = "staff/import.html"
    current: ClassVar[str] = "editions"

    title: str = ""
    text: str = ""
    publish: bool = False
    problems: tuple[str, ...] = ()


def _visit(request: Request, actor: Actor) -> Visit:
    actor.needs(Permission.READ)
    return context.visit(request, actor)


@router.get(PATH)
async def asked(request: Request, actor: Staff) -> Response:
    """The form."""
    return shown(ImportPage(**_visit(request, actor).frame))


@router.post(PATH)
async def imported(request: Request, form: Form) -> Response:
    """Imports a document, as a draft or live at once; on to the edition, also where there is an equal one."""
    visit, publish = _visit(request, form.actor), form.get("publish") == "yes"
    title, text = form.get("title"), form.get("text")
    try:
        wanted = requests.read(NewEdition, {"title": title, "publish": publish})
        content = await asyncio.to_thread(read_bytes, text.encode("utf-8", "replace"), NAME)
        done = await visit.service.import_content(content, wanted, by=form.actor)
    except GuideError as error:
        problems = error.problems[:MOST_PROBLEMS] if isinstance(error, InvalidContent) else ()
        page = ImportPage(
            **visit.frame,
            refusal=error,
            title=title,
            text=text,
            publish=publish,
            problems=tuple(map(str, problems)),
        )
        return await context.again(error, page)
    return onward(f"/staff/editions/{done.edition.number}?done={'imported' if done.created else 'equal'}")


@router.post("/staff/editions/archive-due")
async def archived(request: Request, form: Form) -> Response:
    """Moves every edition out of the graph whose time has come."""
    visit = _visit(request, form.actor)
    try:
        await visit.service.archive_due(by=form.actor)
    except GuideError as error:
        return await context.again(error, edition_pages.all_editions(visit, refusal=error))
    return onward("/staff/editions?done=archived")
