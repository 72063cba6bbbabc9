"""What a resident said: read against an edition, kept in one normal form, written back.

An address, a form, a body of the API or a command line is first made a `RawQuery`, which knows no edition; `read` makes
a `Query` of it, and says what does not count and why. Who forgives (pages) goes on with the rest; who does not (the
API and the commands, `service/guidance/requests.py`) refuses the first thing that does not count.

The address is the whole state of a conversation (`ops/design/guidance.md`, "Answers in addresses"). Answers to moot
questions count for nothing and are dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from graphlib import TopologicalSorter
from typing import NamedTuple

from service import clock
from service.caching import PROCESS, Part
from service.content.models import Answer, LifeEvent, Outline, Question
from service.content.reading import pointer
from service.errors import NotFound

UNSURE = "?"
EARLIEST_DAY = date(1900, 1, 1)

_EDITION_NAME = re.compile(r"[1-9][0-9]{0,8}(?:-[0-9a-f]{8})?", re.ASCII)
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_SHOWN_LENGTH = 80
_DROPPED_AT_MOST = 50
INDEX_BYTES = 4_000
"""What an index takes for each question."""


class Why(StrEnum):
    """Why something that was said does not count; the words for it are the page's."""

    UNKNOWN_LIFE_EVENT = "unknown_life_event"
    UNKNOWN_QUESTION = "unknown_question"
    UNKNOWN_OPTION = "unknown_option"
    NONE_CHOSEN = "none_chosen"
    SEVERAL_CHOSEN = "several_chosen"
    REPEATED = "repeated"
    UNSURE_WITH_OPTIONS = "unsure_with_options"
    UNSURE_NOT_OFFERED = "unsure_not_offered"
    MALFORMED = "malformed"
    MOOT = "moot"
    NOT_ASKED = "not_asked"
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
    """Something that does not count: `what` as it was said (shortened), `question` its question's key.

    `where` is its place in the `RawQuery`, as a JSON Pointer (RFC 6901).
    """

    what: str
    why: Why
    question: str | None = None
    where: str = field(default="", compare=False)


class RawAnswer(NamedTuple):
    """An answer as it was said: keys of options, or unsure; `options` None and not unsure where it says neither."""

    question: str
    options: tuple[str, ...] | None = None
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class RawQuery:
    """What was said, in the order in which it was said, before it is read against an edition; days as text."""

    life_events: tuple[str, ...]
    answers: tuple[RawAnswer, ...] = ()
    dates: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Query:
    """Life events by position and key, answers by question key, options in option order, none moot.

    `from_edition` is the name (`Edition.name`) of the edition that the answers were given on.
    """

    life_events: tuple[str, ...]
    answers: tuple[Answer, ...] = ()
    dates: Mapping[str, date] = field(default_factory=dict)
    from_edition: str | None = None
    dropped: tuple[Dropped, ...] = ()


