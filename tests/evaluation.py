"""An independent evaluation of the guidance in plain Python, written from `ops/design/guidance.md` alone.

Straightforward rather than fast: it reads a whole `Content`, shares no code with the service, and is what the
Cypher and the seed are checked against. Clause numbers below are those of that document.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from service.content.models import Answer, Clause, Condition, Content, ExplainedCondition, Explanation, Scenario

State = Literal["true", "open", "false"]
Side = Literal["in", "out", "open"]


@dataclass(frozen=True)
class ExpectedProcedure:
    """A listed procedure: status, documents with theirs, and (condition, state, waits for) by condition key."""

    status: Literal["applies", "may_apply"]
    documents: dict[str, Literal["needed", "may_be_needed"]]
    because: list[tuple[str, Literal["true", "open"], tuple[str, ...]]]


@dataclass(frozen=True)
class Expected:
    """The whole guidance; `procedures` holds only those that are listed, by key."""

    next_question: str | None
    questions_left_at_most: int
    procedures: dict[str, ExpectedProcedure] = field(default_factory=dict)


def evaluate(content: Content, life_events: Iterable[str], answers: Iterable[Answer]) -> Expected:
    """What the guide has to say to these life events and answers."""
    state = Evaluation(content, life_events, answers)
    candidates = state.candidates()
    return Expected(
        next_question=state.best_of(candidates),
        questions_left_at_most=len(state.visited()) if candidates else 0,
        procedures=state.procedures(),
    )


def explain(content: Content, life_events: Iterable[str], answers: Iterable[Answer], procedure: str) -> Explanation:
    """Why a procedure is or is not listed: each condition of the chosen life events that selects it; edition 0.

    Clauses stand in the order of the content, exclusions after requirements.
    """
    state = Evaluation(content, life_events, answers)
    rows = [row for row in state.rows if procedure in row.selects]
    return Explanation(
        edition=0,
        procedure=procedure,
        status=state.status(procedure),
        conditions=tuple(
            ExplainedCondition(row.key, row.label, state.condition(row), state.explained_clauses(row))
            for row in sorted(rows, key=lambda row: row.key)
        ),
    )


def answers_of(scenario: Scenario) -> list[Answer]:
    """The answers of a made-up household in the form of a resident's."""
    return [
        Answer(question, unsure=True) if said == "unsure" else Answer(question, tuple(said))
        for question, said in scenario.answers.items()
    ]


def differing(content: Content, scenario: Scenario) -> tuple[set[str], set[str]]:
    """What a scenario expects that is not certain to apply, and what it rules out that is listed."""
    procedures = evaluate(content, scenario.life_events, answers_of(scenario)).procedures
    applies = {key for key, found in procedures.items() if found.status == "applies"}
    return set(scenario.expects) - applies, set(scenario.rules_out) & set(procedures)


