"""The page on which a content document becomes a new edition, and that moves out what need not stay in the graph."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.content import patches
from service.content.loading import read_bytes
from service.diff_text import differences
from service.editions import conflicts, requests
from service.editions.conflicts import Sides
from service.editions.drafts import InConflict
from service.editions.merging import Side
from service.editions.requests import NewEdition
from service.errors import GuideError, InvalidContent
from service.web.staff import context
from service.web.staff.context import Form, Staff
from service.web.staff.layout import FormPage

PATH = "/staff/import"
NAME = "取り込む内容"
MOST_PROBLEMS = 50

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, kw_only=True)
class ImportPage(FormPage):
    """The form, with what was typed; `problems` are what is wrong with the document, each with its line.

    `sides` are in conflict with the scheduled edition `against`, `decided` is what was decided of others before.
    """

    template: ClassVar[str] = "staff/import.html"
    current: ClassVar[str] = "editions"

    title: str = ""
    text: str = ""
    publish: bool = False
    problems: tuple[str, ...] = ()
    sides: Sequence[Sides] = ()
    decided: Mapping[str, Side] = field(default_factory=dict)
    against: int | None = None


@router.get(PATH)
async def show(request: Request, actor: Staff) -> Response:
    """The form."""
    return context.respond(ImportPage(frame=context.visit(request, actor).frame))


@router.post(PATH)
async def submit(request: Request, form: Form) -> Response:
    """Imports a document, as a draft or live at once; on to the edition, also where there is an equal one."""
    visit, publish = context.visit(request, form.actor), form.get("publish") == "yes"
    title, text, chosen = form.get("title"), form.get("text"), conflicts.decided(form.fields)
    names: dict[str, str] = {}
    try:
        wanted = requests.read(NewEdition, {"title": title, "publish": publish, "decided": chosen})
        content = await asyncio.to_thread(read_bytes, text.encode("utf-8", "replace"), NAME)
        names = differences.names(patches.items(content))
        done = await visit.service.import_content(content, wanted, by=form.actor)
    except GuideError as error:
        problems = error.problems[:MOST_PROBLEMS] if isinstance(error, InvalidContent) else ()
        conflict = error if isinstance(error, InConflict) else None
        sides = conflicts.with_scheduled(conflict, names=names, chosen=chosen)
        page = ImportPage(
            frame=visit.frame,
            refusal=error,
            title=title,
            text=text,
            publish=publish,
            problems=tuple(map(str, problems)),
            sides=sides,
            decided=conflicts.elsewhere(chosen, sides),
            against=conflict.number if conflict else None,
        )
        return await context.again(error, page)
    return context.onward(f"/staff/editions/{done.edition.number}?done={'imported' if done.created else 'equal'}")
