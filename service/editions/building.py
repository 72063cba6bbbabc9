"""Building an edition: unseen, in batches, shown by one short transaction of whoever asked for it.

A process that is killed half-way leaves only what nobody sees, which `tidy` removes. Every batch locks the edition's
node and looks whether it is still being built, so that a host that tidies up and a host that builds never mix.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from itertools import islice

from service import clock
from service.content import canonical
from service.content.models import Content
from service.editions import history
from service.errors import GuideError, Refused
from service.store import catalogue
from service.store.graph import Graph, Reads, Row, Transaction
from service.store.subgraph import to_rows

BATCH = 2_000
ABANDONED = timedelta(hours=1)


@asynccontextmanager
async def removed_on_failure(graph: Graph) -> AsyncIterator[list[int]]:
    """A list for the numbers of the editions that the block builds: where it fails, whatever the reason, they go.

    What cannot be removed at that moment goes with the next `tidy`.
    """
    built: list[int] = []
    try:
        yield built
    except BaseException:
        for number in built:
            with suppress(GuideError):
                await remove(graph, number)
        raise


async def build(graph: Graph, content: Content, *, title: str, by: str) -> int:
    """The number of a new edition in the state `building` with this content. Errors: Refused, Unavailable."""
    subgraph = await asyncio.to_thread(to_rows, content)
    async with removed_on_failure(graph) as built:
        number = await _begin(graph, title=title, by=by)
        built.append(number)
        for nodes in _batches(subgraph.nodes):

            async def add_nodes(transaction: Transaction, nodes: list[Row] = nodes) -> Row | None:
                return await transaction.one("editions/building", "nodes", edition=number, at=clock.now(), nodes=nodes)

            _made(await graph.write(add_nodes), len(nodes), number=number)
        for edges in _batches(subgraph.edges):

            async def add_edges(transaction: Transaction, edges: list[Row] = edges) -> Row | None:
                return await transaction.one("editions/building", "edges", edition=number, at=clock.now(), edges=edges)

            _made(await graph.write(add_edges), len(edges), number=number)
        return number


async def copy(graph: Graph, source: int, *, title: str, by: str) -> int:
    """The number of a new edition in the state `building` with the items of another, copied inside the database."""
    async with removed_on_failure(graph) as built:
        number = await _begin(graph, title=title, by=by)
        built.append(number)
        for name in ("copy_nodes", "copy_edges"):
            after: str | None = ""
            while after is not None:
                after = await _copied(graph, name, source=source, number=number, after=after)
        return number


async def _copied(graph: Graph, name: str, *, source: int, number: int, after: str) -> str | None:
    """Copies one batch behind the key `after`; returns the last key of the batch, None when that was the end."""

    async def copy_batch(transaction: Transaction) -> Row | None:
        if name == "copy_nodes":
            return await transaction.one(
                "editions/building",
                "copy_nodes",
                edition=number,
                at=clock.now(),
                source=source,
                after=after,
                most=BATCH,
            )
        return await transaction.one(
            "editions/building", "copy_edges", edition=number, at=clock.now(), source=source, after=after, most=BATCH
        )

    row = await graph.write(copy_batch)
    if row is None:
        raise _tidied(number)
    return str(row["last"]) if row["items"] == BATCH else None


async def _begin(graph: Graph, *, title: str, by: str) -> int:
    async def begin(transaction: Transaction) -> int:
        await history.lock(transaction)
        row = await transaction.one("editions/building", "begin", title=title, at=clock.now(), by=by)
        if row is None:
            raise LookupError("the store has not been prepared: it has no chain")
        return int(row["number"])

    return await graph.write(begin)


def _batches(rows: Sequence[Row]) -> list[list[Row]]:
    source = iter(rows)
    return list(iter(lambda: list(islice(source, BATCH)), []))


def _made(row: Row | None, wanted: int, *, number: int) -> None:
    if row is None:
        raise _tidied(number)
    if row["made"] != wanted:
        raise GuideError(f"第{number}版を組み立てられませんでした。もう一度やり直してください。")


def _tidied(number: int) -> Refused:
    return Refused(f"第{number}版は、組み立てている間に片付けられました。もう一度やり直してください。")


async def finish(
    transaction: Transaction,
    number: int,
    *,
    content_hash: str | None,
    base: int | None,
    beneath: str | None,
    revision: int = 1,
) -> Row:
    """Shows the built edition as a draft; `revision` is at least that of each of its items.

    Returns the properties of its node as it stands then. Errors: Refused when it was tidied away.
    """
    row = await transaction.one(
        "editions/building",
        "finish",
        edition=number,
        content_hash=content_hash,
        base=base,
        beneath=beneath,
        revision=revision,
    )
    if row is None:
        raise _tidied(number)
    node: Row = row["edition"]
    return node


async def verified(reads: Reads, number: int, *, content_hash: str | None) -> None:
    """Returns if a built copy holds what that hash names: nothing changes it any more. Errors: Refused when its origin
    moved while it was copied."""
    if not await holds(reads, number, content_hash=content_hash):
        raise Refused("もとの版が、写している間に動かされました。もう一度やり直してください。")


async def holds(reads: Reads, number: int, *, content_hash: str | None) -> bool:
    """Whether the items of an edition in the graph are what that hash names."""
    rows = await reads.many("store/catalogue", "whole", edition=number)
    try:
        return await asyncio.to_thread(lambda: canonical.content_hash(catalogue.whole(rows))) == content_hash
    except (ValueError, LookupError, TypeError):
        return False


async def tidy(graph: Graph, *, older_than: timedelta = ABANDONED) -> int:
    """Removes what builds that were killed have left behind; returns how many editions that were.

    A build that still runs says so with every batch; one that is silent for longer than `older_than` is taken for
    dead, and is told so if it is not.
    """
    before = clock.now() - older_than
    rows = await graph.many("editions/building", "leftovers", own_writes=True, before=before)
    for row in rows:
        await remove(graph, int(row["number"]))
    return len(rows)


async def remove(graph: Graph, number: int) -> None:
    """Removes an edition that was never shown; from its first step on nothing more can be built into it."""
    await graph.write(lambda tx: tx.many("editions/building", "abandon", edition=number))
    removed = BATCH
    while removed:
        row = await graph.write(lambda tx: tx.one("editions/building", "remove_items", edition=number, most=BATCH))
        removed = int(row["removed"]) if row else 0
    await graph.write(lambda tx: tx.many("editions/building", "remove_edition", edition=number))
