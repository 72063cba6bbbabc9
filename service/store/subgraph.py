"""An edition as nodes and edges, both ways: content document ⇄ rows of the graph (ops/design/graph.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.content import patches
from service.content.models import (
    METHODS,
    Condition,
    Content,
    Document,
    Kind,
    Law,
    LifeEvent,
    Option,
    Procedure,
    Question,
    Scenario,
    Strict,
    Term,
    Window,
)
from service.content.patches import Item, Items, Patch

Row = dict[str, Any]

LISTS: dict[Kind, str] = {
    Kind.LIFE_EVENT: "life_events",
    Kind.QUESTION: "questions",
    Kind.CONDITION: "conditions",
    Kind.PROCEDURE: "procedures",
    Kind.DOCUMENT: "documents",
    Kind.WINDOW: "windows",
    Kind.TERM: "terms",
    Kind.LAW: "laws",
    Kind.SCENARIO: "scenarios",
}
MODELS: dict[Kind, type[Strict]] = {
    Kind.LIFE_EVENT: LifeEvent,
    Kind.QUESTION: Question,
    Kind.OPTION: Option,
    Kind.CONDITION: Condition,
    Kind.PROCEDURE: Procedure,
    Kind.DOCUMENT: Document,
    Kind.WINDOW: Window,
    Kind.TERM: Term,
    Kind.LAW: Law,
    Kind.SCENARIO: Scenario,
}

EDGES: dict[tuple[Kind, str], str] = {
    (Kind.QUESTION, "asked_after"): "ASKED_AFTER",
    (Kind.CONDITION, "excludes"): "EXCLUDES",
    (Kind.CONDITION, "selects"): "SELECTS",
    (Kind.CONDITION, "needs"): "NEEDS",
    (Kind.PROCEDURE, "needs"): "NEEDS",
    (Kind.PROCEDURE, "handled_at"): "HANDLED_AT",
    (Kind.PROCEDURE, "follows"): "FOLLOWS",
    (Kind.PROCEDURE, "governed_by"): "GOVERNED_BY",
    (Kind.SCENARIO, "life_events"): "STARTS_FROM",
    (Kind.SCENARIO, "expects"): "EXPECTS",
    (Kind.SCENARIO, "rules_out"): "RULES_OUT",
}
"""Fields that are lists of keys and become edges from their item."""

FIELDS = {(kind, edge): name for (kind, name), edge in EDGES.items()}

READ: dict[Kind, tuple[str, ...]] = {
    Kind.QUESTION: ("text", "help"),
    Kind.PROCEDURE: ("name", "summary", "note", "consequence", "fee"),
    Kind.DOCUMENT: ("name", "help"),
}
"""The texts in which terms are looked for."""

DEFAULTS: dict[Kind, Row] = {
    Kind.LIFE_EVENT: {"position": 0},
    Kind.QUESTION: {"position": 0, "unsure": True},
    Kind.PROCEDURE: {"nature": "duty", "status": "unverified", "scope": "city"},
    Kind.WINDOW: {"status": "unverified"},
}
"""Defaults that queries read and that therefore stand on the nodes."""


@dataclass(frozen=True, slots=True)
class Subgraph:
    """Nodes as {labels, key, properties}, edges as {type, from, to, properties}."""

    nodes: list[Row]
    edges: list[Row]


@dataclass(frozen=True, slots=True)
class Delta:
    """What makes one subgraph of another, in the order in which it is to be done."""

    removed_nodes: list[str]
    removed_edges: list[Row]
    changed_nodes: list[Row]
    added_nodes: list[Row]
    added_edges: list[Row]


def delta(old: Subgraph, new: Subgraph) -> Delta:
    """What makes the new subgraph of the old one; a node of another kind is another node, with its edges.

    Both may be parts: an edge may end at a node that neither holds, and that stays as it is.
    """
    before = {node["key"]: node for node in old.nodes}
    after = {node["key"]: node for node in new.nodes}
    kept = {key for key, node in before.items() if key in after and after[key]["labels"] == node["labels"]}
    gone = before.keys() - kept
    edges_before = {_identity(edge): edge for edge in old.edges if edge["from"] not in gone and edge["to"] not in gone}
    edges_after = {_identity(edge): edge for edge in new.edges}
    return Delta(
        removed_nodes=[key for key in before if key not in kept],
        removed_edges=[edge for key, edge in edges_before.items() if key not in edges_after],
        changed_nodes=[after[key] for key in before if key in kept and after[key] != before[key]],
        added_nodes=[node for key, node in after.items() if key not in kept],
        added_edges=[edge for key, edge in edges_after.items() if key not in edges_before],
    )


def delta_of(patch: Patch, *, old: Items, new: Items) -> Delta:
    """What the patch that leads from the old items to the new ones does to their subgraph: it costs what it touches."""
    words_before, words_after = _words(old.values()), _words(new.values())
    changed = {word for word, _ in set(words_before) ^ set(words_after)}
    touched = {*patch.before, *patch.after}
    speaking = {key for key, item in new.items() if key not in touched and _holds(item, changed)} if changed else set()
    before = [*patch.before.values(), *(old[key] for key in speaking)]
    after = [*patch.after.values(), *(new[key] for key in speaking)]
    return delta(_part(before, words_before), _part(after, words_after))


def _part(items: Sequence[Item], words: Sequence[tuple[str, str]]) -> Subgraph:
    nodes = [node for item in items for node in _nodes(item.kind, item.fields)]
    edges = [edge for item in items for edge in _edges(item.kind, item.fields)]
    edges += [edge for item in items for edge in _mentions(item.kind, item.fields, words)]
    return Subgraph(nodes, edges)


def _holds(item: Item, words: Iterable[str]) -> bool:
    text = _text(item.kind, item.fields)
    return any(word in text for word in words)


def _identity(edge: Row) -> tuple[str, str, str, int | None]:
    return (edge["type"], edge["from"], edge["to"], edge["properties"].get("clause"))


def to_rows(content: Content) -> Subgraph:
    """The nodes and edges of the content, without the edition that they will belong to."""
    items = list(patches.items(content).values())
    return _part(items, _words(items))


def _node(kind: Kind, properties: Row) -> Row:
    return {"labels": ["Item", kind.value], "key": properties["key"], "properties": properties | {"revision": 1}}


def _nodes(kind: Kind, item: Row) -> Iterator[Row]:
    yield _node(kind, DEFAULTS.get(kind, {}) | _properties(kind, item))
    for position, option in enumerate(item.get("options", [])):
        yield _node(Kind.OPTION, option | {"position": position})


def _properties(kind: Kind, item: Row) -> Row:
    """The scalar fields, with a deadline and the methods spread over several."""
    found: Row = {}
    for name, value in item.items():
        if name in METHODS:
            found |= _method(name, value)
        elif name == "deadline":
            found |= {"deadline_kind": "legal"} | {f"deadline_{part}": told for part, told in value.items()}
        elif name == "synonyms" or not isinstance(value, list | dict):
            found[name] = value
    return found


def _method(name: str, value: str | Row) -> Row:
    if isinstance(value, str):
        return {name: value}
    return {name: value["is"], f"{name}_note": value["note"]}


def _edge(kind: str, one: str, other: str, **properties: Any) -> Row:
    return {"type": kind, "from": one, "to": other, "properties": properties}


def _edges(kind: Kind, item: Row) -> Iterator[Row]:
    key = item["key"]
    for (owner, name), edge in EDGES.items():
        if owner is kind:
            yield from (_edge(edge, key, other) for other in item.get(name, []))
    for option in item.get("options", []):
        yield _edge("OFFERS", key, option["key"])
    if kind is Kind.CONDITION:
        yield from (_edge("LEADS_TO", event, key) for event in item["life_events"])
        for clause, options in enumerate(item.get("requires", [])):
            yield from (_edge("REQUIRES", key, option, clause=clause) for option in options)
    for question, said in item.get("answers", {}).items():
        yield from _answer_edges(key, question, said)


def _answer_edges(key: str, question: str, said: str | list[str]) -> Iterator[Row]:
    if said == "unsure":
        yield _edge("UNSURE_OF", key, question)
    elif not said:
        yield _edge("ANSWERS_NONE_OF", key, question)
    else:
        yield from (_edge("ANSWERS", key, option) for option in said)


def _words(items: Iterable[Item]) -> list[tuple[str, str]]:
    """The words that are explained, each with the key of its term: the longest first."""
    words = [(str(item.fields["term"]), item.key) for item in items if item.kind is Kind.TERM]
    return sorted(words, key=lambda pair: (-len(pair[0]), pair))


def _text(kind: Kind, item: Row) -> str:
    """All of an item in which terms are looked for."""
    texts = [item.get(name) or "" for name in READ.get(kind, ())]
    texts += [option.get(part) or "" for option in item.get("options", []) for part in ("label", "help")]
    return "\n".join(texts)


def _mentions(kind: Kind, item: Row, words: Iterable[tuple[str, str]]) -> Iterator[Row]:
    """The terms that an item speaks of; of words inside one another the longest counts at each place."""
    if kind in READ:
        yield from (_edge("MENTIONS", item["key"], key) for key in _mentioned(_text(kind, item), words))


def _mentioned(text: str, words: Iterable[tuple[str, str]]) -> list[str]:
    found = []
    for word, key in words:
        if word in text:
            found.append(key)
            text = text.replace(word, "\0")
    return found


def from_rows(nodes: Iterable[Row], edges: Iterable[Row]) -> Content:
    """The content of an edition's nodes and edges, in any order."""
    leaving: dict[str, list[Row]] = {}
    arriving: dict[str, list[str]] = {}
    for edge in edges:
        leaving.setdefault(edge["from"], []).append(edge)
        if edge["type"] == "LEADS_TO":
            arriving.setdefault(edge["to"], []).append(edge["from"])
    by_kind: dict[Kind, list[Row]] = {kind: [] for kind in MODELS}
    for node in nodes:
        kind = Kind(next(label for label in node["labels"] if label != "Item"))
        by_kind[kind].append(_plain(kind, node["properties"], leaving.get(node["key"], [])))
    options = {option["key"]: option for option in by_kind[Kind.OPTION]}
    for question in by_kind[Kind.QUESTION]:
        offered = [edge["to"] for edge in leaving.get(question["key"], []) if edge["type"] == "OFFERS"]
        ordered = sorted((options[key] for key in offered), key=lambda option: int(option["position"]))
        question["options"] = [{name: one[name] for name in one if name != "position"} for one in ordered]
    for condition in by_kind[Kind.CONDITION]:
        condition["life_events"] = arriving.get(condition["key"], [])
    return Content.model_validate({"format": 1} | {name: by_kind[kind] for kind, name in LISTS.items()})


