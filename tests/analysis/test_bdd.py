"""Decision diagrams agree with brute force: every household of many small contents, one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from random import Random

import pytest

from bench.contents import dense
from service.analysis.bdd import ALL, NONE, VARIABLES, Compiled, Diagram, NotDecided, compiled
from service.content.models import Condition, Content
from tests.evaluation import Evaluation, question_of
from tests.households import Answers, at_most, households, looked_at, small
from tests.seed import seed

CONTENTS = 400
PARTS = 4
MOST = 300
"""Households of one content that are looked at one by one."""

Holds = Callable[[Evaluation], bool]


def holds(diagram: Diagram, node: int, answers: Answers) -> bool:
    """Whether the node holds for the household, found by walking down the diagram."""
    chosen = {option for answer in answers for option in answer.options}
    while node not in (ALL, NONE):
        level, low, high = diagram.succ(node)
        assert low is not None and high is not None
        node = (high if diagram.var_at_level(level) in chosen else low) * (1 if node > 0 else -1)
    return node == ALL


def claims(found: Compiled, content: Content) -> Iterator[tuple[int, Holds]]:
    """Everything that can be asked, each with the plain evaluation's way to say it."""
    yield ALL, lambda state: True
    for question in found.questions:
        yield found.asked(question.key), partial(_asked, question.key)
        for option in question.options:
            yield found.option(option.key), partial(_chosen, option.key)
    for row in content.conditions:
        if row.key in found.reading.conditions:
            yield found.condition(row.key), partial(_true, row)
    for procedure in content.procedures:
        yield found.applies(procedure.key), partial(_applies, procedure.key)
        for document in content.documents:
            yield found.needed(procedure.key, document.key), partial(_needed, procedure.key, document.key)


def _asked(key: str, state: Evaluation) -> bool:
    return not state.moot(key)


def _chosen(key: str, state: Evaluation) -> bool:
    return state.option(key) == "in"


def _true(row: Condition, state: Evaluation) -> bool:
    return state.condition(row) == "true"


def _applies(key: str, state: Evaluation) -> bool:
    return state.status(key) == "applies"


def _needed(key: str, document: str, state: Evaluation) -> bool:
    return state.status(key) == "applies" and document in state.certain_documents(key)


