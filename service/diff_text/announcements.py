"""What changed in the guide from one published edition to the next, as far as residents can see it.

Only data is here: which procedures are new or gone for which life event, and what changed of a deadline, a fee, what to
bring, where and how; the words are in `web/templates/citizen/announced.html`. Deadlines are compared in the words that
residents read, which the caller gives, so that what reads the same is no change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import BaseModel

from service import clock
from service.content.basis import as_residents_see, is_fact
from service.content.fields import FieldEntry, fields_of
from service.content.japanese import sort_key
from service.content.models import (
    Condition,
    Content,
    Deadline,
    Document,
    Edition,
    ItemModel,
    LifeEvent,
    Method,
    Procedure,
    Window,
)

TEXT = "text"
"""The explanations of a procedure: that they changed is told, not how."""


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that changed: from `before` to `after` (None: unknown), or names that came, went or changed sense.

    `aspect` is the name of a field or of several (`fields.Announced`), or `after_deadline`, `documents`, `windows`,
    `who`. Of `altered` documents the households that have to bring them changed. `label` and `unit` are the field's.
    """

    aspect: str
    before: str | None = None
    after: str | None = None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()
    label: str = field(default="", compare=False)
    unit: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Altered:
    """A procedure, window or document of today's guide of which something changed; `key` leads to its page."""

    key: str
    name: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class NamedProcedure:
    """A procedure that is new or gone; `key` None where it has no page any more."""

    name: str
    key: str | None = None


@dataclass(frozen=True, slots=True)
class EventGroup:
    """What changed for those with one life event; `event` None for procedures that no life event leads to."""

    event: LifeEvent | None
    new: tuple[NamedProcedure, ...] = ()
    gone: tuple[NamedProcedure, ...] = ()
    altered: tuple[Altered, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.gone or self.altered)


@dataclass(frozen=True, slots=True)
class Announcement:
    """What an edition changed for residents; `first` is the beginning of the guide, with the number of `procedures`."""

    edition: int
    content_hash: str
    at: datetime
    groups: tuple[EventGroup, ...] = ()
    windows: tuple[Altered, ...] = ()
    documents: tuple[Altered, ...] = ()
    first: bool = False
    procedures: int = 0

    @property
    def count(self) -> int:
        """How many procedures, windows and documents it tells of, each once."""
        procedures = {
            procedure.key or procedure.name for group in self.groups for procedure in (*group.new, *group.gone)
        }
        procedures |= {procedure.key for group in self.groups for procedure in group.altered}
        return len(procedures) + len(self.windows) + len(self.documents)

    def __bool__(self) -> bool:
        return bool(self.first or self.groups or self.windows or self.documents)


@dataclass(frozen=True, slots=True)
class DeadlineText:
    """A deadline as residents read it: its rule, and the rule with what holds once it is over."""

    rule: str
    explained: str


ReadDeadline = Callable[[Deadline | None], DeadlineText]


def announcement(
    edition: Edition, before: Content | None, *, after: Content, read_deadline: ReadDeadline
) -> Announcement:
    """What changed from the content before to the one after; false where residents see no difference."""
    at = (edition.published_at or edition.created_at).astimezone(clock.TOKYO)
    digest = edition.content_hash or ""
    if before is None:
        return Announcement(edition.number, digest, at, first=True, procedures=len(after.procedures))
    old, new = _Guide(before, read_deadline), _Guide(after, read_deadline)
    return Announcement(
        edition.number,
        digest,
        at,
        groups=tuple(group for group in _groups(old, new) if group),
        windows=tuple(_altered_items(old.windows, new.windows)),
        documents=tuple(_altered_items(old.documents, new.documents)),
    )


Clauses = frozenset[frozenset[str]]


@dataclass(frozen=True, slots=True)
class _Who:
    """For whom a condition holds, without its key, its words, and the order in which it names options."""

    requires: Clauses
    excludes: frozenset[str]

    def holds_for_all_of(self, other: _Who) -> bool:
        """Whether nobody of the other is left out: each clause here is met by a narrower one there."""
        met = all(any(narrow <= clause for narrow in other.requires) for clause in self.requires)
        return met and self.excludes <= other.excludes


