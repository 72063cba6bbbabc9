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
    kept_keys = {key for key, node in before.items() if key in after and after[key]["labels"] == node["labels"]}
    removed_keys = before.keys() - kept_keys
    edges_before = {
        _identity(edge): edge
        for edge in old.edges
        if edge["from"] not in removed_keys and edge["to"] not in removed_keys
    }
    edges_after = {_identity(edge): edge for edge in new.edges}
    return Delta(
        removed_nodes=[key for key in before if key not in kept_keys],
        removed_edges=[edge for key, edge in edges_before.items() if key not in edges_after],
        changed_nodes=[after[key] for key in before if key in kept_keys and after[key] != before[key]],
        added_nodes=[node for key, node in after.items() if key not in kept_keys],
        added_edges=[edge for key, edge in edges_after.items() if key not in edges_before],
    )


def delta_of(patch: Patch, *, old: Items, new: Items) -> Delta:
    """What the patch that leads from the old items to the new ones does to their subgraph: it costs what it touches."""
    words_before, words_after = _words(old.values()), _words(new.values())
    rules_before, rules_after = Rules(old.values()), Rules(new.values())
    changed_words = {word for word, _ in set(words_before) ^ set(words_after)}
    touched = {*patch.before, *patch.after}
    keys_with_changed_words = (
        {key for key, item in new.items() if key not in touched and _mentions_any(item, changed_words)}
        if changed_words
        else set()
    )
    reached_kinds = reached(patch)
    keys_with_changed_rules = {
        key
        for key, item in new.items()
        if item.kind in reached_kinds
        and key not in touched
        and _rule_properties(rules_before, item) != _rule_properties(rules_after, item)
    }
    other_keys = sorted(keys_with_changed_words | keys_with_changed_rules)
    before = [*patch.before.values(), *(old[key] for key in other_keys)]
    after = [*patch.after.values(), *(new[key] for key in other_keys)]
    return delta(_rows_of(before, words_before, rules_before), _rows_of(after, words_after, rules_after))


def _rule_properties(rules: Rules, item: Item) -> Row:
    return rules.beside(item.kind, item.fields)


def _rows_of(items: Sequence[Item], words: Sequence[tuple[str, str]], rules: Rules) -> Subgraph:
    kinds = registry.current().kinds
    pairs = [(kinds[item.kind], item.fields) for item in items]
    nodes = [node for item in items for node in _nodes(kinds[item.kind], item.fields, _rule_properties(rules, item))]
    edges = [edge for kind, fields in pairs for edge in _edges(kind, fields)]
    edges += [edge for kind, fields in pairs for edge in _mentions(kind, fields, words)]
    return Subgraph(nodes, edges)


def _mentions_any(item: Item, words: Iterable[str]) -> bool:
    text = "\n".join(_texts(registry.kind(item.kind).fields, item.fields))
    return any(word in text for word in words)


def _identity(edge: Row) -> tuple[Any, ...]:
    properties = edge["properties"]
    return (edge["type"], edge["from"], edge["to"], properties.get("clause"), properties.get("position"))


def to_rows(content: Content) -> Subgraph:
    """The nodes and edges of the content, without the edition that they will belong to."""
    items = list(patches.items(content).values())
    return _rows_of(items, _words(items), Rules(items))


def _node(label: str, properties: Row) -> Row:
    return {"labels": ["Item", label], "key": properties["key"], "properties": properties | {"revision": 1}}


def _nodes(kind: KindEntry, item: Row, rule_properties: Row) -> Iterator[Row]:
    """The node of an item with what stands beside it for guidance, and those of the items inside it."""
    yield _node(kind.label, {**kind.node_defaults, **_properties(kind.fields, item), **rule_properties})
    if kind.owned and kind.owned_model:
        for position, owned_item in enumerate(item.get(kind.owned.name, [])):
            yield _node(kind.owned_model.about.label, owned_item | {"position": position})


def _properties(fields: Mapping[str, FieldEntry], item: Row) -> Row:
    """The fields that stand on the node, with those that have fields of their own spread over several."""
    properties: Row = {}
    for name, value in item.items():
        entry = fields[name]
        if entry.is_record:
            properties |= _record_properties(name, entry, value)
        elif entry.shape == "records" and entry.inner:
            properties |= {
                f"{name}_{part_name}": [record.get(part_name, _ABSENT) for record in value]
                for part_name in fields_of(entry.inner)
            }
        elif entry.is_scalar or entry.shape == "words":
            properties[name] = value
        elif entry.says_none and not value:
            properties[_empty_mark(name)] = True
    return properties


_ABSENT = ""
"""Stands in lists of the graph, which hold no nulls, for what a record does not have; no text is empty."""


def _empty_mark(name: str) -> str:
    """The property which says that a list is known and empty."""
    return f"{name}_none"


