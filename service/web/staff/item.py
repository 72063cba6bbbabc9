"""The page of an item: in a draft its form, made from the registry, and its text beside it as another way to write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, ClassVar, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from markupsafe import Markup

from service.analysis import checks
from service.content import item_yaml, references, registry
from service.content.fields import FieldEntry, Place, fields_of
from service.content.item_yaml import Fault
from service.content.models import Edition, Question
from service.content.patches import Fields, Item, Patch
from service.diff_text import differences
from service.diff_text import history as history_text
from service.diff_text.differences import FieldDifference
from service.editions import edits, findings, keys, layering, preview_links, requests
from service.editions.edits import Collision, Saved
from service.editions.requests import ItemChange
from service.errors import GuideError, InvalidContent, InvalidRequest, NotFound, Problem
from service.web.previews import Number
from service.web.staff import collisions, context, effects, form_fields, item_form, shown, unsent
from service.web.staff.auth import Posted
from service.web.staff.context import Staff, StaffContext
from service.web.staff.effects import TrialEffect
from service.web.staff.form_fields import FormField, Index, Showing
from service.web.staff.item_form import Typed
from service.web.staff.items import ItemEntry
from service.web.staff.layout import About, EditionPage

router = APIRouter(include_in_schema=False)


AROUND = frozenset({"as", "do", "of", "text", "revision", "note"})
"""What a form sends beside the fields of the item."""
FINDINGS_SECONDS = 0.05
"""A form does not wait for findings that nobody has looked for yet."""

Way = Literal["form", "yaml"]
"""How an item is written: field by field, or as text."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was typed, in either way, before it is saved; `revision` is what the form was made from."""

    way: Way
    fields: Typed = field(default_factory=Typed)
    text: str = ""
    revision: str = ""
    note: str = ""


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
    """What stands there now, who saved it when, and what the typed item changes of it."""

    theirs: str
    who: str
    at: str
    between: Sequence[FieldDifference]

    def told(self) -> Iterator[tuple[str, str]]:
        """What the other person saved in each field that is different, with the name of that field."""
        for one in self.between:
            yield one.field.partition(".")[0], f"{self.who}が保存した{one.label}：{one.before or 'なし'}"


@dataclass(frozen=True, slots=True)
class FieldFault:
    """What is wrong with a field, and where it stands on the page."""

    message: str
    label: str
    place: str


@dataclass(frozen=True, slots=True)
class ItemTrial:
    """What saving would mean for residents, and what they would see of the item (neither where they see none of it).

    `live` is the edition that it was compared with, None where nothing is live.
    """

    live: Edition | None
    effects: Sequence[TrialEffect]
    card: Markup | None
    question: Question | None


@dataclass(frozen=True, kw_only=True)
class ItemPage(EditionPage):
    """An item: its form or its text in a draft, its text elsewhere; `key` is empty for a new one.

    `fields` are those that hold something or have to, `others` the rest. `faults` are those of the text and of other
    items, `field_faults` those of the form. `collision` is what somebody else saved meanwhile; `layers` is None where
    nobody knows what is the city's own. `unsaved`: a button changed the form, and nothing was saved. `trial` is None
    where nobody has asked what saving would mean.
    """

    template: ClassVar[str] = "staff/item.html"
    fetches: ClassVar[bool] = True

    key: str
    name: str
    of: str
    kind: str
    way: Way
    text: str
    revision: str
    note: str
    fields: Sequence[FormField]
    others: Sequence[FormField]
    known_fields: Sequence[Field]
    referrers: Sequence[ItemEntry]
    refers: Sequence[ItemEntry]
    faults: Sequence[Fault]
    field_faults: Sequence[FieldFault]
    findings: Sequence[str]
    public: str | None
    unsaved: bool = False
    collision: ItemCollision | None = None
    layers: FieldsByLayer | None = None
    trial: ItemTrial | None = None


As = Annotated[Way, Query(alias="as")]


@router.get("/staff/editions/{number}/new-item")
async def show_new(request: Request, number: Number, of: str, actor: Staff, way: As = "form") -> Response:
    """The form of a new item; on to the edition that is no draft."""
    visit, kind = context.visit(request, actor), _kind_of(of)
    start = Written(way, fields=item_form.start(kind), text=item_yaml.start(kind))
    page = await written_page(visit, number, Item(kind, {"key": ""}), start)
    return context.respond(page) if page.standing == "draft" else context.onward(f"/staff/editions/{number}")


