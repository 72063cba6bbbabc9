"""Guidance: what applies, why, and what to ask next. The rules are ops/design/guidance.md; the engine is the Cypher
of `cypher/guidance`, and nothing here decides anything."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, NamedTuple

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
    ListedReason,
    NeededDocument,
    Outline,
)
from service.guidance.admission import Admission
from service.guidance.batches import Batches
from service.guidance.normal_form import Names, NormalForm
from service.store.graph import Graph, Reads, Row

NAMES_BYTES = 1_500
"""What the names of a household take with its answers, which are their key."""
MOST_STATEMENTS = 4
"""So many explanations are worked out at once: other statements, such as that for the live edition, do not wait."""

Status = Literal["applies", "may_apply"]
TRUTH: dict[int, Literal["true", "open", "false"]] = {2: "true", 1: "open", 0: "false"}


@dataclass(frozen=True, slots=True)
class Given:
    """Guidance and the moment at which it was worked out (Asia/Tokyo)."""

    guidance: Guidance
    at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """What guidance is asked for: life events and answers, on one edition."""

    edition: int
    events: tuple[str, ...]
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class NextQuestion:
    """The next question of an interview (None: its result is final), and how many are left at most."""

    key: str | None
    left_at_most: int


class _Condition(NamedTuple):
    """A condition of some life events."""

    key: str
    label: str
    needs: list[str]


class _Procedure(NamedTuple):
    """A procedure that they may lead to; `conditions` are the places of those that select it."""

    key: str
    own_documents: list[str]
    conditions: list[int]


class Shared(NamedTuple):
    """What all households of an edition and its life events share, by the places that the statement tells."""

    conditions: list[_Condition]
    procedures: list[_Procedure]


Group = tuple[int, tuple[str, ...]]
"""An edition and life events."""


async def select(graph: Reads, edition: int, *, events: Sequence[str], answers: Sequence[Answer]) -> Guidance:
    """Guidance straight from the graph, in one query; it is empty for life events that the edition does not have."""
    household_asked = Asked(edition, tuple(events), tuple(answers))
    [guidance] = await select_all(graph, [household_asked])
    return guidance


async def select_all(
    graph: Reads, requests: Sequence[Asked], *, kept: Part[Group, Shared] | None = None
) -> list[Guidance]:
    """The guidance of many households, in their order, in one query; what they share is `kept` for the next ones."""
    known = {group: shared for group in map(_group, requests) if kept is not None and (shared := kept.get(group))}
    guidance_by_index: dict[int, Guidance] = {}
    for row in await graph.many("guidance/engine", "select", groups=groups(requests, known=known)):
        group = _group(requests[int(row["households"][0]["number"])])
        shared = known.get(group)
        if shared is None:
            shared = Shared(
                [_Condition(*columns) for columns in row["conditions"]],
                [_Procedure(*columns) for columns in row["procedures"]],
            )
            if kept is not None:
                kept.put(group, shared)
        for household in row["households"]:
            index = int(household["number"])
            guidance_by_index[index] = _guidance(requests[index], household, shared)
    return [guidance_by_index[index] for index in range(len(requests))]


def groups(requests: Sequence[Asked], *, known: Collection[Group] = ()) -> list[Row]:
    """Households as the statement reads them: those of the same edition and life events together.

    What is `known` of a group is not asked for again.
    """
    households_by_group: dict[Group, list[Row]] = {}
    for index, request in enumerate(requests):
        row = {"number": index, **household(request.events, request.answers)}
        households_by_group.setdefault(_group(request), []).append(row)
    return [
        {"edition": group[0], "events": list(group[1]), "households": rows, "known": group in known}
        for group, rows in households_by_group.items()
    ]


def _group(request: Asked) -> Group:
    return request.edition, request.events


def _guidance(request: Asked, row: Row, shared: Shared) -> Guidance:
    conditions, procedures = shared
    reasons = {index: ListedReason(conditions[index].key, conditions[index].label, "true") for index in row["met"]}
    for index, *waits_for in row["open"]:
        condition, ready = conditions[index], row["ready"]
        waits = tuple(sorted(ready[question_index] for question_index in waits_for))
        reasons[index] = ListedReason(condition.key, condition.label, "open", waits)
    needed = {index: frozenset(documents) for index, *documents in row["needed"]}
    statuses: dict[int, Status] = dict.fromkeys(row["applies"], "applies")
    statuses |= dict.fromkeys(row["may_apply"], "may_apply")
    return Guidance(
        edition=request.edition,
        life_events=request.events,
        answers=request.answers,
        next_question=row["next_question"],
        questions_left_at_most=row["questions_left_at_most"],
        listed=tuple(
            sorted(
                (
                    _listed(procedures[index], status, needed.get(index, frozenset()), conditions, reasons)
                    for index, status in statuses.items()
                ),
                key=lambda listed: listed.procedure,
            )
        ),
    )


def rules(content: Content) -> str:
    """The hash of all that guidance follows from: contents of the same rules guide everybody alike."""
    parts = sorted(event.key for event in content.life_events)
    parts += sorted(item.model_dump_json() for item in (*content.questions, *content.conditions))
    parts += sorted(f"{procedure.key} {sorted(procedure.needs or ())}" for procedure in content.procedures)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def household(events: Sequence[str], answers: Sequence[Answer]) -> Row:
    """Life events and answers as the statements read them."""
    return {
        "events": list(events),
        "answered": [answer.question for answer in answers if not answer.unsure],
        "chosen": [option for answer in answers for option in answer.options],
        "unsure": [answer.question for answer in answers if answer.unsure],
    }


def _listed(
    procedure: _Procedure,
    status: Status,
    needed: Collection[str],
    conditions: Sequence[_Condition],
    reasons: Mapping[int, ListedReason],
) -> Listed:
    """A procedure with its documents, and the labels of who needs those that it does not need itself."""
    met_or_open = [index for index in procedure.conditions if index in reasons]
    labels: dict[str, set[str]] = {document: set() for document in procedure.own_documents}
    for index in met_or_open:
        for document in conditions[index].needs:
            document_labels = labels.setdefault(document, set())
            if document not in procedure.own_documents and (reasons[index].state == "true" or document not in needed):
                document_labels.add(reasons[index].label)
    return Listed(
        procedure=procedure.key,
        status=status,
        documents=tuple(
            NeededDocument(
                document=document,
                status="needed" if document in needed or document in procedure.own_documents else "may_be_needed",
                labels=tuple(sorted(labels[document])),
            )
            for document in sorted(labels)
        ),
        because=tuple(sorted((reasons[index] for index in met_or_open), key=lambda reason: reason.condition)),
    )


async def explain(
    graph: Reads, outline: Outline, *, events: Sequence[str], answers: Sequence[Answer], procedure: str
) -> Explanation:
    """Why the procedure is or is not listed; one that the edition does not have is not, and has no conditions."""
    rows = await graph.many(
        "guidance/engine", "explain", edition=outline.edition, household=household(events, answers), procedure=procedure
    )
    answers_by_question = {answer.question: answer for answer in answers}
    conditions = tuple(_explained(row, answers_by_question) for row in rows)
    states = {condition.state for condition in conditions}
    status: Literal["applies", "may_apply", "not_listed"] = "not_listed"
    if states & {"true", "open"}:
        status = "applies" if "true" in states else "may_apply"
    return Explanation(edition=outline.edition, procedure=procedure, status=status, conditions=conditions)


def _explained(row: Row, answers_by_question: dict[str, Answer]) -> ExplainedCondition:
    clauses: dict[tuple[int, str], list[Row]] = {}
    for option in row["options"]:
        excluded = option["clause"] is None
        clauses.setdefault((-1, option["option"]) if excluded else (option["clause"], ""), []).append(option)
    clauses_explained = tuple(_clause(options, answers_by_question) for _, options in sorted(clauses.items()))
    states = {clause.state for clause in clauses_explained}
    state: Literal["true", "open", "false"] = "true"
    if states & {"false", "open"}:
        state = "false" if "false" in states else "open"
    return ExplainedCondition(condition=row["condition"], label=row["label"], state=state, clauses=clauses_explained)


def _clause(options: list[Row], answers_by_question: dict[str, Answer]) -> Clause:
    negated = options[0]["clause"] is None
    best = max(int(option["state"]) for option in options)
    questions = dict.fromkeys(str(option["question"]) for option in options if not option["moot"])
    return Clause(
        options=tuple(str(option["option"]) for option in options),
        negated=negated,
        state=TRUTH[2 - best if negated else best],
        answers=tuple(answers_by_question[question] for question in questions if question in answers_by_question),
    )


class Guide:
    """Guidance on published editions, kept while it fits: it never changes for (edition, life events, answers).

    It is kept once for all households of the same normal form, where `shares`; each is told its own answers.
    `batches` are the households that are not kept, on their way to the database.
    """

    def __init__(self, graph: Graph, cache: Cache, admission: Admission, *, shares: bool = True) -> None:
        self._graph = graph
        self._admission = admission
        self._shares = shares
        self._statements = asyncio.Semaphore(MOST_STATEMENTS)
        self._shared: Part[Group, Shared] | None = cache.part(_weight_shared) if shares else None
        self.batches: Batches[Asked, Guidance] = Batches(
            lambda requests: select_all(graph, requests, kept=self._shared)
        )
        self._forms: Part[Group, NormalForm] = cache.part(lambda form: 1_500 * form.size)
        self._names: Part[Asked, Names] = cache.part(lambda _: NAMES_BYTES)
        self._kept: Part[tuple[int, tuple[str, ...], bytes], Given] = cache.part(_weight)
        self._next: Part[tuple[int, tuple[str, ...], bytes], NextQuestion] = cache.part(lambda _: 200)
        self._explained: Part[tuple[int, tuple[str, ...], tuple[Answer, ...], str], Explanation] = cache.part(
            _weight_explained
        )

    async def guide(self, edition: int, events: tuple[str, ...], answers: tuple[Answer, ...]) -> Given:
        """The guidance for normalised answers.

        Errors when it is not kept: Busy where too many wait already; Unavailable when the database is away.
        """
        names = await self._names_of(Asked(edition, events, answers))
        kept_guidance = await self._kept.fetch(
            (edition, events, names.guidance),
            lambda: self._admission.run(lambda: self._select(edition, events, answers)),
        )
        if kept_guidance.guidance.answers == answers:
            return kept_guidance
        return replace(kept_guidance, guidance=replace(kept_guidance.guidance, answers=answers))

    async def next_question(self, edition: int, events: tuple[str, ...], answers: tuple[Answer, ...]) -> NextQuestion:
        """What is asked next, and how many questions are left at most. Errors as of `guide`."""
        key = (edition, events, (await self._names_of(Asked(edition, events, answers))).question)
        next_question = self._next.get(key)
        if next_question is None:
            guidance = (await self.guide(edition, events, answers)).guidance
            next_question = NextQuestion(guidance.next_question, guidance.questions_left_at_most)
            self._next.put(key, next_question)
        return next_question

    async def _names_of(self, request: Asked) -> Names:
        """The names of a household; without sharing those that only the same answers have."""
        if not self._shares:
            answers_as_name = repr(request.answers).encode()
            return Names(answers_as_name, answers_as_name)
        names = self._names.get(request)
        if names is None:
            names = (await self._form(request.edition, request.events)).names(request.answers)
            self._names.put(request, names)
        return names

    async def questions(self, edition: int, events: tuple[str, ...]) -> Collection[str]:
        """The questions whose answers count for these life events. Errors as of `guide`."""
        return (await self._form(edition, events)).questions

    async def _form(self, edition: int, events: tuple[str, ...]) -> NormalForm:
        async def read() -> NormalForm:
            row = await self._graph.one("guidance/engine", "rules", edition=edition, events=list(events))
            if row is None:
                raise LookupError("the statement always returns a row")
            return NormalForm(row["conditions"], row["questions"])

        return await self._forms.fetch((edition, events), lambda: self._admission.run(read))

    async def _select(self, edition: int, events: tuple[str, ...], answers: tuple[Answer, ...]) -> Given:
        return Given(guidance=await self.batches.ask(Asked(edition, events, answers)), at=clock.now())

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


def _weight(given_guidance: Given) -> int:
    """Bytes, by measured object sizes: a listed procedure with its reasons and documents is about 1.2 kB."""
    return 600 + 250 * len(given_guidance.guidance.answers) + 1_200 * len(given_guidance.guidance.listed)


def _weight_shared(shared: Shared) -> int:
    """Bytes, on the same scale."""
    return 600 + 500 * (len(shared.conditions) + len(shared.procedures))


def _weight_explained(explanation: Explanation) -> int:
    """Bytes, on the same scale: a condition has a handful of clauses with their options and answers."""
    return 600 + 2_000 * len(explanation.conditions)