def _who_of(condition: Condition) -> _Who:
    clauses = {frozenset(clause) for clause in condition.requires}
    narrow = frozenset(clause for clause in clauses if not any(narrower < clause for narrower in clauses))
    return _Who(narrow, frozenset(condition.excludes))


def _widest(rows: Iterable[_Who]) -> frozenset[_Who]:
    """The rows without those that another one swallows: they decide nothing."""
    distinct_rows = set(rows)
    return frozenset(
        row for row in distinct_rows if not any(other.holds_for_all_of(row) for other in distinct_rows - {row})
    )


class _Guide:
    """A content by key, as residents see it."""

    def __init__(self, content: Content, read_deadline: ReadDeadline) -> None:
        self.read_deadline = read_deadline
        self.events = {item.key: item for item in content.life_events}
        self.procedures = {item.key: as_residents_see(item) for item in content.procedures}
        self.with_papers = {item.key for item in content.procedures if is_fact(item, "documents")}
        self.documents = {item.key: item for item in content.documents}
        self.windows = {item.key: item for item in content.windows}
        self.rows: dict[str | None, dict[str, list[tuple[_Who, frozenset[str]]]]] = {}
        for condition in content.conditions:
            row = (_who_of(condition), frozenset(condition.needs))
            for event in condition.life_events:
                for key in condition.selects:
                    self.rows.setdefault(event, {}).setdefault(key, []).append(row)
        led = {key for rows in self.rows.values() for key in rows}
        self.rows[None] = {key: [] for key in self.procedures if key not in led}

    def led_to(self, event: str | None) -> frozenset[str]:
        """The procedures that a life event can lead to; for None those that none leads to."""
        return frozenset(self.rows.get(event, {}))

    def who(self, key: str, event: str | None) -> frozenset[_Who]:
        """For whom a life event leads to a procedure."""
        return _widest(who for who, _ in self.rows[event][key])

    def papers(self, key: str, event: str | None) -> dict[str, frozenset[_Who]]:
        """What is brought for a procedure, each with those who bring it; with nobody where it is everybody."""
        procedure = self.procedures[key]
        who_by_document: dict[str, list[_Who]] = {}
        for who, needs in self.rows[event][key] if key in self.with_papers else ():
            for document in needs:
                who_by_document.setdefault(document, []).append(who)
        widest_by_document = {document: _widest(who) for document, who in who_by_document.items()}
        return widest_by_document | {document: frozenset() for document in procedure.needs or ()}


def _groups(old: _Guide, new: _Guide) -> Iterator[EventGroup]:
    """Each life event in the order of the guide, also those that are gone; last what none leads to."""
    events = sorted({**old.events, **new.events}.values(), key=lambda event: (event.position, event.key))
    for event in (*events, None):
        yield _group(event, old, new)


def _group(event: LifeEvent | None, old: _Guide, new: _Guide) -> EventGroup:
    key = event.key if event else None
    keys_before, keys_now = old.led_to(key), new.led_to(key)
    altered_procedures = (
        Altered(
            procedure_key, new.procedures[procedure_key].name, tuple(_procedure_points(procedure_key, key, old, new))
        )
        for procedure_key in _by_reading(keys_before & keys_now, new.procedures)
    )
    new_keys = keys_now - keys_before - (old.procedures.keys() if event is None else set())
    gone_keys = keys_before - keys_now - (new.procedures.keys() if event is None else set())
    return EventGroup(
        event,
        new=tuple(
            NamedProcedure(new.procedures[procedure_key].name, procedure_key)
            for procedure_key in _by_reading(new_keys, new.procedures)
        ),
        gone=tuple(
            NamedProcedure(
                old.procedures[procedure_key].name, procedure_key if procedure_key in new.procedures else None
            )
            for procedure_key in _by_reading(gone_keys, old.procedures)
        ),
        altered=tuple(altered for altered in altered_procedures if altered.points),
    )


def _by_reading(keys: Iterable[str], procedures: Mapping[str, Procedure]) -> list[str]:
    return sorted(keys, key=lambda key: (sort_key(procedures[key].reading or procedures[key].name), key))