class Refusal(Exception):
    """An answer that is not possible: why, and its place in the answer as a JSON Pointer."""

    def __init__(self, why: Why, where: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.where = where


class QuestionReader:
    """A question prepared for reading."""

    __slots__ = ("key", "many", "ranks", "unsure")

    def __init__(self, question: Question) -> None:
        self.key = question.key
        self.many = question.kind == "many"
        self.unsure = question.unsure
        self.ranks = {option.key: rank for rank, option in enumerate(question.options)}

    def ready(self) -> Iterator[tuple[RawAnswer, Answer]]:
        """Every answer of at most one option."""
        for option in self.ranks:
            yield RawAnswer(self.key, (option,)), Answer(self.key, (option,))
        if self.many:
            yield RawAnswer(self.key, ()), Answer(self.key)
        if self.unsure:
            yield RawAnswer(self.key, unsure=True), Answer(self.key, unsure=True)

    def read(self, raw: RawAnswer) -> Answer:
        """The answer that was said; raises Refusal where the question does not allow it."""
        if raw.unsure:
            if raw.options is not None:
                raise Refusal(Why.UNSURE_WITH_OPTIONS, "/unsure")
            if not self.unsure:
                raise Refusal(Why.UNSURE_NOT_OFFERED, "/unsure")
            return Answer(self.key, unsure=True)
        if raw.options is None:
            raise Refusal(Why.MALFORMED)
        return self.choose(raw.options)

    def choose(self, options: Sequence[str]) -> Answer:
        """The answer that chooses these options; raises Refusal where the question does not allow it.

        An unknown option spoils the whole answer: the rest of it would claim that nothing else was chosen.
        """
        for index, option in enumerate(options):
            if option not in self.ranks:
                raise Refusal(Why.UNKNOWN_OPTION, f"/options/{index}")
        if not self.many and len(options) != 1:
            raise Refusal(Why.SEVERAL_CHOSEN if options else Why.NONE_CHOSEN, "/options")
        return Answer(self.key, tuple(sorted(set(options), key=self.ranks.__getitem__)))


class Index:
    """An outline prepared for reading.

    `ready` has every answer of at most one option. `followers`: (question, the options it follows), parents first.
    """

    __slots__ = ("events", "followers", "questions", "ranks", "ready")

    def __init__(self, outline: Outline) -> None:
        ordered = sorted(outline.life_events.values(), key=lambda event: (event.position, event.key))
        self.events: dict[str, LifeEvent] = {event.key: event for event in ordered}
        self.ranks = {key: rank for rank, key in enumerate(self.events)}
        self.questions = {key: QuestionReader(question) for key, question in outline.questions.items()}
        self.ready = dict(pair for reader in self.questions.values() for pair in reader.ready())
        parents = {key: _parents(question) for key, question in outline.questions.items()}
        graph = {key: {parent for parent, _ in followed} for key, followed in parents.items()}
        order = TopologicalSorter(graph).static_order()
        self.followers = tuple((key, parents[key]) for key in order if parents.get(key))


def _parents(question: Question) -> tuple[tuple[str, str], ...]:
    """The options that a question follows, each with its question."""
    return tuple((option.partition("/")[0], option) for option in question.asked_after)


_indexes: Part[int, tuple[Outline, Index]] = PROCESS.part(lambda entry: INDEX_BYTES * len(entry[1].questions))


def indexed(outline: Outline) -> Index:
    """The index of an outline, kept; holding the outline keeps its id from meaning another one."""
    entry = _indexes.get(id(outline))
    if entry is None:
        entry = (outline, Index(outline))
        _indexes.put(id(outline), entry)
    return entry[1]


def moot(outline: Outline, answers: Iterable[Answer]) -> set[str]:
    """The keys of the questions that are moot: every option they follow is out (clause 1, recursively)."""
    return _moot(indexed(outline), {answer.question: answer for answer in answers})


def _moot(index: Index, answered: Mapping[str, Answer]) -> set[str]:
    moot_questions: set[str] = set()
    if not answered:
        return moot_questions
    for key, followed in index.followers:
        for parent, option in followed:
            if parent in moot_questions:
                continue
            answer = answered.get(parent)
            if answer is None or answer.unsure or option in answer.options:
                break
        else:
            moot_questions.add(key)
    return moot_questions


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


# Reading


def raw_answer(answer: Answer) -> RawAnswer:
    """The answer as it would be said again."""
    return RawAnswer(answer.question, unsure=True) if answer.unsure else RawAnswer(answer.question, answer.options)


def read_answer(raw: RawAnswer, outline: Outline) -> Answer:
    """The answer read on this outline; raises Refusal where that is not possible."""
    reader = indexed(outline).questions.get(raw.question)
    if reader is None:
        raise Refusal(Why.UNKNOWN_QUESTION, "/question")
    return reader.read(raw)


def read(raw: RawQuery, outline: Outline) -> Query:
    """The query that was said, read on this outline, and all that does not count of it, in the order of the raw one."""
    index = indexed(outline)
    dropped: list[Dropped] = []
    events = _read_events(index, raw.life_events, dropped)
    answers = _read_answers(index, raw.answers, dropped)
    dates = _read_dates(raw.dates, chosen=events, dropped=dropped) if raw.dates else {}
    return Query(events, answers, dates, dropped=tuple(dropped))


def _read_events(index: Index, keys: Sequence[str], dropped: list[Dropped]) -> tuple[str, ...]:
    """The life events that the index has, each once, by position."""
    for position, key in enumerate(keys):
        if key not in index.events:
            dropped.append(drop(key, Why.UNKNOWN_LIFE_EVENT, where=f"/life_events/{position}"))
    known_keys = [key for key in dict.fromkeys(keys) if key in index.events]
    return tuple(sorted(known_keys, key=index.ranks.__getitem__)) if len(known_keys) > 1 else tuple(known_keys)


def _read_answers(index: Index, raw_answers: Sequence[RawAnswer], dropped: list[Dropped]) -> tuple[Answer, ...]:
    """The answers that count, by question key."""
    answered: dict[str, Answer] = {}
    for position, raw in enumerate(raw_answers):
        answer = index.ready.get(raw)
        if answer is None or raw.question in answered:
            answer = _read_rare(index, raw, answered, where=f"/answers/{position}", dropped=dropped)
        if answer is not None:
            answered[raw.question] = answer
    return without_moot(index, dict(sorted(answered.items())), dropped=dropped)


def _read_rare(
    index: Index, raw: RawAnswer, answered: Mapping[str, Answer], *, where: str, dropped: list[Dropped]
) -> Answer | None:
    """An answer of several options, or what does not count (then None, and recorded)."""
    reader = index.questions.get(raw.question)
    if reader is None:
        dropped.append(drop(_as_in_address(raw), Why.UNKNOWN_QUESTION, where=f"{where}/question"))
        return None
    try:
        if raw.question in answered:
            raise Refusal(Why.REPEATED, "/question")
        return reader.read(raw)
    except Refusal as refusal:
        dropped.append(drop(_as_in_address(raw), refusal.why, question=raw.question, where=where + refusal.where))
        return None


def without_moot(index: Index, answered: dict[str, Answer], *, dropped: list[Dropped]) -> tuple[Answer, ...]:
    """The answers that count, in the order given; moot ones leave `answered` and are added to `dropped`."""
    for key in sorted(_moot(index, answered) & answered.keys()):
        del answered[key]
        dropped.append(drop(key, Why.MOOT, question=key))
    return tuple(answered.values())


def _read_dates(days_as_text: Mapping[str, str], *, chosen: tuple[str, ...], dropped: list[Dropped]) -> dict[str, date]:
    """The days of the chosen life events, in their order."""
    days: dict[str, date] = {}
    for key, text in days_as_text.items():
        where = pointer(("dates", key))
        day = parse_day(text)
        if key not in chosen:
            dropped.append(drop(key, Why.DATE_WITHOUT_LIFE_EVENT, where=where))
        elif day is None:
            dropped.append(drop(text, Why.NO_DATE, where=where))
        else:
            days[key] = day
    return {key: days[key] for key in chosen if key in days}


def _as_in_address(raw: RawAnswer) -> str:
    """The answer as an address has it."""
    if raw.unsure:
        return f"{raw.question}:{UNSURE}"
    if raw.options is None:
        return raw.question
    return f"{raw.question}:{','.join(option.removeprefix(f'{raw.question}/') for option in raw.options)}"


def drop(what: str, why: Why, *, question: str | None = None, where: str = "") -> Dropped:
    """The record of something that does not count, shortened: addresses can be long."""
    return Dropped(what[:_SHOWN_LENGTH], why, question, where)


def require_life_event(query: Query) -> Query:
    """The query, if there is anything to guide on. Errors: NotFound without a life event."""
    if not query.life_events:
        raise NotFound("この案内にないライフイベントです。はじめのページから選び直してください。")
    return query


# Addresses


def read_address(params: Sequence[tuple[str, str]], outline: Outline) -> Query:
    """The query that an address makes, what does not count dropped; unknown names are ignored.

    Whether there is an edition of the name in `from_edition` is the caller's to check. NotFound without a known life
    event.
    """
    events: list[str] = []
    answers: dict[str, RawAnswer] = {}
    days: dict[str, str] = {}
    edition: str | None = None
    for name, value in params:
        if name == "a":
            answer = parse_answer(value)
            answers[answer.question] = answer
        elif name == "event":
            events.append(value)
        elif name == "date":
            key, _, days[key] = value.partition(":")
        elif name == "from":
            edition = value if _EDITION_NAME.fullmatch(value) else None
    raw = RawQuery(tuple(dict.fromkeys(events)), tuple(answers[key] for key in sorted(answers)), days)
    query = require_life_event(read(raw, outline))
    dates, dropped = _accepted_days(query, outline) if days else ({}, query.dropped)
    return Query(query.life_events, query.answers, dates, edition, dropped[:_DROPPED_AT_MOST])


def parse_answer(text: str) -> RawAnswer:
    """The answer that `Q:O,O` (these options), `Q:` (none of them) or `Q:?` (unsure) says."""
    question, colon, options_text = text.partition(":")
    if not colon:
        return RawAnswer(question)
    if options_text == UNSURE:
        return RawAnswer(question, unsure=True)
    if "," not in options_text:
        return RawAnswer(question, (f"{question}/{options_text}",) if options_text else ())
    return RawAnswer(question, tuple(dict.fromkeys([f"{question}/{key}" for key in options_text.split(",")])))


def _accepted_days(query: Query, outline: Outline) -> tuple[dict[str, date], tuple[Dropped, ...]]:
    """The days without those that no page asks for or accepts, and all that does not count."""
    dates: dict[str, date] = {}
    dropped = list(query.dropped)
    for key, day in query.dates.items():
        if outline.life_events[key].date_label is None:
            dropped.append(drop(key, Why.DATE_NOT_ASKED))
        elif not possible_day(day):
            dropped.append(drop(day.isoformat(), Why.NO_DATE))
        else:
            dates[key] = day
    return dates, tuple(dropped)


def fields(query: Query, *, replacing: Sequence[Answer] = (), from_edition: str | None = None) -> list[tuple[str, str]]:
    """The query as names and values, also for hidden form fields: events, answers, dates, `from`.

    `replacing` answers take the place of earlier ones to the same questions, or are added.
    """
    answers = {answer.question: answer for answer in (*query.answers, *replacing)}
    pairs = [("event", key) for key in query.life_events]
    pairs += (("a", _address_value(answers[key])) for key in sorted(answers))
    pairs += (("date", f"{key}:{query.dates[key].isoformat()}") for key in query.life_events if key in query.dates)
    edition = query.from_edition if from_edition is None else from_edition
    return pairs if edition is None else [*pairs, ("from", edition)]


def write_address(query: Query, *, replacing: Sequence[Answer] = (), from_edition: str | None = None) -> str:
    """The query string, without its question mark; equal queries give equal strings.

    Nothing needs an escape: keys are letters, digits and hyphens, and RFC 3986 (3.4) allows `:`, `,` and `?`.
    """
    pairs = fields(query, replacing=replacing, from_edition=from_edition)
    return "&".join([f"{name}={value}" for name, value in pairs])


def _address_value(answer: Answer) -> str:
    if answer.unsure:
        return f"{answer.question}:{UNSURE}"
    start = len(answer.question) + 1
    return f"{answer.question}:{','.join([option[start:] for option in answer.options])}"
