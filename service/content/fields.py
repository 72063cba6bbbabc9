"""What a field of the content is, said once beside its type: `Annotated[list[ItemKey], Label(…), Reference(…)]`.

`fields_of` reads these marks; labels, references, search, forms and edges of the graph follow from what it returns
(see `registry`, which does the same for kinds).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Shape = Literal[
    "key",
    "text",
    "number",
    "day",
    "choice",
    "words",
    "item",
    "items",
    "sequence",
    "options",
    "clauses",
    "answers",
    "basis",
    "deadline",
    "method",
    "record",
    "records",
]
"""What a field holds: `words` are plain texts without order, `item` and `items` keys of others (`sequence`: in their
order), `options` items of its own in their order, `record` further fields, `records` several such in their order; the
rest is as its model says."""

Place = tuple[str | int, ...]
Mark = TypeVar("Mark")


@dataclass(frozen=True, slots=True)
class Label:
    """What a field is called in Japanese; `words` are the values of a choice, `unit` stands behind a number, `help`
    tells whoever writes it what belongs there."""

    name: str
    words: Mapping[Any, str] = field(default_factory=dict, hash=False)
    unit: str = ""
    help: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """The field holds keys of items of that kind, each an edge from its item (`incoming`: to it); without edges none.

    A `required` list must not lose its last entry (the item would speak to everybody, or to nobody); items that refer
    to each other must not go round where it is `acyclic`; where it is `ordered` the first key is the usual one.

    Residents come to the named items before the item itself where they are `earlier`, and to the item first otherwise.
    `brings`: the named items are shown to them because of the item; otherwise the item rests on those that it names.
    `negated`: the item speaks of those to whom the named ones do not belong.
    """

    kind: str
    edges: tuple[str, ...] = ()
    incoming: bool = False
    required: bool = False
    acyclic: bool = False
    ordered: bool = False
    earlier: bool = False
    brings: bool = False
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Owned:
    """The field holds items that stand inside their owner, in order, and are nodes of their own in the graph."""

    edge: str


@dataclass(frozen=True, slots=True)
class Search:
    """A search looks through the field; `names` says that it names the item instead of describing it."""

    names: bool = False


@dataclass(frozen=True, slots=True)
class Mentions:
    """Terms are looked for in the field's text."""


@dataclass(frozen=True, slots=True)
class Group:
    """The field belongs to a group of facts, which `basis` says of what they rest on (`service.content.basis`)."""

    name: str


@dataclass(frozen=True, slots=True)
class Announced:
    """Residents are told when the field changes, by itself or under the name `together` as one with others.

    `unsaid` is what is meant where the field is left out; without it residents read that it is not known.
    """

    together: str = ""
    unsaid: str | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """The form of a new item begins with the field, at `order`, and with the example, which is replaced."""

    example: str = ""
    order: int = 0


@dataclass(frozen=True, slots=True)
class Prose:
    """The field's text has whole sentences: forms give it several lines."""


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """The field's text is a day, `YYYY-MM-DD`."""


@dataclass(frozen=True, slots=True)
class FieldEntry:
    """A field: `name` is its name in the document, `attribute` in the model, `label` in Japanese.

    `inner` is the model of what it holds, if that has fields. `default` is what is meant where the field is left out,
    None if nothing is; what `is_required` may not be left out. A list has at least `least` entries where it is there.
    """

    name: str
    attribute: str
    label: str
    shape: Shape
    words: Mapping[Any, str] = field(default_factory=dict)
    unit: str = ""
    help: str = ""
    is_prose: bool = False
    is_required: bool = False
    least: int = 0
    default: Any = None
    inner: type[BaseModel] | None = None
    reference: Reference | None = None
    owned: Owned | None = None
    search: Search | None = None
    mentions: bool = False
    group: str | None = None
    announced: Announced | None = None
    start: Start | None = None

    @property
    def is_scalar(self) -> bool:
        """Whether the value is a single one that stands on the node."""
        is_edge = self.reference is not None and bool(self.reference.edges)
        return self.shape in {"key", "text", "number", "day", "choice", "item"} and not is_edge

    @property
    def node_default(self) -> Any:
        """What stands on the node where the field is left out, so that queries read it; None for nothing."""
        return self.default if self.is_scalar and self.default != "unknown" else None

    @property
    def is_record(self) -> bool:
        """Whether the value has fields of its own."""
        return self.shape in {"basis", "deadline", "method", "record"}

    @property
    def is_changed_in_part(self) -> bool:
        """Whether a later layer changes single parts of the value; every other value it gives anew as a whole."""
        return self.shape in {"answers", "basis", "deadline", "record"}

    @property
    def says_none(self) -> bool:
        """Whether an empty list says that there is none, where a list that is left out says nothing."""
        return self.shape in {"items", "sequence"} and self.default is None and not self.least

    def spelled_out(self, value: Any) -> Any:
        """The fields of a value that may be written as one word."""
        spell = getattr(self.inner, "spelled_out", None)
        return spell(value) if spell else value

    def of(self, item: BaseModel | Mapping[str, Any]) -> Any:
        """The value in an item, a model or plain data; None where plain data has none."""
        return item.get(self.name) if isinstance(item, Mapping) else getattr(item, self.attribute)


