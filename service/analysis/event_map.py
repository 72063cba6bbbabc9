"""A life event at a glance: its questions, its conditions as a decision table, and the ways through one item."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from service.analysis import bdd
from service.analysis.bdd import question_of
from service.content.models import Condition, Content, Question


@dataclass(frozen=True, slots=True)
class Cell:
    """What a condition asks of a question: one of `wanted` in each of these groups, none of `excluded`.

    `is_shared`: one of the groups has answers to other questions too, and any of them will do.
    """

    wanted: tuple[tuple[str, ...], ...] = ()
    excluded: tuple[str, ...] = ()
    is_shared: bool = False

    @property
    def is_any(self) -> bool:
        """Whether any answer will do."""
        return not self.wanted and not self.excluded


@dataclass(frozen=True, slots=True)
class TableRow:
    """A condition with a cell for each question of the table."""

    condition: Condition
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class EventMap:
    """The questions of a life event, parents first, and its conditions: those that look at fewer questions first."""

    event: str
    questions: tuple[Question, ...]
    rows: tuple[TableRow, ...]

    def through(self, key: str) -> Through:
        """What hangs together with a question, a condition or a procedure; nothing for any other key."""
        questions = {question.key for question in self.questions}
        if key in questions:
            looked_at = self._below({key})
            rows = [row.condition for row in self.rows if looked_at & _looked_at(row.condition)]
            return Through(frozenset(self._above({key}) | looked_at), _keys(rows), _selected(rows))
        rows = [row.condition for row in self.rows if key == row.condition.key or key in row.condition.selects]
        asked = {question for row in rows for question in _looked_at(row)}
        selected = _selected(rows) if key in _keys(rows) else frozenset({key} if rows else ())
        return Through(frozenset(self._above(asked)), _keys(rows), selected)

    def _above(self, keys: Collection[str]) -> set[str]:
        """These questions and all that they follow."""
        follows = {one.key: {question_of(option) for option in one.asked_after} for one in self.questions}
        return bdd.reached(keys, lambda key: follows.get(key, ()))

    def _below(self, keys: Collection[str]) -> set[str]:
        """These questions and all that follow them."""
        followers: dict[str, set[str]] = {}
        for one in self.questions:
            for option in one.asked_after:
                followers.setdefault(question_of(option), set()).add(one.key)
        return bdd.reached(keys, lambda key: followers.get(key, ()))


@dataclass(frozen=True, slots=True)
class Through:
    """What is on the ways through an item, as keys."""

    questions: frozenset[str] = field(default_factory=frozenset)
    conditions: frozenset[str] = field(default_factory=frozenset)
    procedures: frozenset[str] = field(default_factory=frozenset)


def _looked_at(row: Condition) -> set[str]:
    return {question_of(option) for option in bdd.options_of(row)}


def _keys(rows: Iterable[Condition]) -> frozenset[str]:
    return frozenset(row.key for row in rows)


def _selected(rows: Iterable[Condition]) -> frozenset[str]:
    return frozenset(procedure for row in rows for procedure in row.selects)


def event_map(content: Content, event: str) -> EventMap:
    """The map of a life event of the content."""
    questions = bdd.in_order(content, bdd.relevant(content, [event]))
    rows = sorted(bdd.rows(content, [event]), key=lambda row: (len(_looked_at(row)), row.key))
    return EventMap(event, questions, tuple(TableRow(row, tuple(_cells(row, questions))) for row in rows))


def _cells(row: Condition, questions: Iterable[Question]) -> Iterable[Cell]:
    for question in questions:
        own = [option.key for option in question.options]
        clauses = [clause for clause in row.requires if not set(own).isdisjoint(clause)]
        yield Cell(
            wanted=tuple(tuple(option for option in own if option in clause) for clause in clauses),
            excluded=tuple(option for option in own if option in row.excludes),
            is_shared=any(not set(own).issuperset(clause) for clause in clauses),
        )
