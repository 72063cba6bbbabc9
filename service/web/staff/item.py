"""The page of an item, with its form in a draft."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.content import item_yaml, references, registry
from service.content.fields import FieldEntry, fields_of
from service.content.item_yaml import Fault
from service.content.models import Edition
from service.content.patches import Item, Patch
from service.diff_text import differences
from service.diff_text import history as history_text
from service.diff_text.differences import FieldDifference
from service.editions import edits, layering, preview_links, requests
from service.editions.edits import Collision
from service.editions.requests import ItemChange
from service.errors import GuideError, InvalidContent, InvalidRequest, NotFound
from service.web.previews import Number
from service.web.staff import context
from service.web.staff.auth import Posted
from service.web.staff.context import Form, Staff, StaffContext
from service.web.staff.items import ItemEntry
from service.web.staff.layout import About, EditionPage

router = APIRouter(include_in_schema=False)


TYPED = ("of", "text", "revision", "note")


@dataclass(frozen=True, slots=True)
class Field:
    """A field that the text of an item may have: its name there, what it is called, and the values it takes."""

    name: str
    label: str
    values: Sequence[tuple[str, str]]
    inside: Sequence[Field] = ()


@dataclass(frozen=True, slots=True)
class FieldsByLayer:
    """What the fields of an item are called that come from the law of every city, and those that are the city's own."""

    law: Sequence[str]
    own: Sequence[str]


@dataclass(frozen=True, slots=True)
class ItemCollision:
    """What stands there now, who saved it when, and what the typed text changes of it."""

    theirs: str
    who: str
    at: str
    between: Sequence[FieldDifference]


@dataclass(frozen=True, kw_only=True)
class ItemPage(EditionPage):
    """An item: its form in a draft, its text elsewhere; `key` is empty for a new one.

    `collision` is what somebody else saved meanwhile; `layers` is None where nobody knows what is the city's own.
    """

    template: ClassVar[str] = "staff/item.html"

    key: str
    name: str
    of: str
    kind: str
    text: str
    revision: str
    note: str
    fields: Sequence[Field]
    referrers: Sequence[ItemEntry]
    refers: Sequence[ItemEntry]
    faults: Sequence[Fault]
    public: str | None
    collision: ItemCollision | None = None
    layers: FieldsByLayer | None = None


@router.get("/staff/editions/{number}/new-item")
async def show_new(request: Request, number: Number, of: str, actor: Staff) -> Response:
    """The form of a new item; on to the edition that is no draft."""
    page = await new_item_page(context.visit(request, actor), number, of=of)
    return context.respond(page) if page.standing == "draft" else context.onward(f"/staff/editions/{number}")


@router.post("/staff/editions/{number}/new-item")
async def submit_new(request: Request, number: Number, form: Form) -> Response:
    """Puts a new item into a draft."""
    return await _save(context.visit(request, form.actor), number, key="", form=form)


@router.get("/staff/editions/{number}/items/{key}")
async def show(request: Request, number: Number, key: str, actor: Staff, done: str = "") -> Response:
    """An item, with its form in a draft."""
    return context.respond(await item_page(context.visit(request, actor), number, key=key, done=done))


@router.post("/staff/editions/{number}/items/{key}")
async def submit(request: Request, number: Number, key: str, form: Form) -> Response:
    """Saves an item."""
    return await _save(context.visit(request, form.actor), number, key=key, form=form)


async def _save(visit: StaffContext, number: int, *, key: str, form: Posted) -> Response:
    typed = {name: form.get(name) for name in TYPED}
    revision = context.number(typed["revision"])
    try:
        if revision is None and typed["revision"].strip():
            raise InvalidRequest("もとにした改訂の番号を読み取れません。画面を開き直してください。", where="/revision")
        put = await _typed_item(visit, number, key=key, form=typed)
        revisions = {key: revision} if key and revision is not None else {}
        fields = {"put": put, "revisions": revisions, "note": typed["note"]}
        saved = await visit.service.save(number, requests.read(ItemChange, fields), by=form.actor)
    except GuideError as error:
        return await context.again(error, typed_page(visit, number, key=key, form=typed, refusal=error))
    key = key or next(iter(saved.patch.after))
    return context.onward(f"/staff/editions/{number}/items/{key}?done={'saved' if saved.seq else 'unchanged'}")


async def item_page(visit: StaffContext, number: int, *, key: str, done: str = "") -> ItemPage:
    """The page of an item. Errors: NotFound."""
    about = await context.about(visit, number)
    edition = about.edition
    all_items = (await visit.reviewer.content(edition))[1]
    found, revision = all_items.get(key), None
    if edition.state == "draft":
        found, revision = await edits.item(visit.graph.latest, number, key=key)
    if found is None:
        raise NotFound(f"「{key[:100]}」は、第{number}版にありません。", where="/key")
    page = _page(visit, about, found, all_items, text=item_yaml.written(found), revision=revision, done=done)
    return replace(page, layers=await _layers(visit, edition, found))


async def _layers(visit: StaffContext, edition: Edition, item: Item) -> FieldsByLayer | None:
    """Which fields come from which layer; None where nothing is known of the layers."""
    beneath = await layering.beneath(visit.graph.latest, edition)
    if beneath is None:
        return None
    own = layering.own_fields(beneath, item)
    labels = {name: entry.label for name, entry in registry.kind(item.kind).fields.items() if name != "key"}
    law = [label for name, label in labels.items() if name in item.fields and name not in own]
    return FieldsByLayer(law, [label for name, label in labels.items() if name in own])


