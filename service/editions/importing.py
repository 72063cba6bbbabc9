"""Bringing content in and out: all or nothing, idempotent by hash (ops/design/editions.md, content-format.md).

An edition is built unseen and shown by one short transaction (`building`), so a process that is killed half-way leaves
only what nobody sees.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from service import clock
from service.accounts.permissions import OPERATOR, Actor, Permission
from service.content import patches
from service.content.canonical import content_hash
from service.content.loading import read_folders
from service.content.models import Content, Edition
from service.content.snapshot import Snapshot
from service.editions import archive, building, contents, history, layering, publishing, releases
from service.editions.merging import Side
from service.editions.publishing import Follower
from service.errors import NotFound
from service.store import editions, layers, schema
from service.store.catalogue import read_content
from service.store.graph import Graph, Reads, Transaction
from service.store.packing import Packed


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: the edition, and whether it is new."""

    edition: Edition
    created: bool
    counts: dict[str, int]


def counts(content: Content) -> dict[str, int]:
    """How many items of each kind the document has."""
    return {name: len(getattr(content, name)) for name in type(content).model_fields if name != "format"}


def named_after(files: Sequence[Path]) -> str:
    """What an edition without a title is called: the one file, or the day (Japan's) where there are several."""
    return files[0].stem if len(files) == 1 else f"取り込み {clock.today().isoformat()}"


async def import_content(
    graph: Graph,
    content: Content,
    *,
    publish: bool,
    title: str,
    by: Actor = OPERATOR,
    decided: Mapping[str, Side] | None = None,
    beneath: Content | None = None,
) -> Imported:
    """A new edition with the content, or the equal one that there is already (live, or an open draft).

    `beneath` is what lies beneath the last layer of the content, if it is put together from layers; without it the
    content counts as grown from the live edition, and lies on the same. It is the operator's command: findings do not
    block it, only a conflict with a scheduled edition does, unless it is `decided` as in `publishing.publish`. Errors:
    Forbidden, Refused (a drafts.InConflict too), Unavailable.
    """
    by.needs(Permission.PUBLISH if publish else Permission.EDIT)
    await schema.prepare(graph)
    await building.tidy(graph)
    digest = await asyncio.to_thread(content_hash, content)
    layer = await layering.packed(beneath) if beneath else None
    below = layer.hash if layer else None
    equal = await _equal(graph.latest, digest, beneath=below, publish=publish)
    if equal:
        return Imported(edition=equal, created=False, counts=counts(content))
    async with building.removed_on_failure(graph) as built:
        followers: list[Follower] = []
        if publish:
            items = await asyncio.to_thread(patches.items, content)
            live = await editions.live(graph.latest)
            followers = await publishing.follow(
                graph,
                items,
                beneath=below or (live.beneath if live else None),
                later_than=clock.now(),
                by=by,
                built=built,
                decided=decided,
            )
        number = await building.build(graph, content, title=title, by=by.id)
        built.append(number)

        async def finish(transaction: Transaction) -> Edition:
            return await _finish(
                transaction, number, digest=digest, layer=layer, publish=publish, by=by, followers=followers
            )

        edition = await graph.write(finish)
        if edition.number != number:
            for superfluous in built:
                await building.remove(graph, superfluous)
            return Imported(edition=edition, created=False, counts=counts(content))
    # What was just in hand is not read again by the first who saves it.
    contents.keep(edition, await asyncio.to_thread(Snapshot.of, content))
    return Imported(edition=edition, created=True, counts=counts(content))


async def _equal(reads: Reads, digest: str, *, beneath: str | None, publish: bool) -> Edition | None:
    """The equal edition; one whose items were changed behind the program's back is none, whatever its hash says."""
    live = await editions.live(reads)
    for edition in [live] if publish else await editions.drafts(reads):
        if edition is None or edition.content_hash != digest or beneath not in {None, edition.beneath}:
            continue
        if await building.holds(reads, edition.number, content_hash=digest):
            return edition
    return None


async def _finish(
    transaction: Transaction,
    number: int,
    *,
    digest: str,
    layer: Packed | None,
    publish: bool,
    by: Actor,
    followers: Sequence[Follower],
) -> Edition:
    """Shows the edition, unless somebody else made an equal one in the meantime: then that one is returned."""
    chain = await history.lock(transaction)
    below = layer.hash if layer else None
    if layer:
        await layers.keep(transaction, layer)
    equal = await _equal(transaction, digest, beneath=below, publish=publish)
    if equal:
        return equal
    live = await editions.live(transaction)
    node = await building.finish(
        transaction,
        number,
        content_hash=digest,
        base=live.number if live else None,
        beneath=below or (live.beneath if live else None),
    )
    chain = await history.append(transaction, chain, edition=number, action="import", by=by, after=digest, node=node)
    if publish:
        await publishing.refuse_other_waiting(
            transaction, [follower.old for follower in followers], later_than=clock.now()
        )
        chain = await releases.release(transaction, chain, number=number, before=live, by=by)
        await publishing.carry(transaction, chain, followers=followers, base=number, by=by)
    return await editions.numbered(transaction, number)


async def seed(graph: Graph, folders: Sequence[Path], *, alone: bool) -> Imported | None:
    """Publishes the content of the folders, layer over layer, if the store has no edition yet; None when it has one.

    `alone`: nobody else uses the store, so what a killed import left behind can go at once.
    """
    await schema.prepare(graph)
    await building.tidy(graph, older_than=timedelta(0) if alone else building.ABANDONED)
    if not await editions.is_empty(graph.latest):
        return None
    layered = await asyncio.to_thread(read_folders, folders)
    return await import_content(graph, layered.content, publish=True, title="最初の版", beneath=layered.beneath)


async def export(graph: Graph, edition: str) -> Content:
    """The content of an edition, by number (archived ones too) or `live`. Errors: NotFound where there is none."""
    if edition != "live":
        found = await editions.numbered(graph.latest, int(edition))
        return await (archive.content if found.archived else read_content)(graph, found.number)
    live = await editions.live(graph.latest)
    if live is None:
        raise NotFound("公開中の版は、ありません。")
    return await read_content(graph, live.number)
