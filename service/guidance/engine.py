"""Guidance: what applies, why, and what to ask next. The rules are ops/design/guidance.md; the engine is the Cypher
of `cypher/guidance`, and nothing here decides anything."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from service import clock
from service.caching import Cache, Part
from service.content.models import (
    Answer,
    Clause,
    Content,
    ExplainedCondition,
    Explanation,
    Guidance,
    Listed,
    NeededDocument,
    Outline,
    Reason,
)
from service.guidance.admission import Admission
from service.store.graph import Graph, Reads, Row

MOST_STATEMENTS = 4
"""So many statements of guidance run at once: others, such as that for the live edition, do not wait for them."""

TRUTH: dict[int, Literal["true", "open", "false"]] = {2: "true", 1: "open", 0: "false"}


@dataclass(frozen=True, slots=True)
class Given:
    """Guidance and the moment at which it was worked out (Asia/Tokyo)."""

    guidance: Guidance
    at: datetime


async def select(graph: Reads, edition: int, *, events: Sequence[str], answers: Sequence[Answer]) -> Guidance:
    """Guidance straight from the graph, in one query; it is empty for life events that the edition does not have."""
    row = await graph.one("guidance/engine", "select", edition=edition, household=household(events, answers))
    if row is None:
        raise LookupError("the guidance query always returns a row")
    return Guidance(
        edition=edition,
        life_events=tuple(events),
        answers=tuple(answers),
        next_question=row["next_question"],
        questions_left_at_most=row["questions_left_at_most"],
        listed=tuple(_listed(one) for one in sorted(row["listed"], key=lambda one: str(one["key"]))),
    )


def rules(content: Content) -> str:
    """The hash of all that guidance follows from: contents of the same rules guide everybody alike."""
    parts = sorted(event.key for event in content.life_events)
    parts += sorted(item.model_dump_json() for item in (*content.questions, *content.conditions))
    parts += sorted(f"{procedure.key} {sorted(procedure.needs)}" for procedure in content.procedures)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def household(events: Sequence[str], answers: Sequence[Answer]) -> Row:
    """Life events and answers as the statements read them."""
    return {
        "events": list(events),
        "answered": [answer.question for answer in answers if not answer.unsure],
        "chosen": [option for answer in answers for option in answer.options],
        "unsure": [answer.question for answer in answers if answer.unsure],
    }


def _listed(row: Row) -> Listed:
    return Listed(
        procedure=row["key"],
        status="applies" if row["state"] == 2 else "may_apply",
        documents=tuple(
            NeededDocument(
                document=one["key"],
                status="needed" if one["state"] == 2 else "may_be_needed",
                labels=tuple(sorted(set(one["labels"]))),
            )
            for one in sorted(row["documents"], key=lambda one: str(one["key"]))
        ),
        because=tuple(
            Reason(
                condition=one["condition"],
                label=one["label"],
                state="true" if one["state"] == 2 else "open",
                waits_for=tuple(sorted(set(one["waits_for"]))),
            )
            for one in sorted(row["because"], key=lambda one: str(one["condition"]))
        ),
    )


async def explain(
    graph: Reads, outline: Outline, *, events: Sequence[str], answers: Sequence[Answer], procedure: str
) -> Explanation:
    """Why the procedure is or is not listed; one that the edition does not have is not, and has no conditions."""
    rows = await graph.many(
        "guidance/engine", "explain", edition=outline.edition, household=household(events, answers), procedure=procedure
    )
    given = {answer.question: answer for answer in answers}
    conditions = tuple(_explained(row, given) for row in rows)
    states = {condition.state for condition in conditions}
    status: Literal["applies", "may_apply", "not_listed"] = "not_listed"
    if states & {"true", "open"}:
        status = "applies" if "true" in states else "may_apply"
    return Explanation(edition=outline.edition, procedure=procedure, status=status, conditions=conditions)


def _explained(row: Row, given: dict[str, Answer]) -> ExplainedCondition:
    clauses: dict[tuple[int, str], list[Row]] = {}
    for option in row["options"]:
        excluded = option["clause"] is None
        clauses.setdefault((-1, option["option"]) if excluded else (option["clause"], ""), []).append(option)
    told = tuple(_clause(options, given) for _, options in sorted(clauses.items()))
    states = {clause.state for clause in told}
    state: Literal["true", "open", "false"] = "true"
    if states & {"false", "open"}:
        state = "false" if "false" in states else "open"
    return ExplainedCondition(condition=row["condition"], label=row["label"], state=state, clauses=told)


def _clause(options: list[Row], given: dict[str, Answer]) -> Clause:
    negated = options[0]["clause"] is None
    best = max(int(option["state"]) for option in options)
    questions = dict.fromkeys(str(option["question"]) for option in options if not option["moot"])
    return Clause(
        options=tuple(str(option["option"]) for option in options),
        negated=negated,
        state=TRUTH[2 - best if negated else best],
        answers=tuple(given[question] for question in questions if question in given),
    )


class Guide:
    """Guidance on published editions, kept while it fits: it never changes for (edition, life events, answers)."""

    def __init__(self, graph: Graph, cache: Cache, admission: Admission) -> None:
        self._graph = graph
        self._admission = admission
        self._statements = asyncio.Semaphore(MOST_STATEMENTS)
        self._kept: Part[tuple[int, tuple[str, ...], tuple[Answer, ...]], Given] = cache.part(_weight)
        self._explained: Part[tuple[int, tuple[str, ...], tuple[Answer, ...], str], Explanation] = cache.part(
            _weight_explained
        )

    async def guide(self, edition: int, events: tuple[str, ...], answers: tuple[Answer, ...]) -> Given:
        """The guidance for normalised answers.

        Errors when it is not kept: Busy where too many wait already; Unavailable when the database is away.
        """

        return await self._kept.fetch(
            (edition, events, answers), lambda: self._admission.run(lambda: self._select(edition, events, answers))
        )

    async def _select(self, edition: int, events: tuple[str, ...], answers: tuple[Answer, ...]) -> Given:
        async with self._statements:
            guidance = await select(self._graph, edition, events=events, answers=answers)
        return Given(guidance=guidance, at=clock.now())

    async def explain(
        self, outline: Outline, events: tuple[str, ...], *, answers: tuple[Answer, ...], procedure: str
    ) -> Explanation:
        """Why a procedure of the edition is or is not listed. Errors: Busy, Unavailable, as for guidance."""

        async def explained() -> Explanation:
            async with self._statements:
                return await explain(self._graph, outline, events=events, answers=answers, procedure=procedure)

        return await self._explained.fetch(
            (outline.edition, events, answers, procedure), lambda: self._admission.run(explained)
        )


def _weight(given: Given) -> int:
    """Bytes, by measured object sizes: a listed procedure with its reasons and documents is about 1.2 kB."""
    return 600 + 250 * len(given.guidance.answers) + 1_200 * len(given.guidance.listed)


def _weight_explained(found: Explanation) -> int:
    """Bytes, on the same scale: a condition has a handful of clauses with their options and answers."""
    return 600 + 2_000 * len(found.conditions)
