"""The scenarios of the cities, and of the law beneath them, are green by an evaluation that shares nothing
with the product's."""

from __future__ import annotations

import pytest

from service.content.models import Answer, Content, Scenario
from tests.evaluation import Evaluation, answers_of, differing, evaluate
from tests.seed import CITIES, national, of_city

EACH = pytest.mark.parametrize(
    "content",
    [national(), *(of_city(city).content for city in CITIES)],
    ids=["law alone", *(city.name for city in CITIES)],
)


def next_question(content: Content, scenario: Scenario, answers: list[Answer]) -> str | None:
    """What the household is asked next; None at the end."""
    state = Evaluation(content, scenario.life_events, answers)
    return state.best_of(state.candidates())


def asked(content: Content, scenario: Scenario) -> set[str]:
    """The questions of the household's interview; one that it does not answer is the last."""
    given = {answer.question: answer for answer in answers_of(scenario)}
    keys: list[str] = []
    while question := next_question(content, scenario, [given[key] for key in keys]):
        if question not in given:
            return {*keys, question}
        keys.append(question)
    return set(keys)


@EACH
def test_the_guide_says_what_the_scenarios_expect(content: Content) -> None:
    wrong = {scenario.key: differing(content, scenario) for scenario in content.scenarios}
    assert wrong
    assert {key: found for key, found in wrong.items() if any(found)} == {}


@EACH
def test_households_answer_what_they_are_asked_and_nothing_else(content: Content) -> None:
    wrong = {
        scenario.key: asked(content, scenario) ^ {answer.question for answer in answers_of(scenario)}
        for scenario in content.scenarios
    }
    assert {key: questions for key, questions in wrong.items() if questions} == {}


def test_the_second_city_s_own_households_are_told_all_that_they_expect_and_nothing_else() -> None:
    """The law's procedures and the city's own, in one list: those of the law are not all there is, nor the city's."""
    content, law = of_city(CITIES[1]).content, national()
    own_households = {one.key for one in content.scenarios} - {one.key for one in law.scenarios}
    households = [one for one in content.scenarios if one.key in own_households]
    assert len(households) >= 8
    for scenario in households:
        listed = evaluate(content, scenario.life_events, answers_of(scenario)).procedures
        assert {key: found.status for key, found in listed.items()} == dict.fromkeys(scenario.expects, "applies")
    own_procedures = {one.key for one in content.procedures} - {one.key for one in law.procedures}
    assert own_procedures <= {key for one in households for key in one.expects}
