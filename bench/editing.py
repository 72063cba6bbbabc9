"""Editing: what staff wait for, and whether they wait longer when the store has a past.

Times by the clock, one act after the other, on the first edition; the past is made in bulk, with a valid chain.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from itertools import islice
from statistics import median
from typing import Any

from bench.contents import grown
from bench.staff import percentile
from service import clock
from service.accounts.permissions import OPERATOR
from service.content import patches
from service.content.models import Content, Edition
from service.content.patches import Item
from service.editions import archive, drafts, edits, findings, history, importing, ledger, publishing, scenarios
from service.editions.reviews import Reviewer
from service.guidance.engine import Asked, groups
from service.store import editions, planning
from service.store.graph import Graph, Row, Transaction

AGAIN = 5
SAVES = 60
LARGE = 100
"""Life events of 50 procedures each."""
LARGE_SAVES = 40
ASKED = 15
BATCH = 2_000
PASTS = ((10, 1_000), (1_000, 100_000))
"""Archived editions and changes."""


async def measure(graph: Graph, content: Content, *, quick: bool) -> dict[str, Any]:
    """Milliseconds of every act, and the same questions of a store with a short and a long past.

    The statements are planned before, as they are by a service that runs.
    """
    await planning.plan_ahead(graph, pause=0)
    acts = await _acts(graph, content)
    if not quick:
        acts |= await large(graph)
    return {"acts": acts, "growth": [row async for row in _growth(graph, content, pasts=PASTS[: 1 if quick else 2])]}


async def _timed(work: Callable[[], Awaitable[Any]], *, again: int = AGAIN) -> tuple[float, Any]:
    """The median of milliseconds, and what the last call returned."""
    spent, result = [], None
    for _ in range(again):
        began = time.perf_counter()
        result = await work()
        spent.append((time.perf_counter() - began) * 1000)
    return median(spent), result


async def _acts(graph: Graph, content: Content) -> dict[str, float]:
    milliseconds: dict[str, float] = {}
    milliseconds["fork"], draft = await _timed(lambda: drafts.fork(graph, None, title="draft", by=OPERATOR))
    draft = await _saves(graph, draft, content, milliseconds, count=SAVES, name="save")
    milliseconds["scenarios"], _ = await _timed(lambda: scenarios.run(graph, draft.number))
    milliseconds["findings, first"], _ = await _timed(lambda: findings.kept(graph, draft), again=1)
    milliseconds["findings, again"], _ = await _timed(lambda: findings.kept(graph, draft))
    draft = await _save(graph, draft.number, content.conditions[0].key, field="label")
    milliseconds["findings, after a rule changed"], _ = await _timed(lambda: findings.kept(graph, draft), again=1)
    live = await editions.live(graph)
    assert live is not None
    reviewer = Reviewer(graph)
    await reviewer.content(live)
    milliseconds["compare, draft read anew"], _ = await _timed(
        lambda: reviewer.review(live.number, draft.number), again=1
    )
    milliseconds["compare, again"], _ = await _timed(lambda: reviewer.review(live.number, draft.number))
    milliseconds["publish"], _ = await _timed(lambda: _publish(graph, draft), again=1)
    milliseconds["roll back"], _ = await _timed(
        lambda: publishing.roll_back(graph, live.number, by=OPERATOR, reason="bench"), again=1
    )
    milliseconds["archive"], _ = await _timed(lambda: archive.archive(graph, draft.number, by=OPERATOR), again=1)
    milliseconds["bring back"], _ = await _timed(lambda: archive.bring_back(graph, draft.number, by=OPERATOR), again=1)
    milliseconds["import of the live content"], _ = await _timed(
        lambda: importing.import_content(graph, content, publish=True, title="bench")
    )
    return milliseconds


async def _saves(
    graph: Graph, draft: Edition, content: Content, milliseconds: dict[str, float], *, count: int, name: str
) -> Edition:
    """So many saves, each of another procedure; the draft as it is then."""
    spent = []
    for index in range(count):
        began = time.perf_counter()
        draft = await _save(graph, draft.number, content.procedures[index % len(content.procedures)].key)
        spent.append((time.perf_counter() - began) * 1000)
    milliseconds[f"{name}, p50"], milliseconds[f"{name}, p95"] = median(spent), percentile(spent, 0.95)
    return draft


async def large(graph: Graph) -> dict[str, float]:
    """Milliseconds of import, saves and findings of a draft with 5,000 procedures."""
    milliseconds: dict[str, float] = {}
    content = grown(LARGE)
    milliseconds["import of 5,000 procedures"], imported = await _timed(
        lambda: importing.import_content(graph, content, publish=False, title="large"), again=1
    )
    await planning.plan_ahead(graph, pause=0)
    draft = await _saves(
        graph, imported.edition, content, milliseconds, count=LARGE_SAVES, name="save, 5,000 procedures"
    )
    milliseconds["findings, 5,000 procedures"], _ = await _timed(lambda: findings.kept(graph, draft), again=1)
    return milliseconds


async def _save(graph: Graph, edition_number: int, key: str, *, field: str = "note") -> Edition:
    saved_item, revision = await edits.item(graph.latest, edition_number, key=key)
    assert saved_item is not None and revision is not None
    item = Item(saved_item.kind, saved_item.fields | {field: f"{clock.now()}"})
    return (await edits.change(graph, edition_number, by=OPERATOR, put=[item], revisions={key: revision})).edition


async def _publish(graph: Graph, draft: Edition) -> Edition:
    return await publishing.publish(graph, draft.number, by=OPERATOR, seen=draft.content_hash)


async def _growth(graph: Graph, content: Content, *, pasts: tuple[tuple[int, int], ...]) -> Any:
    """The questions of staff and residents, in a store with ever more behind it."""
    live = await editions.live(graph)
    assert live is not None
    archived_so_far = 0
    for count, changes in pasts:
        await archived(graph, count - archived_so_far)
        archived_so_far = count
        head = await graph.latest.one("editions/history", "head")
        assert head is not None
        await _add_changes(
            graph,
            changes - int(head["seq"]),
            edition=live.number,
            keys=[procedure.key for procedure in content.procedures],
        )
        yield {"editions": count, "changes": changes} | await _questions_answered(graph, live.number, content)


async def _questions_answered(graph: Graph, live: int, content: Content) -> dict[str, Any]:
    key, reads = content.procedures[0].key, graph.latest
    filters = {
        "all": history.Filter(),
        "edition": history.Filter(edition=live),
        "item": history.Filter(key=key),
        "person": history.Filter(by="person-1"),
        "action": history.Filter(action="publish"),
    }
    milliseconds: dict[str, Any] = {}
    for name, history_filter in filters.items():
        milliseconds[f"history, {name}"], _ = await _timed(lambda w=history_filter: history.page(reads, w), again=ASKED)  # type: ignore[misc]
    milliseconds["live edition"], _ = await _timed(lambda: editions.live(graph.latest), again=ASKED)
    milliseconds["live edition, db hits"] = (await graph.profile("store/editions", "live", now=clock.now())).db_hits
    alone = groups([Asked(live, (content.life_events[0].key,), ())])
    milliseconds["guidance"], _ = await _timed(
        lambda: graph.one("guidance/engine", "select", groups=alone), again=ASKED
    )
    milliseconds["guidance, db hits"] = (await graph.profile("guidance/engine", "select", groups=alone)).db_hits
    milliseconds["verify"], verdict = await _timed(lambda: history.verify(graph), again=1)
    assert not verdict.flaws
    return milliseconds


async def archived(graph: Graph, count: int) -> None:
    """Adds so many editions that were live once and have left the graph."""
    before = clock.now() - timedelta(days=3_000)

    async def add(transaction: Transaction) -> None:
        await transaction._transaction.run(
            "MATCH (chain:Chain {name: 'changes'}) WITH chain, chain.editions AS last "
            "SET chain.editions = last + $count WITH last UNWIND range(1, $count) AS one "
            "CREATE (:Edition {number: last + one, title: 'old', state: 'published', scheduled: false, revision: 1, "
            "archived: true, created_at: $at, created_by: 'bench', published_at: $at, content_hash: 'none'})",
            {"count": count, "at": before.astimezone()},
        )

    await graph.write(add)


async def _add_changes(graph: Graph, count: int, *, edition: int, keys: list[str]) -> None:
    """Adds so many changes to the history, each sealed with the one before."""
    node = (await graph.latest.one("editions/history", "edition", edition=edition)) or {}
    key = history.ledger_of(graph.evidence).key() or b""
    head = (await graph.latest.one("editions/history", "head")) or {}
    rows = _changes(head, history.node_text(node["edition"]), key=key, edition=edition, keys=keys, count=count)
    while batch := list(islice(rows, BATCH)):

        async def add(transaction: Transaction, batch: list[Row] = batch) -> None:
            await history.lock(transaction)
            await transaction._transaction.run(
                "MATCH (chain:Chain {name: 'changes'}), (edition:Edition {number: $edition}) "
                "UNWIND $rows AS row CREATE (change:Change)-[:IN]->(edition) SET change = row "
                "MERGE (touched:Touched {key: row.key}) CREATE (change)-[:TOUCHED]->(touched) "
                "SET chain.seq = row.seq, chain.head = row.hash",
                {"edition": edition, "rows": batch},
            )

        await graph.write(add)


def _changes(head: Row, stands: str, *, key: bytes, edition: int, keys: list[str], count: int) -> Iterator[Row]:
    moment = clock.now().isoformat(timespec="milliseconds")
    for index in range(count):
        item = keys[index % len(keys)]
        change = {
            "seq": head["seq"] + 1,
            "at": moment,
            "by": f"person-{index % 20}",
            "action": "save",
            "kind": "Procedure",
            "key": item,
            "edition": edition,
            "previous_hash": head["head"],
            "keys": [item],
            "after": patches.written({}) or '{"procedures":[]}',
            "stands": stands,
        }
        change["hash"] = history.seal(change)
        change["seal"] = ledger.seal(key, change["hash"])
        head = {"seq": change["seq"], "head": change["hash"]}
        yield change
