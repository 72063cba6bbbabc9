"""The page on which an amended law of every city comes into the guide, as a draft."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.content.loading import read_bytes
from service.content.models import Content, Edition
from service.diff_text import differences
from service.editions import conflicts, layering, requests
from service.editions.conflicts import Sides
from service.editions.merging import Side
from service.editions.requests import Updating
from service.editions.updating import UpdatePreview
from service.errors import GuideError, InvalidContent, NotFound, Refused
from service.store import editions
from service.web.staff import context
from service.web.staff.auth import Posted
from service.web.staff.context import Form, Staff, StaffContext
from service.web.staff.layout import FormPage

PATH = "/staff/law"
OLD_NAME = "もとにした全国の内容"
MOST_SENTENCES = 40
MOST_PROBLEMS = 50

router = APIRouter(include_in_schema=False)
Laws = tuple[Content, Content | None]


@dataclass(frozen=True, kw_only=True)
class LawPage(FormPage):
    """What an amended law changes in the live edition, what has to be decided, and the form that makes a draft of it.

    `text` and `old` are laws that were pasted, empty for the one that came with the program and the one that is known
    to lie beneath; `is_known` says whether that is. Without a `preview` there is nothing to show: `why` says why.
    """

    template: ClassVar[str] = "staff/law.html"
    current: ClassVar[str] = "editions"

    live: Edition | None
    is_known: bool
    preview: UpdatePreview | None
    why: str
    sentences: Sequence[str]
    changes: str
    sides: Sequence[Sides]
    problems: Sequence[str] = ()
    title: str = ""
    text: str = ""
    old: str = ""
    note: str = ""


@router.get(PATH)
async def show(request: Request, actor: Staff) -> Response:
    """What the law that came with the program would change in the live edition."""
    return context.respond(await law_page(context.visit(request, actor)))


@router.post(PATH)
async def submit(request: Request, form: Form) -> Response:
    """Makes a draft with the law, every conflict decided; on to it, or to the live edition that has it already."""
    visit, chosen = context.visit(request, form.actor), conflicts.decided(form.fields)
    laws: Laws | None = None
    try:
        fields = {"title": form.get("title").strip() or None, "decided": chosen, "note": form.get("note")}
        laws = law, old = await _laws(visit, form)
        saved = await visit.service.update(None, law, requests.read(Updating, fields), old=old, by=form.actor)
    except GuideError as error:
        return await context.again(error, law_page(visit, form=form, laws=laws, chosen=chosen, refusal=error))
    return context.onward(f"/staff/editions/{saved.edition.number}?done={'updated' if saved.seq else 'same_law'}")


async def _laws(visit: StaffContext, form: Posted | None) -> Laws:
    """The new law, and the one before where that was pasted. Errors: InvalidContent, NotFound."""
    text, old = (form.get("text").strip(), form.get("old").strip()) if form else ("", "")
    law = await _read(text, layering.NAME) if text else await visit.service.shipped_law()
    return law, await _read(old, OLD_NAME) if old else None


async def _read(text: str, name: str) -> Content:
    return await asyncio.to_thread(read_bytes, text.encode("utf-8", "replace"), name)


async def law_page(
    visit: StaffContext,
    *,
    form: Posted | None = None,
    laws: Laws | None = None,
    chosen: Mapping[str, Side] | None = None,
    refusal: GuideError | None = None,
) -> LawPage:
    """The page; what was typed stays, and `laws` that were read of it are not read again."""
    live = await editions.live(visit.graph.latest)
    preview, why = await _preview(visit, live, form, laws)
    problems = refusal.problems[:MOST_PROBLEMS] if isinstance(refusal, InvalidContent) else ()
    return LawPage(
        frame=visit.frame,
        refusal=refusal,
        live=live,
        is_known=live is not None and live.beneath is not None,
        preview=preview,
        why=why,
        sentences=[difference.sentence for difference in preview.content[:MOST_SENTENCES]] if preview else [],
        changes=differences.summary(preview.content) if preview else "",
        sides=conflicts.sides(preview.conflicts, names=preview.names, chosen=chosen) if preview else (),
        problems=tuple(map(str, problems)),
        title=form.get("title") if form else "",
        text=form.get("text") if form else "",
        old=form.get("old") if form else "",
        note=form.get("note") if form else "",
    )


async def _preview(
    visit: StaffContext, live: Edition | None, form: Posted | None, laws: Laws | None
) -> tuple[UpdatePreview | None, str]:
    """What the law changes, or why that cannot be said."""
    if live is None:
        return None, "まだ何も公開されていません。"
    try:
        law, old = laws or await _laws(visit, form)
        return await visit.service.update_preview(live.number, law, old=old), ""
    except (InvalidContent, NotFound, Refused) as error:
        return None, error.message