@cache
def fields_of(model: type[BaseModel]) -> Mapping[str, FieldEntry]:
    """The fields of a model by name, in their order: the order of the document, of forms and of what is told."""
    entries = (_entry(attribute, info) for attribute, info in model.model_fields.items())
    return MappingProxyType({entry.name: entry for entry in entries})


def defaults(model: type[BaseModel]) -> dict[str, Any]:
    """What each field means where the document leaves it out; fields without a meaning then are not in it."""
    return {name: entry.default for name, entry in fields_of(model).items() if entry.default is not None}


def references(item: BaseModel | Mapping[str, Any], model: type[BaseModel]) -> Iterator[tuple[Place, str, Reference]]:
    """Every key that the item refers to, with its place inside the item; some more than once.

    Of answers to questions these are the questions.
    """
    for entry in _referring(model):
        value = entry.of(item)
        if value is None:
            continue
        if entry.reference is not None:
            yield from ((place, key, entry.reference) for place, key in _keys((entry.name,), value))
        elif entry.inner is not None:
            yield from (
                ((entry.name, *place), key, reference) for place, key, reference in references(value, entry.inner)
            )


@cache
def _referring(model: type[BaseModel]) -> tuple[FieldEntry, ...]:
    """The fields that hold references, also those that hold fields that do."""
    entries = fields_of(model).values()
    return tuple(entry for entry in entries if entry.reference or (entry.is_record and _referring(entry.inner)))


def _keys(place: Place, value: Any) -> Iterator[tuple[Place, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        yield from (((*place, key), key) for key in value)
    else:
        for index, part in enumerate(value):
            yield from _keys((*place, index), part)


def _entry(attribute: str, info: FieldInfo) -> FieldEntry:
    annotation, marks = _plain(info.annotation, list(info.metadata))
    label = _mark(marks, Label) or Label(info.alias or attribute)
    reference, owned, group = _mark(marks, Reference), _mark(marks, Owned), _mark(marks, Group)
    inner = _inner(annotation)
    words = MappingProxyType(dict(label.words))
    return FieldEntry(
        name=info.alias or attribute,
        attribute=attribute,
        label=label.name,
        shape="key" if attribute == "key" else _shape(annotation, inner, marks),
        words=words,
        unit=label.unit,
        help=label.help,
        is_prose=_mark(marks, Prose) is not None,
        is_required=info.is_required(),
        least=max((getattr(mark, "min_length", None) or 0 for mark in info.metadata), default=0),
        default=_default(info, words),
        inner=inner,
        reference=reference,
        owned=owned,
        search=_mark(marks, Search),
        mentions=_mark(marks, Mentions) is not None,
        group=group.name if group else None,
        announced=_mark(marks, Announced),
        start=_mark(marks, Start),
    )


def _mark(marks: list[Any], kind: type[Mark]) -> Mark | None:
    return next((mark for mark in reversed(marks) if isinstance(mark, kind)), None)


def _plain(annotation: Any, marks: list[Any]) -> tuple[Any, list[Any]]:
    """The type without None and without its marks, and all marks, those inside first."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *inside = get_args(annotation)
            marks = [*inside, *marks]
            continue
        members = get_args(annotation) if get_origin(annotation) in {Union, UnionType} else ()
        others = [member for member in members if member is not type(None)]
        if len(others) != 1:
            return annotation, marks
        annotation = others[0]


def _inner(annotation: Any) -> type[BaseModel] | None:
    [*members] = get_args(annotation) if get_origin(annotation) is list else [annotation]
    member = members[0]
    return member if isinstance(member, type) and issubclass(member, BaseModel) else None


def _shape(annotation: Any, inner: type[BaseModel] | None, marks: list[Any]) -> Shape:
    origin = get_origin(annotation)
    if inner is not None:
        if origin is list:
            return "options" if _mark(marks, Owned) else "records"
        return getattr(inner, "shape", "record")
    reference = _mark(marks, Reference)
    if reference:
        return _reference_shape(annotation, reference)
    if origin is Literal or annotation is bool:
        return "choice"
    if annotation is int:
        return "number"
    if origin is list:
        return "words"
    return "day" if _mark(marks, CalendarDay) else "text"


def _reference_shape(annotation: Any, reference: Reference) -> Shape:
    if get_origin(annotation) is dict:
        return "answers"
    if get_origin(annotation) is not list:
        return "item"
    if reference.ordered:
        return "sequence"
    return "clauses" if get_origin(get_args(annotation)[0]) is list else "items"


def _default(info: FieldInfo, words: Mapping[Any, str]) -> Any:
    value = None if info.is_required() else info.get_default(call_default_factory=True)
    if isinstance(value, BaseModel):
        value = getattr(value, "is_", None)
    # What may be said to be unknown is unknown where nothing is said.
    return "unknown" if value is None and "unknown" in words else value
