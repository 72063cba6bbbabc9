"""The contents of editions as snapshots, kept by their hashes: what has one hash is one content, whoever asks.

A content that is not kept is made of the one before it by the changes of the history, or else read whole; either way it
has to have the hash that its edition names.
"""

from __future__ import annotations

import asyncio

from service.caching import PROCESS, Part
from service.content import patches
from service.content.loading import read_bytes
from service.content.models import Edition
from service.content.patches import Outdated
from service.content.snapshot import Snapshot, Unsound
from service.editions import history
from service.errors import Archived, Refused
from service.store import archive_documents, catalogue, editions
from service.store.graph import Reads

ITEM_BYTES = 2_000
"""What an item that no other snapshot shares takes, by measured sizes."""
LAST_BYTES = 300
MOST_STEPS = 50
"""So many changes of the history are done again before it is quicker to read the whole."""

FORKED = 1
"""The revision of a draft that nobody has changed yet: its content is that of the edition that it was made of."""

_kept: Part[str, Snapshot] = PROCESS.part(lambda snapshot: ITEM_BYTES * len(snapshot.items))
_last: Part[tuple[int, str], tuple[int, str]] = PROCESS.part(lambda last: LAST_BYTES)
"""Of a draft, by its number and the moment of its making, the last revision that was seen, and its hash."""


async def of_edition(reads: Reads, edition: Edition) -> Snapshot:
    """The content of an edition, out of the graph or out of the archive.

    Errors: Refused when what stands there has another hash than the edition: somebody is changing or moving it.
    """
    snapshot = _kept.get(edition.content_hash or "")
    if snapshot is None:
        snapshot = await _continued(reads, edition) or await _read(reads, edition)
        if snapshot.content_hash != edition.content_hash:
            raise Refused(f"第{edition.number}版は、いま変更されたか移されました。もう一度開いてください。")
    keep(edition, snapshot)
    return snapshot


async def of_number(reads: Reads, number: int) -> Snapshot:
    """The content of the edition with that number; errors as in `of_edition`, and NotFound."""
    return await of_edition(reads, await editions.numbered(reads, number))


async def in_graph(reads: Reads, number: int) -> Snapshot:
    """The content of an edition in the graph. Errors: Archived, NotFound, Refused as in `of_edition`."""
    edition = await editions.numbered(reads, number)
    if edition.archived:
        raise Archived(f"第{number}版は、保管庫にあります。先に戻してください。", where="/edition")
    return await of_edition(reads, edition)


def keep(edition: Edition, snapshot: Snapshot) -> None:
    """Keeps the content of an edition, which has to have its hash."""
    if _kept.get(snapshot.content_hash) is None:
        _kept.put(snapshot.content_hash, snapshot)
    if edition.state == "draft":
        revision, before = _last.get(_name(edition)) or (FORKED, "")
        if revision != FORKED and before != snapshot.content_hash:
            _kept.discard(before)  # a save a second would fill the cache with what nobody reads again
        _last.put(_name(edition), (edition.revision, snapshot.content_hash))


def _name(edition: Edition) -> tuple[int, str]:
    return (edition.number, edition.created_at.isoformat())


async def _continued(reads: Reads, edition: Edition) -> Snapshot | None:
    """The content of a draft made of an earlier one by what was saved since; None where that cannot be done."""
    revision, digest = _last.get(_name(edition)) or (edition.revision, "")
    earlier, steps = _kept.get(digest), edition.revision - revision
    if earlier is None or not 0 < steps <= MOST_STEPS:
        return None
    changes = await history.page(reads, history.Filter(edition=edition.number), most=steps)
    items = earlier.items
    try:
        for change in reversed(changes):
            items = patches.applied(patches.read(change.get("before"), change.get("after")), items)
        snapshot = earlier.changed_to(items)[0]
    except (Outdated, Unsound):
        return None
    return snapshot if await asyncio.to_thread(lambda: snapshot.content_hash) == edition.content_hash else None


async def _read(reads: Reads, edition: Edition) -> Snapshot:
    """The whole content, worked through in a thread: others are answered meanwhile."""
    if edition.archived:
        document = await archive_documents.document(reads, edition.number)
        return await asyncio.to_thread(lambda: Snapshot.of(read_bytes(document, f"第{edition.number}版")))
    rows = await reads.many("store/catalogue", "whole", edition=edition.number)
    return await asyncio.to_thread(lambda: Snapshot.of(catalogue.whole(rows)))
