"""What the tests of the whole service ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from service.accounts import sessions
from service.settings import Settings
from service.store.graph import Graph
from service.web.staff import auth
from tests.web.serving import served, settled


@pytest.fixture(scope="module")
def service(settings: Settings) -> Iterator[tuple[FastAPI, httpx.Client]]:
    """The application on a real port, and a client of it."""
    with served(settings) as running:
        yield running


@pytest.fixture(scope="module")
def api(service: tuple[FastAPI, httpx.Client]) -> httpx.Client:
    """A client of the service."""
    return service[1]


@pytest_asyncio.fixture(loop_scope="session")
async def staff(service: tuple[FastAPI, httpx.Client], graph: Graph) -> AsyncIterator[httpx.Client]:
    """A browser of the operator."""
    token = await sessions.open_session(graph, hours=1)
    with httpx.Client(
        base_url=service[1].base_url, cookies={auth.COOKIE: token}, trust_env=False, timeout=60
    ) as client:
        settled(client, "/staff")
        yield client
