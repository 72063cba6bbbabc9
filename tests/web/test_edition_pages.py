"""The staff's pages of editions over HTTP: each page, and each refusal told on the page with nothing typed lost."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from fastapi.routing import APIRoute

from service import clock
from service.accounts.permissions import OPERATOR, Actor, Permission
from service.content import patches
from service.content.basis import ASKED
from service.content.canonical import as_yaml
from service.content.loading import read_plain
from service.content.models import Content, Edition
from service.editions import drafts, edits, importing, publishing
from service.store import editions
from service.store.graph import Graph
from service.web.staff.routes import PAGES
from tests.web.reading import form_token, words_of
from tests.web.serving import settled

OPEN = ("/staff/enter", "/staff/sign-in")

pytestmark = pytest.mark.asyncio(loop_scope="session")

HANAKO = Actor("hanako", frozenset(Permission))
CONTENT: dict[str, Any] = {
    "format": 2,
    "life_events": [{"key": "move", "name": "引っ越し", "position": 1}],
    "questions": [
        {
            "key": "who",
            "text": "だれが引っ越しますか",
            "kind": "one",
            "position": 1,
            "options": [{"key": "who/alone", "label": "ひとり"}, {"key": "who/family", "label": "家族で"}],
        }
    ],
    "conditions": [
        {"key": "if-all", "label": "引っ越した方", "life_events": ["move"], "selects": ["todoke"]},
        {
            "key": "if-family",
            "label": "家族で引っ越した方",
            "life_events": ["move"],
            "requires": [["who/family"]],
            "selects": ["teate"],
        },
    ],
    "procedures": [
        {
            "key": "todoke",
            "name": "引っ越しの届け",
            "handled_at": ["mado"],
            "needs": ["card"],
            "fee": "無料",
            "deadline": {"value": 14, "unit": "day", "from": "引っ越した日"},
        },
        {"key": "teate", "name": "家族の手当", "handled_at": ["mado"]},
    ],
    "documents": [{"key": "card", "name": "本人確認書類"}],
    "windows": [{"key": "mado", "name": "市民の窓口"}],
    "scenarios": [
        {
            "key": "case-family",
            "name": "家族の引っ越し",
            "life_events": ["move"],
            "answers": {"who": ["who/family"]},
            "expects": ["todoke", "teate"],
        }
    ],
}


@pytest_asyncio.fixture(loop_scope="session")
async def live(graph: Graph) -> Edition:
    """The content above is live, no schedule waits, no other draft is open."""
    while waiting := await editions.waiting(graph.latest):
        await publishing.withdraw(graph, waiting[-1].number, by=OPERATOR)
    for draft in await editions.drafts(graph.latest):
        await drafts.discard(graph, draft.number, by=OPERATOR)
    return (await importing.import_content(graph, _content(), publish=True, title="最初の版")).edition


@pytest_asyncio.fixture(loop_scope="session")
async def draft(graph: Graph, live: Edition) -> Edition:
    """A draft of it, still the same."""
    return await drafts.fork(graph, None, title="春の見直し<b>", by=HANAKO)


def _content() -> Content:
    return read_plain(CONTENT)


def _at(edition: Edition, more: str = "") -> str:
    return f"/staff/editions/{edition.number}{more}"


def _send(staff: httpx.Client, path: str, **fields: str) -> httpx.Response:
    """What a form sends, token and all."""
    token = form_token(staff.get("/staff/editions"))
    return staff.post(path, data={"form_token": token, **fields}, follow_redirects=False)


def _value(page: httpx.Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, name
    return unescape(found[1])


def _typed(page: httpx.Response) -> str:
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page.text, re.DOTALL)
    assert found
    return unescape(found[1])


def _went(answer: httpx.Response, to: str) -> None:
    assert (answer.status_code, answer.headers.get("location")) == (303, to), words_of(answer)


async def _put(graph: Graph, edition: Edition, key: str, by: Actor = HANAKO, **fields: Any) -> Edition:
    """Somebody saves an item."""
    item, revision = await edits.item(graph.latest, edition.number, key=key)
    assert item and revision
    made = patches.Item(item.kind, {**item.fields, **fields})
    return (await edits.change(graph, edition.number, by=by, put=[made], revisions={key: revision})).edition


async def _live(graph: Graph) -> Edition:
    found = await editions.live(graph.latest)
    assert found
    return found


def _tomorrow() -> str:
    return f"{clock.today() + timedelta(days=1):%Y-%m-%d}"


# Who may come, and what is there


async def test_nobody_else_learns_what_is_there(api: httpx.Client, draft: Edition) -> None:
    routes = [route for page in PAGES for route in page.router.routes if isinstance(route, APIRoute)]
    routes = [route for route in routes if route.path.startswith("/staff") and not route.path.startswith(OPEN)]
    assert len(routes) > 35
    for route in routes:
        path = route.path.replace("{key:path}", "{key}")
        path = (
            path.format(
                number=draft.number, key="todoke", act="discard", link="x", window="-", account="x", session="x"
            )
            + "?old=1&new=1"
        )
        for method in (route.methods or set()) - {"HEAD"}:
            answer = api.request(method, path, data={"x": "y"} if method == "POST" else None)
            assert answer.status_code == 303 and answer.headers["location"].startswith("/staff/sign-in?"), path


async def test_no_form_works_without_its_token(staff: httpx.Client, graph: Graph, draft: Edition) -> None:
    for path in ("/staff/drafts/new", _at(draft, "/act/discard"), _at(draft, "/publish"), _at(draft, "/items/todoke")):
        assert staff.post(path, data={"title": "x", "text": "name: x", "note": "x"}).status_code == 403, path
    assert (await editions.numbered(graph.latest, draft.number)).state == "draft"


async def test_what_is_not_there_is_said_to_be_not_there(staff: httpx.Client, draft: Edition) -> None:
    for more in ("", "/items", "/findings", "/scenarios", "/publish", "/merge", "/act/discard", "/new-scenario"):
        assert staff.get(f"/staff/editions/999999{more}").status_code == 404, more
    for more in ("/items/rocket", "/items/rocket/remove", "/new-item?of=rockets", "/act/explode"):
        assert staff.get(_at(draft, more)).status_code == 404, more


async def test_pages_are_kept_by_nobody(staff: httpx.Client, draft: Edition) -> None:
    for path in ("/staff", "/staff/editions", _at(draft), _at(draft, "/publish"), _at(draft, "/items/todoke")):
        assert staff.get(path).headers["cache-control"] == "no-store", path


# Overview, list, one edition


async def test_the_overview_tells_how_the_drafts_stand(
    staff: httpx.Client, graph: Graph, live: Edition, draft: Edition
) -> None:
    assert "まだ何も変えていません" in words_of(staff.get("/staff"))
    saved = await _put(graph, draft, "if-all", selects=["teate"])
    _findings(staff, saved)
    page = staff.get("/staff")
    words = words_of(page)
    assert f"第{live.number}版「最初の版」" in words and "ライフイベント 1、" in words
    assert "条件1件を変更しました" in words and "試験ケース1件が期待と違います" in words
    assert "公開の前に直すこと1件" in words and "hanakoが、条件『引っ越した方』の手続きに『家族の手当』を追加" in words
    assert "春の見直し&lt;b&gt;" in page.text and 'href="/staff/drafts/new"' in page.text


async def test_every_edition_is_listed_with_what_it_is(
    staff: httpx.Client, graph: Graph, live: Edition, draft: Edition
) -> None:
    address, rows = "/staff/editions", dict[int, str]()
    while address:
        page = staff.get(address)
        found = re.findall(r'<li><div>.*?editions/(\d+)"(.*?)</li>', page.text, re.DOTALL)
        assert 0 < len(found) <= 50
        rows |= {int(number): row for number, row in found}
        older = re.search(r'href="(/staff/editions\?start=\d+)">古い版を見る', page.text)
        address = older[1] if older else ""
    page = staff.get("/staff/editions")
    assert set(rows) == {one.number for one in await editions.shown(graph.latest)}
    second = re.findall(r'<li><div>.*?editions/(\d+)"', staff.get("/staff/editions?start=1").text, re.DOTALL)
    assert int(second[0]) == sorted(rows, reverse=True)[1]
    assert "<b>公開中</b>" in rows[live.number] and "act/rollback" not in rows[live.number]
    assert "下書き" in rows[draft.number] and f"もとは第{live.number}版" in rows[draft.number]
    assert f'<option value="{live.number}" selected>' in page.text
    assert f'<option value="{draft.number}" selected>' in page.text
    assert all(f"/staff/drafts/new?of={number}" in row for number, row in rows.items())


async def test_a_draft_is_made_of_any_edition(staff: httpx.Client, graph: Graph, live: Edition) -> None:
    page = staff.get(f"/staff/drafts/new?of={live.number}")
    assert f'<option value="{live.number}" selected>' in page.text
    answer = _send(staff, "/staff/drafts/new", title="夏の見直し", of=str(live.number))
    newest = (await editions.drafts(graph.latest))[0]
    _went(answer, _at(newest, "?done=forked"))
    assert (newest.title, newest.base, newest.content_hash) == ("夏の見直し", live.number, live.content_hash)
    assert "下書きを作りました" in words_of(staff.get(answer.headers["location"]))


async def test_a_draft_needs_a_name_and_an_edition(staff: httpx.Client, graph: Graph, live: Edition) -> None:
    before = len(await editions.drafts(graph.latest))
    page = _send(staff, "/staff/drafts/new", title="  ", of=str(live.number))
    assert page.status_code == 422 and "下書きの名前を" in words_of(page)
    assert f'<option value="{live.number}" selected>' in page.text
    for unreadable in ("第1版", "-1", "1.5"):
        page = _send(staff, "/staff/drafts/new", title="名前は残る", of=unreadable)
        assert page.status_code == 422 and "もとにする版を、一覧から選んでください" in page.text
        assert 'value="名前は残る"' in page.text and 'class="error" id="of-error"' in page.text
    page = _send(staff, "/staff/drafts/new", title="名前は残る", of="999999")
    assert page.status_code == 404 and 'value="名前は残る"' in page.text
    assert len(await editions.drafts(graph.latest)) == before


async def test_the_page_of_a_draft_tells_what_it_changes(
    staff: httpx.Client, graph: Graph, live: Edition, draft: Edition
) -> None:
    assert "と、同じ内容です" in words_of(staff.get(_at(draft)))
    await _put(graph, draft, "todoke", fee="300円")
    await _put(graph, draft, "if-family", requires=[["who/alone"]])
    words = words_of(staff.get(_at(draft)))
    assert "手続き『引っ越しの届け』の費用を「無料」から「300円」に変更" in words
    assert "2通りの答え方のうち、2通りで変わります" in words
    assert "『家族の手当』が、出るようになります。1通り" in words and "『家族の手当』が、出なくなります。1通り" in words
    page = staff.get(_at(draft)).text
    assert f"/staff/compare?old={live.number}&amp;new={draft.number}" in page and _at(draft, "/publish") in page


async def test_the_live_edition_has_the_same_page_without_editing(staff: httpx.Client, live: Edition) -> None:
    page = staff.get(_at(live))
    assert "いま、住民が見ている版です" in page.text
    assert "/publish" not in page.text and "/act/" not in page.text
    item = staff.get(_at(live, "/items/todoke"))
    assert "<textarea" not in item.text and "fee: 無料" in item.text
    _went(staff.get(_at(live, "/publish"), follow_redirects=False), _at(live))
    _went(staff.get(_at(live, "/merge"), follow_redirects=False), _at(live))


# Items


async def test_items_are_found_by_kind_name_and_key(staff: httpx.Client, graph: Graph, draft: Edition) -> None:
    await _put(graph, draft, "todoke", fee="300円")
    everything = staff.get(_at(draft, "/items"))
    assert len(re.findall(r"<th scope=\"row\">", everything.text)) == 9
    only = staff.get(_at(draft, "/items"), params={"of": "procedures"})
    assert "家族の手当" in only.text and "市民の窓口" not in only.text and "<b>変更</b>" in only.text
    for words in ("todok", "届け", "トドケ"):
        found = staff.get(_at(draft, "/items"), params={"words": words})
        assert ("引っ越しの届け</a>" in found.text) == (words != "トドケ"), words
    assert "見つかりませんでした" in staff.get(_at(draft, "/items"), params={"words": "ロケット"}).text


async def test_an_item_is_saved_with_a_reason(staff: httpx.Client, graph: Graph, draft: Edition) -> None:
    page = staff.get(_at(draft, "/items/todoke?as=yaml"))
    text = _typed(page)
    assert text.startswith("name: 引っ越しの届け\n") and "key:" not in text
    words = words_of(page)
    assert "この項目を使っているもの" in words and "家族の引っ越し" in words and "市民の窓口mado" in words
    assert "fee 費用" in words and f"/preview/{draft.number}/procedures/todoke" in page.text
    assert "/staff/items/todoke/history" in page.text
    sent = {"revision": _value(page, "revision"), "note": "条例の改正"}
    answer = _send(
        staff,
        _at(draft, "/items/todoke"),
        of="procedures",
        text=text.replace("無料", "300円").replace("\n", "\r\n"),
        **sent,
    )
    _went(answer, _at(draft, "/items/todoke?done=saved&as=yaml"))
    item, _ = await edits.item(graph.latest, draft.number, key="todoke")
    assert item and item.fields["fee"] == "300円"
    assert "理由：条例の改正" in words_of(staff.get(_at(draft)))
    again = staff.get(_at(draft, "/items/todoke?as=yaml"))
    answer = _send(
        staff, _at(draft, "/items/todoke"), of="procedures", text=_typed(again), revision=_value(again, "revision")
    )
    _went(answer, _at(draft, "/items/todoke?done=unchanged&as=yaml"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: [届け", "YAMLとして読めません"),
        ("ただの文", "項目名と値を1行ずつ"),
        ("name: 届け\nprise: 300円", "2行目"),
        ("name: 届け\nfee: 無料\ndeadline:\n  value: たくさん\n  unit: day", "4行目（期限）"),
        ("name: 届け\nhandled_at:\n- mado\n- nowhere", "4行目（窓口）"),
        ("key: other\nname: 届け", "キーは変えられません"),
        ("fee: 無料", "name"),
    ],
)
async def test_what_is_wrong_is_named_with_its_line_and_nothing_is_lost(
    staff: httpx.Client, graph: Graph, draft: Edition, text: str, said: str
) -> None:
    revision = _value(staff.get(_at(draft, "/items/todoke?as=yaml")), "revision")
    page = _send(staff, _at(draft, "/items/todoke"), of="procedures", text=text, revision=revision, note="わけ")
    assert page.status_code == 422, words_of(page)
    assert said in words_of(page) and "まだ保存していません" in page.text and "<title>エラー：" in page.text
    assert _typed(page) == text and _value(page, "note") == "わけ" and _value(page, "revision") == revision
    assert (await editions.numbered(graph.latest, draft.number)).content_hash == draft.content_hash


async def test_two_who_save_the_same_item_see_both_versions(staff: httpx.Client, graph: Graph, draft: Edition) -> None:
    opened = staff.get(_at(draft, "/items/todoke?as=yaml"))
    await _put(graph, draft, "todoke", fee="500円")
    mine = _typed(opened).replace("無料", "300円")
    page = _send(
        staff, _at(draft, "/items/todoke"), of="procedures", text=mine, revision=_value(opened, "revision"), note="わけ"
    )
    assert page.status_code == 409
    words = words_of(page)
    assert "ほかの人も、この項目を変えました" in words and "hanakoが、" in words
    assert "<del>500</del><ins>300</ins>円" in page.text
    assert 'fee: "500円"' in unescape(page.text) and _typed(page) == mine and _value(page, "note") == "わけ"
    answer = _send(
        staff, _at(draft, "/items/todoke"), of="procedures", text=_typed(page), revision=_value(page, "revision")
    )
    _went(answer, _at(draft, "/items/todoke?done=saved&as=yaml"))
    item, _ = await edits.item(graph.latest, draft.number, key="todoke")
    assert item and item.fields["fee"] == "300円"


async def test_a_save_whose_revision_cannot_be_read_is_refused(
    staff: httpx.Client, graph: Graph, draft: Edition
) -> None:
    """Without its revision a save would overwrite what somebody else has done meanwhile."""
    page = _send(
        staff, _at(draft, "/items/todoke"), of="procedures", text="name: 別の名前", revision="1x", note="理由は残る"
    )
    assert page.status_code == 422 and "改訂の番号を読み取れません" in words_of(page)
    assert "別の名前" in _typed(page) and "理由は残る" in page.text
    assert (await edits.item(graph.latest, draft.number, key="todoke"))[1] == 1


async def test_an_item_that_somebody_removed_can_be_saved_again(
    staff: httpx.Client, graph: Graph, draft: Edition
) -> None:
    opened = staff.get(_at(draft, "/items/card?as=yaml"))
    revision = int(_value(opened, "revision"))
    await edits.change(graph, draft.number, by=HANAKO, remove=["card"], revisions={"card": revision}, detach=True)
    sent = {"text": _typed(opened), "revision": str(revision), "of": "documents"}
    page = _send(staff, _at(draft, "/items/card"), **sent)
    assert page.status_code == 409 and "削除しました" in words_of(page) and _typed(page) == sent["text"]
    _went(
        _send(staff, _at(draft, "/items/card"), text=_typed(page), revision=_value(page, "revision"), of="documents"),
        _at(draft, "/items/card?done=saved&as=yaml"),
    )


async def test_nothing_is_saved_to_what_is_public(staff: httpx.Client, live: Edition) -> None:
    page = _send(staff, _at(live, "/items/todoke"), of="procedures", text="name: 別の名前", revision="1")
    assert page.status_code == 409 and "すでに公開されています" in words_of(page)


async def test_new_items_and_new_options_get_their_keys(staff: httpx.Client, graph: Graph, draft: Edition) -> None:
    page = staff.get(_at(draft, "/new-item?of=procedures&as=yaml"))
    assert "新しい手続き" in page.text and _typed(page).startswith("name:\n")
    text = "name: 犬の登録\nreading: いぬのとうろく\nhandled_at: [mado]\nsummary:\n"
    answer = _send(staff, _at(draft, "/new-item"), of="procedures", text=text, revision="")
    assert answer.status_code == 303 and re.search(
        r"/items/inu-?no-?touroku[^?]*\?done=saved&as=yaml", answer.headers["location"]
    )
    text = "text: 犬を飼っていますか\nkind: one\nposition: 5\noptions:\n- label: はい\n- label: いいえ\n"
    answer = _send(staff, _at(draft, "/new-item"), of="questions", text=text, revision="")
    assert answer.status_code == 303, words_of(answer)
    saved = _typed(staff.get(answer.headers["location"]))
    assert re.search(r"- key: \S+/hai\n", saved) and re.search(r"- key: \S+/iie\n", saved)


async def test_a_new_item_needs_its_name(staff: httpx.Client, draft: Edition) -> None:
    page = _send(staff, _at(draft, "/new-item"), of="procedures", text="summary: 説明だけ", revision="")
    assert page.status_code == 422 and "名前（name）を書いてください" in words_of(page)
    assert _typed(page) == "summary: 説明だけ" and _at(draft, "/new-item") in page.text
    page = _send(staff, _at(draft, "/new-item"), of="procedures", text="name: 犬\nneeds: [bone]", revision="")
    assert page.status_code == 422 and "2行目（必要書類）" in words_of(page)


async def test_an_item_in_use_is_removed_only_from_everywhere(
    staff: httpx.Client, graph: Graph, draft: Edition
) -> None:
    page = staff.get(_at(draft, "/items/card/remove"))
    assert "この項目を使っているもの 1件" in words_of(page) and "引っ越しの届け" in page.text
    revision = _value(page, "revision")
    refused = _send(staff, _at(draft, "/items/card/remove"), revision=revision, note="いらない")
    assert refused.status_code == 409 and "ここで削除するものを使っています" in words_of(refused)
    assert _value(refused, "note") == "いらない"
    answer = _send(staff, _at(draft, "/items/card/remove"), revision=revision, detach="yes")
    _went(answer, _at(draft, "?done=removed"))
    item, _ = await edits.item(graph.latest, draft.number, key="todoke")
    assert item and "needs" not in item.fields
    stale = _send(staff, _at(draft, "/items/mado/remove"), revision="99", detach="yes")
    assert stale.status_code == 409 and "両方を見比べて" in words_of(stale)


# Findings and scenarios


def _findings(staff: httpx.Client, edition: Edition) -> httpx.Response:
    """The page of the findings, opened again until it has all of them."""
    page = staff.get(_at(edition, "/findings"))
    while "まだ調べています" in page.text:
        page = staff.get(_at(edition, "/findings"))
    return page


async def test_findings_say_what_to_do_and_where(staff: httpx.Client, graph: Graph, draft: Edition) -> None:
    page = _findings(staff, draft)
    assert page.status_code == 200 and "公開の前に直すこと 0件" in words_of(page)
    await _put(graph, draft, "if-all", selects=["teate"])
    page = _findings(staff, draft)
    assert "公開の前に直すこと 1件" in words_of(page) and _at(draft, "/items/case-family") in page.text
    household = f"/preview/{draft.number}/result?event=move&amp;a=who:family"
    assert household in page.text and _at(draft, "/new-scenario?event=move&amp;a=who:family") in page.text
    assert staff.get(unescape(household)).status_code == 200


async def test_red_scenarios_say_what_differs_and_why(staff: httpx.Client, graph: Graph, draft: Edition) -> None:
    assert "1件すべて、期待どおりです" in words_of(staff.get(_at(draft, "/scenarios")))
    await _put(graph, draft, "if-family", requires=[["who/alone"]])
    words = words_of(staff.get(_at(draft, "/scenarios")))
    assert "1件が、期待と違います" in words and "手続き『家族の手当』が出るはずですが、出ません。" in words
    assert "条件『家族で引っ越した方』は、" in words and "と答えたので当てはまりません。" in words


async def test_a_household_becomes_a_scenario(staff: httpx.Client, graph: Graph, draft: Edition) -> None:
    page = staff.get(_at(draft, "/new-scenario?event=move&a=who:alone&date=move:2026-01-01"))
    words = words_of(page)
    assert "だれが引っ越しますか／ひとり" in words and "出るはずの手続き 1件" in words and "引っ越しの届け" in words
    sent = {"event": "move", "a": "who:alone", "note": "いちばん多い"}
    refused = _send(staff, _at(draft, "/new-scenario"), name=" ", **sent)
    assert refused.status_code == 422 and "試験ケースの名前を" in words_of(refused)
    assert _value(refused, "a") == "who:alone" and _value(refused, "note") == "いちばん多い"
    _went(_send(staff, _at(draft, "/new-scenario"), name="ひとり", **sent), _at(draft, "/scenarios?done=kept"))
    assert "2件すべて、期待どおりです" in words_of(staff.get(_at(draft, "/scenarios?done=kept")))


async def test_a_printed_code_becomes_a_scenario(staff: httpx.Client, live: Edition, draft: Edition) -> None:
    sheet = settled(staff, "/sheet?event=move&a=who:alone")
    typed = re.search(r'<span class="code">([^<]+)</span>', sheet.text)
    assert typed and typed[1].startswith(f"{live.number}-")
    refused = _send(staff, _at(draft, "/new-scenario"), name="紙", code="ちがう番号")
    assert refused.status_code == 404 and _value(refused, "code") == "ちがう番号"
    _went(_send(staff, _at(draft, "/new-scenario"), name="紙", code=typed[1]), _at(draft, "/scenarios?done=kept"))


# Publishing


async def test_what_was_seen_is_published(staff: httpx.Client, api: httpx.Client, graph: Graph, draft: Edition) -> None:
    unchanged = staff.get(_at(draft, "/publish"))
    assert "公開する変更がありません" in words_of(unchanged) and 'name="seen"' not in unchanged.text
    await _put(graph, draft, "todoke", fee="300円")
    page = staff.get(_at(draft, "/publish"))
    assert "案内に出る手続きと持ち物は変わりません" in words_of(page) and "「無料」から「300円」" in words_of(page)
    seen = _value(page, "seen")
    await _put(graph, draft, "todoke", fee="400円")
    late = _send(staff, _at(draft, "/publish"), seen=seen, when="now", note="急ぎ")
    assert late.status_code == 409 and "比較のあとに変更された場合も" in words_of(late)
    assert _value(late, "note") == "急ぎ" and _value(late, "seen") != seen and "「400円」" in words_of(late)
    answer = _send(staff, _at(draft, "/publish"), seen=_value(late, "seen"), when="now", note="急ぎ")
    _went(answer, _at(draft, "?done=published"))
    assert "公開しました" in words_of(staff.get(answer.headers["location"]))
    assert (await _live(graph)).number == draft.number
    assert "急ぎ" in words_of(staff.get(_at(draft)))


async def test_what_a_window_confirms_is_a_fact_from_then_on(
    staff: httpx.Client, graph: Graph, live: Edition, draft: Edition
) -> None:
    page = _findings(staff, draft)
    assert f'href="{_at(draft, "/confirm/mado")}"' in page.text
    listed = staff.get(_at(draft, "/confirm"))
    assert "市民の窓口" in words_of(listed) and "窓口そのものと、手続き2件" in words_of(listed)
    page = staff.get(_at(draft, "/confirm/mado"))
    words = words_of(page)
    assert "期限14日以内" in words and "必要書類本人確認書類" in words and "費用無料" in words
    seen = _seen_of(page, "todoke")
    nothing = _send(staff, _at(draft, "/confirm/mado"), procedure="todoke", seen=seen)
    assert nothing.status_code == 422 and "1つ以上選んでください" in words_of(nothing)
    one = _send(staff, _at(draft, "/confirm/mado"), procedure="todoke", seen=seen, group="fee")
    _went(one, _at(draft, "/confirm/mado?done=confirmed"))
    item, _ = await edits.item(graph.latest, draft.number, key="todoke")
    assert item and item.fields["basis"] == {"fee": "city"}
    stale = _send(staff, _at(draft, "/confirm/mado"), procedure="todoke", seen=seen, group="deadline")
    assert stale.status_code == 409 and "もう一度読んでから" in words_of(stale)
    page = staff.get(_at(draft, "/confirm/mado?done=confirmed"))
    assert "確かめたことを記録しました" in words_of(page) and "費用無料" not in words_of(page)
    seen = re.findall(r'name="seen" value="([0-9a-f]+)"', page.text)[-1]
    _went(_send(staff, _at(draft, "/confirm/mado"), seen=seen), _at(draft, "/confirm/mado?done=confirmed"))
    words = words_of(staff.get(_at(draft, "/confirm/mado")))
    assert (
        "必要書類本人確認書類" not in words and "すべて合っていたとき" not in words and "まだ書いていないこと" in words
    )
    item, _ = await edits.item(graph.latest, draft.number, key="mado")
    assert item and item.fields["basis"] == "city"
    assert "form" not in _main(staff.get(_at(live, "/confirm/mado"))), "what is live is not written to"


@pytest.mark.parametrize(
    ("path", "said"),
    [("/confirm", "すべて確かめてあります。"), ("/confirm/mado", "確かめることは、ありません。")],
)
async def test_where_all_is_known_nothing_is_left_to_confirm(
    staff: httpx.Client, graph: Graph, draft: Edition, path: str, said: str
) -> None:
    before = words_of(staff.get(_at(draft, path)))
    assert said not in before and ("すべて合っていたとき" in before) == (path == "/confirm/mado")
    known: dict[str, Any] = {"basis": dict.fromkeys(ASKED, "city"), "needs": ["card"], "online": "no"}
    deadline = {"value": 14, "unit": "day", "from": "引っ越した日"}
    for key in ("todoke", "teate"):
        await _put(graph, draft, key, **known, deadline=deadline, fee=None)
    await _put(graph, draft, "mado", basis="city")
    words = words_of(staff.get(_at(draft, path)))
    assert said in words and "すべて合っていたとき" not in words


def _seen_of(page: httpx.Response, procedure: str) -> str:
    found = re.search(rf'value="{procedure}"><input type="hidden" name="seen" value="([0-9a-f]+)"', page.text)
    assert found
    return found[1]


def _main(page: httpx.Response) -> str:
    return page.text.partition("<main")[2].partition("</main>")[0]


async def test_findings_that_block_are_told(staff: httpx.Client, graph: Graph, draft: Edition) -> None:
    saved = await _put(graph, draft, "if-all", selects=["teate"])
    page = staff.get(_at(draft, "/publish"))
    assert "公開の前に直すことが1件あります" in words_of(page) and 'name="seen"' not in page.text
    refused = _send(staff, _at(draft, "/publish"), seen=saved.content_hash or "", when="now")
    assert refused.status_code == 409 and "まだ公開していません" in refused.text
    assert "手続き『引っ越しの届け』が出るはずですが、出ません。" in words_of(refused)


async def test_a_draft_that_is_behind_is_merged_first(
    staff: httpx.Client, graph: Graph, live: Edition, draft: Edition
) -> None:
    other = await drafts.fork(graph, None, title="ほかの人の下書き", by=HANAKO)
    await _put(graph, other, "todoke", fee="500円")
    other = await _put(graph, other, "mado", floor="3階")
    await publishing.publish(graph, other.number, by=OPERATOR, seen=other.content_hash)
    saved = await _put(graph, draft, "todoke", fee="300円")
    assert "公開の前に、合流が要ります" in words_of(staff.get("/staff"))
    assert _at(draft, "/merge") in staff.get(_at(draft)).text
    page = staff.get(_at(draft, "/publish"))
    assert _at(draft, "/merge") in page.text and 'name="seen"' not in page.text
    refused = _send(staff, _at(draft, "/publish"), seen=saved.content_hash or "", when="now")
    assert refused.status_code == 409 and "先に" in words_of(refused) and _at(draft, "/merge") in refused.text
    merge = staff.get(_at(draft, "/merge"))
    words = words_of(merge)
    assert "どちらを使うか決めること 1件" in words and "窓口『市民の窓口』に階「3階」を追加" in words
    assert f"費用 もと無料 この下書き無料 → 300円 第{other.number}版無料 → 500円" in words, words
    hidden = {name: _value(merge, name) for name in ("onto", "revision")}
    undecided = _send(staff, _at(draft, "/merge"), note="わけ", **hidden)
    assert undecided.status_code == 409 and "どちらを使うか決めてください" in words_of(undecided)
    assert _value(undecided, "note") == "わけ"
    for unreadable in ({"onto": "公開中"}, {"revision": "1x"}, {"onto": ""}, {"revision": ""}):
        sent = hidden | {"note": "わけ", "decide-todoke": "theirs"} | unreadable
        answer = _send(staff, _at(draft, "/merge"), **sent)
        assert answer.status_code == 422 and _value(answer, "note") == "わけ", unreadable
    wrong = _send(staff, _at(draft, "/publish"), seen=saved.content_hash or "", when="tomorrow")
    assert wrong.status_code == 422 and "日時を決めて公開するかを選んで" in words_of(wrong)
    answer = _send(staff, _at(draft, "/merge"), **hidden, **{"decide-todoke": "theirs"})
    _went(answer, _at(draft, "?done=merged"))
    item, _ = await edits.item(graph.latest, draft.number, key="todoke")
    assert item and item.fields["fee"] == "500円"
    _went(staff.get(_at(draft, "/merge"), follow_redirects=False), _at(draft))


async def test_publishing_at_a_set_time_and_calling_it_off(staff: httpx.Client, graph: Graph, draft: Edition) -> None:
    saved = await _put(graph, draft, "todoke", fee="300円")
    sent = {"seen": saved.content_hash or "", "when": "later", "note": "4月から"}
    for day, time, status, said in (
        ("", "09:00", 422, "公開する日を"),
        (_tomorrow(), "朝", 422, "公開する時刻を"),
        ("2020-01-01", "09:00", 409, "すでに過ぎています"),
    ):
        page = _send(staff, _at(draft, "/publish"), day=day, time=time, **sent)
        assert page.status_code == status and said in words_of(page), day
        assert (_value(page, "day"), _value(page, "time"), _value(page, "note")) == (day, time, "4月から")
        assert re.search(r'value="later" checked', page.text)
    answer = _send(staff, _at(draft, "/publish"), day=_tomorrow(), time="9:00", **sent)
    _went(answer, _at(draft, "?done=scheduled"))
    assert "9:00に、ひとりでに公開されます" in words_of(staff.get(answer.headers["location"]))
    waiting = await editions.numbered(graph.latest, draft.number)
    assert waiting.scheduled and waiting.published_at and waiting.published_at.isoformat().endswith("T09:00:00+09:00")
    assert "公開の予約" in words_of(staff.get("/staff"))
    answer = _send(staff, _at(draft, "/act/withdraw"), note="延期")
    copy = (await editions.drafts(graph.latest))[0]
    _went(answer, _at(copy, "?done=withdraw"))
    assert copy.content_hash == saved.content_hash


async def test_a_conflict_with_what_is_scheduled_is_decided_on_the_page(
    staff: httpx.Client, graph: Graph, draft: Edition
) -> None:
    first = await drafts.fork(graph, None, title="4月から", by=HANAKO)
    first = await _put(graph, first, "todoke", fee="500円")
    later = clock.now() + timedelta(days=2)
    await publishing.publish(graph, first.number, by=OPERATOR, seen=first.content_hash, at=later)
    await _put(graph, draft, "todoke", fee="300円")
    page = staff.get(_at(draft, "/publish"))
    assert f"第{first.number}版「4月から」の公開が、" in words_of(page)
    sent = {"seen": _value(page, "seen"), "when": "now", "note": "わけ"}
    refused = _send(staff, _at(draft, "/publish"), **sent)
    assert refused.status_code == 409 and _value(refused, "note") == "わけ"
    both = f"費用 もと無料 予約の第{first.number}版無料 → 500円 この下書き無料 → 300円"
    assert both in words_of(refused), words_of(refused)
    assert (await editions.numbered(graph.latest, draft.number)).state == "draft"
    answer = _send(staff, _at(draft, "/publish"), **sent, **{"decide-todoke": "mine"})
    _went(answer, _at(draft, "?done=published"))
    waiting = (await editions.waiting(graph.latest))[0]
    assert waiting.number not in {first.number, draft.number} and waiting.title == "4月から"
    item, _ = await edits.item(graph.latest, waiting.number, key="todoke")
    assert item and item.fields["fee"] == "500円"


async def test_two_scheduled_editions_in_conflict_are_decided_one_after_the_other(
    staff: httpx.Client, graph: Graph, draft: Edition
) -> None:
    first, second = await _two_scheduled(graph)
    saved = await _put(graph, draft, "todoke", fee="300円")
    sent = {"seen": saved.content_hash or "", "when": "now"}
    one = _send(staff, _at(draft, "/publish"), **sent)
    assert one.status_code == 409 and f'name="decide-{first.number}/todoke"' in one.text
    sent[f"decide-{first.number}/todoke"] = "theirs"
    two = _send(staff, _at(draft, "/publish"), **sent)
    assert two.status_code == 409 and f'type="radio" name="decide-{second.number}/todoke"' in two.text
    assert _value(two, f"decide-{first.number}/todoke") == "theirs"
    sent[f"decide-{second.number}/todoke"] = "mine"
    _went(_send(staff, _at(draft, "/publish"), **sent), _at(draft, "?done=published"))
    waiting = await editions.waiting(graph.latest)
    items = [(await edits.item(graph.latest, edition.number, key="todoke"))[0] for edition in waiting]
    assert [item.fields["fee"] for item in items if item] == ["300円", "600円"]
    page = staff.get(f"/staff/history?edition={waiting[1].number}")
    assert f"第{second.number}版の予約を、第{waiting[0].number}版をもとに作り直したもの" in words_of(page)
    change = staff.get(re.search(r"/staff/history/\d+", page.text)[0])  # type: ignore[index]
    assert f"『引っ越しの届け』は、第{second.number}版の内容にしました。" in words_of(change)


async def _two_scheduled(graph: Graph) -> tuple[Edition, Edition]:
    """Two editions that wait, the second made from the first; both change the same field."""
    first = await drafts.fork(graph, None, title="4月から", by=HANAKO)
    first = await _put(graph, first, "todoke", fee="500円")
    later = clock.now() + timedelta(days=2)
    await publishing.publish(graph, first.number, by=OPERATOR, seen=first.content_hash, at=later)
    second = await drafts.fork(graph, first.number, title="5月から", by=HANAKO)
    second = await _put(graph, second, "todoke", fee="600円")
    later = clock.now() + timedelta(days=4)
    await publishing.publish(graph, second.number, by=OPERATOR, seen=second.content_hash, at=later)
    return first, second


async def test_a_withdrawal_in_conflict_is_decided_on_its_page(
    staff: httpx.Client, graph: Graph, live: Edition
) -> None:
    first, second = await _two_scheduled(graph)
    refused = _send(staff, _at(first, "/act/withdraw"), note="延期")
    assert refused.status_code == 409 and _value(refused, "note") == "延期"
    assert f'type="radio" name="decide-{second.number}/todoke"' in refused.text
    assert "取り消したあとの内容500円 → 無料" in words_of(refused)
    answer = _send(staff, _at(first, "/act/withdraw"), note="延期", **{f"decide-{second.number}/todoke": "mine"})
    copy = (await editions.drafts(graph.latest))[0]
    _went(answer, _at(copy, "?done=withdraw"))
    (left,) = await editions.waiting(graph.latest)
    item, _ = await edits.item(graph.latest, left.number, key="todoke")
    assert item and item.fields["fee"] == "600円"


async def test_content_is_imported_on_a_page_that_keeps_what_was_typed(
    staff: httpx.Client, graph: Graph, live: Edition
) -> None:
    assert 'name="text"' in staff.get("/staff/import").text
    wrong = _send(staff, "/staff/import", title="取り込み", text="format: 2\nterms:\n  - {key: a}\n")
    assert wrong.status_code == 422 and "term" in words_of(wrong) and ":3" in words_of(wrong)
    assert _value(wrong, "title") == "取り込み" and _typed(wrong).startswith("format: 2\nterms:")
    nameless = _send(staff, "/staff/import", title=" ", text="format: 2\n")
    assert nameless.status_code == 422 and "版の名前を" in words_of(nameless)
    text = as_yaml(read_plain({**CONTENT, "windows": [{"key": "mado", "name": "取り込んだ窓口"}]})).decode()
    answer = _send(staff, "/staff/import", title="取り込み", text=text)
    draft = (await editions.drafts(graph.latest))[0]
    _went(answer, _at(draft, "?done=imported"))
    assert draft.title == "取り込み" and (await _live(graph)).number == live.number
    exported = staff.get(_at(draft, "/content"))
    assert exported.headers["content-disposition"] == f'attachment; filename="edition-{draft.number}.yaml"'
    again = _send(staff, "/staff/import", title="もう一度", text=exported.text)
    _went(again, _at(draft, "?done=equal"))


async def test_an_import_in_conflict_with_a_scheduled_edition_is_decided_on_its_page(
    staff: httpx.Client, graph: Graph, live: Edition
) -> None:
    first, second = await _two_scheduled(graph)
    procedures = [{**one, "fee": "900円"} if one["key"] == "todoke" else one for one in CONTENT["procedures"]]
    sent = {"title": "取り込み", "text": as_yaml(read_plain({**CONTENT, "procedures": procedures})).decode()}
    refused = _send(staff, "/staff/import", **sent, publish="yes")
    assert refused.status_code == 409 and _value(refused, "title") == "取り込み"
    assert f'type="radio" name="decide-{first.number}/todoke"' in refused.text
    assert "取り込む内容無料 → 900円" in words_of(refused), words_of(refused)
    decided = {f"decide-{edition.number}/todoke": "mine" for edition in (first, second)}
    answer = _send(staff, "/staff/import", **sent, publish="yes", **decided)
    _went(answer, _at(await _live(graph), "?done=imported"))
    waiting = await editions.waiting(graph.latest)
    items = [(await edits.item(graph.latest, edition.number, key="todoke"))[0] for edition in waiting]
    assert [item.fields["fee"] for item in items if item] == ["500円", "600円"]


async def test_what_is_due_is_archived_from_the_list(staff: httpx.Client, graph: Graph, draft: Edition) -> None:
    await drafts.discard(graph, draft.number, by=HANAKO)
    assert "時期の来た版" in words_of(staff.get("/staff/editions"))
    # Others who use this store may have left one that cannot be archived: that is told, and the rest is done.
    assert _send(staff, "/staff/editions/archive-due").status_code in {303, 409}
    assert (await editions.numbered(graph.latest, draft.number)).archived


async def test_the_last_editor_needs_a_second_person(
    service: tuple[FastAPI, httpx.Client], staff: httpx.Client, graph: Graph, draft: Edition
) -> None:
    saved = await _put(graph, draft, "todoke", by=OPERATOR, fee="300円")
    desk = service[0].state.editions
    desk.second_person = True
    try:
        page = staff.get(_at(draft, "/publish"))
        assert "ほかの人が公開してください" in words_of(page) and 'name="seen"' not in page.text
        refused = _send(staff, _at(draft, "/publish"), seen=saved.content_hash or "", when="now")
        assert refused.status_code == 409 and "ほかの承認者に頼んでください" in words_of(refused)
        await _put(graph, draft, "todoke", fee="400円")
        page = staff.get(_at(draft, "/publish"))
        answer = _send(staff, _at(draft, "/publish"), seen=_value(page, "seen"), when="now")
        _went(answer, _at(draft, "?done=published"))
    finally:
        desk.second_person = False


# What is done with whole editions


async def test_rolling_back_shows_what_it_means_and_needs_a_reason(
    staff: httpx.Client, graph: Graph, live: Edition, draft: Edition
) -> None:
    await _put(graph, draft, "case-family", expects=["todoke"])
    saved = await _put(graph, draft, "if-family", requires=[["who/alone"]])
    await publishing.publish(graph, draft.number, by=OPERATOR, seen=saved.content_hash)
    page = staff.get(_at(live, "/act/rollback"))
    assert "『家族の手当』が、出るようになります" in words_of(page)
    refused = _send(staff, _at(live, "/act/rollback"), note="  ")
    assert refused.status_code == 409 and "前の版に戻す理由を書いてください" in words_of(refused)
    answer = _send(staff, _at(live, "/act/rollback"), note="まちがいが見つかった")
    now = await _live(graph)
    _went(answer, _at(now, "?done=rollback"))
    assert now.content_hash == live.content_hash and now.number > draft.number
    assert "理由：まちがいが見つかった" in words_of(staff.get("/staff"))


async def test_rolling_back_decides_what_a_scheduled_edition_gets(
    staff: httpx.Client, graph: Graph, live: Edition, draft: Edition
) -> None:
    saved = await _put(graph, draft, "todoke", fee="300円")
    await publishing.publish(graph, draft.number, by=OPERATOR, seen=saved.content_hash)
    first = await drafts.fork(graph, None, title="4月から", by=HANAKO)
    first = await _put(graph, first, "todoke", fee="500円")
    later = clock.now() + timedelta(days=2)
    await publishing.publish(graph, first.number, by=OPERATOR, seen=first.content_hash, at=later)
    refused = _send(staff, _at(live, "/act/rollback"), note="まちがい")
    assert refused.status_code == 409 and _value(refused, "note") == "まちがい"
    both = f"費用 もと300円 予約の第{first.number}版300500円 戻す内容300円 → 無料"
    assert both in words_of(refused), words_of(refused)
    answer = _send(staff, _at(live, "/act/rollback"), note="まちがい", **{"decide-todoke": "mine"})
    now = await _live(graph)
    _went(answer, _at(now, "?done=rollback"))
    assert now.content_hash == live.content_hash
    waiting = (await editions.waiting(graph.latest))[0]
    item, _ = await edits.item(graph.latest, waiting.number, key="todoke")
    assert item and item.fields["fee"] == "500円"


async def test_who_comes_second_is_told_on_the_page_of_the_edition(
    staff: httpx.Client, graph: Graph, draft: Edition
) -> None:
    saved = await _put(graph, draft, "todoke", fee="300円")
    await publishing.publish(graph, draft.number, by=HANAKO, seen=saved.content_hash)
    for path in ("/publish", "/merge"):
        fields = {"seen": saved.content_hash or "", "when": "now", "onto": str(draft.base), "revision": "1"}
        page = _send(staff, _at(draft, path), **fields)
        assert page.status_code == 409 and "すでに公開されています" in words_of(page), path
        assert "いま、住民が見ている版です" in page.text
    for path in ("/new-item?of=windows", "/new-scenario?event=move", "/publish", "/merge"):
        _went(staff.get(_at(draft, path), follow_redirects=False), _at(draft))
    _went(staff.get(_at(draft, "/items/card/remove"), follow_redirects=False), _at(draft, "/items/card"))
    page = _send(staff, _at(draft, "/items/card"), of="documents", text="name: 残る文", revision="1")
    assert page.status_code == 409 and "name: 残る文" in page.text


async def test_discarded_drafts_go_to_the_archive_and_come_back(
    staff: httpx.Client, graph: Graph, draft: Edition
) -> None:
    saved = await _put(graph, draft, "todoke", fee="300円")
    assert "手続き1件を変更しました" in words_of(staff.get(_at(draft, "/act/discard")))
    _went(_send(staff, _at(draft, "/act/discard"), note="やめた"), _at(draft, "?done=discard"))
    again = _send(staff, _at(draft, "/act/discard"), note="もう一度")
    assert again.status_code == 409 and "破棄されています" in words_of(again) and _value(again, "note") == "もう一度"
    _went(_send(staff, _at(draft, "/act/archive")), _at(draft, "?done=archive"))
    assert "保管庫にあります" in words_of(staff.get(_at(draft)))
    _went(staff.get(_at(draft, "/act/archive"), follow_redirects=False), _at(draft))
    _went(_send(staff, _at(draft, "/act/bring_back")), _at(draft, "?done=bring_back"))
    back = await editions.numbered(graph.latest, draft.number)
    assert (back.archived, back.content_hash) == (False, saved.content_hash)
    assert 'fee: "300円"' in unescape(staff.get(_at(draft, "/items/todoke")).text)


async def test_what_cannot_be_done_is_not_offered(staff: httpx.Client, live: Edition) -> None:
    for act in ("discard", "withdraw", "rollback", "archive", "bring_back"):
        _went(staff.get(_at(live, f"/act/{act}"), follow_redirects=False), _at(live))
    for act, said in (("archive", "いま公開中です"), ("rollback", "と同じです"), ("discard", "すでに公開されています")):
        refused = _send(staff, _at(live, f"/act/{act}"), note="x")
        assert refused.status_code == 409 and said in words_of(refused), act
