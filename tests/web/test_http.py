"""How answers may be kept and asked for, what a connection may send, and what the log calls a request."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from service.settings import Settings
from service.web import rendering
from service.web.middleware import WINDOW_SECONDS
from tests.seed import seed
from tests.web.serving import publish, served, settled

PIECE = b"x" * 65_536
ENDLESS = 100_000_000
TAKEN_AT_MOST = 16_000_000
"""What the system's own buffers may take on both sides before the sender sees that nobody reads."""

PLAIN = ("/", "/procedures", "/procedures/shibou", "/windows/{window}", "/terms", "/terms/{term}", "/privacy")
TELLING = (
    "/?event=death",
    "/?none=1",
    "/search?q=年金",
    "/procedures?event=death",
    "/terms?q=1",
    "/guide?event=death",
    "/review?event=death",
    "/result?event=death",
    "/sheet?event=death",
    "/result.ics?event=death",
    "/why?event=death",
    "/why/shibou?event=death",
    "/code?code=1-ABCD",
)


@pytest.fixture(scope="module")
def site(settings: Settings) -> Iterator[httpx.Client]:
    """The service on the first edition, warm."""
    publish(settings, seed(), title="最初の版")
    with served(settings) as (_, client):
        for path in ("/guide?event=death", "/result?event=death", "/why/shibou?event=death", "/procedures/shibou"):
            settled(client, path)
        yield client


def _named(path: str) -> str:
    return path.format(window=seed().windows[0].key, term=seed().terms[0].key)


# What may be kept


@pytest.mark.parametrize("path", PLAIN)
def test_pages_without_a_query_are_the_same_for_everybody(site: httpx.Client, path: str) -> None:
    answer = site.get(_named(path))
    assert answer.status_code == 200
    assert answer.headers["cache-control"].startswith("public, max-age=60")


@pytest.mark.parametrize("path", TELLING)
def test_an_address_with_a_query_tells_of_the_visitor(site: httpx.Client, path: str) -> None:
    answer = site.get(path)
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["x-robots-tag"] == "noindex"


@pytest.mark.parametrize("path", ["/nowhere", "/procedures/rocket", "/api/v1/nowhere", "/api/v1/procedures/rocket"])
def test_errors_are_not_kept(site: httpx.Client, path: str) -> None:
    answer = site.get(path)
    assert (answer.status_code, answer.headers["cache-control"]) == (404, "private, no-store")


def test_files_are_kept_for_ever_only_at_the_address_of_their_bytes(site: httpx.Client) -> None:
    home = site.get("/").text
    versioned = re.findall(r'(?:href|src)="(/static/[^"#]+)', home)
    assert rendering.static_url("guide.css") in versioned
    for address in set(versioned):
        answer = site.get(address)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
        again = site.get(address, headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.headers["cache-control"]) == (304, answer.headers["cache-control"])
    for address in ("/static/guide.css", "/static/guide.css?v=000000000000", "/static/guide.css?v="):
        assert site.get(address).headers["cache-control"] == "public, max-age=300"


# HEAD


@pytest.mark.parametrize(
    "path",
    [
        "/health/live",
        "/health/ready",
        "/api/v1/openapi.json",
        "/api/v1/procedures",
        "/api/v1/procedures/shibou",
        "/api/v1/editions",
        "/api/v1/terms?edition=999",
        "/static/guide.css",
        "/",
        "/search?q=年金",
        "/nowhere",
    ],
)
def test_head_is_answered_wherever_get_is(site: httpx.Client, path: str) -> None:
    head, get = site.head(path), site.get(path)
    assert (head.status_code, head.content) == (get.status_code, b"")
    for name in ("content-type", "content-length", "cache-control", "etag"):
        assert head.headers.get(name) == get.headers.get(name), name


def test_head_of_what_is_only_posted_to_is_refused(site: httpx.Client) -> None:
    answer = site.head("/api/v1/guidance")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


# Rate


def test_who_asks_too_often_learns_when_to_come_back(settings: Settings) -> None:
    with served(settings.model_copy(update={"rate_per_minute": 3})) as (_, client):
        visitor = {"X-Forwarded-For": "192.0.2.7"}
        # Twice as many and one: a new minute may begin between them.
        answers = [client.get("/privacy", headers=visitor) for _ in range(7)]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert refused and answers[0].status_code == 200
        assert all(1 <= int(answer.headers["retry-after"]) <= WINDOW_SECONDS for answer in refused)
        told = client.get("/api/v1/terms", headers=visitor)
        assert told.status_code == 200 or int(told.headers["retry-after"]) <= WINDOW_SECONDS


# What a connection may send before anybody reads it


def _poured(site: httpx.Client, opening: bytes, piece: bytes) -> int:
    """How many bytes of an endless request were taken."""
    taken = 0
    with socket.create_connection((site.base_url.host, int(site.base_url.port or 0)), timeout=10) as pouring:
        pouring.sendall(opening)
        try:
            while taken < ENDLESS:
                pouring.sendall(piece)
                taken += len(piece)
        except OSError:
            pass  # hung up on
    return taken


