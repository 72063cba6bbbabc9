"""Archives: editions that nobody needs in the graph any more, kept as one compressed canonical document each, named by
its hash (ops/design/editions.md, "Archive")."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from service import clock
from service.accounts.permissions import Actor, Permission
from service.content.canonical import canonical, content_hash
from service.content.loading import read_bytes
from service.content.models import Content, Edition
from service.content.patches import Items
from service.editions import building, contents, history
from service.errors import GuideError, Refused
from service.store import archive_documents, editions
from service.store.catalogue import read_content, whole
from service.store.graph import Graph, Transaction
from service.store.packing import Packed

TWO_YEARS = timedelta(days=730)


async def due(graph: Graph, *, older_than: timedelta = TWO_YEARS) -> list[Edition]:
    """The editions that may leave the graph: last live longer ago than that, or discarded, or a withdrawn schedule.

    Never the live one, scheduled ones, or the base of an open draft.
    """
    rows = await graph.latest.many("editions/archive", "due", before=clock.now() - older_than, now=clock.now())
    return [editions.from_row(row["edition"]) for row in rows]


async def archive_due(graph: Graph, *, by: Actor, older_than: timedelta = TWO_YEARS) -> list[Edition]:
    """Archives all that is due; returns it. One that is killed half-way is taken up again by the next.

    Errors: Refused at the end, naming what could not be archived; the rest is."""
    by.needs(Permission.ARCHIVE)
    await tidy(graph)
    done, refused = [], []
    for edition in await due(graph, older_than=older_than):
        try:
            done.append(await archive(graph, edition.number, by=by))
        except GuideError as error:
            refused.append(error.message)
    if refused:
        raise Refused(" ".join([f"{len(done)}件を保管庫に移しました。移せなかった版があります：", *refused]))
    return done


async def archive(graph: Graph, number: int, *, by: Actor) -> Edition:
    """Takes an edition out of the graph: its document is kept first, in one transaction, then its items go in batches.

    Errors: Refused for the live one, scheduled ones, open drafts and their bases, Forbidden, NotFound.
    """
    by.needs(Permission.ARCHIVE)
    edition = await editions.numbered(graph.latest, number)
    document = await asyncio.to_thread(canonical, await read_content(graph, number))
    packed = await asyncio.to_thread(Packed.of, document)

    async def keep(transaction: Transaction) -> None:
        chain = await history.lock(transaction)
        await _guard(transaction, number, packed=packed)
        await transaction.many("editions/archive", "keep", edition=number, document=packed.document, at=clock.now())
        await history.append(transaction, chain, edition=number, action="archive", by=by, after=edition.content_hash)

    await graph.write(keep)
    await _clear(graph, number)
    return await editions.numbered(graph.latest, number)


async def _guard(transaction: Transaction, number: int, *, packed: Packed) -> None:
    edition = await editions.numbered(transaction, number)
    if edition.archived:
        raise Refused(f"第{number}版は、すでに保管庫にあります。")
    if edition.state == "draft":
        raise Refused(f"第{number}版は、まだ下書きです。先に破棄するか公開してください。")
    live = await editions.live(transaction)
    if live and live.number == number:
        raise Refused(f"第{number}版は、いま公開中です。")
    if any(scheduled.number == number for scheduled in await editions.waiting(transaction)):
        raise Refused(f"第{number}版は、公開を待っています。")
    for draft in await editions.drafts(transaction):
        if draft.base == number:
            raise Refused(f"第{number}版は、下書き（第{draft.number}版）のもとになっています。")
    if packed.hash != edition.content_hash:
        raise GuideError(f"第{number}版の内容が、記録されたハッシュと違います。保管庫に移さず、調べてください。")


async def _clear(graph: Graph, number: int) -> None:
    removed = building.BATCH
    while removed:
        row = await graph.write(lambda tx: tx.one("editions/archive", "clear", edition=number, most=building.BATCH))
        removed = int(row["removed"]) if row else 0


async def tidy(graph: Graph) -> int:
    """Removes what is left of archived editions in the graph after a kill; returns how many editions that were."""
    rows = await graph.latest.many("editions/archive", "leftovers")
    for row in rows:
        await _clear(graph, int(row["number"]))
    return len(rows)


async def content(graph: Graph, number: int) -> Content:
    """The content of an archived edition; errors as in `archive_documents.document`."""
    document = await archive_documents.document(graph.latest, number)
    return await asyncio.to_thread(read_bytes, document, f"第{number}版")


async def items(graph: Graph, number: int) -> Items:
    """The items of an edition by key, out of the graph or out of the archive. Errors: NotFound, Refused."""
    return (await contents.of_number(graph.latest, number)).items


async def bring_back(graph: Graph, number: int, *, by: Actor) -> Edition:
    """Puts an archived edition back into the graph, identical by hash. Errors: NotFound, Refused, Forbidden.

    It is built unseen under a number of its own; its items take their old number in batches and are shown by one
    transaction that compares them with the hash. One that is killed half-way leaves what `tidy` removes.
    """
    by.needs(Permission.ARCHIVE)
    await tidy(graph)
    archived = await content(graph, number)
    built = await building.build(graph, archived, title=f"第{number}版", by=by.id)
    moved = building.BATCH
    while moved:
        row = await graph.write(
            lambda tx: tx.one("editions/archive", "move", source=built, edition=number, most=building.BATCH)
        )
        moved = int(row["moved"]) if row else 0
    try:
        return await graph.write(lambda tx: _show(tx, number, by=by))
    finally:
        await building.remove(graph, built)


async def _show(transaction: Transaction, number: int, *, by: Actor) -> Edition:
    chain = await history.lock(transaction)
    if not (await editions.numbered(transaction, number)).archived:
        raise Refused(f"第{number}版は、保管庫にありません。")
    await transaction.many("editions/archive", "show", edition=number)
    edition = await editions.numbered(transaction, number)
    rows = await transaction.many("store/catalogue", "whole", edition=number)
    if await asyncio.to_thread(lambda: content_hash(whole(rows))) != edition.content_hash:
        raise Refused(f"第{number}版は、戻している間にほかの人が片付けました。もう一度やり直してください。")
    await history.append(transaction, chain, edition=number, action="bring_back", by=by, after=edition.content_hash)
    return edition