def item_from_node(kind: Kind, properties: Mapping[str, Any], edges: Sequence[Row]) -> Strict:
    """One item of a node and its outgoing edges; a question comes without its options, a condition without events."""
    if kind in {Kind.QUESTION, Kind.CONDITION}:
        raise ValueError(f"a {kind} is more than its node and outgoing edges")
    return MODELS[kind].model_validate(_plain(kind, properties, edges))


def _plain(kind: Kind, properties: Mapping[str, Any], edges: Sequence[Row]) -> Row:
    known = MODELS[kind].model_fields
    names = {field.alias or name for name, field in known.items()} | ({"position"} if kind is Kind.OPTION else set())
    item: Row = {name: value for name, value in properties.items() if name in names}
    if kind is Kind.PROCEDURE:
        item |= _gathered(properties)
    clauses: dict[int, list[str]] = {}
    for edge in sorted(edges, key=lambda edge: str(edge["to"])):
        name = FIELDS.get((kind, edge["type"]))
        if name:
            item.setdefault(name, []).append(edge["to"])
        elif edge["type"] == "REQUIRES":
            clauses.setdefault(int(edge["properties"]["clause"]), []).append(edge["to"])
        elif kind is Kind.SCENARIO:
            _answered(item.setdefault("answers", {}), edge)
    if clauses:
        item["requires"] = [clauses[number] for number in sorted(clauses)]
    return item


def _gathered(properties: Mapping[str, Any]) -> Row:
    """The methods and the deadline, put together again."""
    item: Row = {}
    for name in METHODS:
        if name in properties:
            note = properties.get(f"{name}_note")
            item[name] = {"is": properties[name]} | ({"note": note} if note is not None else {})
    deadline = {
        name.removeprefix("deadline_"): value for name, value in properties.items() if name.startswith("deadline_")
    }
    return item | ({"deadline": deadline} if deadline else {})


def _answered(answers: Row, edge: Row) -> None:
    if edge["type"] == "UNSURE_OF":
        answers[edge["to"]] = "unsure"
    elif edge["type"] == "ANSWERS_NONE_OF":
        answers[edge["to"]] = []
    elif edge["type"] == "ANSWERS":
        answers.setdefault(edge["to"].partition("/")[0], []).append(edge["to"])
