"""The forms of items and the decision tables over HTTP, on a real store: saved, refused, searched, tried, and kept."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from service.accounts import sessions
from service.content.models import Edition
from service.editions import edits, findings, history
from service.editions.history import Filter
from service.store import editions
from service.store.graph import Graph
from service.web.middleware import FETCHING_POLICY
from service.web.staff import auth
from tests.forms import sent
from tests.web.reading import words_of
from tests.web.test_edition_pages import _at, _put, _value, draft, live

__all__ = ["draft", "live"]

pytestmark = pytest.mark.asyncio(loop_scope="session")

EVIL = '"><script>alert(1)</script>{{ 7*7 }}</textarea>'


def _form(page: httpx.Response) -> list[tuple[str, str]]:
    """What the form of the page holds, without the search box and the like of the frame."""
    return [*sent(page.text.partition('id="item"')[2].partition("</form>")[0])]


def _post(
    client: httpx.Client, path: str, form: list[tuple[str, str]], *, do: str = "save", headers: Any = None
) -> httpx.Response:
    named: dict[str, list[str]] = {}
    for name, value in [*form, ("do", do)]:
        named.setdefault(name, []).append(value)
    return client.post(path, data=named, headers=headers, follow_redirects=False)


def _typed(form: list[tuple[str, str]], **fields: str) -> list[tuple[str, str]]:
    """The form with other values: `deadline_value` stands for `/deadline/value`."""
    known = {name for name, _ in form}
    wanted = {
        f"/{name}" if f"/{name}" in known else f"/{name.replace('_', '/')}": value for name, value in fields.items()
    }
    left = [(name, wanted.pop(name, value)) for name, value in form]
    assert not wanted, wanted
    return left


async def _fields(graph: Graph, draft: Edition, key: str) -> dict[str, Any]:
    item, _ = await edits.item(graph.latest, draft.number, key=key)
    assert item
    return item.fields


# The form


async def test_an_item_is_saved_field_by_field(staff: httpx.Client, graph: Graph, draft: Edition) -> None:
    at = _at(draft, "/items/todoke")
    page = staff.get(at)
    assert page.headers["content-security-policy"] == FETCHING_POLICY
    form = _form(page)
    unchanged = _post(staff, at, form)
    assert unchanged.headers["location"] == f"{at}?done=unchanged"
    form = _typed(form, fee="300円", deadline_value="２１", review_by="令和9年4月1日")
    answer = _post(staff, at, [*form, ("none:/governed_by", "none"), ("note", "条例の改正")])
    assert answer.headers.get("location") == f"{at}?done=saved", words_of(answer)
    fields = await _fields(graph, draft, "todoke")
    assert (fields["fee"], fields["deadline"]["value"], fields["review_by"]) == ("300円", 21, "2027-04-01")
    assert fields["governed_by"] == [] and fields["needs"] == ["card"]


async def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(
    staff: httpx.Client, graph: Graph, draft: Edition
) -> None:
    at = _at(draft, "/items/todoke")
    form = _typed(_form(staff.get(at)), name=EVIL, summary=EVIL, deadline_value="たくさん", review_by="いつか")
    page = _post(staff, at, [*form, ("/handled_at", "nowhere")])
    assert page.status_code == 422 and "<title>エラー：" in page.text and "<script>alert" not in page.text
    assert 'href="#f-deadline-value"' in page.text and 'href="#f-review_by"' in page.text
    assert {*form} - {*_form(page)} <= {("form_token", ""), ("find:/handled_at", "")}
    page = _post(staff, at, _typed([*form, ("/handled_at", "nowhere")], deadline_value="5", review_by=""))
    place = page.text.partition('id="f-handled_at"')[2].partition("</fieldset>")[0]
    assert page.status_code == 422 and "nowhere" in place and 'class="error"' in place
    assert (await editions.numbered(graph.latest, draft.number)).content_hash == draft.content_hash


async def test_hostile_text_is_saved_and_shown_as_text(staff: httpx.Client, graph: Graph, draft: Edition) -> None:
    at = _at(draft, "/items/todoke")
    answer = _post(staff, at, _typed(_form(staff.get(at)), name=EVIL, fee=EVIL, note=EVIL))
    assert answer.status_code == 303, words_of(answer)
    assert (await _fields(graph, draft, "todoke"))["name"] == EVIL
    for path in (at, _at(draft, "/items/if-all"), _at(draft, "/table/move"), _at(draft, "/table/todoke")):
        page = staff.get(path)
        assert page.status_code == 200 and "<script>alert" not in page.text and "49" not in words_of(page)
    tried = _post(staff, at, _form(staff.get(at)), do="effect")
    assert tried.status_code == 200 and "<script>alert" not in tried.text


async def test_references_are_found_by_search_without_scripts(
    staff: httpx.Client, graph: Graph, draft: Edition
) -> None:
    at = _at(draft, "/items/teate")
    form = [(name, "本人" if name == "find:/needs" else value) for name, value in _form(staff.get(at))]
    found = _post(staff, at, _typed(form, name="別の名前"), do="find:/needs")
    assert found.status_code == 200 and "まだ保存していません" in words_of(found)
    assert 'name="/needs" value="card">' in found.text and ("/name", "別の名前") in _form(found)
    refused = _post(staff, at, _form(found))
    assert refused.status_code == 422 and "まだ選んでいません" in words_of(refused)
    form = [(name, "" if name == "find:/needs" else value) for name, value in _form(found)]
    assert _post(staff, at, [*form, ("/needs", "card")]).status_code == 303
    assert (await _fields(graph, draft, "teate"))["needs"] == ["card"]


async def test_options_are_added_moved_and_taken_out_without_scripts(
    staff: httpx.Client, graph: Graph, draft: Edition
) -> None:
    at = _at(draft, "/items/who")
    page = _post(staff, at, _form(staff.get(at)), do="add:/options")
    form = [(name, "友人と" if name == "/options/2/label" else value) for name, value in _form(page)]
    page = _post(staff, at, form, do="up:/options/2")
    assert _post(staff, at, _form(page)).status_code == 303
    labels = [one["label"] for one in (await _fields(graph, draft, "who"))["options"]]
    assert labels == ["ひとり", "友人と", "家族で"]
    used = _post(staff, at, _form(_post(staff, at, _form(staff.get(at)), do="remove:/options/2")))
    assert used.status_code == 409 and "削除するものを使っています" in words_of(used)


async def test_a_new_item_is_made_by_its_form(staff: httpx.Client, graph: Graph, draft: Edition) -> None:
    at = _at(draft, "/new-item")
    form = _form(staff.get(f"{at}?of=questions"))
    assert ("row:/options", "1") in form
    nameless = _post(staff, at, form)
    assert nameless.status_code == 422 and "質問文を書いてください" in words_of(nameless)
    form = _typed(form, text="犬を飼っていますか", options_0_label="はい", options_1_label="いいえ")
    answer = _post(staff, at, form)
    assert answer.status_code == 303, words_of(answer)
    key = answer.headers["location"].partition("/items/")[2].partition("?")[0]
    fields = await _fields(graph, draft, key)
    assert [one["label"] for one in fields["options"]] == ["はい", "いいえ"]
    assert (fields["kind"], fields["position"]) == ("one", 10)


async def test_both_ways_to_write_hold_the_same(staff: httpx.Client, draft: Edition) -> None:
    at = _at(draft, "/items/todoke")
    text = _post(staff, at, _typed(_form(staff.get(at)), fee="300円"), do="yaml")
    typed = dict(_form(text))
    assert 'fee: "300円"' in typed["text"] and "as" not in typed
    back = _post(staff, at, _typed_text(_form(text), typed["text"].replace("300円", "500円")), do="form")
    assert ("/fee", "500円") in _form(back) and dict(_form(back))["revision"] == typed["revision"]
    broken = _post(staff, at, _typed_text(_form(text), "fee: ["), do="form")
    assert broken.status_code == 422 and dict(_form(broken))["text"] == "fee: ["


def _typed_text(form: list[tuple[str, str]], text: str) -> list[tuple[str, str]]:
    return [(name, text if name == "text" else value) for name, value in form]


async def test_two_who_save_the_same_item_see_it_field_by_field(
    staff: httpx.Client, graph: Graph, draft: Edition
) -> None:
    at = _at(draft, "/items/todoke")
    form = _typed(_form(staff.get(at)), fee="300円")
    await _put(graph, draft, "todoke", fee="500円")
    page = _post(staff, at, form)
    assert page.status_code == 409 and "ほかの人も、この項目を変えました" in words_of(page)
    place = page.text.partition('id="f-fee"')[2].partition("</div>")[0]
    assert "hanakoが保存した費用：500円" in place and ("/fee", "300円") in _form(page)
    assert _post(staff, at, _form(page)).status_code == 303
    assert (await _fields(graph, draft, "todoke"))["fee"] == "300円"


async def test_findings_stand_at_the_field_where_they_are_mended(
    staff: httpx.Client, graph: Graph, draft: Edition
) -> None:
    saved = await _put(graph, draft, "todoke", review_by="2020-01-01")
    await findings.whole(graph, saved)
    page = staff.get(_at(draft, "/items/todoke"))
    place = page.text.partition('id="f-review_by"')[2].partition("</div>\n")[0]
    assert "見直しの期日 2020-01-01 を過ぎています" in place


# What was typed stays


async def test_what_was_typed_in_an_earlier_session_comes_back(
    staff: httpx.Client, graph: Graph, draft: Edition
) -> None:
    """Who has signed in again meanwhile, in another tab, sees the form as it was typed; it saves nothing by itself."""
    at = _at(draft, "/items/todoke")
    form = _typed(_form(staff.get(at)), fee=EVIL)
    staff.cookies.set(auth.COOKIE, await sessions.open_session(graph, hours=1))
    back = _post(staff, at, form)
    assert back.status_code == 403 and "まだ保存していません" in words_of(back)
    assert "<script>alert" not in back.text and ("/fee", EVIL) in _form(back)
    assert (await _fields(graph, draft, "todoke"))["fee"] == "無料"
    assert _post(staff, at, _form(back)).status_code == 303
    assert (await _fields(graph, draft, "todoke"))["fee"] == EVIL


async def test_what_was_typed_outlives_the_session(staff: httpx.Client, graph: Graph, draft: Edition) -> None:
    at, here = _at(draft, "/items/todoke"), {"Sec-Fetch-Site": "same-origin"}
    form = _typed(_form(staff.get(at)), fee="300円")
    staff.cookies.set(auth.COOKIE, "over")
    page = _post(staff, at, form, headers=here)
    assert page.status_code == 403 and ("/fee", "300円") in sent(page.text)
    staff.cookies.set(auth.COOKIE, await sessions.open_session(graph, hours=1))
    pairs = [pair for pair in sent(page.text) if pair[0] != "do"]
    assert _post(staff, at, pairs, headers=here).status_code == 303
    assert (await _fields(graph, draft, "todoke"))["fee"] == "300円"


async def test_other_sites_and_strangers_get_nothing(staff: httpx.Client, api: httpx.Client, draft: Edition) -> None:
    at = _at(draft, "/items/todoke")
    form = _form(staff.get(at))
    for client in (staff, api):
        page = _post(client, at, form, headers={"Sec-Fetch-Site": "cross-site"})
        assert page.status_code in {303, 403} and "todoke" not in page.text and "引っ越しの届け" not in page.text
    assert _post(api, at, [("x", "y")]).status_code == 303


# The effect on residents


async def test_the_effect_is_told_before_anything_is_saved(staff: httpx.Client, graph: Graph, draft: Edition) -> None:
    at = _at(draft, "/items/if-family")
    form = [pair for pair in _form(staff.get(at)) if pair != ("/requires/0", "who/family")]
    page = _post(staff, at, [*form, ("/requires/0", "who/alone")], do="effect")
    words = words_of(page)
    assert "『家族の手当』が新たに出る人がいます。1通り 例）「だれが引っ越しますか」に「ひとり」の方" in words
    assert "『家族の手当』が出なくなる人がいます。1通り 例）「だれが引っ越しますか」に「家族で」の方" in words
    assert f"/preview/{draft.number}/result?event=move" in page.text and 'href="/result?event=move' in page.text
    gained = (
        page.text.partition("が新たに出る人がいます")[2]
        .partition('href="/result?')[2]
        .partition('"')[0]
        .replace("&amp;", "&")
    )
    assert "家族の手当" not in staff.get(f"/result?{gained}").text
    assert (await editions.numbered(graph.latest, draft.number)).content_hash == draft.content_hash
    same = _post(staff, at, _form(staff.get(at)), do="effect")
    assert "変わりません。すべての答え方で確かめました" in words_of(same)
    window = _at(draft, "/items/mado")
    assert "どなたも変わりません" in words_of(_post(staff, window, _form(staff.get(window)), do="effect"))


async def test_residents_card_is_shown_as_typed(staff: httpx.Client, draft: Edition) -> None:
    at = _at(draft, "/items/todoke")
    page = _post(
        staff, at, _typed(_form(staff.get(at)), name="転居の届け", summary="引っ越したら出します。"), do="effect"
    )
    card = page.text.partition('class="phone"')[2].partition("</section>")[0]
    assert "転居の届け" in card and "引っ越したら出します。" in card
    question = _at(draft, "/items/who")
    page = _post(staff, question, _typed(_form(staff.get(question)), text="どなたが？"), do="effect")
    assert "どなたが？" in page.text.partition('class="phone"')[2].partition("</section>")[0]


# The decision table


async def test_rows_are_edited_added_and_removed_in_one_save(staff: httpx.Client, graph: Graph, draft: Edition) -> None:
    at = _at(draft, "/table/move")
    page = staff.get(at)
    assert "引っ越した方" in words_of(page) and "家族で" in words_of(page)
    page = _post(staff, at, _form(page), do="edit:if-family")
    form = _form(page)
    assert ("/if-family/marks/who/family", "own") in form
    page = _post(staff, at, _marked(form, "/if-family/marks/who/alone", "own"), do="add:")
    form = [(name, "ひとりの方" if name == "/new-1/label" else value) for name, value in _form(page)]
    page = _post(staff, at, form, do="column:new-1/who")
    form = _marked(_form(page), "/new-1/marks/who/family", "not")
    form = [(name, "家族の手当" if name == "find:/new-1/selects" else value) for name, value in form]
    page = _post(staff, at, form, do="remove:if-all")
    assert "保存すると、消えます" in words_of(page) and ("/new-1/selects", "teate") in _form(page)
    tried = _post(staff, at, _form(page), do="effect")
    assert "『引っ越しの届け』が出なくなる人がいます" in words_of(tried)
    answer = _post(staff, at, [*_form(tried), ("note", "見直し")])
    assert answer.headers.get("location") == f"{at}?done=saved", words_of(answer)
    assert (await _fields(graph, draft, "if-family"))["requires"] == [["who/alone", "who/family"]]
    assert (await edits.item(graph.latest, draft.number, key="if-all"))[0] is None
    changes = await history.page(graph.latest, Filter(edition=draft.number), most=5)
    assert [change["action"] for change in changes][:1] == ["save"] and changes[1]["action"] == "fork"
    made = words_of(staff.get(_at(draft, "/table/teate")))
    assert "ひとりの方" in made and "家族で を除く" in made


def _marked(form: list[tuple[str, str]], name: str, mark: str) -> list[tuple[str, str]]:
    assert name in dict(form), name
    return [(one, mark if one == name else value) for one, value in form]


async def test_a_row_that_somebody_else_saved_is_told_at_the_row(
    staff: httpx.Client, graph: Graph, draft: Edition
) -> None:
    at = _at(draft, "/table/move")
    page = _post(staff, at, _form(staff.get(at)), do="edit:if-family")
    await _put(graph, draft, "if-family", label="家族の方")
    page = _post(staff, at, _marked(_form(page), "/if-family/marks/who/alone", "own"))
    assert page.status_code == 409
    row = page.text.partition('id="r-if-family"')[2].partition("</tr>")[0]
    assert "hanakoが保存した" in row and "家族の方" in row
    assert _post(staff, at, _form(page)).status_code == 303
    assert (await _fields(graph, draft, "if-family"))["requires"] == [["who/alone", "who/family"]]


async def test_a_table_says_what_is_wrong_with_a_row(staff: httpx.Client, draft: Edition) -> None:
    at = _at(draft, "/table/teate")
    page = _post(staff, at, _form(staff.get(at)), do="add:")
    page = _post(staff, at, _form(page))
    row = page.text.partition('id="r-new-1"')[2].partition("</tr>")[0]
    assert page.status_code == 422 and "条件の名前を書いてください" in row
    nothing = _post(staff, at, _form(staff.get(at)))
    assert nothing.status_code == 422 and "直した行がありません" in words_of(nothing)
    lost = _post(staff, at, [*_form(staff.get(at)), ("/if-all/label", "行のない名前")])
    assert lost.status_code == 422


async def test_a_public_edition_has_its_tables_without_editing(staff: httpx.Client, live: Edition) -> None:
    page = staff.get(_at(live, "/table/move"))
    assert page.status_code == 200 and 'name="do"' not in page.text and "家族で引っ越した方" in words_of(page)
    assert staff.get(_at(live, "/table/card")).status_code == 404
    assert _value(staff.get(_at(live, "/items?of=windows")), "words") == ""
