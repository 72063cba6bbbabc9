"""What residents do in a browser: choose, answer, read the list."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from playwright.sync_api import Page

from service.content.models import Scenario
from tests.seed import seed

MOST_QUESTIONS = 40
NEXT = "次へ"


def scenario(key: str) -> Scenario:
    """A made-up household of the first edition."""
    return next(one for one in seed().scenarios if one.key == key)


def path(page: Page) -> str:
    """The path of the address that the tab shows."""
    return urlsplit(page.url).path


def begin(page: Page, life_events: Iterable[str]) -> None:
    """From the home page to the first question (or the review)."""
    page.goto("/")
    for event in life_events:
        tick(page, "event", event)
    page.get_by_role("button", name="質問に進む").click()


def tick(page: Page, name: str, value: str) -> None:
    """Clicks a choice where people click it: on its words."""
    page.locator(f'label.choice:has(input[name="{name}"][value="{value}"])').click()


def asked(page: Page) -> str | None:
    """The key of the question that is shown; None on any other page."""
    if path(page) != "/guide":
        return None
    return page.locator('form input[name="q"]').get_attribute("value")


def said(household: Scenario, question: str) -> list[str]:
    """The values of the form that the household chooses."""
    given = household.answers[question]
    if given == "unsure":
        return ["?"]
    return [option.partition("/")[2] for option in given] or ["-"]


def answer(page: Page, household: Scenario) -> str:
    """Answers the question that is shown, and goes on; tells its key."""
    question = asked(page)
    assert question is not None, page.url
    for value in said(household, question):
        tick(page, "o", value)
    page.get_by_role("button", name=NEXT, exact=True).click()
    return question


def interview(page: Page, household: Scenario) -> list[str]:
    """From home to the review, answering like the household; tells the questions in the order they were asked."""
    begin(page, household.life_events)
    order: list[str] = []
    while path(page) == "/guide":
        order.append(answer(page, household))
        assert len(order) <= MOST_QUESTIONS
    assert path(page) == "/review", page.url
    return order


def to_result(page: Page) -> None:
    """From the review to the list."""
    page.get_by_role("button", name="結果を見る").click()
    assert path(page) == "/result", page.url


LISTED = "[data-key]"
"""A procedure on a result: a line of the list, or what is told under the line whose form or visit settles it too."""


def listed(page: Page) -> set[str]:
    """The keys of the procedures on a result, once all of it has arrived."""
    page.wait_for_load_state()
    return set(page.locator(LISTED).evaluate_all("lines => lines.map(line => line.dataset.key)"))


def open_fold(page: Page, name: str) -> None:
    """Opens what is folded around the place with this id, as people do: by its line."""
    page.locator(f"details:has(> #{name}) > summary").click()
