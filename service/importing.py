"""Bringing content in and out: all or nothing, idempotent by hash (ops/design/editions.md, content-format.md).

An edition is built unseen in batches and shown by one short transaction, so a process that is killed half-way leaves
only what nobody sees, which `tidy` removes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from service import clock, editions, history, schema
from service.canonical import canonical, content_hash
from service.catalogue import read_content
from service.content import read_files
from service.errors import GuideError, NotFound, Refused
from service.graph import Graph, Row, Transaction
from service.models import Content, Edition
from service.subgraph import Subgraph, to_rows

BATCH = 2_000
ABANDONED = timedelta(hours=1)
OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: the edition, and whether it is new."""

    edition: Edition
    created: bool
    counts: dict[str, int]


def counts(content: Content) -> dict[str, int]:
    """How many items of each kind the document has."""
    return {name: len(getattr(content, name)) for name in type(content).model_fields if name != "format"}


async def import_files(graph: Graph, files: Sequence[Path], *, publish: bool, title: str | None) -> Imported:
    """Reads the files and imports them. Errors: InvalidContent with every problem, Refused, Unavailable."""
    return await import_content(graph, read_files(files), publish=publish, title=title or files[0].stem)


async def import_content(graph: Graph, content: Content, *, publish: bool, title: str, by: str = OPERATOR) -> Imported:
    """A new edition with the content, or the equal one that there is already (live, or an open draft)."""
    await schema.prepare(graph)
    await tidy(graph)
    digest = content_hash(content)
    equal = await _equal(graph, digest, publish=publish)
    if equal:
        return Imported(edition=equal, created=False, counts=counts(content))
    if publish:
        await _refuse_scheduled(graph)
    number = await _build(graph, to_rows(content), title=title, by=by)
    edition = await graph.write(lambda tx: _finish(tx, number, digest=digest, publish=publish, by=by))
    if edition.number != number:
        await _remove(graph, number)
    return Imported(edition=edition, created=edition.number == number, counts=counts(content))


async def _equal(graph: Graph, digest: str, *, publish: bool) -> Edition | None:
    live = await graph.one("editions", "live", own_writes=True, now=clock.now())
    if publish:
        return editions.from_row(live["edition"]) if live and live["edition"]["content_hash"] == digest else None
    for row in await graph.many("editions", "drafts", own_writes=True):
        if row["edition"].get("content_hash") == digest:
            return editions.from_row(row["edition"])
    return None


async def _refuse_scheduled(graph: Graph) -> None:
    for row in await graph.many("editions", "waiting", own_writes=True, now=clock.now()):
        raise Refused(
            f"第{row['edition']['number']}版が公開を待っています。先に公開するか、予約を取り消してから取り込んでください。"
        )


async def _build(graph: Graph, subgraph: Subgraph, *, title: str, by: str) -> int:
    async def begin(transaction: Transaction) -> int:
        await history.lock(transaction)
        row = await transaction.one("importing", "begin", title=title, at=clock.now(), by=by)
        return int(row["number"]) if row else 0

    number = await graph.write(begin)
    for batch in _batches(subgraph.nodes):
        await graph.write(lambda tx, batch=batch: tx.many("importing", "nodes", edition=number, nodes=batch))  # type: ignore[misc]
    for batch in _batches(subgraph.edges):
        row = await graph.write(lambda tx, batch=batch: tx.one("importing", "edges", edition=number, edges=batch))  # type: ignore[misc]
        if row is None or row["made"] != len(batch):
            raise GuideError(f"第{number}版を組み立てられませんでした。もう一度取り込んでください。")
    return number


def _batches(rows: Sequence[Row]) -> list[list[Row]]:
    source = iter(rows)
    return list(iter(lambda: list(islice(source, BATCH)), []))


async def _finish(transaction: Transaction, number: int, *, digest: str, publish: bool, by: str) -> Edition:
    """Shows the edition, unless somebody else made an equal one live in the meantime: then that one is returned."""
    chain = await history.lock(transaction)
    now = clock.now()
    live = await transaction.one("editions", "live", now=now)
    if publish and live and live["edition"]["content_hash"] == digest:
        return editions.from_row(live["edition"])
    moment = _publishing_moment(now, live) if publish else None
    row = await transaction.one(
        "importing", "finish", edition=number, state="published" if publish else "draft", content_hash=digest,
        base=live["edition"]["number"] if live else None, published_at=moment, published_by=by if publish else None,
    )  # fmt: skip
    if row is None:
        raise Refused(f"第{number}版は、組み立てている間に片付けられました。もう一度取り込んでください。")
    await history.append(transaction, chain, edition=number, action="import", by=by, after=digest)
    if publish:
        head = await history.lock(transaction)
        await history.append(transaction, head, edition=number, action="publish", by=by, after=digest)
    return editions.from_row(row["edition"])


def _publishing_moment(now: datetime, live: Row | None) -> datetime:
    """Now, but always after the live edition: a clock set back cannot bring an old edition to life."""
    if live is None:
        return now
    published = editions.from_row(live["edition"]).published_at
    return max(now, published + timedelta(milliseconds=1)) if published else now


async def tidy(graph: Graph, *, older_than: timedelta = ABANDONED) -> int:
    """Removes what imports that were killed have left behind; returns how many editions that were."""
    before = clock.now() - older_than
    rows = await graph.many("importing", "leftovers", own_writes=True, before=before)
    for row in rows:
        await _remove(graph, int(row["number"]))
    return len(rows)


async def _remove(graph: Graph, number: int) -> None:
    removed = BATCH
    while removed:
        row = await graph.write(lambda tx: tx.one("importing", "remove_items", edition=number, most=BATCH))
        removed = int(row["removed"]) if row else 0
    await graph.write(lambda tx: tx.many("importing", "remove_edition", edition=number))


async def seed(graph: Graph, folder: Path) -> Imported | None:
    """Publishes the content of the folder, if the store has no edition yet; None when it has one."""
    await schema.prepare(graph)
    await tidy(graph, older_than=timedelta(0))
    row = await graph.one("editions", "any", own_writes=True)
    if row and row["any"]:
        return None
    files = sorted(folder.glob("*.yaml"))
    return await import_files(graph, files, publish=True, title="最初の版")


async def export(graph: Graph, edition: str) -> Content:
    """The content of an edition, by number or `live`. Errors: NotFound when there is no such edition."""
    if edition == "live":
        found = await graph.one("editions", "live", own_writes=True, now=clock.now())
    else:
        found = await graph.one("editions", "one", own_writes=True, number=int(edition))
    if found is None or found["edition"]["state"] == "building":
        raise NotFound(f"版「{edition}」は、ありません。")
    return await read_content(graph, int(found["edition"]["number"]))


async def export_bytes(graph: Graph, edition: str) -> bytes:
    """The canonical document of an edition."""
    return canonical(await export(graph, edition))
