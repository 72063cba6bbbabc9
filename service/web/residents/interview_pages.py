"""The pages of an interview: the beginning, one question, all answers so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from service.content.models import Answer, LifeEvent, Outline, Question, Term
from service.guidance.answers import Query, fields
from service.guidance.forms import AnswerProblem, DateProblem
from service.guidance.municipality import Municipality
from service.web.residents.layout import (
    CitizenPage,
    DroppedNote,
    Fields,
    Notice,
    Piece,
    Said,
    address,
    by_position,
    called,
    dropped_notes,
    events_of,
    marked_terms,
    said,
)

MOVING = "move"
"""What the icons of the life events begin with that are offered as moves."""


@dataclass(frozen=True, kw_only=True)
class HomePage(CitizenPage):
    """The beginning: which life events; `missing` when the form came back with none chosen."""

    template: ClassVar[str] = "citizen/home.html"

    moves: tuple[LifeEvent, ...]
    others: tuple[LifeEvent, ...]
    missing: bool = False
    chosen: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class QuestionPage(CitizenPage):
    """One question. `error` is why the form came back; `chosen` the own keys ticked in it, `-` none, `?` unsure."""

    template: ClassVar[str] = "citizen/question.html"
    private: ClassVar[bool] = True

    events: tuple[LifeEvent, ...]
    question: Question
    text: tuple[Piece, ...]
    help: tuple[Piece, ...]
    terms: tuple[Term, ...]
    left: int
    hidden: Fields
    back_url: str
    chosen: frozenset[str] = frozenset()
    error: AnswerProblem | None = None
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """An answer, what its question is called, and where it can be changed."""

    name: str
    said: Said
    change_url: str


@dataclass(frozen=True, slots=True)
class DateField:
    """The day of a life event as typed, and why it cannot be one."""

    event: LifeEvent
    year: str = ""
    month: str = ""
    day: str = ""
    error: DateProblem | None = None


@dataclass(frozen=True, kw_only=True)
class ReviewPage(CitizenPage):
    """All answers so far, and the days of the life events."""

    template: ClassVar[str] = "citizen/review.html"
    private: ClassVar[bool] = True

    events: tuple[LifeEvent, ...]
    events_url: str
    rows: tuple[ReviewRow, ...]
    days: tuple[DateField, ...]
    hidden: Fields
    left: int
    back_url: str
    continue_url: str
    dropped: tuple[DroppedNote, ...] = ()


def home_page(city: Municipality, outline: Outline, *, missing: bool = False, chosen: Iterable[str] = ()) -> HomePage:
    """The home page: moves and everything else, in the order of the edition."""
    events = by_position(outline)
    return HomePage(
        city=city,
        moves=tuple(event for event in events if (event.icon or "").startswith(MOVING)),
        others=tuple(event for event in events if not (event.icon or "").startswith(MOVING)),
        missing=missing,
        chosen=frozenset(chosen),
    )


def question_page(
    city: Municipality,
    outline: Outline,
    *,
    question: Question,
    query: Query,
    terms: Sequence[Term],
    left: int,
    back_url: str,
    chosen: Iterable[str] | None = None,
    error: AnswerProblem | None = None,
    notice: Notice | None = None,
) -> QuestionPage:
    """The page of one question; without `chosen`, an earlier answer to it is ticked."""
    earlier = next((answer for answer in query.answers if answer.question == question.key), None)
    return QuestionPage(
        city=city,
        events=events_of(query.life_events, outline),
        question=question,
        text=marked_terms(question.text, terms),
        help=marked_terms(question.help or "", terms),
        terms=tuple(terms),
        left=left,
        hidden=tuple(fields(query)),
        back_url=back_url,
        chosen=_ticked(earlier) if chosen is None else frozenset(chosen),
        error=error,
        notice=notice,
    )


def _ticked(answer: Answer | None) -> frozenset[str]:
    if answer is None:
        return frozenset()
    if answer.unsure:
        return frozenset("?")
    return frozenset(option.partition("/")[2] for option in answer.options) or frozenset("-")


def review_page(
    city: Municipality,
    outline: Outline,
    *,
    query: Query,
    asked: Sequence[str],
    left: int,
    back_url: str,
    typed: Mapping[str, DateField] | None = None,
) -> ReviewPage:
    """The review; `asked` is the order in which the questions were asked (those not named follow by key)."""
    rank = {key: number for number, key in enumerate(asked)}
    answers = sorted(query.answers, key=lambda one: (rank.get(one.question, len(rank)), one.question))
    events = events_of(query.life_events, outline)
    return ReviewPage(
        city=city,
        events=events,
        events_url="/?" + "&".join(f"event={key}" for key in query.life_events),
        rows=_rows(answers, outline, query=query),
        days=tuple(_day_field(event, query, typed=typed or {}) for event in events if event.date_label),
        hidden=tuple(pair for pair in fields(query) if pair[0] != "date"),
        left=left,
        back_url=back_url,
        continue_url=address("/guide", query),
        dropped=dropped_notes(query.dropped, outline),
    )


def _rows(answers: Sequence[Answer], outline: Outline, *, query: Query) -> tuple[ReviewRow, ...]:
    """One row per answer; the short name of a question only where no other row has the same."""
    questions = [outline.questions[answer.question] for answer in answers]
    names = [called(question) for question in questions]
    return tuple(
        ReviewRow(
            name if names.count(name) == 1 else question.text,
            said(answer, outline),
            address("/guide", query, ask=question.key),
        )
        for name, question, answer in zip(names, questions, answers, strict=True)
    )


def _day_field(event: LifeEvent, query: Query, *, typed: Mapping[str, DateField]) -> DateField:
    if event.key in typed:
        return typed[event.key]
    day = query.dates.get(event.key)
    return DateField(event) if day is None else DateField(event, str(day.year), str(day.month), str(day.day))
