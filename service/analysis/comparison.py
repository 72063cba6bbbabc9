"""What changes for residents between two contents, over all possible answers (`ops/design/editions.md`, "Compare").

A household answers the newer edition: every question that the life event's conditions look at there, and every one
that they looked at in the older edition and that is still there. Its answers are carried back by key:

- An option that the older question does not have: for kind `many` it is left out; for kind `one` there is no
  counterpart. In general a household has none when an answer is not possible in the older edition (its kind may have
  changed) and the question is not moot there. Such households are counted apart and not compared.
- A question that the newer edition does not have, or that is moot in it, is unanswered in the older edition. So the
  older side is three-valued: a procedure applies, may apply or is not listed, a document is needed, may be needed or
  is not. The newer side is always definite.

What is told is exactly what both editions say when the household of an example is opened on them. Documents are
compared where their procedure is listed on both sides: those of a gained or lost one come and go with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from service.analysis.bdd import (
    ALL,
    NEVER,
    NONE,
    STEPS,
    Bounds,
    Compiled,
    Diagram,
    Node,
    NotDecided,
    Reading,
    above,
    compiled,
    in_order,
    relevant,
)
from service.content.models import Answer, Content, Question, Scenario

Status = Literal["not_listed", "may_apply", "applies", "not_needed", "may_be_needed", "needed"]

Presence = Literal["both", "new", "removed"]
"""Whether both editions have it, the newer alone, or the older alone."""

LISTED: tuple[Status, Status, Status] = ("not_listed", "may_apply", "applies")
NEEDED: tuple[Status, Status, Status] = ("not_needed", "may_be_needed", "needed")

OUTCOMES = 200
"""More distinct outcomes than this are not told one by one: nobody reads them."""


@dataclass(frozen=True, slots=True)
class Change:
    """A procedure (`document` is None) or a document of one, with what was said of it and what is said now."""

    procedure: str
    document: str | None
    before: Status
    after: Status

    @property
    def effect(self) -> Literal["gained", "lost", "changed"]:
        """Gained: it was not there before; lost: it is not there any more; changed: only how certain it is."""
        if self.before in (LISTED[0], NEEDED[0]):
            return "gained"
        return "lost" if self.after in (LISTED[0], NEEDED[0]) else "changed"


@dataclass(frozen=True, slots=True)
class Household:
    """The answers of one household to the older and to the newer edition, by question key, none of them moot."""

    old: tuple[Answer, ...]
    new: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class ChangeGroup:
    """Changes that come together, the exact number of households that see them, and one of these."""

    changes: tuple[Change, ...]
    count: int
    example: Household


@dataclass(frozen=True, slots=True)
class Apart:
    """Households without a counterpart: they choose `option` (None: a number of options that was not possible)."""

    question: str
    option: str | None
    count: int
    example: Household


@dataclass(frozen=True, slots=True)
class EventComparison:
    """What changes for the households of one life event, or of several together.

    `presence` says whether both editions have the life events; if not, only `households` is told, of the edition
    that has them. `changed` of the `households` see a change; `apart_count` have no counterpart (one can be in
    several entries of `apart`).

    `causes` are the changes grouped by who sees them: those of one cause are seen by exactly the same households,
    and a household can be in several. `outcomes` are the distinct sets of changes that households see: each of the
    `changed` households is in exactly one; None when there are more than OUTCOMES, or too much
    work. Both with the largest first.

    When `not_decided` says why, nothing else is known: that is never "no difference".
    """

    events: tuple[str, ...]
    presence: Presence
    households: int = 0
    changed: int = 0
    causes: tuple[ChangeGroup, ...] = ()
    outcomes: tuple[ChangeGroup, ...] | None = ()
    apart: tuple[Apart, ...] = ()
    apart_count: int = 0
    not_decided: NotDecided | None = None

    @property
    def same(self) -> bool:
        """Proved: every household finds the same as before, and there are households."""
        decided = self.presence == "both" and self.not_decided is None and self.households > 0
        return decided and not self.changed and not self.apart_count


@dataclass(frozen=True, slots=True)
class ScenarioChange:
    """A scenario whose result differs; its answers are those that the newer content gives, if that still has it."""

    scenario: str
    presence: Presence
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two contents compared for residents: life events by position, the removed ones last; scenarios by key."""

    events: tuple[EventComparison, ...]
    scenarios: tuple[ScenarioChange, ...]

    @property
    def same(self) -> bool:
        """Proved: no household finds anything else than before."""
        return all(event.same for event in self.events)

    @property
    def decided(self) -> bool:
        """Whether every life event could be compared."""
        return all(event.not_decided is None for event in self.events)


