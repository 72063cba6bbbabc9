"""The pages of the items of an edition as plain data: the list, an item with its form, and its removal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from service.content import item_yaml, japanese, patches, references, registry
from service.content.fields import FieldEntry, fields_of
from service.content.item_yaml import Fault
from service.content.models import Edition
from service.content.patches import Item, Patch
from service.diff_text import differences
from service.diff_text import history as history_text
from service.diff_text.differences import FieldDifference
from service.editions import edits, preview_links
from service.editions.edits import Collision
from service.errors import GuideError, InvalidContent, NotFound
from service.web.staff.context import EditionPage, Visit, about

AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """An item in a list; `change` is what became of it since the base, None where nothing did."""

    key: str
    name: str
    kind: str
    change: str | None = None


@dataclass(frozen=True, kw_only=True)
class ItemsPage(EditionPage):
    """The items of an edition, of one kind or all, whose name or key holds the words."""

    template: ClassVar[str] = "staff/items.html"

    entries: Sequence[Entry]
    count: int
    start: int
    of: str
    words: str
    kinds: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Field:
    """A field that the text of an item may have: its name there, what it is called, and the values it takes."""

    name: str
    label: str
    values: Sequence[tuple[str, str]]
    inside: Sequence[Field] = ()


@dataclass(frozen=True, kw_only=True)
class ItemPage(EditionPage):
    """An item: its form in a draft, its text elsewhere; `key` is empty for a new one.

    After a collision `theirs` is what stands there now, `between` what the typed text changes of it.
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
    referrers: Sequence[Entry]
    refers: Sequence[Entry]
    faults: Sequence[Fault]
    public: str | None
    theirs: str | None = None
    who: str = ""
    at: str = ""
    between: Sequence[FieldDifference] = ()


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
    referrers: Sequence[Entry]


async def items(visit: Visit, number: int, *, of: str, words: str, start: int) -> ItemsPage:
    """The list; `of` is a list of the content document, or empty for all. Errors: NotFound."""
    fields = await about(visit, number)
    found = (await visit.reviewer.content(fields["edition"]))[1]
    base = (await visit.reviewer.content(fields["base"]))[1] if fields["base"] else found
    chosen = list(_found(found, base, of=of, words=words))
    start = start if 0 <= start < max(1, len(chosen)) else 0
    return ItemsPage(
        **fields,
        entries=chosen[start : start + AT_ONCE],
        count=len(chosen),
        start=start,
        of=of,
        words=words,
        kinds={name: kind.name for name, kind in registry.current().lists.items()},
    )


def _found(found: Mapping[str, Item], base: Mapping[str, Item], *, of: str, words: str) -> Iterator[Entry]:
    names, wanted = differences.names(found), japanese.folded(words)
    order = list(registry.current().kinds)
    ranked = sorted(found.values(), key=lambda item: (order.index(item.kind), names[item.key]))
    for item in ranked:
        kind = registry.kind(item.kind)
        if of and kind.list_name != of:
            continue
        texts = (names[item.key], item.key, *kind.texts(item.fields, names=True))
        if wanted and wanted not in japanese.folded(" ".join(texts)):
            continue
        change = None if base.get(item.key) == item else "変更" if item.key in base else "追加"
        yield Entry(item.key, names[item.key], kind.name, change)


async def item(visit: Visit, number: int, *, key: str, done: str = "") -> ItemPage:
    """The page of an item. Errors: NotFound."""
    fields = await about(visit, number)
    edition: Edition = fields["edition"]
    all_items = (await visit.reviewer.content(edition))[1]
    found, revision = all_items.get(key), None
    if edition.state == "draft":
        found, revision = await edits.item(visit.graph.latest, number, key=key)
    if found is None:
        raise NotFound(f"「{key[:100]}」は、第{number}版にありません。", where="/key")
    return _page(fields, found, all_items, text=item_yaml.written(found), revision=revision, done=done)


async def typed(visit: Visit, number: int, *, key: str, form: Mapping[str, str], refusal: GuideError) -> ItemPage:
    """The page of an item whose save was refused: nothing that was typed is lost."""
    fields = await about(visit, number)
    all_items = (await visit.reviewer.content(fields["edition"]))[1]
    known, revision = (await edits.item(visit.graph.latest, number, key=key)) if key else (None, None)
    kind = known.kind if known else kind_of(form.get("of", ""))
    shown = known or Item(kind, {"key": key})
    given: Any = revision if isinstance(refusal, Collision) else form.get("revision", "")
    return _page(
        fields,
        shown,
        all_items,
        text=form.get("text", ""),
        revision=given,
        refusal=refusal,
        note=form.get("note", ""),
        **_collided(refusal, all_items),
    )


