"""The catalogue: the items of an edition, read by key and kept while they fit; a published edition never changes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from service.caching import Cache, Part
from service.content import registry
from service.content.models import (
    NO_ACTION,
    Content,
    Document,
    ItemModel,
    Kind,
    Law,
    LifeEvent,
    Option,
    Outline,
    Procedure,
    Question,
    Term,
    Window,
)
from service.content.search_index import Index, Indexed
from service.errors import NotFound
from service.store.graph import Graph, Reads, Row
from service.store.subgraph import from_rows, item_from_node, label_of

ITEM_BYTES = 4_000
OUTLINE_BYTES = 2_000
WORDS_BYTES = 1_000

Needs = tuple[tuple[str, tuple[str, ...]], ...]
"""Documents by key, each with the labels of who needs it (none: everybody)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A procedure as lists and search show it; search looks through `named` and `described`."""

    key: str
    name: str
    reading: str
    summary: str
    field: str
    nature: str
    life_events: tuple[str, ...]
    named: tuple[str, ...]
    described: tuple[str, ...]


ItemT = TypeVar("ItemT", bound=ItemModel)
_NATURES = ("duty", "benefit", "option", "information", "not_needed")


@dataclass(frozen=True, slots=True)
class Searchable:
    """All that a search looks through."""

    life_events: Index[LifeEvent]
    procedures: Index[Entry]
    terms: Index[Term]
    windows: Index[Window]


@dataclass(frozen=True, slots=True)
class Details:
    """The items behind a list of procedures, each by key; `earlier` are the transitive predecessors."""

    number: int
    questions: dict[str, Question]
    procedures: dict[str, Procedure]
    windows: dict[str, Window]
    documents: dict[str, Document]
    laws: dict[str, Law]
    earlier: dict[str, frozenset[str]]


class Catalogue:
    """Reads items from the graph, each once per edition while there is room."""

    def __init__(self, graph: Graph, cache: Cache) -> None:
        self._graph = graph
        self._items: Part[tuple[int, str], ItemModel] = cache.part(lambda _: ITEM_BYTES)
        self._mentions: Part[tuple[int, str], tuple[str, ...]] = cache.part(lambda keys: 100 + 60 * len(keys))
        self._earlier: Part[tuple[int, str], frozenset[str]] = cache.part(lambda keys: 100 + 60 * len(keys))
        self._outlines: Part[int, Outline] = cache.part(lambda outline: OUTLINE_BYTES * len(outline.questions))
        self._entries: Part[int, tuple[Entry, ...]] = cache.part(lambda entries: 1_000 * len(entries))
        self._terms: Part[int, tuple[Term, ...]] = cache.part(lambda terms: 1_000 * len(terms))
        self._searchable: Part[int, Searchable] = cache.part(
            lambda names: WORDS_BYTES * (len(names.procedures.entries) + len(names.terms.entries))
        )
        self._needs: Part[tuple[int, str], Needs] = cache.part(lambda needs: 100 + 200 * len(needs))
        self._kinds: Part[tuple[int, str], tuple[ItemModel, ...]] = cache.part(lambda items: ITEM_BYTES * len(items))

    async def outline(self, edition: int) -> Outline:
        """What answers are read against."""
        return await self._outlines.fetch(edition, lambda: self._read_outline(edition))

    async def entries(self, edition: int) -> tuple[Entry, ...]:
        """Every procedure of the edition, by key."""
        return await self._entries.fetch(edition, lambda: self._read_entries(edition))

    async def terms(self, edition: int) -> tuple[Term, ...]:
        """Every term of the edition, by key."""
        return await self._terms.fetch(edition, lambda: self._read_terms(edition))

    async def item(self, edition: int, key: str, kind: str) -> ItemModel:
        """The item with the key. Errors: NotFound when the edition has no item of that kind with the key."""
        item = (await self.items(edition, [key])).get(key)
        if item is None or item.about.label != kind:
            raise NotFound(f"「{key[:100]}」は、この案内にありません。")
        return item

    async def items(self, edition: int, keys: Iterable[str]) -> dict[str, ItemModel]:
        """The items that exist, by key; of kinds that are more than a node and its edges there are none here."""
        distinct_keys = list(dict.fromkeys(keys))
        items = {key: self._items.get((edition, key)) for key in distinct_keys}
        missing = [key for key, item in items.items() if item is None]
        if missing:
            for row in await self._graph.many(
                "store/catalogue", "items", edition=edition, keys=missing, kinds=_complete_kinds()
            ):
                items[row["properties"]["key"]] = self._keep(edition, row)
        return {key: item for key, item in items.items() if item is not None}

    async def terms_in(self, edition: int, keys: Iterable[str]) -> dict[str, tuple[Term, ...]]:
        """For each item the terms that its words mention."""
        mentioned = await self._mentioned_terms(edition, list(dict.fromkeys(keys)))
        terms = await self._items_of_type(Term, edition, {name for names in mentioned.values() for name in names})
        return {key: tuple(terms[name] for name in names if name in terms) for key, names in mentioned.items()}

    async def details(self, edition: int, keys: Sequence[str], documents: Iterable[str] = ()) -> Details:
        """The procedures and all that their pages show; `documents` are further ones (those of conditions)."""
        procedures: dict[str, Procedure] = await self._items_of_type(Procedure, edition, keys)
        referenced_keys = {name for procedure in procedures.values() for name in _referenced_keys(procedure)}
        items = await self.items(edition, referenced_keys | set(documents))
        return Details(
            number=edition,
            questions=(await self.outline(edition)).questions,
            procedures=procedures,
            windows={key: item for key, item in items.items() if isinstance(item, Window)},
            documents={key: item for key, item in items.items() if isinstance(item, Document)},
            laws={key: item for key, item in items.items() if isinstance(item, Law)},
            earlier=await self.earlier(edition, list(procedures)),
        )

    async def earlier(self, edition: int, keys: Sequence[str]) -> dict[str, frozenset[str]]:
        """For each procedure all that have to be done before it."""
        earlier_by_key = {key: self._earlier.get((edition, key)) for key in keys}
        missing = [key for key, earlier in earlier_by_key.items() if earlier is None]
        if missing:
            for row in await self._graph.many("store/catalogue", "predecessors", edition=edition, keys=missing):
                earlier_by_key[row["key"]] = frozenset(row["earlier"])
                self._earlier.put((edition, row["key"]), frozenset(row["earlier"]))
        return {key: earlier or frozenset() for key, earlier in earlier_by_key.items()}

    async def needs(self, edition: int, key: str) -> Needs:
        """The documents of a procedure, those that everybody needs first."""
        return await self._needs.fetch((edition, key), lambda: self._read_needs(edition, key))

    async def of_kind(self, edition: int, kind: str) -> tuple[ItemModel, ...]:
        """Every item of one kind, by key."""
        return await self._kinds.fetch((edition, kind), lambda: self._read_kind(edition, kind))

    async def procedures(self, edition: int) -> dict[str, Procedure]:
        """Every procedure of the edition, in the order of the keys."""
        items = await self.of_kind(edition, Kind.PROCEDURE)
        return {item.key: item for item in items if isinstance(item, Procedure)}

    async def searchable(self, edition: int) -> Searchable:
        """What a search looks through, folded once while there is room."""
        return await self._searchable.fetch(edition, lambda: self._read_searchable(edition))

    async def content(self, edition: int) -> Content:
        """The whole edition as a document."""
        return await read_content(self._graph, edition)

    async def _items_of_type(self, kind: type[Any], edition: int, keys: Iterable[str]) -> dict[str, Any]:
        return {key: item for key, item in (await self.items(edition, keys)).items() if isinstance(item, kind)}

    async def _mentioned_terms(self, edition: int, keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
        terms_by_key = {key: self._mentions.get((edition, key)) for key in keys}
        missing = [key for key, names in terms_by_key.items() if names is None]
        if missing:
            for row in await self._graph.many("store/catalogue", "mentions", edition=edition, keys=missing):
                terms_by_key[row["key"]] = tuple(row["terms"])
                self._mentions.put((edition, row["key"]), tuple(row["terms"]))
        return {key: names for key, names in terms_by_key.items() if names is not None}

    def _keep(self, edition: int, row: Row) -> ItemModel:
        item = item_from_node(label_of(row), row["properties"], row["edges"])
        self._items.put((edition, row["properties"]["key"]), item)
        return item

    async def _read_outline(self, edition: int) -> Outline:
        events = await self._graph.many("store/catalogue", "life_events", edition=edition)
        questions = await self._graph.many("store/catalogue", "questions", edition=edition)
        return Outline.of(edition, [_life_event(row["properties"]) for row in events], map(_question, questions))

    async def _read_entries(self, edition: int) -> tuple[Entry, ...]:
        searched = [name for name, entry in registry.kind(Kind.PROCEDURE).fields.items() if entry.search]
        rows = await self._graph.many("store/catalogue", "procedures", edition=edition, searched=searched)
        return tuple(_entry(row) for row in rows)

    async def _read_needs(self, edition: int, key: str) -> Needs:
        rows = await self._graph.many("store/catalogue", "needs", edition=edition, key=key)
        return tuple((row["document"], () if row["always"] else tuple(sorted(row["labels"]))) for row in rows)

    async def _read_kind(self, edition: int, kind: str) -> tuple[ItemModel, ...]:
        rows = await self._graph.many("store/catalogue", "kind", edition=edition, kind=str(kind))
        return tuple(self._keep(edition, row) for row in rows)

    async def _read_searchable(self, edition: int) -> Searchable:
        events = (await self.outline(edition)).life_events.values()
        entries, terms = await self.entries(edition), await self.terms(edition)
        windows = [one for one in await self.of_kind(edition, Kind.WINDOW) if isinstance(one, Window)]
        # Reading thousands takes seconds, in which others are to be answered.
        return await asyncio.to_thread(searchable, events, entries, terms, windows)

    async def _read_terms(self, edition: int) -> tuple[Term, ...]:
        rows = await self._graph.many("store/catalogue", "terms", edition=edition)
        return tuple(Term.model_validate(_model_fields(row["properties"], Term)) for row in rows)


def searchable(
    events: Iterable[LifeEvent], entries: Iterable[Entry], terms: Iterable[Term], windows: Iterable[Window]
) -> Searchable:
    """What a search looks through, made of these items."""
    return Searchable(_index(events), Index(map(_indexed, entries)), _index(terms), _index(windows))


def _indexed(entry: Entry) -> Indexed[Entry]:
    """A procedure: what has to be done comes before what can be, and what many come for before what is rare."""
    return Indexed.of(
        entry,
        order=(_NATURES.index(entry.nature), -len(entry.life_events), entry.key),
        names=entry.named,
        described=entry.described,
        aside=entry.nature in NO_ACTION,
    )


def _index(items: Iterable[ItemT]) -> Index[ItemT]:
    """The index of items by what the fields of their kind say of searching."""
    kinds = [(item, registry.kind(item.about.label)) for item in items]
    return Index(
        Indexed.of(
            item,
            order=(0, 0, item.key),
            names=kind.texts(item, names=True),
            described=kind.texts(item, names=False),
        )
        for item, kind in kinds
    )


async def read_content(graph: Graph, edition: int) -> Content:
    """The whole edition as a document, straight from the graph; others are answered while it is put together."""
    return await asyncio.to_thread(whole, await graph.latest.many("store/catalogue", "whole", edition=edition))


def whole(rows: Iterable[Row]) -> Content:
    """The document of the rows of `catalogue/whole`."""
    return of_items(item for row in rows for item in row["items"])


def of_items(rows: Iterable[Row]) -> Content:
    """The document of items with their labels, properties and outgoing edges."""
    nodes: list[Row] = []
    edges: list[Row] = []
    for row in rows:
        key = row["properties"]["key"]
        nodes.append({"labels": row["labels"], "key": key, "properties": row["properties"]})
        edges.extend({"from": key, **edge} for edge in row["edges"])
    return from_rows(nodes, edges)


async def read_item(reads: Reads, edition: int, key: str) -> tuple[ItemModel, int] | None:
    """The whole item with the key, and its revision; None where the edition has none (options are in questions)."""
    kinds = registry.current().lists.values()
    row = await reads.one(
        "store/catalogue",
        "item",
        edition=edition,
        key=key,
        kinds=[kind.label for kind in kinds],
        owning=[kind.owned.owned.edge for kind in kinds if kind.owned and kind.owned.owned],
        incoming=[edge for kind in kinds for edge in kind.arriving],
    )
    if row is None:
        return None
    nodes = [{name: row[name] for name in ("labels", "properties")}, *row["inside"]]
    content = from_rows([node | {"key": node["properties"]["key"]} for node in nodes], row["edges"])
    item = next(item for name in registry.current().lists for item in getattr(content, name))
    return item, int(row["properties"]["revision"])


def _model_fields(properties: Row, model: type[ItemModel]) -> Row:
    return {name: value for name, value in properties.items() if name in model.model_fields and value is not None}


def _life_event(properties: Row) -> LifeEvent:
    return LifeEvent.model_validate(_model_fields(properties, LifeEvent))


def _question(row: Row) -> Question:
    options = [Option.model_validate(_model_fields(option, Option)) for option in row["options"]]
    return Question.model_validate(
        _model_fields(row["properties"], Question) | {"options": options, "asked_after": row["asked_after"]}
    )


def _referenced_keys(procedure: Procedure) -> Iterator[str]:
    """The items that the page of a procedure names."""
    for keys in (procedure.handled_at, procedure.governed_by, procedure.needs):
        yield from keys or ()


def _complete_kinds() -> list[str]:
    return [kind.label for kind in registry.current().kinds.values() if kind.is_complete]


def _entry(row: Row) -> Entry:
    properties, kind = row["properties"], registry.kind(Kind.PROCEDURE)
    searched = {name: value for name, value in row["searched"] if value}
    return Entry(
        key=properties["key"],
        name=properties["name"],
        reading=properties["reading"] or "",
        summary=properties["summary"] or "",
        field=properties["field"] or "",
        nature=properties["nature"] or "duty",
        life_events=tuple(row["life_events"]),
        named=kind.texts(searched, names=True),
        described=kind.texts(searched, names=False),
    )