def compare(old: Content, new: Content, *, steps: int = STEPS) -> Comparison:
    """What changes for residents from the old content to the new one, each life event by itself.

    `steps` bounds the work for each life event; what takes more is `not_decided`.
    """
    keys_before = {event.key for event in old.life_events}
    keys_after = [event.key for event in sorted(new.life_events, key=lambda event: (event.position, event.key))]
    events = [*keys_after, *sorted(keys_before.difference(keys_after))]
    comparisons = tuple(compare_events(old, new, events=(event,), steps=steps) for event in events)
    return Comparison(comparisons, tuple(changed_scenarios(old, new)))


def compare_events(old: Content, new: Content, *, events: tuple[str, ...], steps: int = STEPS) -> EventComparison:
    """What changes for those who choose these life events together, which stand in `presence` "new" or "removed" if
    one of the editions has none of them."""
    keys_before, keys_after = ({event.key for event in content.life_events} for content in (old, new))
    presence: Presence = "both"
    if keys_before.isdisjoint(events) or keys_after.isdisjoint(events):
        presence = "removed" if keys_after.isdisjoint(events) else "new"
    try:
        if presence != "both":
            only = compiled(new if presence == "new" else old, events, steps=steps)
            return EventComparison(events, presence, only.count())
        return _Pair(old, new, events=events, steps=steps).compared()
    except NotDecided as why:
        return EventComparison(events, presence, not_decided=why)


