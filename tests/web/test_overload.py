"""More guidance that nobody asked for before than can be worked out: the surplus is told at once, everybody else is
served, and afterwards all is as before."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from itertools import combinations

import httpx
import pytest

from service.guidance.admission import FEWEST
from service.settings import Settings
from service.web.staff import auth
from tests.databases import OwnDatabase
from tests.seed import seed
from tests.web.serving import hanging, publish, served, settled, staff_session

GUIDANCE_SECONDS = 0.3
SETTLES_SECONDS = 2.0
"""After so long what was sent to a database that stands still waits for it."""
TOLD_WITHIN = 8.0
"""A database that stands still ends no request earlier than this: who is told before did not wait for it."""
BACK_WITHIN = 60.0
SEEN = "/result?event=death"
PATHS = ("/guide", "/result", "/why/shibou", "/sheet")


def _never_seen() -> list[str]:
    """Every choice of three to five life events, as a query."""
    keys = [event.key for event in seed().life_events]
    choices = [chosen for number in (3, 4, 5) for chosen in combinations(keys, number)]
    return ["&".join(f"event={key}" for key in chosen) for chosen in choices]


@pytest.fixture(scope="module")
def place(own_database: OwnDatabase) -> Iterator[tuple[Settings, httpx.Client]]:
    """A service that soon finds the wait too long, on a database that can be stopped."""
    settings = own_database.settings.model_copy(update={"guidance_seconds": GUIDANCE_SECONDS})
    publish(settings, seed(), title="最初の版")
    with served(settings) as (_, client):
        for path in (SEEN, "/why/shibou?event=death", "/health/ready"):
            assert settled(client, path).status_code == 200
        yield settings, client


@pytest.fixture(scope="module")
def session(place: tuple[Settings, httpx.Client]) -> str:
    """The session of somebody of the staff."""
    return staff_session(place[0])


def _visitors(client: httpx.Client) -> httpx.AsyncClient:
    """Many at once, each with a connection of their own."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    return httpx.AsyncClient(base_url=client.base_url, limits=limits, timeout=60, trust_env=False)


def _sent(visitors: httpx.AsyncClient, addresses: Sequence[str]) -> list[asyncio.Task[httpx.Response]]:
    return [asyncio.create_task(visitors.get(address)) for address in addresses]


def test_the_surplus_is_told_at_once(place: tuple[Settings, httpx.Client]) -> None:
    """Nothing is worked out while the database stands still, so who is answered then did not wait for it."""
    settings, client = place
    queries = _never_seen()
    first = [f"/guide?{query}" for query in queries[: 2 * FEWEST]]
    surplus = [f"{PATHS[place % len(PATHS)]}?{query}" for place, query in enumerate(queries[2 * FEWEST : 6 * FEWEST])]

    async def visits() -> tuple[list[httpx.Response], httpx.Response, httpx.Response, list[httpx.Response]]:
        async with _visitors(client) as visitors:
            with hanging(settings):
                waiting = _sent(visitors, first)
                await asyncio.sleep(SETTLES_SECONDS)
                async with asyncio.timeout(TOLD_WITHIN):
                    told = await asyncio.gather(*_sent(visitors, surplus))
                    asked = {"life_events": queries[-1].removeprefix("event=").split("&event=")}
                    program = await visitors.post("/api/v1/guidance", json=asked)
                    kept = await visitors.get(SEEN)
                    assert (await visitors.get("/health/live")).status_code == 200
                assert not any(one.done() and one.result().status_code == 200 for one in waiting)
            return told, program, kept, await asyncio.gather(*waiting)

    told, program, kept, waited = asyncio.run(visits())
    for address, answer in zip(surplus, told, strict=True):
        assert answer.status_code == 503 and answer.headers["retry-after"] == "10", address
        assert "no-store" in answer.headers["cache-control"]
        assert "ただいま混み合っています" in answer.text and "総社市役所" in answer.text
        assert f'href="{address.replace("&", "&amp;")}">もう一度試す' in answer.text
    assert program.status_code == 503 and program.headers["retry-after"] == "10"
    assert program.json()["error"]["code"] == "busy"
    assert kept.status_code == 200 and "<article" in kept.text
    assert {answer.status_code for answer in waited} <= {200, 503}
    _is_as_before(client, [*first, *surplus])


def _is_as_before(client: httpx.Client, addresses: Sequence[str]) -> None:
    """Everybody who was sent away gets in by the same address."""
    for address in addresses:
        assert settled(client, address).status_code == 200, address
    until = time.monotonic() + BACK_WITHIN
    while client.get("/health/ready").status_code != 200:
        assert time.monotonic() < until
        time.sleep(0.2)


def test_others_are_served_beside_a_flood(place: tuple[Settings, httpx.Client], session: str) -> None:
    """What is kept, the staff's pages and the probes do not stand behind those who wait."""
    client = place[1]
    flood = [f"/review?{query}" for query in _never_seen()[6 * FEWEST :]]
    others = (SEEN, "/health/ready", "/staff", "/procedures")

    async def visits() -> tuple[list[httpx.Response], list[int]]:
        async with _visitors(client) as visitors:
            visitors.cookies.set(auth.COOKIE, session)
            waiting = _sent(visitors, flood)
            statuses = []
            while not all(one.done() for one in waiting):
                statuses += [(await visitors.get(path)).status_code for path in others]
            return await asyncio.gather(*waiting), statuses

    answers, statuses = asyncio.run(visits())
    assert set(statuses) == {200}
    assert {answer.status_code for answer in answers} == {200, 503}
    assert all("ただいま混み合っています" in answer.text for answer in answers if answer.status_code == 503)
    _is_as_before(client, flood)
