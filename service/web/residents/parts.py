"""Small things that several pages show: texts with explained terms, answers in words, addresses of answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from service.content.models import Answer, LifeEvent, Outline, Question, Term
from service.guidance import interview
from service.guidance.answers import Query, write_address

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; with a term it is a word that is explained."""

    text: str
    term: Term | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """An answer in words: the labels chosen; none of them when empty; or unsure."""

    labels: tuple[str, ...] = ()
    unsure: bool = False


def address(path: str, query: Query, *, ask: str | None = None, moot: Sequence[Answer] = ()) -> str:
    """The address of a page with these answers; `ask` names a question to be asked again.

    `moot` answers no longer count: the page at this address says so, and leads on without them.
    """
    asked = f"&ask={ask}" if ask else ""
    return f"{path}?{write_address(query, replacing=moot)}{asked}"


def back_address(query: Query, outline: Outline, *, asked: str | None) -> str:
    """The address of the question before this one (of the last one for None); the beginning from the first."""
    earlier = interview.question_before(query, outline, asked=asked)
    return address("/", query) if earlier is None else address("/guide", query, ask=earlier)


def marked_terms(text: str, terms: Iterable[Term]) -> tuple[Piece, ...]:
    """The text in pieces, each term marked where it first occurs; of overlapping terms the longest wins."""
    pieces = [Piece(text)] if text else []
    for term in sorted(terms, key=lambda term: -len(term.term)):
        pieces = _split(pieces, term)
    return tuple(pieces)


def _split(pieces: list[Piece], term: Term) -> list[Piece]:
    for number, piece in enumerate(pieces):
        before, word, after = piece.text.partition(term.term)
        if word and piece.term is None:
            parts = [Piece(before), Piece(word, term), Piece(after)]
            return [*pieces[:number], *(part for part in parts if part.text), *pieces[number + 1 :]]
    return pieces


def said(answer: Answer, outline: Outline) -> Said:
    """The answer in the words of its options."""
    if answer.unsure:
        return Said(unsure=True)
    labels = {option.key: option.label for option in outline.questions[answer.question].options}
    return Said(tuple(labels[option] for option in answer.options))


def called(question: Question) -> str:
    """What a question is called: its section, or else its text."""
    return question.section or question.text


def events_of(keys: Iterable[str], outline: Outline) -> tuple[LifeEvent, ...]:
    """The life events of these keys."""
    return tuple(outline.life_events[key] for key in keys)


def by_position(outline: Outline) -> list[LifeEvent]:
    """The life events in the order of the edition."""
    return sorted(outline.life_events.values(), key=lambda event: (event.position, event.key))
