"""The staff's pages on which a draft is edited, merged and published."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from service.accounts.permissions import Actor, Permission
from service.editions import conflicts, requests
from service.editions.requests import ItemChange, Merging, Publication
from service.errors import GuideError
from service.web.previews import Number
from service.web.staff import auth, context, edition_pages, item_pages, publish_pages
from service.web.staff.auth import Posted
from service.web.staff.context import Visit, onward, shown

router = APIRouter(include_in_schema=False)

Staff = Annotated[Actor, Depends(auth.staff)]
Form = Annotated[Posted, Depends(auth.posted)]
Onto = Annotated[int | None, Query(ge=1, lt=2**53)]

TYPED = ("of", "text", "revision", "note")


def _visit(request: Request, actor: Actor) -> Visit:
    actor.needs(Permission.READ)
    return context.visit(request, actor)


def _number(text: str) -> int | None:
    """The number that a field holds; None for none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None


async def _is_draft(visit: Visit, number: int) -> bool:
    return bool((await context.about(visit, number))["standing"] == "draft")


@router.get("/staff/editions/{number}/publish")
async def publish(request: Request, number: Number, actor: Staff) -> Response:
    """What stands against publishing a draft, what that changes, and the form; on to the edition that is no draft."""
    visit = _visit(request, actor)
    if not await _is_draft(visit, number):
        return onward(f"/staff/editions/{number}")
    return shown(await publish_pages.publish_page(visit, number))


@router.post("/staff/editions/{number}/publish")
async def published(request: Request, number: Number, form: Form) -> Response:
    """Publishes a draft, now or at a set time."""
    visit, given, chosen = _visit(request, form.actor), publish_pages.wanted(form), conflicts.decided(form.fields)
    try:
        at = publish_pages.moment(given)
        fields = {"seen": given.seen, "at": at, "note": given.note, "decided": chosen}
        await visit.service.publish(number, requests.read(Publication, fields), by=form.actor)
    except GuideError as error:
        if not await _is_draft(visit, number):
            return await context.again(error, edition_pages.one_edition(visit, number, refusal=error))
        page = publish_pages.publish_page(visit, number, given=given, chosen=chosen, refusal=error)
        return await context.again(error, page)
    return onward(f"/staff/editions/{number}?done={'scheduled' if at else 'published'}")


@router.get("/staff/editions/{number}/merge")
async def merge(request: Request, number: Number, actor: Staff, onto: Onto = None) -> Response:
    """What was published since a draft was made; on to the draft where that is nothing."""
    page = await publish_pages.merge_page(_visit(request, actor), number, onto=onto)
    return shown(page) if page else onward(f"/staff/editions/{number}")


@router.post("/staff/editions/{number}/merge")
async def merged(request: Request, number: Number, form: Form) -> Response:
    """Brings it in, every conflict decided."""
    visit, onto, note = _visit(request, form.actor), _number(form.get("onto")), form.get("note")
    chosen = conflicts.decided(form.fields)
    fields = {"onto": onto, "decided": chosen, "revision": _number(form.get("revision")), "note": note}
    try:
        await visit.service.merge(number, requests.read(Merging, fields), by=form.actor)
    except GuideError as error:
        page = await publish_pages.merge_page(visit, number, onto=onto, chosen=chosen, note=note, refusal=error)
        told = page or await edition_pages.one_edition(visit, number, refusal=error)
        return await context.again(error, told)
    return onward(f"/staff/editions/{number}?done=merged")


@router.get("/staff/editions/{number}/items")
async def items(
    request: Request, number: Number, actor: Staff, of: str = "", words: str = "", start: int = 0
) -> Response:
    """The items of an edition."""
    return shown(await item_pages.items(_visit(request, actor), number, of=of, words=words, start=start))


@router.get("/staff/editions/{number}/new-item")
async def new_item(request: Request, number: Number, of: str, actor: Staff) -> Response:
    """The form of a new item; on to the edition that is no draft."""
    page = await item_pages.new_item(_visit(request, actor), number, of=of)
    return shown(page) if page.standing == "draft" else onward(f"/staff/editions/{number}")


@router.post("/staff/editions/{number}/new-item")
async def added(request: Request, number: Number, form: Form) -> Response:
    """Puts a new item into a draft."""
    return await _save(_visit(request, form.actor), number, key="", form=form)


@router.get("/staff/editions/{number}/items/{key}")
async def item(request: Request, number: Number, key: str, actor: Staff, done: str = "") -> Response:
    """An item, with its form in a draft."""
    return shown(await item_pages.item(_visit(request, actor), number, key=key, done=done))


@router.post("/staff/editions/{number}/items/{key}")
async def saved(request: Request, number: Number, key: str, form: Form) -> Response:
    """Saves an item."""
    return await _save(_visit(request, form.actor), number, key=key, form=form)


async def _save(visit: Visit, number: int, *, key: str, form: Posted) -> Response:
    typed = {name: form.get(name) for name in TYPED}
    revision = _number(typed["revision"])
    try:
        put = await item_pages.read(visit, number, key=key, form=typed)
        revisions = {key: revision} if key and revision is not None else {}
        fields = {"put": put, "revisions": revisions, "note": typed["note"]}
        saved = await visit.service.save(number, requests.read(ItemChange, fields), by=form.actor)
    except GuideError as error:
        return await context.again(error, item_pages.typed(visit, number, key=key, form=typed, refusal=error))
    key = key or next(iter(saved.patch.after))
    return onward(f"/staff/editions/{number}/items/{key}?done={'saved' if saved.seq else 'unchanged'}")


@router.get("/staff/editions/{number}/items/{key}/remove")
async def remove(request: Request, number: Number, key: str, actor: Staff) -> Response:
    """Asks before an item is removed; on to the item of an edition that is no draft."""
    page = await item_pages.remove(_visit(request, actor), number, key=key)
    return shown(page) if page.standing == "draft" else onward(f"/staff/editions/{number}/items/{key}")


@router.post("/staff/editions/{number}/items/{key}/remove")
async def removed(request: Request, number: Number, key: str, form: Form) -> Response:
    """Removes an item."""
    visit, note, detach = _visit(request, form.actor), form.get("note"), form.get("detach") == "yes"
    revision = _number(form.get("revision"))
    revisions = {key: revision} if revision is not None else {}
    fields = {"remove": [key], "revisions": revisions, "detach": detach, "note": note}
    try:
        await visit.service.save(number, requests.read(ItemChange, fields), by=form.actor)
    except GuideError as error:
        page = item_pages.remove(visit, number, key=key, note=note, detach=detach, refusal=error)
        return await context.again(error, page)
    return onward(f"/staff/editions/{number}?done=removed")
