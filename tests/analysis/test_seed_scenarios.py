"""The scenarios of the first edition are green by an evaluation that shares nothing with the product's."""

from __future__ import annotations

from service.content.models import Answer, Scenario
from tests.evaluation import Evaluation, answers_of, evaluate
from tests.seed import seed


def told(scenario: Scenario) -> tuple[set[str], set[str]]:
    """What is expected and not certain, and what is ruled out and listed."""
    guidance = evaluate(seed(), scenario.life_events, answers_of(scenario))
    applies = {key for key, listed in guidance.procedures.items() if listed.status == "applies"}
    return set(scenario.expects) - applies, set(scenario.rules_out) & set(guidance.procedures)


def next_question(scenario: Scenario, answers: list[Answer]) -> str | None:
    """What the household is asked next; None at the end."""
    state = Evaluation(seed(), scenario.life_events, answers)
    return state.best_of(state.candidates())


def asked(scenario: Scenario) -> set[str]:
    """The questions of the household's interview; one that it does not answer is the last."""
    given = {answer.question: answer for answer in answers_of(scenario)}
    keys: list[str] = []
    while question := next_question(scenario, [given[key] for key in keys]):
        if question not in given:
            return {*keys, question}
        keys.append(question)
    return set(keys)


def test_the_guide_says_what_the_scenarios_expect() -> None:
    wrong = {scenario.key: told(scenario) for scenario in seed().scenarios}
    assert wrong
    assert {key: found for key, found in wrong.items() if any(found)} == {}


def test_households_answer_what_they_are_asked_and_nothing_else() -> None:
    wrong = {
        scenario.key: asked(scenario) ^ {answer.question for answer in answers_of(scenario)}
        for scenario in seed().scenarios
    }
    assert {key: questions for key, questions in wrong.items() if questions} == {}
