"""Previews in a real browser: officials walk a draft as residents will, on screen and on paper, with and without
scripts; and the pages of staff by which they come in and hand out links."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from service.accounts import sessions
from service.accounts.permissions import OPERATOR
from service.content.models import Scenario
from service.editions import preview_links
from service.runtime.embedded import external
from service.settings import Settings
from service.store.graph import Graph
from tests.browser.conftest import Site
from tests.browser.residents import listed, open_fold, path, said, scenario, tick
from tests.browser.staff import sign_in
from tests.browser.test_pages import SCREENS, WIDTHS, _listening, _too_wide, _violations
from tests.seed import seed
from tests.web.serving import publish

HOUSEHOLD = "case-marriage-with-child"
MARK = "（見直し）"
TITLE = "9月の見直し"
SAMPLES = (
    "/",
    "/?none=1",
    "/guide?event=death",
    "/review?event=death",
    "/result?event=death",
    "/sheet?event=death",
    "/procedures",
    "/procedures/shibou",
    "/terms",
    "/search?q=年金",
    "/why?event=death",
    "/procedures/rocket",
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft, the token of a link to it, and as many one-time tokens as the tests use."""

    number: int
    link: str
    invitations: Iterator[str]

    @property
    def root(self) -> str:
        """Where its preview begins."""
        return f"/preview/{self.number}"


@pytest.fixture(scope="module", autouse=True)
def draft(settings: Settings, site: Site) -> Draft:
    """Made before the browser starts: beside playwright no event loop may run."""
    content = seed()
    questions = [one.model_copy(update={"text": one.text + MARK}) for one in content.questions]
    edited = content.model_copy(update={"questions": questions})
    number = publish(settings, edited, title=TITLE, draft=True)

    async def made() -> tuple[str, list[str]]:
        graph = Graph.open(external(settings))
        try:
            link = await preview_links.issue(graph, edition=number, days=3, by=OPERATOR, note="市民課に")
            return link, [await sessions.invite(graph, minutes=60) for _ in range(5)]
        finally:
            await graph.close()

    link, invitations = asyncio.run(made())
    return Draft(number, link, iter(invitations))


def _come_in(page: Page, draft: Draft) -> None:
    """By the link, as it was sent to somebody."""
    page.goto(f"{draft.root}/enter?token={draft.link}")
    assert path(page) == f"{draft.root}/" and draft.link not in page.url


def _walk(page: Page, draft: Draft, household: Scenario) -> None:
    """From the beginning of the preview to the list, answering like the household."""
    for event in household.life_events:
        tick(page, "event", event)
    page.get_by_role("button", name="質問に進む").click()
    while path(page) == f"{draft.root}/guide":
        expect(page.locator("aside.preview")).to_contain_text(f"第{draft.number}版「{TITLE}」— 公開前の内容です")
        assert MARK in page.locator("h1").inner_text()
        question = page.locator('form input[name="q"]').get_attribute("value")
        assert question is not None
        for value in said(household, question):
            tick(page, "o", value)
        page.get_by_role("button", name="次へ", exact=True).click()
    assert path(page) == f"{draft.root}/review", page.url
    page.get_by_role("button", name="結果を見る").click()
    assert path(page) == f"{draft.root}/result", page.url


def _check_list(page: Page, household: Scenario) -> None:
    shown = listed(page)
    assert set(household.expects) <= shown and not set(household.rules_out) & shown


@contextmanager
def _quiet(page: Page, site: Site) -> Iterator[None]:
    """Fails when the browser complained of anything meanwhile."""
    with _listening(page, site) as heard:
        yield
    assert heard == []


