"""What an interview leaves open, as masks, and what answers make of it: clauses 1 to 8 of `ops/design/guidance.md`.

For residents who never answer unsure, and answer only what they are asked: then nothing that is certain is ever
taken back. Interviews that leave the same open clauses have the same future, so a `State` holds these and no more;
answers that lead to the same state are counted together. Nothing here knows the graph, or any words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache, reduce
from operator import and_
from typing import NamedTuple

from service.analysis.bdd import NotDecided, in_order, question_of, reached, relevant, rows
from service.content.models import Answer, Condition, Content, Option

QUESTIONS = 300
"""Counting what was not asked recurses three times for each question; Python allows a thousand calls in each other."""

Mask = int
"""A set of options, of questions or of effects, by their numbers."""


class StateRow(NamedTuple):
    """What is left of a condition that still matters. `clauses` and `excluded` hold its open options, `looks` all of
    them; `effects` what it would add to the result: procedures, and documents for them, that are not yet certain."""

    looks: Mask
    clauses: tuple[Mask, ...]
    excluded: Mask
    effects: Mask


class State(NamedTuple):
    """What an interview leaves open: rows, and the unanswered questions by number, parents first, each with the
    options of which one would make it ready (none: it is ready). Nothing else has a part in its future."""

    rows: tuple[StateRow, ...]
    alive: tuple[tuple[int, Mask], ...]


class Edge(NamedTuple):
    """The answers to a question that lead to the same state: how many, in how many `ways` they can be given with
    answers to the questions that nothing waits for any more, the `least` and the `most` that they add to the result
    for certain (each of them, any of them), and the options that one of them chooses."""

    answers: int
    ways: int
    least: Mask
    most: Mask
    chosen: Mask

    def joined(self, other: Edge) -> Edge:
        """Both together; the example is the first one's."""
        return Edge(
            self.answers + other.answers,
            self.ways + other.ways,
            self.least & other.least,
            self.most | other.most,
            self.chosen,
        )

    def adding(self, gained: Mask, chosen: Mask) -> Edge:
        """The same answers when they also choose these options, which adds that to the result."""
        return self._replace(least=self.least | gained, most=self.most | gained, chosen=self.chosen | chosen)


ONE = Edge(answers=1, ways=1, least=0, most=0, chosen=0)


class StateEffect(NamedTuple):
    """A procedure that applies (document None), or a document needed for it."""

    procedure: str
    document: str | None


