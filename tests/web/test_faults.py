"""The database hangs, dies or is another one while the service runs: what was seen answers, the rest says so, all comes
back by itself."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from service.content.models import Content
from service.editions import history
from service.errors import Unavailable
from service.runtime.embedded import Embedded, data_dir, external
from service.settings import Settings
from service.store import graph
from service.store.graph import Graph, answers
from service.web.staff import auth
from tests.databases import OwnDatabase
from tests.forms import sent
from tests.seed import seed
from tests.web.reading import cards_of
from tests.web.serving import hanging, publish, served, settled

SEEN = "/result?event=death&a=deceased-head:yes-two"
NEVER_SEEN = "/result?event=death&a=deceased-head:yes-one"
NEVER_SEEN_EITHER = "/result?event=death&event=marriage"
WAITED = 1.0
"""What each request would take that waited for the database, at least."""
ANSWERS_WITHIN = 10.0
ANSWERS_WHILE_IT_HANGS = 2.0
"""A second of patience, and what a busy machine adds."""
TOLD_WITHIN = graph.READ_SECONDS + graph.HANG_SECONDS + 2.0
BACK_WITHIN = 90.0
STALE = "案内を表示しています"


@dataclass(frozen=True, slots=True)
class Place:
    """A database that can be stopped, settings that lead to it, and a service on it."""

    database: Embedded
    settings: Settings
    site: httpx.Client


@pytest.fixture(scope="module")
def place(own_database: OwnDatabase) -> Iterator[Place]:
    """A service on a database that can be stopped."""
    publish(own_database.settings, seed(), title="最初の版")
    with served(own_database.settings) as (_, client):
        yield Place(own_database.child, own_database.settings, client)


@pytest.fixture(scope="module")
def seen(place: Place) -> dict[str, httpx.Response]:
    """What residents saw before the fault."""
    return {path: settled(place.site, path) for path in ("/", SEEN, "/procedures", "/guide?event=death")}


@pytest.fixture(scope="module")
def away(place: Place, seen: dict[str, httpx.Response]) -> Iterator[httpx.Client]:
    """The service after its database has died."""
    assert all(answer.status_code == 200 for answer in seen.values())
    assert STALE not in seen[SEEN].text
    place.database.stop(seconds=0)
    time.sleep(1)
    yield place.site


def _timed(site: httpx.Client, path: str, *, within: float = ANSWERS_WITHIN) -> httpx.Response:
    began = time.monotonic()
    answer = site.get(path)
    assert time.monotonic() - began < within, path
    return answer


def _becomes(site: httpx.Client, path: str, *, words: str = "", without: str = "\0") -> httpx.Response:
    """The page once it has the words, and not the others."""
    until = time.monotonic() + BACK_WITHIN
    while True:
        answer = site.get(path)
        if answer.status_code == 200 and words in answer.text and without not in answer.text:
            return answer
        assert time.monotonic() < until, (path, answer.status_code)
        time.sleep(0.3)


def test_a_database_that_hangs_holds_nobody_up(place: Place, seen: dict[str, httpx.Response]) -> None:
    with hanging(place.settings):
        time.sleep(1)
        for _ in range(20):
            answer = _timed(place.site, SEEN, within=ANSWERS_WHILE_IT_HANGS)
            assert answer.status_code == 200 and STALE in answer.text
        assert _timed(place.site, "/", within=ANSWERS_WHILE_IT_HANGS).status_code == 200
        assert _timed(place.site, "/health/ready", within=ANSWERS_WHILE_IT_HANGS).status_code == 503
        assert _timed(place.site, NEVER_SEEN_EITHER, within=TOLD_WITHIN).status_code == 503
        assert _timed(place.site, SEEN, within=ANSWERS_WHILE_IT_HANGS).status_code == 200
    assert cards_of(_becomes(place.site, NEVER_SEEN_EITHER))
    assert cards_of(_becomes(place.site, SEEN, without=STALE)) == cards_of(seen[SEEN])
    _becomes(place.site, "/health/ready")


def test_a_read_that_hangs_leaves_no_broken_connection(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "READ_SECONDS", 0.5)

    async def reads() -> None:
        door = Graph.open(place.database.address, pool=1)
        try:
            await door.one("store/editions", "any")
            with hanging(place.settings):
                for _ in range(2):
                    with pytest.raises(Unavailable):
                        async with asyncio.timeout(ANSWERS_WITHIN):
                            await door.one("store/editions", "any")
            for _ in range(3):
                assert await door.one("store/editions", "any") == {"any": True}
        finally:
            await door.close()

    asyncio.run(reads())


def test_guidance_seen_before_still_answers_and_says_so(away: httpx.Client, seen: dict[str, httpx.Response]) -> None:
    answer = _timed(away, SEEN)
    assert answer.status_code == 200 and STALE in answer.text
    assert cards_of(answer) == cards_of(seen[SEEN]) != []


@pytest.mark.parametrize("path", ["/", "/guide?event=death", "/procedures"])
def test_pages_that_were_seen_still_answer(away: httpx.Client, seen: dict[str, httpx.Response], path: str) -> None:
    assert _timed(away, path).status_code == 200


@pytest.mark.parametrize(
    "path", [NEVER_SEEN, "/why/shibou?event=death", "/result.ics?event=death&a=deceased-insurance:kouki"]
)
def test_what_was_never_seen_is_an_error_page_with_the_contact(away: httpx.Client, path: str) -> None:
    answer = _timed(away, path)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "60" and "no-store" in answer.headers["cache-control"]
    for words in (
        "ただいま、ご案内できません",
        "総社市役所の窓口でご案内します。",
        "https://www.city.soja.okayama.jp/",
        "もう一度試す",
    ):
        assert words in answer.text
    for inner in ("Neo4j", "bolt", "Traceback"):
        assert inner not in answer.text


def test_the_interface_says_it_in_its_own_form(away: httpx.Client) -> None:
    answer = away.post(
        "/api/v1/guidance",
        json={"life_events": ["death"], "answers": [{"question": "deceased-head", "options": ["deceased-head/no"]}]},
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")


def test_health_tells_living_from_ready(away: httpx.Client) -> None:
    assert away.get("/health/live").status_code == 200
    assert away.get("/health/ready").status_code == 503


def test_what_staff_typed_stays_when_the_database_is_away(away: httpx.Client) -> None:
    typed = {"form_token": "0" * 64, "of": "procedures", "as": "form", "/name": "<b>転入の届け</b>", "do": "save"}
    page = away.post("/staff/editions/1/items/tennyu", data=typed, headers={"Cookie": f"{auth.COOKIE}=x"})
    assert page.status_code == 503 and "もう一度送る" in page.text
    assert {*typed.items()} <= {*sent(page.text)} and "<b>転入" not in page.text


def test_a_service_that_starts_meanwhile_waits_with_the_same_page(away: httpx.Client, place: Place) -> None:
    with served(place.settings) as (_, fresh):
        answer = _timed(fresh, "/")
        assert answer.status_code == 503 and "総社市役所" in answer.text


def test_many_requests_meanwhile_are_not_held_up(away: httpx.Client) -> None:
    """Where each waited for the database, a queue would form that outlives the fault."""
    began = time.monotonic()
    assert [away.get(SEEN).status_code for _ in range(50)] == [200] * 50
    assert time.monotonic() - began < 50 * WAITED / 2


def test_it_comes_back_by_itself(away: httpx.Client, place: Place) -> None:
    place.database.launch_again()
    until = time.monotonic() + BACK_WITHIN
    while (answer := away.get(NEVER_SEEN)).status_code == 503 and time.monotonic() < until:
        time.sleep(0.5)
    assert answer.status_code == 200 and cards_of(answer)
    time.sleep(1)
    again = away.get(SEEN)
    assert again.status_code == 200 and STALE not in again.text
    _becomes(away, "/health/ready")


def _renamed(content: Content, name: str) -> Content:
    """The content with another name for its first procedure."""
    first, *rest = content.procedures
    return content.model_copy(update={"procedures": [first.model_copy(update={"name": name}), *rest]})


def _revived(place: Place) -> None:
    place.database.launch_again()
    until = time.monotonic() + BACK_WITHIN
    while not asyncio.run(answers(place.database.address)):
        assert time.monotonic() < until
        time.sleep(0.1)


async def _taken_as_it_is(place: Place) -> None:
    """What the runbook says after a restored backup: its history ends earlier than this machine has kept."""
    store = Graph.open(external(place.settings))
    try:
        await history.anchor(store, reason="バックアップから戻した")
    finally:
        await store.close()


def test_a_number_that_means_other_content_after_a_restore_shows_the_other(place: Place) -> None:
    """An older backup is restored under the running service, and the next edition gets a number that was used."""
    page = f"/procedures/{seed().procedures[0].key}"
    result = "/result?event=" + "&event=".join(event.key for event in seed().life_events)
    home, backup = place.database.home, data_dir(place.settings) / "backup"
    _becomes(place.site, page)
    place.database.stop()
    for folder in ("data", "transactions"):
        shutil.copytree(home / folder, backup / folder)
    _revived(place)
    lost = publish(place.settings, _renamed(seed(), "失われる名前"), title="失われる版")
    assert "失われる名前" in _becomes(place.site, result, words="失われる名前").text
    _becomes(place.site, page, words="失われる名前")

    place.database.stop()
    for folder in ("data", "transactions"):
        shutil.rmtree(home / folder)
        shutil.copytree(backup / folder, home / folder)
    _revived(place)
    asyncio.run(_taken_as_it_is(place))
    assert publish(place.settings, _renamed(seed(), "新しい名前"), title="別の版") == lost
    for path in (page, result):
        assert "失われる名前" not in _becomes(place.site, path, words="新しい名前").text
