"""The comparison and the order of questions over HTTP."""

from __future__ import annotations

import re
from html import unescape

import httpx
import pytest

from service.content.models import Edition
from service.store.graph import Graph
from tests.web.reading import words_of
from tests.web.test_edition_pages import _put, draft, live

__all__ = ["draft", "live"]
pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_equal_editions_are_said_to_be_equal(staff: httpx.Client, live: Edition, draft: Edition) -> None:
    words = words_of(staff.get(f"/staff/compare?old={live.number}&new={draft.number}"))
    assert "まったく同じ内容" in words and "すべての答え方で確かめました" in words


async def test_what_changes_is_told_with_an_example(
    staff: httpx.Client, graph: Graph, live: Edition, draft: Edition
) -> None:
    await _put(graph, draft, "if-family", selects=[])
    await _put(graph, draft, "todoke", fee="500円")
    page = staff.get(f"/staff/compare?old={live.number}&new={draft.number}")
    words = words_of(page)
    assert "2通りの答え方のうち、1通りで案内が変わります" in words
    assert "『家族の手当』が、出なくなります" in words and "人の数や割合ではありません" in words
    assert "<del>無料</del>" in page.text and "<ins>500円</ins>" in page.text
    links = [unescape(one) for one in re.findall(r'href="((?:/preview/\d+)?/result\?[^"]*)"', page.text)]
    assert len(links) == 2
    shown = ["家族の手当" in staff.get(link).text for link in links]
    assert shown == [True, False]
    keep = re.search(r'href="(/staff/editions/\d+/new-scenario\?[^"]*)"', page.text)
    assert keep and staff.get(unescape(keep[1])).status_code == 200


async def test_hostile_numbers_are_not_there(staff: httpx.Client, live: Edition) -> None:
    for query in (
        "",
        "?old=1",
        "?old=x&new=y",
        f"?old={live.number}&new=999999",
        "?old=-1&new=1",
        f"?old=1&new={2**70}",
    ):
        assert staff.get(f"/staff/compare{query}").status_code == 404, query


async def test_the_order_of_questions_is_weighed(staff: httpx.Client, live: Edition) -> None:
    path = f"/staff/editions/{live.number}/questions"
    words = words_of(staff.get(path))
    assert "いちばん少ない 1問" in words.replace("ない1問", "ない 1問") and "むだに聞かれる質問はありません" in words
    assert "位置を変えると" in words_of(staff.get(f"{path}?event=move&question=who"))
    assert staff.get(f"{path}?event=move&question=rocket").status_code == 404
    assert staff.get(f"{path}?event=rocket&question=who").status_code == 404
