"""New keys on a real store: they stand for nothing in any edition, and never did in the history."""

from __future__ import annotations

from datetime import datetime

import pytest

from service import clock
from service.accounts.permissions import OPERATOR
from service.content.models import Content, Kind
from service.content.patches import Item
from service.editions import edits, importing
from service.editions.keys import fresh
from service.store.graph import Graph

NOON = datetime(2019, 4, 5, 12, tzinfo=clock.TOKYO)
PETS = {
    "key": "petto",
    "text": "ペットはいますか",
    "kind": "many",
    "options": [{"key": "petto/inu", "label": "いぬ"}, {"key": "petto/neko", "label": "ねこ"}],
}


async def _draft(graph: Graph, title: str) -> int:
    plain = {"format": 2, "life_events": [{"key": title, "name": title}], "questions": [PETS]}
    content = Content.model_validate(plain)
    return (await importing.import_content(graph, content, publish=False, title=title)).edition.number


@pytest.mark.parametrize(
    ("kind", "name", "key"),
    [
        (Kind.PROCEDURE, "ためしのとどけ", "tameshinotodoke"),
        (Kind.DOCUMENT, "ためしのかみ", "doc-tameshinokami"),
        (Kind.WINDOW, "試しの窓口", "window-20190405"),
        (Kind.SCENARIO, "ひとり暮らし", "case-20190405"),
    ],
)
async def test_keys_begin_as_those_of_their_kind(graph: Graph, kind: Kind, name: str, key: str) -> None:
    with clock.fixed(NOON):
        assert await fresh(graph.latest, kind, name=name) == key


async def test_a_reading_counts_before_the_name(graph: Graph) -> None:
    key = await fresh(graph.latest, Kind.TERM, name="試験票", reading="しけんひょう")
    assert key == "term-shikenhyou"


async def test_keys_of_any_edition_are_used(graph: Graph) -> None:
    await _draft(graph, "keys-of-editions")
    assert await fresh(graph.latest, Kind.QUESTION, name="ペット") == "petto-2"
    assert await fresh(graph.latest, Kind.OPTION, name="いぬ", parent="petto") == "petto/inu-2"
    assert await fresh(graph.latest, Kind.OPTION, name="とり", parent="petto") == "petto/tori"


async def test_keys_of_the_history_are_used_though_no_edition_has_them(graph: Graph) -> None:
    number = await _draft(graph, "keys-of-history")
    term = Item(Kind.TERM, {"key": "term-kieta", "term": "消えた言葉", "meaning": "もうない。"})
    await edits.change(graph, number, by=OPERATOR, put=[term], revisions={})
    _, revision = await edits.item(graph.latest, number, key=term.key)
    assert revision is not None
    await edits.change(graph, number, by=OPERATOR, remove=[term.key], revisions={term.key: revision})
    assert await fresh(graph.latest, Kind.TERM, name="きえた") == "term-kieta-2"


async def test_more_are_tried_until_one_is_free(graph: Graph) -> None:
    given = ["ookunotameshi", *(f"ookunotameshi-{number}" for number in range(2, 31))]
    assert await fresh(graph.latest, Kind.PROCEDURE, name="おおくのためし", also=given) == "ookunotameshi-31"
