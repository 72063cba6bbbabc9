"""The history: a chain of changes, each sealed with the hash of the one before (ops/design/editions.md)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import rfc8785

from service import clock
from service.accounts.permissions import Actor
from service.content.patches import Item
from service.errors import InvalidRequest, NotFound
from service.store.graph import Graph, Reads, Row, Transaction

GENESIS = "0" * 64
VERIFIED_AT_ONCE = 2_000
LAST = 2**53


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a change says of itself beside who, when, to what and why: properties of the `Change`, under its hash.

    `source` is the edition that was copied, merged in or gone back to; `reverted` the place of the change that was
    taken back, or that an item was restored to (`side`: before or after it); `publish_at` the moment that was set.
    `replaces` and `replaced_by` name a scheduled edition and the one that takes its place when something is published
    before it. `decisions` say whose side counts for each item in conflict.
    """

    source: int | None = None
    reverted: int | None = None
    side: Literal["before", "after"] | None = None
    publish_at: datetime | None = None
    replaces: int | None = None
    replaced_by: int | None = None
    decisions: Mapping[str, str] = field(default_factory=dict)

    def fields(self) -> dict[str, Any]:
        """The properties that the change has for them; None for those that say nothing."""
        return {
            "source": self.source,
            "reverted": self.reverted,
            "side": self.side,
            "publish_at": _written(self.publish_at),
            "replaces": self.replaces,
            "replaced_by": self.replaced_by,
            "decisions": rfc8785.dumps(dict(self.decisions)).decode() if self.decisions else None,
        }


@dataclass(frozen=True, slots=True)
class Broken:
    """Where the chain breaks first: `seq` counts from 1.

    `how`: the change at that place was removed or altered, something was inserted, it does not follow from the one
    before it (moved), or the end of the chain was cut off.
    """

    seq: int
    how: Literal["removed", "altered", "inserted", "moved", "cut"]


BREAKS = {
    "removed": "そこにあった変更が抜けています",
    "altered": "その変更が書き換えられています",
    "inserted": "そこに変更が差し込まれています",
    "moved": "その変更は、前の変更とつながっていません",
    "cut": "その後の変更が切り取られています",
}
"""What is said of each way in which the chain can be broken."""


def seal(change: Row) -> str:
    """The SHA-256, in lower-case hexadecimal, of the canonical form of all fields of the change but its own hash."""
    sealed = {name: value for name, value in change.items() if name != "hash" and value is not None}
    return hashlib.sha256(rfc8785.dumps(sealed)).hexdigest()


async def lock(transaction: Transaction) -> Row:
    """Locks the chain until the transaction ends; returns `seq` and `head`. Every write does this first."""
    chain = await transaction.one("editions/history", "lock")
    if chain is None:
        raise LookupError("the store has not been prepared: it has no chain")
    return chain


async def append(
    transaction: Transaction,
    chain: Row,
    *,
    edition: int,
    action: str,
    by: Actor,
    subject: Item | None = None,
    before: str | None = None,
    after: str | None = None,
    keys: Sequence[str] = (),
    note: str | None = None,
    facts: Facts | None = None,
) -> Row:
    """Adds a change to an edition; `chain` is what `lock` or the last `append` gave. Returns the chain as it is then.

    `subject` is the item that the change is about (the edition itself without), `keys` all items that it touched;
    `before` and `after` are the sides of its patch as `patches.written` has them, or the content hash. `note` is what
    a person typed, and nothing else.
    """
    fields: dict[str, Any] = {
        "seq": chain["seq"] + 1,
        "at": clock.now().isoformat(timespec="milliseconds"),
        "by": by.id,
        "action": action,
        "kind": str(subject.kind) if subject else "Edition",
        "key": subject.key if subject else str(edition),
        "edition": edition,
        "previous_hash": chain["head"],
        "before": before,
        "after": after,
        "keys": sorted(keys) or None,
        "note": note,
        **(facts or Facts()).fields(),
    }
    change = {name: value for name, value in fields.items() if value is not None}
    change["hash"] = seal(change)
    await transaction.many("editions/history", "append", edition=edition, change=change, keys=sorted(keys))
    return {"seq": change["seq"], "head": change["hash"]}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which changes are wanted: of an edition, an item (in whatever edition), a person, a kind of action, a time.

    `since` is the first moment that counts, `until` the first that does not.
    """

    edition: int | None = None
    key: str | None = None
    by: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def page(reads: Reads, wanted: Filter, *, before: int | None = None, most: int = 50) -> list[Row]:
    """The changes that are wanted, the newest first, at most so many, from before a place of the chain."""
    place = before if before is not None else LAST
    filters = {
        "edition": wanted.edition,
        "by": wanted.by,
        "action": wanted.action,
        "since": _written(wanted.since),
        "until": _written(wanted.until),
    }
    if wanted.key is not None:
        rows = await reads.many("editions/history", "of_item", key=wanted.key, before=place, most=most, wanted=filters)
    elif wanted.edition is not None:
        rows = await reads.many(
            "editions/history", "of_edition", edition=wanted.edition, before=place, most=most, wanted=filters
        )
    elif wanted.by is not None:
        rows = await reads.many("editions/history", "of_person", by=wanted.by, before=place, most=most, wanted=filters)
    else:
        rows = await reads.many("editions/history", "page", before=place, most=most, wanted=filters)
    return [row["change"] for row in rows]


def _written(moment: datetime | None) -> str | None:
    """The moment as changes hold it: of one offset, so that text is in the order of time."""
    if moment is None:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=clock.TOKYO)
    try:
        return aware.astimezone(clock.TOKYO).isoformat(timespec="milliseconds")
    except OverflowError:  # the first or last day of the calendar, told in another zone
        raise InvalidRequest("日時が、扱える範囲の外にあります。") from None


async def change(reads: Reads, seq: int) -> Row:
    """One change with all its fields. Errors: NotFound."""
    row = await reads.one("editions/history", "one", seq=seq)
    if row is None:
        raise NotFound(f"{seq} 番の記録はありません。", where="/seq")
    found: Row = row["change"]
    return found


async def verify(graph: Graph) -> Broken | None:
    """The first broken link of the whole chain, or None if it is whole."""
    head, place = GENESIS, 0
    while rows := await graph.latest.many("editions/history", "after", seq=place, most=VERIFIED_AT_ONCE):
        changes = [row["change"] for row in rows]
        broken = broken_at(changes, head=head, place=place)
        if broken:
            return broken
        head, place = changes[-1]["hash"], changes[-1]["seq"]
    chain = await graph.latest.one("editions/history", "head")
    if chain is not None and chain["seq"] > place:
        more = await graph.latest.many("editions/history", "after", seq=place, most=1)
        if more:  # somebody saved in between
            return await verify(graph)
    if chain is None or (chain["seq"], chain["head"]) != (place, head):
        return Broken(place + 1, "cut")
    return None


def broken_at(changes: Sequence[Row], *, head: str = GENESIS, place: int = 0) -> Broken | None:
    """The first of the changes that does not follow from what is before it (`place` and its `head`), or None."""
    for change in changes:
        place += 1
        if change["seq"] > place:
            return Broken(place, "removed")
        if change["seq"] < place:
            return Broken(place, "inserted")
        if change["hash"] != seal(change):
            return Broken(place, "altered")
        if change["previous_hash"] != head:
            return Broken(place, "moved")
        head = change["hash"]
    return None
