"""Connecting an item with another one, or undoing that, beside the drawing of what is around it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.content import references, registry
from service.content.fields import FieldEntry
from service.content.flow import CHANGED_BY_EDGE
from service.content.patches import Item, Items
from service.content.registry import KindEntry
from service.diff_text import differences
from service.editions import edits, requests
from service.editions.requests import ItemChange
from service.errors import GuideError, InvalidRequest, NotFound
from service.web.previews import Number
from service.web.staff import collisions, context
from service.web.staff.auth import Posted
from service.web.staff.context import Form, Staff, StaffContext
from service.web.staff.graph import graph_page
from service.web.staff.items import ItemEntry, matching
from service.web.staff.layout import EditionPage

router = APIRouter(include_in_schema=False)

MOST_FOUND = 50


@dataclass(frozen=True, slots=True)
class Way:
    """A field by which an item can be connected: its own (`is_own`), or that of items of another kind.

    `name` is how addresses call it, `label` the field, `holder` the kind that has it, `end` the kind that is named.
    """

    holder: KindEntry
    entry: FieldEntry
    is_own: bool

    @property
    def name(self) -> str:
        """What addresses call it."""
        return f"{'own' if self.is_own else 'other'}.{self.holder.list_name}.{self.entry.name}"

    @property
    def label(self) -> str:
        """What is chosen, in words."""
        if self.is_own:
            return f"{self.entry.label}を加える"
        return f"{self.holder.name}の「{self.entry.label}」に、これを加える"


@dataclass(frozen=True, kw_only=True)
class ConnectPage(EditionPage):
    """What an item can be connected with by one way: those that were looked for; `more` are left out.

    `revisions` are those of the items that would be changed; `chosen` is what was chosen before it was refused,
    `collision` tells who was in the way.
    """

    template: ClassVar[str] = "staff/connect.html"

    key: str
    name: str
    kind: str
    ways: Sequence[Way]
    way: Way | None
    words: str
    entries: Sequence[ItemEntry]
    revisions: Mapping[str, int]
    more: int
    chosen: str
    note: str
    collision: str


@router.get("/staff/editions/{number}/graph/{key}/connect")
async def show(request: Request, number: Number, key: str, actor: Staff, way: str = "", words: str = "") -> Response:
    """What an item can be connected with; on to its drawing where the edition is no draft."""
    page = await connect_page(context.visit(request, actor), number, key=key, way=way, words=words)
    return context.respond(page) if page.standing == "draft" else context.onward(_drawing(number, key))


@router.post("/staff/editions/{number}/graph/{key}/connect")
async def submit(request: Request, number: Number, key: str, form: Form) -> Response:
    """Connects an item with the chosen one."""
    visit = context.visit(request, form.actor)
    way, other, words, note = form.get("way"), form.get("other"), form.get("words"), form.get("note")
    try:
        items = await _items(visit, number)
        chosen = _way(items, key, way)
        if not other:
            raise InvalidRequest("つなぐ相手を選んでください。", where="/other")
        holder, end = (key, other) if chosen.is_own else (other, key)
        revision = context.number(form.get(f"revision-{holder}"))
        await _save(visit, number, holder, field=chosen.entry.name, end=end, revision=revision, form=form)
    except GuideError as error:
        page = connect_page(visit, number, key=key, way=way, words=words, chosen=other, note=note, refusal=error)
        return await context.again(error, page)
    return context.onward(f"{_drawing(number, key)}?done=connected")


@router.post("/staff/editions/{number}/graph/{key}/disconnect")
async def undo(request: Request, number: Number, key: str, form: Form) -> Response:
    """Undoes what connects an item with another one."""
    visit = context.visit(request, form.actor)
    holder, field, end = form.get("holder"), form.get("field"), form.get("end")
    try:
        revision = context.number(form.get("revision"))
        await _save(visit, number, holder, field=field, end=end, revision=revision, form=form, is_undone=True)
    except GuideError as error:
        page = graph_page(visit, number, key=key, note=form.get("note"), refusal=error)
        return await context.again(error, page)
    return context.onward(f"{_drawing(number, key)}?done=disconnected")


def _drawing(number: int, key: str) -> str:
    return f"/staff/editions/{number}/graph/{key}"


async def _items(visit: StaffContext, number: int) -> Items:
    return (await visit.reviewer.content((await context.about(visit, number)).edition))[1]


async def _save(
    visit: StaffContext,
    number: int,
    holder: str,
    *,
    field: str,
    end: str,
    revision: int | None,
    form: Posted,
    is_undone: bool = False,
) -> None:
    """Saves the item that has the field with one edge more or less, if it is still as it was looked at.

    Errors: those of `EditionService.save`, NotFound, InvalidRequest, Refused.
    """
    is_there = holder in await _items(visit, number)
    found, now = (await edits.item(visit.graph.latest, number, key=holder)) if is_there else (None, None)
    if found is None:
        raise NotFound(f"「{holder[:100]}」は、第{number}版にありません。", where="/holder")
    entry = registry.kind(found.kind).fields.get(field)
    if entry is None or entry.reference is None or entry.shape not in CHANGED_BY_EDGE:
        raise InvalidRequest("つながりの種類を読み取れません。画面を開き直してください。", where="/field")
    if revision is None:
        raise InvalidRequest("もとにした改訂の番号を読み取れません。画面を開き直してください。", where="/revision")
    change = references.disconnected if is_undone else references.connected
    # Of an item that changed meanwhile it is not looked whether that fits: the save refuses, and says who changed it.
    made = change(found, field, end) if now == revision else found
    put = {registry.list_of(found.kind): [made.fields]}
    fields = {"put": put, "revisions": {holder: revision}, "note": form.get("note")}
    await visit.service.save(number, requests.read(ItemChange, fields), by=form.actor)


def ways(kind: str) -> list[Way]:
    """The fields by which items of a kind can be connected: their own, then those of other items that name them."""
    own = registry.kind(kind)
    return [
        *(Way(own, entry, is_own=True) for entry in _fields(own)),
        *(
            Way(holder, entry, is_own=False)
            for holder in registry.current().lists.values()
            if holder.about.drawn
            for entry in _fields(holder)
            if entry.reference and entry.reference.kind == kind
        ),
    ]


def _fields(kind: KindEntry) -> Iterator[FieldEntry]:
    for entry in kind.fields.values():
        if entry.shape in CHANGED_BY_EDGE and entry.reference and entry.reference.edges:
            yield entry


def _way(items: Items, key: str, name: str) -> Way:
    """The way with that name in which the item can be connected. Errors: NotFound."""
    if key not in items:
        raise NotFound(f"「{key[:100]}」は、この版にありません。", where="/key")
    for way in ways(items[key].kind):
        if way.name == name:
            return way
    raise NotFound("そのようなつながりはありません。", where="/way")


async def connect_page(
    visit: StaffContext,
    number: int,
    *,
    key: str,
    way: str,
    words: str,
    chosen: str = "",
    note: str = "",
    refusal: GuideError | None = None,
) -> ConnectPage:
    """The page on which the other end is looked for and chosen. Errors: NotFound."""
    about = await context.about(visit, number)
    items = (await visit.reviewer.content(about.edition))[1]
    if key not in items:
        raise NotFound(f"「{key[:100]}」は、第{number}版にありません。", where="/key")
    kind = registry.kind(items[key].kind)
    taken = _way(items, key, way) if way else None
    entries = list(_candidates(items, key, taken, words)) if taken else []
    shown = entries[:MOST_FOUND]
    holders = [key] if taken and taken.is_own else [entry.key for entry in shown]
    return ConnectPage(
        frame=visit.frame,
        about=about,
        refusal=refusal,
        key=key,
        name=differences.names(items)[key],
        kind=kind.name,
        ways=ways(kind.label),
        way=taken,
        words=words,
        entries=shown,
        revisions=await edits.revisions_of(visit.graph.latest, number, holders) if about.standing == "draft" else {},
        more=len(entries) - len(shown),
        chosen=chosen,
        note=note,
        collision=await collisions.told(visit.graph.latest, refusal),
    )


def _candidates(items: Items, key: str, way: Way, words: str) -> Iterator[ItemEntry]:
    """The items that hold the words and can be the other end: none that is so already, nor the item itself."""
    assert way.entry.reference is not None
    wanted = way.entry.reference.kind if way.is_own else way.holder.label
    owner = _owner(wanted)
    names = differences.names(items)
    for entry in matching(items, items, of=registry.list_of(owner.label), words=words):
        ends = [entry.key] if owner.label == wanted else references.own_keys(items[entry.key])[1:]
        for end in ends:
            holder, named = (key, end) if way.is_own else (end, key)
            if end != key and not _is_connected(items[holder], way.entry, named):
                yield ItemEntry(end, names[end], registry.name_of(wanted))


def _owner(kind: str) -> KindEntry:
    """The kind whose items hold those of a kind, which may be itself."""
    for one in registry.current().lists.values():
        if one.label == kind or (one.owned_model and one.owned_model.about.label == kind):
            return one
    raise KeyError(kind)


def _is_connected(holder: Item, entry: FieldEntry, end: str) -> bool:
    value = {entry.name: holder.fields.get(entry.name)}
    return end in references.named_in(value, registry.kind(holder.kind).model)
