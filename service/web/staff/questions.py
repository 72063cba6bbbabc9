"""The page of the order of questions, and of what another order would cost."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.analysis.bdd import NotDecided
from service.analysis.interview_paths import Idle, Journeys, Moved, Walk, trials
from service.caching import PROCESS, Part
from service.content.models import Content
from service.diff_text import differences
from service.errors import NotFound
from service.web.previews import Number
from service.web.staff import context
from service.web.staff.compare import answered
from service.web.staff.context import Staff, Visit
from service.web.staff.layout import EditionPage

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Weighed:
    """The interviews about a life event in figures, and the questions asked in vain; None where not decided."""

    journeys: Journeys | None
    idle: tuple[Idle, ...] | None


_kept: Part[tuple[object, ...], Weighed] = PROCESS.part(lambda one: 20_000)
_tried: Part[tuple[object, ...], tuple[Moved, ...]] = PROCESS.part(lambda found: 2_000 + 6_000 * len(found))


@dataclass(frozen=True, slots=True)
class Asked:
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
    questions: tuple[Asked, ...]
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


async def questions_page(visit: Visit, number: int, *, event: str = "", question: str = "") -> QuestionsPage:
    """The page of the order of questions. Errors: NotFound (also for a life event or a question that is not there)."""
    about = await context.about(visit, number)
    content, items = await visit.reviewer.content(about.edition)
    names, digest = differences.names(items), about.edition.content_hash or ""
    told = []
    for one in sorted(content.life_events, key=lambda one: (one.position, one.key)):
        found = await _kept.fetch((digest, one.key), partial(asyncio.to_thread, _weighed, content, one.key))
        told.append(_questions(one.key, found, content, names))
    tried = None
    if question:
        counted = {asked.key for one in told if one.key == event for asked in one.questions}
        if question not in counted:
            raise NotFound("その質問は、このライフイベントでは聞かれません。")
        tried = await _trials(content, digest, event=event, question=question)
    return QuestionsPage(
        frame=visit.frame,
        about=about,
        events=told,
        event=event if question else "",
        tried=names.get(question, question),
        trials=tried,
    )


async def _trials(content: Content, digest: str, *, event: str, question: str) -> tuple[Moved, ...] | None:
    async def make() -> tuple[Moved, ...]:
        return await asyncio.to_thread(lambda: trials(content, [event], question=question))

    try:
        return await _tried.fetch((digest, event, question), make)
    except NotDecided:
        return None


def _weighed(content: Content, event: str) -> Weighed:
    try:
        walk = Walk(content, [event])
        found = walk.journeys()
    except NotDecided:
        return Weighed(None, None)
    try:
        return Weighed(found, walk.idle())
    except NotDecided:
        return Weighed(found, None)


def _questions(key: str, found: Weighed, content: Content, names: Mapping[str, str]) -> EventQuestions:
    figures = found.journeys
    ordered = sorted(content.questions, key=lambda one: (one.position, one.key))
    asked = figures.asked if figures else {}
    return EventQuestions(
        key=key,
        name=names[key],
        journeys=figures,
        questions=tuple(Asked(one.key, one.text, one.position, asked[one.key]) for one in ordered if one.key in asked),
        longest=answered(figures.longest, names) if figures else (),
        idle=None
        if found.idle is None
        else tuple((names.get(one.question, one.question), one.households) for one in found.idle),
    )
