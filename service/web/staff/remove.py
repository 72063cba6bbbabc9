"""The page that asks before an item is removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.content import registry
from service.diff_text import differences
from service.editions import edits, requests
from service.editions.requests import ItemChange
from service.errors import GuideError, NotFound
from service.web.previews import Number
from service.web.staff import context
from service.web.staff.context import Form, Staff, StaffContext
from service.web.staff.item import referrers
from service.web.staff.items import ItemEntry
from service.web.staff.layout import EditionPage

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, kw_only=True)
class RemovePage(EditionPage):
    """Asks before an item is removed: who refers to it."""

    template: ClassVar[str] = "staff/remove.html"

    key: str
    name: str
    kind: str
    revision: str
    note: str
    detach: bool
    referrers: Sequence[ItemEntry]


@router.get("/staff/editions/{number}/items/{key}/remove")
async def show(request: Request, number: Number, key: str, actor: Staff) -> Response:
    """Asks before an item is removed; on to the item of an edition that is no draft."""
    page = await remove_page(context.visit(request, actor), number, key=key)
    return (
        context.respond(page) if page.standing == "draft" else context.onward(f"/staff/editions/{number}/items/{key}")
    )


@router.post("/staff/editions/{number}/items/{key}/remove")
async def submit(request: Request, number: Number, key: str, form: Form) -> Response:
    """Removes an item."""
    visit, note, detach = context.visit(request, form.actor), form.get("note"), form.get("detach") == "yes"
    revision = context.number(form.get("revision"))
    revisions = {key: revision} if revision is not None else {}
    fields = {"remove": [key], "revisions": revisions, "detach": detach, "note": note}
    try:
        await visit.service.save(number, requests.read(ItemChange, fields), by=form.actor)
    except GuideError as error:
        page = remove_page(visit, number, key=key, note=note, detach=detach, refusal=error)
        return await context.again(error, page)
    return context.onward(f"/staff/editions/{number}?done=removed")


async def remove_page(
    visit: StaffContext,
    number: int,
    *,
    key: str,
    note: str = "",
    detach: bool = False,
    refusal: GuideError | None = None,
) -> RemovePage:
    """The page that asks before an item is removed. Errors: NotFound."""
    about = await context.about(visit, number)
    item, revision = await edits.item(visit.graph.latest, number, key=key)
    if item is None:
        raise NotFound(f"「{key[:100]}」は、第{number}版にありません。", where="/key")
    items = (await visit.reviewer.content(about.edition))[1]
    names = differences.names(items)
    return RemovePage(
        frame=visit.frame,
        about=about,
        refusal=refusal,
        key=key,
        name=names.get(key, key),
        kind=registry.name_of(item.kind),
        revision=str(revision),
        note=note,
        detach=detach,
        referrers=referrers(items, item, names),
    )
