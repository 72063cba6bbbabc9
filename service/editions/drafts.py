"""Drafts: copies of an edition to work on, side by side; merged with what was published meanwhile, or discarded."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from service.accounts.permissions import Actor, Permission
from service.content.models import Edition
from service.content.patches import Item
from service.editions import archive, building, edits, history, layering, merging
from service.editions.edits import Draft, Saved
from service.editions.history import Facts
from service.editions.merging import Conflict, Side
from service.errors import NotFound, Refused
from service.store import editions
from service.store.graph import Graph, Row, Transaction


class Undecided(Refused):
    """Both sides touched the same items: a person has to decide which counts. `other` is what the other side is called.

    `number` is the edition on the other side, None where that is an amended law.
    """

    code = "conflict"
    remedy = "`details` hold both sides; look at them, and save or merge again with a decision"

    def __init__(self, other: str, conflicts: tuple[Conflict, ...], *, number: int | None = None) -> None:
        named = "、".join(f"「{conflict.key}」" for conflict in conflicts)
        super().__init__(
            f"{other}と両方で変えた項目があります：{named}。それぞれ、どちらを使うか決めてください。",
            where="/decided",
        )
        self.conflicts, self._number = conflicts, number

    def details(self) -> dict[str, Any]:
        """Every item in conflict with its three sides, None where a side does not have it."""
        sides = [
            {"base": conflict.base, "mine": conflict.mine, "theirs": conflict.theirs} for conflict in self.conflicts
        ]
        plain = [{side: item.fields if item else None for side, item in shown.items()} for shown in sides]
        keys = [{"key": conflict.key, "kind": str(conflict.kind)} for conflict in self.conflicts]
        return {"edition": self._number, "conflicts": [key | shown for key, shown in zip(keys, plain, strict=True)]}


class InConflict(Undecided):
    """The other side is an edition, with that number."""

    def __init__(self, number: int, conflicts: tuple[Conflict, ...]) -> None:
        super().__init__(f"第{number}版", conflicts, number=number)
        self.number = number


async def fork(graph: Graph, source: int | None, *, title: str, by: Actor) -> Edition:
    """A new draft that is a copy of an edition (of the live one without a number).

    Errors: NotFound, Refused when a draft is edited while it is being copied, Forbidden.
    """
    by.needs(Permission.EDIT)
    await building.tidy(graph)
    origin = await editions.numbered(graph.latest, source) if source else await editions.live(graph.latest)
    if origin is None:
        raise NotFound("公開中の版がありません。内容を取り込んでから、下書きを作ってください。")
    async with building.removed_on_failure(graph) as built:
        number = await copied(graph, origin, title=title, by=by)
        built.append(number)
        return await graph.write(lambda tx: _finish(tx, number, origin=origin, by=by))


async def copied(graph: Graph, origin: Edition, *, title: str, by: Actor) -> int:
    """The number of an unseen copy of an edition, out of the graph or out of the archive."""
    if not origin.archived:
        return await building.copy(graph, origin.number, title=title, by=by.id)
    content = await archive.content(graph, origin.number)
    return await building.build(graph, content, title=title, by=by.id)


async def _finish(transaction: Transaction, number: int, *, origin: Edition, by: Actor) -> Edition:
    chain = await history.lock(transaction)
    now = await editions.numbered(transaction, origin.number)
    if (now.revision, now.archived) != (origin.revision, origin.archived):
        raise Refused(f"第{origin.number}版は、写している間に変更されました。もう一度やり直してください。")
    live = await editions.live(transaction)
    base = await _base(transaction, origin, live=live)
    _, draft = await show_copy(transaction, chain, number, origin=origin, base=base, by=by)
    return draft


async def show_copy(
    transaction: Transaction, chain: Row, number: int, *, origin: Edition, base: int | None, by: Actor
) -> tuple[Row, Edition]:
    """Shows an unseen copy of an edition as a draft; returns the chain and the draft as they are then."""
    node = await building.finish(
        transaction,
        number,
        content_hash=origin.content_hash,
        base=base,
        beneath=origin.beneath,
        revision=max(origin.revision, 1),
    )
    chain = await history.append(
        transaction,
        chain,
        edition=number,
        action="fork",
        by=by,
        after=origin.content_hash,
        facts=Facts(source=origin.number),
        node=node,
    )
    return chain, editions.from_row(node)


async def _base(transaction: Transaction, origin: Edition, *, live: Edition | None) -> int | None:
    """What a copy builds on: a public edition itself; of any other the base of that.

    A copy of an older edition builds on that one, so that a merge carries over what was published since.
    """
    if origin.state == "published":
        return origin.number
    return origin.base if origin.base is not None else (live.number if live else None)


async def discard(graph: Graph, number: int, *, by: Actor, note: str | None = None) -> Edition:
    """Gives a draft up. It stays readable, and leaves the graph with the next archiving. Errors: Refused, NotFound."""
    by.needs(Permission.EDIT)

    async def run(transaction: Transaction) -> Edition:
        chain = await history.lock(transaction)
        draft = await edits.opened(transaction, number)
        await transaction.many("editions/drafts", "discard", edition=number)
        await history.append(
            transaction, chain, edition=number, action="discard", by=by, after=draft.content_hash, note=note
        )
        return await editions.numbered(transaction, number)

    return await graph.write(run)


async def merge(
    graph: Graph,
    number: int,
    *,
    onto: int | None = None,
    decided: Mapping[str, Side] | None = None,
    revision: int | None = None,
    by: Actor,
    note: str | None = None,
) -> Saved:
    """Brings into a draft what was published since its base; the live edition (or `onto`) becomes its base.

    `revision` is that of the draft whose conflicts were looked at. Errors:
    InConflict (with both sides) until each conflict is decided, InvalidContent where the two together make
    no sound content, Refused, NotFound, Forbidden.
    """
    target = await editions.numbered(graph.latest, onto) if onto else await editions.live(graph.latest)
    if target is None:
        raise NotFound("公開中の版がありません。")
    if target.state != "published":
        raise Refused(f"第{target.number}版は公開された版ではないので、合流させられません。", where="/onto")
    draft = await editions.numbered(graph.latest, number)
    before = await editions.numbered(graph.latest, draft.base) if draft.base else None
    base = await archive.items(graph, before.number) if before else {}
    theirs = await archive.items(graph, target.number)
    beneath = await layering.of_both(
        graph.latest, base=before.beneath if before else None, mine=draft.beneath, theirs=target.beneath
    )
    decisions: dict[str, Side] = {}

    async def make(transaction: Transaction, draft_now: Draft) -> Mapping[str, Item]:
        if (draft_now.edition.base, draft_now.edition.beneath) != (draft.base, draft.beneath):
            raise Refused(f"第{number}版は、いまほかの人が合流させました。開き直してください。")
        if revision is not None and draft_now.edition.revision != revision:
            raise Refused(f"第{number}版は、あなたが開いたあとに変更されました。競合を見直してください。")
        merged = await asyncio.to_thread(merging.merge, base, mine=draft_now.items, theirs=theirs, decided=decided)
        if merged.conflicts:
            raise InConflict(target.number, merged.conflicts)
        decisions.clear()
        decisions.update(merged.decisions)
        return merged.items

    facts = Facts(source=target.number, decisions=decisions)
    return await edits.write(
        graph,
        number,
        by=by,
        action="merge",
        make=make,
        base=target.number,
        beneath=beneath,
        note=note,
        facts=facts,
    )
