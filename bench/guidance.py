"""What the guidance query costs: db hits over fixed states, and time."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from statistics import median
from typing import Any

from bench.contents import State, dense, states
from bench.interviews import PAIRS
from bench.load import percentile
from service.content.models import Content
from service.editions.importing import import_content
from service.guidance.engine import Asked, groups
from service.store.graph import Graph

STATES = 200
DENSE_MOST = 2_500


def seed_states(content: Content) -> Iterator[State]:
    """200 fixed states of the first edition: each life event alone, and some that come together."""
    alone = [(event.key,) for event in sorted(content.life_events, key=lambda event: event.key)]
    half_share = STATES // (2 * len(PAIRS) + 2 * len(alone))
    for life_events in (*alone, *PAIRS):
        yield from states(content, life_events, count=2 * half_share)
    yield from states(content, alone[0], count=STATES - 2 * half_share * (len(alone) + len(PAIRS)))


async def hits(graph: Graph, edition: int, household_states: Iterable[State]) -> list[int]:
    """The db hits of each state."""
    db_hits = []
    for state in household_states:
        db_hits.append((await graph.profile("guidance/engine", "select", groups=_alone(edition, state))).db_hits)
    return db_hits


def _alone(edition: int, state: State) -> list[dict[str, Any]]:
    return groups([Asked(edition, state.life_events, state.answers)])


async def cost(graph: Graph, edition: int, household_states: list[State]) -> dict[str, Any]:
    """Db hits (worst, median) and milliseconds (p50, p95) of the states, one after the other, plan made before."""
    counted = await hits(graph, edition, household_states)
    spent = []
    for state in household_states:
        alone = _alone(edition, state)
        began = time.perf_counter()
        await graph.one("guidance/engine", "select", groups=alone)
        spent.append(1000 * (time.perf_counter() - began))
    spent.sort()
    return {
        "states": len(household_states),
        "hits_worst": max(counted),
        "hits_median": round(median(counted)),
        "p50": percentile(spent, 0.5),
        "p95": percentile(spent, 0.95),
    }


async def measure(graph: Graph, *, live: int, content: Content) -> dict[str, Any]:
    """The first edition (which is live) and the dense content (imported here as a draft)."""
    dense_content = dense()
    draft = (await import_content(graph, dense_content, publish=False, title="dense")).edition.number
    return {
        "seed": _sizes(content) | await cost(graph, live, list(seed_states(content))),
        "dense": _sizes(dense_content) | await cost(graph, draft, states(dense_content, ["life"], count=STATES)),
    }


def _sizes(content: Content) -> dict[str, int]:
    edges = sum(sum(map(len, condition.requires)) + len(condition.excludes) for condition in content.conditions)
    return {
        "conditions": len(content.conditions),
        "edges": edges,
        "questions": len(content.questions),
        "procedures": len(content.procedures),
    }