@router.post("/staff/editions/{number}/new-item")
async def submit_new(request: Request, number: Number) -> Response:
    """Puts a new item into a draft, or does what another button of its form asks for."""
    return await unsent.kept(request, lambda form: _answer(request, number, key="", form=form))


@router.get("/staff/editions/{number}/items/{key}")
async def show(request: Request, number: Number, key: str, actor: Staff, done: str = "", way: As = "form") -> Response:
    """An item, with its form in a draft."""
    return context.respond(await item_page(context.visit(request, actor), number, key=key, done=done, way=way))


@router.post("/staff/editions/{number}/items/{key}")
async def submit(request: Request, number: Number, key: str) -> Response:
    """Saves an item, or does what another button of its form asks for."""
    return await unsent.kept(request, lambda form: _answer(request, number, key=key, form=form))


async def _answer(request: Request, number: int, *, key: str, form: Posted) -> Response:
    """What a button of the form does: save, go over to the other way to write, or change the form itself."""
    visit = context.visit(request, form.actor)
    item = await _subject(visit, number, key=key, of=form.get("of"))
    written, button = _written(form), form.get("do") or "save"
    try:
        if button == "save":
            return await _save(visit, number, item, written)
        trial = await _trial(visit, number, item, written) if button == "effect" else None
        written = await _pressed(visit, number, item, written, button)
    except GuideError as error:
        return await context.again(error, written_page(visit, number, item, written, refusal=error))
    page = await written_page(visit, number, item, written, unsaved=True)
    return context.respond(replace(page, trial=trial))


def _written(form: Posted) -> Written:
    """What the form holds: a text, unless it says that it is field by field. Errors: InvalidRequest for neither."""
    way = form.get("as", "yaml")
    if way not in {"form", "yaml"}:
        raise item_form.unreadable()
    return Written(
        way="form" if way == "form" else "yaml",
        fields=Typed(tuple(pair for pair in form.fields if pair[0] not in AROUND)),
        text=form.get("text"),
        revision=form.get("revision"),
        note=form.get("note"),
    )


async def _subject(visit: StaffContext, number: int, *, key: str, of: str) -> Item:
    """The item that a form is about, as it is saved; without its fields where it is new or gone.

    Errors: NotFound for no kind, InvalidRequest for another kind than that of the item.
    """
    known = (await edits.item(visit.graph.latest, number, key=key))[0] if key else None
    kind = _kind_of(of)
    if known is not None and known.kind != kind:
        raise item_form.unreadable()
    return known or Item(kind, {"key": key})


async def _save(visit: StaffContext, number: int, item: Item, written: Written) -> Response:
    revision = context.number(written.revision)
    if revision is None and written.revision.strip():
        raise InvalidRequest("もとにした改訂の番号を読み取れません。画面を開き直してください。", where="/revision")
    put = {registry.list_of(item.kind): [await _typed_item(visit, number, item, written)]}
    revisions = {item.key: revision} if item.key and revision is not None else {}
    wanted = requests.read(ItemChange, {"put": put, "revisions": revisions, "note": written.note})
    saved: Saved = await visit.service.save(number, wanted, by=visit.actor)
    key = item.key or next(iter(saved.patch.after))
    way = "&as=yaml" if written.way == "yaml" else ""
    return context.onward(f"/staff/editions/{number}/items/{key}?done={'saved' if saved.seq else 'unchanged'}{way}")


async def _trial(visit: StaffContext, number: int, item: Item, written: Written) -> ItemTrial:
    """What saving would mean. Errors: those of saving."""
    put = {registry.list_of(item.kind): [await _typed_item(visit, number, item, written)]}
    trial = await visit.service.trial(number, requests.read(ItemChange, {"put": put}))
    key = trial.put[0].key
    return ItemTrial(
        live=trial.live,
        effects=effects.of_trial(trial),
        card=shown.card(trial.content, key),
        question=shown.question(trial.content, key),
    )


async def _typed_item(visit: StaffContext, number: int, item: Item, written: Written) -> Fields:
    """The item that was typed; a new one has no key. Errors: InvalidContent, InvalidRequest."""
    if written.way == "yaml":
        return item_yaml.read(written.text, item.kind, key=item.key or None)
    index = Index((await visit.reviewer.content((await context.about(visit, number)).edition))[1])
    fields = item_form.read(item.kind, form_fields.sought(item.kind, written.fields, index))
    return ({"key": item.key} if item.key else {}) | fields


