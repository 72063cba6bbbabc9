"""The list of a result in a browser: what the first screen answers, how long it is, what opens, what is printed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from service import clock
from service.guidance.answers import Query, write_address
from service.guidance.order import Stage
from tests.browser.conftest import WAITS_MS, Site
from tests.browser.paper import filled
from tests.browser.residents import open_fold, scenario
from tests.evaluation import answers_of

PHONE: ViewportSize = {"width": 390, "height": 844}
HOUSEHOLDS = {
    "case-death-head-one-left": "a widow",
    "case-death-working-father": "a young widow with children: twice the usual number of procedures",
    "case-in-family-of-four": "a family moving in",
    "case-in-and-birth": "a birth with a move",
    "case-divorce-mother-with-child": "a divorce",
    "case-out-abroad": "a move abroad",
}
SCREENS = 4.5
"""The list ends within so many screens of a phone."""
LONGEST = {"case-death-working-father": 4.7}


def _address(key: str, *, dated: bool = True) -> str:
    household = scenario(key)
    answers = tuple(sorted(answers_of(household), key=lambda answer: answer.question))
    events = tuple(household.life_events)
    return "/result?" + write_address(Query(events, answers, dict.fromkeys(events, clock.today()) if dated else {}))


@pytest.fixture
def phone(page: Page) -> Page:
    page.set_viewport_size(PHONE)
    return page


def _bottom(page: Page, place: str) -> float:
    """Where an element ends, in screens of a phone from the top of the page."""
    found: float = page.locator(place).evaluate("one => one.getBoundingClientRect().bottom + window.scrollY")
    return found / PHONE["height"]


@pytest.mark.parametrize("key", HOUSEHOLDS)
def test_the_list_is_short_and_its_first_screen_answers(phone: Page, key: str) -> None:
    phone.goto(_address(key))
    assert _bottom(phone, "#list") <= LONGEST.get(key, SCREENS)
    assert _bottom(phone, ".first") < 1 and _bottom(phone, ".counts") < 1
    first = phone.locator(".proc").first
    name = first.locator("h4").inner_text()
    assert phone.locator(".first h2").inner_text() == name
    assert first.locator(".by b").inner_text() in phone.locator(".first .when").inner_text()


def test_few_answers_make_no_long_page(phone: Page) -> None:
    """Whoever has answered nothing yet is listed dozens of conditional procedures: folded as one group."""
    phone.goto("/result?event=moving-in")
    assert phone.locator("#maybe .proc").count() > 30
    assert _bottom(phone, "#list") < 2
    open_fold(phone, "maybe")
    expect(phone.locator("#maybe .proc").first).to_be_visible()


def test_the_timeline_goes_from_what_is_near_to_what_has_no_day(phone: Page) -> None:
    names = list(Stage)
    for key in HOUSEHOLDS:
        for dated in (True, False):
            phone.goto(_address(key, dated=dated))
            for group in ("must", "gain"):
                found = phone.locator(f"#list [id^={group}-]").evaluate_all("all => all.map(one => one.id)")
                stages = [names.index(Stage(one.removeprefix(f"{group}-"))) for one in found]
                assert stages == sorted(stages) and len(set(stages)) == len(stages)


# What opens


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def either(request: pytest.FixtureRequest, browser: Browser, site: Site) -> Iterator[Page]:
    with browser.new_context(base_url=site.url, java_script_enabled=request.param, viewport=PHONE) as context:
        context.set_default_timeout(WAITS_MS)
        yield context.new_page()


def test_an_address_opens_what_it_names(either: Page) -> None:
    address = _address("case-in-family-of-four")
    either.goto(f"{address}#p-menkyo")
    expect(either.locator("#p-menkyo")).to_be_visible()
    expect(either.locator("#p-tennyu")).to_be_hidden()


def test_links_on_the_page_open_what_they_name(either: Page) -> None:
    either.goto(_address("case-in-family-of-four"))
    expect(either.locator("#p-tennyu")).to_be_hidden()
    either.locator(".first h2 a").click()
    expect(either.locator("#p-tennyu")).to_be_visible()
    expect(either.locator("#h-tennyu")).to_be_in_viewport()
    either.locator(".take a[href='#share']").click()
    expect(either.locator("#share")).to_be_visible()


def test_what_is_folded_twice_opens_too(either: Page) -> None:
    """A line of the folded group of what may be needed."""
    either.goto("/result?event=moving-in#p-kokuho-kanyu")
    expect(either.locator("#p-kokuho-kanyu")).to_be_visible()


def test_a_line_opens_by_tap_and_by_keyboard(phone: Page) -> None:
    phone.goto(_address("case-in-family-of-four"))
    line = phone.locator('[data-key="tennyu"] summary')
    line.click()
    expect(phone.locator("#p-tennyu")).to_be_visible()
    line.press("Enter")
    expect(phone.locator("#p-tennyu")).to_be_hidden()


# Paper


def _height(page: Page, place: str) -> float:
    found: float = page.locator(place).evaluate("one => one.getBoundingClientRect().height")
    return found


def test_printed_the_list_shows_what_is_needed_opened(page: Page) -> None:
    page.goto("/result?event=moving-in&a=transfer-out:paper")
    assert page.locator("#maybe .proc").count()
    page.emulate_media(media="print")
    needed = page.locator("#list > section .proc").evaluate_all("lines => lines.map(line => line.dataset.key)")
    assert "tennyu" in needed
    for key in needed:
        assert _height(page, f"#p-{key}") > 20, key
    for place in ("#bring", "#route", "#maybe"):
        assert _height(page, place) > 20, place
    first = page.locator("#maybe .proc").first
    assert _height(page, f"#p-{first.get_attribute('data-key')}") < 1, "what only may be needed is there by name"
    assert _height(page, "#maybe .proc:first-child summary") > 10


@pytest.mark.parametrize("key", HOUSEHOLDS)
def test_on_paper_no_page_is_nearly_empty(page: Page, key: str) -> None:
    page.goto(_address(key).replace("/result?", "/sheet?"))
    fills = filled(page.pdf(format="A4", prefer_css_page_size=True))
    assert len(fills) <= 3
    assert min(fills) > 0.12, fills
