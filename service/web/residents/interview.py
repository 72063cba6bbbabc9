"""The way back through an interview: addresses keep no order, so it follows from the stages of the questions."""

from __future__ import annotations

from service.content.models import Outline
from service.guidance.answers import Query
from service.web.residents.layout import address


def order(query: Query, outline: Outline) -> list[str]:
    """The answered questions in the order in which they are asked: what a question follows first, then by stage."""
    answered = [answer.question for answer in query.answers if answer.question in outline.questions]
    return sorted(answered, key=lambda key: (_stage(key, outline, seen=frozenset()), key))


def _stage(key: str, outline: Outline, *, seen: frozenset[str]) -> tuple[int, int]:
    """The latest position on the way to the question, and how many questions come before it on that way."""
    question = outline.questions[key]
    before = {option.partition("/")[0] for option in question.asked_after} - seen
    stages = [_stage(one, outline, seen=seen | {key}) for one in before if one in outline.questions]
    position, depth = max(stages, default=(question.position, -1))
    return (max(position, question.position), depth + 1)


def back_url(query: Query, outline: Outline, *, before: str | None) -> str:
    """The address of the question before this one (of the last one for None); the home page from the first."""
    asked = order(query, outline)
    earlier = asked[: asked.index(before)] if before in asked else asked
    if not earlier:
        return "/?" + "&".join(f"event={key}" for key in query.life_events)
    return address("/guide", query, ask=earlier[-1])