async def _pressed(visit: StaffContext, number: int, item: Item, written: Written, button: str) -> Written:
    """What was typed after a button. Errors: those of reading it, where it goes over to the other way to write."""
    if button == "yaml" and written.way == "form":
        fields = await _typed_item(visit, number, item, written)
        return replace(written, way="yaml", fields=Typed(), text=item_yaml.written(Item(item.kind, fields)))
    if button == "form" and written.way == "yaml":
        return replace(written, way="form", fields=await _fields_of_text(visit, item, written.text))
    return replace(written, fields=item_form.pressed(written.fields, button))


async def _fields_of_text(visit: StaffContext, item: Item, text: str) -> Typed:
    """The form that holds what a text says. Errors: InvalidContent for what is no item."""
    fields = item_yaml.read(text, item.kind, key=item.key or None)
    keyed = await keys.keyed(visit.graph.latest, Item(item.kind, fields), taken=set(), where="")
    known = {*references.own_keys(item)} if len(item.fields) > 1 else set()
    return item_form.typed(edits.well_formed(keyed), known=known)


async def item_page(visit: StaffContext, number: int, *, key: str, done: str = "", way: Way = "form") -> ItemPage:
    """The page of an item. Errors: NotFound."""
    about = await context.about(visit, number)
    edition = about.edition
    all_items = (await visit.reviewer.content(edition))[1]
    found, revision = all_items.get(key), None
    if edition.state == "draft":
        found, revision = await edits.item(visit.graph.latest, number, key=key)
    if found is None:
        raise NotFound(f"「{key[:100]}」は、第{number}版にありません。", where="/key")
    written = Written(
        way=way,
        fields=item_form.typed(found),
        text=item_yaml.written(found),
        revision="" if revision is None else str(revision),
    )
    page = await written_page(visit, number, found, written)
    return replace(page, done=done, layers=await _layers(visit, edition, found))


async def _layers(visit: StaffContext, edition: Edition, item: Item) -> FieldsByLayer | None:
    """Which fields come from which layer; None where nothing is known of the layers."""
    beneath = await layering.beneath(visit.graph.latest, edition)
    if beneath is None:
        return None
    own = layering.own_fields(beneath, item)
    labels = {name: entry.label for name, entry in registry.kind(item.kind).fields.items() if name != "key"}
    law = [label for name, label in labels.items() if name in item.fields and name not in own]
    return FieldsByLayer(law, [label for name, label in labels.items() if name in own])


async def written_page(
    visit: StaffContext,
    number: int,
    item: Item,
    written: Written,
    *,
    refusal: GuideError | None = None,
    unsaved: bool = False,
) -> ItemPage:
    """The page of an item with what was typed, of which nothing is lost. Errors: NotFound."""
    about = await context.about(visit, number)
    known = (await visit.reviewer.content(about.edition))[1]
    kind, key, index = registry.kind(item.kind), item.key, Index(known)
    collision = collision_of(refusal, known, (await visit.around()).people) if refusal else None
    if isinstance(refusal, Collision):
        revision = (await edits.item(visit.graph.latest, number, key=key))[1]
        written = replace(written, revision="" if revision is None else str(revision))
    problems = refusal.problems if isinstance(refusal, InvalidContent) else ()
    own, others = _sides(problems, key)
    said = await _findings(visit, about, key) if key in known else {}
    fields = _fields(item.kind, written, index, own, at_fields=_at_fields(said, collision))
    return ItemPage(
        frame=visit.frame,
        about=about,
        refusal=refusal,
        unsaved=unsaved,
        key=key,
        name=index.names.get(key, key),
        of=registry.list_of(item.kind),
        kind=kind.name,
        way=written.way,
        text=written.text,
        revision=written.revision,
        note=written.note,
        fields=[one for one in fields if _is_first(one, kind.fields, is_new=not key)],
        others=[one for one in fields if not _is_first(one, kind.fields, is_new=not key)],
        known_fields=[*_known_fields(kind.fields)],
        referrers=referrers(known, known.get(key, item), index.names),
        refers=[_entry(known[referred], index.names) for referred in _referred(item, known)],
        faults=item_yaml.faults(
            problems if written.way == "yaml" else others, text=written.text, kind=item.kind, key=key or None
        ),
        field_faults=[_field_fault(place, message, kind.fields) for place, message in own]
        if written.way == "form"
        else (),
        findings=said.get("", ()),
        public=_public(about.edition, item) if key in known else None,
        collision=collision,
    )


