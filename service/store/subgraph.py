"""An edition as nodes and edges, both ways: content document ⇄ rows of the graph (ops/design/graph.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.content import patches, registry
from service.content.fields import FieldEntry, Reference, fields_of
from service.content.models import FORMAT, Content, ItemModel, Kind
from service.content.patches import Item, Items, Patch
from service.content.registry import KindEntry
from service.store.rules import Rules, reached

Row = dict[str, Any]


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
    rules_before, rules_after = Rules(old.values()), Rules(new.values())
    changed = {word for word, _ in set(words_before) ^ set(words_after)}
    touched = {*patch.before, *patch.after}
    speaking = {key for key, item in new.items() if key not in touched and _holds(item, changed)} if changed else set()
    kinds = reached(patch)
    ruled = {
        key
        for key, item in new.items()
        if item.kind in kinds and key not in touched and _beside(rules_before, item) != _beside(rules_after, item)
    }
    others = sorted(speaking | ruled)
    before = [*patch.before.values(), *(old[key] for key in others)]
    after = [*patch.after.values(), *(new[key] for key in others)]
    return delta(_part(before, words_before, rules_before), _part(after, words_after, rules_after))


def _beside(rules: Rules, item: Item) -> Row:
    return rules.beside(item.kind, item.fields)


def _part(items: Sequence[Item], words: Sequence[tuple[str, str]], rules: Rules) -> Subgraph:
    kinds = registry.current().kinds
    pairs = [(kinds[item.kind], item.fields) for item in items]
    nodes = [node for item in items for node in _nodes(kinds[item.kind], item.fields, _beside(rules, item))]
    edges = [edge for kind, fields in pairs for edge in _edges(kind, fields)]
    edges += [edge for kind, fields in pairs for edge in _mentions(kind, fields, words)]
    return Subgraph(nodes, edges)


def _holds(item: Item, words: Iterable[str]) -> bool:
    text = "\n".join(_texts(registry.kind(item.kind).fields, item.fields))
    return any(word in text for word in words)


def _identity(edge: Row) -> tuple[Any, ...]:
    properties = edge["properties"]
    return (edge["type"], edge["from"], edge["to"], properties.get("clause"), properties.get("position"))


def to_rows(content: Content) -> Subgraph:
    """The nodes and edges of the content, without the edition that they will belong to."""
    items = list(patches.items(content).values())
    return _part(items, _words(items), Rules(items))


def _node(label: str, properties: Row) -> Row:
    return {"labels": ["Item", label], "key": properties["key"], "properties": properties | {"revision": 1}}


def _nodes(kind: KindEntry, item: Row, beside: Row) -> Iterator[Row]:
    """The node of an item with what stands beside it for guidance, and those of the items inside it."""
    yield _node(kind.label, {**kind.node_defaults, **_properties(kind.fields, item), **beside})
    if kind.owned and kind.owned_model:
        for position, one in enumerate(item.get(kind.owned.name, [])):
            yield _node(kind.owned_model.about.label, one | {"position": position})


def _properties(fields: Mapping[str, FieldEntry], item: Row) -> Row:
    """The fields that stand on the node, with those that have fields of their own spread over several."""
    found: Row = {}
    for name, value in item.items():
        entry = fields[name]
        if entry.is_record:
            found |= _spread(name, entry, value)
        elif entry.shape == "records" and entry.inner:
            found |= {f"{name}_{part}": [one.get(part, _ABSENT) for one in value] for part in fields_of(entry.inner)}
        elif entry.is_scalar or entry.shape == "words":
            found[name] = value
        elif entry.says_none and not value:
            found[_none(name)] = True
    return found


_ABSENT = ""
"""Stands in lists of the graph, which hold no nulls, for what a record does not have; no text is empty."""


def _none(name: str) -> str:
    """The property which says that a list is known and empty."""
    return f"{name}_none"


def _spread(name: str, entry: FieldEntry, value: Any) -> Row:
    """A value that has fields of its own as properties; what is left out and has a meaning stands there too."""
    if entry.inner is None:
        return {}
    found: Row = {}
    parts, inner = fields_of(entry.inner), entry.spelled_out(value)
    for part, one in parts.items():
        own = inner.get(part)
        if own is None:
            own = one.node_default
        if one.is_record and own is not None:
            found |= _spread(_property(name, part), one, own)
        elif own is not None:
            found[_property(name, part)] = own
    return found


def _property(name: str, part: str) -> str:
    """The property of a part of a field; what it `is` bears the name of the field."""
    return name if part == "is" else f"{name}_{part}"


def _edge(kind: str, one: str, other: str, **properties: Any) -> Row:
    return {"type": kind, "from": one, "to": other, "properties": properties}


def _edges(kind: KindEntry, item: Row) -> Iterator[Row]:
    key = item["key"]
    for name, entry in kind.fields.items():
        value = item.get(name)
        if value is None:
            continue
        if entry.owned:
            yield from (_edge(entry.owned.edge, key, one["key"]) for one in value)
        elif entry.shape == "answers":
            for question, said in value.items():
                yield from _answer_edges(key, question, said)
        elif entry.reference and entry.reference.edges:
            yield from _reference_edges(key, entry.reference, value)


def _reference_edges(key: str, reference: Reference, value: Any) -> Iterator[Row]:
    """The edges of a field: to each item that it names, or from it; of clauses each with its number, of what has an
    order each with its position."""
    [edge] = reference.edges
    for number, one in enumerate([value] if isinstance(value, str) else value):
        if isinstance(one, list):
            yield from (_edge(edge, key, other, clause=number) for other in one)
        else:
            ends = (one, key) if reference.incoming else (key, one)
            place = {"position": number} if reference.ordered else {}
            yield _edge(edge, ends[0], ends[1], **place)


def _answer_edges(key: str, question: str, said: str | list[str]) -> Iterator[Row]:
    """What a household said to a question: edges to its options, or one to the question."""
    if said == "unsure":
        yield _edge("UNSURE_OF", key, question)
    elif not said:
        yield _edge("ANSWERS_NONE_OF", key, question)
    else:
        yield from (_edge("ANSWERS", key, option) for option in said)


def _words(items: Iterable[Item]) -> list[tuple[str, str]]:
    """The words that are explained, each with the key of its term: the longest first."""
    words = [(str(item.fields["term"]), item.key) for item in items if item.kind == Kind.TERM]
    return sorted(words, key=lambda pair: (-len(pair[0]), pair))


def _mentions(kind: KindEntry, item: Row, words: Iterable[tuple[str, str]]) -> Iterator[Row]:
    """The terms that an item speaks of; of words inside one another the longest counts at each place."""
    text = "\n".join(_texts(kind.fields, item))
    if text:
        yield from (_edge("MENTIONS", item["key"], key) for key in _mentioned(text, words))


def _texts(fields: Mapping[str, FieldEntry], item: Row) -> Iterator[str]:
    """The texts in which terms are looked for, also those of items that stand inside the item."""
    for name, entry in fields.items():
        value = item.get(name)
        if entry.mentions and value:
            yield value
        elif entry.owned and entry.inner:
            for one in value or ():
                yield from _texts(fields_of(entry.inner), one)


def _mentioned(text: str, words: Iterable[tuple[str, str]]) -> list[str]:
    found = []
    for word, key in words:
        if word in text:
            found.append(key)
            text = text.replace(word, "\0")
    return found


def from_rows(nodes: Iterable[Row], edges: Iterable[Row]) -> Content:
    """The content of an edition's nodes and edges, in any order."""
    known = registry.current()
    leaving: dict[str, list[Row]] = {}
    arriving: dict[str, list[Row]] = {}
    for edge in edges:
        leaving.setdefault(edge["from"], []).append(edge)
        arriving.setdefault(edge["to"], []).append(edge)
    by_kind: dict[str, dict[str, Row]] = {label: {} for label in known.kinds}
    for node in nodes:
        key, kind = node["key"], known.kinds[label_of(node)]
        by_kind[kind.label][key] = _plain(kind, node["properties"], leaving.get(key, []), arriving.get(key, []))
    for kind in known.lists.values():
        if kind.owned and kind.owned.owned and kind.owned_model:
            inside = by_kind[kind.owned_model.about.label]
            for key, item in by_kind[kind.label].items():
                keys = [edge["to"] for edge in leaving.get(key, []) if edge["type"] == kind.owned.owned.edge]
                item[kind.owned.name] = _in_order(inside[one] for one in keys)
    lists = {name: [*by_kind[kind.label].values()] for name, kind in known.lists.items()}
    return known.content.model_validate({"format": FORMAT} | lists)