class InterviewRules:
    """The conditions and questions of some life events as masks, and what answers make of them.

    Errors: NotDecided when there are too many questions, or when more than `limit` rows of states were looked at.
    """

    def __init__(self, content: Content, events: Collection[str], *, limit: int) -> None:
        self.questions = in_order(content, relevant(content, events))
        if len(self.questions) > QUESTIONS:
            raise NotDecided("questions", QUESTIONS)
        self.steps_left = self.limit = limit
        self.options = tuple(option.key for question in self.questions for option in question.options)
        self._bits = {key: 1 << index for index, key in enumerate(self.options)}
        self.offers = [self.mask(option.key for option in question.options) for question in self.questions]
        self._own_documents = {procedure.key: set(procedure.needs or ()) for procedure in content.procedures}
        self._effects: dict[StateEffect, int] = {}
        self._ways: dict[tuple[tuple[int, Mask], ...], int] = {(): 1}
        self.owners = cache(self._owners)
        state_rows = [row for row in map(self._row, rows(content, events)) if row.effects]
        alive = tuple((index, self.mask(entry.asked_after)) for index, entry in enumerate(self.questions))
        start, self.given = self._settled(State(tuple(state_rows), alive), 0, 0)
        self.start, self.unasked = self.narrowed(start)

    def mask(self, options: Iterable[str]) -> Mask:
        """These options as one number."""
        return sum({self._bits[option] for option in options})

    def effects(self, mask: Mask) -> list[StateEffect]:
        """What the numbers stand for."""
        return [effect for effect, index in self._effects.items() if mask >> index & 1]

    def answer(self, question_index: int, chosen: Mask) -> Answer:
        """The answer to a question that chooses these options."""
        question = self.questions[question_index]
        return Answer(question.key, tuple(option.key for option in question.options if self._bits[option.key] & chosen))

    def offered(self, question: str) -> tuple[Option, ...]:
        """The options of a question."""
        return next(tuple(candidate.options) for candidate in self.questions if candidate.key == question)

    def below(self, question_index: int) -> set[str]:
        """The question and all that follow it, directly or not, as keys."""
        keys = {self.questions[question_index].key}
        for question in self.questions:
            if not keys.isdisjoint(question_of(option) for option in question.asked_after):
                keys.add(question.key)
        return keys

    def _row(self, row: Condition) -> StateRow:
        clauses = tuple(sorted({self.mask(clause) for clause in row.requires}))
        excluded = self.mask(row.excludes)
        return StateRow(united(clauses) | excluded, clauses, excluded, self._effects_of(row))

    def _effects_of(self, row: Condition) -> Mask:
        """Clause 6: the procedures it selects, and its documents for them where they are not needed anyway."""
        effects = [StateEffect(procedure, None) for procedure in row.selects]
        effects += [
            StateEffect(key, document)
            for key in row.selects
            for document in row.needs
            if document not in self._own_documents[key]
        ]
        return united(1 << self._effects.setdefault(effect, len(self._effects)) for effect in effects)

    def _owners(self, options: Mask) -> tuple[int, ...]:
        """The numbers of the questions that offer these options."""
        return tuple(index for index, offered in enumerate(self.offers) if offered & options)

    def question(self, state: State) -> int | None:
        """The number of the next question (clauses 7 and 8); None when the result is final."""
        above: dict[int, Mask] = {}
        for index, waits in state.alive:
            above[index] = united(above[parent] for parent in self.owners(waits)) if waits else 1 << index
        weights = dict.fromkeys((index for index, waits in state.alive if not waits), 0)
        for looks, times in Counter(row.looks for row in state.rows).items():
            reached = united(above[index] for index in self.owners(looks))
            for index in weights:
                weights[index] += times * (reached >> index & 1)
        return min((index for index, weight in weights.items() if weight), key=self._order(weights), default=None)

    def _order(self, weights: Mapping[int, int]) -> Callable[[int], tuple[int, int, str]]:
        return lambda index: (self.questions[index].position, -weights[index], self.questions[index].key)

    def answers(self, state: State, question_index: int) -> dict[State, Edge]:
        """Where the answers to a question lead, one entry for all that lead to the same."""
        offered = [self._bits[option.key] for option in self.questions[question_index].options]
        state_without = State(state.rows, tuple(entry for entry in state.alive if entry[0] != question_index))
        edges: dict[State, Edge] = {}
        if self.questions[question_index].kind == "one":
            for bit in offered:
                self._add_edge(edges, state_without, ONE, chosen=bit, out=self.offers[question_index] & ~bit)
            return edges
        edges[state_without] = ONE
        for bit in offered:
            # Option by option: there are 2^n answers, but hardly ever as many states.
            before, edges = edges, {}
            for partly, edge in before.items():
                self._add_edge(edges, partly, edge, chosen=0, out=bit)
                self._add_edge(edges, partly, edge, chosen=bit, out=0)
        return edges

    def _add_edge(self, edges: dict[State, Edge], state: State, edge: Edge, *, chosen: Mask, out: Mask) -> None:
        end, gained = self._settled(state, chosen, out)
        edge = edge.adding(gained, chosen)
        edges[end] = edges[end].joined(edge) if end in edges else edge

    def _settled(self, state: State, chosen: Mask, out: Mask) -> tuple[State, Mask]:
        """The state after these options are in and those out, and what that adds to the result (clauses 1 to 6)."""
        self.steps_left -= 1 + len(state.rows)
        if self.steps_left < 0:
            raise NotDecided("steps", self.limit)
        alive = []
        for index, waits in state.alive:
            open_waits = 0 if waits & chosen else waits & ~out
            if waits and not open_waits and not waits & chosen:
                out |= self.offers[index]
            else:
                alive.append((index, open_waits))
        open_rows = []
        gained = 0
        for row in state.rows:
            reduced_row = reduced(row, chosen=chosen, out=out) if row.looks & (chosen | out) or not row.looks else row
            if reduced_row is not None and reduced_row.looks:
                open_rows.append(reduced_row)
            elif reduced_row is not None:
                gained |= reduced_row.effects
        if gained:
            lasting = ((row, row.effects & ~gained) for row in open_rows)
            open_rows = [
                StateRow(row.looks, row.clauses, row.excluded, effects_left)
                for row, effects_left in lasting
                if effects_left
            ]
        open_rows.sort()
        return State(tuple(open_rows), tuple(alive)), gained

    def narrowed(self, state: State) -> tuple[State, int]:
        """The state without the questions that nothing waits for, and in how many ways those can be answered.

        They are left out once no question that something waits for stands above or below them.
        """
        needed = self._connected(state.alive, self._awaited(state))
        kept_alive = tuple(entry for entry in state.alive if entry[0] in needed)
        return State(state.rows, kept_alive), self.ways(tuple(entry for entry in state.alive if entry[0] not in needed))

    def _awaited(self, state: State) -> set[int]:
        waits = dict(state.alive)
        looked_at = self.owners(united(row.looks for row in state.rows))
        return reached(looked_at, lambda index: self.owners(waits[index]))

    def _connected(self, alive: Iterable[tuple[int, Mask]], starts: Collection[int]) -> set[int]:
        """All questions that hang together with some of them, over those that they wait for."""
        links: dict[int, set[int]] = {index: set() for index, _ in alive}
        for index, waits in alive:
            for parent in self.owners(waits):
                links[index].add(parent)
                links[parent].add(index)
        return reached(starts, links.__getitem__)

    def ways(self, alive: tuple[tuple[int, Mask], ...]) -> int:
        """In how many ways these questions can be answered, those that stay moot left out."""
        count = self._ways.get(alive)
        if count is None:
            together = self._connected(alive, [alive[0][0]])
            other_ways = self.ways(tuple(entry for entry in alive if entry[0] not in together))
            state = State((), tuple(entry for entry in alive if entry[0] in together))
            ends = self.answers(state, alive[0][0]).items()
            count = self._ways[alive] = other_ways * sum(edge.answers * self.ways(end.alive) for end, edge in ends)
        return count


def united(masks: Iterable[Mask]) -> Mask:
    """Every member of any of the masks, as one mask."""
    union = 0
    for mask in masks:
        union |= mask
    return union


def intersected(masks: Iterable[Mask]) -> Mask:
    """What is in each of them; there is at least one."""
    return reduce(and_, masks)


def reduced(row: StateRow, *, chosen: Mask, out: Mask) -> StateRow | None:
    """What is left of a row when these options are in and those out; None once it is false (clause 3)."""
    if row.excluded & chosen:
        return None
    clauses = {clause & ~out for clause in row.clauses if not clause & chosen}
    if 0 in clauses:
        return None
    excluded = row.excluded & ~out
    return StateRow(united(clauses) | excluded, tuple(sorted(clauses)), excluded, row.effects)
