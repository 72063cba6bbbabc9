"""Conditions as rows of a decision table: what a condition asks of each option, and back to its clauses.

A mark says it of one option: `own` (one of those marked so in its question), `all` (this one in any case), a letter
(one of those with the same letter, over several questions), `not` (not this one). Every mark has to hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.analysis.bdd import question_of

OWN, ALL, NOT = "own", "all", "not"
LETTERS = ("A", "B", "C", "D")
MARKS = (OWN, ALL, NOT, *LETTERS)


@dataclass(frozen=True, slots=True)
class Cell:
    """What a condition asks of one question, each part the labels of options; nothing at all is: any answer.

    `groups` are the letters of options that count together with those of other questions.
    """

    own: Sequence[str] = ()
    all: Sequence[str] = ()
    not_: Sequence[str] = ()
    none: bool = False
    groups: Sequence[tuple[str, Sequence[str]]] = ()


def marks(requires: Sequence[Sequence[str]], excludes: Sequence[str]) -> dict[str, str] | None:
    """The mark of each option that a condition looks at; None where an option would need two of them."""
    made: dict[str, str] = {}
    letters, owned = iter(LETTERS), set[str]()
    for clause, mark in (*((clause, "") for clause in requires), *(((option,), NOT) for option in excludes)):
        questions = {question_of(option) for option in clause}
        if not mark:
            question = min(questions, default="")
            others = sum({question_of(option) for option in other} == questions for other in requires)
            if len(questions) == 1 and question not in owned and (len(clause) > 1 or others == 1):
                owned.add(question)
                mark = OWN
            else:
                mark = ALL if len(clause) == 1 else next(letters, "")
        if not mark or not made.keys().isdisjoint(clause):
            return None
        made |= dict.fromkeys(clause, mark)
    return made


def clauses(marked: Mapping[str, str]) -> tuple[list[list[str]], list[str]]:
    """What is required and what is excluded, by the marks of the options."""
    groups: dict[str, list[str]] = {}
    for option, mark in marked.items():
        if mark != NOT:
            name = {OWN: question_of(option), ALL: option}.get(mark, mark)
            groups.setdefault(f"{mark} {name}", []).append(option)
    requires = sorted(sorted(options) for options in groups.values())
    return requires, sorted(option for option, mark in marked.items() if mark == NOT)


def cell(marked: Mapping[str, str], options: Iterable[tuple[str, str]]) -> Cell:
    """The cell of a question, by its options (key and label)."""
    options = list(options)
    found = {mark: [label for key, label in options if marked.get(key) == mark] for mark in MARKS}
    return Cell(
        own=found[OWN],
        all=found[ALL],
        not_=found[NOT],
        none=bool(options) and len(found[NOT]) == len(options),
        groups=[(letter, found[letter]) for letter in LETTERS if found[letter]],
    )


def marks_of(fields: Mapping[str, Any]) -> dict[str, str] | None:
    """The marks of a condition as it is saved."""
    return marks(fields.get("requires", ()), fields.get("excludes", ()))
