"""The plain evaluation agrees with the conformance set, and with the clauses that the set does not show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from service.content.loading import read_plain
from service.content.models import Answer, Content
from tests.evaluation import evaluate, explain

CASES = json.loads((Path(__file__).parents[1] / "conformance.json").read_text(encoding="utf-8"))
STEPS = [(case, step) for case in CASES for step in case["steps"]]
NAMES = [f"{case['name']}-{number}" for case in CASES for number, _ in enumerate(case["steps"], 1)]


def answer(written: dict[str, Any]) -> Answer:
    return Answer(written["question"], tuple(written.get("options", ())), bool(written.get("unsure")))


def test_the_set_is_complete() -> None:
    assert (len(CASES), len(STEPS)) == (24, 68)


@pytest.mark.parametrize(("case", "step"), STEPS, ids=NAMES)
def test_conformance(case: dict[str, Any], step: dict[str, Any]) -> None:
    content = read_plain(case["content"])
    expected = evaluate(content, step["life_events"], [answer(written) for written in step["answers"]])
    assert expected.next_question == step["next_question"]
    assert {
        key: {"status": listed.status, "documents": listed.documents} for key, listed in expected.procedures.items()
    } == {
        listed["key"]: {
            "status": listed["status"],
            "documents": {document["key"]: document["status"] for document in listed["documents"]},
        }
        for listed in step["procedures"]
    }
    assert (expected.questions_left_at_most == 0) == (step["next_question"] is None)


def yes_no(key: str, **more: Any) -> dict[str, Any]:
    options = [{"key": f"{key}/yes", "label": "はい"}, {"key": f"{key}/no", "label": "いいえ"}]
    return {"key": key, "text": key, "kind": "one", "options": options, **more}


def row(key: str, *requires: list[str], **more: Any) -> dict[str, Any]:
    return {
        "key": key,
        "label": key,
        "life_events": ["e"],
        "requires": list(requires),
        "selects": ["p"],
        **more,
    }


def chain(*rows: dict[str, Any]) -> Content:
    """b is asked after a, c after b or d."""
    return Content.model_validate(
        {
            "format": 2,
            "life_events": [{"key": "e", "name": "e"}],
            "questions": [
                yes_no("a"),
                yes_no("b", asked_after=["a/yes"]),
                yes_no("c", asked_after=["b/yes", "d/yes"]),
                yes_no("d"),
            ],
            "conditions": list(rows),
            "procedures": [{"key": "p", "name": "p"}],
        }
    )


def test_left_at_most_counts_the_whole_walk() -> None:
    content = chain(row("r", ["c/yes"]))
    assert evaluate(content, ["e"], []).questions_left_at_most == 4
    assert evaluate(content, ["e"], [Answer("a", unsure=True)]).questions_left_at_most == 2
    assert evaluate(content, ["e"], [Answer("d", ("d/yes",))]).questions_left_at_most == 1
    unsure_above = [Answer("a", unsure=True), Answer("d", ("d/no",))]
    assert evaluate(content, ["e"], unsure_above).questions_left_at_most == 0


def test_reasons_name_what_an_open_condition_waits_for() -> None:
    content = chain(row("r", ["c/yes"]), row("s", ["a/no"]))
    listed = evaluate(content, ["e"], [Answer("a", ("a/no",))]).procedures["p"]
    assert listed.because == [("r", "open", ("d",)), ("s", "true", ())]
    final = evaluate(content, ["e"], [Answer("a", ("a/no",)), Answer("d", ("d/no",))])
    assert final.procedures["p"].because == [("s", "true", ())]


def test_the_explanation_names_the_answers_behind_a_moot_question() -> None:
    content = chain(row("r", ["c/yes"], ["d/no"], excludes=["a/yes"]))
    why = explain(content, ["e"], [Answer("a", ("a/no",)), Answer("d", ("d/no",)), Answer("c", ("c/yes",))], "p")
    (reason,) = why.conditions
    assert (why.status, reason.state) == ("not_listed", "false")
    assert [(clause.negated, clause.state) for clause in reason.clauses] == [
        (False, "false"),
        (False, "true"),
        (True, "true"),
    ]
    assert [said.question for said in reason.clauses[0].answers] == ["a", "d"]
    assert [said.question for said in reason.clauses[1].answers] == ["d"]
    assert [said.question for said in reason.clauses[2].answers] == ["a"]
