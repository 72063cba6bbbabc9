"""The page of an item and what is around it, and connecting from it, over HTTP on a real graph."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import httpx
import pytest
import pytest_asyncio

from service.accounts.permissions import Actor, Permission
from service.content import patches
from service.content.loading import read_plain
from service.content.models import Edition
from service.editions import drafts, edits, importing
from service.store.graph import Graph

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
        {"key": "todoke", "name": "引っ越しの届け", "handled_at": ["mado"], "needs": ["card"]},
        {"key": "teate", "name": "家族の手当<b>", "handled_at": ["mado"], "follows": ["todoke"]},
    ],
    "documents": [{"key": "card", "name": "本人確認書類"}, {"key": "paper", "name": "戸籍の写し"}],
    "windows": [{"key": "mado", "name": "市民の窓口"}, {"key": "other", "name": "支所の窓口"}],
    "terms": [{"key": "term-todoke", "term": "届け", "meaning": "知らせること"}],
}


@pytest_asyncio.fixture(loop_scope="session")
async def live(graph: Graph) -> Edition:
    """The content above is live."""
    return (await importing.import_content(graph, read_plain(CONTENT), publish=True, title="最初の版")).edition


@pytest_asyncio.fixture(loop_scope="session")
async def draft(graph: Graph, live: Edition) -> Edition:
    """A draft of it, still the same."""
    return await drafts.fork(graph, live.number, title="見直し", by=HANAKO)


def _at(edition: Edition, more: str = "") -> str:
    return f"/staff/editions/{edition.number}/graph{more}"


def _send(staff: httpx.Client, path: str, **fields: str) -> httpx.Response:
    found = re.search(r'name="form_token" value="([0-9a-f]+)"', staff.get("/staff/editions").text)
    assert found
    return staff.post(path, data={"form_token": found[1], **fields}, follow_redirects=False)


def _words(page: httpx.Response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", page.text)).split())


def _boxes(page: httpx.Response) -> dict[str, str]:
    """Where each box of the drawing leads, by what it is called."""
    found = re.findall(r'<a href="([^"]+)" class="box[^"]*"[^>]* aria-label="([^"]+)"', page.text)
    return {unescape(name): href for href, name in found}


def _listed(page: httpx.Response) -> list[str]:
    """The names in the list, without those of the answer patterns."""
    part = page.text.partition('id="list"')[2].partition('id="effects"')[0]
    return [unescape(name) for name in re.findall(r'<th scope="row"><a [^>]*>([^<]+)</a>', part)]


async def _put(graph: Graph, edition: Edition, key: str, by: Actor = HANAKO, **fields: Any) -> None:
    item, revision = await edits.item(graph.latest, edition.number, key=key)
    assert item and revision
    made = patches.Item(item.kind, {**item.fields, **fields})
    await edits.change(graph, edition.number, by=by, put=[made], revisions={key: revision})


async def _item(graph: Graph, edition: Edition, key: str) -> tuple[dict[str, Any], int]:
    item, revision = await edits.item(graph.latest, edition.number, key=key)
    assert item and revision
    return item.fields, revision


async def test_a_drawing_and_a_list_of_the_same(staff: httpx.Client, live: Edition) -> None:
    page = staff.get(_at(live, "/teate"))
    assert page.status_code == 200
    assert _boxes(page) == {
        "手続き 家族の手当<b>": _at(live, "/teate"),
        "条件 家族で引っ越した方": _at(live, "/if-family"),
        "条件 引っ越した方": _at(live, "/if-all"),
        "手続き 引っ越しの届け": _at(live, "/todoke"),
        "ライフイベント 引っ越し": _at(live, "/move"),
        "選択肢 だれが引っ越しますか → 家族で": _at(live, "/who"),
        "窓口 市民の窓口": _at(live, "/mado"),
    }
    assert {name.partition(" ")[2] for name in _boxes(page)} - {"家族の手当<b>"} == set(_listed(page))
    assert '<title id="drawing-title">『家族の手当&lt;b&gt;』のつながりの図</title>' in page.text
    assert page.text.count("data-focus") == 1 and "style=" not in page.text


async def test_every_item_can_stand_in_the_middle(staff: httpx.Client, live: Edition, graph: Graph) -> None:
    for items in [value for value in CONTENT.values() if isinstance(value, list)]:
        for item in items:
            page = staff.get(_at(live, f"/{item['key']}"))
            assert page.status_code == 200 and page.text.count("data-focus") == 1, item["key"]


async def test_who_comes_to_it_is_counted_with_a_household(staff: httpx.Client, live: Edition) -> None:
    page = staff.get(_at(live, "/teate"))
    assert "50%2通りのうち1通り" in _words(page)
    address = re.search(r'href="(/result\?[^"]+)">この世帯の案内を見る', page.text)
    assert address
    result = staff.get(unescape(address[1]))
    assert result.status_code == 200 and "家族の手当&lt;b&gt;" in result.text
    assert "世帯の答えによって変わるものではありません" in _words(staff.get(_at(live, "/term-todoke")))
    assert "どの答え方でも、この窓口は出ません" in _words(staff.get(_at(live, "/other")))


async def test_what_depends_on_it_is_told_before_any_change(staff: httpx.Client, live: Edition) -> None:
    window = staff.get(_at(live, "/mado"))
    assert "手続き2件に響きます" in _words(window)
    assert re.search(rf'<li><a href="{_at(live, "/teate")}">家族の手当&lt;b&gt;</a></li>', window.text)
    assert "条件1件・手続き1件に響きます" in _words(staff.get(_at(live, "/who")))
    assert "ほかの項目には響きません" in _words(staff.get(_at(live, "/paper")))


async def test_what_differs_from_the_live_edition_is_marked(
    staff: httpx.Client, graph: Graph, draft: Edition, live: Edition
) -> None:
    assert "＋追加・～変更・－削除" in _words(staff.get(_at(draft, "/todoke")))
    await _put(graph, draft, "todoke", needs=["paper"], handled_at=["mado", "other"])
    await _put(graph, draft, "mado", floor="2階")
    page = staff.get(_at(draft, "/todoke"))
    boxes = _boxes(page)
    assert "手続き ～変更 引っ越しの届け" in boxes and "窓口 ～変更 市民の窓口" in boxes
    assert {"必要書類 本人確認書類", "必要書類 戸籍の写し", "窓口 支所の窓口"} <= set(boxes)
    part = page.text.partition('id="list"')[2]
    for name, words in (("本人確認書類", "－つながりを削除"), ("戸籍の写し", "＋つながりを追加")):
        row = re.search(rf"<tr><th scope=\"row\"><a [^>]*>{name}</a>.*?</tr>", part, re.DOTALL)
        assert row and words in row[0], name
    assert page.text.count('<g class="line added">') == 2 and page.text.count('<g class="line removed">') == 1
    assert "＋追加・" not in _words(staff.get(_at(live, "/todoke")))


async def test_an_item_that_is_gone_can_still_be_looked_at(staff: httpx.Client, graph: Graph, draft: Edition) -> None:
    _, revision = await _item(graph, draft, "other")
    await edits.change(graph, draft.number, by=HANAKO, remove=["other"], revisions={"other": revision})
    page = staff.get(_at(draft, "/other"))
    assert page.status_code == 200 and "－削除" in _words(page) and "/connect" not in page.text
    assert staff.get(_at(draft, "/rocket")).status_code == 404
    assert staff.get("/staff/editions/999999/graph/todoke").status_code == 404


async def test_any_item_is_found_by_its_name(staff: httpx.Client, live: Edition) -> None:
    begin = staff.get(_at(live))
    assert re.findall(r"<li><span[^>]*>([^<]+)</span> <a [^>]*>([^<]+)</a>", begin.text) == [
        ("ライフイベント", "引っ越し")
    ]
    several = staff.get(_at(live), params={"words": "窓口"})
    assert "見つかった項目 2件" in _words(several)
    only = staff.get(_at(live), params={"words": "戸籍"}, follow_redirects=False)
    assert (only.status_code, only.headers["location"]) == (303, _at(live, "/paper"))
    assert "見つかりませんでした" in _words(staff.get(_at(live), params={"words": "ロケット"}))


async def test_the_other_end_is_looked_for_and_connected(staff: httpx.Client, graph: Graph, draft: Edition) -> None:
    assert "procedures.handled_at" in staff.get(_at(draft, "/todoke/connect")).text
    way = "own.procedures.handled_at"
    page = staff.get(_at(draft, "/todoke/connect"), params={"way": way, "words": "支所"})
    assert re.findall(r'name="other" value="([^"]+)"', page.text) == ["other"]
    _, revision = await _item(graph, draft, "todoke")
    sent = {"way": way, "other": "other", "revision-todoke": str(revision), "note": "支所でも受け付ける"}
    answer = _send(staff, _at(draft, "/todoke/connect"), **sent)
    assert (answer.status_code, answer.headers["location"]) == (303, _at(draft, "/todoke?done=connected"))
    assert (await _item(graph, draft, "todoke"))[0]["handled_at"] == ["mado", "other"]
    assert "支所でも受け付ける" in _words(staff.get("/staff/items/todoke/history"))
    again = staff.get(_at(draft, "/todoke/connect"), params={"way": way})
    assert "見つかりませんでした" in _words(again)


async def test_from_a_window_a_procedure_is_connected_to_it(staff: httpx.Client, graph: Graph, draft: Edition) -> None:
    way = "other.procedures.handled_at"
    page = staff.get(_at(draft, "/other/connect"), params={"way": way})
    assert re.findall(r'name="other" value="([^"]+)"', page.text) == ["teate", "todoke"]
    _, revision = await _item(graph, draft, "teate")
    assert f'name="revision-teate" value="{revision}"' in page.text
    _send(staff, _at(draft, "/other/connect"), way=way, other="teate", **{"revision-teate": str(revision)})
    assert (await _item(graph, draft, "teate"))[0]["handled_at"] == ["mado", "other"]


async def test_only_kinds_that_the_field_allows_are_offered(staff: httpx.Client, draft: Edition) -> None:
    page = staff.get(_at(draft, "/if-all/connect"), params={"way": "own.conditions.requires"})
    assert re.findall(r'name="other" value="([^"]+)"', page.text) == ["who/alone", "who/family"]
    for way in ("own.windows.handled_at", "own.conditions.label", "other.conditions.selects", "x"):
        assert staff.get(_at(draft, "/if-all/connect"), params={"way": way}).status_code == 404, way


async def test_what_connects_is_undone(staff: httpx.Client, graph: Graph, draft: Edition) -> None:
    _, revision = await _item(graph, draft, "todoke")
    page = staff.get(_at(draft, "/card"))
    assert 'name="holder" value="todoke"><input type="hidden" name="field" value="needs">' in page.text
    sent = {"holder": "todoke", "field": "needs", "end": "card", "revision": str(revision), "note": "いらなくなった"}
    answer = _send(staff, _at(draft, "/card/disconnect"), **sent)
    assert (answer.status_code, answer.headers["location"]) == (303, _at(draft, "/card?done=disconnected"))
    assert "needs" not in (await _item(graph, draft, "todoke"))[0]


async def test_who_was_in_the_way_is_told(staff: httpx.Client, graph: Graph, draft: Edition) -> None:
    fields, revision = await _item(graph, draft, "todoke")
    await _put(graph, draft, "todoke", fee="300円")
    sent = {"holder": "todoke", "field": "needs", "end": "card", "revision": str(revision), "note": "残る理由"}
    page = _send(staff, _at(draft, "/todoke/disconnect"), **sent)
    assert page.status_code == 409 and re.search("hanakoが、.*変更しました", _words(page))
    assert 'value="残る理由"' in page.text and "エラー：" in page.text
    way = {"way": "own.procedures.handled_at", "other": "other", "revision-todoke": str(revision)}
    page = _send(staff, _at(draft, "/todoke/connect"), **way, note="残る理由")
    assert page.status_code == 409 and "hanakoが" in _words(page)
    assert 'value="other" required checked' in page.text and 'value="残る理由"' in page.text
    now, _ = await _item(graph, draft, "todoke")
    assert now == {**fields, "fee": "300円"}


async def test_what_may_not_be_is_refused_in_words(staff: httpx.Client, graph: Graph, draft: Edition) -> None:
    _, revision = await _item(graph, draft, "if-family")
    sent = {"holder": "if-family", "field": "requires", "end": "who/family", "revision": str(revision)}
    page = _send(staff, _at(draft, "/if-family/disconnect"), **sent)
    assert page.status_code == 409 and "空になってしまいます" in _words(page)
    _, revision = await _item(graph, draft, "todoke")
    round_about = {"way": "own.procedures.follows", "other": "teate", "revision-todoke": str(revision)}
    page = _send(staff, _at(draft, "/todoke/connect"), **round_about)
    assert page.status_code == 422 and "「t" in _words(page)
    for fields in ({"field": "name"}, {"field": "x"}, {"revision": "x"}, {"holder": "rocket"}):
        refused = _send(staff, _at(draft, "/todoke/disconnect"), **{**sent, "holder": "todoke", **fields})
        assert refused.status_code in {404, 422}, fields
    assert _send(staff, _at(draft, "/todoke/connect"), way="own.procedures.needs").status_code == 422


async def test_what_is_public_cannot_be_connected(staff: httpx.Client, graph: Graph, live: Edition) -> None:
    assert "/connect" not in staff.get(_at(live, "/todoke")).text
    answer = staff.get(_at(live, "/todoke/connect"), follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, _at(live, "/todoke"))
    _, revision = await _item(graph, live, "todoke")
    sent = {"holder": "todoke", "field": "needs", "end": "card", "revision": str(revision)}
    assert _send(staff, _at(live, "/todoke/disconnect"), **sent).status_code == 409
    assert staff.post(_at(live, "/todoke/disconnect"), data=sent).status_code == 403


# The map of a life event


def _map(edition: Edition, more: str = "") -> str:
    return f"/staff/editions/{edition.number}/map{more}"


async def test_questions_are_drawn_with_who_is_asked_them(staff: httpx.Client, live: Edition) -> None:
    page = staff.get(_map(live, "/move"))
    words = _words(page)
    assert page.status_code == 200 and "聞くこと1問、条件2件です。答え方は、2通りあります。" in words
    assert _boxes(page) == {
        "ライフイベント 引っ越し": _map(live, "/move"),
        "質問・いつも聞く だれが引っ越しますか": _map(live, "/move?at=who"),
    }
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", page.text.partition('class="rules"')[2], re.DOTALL)
    assert len(rows) == 2 and "問わない" in rows[0] and "<td>「家族で」</td>" in rows[1]
    assert _at(live, "/teate") in rows[1] and "家族の手当&lt;b&gt;" in rows[1]


async def test_ways_through_an_item_stand_out_in_drawing_and_tables(staff: httpx.Client, live: Edition) -> None:
    page = staff.get(_map(live, "/move"), params={"at": "if-family"})
    words = _words(page)
    assert "『家族で引っ越した方』を通る道を、太く示しています。質問1問・条件1件・手続き1件です。" in words
    assert "質問・いつも聞く だれが引っ越しますか（通り道）" in _boxes(page)
    assert page.text.count('<tr class="on">') == 2 and page.text.count('class="mark way"') == 2
    assert page.text.count('class="line on"') == 1
    assert 'class="line on"' not in staff.get(_map(live, "/move")).text


async def test_what_changed_is_marked_on_the_map(staff: httpx.Client, graph: Graph, draft: Edition) -> None:
    await _put(graph, draft, "who", text="だれが移りますか")
    new = patches.Item(
        "Condition", {"key": "if-new", "label": "新しい条件", "life_events": ["move"], "selects": ["teate"]}
    )
    _, revision = await _item(graph, draft, "if-family")
    await edits.change(
        graph, draft.number, by=HANAKO, put=[new], remove=["if-family"], revisions={"if-family": revision}
    )
    page = staff.get(_map(draft, "/move"))
    assert re.search("新しい条件.*＋追加", _words(page))
    assert "条件『家族で引っ越した方』－削除" in _words(page)


async def test_maps_are_of_life_events_and_ways_of_what_is_on_them(staff: httpx.Client, live: Edition) -> None:
    for more in ("/todoke", "/rocket", "/move?at=rocket", "/move?at=mado"):
        assert staff.get(_map(live, more)).status_code == 404, more
    assert _map(live, "/move") in staff.get(_at(live, "/move")).text
    assert _map(live, "/move") in staff.get(_at(live)).text
