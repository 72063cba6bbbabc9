"""Households as decision diagrams: what holds for all possible answers, proved and counted, never sampled.

A *household* is a definite answer to every question that is not moot, among the questions of the conditions of the
chosen life events and those that these follow (`ops/design/editions.md`, "Compare"). Every option is one variable,
true where it is chosen and its question is not moot, so every household is exactly one assignment. The rules are
those of `ops/design/guidance.md`, clauses 1 to 5. Nothing here knows the graph, or any words.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from graphlib import TopologicalSorter
from typing import NamedTuple, TypeVar

from dd.bdd import BDD

from service.content.models import Answer, Condition, Content, Question

Key = TypeVar("Key", bound=Hashable)
Node = int
"""A set of households in one diagram. Equal sets are equal numbers; the complement is the negative number."""

ALL: Node = 1
NONE: Node = -1

STEPS = 500_000
"""Each step makes or finds one node: about 4 µs and 450 bytes, so at most two seconds and 220 MB."""

VARIABLES = 500
"""The library recurses once for each variable; Python allows a thousand calls inside each other."""


class NotDecided(Exception):
    """The question is too large to be decided within `limit` steps or variables (`why` says which of them)."""

    def __init__(self, why: str, limit: int) -> None:
        super().__init__(f"not decided: more than {limit} {why}")
        self.why = why
        self.limit = limit


class Bounds(NamedTuple):
    """Something that is true, open or false: the households where it is true, and those where it is not false."""

    certain: Node
    possible: Node


NEVER = Bounds(NONE, NONE)


class Diagram(BDD):
    """All the nodes of one question to be decided, and a bound on the work. Variables stand in the order given."""

    def __init__(self, names: Sequence[str], *, steps: int = STEPS) -> None:
        if len(names) > VARIABLES:
            raise NotDecided("variables", VARIABLES)
        super().__init__({name: level for level, name in enumerate(names)})
        self.steps_left = self.steps = steps
        self._joined: dict[frozenset[Node], Node] = {}

    def __del__(self) -> None:
        """Nothing: all nodes go at once, so there is no need to collect them one by one."""

    def find_or_add(self, i: int, v: Node, w: Node) -> Node:
        """The node of variable number i that leads to v where it is false and to w where it is true.

        Errors: NotDecided when the steps are used up.
        """
        self.steps_left -= 1
        if self.steps_left < 0:
            raise NotDecided("steps", self.steps)
        return super().find_or_add(i, v, w)

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = object.__hash__

    def branch(self, where: Node, *, then: Node, otherwise: Node) -> Node:
        """Where `then` holds inside of `where`, and `otherwise` outside of it."""
        node: Node = self.ite(where, then, otherwise)
        return node

    def both(self, one: Node, other: Node) -> Node:
        """Where one and other hold."""
        if ALL in (one, other) or one == other:
            return other if one == ALL else one
        return self.branch(one, then=other, otherwise=NONE)

    def either(self, one: Node, other: Node) -> Node:
        """Where one or other holds."""
        return -self.both(-one, -other)

    def all_of(self, nodes: Iterable[Node]) -> Node:
        """Where each of them holds; joined from the last variable upwards, which keeps what is between small."""
        distinct_nodes = frozenset(nodes) - {ALL}
        if NONE in distinct_nodes:
            return NONE
        joined = self._joined.get(distinct_nodes)
        if joined is None:
            joined = ALL
            for node in sorted(distinct_nodes, key=lambda node: (-self.succ(node)[0], node)):
                joined = self.both(node, joined)
            self._joined[distinct_nodes] = joined
        return joined

    def any_of(self, nodes: Iterable[Node]) -> Node:
        """Where at least one of them holds."""
        return -self.all_of(-node for node in nodes)

    def some(self, names: Collection[str], node: Node) -> Node:
        """Where the node holds for some values of these variables, whatever the other variables are."""
        quantified: Node = self.exist(names, node)
        return quantified

    def fewest(self, node: Node) -> frozenset[str] | None:
        """The variables that are true in the assignment of the node with the fewest true ones; None if it has none.

        Among equals, the one that chooses the earlier variable.
        """
        if node == NONE:
            return None
        costs: dict[Node, float] = {ALL: 0, NONE: float("inf")}
        chosen = set()
        while node != ALL:
            level, low, high = self._branches(node)
            if self._cost(low, costs) < 1 + self._cost(high, costs):
                node = low
            else:
                chosen.add(self.var_at_level(level))
                node = high
        return frozenset(chosen)

    def _cost(self, node: Node, costs: dict[Node, float]) -> float:
        cost = costs.get(node)
        if cost is None:
            _, low, high = self._branches(node)
            cost = costs[node] = min(self._cost(low, costs), 1 + self._cost(high, costs))
        return cost

    def _branches(self, node: Node) -> tuple[int, Node, Node]:
        """The variable of a node that is neither ALL nor NONE, and where it leads."""
        level, low, high = self.succ(node)
        if low is None or high is None:
            raise ValueError(node)
        return (level, low, high) if node > 0 else (level, -low, -high)


FEW_ROWS = 6
"""More conditions than these are joined within the valid households only: answers that are not possible, such as two
options of one, would multiply (measured: 16 times fewer steps for 27 rows); fewer are joined faster without."""


class Reading:
    """What the conditions of some life events make of the states of their options (clauses 3 to 5).

    `sides` says of each option where it is in and where it is not out. What is found is right within `valid`; it may
    hold outside of it too.
    """

    def __init__(
        self, content: Content, events: Collection[str], *, diagram: Diagram, sides: Mapping[str, Bounds], valid: Node
    ) -> None:
        self._diagram = diagram
        self._sides = sides
        self._valid = valid
        self._rows = {row.key: row for row in rows(content, events)}
        self._own_documents = {procedure.key: frozenset(procedure.needs or ()) for procedure in content.procedures}
        self._states: dict[str, Bounds] = {}
        self._selecting: dict[str, list[Condition]] = {}
        for row in self._rows.values():
            for procedure in set(row.selects):
                self._selecting.setdefault(procedure, []).append(row)

    @property
    def conditions(self) -> tuple[str, ...]:
        """The conditions of the life events, by key."""
        return tuple(sorted(self._rows))

    @property
    def procedures(self) -> tuple[str, ...]:
        """The procedures that some condition of the life events selects, by key."""
        return tuple(sorted(self._selecting))

    def selecting(self, procedure: str) -> tuple[str, ...]:
        """The conditions that select the procedure, by key."""
        return tuple(sorted(row.key for row in self._selecting.get(procedure, ())))

    def documents(self, procedure: str) -> tuple[str, ...]:
        """The documents that the procedure may need, by key: its own, and those of the conditions that select it."""
        documents = set(self._own_documents.get(procedure, ()))
        return tuple(sorted(documents.union(*(row.needs for row in self._selecting.get(procedure, ())))))

    def condition(self, key: str) -> Bounds:
        """Where the condition is true, and where it is not false. KeyError for one of other life events."""
        bounds = self._states.get(key)
        if bounds is None:
            bounds = self._states[key] = self._condition(self._rows[key])
        return bounds

    def _condition(self, row: Condition) -> Bounds:
        sides, any_of = self._sides, self._diagram.any_of
        certain = [any_of(sides[option].certain for option in clause) for clause in row.requires]
        certain += (-sides[option].possible for option in row.excludes)
        possible = [any_of(sides[option].possible for option in clause) for clause in row.requires]
        possible += (-sides[option].certain for option in row.excludes)
        return Bounds(self._diagram.all_of(certain), self._diagram.all_of(possible))

    def grounds(self, procedure: str) -> tuple[frozenset[str], frozenset[tuple[Bounds, frozenset[str]]]]:
        """All that the procedure and its documents follow from: where these are equal, so is everything about them."""
        selecting = self._selecting.get(procedure, ())
        states = frozenset((self.condition(row.key), frozenset(row.needs)) for row in selecting)
        return self._own_documents.get(procedure, frozenset()) if selecting else frozenset(), states

    def procedure(self, key: str) -> Bounds:
        """Where the procedure applies, and where it is listed at all; NEVER for one that no condition selects."""
        return self._any_condition(self._selecting.get(key, ()))

    def document(self, procedure: str, key: str) -> Bounds:
        """Where the document is needed for the procedure, and where it may be; its own wherever that is listed."""
        brought = self._any_condition([row for row in self._selecting.get(procedure, ()) if key in row.needs])
        if key not in self._own_documents.get(procedure, ()):
            return brought
        listed = self.procedure(procedure).possible
        return Bounds(listed, listed)

    def _any_condition(self, conditions: Sequence[Condition]) -> Bounds:
        states = [self.condition(row.key) for row in conditions]
        within = self._valid if len(states) > FEW_ROWS else ALL
        certain, possible = (
            self._diagram.any_of(self._diagram.both(node, within) for node in nodes)
            for nodes in ([state.certain for state in states], [state.possible for state in states])
        )
        return Bounds(certain, possible)


class Compiled:
    """All households of some life events of one content, and what holds for which of them.

    `valid` is all of them. Other nodes may hold outside of it too: what counts, compares and proves here looks at
    valid households only. Not for use by several threads at once.
    """

    def __init__(self, content: Content, events: Collection[str], *, also: Collection[str], steps: int) -> None:
        self.content = content
        self.events = tuple(events)
        self.questions = in_order(content, relevant(content, events) | set(also))
        """The questions that count, parents first."""
        names = [option.key for question in self.questions for option in question.options]
        self.diagram = Diagram(names, steps=steps)
        chosen = {name: self.diagram.var(name) for name in names}
        self.sides = {name: Bounds(node, node) for name, node in chosen.items()}
        self._asked = {question.key: self._asked_where(question, chosen) for question in self.questions}
        self.valid = self.diagram.all_of(self._possible(question, chosen) for question in self.questions)
        self.reading = Reading(content, events, diagram=self.diagram, sides=self.sides, valid=self.valid)

    def _asked_where(self, question: Question, chosen: Mapping[str, Node]) -> Node:
        """Where the question is not moot (clause 1)."""
        return self.diagram.any_of(chosen[option] for option in question.asked_after) if question.asked_after else ALL

    def _possible(self, question: Question, chosen: Mapping[str, Node]) -> Node:
        """Where the question is answered as it allows: exactly one option for kind `one`; none of a moot question."""
        none_chosen, exactly_one = ALL, NONE
        for option in reversed(question.options):
            node = chosen[option.key]
            exactly_one = self.diagram.branch(node, then=none_chosen, otherwise=exactly_one)
            none_chosen = self.diagram.both(-node, none_chosen)
        asked_where = self._asked[question.key]
        return self.diagram.branch(
            asked_where, then=exactly_one if question.kind == "one" else ALL, otherwise=none_chosen
        )

    # Where something holds

    def option(self, key: str) -> Node:
        """Where the option is chosen. KeyError for an option of a question that does not count."""
        return self.sides[key].certain

    def asked(self, question: str) -> Node:
        """Where the question is not moot. KeyError for one that does not count."""
        return self._asked[question]

    def condition(self, key: str) -> Node:
        """Where the condition is true. KeyError for one of other life events."""
        return self.reading.condition(key).certain

    def applies(self, procedure: str) -> Node:
        """Where the procedure applies; NONE for one that no condition of the life events selects."""
        return self.reading.procedure(procedure).certain

    def needed(self, procedure: str, document: str) -> Node:
        """Where the document is needed for the procedure: its own, or that of a true condition."""
        return self.reading.document(procedure, document).certain

    def both(self, one: Node, other: Node) -> Node:
        """Where one and other hold."""
        return self.diagram.both(one, other)

    def either(self, one: Node, other: Node) -> Node:
        """Where one or other holds; where something does not hold is the negative node."""
        return self.diagram.either(one, other)

    # Proofs

    def count(self, node: Node = ALL) -> int:
        """How many households the node holds for, exactly."""
        return self.diagram.count(self.both(node, self.valid), len(self.sides))

    def never(self, node: Node) -> bool:
        """Whether it holds for no household."""
        return self.both(node, self.valid) == NONE

    def always(self, node: Node) -> bool:
        """Whether it holds for every household."""
        return self.never(-node)

    def implies(self, one: Node, other: Node) -> bool:
        """Whether `other` holds for every household for which `one` does."""
        return self.never(self.both(one, -other))

    def same(self, one: Node, other: Node) -> bool:
        """Whether they hold for the same households."""
        return self.both(one, self.valid) == self.both(other, self.valid)

    def swings(self, node: Node, question: str) -> Node:
        """Households for which the answer to the question, with those to the questions below it, decides whether it
        holds: all their other answers leave both possible. NONE: the question never matters for it.

        KeyError for a question that does not count.
        """
        with_below = {question}
        for follower in self.questions:
            if not with_below.isdisjoint(question_of(option) for option in follower.asked_after):
                with_below.add(follower.key)
        names = [name for name in self.sides if question_of(name) in with_below]
        can_hold = self.diagram.some(names, self.both(node, self.valid))
        can_fail = self.diagram.some(names, self.both(-node, self.valid))
        return self.diagram.all_of((can_hold, can_fail, self.valid, self.asked(question)))

    def witness(self, node: Node) -> tuple[Answer, ...] | None:
        """A household for which it holds, by question key; None if there is none.

        The one with the fewest options chosen (so with few further questions, and little that is special), among
        those the one with the earlier options.
        """
        chosen = self.diagram.fewest(self.both(node, self.valid))
        return None if chosen is None else household(self.questions, chosen)


def compiled(content: Content, events: Collection[str], *, also: Collection[str] = (), steps: int = STEPS) -> Compiled:
    """All households of the life events; `also` names further questions that are to count, with their ancestors closed.

    Errors: NotDecided, now or at any later question to it, when all that was asked took more than `steps`.
    """
    return Compiled(content, events, also=also, steps=steps)


def rows(content: Content, events: Collection[str]) -> list[Condition]:
    """The conditions of the life events."""
    chosen = set(events)
    return [row for row in content.conditions if not chosen.isdisjoint(row.life_events)]


def relevant(content: Content, events: Collection[str]) -> set[str]:
    """The questions of the conditions of the life events and those that they follow, as keys."""
    return above(content, {question_of(option) for row in rows(content, events) for option in options_of(row)})


def above(content: Content, questions: Iterable[str]) -> set[str]:
    """These questions and all that they follow, directly or not."""
    follows = {question.key: {question_of(o) for o in question.asked_after} for question in content.questions}
    return reached(questions, follows.__getitem__)


def reached(starts: Iterable[Key], links: Callable[[Key], Iterable[Key]]) -> set[Key]:
    """Where one comes from these along the links, however far; where one starts is among them."""
    found: set[Key] = set()
    unvisited = set(starts)
    while unvisited:
        found |= unvisited
        unvisited = {linked for key in unvisited for linked in links(key)} - found
    return found


def in_order(content: Content, keys: Collection[str]) -> tuple[Question, ...]:
    """The wanted questions (none without those that it follows), parents first, then by position and key."""
    questions = {question.key: question for question in content.questions if question.key in keys}
    order = TopologicalSorter({key: {question_of(o) for o in entry.asked_after} for key, entry in questions.items()})
    order.prepare()
    ordered: list[Question] = []
    ready = [questions[key] for key in order.get_ready()]
    while ready:
        question = min(ready, key=lambda entry: (entry.position, entry.key))
        ready.remove(question)
        ordered.append(question)
        order.done(question.key)
        ready += [questions[key] for key in order.get_ready()]
    return tuple(ordered)


def household(questions: Sequence[Question], chosen: Collection[str]) -> tuple[Answer, ...]:
    """The answers by question key that choose these options; the questions stand parents first."""
    answers = {}
    for question in questions:
        if not question.asked_after or any(option in chosen for option in question.asked_after):
            options = tuple(option.key for option in question.options if option.key in chosen)
            answers[question.key] = Answer(question.key, options)
    return tuple(answers[key] for key in sorted(answers))


def options_of(row: Condition) -> set[str]:
    """The options that the condition looks at."""
    return {option for clause in row.requires for option in clause} | set(row.excludes)


def question_of(option: str) -> str:
    """The key of the question that offers the option."""
    return option.partition("/")[0]
