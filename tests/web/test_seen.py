"""What was seen before answers while the database is away: pages without answers, searches and reasons too."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import httpx
import pytest

from service.caching import PROCESS
from service.settings import Settings
from service.store.catalogue import Catalogue
from service.store.graph import Address, Graph
from tests.databases import OwnDatabase
from tests.seed import seed
from tests.web.serving import publish, served, settled

SAID = "event=death&a=deceased-head:yes-two"
SEEN = (
    "/",
    "/procedures",
    "/procedures/shibou",
    "/windows/{window}",
    "/terms",
    "/terms/{term}",
    "/search?q=年金",
    f"/why?{SAID}",
    f"/why/shibou?{SAID}",
    f"/why?{SAID}&q=年金",
    f"/result?{SAID}",
    f"/result.ics?{SAID}&date=death:2026-11-20",
)
UNSEEN = ("/why/shibou?event=death&a=deceased-head:no", "/windows/{other}")


def _named(path: str) -> str:
    windows = seed().windows
    return path.format(window=windows[0].key, term=seed().terms[0].key, other=f"{windows[1].key}-none")


@pytest.fixture(scope="module")
def away(own_database: OwnDatabase) -> Iterator[tuple[httpx.Client, dict[str, str]]]:
    """A service whose database has died, and what it showed before."""
    publish(own_database.settings, seed(), title="最初の版")
    with served(own_database.settings) as (_, client):
        answers = {path: settled(client, _named(path)) for path in SEEN}
        assert {answer.status_code for answer in answers.values()} == {200}
        own_database.child.stop(seconds=0)
        time.sleep(1)
        yield client, {path: answer.text for path, answer in answers.items()}


@pytest.mark.parametrize("path", SEEN)
def test_what_was_seen_answers_the_same(away: tuple[httpx.Client, dict[str, str]], path: str) -> None:
    client, shown = away
    answer = client.get(_named(path))
    assert answer.status_code == 200
    if not path.startswith("/result"):
        assert answer.text == shown[path]


@pytest.mark.parametrize("path", UNSEEN)
def test_what_was_not_seen_says_that_it_cannot(away: tuple[httpx.Client, dict[str, str]], path: str) -> None:
    assert away[0].get(_named(path)).status_code == 503


def test_searching_folds_and_reads_an_edition_once(settings: Settings, address: Address) -> None:
    number = publish(settings, seed(), title="最初の版")

    async def twice() -> None:
        graph = Graph.open(address)
        catalogue = Catalogue(graph, PROCESS)
        first, procedures = await catalogue.searchable(number), await catalogue.procedures(number)
        await graph.close()
        assert await catalogue.searchable(number) is first
        assert await catalogue.procedures(number) == procedures
        assert len(first.procedures.entries) == len(seed().procedures) == len(procedures)
        assert len(first.windows.entries) == len(seed().windows) and len(first.terms.entries) == len(seed().terms)

    asyncio.run(twice())