def _procedure_points(key: str, event: str | None, old: _Guide, new: _Guide) -> Iterator[Point]:
    """What changed of a procedure that a life event led to before and leads to now."""
    was, now = old.procedures[key], new.procedures[key]
    own_points = list(_own_fields(was, now))
    yield from (point for point in own_points if point.aspect == "name")
    yield from _deadline_points(old.read_deadline(was.deadline), new.read_deadline(now.deadline))
    yield from _document_points(old.papers(key, event), new.papers(key, event), old, new)
    yield from _window_points(was, now, old, new)
    yield from (point for point in own_points if point.aspect != "name")
    if old.who(key, event) != new.who(key, event):
        yield Point("who")


def _own_fields(was: ItemModel, now: ItemModel) -> Iterator[Point]:
    """What changed of the fields that are announced, in the order of the document; explanations last.

    A deadline is told in the words that residents read, which is not done here.
    """
    compared_aspects: set[str] = set()
    for entry in fields_of(type(now)).values():
        aspect = (entry.announced.together or entry.name) if entry.announced else TEXT
        if aspect not in compared_aspects and aspect != TEXT and entry.shape != "deadline":
            compared_aspects.add(aspect)
            before, after = _value_in_words(was, entry), _value_in_words(now, entry)
            if before != after:
                yield Point(aspect, before, after, label=entry.label, unit=entry.unit)
    if _texts(was) != _texts(now):
        yield Point(TEXT)


def _value_in_words(item: ItemModel, entry: FieldEntry) -> str | None:
    """What residents read in the field, or in all that are announced together with it."""
    assert entry.announced
    if entry.announced.together:
        values = [other.of(item) for other in fields_of(type(item)).values() if other.announced == entry.announced]
        return " ".join(value for value in values if value) or None
    value = entry.of(item)
    if isinstance(value, Method):
        return value.is_
    return str(value) if value else entry.announced.unsaid


def _texts(item: BaseModel, *path: str) -> set[tuple[str, ...]]:
    """The explanations of an item, those of its deadline and of its ways included, each with its place."""
    texts: set[tuple[str, ...]] = set()
    for entry in fields_of(type(item)).values():
        value = entry.of(item)
        if entry.announced and entry.announced.together == TEXT and value:
            texts.add((*path, entry.name, value))
        elif isinstance(value, BaseModel):
            texts |= _texts(value, *path, entry.name)
    return texts


def _deadline_points(before: DeadlineText, after: DeadlineText) -> Iterator[Point]:
    """The rule where it reads otherwise; else what holds once it is over."""
    if before.rule != after.rule:
        yield Point("deadline", before.rule or None, after.rule or None)
    elif before.explained != after.explained:
        yield Point("after_deadline", before.explained, after.explained)


def _document_points(
    before: Mapping[str, object], after: Mapping[str, object], old: _Guide, new: _Guide
) -> Iterator[Point]:
    added = tuple(new.documents[key].name for key in sorted(after.keys() - before.keys()))
    removed = tuple(old.documents[key].name for key in sorted(before.keys() - after.keys()))
    kept_keys = sorted(before.keys() & after.keys())
    altered = tuple(new.documents[key].name for key in kept_keys if before[key] != after[key])
    if added or removed or altered:
        yield Point("documents", added=added, removed=removed, altered=altered)


def _window_points(was: Procedure, now: Procedure, old: _Guide, new: _Guide) -> Iterator[Point]:
    added = tuple(new.windows[key].name for key in sorted(set(now.handled_at or ()) - set(was.handled_at or ())))
    removed = tuple(old.windows[key].name for key in sorted(set(was.handled_at or ()) - set(now.handled_at or ())))
    if added or removed:
        yield Point("windows", added=added, removed=removed)


def _altered_items(old: Mapping[str, Window | Document], new: Mapping[str, Window | Document]) -> Iterator[Altered]:
    """Windows or documents that were there before: a new one is told where procedures came to it."""
    for key in sorted(old.keys() & new.keys()):
        points = tuple(_own_fields(old[key], new[key]))
        if points:
            yield Altered(key, new[key].name, points)
