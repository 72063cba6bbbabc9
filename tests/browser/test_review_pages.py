"""History, comparison and the order of questions in a real browser, at every width, without scripts."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.sync_api import Page, expect

from service.accounts import sessions
from service.accounts.permissions import Actor, Permission
from service.content import patches
from service.content.models import Kind
from service.editions import drafts, edits
from service.runtime.embedded import external
from service.settings import Settings
from service.store.graph import Graph
from tests.browser.conftest import Site
from tests.browser.residents import path
from tests.browser.staff import sign_in
from tests.browser.test_previews import _pictured, _quiet

HANAKO = Actor("hanako", frozenset(Permission))
WIDTHS = (390, 820, 1280)


class Prepared:
    """One-time tokens, and a draft with a new condition, a changed deadline, a moved window and a removed question."""

    def __init__(self, tokens: list[str], *, draft: int, seq: int) -> None:
        self.tokens = iter(tokens)
        self.draft = draft
        self.seq = seq


@pytest.fixture(scope="module", autouse=True)
def prepared(settings: Settings, site: Site) -> Prepared:
    """Made before the browser starts: beside playwright no event loop may run."""
    return asyncio.run(_prepare(settings))


async def _prepare(settings: Settings) -> Prepared:
    graph = Graph.open(external(settings))
    try:
        number = (await drafts.fork(graph, None, title="4月の見直し", by=HANAKO)).number
        item, _ = await edits.item(graph.latest, number, key="tennyu")
        assert item
        await _edit(graph, number, "tennyu", note="条例の改正", deadline={**item.fields["deadline"], "value": 10})
        await _edit(graph, number, "window-shimin", note="庁舎の移転", floor="3階")
        question, _ = await edits.item(graph.latest, number, key="insurance-change")
        assert question
        made = patches.Item(
            Kind.CONDITION,
            {
                "key": "if-new",
                "label": "健康保険が変わる方",
                "life_events": ["marriage"],
                "requires": [[question.fields["options"][0]["key"]]],
                "selects": ["gomi"],
            },
        )
        saved = await edits.change(graph, number, by=HANAKO, put=[made], revisions={}, note="案内もれを防ぐため")
        keys = ("pregnancy-filed", "if-birth-first-payment", "if-birth-first-payment-late")
        found = {key: (await edits.item(graph.latest, number, key=key))[1] or 0 for key in keys}
        await edits.change(graph, number, by=HANAKO, remove=keys, revisions=found, detach=True)
        assert saved.seq
        return Prepared([await sessions.invite(graph, minutes=60) for _ in range(12)], draft=number, seq=saved.seq)
    finally:
        await graph.close()


async def _edit(graph: Graph, number: int, key: str, *, note: str, **fields: object) -> None:
    item, revision = await edits.item(graph.latest, number, key=key)
    assert item and revision, key
    made = patches.Item(item.kind, {**item.fields, **fields})
    await edits.change(graph, number, by=HANAKO, put=[made], revisions={key: revision}, note=note)


ADDRESSES = {
    "history": "/staff/history",
    "history-item": "/staff/items/tennyu/history",
    "history-verify": "/staff/history/verify",
    "history-change": "/staff/history/{seq}",
    "compare": "/staff/compare?old={public}&new={draft}",
    "questions": "/staff/editions/{draft}/questions?event=marriage&question=insurance-change",
    "changes": "/changes",
}


@pytest.mark.parametrize("name", ADDRESSES)
def test_every_page_is_whole_and_accessible(prepared: Prepared, page: Page, site: Site, name: str) -> None:
    sign_in(page, next(prepared.tokens))
    page.goto("about:blank")
    with _quiet(page, site):
        address = ADDRESSES[name].format(seq=prepared.seq, draft=prepared.draft, public=site.edition)
        answer = page.goto(address)
        assert answer is not None and answer.status == 200, address
        _pictured(page, f"staff-{name}")


def test_an_example_is_opened_on_both_editions_and_kept(prepared: Prepared, plain: Page, site: Site) -> None:
    sign_in(plain, next(prepared.tokens))
    address = f"/staff/compare?old={site.edition}&new={prepared.draft}"
    plain.goto(address)
    card = plain.locator("article.effect").filter(has_text="ごみ").first
    seen = {}
    for number in (site.edition, prepared.draft):
        card.get_by_role("link", name=re.compile(f"^第{number}版の案内")).click()
        seen[number] = plain.locator('[data-key="gomi"]').count() == 1
        plain.goto(address)
    assert seen == {site.edition: False, prepared.draft: True}
    card.get_by_role("link", name=re.compile("^試験ケースとして残す")).click()
    assert path(plain) == f"/staff/editions/{prepared.draft}/new-scenario"
    plain.get_by_label("名前").fill("保険が変わる結婚")
    plain.locator("main form button").last.click()
    assert path(plain) == f"/staff/editions/{prepared.draft}/scenarios", plain.locator("main").inner_text()
    expect(plain.get_by_role("main")).to_contain_text("保険が変わる結婚")


def test_a_change_is_taken_back_from_the_history(prepared: Prepared, plain: Page, site: Site) -> None:
    sign_in(plain, next(prepared.tokens))
    plain.goto(f"/staff/history?edition={prepared.draft}")
    plain.get_by_role("link", name=re.compile(f"：{prepared.seq}番の変更$")).click()
    plain.get_by_label("どの下書きで").first.select_option(str(prepared.draft))
    plain.get_by_role("button", name="この変更を取り消す").click()
    assert path(plain) == "/staff/history"
    expect(plain.get_by_role("main")).to_contain_text(f"{prepared.seq}番の変更を取り消しました")
    plain.goto(f"/staff/history/{prepared.seq}")
    plain.get_by_label("どの下書きで").first.select_option(str(prepared.draft))
    plain.get_by_role("button", name="この変更を取り消す").click()
    expect(plain.get_by_role("alert")).to_contain_text("あとからされた変更です")
