"""States that the walk comes to, run through the statement that residents use: it asks the same question there."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest

from service.analysis.interview_paths import Walk
from service.analysis.proofs import flaws
from service.content.models import Answer, Content
from service.editions.importing import import_content
from service.guidance import engine
from service.store.graph import Graph
from tests.contents import random_content, random_life_events
from tests.interviews import ruled, yes_no
from tests.seed import seed

CONTENTS = 25
STATES_EACH = 12


async def imported(graph: Graph, content: Content, title: str) -> int:
    return (await import_content(graph, content, publish=False, title=title)).edition.number


async def asked(graph: Graph, number: int, events: Sequence[str], said: tuple[Answer, ...]) -> str | None:
    return (await engine.select(graph, number, events=events, answers=said)).next_question


async def agrees(graph: Graph, number: int, walk: Walk, rng: Random) -> int:
    """Compares some states, the final ones among them; returns how many."""
    states = rng.sample(walk.order, min(STATES_EACH, len(walk.order)))
    for state in states:
        visit = walk.visits[state]
        expected = None if visit.question is None else walk.rules.questions[visit.question].key
        assert await asked(graph, number, walk.events, walk.answers_to(state)) == expected, walk.answers_to(state)
    return len(states)


async def test_random_contents(graph: Graph) -> None:
    rng = Random("states")
    seen = 0
    for number in range(CONTENTS):
        content = random_content(rng, described=False)
        edition = await imported(graph, content, f"states {number}")
        seen += await agrees(graph, edition, Walk(content, random_life_events(rng, content)), rng)
    assert seen > 3 * CONTENTS


async def test_the_first_edition(graph: Graph) -> None:
    rng = Random("first edition")
    edition = await imported(graph, seed(), "states of the first edition")
    for event in seed().life_events:
        walk = Walk(seed(), [event.key])
        await agrees(graph, edition, walk, rng)
        found = walk.journeys()
        for course in (found.shortest, found.longest):
            for length, answer in enumerate(course):
                assert await asked(graph, edition, walk.events, course[:length]) == answer.question
            assert await asked(graph, edition, walk.events, course) is None


@pytest.mark.parametrize("first", ["yes", "no"])
async def test_a_question_asked_in_vain_is_really_asked(graph: Graph, first: str) -> None:
    """Whatever is answered, the result is the same: the proof's witness, with every answer tried."""
    content = ruled(
        [yes_no("a"), yes_no("b", position=1)],
        [[f"a/{first}"], ["b/yes"]],
        [[f"a/{first}"], ["b/no"]],
        [["a/yes" if first == "no" else "a/no"], ["b/yes"]],
    )
    rows = [
        row.model_copy(update={"selects": ["p0" if row.key == "c1" else row.selects[0]]}) for row in content.conditions
    ]
    content = content.model_copy(update={"conditions": rows})
    edition = await imported(graph, content, f"in vain {first}")
    idle = [one for one in flaws(content) if one.code == "question_idle"]
    assert [(one.keys, one.params) for one in idle] == [(("b",), {"households": 2})]
    said = idle[0].witness or ()
    assert await asked(graph, edition, ["e"], said) == "b"
    results = set()
    for option in ("b/yes", "b/no"):
        found = await engine.select(graph, edition, events=["e"], answers=(*said, Answer("b", (option,))))
        results.add(tuple((one.procedure, one.status) for one in found.listed))
    assert len(results) == 1
