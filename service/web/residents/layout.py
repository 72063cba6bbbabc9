"""What the residents' pages have in common, and the pages that no noun owns: errors, 個人情報, ウェブアクセシビリティ.

A page is one class per template, saying exactly what the template may read, and a pure function that makes it from an
edition's items and a guidance. No class holds a sentence: words are in the templates. Addresses with answers in them
are made here, in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Literal

from service.content.japanese import sort_key
from service.content.models import Answer, LifeEvent, Outline, Procedure, Question, Term
from service.guidance.answers import Dropped, Query, Why, write_address
from service.guidance.municipality import Municipality

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


@dataclass(frozen=True, slots=True)
class DroppedNote:
    """An answer that no longer counts: what the question is called, if it is known, and why."""

    question: str | None
    why: Why


@dataclass(frozen=True, slots=True)
class Notice:
    """The one notice under a heading (`web/templates/citizen/notices.html` has the words for each kind).

    `unfinished`: `left` questions at most. `newer`: a newer edition went live; the answers that it drops, and the
    procedures that are `gone` from the list and `added` to it. `pinned`: this is an older edition, `url` is today's.
    `archived`: the code is of an older edition that is not shown any more, and this is today's; `left` as above.
    `stale`: kept since `made_at`, the database does not answer. `dropped`: something in the address does not count.
    """

    kind: Literal["unfinished", "newer", "pinned", "archived", "stale", "dropped"]
    url: str | None = None
    left: int = 0
    edition: int | None = None
    published: date | None = None
    made_at: datetime | None = None
    dropped: tuple[DroppedNote, ...] = ()
    gone: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A name that leads somewhere, with an optional second line."""

    name: str
    url: str
    more: str | None = None


@dataclass(frozen=True, slots=True)
class LinkGroup:
    """Links under a heading; `name` None for those without one."""

    name: str | None
    anchor: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class PreviewMark:
    """What the pages of a preview say on top: the edition, and when it becomes public if that is set."""

    number: int
    title: str
    comes: datetime | None = None

    @property
    def root(self) -> str:
        """Where the addresses of the preview begin."""
        return f"/preview/{self.number}"


@dataclass(frozen=True, kw_only=True)
class CitizenPage:
    """What every page of residents has. `private` pages carry answers: neither indexed nor stored."""

    template: ClassVar[str]
    private: ClassVar[bool] = False
    current: ClassVar[str] = ""

    city: Municipality
    preview: PreviewMark | None = None


@dataclass(frozen=True, kw_only=True)
class ErrorPage(CitizenPage):
    """What went wrong and what to do; `message` where it helps the resident, `retry_url` where trying again does.

    `typed`: the code that opened nothing, to be corrected; None where the address is of something else.
    """

    template: ClassVar[str] = "citizen/error.html"
    private: ClassVar[bool] = True

    status: int
    message: str | None = None
    retry_url: str | None = None
    reference: str | None = None
    typed: str | None = None


@dataclass(frozen=True, kw_only=True)
class PrivacyPage(CitizenPage):
    """個人情報の扱い."""

    template: ClassVar[str] = "citizen/privacy.html"


@dataclass(frozen=True, kw_only=True)
class AccessibilityPage(CitizenPage):
    """ウェブアクセシビリティ."""

    template: ClassVar[str] = "citizen/accessibility.html"


def address(path: str, query: Query, *, ask: str | None = None, moot: Sequence[Answer] = ()) -> str:
    """The address of a page with these answers; `ask` names a question to be asked again.

    `moot` answers no longer count: the page at this address says so, and leads on without them.
    """
    asked = f"&ask={ask}" if ask else ""
    return f"{path}?{write_address(query, replacing=moot)}{asked}"


def procedure_link(procedure: Procedure) -> Link:
    """A link to the procedure's own page."""
    return Link(procedure.name, f"/procedures/{procedure.key}", procedure.summary)


def procedure_links(procedures: Iterable[Procedure]) -> tuple[Link, ...]:
    """Links to the procedures, by reading."""
    return tuple(procedure_link(one) for one in sorted(procedures, key=_reading))


def _reading(procedure: Procedure) -> tuple[tuple[str, str], str]:
    return (sort_key(procedure.reading or procedure.name), procedure.key)


def by_field(
    procedures: Iterable[Procedure], link: Callable[[Procedure], Link] = procedure_link
) -> tuple[LinkGroup, ...]:
    """The procedures by field, the largest field first, those without one last; inside by reading."""
    found: dict[str | None, list[Procedure]] = {}
    for procedure in sorted(procedures, key=_reading):
        found.setdefault(procedure.field, []).append(procedure)
    ordered = sorted(found.items(), key=lambda pair: (pair[0] is None, -len(pair[1]), pair[0] or ""))
    return tuple(
        LinkGroup(name, f"field-{number}", tuple(link(one) for one in members))
        for number, (name, members) in enumerate(ordered, start=1)
    )


def marked_terms(text: str, terms: Iterable[Term]) -> tuple[Piece, ...]:
    """The text in pieces, each term marked where it first occurs; of overlapping terms the longest wins."""
    pieces = [Piece(text)] if text else []
    for term in sorted(terms, key=lambda one: -len(one.term)):
        pieces = _split(pieces, term)
    return tuple(pieces)


def _split(pieces: list[Piece], term: Term) -> list[Piece]:
    for number, piece in enumerate(pieces):
        before, found, after = piece.text.partition(term.term)
        if found and piece.term is None:
            parts = [Piece(before), Piece(found, term), Piece(after)]
            return [*pieces[:number], *(part for part in parts if part.text), *pieces[number + 1 :]]
    return pieces


def said(answer: Answer, outline: Outline) -> Said:
    """The answer in the words of its options."""
    if answer.unsure:
        return Said(unsure=True)
    labels = {option.key: option.label for option in outline.questions[answer.question].options}
    return Said(tuple(labels[option] for option in answer.options))


def dropped_notes(dropped: Iterable[Dropped], outline: Outline) -> tuple[DroppedNote, ...]:
    """What does not count, with what its question is called."""
    return tuple(
        DroppedNote(called(outline.questions[one.question]) if one.question in outline.questions else None, one.why)
        for one in dropped
    )


def called(question: Question) -> str:
    """What a question is called: its section, or else its text."""
    return question.section or question.text


def events_of(keys: Iterable[str], outline: Outline) -> tuple[LifeEvent, ...]:
    """The life events of these keys."""
    return tuple(outline.life_events[key] for key in keys)


def by_position(outline: Outline) -> list[LifeEvent]:
    """The life events in the order of the edition."""
    return sorted(outline.life_events.values(), key=lambda event: (event.position, event.key))