class Evaluation:
    """One content, one choice of life events, one set of answers."""

    def __init__(self, content: Content, life_events: Iterable[str], answers: Iterable[Answer]) -> None:
        chosen = set(life_events)
        self.questions = {question.key: question for question in content.questions}
        self.own_documents = {procedure.key: set(procedure.needs or ()) for procedure in content.procedures}
        self.rows = [row for row in content.conditions if chosen & set(row.life_events)]
        self.answers = {answer.question: answer for answer in answers}
        self.moot = cache(self._moot)

    # Clauses 1 and 2: questions and options

    def _moot(self, question: str) -> bool:
        follows = self.questions[question].asked_after
        return bool(follows) and all(self.option(option) == "out" for option in follows)

    def option(self, option: str) -> Side:
        """Moot wins over an answer that was given earlier."""
        question = question_of(option)
        if self.moot(question):
            return "out"
        answer = self.answers.get(question)
        if answer is None or answer.unsure:
            return "open"
        return "in" if option in answer.options else "out"

    # Clause 3: conditions

    def requirement(self, clause: Iterable[str]) -> State:
        sides = {self.option(option) for option in clause}
        return "true" if "in" in sides else "open" if "open" in sides else "false"

    def exclusion(self, option: str) -> State:
        states: dict[Side, State] = {"out": "true", "in": "false", "open": "open"}
        return states[self.option(option)]

    def condition(self, row: Condition) -> State:
        states = {self.requirement(clause) for clause in row.requires}
        states |= {self.exclusion(option) for option in row.excludes}
        return "false" if "false" in states else "open" if "open" in states else "true"

    # Clauses 4 and 5: procedures and documents

    def states_selecting(self, procedure: str) -> set[State]:
        return {self.condition(row) for row in self.rows if procedure in row.selects}

    def status(self, procedure: str) -> Literal["applies", "may_apply", "not_listed"]:
        states = self.states_selecting(procedure)
        return "applies" if "true" in states else "may_apply" if "open" in states else "not_listed"

    def certain_documents(self, procedure: str) -> set[str]:
        certain = set(self.own_documents[procedure])
        for row in self.rows:
            if procedure in row.selects and self.condition(row) == "true":
                certain |= set(row.needs)
        return certain

    def possible_documents(self, procedure: str) -> set[str]:
        possible = set()
        for row in self.rows:
            if procedure in row.selects and self.condition(row) == "open":
                possible |= set(row.needs)
        return possible - self.certain_documents(procedure)

    def procedures(self) -> dict[str, ExpectedProcedure]:
        listed = {}
        for procedure in sorted({procedure for row in self.rows for procedure in row.selects}):
            status = self.status(procedure)
            if status != "not_listed":
                listed[procedure] = ExpectedProcedure(status, self.documents(procedure), self.because(procedure))
        return listed

    def documents(self, procedure: str) -> dict[str, Literal["needed", "may_be_needed"]]:
        documents: dict[str, Literal["needed", "may_be_needed"]] = {}
        documents |= dict.fromkeys(self.possible_documents(procedure), "may_be_needed")
        documents |= dict.fromkeys(self.certain_documents(procedure), "needed")
        return dict(sorted(documents.items()))

    def because(self, procedure: str) -> list[tuple[str, Literal["true", "open"], tuple[str, ...]]]:
        """Every true and every open condition that selects it; true ones wait for nothing."""
        reasons: list[tuple[str, Literal["true", "open"], tuple[str, ...]]] = []
        for row in sorted(self.rows, key=lambda row: row.key):
            state = self.condition(row)
            if procedure in row.selects and state == "true":
                reasons.append((row.key, "true", ()))
            elif procedure in row.selects and state == "open":
                reasons.append((row.key, "open", tuple(sorted(self.waits_for(row)))))
        return reasons

    # Clause 6: what still matters

    def matters(self, row: Condition) -> bool:
        return self.condition(row) == "open" and any(
            self.status(procedure) != "applies" or set(row.needs) - self.certain_documents(procedure)
            for procedure in row.selects
        )

    # Clause 7: candidates, and the walk that finds them

    def open_options(self, row: Condition) -> Iterator[str]:
        for clause in row.requires:
            if self.requirement(clause) == "open":
                yield from (option for option in clause if self.option(option) == "open")
        yield from (option for option in row.excludes if self.option(option) == "open")

    def ready(self, question: str) -> bool:
        follows = self.questions[question].asked_after
        return not follows or any(self.option(option) == "in" for option in follows)

    def walk(self, option: str) -> list[list[str]]:
        """Every way from the option's question up to a candidate, as the unanswered questions on it, candidate last."""
        question = question_of(option)
        if question in self.answers:
            return []
        if self.ready(question):
            return [[question]]
        parents = [above for above in self.questions[question].asked_after if self.option(above) == "open"]
        return [[question, *way] for parent in parents for way in self.walk(parent)]

    def ways(self, row: Condition) -> list[list[str]]:
        return [way for option in self.open_options(row) for way in self.walk(option)]

    def waits_for(self, row: Condition) -> set[str]:
        return {way[-1] for way in self.ways(row)}

    def candidates(self) -> dict[str, int]:
        """Each candidate with the number of conditions that matter and wait for it."""
        weight: dict[str, int] = {}
        for row in filter(self.matters, self.rows):
            for candidate in self.waits_for(row):
                weight[candidate] = weight.get(candidate, 0) + 1
        return weight

    def visited(self) -> set[str]:
        """The unanswered questions on a way to a candidate, candidates included (left at most)."""
        rows = [row for row in self.rows if self.matters(row)]
        return {question for row in rows for way in self.ways(row) for question in way}

    # Clause 8: the next question

    def best_of(self, candidates: dict[str, int]) -> str | None:
        order = {key: (self.questions[key].position, -weight, key) for key, weight in candidates.items()}
        return min(order, key=lambda key: order[key], default=None)

    # Why

    def explained_clauses(self, row: Condition) -> tuple[Clause, ...]:
        required = [
            Clause(
                tuple(clause),
                False,
                self.requirement(clause),
                self.decisive(clause, self.requirement(clause)),
            )
            for clause in row.requires
        ]
        excluded = []
        for option in row.excludes:
            state = self.exclusion(option)
            as_required: State = "false" if state == "true" else "true" if state == "false" else "open"
            excluded.append(Clause((option,), True, state, self.decisive([option], as_required)))
        return (*required, *excluded)

    def decisive(self, options: Iterable[str], state: State) -> tuple[Answer, ...]:
        """The answers that put the options in (true), out (false) or left them open by being unsure; by question."""
        side = {"true": "in", "false": "out", "open": "open"}[state]
        found: dict[str, Answer] = {}
        for option in options:
            if self.option(option) == side:
                found |= self.answers_behind(option)
        return tuple(found[question] for question in sorted(found))

    def answers_behind(self, option: str) -> dict[str, Answer]:
        """The answer to the option's question; of a moot question, the answers above that made it moot."""
        question = question_of(option)
        if not self.moot(question):
            return {question: self.answers[question]} if question in self.answers else {}
        behind: dict[str, Answer] = {}
        for above in self.questions[question].asked_after:
            behind |= self.answers_behind(above)
        return behind


def question_of(option: str) -> str:
    return option.partition("/")[0]
