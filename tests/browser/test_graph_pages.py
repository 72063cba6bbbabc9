"""The drawing of an item and the map of a life event in a real browser: by clicking, by keyboard, without scripts, at
every width and on paper."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.sync_api import Page, expect

from service.accounts import sessions
from service.accounts.permissions import OPERATOR
from service.content import patches
from service.editions import drafts, edits
from service.runtime.embedded import external
from service.settings import Settings
from service.store.graph import Graph
from tests.browser.conftest import Site
from tests.browser.residents import path
from tests.browser.staff import sign_in
from tests.browser.test_previews import _pictured, _quiet

SECRETS = 16


class Prepared:
    """One-time tokens, and a draft in which something around a procedure is changed."""

    def __init__(self, tokens: list[str], number: int) -> None:
        self.tokens = iter(tokens)
        self.at = f"/staff/editions/{number}"


@pytest.fixture(scope="module", autouse=True)
def prepared(settings: Settings, site: Site) -> Prepared:
    """Made before the browser starts: beside playwright no event loop may run."""
    return asyncio.run(_prepare(settings))


async def _prepare(settings: Settings) -> Prepared:
    graph = Graph.open(external(settings))
    try:
        number = (await drafts.fork(graph, None, title="つながりの見直し", by=OPERATOR)).number
        item, revision = await edits.item(graph.latest, number, key="tennyu")
        assert item and revision
        made = patches.Item(item.kind, {**item.fields, "needs": [], "fee": "300円"})
        await edits.change(graph, number, by=OPERATOR, put=[made], revisions={"tennyu": revision})
        return Prepared([await sessions.invite(graph, minutes=60) for _ in range(SECRETS)], number)
    finally:
        await graph.close()


ADDRESSES = {
    "graph-search": "/graph?words=窓口",
    "graph-procedure": "/graph/tennyu",
    "graph-window": "/graph/window-shimin",
    "graph-event": "/graph/death",
    "graph-question": "/graph/birth-notice",
    "connect": "/graph/tennyu/connect?way=own.procedures.handled_at",
    "map": "/map/birth",
    "map-way": "/map/death?at=shibou",
}


@pytest.mark.parametrize("name", ADDRESSES)
def test_every_page_is_whole_and_accessible(prepared: Prepared, page: Page, site: Site, name: str) -> None:
    sign_in(page, next(prepared.tokens))
    page.goto("about:blank")
    with _quiet(page, site):
        answer = page.goto(prepared.at + ADDRESSES[name])
        assert answer is not None and answer.status == 200
        _pictured(page, f"staff-{name}")


def _a_walk(page: Page, prepared: Prepared) -> None:
    """From the overview to a life event, on through the drawing, connect, undo."""
    sign_in(page, next(prepared.tokens))
    page.get_by_role("link", name="項目のつながりを図で見る").click()
    page.get_by_label("ほかの項目をさがす").fill("転入届")
    page.get_by_role("button", name="さがす").click()
    page.locator("main a[href$='/graph/tennyu']").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("転入届")
    before = path(page)
    page.locator("svg a.kind-condition").first.click()
    assert path(page) != before and "/graph/" in path(page)
    page.goto(f"{prepared.at}/graph/tennyu")
    page.get_by_role("link", name="ほかの項目とつなぐ").click()
    page.get_by_label("つなぎ方").select_option("必要書類を加える")
    page.get_by_label("相手の名前かキー").fill("本人確認")
    page.get_by_role("button", name="さがす").click()
    choice = page.get_by_role("radio").first
    name = choice.locator("xpath=..").locator("span").evaluate("one => one.firstChild.textContent")
    choice.check()
    page.get_by_label("つなぐ理由").fill("窓口で確かめたため")
    page.get_by_role("button", name="つないで保存する").click()
    expect(page.get_by_role("status")).to_contain_text("つなぎました")
    drawn = page.locator("svg a.kind-document", has=page.locator("rect"))
    expect(drawn.first).to_be_visible()
    summary = page.locator("summary", has_text="外す").filter(has_text=name.strip())
    summary.click()
    page.get_by_role("button", name=re.compile(f"外して保存する.*{re.escape(name.strip())}")).click()
    expect(page.get_by_role("status")).to_contain_text("つながりを外しました")


def test_walking_and_connecting(prepared: Prepared, page: Page, site: Site) -> None:
    with _quiet(page, site):
        _a_walk(page, prepared)


def test_walking_and_connecting_without_scripts(prepared: Prepared, plain: Page) -> None:
    _a_walk(plain, prepared)


def test_the_keyboard_walks_from_box_to_box(prepared: Prepared, page: Page) -> None:
    sign_in(page, next(prepared.tokens))
    page.goto(f"{prepared.at}/graph/tennyu")
    page.get_by_role("region", name=re.compile("横に動かせます")).focus()
    boxes = page.locator("svg a")
    for place in range(min(3, boxes.count())):
        page.keyboard.press("Tab")
        assert boxes.nth(place).evaluate("box => box === document.activeElement"), place
    leads_to = boxes.nth(2).get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{leads_to}")


def test_a_wide_drawing_scrolls_in_its_own_box_to_the_middle(prepared: Prepared, page: Page) -> None:
    sign_in(page, next(prepared.tokens))
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{prepared.at}/graph/tennyu")
    shown = page.locator("[data-focus] rect").bounding_box()
    assert shown is not None and shown["x"] >= 0 and shown["x"] + shown["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_drawing_is_on_paper_too(prepared: Prepared, page: Page) -> None:
    sign_in(page, next(prepared.tokens))
    page.goto(f"{prepared.at}/graph/tennyu")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 720, "height": 1000})
    drawing = page.locator(".graph svg").bounding_box()
    assert drawing is not None and drawing["width"] <= 720
    expect(page.locator(".graph text").first).to_be_visible()


def test_a_way_stands_out_on_the_map(prepared: Prepared, page: Page) -> None:
    sign_in(page, next(prepared.tokens))
    page.goto(f"{prepared.at}/map/birth")
    page.locator("svg a.kind-question").last.click()
    assert "at=" in page.url
    expect(page.locator("#way")).to_contain_text("通る道")
    thick = page.locator("svg .on rect").first.evaluate("box => parseFloat(getComputedStyle(box).strokeWidth)")
    thin = page.locator("svg a:not(.on):not(.focus) rect").first
    assert thin.count() == 0 or thick > thin.evaluate("box => parseFloat(getComputedStyle(box).strokeWidth)")
    page.get_by_role("link", name="すべてに戻す").click()
    expect(page.locator("svg .on")).to_have_count(0)