def _fields(
    kind: str,
    written: Written,
    index: Index,
    faults: Sequence[tuple[Place, str]],
    *,
    at_fields: Mapping[str, Sequence[str]],
) -> list[FormField]:
    if written.way != "form":
        return []
    given = form_fields.sought(kind, written.fields, index)
    return Showing(given, index, faults, at_fields).fields(registry.kind(kind).fields.values())


def _is_first(one: FormField, entries: Mapping[str, FieldEntry], *, is_new: bool) -> bool:
    """Whether a field stands in the open: it holds something, has to, or something is said about it."""
    begins = is_new and entries[one.name.removeprefix("/")].start is not None
    return one.filled or one.required or one.marked or begins


def _sides(problems: Sequence[Problem], key: str) -> tuple[list[tuple[Place, str]], list[Problem]]:
    """What is wrong with the item itself, by place, and with others."""
    own: list[tuple[Place, str]] = []
    others = []
    for one in problems:
        if one.key is None or not key or one.key.partition("/")[0] == key:
            own.append((item_yaml.inside(one.path), one.message))
        else:
            others.append(one)
    return own, others


def _field_fault(place: Place, message: str, entries: Mapping[str, FieldEntry]) -> FieldFault:
    entry = entries.get(str(place[0])) if place else None
    label = entry.label if entry else ""
    if entry and entry.is_record and entry.inner and len(place) > 1:
        inside = fields_of(entry.inner).get(str(place[1]))
        place, label = place[: 2 if inside else 1], inside.label if inside else label
    return FieldFault(message, label, "f-" + "-".join(map(str, place[: 2 if entry and entry.is_record else 1])))


async def _findings(visit: StaffContext, about: About, key: str) -> dict[str, list[str]]:
    """What is wrong with the saved item, by the field where it is mended; under no name what is no field's."""
    if about.standing != "draft":
        return {}
    found = (await findings.soon(visit.graph, [about.edition], seconds=FINDINGS_SECONDS)).get(about.edition.number)
    said: dict[str, list[str]] = {}
    for one in found or ():
        if one.keys and one.keys[0].partition("/")[0] == key:
            said.setdefault(checks.FIELDS.get(one.code, ""), []).append(f"{one.sentence}{one.advice}")
    return said


def _at_fields(said: Mapping[str, Sequence[str]], collision: ItemCollision | None) -> dict[str, list[str]]:
    """What stands at the fields: findings, and what somebody else made of them meanwhile."""
    made = {name: [*sentences] for name, sentences in said.items() if name}
    for name, sentence in collision.told() if collision else ():
        made.setdefault(name, []).append(sentence)
    return made


def collision_of(refusal: GuideError, known: Mapping[str, Item], people: Mapping[str, str]) -> ItemCollision | None:
    """Both sides of a collision, and whose change was in the way; None where the refusal is none."""
    if not isinstance(refusal, Collision):
        return None
    mine, theirs = refusal.mine, refusal.theirs
    patch = Patch({theirs.key: theirs} if theirs else {}, {mine.key: mine} if mine else {})
    changes = differences.differences(patch, differences.names(known)) if mine and theirs else []
    return ItemCollision(
        theirs=item_yaml.written(theirs) if theirs else "",
        who=history_text.person(refusal.by, people),
        at=collisions.at(refusal),
        between=[field for change in changes for field in change.fields],
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


def _known_fields(entries: Mapping[str, FieldEntry]) -> Iterator[Field]:
    for name, entry in entries.items():
        if entry.shape != "key":
            values = [(item_form.spelt(value), words) for value, words in entry.words.items()]
            yield Field(name, entry.label, values, [*_known_fields(fields_of(entry.inner) if entry.inner else {})])


def _kind_of(name: str) -> str:
    """The kind that a list of the content document holds. Errors: NotFound."""
    kind = registry.current().lists.get(name)
    if kind is None:
        raise NotFound("そのような種類の項目はありません。", where="/of")
    return kind.label