async def typed_page(
    visit: StaffContext, number: int, *, key: str, form: Mapping[str, str], refusal: GuideError
) -> ItemPage:
    """The page of an item whose save was refused: nothing that was typed is lost."""
    about = await context.about(visit, number)
    all_items = (await visit.reviewer.content(about.edition))[1]
    known, revision = (await edits.item(visit.graph.latest, number, key=key)) if key else (None, None)
    kind = known.kind if known else _kind_of(form.get("of", ""))
    return _page(
        visit,
        about,
        known or Item(kind, {"key": key}),
        all_items,
        text=form.get("text", ""),
        revision=revision if isinstance(refusal, Collision) else form.get("revision", ""),
        refusal=refusal,
        note=form.get("note", ""),
        people=(await visit.around()).people,
    )


def _collision(refusal: GuideError, known: Mapping[str, Item], people: Mapping[str, str]) -> ItemCollision | None:
    """Both sides of a collision, and whose change was in the way; None where the refusal is none."""
    if not isinstance(refusal, Collision):
        return None
    mine, theirs = refusal.mine, refusal.theirs
    patch = Patch({theirs.key: theirs} if theirs else {}, {mine.key: mine} if mine else {})
    changes = differences.differences(patch, differences.names(known)) if mine and theirs else []
    at = history_text.moment(refusal.at) if refusal.at else None
    return ItemCollision(
        theirs=item_yaml.written(theirs) if theirs else "",
        who=history_text.person(refusal.by, people),
        at=f"{history_text.day(at)} {at:%H:%M}" if at else "",
        between=[field for change in changes for field in change.fields],
    )


def _page(
    visit: StaffContext,
    about: About,
    item: Item,
    known: Mapping[str, Item],
    *,
    text: str,
    revision: int | str | None,
    note: str = "",
    refusal: GuideError | None = None,
    done: str = "",
    people: Mapping[str, str] | None = None,
) -> ItemPage:
    names, kind, key = differences.names(known), registry.kind(item.kind), item.key
    problems = refusal.problems if isinstance(refusal, InvalidContent) else ()
    return ItemPage(
        frame=visit.frame,
        about=about,
        refusal=refusal,
        done=done,
        note=note,
        key=key,
        name=names.get(key, key),
        of=registry.list_of(item.kind),
        kind=kind.name,
        text=text,
        revision="" if revision is None else str(revision),
        fields=[*_fields(kind.fields)],
        referrers=referrers(known, item, names),
        refers=[_entry(known[referred], names) for referred in _referred(item, known)],
        faults=item_yaml.faults(problems, text=text, kind=item.kind, key=key or None),
        public=_public(about.edition, item) if key in known else None,
        collision=_collision(refusal, known, people or {}) if refusal else None,
    )


def referrers(known: Mapping[str, Item], found: Item, names: Mapping[str, str]) -> list[ItemEntry]:
    own = references.own_keys(known.get(found.key, found))
    return [_entry(one, names) for one in references.referrers(known, own)] if found.key else []


def _referred(found: Item, known: Mapping[str, Item]) -> list[str]:
    """The items that the item refers to; of an option its question."""
    return [one for one in dict.fromkeys(key.partition("/")[0] for key in references.named(found)) if one in known]


def _entry(item: Item, names: Mapping[str, str]) -> ItemEntry:
    return ItemEntry(item.key, names[item.key], registry.name_of(item.kind))


def _public(edition: Edition, item: Item) -> str | None:
    """Where residents would see the item in a preview."""
    kind = registry.kind(item.kind)
    if not kind.about.page or not preview_links.is_previewed(edition):
        return None
    return f"/preview/{edition.number}/{kind.list_name}/{item.key}"


def _fields(entries: Mapping[str, FieldEntry]) -> Iterator[Field]:
    for name, entry in entries.items():
        if entry.shape != "key":
            values = [(_spelt(value), words) for value, words in entry.words.items()]
            yield Field(name, entry.label, values, [*_fields(fields_of(entry.inner) if entry.inner else {})])


def _spelt(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _kind_of(name: str) -> str:
    """The kind that a list of the content document holds. Errors: NotFound."""
    kind = registry.current().lists.get(name)
    if kind is None:
        raise NotFound("そのような種類の項目はありません。", where="/of")
    return kind.label


async def new_item_page(visit: StaffContext, number: int, *, of: str) -> ItemPage:
    """The form of a new item. Errors: NotFound."""
    about, kind = await context.about(visit, number), _kind_of(of)
    known = (await visit.reviewer.content(about.edition))[1]
    return _page(visit, about, Item(kind, {"key": ""}), known, text=item_yaml.start(kind), revision=None)


async def _typed_item(visit: StaffContext, number: int, *, key: str, form: Mapping[str, str]) -> dict[str, list[Any]]:
    """The item that was typed, by its list of the content document; a new one has no key. Errors: InvalidContent."""
    known = (await edits.item(visit.graph.latest, number, key=key))[0] if key else None
    kind = known.kind if known else _kind_of(form.get("of", ""))
    return {registry.list_of(kind): [item_yaml.read(form.get("text", ""), kind, key=key or None)]}
