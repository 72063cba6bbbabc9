"""What a result says on the screen and on paper: the timeline, what to bring, where to go, of which edition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate, groupby
from typing import ClassVar

from service.content.models import Document, Edition, LifeEvent, Window
from service.guidance import codes
from service.guidance.cards import Bring, Card, Groups
from service.guidance.order import Stage
from service.guidance.service import Visit
from service.web.residents.layout import CitizenPage
from service.web.residents.notices import Notice, published_on
from service.web.residents.parts import events_of

NEAR = frozenset({Stage.NOW, Stage.DAYS})
"""The stages that nobody may overlook."""


@dataclass(frozen=True, slots=True)
class Together:
    """Procedures that stand together: those of one window are one visit; one without a known window stands alone."""

    window: Window | None
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class StageOfList:
    """A stage of the timeline that has something in it; `folded` where the list is too long to show it at once."""

    stage: Stage
    visits: tuple[Together, ...]
    folded: bool = False

    @property
    def count(self) -> int:
        """How many procedures it has."""
        return sum(len(visit.cards) for visit in self.visits)

    @property
    def first(self) -> Card:
        """The procedure that comes first in it."""
        return self.visits[0].cards[0]


@dataclass(frozen=True, slots=True)
class ToBring:
    """A document of the one list: what for (names of procedures), and whether any of them certainly needs it."""

    document: Document
    uses: tuple[str, ...]
    certain: bool
    labels: tuple[str, ...]
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class BringAt:
    """What is first needed at one window; `window` None where nobody knows which that is."""

    window: Window | None
    items: tuple[ToBring, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """A window of the round: what is certainly done there, and what only may be."""

    window: Window
    sure: tuple[Card, ...]
    maybe: tuple[Card, ...]


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
    bring: tuple[BringAt, ...]
    fees: tuple[Card, ...]
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
        bring=bring_list((*inside, *outside), groups),
        fees=tuple(card for card in groups.certain if card.costs),
        inside=inside,
        outside=outside,
        edition=visit.edition,
        published=published_on(visit.edition),
        code=codes.typed(visit.edition.number, code),
        to_ask=to_ask(groups.all),
    )


def stages(cards: Sequence[Card]) -> tuple[StageOfList, ...]:
    """The stages of these cards, which stand in their order: by stage, in it visit by visit."""
    return tuple(
        StageOfList(stage, tuple(_visits(members))) for stage, members in groupby(cards, key=lambda card: card.stage)
    )


def shortened(timeline: tuple[StageOfList, ...], *, room: int) -> tuple[StageOfList, ...]:
    """The stages with those folded that go beyond the room, in lines; what is due within 14 days never is."""
    shown = list(accumulate(stage.count for stage in timeline))
    return tuple(
        replace(stage, folded=stage.stage not in NEAR and end > room)
        for stage, end in zip(timeline, shown, strict=True)
    )


def _visits(cards: Iterable[Card]) -> Iterator[Together]:
    for window, members in groupby(cards, key=lambda card: card.window):
        if window is None:
            yield from (Together(None, (card,)) for card in members)
        else:
            yield Together(window, tuple(members))


def bring_list(stops: Sequence[Stop], groups: Groups) -> tuple[BringAt, ...]:
    """The one list of everything to bring, each thing once, where it is needed first on the round.

    Of what only may apply, the papers are listed only while nothing is certain.
    """
    counted = groups.certain or groups.maybe
    places = [(stop.window, stop.sure if groups.certain else stop.maybe) for stop in stops]
    visited = {card.key for _, cards in places for card in cards}
    nowhere = tuple(card for card in counted if card.key not in visited)
    uses: dict[str, list[tuple[Card, Bring]]] = {}
    first_needed: list[tuple[Window | None, list[str]]] = []
    for window, cards in (*places, (None, nowhere)):
        brought = [(card, bring) for card in _each(cards) for bring in card.bring]
        new = dict.fromkeys(bring.document.key for _, bring in brought if bring.document.key not in uses)
        for card, bring in brought:
            uses.setdefault(bring.document.key, []).append((card, bring))
        first_needed.append((window, list(new)))
    using = sum(1 for card in _each(counted) if card.bring)
    return tuple(
        BringAt(window, tuple(_to_bring(uses[key], counted=using) for key in keys))
        for window, keys in first_needed
        if keys
    )


def _each(cards: Iterable[Card]) -> Iterator[Card]:
    """The cards with those that stand under them."""
    return (each for card in cards for each in (card, *card.under))


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
    visited: dict[str, tuple[Window, list[Card], list[Card]]] = {}
    asking = [card for card in cards if card.facts.windows and _needs_a_visit(card)]
    for card in sorted(asking, key=lambda card: len(card.facts.windows) > 1):
        windows = card.facts.windows
        window = next((alternative for alternative in windows if alternative.key in visited), windows[0])
        _, sure, maybe = visited.setdefault(window.key, (window, [], []))
        (sure if card.status == "applies" else maybe).append(card)
    stops = [Stop(window, tuple(sure), tuple(maybe)) for window, sure, maybe in visited.values()]
    inside = [stop for stop in stops if stop.window.walking_order is not None]
    inside.sort(key=lambda stop: (stop.window.walking_order or 0, stop.window.key))
    return tuple(inside), tuple(stop for stop in stops if stop.window.walking_order is None)


def _needs_a_visit(card: Card) -> bool:
    """Whether there is anything to do at its window.

    Not where the edition only informs, as of a list that people are entered in without asking: an `option` to which
    nothing is brought, paid, sent or filled in, and that is due on no day. It keeps its window on its card.
    """
    own = card.facts.procedure
    timed = own.deadline is not None and own.deadline.kind != "none"
    ways = (own.postal, own.proxy, own.online, own.prepare_in_advance)
    has_to_come = (
        timed or card.bring or own.fee or own.form_url or own.online_url or any(way.is_ == "yes" for way in ways)
    )
    return own.nature != "option" or bool(has_to_come)


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