def _in_order(items: Iterable[Row]) -> list[Row]:
    """Items that stand inside another, by their position, which is no field of theirs."""
    ordered = sorted(items, key=lambda item: int(item["position"]))
    return [{name: value for name, value in item.items() if name != "position"} for item in ordered]


def label_of(row: Row) -> str:
    """The kind of the item of a row with labels."""
    return next(str(label) for label in row["labels"] if label != "Item")


def item_from_node(label: str, properties: Mapping[str, Any], edges: Sequence[Row]) -> ItemModel:
    """One item of a node and its outgoing edges. Errors: ValueError for kinds that are more than these."""
    kind = registry.kind(label)
    if not kind.is_complete:
        raise ValueError(f"a {label} is more than its node and outgoing edges")
    return kind.model.model_validate(_plain(kind, properties, edges, ()))


def _plain(kind: KindEntry, properties: Mapping[str, Any], leaving: Iterable[Row], arriving: Iterable[Row]) -> Row:
    item: Row = {}
    for name, entry in kind.fields.items():
        if entry.is_record:
            item |= _gathered(name, entry, properties)
        elif entry.shape == "records":
            item |= _records(entry, properties)
        elif name in properties:
            item[name] = properties[name]
        elif properties.get(_none(name)):
            item[name] = []
    if kind.list_name is None:
        item["position"] = properties["position"]
    for edge in sorted(leaving, key=_place):
        _add_reference(item, kind.leaving.get(edge["type"]), edge, other=edge["to"])
    for edge in arriving if kind.arriving else ():
        _add_reference(item, kind.arriving.get(edge["type"]), edge, other=edge["from"])
    for name in {entry.name for entry in kind.leaving.values() if entry.shape == "clauses"} & item.keys():
        item[name] = [clause for _, clause in sorted(item[name].items())]
    return item