def _collided(refusal: GuideError, known: Mapping[str, Item]) -> dict[str, Any]:
    """Both sides of a collision, and whose change was in the way."""
    if not isinstance(refusal, Collision):
        return {}
    mine, theirs = refusal.mine, refusal.theirs
    patch = Patch({theirs.key: theirs} if theirs else {}, {mine.key: mine} if mine else {})
    told = differences.differences(patch, differences.names(known)) if mine and theirs else []
    at = history_text.moment(refusal.at) if refusal.at else None
    return {
        "theirs": item_yaml.written(theirs) if theirs else "",
        "who": history_text.person(refusal.by, {}),
        "at": f"{history_text.day(at)} {at:%H:%M}" if at else "",
        "between": [field for one in told for field in one.fields],
    }


def _page(
    fields: Mapping[str, Any], found: Item, known: Mapping[str, Item], *, text: str, revision: Any, **more: Any
) -> ItemPage:
    names, kind, key = differences.names(known), registry.kind(found.kind), found.key
    refusal = more.get("refusal")
    problems = refusal.problems if isinstance(refusal, InvalidContent) else ()
    return ItemPage(
        **{"note": ""} | dict(fields) | more,
        key=key,
        name=names.get(key, key),
        of=registry.list_of(found.kind),
        kind=kind.name,
        text=text,
        revision="" if revision is None else str(revision),
        fields=[*_fields(kind.fields)],
        referrers=_referrers(known, found, names),
        refers=[_entry(known[one], names) for one in _referred(found, known)],
        faults=item_yaml.faults(problems, text=text, kind=found.kind, key=key or None),
        public=_public(fields["edition"], found) if key in known else None,
    )


def _referrers(known: Mapping[str, Item], found: Item, names: Mapping[str, str]) -> list[Entry]:
    own = references.own_keys(known.get(found.key, found))
    return [_entry(one, names) for one in references.referrers(known, own)] if found.key else []


def _referred(found: Item, known: Mapping[str, Item]) -> list[str]:
    """The items that the item refers to; of an option its question."""
    return [one for one in dict.fromkeys(key.partition("/")[0] for key in references.named(found)) if one in known]


def _entry(item: Item, names: Mapping[str, str]) -> Entry:
    return Entry(item.key, names[item.key], registry.name_of(item.kind))


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


def kind_of(name: str) -> str:
    """The kind that a list of the content document holds. Errors: NotFound."""
    kind = registry.current().lists.get(name)
    if kind is None:
        raise NotFound("そのような種類の項目はありません。", where="/of")
    return kind.label


async def new_item(visit: Visit, number: int, *, of: str) -> ItemPage:
    """The form of a new item. Errors: NotFound."""
    fields, kind = await about(visit, number), kind_of(of)
    known = (await visit.reviewer.content(fields["edition"]))[1]
    return _page(fields, Item(kind, {"key": ""}), known, text=item_yaml.start(kind), revision=None)


async def read(visit: Visit, number: int, *, key: str, form: Mapping[str, str]) -> dict[str, list[Any]]:
    """The item that was typed, by its list of the content document; a new one has no key. Errors: InvalidContent."""
    known = (await edits.item(visit.graph.latest, number, key=key))[0] if key else None
    kind = known.kind if known else kind_of(form.get("of", ""))
    return {registry.list_of(kind): [item_yaml.read(form.get("text", ""), kind, key=key or None)]}


async def remove(
    visit: Visit, number: int, *, key: str, note: str = "", detach: bool = False, refusal: GuideError | None = None
) -> RemovePage:
    """The page that asks before an item is removed. Errors: NotFound."""
    fields = await about(visit, number)
    found, revision = await edits.item(visit.graph.latest, number, key=key)
    if found is None:
        raise NotFound(f"「{key[:100]}」は、第{number}版にありません。", where="/key")
    known = patches.items((await visit.reviewer.content(fields["edition"]))[0])
    names = differences.names(known)
    return RemovePage(
        **fields,
        refusal=refusal,
        key=key,
        name=names.get(key, key),
        kind=registry.name_of(found.kind),
        revision=str(revision),
        note=note,
        detach=detach,
        referrers=_referrers(known, found, names),
    )
