"""Every scenario of the seed is green, and was asked to the end; every life event has at least four."""

from __future__ import annotations

import pytest

from service.content.models import Scenario
from tests.evaluation import answers_of, evaluate
from tests.seed import seed

SCENARIOS = seed().scenarios


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.key)
def test_the_guide_says_what_the_scenario_expects(scenario: Scenario) -> None:
    guidance = evaluate(seed(), scenario.life_events, answers_of(scenario))
    applies = {key for key, listed in guidance.procedures.items() if listed.status == "applies"}
    assert set(scenario.expects) - applies == set(), "expected and not certain"
    assert set(scenario.rules_out) & set(guidance.procedures) == set(), "ruled out and listed"
    assert guidance.next_question is None, "the household was not asked to the end"


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.key)
def test_the_household_answers_only_what_it_is_asked(scenario: Scenario) -> None:
    given = {answer.question: answer for answer in answers_of(scenario)}
    asked: list[str] = []
    while next_question := evaluate(seed(), scenario.life_events, [given[key] for key in asked]).next_question:
        assert next_question in given, f"{next_question} is asked and not answered"
        asked.append(next_question)
    assert set(given) == set(asked)


def test_every_life_event_has_at_least_four() -> None:
    alone = [scenario.life_events[0] for scenario in SCENARIOS if len(scenario.life_events) == 1]
    assert {event.key: alone.count(event.key) >= 4 for event in seed().life_events} == {
        event.key: True for event in seed().life_events
    }


def test_life_events_come_together_too() -> None:
    assert sum(len(scenario.life_events) > 1 for scenario in SCENARIOS) >= 2


def test_every_procedure_is_expected_somewhere() -> None:
    expected = {key for scenario in SCENARIOS for key in scenario.expects}
    assert {procedure.key for procedure in seed().procedures} - expected == set()
