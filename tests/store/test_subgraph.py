"""An edition as nodes and edges: exactly those of the design, and back to the same document."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.content.canonical import canonical
from service.content.loading import read_bytes
from service.content.models import Content, Kind
from service.store.subgraph import Subgraph, from_rows, item_from_node, to_rows
from tests.content.test_loading import SOUND
from tests.contents import contents

ENDS = {
    "LEADS_TO": {("LifeEvent", "Condition")},
    "SELECTS": {("Condition", "Procedure")},
    "REQUIRES": {("Condition", "Option")},
    "EXCLUDES": {("Condition", "Option")},
    "OFFERS": {("Question", "Option")},
    "ASKED_AFTER": {("Question", "Option")},
    "NEEDS": {("Procedure", "Document"), ("Condition", "Document")},
    "HANDLED_AT": {("Procedure", "Window")},
    "FOLLOWS": {("Procedure", "Procedure")},
    "DONE_WITH": {("Procedure", "Procedure")},
    "GOVERNED_BY": {("Procedure", "Law")},
    "MENTIONS": {("Question", "Term"), ("Procedure", "Term"), ("Document", "Term")},
    "STARTS_FROM": {("Scenario", "LifeEvent")},
    "ANSWERS": {("Scenario", "Option")},
    "ANSWERS_NONE_OF": {("Scenario", "Question")},
    "UNSURE_OF": {("Scenario", "Question")},
    "EXPECTS": {("Scenario", "Procedure")},
    "RULES_OUT": {("Scenario", "Procedure")},
}
"""Which kinds every type of edge joins (`ops/design/graph.md`)."""


def rows(text: str = SOUND) -> Subgraph:
    return to_rows(read_bytes(text.encode(), "a.yaml"))


def edges(found: Subgraph, kind: str) -> set[tuple[str, str]]:
    return {(edge["from"], edge["to"]) for edge in found.edges if edge["type"] == kind}


def node(found: Subgraph, key: str) -> dict[str, Any]:
    [one] = [node for node in found.nodes if node["key"] == key]
    return dict(one)


@settings(max_examples=40, deadline=None)
@given(content=contents(), rng=st.randoms(use_true_random=False))
def test_rows_in_any_order_are_the_document_again(content: Content, rng: Random) -> None:
    found = to_rows(content)
    nodes, links = list(found.nodes), list(found.edges)
    rng.shuffle(nodes)
    rng.shuffle(links)
    assert canonical(from_rows(nodes, links)) == canonical(content)


@settings(max_examples=25, deadline=None)
@given(content=contents())
def test_every_row_is_one_that_the_graph_can_hold(content: Content) -> None:
    found = to_rows(content)
    kinds = {node["key"]: node["labels"][1] for node in found.nodes}
    assert len(kinds) == len(found.nodes)
    for one in found.nodes:
        assert one["labels"][0] == "Item" and one["properties"]["key"] == one["key"]
        assert one["properties"]["revision"] == 1 and "edition" not in one["properties"]
        for value in one["properties"].values():
            texts = isinstance(value, list) and all(isinstance(text, str) for text in value)
            assert texts or isinstance(value, str | int | bool)
    for edge in found.edges:
        assert (kinds[edge["from"]], kinds[edge["to"]]) in ENDS[edge["type"]]
    told = [(edge["type"], edge["from"], edge["to"], edge["properties"].get("clause")) for edge in found.edges]
    assert len(told) == len(set(told)), "no edge twice"


def test_the_edges_of_a_document() -> None:
    found = rows()
    assert edges(found, "LEADS_TO") == {("moving-in", "old-in")}
    assert edges(found, "OFFERS") >= {("age", "age/old"), ("card", "card/my-number")}
    assert edges(found, "ANSWERS") == {("family", "age/old")}
    assert edges(found, "UNSURE_OF") == {("family", "card")}
    assert edges(found, "RULES_OUT") == {("family", "notify")}
    assert edges(rows(SOUND.replace("card: unsure", "card: []")), "ANSWERS_NONE_OF") == {("family", "card")}


def test_clauses_are_numbered_in_canonical_order() -> None:
    found = rows(SOUND.replace("[[age/old]]", "[[card/my-number], [age/young, age/old]]"))
    numbered = {(edge["to"], edge["properties"]["clause"]) for edge in found.edges if edge["type"] == "REQUIRES"}
    assert numbered == {("age/old", 0), ("age/young", 0), ("card/my-number", 1)}


def test_properties_are_spread_out() -> None:
    found = rows(SOUND.replace("postal: yes", "postal: {is: yes, note: 郵送先は窓口}"))
    enrol = node(found, "enrol")["properties"]
    assert (enrol["postal"], enrol["postal_note"]) == ("yes", "郵送先は窓口")
    assert (enrol["deadline_value"], enrol["deadline_unit"], enrol["deadline_from_event"]) == (14, "day", ["moving-in"])
    assert enrol["deadline_kind"] == "legal" and "deadline_first_day_counts" not in enrol
    assert enrol["nature"] == "duty" and not [name for name in enrol if name.startswith("basis")]
    assert (enrol["sources_title"], enrol["sources_url"]) == (["市のページ"], [""])
    assert (enrol["sources_basis"], enrol["sources_checked_on"]) == ([""], ["2026-04-01"])
    assert [node(found, key)["properties"]["position"] for key in ("age/young", "age/old")] == [0, 1]
    assert node(found, "card")["properties"]["unsure"] is True


def test_none_is_another_thing_than_unknown() -> None:
    said, silent = rows(SOUND.replace("postal: yes", "needs: []")), rows()
    assert node(said, "enrol")["properties"]["needs_none"] is True
    assert "needs_none" not in node(silent, "enrol")["properties"]
    for found, needs in ((said, []), (silent, None), (rows(SOUND.replace("postal: yes", "needs: [photo]")), ["photo"])):
        again = from_rows(found.nodes, found.edges)
        assert next(one for one in again.procedures if one.key == "enrol").needs == needs


def test_alternatives_and_a_fixed_period_are_kept() -> None:
    text = SOUND.replace("postal: yes", "handled_at: [town, hall]\n    basis: {duty: law, windows: city}")
    text = text.replace("unit: day,", "unit: day, period: {closes: 2026-06-30},")
    found = rows(text + "windows: [{key: hall, name: 市民課}, {key: town, name: 支所}]\n")
    places = {edge["to"]: edge["properties"]["position"] for edge in found.edges if edge["type"] == "HANDLED_AT"}
    assert places == {"town": 0, "hall": 1}
    stored = node(found, "enrol")["properties"]
    assert stored["deadline_period_closes"] == "2026-06-30" and "deadline_period_opens" not in stored
    assert (stored["basis_duty"], stored["basis_windows"]) == ("law", "city")
    enrol = next(one for one in from_rows(found.nodes, found.edges).procedures if one.key == "enrol")
    assert enrol.handled_at == ["town", "hall"], "the usual one first"
    assert enrol.deadline and enrol.deadline.period and enrol.deadline.period.closes == "2026-06-30"


@pytest.mark.parametrize(
    ("name", "mentioned"),
    [
        ("国民健康保険の加入", {"kokuho"}),
        ("国民健康保険と保険", {"kokuho", "hoken"}),
        ("保険の届出", {"hoken"}),
        ("転居", set()),
    ],
)
def test_the_longest_word_is_mentioned(name: str, mentioned: set[str]) -> None:
    terms = "terms: [{key: hoken, term: 保険, meaning: あ}, {key: kokuho, term: 国民健康保険, meaning: い}]\n"
    found = rows(SOUND.replace("name: 加入", f"name: {name}") + terms)
    assert edges(found, "MENTIONS") == {("enrol", term) for term in mentioned}


def test_labels_of_options_are_read_too() -> None:
    terms = "terms: [{key: kado, term: カード, meaning: あ}]\n"
    assert edges(rows(SOUND + terms), "MENTIONS") == {("card", "kado")}


@settings(max_examples=20, deadline=None)
@given(content=contents())
def test_one_item_is_made_of_its_node_and_outgoing_edges(content: Content) -> None:
    found = to_rows(content)
    leaving = {one["key"]: [edge for edge in found.edges if edge["from"] == one["key"]] for one in found.nodes}
    alone = {**{i.key: i for i in content.procedures}, **{i.key: i for i in content.windows}}
    for one in found.nodes:
        if one["key"] in alone:
            item = item_from_node(Kind(one["labels"][1]), one["properties"], leaving[one["key"]])
            of = "procedures" if one["labels"][1] == "Procedure" else "windows"
            made = Content.model_construct(None, format=2, **{of: [item]})
            assert canonical(made) == canonical(Content.model_construct(None, format=2, **{of: [alone[one["key"]]]}))
