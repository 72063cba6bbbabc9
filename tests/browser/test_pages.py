"""Every kind of page at the widths of a telephone, a tablet and a desk: accessible, whole, quiet, and pictured."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, Request, Response

from service.content.models import Answer
from service.guidance.admission import FEWEST
from service.guidance.answers import Query, write_address
from service.settings import Settings
from tests.browser.conftest import Site
from tests.browser.residents import scenario
from tests.seed import seed
from tests.web.serving import served, settled

SCREENS = Path(__file__).resolve().parents[2] / "artifacts" / "screens"
WIDTHS = {390: 844, 820: 1180, 1280: 800}
NARROWEST = 320
"""WCAG 1.4.10: no scrolling in two directions at 320 CSS pixels, which is also 1280 at 400 %."""

CHECKS = {"rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"]}
"""All that axe checks by default, and the size of targets (WCAG 2.2, 2.5.8), which it leaves out otherwise."""


def _said(key: str) -> str:
    """The address of a household's answers."""
    household = scenario(key)
    answers = tuple(
        Answer(question, unsure=True) if given == "unsure" else Answer(question, tuple(given))
        for question, given in sorted(household.answers.items())
    )
    return write_address(Query(tuple(household.life_events), answers))


DEATH = _said("case-death-mother-over-75")
FAMILY = _said("case-in-family-of-four")
PAGES = {
    "home": "/",
    "home-error": "/?none=1",
    "question": "/guide?event=death",
    "question-many": "/guide?event=moving-in&ask=family",
    "question-error": "/guide?event=death&q=deceased-head",
    "question-dropped": "/guide?event=death&a=survivors:wife&a=deceased-minor:sole",
    "review": f"/review?{FAMILY}",
    "review-error": f"/review?{FAMILY}&date-moving-in-y=2026&date-moving-in-m=2&date-moving-in-d=30",
    "result": f"/result?{FAMILY}&date=moving-in:2026-11-20",
    "result-death": f"/result?{DEATH}",
    "result-so-far": "/result?event=name-change",
    "result-two-events": f"/result?{_said('case-in-and-birth')}",
    "sheet": f"/sheet?{DEATH}",
    "why-listed": f"/why/shibou?{DEATH}",
    "why-open": "/why/kokuho-sousaihi?event=death",
    "why": f"/why/kokuho-sousaihi?{DEATH}",
    "why-list": f"/why?{DEATH}",
    "procedures": "/procedures",
    "procedure": "/procedures/tennyu",
    "window": "/windows/{window}",
    "terms": "/terms",
    "term": "/terms/{term}",
    "search": "/search?q=年金",
    "search-nothing": "/search?q=ロケット発射",
    "privacy": "/privacy",
    "accessibility": "/accessibility",
    "not-found": "/procedures/rocket",
    "no-such-code": "/code?code=1-ABCD",
}


def _address(name: str) -> str:
    first_window, first_term = seed().windows[0].key, seed().terms[0].key
    return PAGES[name].format(window=first_window, term=first_term)


