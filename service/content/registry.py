"""The registry of kinds: what an edition consists of, read from the models of its document.

Nothing is listed here: a kind is a model with an `about` and a list of the document (`models.Content`), a field says
beside its type what it is (`fields`). Everything else asks here: names, labels, references, validation, search, forms,
and the labels and edges of the graph.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from service.content.fields import FieldEntry, defaults, fields_of
from service.content.models import Content, ItemKind, ItemModel


@dataclass(frozen=True, slots=True)
class KindEntry:
    """A kind: what its model says of it, its list in the document, and its fields by name.

    Items without a list stand inside an owner, in its field `owned`. `defaults` is the meaning of what the canonical
    form leaves out; `node_defaults` are those that stand on the nodes, where queries read them. `leaving` and
    `arriving` are the fields that become edges, by the type of the edge.
    """

    about: ItemKind
    model: type[ItemModel]
    list_name: str | None
    fields: Mapping[str, FieldEntry]
    defaults: Mapping[str, Any]
    node_defaults: Mapping[str, Any]
    owned: FieldEntry | None
    leaving: Mapping[str, FieldEntry]
    arriving: Mapping[str, FieldEntry]

    @property
    def label(self) -> str:
        """The label of the nodes, by which items name their kind."""
        return self.about.label

    @property
    def name(self) -> str:
        """The name in Japanese."""
        return self.about.name

    @property
    def owned_model(self) -> type[ItemModel] | None:
        """The model of the items that stand inside an item."""
        inner = self.owned.inner if self.owned else None
        return inner if inner and issubclass(inner, ItemModel) else None

    @property
    def is_complete(self) -> bool:
        """Whether an item is its node and the edges that leave it: none that stands inside another, none that others
        lead to, none with items of its own."""
        return self.list_name is not None and self.owned is None and not self.arriving

    def texts(self, item: BaseModel | Mapping[str, Any], *, names: bool) -> tuple[str, ...]:
        """The texts of an item that a search looks through: those that name it, or those that describe it."""
        texts: list[str] = []
        for entry in self.fields.values():
            value = entry.of(item) if entry.search and entry.search.names is names else None
            if value:
                texts.extend([value] if isinstance(value, str) else value)
        return tuple(texts)


class Registry:
    """The kinds of a document: `kinds` by label, those inside others after their owners, `lists` by name."""

    def __init__(self, content: type[Content]) -> None:
        self.content = content
        kinds: dict[str, KindEntry] = {}
        lists: dict[str, KindEntry] = {}
        for list_name, entry in fields_of(content).items():
            if entry.inner is None or not issubclass(entry.inner, ItemModel):
                continue
            kind = lists[list_name] = kinds[entry.inner.about.label] = _kind(entry.inner, list_name)
            if kind.owned_model:
                kinds[kind.owned_model.about.label] = _kind(kind.owned_model, None)
        self.kinds: Mapping[str, KindEntry] = MappingProxyType(kinds)
        self.lists: Mapping[str, KindEntry] = MappingProxyType(lists)


def _kind(model: type[ItemModel], list_name: str | None) -> KindEntry:
    fields = fields_of(model)
    standing = {name: entry.node_default for name, entry in fields.items()}
    edges = [(edge, entry) for entry in fields.values() if entry.reference for edge in entry.reference.edges]
    return KindEntry(
        about=model.about,
        model=model,
        list_name=list_name,
        fields=fields,
        defaults=MappingProxyType(defaults(model)),
        node_defaults=MappingProxyType({name: value for name, value in standing.items() if value is not None}),
        owned=next((entry for entry in fields.values() if entry.owned), None),
        leaving=MappingProxyType(
            {edge: entry for edge, entry in edges if entry.reference and not entry.reference.incoming}
        ),
        arriving=MappingProxyType(
            {edge: entry for edge, entry in edges if entry.reference and entry.reference.incoming}
        ),
    )


_CURRENT: ContextVar[Registry] = ContextVar("registry", default=Registry(Content))  # noqa: B039


def current() -> Registry:
    """The registry in force: that of `models.Content`, except within `using`."""
    return _CURRENT.get()


@contextmanager
def using(registry: Registry) -> Iterator[None]:
    """Puts another registry in force, for this task and those that it starts."""
    token = _CURRENT.set(registry)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def kind(label: str) -> KindEntry:
    """The kind with that label. Errors: KeyError."""
    return current().kinds[label]


def name_of(label: str) -> str:
    """What a kind is called in Japanese."""
    return kind(label).name


def names() -> dict[str, str]:
    """What the kinds are called in Japanese, by label, in their order."""
    return {label: kind.name for label, kind in current().kinds.items()}


def acyclic() -> Iterator[tuple[str, str]]:
    """The references that must not go round: the label of the kind, and the name of the field."""
    for kind in current().lists.values():
        for entry in kind.fields.values():
            if entry.reference and entry.reference.acyclic:
                yield kind.label, entry.name


def list_of(label: str) -> str:
    """The list of the document that holds items of a kind. Errors: KeyError for kinds that have none."""
    name = kind(label).list_name
    if name is None:
        raise KeyError(label)
    return name