def _record_properties(name: str, entry: FieldEntry, value: Any) -> Row:
    """A value that has fields of its own as properties; what is left out and has a meaning stands there too."""
    if entry.inner is None:
        return {}
    properties: Row = {}
    parts, part_values = fields_of(entry.inner), entry.spelled_out(value)
    for part_name, part_entry in parts.items():
        part_value = part_values.get(part_name)
        if part_value is None:
            part_value = part_entry.node_default
        if part_entry.is_record and part_value is not None:
            properties |= _record_properties(_property(name, part_name), part_entry, part_value)
        elif part_value is not None:
            properties[_property(name, part_name)] = part_value
    return properties


def _property(name: str, part_name: str) -> str:
    """The property of a part of a field; what it `is` bears the name of the field."""
    return name if part_name == "is" else f"{name}_{part_name}"


def _edge(kind: str, from_key: str, to_key: str, **properties: Any) -> Row:
    return {"type": kind, "from": from_key, "to": to_key, "properties": properties}


def _edges(kind: KindEntry, item: Row) -> Iterator[Row]:
    key = item["key"]
    for name, entry in kind.fields.items():
        value = item.get(name)
        if value is None:
            continue
        if entry.owned:
            yield from (_edge(entry.owned.edge, key, owned_item["key"]) for owned_item in value)
        elif entry.shape == "answers":
            for question, answer in value.items():
                yield from _answer_edges(key, question, answer)
        elif entry.reference and entry.reference.edges:
            yield from _reference_edges(key, entry.reference, value)


def _reference_edges(key: str, reference: Reference, value: Any) -> Iterator[Row]:
    """The edges of a field: to each item that it names, or from it; of clauses each with its number, of what has an
    order each with its position."""
    [edge] = reference.edges
    for index, target in enumerate([value] if isinstance(value, str) else value):
        if isinstance(target, list):
            yield from (_edge(edge, key, option, clause=index) for option in target)
        else:
            ends = (target, key) if reference.incoming else (key, target)
            properties = {"position": index} if reference.ordered else {}
            yield _edge(edge, ends[0], ends[1], **properties)


def _answer_edges(key: str, question: str, answer: str | list[str]) -> Iterator[Row]:
    """What a household said to a question: edges to its options, or one to the question."""
    if answer == "unsure":
        yield _edge("UNSURE_OF", key, question)
    elif not answer:
        yield _edge("ANSWERS_NONE_OF", key, question)
    else:
        yield from (_edge("ANSWERS", key, option) for option in answer)


def _words(items: Iterable[Item]) -> list[tuple[str, str]]:
    """The words that are explained, each with the key of its term: the longest first."""
    words = [(str(item.fields["term"]), item.key) for item in items if item.kind == Kind.TERM]
    return sorted(words, key=lambda pair: (-len(pair[0]), pair))


def _mentions(kind: KindEntry, item: Row, words: Iterable[tuple[str, str]]) -> Iterator[Row]:
    """The terms that an item speaks of; of words inside one another the longest counts at each place."""
    text = "\n".join(_texts(kind.fields, item))
    if text:
        yield from (_edge("MENTIONS", item["key"], key) for key in _mentioned_terms(text, words))


def _texts(fields: Mapping[str, FieldEntry], item: Row) -> Iterator[str]:
    """The texts in which terms are looked for, also those of items that stand inside the item."""
    for name, entry in fields.items():
        value = item.get(name)
        if entry.mentions and value:
            yield value
        elif entry.owned and entry.inner:
            for owned_item in value or ():
                yield from _texts(fields_of(entry.inner), owned_item)


def _mentioned_terms(text: str, words: Iterable[tuple[str, str]]) -> list[str]:
    term_keys = []
    for word, key in words:
        if word in text:
            term_keys.append(key)
            text = text.replace(word, "\0")
    return term_keys


def from_rows(nodes: Iterable[Row], edges: Iterable[Row]) -> Content:
    """The content of an edition's nodes and edges, in any order."""
    content_registry = registry.current()
    leaving: dict[str, list[Row]] = {}
    arriving: dict[str, list[Row]] = {}
    for edge in edges:
        leaving.setdefault(edge["from"], []).append(edge)
        arriving.setdefault(edge["to"], []).append(edge)
    by_kind: dict[str, dict[str, Row]] = {label: {} for label in content_registry.kinds}
    for node in nodes:
        key, kind = node["key"], content_registry.kinds[label_of(node)]
        by_kind[kind.label][key] = _fields_of_node(
            kind, node["properties"], leaving.get(key, []), arriving.get(key, [])
        )
    for kind in content_registry.lists.values():
        if kind.owned and kind.owned.owned and kind.owned_model:
            owned_items = by_kind[kind.owned_model.about.label]
            for key, item in by_kind[kind.label].items():
                keys = [edge["to"] for edge in leaving.get(key, []) if edge["type"] == kind.owned.owned.edge]
                item[kind.owned.name] = _in_order(owned_items[owned_key] for owned_key in keys)
    lists = {name: [*by_kind[kind.label].values()] for name, kind in content_registry.lists.items()}
    return content_registry.content.model_validate({"format": FORMAT} | lists)


