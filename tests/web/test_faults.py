"""The database goes away while the service runs: what was seen answers, the rest says so, all comes back by itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from pydantic import SecretStr

from service import claims
from service.embedded import Embedded, started
from service.settings import Settings
from tests.seed import seed
from tests.web.serving import publish, served, settled

SEEN = "/result?event=death&a=deceased-head:yes-two"
NEVER_SEEN = "/result?event=death&a=deceased-head:yes-one"
ANSWERS_WITHIN = 10.0
BACK_WITHIN = 90.0
STALE = "案内を表示しています"


@dataclass(frozen=True, slots=True)
class Place:
    """A database that can be stopped, settings that lead to it, and a service on it."""

    database: Embedded
    settings: Settings
    site: httpx.Client


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A database of its own: the session's must not be stopped."""
    folder = tmp_path_factory.mktemp("faults")
    own = Settings(data_dir=folder, neo4j_uri=None)
    with claims.claim(folder, command="test") as claim, started(own, claim, tell=print) as database:
        found = database.address
        settings = own.model_copy(
            update={"neo4j_uri": found.uri, "neo4j_user": found.user, "neo4j_password": SecretStr(found.password)}
        )
        publish(settings, seed(), title="最初の版")
        with served(settings) as (_, client):
            yield Place(database, settings, client)


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


def _cards(answer: httpx.Response) -> list[str]:
    return [part.split('"')[0] for part in answer.text.split('<article class="proc" id="')[1:]]


def _timed(site: httpx.Client, path: str) -> httpx.Response:
    began = time.monotonic()
    answer = site.get(path)
    assert time.monotonic() - began < ANSWERS_WITHIN, path
    return answer


def test_guidance_seen_before_still_answers_and_says_so(away: httpx.Client, seen: dict[str, httpx.Response]) -> None:
    answer = _timed(away, SEEN)
    assert answer.status_code == 200 and STALE in answer.text
    assert _cards(answer) == _cards(seen[SEEN]) != []


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
    for words in ("ただいま、ご案内できません", "総社市役所", "電話番号", "もう一度試す"):
        assert words in answer.text
    for inner in ("Neo4j", "bolt", "Traceback"):
        assert inner not in answer.text


def test_the_interface_says_it_in_its_own_form(away: httpx.Client) -> None:
    answer = away.post("/api/v1/guidance", json={
        "life_events": ["death"], "answers": [{"question": "deceased-head", "options": ["deceased-head/no"]}]
    })  # fmt: skip
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")


def test_health_tells_living_from_ready(away: httpx.Client) -> None:
    assert away.get("/health/live").status_code == 200
    assert away.get("/health/ready").status_code == 503


def test_a_service_that_starts_meanwhile_waits_with_the_same_page(away: httpx.Client, place: Place) -> None:
    with served(place.settings) as (_, fresh):
        answer = _timed(fresh, "/")
        assert answer.status_code == 503 and "総社市役所" in answer.text


def test_many_requests_meanwhile_are_not_held_up(away: httpx.Client) -> None:
    """Where each waited for the database, a queue would form that outlives the fault."""
    began = time.monotonic()
    assert [away.get(SEEN).status_code for _ in range(50)] == [200] * 50
    assert time.monotonic() - began < ANSWERS_WITHIN


def test_it_comes_back_by_itself(away: httpx.Client, place: Place) -> None:
    place.database.launch_again()
    until = time.monotonic() + BACK_WITHIN
    while (answer := away.get(NEVER_SEEN)).status_code == 503 and time.monotonic() < until:
        time.sleep(0.5)
    assert answer.status_code == 200 and _cards(answer)
    time.sleep(1)
    again = away.get(SEEN)
    assert again.status_code == 200 and STALE not in again.text
    assert away.get("/health/ready").status_code == 200
