"""Edits of a draft: each save is one transaction, guarded by revisions, with one change in the history
(ops/design/editions.md, "Edit")."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ValidationError

from service.accounts.permissions import Actor, Permission
from service.content import patches, references, registry
from service.content.canonical import plain_item
from service.content.field_errors import told
from service.content.loading import read_plain
from service.content.models import Edition
from service.content.patches import Item, Items, Patch
from service.content.reading import pointer
from service.content.snapshot import Snapshot, Unsound
from service.editions import contents, history
from service.editions.history import Facts
from service.errors import InvalidContent, NotFound, Problem, Refused
from service.store import catalogue, editions, subgraph
from service.store.graph import Graph, Reads, Row, Transaction
from service.store.subgraph import Delta

_CLOSED = {
    "published": "第{number}版は、すでに公開されています。新しい下書きを作ってください。",
    "withdrawn": "第{number}版は、公開の予約が取り消されています。新しい下書きを作ってください。",
    "discarded": "第{number}版は、破棄されています。新しい下書きを作ってください。",
}


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save did: the draft as it is now, the patch, and the change's place in the history (None: no change)."""

    edition: Edition
    patch: Patch
    seq: int | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as a transaction finds it."""

    edition: Edition
    content: Snapshot

    @property
    def items(self) -> Items:
        """Its items by key."""
        return self.content.items


class Collision(Refused):
    """Somebody changed the item meanwhile: `mine` is what was to be saved, `theirs` what stands there now.

    `by` and `at` (ISO 8601) tell of the change that was in the way; None where the history does not say.
    """

    code = "conflict"
    remedy = "`details` hold both sides; look at them, and save or merge again with a decision"

    def __init__(self, key: str, *, mine: Item | None, theirs: Item | None, by: str | None, at: str | None) -> None:
        what = "変更" if theirs else "削除"
        super().__init__(
            f"「{key}」は、あなたが開いたあとに{what}されました。両方を見比べて、もう一度保存してください。",
            where=f"/{key}",
        )
        self.key, self.mine, self.theirs, self.by, self.at = key, mine, theirs, by, at

    def details(self) -> dict[str, Any]:
        """Both sides, and whose change was in the way."""
        return {
            "key": self.key,
            "mine": self.mine.fields if self.mine else None,
            "theirs": self.theirs.fields if self.theirs else None,
            "by": self.by,
            "at": self.at,
        }


Side = Literal["before", "after"]
"""Which state of an item a change of the history tells of."""

Make = Callable[[Transaction, Draft], Awaitable[Items]]


async def opened(reads: Reads, number: int) -> Edition:
    """The draft with that number, to be written to. Errors: NotFound, Refused when it is no draft any more."""
    edition = await editions.numbered(reads, number)
    if edition.state != "draft":
        raise Refused(_CLOSED[edition.state].format(number=number))
    return edition


async def change(
    graph: Graph,
    number: int,
    *,
    by: Actor,
    put: Sequence[Item] = (),
    remove: Sequence[str] = (),
    revisions: Mapping[str, int],
    detach: bool = False,
    note: str | None = None,
) -> Saved:
    """Puts items into a draft and removes others, all or nothing.

    `revisions` names for every item that is there already the revision that the change was made from; an item
    without one has to be new. `detach` takes removed items out of whatever refers to them. Errors: Collision, Refused
    (no draft any more; others refer to what is removed), InvalidContent, Forbidden, NotFound.
    """

    named = [*(item.key for item in put), *remove]
    if len(set(named)) < len(named):
        raise Refused("同じ項目が、保存と削除の中に2回あります。1回だけにしてください。")
    put = [well_formed(item) for item in put]

    async def make(transaction: Transaction, draft: Draft) -> Mapping[str, Item]:
        wanted: dict[str, Item | None] = {item.key: item for item in put} | dict.fromkeys(remove)
        now = await revisions_of(transaction, number, wanted)
        for key, item in wanted.items():
            await _guard(transaction, draft, key, item=item, same=now.get(key) == revisions.get(key))
        items = {key: item for key, item in draft.items.items() if key not in wanted}
        items |= {item.key: item for item in put}
        return _without(items, _gone(draft, items, touched=wanted), detach=detach)

    subject = put[0] if put else None
    return await write(graph, number, by=by, action="save" if put else "remove", make=make, subject=subject, note=note)


def well_formed(item: Item) -> Item:
    """The item in its normal form. Errors: InvalidContent naming every field that no item of its kind may have."""
    model = registry.kind(item.kind).model
    try:
        found = model.model_validate(item.fields, by_alias=True, by_name=False)
    except ValidationError as error:
        problems = [Problem(message, pointer(place), item.key) for place, message in told(error, model)]
        raise InvalidContent(problems) from None
    return Item(item.kind, plain_item(found))


async def revisions_of(reads: Reads, number: int, keys: Iterable[str]) -> dict[str, int]:
    """The revisions of the items that the edition has of these."""
    rows = await reads.many("editions/edits", "revisions", edition=number, keys=list(keys))
    return {row["key"]: int(row["revision"]) for row in rows}


async def _guard(transaction: Transaction, draft: Draft, key: str, *, item: Item | None, same: bool) -> None:
    """Errors: those of `change`; `same`: the item still has the revision that the change was made from."""
    current = draft.items.get(key)
    if current is not None and item is not None and item.kind != current.kind:
        raise Refused(f"「{key}」は、すでに別の種類の項目に使われています。別のキーにしてください。", where=f"/{key}")
    if current is None and item is None:
        raise NotFound(f"「{key}」は、この下書きにありません。", where=f"/{key}")
    if not same:
        last = await transaction.one("editions/edits", "last_change", edition=draft.edition.number, key=key)
        change = last["change"] if last else {}
        raise Collision(key, mine=item, theirs=current, by=change.get("by"), at=change.get("at"))


def _gone(draft: Draft, items: Mapping[str, Item], *, touched: Iterable[str]) -> set[str]:
    """The keys, options included, that the draft had and the new items do not have."""
    before = {own for key in touched if key in draft.items for own in references.own_keys(draft.items[key])}
    return before - {own for key in touched if key in items for own in references.own_keys(items[key])}


def _without(items: dict[str, Item], gone: set[str], *, detach: bool) -> dict[str, Item]:
    referring = references.referrers(items, gone) if gone else []
    if referring and not detach:
        named = "、".join(f"「{item.key}」" for item in referring)
        raise Refused(f"{named} が、ここで削除するものを使っています。先にそちらを直すか、使用からも外してください。")
    return items | {item.key: references.detached(item, gone) for item in referring}


async def take_back(graph: Graph, number: int, *, seq: int, by: Actor, note: str | None = None) -> Saved:
    """Undoes in a draft what a change of the history did, wherever it was done.

    Errors: Outdated (a Refused) where items have changed since, NotFound, InvalidContent.
    """
    reverted = await history.change(graph.latest, seq)
    patch = patches.inverse(patches.read(reverted.get("before"), reverted.get("after")))
    if not patch:
        raise Refused(f"{seq} 番の記録は項目の変更ではないので、取り消せません。", where="/seq")

    async def make(transaction: Transaction, draft: Draft) -> Mapping[str, Item]:
        return patches.applied(patch, draft.items)

    key = reverted["key"]
    subject = patch.after.get(key) or patch.before.get(key)
    return await write(
        graph,
        number,
        by=by,
        action="take_back",
        make=make,
        subject=subject,
        note=note,
        facts=Facts(reverted=seq),
    )


async def restore(
    graph: Graph,
    number: int,
    *,
    key: str,
    seq: int,
    by: Actor,
    side: Side | None = None,
    detach: bool = False,
    note: str | None = None,
) -> Saved:
    """Puts an item back as it was before or after a change of the history.

    Without a `side` as it was after it, or before it where that removed it. What it refers to and is gone is named by
    InvalidContent; `detach` leaves it out. Errors: NotFound, Refused.
    """
    reverted = await history.change(graph.latest, seq)
    earlier, side = _earlier(reverted, seq, key=key, side=side)

    async def make(transaction: Transaction, draft: Draft) -> Mapping[str, Item]:
        items = {**draft.items, key: earlier}
        there = {own for item in items.values() for own in references.own_keys(item)}
        gone = set(references.named(earlier)) - there if detach else set()
        items[key] = references.detached(earlier, gone) if gone else earlier
        return items

    return await write(
        graph,
        number,
        by=by,
        action="restore",
        make=make,
        subject=earlier,
        note=note,
        facts=Facts(reverted=seq, side=side),
    )


def _earlier(change: Row, seq: int, *, key: str, side: Side | None) -> tuple[Item, Side]:
    """The item on that side of a change, and which side that is. Errors: NotFound."""
    patch = patches.read(change.get("before"), change.get("after"))
    if key not in patch.keys:
        raise NotFound(f"{seq} 番の記録に「{key[:100]}」はありません。", where="/key")
    side = side or ("after" if key in patch.after else "before")
    earlier = (patch.after if side == "after" else patch.before).get(key)
    if earlier is None:
        when = "後" if side == "after" else "前"
        raise NotFound(f"{seq} 番の変更の{when}に「{key[:100]}」はありません。", where="/key")
    return earlier, side


async def write(
    graph: Graph,
    number: int,
    *,
    by: Actor,
    action: str,
    make: Make,
    subject: Item | None = None,
    note: str | None = None,
    base: int | None = None,
    beneath: str | None = None,
    facts: Facts | None = None,
) -> Saved:
    """One transaction on a draft: lock, guard, change nodes and edges, raise the revisions, one change.

    `make` gives the items that the draft is to have; `base` and `beneath`, if given, become the draft's. Nothing is
    written, and nothing recorded, where nothing changes. Errors: those of `make`, Forbidden, Refused, InvalidContent.
    """
    by.needs(Permission.EDIT)
    # What is not kept is read before the lock is taken, so that nobody waits for it.
    await contents.of_edition(graph.latest, await opened(graph.latest, number))

    async def run(transaction: Transaction) -> Saved:
        chain = await history.lock(transaction)
        edition = await opened(transaction, number)
        draft = Draft(edition, await contents.of_edition(transaction, edition))
        content, patch, digest = await asyncio.to_thread(_changed, draft.content, await make(transaction, draft))
        if not patch and base in {None, edition.base} and beneath in {None, edition.beneath}:
            return Saved(edition, patch, None)
        node = await _apply(transaction, draft, patch, content=content, base=base, beneath=beneath)
        about = subject or _first(patch)
        chain = await history.append(
            transaction,
            chain,
            edition=number,
            action=action,
            by=by,
            subject=about,
            keys=patch.keys,
            note=note,
            before=patches.written(patch.before),
            after=patches.written(patch.after) or digest,
            facts=facts,
            node=node,
        )
        saved = Saved(editions.from_row(node), patch, chain["seq"])
        written.append((saved.edition, content))
        return saved

    written: list[tuple[Edition, Snapshot]] = []
    try:
        saved = await graph.write(run)
    except Unsound as error:
        await asyncio.to_thread(read_plain, error.document)
        raise
    if saved.seq is not None:
        contents.keep(*written[-1])
    return saved


def _changed(content: Snapshot, items: Items) -> tuple[Snapshot, Patch, str]:
    """The content with other items, what differs, and its hash: work for a thread. Errors: Unsound."""
    changed, patch = content.changed_to(items)
    return changed, patch, changed.content_hash


def _first(patch: Patch) -> Item | None:
    """The only item of a patch, or None: a change of many is about the edition."""
    if len(patch.keys) != 1:
        return None
    key = patch.keys[0]
    return patch.after.get(key) or patch.before.get(key)


async def _apply(
    transaction: Transaction, draft: Draft, patch: Patch, *, content: Snapshot, base: int | None, beneath: str | None
) -> Row:
    """Writes the difference; returns the properties of the draft's node as it stands then."""
    number = draft.edition.number
    delta = subgraph.delta_of(patch, old=draft.items, new=content.items)
    await _write_delta(transaction, draft.edition, delta)
    row = await transaction.one(
        "editions/edits",
        "saved",
        edition=number,
        content_hash=content.content_hash,
        base=base or draft.edition.base,
        beneath=beneath or draft.edition.beneath,
        touched=[key for key in patch.keys if key in patch.before and key in patch.after],
    )
    if row is None:
        raise LookupError(f"no edition {number} to save")
    node: Row = row["edition"]
    return node


async def _write_delta(transaction: Transaction, edition: Edition, delta: Delta) -> None:
    number = edition.number
    if delta.removed_nodes:
        await transaction.many("editions/edits", "remove_nodes", edition=number, keys=delta.removed_nodes)
    if delta.removed_edges:
        await transaction.many("editions/edits", "remove_edges", edition=number, edges=delta.removed_edges)
    if delta.changed_nodes:
        await transaction.many("editions/edits", "change_nodes", edition=number, nodes=delta.changed_nodes)
    if delta.added_nodes:
        await transaction.many(
            "editions/edits", "add_nodes", edition=number, revision=edition.revision + 1, nodes=delta.added_nodes
        )
    if delta.added_edges:
        await transaction.many("editions/edits", "add_edges", edition=number, edges=delta.added_edges)


async def item(reads: Reads, number: int, *, key: str) -> tuple[Item | None, int | None]:
    """An item of an edition in the graph, and the revision that a save of it has to name; None, None without it."""
    read = await catalogue.read_item(reads, number, key)
    if read is None:
        return None, None
    model, revision = read
    return Item(model.about.label, plain_item(model)), revision
