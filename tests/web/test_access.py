"""The way into the staff's pages: one-time links, sessions, and everybody who has to stay outside."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from starlette.requests import Request

from service import clock
from service.accounts import sessions
from service.accounts.permissions import OPERATOR
from service.errors import NotFound
from service.settings import Settings
from service.store.graph import Graph
from service.web.staff import auth
from tests.seed import seed
from tests.staff import who_is_in
from tests.web.reading import form_token
from tests.web.serving import publish

pytestmark = pytest.mark.asyncio(loop_scope="session")

STAFF = "/staff"
SIGN_IN = "/staff/sign-in?next=%2Fstaff"
STRANGERS = {
    "a proxy's header": {"X-Forwarded-For": "127.0.0.1"},
    "the standard header": {"Forwarded": "for=127.0.0.1"},
    "another proxy's header": {"X-Real-IP": "127.0.0.1"},
    "any forwarding header": {"X-Forwarded-Host": "127.0.0.1"},
    "a name that leads here": {"Host": "guide.example"},
    "a name with our port": {"Host": "guide.example:8000"},
    "no name at all": {"Host": ""},
}


@pytest.fixture(scope="module", autouse=True)
def live(settings: Settings) -> int:
    """Something is public."""
    return publish(settings, seed(), title="最初の版")


@pytest_asyncio.fixture(loop_scope="session")
async def staff(service: tuple[FastAPI, httpx.Client], graph: Graph) -> AsyncIterator[httpx.Client]:
    """A browser of staff."""
    token = await sessions.open_session(graph, hours=1)
    with httpx.Client(base_url=service[1].base_url, cookies={auth.COOKIE: token}, trust_env=False) as client:
        yield client


def _enter(client: httpx.Client, token: str, **headers: str) -> httpx.Response:
    with httpx.Client(base_url=client.base_url, trust_env=False) as fresh:
        return fresh.post("/staff/enter", data={"token": token}, headers=headers)


def _form_token(client: httpx.Client) -> str:
    return form_token(client.get(STAFF))


# One-time links


async def test_a_link_lets_in_once(api: httpx.Client, graph: Graph) -> None:
    token = await sessions.invite(graph, minutes=5)
    first, second = _enter(api, token), _enter(api, token)
    assert (first.status_code, first.headers["location"]) == (303, STAFF)
    assert first.headers["cache-control"] == "no-store"
    assert second.status_code == 404 and "使用済み" in second.text and "set-cookie" not in second.headers
    kept = first.headers["set-cookie"].lower()
    for part in ("httponly", "samesite=strict", "path=/;", "max-age=36000"):
        assert part in kept + ";"
    assert "secure" not in kept, "the page is not served over https here"
    session = first.cookies[auth.COOKIE]
    shown = api.get(STAFF, headers={"Cookie": f"{auth.COOKIE}={session}"})
    assert shown.status_code == 200 and "公開中" in shown.text and shown.headers["cache-control"] == "no-store"


async def test_looking_at_the_link_does_not_use_it_up(api: httpx.Client, graph: Graph) -> None:
    token = await sessions.invite(graph, minutes=5)
    for _ in range(3):
        page = api.get(f"/staff/enter?token={token}")
        assert page.status_code == 200 and "set-cookie" not in page.headers
        assert page.headers["cache-control"] == "no-store" and page.headers["referrer-policy"] == "no-referrer"
    found = re.search(r'name="token" value="([^"]+)"', page.text)
    assert found and unescape(found[1]) == token
    assert _enter(api, token).status_code == 303


async def test_of_many_who_come_at_once_one_gets_in(api: httpx.Client, graph: Graph) -> None:
    token = await sessions.invite(graph, minutes=5)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: _enter(api, token).status_code, range(8)))
    assert sorted(answers) == [303] + [404] * 7


async def test_a_link_is_over_after_its_minutes(graph: Graph) -> None:
    token = await sessions.invite(graph, minutes=5)
    with clock.fixed(clock.now() + timedelta(minutes=5)), pytest.raises(NotFound):
        await sessions.enter(graph, token, hours=1)
    with pytest.raises(NotFound):
        await sessions.enter(graph, "unknown", hours=1)
    assert await sessions.enter(graph, token, hours=1)


async def test_a_session_is_over_after_its_hours(graph: Graph) -> None:
    token = await sessions.open_session(graph, hours=2)
    assert await who_is_in(graph, token) == OPERATOR
    assert await who_is_in(graph, sessions.digest(token)) is None, "what the store knows opens nothing"
    assert await who_is_in(graph, None) is None and await who_is_in(graph, "unknown") is None
    with clock.fixed(clock.now() + timedelta(hours=2)):
        assert await who_is_in(graph, token) is None


async def test_the_store_knows_digests_only_and_forgets_what_is_over(graph: Graph) -> None:
    invitation = await sessions.invite(graph, minutes=5)
    session = await sessions.enter(graph, invitation, hours=1)
    digests = {sessions.digest(invitation), sessions.digest(session)}
    kept = str([dict(row) for row in await _nodes(graph)])
    assert all(digest in kept for digest in digests)
    assert invitation not in kept and session not in kept
    with clock.fixed(clock.now() + timedelta(hours=2)):
        await sessions.invite(graph, minutes=5)
    kept = str([dict(row) for row in await _nodes(graph)])
    assert not any(digest in kept for digest in digests)


async def _nodes(graph: Graph) -> list[dict[str, object]]:
    async with graph._driver.session() as session:
        result = await session.run("MATCH (n:Invitation|Session) RETURN properties(n) AS node")
        return [record["node"] async for record in result]


async def test_signing_out_ends_the_session_everywhere(staff: httpx.Client, graph: Graph) -> None:
    token = staff.cookies[auth.COOKIE]
    answer = staff.post("/staff/leave", data={"form_token": _form_token(staff)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert await who_is_in(graph, token) is None
    with httpx.Client(base_url=staff.base_url, cookies={auth.COOKIE: token}, trust_env=False) as again:
        assert again.get(STAFF).headers["location"] == SIGN_IN


# Who stays outside


async def test_staff_are_let_in(staff: httpx.Client) -> None:
    assert staff.get(STAFF).status_code == 200


async def test_strangers_are_asked_to_sign_in(api: httpx.Client) -> None:
    for path in (STAFF, "/staff/editions/1/previews", "/staff/editions/987654/previews"):
        for cookie in ("", f"{auth.COOKIE}=guess", f"{auth.COOKIE}="):
            answer = api.get(path, headers={"Cookie": cookie})
            assert answer.status_code == 303 and answer.content == b""
            assert answer.headers["location"] == f"/staff/sign-in?{urlencode({'next': path})}"
            assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("headers", STRANGERS.values(), ids=STRANGERS)
async def test_even_with_the_cookie_nobody_gets_in_from_elsewhere(
    staff: httpx.Client, graph: Graph, headers: dict[str, str]
) -> None:
    assert staff.get(STAFF, headers=headers).status_code in {400, 404}
    token = await sessions.invite(graph, minutes=5)
    assert staff.get(f"/staff/enter?token={token}", headers=headers).status_code in {400, 404}
    assert _enter(staff, token, **headers).status_code in {400, 404}
    assert _enter(staff, token).status_code == 303, "the link was used up from elsewhere"


@pytest.mark.parametrize(
    ("client", "host", "here"),
    [
        ("127.0.0.1", "127.0.0.1:8000", True),
        ("::1", "[::1]:8000", True),
        ("::ffff:127.0.0.1", "localhost:8000", True),
        ("127.0.0.1", "localhost.example", False),
        ("127.0.0.1", "[::1", False),
        ("127.0.0.2", "127.0.0.1:8000", False),
        ("192.0.2.7", "127.0.0.1:8000", False),
        ("::ffff:192.0.2.7", "127.0.0.1:8000", False),
        (None, "127.0.0.1:8000", False),
    ],
)
async def test_this_machine_is_told_from_others(client: str | None, host: str, here: bool) -> None:
    scope = {
        "type": "http",
        "method": "GET",
        "path": STAFF,
        "headers": [(b"host", host.encode())],
        "client": (client, 50_000) if client else None,
    }
    assert auth.is_here(Request(scope)) == here


# Forms


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://elsewhere.example"},
    ],
    ids=str,
)
async def test_a_form_of_another_site_is_refused(staff: httpx.Client, headers: dict[str, str]) -> None:
    sent = {"form_token": _form_token(staff)}
    answer = staff.post("/staff/leave", data=sent, headers=headers)
    assert answer.status_code == 403
    assert staff.get(STAFF).status_code == 200


async def test_a_form_needs_the_token_of_its_own_session(staff: httpx.Client, graph: Graph) -> None:
    other = sessions.form_token(await sessions.open_session(graph, hours=1))
    same = {"Sec-Fetch-Site": "same-origin"}
    for sent in ({"other": "x"}, {"form_token": ""}, {"form_token": other}, {"form_token": "é"}):
        assert staff.post("/staff/leave", data=sent, headers=same).status_code == 403, sent
    assert staff.post("/staff/leave", json={"form_token": _form_token(staff)}, headers=same).status_code == 422
    assert staff.get(STAFF).status_code == 200
    own = f"http://{staff.base_url.host}:{staff.base_url.port}"
    sent = {"form_token": _form_token(staff)}
    assert staff.post("/staff/leave", data=sent, headers={"Origin": own}).status_code == 303


async def test_a_link_is_not_taken_up_for_another_site(api: httpx.Client, graph: Graph) -> None:
    token = await sessions.invite(graph, minutes=5)
    assert _enter(api, token, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert _enter(api, token, **{"Sec-Fetch-Site": "same-origin", "Origin": "null"}).status_code == 303


# Programs

API = "/api/v1/staff"


async def test_programs_come_in_with_a_token(api: httpx.Client, graph: Graph) -> None:
    token = await sessions.open_session(graph, hours=1)
    for name in ("Bearer", "bearer"):
        assert api.get(f"{API}/editions", headers={"Authorization": f"{name} {token}"}).status_code == 200
    for wrong in ("", "Bearer", "Bearer guess", f"Basic {token}", token):
        answer = api.get(f"{API}/editions", headers={"Authorization": wrong})
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found"), wrong
    for headers in STRANGERS.values():
        answer = api.get(f"{API}/editions", headers=headers | {"Authorization": f"Bearer {token}"})
        assert answer.status_code in {400, 404}, headers


async def test_with_a_cookie_a_program_writes_only_from_our_own_pages(staff: httpx.Client, graph: Graph) -> None:
    """What is asked for does not matter here: who may not write is told so before it is looked at."""
    address, nothing = f"{API}/drafts", {"title": "x", "of": 10**9}
    assert staff.get(f"{API}/editions").status_code == 200
    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "none"}, {"Origin": "null"}):
        assert staff.post(address, json=nothing, headers=headers).status_code == 403, headers
    inside = staff.post(address, json=nothing, headers={"Sec-Fetch-Site": "same-origin"})
    token = await sessions.open_session(graph, hours=1)
    with httpx.Client(base_url=staff.base_url, trust_env=False) as program:
        outside = program.post(address, json=nothing, headers={"Authorization": f"Bearer {token}"})
    assert inside.status_code == outside.status_code and inside.status_code not in {403, 500}


# Logs


async def test_no_token_is_logged(staff: httpx.Client, graph: Graph, capfd: pytest.CaptureFixture[str]) -> None:
    token = await sessions.invite(graph, minutes=5)
    capfd.readouterr()
    staff.get(f"/staff/enter?token={token}")
    _enter(staff, token)
    _enter(staff, token)
    staff.get(STAFF)
    written = "".join(capfd.readouterr())
    assert "/staff/enter" in written
    assert token not in written and staff.cookies[auth.COOKIE] not in written
