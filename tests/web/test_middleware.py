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


async def _status(guards: Guards, *, host: str = "203.0.113.5") -> int:
    transport = httpx.ASGITransport(guards, client=(host, 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://guide.example") as client:
        return (await client.get("/")).status_code


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
