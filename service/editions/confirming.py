"""The city's confirmation of facts: what nobody has confirmed in words, by window, and the act that confirms it
(ops/design/content-format.md, "What facts rest on")."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from service import clock
from service.accounts.permissions import Actor
from service.analysis.confirmations import GROUP_NAMES, ToConfirm, papers_of, unconfirmed
from service.content.basis import fields_by_group, is_fact, is_told
from service.content.canonical import plain_item
from service.content.fields import fields_of
from service.content.models import Condition, Document, ItemModel, Procedure, Source, Window
from service.content.patches import Item, Items, Patch
from service.content.snapshot import Snapshot
from service.diff_text import differences
from service.diff_text.differences import FieldDifference
from service.editions import edits
from service.editions.edits import Draft, Saved
from service.errors import InvalidRequest, NotFound, Refused
from service.store.graph import Graph, Transaction

_OF_THE_CHECK = frozenset({"basis", "sources"})
"""Fields that say how a fact was checked, and are no facts themselves."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What is said of one thing, in words."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class GroupToConfirm:
    """The facts of one group (`basis.GROUPS`) of a procedure, with the Japanese name of the group."""

    group: str
    label: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class ProcedureToConfirm:
    """The unconfirmed groups of a procedure; `seen` changes with every word of them."""

    key: str
    name: str
    groups: tuple[GroupToConfirm, ...]
    seen: str


@dataclass(frozen=True, slots=True)
class Unsaid:
    """A procedure of which something is not said that residents are told to ask about: the groups, in Japanese."""

    key: str
    name: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WindowToConfirm:
    """What one window has to confirm; `window` None: procedures without one, and `name` is their field.

    `facts` are those of the window itself, empty where it is confirmed. `seen` changes with every word of all this.
    `unsaid` is what is still to be written.
    """

    window: str | None
    name: str
    phone: str | None
    facts: tuple[Fact, ...]
    procedures: tuple[ProcedureToConfirm, ...]
    seen: str
    unsaid: tuple[Unsaid, ...] = ()


def to_confirm(snapshot: Snapshot) -> list[WindowToConfirm]:
    """All that is unconfirmed or not said, by the usual window of each procedure, what has no window last.

    Work for a thread.
    """
    content = snapshot.content
    names = differences.names(snapshot.items)
    by_procedure: dict[str, list[Condition]] = {}
    for condition in content.conditions:
        for key in condition.selects:
            by_procedure.setdefault(key, []).append(condition)

    def procedure(key: str, groups: Sequence[str]) -> ProcedureToConfirm:
        fields = _fields(snapshot.items[key], names)
        model = snapshot.models[key]
        shown = tuple(
            GroupToConfirm(
                group,
                GROUP_NAMES[group],
                (*_facts(fields, group), *_more(model, group, by_procedure.get(key, ()), names)),
            )
            for group in groups
        )
        return ProcedureToConfirm(key, names[key], shown, _digest([asdict(group) for group in shown]))

    return [
        _at_window(place, snapshot, names, [procedure(*entry) for entry in place.procedures.items()])
        for place in unconfirmed(content)
    ]


def _at_window(
    entry: ToConfirm, snapshot: Snapshot, names: Mapping[str, str], procedures: Sequence[ProcedureToConfirm]
) -> WindowToConfirm:
    window = snapshot.models.get(entry.window or "")
    facts: tuple[Fact, ...] = ()
    if entry.window is not None and entry.itself:
        fields = _fields(snapshot.items[entry.window], names)
        facts = tuple(_fact(field) for field in fields if _top(field) not in _OF_THE_CHECK)
    seen = _digest([[asdict(fact) for fact in facts], [[each.key, each.seen] for each in procedures]])
    phone = window.phone if isinstance(window, Window) else None
    name = entry.field if entry.window is None else names[entry.window]
    unsaid = [Unsaid(key, names[key], tuple(GROUP_NAMES[each] for each in entry.unsaid[key])) for key in entry.unsaid]
    return WindowToConfirm(entry.window, name, phone, facts, tuple(procedures), seen, tuple(unsaid))


def _fields(item: Item, names: Mapping[str, str]) -> Sequence[FieldDifference]:
    """Every field of an item in words."""
    return differences.differences(Patch(after={item.key: item}), names)[0].fields


def _facts(fields: Sequence[FieldDifference], group: str) -> Iterator[Fact]:
    own = {entry.name for entry in fields_by_group()[group]}
    yield from (_fact(field) for field in fields if _top(field) in own)


def _more(model: object, group: str, conditions: Sequence[Condition], names: Mapping[str, str]) -> Iterator[Fact]:
    """What a group rests on beside fields of its own: whom a duty is for, and papers that only some need."""
    if group == "duty" and isinstance(model, Procedure):
        nature = fields_of(Procedure)["nature"]
        yield Fact(nature.label, nature.words[model.nature])
        yield Fact("対象", "、".join(condition.label for condition in conditions) or "なし")
    if group == "documents":
        for condition in conditions:
            if condition.needs:
                yield Fact(f"「{condition.label}」の必要書類", "、".join(names[key] for key in condition.needs))


