"""The history over HTTP: filters, one change, taking back, restoring, each refusal told on the page."""

from __future__ import annotations

import httpx
import pytest

from service.content.models import Edition
from service.editions import edits, history
from service.store import editions
from service.store.graph import Graph
from tests.web.reading import words_of
from tests.web.test_edition_pages import HANAKO, _put, _send, draft, live

__all__ = ["draft", "live"]
pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _last(graph: Graph, edition: Edition) -> int:
    found = await history.page(graph.latest, history.Filter(edition=edition.number), most=1)
    return int(found[0]["seq"])


async def _fee(graph: Graph, edition: Edition) -> str | None:
    item, _ = await edits.item(graph.latest, edition.number, key="todoke")
    return item.fields.get("fee") if item else None


@pytest.mark.parametrize(
    "query",
    [
        "edition=x",
        "edition=99999999999999999999",
        "since=2026-13-40",
        "until=9999-12-31",
        "action=drop",
        "before=-1",
        "person=%00",
        "item=" + "a" * 5000,
        "edition=%EF%BC%91",
        "since=0001-01-01",
        "person='%7D)",
    ],
)
async def test_hostile_filters_break_nothing(staff: httpx.Client, draft: Edition, query: str) -> None:
    assert staff.get(f"/staff/history?{query}").status_code == 200, query


async def test_filters_find_what_they_name(staff: httpx.Client, graph: Graph, draft: Edition) -> None:
    await _put(graph, draft, "todoke", fee="777円")
    seq = await _last(graph, draft)
    for query in (f"edition={draft.number}", "item=todoke", "person=hanako", "action=save"):
        assert f'/staff/history/{seq}"' in staff.get(f"/staff/history?{query}").text, query
    assert f'/staff/history/{seq}"' not in staff.get("/staff/history?action=publish").text
    assert f'/staff/history/{seq}"' not in staff.get(f"/staff/history?before={seq}").text
    assert "読み取れない" in words_of(staff.get("/staff/history?since=soon"))
    assert f'/staff/history/{seq}"' in staff.get("/staff/items/todoke/history").text
    assert staff.get("/staff/items/rocket/history").status_code == 404
    assert staff.get("/staff/history/999999999").status_code == 404
    assert "抜けや書き換えはありません" in words_of(staff.get("/staff/history/verify"))


async def test_a_change_is_taken_back_and_restored(staff: httpx.Client, graph: Graph, draft: Edition) -> None:
    await _put(graph, draft, "todoke", fee="777円")
    path = f"/staff/history/{await _last(graph, draft)}"
    page = staff.get(path).text
    assert "<del>" in page and "777円" in page
    assert staff.post(path, data={"draft": str(draft.number)}).status_code == 403
    assert _send(staff, path, draft=str(draft.number)).status_code == 303
    assert await _fee(graph, draft) == "無料"
    again = _send(staff, path, draft=str(draft.number))
    assert again.status_code == 409 and "あとからされた変更です" in words_of(again)
    assert _send(staff, path, draft=str(draft.number), key="todoke", side="after").status_code == 303
    assert await _fee(graph, draft) == "777円"
    assert _send(staff, path, draft=str(draft.number), key="todoke", side="before").status_code == 303
    assert await _fee(graph, draft) == "無料"
    same = _send(staff, path, draft=str(draft.number), key="todoke", side="before")
    assert same.status_code == 422 and "変えるところはありません" in words_of(same)
    for wrong in ("", "x", "9" * 30):
        assert _send(staff, path, draft=wrong).status_code == 422, wrong
    assert _send(staff, path, draft="999999").status_code == 404


async def test_a_new_draft_that_came_to_nothing_is_gone(staff: httpx.Client, graph: Graph, draft: Edition) -> None:
    await _put(graph, draft, "todoke", fee="777円")
    path = f"/staff/history/{await _last(graph, draft)}"
    before = [one.number for one in await editions.drafts(graph.latest)]
    assert _send(staff, path, draft="new").status_code == 409
    assert [one.number for one in await editions.drafts(graph.latest)] == before


async def test_ends_that_are_gone_are_named_and_can_be_left_out(
    staff: httpx.Client, graph: Graph, draft: Edition
) -> None:
    for key in ("if-all", "card"):
        _, revision = await edits.item(graph.latest, draft.number, key=key)
        await edits.change(graph, draft.number, by=HANAKO, remove=[key], revisions={key: revision or 0}, detach=True)
        if key == "if-all":
            seq = await _last(graph, draft)
    _, revision = await edits.item(graph.latest, draft.number, key="teate")
    case, at = await edits.item(graph.latest, draft.number, key="todoke")
    assert case and at and revision
    await edits.change(graph, draft.number, by=HANAKO, remove=["todoke"], revisions={"todoke": at}, detach=True)
    path, asked = f"/staff/history/{seq}", {"draft": str(draft.number), "key": "if-all", "side": "before"}
    refused = _send(staff, path, **asked)
    assert refused.status_code == 422 and "外して戻す" in words_of(refused)
    assert "todoke" in refused.text
