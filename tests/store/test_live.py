"""The live edition as a process knows it: never an earlier one because a server lags, no question too many."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from service import clock
from service.content.models import Edition
from service.editions import importing
from service.errors import NotFound, Unavailable
from service.store import editions
from service.store.editions import Live
from service.store.graph import Address, Graph, Seen
from tests.contents import random_content


async def _published(graph: Graph, number: int) -> Edition:
    content = random_content(Random(70_000 + number))
    return (await importing.import_content(graph, content, publish=True, title=f"公開 {number}")).edition


class Lagging(Graph):
    """The session's database behind a reader that may lag behind its leader, or say nothing for a while."""

    held: Seen | None = None
    slow = 0.0
    asked = 0

    async def seen(self, module: str, name: str, **params: Any) -> Seen:
        self.asked += 1
        if self.slow:
            await asyncio.sleep(self.slow)
            raise Unavailable("hangs")
        return self.held or await super().seen(module, name, **params)


@pytest.fixture
async def lagging(graph: Graph, address: Address) -> Any:
    opened = Lagging.open(address)
    yield opened
    await opened.close()


async def test_a_reader_that_lags_behind_takes_nobody_back(graph: Graph, lagging: Lagging) -> None:
    await _published(graph, 1)
    behind = await graph.seen("store/editions", "live", now=clock.now())
    newer = await _published(graph, 2)
    live = Live(lagging)
    assert await live.edition() == newer
    for held in (behind, Seen([], behind.state)):
        lagging.held = held
        await asyncio.sleep(editions.FRESH_SECONDS)
        assert await live.edition() == newer
        assert not live.away
    assert await live.numbered(newer.number) == newer


async def test_a_reader_that_lags_behind_at_first_is_followed(graph: Graph, lagging: Lagging) -> None:
    older = await _published(graph, 3)
    lagging.held = await graph.seen("store/editions", "live", now=clock.now())
    newer = await _published(graph, 4)
    live = Live(lagging)
    assert await live.edition() == older
    lagging.held = None
    await asyncio.sleep(editions.FRESH_SECONDS)
    assert await live.edition() == newer


async def test_an_edition_is_found_by_its_number_as_soon_as_it_is_public(graph: Graph) -> None:
    """Another process serves it already; this one still takes the edition before it for the live one."""
    older, now = await _published(graph, 11), clock.now()
    live = Live(graph)
    assert await live.numbered(older.number) == older
    with pytest.raises(NotFound):
        await live.numbered(older.number + 1000)
    newer = await _published(graph, 12)
    waiting = await _published(graph, 13)
    async with graph._session("WRITE") as session:
        changed = await session.run(
            "MATCH (e:Edition {number: $number}) SET e.scheduled = true, e.published_at = $at",
            {"number": waiting.number, "at": now + timedelta(days=1)},
        )
        await changed.consume()
    try:
        assert await live.numbered(newer.number) == newer
        with pytest.raises(NotFound):
            await live.numbered(waiting.number)
    finally:
        await _state(graph, waiting, "withdrawn")


async def test_an_edition_that_was_withdrawn_is_live_no_more(graph: Graph, lagging: Lagging) -> None:
    older, newer = await _published(graph, 5), await _published(graph, 6)
    live = Live(lagging)
    assert await live.edition() == newer
    await _state(graph, newer, "withdrawn")
    try:
        await asyncio.sleep(editions.FRESH_SECONDS)
        assert await live.edition() == older
    finally:
        await _state(graph, newer, "published")


async def _state(graph: Graph, edition: Edition, state: str) -> None:
    async with graph._session("WRITE") as session:
        changed = await session.run(
            "MATCH (e:Edition {number: $number}) SET e.state = $state", {"number": edition.number, "state": state}
        )
        await changed.consume()


async def test_reads_wait_for_the_state_in_which_the_edition_was_seen(graph: Graph, lagging: Lagging) -> None:
    await _published(graph, 7)
    live = Live(lagging)
    assert not lagging.keeps_up
    await live.edition()
    assert lagging.keeps_up


async def test_while_the_database_hangs_the_known_edition_has_to_do(graph: Graph, lagging: Lagging) -> None:
    known = await _published(graph, 8)
    live = Live(lagging)
    assert await live.edition() == known
    await asyncio.sleep(editions.FRESH_SECONDS)
    lagging.slow, lagging.asked = 2.5, 0
    began = time.monotonic()
    assert await asyncio.gather(*(live.edition() for _ in range(20))) == [known] * 20
    assert time.monotonic() - began < lagging.slow
    assert live.away
    while time.monotonic() - began < 2.5 + editions.AHEAD_SECONDS / 2:
        later = time.monotonic()
        assert await live.edition() == known
        assert time.monotonic() - later < editions.PATIENCE_SECONDS, "nobody waits for what was asked long ago"
        await asyncio.sleep(0.05)
    assert lagging.asked == 1, "a failure is counted from its end"
    lagging.slow = 0.0
    await asyncio.sleep(editions.FRESH_SECONDS)
    assert await live.edition() == known
    assert not live.away


async def test_a_number_that_comes_to_mean_other_content_drops_what_is_kept(graph: Graph, lagging: Lagging) -> None:
    dropped: list[bool] = []
    live = Live(lagging, forget=lambda: dropped.append(True))
    known = await _published(graph, 9)
    assert await live.edition() == known
    await live.numbered((await _published(graph, 10)).number)
    assert dropped == []
    true = await graph.seen("store/editions", "live", now=clock.now())
    lagging.held = Seen([{"edition": true.rows[0]["edition"] | {"content_hash": "0" * 64}}], true.state)
    await asyncio.sleep(editions.FRESH_SECONDS)
    await live.edition()
    assert dropped == [True]


async def test_who_asks_before_anything_is_known_hears_why() -> None:
    nowhere = Graph.open(Address("bolt://127.0.0.1:1", "neo4j", "unused", "neo4j"))
    live = Live(nowhere)
    for _ in range(2):
        with pytest.raises(Unavailable, match="つながりません"):
            await live.edition()
    assert live.away
    await nowhere.close()
