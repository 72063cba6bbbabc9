"""What guidance reads beside the items of an edition: properties that follow from them whenever they are written.

They are part of no document and of no hash; their names begin with `rule_`, as no field's does. Texts in a list hold
several keys, with a space between them.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from itertools import chain
from typing import Any

from service.content.models import Kind
from service.content.patches import Item, Patch

Row = dict[str, Any]


def reached(patch: Patch) -> set[str]:
    """The kinds of items beside which something else may stand after the patch, though it does not touch them."""
    kinds: set[str] = set()
    for key in patch.keys:
        before, after = patch.before.get(key), patch.after.get(key)
        touched = {item.kind for item in (before, after) if item}
        if touched & {Kind.QUESTION, Kind.CONDITION}:
            kinds.add(Kind.LIFE_EVENT)
        if Kind.PROCEDURE in touched and _needed_documents(before) != _needed_documents(after):
            kinds.add(Kind.CONDITION)
    return kinds


class Rules:
    """The rules of a whole content, as far as they reach over its items; gathered when something needs them."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._items = list(items)
        self._depths: dict[str, int] = {}

    @cached_property
    def _needs(self) -> dict[str, tuple[str, ...]]:
        return {item.key: _needed_documents(item) for item in self._items if item.kind == Kind.PROCEDURE}

    @cached_property
    def _parents(self) -> dict[str, list[str]]:
        questions = (question for question in self._items if question.kind == Kind.QUESTION)
        return {question.key: _question_keys(question.fields.get("asked_after", ())) for question in questions}

    @cached_property
    def _questions_by_event(self) -> dict[str, set[str]]:
        """By life event the questions that its conditions look at."""
        questions_by_event: dict[str, set[str]] = {}
        for item in self._items:
            if item.kind == Kind.CONDITION:
                looked_at = _question_keys([*chain(*item.fields.get("requires", ())), *item.fields.get("excludes", ())])
                for event in item.fields.get("life_events", ()):
                    questions_by_event.setdefault(event, set()).update(looked_at)
        return questions_by_event

    def beside(self, kind: str, fields: Row) -> Row:
        """The properties beside the node of an item of the content, by the label of its kind."""
        if kind == Kind.LIFE_EVENT:
            return {"rule_questions": self._questions(fields["key"])}
        if kind == Kind.QUESTION:
            options = [option["key"] for option in fields.get("options", ())]
            after = list(fields.get("asked_after", ()))
            return {"rule_options": options, "rule_after": after, "rule_above": _question_keys(after)}
        return self._beside_condition(fields) if kind == Kind.CONDITION else {}

    def _beside_condition(self, fields: Row) -> Row:
        clauses = fields.get("requires", ())
        return {
            "rule_clauses": [" ".join(clause) for clause in clauses],
            "rule_questions": [" ".join(_question_keys(clause)) for clause in clauses],
            "rule_excludes": list(fields.get("excludes", ())),
            "rule_needs": list(fields.get("needs", ())),
            "rule_selects": [" ".join((key, *self._needs.get(key, ()))) for key in fields.get("selects", ())],
        }

    def _questions(self, event: str) -> list[str]:
        """What the conditions of a life event look at and all above that: parents first, then by key."""
        level, questions = set(self._questions_by_event.get(event, ())), set[str]()
        while level:
            questions |= level
            level = {parent for key in level for parent in self._parents.get(key, ())} - questions
        return sorted(questions, key=lambda key: (self._depth(key), key))

    def _depth(self, key: str) -> int:
        """How many questions stand above this one on the longest way up; a cycle, which no edition has, is cut."""
        if key not in self._depths:
            self._depths[key] = 0
            self._depths[key] = max((self._depth(parent) + 1 for parent in self._parents.get(key, ())), default=0)
        return self._depths[key]


def _needed_documents(item: Item | None) -> tuple[str, ...]:
    return tuple(item.fields.get("needs", ())) if item else ()


def _question_keys(options: Iterable[str]) -> list[str]:
    """The questions of these options, each once."""
    return list(dict.fromkeys(option.partition("/")[0] for option in options))
