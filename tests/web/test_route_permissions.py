"""Who may go where: every route of the staff, with every role, with none, and with sessions that are not good.

Nothing is done on the way: the editions and people that the addresses name do not exist.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import timedelta
from http.cookiejar import DefaultCookiePolicy

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from service import clock
from service.accounts import sessions
from service.accounts.permissions import ALLOWED, Permission, Role
from service.accounts.sessions import Lifetime
from service.app import create
from service.runtime.embedded import external
from service.settings import Settings
from service.store import schema
from service.store.graph import Graph
from service.web import permissions
from service.web.permissions import NEEDS, OPEN
from service.web.staff import auth
from tests.seed import seed
from tests.staff import account, signed_in
from tests.web.serving import publish

MAY = {
    "editor": {"read", "edit"},
    "approver": {"read", "publish"},
    "analyst": {"read"},
    "administrator": {"read", "archive", "administer"},
}
"""What each role may do, said once more."""
ONLY = {
    "POST /staff/editions/{number}/publish": {"approver"},
    "POST /api/v1/staff/drafts/{number}/publish": {"approver"},
    "POST /api/v1/staff/editions/{number}/rollback": {"approver"},
    "POST /staff/editions/{number}/items/{key}": {"editor"},
    "POST /api/v1/staff/drafts/{number}/changes": {"editor"},
    "POST /api/v1/staff/editions/{number}/archive": {"administrator"},
    "GET /staff/accounts": {"administrator"},
    "POST /staff/accounts": {"administrator"},
    "POST /staff/accounts/{account}/act/{act}": {"administrator"},
    "GET /staff/history": {"editor", "approver", "analyst", "administrator"},
}
"""The ones that matter most, by the roles that may."""
NOBODY = {
    "no session": "",
    "a guessed session": "guess",
    "a session that is over": "over",
    "a session that lies idle": "idle",
    "a session at the code": "code",
}
PLACES = {"number": str(10**9), "act": "discard"}
API = "/api/"


def routes() -> list[str]:
    """Every route of the staff: method and address."""
    found = [
        f"{method} {route.path}"
        for route in create(Settings()).routes
        if isinstance(route, APIRoute) and route.path.startswith(("/staff", "/api/v1/staff"))
        for method in sorted(route.methods or ())
    ]
    assert len(found) > 80
    return found


ROUTES = routes()


@pytest.fixture(scope="module")
def tokens(settings: Settings) -> dict[str, str]:
    """A session of each role, by role, and those that are not good."""

    async def made() -> dict[str, str]:
        graph = Graph.open(external(settings))
        try:
            await schema.prepare(graph)
            people = {str(role): (await account(graph, f"the.{role}", str(role)))[0] for role in Role}
            known = {role: await signed_in(graph, id) for role, id in people.items()}
            some, short = people["administrator"], Lifetime(timedelta(seconds=1))
            with clock.fixed(clock.now() - timedelta(hours=5)):
                known["over"] = await signed_in(graph, some, life=short)
                known["idle"] = await signed_in(graph, some)
            known["code"] = await signed_in(graph, some, stage="code")
            return known | {"": "", "guess": "guess"}
        finally:
            await graph.close()

    return asyncio.run(made())


@pytest.fixture(scope="module")
def client(settings: Settings, service: tuple[FastAPI, httpx.Client]) -> Iterator[httpx.Client]:
    """A client that keeps no cookies by itself."""
    publish(settings, seed(), title="最初の版")
    with httpx.Client(base_url=service[1].base_url, trust_env=False, timeout=60) as made:
        made.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        yield made


def _asked(client: httpx.Client, route: str, token: str) -> httpx.Response:
    """What is answered to the bearer of a session that sends a form or a body with nothing in it."""
    method, _, path = route.partition(" ")
    address = re.sub(r"\{(\w+)(:path)?\}", lambda found: PLACES.get(found[1], "nothing-there"), path)
    headers = {"Cookie": f"{auth.COOKIE}={token}", "Sec-Fetch-Site": "same-origin"}
    if method == "GET":
        return client.get(address, headers=headers)
    if path.startswith(API):
        return client.post(address, headers=headers, json={})
    return client.post(address, headers=headers, data={"form_token": sessions.form_token(token)})


def test_the_table_names_every_route_and_no_other() -> None:
    assert OPEN.isdisjoint(NEEDS)
    assert sorted(ROUTES) == sorted(OPEN | set(NEEDS))


def test_roles_allow_what_they_are_for() -> None:
    assert {str(role): set(map(str, allowed)) for role, allowed in ALLOWED.items()} == MAY
    for route, roles in ONLY.items():
        assert {role for role in MAY if str(NEEDS[route]) in MAY[role]} == roles, route


def test_a_route_that_was_forgotten_is_the_administrators_alone() -> None:
    assert permissions.needed("POST", "/staff/new-and-forgotten") is Permission.ADMINISTER


@pytest.mark.parametrize("role", MAY)
def test_every_route_asks_for_what_the_table_says(client: httpx.Client, tokens: dict[str, str], role: str) -> None:
    differs = {}
    for route in sorted(NEEDS, key=lambda route: route == "POST /staff/leave"):
        answer = _asked(client, route, tokens[role])
        allowed = str(NEEDS[route]) in MAY[role]
        if (answer.status_code != 403) != allowed or answer.status_code >= 500 or _is_sent_away(answer):
            differs[route] = answer.status_code
    assert differs == {}


@pytest.mark.parametrize("who", NOBODY)
def test_nobody_else_gets_in_anywhere(client: httpx.Client, tokens: dict[str, str], who: str) -> None:
    differs = {}
    for route in NEEDS:
        answer = _asked(client, route, tokens[NOBODY[who]])
        is_out = answer.status_code == 404 if API in route else _is_sent_away(answer) or _is_kept(answer)
        if not is_out:
            differs[route] = answer.status_code
    assert differs == {}


def _is_kept(answer: httpx.Response) -> bool:
    """Whether a form is given back, to be sent again by who has signed in."""
    return answer.status_code == 403 and "<h1>サインインが終わっていました</h1>" in answer.text


def _is_sent_away(answer: httpx.Response) -> bool:
    return answer.status_code == 303 and answer.headers["location"].startswith("/staff/sign-in?")
