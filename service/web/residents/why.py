"""The pages of 「この手続きは必要？」: the procedures to ask about, and why one is listed or not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.content.models import (
    Clause,
    ExplainedCondition,
    Explanation,
    Kind,
    LifeEvent,
    Outline,
    Procedure,
    Question,
)
from service.guidance import search
from service.guidance.answers import Query, fields
from service.guidance.municipality import Municipality
from service.web.residents import context
from service.web.residents.layout import CitizenPage
from service.web.residents.links import LinkGroup, PageLink, by_field
from service.web.residents.parts import Fields, Said, address, called, events_of, said

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class DecidingAnswer:
    """An answer that decided a clause, what its question asks, and where it can be changed."""

    question: str
    said: Said
    change_url: str


@dataclass(frozen=True, slots=True)
class WhyClause:
    """A clause of a condition in words: one of `options` has to be chosen, or (`negated`) must not be.

    `ask_url` leads to the question of an open clause that nobody has answered yet.
    """

    options: tuple[tuple[str, str], ...]
    negated: bool
    state: Literal["true", "open", "false"]
    answers: tuple[DecidingAnswer, ...]
    ask_url: str | None = None


@dataclass(frozen=True, slots=True)
class WhyCondition:
    """A reason that could list the procedure, and the clauses that decide it."""

    label: str
    state: Literal["true", "open", "false"]
    clauses: tuple[WhyClause, ...]


@dataclass(frozen=True, kw_only=True)
class WhyPage(CitizenPage):
    """「この手続きは必要？」 for one procedure.

    `nearest` is the reason that fewest answers decide, None where no life event leads there; `others` the rest.
    """

    template: ClassVar[str] = "citizen/why.html"
    private: ClassVar[bool] = True

    procedure: Procedure
    status: Literal["applies", "may_apply", "not_listed"]
    nearest: WhyCondition | None
    others: tuple[WhyCondition, ...]
    events: tuple[LifeEvent, ...]
    result_url: str
    list_url: str


@dataclass(frozen=True, kw_only=True)
class WhyListPage(CitizenPage):
    """The procedures to ask 「この手続きは必要？」 about; all of them without words to search for."""

    template: ClassVar[str] = "citizen/why_list.html"
    private: ClassVar[bool] = True

    words: str
    groups: tuple[LinkGroup, ...]
    hidden: Fields
    result_url: str


@router.get("/why")
async def show_list(request: Request) -> Response:
    """The procedures to ask about, those that the words in `q` name."""
    guidance_service = context.guidance_service(request)
    visit = await guidance_service.visit(context.parameters(request))
    number = visit.edition.number
    procedures = await guidance_service.catalogue.procedures(number)
    typed = request.query_params.get("q", "")[: search.MOST_LENGTH]
    if search.query(typed).parts:
        found = search.results(await guidance_service.catalogue.searchable(number), typed)
        procedures = {entry.key: procedures[entry.key] for entry in found.procedures}
    page = why_list_page(guidance_service.city, query=visit.query, words=typed, procedures=procedures.values())
    return context.respond(request, page)


@router.get("/why/{key}")
async def show(request: Request, key: str) -> Response:
    """Why one procedure is listed or not."""
    guidance_service = context.guidance_service(request)
    visit = await guidance_service.visit(context.parameters(request))
    procedure = await guidance_service.catalogue.item(visit.edition.number, key, Kind.PROCEDURE)
    explanation = await guidance_service.why(visit, key)
    assert isinstance(procedure, Procedure)
    page = why_page(
        guidance_service.city, visit.outline, query=visit.query, procedure=procedure, explanation=explanation
    )
    return context.respond(request, page)


def why_page(
    city: Municipality, outline: Outline, *, query: Query, procedure: Procedure, explanation: Explanation
) -> WhyPage:
    """Why the procedure is listed or not: the nearest reason, and the others by nearness."""
    state = {"applies": "true", "may_apply": "open", "not_listed": "false"}[explanation.status]
    telling = [condition for condition in explanation.conditions if condition.state == state]
    reasons = sorted((_why_condition(condition, outline, query=query) for condition in telling), key=_distance)
    return WhyPage(
        city=city,
        procedure=procedure,
        status=explanation.status,
        nearest=reasons[0] if reasons else None,
        others=tuple(reasons[1:]),
        events=events_of(query.life_events, outline),
        result_url=address("/result", query),
        list_url=address("/why", query),
    )


def _distance(condition: WhyCondition) -> tuple[int, int]:
    """Sorts by how many clauses decide, then by how many of those no answer of the resident's own does."""
    return (len(condition.clauses), sum(not (clause.answers or clause.ask_url) for clause in condition.clauses))


def _why_condition(condition: ExplainedCondition, outline: Outline, *, query: Query) -> WhyCondition:
    """The condition with the clauses that made it what it is (all clauses of a true one)."""
    decisive = [clause for clause in condition.clauses if clause.state == condition.state]
    clauses = tuple(_why_clause(clause, outline, query=query) for clause in decisive)
    return WhyCondition(condition.label, condition.state, clauses)


def _why_clause(clause: Clause, outline: Outline, *, query: Query) -> WhyClause:
    labels = {
        option.key: (called(question), option.label)
        for question in _questions_of(clause.options, outline)
        for option in question.options
    }
    decided = tuple(
        DecidingAnswer(
            outline.questions[answer.question].text,
            said(answer, outline),
            address("/guide", query, ask=answer.question),
        )
        for answer in clause.answers
    )
    waiting = clause.state == "open" and not decided
    asked = address("/guide", query, ask=clause.options[0].partition("/")[0]) if waiting else None
    return WhyClause(tuple(labels[option] for option in clause.options), clause.negated, clause.state, decided, asked)


def _questions_of(options: Iterable[str], outline: Outline) -> list[Question]:
    keys = dict.fromkeys(option.partition("/")[0] for option in options)
    return [outline.questions[key] for key in keys]


def why_list_page(city: Municipality, *, query: Query, words: str, procedures: Iterable[Procedure]) -> WhyListPage:
    """The procedures found, by field, each with a link to why."""

    def link(procedure: Procedure) -> PageLink:
        return PageLink(procedure.name, address(f"/why/{procedure.key}", query), procedure.summary)

    return WhyListPage(
        city=city,
        words=words,
        groups=by_field(procedures, link),
        hidden=tuple(fields(query)),
        result_url=address("/result", query),
    )