class _Pair:
    """The households of one life event (or several) of the newer content, and both contents' say about them."""

    def __init__(self, old: Content, new: Content, *, events: tuple[str, ...], steps: int) -> None:
        question_keys = {question.key for question in new.questions}
        asked_before = relevant(old, events)
        self.events = events
        self.new: Compiled = compiled(new, events, also=above(new, asked_before & question_keys), steps=steps)
        self.old_questions = in_order(old, asked_before)
        self.apart: dict[tuple[str, str | None], Node] = {}
        self.diagram: Diagram = self.new.diagram
        sides = self._carried_back()
        self.old = Reading(old, events, diagram=self.diagram, sides=sides, valid=self.new.valid)

    def _carried_back(self) -> dict[str, Bounds]:
        """The states of the older options when the households answer; notes who has no counterpart."""
        sides: dict[str, Bounds] = {}
        newer = {question.key: question for question in self.new.questions}
        for question in self.old_questions:
            parent_options = question.asked_after
            asked_where = (
                self.diagram.any_of(sides[option].possible for option in parent_options) if parent_options else ALL
            )
            answered_where = self.new.asked(question.key) if question.key in newer else NONE
            for option in question.options:
                sides[option.key] = self._side(option.key, asked_where=asked_where, answered_where=answered_where)
            if question.key in newer and question.kind == "one":
                self._note_apart(question, newer[question.key], where=self.diagram.both(asked_where, answered_where))
        return sides

    def _side(self, option: str, *, asked_where: Node, answered_where: Node) -> Bounds:
        """Out where its question is moot; there nothing can be open. Open where the question is not answered."""
        chosen = self.new.sides.get(option, NEVER).certain
        if asked_where == answered_where:
            return Bounds(chosen, chosen)
        certain = self.diagram.both(chosen, asked_where)
        return Bounds(certain, self.diagram.either(certain, self.diagram.both(asked_where, -answered_where)))

    def _note_apart(self, question: Question, newer: Question, *, where: Node) -> None:
        """Kind `one` needs exactly one of the older options chosen."""
        older_options = {option.key for option in question.options}
        if newer.kind == "one":
            for option in newer.options:
                if option.key not in older_options:
                    self._add_apart(question.key, option.key, self.diagram.both(self.new.option(option.key), where))
            return
        none_chosen, one_chosen = ALL, NONE
        for key in reversed([option.key for option in newer.options if option.key in older_options]):
            node = self.new.option(key)
            one_chosen = self.diagram.branch(node, then=none_chosen, otherwise=one_chosen)
            none_chosen = self.diagram.both(-node, none_chosen)
        self._add_apart(question.key, None, self.diagram.both(-one_chosen, where))

    def _add_apart(self, question: str, option: str | None, node: Node) -> None:
        node = self.diagram.both(node, self.new.valid)
        if node != NONE:
            self.apart[question, option] = node

    def compared(self) -> EventComparison:
        """The whole result. Errors: NotDecided."""
        apart = self.diagram.any_of(self.apart.values())
        where = self.diagram.both(self.new.valid, -apart)
        changes_by_node: dict[Node, list[Change]] = {}
        for change, node in changes(self.old, self.new.reading, diagram=self.diagram, where=where):
            changes_by_node.setdefault(node, []).append(change)
        return EventComparison(
            events=self.events,
            presence="both",
            households=self.new.count(),
            changed=self.new.count(self.diagram.any_of(changes_by_node)),
            causes=self._groups((seen_changes, node) for node, seen_changes in changes_by_node.items()),
            apart=tuple(
                Apart(question, option, self.new.count(node), self._example(node))
                for (question, option), node in sorted(
                    self.apart.items(), key=lambda entry: (entry[0][0], entry[0][1] or "")
                )
            ),
            apart_count=self.new.count(apart),
            outcomes=self._outcomes(changes_by_node, where),
        )

    def _outcomes(
        self, changes_by_node: Mapping[Node, Sequence[Change]], where: Node
    ) -> tuple[ChangeGroup, ...] | None:
        """Asked last, since the other figures hold without it too."""
        try:
            parts = self._parts(changes_by_node, where)
            return None if parts is None else self._groups((changes, node) for node, changes in parts if changes)
        except NotDecided:
            return None

    def _parts(
        self, changes_by_node: Mapping[Node, Sequence[Change]], where: Node
    ) -> list[tuple[Node, tuple[Change, ...]]] | None:
        """The households divided by which of the changes they see; None if that makes too many parts."""
        parts: list[tuple[Node, tuple[Change, ...]]] = [(where, ())]
        for node, node_changes in changes_by_node.items():
            seeing_parts = [
                (self.diagram.both(part_node, node), (*seen_before, *node_changes)) for part_node, seen_before in parts
            ]
            other_parts = [(self.diagram.both(part_node, -node), seen_before) for part_node, seen_before in parts]
            parts = [
                (part_node, part_changes)
                for part_node, part_changes in (*seeing_parts, *other_parts)
                if part_node != NONE
            ]
            if len(parts) > OUTCOMES + 1:
                return None
        return parts

    def _groups(self, changes_and_nodes: Iterable[tuple[Iterable[Change], Node]]) -> tuple[ChangeGroup, ...]:
        groups = [
            ChangeGroup(_sorted(changes), self.new.count(node), self._example(node))
            for changes, node in changes_and_nodes
        ]
        return tuple(sorted(groups, key=lambda group: (-group.count, [_order(change) for change in group.changes])))

    def _example(self, node: Node) -> Household:
        """One household for which the node holds, as it answers both editions."""
        answers = self.new.witness(node)
        if answers is None:
            raise ValueError("no household")
        return Household(old=carried(answers, self.old_questions), new=answers)


def changes(old: Reading, new: Reading, *, diagram: Diagram, where: Node) -> Iterator[tuple[Change, Node]]:
    """Every change from the old reading to the new one with the part of `where` that sees it, if there is any."""
    for key in sorted({*old.procedures, *new.procedures}):
        if old.grounds(key) == new.grounds(key):
            continue
        before, after = old.procedure(key), new.procedure(key)
        for was, becomes, node in _moves(before, after, diagram=diagram, where=where):
            yield Change(key, None, LISTED[was], LISTED[becomes]), node
        listed_in_both = diagram.all_of((before.possible, after.possible, where))
        for name in sorted({*old.documents(key), *new.documents(key)}) if listed_in_both != NONE else ():
            sides = old.document(key, name), new.document(key, name)
            for was, becomes, node in _moves(*sides, diagram=diagram, where=listed_in_both):
                yield Change(key, name, NEEDED[was], NEEDED[becomes]), node


