"""All answers so far, each to be changed, and the days of the life events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.content.models import Answer, LifeEvent, Outline
from service.guidance import forms, interview
from service.guidance.answers import Query, fields
from service.guidance.forms import Submission
from service.guidance.municipality import Municipality
from service.guidance.typed_days import DateProblem, Doubt
from service.web.residents import context, notices, submitted
from service.web.residents.layout import CitizenPage
from service.web.residents.notices import DroppedNote, Notice, dropped_notes
from service.web.residents.parts import Fields, Said, address, back_address, called, events_of, said

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """An answer, what its question is called, and where it can be changed."""

    name: str
    said: Said
    change_url: str


@dataclass(frozen=True, slots=True)
class DateField:
    """The day of a life event as typed, why it cannot be one, and why it is asked about."""

    event: LifeEvent
    year: str = ""
    month: str = ""
    day: str = ""
    error: DateProblem | None = None
    doubt: Doubt | None = None


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
    notice: Notice | None = None


@router.get("/review")
async def show(request: Request) -> Response:
    """All answers; days that were sent and are possible go on to the result."""
    guidance_service, parameters = context.guidance_service(request), context.parameters(request)
    visit = await guidance_service.visit(parameters)
    form = submitted.read(request, visit)
    if forms.is_form(parameters) and form.accepted:
        return submitted.redirect("/result", request, form)
    page = review_page(
        guidance_service.city,
        visit.outline,
        query=replace(visit.query, dates=form.query.dates, dropped=visit.query.dropped + visit.changes),
        left=(await guidance_service.next_question(visit)).left_at_most,
        typed=_typed(form, visit.outline),
        notice=notices.of_unknown(visit),
    )
    return context.respond(request, page, status=422 if form.date_errors else 200)


def _typed(form: Submission, outline: Outline) -> dict[str, DateField]:
    """The days as they were typed, by life event."""
    return {
        key: DateField(
            outline.life_events[key], day.year, day.month, day.day, form.date_errors.get(key), form.doubts.get(key)
        )
        for key, day in form.typed.items()
    }


def review_page(
    city: Municipality,
    outline: Outline,
    *,
    query: Query,
    left: int,
    typed: Mapping[str, DateField] | None = None,
    notice: Notice | None = None,
) -> ReviewPage:
    """The review, answers in the order of the interview; `typed` days in place of those of the query."""
    rank = {key: number for number, key in enumerate(interview.order(query, outline))}
    answers = sorted(query.answers, key=lambda answer: rank[answer.question])
    events = events_of(query.life_events, outline)
    return ReviewPage(
        city=city,
        events=events,
        events_url=address("/", query),
        rows=_rows(answers, outline, query=query),
        days=tuple(_day_field(event, query, typed=typed or {}) for event in events if event.date_label),
        hidden=tuple((forms.SURE if name == "date" else name, value) for name, value in fields(query)),
        left=left,
        back_url=back_address(query, outline, asked=None),
        continue_url=address("/guide", query),
        dropped=dropped_notes(query.dropped, outline) if notice is None else (),
        notice=replace(notice, url=None) if notice else None,
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
