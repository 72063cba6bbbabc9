"""What the tests of the whole service ask for."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI

from service.settings import Settings
from tests.web.serving import served


@pytest.fixture(scope="module")
def service(settings: Settings) -> Iterator[tuple[FastAPI, httpx.Client]]:
    """The application on a real port, and a client of it."""
    with served(settings) as running:
        yield running


@pytest.fixture(scope="module")
def api(service: tuple[FastAPI, httpx.Client]) -> httpx.Client:
    """A client of the service."""
    return service[1]
