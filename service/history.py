"""The history: a chain of changes, each sealed with the hash of the one before (ops/design/editions.md)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import rfc8785

from service import clock
from service.graph import Graph, Row, Transaction

GENESIS = "0" * 64


def seal(change: Row) -> str:
    """The SHA-256, in lower-case hexadecimal, of the canonical form of all fields of the change but its own hash."""
    sealed = {name: value for name, value in change.items() if name != "hash" and value is not None}
    return hashlib.sha256(rfc8785.dumps(sealed)).hexdigest()


async def lock(transaction: Transaction) -> Row:
    """Locks the chain until the transaction ends; returns `seq` and `head`. Every write does this first."""
    chain = await transaction.one("history", "lock")
    if chain is None:
        raise LookupError("the store has not been prepared: it has no chain")
    return chain


async def append(
    transaction: Transaction,
    chain: Row,
    *,
    edition: int,
    action: str,
    by: str,
    after: str | None = None,
    note: str | None = None,
) -> int:
    """Adds a change to an edition with the content hash `after`; `chain` is what `lock` gave. Returns its place."""
    change: dict[str, Any] = {
        "seq": chain["seq"] + 1,
        "at": clock.now().isoformat(timespec="milliseconds"),
        "by": by,
        "action": action,
        "kind": "Edition",
        "key": str(edition),
        "edition": edition,
        "previous_hash": chain["head"],
    }
    change |= {name: value for name, value in (("after", after), ("note", note)) if value is not None}
    change["hash"] = seal(change)
    await transaction.many("history", "append", edition=edition, change=change)
    return int(change["seq"])


async def verify(graph: Graph) -> int | None:
    """The place of the first broken link of the whole chain, or None if it is whole."""
    return broken_at([row["change"] for row in await graph.many("history", "all", own_writes=True)])


def broken_at(changes: Sequence[Row]) -> int | None:
    """The place of the first change that does not follow from the ones before it, or None if the chain is whole."""
    head = GENESIS
    for place, change in enumerate(changes, start=1):
        if change["seq"] != place or change["previous_hash"] != head or change["hash"] != seal(change):
            return place
        head = change["hash"]
    return None
