"""The address in front of printed codes: the one that a visitor typed, and nobody else's."""

from __future__ import annotations

import time

import httpx
import pytest

from service.guidance.service import MOST_BASE
from service.settings import Settings
from tests.seed import seed
from tests.web.serving import publish, served, settled

SHEET = "/sheet?event=death"
SCHEME = "http://"
FRESH_WITHIN = 10.0
"""Seconds: a new edition is seen within one, and the machine may be busy."""


@pytest.fixture(scope="module")
def site(settings: Settings, service: tuple[object, httpx.Client]) -> httpx.Client:
    publish(settings, seed(), title="最初の版")
    until = time.monotonic() + FRESH_WITHIN
    while settled(service[1], SHEET).status_code != 200 and time.monotonic() < until:
        time.sleep(0.1)
    return service[1]


def _sheet(site: httpx.Client, host: str) -> httpx.Response:
    return site.get(SHEET, headers={"Host": host})


def test_a_sheet_is_kept_for_those_who_typed_the_same_address(site: httpx.Client) -> None:
    """Whoever sends a strange `Host` does not print it on other people's sheets."""
    pages = {host: _sheet(site, host).text for host in ("strange.example", "guide.example", "strange.example:8080")}
    for host, page in pages.items():
        assert f"{SCHEME}{host}/e/" in page
        assert not [other for other in pages if other != host and f"{SCHEME}{other}/e/" in page]
    for host, page in pages.items():
        assert _sheet(site, host).text == page


def test_an_address_that_no_code_can_hold_is_refused(site: httpx.Client) -> None:
    longest = "a" * (MOST_BASE - len(SCHEME) - 1)
    assert _sheet(site, longest).status_code == 200
    too_long = _sheet(site, longest + "a")
    assert too_long.status_code == 422
    assert "アドレスが長すぎます" in too_long.text
    assert site.get("/result.ics?event=death&date=death:2026-11-20", headers={"Host": longest + "a"}).status_code == 422


def test_the_address_of_the_settings_comes_first(settings: Settings, site: httpx.Client) -> None:
    own = settings.model_copy(update={"public_url": "https://guide.example/city/"})
    with served(own) as (_, client):
        page = settled(client, SHEET).text
    assert "https://guide.example/city/e/" in page
