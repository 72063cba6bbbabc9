"""What the comparison claims, asked of the statement that residents use: every example, and households at random."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest

from service.analysis.comparison import EventComparison, compare
from service.content.models import Content
from service.editions.importing import import_content
from service.guidance import engine
from service.store.graph import Graph
from tests.contents import random_content
from tests.edits import edited
from tests.evaluation import ExpectedProcedure
from tests.households import Answers, Seen, carried_back, differences, questions_of, random_household
from tests.seed import seed

SAMPLES = 6


async def _imported(graph: Graph, content: Content, title: str) -> int:
    return (await import_content(graph, content, publish=False, title=title)).edition.number


async def _listed(
    graph: Graph, number: int, events: Sequence[str], *, answers: Answers
) -> dict[str, ExpectedProcedure]:
    found = await engine.select(graph, number, events=events, answers=answers)
    return {
        one.procedure: ExpectedProcedure(one.status, {need.document: need.status for need in one.documents}, [])
        for one in found.listed
    }


async def _seen(
    graph: Graph, numbers: tuple[int, int], events: Sequence[str], *, both: tuple[Answers, Answers]
) -> Seen:
    """What the graph says to a household before and after, as changes."""
    before = await _listed(graph, numbers[0], events, answers=both[0])
    after = await _listed(graph, numbers[1], events, answers=both[1])
    return differences(before, after)


async def _check_examples(graph: Graph, numbers: tuple[int, int], event: EventComparison) -> int:
    outcomes = event.outcomes or ()
    for group in (*outcomes, *event.causes):
        seen = await _seen(graph, numbers, event.events, both=(group.example.old, group.example.new))
        assert seen >= frozenset(group.changes)
        assert group not in outcomes or seen == frozenset(group.changes)
    return len(outcomes)


async def _check_samples(
    graph: Graph, numbers: tuple[int, int], event: EventComparison, *, contents: tuple[Content, Content], rng: Random
) -> None:
    """Random households see one of the outcomes or nothing, and have a counterpart or stand apart."""
    old, new = contents
    known = None if event.outcomes is None else {frozenset(group.changes) for group in event.outcomes}
    for _ in range(SAMPLES):
        answers = random_household(rng, new, questions_of(old, new, event.events))
        said, why = carried_back(old, event.events, answers)
        assert bool(why) <= bool(event.apart_count)
        if not why:
            seen = await _seen(graph, numbers, event.events, both=(said, answers))
            assert not seen or known is None or seen in known
            assert not (seen and event.same)


@pytest.mark.parametrize("number", range(16))
async def test_random_pairs(graph: Graph, number: int) -> None:
    rng = Random(f"pairs {number}")
    old = random_content(rng, life_events=2, described=False)
    new = edited(rng, old, times=2)
    numbers = await _imported(graph, old, f"old {number}"), await _imported(graph, new, f"new {number}")
    for event in compare(old, new).events:
        if event.presence == "both":
            assert event.not_decided is None
            await _check_examples(graph, numbers, event)
            await _check_samples(graph, numbers, event, contents=(old, new), rng=rng)


async def test_the_first_edition(graph: Graph) -> None:
    rng = Random("first edition")
    old = seed()
    new = edited(rng, old, times=6)
    numbers = await _imported(graph, old, "first"), await _imported(graph, new, "first, edited")
    told = 0
    for event in compare(old, new).events:
        if event.presence == "both":
            told += await _check_examples(graph, numbers, event)
            await _check_samples(graph, numbers, event, contents=(old, new), rng=rng)
    assert told
