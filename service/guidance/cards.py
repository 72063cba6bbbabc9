"""Cards: what residents see of one procedure, as plain data that can be rendered once and kept.

A card holds nothing of the address that it is shown for, so that residents with the same reasons and days share it.
It is small to hash: what the edition says (`Facts`) counts as its edition and key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, Protocol

from service.content.basis import as_residents_see, in_order, is_fact, is_told, to_ask
from service.content.models import NO_ACTION, Document, Law, Listed, Procedure, Question, Window
from service.guidance.order import Stage, Turn

SOON_DAYS = 14
"""Days left are told up to so many days ahead."""


FREE = "無料"
"""What the fee of a procedure begins with that costs nothing."""

UNPLACED = Turn(Stage.OPEN, None)


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
    @property
    def opens(self) -> date | None: ...


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
class CardFacts:
    """What an edition says of a procedure, as residents may see it; equal when edition and key are.

    `windows` are alternatives, the usual one first. `to_ask` are the groups of facts to ask about, at the window
    `asked_at`, or at the city hall where nobody knows one. `papers_known`: what to bring is a fact in this city.
    """

    edition: int
    procedure: Procedure
    windows: tuple[Window, ...] = ()
    laws: tuple[Law, ...] = ()
    to_ask: tuple[str, ...] = ()
    asked_at: Window | None = None
    papers_known: bool = False

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CardFacts):
            return NotImplemented
        return self.edition == other.edition and self.procedure.key == other.procedure.key

    def __hash__(self) -> int:
        return hash((self.edition, self.procedure.key))


@dataclass(frozen=True, slots=True)
class CardDue:
    """The day to plan with, seen from today.

    `day` is the one to show; `closed_day` the last day by counting when the offices are closed on it; `accepted_until`
    the opening day after it on which it is still accepted; `left` whole days until `day`, None when more than
    `SOON_DAYS` away or passed; `show_year` when the year is not this one; `opens` the first day on which it is possible
    at all, while that lies ahead.
    """

    day: date
    closed_day: date | None = None
    accepted_until: date | None = None
    left: int | None = None
    passed: bool = False
    cautious: bool = False
    show_year: bool = False
    opens: date | None = None


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
    """One procedure on a result: what the edition says, and what this resident's answers and days add.

    `under` are procedures that the same form or visit settles. `period_over`: its fixed period has ended, so that it is
    no deadline any more. `papers_open`: that some of the papers are needed is no fact in this city. `stage` and
    `before_others` tell its place in the timeline (`order.Turn`).
    """

    template: ClassVar[str] = "citizen/card.html"

    facts: CardFacts
    status: str
    due: CardDue | None = None
    because: tuple[str, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    bring: tuple[Bring, ...] = ()
    under: tuple[Card, ...] = ()
    period_over: bool = False
    papers_open: bool = False
    stage: Stage = Stage.OPEN
    before_others: bool = False

    @property
    def key(self) -> str:
        """The key of the procedure."""
        return self.facts.procedure.key

    @property
    def asks_something(self) -> bool:
        """Whether there is anything to do, and not only something to know."""
        return self.facts.procedure.nature not in NO_ACTION

    @property
    def to_ask(self) -> tuple[str, ...]:
        """The groups of facts to ask about."""
        also = [name for name, asked in (("deadline", self.period_over), ("documents", self.papers_open)) if asked]
        return in_order({*self.facts.to_ask, *also})

    @property
    def brings_nothing(self) -> bool:
        """Whether it is known that nothing is to be brought."""
        return self.facts.procedure.needs is not None and not self.bring and not self.papers_open

    @property
    def costs(self) -> bool:
        """Whether there is something to pay."""
        fee = self.facts.procedure.fee
        return fee is not None and not fee.startswith(FREE)

    @property
    def window(self) -> Window | None:
        """Where it is done, as far as that is known: cards of one window are one visit."""
        return next(iter(self.facts.windows), None)


@dataclass(frozen=True, slots=True)
class Groups:
    """The cards of a result in the groups of the list, each in order; `no_action` are those that ask nothing."""

    must: tuple[Card, ...] = ()
    gain: tuple[Card, ...] = ()
    maybe: tuple[Card, ...] = ()
    no_action: tuple[Card, ...] = ()

    @property
    def certain(self) -> tuple[Card, ...]:
        """Those that apply."""
        return self.must + self.gain

    @property
    def first(self) -> Card | None:
        """What to do first: the first of the list, which is the first duty, or the first benefit where there is none.

        None while nothing is certain.
        """
        return next(iter(self.certain), None)

    @property
    def all(self) -> tuple[Card, ...]:
        """Those that are listed and ask something."""
        return self.must + self.gain + self.maybe

    @property
    def each(self) -> tuple[Card, ...]:
        """The same, with those that stand under another."""
        return tuple(one for card in self.all for one in (card, *card.under))


def facts(key: str, items: Items) -> CardFacts:
    """What the edition says of the procedure with this key; KeyError where it has none."""
    known = items.procedures[key]
    seen = as_residents_see(known)
    laws = tuple(items.laws[one] for one in seen.governed_by or () if one in items.laws)
    return CardFacts(
        items.number,
        seen,
        _windows(seen, items),
        laws,
        to_ask=to_ask(known),
        asked_at=next(iter(_windows(known, items)), None),
        papers_known=is_fact(known, "documents"),
    )


def _windows(procedure: Procedure, items: Items) -> tuple[Window, ...]:
    return tuple(items.windows[one] for one in procedure.handled_at or () if one in items.windows)


def due(counted: DueDay | None, *, today: date) -> CardDue | None:
    """The day to plan with: the last opening day while it lies ahead, else the last day that still is accepted."""
    if counted is None:
        return None
    until = counted.accepted_until or counted.last_day
    ahead = counted.go_by is not None and counted.go_by >= today
    day = counted.go_by if ahead and counted.go_by is not None else until
    left = (day - today).days
    return CardDue(
        day=day,
        closed_day=counted.last_day if day < counted.last_day else None,
        accepted_until=until if until > counted.last_day else None,
        left=left if 0 <= left <= SOON_DAYS else None,
        passed=left < 0,
        cautious=counted.cautious,
        show_year=day.year != today.year,
        opens=counted.opens if counted.opens and counted.opens > today else None,
    )


def card(
    listed: Listed, known: CardFacts, *, items: Items, counted: DueDay | None, today: date, turn: Turn = UNPLACED
) -> Card:
    """The card of a listed procedure."""
    return Card(
        facts=known,
        status=listed.status,
        stage=turn.stage,
        before_others=turn.before_others,
        due=due(counted, today=today),
        because=tuple(dict.fromkeys(reason.label for reason in listed.because if reason.state == "true")),
        waiting=_waiting(listed, items.questions),
        bring=brought(listed, items.documents) if known.papers_known else (),
        period_over=period_over(known.procedure, today),
        papers_open=known.papers_known and any(not is_told(one) for one in _papers(listed, items.documents)),
    )


def _papers(listed: Listed, documents: Mapping[str, Document]) -> Iterator[Document]:
    return (documents[need.document] for need in listed.documents if need.document in documents)


def period_over(procedure: Procedure, today: date) -> bool:
    """Whether the fixed period in which it is possible has ended."""
    period = procedure.deadline.period if procedure.deadline else None
    return period is not None and period.closes is not None and date.fromisoformat(period.closes) < today


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
    """What to bring as far as that is a fact in this city, what is certain first."""
    found = [
        Bring(documents[need.document], need.status == "needed", need.labels)
        for need in listed.documents
        if need.document in documents and is_told(documents[need.document])
    ]
    return tuple(sorted(found, key=lambda one: not one.certain))


def settled_together(groups: Groups) -> Groups:
    """The groups with every card that another one settles put under that one, where it is counted no more.

    A card that applies stands under one that applies; one that may apply under any.
    """
    listed = {card.key: card for card in groups.all}
    upper = {key: found for key, card in listed.items() if (found := _upper(card, listed))}
    lower: dict[str, list[Card]] = {}
    for key in upper:
        lower.setdefault(_top(key, upper), []).append(listed[key])

    def left(cards: tuple[Card, ...]) -> tuple[Card, ...]:
        return tuple(_with(card, lower.get(card.key, [])) for card in cards if card.key not in upper)

    return Groups(left(groups.must), left(groups.gain), left(groups.maybe), groups.no_action)


def _upper(card: Card, listed: Mapping[str, Card]) -> str | None:
    """The listed procedure that settles this one."""
    for key in card.facts.procedure.done_with:
        if key in listed and (listed[key].status == "applies" or card.status == "may_apply"):
            return key
    return None


def _top(key: str, upper: Mapping[str, str]) -> str:
    """The procedure that settles all on the way up; they never go round, which is refused at import."""
    while key in upper:
        key = upper[key]
    return key


def _with(card: Card, lower: Sequence[Card]) -> Card:
    """The card with others under it, each with a day of its own only where that is earlier."""
    return replace(card, under=tuple(replace(one, due=_earlier(one.due, card.due)) for one in lower)) if lower else card


def _earlier(own: CardDue | None, other: CardDue | None) -> CardDue | None:
    return own if own is not None and (other is None or own.day < other.day) else None
