"""What a resident said: read from addresses, kept in one normal form, written back.

The address is the whole state of a conversation (`ops/design/guidance.md`, "Answers in addresses"). Pages forgive:
what is not known or not possible is dropped and recorded. Answers to moot questions count for nothing and are dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from graphlib import TopologicalSorter
from threading import Lock

from service import clock
from service.content.models import Answer, LifeEvent, Outline, Question
from service.errors import NotFound

UNSURE = "?"
EARLIEST_DAY = date(1900, 1, 1)

_EDITION_NUMBER = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_SHOWN_LENGTH = 80
_DROPPED_AT_MOST = 50
_INDEXES_AT_MOST = 32


class Why(StrEnum):
    """Why something that was said does not count; the words for it are the page's."""

    UNKNOWN_LIFE_EVENT = "unknown_life_event"
    UNKNOWN_QUESTION = "unknown_question"
    UNKNOWN_OPTION = "unknown_option"
    NONE_CHOSEN = "none_chosen"
    SEVERAL_CHOSEN = "several_chosen"
    UNSURE_NOT_OFFERED = "unsure_not_offered"
    MALFORMED = "malformed"
    MOOT = "moot"
    NO_DATE = "no_date"
    DATE_WITHOUT_LIFE_EVENT = "date_without_life_event"
    DATE_NOT_ASKED = "date_not_asked"
    LIFE_EVENT_GONE = "life_event_gone"
    QUESTION_GONE = "question_gone"
    QUESTION_CHANGED = "question_changed"
    KIND_CHANGED = "kind_changed"
    OPTION_GONE = "option_gone"
    LABEL_CHANGED = "label_changed"


@dataclass(frozen=True, slots=True)
class Dropped:
    """Something that does not count: `what` as it was said (shortened), `question` its question's key."""

    what: str
    why: Why
    question: str | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """Life events by position and key, answers by question key, options in option order, none moot."""

    life_events: tuple[str, ...]
    answers: tuple[Answer, ...] = ()
    dates: Mapping[str, date] = field(default_factory=dict)
    from_edition: int | None = None
    dropped: tuple[Dropped, ...] = ()


