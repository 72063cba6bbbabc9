"""What answers leave open, as a name: households of the same name are told the same, so it is worked out once.

Most answers differ in what no condition looks at, in options that behave alike, or in what is decided by other answers.
A name holds no guidance: what the households of one name are told, the engine says. Clauses in brackets are those of
`ops/design/guidance.md`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from service.content.models import Answer

Mask = int
"""A set of options, of questions or of effects, by their numbers."""


@dataclass(frozen=True, slots=True)
class Names:
    """Of the same `guidance` are households that are told the same altogether; of the same `question` those that are
    asked the same next, with as many questions left at most."""

    guidance: bytes
    question: bytes


class _Question(NamedTuple):
    options: Mask
    after: Mask
    above: Mask


class _Condition(NamedTuple):
    """`clauses` are pairs of options and their questions, `excludes` of an option and its question; `effects` what it
    adds to the result: procedures, and documents for them that they do not need themselves."""

    clauses: tuple[tuple[Mask, Mask], ...]
    excludes: tuple[tuple[Mask, Mask], ...]
    effects: Mask


class _Open(NamedTuple):
    """A condition that is open, by its index, and the questions that it waits for."""

    condition_index: int
    questions: Mask


class NormalForm:
    """The names of households with the same life events on the same edition."""

    def __init__(
        self,
        conditions: Iterable[tuple[list[str], list[str], list[str], list[str]]],
        questions: Sequence[tuple[str, list[str], list[str]]],
    ) -> None:
        """`conditions` and `questions` are those that `guidance/engine/rules` returns."""
        options = [option for _, offered, _ in questions for option in offered]
        self._options = {option: 1 << index for index, option in enumerate(options)}
        self._index_by_question = {key: index for index, (key, _, _) in enumerate(questions)}
        self._questions = [
            _Question(self._mask(offered), self._mask(after), self._owners(after)) for _, offered, after in questions
        ]
        self._effects: dict[tuple[str, str], Mask] = {}
        self._conditions = [self._condition(*row) for row in conditions]

    @property
    def questions(self) -> Collection[str]:
        """The keys of all that its conditions look at, and of what stands above that."""
        return self._index_by_question.keys()

    @property
    def size(self) -> int:
        """How many conditions and questions it holds."""
        return len(self._conditions) + len(self._questions)

    def names(self, answers: Iterable[Answer]) -> Names:
        """The names of the household that gives these answers; what nothing looks at counts for nothing."""
        known_answers = [answer for answer in answers if answer.question in self._index_by_question]
        answered = {
            self._index_by_question[known_answer.question]: self._mask(known_answer.options)
            for known_answer in known_answers
            if not known_answer.unsure
        }
        unsure = {
            self._index_by_question[known_answer.question] for known_answer in known_answers if known_answer.unsure
        }
        chosen, out, askable = self._option_states(answered, unsure)
        ready = self._askable_now(askable, chosen)
        met, still_open = self._condition_states(chosen, out, askable)
        certain = _united(self._conditions[index].effects for index in met)
        matter = [
            waiting.questions for waiting in still_open if self._conditions[waiting.condition_index].effects & ~certain
        ]
        return Names(
            guidance=_name(
                met, still_open, *self._ways_up(_united(waiting.questions for waiting in still_open), askable, ready)
            ),
            question=_name(sorted(matter), *self._ways_up(_united(matter), askable, ready)),
        )

    def _option_states(self, answered: dict[int, Mask], unsure: set[int]) -> tuple[Mask, Mask, Mask]:
        """The options that are in and those that are out, and the questions that can still be asked (1, 2)."""
        chosen, out, askable = _united(answered.values()), 0, 0
        for index, question in enumerate(self._questions):
            if question.after and not question.after & ~out:
                out |= question.options
            elif index in answered:
                out |= question.options & ~chosen
            elif index not in unsure:
                askable |= 1 << index
        return chosen & ~out, out, askable

    def _askable_now(self, askable: Mask, chosen: Mask) -> Mask:
        """The questions that can be asked now (7)."""
        return _united(
            1 << index
            for index, question in enumerate(self._questions)
            if askable >> index & 1 and (not question.after or question.after & chosen)
        )

    def _condition_states(self, chosen: Mask, out: Mask, askable: Mask) -> tuple[list[int], list[_Open]]:
        """The places of the conditions that are true, and those that are open (3)."""
        met: list[int] = []
        still_open: list[_Open] = []
        for index, condition in enumerate(self._conditions):
            waiting = _waiting(condition, chosen, out)
            if waiting == 0:
                met.append(index)
            elif waiting is not None:
                still_open.append(_Open(index, waiting & askable))
        return met, still_open

    def _ways_up(self, questions: Mask, askable: Mask, ready: Mask) -> tuple[Mask, Mask]:
        """All questions on the ways up from these to what can be asked now, and which of them that is (7)."""
        for index in range(len(self._questions) - 1, -1, -1):
            if questions >> index & 1 and not ready >> index & 1:
                questions |= self._questions[index].above & askable
        return questions, questions & ready

    def _condition(self, clauses: list[str], excludes: list[str], needs: list[str], selects: list[str]) -> _Condition:
        effects = 0
        for selected in selects:
            procedure, *own_documents = selected.split(" ")
            for effect in ("", *(document for document in needs if document not in own_documents)):
                effects |= self._effects.setdefault((procedure, effect), 1 << len(self._effects))
        split = [clause.split(" ") for clause in clauses]
        return _Condition(
            clauses=tuple((self._mask(options), self._owners(options)) for options in split),
            excludes=tuple((self._mask([option]), self._owners([option])) for option in excludes),
            effects=effects,
        )

    def _mask(self, options: Iterable[str]) -> Mask:
        return _united(self._options.get(option, 0) for option in options)

    def _owners(self, options: Iterable[str]) -> Mask:
        return _united(1 << self._index_by_question[option.partition("/")[0]] for option in options)


def _waiting(condition: _Condition, chosen: Mask, out: Mask) -> Mask | None:
    """The questions that would still decide a condition: 0 where it is true, None where it is false."""
    waiting = 0
    for options, questions in condition.clauses:
        if not options & chosen:
            if not options & ~out:
                return None
            waiting |= questions
    for option, question in condition.excludes:
        if option & chosen:
            return None
        if not option & out:
            waiting |= question
    return waiting


def _united(masks: Iterable[Mask]) -> Mask:
    union = 0
    for mask in masks:
        union |= mask
    return union


def _name(*parts: object) -> bytes:
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).digest()
