"""What stands beside the items for guidance: written with them, and kept right by whatever changes them."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from service.content import patches, registry
from service.content.canonical import content_hash, document
from service.content.models import Content
from service.store.subgraph import Delta, Subgraph, delta_of, from_rows, to_rows
from tests.contents import random_content, random_document

Row = dict[str, Any]


def _content(**lists: list[Row]) -> Content:
    return Content.model_validate({"format": 2, "life_events": [{"key": "e", "name": "e"}]} | lists)


def _question(key: str, *after: str) -> Row:
    options = [{"key": f"{key}/yes", "label": "はい"}, {"key": f"{key}/no", "label": "いいえ"}]
    return {"key": key, "text": key, "kind": "one", "options": options, "asked_after": list(after)}


CHAIN = [_question("a", "z/yes"), _question("b", "a/yes", "a/no", "c/no"), _question("c"), _question("z")]
ROW = {
    "key": "row",
    "label": "行",
    "life_events": ["e"],
    "requires": [["b/yes", "b/no"], ["c/yes", "b/yes"]],
    "excludes": ["c/no"],
    "selects": ["p"],
    "needs": ["d"],
}
FULL = _content(
    questions=[*CHAIN, _question("unasked")],
    conditions=[ROW],
    procedures=[{"key": "p", "name": "p", "needs": ["d", "own"]}],
    documents=[{"key": "d", "name": "d"}, {"key": "own", "name": "own"}],
)


def _beside(content: Content, key: str) -> Row:
    [properties] = [node["properties"] for node in to_rows(content).nodes if node["key"] == key]
    return {name: value for name, value in properties.items() if name.startswith("rule_")}


def test_a_condition_has_its_clauses_and_what_it_selects() -> None:
    assert _beside(FULL, "row") == {
        "rule_clauses": ["b/no b/yes", "b/yes c/yes"],
        "rule_questions": ["b", "b c"],
        "rule_excludes": ["c/no"],
        "rule_needs": ["d"],
        "rule_selects": ["p d own"],
    }


def test_a_life_event_has_its_questions_and_those_above_parents_first() -> None:
    assert _beside(FULL, "e") == {"rule_questions": ["c", "z", "a", "b"]}


def test_a_question_has_its_options_and_what_it_follows() -> None:
    assert _beside(FULL, "b") == {
        "rule_options": ["b/yes", "b/no"],
        "rule_after": ["a/no", "a/yes", "c/no"],
        "rule_above": ["a", "c"],
    }


def test_no_field_has_a_name_like_those() -> None:
    fields = [name for kind in registry.current().kinds.values() for name in kind.fields]
    assert fields and not [name for name in fields if name.startswith("rule_")]


def test_the_document_and_its_hash_know_nothing_of_them() -> None:
    rows = to_rows(FULL)
    again = from_rows(rows.nodes, rows.edges)
    assert content_hash(again) == content_hash(FULL)
    assert b"rule_" not in repr(document(again)).encode()


@pytest.mark.parametrize("seed", range(60))
def test_what_a_change_does_to_a_subgraph_makes_it_that_of_the_new_content(seed: int) -> None:
    """Whatever is changed: also items that nobody touched have then what stands beside them in the new content."""
    rng = Random(seed)
    old = random_content(rng)
    new = _changed(rng, old)
    items = patches.items(old), patches.items(new)
    delta = delta_of(patches.between(*items), old=items[0], new=items[1])
    assert _comparable(_applied(to_rows(old), delta)) == _comparable(to_rows(new))


def _changed(rng: Random, content: Content) -> Content:
    """The content with conditions, parents of questions and needs of procedures changed, or another content."""
    if rng.random() < 0.2:
        return Content.model_validate(random_document(rng))
    plain = document(content)
    for condition in plain.get("conditions", []):
        if rng.random() < 0.3:
            condition["requires"] = [clause for clause in condition.get("requires", []) if rng.random() < 0.5]
    for question in plain.get("questions", []):
        if rng.random() < 0.4:
            question["asked_after"] = []
    for procedure in plain.get("procedures", []):
        if rng.random() < 0.3:
            procedure["needs"] = [one["key"] for one in plain.get("documents", []) if rng.random() < 0.5]
    return Content.model_validate(plain)


def _applied(rows: Subgraph, delta: Delta) -> Subgraph:
    """What the statements of `cypher/editions/edits` do, in their order."""
    nodes = {node["key"]: node for node in rows.nodes if node["key"] not in delta.removed_nodes}
    removed = [_identity(edge) for edge in delta.removed_edges]
    edges = [
        edge for edge in rows.edges if edge["from"] in nodes and edge["to"] in nodes and _identity(edge) not in removed
    ]
    for node in (*delta.changed_nodes, *delta.added_nodes):
        nodes[node["key"]] = node
    return Subgraph([*nodes.values()], [*edges, *delta.added_edges])


def _identity(edge: Row) -> tuple[Any, ...]:
    return (edge["type"], edge["from"], edge["to"], edge["properties"].get("clause"))


def _comparable(rows: Subgraph) -> tuple[Any, Any]:
    return {node["key"]: node for node in rows.nodes}, sorted(map(_identity, rows.edges), key=repr)
