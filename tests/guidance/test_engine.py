"""The guidance statement against the conformance set, against an independent evaluation, and by what it costs."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bench.day import normal_form
from service.caching import PROCESS, Cache
from service.content.loading import read_bytes
from service.content.models import Answer, Content, Guidance
from service.editions.importing import import_content
from service.guidance import engine
from service.guidance.admission import Admission
from service.store.catalogue import Catalogue
from service.store.graph import Graph
from tests.contents import random_answers, random_content
from tests.evaluation import evaluate, explain

CASES = json.loads((Path(__file__).parent.parent / "conformance.json").read_text(encoding="utf-8"))
RANDOM_CONTENTS = 60
STATES_EACH = 12
LARGE = 64 * 1024 * 1024


async def _imported(graph: Graph, content: Content, title: str) -> int:
    return (await import_content(graph, content, publish=False, title=title)).edition.number


def _answers(given: list[dict[str, Any]]) -> tuple[Answer, ...]:
    return tuple(Answer(one["question"], tuple(one.get("options", ())), bool(one.get("unsure"))) for one in given)


def _told(found: Guidance) -> dict[str, Any]:
    return {one.procedure: (one.status, {need.document: need.status for need in one.documents}) for one in found.listed}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
async def test_conformance(graph: Graph, case: dict[str, Any]) -> None:
    content = read_bytes(json.dumps(case["content"]).encode(), case["name"] + ".json")
    number = await _imported(graph, content, case["name"])
    for step in case["steps"]:
        found = await engine.select(graph, number, events=step["life_events"], answers=_answers(step["answers"]))
        assert found.next_question == step["next_question"], step["answers"]
        assert _told(found) == {
            one["key"]: (one["status"], {need["key"]: need["status"] for need in one["documents"]})
            for one in step["procedures"]
        }, step["answers"]


@pytest.mark.parametrize("seed", range(RANDOM_CONTENTS))
async def test_random_contents_agree_with_the_plain_evaluation(graph: Graph, seed: int) -> None:
    rng = Random(seed)
    content = random_content(rng)
    number = await _imported(graph, content, f"random {seed}")
    events = [event.key for event in content.life_events]
    for _ in range(STATES_EACH):
        chosen = rng.sample(events, rng.randint(1, len(events)))
        answers = random_answers(rng, content)
        found = await engine.select(graph, number, events=chosen, answers=answers)
        expected = evaluate(content, chosen, answers)
        assert found.next_question == expected.next_question
        assert found.questions_left_at_most == expected.questions_left_at_most
        assert _told(found) == {key: (one.status, one.documents) for key, one in expected.procedures.items()}
        for one in found.listed:
            reasons = {(why.condition, why.state, why.waits_for) for why in one.because}
            assert reasons == {
                (key, state, tuple(sorted(waits))) for key, state, waits in expected.procedures[one.procedure].because
            }


async def test_households_asked_together_get_what_each_gets_alone(graph: Graph) -> None:
    rng = Random("together")
    contents = [random_content(rng) for _ in range(3)]
    numbers = [await _imported(graph, content, f"together {place}") for place, content in enumerate(contents)]
    asked = []
    for place in (rng.randrange(3) for _ in range(30)):
        events = [event.key for event in contents[place].life_events]
        chosen = tuple(rng.sample(events, rng.randint(1, len(events))))
        asked.append(engine.Asked(numbers[place], chosen, tuple(random_answers(rng, contents[place]))))
    asked.append(engine.Asked(numbers[0], ("nothing-there",), ()))
    together = await engine.select_all(graph, asked)
    alone = [await engine.select(graph, one.edition, events=one.events, answers=one.answers) for one in asked]
    assert together == alone
    assert together[-1].listed == () and together[-1].next_question is None


@pytest.mark.parametrize("seed", range(8))
async def test_what_households_share_is_what_each_is_told(
    graph: Graph, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guidance kept for one household and told to another is what the engine says to that one, with its own answers."""
    rng = Random(2000 + seed)
    content = random_content(rng, questions=4, conditions=5)
    number = await _imported(graph, content, f"shared {seed}")
    events = tuple(sorted(event.key for event in content.life_events))[:1]
    asked = [tuple(random_answers(rng, content)) for _ in range(25)]
    alone = await engine.select_all(graph, [engine.Asked(number, events, answers) for answers in asked])
    selected: list[int] = []
    select_all = engine.select_all

    async def counted(reads: Graph, households: list[engine.Asked], **kept: Any) -> list[Guidance]:
        selected.append(len(households))
        return await select_all(reads, households, **kept)

    monkeypatch.setattr(engine, "select_all", counted)
    guide = engine.Guide(graph, Cache(LARGE), Admission(60))
    for answers, guidance in zip(asked, alone, strict=True):
        following = await guide.next_question(number, events, answers)
        assert (following.key, following.left_at_most) == (guidance.next_question, guidance.questions_left_at_most)
        assert (await guide.guide(number, events, answers)).guidance == guidance
    form = normal_form(content, events)
    assert sum(selected) == len({form.names(answers).guidance for answers in asked})


@pytest.mark.parametrize("seed", range(20))
async def test_why_agrees_with_the_plain_evaluation(graph: Graph, seed: int) -> None:
    rng = Random(1000 + seed)
    content = random_content(rng)
    number = await _imported(graph, content, f"why {seed}")
    outline = await Catalogue(graph, PROCESS).outline(number)
    events = [event.key for event in content.life_events]
    for procedure in rng.sample([one.key for one in content.procedures], min(4, len(content.procedures))):
        answers = random_answers(rng, content)
        found = await engine.explain(graph, outline, events=events, answers=answers, procedure=procedure)
        expected = explain(content, events, answers, procedure)
        assert found.status == expected.status
        assert [(one.condition, one.state) for one in found.conditions] == [
            (one.condition, one.state) for one in expected.conditions
        ]
        for mine, theirs in zip(found.conditions, expected.conditions, strict=True):
            assert {(one.options, one.negated, one.state) for one in mine.clauses} == {
                (tuple(sorted(one.options)), one.negated, one.state) for one in theirs.clauses
            }
