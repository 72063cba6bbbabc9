"""All households of some questions, one by one, by the plain evaluation: what counts and proofs are checked against."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, combinations
from random import Random

from service.analysis.comparison import LISTED, NEEDED, Change
from service.content.models import Answer, Content, Question
from tests.contents import random_content, random_life_events
from tests.evaluation import Evaluation, ExpectedProcedure, question_of

Answers = tuple[Answer, ...]
Seen = frozenset[Change]


def looked_at(content: Content, events: Iterable[str]) -> set[str]:
    """The questions that the conditions of the life events look at, and all that these follow."""
    chosen = set(events)
    options: list[str] = []
    for condition in content.conditions:
        if chosen & set(condition.life_events):
            options += [*chain(*condition.requires), *condition.excludes]
    return followed(content, {question_of(option) for option in options})


def followed(content: Content, questions: Iterable[str]) -> set[str]:
    """These questions with all that they follow."""
    by_key = {question.key: question for question in content.questions}
    found: set[str] = set()

    def climb(key: str) -> None:
        if key not in found:
            found.add(key)
            for option in by_key[key].asked_after:
                climb(question_of(option))

    for key in questions:
        climb(key)
    return found


def parents_first(content: Content, keys: Iterable[str]) -> list[Question]:
    """The questions in an order in which each comes after those that it follows."""
    left = {question.key: question for question in content.questions if question.key in set(keys)}
    made: list[Question] = []
    while left:
        ready = [one for one in left.values() if not {question_of(option) for option in one.asked_after} & set(left)]
        made += ready
        for one in ready:
            del left[one.key]
    return made


def small(rng: Random, *, conditions: int, most: int) -> tuple[Content, list[str]]:
    """A random content of up to so many conditions, with life events that have at most so many households."""
    while True:
        content = random_content(
            rng,
            questions=rng.randint(0, 6),
            conditions=rng.randint(1, conditions),
            procedures=rng.randint(1, 4),
            documents=3,
            described=False,
        )
        events = random_life_events(rng, content)
        if at_most(content, looked_at(content, events)) <= most:
            return content, events


def households(content: Content, questions: Iterable[str]) -> Iterator[Answers]:
    """Every household: each way to answer every question that is not moot; answers by question key."""
    yield from (
        tuple(sorted(one, key=lambda answer: answer.question))
        for one in _extended(content, parents_first(content, questions), ())
    )


def _extended(content: Content, left: list[Question], said: Answers) -> Iterator[Answers]:
    if not left:
        yield said
        return
    question, rest = left[0], left[1:]
    if Evaluation(content, [], said).moot(question.key):
        yield from _extended(content, rest, said)
        return
    for options in ways(question):
        yield from _extended(content, rest, (*said, Answer(question.key, options)))


def ways(question: Question) -> Iterator[tuple[str, ...]]:
    """Every possible definite answer, as option keys in option order."""
    keys = [option.key for option in question.options]
    sizes = [1] if question.kind == "one" else range(len(keys) + 1)
    return chain.from_iterable(combinations(keys, size) for size in sizes)


def at_most(content: Content, questions: Iterable[str]) -> int:
    """A bound on the number of households that costs nothing."""
    product = 1
    for question in parents_first(content, questions):
        product *= sum(1 for _ in ways(question)) + (1 if question.asked_after else 0)
    return product


def random_household(rng: Random, content: Content, questions: Iterable[str]) -> Answers:
    """One household; every way to answer a question is as likely."""
    said: list[Answer] = []
    for question in parents_first(content, questions):
        if not Evaluation(content, [], said).moot(question.key):
            said.append(Answer(question.key, rng.choice(list(ways(question)))))
    return tuple(sorted(said, key=lambda answer: answer.question))


# Two contents


def questions_of(old: Content, new: Content, events: Iterable[str]) -> set[str]:
    """Those that either edition's conditions look at, as far as the new one has them."""
    has = {question.key for question in new.questions}
    return looked_at(new, events) | followed(new, looked_at(old, events) & has)


def carried_back(old: Content, events: Iterable[str], answers: Answers) -> tuple[Answers, set[tuple[str, str | None]]]:
    """What the household answers to the old edition, and why it cannot."""
    given = {answer.question: answer for answer in answers}
    said: list[Answer] = []
    why = set()
    for question in parents_first(old, looked_at(old, events)):
        answer = given.get(question.key)
        if answer is None or Evaluation(old, events, said).moot(question.key):
            continue
        offered = [option.key for option in question.options if option.key in answer.options]
        if question.kind == "many" or len(offered) == 1:
            said.append(Answer(question.key, tuple(offered)))
        else:
            [*others] = answer.options
            why.add((question.key, others[0] if len(others) == 1 else None))
    return tuple(sorted(said, key=lambda answer: answer.question)), why


def differences(before: Mapping[str, ExpectedProcedure], after: Mapping[str, ExpectedProcedure]) -> Seen:
    """What changed between two results."""
    found = set()
    for key in {*before, *after}:
        was, now = before.get(key), after.get(key)
        one, other = was.status if was else LISTED[0], now.status if now else LISTED[0]
        if one != other:
            found.add(Change(key, None, one, other))
        if was and now:
            for document in {*was.documents, *now.documents}:
                first, second = was.documents.get(document, NEEDED[0]), now.documents.get(document, NEEDED[0])
                if first != second:
                    found.add(Change(key, document, first, second))
    return frozenset(found)
