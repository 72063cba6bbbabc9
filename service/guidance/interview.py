"""The order of an interview: addresses keep none, so it follows from the stages of the questions."""

from __future__ import annotations

from service.content.models import Outline
from service.guidance.answers import Query


def order(query: Query, outline: Outline) -> list[str]:
    """The answered questions in the order in which they are asked: what a question follows first, then by stage."""
    answered = [answer.question for answer in query.answers if answer.question in outline.questions]
    return sorted(answered, key=lambda key: (_stage(key, outline, questions_on_the_way=frozenset()), key))


def _stage(key: str, outline: Outline, *, questions_on_the_way: frozenset[str]) -> tuple[int, int]:
    """The latest position on the way to the question, and how many questions come before it on that way."""
    question = outline.questions[key]
    before = {option.partition("/")[0] for option in question.asked_after} - questions_on_the_way
    stages = [
        _stage(parent, outline, questions_on_the_way=questions_on_the_way | {key})
        for parent in before
        if parent in outline.questions
    ]
    position, depth = max(stages, default=(question.position, -1))
    return (max(position, question.position), depth + 1)


def question_before(query: Query, outline: Outline, *, asked: str | None) -> str | None:
    """The question that was answered before this one, the last one for None; None at the first."""
    answered = order(query, outline)
    earlier = answered[: answered.index(asked)] if asked in answered else answered
    return earlier[-1] if earlier else None