@contextmanager
def _listening(page: Page, site: Site) -> Iterator[list[str]]:
    """What the browser complains of, and what is asked of others, while the block runs."""
    heard: list[str] = []
    refused: list[str] = []

    def said(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            heard.append(f"{message.text} ({message.location.get('url', '')})")

    def asked(request: Request) -> None:
        if urlsplit(request.url).netloc != urlsplit(site.url).netloc and not request.url.startswith("data:"):
            heard.append(f"asked of others: {request.url}")

    def answered(response: Response) -> None:
        if response.status >= 400 and response.request.is_navigation_request():
            refused.append(response.url)

    def failed(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the browser gives up an icon when the next page is opened
            heard.append(f"failed: {request.url} ({request.failure})")

    page.on("console", said)
    page.on("request", asked)
    page.on("response", answered)
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("requestfailed", failed)
    yield heard
    # A page that is an error on purpose is an error to the browser too.
    heard[:] = [one for one in heard if not any(f"({url})" in one for url in refused)]


def _violations(page: Page) -> list[str]:
    found = Axe().run(page, options=CHECKS).response["violations"]
    return [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]


def _too_wide(page: Page) -> list[str]:
    """What makes the page scroll sideways."""
    found: list[str] = page.evaluate(
        """() => {
          const room = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= room) return [];
          return [...document.querySelectorAll('body *')]
            .filter(one => one.getBoundingClientRect().right > room + 1)
            .map(one => one.outerHTML.slice(0, 120));
        }"""
    )
    return found


@pytest.mark.parametrize("name", PAGES)
def test_page(page: Page, site: Site, name: str) -> None:
    _looked_at(page, site, name, address=_address(name))


class Endless:
    """Work that is never done."""

    def __await__(self) -> Iterator[None]:
        yield


@pytest.fixture
def busy(settings: Settings, site: Site) -> Iterator[Site]:
    """A service in which as much is waited for as is let in."""
    with served(settings.model_copy(update={"guidance_seconds": 0.001})) as (app, client):
        settled(client, "/guide?event=death")
        settled(client, "/health/ready")  # then what is asked ahead of residents is done
        admission = app.state.guidance_service.admission
        waiting = [admission.run(Endless) for _ in range(FEWEST)]
        for one in waiting:
            one.send(None)
        yield Site(str(client.base_url).rstrip("/"), site.edition)
        for one in waiting:
            one.close()


def test_page_of_a_peak(page: Page, busy: Site) -> None:
    address = f"{busy.url}/result?event=death&event=birth&event=divorce"
    _looked_at(page, busy, "busy", address=address)
    assert page.get_by_role("heading", level=1).inner_text() == "ただいま混み合っています"
    with page.expect_navigation():
        page.get_by_role("link", name="もう一度試す").click()
    assert page.url == address


def _looked_at(page: Page, site: Site, name: str, *, address: str) -> None:
    """The page at every width: pictured, whole, accessible, quiet."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    with _listening(page, site) as heard:
        page.goto(address)
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=SCREENS / f"{name}-{width}.png", full_page=True)
            assert _too_wide(page) == [], width
            assert _violations(page) == [], width
        page.set_viewport_size({"width": NARROWEST, "height": 640})
        assert _too_wide(page) == []
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        assert _too_wide(page) == []
        assert _violations(page) == []
    assert heard == []


def test_pictures_show_japanese(page: Page) -> None:
    """Without a font, every character would be drawn as the same box."""
    page.goto("/")
    widths = page.evaluate(
        """() => {
          const pen = document.createElement('canvas').getContext('2d');
          pen.canvas.width = pen.canvas.height = 40;
          pen.font = `32px ${getComputedStyle(document.body).fontFamily}`;
          return [...'市続き'].map(one => {
            pen.clearRect(0, 0, 40, 40);
            pen.fillText(one, 0, 34);
            return pen.getImageData(0, 0, 40, 40).data.reduce((sum, value) => sum + value, 0);
          });
        }"""
    )
    assert len(set(widths)) == 3


def test_reading_order_and_landmarks_hold_without_styles(page: Page) -> None:
    """One h1, and headings without a gap, on every kind of page."""
    for name in PAGES:
        page.goto(_address(name))
        levels = page.locator("h1, h2, h3, h4").evaluate_all("all => all.map(one => Number(one.tagName[1]))")
        assert levels.count(1) == 1, name
        assert all(after - before <= 1 for before, after in pairwise(levels)), (name, levels)


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_pushed_aside_when_text_is_doubled(page: Page, width: int) -> None:
    """WCAG 1.4.4: at 200 % text nothing is cut off or pushed aside, on a telephone neither."""
    page.set_viewport_size({"width": width, "height": 800})
    for name in ("home", "question", "review", "review-error", "result", "sheet", "why", "procedures", "procedure"):
        page.goto(_address(name))
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        assert _too_wide(page) == [], name


BROKEN_WORDS = """() => {
  const broken = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (text.parentElement.closest("option, textarea, svg")) continue;
    for (const word of text.data.matchAll(/[ァ-ヺー]{2,}/g)) {
      const range = document.createRange();
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      const lines = [...range.getClientRects()].filter(line => line.width);
      if (lines.length < 2 || lines[0].bottom > lines.at(-1).top) continue;
      let block = text.parentElement;
      while (/^inline|^contents$/.test(getComputedStyle(block).display)) block = block.parentElement;
      const style = getComputedStyle(block);
      const room = block.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
      if (lines.reduce((sum, line) => sum + line.width, 0) <= room) broken.push(`${word[0]}: ${text.data.trim()}`);
    }
  }
  return broken;
}"""
"""The words in katakana that stretch over two lines, though one would hold them."""


def _left(page: Page, script: str) -> list[str]:
    """What the script finds, once the page has had time to mend it; the pages' policy forbids to wait in the page."""
    for _ in range(50):
        if not page.evaluate(script):
            return []
        page.wait_for_timeout(100)
    found: list[str] = page.evaluate(script)
    return found


@pytest.mark.parametrize(("width", "text"), [*((width, "100%") for width in WIDTHS), (390, "200%")])
def test_no_word_in_katakana_is_broken(page: Page, width: int, text: str) -> None:
    page.set_viewport_size({"width": width, "height": WIDTHS[width]})
    mended: list[str] = []
    for name in (
        "home",
        "question-many",
        "review",
        "result",
        "result-death",
        "sheet",
        "why",
        "procedures",
        "procedure",
    ):
        page.goto(_address(name))
        page.evaluate("size => { document.documentElement.style.fontSize = size }", text)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        assert _left(page, BROKEN_WORDS) == [], name
        assert _too_wide(page) == [], name
        page.evaluate("document.querySelectorAll('.whole').forEach(one => { one.style.display = 'inline' })")
        mended += page.evaluate(BROKEN_WORDS)
    assert mended or text == "100%", "what a browser breaks by itself is seen"


def test_the_checks_see_what_is_wrong(page: Page, site: Site) -> None:
    """A picture without words, a strip that is too wide, a script in the page, a foreign picture: all are told."""
    with _listening(page, site) as heard:
        page.goto("/")
        page.set_viewport_size({"width": NARROWEST, "height": 640})
        page.evaluate(
            """() => {
              const main = document.querySelector('main');
              main.insertAdjacentHTML('beforeend', '<img src="https://example.invalid/a.png"><p id="wide">幅</p>');
              document.getElementById('wide').style.width = '600px';
              const script = document.createElement('script');
              script.textContent = '1';
              main.append(script);
            }"""
        )
        page.wait_for_timeout(200)
        assert any(one.startswith("image-alt") for one in _violations(page))
        assert any('id="wide"' in one for one in _too_wide(page))
    assert any("script-src" in one for one in heard) and any("img-src" in one for one in heard)
