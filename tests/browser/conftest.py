"""A real Chromium and the real service with the first edition live."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from service.settings import Settings
from tests.browser.staff import SLOW_MS
from tests.needs import chromium, japanese_font
from tests.seed import seed
from tests.web.serving import publish, served, settled

MISSING_CHROMIUM = "Chromium がありません：make test か、sudo apt-get install chromium、または TETSUZUKI_TEST_CHROMIUM"
MISSING_FONT = "日本語の書体がありません：make test か、sudo apt-get install fontconfig fonts-noto-cjk"
WAITS_MS = 15_000
WARMED = ("/guide?event=death", "/result?event=death", "/why/shibou?event=death", "/procedures/shibou", "/terms")


@dataclass(frozen=True, slots=True)
class Site:
    """Where the service answers, and the number of the edition that is live on it."""

    url: str
    edition: int


@pytest.fixture(scope="module")
def site(settings: Settings) -> Iterator[Site]:
    """The service on a real port; other modules publish other contents, so the seed is made live again."""
    number = publish(settings, seed(), title="最初の版")
    with served(settings) as (_, client):
        for path in WARMED:
            settled(client, path)
        yield Site(str(client.base_url).rstrip("/"), number)


@pytest.fixture(scope="module")
def chromium_path() -> Path:
    """The browser; fails in one line where there is none, or where pictures would show boxes."""
    found = chromium()
    if found is None:
        pytest.fail(MISSING_CHROMIUM, pytrace=False)
    if japanese_font() is None:
        pytest.fail(MISSING_FONT, pytrace=False)
    return found


@pytest.fixture(scope="module")
def browser(site: Site, chromium_path: Path) -> Iterator[Browser]:
    """One Chromium a module. It starts after the site: no event loop may be started beside playwright's own."""
    with sync_playwright() as playwright:
        # The sandbox needs namespaces that root and containers do not have; only our own pages are opened.
        opened = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def context(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    """A resident's browser without any past."""
    with browser.new_context(base_url=site.url, locale="ja-JP", timezone_id="Asia/Tokyo") as fresh:
        fresh.set_default_timeout(WAITS_MS)
        yield fresh


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A tab."""
    return context.new_page()


@pytest.fixture
def plain(browser: Browser, site: Site) -> Iterator[Page]:
    """A tab of a browser that runs no scripts."""
    with browser.new_context(base_url=site.url, java_script_enabled=False, locale="ja-JP") as context:
        context.set_default_timeout(SLOW_MS)
        yield context.new_page()