def _top(field: FieldDifference) -> str:
    return field.field.partition(".")[0]


def _fact(field: FieldDifference) -> Fact:
    return Fact(field.label, field.after or "、".join(field.added))


def _digest(plain: object) -> str:
    return hashlib.sha256(json.dumps(plain, ensure_ascii=False).encode()).hexdigest()[:16]


async def confirm(
    graph: Graph,
    number: int,
    *,
    by: Actor,
    window: str | None = None,
    procedure: str | None = None,
    groups: Sequence[str] = (),
    seen: str | None = None,
    note: str | None = None,
) -> Saved:
    """Makes unconfirmed facts of a draft those of the city: all that a window has to confirm, or groups of a procedure.

    Without `groups` all of the procedure that are unconfirmed. Each item gets a source of today; who did it is in the
    history. `seen` is that of what was read: nothing else is confirmed. Errors: InvalidRequest, NotFound, Refused,
    Forbidden.
    """
    if (window is None) == (procedure is None):
        raise InvalidRequest("窓口か手続きの、どちらか一方を選んでください。", where="/window")

    async def make(transaction: Transaction, draft: Draft) -> Items:
        return await asyncio.to_thread(_confirmed, draft.content, window, procedure, groups, seen)

    return await edits.write(graph, number, by=by, action="confirm", make=make, note=note)


def _confirmed(
    snapshot: Snapshot, window: str | None, procedure: str | None, groups: Collection[str], seen: str | None
) -> Items:
    """The items of a draft with what is confirmed. Errors: those of `confirm`."""
    _there(snapshot, window, procedure)
    papers = papers_of(snapshot.content)
    changed: dict[str, Item] = {}
    for place in to_confirm(snapshot):
        if window is not None and place.window == window:
            _same(seen, place.seen)
            if place.facts:
                changed[window] = _window(snapshot, window, place.name)
        for each in place.procedures:
            if procedure is not None and each.key == procedure:
                _same(seen, each.seen)
                _known(groups, _groups(each))
            elif window is None or place.window != window:
                continue
            confirmed = groups or _groups(each)
            changed[each.key] = _procedure(snapshot, each.key, confirmed, place.name if place.window else "")
            if "documents" in confirmed:
                changed |= _documents(snapshot, papers[each.key])
    if not changed:
        raise Refused("確かめることは、もうありません。画面を開き直してください。")
    return {**snapshot.items, **changed}


def _there(snapshot: Snapshot, window: str | None, procedure: str | None) -> None:
    for key, model, where in ((window, Window, "/window"), (procedure, Procedure, "/procedure")):
        if key is not None and not isinstance(snapshot.models.get(key), model):
            raise NotFound(f"「{key[:100]}」は、この下書きにありません。", where=where)


def _same(seen: str | None, now: str) -> None:
    if seen is not None and seen != now:
        raise Refused("開いたあとに、内容が変わりました。もう一度読んでから、確認済みにしてください。", where="/seen")


def _known(groups: Collection[str], open_groups: Collection[str]) -> None:
    for group in groups:
        if group not in open_groups:
            raise InvalidRequest(
                f"「{GROUP_NAMES.get(group, group[:40])}」に、確かめることはありません。", where="/groups"
            )


def _groups(procedure: ProcedureToConfirm) -> list[str]:
    return [group.group for group in procedure.groups]


def _procedure(snapshot: Snapshot, key: str, groups: Collection[str], window: str) -> Item:
    """The procedure with these groups of facts resting on the city, where not on the law, and a source of today."""
    model = snapshot.models[key]
    if not isinstance(model, Procedure):
        raise LookupError(f"{key} is no procedure")
    basis = {group: "city" for group in groups if not is_fact(model, group)}
    sources = _with_today(model.sources, window)
    return _item(snapshot, key, model.model_copy(update={"basis": model.basis.model_copy(update=basis)} | sources))


def _window(snapshot: Snapshot, key: str, name: str) -> Item:
    """The window, confirmed today."""
    model = snapshot.models[key]
    if not isinstance(model, Window):
        raise LookupError(f"{key} is no window")
    return _item(snapshot, key, model.model_copy(update={"basis": "city"} | _with_today(model.sources, name)))


def _documents(snapshot: Snapshot, keys: Collection[str]) -> dict[str, Item]:
    """The documents among these that rested on other municipalities, now on the city."""
    models = (snapshot.models[key] for key in keys)
    return {
        model.key: _item(snapshot, model.key, model.model_copy(update={"basis": "city"}))
        for model in models
        if isinstance(model, Document) and not is_told(model)
    }


def _with_today(sources: Sequence[Source] | None, window: str) -> dict[str, list[Source]]:
    """The sources with that of a confirmation today, in place of an earlier one of the same window."""
    title = f"{window}で確認" if window else "自治体で確認"
    others = [source for source in sources or () if (source.title, source.basis, source.url) != (title, "city", None)]
    return {"sources": [*others, Source(title=title, basis="city", checked_on=clock.today().isoformat())]}


def _item(snapshot: Snapshot, key: str, model: ItemModel) -> Item:
    return Item(snapshot.items[key].kind, plain_item(model))
