"""Statements planned ahead: what people send later finds a plan, whatever they send."""

from __future__ import annotations

from collections import Counter
from typing import Any

import neo4j
import pytest

from service.accounts.permissions import OPERATOR
from service.caching import Cache
from service.content.models import Answer, Kind
from service.content.patches import Item
from service.editions import drafts, edits, history, importing, keys, scenarios
from service.guidance import engine
from service.store import catalogue, editions, planning
from service.store.graph import Graph
from service.store.statements import every
from tests.seed import seed

pytestmark = pytest.mark.asyncio(loop_scope="session")

TOLD_SECONDS = 250.0
"""The database describes every plan that it has used."""
READS = {
    query.text: query.name for query in every() if query.access == "read" and not query.name.startswith("store/schema/")
}
"""What people wait for; the schema is looked at when a process starts."""


async def _asked(graph: Graph, text: str) -> list[dict[str, Any]]:
    async with graph._session("WRITE") as session:
        result = await session.run(neo4j.Query(text, timeout=TOLD_SECONDS))
        return [record.data() async for record in result]


async def _plans(graph: Graph) -> Counter[str]:
    """How many plans were used of each statement that reads, as the database counts."""
    rows = await _asked(graph, "CALL db.stats.retrieve('QUERIES')")
    return Counter(READS[row["data"]["query"]] for row in rows if row["data"]["query"] in READS)


async def _begin_anew(graph: Graph) -> None:
    await _asked(graph, "CALL db.stats.collect('QUERIES')")
    await _asked(graph, "CALL db.stats.clear('QUERIES')")
    await _asked(graph, "CALL db.clearQueryCaches()")


async def _work(graph: Graph) -> None:
    """What residents and staff do, with few and many words."""
    live = await editions.live(graph.latest)
    assert live is not None
    questions = seed().questions
    for event in seed().life_events:
        for count in (0, 1, 12):
            said = [Answer(one.key, (one.options[0].key,)) for one in questions[:count]]
            await engine.select(graph, live.number, events=[event.key], answers=said)
    pages = catalogue.Catalogue(graph, Cache(0))
    for count in (1, 2, 50):
        await pages.details(live.number, [one.key for one in seed().procedures[:count]])
    draft = await drafts.fork(graph, None, title="とても長い題" * 30, by=OPERATOR)
    for key in (seed().terms[0].key, seed().procedures[0].key):
        item, revision = await edits.item(graph.latest, draft.number, key=key)
        assert item is not None and revision is not None
        changed = Item(item.kind, item.fields | {"reading": "よみ"})
        await edits.change(graph, draft.number, by=OPERATOR, put=[changed], revisions={key: revision})
        await keys.fresh(graph.latest, Kind.TERM, name="か" * len(key))
        await history.page(graph.latest, history.Filter(key=key))
    await history.page(graph.latest, history.Filter(edition=draft.number, by="operator", action="save"))
    await scenarios.run(graph, draft.number)


@pytest.mark.timeout(1200)
async def test_what_people_do_meets_no_statement_that_was_not_planned(graph: Graph) -> None:
    await importing.import_content(graph, seed(), publish=True, title="最初の版")
    # Before: by the first drafts and changes what the store holds grows many times over, by later ones it does not, and
    # where it does a plan is made anew.
    for _ in range(3):
        await _work(graph)
    await _begin_anew(graph)
    planned = await planning.plan_ahead(graph, pause=0)
    assert planned == sum(not query.name.startswith("store/schema/") for query in every())
    before = await _plans(graph)
    await _work(graph)
    after = await _plans(graph)
    assert set(before) == set(READS.values())
    assert after == before, after - before


async def test_parameters_by_themselves_would_be_planned_for_every_length(graph: Graph) -> None:
    """Why all go in one map: a database that stops doing this needs none."""
    await _begin_anew(graph)
    text = "MATCH (item:Item {edition: 1, key: $key}) RETURN item.key AS key"
    for key in ("a", "a" * 20, "a" * 200):
        async with graph._session("WRITE") as session:
            await (await session.run(text, {"key": key})).consume()
    rows = await _asked(graph, "CALL db.stats.retrieve('QUERIES')")
    assert sum("item.key AS key" in row["data"]["query"] and "$" in row["data"]["query"] for row in rows) > 1
