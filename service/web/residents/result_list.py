"""What a result says on the screen and on paper: what first, what to bring, where to go, of which edition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from service.content.models import Document, Edition, LifeEvent, Window
from service.guidance import codes
from service.guidance.cards import Bring, Card, Groups
from service.guidance.service import Visit
from service.web.residents.layout import CitizenPage
from service.web.residents.notices import Notice, published_on
from service.web.residents.parts import events_of

NEXT_DATES = 3
"""How many of the next dates a result names beside the first one."""

_UNIT_DAYS = {"day": 1, "month": 30, "year": 365, "day_before": 1, "day_of_previous_month": 1}


@dataclass(frozen=True, slots=True)
class ToBring:
    """A document of the one list: what for (names of procedures), and whether any of them certainly needs it."""

    document: Document
    uses: tuple[str, ...]
    certain: bool
    labels: tuple[str, ...]
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class BringGroup:
    """What is to be had in one place; `who` None where that is not known."""

    who: str | None
    items: tuple[ToBring, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """A window of the round: what is certainly done there, and what only may be."""

    window: Window
    procedures: tuple[str, ...]
    maybe: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToAsk:
    """What to ask one window about, by telephone or there: each procedure with the groups of facts that are unknown.

    `window` None: nobody knows which it is, so the city hall is asked.
    """

    window: Window | None
    procedures: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """What both pages of a result say beside its cards; `code` as it is typed."""

    days: tuple[tuple[LifeEvent, date], ...]
    first: Card | None
    bring: tuple[BringGroup, ...]
    inside: tuple[Stop, ...]
    outside: tuple[Stop, ...]
    edition: Edition
    published: date | None
    code: str
    to_ask: tuple[ToAsk, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ListPage(CitizenPage):
    """A page of a result, on the screen or on paper."""

    private: ClassVar[bool] = True

    overview: Overview
    notice: Notice | None = None


def overview(visit: Visit, groups: Groups, *, code: str) -> Overview:
    """The overview of these cards; `code` is the bare code of the visit."""
    query = visit.query
    inside, outside = round_of_windows(groups.all)
    events = events_of(query.life_events, visit.outline)
    return Overview(
        days=tuple((event, query.dates[event.key]) for event in events if event.key in query.dates),
        first=first_and_next(groups)[0],
        bring=bring_groups(groups.each),
        inside=inside,
        outside=outside,
        edition=visit.edition,
        published=published_on(visit.edition),
        code=codes.typed(visit.edition.number, code),
        to_ask=to_ask(groups.all),
    )


def first_and_next(groups: Groups) -> tuple[Card | None, tuple[Card, ...], int]:
    """What to do first, what next, and how many procedures remain after those.

    First is the most urgent duty that waits for no other listed one, an overdue one before all, or else the first of
    the list. Of what is no duty, what has passed is not named here: it cannot be had any more.
    """
    if not groups.all:
        return None, (), 0
    listed = groups.certain or groups.all
    names = {card.key for card in listed}
    free = [card for card in groups.must if not names & set(card.facts.procedure.follows)]
    first = min(free, key=_urgency, default=listed[0])
    rest = [card for card in listed if card is not first]
    duties = {card.key for card in groups.must}
    shown = sorted((card for card in rest if card.key in duties or not _passed(card)), key=_urgency)[:NEXT_DATES]
    return first, tuple(shown), len(rest) - len(shown)


def _passed(card: Card) -> bool:
    return card.due is not None and card.due.passed


def _urgency(card: Card) -> tuple[int, int]:
    """Sorts by what to do first: what is overdue, this year's days, short rules without a day, later days, the rest."""
    if card.due is not None and card.due.passed:
        return (-1, card.due.day.toordinal())
    if card.due is not None:
        return (2 if card.due.show_year and card.due.left is None else 0, card.due.day.toordinal())
    deadline = card.facts.procedure.deadline
    if deadline is None or deadline.kind in ("none", "practical"):
        return (3, 0)
    if deadline.value is None or deadline.unit is None:
        return (1, 0) if deadline.kind == "before_action" else (3, 0)
    days = deadline.value * _UNIT_DAYS[deadline.unit]
    return (1 if days <= 366 else 2, days)


