"""The rows of the seed say each thing once: nothing unreachable, swallowed, tautological or unused."""

from __future__ import annotations

import random

import pytest

from bench.interviews import interview
from service.content.models import Answer, Condition
from tests.evaluation import evaluate
from tests.seed import seed

EVENTS = [event.key for event in seed().life_events]
QUESTIONS = {question.key: question for question in seed().questions}
INTERVIEWS = 60


def rows(event: str) -> list[Condition]:
    return [row for row in seed().conditions if event in row.life_events]


def clauses(row: Condition) -> set[frozenset[str]]:
    return {frozenset(clause) for clause in row.requires} | {frozenset({f"not {key}"}) for key in row.excludes}


def implied(clause: frozenset[str], narrower: set[frozenset[str]]) -> bool:
    return any(other <= clause for other in narrower)


@pytest.mark.parametrize("event", EVENTS)
def test_no_row_is_swallowed_by_a_wider_one(event: str) -> None:
    for narrow in rows(event):
        for wide in rows(event):
            wider = narrow is not wide and all(implied(clause, clauses(narrow)) for clause in clauses(wide))
            brings_nothing = set(narrow.selects) <= set(wide.selects) and set(narrow.needs) <= set(wide.needs)
            assert not (wider and brings_nothing), f"{narrow.key} says nothing beyond {wide.key}"


@pytest.mark.parametrize("event", EVENTS)
def test_no_two_rows_ask_the_same_for_the_same_documents(event: str) -> None:
    seen: dict[tuple[frozenset[frozenset[str]], frozenset[str]], str] = {}
    for row in rows(event):
        same = (frozenset(clauses(row)), frozenset(row.needs))
        assert same not in seen, f"{row.key} and {seen[same]} are one row"
        seen[same] = row.key


@pytest.mark.parametrize("event", EVENTS)
def test_no_clause_lists_every_answer(event: str) -> None:
    for row in rows(event):
        for clause in row.requires:
            keys = {key.partition("/")[0] for key in clause}
            for question in (QUESTIONS[key] for key in keys):
                everything = {option.key for option in question.options} <= set(clause)
                assert not (everything and question.kind == "one" and not question.asked_after), row.key


@pytest.mark.parametrize("event", EVENTS)
def test_labels_tell_rows_apart(event: str) -> None:
    """A reason that stands twice under one procedure tells the resident nothing."""
    for procedure in {key for row in rows(event) for key in row.selects}:
        labels = [row.label for row in rows(event) if procedure in row.selects]
        assert len(labels) == len(set(labels)), procedure


@pytest.mark.parametrize("event", EVENTS)
def test_everything_can_be_reached(event: str) -> None:
    """By interviews of made-up households: each question of the event is asked, each procedure certain for someone."""
    chance = random.Random(event)
    asked: set[str] = set()
    certain: set[str] = set()
    for _ in range(INTERVIEWS):
        answers = interview(seed(), (event,), chance)
        asked |= {answer.question for answer in answers}
        guidance = evaluate(seed(), (event,), answers)
        certain |= {key for key, listed in guidance.procedures.items() if listed.status == "applies"}
    required = {key.partition("/")[0] for row in rows(event) for clause in row.requires for key in clause}
    assert required - asked == set()
    assert {key for row in rows(event) for key in row.selects} - certain == set()


def test_every_option_decides_something_or_is_the_other_answer() -> None:
    used = {key for row in seed().conditions for clause in row.requires for key in clause}
    used |= {key for row in seed().conditions for key in row.excludes}
    used |= {key for question in seed().questions for key in question.asked_after}
    for question in seed().questions:
        for option in question.options:
            assert question.kind == "one" or option.key in used, option.key


@pytest.mark.parametrize("event", EVENTS)
def test_nobody_is_asked_more_than_fifteen_questions(event: str) -> None:
    chance = random.Random(f"long {event}")
    assert max(len(interview(seed(), (event,), chance)) for _ in range(INTERVIEWS)) <= 15


def test_a_resident_who_is_always_unsure_reaches_the_end() -> None:
    """Whoever answers わからない wherever it is offered, and the first option elsewhere."""
    for event in EVENTS:
        answers: list[Answer] = []
        while (key := evaluate(seed(), (event,), answers).next_question) is not None:
            question = QUESTIONS[key]
            answers.append(Answer(key, unsure=True) if question.unsure else Answer(key, (question.options[0].key,)))
        assert len(answers) <= 15
