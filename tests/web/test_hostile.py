"""Whatever is sent: a clear page or error, never a 500, the same guards on every answer, and nothing of it in a log."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI

from service.settings import Settings
from service.web.middleware import HEADERS
from tests.seed import seed
from tests.web.serving import publish, served, settled

KEYS = {
    "up": "../../etc/passwd",
    "up-quoted": "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "quotes": "'\"` OR 1=1 //",
    "cypher": "x'}) MATCH (n) DETACH DELETE n //",
    "markup": "<script>alert(1)</script>",
    "template": "{{7*7}}{% include 'x' %}${7*7}",
    "nul": "a\x00b",
    "lines": "a\r\nSet-Cookie: x=1",
    "lone-surrogate-bytes": "\udc80\udcff",
    "right-to-left": "\u202egnp.exe",
    "long": "k" * 10_000,
    "japanese": "死亡届",
    "blank": " ",
    "colon": ":::,,,???",
}
SPOILED = {name: quote(key, safe="", errors="surrogateescape") for name, key in KEYS.items()}
PLACES = {
    "procedure": "/procedures/{key}",
    "window": "/windows/{key}",
    "term": "/terms/{key}",
    "code": "/e/{edition}/{key}",
    "sheet of a code": "/e/{edition}/{key}/sheet",
    "edition": "/e/{key}/ABCD",
    "typed code": "/code?code={key}",
    "search": "/search?q={key}",
    "event": "/guide?event={key}",
    "second event": "/result?event=death&event={key}",
    "answer": "/guide?event=death&a={key}",
    "option": "/result?event=death&a=deceased-head:{key}",
    "ask": "/guide?event=death&ask={key}",
    "from": "/guide?event=death&from={key}",
    "date": "/result?event=death&date={key}",
    "date of the event": "/result?event=death&date=death:{key}",
    "typed year": "/result?event=death&date-death-y={key}&date-death-m=1&date-death-d=1",
    "typed event": "/result?event=death&date-{key}-y=2026",
    "question of a form": "/guide?event=death&q={key}&o=yes-two",
    "choice of a form": "/guide?event=death&q=deceased-head&o={key}",
    "why": "/why/{key}?event=death",
    "why list": "/why?event=death&q={key}",
    "home": "/?event={key}",
    "calendar": "/result.ics?event=death&a={key}&date=death:{key}",
    "name": "/guide?event=death&{key}=1",
    "anywhere": "/{key}",
    "static": "/static/{key}",
    "api item": "/api/v1/procedures/{key}",
    "api edition": "/api/v1/terms?edition={key}",
    "api content": "/api/v1/editions/{key}/content",
}
HUGE = "999999999999999999999"


@pytest.fixture(scope="module")
def edition(settings: Settings) -> int:
    """The number of the first edition, live again whatever other modules published."""
    return publish(settings, seed(), title="最初の版")


@pytest.fixture(scope="module")
def running(settings: Settings, edition: int) -> Iterator[tuple[FastAPI, httpx.Client]]:
    """The service, warm: nothing below is refused because the database was still planning."""
    with served(settings) as running:
        for path in ("/guide?event=death", "/result?event=death", "/why/shibou?event=death", "/procedures/shibou"):
            settled(running[1], path)
        yield running


@pytest.fixture(scope="module")
def site(running: tuple[FastAPI, httpx.Client]) -> httpx.Client:
    """A client that goes nowhere by itself."""
    return running[1]


def _clear(answer: httpx.Response) -> None:
    """A page or an error that people or programs can read, with every guard."""
    assert answer.status_code < 500, (answer.status_code, answer.request.url.path[:80])
    for name, value in HEADERS:
        assert answer.headers.get_list(name.decode()) == [value.decode()], name
    assert "set-cookie" not in answer.headers
    if answer.status_code >= 400 and answer.request.method != "HEAD":
        assert "<h1>" in answer.text or answer.json()["error"]["message"], answer.text[:200]
        for inner in ("Traceback", "Neo4j", "neo4j", "Exception", ".py"):
            assert inner not in answer.text


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", SPOILED)
def test_hostile_keys(site: httpx.Client, edition: int, place: str, name: str) -> None:
    answer = site.get(PLACES[place].format(key=SPOILED[name], edition=edition))
    _clear(answer)
    assert "<script>alert" not in answer.text
    if answer.is_redirect:
        where = answer.headers["location"]
        assert where.startswith("/") and not where.startswith("//"), where
        _clear(site.get(where))


@pytest.mark.parametrize("event", ["moon", "", "moving-in-2", "MOVING-IN"])
@pytest.mark.parametrize("page", ["guide", "review", "result", "sheet", "result.ics", "why", "why/shibou"])
def test_an_event_that_is_none(site: httpx.Client, page: str, event: str) -> None:
    answer = site.get(f"/{page}", params={"event": event})
    _clear(answer)
    assert answer.status_code == 404 and "ライフイベント" in answer.text


@pytest.mark.parametrize(
    "path", [f"/e/{HUGE}/x", "/e/-1/x", "/e/0/x", "/e/1.5/x", f"/e/{HUGE}/x/sheet", f"/code?code={HUGE}-ABCD"]
)
def test_editions_that_are_none(site: httpx.Client, path: str) -> None:
    answer = site.get(path, follow_redirects=True)
    _clear(answer)
    assert answer.status_code == 404


@pytest.mark.parametrize("began", [HUGE, "-1", "0", "1e9", "１", "", "999999999", "1;2"])
def test_an_edition_to_come_from_that_is_none(site: httpx.Client, began: str) -> None:
    """It says nothing about the answers, so the answers count."""
    plain = site.get("/result?event=death&a=deceased-head:yes-two")
    answer = site.get("/result", params={"event": "death", "a": "deceased-head:yes-two", "from": began})
    _clear(answer)
    assert answer.status_code == 200
    assert answer.text.count('<article class="proc"') == plain.text.count('<article class="proc"')


@pytest.mark.parametrize("asked", ["moon", "deceased-head/yes-two", "living-with", ""])
def test_a_question_to_ask_that_is_none(site: httpx.Client, asked: str) -> None:
    answer = site.get("/guide", params={"event": "death", "ask": asked})
    _clear(answer)
    assert answer.status_code == 200


def test_answers_of_another_edition_are_dropped_and_said(site: httpx.Client) -> None:
    answer = site.get("/result?event=death&a=older-question:yes&a=deceased-head:older-option&a=deceased-head")
    _clear(answer)
    assert answer.status_code == 200
    assert "いまの案内では使いません" in answer.text


@pytest.mark.parametrize("page", ["guide", "review", "result", "sheet", "why"])
@pytest.mark.parametrize("name", ["a", "event", "date", "o", "from", "x"])
def test_hundreds_of_parameters(site: httpx.Client, page: str, name: str) -> None:
    many = "&".join(f"{name}=key-{number}:value" for number in range(800))
    began = time.monotonic()
    answer = site.get(f"/{page}?event=death&{many}")
    _clear(answer)
    assert answer.status_code in {200, 303, 422}
    assert time.monotonic() - began < 20
    assert len(answer.text) < 2_000_000


def test_an_address_of_sixty_kilobytes(site: httpx.Client) -> None:
    answer = site.get("/result?event=death&a=" + "k" * 60_000)
    _clear(answer)
    assert answer.status_code in {200, 414}
    assert "k" * 1_000 not in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("path", ["/", "/guide", "/result", "/procedures/tennyu", "/static/guide.css"])
def test_methods_that_nothing_answers_to(site: httpx.Client, method: str, path: str) -> None:
    answer = site.request(method, path)
    _clear(answer)
    assert answer.status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/guide?event=death",
        "/review?event=death",
        "/result?event=death",
        "/result.ics?event=death&date=death:2026-11-20",
        "/terms",
        "/procedures/moon",
        "/static/guide.css",
    ],
)
def test_head_is_get_without_its_body(site: httpx.Client, path: str) -> None:
    head, get = site.head(path), site.get(path)
    _clear(head)
    assert (head.status_code, head.content) == (get.status_code, b"")
    assert head.headers["content-type"] == get.headers["content-type"]


# Bodies


@pytest.mark.parametrize("path", ["/api/v1/guidance", "/result", "/"])
def test_ten_megabytes(site: httpx.Client, path: str) -> None:
    answer = site.post(path, content=b"x" * 10_000_000)
    assert answer.status_code == 413
    _clear(answer)


def test_ten_megabytes_of_unknown_length(site: httpx.Client) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(160):
            yield b"x" * 65_536

    try:
        answer = site.post("/api/v1/guidance", content=pieces())
    except (httpx.WriteError, httpx.RemoteProtocolError, httpx.ReadError):
        return  # hung up on while still sending: the answer did not get through
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 50_000, b'{"life_events": ' + b"9" * 5_000 + b"}"],
    ids=lambda body: repr(body[:8]),
)
def test_bodies_that_are_no_request(site: httpx.Client, body: bytes) -> None:
    answer = site.post("/api/v1/guidance", content=body, headers={"Content-Type": "application/json"})
    _clear(answer)
    assert answer.status_code == 422


def test_a_body_that_never_ends(settings: Settings, edition: int) -> None:
    """Slower than the limit: the answer comes in time, and others are served meanwhile."""
    with served(settings.model_copy(update={"request_seconds": 0.5})) as (_, client):
        with socket.create_connection((client.base_url.host, int(client.base_url.port or 0)), timeout=10) as slow:
            slow.sendall(
                b"POST /api/v1/guidance HTTP/1.1\r\nHost: guide\r\nContent-Type: application/json\r\n"
                b"Content-Length: 100\r\n\r\n{"
            )
            assert client.get("/").status_code == 200
            first_line = slow.recv(4096).split(b"\r\n")[0]
        assert first_line.split(b" ")[1] == b"408"


# Logs

SECRET = "secretword"


def test_no_log_line_holds_what_was_sent(
    site: httpx.Client, edition: int, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    addresses = [place.format(key=SECRET, edition=edition) for place in PLACES.values()] + [
        f"/nowhere/{SECRET}?token={SECRET}",
        f"/result?event=death&a=deceased-head:{SECRET}",
    ]
    for path in addresses:
        site.get(path, headers={"Referer": f"http://x/{SECRET}", "Cookie": f"a={SECRET}", "X-A": SECRET})
    site.post("/api/v1/guidance", json={"life_events": [SECRET]}, params={"q": SECRET})
    site.post(f"/{SECRET}", content=b"x" * 10_000_000)
    shown = capfd.readouterr()
    written = shown.out + shown.err
    assert written.count('"event": "request"') >= len(addresses), "the log was not read"
    ours = [line for line in written.splitlines() if "httpx" not in line and "httpcore" not in line]
    assert not [line for line in ours if SECRET in line]
    assert not [line for line in ours if "127.0.0.1" in line]
    told = [record.getMessage() for record in caplog.records if not record.name.startswith(("http", "neo4j"))]
    assert not [message for message in told if SECRET in message]