class Refusal(Exception):
    """An answer that is not possible: why, and the chosen option at fault (an index) if it is one."""

    def __init__(self, why: Why, option: int | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.option = option


class Asked:
    """A question prepared for reading: option ranks, and every answer of at most one option, ready made."""

    __slots__ = ("key", "many", "ranks", "ready", "unsure")

    def __init__(self, question: Question) -> None:
        self.key = question.key
        self.many = question.kind == "many"
        self.unsure = question.unsure
        self.ranks = {option.key: rank for rank, option in enumerate(question.options)}
        self.ready = {option.own_key: Answer(question.key, (option.key,)) for option in question.options}
        if self.many:
            self.ready[""] = Answer(question.key)
        if self.unsure:
            self.ready[UNSURE] = Answer(question.key, unsure=True)

    def choose(self, options: Sequence[str]) -> Answer:
        """The answer that chooses these option keys; raises Refusal where the question does not allow it.

        An unknown option spoils the whole answer: the rest of it would claim that nothing else was chosen.
        """
        chosen = set(options)
        for number, option in enumerate(options):
            if option not in self.ranks:
                raise Refusal(Why.UNKNOWN_OPTION, number)
        if not self.many and len(chosen) != 1:
            raise Refusal(Why.SEVERAL_CHOSEN if chosen else Why.NONE_CHOSEN)
        return Answer(self.key, tuple(sorted(chosen, key=self.ranks.__getitem__)))


class Index:
    """An outline prepared for reading. `followers`: (question, the options it follows), parents first."""

    __slots__ = ("children", "events", "followers", "questions", "ranks")

    def __init__(self, outline: Outline) -> None:
        ordered = sorted(outline.life_events.values(), key=lambda event: (event.position, event.key))
        self.events: dict[str, LifeEvent] = {event.key: event for event in ordered}
        self.ranks = {key: rank for rank, key in enumerate(self.events)}
        self.questions = {key: Asked(question) for key, question in outline.questions.items()}
        self.children: dict[str, list[str]] = {}
        parents = {key: self._parents(question) for key, question in outline.questions.items()}
        graph = {key: {parent for parent, _ in followed} for key, followed in parents.items()}
        order = TopologicalSorter(graph).static_order()
        self.followers = tuple((key, parents[key]) for key in order if parents.get(key))

    def _parents(self, question: Question) -> tuple[tuple[str, str], ...]:
        followed = tuple((option.partition("/")[0], option) for option in question.asked_after)
        for parent in dict.fromkeys(parent for parent, _ in followed):
            self.children.setdefault(parent, []).append(question.key)
        return followed


_indexes: dict[int, tuple[Outline, Index]] = {}
_building = Lock()


def indexed(outline: Outline) -> Index:
    """The index of an outline, built once; holding the outline keeps its id from meaning another one."""
    entry = _indexes.get(id(outline))
    if entry is not None:
        return entry[1]
    with _building:
        while len(_indexes) >= _INDEXES_AT_MOST:
            del _indexes[next(iter(_indexes))]
        index = Index(outline)
        _indexes[id(outline)] = (outline, index)
    return index


def moot(outline: Outline, answers: Iterable[Answer]) -> set[str]:
    """The keys of the questions that are moot: every option they follow is out (clause 1, recursively)."""
    return _moot(indexed(outline), {answer.question: answer for answer in answers})


def _moot(index: Index, answered: Mapping[str, Answer]) -> set[str]:
    found: set[str] = set()
    if not answered:
        return found
    for key, followed in index.followers:
        for parent, option in followed:
            if parent in found:
                continue
            answer = answered.get(parent)
            if answer is None or answer.unsure or option in answer.options:
                break
        else:
            found.add(key)
    return found


def possible_day(day: date) -> bool:
    """Whether a resident may mean this day: from 1900 until a year from today."""
    return EARLIEST_DAY <= day <= latest_day()


def latest_day() -> date:
    """The last day that may be entered: the corresponding day of next year (28 February for the 29th)."""
    today = clock.today()
    try:
        return today.replace(year=today.year + 1)
    except ValueError:
        return today.replace(year=today.year + 1, day=28)


def parse_day(text: str) -> date | None:
    """The day that `YYYY-MM-DD` names, None where there is none."""
    if not _ISO_DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


# Addresses


def read_address(params: Sequence[tuple[str, str]], outline: Outline) -> Query:
    """The query that an address makes, what does not count dropped; unknown names are ignored.

    Whether `from_edition` ever was live is the caller's to check. NotFound without a known life event.
    """
    index = indexed(outline)
    dropped: list[Dropped] = []
    events: dict[str, None] = {}
    given: dict[str, str | None] = {}
    days: list[str] = []
    edition: int | None = None
    for name, value in params:
        if name == "a":
            key, colon, said = value.partition(":")
            given[key] = said if colon else None
        elif name == "event":
            events[value] = None
        elif name == "date":
            days.append(value)
        elif name == "from":
            edition = int(value) if _EDITION_NUMBER.fullmatch(value) else None
    chosen = known_events(index, events, dropped=dropped)
    answers = _said(index, given, dropped)
    dates = _said_dates(index, days, chosen=chosen, dropped=dropped) if days else {}
    return Query(chosen, answers, dates, edition, tuple(dropped[:_DROPPED_AT_MOST]))


def known_events(index: Index, events: Mapping[str, None], *, dropped: list[Dropped]) -> tuple[str, ...]:
    """Those that the index has, in order; the others are added to `dropped`. NotFound if none is left."""
    known = [key for key in events if key in index.events]
    if not known:
        raise NotFound("この案内にないライフイベントです。はじめのページから選び直してください。")
    if len(known) < len(events):
        dropped += (drop(key, Why.UNKNOWN_LIFE_EVENT) for key in events if key not in index.events)
    if len(known) > 1:
        known.sort(key=index.ranks.__getitem__)
    return tuple(known)


def _said(index: Index, given: Mapping[str, str | None], dropped: list[Dropped]) -> tuple[Answer, ...]:
    """The answers that count, by question key."""
    answered: dict[str, Answer] = {}
    for key in sorted(given):
        asked, said = index.questions.get(key), given[key]
        answer = asked.ready.get(said) if asked is not None and said is not None else None
        if answer is None:
            answer = _read_said(key, said, asked=asked, dropped=dropped)
        if answer is not None:
            answered[key] = answer
    return without_moot(index, answered, dropped=dropped)


def without_moot(index: Index, answered: dict[str, Answer], *, dropped: list[Dropped]) -> tuple[Answer, ...]:
    """The answers that count, in the order given; moot ones leave `answered` and are added to `dropped`."""
    for key in sorted(_moot(index, answered) & answered.keys()):
        del answered[key]
        dropped.append(drop(key, Why.MOOT, question=key))
    return tuple(answered.values())


def _read_said(key: str, said: str | None, *, asked: Asked | None, dropped: list[Dropped]) -> Answer | None:
    """The rarer answers: several options, or what cannot be read (then None, and recorded)."""
    what = key if said is None else f"{key}:{said}"
    if asked is None:
        dropped.append(drop(what, Why.UNKNOWN_QUESTION))
        return None
    if said is None:
        dropped.append(drop(what, Why.MALFORMED, question=key))
        return None
    try:
        if said == UNSURE:
            raise Refusal(Why.UNSURE_NOT_OFFERED)
        return asked.choose([f"{key}/{own}" for own in said.split(",")] if said else [])
    except Refusal as refusal:
        dropped.append(drop(what, refusal.why, question=key))
        return None


def choose(question: str, own_keys: Sequence[str], *, outline: Outline) -> Answer:
    """The answer that chooses these options, named as addresses do; Refusal where that is not possible."""
    asked = indexed(outline).questions.get(question)
    if asked is None:
        raise Refusal(Why.UNKNOWN_QUESTION)
    if list(own_keys) == [UNSURE]:
        if not asked.unsure:
            raise Refusal(Why.UNSURE_NOT_OFFERED)
        return asked.ready[UNSURE]
    return asked.choose([f"{question}/{own}" for own in own_keys])


def _said_dates(
    index: Index, days: Sequence[str], *, chosen: tuple[str, ...], dropped: list[Dropped]
) -> dict[str, date]:
    given = dict((key, text) for key, _, text in (said.partition(":") for said in days))
    for key in given.keys() - set(chosen):
        dropped.append(drop(key, Why.DATE_WITHOUT_LIFE_EVENT))
    dates: dict[str, date] = {}
    for key in chosen:
        if key not in given:
            continue
        day = parse_day(given[key])
        if index.events[key].date_label is None:
            dropped.append(drop(key, Why.DATE_NOT_ASKED))
        elif day is None or not possible_day(day):
            dropped.append(drop(given[key], Why.NO_DATE))
        else:
            dates[key] = day
    return dates


def drop(what: str, why: Why, *, question: str | None = None) -> Dropped:
    """The record of something that does not count, shortened: addresses can be long."""
    return Dropped(what[:_SHOWN_LENGTH], why, question)


def fields(query: Query, *, replacing: Sequence[Answer] = (), from_edition: int | None = None) -> list[tuple[str, str]]:
    """The query as names and values, also for hidden form fields: events, answers, dates, `from`.

    `replacing` answers take the place of earlier ones to the same questions, or are added.
    """
    answers = {answer.question: answer for answer in (*query.answers, *replacing)}
    found = [("event", key) for key in query.life_events]
    found += (("a", _written(answers[key])) for key in sorted(answers))
    found += (("date", f"{key}:{query.dates[key].isoformat()}") for key in query.life_events if key in query.dates)
    edition = query.from_edition if from_edition is None else from_edition
    return found if edition is None else [*found, ("from", str(edition))]


def write_address(query: Query, *, replacing: Sequence[Answer] = (), from_edition: int | None = None) -> str:
    """The query string, without its question mark; equal queries give equal strings.

    Nothing needs an escape: keys are letters, digits and hyphens, and RFC 3986 (3.4) allows `:`, `,` and `?`.
    """
    pairs = fields(query, replacing=replacing, from_edition=from_edition)
    return "&".join([f"{name}={value}" for name, value in pairs])


def _written(answer: Answer) -> str:
    if answer.unsure:
        return f"{answer.question}:{UNSURE}"
    start = len(answer.question) + 1
    return f"{answer.question}:{','.join([option[start:] for option in answer.options])}"
