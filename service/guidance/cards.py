"""Cards: what residents see of one procedure, as plain data that can be rendered once and kept.

A card holds nothing of the address that it is shown for, so that residents with the same reasons and days share it.
It is small to hash: what the edition says (`Facts`) counts as its edition and key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Protocol

from service.content.models import Document, Law, Listed, Procedure, Question, Window
from service.content.public import as_residents_see

SOON_DAYS = 14
"""Days left are told, and what to bring is unfolded, up to so many days ahead."""


class DueDay(Protocol):
    """The days that a deadline falls on, as `service/guidance/deadlines.py` counts them."""

    @property
    def last_day(self) -> date: ...
    @property
    def accepted_until(self) -> date | None: ...
    @property
    def go_by(self) -> date | None: ...
    @property
    def cautious(self) -> bool: ...


class Items(Protocol):
    """The items of one edition by key."""

    @property
    def number(self) -> int: ...
    @property
    def procedures(self) -> Mapping[str, Procedure]: ...
    @property
    def documents(self) -> Mapping[str, Document]: ...
    @property
    def windows(self) -> Mapping[str, Window]: ...
    @property
    def laws(self) -> Mapping[str, Law]: ...
    @property
    def questions(self) -> Mapping[str, Question]: ...


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """What an edition says of a procedure, as residents may see it; equal when edition and key are."""

    edition: int
    procedure: Procedure
    windows: tuple[Window, ...] = ()
    laws: tuple[Law, ...] = ()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Facts):
            return NotImplemented
        return self.edition == other.edition and self.procedure.key == other.procedure.key

    def __hash__(self) -> int:
        return hash((self.edition, self.procedure.key))


@dataclass(frozen=True, slots=True)
class Due:
    """The day to plan with, seen from today.

    `day` is the one to show; `closed_day` the last day by counting when the offices are closed on it; `accepted_until`
    the opening day after it on which it is still accepted; `left` whole days until `day`, None when more than
    `SOON_DAYS` away or passed; `show_year` when the year is not this one.
    """

    day: date
    closed_day: date | None = None
    accepted_until: date | None = None
    left: int | None = None
    passed: bool = False
    cautious: bool = False
    show_year: bool = False


@dataclass(frozen=True, slots=True)
class Bring:
    """A document to bring; `labels` say for whom, and are empty where everybody needs it."""

    document: Document
    certain: bool = True
    labels: tuple[str, ...] = ()

    def __hash__(self) -> int:
        return hash((self.document.key, self.certain, self.labels))


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open reason: its label, and the questions (key, text) that would decide it."""

    label: str
    questions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """One procedure on a result: what the edition says, and what this resident's answers and days add."""

    template: ClassVar[str] = "citizen/card.html"

    facts: Facts
    status: str
    due: Due | None = None
    because: tuple[str, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    bring: tuple[Bring, ...] = ()

    @property
    def key(self) -> str:
        """The key of the procedure."""
        return self.facts.procedure.key

    @property
    def soon(self) -> bool:
        """Whether it has to be done within `SOON_DAYS`."""
        return self.due is not None and (self.due.left is not None or self.due.passed)


@dataclass(frozen=True, slots=True)
class Groups:
    """The cards of a result in the three groups of the list, each in order."""

    must: tuple[Card, ...] = ()
    gain: tuple[Card, ...] = ()
    maybe: tuple[Card, ...] = ()

    @property
    def certain(self) -> tuple[Card, ...]:
        """Those that apply."""
        return self.must + self.gain

    @property
    def all(self) -> tuple[Card, ...]:
        """Those that are listed."""
        return self.must + self.gain + self.maybe


def facts(key: str, items: Items) -> Facts:
    """What the edition says of the procedure with this key; KeyError where it has none."""
    procedure = as_residents_see(items.procedures[key])
    windows = tuple(items.windows[one] for one in procedure.handled_at if one in items.windows)
    laws = tuple(items.laws[one] for one in procedure.governed_by if one in items.laws)
    return Facts(items.number, procedure, tuple(sorted(windows, key=_walking)), laws)


def _walking(window: Window) -> tuple[bool, int, str]:
    """Windows inside the city hall first, in walking order."""
    return (window.walking_order is None, window.walking_order or 0, window.key)


def due(counted: DueDay | None, *, today: date) -> Due | None:
    """The day to plan with: the last opening day while it lies ahead, else the last day that still is accepted."""
    if counted is None:
        return None
    until = counted.accepted_until or counted.last_day
    ahead = counted.go_by is not None and counted.go_by >= today
    day = counted.go_by if ahead and counted.go_by is not None else until
    left = (day - today).days
    return Due(
        day=day,
        closed_day=counted.last_day if day < counted.last_day else None,
        accepted_until=until if until > counted.last_day else None,
        left=left if 0 <= left <= SOON_DAYS else None,
        passed=left < 0,
        cautious=counted.cautious,
        show_year=day.year != today.year,
    )


def card(listed: Listed, known: Facts, *, items: Items, counted: DueDay | None, today: date) -> Card:
    """The card of a listed procedure."""
    example = known.procedure.scope == "example"
    return Card(
        facts=known,
        status=listed.status,
        due=None if example else due(counted, today=today),
        because=tuple(dict.fromkeys(reason.label for reason in listed.because if reason.state == "true")),
        waiting=_waiting(listed, items.questions),
        bring=() if example else brought(listed, items.documents),
    )


def _waiting(listed: Listed, questions: Mapping[str, Question]) -> tuple[Waiting, ...]:
    """The open reasons, where nothing is certain yet: one that applies anyway need not wait for anything."""
    if listed.status == "applies":
        return ()
    return tuple(
        Waiting(reason.label, tuple((key, questions[key].text) for key in reason.waits_for if key in questions))
        for reason in listed.because
        if reason.state == "open"
    )


def brought(listed: Listed, documents: Mapping[str, Document]) -> tuple[Bring, ...]:
    """What to bring, what is certain first."""
    found = [
        Bring(documents[need.document], need.status == "needed", need.labels)
        for need in listed.documents
        if need.document in documents
    ]
    return tuple(sorted(found, key=lambda one: not one.certain))