@pytest.mark.parametrize("part", range(PARTS))
def test_every_count_and_every_proof(part: int) -> None:
    rng = Random(f"diagrams {part}")
    for _ in range(CONTENTS // PARTS):
        content, events = small(rng, conditions=7, most=MOST)
        found = compiled(content, events)
        everybody = list(households(content, looked_at(content, events)))
        states = [Evaluation(content, events, answers) for answers in everybody]
        assert {question.key for question in found.questions} == looked_at(content, events)
        assert found.count() == len(everybody) == len(set(everybody))
        for node, says in claims(found, content):
            true_for = [answers for answers, state in zip(everybody, states, strict=True) if says(state)]
            assert [answers for answers in everybody if holds(found.diagram, node, answers)] == true_for
            assert found.count(node) == len(true_for)
            assert found.count(-node) == len(everybody) - len(true_for)
            assert found.never(node) == (not true_for)
            assert found.always(node) == (len(true_for) == len(everybody))
            check_witness(found.witness(node), true_for)


def check_witness(witness: Answers | None, true_for: list[Answers]) -> None:
    """One of them with the fewest options chosen; none only if there is none."""
    if witness is None:
        assert true_for == []
    else:
        assert witness in true_for
        assert chosen(witness) == min(map(chosen, true_for))


def chosen(answers: Answers) -> int:
    return sum(len(answer.options) for answer in answers)


def test_one_thing_implies_another_or_is_the_same() -> None:
    rng = Random("implies")
    yes = no = 0
    for _ in range(60):
        content, events = small(rng, conditions=7, most=MOST)
        found = compiled(content, events)
        told = [
            (
                node,
                {
                    answers
                    for answers in households(content, looked_at(content, events))
                    if says(Evaluation(content, events, answers))
                },
            )
            for node, says in claims(found, content)
        ]
        for (one, where), (other, elsewhere) in product(told[-8:], told):
            assert found.implies(one, other) == (where <= elsewhere)
            assert found.same(one, other) == (where == elsewhere)
            yes, no = yes + (where <= elsewhere), no + (not where <= elsewhere)
    assert yes > 100 and no > 100


def test_which_answers_decide() -> None:
    rng = Random("swings")
    seen = 0
    for _ in range(150):
        content, events = small(rng, conditions=7, most=MOST)
        found = compiled(content, events)
        everybody = list(households(content, looked_at(content, events)))
        for question, procedure in product(found.questions, content.procedures):
            below = followers(content, question.key)
            results: dict[Answers, set[str]] = {}
            for answers in everybody:
                status = Evaluation(content, events, answers).status(procedure.key)
                results.setdefault(others(answers, below), set()).add(status)
            node = found.swings(found.applies(procedure.key), question.key)
            expected = [
                answers
                for answers in everybody
                if len(results[others(answers, below)]) == 2 and question.key in {one.question for one in answers}
            ]
            assert [answers for answers in everybody if holds(found.diagram, node, answers)] == expected
            seen += bool(expected)
    assert seen > 50


def followers(content: Content, key: str) -> set[str]:
    """The question and all that follow it."""
    found = {key}
    for _ in content.questions:
        found |= {one.key for one in content.questions if found & {question_of(option) for option in one.asked_after}}
    return found


def others(answers: Answers, but: set[str]) -> Answers:
    return tuple(answer for answer in answers if answer.question not in but)


def test_further_questions_can_count() -> None:
    rng = Random("also")
    for _ in range(50):
        content, events = small(rng, conditions=7, most=MOST)
        everything = {question.key for question in content.questions}
        if at_most(content, everything) <= MOST:
            found = compiled(content, events, also=everything)
            assert found.count() == len(list(households(content, everything)))


def test_a_question_that_goes_too_far_is_not_decided() -> None:
    with pytest.raises(NotDecided) as refused:
        compiled(dense(), ["life"], steps=100)
    assert (refused.value.why, refused.value.limit) == ("steps", 100)
    found = compiled(dense(), ["life"], steps=2_000)
    with pytest.raises(NotDecided) as refused:
        [found.applies(procedure) for procedure in found.reading.procedures]
    assert (refused.value.why, refused.value.limit) == ("steps", 2_000)
    names = [f"q/{number}" for number in range(VARIABLES + 1)]
    with pytest.raises(NotDecided) as refused:
        Diagram(names)
    assert (refused.value.why, refused.value.limit) == ("variables", VARIABLES)


def test_as_many_variables_as_are_allowed_can_be_decided() -> None:
    names = [f"q/{number}" for number in range(VARIABLES)]
    diagram = Diagram(names)
    node = diagram.any_of(diagram.var(name) for name in names)
    assert diagram.count(node, VARIABLES) == 2**VARIABLES - 1
    assert diagram.fewest(node) == frozenset(names[:1])
    assert diagram.some(names[::2], diagram.all_of(map(diagram.var, names))) == diagram.all_of(
        map(diagram.var, names[1::2])
    )
    assert diagram.fewest(diagram.all_of(diagram.var(name) for name in names)) == frozenset(names)


def test_every_life_event_of_the_first_edition() -> None:
    """Its households cannot be looked at one by one; each witness can."""
    content = seed()
    for event in content.life_events:
        found = compiled(content, [event.key])
        assert found.count() > 10**6
        for procedure in content.procedures:
            applies = found.applies(procedure.key)
            for node, status in ((applies, "applies"), (-applies, "not_listed")):
                witness = found.witness(node)
                assert (witness is None) == (found.count(node) == 0)
                if witness is not None:
                    assert Evaluation(content, [event.key], witness).status(procedure.key) == status