def _add_reference(item: Row, entry: FieldEntry | None, edge: Row, *, other: str) -> None:
    """Puts the other end of an edge into the field that the edge comes from; clauses by their number."""
    if entry is None:
        return
    if entry.shape == "answers":
        _answered(item.setdefault(entry.name, {}), edge)
    elif entry.shape == "clauses":
        item.setdefault(entry.name, {}).setdefault(int(edge["properties"]["clause"]), []).append(other)
    elif entry.shape == "item":
        item[entry.name] = other
    else:
        item.setdefault(entry.name, []).append(other)


def _place(edge: Row) -> tuple[int, str]:
    """Where the other end stands in its field: by its position, or else by its key."""
    return int(edge["properties"].get("position", 0)), str(edge["to"])


def _gathered(name: str, entry: FieldEntry, properties: Mapping[str, Any]) -> Row:
    """A field that has fields of its own, put together again; nothing where the node has none of them."""
    found: Row = {}
    for part, one in fields_of(entry.inner).items() if entry.inner else ():
        stored = _property(name, part)
        if one.is_record:
            found |= _gathered(stored, one, properties)
        elif properties.get(stored) is not None:
            found[part] = properties[stored]
    return {entry.name: found} if found else {}


def _records(entry: FieldEntry, properties: Mapping[str, Any]) -> Row:
    """A list of records, put together again of the lists of their fields; nothing where there are none."""
    names = {part: f"{entry.name}_{part}" for part in (fields_of(entry.inner) if entry.inner else ())}
    columns = {part: properties[name] for part, name in names.items() if name in properties}
    if not columns:
        return {}
    rows = zip(*columns.values(), strict=True)
    return {entry.name: [{part: one for part, one in zip(columns, row, strict=True) if one != _ABSENT} for row in rows]}


def _answered(answers: Row, edge: Row) -> None:
    if edge["type"] == "UNSURE_OF":
        answers[edge["to"]] = "unsure"
    elif edge["type"] == "ANSWERS_NONE_OF":
        answers[edge["to"]] = []
    elif edge["type"] == "ANSWERS":
        answers.setdefault(edge["to"].partition("/")[0], []).append(edge["to"])
