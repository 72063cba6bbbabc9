"""An editor's first task in a real browser, by clicking and typing alone: a deadline changed, a condition added in the
decision table, its effect seen before it is saved; with and without scripts, at every width."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.sync_api import Page, expect

from service.accounts import sessions
from service.accounts.permissions import OPERATOR
from service.editions import drafts
from service.runtime.embedded import external
from service.settings import Settings
from service.store.graph import Graph
from tests.browser.conftest import Site
from tests.browser.staff import sign_in
from tests.browser.test_previews import _pictured, _quiet

EVENT, PROCEDURE = "birth", "tennyu"


class Prepared:
    """One-time tokens, and a draft for each test."""

    def __init__(self, tokens: list[str], numbers: list[int]) -> None:
        self.tokens = iter(tokens)
        self.drafts = iter(numbers)


@pytest.fixture(scope="module", autouse=True)
def prepared(settings: Settings, site: Site) -> Prepared:
    """Made before the browser starts: beside playwright no event loop may run."""
    return asyncio.run(_prepare(settings))


async def _prepare(settings: Settings) -> Prepared:
    graph = Graph.open(external(settings))
    try:
        numbers = [(await drafts.fork(graph, None, title=f"初日 {one}", by=OPERATOR)).number for one in range(4)]
        return Prepared([await sessions.invite(graph, minutes=60) for _ in range(4)], numbers)
    finally:
        await graph.close()


def _first_task(page: Page, prepared: Prepared, *, picture: str | None = None) -> int:
    """The number of the draft in which it was done."""
    sign_in(page, next(prepared.tokens))
    number = next(prepared.drafts)
    page.goto(f"/staff/editions/{number}/items/{PROCEDURE}")
    page.locator("#f-deadline-value-in").fill("15")
    page.get_by_label("変える理由").fill("条例の改正")
    page.get_by_role("button", name="保存する", exact=True).click()
    expect(page.get_by_text("保存しました。", exact=False).first).to_be_visible()
    page.goto(f"/staff/editions/{number}/items/{EVENT}")
    page.get_by_role("link", name="条件表で直す").click()
    page.get_by_role("button", name="条件を加える").click()
    row = page.locator("tr.editing")
    row.get_by_label("条件の名前").fill("出生届をこれから出す、引っ越しの方")
    row.get_by_role("button", name=re.compile("^加える")).first.click()
    expect(row.get_by_role("combobox").first).to_be_visible()
    row.get_by_role("combobox").first.select_option("このどれか")
    row.get_by_role("searchbox").fill("転入届")
    if row.get_by_role("checkbox", name="転入届", exact=True).count() == 0:
        row.get_by_role("button", name=re.compile("^さがす")).click()
    box = row.get_by_role("checkbox", name="転入届", exact=True)
    expect(box).to_be_visible()
    box.check()
    page.get_by_role("button", name="住民への影響を見る").click()
    effect = page.locator("#effect")
    expect(effect).to_contain_text("『転入届』が新たに出る人がいます")
    expect(effect).to_contain_text("出なくなる手続きはありません")
    expect(effect.get_by_role("link", name=re.compile("^公開中の案内"))).to_be_visible()
    if picture:
        _pictured(page, picture)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_role("button", name="まとめて保存する").click()
    expect(page.get_by_text("保存しました。").first).to_be_visible()
    expect(page.get_by_role("rowheader", name=re.compile("引っ越しの方"))).to_be_visible()
    return number


def test_an_editors_first_task_by_clicking(prepared: Prepared, page: Page, site: Site) -> None:
    with _quiet(page, site):
        number = _first_task(page, prepared, picture="staff-table")
    page.goto(f"/staff/editions/{number}/items/{PROCEDURE}")
    expect(page.locator("#f-deadline-value-in")).to_have_value("15")


def test_an_editors_first_task_without_scripts(prepared: Prepared, plain: Page) -> None:
    number = _first_task(plain, prepared)
    plain.goto(f"/staff/editions/{number}/items/{PROCEDURE}")
    expect(plain.locator("#f-deadline-value-in")).to_have_value("15")


def test_scripts_search_and_try_as_one_types_and_lose_nothing(prepared: Prepared, page: Page, site: Site) -> None:
    """Candidates come while typing, the effect after a pause, what was typed after the tab was left."""
    sign_in(page, next(prepared.tokens))
    number = next(prepared.drafts)
    address = f"/staff/editions/{number}/items/{PROCEDURE}"
    with _quiet(page, site):
        page.goto(address)
        page.locator("#f-needs").get_by_role("searchbox").press_sequentially("印鑑")
        expect(page.locator("#f-needs").get_by_role("checkbox", name=re.compile("印鑑")).first).to_be_visible()
        expect(page.locator("#f-needs").get_by_role("searchbox")).to_be_focused()
        page.locator("#f-needs").get_by_role("checkbox", name=re.compile("印鑑")).first.check()
        page.locator("#f-needs").get_by_role("searchbox").fill("")
        page.locator("#f-fee-in").fill("350円")
        expect(page.locator("#effect .phone")).to_contain_text("350円")
        expect(page.locator("#effect")).to_contain_text("『転入届』の持ち物に")
        _pictured(page, "staff-item-effect")
        page.set_viewport_size({"width": 1280, "height": 800})
        page.goto("/staff")
        page.goto(address)
        expect(page.locator("#f-fee-in")).not_to_have_value("350円")
        page.get_by_role("button", name="書きかけに戻る").click()
        expect(page.locator("#f-fee-in")).to_have_value("350円")
        page.get_by_role("button", name="保存する", exact=True).click()
        expect(page.get_by_text("保存しました。").first).to_be_visible()
        page.goto(address)
        expect(page.get_by_role("button", name="書きかけに戻る")).to_be_hidden()
        expect(page.locator("#f-fee-in")).to_have_value("350円")