def bring_groups(cards: Sequence[Card]) -> tuple[BringGroup, ...]:
    """The one list of everything to bring, each thing once, by where it is to be had; the largest group first."""
    needs: dict[str, list[tuple[Card, Bring]]] = {}
    for card in cards:
        for bring in card.bring:
            needs.setdefault(bring.document.key, []).append((card, bring))
    counted = sum(1 for card in cards if card.bring)
    grouped: dict[str | None, list[ToBring]] = {}
    for uses in needs.values():
        item = _to_bring(uses, counted=counted)
        grouped.setdefault(item.document.who_has_it, []).append(item)
    groups = [BringGroup(who, tuple(items)) for who, items in grouped.items()]
    return tuple(sorted(groups, key=lambda group: (group.who is None, -len(group.items))))


def _to_bring(uses: Sequence[tuple[Card, Bring]], *, counted: int) -> ToBring:
    certain = any(bring.certain and card.status == "applies" for card, bring in uses)
    labels = dict.fromkeys(label for _, bring in uses if not bring.certain for label in bring.labels)
    return ToBring(
        document=uses[0][1].document,
        uses=tuple(card.facts.procedure.name for card, _ in uses),
        certain=certain,
        labels=() if certain else tuple(labels),
        everywhere=counted > 2 and len(uses) == counted,
    )


def round_of_windows(cards: Sequence[Card]) -> tuple[tuple[Stop, ...], tuple[Stop, ...]]:
    """The windows inside the city hall in walking order, and the places outside it, where there is something to do.

    Of windows that are alternatives one is enough: one that the round leads to anyway, or else the usual one.
    """
    visited: dict[str, tuple[Window, list[str], list[str]]] = {}
    asking = [card for card in cards if card.facts.windows and _asks_something(card)]
    for card in sorted(asking, key=lambda card: len(card.facts.windows) > 1):
        windows = card.facts.windows
        window = next((one for one in windows if one.key in visited), windows[0])
        _, sure, maybe = visited.setdefault(window.key, (window, [], []))
        (sure if card.status == "applies" else maybe).append(card.facts.procedure.name)
    stops = [Stop(window, tuple(sure), tuple(maybe)) for window, sure, maybe in visited.values()]
    inside = [stop for stop in stops if stop.window.walking_order is not None]
    inside.sort(key=lambda stop: (stop.window.walking_order or 0, stop.window.key))
    return tuple(inside), tuple(stop for stop in stops if stop.window.walking_order is None)


def _asks_something(card: Card) -> bool:
    """Whether there is anything to do at its window.

    Not where the edition only informs, as of a list that people are entered in without asking: an `option` to which
    nothing is brought, paid, sent or filled in, and that is due on no day. It keeps its window on its card.
    """
    own = card.facts.procedure
    timed = own.deadline is not None and own.deadline.kind != "none"
    ways = (own.postal, own.proxy, own.online, own.prepare_in_advance)
    known = timed or card.bring or own.fee or own.form_url or own.online_url or any(way.is_ == "yes" for way in ways)
    return own.nature != "option" or bool(known)


def to_ask(cards: Sequence[Card]) -> tuple[ToAsk, ...]:
    """The one list of what to ask, by window, in the order of the cards; the city hall last."""
    asked: dict[str | None, tuple[Window | None, list[tuple[str, tuple[str, ...]]]]] = {}
    for card in cards:
        if card.to_ask:
            window = card.facts.asked_at
            _, procedures = asked.setdefault(window.key if window else None, (window, []))
            procedures.append((card.facts.procedure.name, card.to_ask))
    return tuple(
        ToAsk(window, tuple(procedures))
        for window, procedures in sorted(asked.values(), key=lambda pair: pair[0] is None)
    )