@pytest.mark.parametrize(
    ("opening", "piece"),
    [
        (b"GET / HTTP/1.1\r\nHost: guide\r\nX-Endless: ", PIECE),
        (b"GET / HTTP/1.1\r\nHost: guide\r\n", b"X-Many: 1\r\n" * 6_000),
        (b"GET /", PIECE),
        (
            b"POST /api/v1/guidance HTTP/1.1\r\nHost: guide\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
            b"X-Endless: ",
            PIECE,
        ),
    ],
    ids=["one header", "many headers", "the address", "a trailer"],
)
def test_what_never_ends_is_not_gathered(site: httpx.Client, opening: bytes, piece: bytes) -> None:
    assert _poured(site, opening, piece) < TAKEN_AT_MOST
    assert site.get("/").status_code == 200


def test_headers_that_are_too_large_are_said_to_be(site: httpx.Client) -> None:
    with socket.create_connection((site.base_url.host, int(site.base_url.port or 0)), timeout=10) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nHost: guide\r\nX-Endless: ")
        for _ in range(400):
            slow.sendall(PIECE[:1_000])
            if _readable(slow):
                break
        first_line = slow.recv(4096).split(b"\r\n")[0]
    assert first_line.split(b" ")[1] == b"431"


def _readable(connection: socket.socket) -> bool:
    """Whether something came back within a moment."""
    connection.settimeout(0.005)
    try:
        return bool(connection.recv(1, socket.MSG_PEEK))
    except TimeoutError:
        return False
    finally:
        connection.settimeout(10)


def test_long_headers_and_many_requests_on_one_connection_are_no_offence(site: httpx.Client) -> None:
    for _ in range(20):
        assert site.get("/privacy", headers={"X-Long": "x" * 50_000}).status_code == 200
    large = json.dumps({"life_events": ["death"], "answers": []}).encode() + b" " * 200_000
    headers = {"Content-Type": "application/json"}
    for _ in range(5):
        assert site.post("/api/v1/guidance", content=large, headers=headers).status_code == 200


# The log


def test_the_log_names_the_whole_template_of_a_route(settings: Settings, capfd: pytest.CaptureFixture[str]) -> None:
    asked = {
        "/": "/",
        "/procedures/shibou?x=secret": "/procedures/{key}",
        "/e/1/SECRET": "/e/{number}/{code}",
        "/api/v1/procedures/shibou": "/api/v1/procedures/{key}",
        "/api/v1/terms?edition=1": "/api/v1/terms",
        "/health/live": "/health/live",
        "/static/guide.css": "/static",
        "/nowhere/secret": "-",
        "/preview/1/procedures/secret": "/preview/{preview}/procedures/{key}",
    }
    with served(settings) as (app, client):
        capfd.readouterr()
        for path in asked:
            client.get(path)
        for path in ("/api/v1/guidance", "/api/v1/guidance/why"):
            client.post(path, json={"life_events": ["death"], "procedure": "shibou"})
        client.head("/health/ready")
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines() if line.startswith("{")]
    requests = [(line["method"], line["route"]) for line in lines if line["event"] == "request"]
    # A line is written when all is sent: the next request may be there already.
    assert sorted(requests) == sorted(
        [
            *(("GET", route) for route in asked.values()),
            ("POST", "/api/v1/guidance"),
            ("POST", "/api/v1/guidance/why"),
            ("HEAD", "/health/ready"),
        ]
    )
    assert {route for _, route in requests if route.startswith("/api/")} <= set(app.openapi()["paths"])


# The number on paper


def test_the_number_on_paper_opens_from_the_first_page(site: httpx.Client) -> None:
    said = "event=death&a=deceased-head:yes-two"
    sheet = site.get(f"/sheet?{said}").text
    printed = re.search(r'案内の番号：<span class="code">([^<]+)', sheet)
    assert printed
    form = re.search(r'<form[^>]* action="(/code)">.*?name="(code)"', site.get("/").text, re.DOTALL)
    assert form
    opened = site.get(form[1], params={form[2]: printed[1].lower()}, follow_redirects=True)
    assert opened.status_code == 200 and urlsplit(str(opened.url)).path.startswith("/e/")
    assert printed[1] in opened.text


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/code?code=1-ABC", "1-ABC"),
        ("/e/1/ABCD", "1-ABCD"),
        ("/e/1/ABCD/sheet", "1-ABCD"),
        ("/e/x/ABCD", "x-ABCD"),
        ("/code?code=1-abcd+efg", "1-ABCD-EFG"),
        ("/code?code=%22%3E%3Cb%3E", "&#34;&gt;&lt;b&gt;"),
        ("/code", ""),
        ("/e/987654/ABCD", "987654-ABCD"),
    ],
)
def test_a_wrong_number_can_be_corrected_where_it_is_told(site: httpx.Client, path: str, kept: str) -> None:
    answer = site.get(path, follow_redirects=True)
    assert answer.status_code == 404
    assert "この番号の案内が見つかりません" in answer.text
    assert re.search(rf'name="code" value="{re.escape(kept)}"', answer.text)


def test_other_pages_that_are_none_ask_for_no_number(site: httpx.Client) -> None:
    assert 'name="code"' not in site.get("/procedures/rocket").text
