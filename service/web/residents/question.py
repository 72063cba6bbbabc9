"""One question of the interview."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.content.models import Answer, LifeEvent, Outline, Question, Term
from service.guidance import forms
from service.guidance.answers import Query, fields
from service.guidance.forms import AnswerProblem, Submission
from service.guidance.municipality import Municipality
from service.guidance.service import Visit
from service.web.residents import context, home, kept, notices, submitted
from service.web.residents.layout import CitizenPage
from service.web.residents.notices import Notice
from service.web.residents.parts import Fields, Piece, back_address, events_of, marked_terms

router = APIRouter(include_in_schema=False)


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


@router.get("/guide")
async def show(request: Request) -> Response:
    """The next question, or on to the review; a submitted form goes on to the address of its answers."""
    guidance_service, parameters = context.guidance_service(request), context.parameters(request)
    if not any(name == "event" for name, _ in parameters):
        return context.redirect(request, home.missing_address(parameters))
    visit = await guidance_service.visit(parameters)
    if forms.is_form(parameters):
        return await _submitted(request, visit)
    asked = request.query_params.get("ask")
    following = await guidance_service.next_question(visit)
    key = asked if asked in visit.outline.questions else following.key
    if key is None:
        return context.redirect(request, context.same_query("/review", request))
    page = await _page(request, visit, key, left=following.left_at_most)
    return kept.respond(request, visit, page)


async def _submitted(request: Request, visit: Visit) -> Response:
    form = submitted.read(request, visit)
    if form.error is None or form.question not in visit.outline.questions:
        return submitted.redirect("/guide", request, form)
    left = (await context.guidance_service(request).next_question(visit)).left_at_most
    page = await _page(request, visit, form.question, left=left, form=form)
    return context.respond(request, page, status=422)


async def _page(request: Request, visit: Visit, key: str, *, left: int, form: Submission | None = None) -> QuestionPage:
    guidance_service = context.guidance_service(request)
    terms = await guidance_service.catalogue.terms_in(visit.edition.number, [key])
    return question_page(
        guidance_service.city,
        visit.outline,
        question=visit.outline.questions[key],
        query=visit.query,
        terms=terms.get(key, ()),
        left=left,
        chosen=form.chosen if form else None,
        error=form.error if form else None,
        notice=notices.for_question(visit),
    )


def question_page(
    city: Municipality,
    outline: Outline,
    *,
    question: Question,
    query: Query,
    terms: Sequence[Term],
    left: int,
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
        back_url=back_address(query, outline, asked=question.key),
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
