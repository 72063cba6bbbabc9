"""Households of the same name are told the same, by an evaluation that knows nothing of names."""

from __future__ import annotations

from collections import defaultdict
from random import Random
from typing import Any

import pytest

from bench.day import day, normal_form
from service.content.models import Answer, Content
from tests.contents import random_answers, random_content
from tests.evaluation import Expected, evaluate
from tests.seed import seed

HOUSEHOLDS = 60


def _told(expected: Expected) -> Any:
    listed = {key: (one.status, one.documents, one.because) for key, one in expected.procedures.items()}
    return listed, expected.next_question, expected.questions_left_at_most


@pytest.mark.parametrize("number", range(60))
def test_households_of_one_name_are_told_the_same(number: int) -> None:
    rng = Random(number)
    content = random_content(rng, questions=rng.choice((3, 5, 8)))
    events = [event.key for event in content.life_events]
    chosen = rng.sample(events, rng.randint(1, len(events)))
    form = normal_form(content, chosen)
    guidance, asked = defaultdict[bytes, list[Any]](list), defaultdict[bytes, list[Any]](list)
    for _ in range(HOUSEHOLDS):
        answers = random_answers(rng, content)
        names, told = form.names(answers), _told(evaluate(content, chosen, answers))
        guidance[names.guidance].append(told)
        asked[names.question].append(told[1:])
    for same in (*guidance.values(), *asked.values()):
        assert all(told == same[0] for told in same)


def test_most_random_households_have_the_name_of_another() -> None:
    """So that the test above compares something."""
    named, different = 0, 0
    for number in range(8):
        rng = Random(f"shared {number}")
        content = random_content(rng, questions=4, conditions=5)
        form = normal_form(content, [content.life_events[0].key])
        answers = [random_answers(rng, content) for _ in range(HOUSEHOLDS)]
        named += len({form.names(one).guidance for one in answers})
        different += len({tuple(one) for one in answers})
    assert named < different / 2


def _content(*conditions: dict[str, Any]) -> Content:
    options = [{"key": f"q/{own}", "label": own} for own in ("a", "b", "c", "d")]
    other = [{"key": f"other/{own}", "label": own} for own in ("yes", "no")]
    shared = {"label": "行", "life_events": ["e"], "selects": ["p"]}
    return Content.model_validate(
        {
            "format": 2,
            "life_events": [{"key": "e", "name": "e"}, {"key": "f", "name": "f"}],
            "questions": [
                {"key": "q", "text": "q", "kind": "one", "options": options},
                {"key": "other", "text": "other", "kind": "one", "options": other},
            ],
            "conditions": [shared | one for one in conditions],
            "procedures": [{"key": "p", "name": "p"}],
        }
    )


AB = _content(
    {"key": "r", "requires": [["q/a", "q/b"]]}, {"key": "o", "life_events": ["f"], "requires": [["other/yes"]]}
)


def test_options_that_behave_alike_have_one_name() -> None:
    form = normal_form(AB, ["e"])
    names = [form.names([Answer("q", (f"q/{own}",))]) for own in "abcd"]
    assert names[0] == names[1] and names[2] == names[3]
    assert names[0].guidance != names[2].guidance
    assert names[0].question == names[2].question, "nothing is left to ask either way"


def test_answers_that_no_condition_of_the_life_events_looks_at_count_for_nothing() -> None:
    said = [Answer("other", ("other/yes",))]
    assert normal_form(AB, ["e"]).names(said) == normal_form(AB, ["e"]).names([])
    assert normal_form(AB, ["e", "f"]).names(said) != normal_form(AB, ["e", "f"]).names([])


def test_unsure_is_not_unanswered() -> None:
    form = normal_form(AB, ["e"])
    assert form.names([Answer("q", unsure=True)]).question != form.names([]).question


def test_most_of_a_day_is_not_new() -> None:
    counts = day(seed(), 300)
    assert counts["result"] == 300 and counts["question"] > 1_500
    assert counts["question, by normal form"] < 0.7 * counts["question, by answers"]
    assert counts["result, by normal form"] <= counts["result, by answers"]
