"""The door to the database: addresses that are none, limits of time, and the state that reads wait for."""

from __future__ import annotations

import base64
import sys
import time
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from neo4j import Bookmarks
from pydantic import SecretStr

from service import clock
from service.errors import CannotStart, GuideError, Unavailable
from service.runtime.embedded import external
from service.settings import Settings
from service.store import graph as door
from service.store.graph import Address, Graph, answers

MALFORMED = [
    "",
    "nonsense",
    "http://127.0.0.1:7474",
    "https://127.0.0.1",
    "neo4j://",
    "bolt://:7687",
    "bolt://host:notaport",
    "bolt://host:99999999",
    "bolt://[::1",
    "bolt://host:7687?policy=a",
    "neo4j://neo4j:secret-4711@host",
]


@pytest.mark.parametrize("uri", MALFORMED)
async def test_an_address_that_is_none_is_told_with_what_to_do(uri: str) -> None:
    address = Address(uri, "neo4j", "secret-4711", "neo4j")
    with pytest.raises(CannotStart, match="TETSUZUKI_NEO4J_URI") as opened:
        Graph.open(address)
    with pytest.raises(CannotStart, match="TETSUZUKI_NEO4J_URI"):
        await answers(address)
    assert "4711" not in opened.value.message


@pytest.mark.parametrize("uri", [uri for uri in MALFORMED if "?" not in uri])
def test_settings_with_such_an_address_lead_nowhere(uri: str) -> None:
    with pytest.raises(CannotStart, match="TETSUZUKI_NEO4J_URI"):
        external(Settings(neo4j_uri=uri, neo4j_password=SecretStr("unused")))


@pytest.mark.parametrize("scheme", door.SCHEMES)
async def test_every_way_to_a_neo4j_is_one(scheme: str) -> None:
    await Graph.open(Address(f"{scheme}://db.example:7687", "neo4j", "unused", "neo4j")).close()


async def test_what_has_been_answered_once_has_to_be_quick(address: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    """A first answer may take longer: the database plans the statement, and would begin anew if interrupted."""
    monkeypatch.setattr(door, "READ_SECONDS", 0.001)
    monkeypatch.setattr(door, "HANG_SECONDS", 0.0)
    own = Graph.open(address)
    try:
        await own.many("store/editions", "public", now=None)
        with pytest.raises(Unavailable):
            for _ in range(100):
                await own.many("store/editions", "public", now=None)
    finally:
        await own.close()


def _later(state: Bookmarks) -> Bookmarks:
    """A state that the store will not reach: a bookmark is its id and the number of a transaction."""
    (raw,) = state.raw_values
    store = base64.b64decode(raw.removeprefix("FB:"))[:19]
    number = b"\xcb" + (2**40).to_bytes(8, "big")
    return Bookmarks.from_raw_values(["FB:" + base64.b64encode(store + number + b"\x90").decode()])


async def test_reads_wait_for_a_state_and_give_up_one_that_never_comes(
    graph: Graph, address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state of a store that has gone on is put before one that has not: as after a restored backup."""
    monkeypatch.setattr(door, "READ_SECONDS", 1.0)
    own = Graph.open(address)
    try:
        seen = await own.seen("store/editions", "any")
        own.keep_up_with(seen.state)
        assert await own.many("store/editions", "any") == seen.rows and own.keeps_up
        own.keep_up_with(_later(seen.state))
        began = time.monotonic()
        with pytest.raises(Unavailable):
            await own.many("store/editions", "any")
        assert 1.0 <= time.monotonic() - began < 9.0, "ten seconds is what it waits without the setting above"
        assert not own.keeps_up
        assert await own.many("store/editions", "any") == seen.rows
    finally:
        await own.close()


async def test_the_leader_answers_too(graph: Graph) -> None:
    assert (await graph.seen_by_leader("store/editions", "any")).rows == (
        await graph.seen("store/editions", "any")
    ).rows


async def test_what_the_database_refuses_is_no_outage(graph: Graph) -> None:
    """It refuses a read that would write."""
    with pytest.raises(GuideError) as refused:
        await graph.many("accounts/sessions", "tidy", now=clock.now())
    assert not isinstance(refused.value, Unavailable)


@pytest.mark.parametrize("params", [{}, {"edition": 1}, {"now": None, "edition": 1}])
async def test_a_statement_is_run_with_the_parameters_of_its_header(graph: Graph, params: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="store/editions/public takes"):
        await graph.many("store/editions", "public", **params)


async def test_a_moment_in_a_named_zone_is_the_same_moment(graph: Graph) -> None:
    """The driver and CPython's zones crash together (ops/decisions/028): the zone does not get as far as that."""
    for zone in ("America/New_York", "Europe/Berlin", "Asia/Tokyo"):
        for month in range(1, 13):
            moment = datetime(1900, month, 1, tzinfo=ZoneInfo(zone))
            assert await graph.many("store/editions", "public", now=moment) == []


def test_the_driver_has_no_native_extension() -> None:
    """What is installed beside the driver takes its place by itself."""
    assert not [name for name in sys.modules if name.startswith("neo4j._rust")]
