"""The staff's pages of editions in a real browser: a first day's work by clicking, with and without scripts, and every
page at every width."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.sync_api import Page, expect

from service.accounts import sessions
from service.accounts.permissions import OPERATOR, Actor, Permission
from service.content import patches
from service.editions import drafts, edits
from service.runtime.embedded import external
from service.settings import Settings
from service.store.graph import Graph
from tests.browser.conftest import Site
from tests.browser.residents import path
from tests.browser.staff import sign_in
from tests.browser.test_previews import _pictured, _quiet

HANAKO = Actor("hanako", frozenset(Permission))
SECRETS = 40
"""Findings take a while on a machine that does much else."""


class Prepared:
    """One-time tokens, a draft that is behind and in conflict, and one with a scenario that fails."""

    def __init__(self, tokens: list[str], *, mixed: int, red: int) -> None:
        self.tokens = iter(tokens)
        self.mixed = mixed
        self.red = red


@pytest.fixture(scope="module", autouse=True)
def prepared(settings: Settings, site: Site) -> Prepared:
    """Made before the browser starts: beside playwright no event loop may run."""
    return asyncio.run(_prepare(settings))


async def _prepare(settings: Settings) -> Prepared:
    graph = Graph.open(external(settings))
    try:
        mixed = (await drafts.fork(graph, None, title="12月の見直し", by=HANAKO)).number
        red = (await drafts.fork(graph, None, title="おくやみ窓口", by=OPERATOR)).number
        await _edit(graph, mixed, "tennyu", summary="引っ越してきた方の届け出です。", fee="300円")
        await _edit(graph, mixed, "window-shimin", floor="3階")
        await _edit(graph, red, "case-in-family-of-four", expects=["tennyu", "shibou"])
        return Prepared([await sessions.invite(graph, minutes=60) for _ in range(SECRETS)], mixed=mixed, red=red)
    finally:
        await graph.close()


async def _edit(graph: Graph, number: int, key: str, **fields: object) -> None:
    item, revision = await edits.item(graph.latest, number, key=key)
    assert item and revision, key
    made = patches.Item(item.kind, {**item.fields, **fields})
    await edits.change(graph, number, by=HANAKO, put=[made], revisions={key: revision}, note="見直し")


def _number(page: Page) -> int:
    found = re.match(r"/staff/editions/(\d+)", path(page))
    assert found, page.url
    return int(found[1])


def _save(page: Page, field: str, new: str) -> None:
    """Types over a field of the form and sends it."""
    page.locator(f"#{field}-in").fill(new)
    page.get_by_role("button", name="保存する").click()


def _day_of_work(page: Page, prepared: Prepared, *, title: str, days: int) -> None:
    """Fork, edit (once wrongly), findings, publish, see it as a resident, roll back."""
    sign_in(page, next(prepared.tokens))
    page.get_by_role("link", name="新しい下書きを作る").click()
    page.get_by_label("下書きの名前").fill(title)
    page.get_by_role("button", name="下書きを作る").click()
    draft = _number(page)
    expect(page.get_by_role("status")).to_contain_text("下書きを作りました")
    before = page.get_by_role("link", name=re.compile("^第\\d+版「")).first.inner_text()
    page.get_by_role("link", name="内容を変える").click()
    page.get_by_role("search").get_by_label("種類").select_option("手続き")
    page.get_by_label("名前かキー").fill("tennyu")
    page.get_by_role("button", name="さがす").click()
    page.get_by_role("link", name="転入届", exact=True).click()
    _save(page, "f-deadline-value", "二週間")
    expect(page.get_by_role("alert")).to_contain_text("まだ保存していません")
    expect(page.locator("#f-deadline-value")).to_contain_text("整数で書いてください")
    page.get_by_label("変える理由").fill("条例の改正")
    _save(page, "f-deadline-value", "14")
    expect(page.get_by_role("status")).to_contain_text("変わったところがない")
    page.get_by_label("変える理由").fill("条例の改正")
    _save(page, "f-deadline-value", str(days))
    expect(page.get_by_role("status")).to_contain_text("保存しました")
    page.get_by_role("link", name="指摘", exact=True).click()
    expect(page.get_by_role("heading", name=re.compile("公開の前に直すこと.*0件"))).to_be_visible()
    page.get_by_role("link", name="まとめ", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text(f"「{days}日以内」に変更")
    page.get_by_role("link", name="公開の準備に進む").click()
    expect(page.get_by_role("main")).to_contain_text("案内に出る手続きと持ち物は変わりません")
    page.get_by_label("公開の理由やメモ").fill("施行日に合わせて")
    page.get_by_role("button", name="公開する").click()
    assert path(page) == f"/staff/editions/{draft}"
    expect(page.get_by_role("status")).to_contain_text("公開しました")
    _resident_reads(page, f"{days}日以内", shown=True)
    page.goto("/staff/editions")
    old = re.match(r"第(\d+)版", before)
    assert old
    page.get_by_role("link", name=re.compile(rf"この版に戻す\s*：第{old[1]}版$")).click()
    page.get_by_label("戻す理由").fill("期限の書きまちがい")
    page.get_by_role("button", name=re.compile("内容に戻す")).click()
    expect(page.get_by_role("status")).to_contain_text("戻して、公開しました")
    assert _number(page) > draft
    _resident_reads(page, f"{days}日以内", shown=False)
    page.goto("/staff")
    expect(page.get_by_role("main")).to_contain_text("理由：期限の書きまちがい")


def _resident_reads(page: Page, words: str, *, shown: bool) -> None:
    """Within a second of publishing, on the page of the procedure; without the copy that browsers keep for a minute."""
    page.wait_for_timeout(1_000)
    page.goto("/procedures/tennyu")
    page.reload()
    assert (words in page.locator("main").inner_text()) == shown


def test_a_first_day_by_clicking(prepared: Prepared, page: Page, site: Site) -> None:
    _day_of_work(page, prepared, title="4月の改正", days=15)


def test_a_first_day_without_scripts(prepared: Prepared, plain: Page) -> None:
    _day_of_work(plain, prepared, title="5月の改正", days=16)


ADDRESSES = {
    "overview": "/staff",
    "editions": "/staff/editions",
    "new-draft": "/staff/drafts/new",
    "edition-draft": "/staff/editions/{mixed}",
    "edition-public": "/staff/editions/{public}",
    "act-discard": "/staff/editions/{mixed}/act/discard",
    "items": "/staff/editions/{mixed}/items?of=windows",
    "item": "/staff/editions/{mixed}/items/tennyu",
    "item-text": "/staff/editions/{mixed}/items/tennyu?as=yaml",
    "item-condition": "/staff/editions/{mixed}/items/if-birth-stillborn",
    "item-scenario": "/staff/editions/{mixed}/items/case-in-family-of-four",
    "item-public": "/staff/editions/{public}/items/tennyu",
    "new-item": "/staff/editions/{mixed}/new-item?of=questions",
    "remove": "/staff/editions/{mixed}/items/window-shimin/remove",
    "findings": "/staff/editions/{mixed}/findings",
    "findings-red": "/staff/editions/{red}/findings",
    "scenarios-red": "/staff/editions/{red}/scenarios",
    "new-scenario": "/staff/editions/{mixed}/new-scenario?event=death",
    "new-scenario-code": "/staff/editions/{mixed}/new-scenario",
    "publish": "/staff/editions/{mixed}/publish",
    "publish-red": "/staff/editions/{red}/publish",
}


@pytest.mark.parametrize("name", ADDRESSES)
def test_every_page_is_whole_and_accessible(prepared: Prepared, page: Page, site: Site, name: str) -> None:
    sign_in(page, next(prepared.tokens))
    page.goto("about:blank")
    with _quiet(page, site):
        address = ADDRESSES[name].format(mixed=prepared.mixed, red=prepared.red, public=site.edition)
        answer = page.goto(address)
        assert answer is not None and answer.status == 200, address
        _pictured(page, f"staff-{name}")


def test_refusals_are_whole_and_accessible(prepared: Prepared, page: Page, site: Site) -> None:
    """A text that is no YAML, a collision in a second tab, and a publication that is refused."""
    sign_in(page, next(prepared.tokens))
    page.goto(f"/staff/editions/{prepared.mixed}/items/tennyu?as=yaml")
    page.get_by_label("内容", exact=True).fill("name: [転入届\nfee: 300円")
    page.get_by_role("button", name="保存する").click()
    expect(page.get_by_role("alert")).to_contain_text("YAMLとして読めません")
    _pictured(page, "staff-item-error")
    page.set_viewport_size({"width": 1280, "height": 800})
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto(f"/staff/editions/{prepared.mixed}/items/tennyu")
    _save(other, "f-fee", "400円")
    expect(other.get_by_role("status")).to_contain_text("保存しました")
    _save(page, "f-fee", "500円")
    expect(page.locator("#f-fee")).to_contain_text("400円")
    expect(page.get_by_role("heading", name="ほかの人も、この項目を変えました")).to_be_visible()
    _pictured(page, "staff-item-collision")
    page.get_by_role("button", name="保存する").click()
    expect(page.get_by_role("status")).to_contain_text("保存しました")


def test_a_draft_that_fell_behind_is_merged_by_clicking(prepared: Prepared, page: Page, site: Site) -> None:
    """After the first days above the live edition is another one; its content is that of the draft's base."""
    sign_in(page, next(prepared.tokens))
    page.get_by_role("link", name="新しい下書きを作る").click()
    page.get_by_label("下書きの名前").fill("手数料の見直し")
    page.get_by_role("button", name="下書きを作る").click()
    quick = _number(page)
    page.goto(f"/staff/editions/{quick}/items/tennyu")
    _save(page, "f-fee", "100円")
    page.goto(f"/staff/editions/{quick}/publish")
    page.get_by_role("button", name="公開する").click()
    expect(page.get_by_role("status")).to_contain_text("公開しました")
    page.goto(f"/staff/editions/{prepared.mixed}/publish")
    _pictured(page, "staff-publish-behind")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_role("link", name="変更を取り入れる").click()
    _pictured(page, "staff-merge")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_role("radio", name=re.compile("この下書き")).check()
    page.get_by_role("button", name="変更を取り入れる").click()
    expect(page.get_by_role("status")).to_contain_text("変更を取り入れました")
    page.goto(f"/staff/editions/{quick}/act/discard")
    assert path(page) == f"/staff/editions/{quick}", "what is public cannot be discarded"
    page.goto(f"/staff/editions/{site.edition}/act/rollback")
    _pictured(page, "staff-act-rollback")