def _moves(before: Bounds, after: Bounds, *, diagram: Diagram, where: Node) -> Iterator[tuple[int, int, Node]]:
    """The parts of `where` that differ: false (0), open (1) or true (2) before and after."""
    if before == after:
        return
    for was, before_node in enumerate(_false_open_true(before, diagram)):
        before_where = diagram.both(before_node, where)
        for becomes, after_node in enumerate(_false_open_true(after, diagram)):
            node = diagram.both(after_node, before_where) if was != becomes else NONE
            if node != NONE:
                yield was, becomes, node


def _false_open_true(sides: Bounds, diagram: Diagram) -> tuple[Node, Node, Node]:
    """The households where it is false, where it is open, and where it is true."""
    if sides.certain == sides.possible:
        return -sides.certain, NONE, sides.certain
    return -sides.possible, diagram.both(sides.possible, -sides.certain), sides.certain


# Scenarios


def changed_scenarios(old: Content, new: Content) -> Iterator[ScenarioChange]:
    """The scenarios of either content whose result differs, by key."""
    scenarios_before, scenarios_after = (
        {scenario.key: scenario for scenario in content.scenarios} for content in (old, new)
    )
    for key in sorted({*scenarios_before, *scenarios_after}):
        scenario = scenarios_after.get(key) or scenarios_before[key]
        sides = (_scenario_reading(content, scenario) for content in (old, new))
        differences = tuple(change for change, _ in changes(*sides, diagram=_CONSTANTS, where=ALL))
        if differences:
            presence: Presence = (
                "new" if key not in scenarios_before else "both" if key in scenarios_after else "removed"
            )
            yield ScenarioChange(key, presence, _sorted(differences))


def _scenario_reading(content: Content, scenario: Scenario) -> Reading:
    """What the content makes of the scenario's answers: every node is ALL or NONE."""
    questions = in_order(content, relevant(content, scenario.life_events))
    answers = (
        Answer(key, unsure=True) if options == "unsure" else Answer(key, tuple(options))
        for key, options in scenario.answers.items()
    )
    _, sides = _counting_answers(answers, questions)
    return Reading(content, scenario.life_events, diagram=_CONSTANTS, sides=sides, valid=ALL)


def carried(answers: Iterable[Answer], questions: Sequence[Question]) -> tuple[Answer, ...]:
    """The answers as they count for these questions (parents first, ancestors included), by question key.

    What is not possible is left out: moot answers, of kind `many` options that are not there, whole answers of kind
    `one` that do not choose one option that is.
    """
    counting, _ = _counting_answers(answers, questions)
    return tuple(sorted(counting, key=lambda answer: answer.question))


def _counting_answers(
    answers: Iterable[Answer], questions: Sequence[Question]
) -> tuple[list[Answer], dict[str, Bounds]]:
    """The answers that count, and the states of all options (clauses 1 and 2)."""
    answers_by_question = {answer.question: answer for answer in answers}
    counting: list[Answer] = []
    sides: dict[str, Bounds] = {}
    for question in questions:
        parent_options = question.asked_after
        moot = bool(parent_options) and all(sides[option].possible == NONE for option in parent_options)
        answer = None if moot else _allowed_part(answers_by_question.get(question.key), question)
        if answer is not None:
            counting.append(answer)
        still_open = ALL if not moot and (answer is None or answer.unsure) else NONE
        for option in question.options:
            chosen = answer is not None and option.key in answer.options
            sides[option.key] = Bounds(ALL, ALL) if chosen else Bounds(NONE, still_open)
    return counting, sides


def _allowed_part(answer: Answer | None, question: Question) -> Answer | None:
    """The part of the answer that the question allows; None if nothing is left of it."""
    if answer is None or answer.unsure:
        return answer if answer is not None and question.unsure else None
    options = tuple(option.key for option in question.options if option.key in answer.options)
    return None if question.kind == "one" and len(options) != 1 else Answer(question.key, options)


def _sorted(changes: Iterable[Change]) -> tuple[Change, ...]:
    return tuple(sorted(changes, key=_order))


def _order(change: Change) -> tuple[str, str, str, str]:
    """Procedures before their documents."""
    return change.procedure, change.document or "", change.before, change.after


_CONSTANTS = Diagram(())
"""Answers that are given leave nothing to vary: every node is ALL or NONE, and no step is taken."""
