"""How requests of one address are counted: in fixed windows, which end however many still come."""

from __future__ import annotations

import httpx
import pytest
from starlette.responses import PlainTextResponse, Response
from starlette.types import Scope

from service.errors import GuideError
from service.web.middleware import Guards
from tests.clocks import Moving

RATE = 3


def _told(scope: Scope, error: Exception) -> Response:
    assert isinstance(error, GuideError)
    return PlainTextResponse(error.message, error.status)


@pytest.fixture
def guards(moving: Moving) -> Guards:
    app = PlainTextResponse("here")
    return Guards(app, most_bytes=1_000, seconds=5, rate=RATE, told=_told)


async def _answer(guards: Guards, *, host: str = "203.0.113.5", path: str = "/") -> httpx.Response:
    transport = httpx.ASGITransport(guards, client=(host, 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://guide.example") as client:
        return await client.get(path)


async def _status(guards: Guards, *, host: str = "203.0.113.5", path: str = "/") -> int:
    return (await _answer(guards, host=host, path=path)).status_code


async def test_a_window_ends_although_requests_keep_coming(guards: Guards, moving: Moving) -> None:
    begin = moving.seconds
    for second, wanted in ((0, 200), (10, 200), (20, 200), (30, 429), (59, 429), (60, 200), (70, 200), (119, 200)):
        moving.seconds = begin + second
        assert await _status(guards) == wanted, second
    assert await _status(guards) == 429


async def test_each_address_is_counted_by_itself(guards: Guards) -> None:
    assert [await _status(guards) for _ in range(RATE + 1)] == [200] * RATE + [429]
    assert await _status(guards, host="203.0.113.6") == 200


async def test_this_machine_has_no_limit(guards: Guards) -> None:
    assert [await _status(guards, host="127.0.0.1") for _ in range(RATE * 3)] == [200] * RATE * 3


@pytest.mark.parametrize(
    "hosts",
    [
        [f"2001:db8:1:2::{number:x}" for number in range(1, RATE + 2)],
        ["2001:db8::1", "2001:DB8::1", "2001:0db8:0:0::1", "2001:db8:0:0:0:0:0:1"],
        ["203.0.113.5", "::ffff:203.0.113.5", "::ffff:cb00:7105", "203.0.113.5"],
        ["unknown", "_hidden", "203.0.113.5:80", "' OR 1=1"],
    ],
)
async def test_one_visitor_is_counted_once_however_the_address_is_written(guards: Guards, hosts: list[str]) -> None:
    assert [await _status(guards, host=host) for host in hosts] == [200] * RATE + [429]


async def test_other_networks_are_other_visitors(guards: Guards) -> None:
    assert [await _status(guards, host=f"2001:db8:1:{number}::1") for number in range(RATE * 2)] == [200] * RATE * 2


@pytest.mark.parametrize("host", ["::1", "127.0.0.2", "::ffff:127.0.0.1"])
async def test_no_spelling_of_this_machine_has_a_limit(guards: Guards, host: str) -> None:
    assert [await _status(guards, host=host) for _ in range(RATE * 2)] == [200] * RATE * 2


@pytest.mark.parametrize("path", ["/static/guide.css", "/health/ready"])
async def test_what_no_visitor_asks_for_is_not_counted(guards: Guards, path: str) -> None:
    assert [await _status(guards, path=path) for _ in range(RATE * 2)] == [200] * RATE * 2
    assert await _status(guards) == 200


async def test_an_answer_that_does_not_say_how_long_it_holds_is_not_kept(guards: Guards) -> None:
    assert (await _answer(guards)).headers["cache-control"] == "no-store"
    said = Guards(
        PlainTextResponse("here", headers={"Cache-Control": "public"}), most_bytes=9, seconds=5, rate=0, told=_told
    )
    assert (await _answer(said)).headers.get_list("cache-control") == ["public"]