def _pictured(page: Page, name: str) -> None:
    """Whole and accessible at every width; pictures are left for people."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=Path(SCREENS) / f"{name}-{width}.png", full_page=True)
        assert _too_wide(page) == [], width
        assert _violations(page) == [], width
    page.set_viewport_size({"width": 320, "height": 640})
    assert _too_wide(page) == []


def test_a_holder_of_a_link_walks_an_event(page: Page, site: Site, draft: Draft) -> None:
    with _quiet(page, site):
        _come_in(page, draft)
        _walk(page, draft, scenario(HOUSEHOLD))
        _check_list(page, scenario(HOUSEHOLD))
        page.get_by_role("link", name="印刷する").click()
        assert path(page) == f"{draft.root}/sheet"
        expect(page.locator("article.sheet")).to_be_visible()


def test_and_without_scripts(plain: Page, draft: Draft) -> None:
    _come_in(plain, draft)
    _walk(plain, draft, scenario(HOUSEHOLD))
    _check_list(plain, scenario(HOUSEHOLD))
    open_fold(plain, "why")
    plain.locator("#why-q").fill("年金")
    plain.locator("#why-q").press("Enter")
    assert path(plain) == f"{draft.root}/why"
    plain.get_by_role("link", name="手続きガイド").first.click()
    assert path(plain) == f"{draft.root}/"


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_kind_of_page_is_marked_on_screen_and_on_paper(page: Page, site: Site, draft: Draft, sample: str) -> None:
    with _quiet(page, site):
        _come_in(page, draft)
        page.goto(draft.root + sample)
        _pictured(page, "preview-" + (sample.strip("/").partition("?")[0].replace("/", "-") or "home"))
        for media in ("screen", "print"):
            page.emulate_media(media=media)
            expect(page.locator("aside.preview")).to_be_visible()
            expect(page.locator("aside.preview")).to_contain_text("下書きのプレビュー")


def test_without_a_link_there_is_nothing(page: Page, draft: Draft) -> None:
    for address in (f"{draft.root}/", f"{draft.root}/result?event=death"):
        answer = page.goto(address)
        assert answer is not None and answer.status == 404
        expect(page.locator("h1")).to_have_text("ページが見つかりません")
    page.goto("/staff")
    assert path(page) == "/staff/sign-in"


def test_staff_come_in_hand_out_a_link_and_take_it_back(
    page: Page, context: BrowserContext, browser: Browser, site: Site, draft: Draft
) -> None:
    with _quiet(page, site):
        sign_in(page, next(draft.invitations))
        page.get_by_role("link", name=re.compile(rf"プレビューのリンク\s*：第{draft.number}版")).click()
        page.get_by_label("使える日数").fill("2")
        page.get_by_label("メモ").fill("広報に")
        page.get_by_role("button", name="リンクを作る").click()
        made = page.get_by_label("新しいリンク", exact=True).input_value()
        _pictured(page, "staff-previews")
    with browser.new_context() as elsewhere:
        guest = elsewhere.new_page()
        guest.goto(made)
        assert path(guest) == f"{draft.root}/"
        assert guest.evaluate("document.cookie") == "", "scripts can read the cookie"
        page.get_by_role("button", name=re.compile(r"取り消す\s*：広報に")).click()
        assert path(page) == f"/staff/editions/{draft.number}/previews"
        gone = guest.goto(f"{site.url}{draft.root}/terms")
        assert gone is not None and gone.status == 404
    assert page.evaluate("document.cookie") == ""


def test_staff_without_scripts(plain: Page, draft: Draft) -> None:
    sign_in(plain, next(draft.invitations))
    plain.get_by_role("link", name=re.compile(rf"プレビューを開く\s*：第{draft.number}版")).click()
    assert path(plain) == f"{draft.root}/"
    plain.goto("/staff")
    plain.get_by_role("button", name="サインアウト").click()
    assert path(plain) == "/"
    plain.goto("/staff")
    assert path(plain) == "/staff/sign-in"


def test_the_pages_of_staff(page: Page, site: Site, draft: Draft) -> None:
    with _quiet(page, site):
        page.goto("/staff/enter?token=x")
        _pictured(page, "staff-enter")
        sign_in(page, next(draft.invitations))
        _pictured(page, "staff-overview")
        page.goto(f"/preview/{site.edition}/")
        expect(page.locator("h1")).to_have_text("プレビューは終わりました")
        _pictured(page, "staff-preview-ended")


def test_a_form_of_another_site_does_nothing(page: Page, context: BrowserContext, draft: Draft) -> None:
    """The real browser: what it sends with a form that stands on another site's page."""
    sign_in(page, next(draft.invitations))
    other = context.new_page()
    other.route(
        "http://elsewhere.test/",
        lambda route: route.fulfill(
            content_type="text/html", body=f'<form method="post" action="{page.url}/leave"><button>x</button></form>'
        ),
    )
    other.goto("http://elsewhere.test/")
    with other.expect_response(lambda response: response.request.method == "POST") as answered:
        other.get_by_role("button").click()
    assert answered.value.status == 303 and answered.value.headers["location"].startswith("/staff/sign-in")
    page.reload()
    assert path(page) == "/staff", "who is signed in stays so"
