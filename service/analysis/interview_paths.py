"""All interviews about some life events, walked to their ends: how many questions residents are asked, and which.

For residents who never answer unsure. Figures count *households* (`ops/design/editions.md`, "Compare"): a definite
answer to every question that is not moot, among the questions of the conditions and those that these follow. A
question that is not asked splits no interview, but it splits households, and the mean is taken over households, each
once; nobody may read it as a mean over people. Nothing here knows the graph, or any words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from service.analysis import bdd
from service.analysis.bdd import NONE, STEPS, Compiled, Node, in_order, relevant
from service.analysis.interview_states import Edge, InterviewRules, Mask, State, StateEffect, intersected, united
from service.content.models import Answer, Content

WORK = 1_000_000
"""Steps: each looks at one row of one state that is made, in 2 to 5 µs. A million takes seconds, and some 100 MB."""

MOST_POSITION = 1_000_000


class InterviewStep(NamedTuple):
    """A state that interviews come to: the number of the question asked there (None: the result is final), where its
    answers lead, and the state before with the options chosen there (None: nothing was answered)."""

    question: int | None
    edges: Mapping[State, Edge]
    before: tuple[State, Mask] | None


@dataclass(frozen=True, slots=True)
class Figures:
    """What follows from a state: interviews, households, the questions asked of all of these together, the fewest and
    the most asked of one."""

    interviews: int = 1
    households: int = 1
    asked: int = 0
    fewest: int = 0
    most: int = 0


@dataclass(frozen=True, slots=True)
class Journeys:
    """The interviews about some life events in figures.

    `states` counts what interviews come to, the start and final results included. `interviews` counts different
    courses (questions and answers), `households` as the module says. `fewest`, `mean` and `most` count the questions
    asked, over all households, each once. `asked` says how many households are asked each question that counts, by
    key (0: nobody). `shortest` and `longest` are interviews with the fewest and the most questions, in the order asked.
    """

    events: tuple[str, ...]
    states: int
    interviews: int
    households: int
    fewest: int
    mean: Fraction
    most: int
    asked: Mapping[str, int]
    shortest: tuple[Answer, ...]
    longest: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """What moving a question to another position changes for the interviews about some life events."""

    question: str
    position: int
    before: Journeys
    after: Journeys

    @property
    def same(self) -> bool:
        """Whether every household is asked as many questions as before, as far as the figures tell."""
        return (self.before.fewest, self.before.mean, self.before.most, self.before.asked) == (
            self.after.fewest,
            self.after.mean,
            self.after.most,
            self.after.asked,
        )


@dataclass(frozen=True, slots=True)
class Idle:
    """A question that is asked although its answer, with those to the questions below it, cannot change the result any
    more: after these answers (in the order asked, the fewest there are), and of how many households in all."""

    question: str
    answers: tuple[Answer, ...]
    households: int


class Walk:
    """Every state that interviews about some life events come to, from the first question on.

    Errors: NotDecided ("steps", "questions") where there is more than can be walked through.
    """

    def __init__(self, content: Content, events: Collection[str], *, limit: int = WORK) -> None:
        self.content = content
        self.events = tuple(sorted(set(events)))
        self.rules = InterviewRules(content, events, limit=limit)
        self.visits: dict[State, InterviewStep] = {}
        level: dict[State, tuple[State, Mask] | None] = {self.rules.start: None}
        while level:
            next_level: dict[State, tuple[State, Mask] | None] = {}
            for state, before in level.items():
                step = self.visits[state] = self._step(state, before)
                for end_state, edge in step.edges.items():
                    if end_state not in self.visits and end_state not in level:
                        next_level.setdefault(end_state, (state, edge.chosen))
            level = next_level
        # Each answer leaves fewer questions, so what follows from a state stands after it.
        self.order = sorted(self.visits, key=lambda state: -len(state.alive))

    def _step(self, state: State, before: tuple[State, Mask] | None) -> InterviewStep:
        question_index = self.rules.question(state)
        if question_index is None:
            return InterviewStep(None, {}, before)
        edges: dict[State, Edge] = {}
        for whole, edge in self.rules.answers(state, question_index).items():
            end, unasked = self.rules.narrowed(whole)
            edge = edge._replace(ways=edge.answers * unasked)
            edges[end] = edges[end].joined(edge) if end in edges else edge
        return InterviewStep(question_index, edges, before)

    def figures(self) -> dict[State, Figures]:
        """What follows from each state."""
        figures_by_state: dict[State, Figures] = {}
        for state in reversed(self.order):
            step = self.visits[state]
            figures_by_state[state] = Figures() if step.question is None else _combined(step.edges, figures_by_state)
        return figures_by_state

    def households(self) -> dict[State, int]:
        """How many households come to each state."""
        figures = self.figures()
        weights = dict.fromkeys(self.order, 0)
        weights[self.rules.start] = self.rules.unasked
        for state in self.order:
            for end, edge in self.visits[state].edges.items():
                weights[end] += weights[state] * edge.ways
        return {state: weight * figures[state].households for state, weight in weights.items()}

    def answers_to(self, state: State) -> tuple[Answer, ...]:
        """An interview that comes to the state with the fewest questions, as answers in the order asked."""
        answers: list[Answer] = []
        before = self.visits[state].before
        while before is not None:
            state, chosen = before
            step = self.visits[state]
            assert step.question is not None
            answers.append(self.rules.answer(step.question, chosen))
            before = step.before
        return tuple(reversed(answers))

    def journeys(self) -> Journeys:
        """The interviews in figures."""
        figures = self.figures()
        whole = figures[self.rules.start]
        households = whole.households * self.rules.unasked
        return Journeys(
            events=self.events,
            states=len(self.visits),
            interviews=whole.interviews,
            households=households,
            fewest=whole.fewest,
            mean=Fraction(whole.asked, whole.households),
            most=whole.most,
            asked=self.asked(),
            shortest=tuple(self._path(figures, longest=False)),
            longest=tuple(self._path(figures, longest=True)),
        )

    def asked(self) -> dict[str, int]:
        """How many households are asked each question that counts, by key."""
        households_by_question = dict.fromkeys(sorted(question.key for question in self.rules.questions), 0)
        for state, households in self.households().items():
            question_index = self.visits[state].question
            if question_index is not None:
                households_by_question[self.rules.questions[question_index].key] += households
        return households_by_question

    def idle(self, *, steps: int = STEPS) -> tuple[Idle, ...]:
        """The questions that somebody is asked although the answer cannot change the result, by key; none: it is
        proved that no such question is ever asked.

        Errors: NotDecided when the proof takes more than `steps`.
        """
        households = self.households()
        states_by_question: dict[str, list[State]] = {}
        for state in self._undecided_states(steps=steps):
            question_index = self.visits[state].question
            assert question_index is not None
            states_by_question.setdefault(self.rules.questions[question_index].key, []).append(state)
        return tuple(
            Idle(
                key,
                min(map(self.answers_to, states_by_question[key]), key=len),
                sum(households[state] for state in states_by_question[key]),
            )
            for key in sorted(states_by_question)
        )

    def _undecided_states(self, *, steps: int) -> Iterator[State]:
        """The states where the answer changes nothing. Most answers differ in what is then certain or still possible,
        which costs nothing to see; only where all are alike, what holds for every household decides."""
        in_every_end: dict[State, Mask] = {}
        in_some_end: dict[State, Mask] = {}
        compiled: Compiled | None = None
        for state in reversed(self.order):
            edges = self.visits[state].edges
            in_every_end[state] = in_some_end[state] = 0
            if not edges:
                continue
            bounds = {(edge.least | in_every_end[end], edge.least | in_some_end[end]) for end, edge in edges.items()}
            bounds |= {(edge.most | in_every_end[end], edge.most | in_some_end[end]) for end, edge in edges.items()}
            in_every_end[state], in_some_end[state] = (
                intersected(in_every for in_every, _ in bounds),
                united(in_some for _, in_some in bounds),
            )
            if len(bounds) == 1:
                compiled = compiled or bdd.compiled(self.content, self.events, steps=steps)
                if not self._decides(state, compiled):
                    yield state

    def _decides(self, state: State, compiled: Compiled) -> bool:
        """Whether the answer in this state, with those to the questions below it, decides anything."""
        step = self.visits[state]
        assert step.question is not None
        answers = {answer.question: answer for answer in self.answers_to(state)}
        diagram = compiled.diagram
        literals = [
            compiled.option(option.key) if option.key in answers[key].options else -compiled.option(option.key)
            for key in answers
            for option in self.rules.offered(key)
        ]
        so_far = diagram.all_of((compiled.valid, *literals))
        own_and_below = self.rules.below(step.question)
        free = [option.key for key in own_and_below for option in self.rules.offered(key)]
        for effect in self.rules.effects(united(row.effects for row in state.rows)):
            node = _holds(effect, compiled)
            can_hold = diagram.some(free, diagram.both(node, so_far))
            if diagram.both(can_hold, diagram.some(free, diagram.both(-node, so_far))) != NONE:
                return True
        return False

    def _path(self, figures: Mapping[State, Figures], *, longest: bool) -> Iterator[Answer]:
        state = self.rules.start
        while (question_index := self.visits[state].question) is not None:
            edges = self.visits[state].edges
            if longest:
                end = max(edges, key=lambda candidate: figures[candidate].most)
            else:
                end = min(edges, key=lambda candidate: figures[candidate].fewest)
            yield self.rules.answer(question_index, edges[end].chosen)
            state = end


def _holds(effect: StateEffect, compiled: Compiled) -> Node:
    """The households that the effect holds for."""
    if effect.document is None:
        return compiled.applies(effect.procedure)
    return compiled.needed(effect.procedure, effect.document)


def _combined(edges: Mapping[State, Edge], figures: Mapping[State, Figures]) -> Figures:
    """What follows from a state whose answers lead to these."""
    ends = [(figures[end], edge) for end, edge in edges.items()]
    households = sum(end.households * edge.ways for end, edge in ends)
    return Figures(
        interviews=sum(end.interviews * edge.answers for end, edge in ends),
        households=households,
        asked=households + sum(end.asked * edge.ways for end, edge in ends),
        fewest=1 + min(end.fewest for end, _ in ends),
        most=1 + max(end.most for end, _ in ends),
    )


def journeys(content: Content, events: Collection[str], *, limit: int = WORK) -> Journeys:
    """The interviews about these life events together, in figures.

    Errors: NotDecided where there is more than can be walked through.
    """
    return Walk(content, events, limit=limit).journeys()


def with_position(content: Content, question: str, *, position: int) -> Content:
    """The content with the question at another position. Errors: KeyError for a question that is not there."""
    if all(other.key != question for other in content.questions):
        raise KeyError(question)
    changed = [
        other.model_copy(update={"position": position}) if other.key == question else other
        for other in content.questions
    ]
    return content.model_copy(update={"questions": changed})


def moved(content: Content, events: Collection[str], *, question: str, position: int, limit: int = WORK) -> Moved:
    """What moving the question there changes for the interviews about these life events.

    Errors: KeyError for a question that is not there; NotDecided where there is more than can be walked through.
    """
    before = journeys(content, events, limit=limit)
    after = journeys(with_position(content, question, position=position), events, limit=limit)
    return Moved(question, position, before, after)


def trials(content: Content, events: Collection[str], *, question: str, limit: int = WORK) -> tuple[Moved, ...]:
    """The question moved to each place that differs, by position: among the questions of each stage, between two
    stages, before the first and behind the last. None where it does not count for these life events.

    Errors: NotDecided where there is more than can be walked through.
    """
    before = journeys(content, events, limit=limit)
    return tuple(
        Moved(
            question,
            new_position,
            before,
            journeys(with_position(content, question, position=new_position), events, limit=limit),
        )
        for new_position in positions(content, events, question=question)
    )


def positions(content: Content, events: Collection[str], *, question: str) -> tuple[int, ...]:
    """The positions for `trials`, rising, without the one it has and those that mean the same."""
    counted = in_order(content, relevant(content, events))
    own_positions = {entry.position for entry in counted if entry.key == question}
    stages = sorted({entry.position for entry in counted if entry.key != question})
    if not own_positions or not stages:
        return ()
    between = [(stage + next_stage) // 2 for stage, next_stage in pairwise(stages) if next_stage - stage > 1]
    outer = [max(stages[0] - 10, -MOST_POSITION), min(stages[-1] + 10, MOST_POSITION)]
    candidates = sorted({*stages, *between, *outer})
    return tuple(
        position for position in candidates if _stage_of(position, stages) != _stage_of(min(own_positions), stages)
    )


def _stage_of(position: int, stages: list[int]) -> tuple[int, bool]:
    """Behind how many stages a position stands, and whether it is in one."""
    return sum(stage < position for stage in stages), position in stages
