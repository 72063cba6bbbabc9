"""The page of the order of questions, and of what another order would cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.analysis.interview_paths import Journeys, Moved
from service.content.models import Content
from service.diff_text import differences
from service.editions.interviews import Interviews
from service.web.previews import Number
from service.web.staff import context, households
from service.web.staff.context import Staff, StaffContext
from service.web.staff.layout import EditionPage

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question of a life event: its place, and how many households are asked it."""

    key: str
    text: str
    position: int
    asked: int


@dataclass(frozen=True, slots=True)
class EventQuestions:
    """The interviews about one life event: figures, questions in their order, the longest one in words, vain ones."""

    key: str
    name: str
    journeys: Journeys | None
    questions: tuple[AskedQuestion, ...]
    longest: tuple[tuple[str, str], ...]
    idle: tuple[tuple[str, int], ...] | None


@dataclass(frozen=True, kw_only=True)
class QuestionsPage(EditionPage):
    """The order of questions, event by event; `trials` are other places for the question that was asked about.

    `trials` None: none was asked about, or it could not be decided (`tried` is its text then).
    """

    template: ClassVar[str] = "staff/questions.html"

    events: Sequence[EventQuestions]
    event: str
    tried: str
    trials: Sequence[Moved] | None


@router.get("/staff/editions/{number}/questions")
async def show(request: Request, number: Number, actor: Staff, event: str = "", question: str = "") -> Response:
    """How many questions residents are asked, and what another order would cost."""
    page = questions_page(context.visit(request, actor), number, event=event, question=question)
    return context.respond(await page)


async def questions_page(visit: StaffContext, number: int, *, event: str = "", question: str = "") -> QuestionsPage:
    """The page of the order of questions. Errors: NotFound (also for a life event or a question that is not there)."""
    about = await context.about(visit, number)
    content, items = await visit.reviewer.content(about.edition)
    names = differences.names(items)
    trials = await visit.service.moves(number, event, question=question) if question else None
    return QuestionsPage(
        frame=visit.frame,
        about=about,
        events=[_questions(each, content, names) for each in await visit.service.interviews(number)],
        event=event if question else "",
        tried=names.get(question, question),
        trials=trials,
    )


def _questions(interviews: Interviews, content: Content, names: Mapping[str, str]) -> EventQuestions:
    journeys = interviews.journeys
    asked = journeys.asked if journeys else {}
    ordered = sorted(content.questions, key=lambda question: (question.position, question.key))
    return EventQuestions(
        key=interviews.event,
        name=names[interviews.event],
        journeys=journeys,
        questions=tuple(
            AskedQuestion(question.key, question.text, question.position, asked[question.key])
            for question in ordered
            if question.key in asked
        ),
        longest=households.answered(journeys.longest, names) if journeys else (),
        idle=None
        if interviews.idle is None
        else tuple((names.get(idle.question, idle.question), idle.households) for idle in interviews.idle),
    )
