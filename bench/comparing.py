"""Comparing: what does it cost to compile and to compare all households, and where does it stop?

Processor time of one thread, because the work is pure; the whole way from the graph by the clock.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

from bench.contents import dense, wide
from service.analysis.bdd import Compiled, NotDecided, compiled, rows
from service.analysis.comparison import compare, compare_events
from service.content.models import Content
from service.editions.importing import import_content
from service.store.catalogue import read_content
from service.store.graph import Graph

AGAIN = 5
MANY, FEW = 90, 5
"""Procedures behind 134 conditions: each by one or two rows, or each by twenty-seven."""

CHANGED_ROW = 3
"""The condition that the edit loosens, counted among those that require something."""


async def measure(graph: Graph, live: int, *, content: Content, quick: bool) -> dict[str, Any]:
    """The first edition from the graph and by itself, life events together, and ever larger contents."""
    return {
        "graph": await _from_graph(graph, live, content),
        "contents": [_row(*case) for case in _cases(content, quick=quick)],
    }


async def _from_graph(graph: Graph, live: int, content: Content) -> dict[str, Any]:
    """Seconds, by the clock, to read a draft and to compare it with the content of the live edition."""
    events = [event.key for event in content.life_events]
    edition = (await import_content(graph, _edited(content, events), publish=False, title="draft")).edition
    before = await read_content(graph, live)
    reading, comparing = [], []
    for _ in range(AGAIN):
        began = time.perf_counter()
        draft = await read_content(graph, edition.number)
        read_at = time.perf_counter()
        comparison = compare(before, draft)
        comparing.append(time.perf_counter() - read_at)
        reading.append(read_at - began)
    changed = sum(event.changed > 0 for event in comparison.events)
    return {
        "reading": median(reading),
        "comparing": median(comparing),
        "events": len(comparison.events),
        "changed": changed,
    }


def _cases(content: Content, *, quick: bool) -> Iterator[tuple[str, Content, tuple[str, ...]]]:
    events = tuple(event.key for event in content.life_events)
    for event in events:
        yield event, content, (event,)
    for count in (2, 3, len(events)):
        yield f"{count} together", content, events[:count]
    yield "dense", dense(), ("life",)
    for questions in (20,) if quick else (20, 40, 60):
        yield f"{questions} questions", wide(questions, procedures=MANY), ("life",)
    for questions in (14, 20) if quick else (14, 20, 40, 60):
        yield f"{questions} questions, {FEW} procedures", wide(questions, procedures=FEW), ("life",)


def _row(name: str, content: Content, events: tuple[str, ...]) -> dict[str, Any]:
    """Milliseconds to compile everything, and to compare with the same after one edit; None where it is not decided."""
    size = compiled(content, events)
    edited = _edited(content, events)
    row: dict[str, Any] = {
        "name": name,
        "questions": len(size.questions),
        "options": len(size.sides),
        "conditions": len(size.reading.conditions),
        "procedures": len(size.reading.procedures),
        "households": size.count(),
        "steps": _steps_of_everything(size),
        "compile": None,
    }
    if row["steps"] is not None:
        row["compile"] = _milliseconds(lambda: _steps_of_everything(compiled(content, events)))
    result = compare_events(content, edited, events=events)
    row["decided"] = result.not_decided is None
    row["compare"] = _milliseconds(lambda: compare_events(content, edited, events=events))
    return row | {"changed": result.changed if row["decided"] else None}


def _steps_of_everything(households: Compiled) -> int | None:
    """Where each procedure applies and needs each document, counted; the steps that it took, None if too many."""
    try:
        for procedure in households.reading.procedures:
            households.count(households.applies(procedure))
            for document in households.reading.documents(procedure):
                households.needed(procedure, document)
    except NotDecided:
        return None
    return households.diagram.steps - households.diagram.steps_left


def _edited(content: Content, events: tuple[str, ...] | list[str]) -> Content:
    """The content with one condition of each of the life events loosened by its last clause."""
    loosened = {[row.key for row in rows(content, (event,)) if row.requires][CHANGED_ROW] for event in events}
    conditions = [
        row.model_copy(update={"requires": row.requires[:-1]}) if row.key in loosened else row
        for row in content.conditions
    ]
    return content.model_copy(update={"conditions": conditions})


def _milliseconds(work: Callable[[], object]) -> float:
    """The median of the processor time; once where it takes more than a second."""
    spent: list[float] = []
    while len(spent) < AGAIN and sum(spent) < 1_000:
        began = time.process_time()
        work()
        spent.append((time.process_time() - began) * 1_000)
    return median(spent)