def _in_order(items: Iterable[Row]) -> list[Row]:
    """Items that stand inside another, by their position, which is no field of theirs."""
    ordered = sorted(items, key=lambda item: int(item["position"]))
    return [{name: value for name, value in item.items() if name != "position"} for item in ordered]


def label_of(row: Row) -> str:
    """The kind of the item of a row with labels."""
    return next(str(label) for label in row["labels"] if label != "Item")


def item_from_node(label: str, properties: Mapping[str, Any], edges: Sequence[Row]) -> ItemModel:
    """The item that a node and its outgoing edges hold. Errors: ValueError for kinds that need more than these."""
    kind = registry.kind(label)
    if not kind.is_complete:
        raise ValueError(f"a {label} is more than its node and outgoing edges")
    return kind.model.model_validate(_fields_of_node(kind, properties, edges, ()))


def _fields_of_node(
    kind: KindEntry, properties: Mapping[str, Any], leaving: Iterable[Row], arriving: Iterable[Row]
) -> Row:
    fields: Row = {}
    for name, entry in kind.fields.items():
        if entry.is_record:
            fields |= _record_from_properties(name, entry, properties)
        elif entry.shape == "records":
            fields |= _records_from_columns(entry, properties)
        elif name in properties:
            fields[name] = properties[name]
        elif properties.get(_empty_mark(name)):
            fields[name] = []
    if kind.list_name is None:
        fields["position"] = properties["position"]
    for edge in sorted(leaving, key=_edge_order):
        _add_reference(fields, kind.leaving.get(edge["type"]), edge, other_key=edge["to"])
    for edge in arriving if kind.arriving else ():
        _add_reference(fields, kind.arriving.get(edge["type"]), edge, other_key=edge["from"])
    for name in {entry.name for entry in kind.leaving.values() if entry.shape == "clauses"} & fields.keys():
        fields[name] = [clause for _, clause in sorted(fields[name].items())]
    return fields


def _add_reference(item: Row, entry: FieldEntry | None, edge: Row, *, other_key: str) -> None:
    """Puts the other end of an edge into the field that the edge comes from; clauses by their number."""
    if entry is None:
        return
    if entry.shape == "answers":
        _add_answer(item.setdefault(entry.name, {}), edge)
    elif entry.shape == "clauses":
        item.setdefault(entry.name, {}).setdefault(int(edge["properties"]["clause"]), []).append(other_key)
    elif entry.shape == "item":
        item[entry.name] = other_key
    else:
        item.setdefault(entry.name, []).append(other_key)


def _edge_order(edge: Row) -> tuple[int, str]:
    """Where the other end stands in its field: by its position, or else by its key."""
    return int(edge["properties"].get("position", 0)), str(edge["to"])


def _record_from_properties(name: str, entry: FieldEntry, properties: Mapping[str, Any]) -> Row:
    """A field that has fields of its own, put together again; nothing where the node has none of them."""
    parts: Row = {}
    for part_name, part_entry in fields_of(entry.inner).items() if entry.inner else ():
        stored = _property(name, part_name)
        if part_entry.is_record:
            parts |= _record_from_properties(stored, part_entry, properties)
        elif properties.get(stored) is not None:
            parts[part_name] = properties[stored]
    return {entry.name: parts} if parts else {}


def _records_from_columns(entry: FieldEntry, properties: Mapping[str, Any]) -> Row:
    """A list of records, put together again of the lists of their fields; nothing where there are none."""
    names = {part_name: f"{entry.name}_{part_name}" for part_name in (fields_of(entry.inner) if entry.inner else ())}
    columns = {part_name: properties[name] for part_name, name in names.items() if name in properties}
    if not columns:
        return {}
    rows = zip(*columns.values(), strict=True)
    return {
        entry.name: [
            {part_name: part_value for part_name, part_value in zip(columns, row, strict=True) if part_value != _ABSENT}
            for row in rows
        ]
    }


def _add_answer(answers: Row, edge: Row) -> None:
    if edge["type"] == "UNSURE_OF":
        answers[edge["to"]] = "unsure"
    elif edge["type"] == "ANSWERS_NONE_OF":
        answers[edge["to"]] = []
    elif edge["type"] == "ANSWERS":
        answers.setdefault(edge["to"].partition("/")[0], []).append(edge["to"])
