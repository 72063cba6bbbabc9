"""The residents' pages: one class per template, saying exactly what the template may read, and the pure functions that
make them from an edition's items and a guidance.

No class holds a sentence: words are in the templates. Addresses with answers in them are made here, in one place.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Literal

import segno
from markupsafe import Markup

from service.answers import Dropped, Query, Why, fields, write_address
from service.cards import Bring, Card, Facts
from service.models import (
    Answer,
    Clause,
    Document,
    Edition,
    ExplainedCondition,
    Explanation,
    Guidance,
    LifeEvent,
    Outline,
    Procedure,
    Question,
    Term,
    Window,
)
from service.municipality import Municipality
from service.submissions import AnswerProblem, DateProblem

NEXT_DATES = 3
"""How many of the next dates a result names beside the first one."""

MOURNING = "death"
"""The icon of the life events at which a result opens with a word of condolence."""

MOVING = "move"
"""What the icons of the life events begin with that are offered as moves."""

_UNIT_DAYS = {"day": 1, "month": 30, "year": 365, "day_before": 1, "day_of_previous_month": 1}

Fields = tuple[tuple[str, str], ...]


# Small parts


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

    `unfinished`: `left` questions at most. `newer`: a newer edition went live; what it changed. `pinned`: this is an
    older edition, `url` is today's. `archived`: the edition of the code has left, today's is shown. `stale`: kept
    since `made_at`, the database does not answer. `dropped`: something in the address does not count.
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
class NextDate:
    """A line of the next dates: the card's due day or its rule."""

    card: Card


@dataclass(frozen=True, slots=True)
class ToBring:
    """A document of the one list: what for (names of procedures), and whether any of them certainly needs it."""

    document: Document
    uses: tuple[str, ...]
    certain: bool
    labels: tuple[str, ...]
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class BringGroup:
    """What is to be had in one place; `who` None where that is not known."""

    who: str | None
    items: tuple[ToBring, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """A window of the round: what is certainly done there, and what only may be."""

    window: Window
    procedures: tuple[str, ...]
    maybe: tuple[str, ...]


# Pages


@dataclass(frozen=True, kw_only=True)
class CitizenPage:
    """What every page of residents has. `private` pages carry answers: neither indexed nor stored."""

    template: ClassVar[str]
    private: ClassVar[bool] = False
    current: ClassVar[str] = ""

    city: Municipality


@dataclass(frozen=True, kw_only=True)
class HomePage(CitizenPage):
    """The beginning: which life events; `missing` when the form came back with none chosen."""

    template: ClassVar[str] = "citizen/home.html"

    moves: tuple[LifeEvent, ...]
    others: tuple[LifeEvent, ...]
    missing: bool = False
    chosen: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class QuestionPage(CitizenPage):
    """One question. `error` is why the form came back; `chosen` the own keys ticked in it, `-` none, `?` unsure."""

    template: ClassVar[str] = "citizen/question.html"
    private: ClassVar[bool] = True

    events: tuple[LifeEvent, ...]
    question: Question
    text: tuple[Piece, ...]
    help: tuple[Piece, ...]
    terms: tuple[Term, ...]
    left: int
    hidden: Fields
    back_url: str
    chosen: frozenset[str] = frozenset()
    error: AnswerProblem | None = None
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """An answer, what its question is called, and where it can be changed."""

    name: str
    said: Said
    change_url: str


@dataclass(frozen=True, slots=True)
class DateField:
    """The day of a life event as typed, and why it cannot be one."""

    event: LifeEvent
    year: str = ""
    month: str = ""
    day: str = ""
    error: DateProblem | None = None


@dataclass(frozen=True, kw_only=True)
class ReviewPage(CitizenPage):
    """All answers so far, and the days of the life events."""

    template: ClassVar[str] = "citizen/review.html"
    private: ClassVar[bool] = True

    events: tuple[LifeEvent, ...]
    events_url: str
    rows: tuple[ReviewRow, ...]
    days: tuple[DateField, ...]
    hidden: Fields
    left: int
    back_url: str
    continue_url: str
    dropped: tuple[DroppedNote, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ResultPage(CitizenPage):
    """The answer: rendered cards in three groups, what first, what to bring, where to go, how to take it along."""

    template: ClassVar[str] = "citizen/result.html"
    private: ClassVar[bool] = True

    days: tuple[tuple[LifeEvent, date], ...]
    undated: tuple[LifeEvent, ...]
    mourning: bool
    first: Card | None
    next: tuple[NextDate, ...]
    later: int
    must: tuple[Markup, ...]
    gain: tuple[Markup, ...]
    maybe: tuple[Markup, ...]
    bring: tuple[BringGroup, ...]
    inside: tuple[Stop, ...]
    outside: tuple[Stop, ...]
    edition: Edition
    published: date | None
    code: str
    hidden: Fields
    review_url: str
    sheet_url: str
    calendar_url: str
    notice: Notice | None = None


@dataclass(frozen=True, kw_only=True)
class SheetPage(CitizenPage):
    """The result on paper: boxes to tick, a 2D code that reopens it, never days left."""

    template: ClassVar[str] = "citizen/sheet.html"
    private: ClassVar[bool] = True

    events: tuple[LifeEvent, ...]
    days: tuple[tuple[LifeEvent, date], ...]
    first: Card | None
    must: tuple[Card, ...]
    gain: tuple[Card, ...]
    maybe: tuple[Card, ...]
    bring: tuple[BringGroup, ...]
    inside: tuple[Stop, ...]
    outside: tuple[Stop, ...]
    edition: Edition
    published: date | None
    code: str
    picture: Markup
    pinned_url: str
    result_url: str
    today: date
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """An answer that decided a clause, what its question asks, and where it can be changed."""

    question: str
    said: Said
    change_url: str


@dataclass(frozen=True, slots=True)
class WhyClause:
    """A clause of a condition in words: one of `options` has to be chosen, or (`negated`) must not be.

    `ask_url` leads to the question of an open clause that nobody has answered yet.
    """

    options: tuple[tuple[str, str], ...]
    negated: bool
    state: Literal["true", "open", "false"]
    answers: tuple[Decided, ...]
    ask_url: str | None = None


@dataclass(frozen=True, slots=True)
class WhyCondition:
    """A reason that could list the procedure, and the clauses that decide it."""

    label: str
    state: Literal["true", "open", "false"]
    clauses: tuple[WhyClause, ...]


@dataclass(frozen=True, kw_only=True)
class WhyPage(CitizenPage):
    """「この手続きは必要？」 for one procedure."""

    template: ClassVar[str] = "citizen/why.html"
    private: ClassVar[bool] = True

    procedure: Procedure
    status: Literal["applies", "may_apply", "not_listed"]
    conditions: tuple[WhyCondition, ...]
    events: tuple[LifeEvent, ...]
    result_url: str
    list_url: str


@dataclass(frozen=True, kw_only=True)
class WhyListPage(CitizenPage):
    """The procedures to ask 「この手続きは必要？」 about; all of them without words to search for."""

    template: ClassVar[str] = "citizen/why_list.html"
    private: ClassVar[bool] = True

    words: str
    groups: tuple[LinkGroup, ...]
    hidden: Fields
    result_url: str


@dataclass(frozen=True, kw_only=True)
class ProcedurePage(CitizenPage):
    """One procedure, without anybody's answers."""

    template: ClassVar[str] = "citizen/procedure.html"
    current: ClassVar[str] = "procedures"

    facts: Facts
    summary: tuple[Piece, ...]
    terms: tuple[Term, ...]
    bring: tuple[Bring, ...]
    before: tuple[Link, ...]
    after: tuple[Link, ...]
    events: tuple[LifeEvent, ...]


@dataclass(frozen=True, kw_only=True)
class ProceduresPage(CitizenPage):
    """All procedures, by field and by life event."""

    template: ClassVar[str] = "citizen/procedures.html"
    current: ClassVar[str] = "procedures"

    count: int
    by_event: tuple[LinkGroup, ...]
    by_field: tuple[LinkGroup, ...]


@dataclass(frozen=True, kw_only=True)
class WindowPage(CitizenPage):
    """One window and what is done there."""

    template: ClassVar[str] = "citizen/window.html"

    window: Window
    procedures: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class TermRow:
    """The terms of one row of the kana table (あ, か …); `name` None for those whose reading is not known."""

    name: str | None
    terms: tuple[Term, ...]


@dataclass(frozen=True, kw_only=True)
class TermsPage(CitizenPage):
    """用語集 in the order of the kana table."""

    template: ClassVar[str] = "citizen/terms.html"
    current: ClassVar[str] = "terms"

    count: int
    rows: tuple[TermRow, ...]


@dataclass(frozen=True, kw_only=True)
class TermPage(CitizenPage):
    """One term, and the procedures that speak of it."""

    template: ClassVar[str] = "citizen/term.html"
    current: ClassVar[str] = "terms"

    term: Term
    procedures: tuple[Link, ...]


@dataclass(frozen=True, kw_only=True)
class SearchPage(CitizenPage):
    """What a search found; all life events are offered where it found nothing."""

    template: ClassVar[str] = "citizen/search.html"

    words: str
    procedures: tuple[Link, ...] = ()
    terms: tuple[Term, ...] = ()
    windows: tuple[Window, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ErrorPage(CitizenPage):
    """What went wrong and what to do; `message` where it helps the resident, `retry_url` where trying again does."""

    template: ClassVar[str] = "citizen/error.html"
    private: ClassVar[bool] = True

    status: int
    message: str | None = None
    retry_url: str | None = None
    reference: str | None = None


@dataclass(frozen=True, kw_only=True)
class PrivacyPage(CitizenPage):
    """個人情報の扱い."""

    template: ClassVar[str] = "citizen/privacy.html"


@dataclass(frozen=True, kw_only=True)
class AccessibilityPage(CitizenPage):
    """ウェブアクセシビリティ."""

    template: ClassVar[str] = "citizen/accessibility.html"


# Addresses


def address(path: str, query: Query, *, ask: str | None = None, moot: Sequence[Answer] = ()) -> str:
    """The address of a page with these answers; `ask` names a question to be asked again.

    `moot` answers no longer count: the page at this address says so, and leads on without them.
    """
    asked = f"&ask={ask}" if ask else ""
    return f"{path}?{write_address(query, replacing=moot)}{asked}"


def procedure_link(procedure: Procedure) -> Link:
    """A link to the procedure's own page."""
    return Link(procedure.name, f"/procedures/{procedure.key}", procedure.summary)


# Building: home, question, review


def home_page(city: Municipality, outline: Outline, *, missing: bool = False, chosen: Iterable[str] = ()) -> HomePage:
    """The home page: moves and everything else, in the order of the edition."""
    events = _by_position(outline)
    return HomePage(
        city=city,
        moves=tuple(event for event in events if _icon(event).startswith(MOVING)),
        others=tuple(event for event in events if not _icon(event).startswith(MOVING)),
        missing=missing,
        chosen=frozenset(chosen),
    )


def _icon(event: LifeEvent) -> str:
    return event.icon or ""


def _by_position(outline: Outline) -> list[LifeEvent]:
    return sorted(outline.life_events.values(), key=lambda event: (event.position, event.key))


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


def question_page(
    city: Municipality,
    outline: Outline,
    *,
    question: Question,
    query: Query,
    terms: Sequence[Term],
    left: int,
    back_url: str,
    chosen: Iterable[str] | None = None,
    error: AnswerProblem | None = None,
    notice: Notice | None = None,
) -> QuestionPage:
    """The page of one question; without `chosen`, an earlier answer to it is ticked."""
    earlier = next((answer for answer in query.answers if answer.question == question.key), None)
    return QuestionPage(
        city=city,
        events=_events(query.life_events, outline),
        question=question,
        text=marked_terms(question.text, terms),
        help=marked_terms(question.help or "", terms),
        terms=tuple(terms),
        left=left,
        hidden=tuple(fields(query)),
        back_url=back_url,
        chosen=_ticked(earlier) if chosen is None else frozenset(chosen),
        error=error,
        notice=notice,
    )


def _ticked(answer: Answer | None) -> frozenset[str]:
    if answer is None:
        return frozenset()
    if answer.unsure:
        return frozenset("?")
    return frozenset(option.partition("/")[2] for option in answer.options) or frozenset("-")


def _events(keys: Iterable[str], outline: Outline) -> tuple[LifeEvent, ...]:
    return tuple(outline.life_events[key] for key in keys)


def said(answer: Answer, outline: Outline) -> Said:
    """The answer in the words of its options."""
    if answer.unsure:
        return Said(unsure=True)
    labels = {option.key: option.label for option in outline.questions[answer.question].options}
    return Said(tuple(labels[option] for option in answer.options))


def dropped_notes(dropped: Iterable[Dropped], outline: Outline) -> tuple[DroppedNote, ...]:
    """What does not count, with what its question is called."""
    return tuple(
        DroppedNote(_name(outline.questions[one.question]) if one.question in outline.questions else None, one.why)
        for one in dropped
    )


def _name(question: Question) -> str:
    return question.section or question.text


def review_page(
    city: Municipality,
    outline: Outline,
    *,
    query: Query,
    asked: Sequence[str],
    left: int,
    back_url: str,
    typed: Mapping[str, DateField] | None = None,
) -> ReviewPage:
    """The review; `asked` is the order in which the questions were asked (those not named follow by key)."""
    rank = {key: number for number, key in enumerate(asked)}
    answers = sorted(query.answers, key=lambda one: (rank.get(one.question, len(rank)), one.question))
    events = _events(query.life_events, outline)
    return ReviewPage(
        city=city,
        events=events,
        events_url="/?" + "&".join(f"event={key}" for key in query.life_events),
        rows=_rows(answers, outline, query=query),
        days=tuple(_day_field(event, query, typed=typed or {}) for event in events if event.date_label),
        hidden=tuple(pair for pair in fields(query) if pair[0] != "date"),
        left=left,
        back_url=back_url,
        continue_url=address("/guide", query),
        dropped=dropped_notes(query.dropped, outline),
    )


def _rows(answers: Sequence[Answer], outline: Outline, *, query: Query) -> tuple[ReviewRow, ...]:
    """One row per answer; the short name of a question only where no other row has the same."""
    questions = [outline.questions[answer.question] for answer in answers]
    names = [_name(question) for question in questions]
    return tuple(
        ReviewRow(
            name if names.count(name) == 1 else question.text,
            said(answer, outline),
            address("/guide", query, ask=question.key),
        )
        for name, question, answer in zip(names, questions, answers, strict=True)
    )


def _day_field(event: LifeEvent, query: Query, *, typed: Mapping[str, DateField]) -> DateField:
    if event.key in typed:
        return typed[event.key]
    day = query.dates.get(event.key)
    return DateField(event) if day is None else DateField(event, str(day.year), str(day.month), str(day.day))


# Building: result and sheet


@dataclass(frozen=True, slots=True)
class Groups:
    """The cards of a result in the three groups of the list, each in order."""

    must: tuple[Card, ...] = ()
    gain: tuple[Card, ...] = ()
    maybe: tuple[Card, ...] = ()

    @property
    def certain(self) -> tuple[Card, ...]:
        """Those that apply."""
        return self.must + self.gain

    @property
    def all(self) -> tuple[Card, ...]:
        """Those that are listed."""
        return self.must + self.gain + self.maybe


def first_and_next(groups: Groups) -> tuple[Card | None, tuple[NextDate, ...], int]:
    """What to do first, what next, and how many procedures remain after those.

    First is the most urgent duty that waits for no other listed one and has not passed, or else the first of the list.
    """
    if not groups.all:
        return None, (), 0
    listed = groups.certain or groups.all
    names = {card.key for card in listed}
    free = [card for card in groups.must if not names & set(card.facts.procedure.follows)]
    first = min((card for card in free if not _passed(card)), key=_urgency, default=listed[0])
    rest = [card for card in listed if card is not first]
    shown = sorted((card for card in rest if not _passed(card)), key=_urgency)[:NEXT_DATES]
    return first, tuple(NextDate(card) for card in shown), len(rest) - len(shown)


def _passed(card: Card) -> bool:
    return card.due is not None and card.due.passed


def _urgency(card: Card) -> tuple[int, int]:
    """Sorts by what to do first: this year's days, then short rules without a day, later years' days, the rest."""
    if card.due is not None:
        return (2 if card.due.show_year and card.due.left is None else 0, card.due.day.toordinal())
    deadline = card.facts.procedure.deadline
    if deadline is None or deadline.kind in ("none", "practical"):
        return (3, 0)
    if deadline.value is None or deadline.unit is None:
        return (1, 0) if deadline.kind == "before_action" else (3, 0)
    days = deadline.value * _UNIT_DAYS[deadline.unit]
    return (1 if days <= 366 else 2, days)


def bring_groups(cards: Sequence[Card]) -> tuple[BringGroup, ...]:
    """The one list of everything to bring, each thing once, by where it is to be had; the largest group first."""
    needs: dict[str, list[tuple[Card, Bring]]] = {}
    for card in cards:
        for one in card.bring:
            needs.setdefault(one.document.key, []).append((card, one))
    counted = sum(1 for card in cards if card.bring)
    grouped: dict[str | None, list[ToBring]] = {}
    for uses in needs.values():
        item = _to_bring(uses, counted=counted)
        grouped.setdefault(item.document.who_has_it, []).append(item)
    groups = [BringGroup(who, tuple(items)) for who, items in grouped.items()]
    return tuple(sorted(groups, key=lambda group: (group.who is None, -len(group.items))))


def _to_bring(uses: Sequence[tuple[Card, Bring]], *, counted: int) -> ToBring:
    certain = any(one.certain and card.status == "applies" for card, one in uses)
    labels = dict.fromkeys(label for _, one in uses if not one.certain for label in one.labels)
    return ToBring(
        document=uses[0][1].document,
        uses=tuple(card.facts.procedure.name for card, _ in uses),
        certain=certain,
        labels=() if certain else tuple(labels),
        everywhere=counted > 2 and len(uses) == counted,
    )


def round_of_windows(cards: Sequence[Card]) -> tuple[tuple[Stop, ...], tuple[Stop, ...]]:
    """The windows inside the city hall in walking order, and the places outside it."""
    found: dict[str, tuple[Window, list[str], list[str]]] = {}
    for card in cards:
        for window in card.facts.windows:
            _, sure, maybe = found.setdefault(window.key, (window, [], []))
            (sure if card.status == "applies" else maybe).append(card.facts.procedure.name)
    stops = [Stop(window, tuple(sure), tuple(maybe)) for window, sure, maybe in found.values()]
    inside = [stop for stop in stops if stop.window.walking_order is not None]
    inside.sort(key=lambda stop: (stop.window.walking_order or 0, stop.window.key))
    return tuple(inside), tuple(stop for stop in stops if stop.window.walking_order is None)


def result_page(
    city: Municipality,
    outline: Outline,
    *,
    edition: Edition,
    query: Query,
    guidance: Guidance,
    groups: Groups,
    rendered: Mapping[Card, Markup],
    code: str,
    base: str | None = None,
    notice: Notice | None = None,
) -> ResultPage:
    """The result; `rendered` has every card as HTML, `base` is the path of a pinned result (`/e/N/CODE`)."""
    first, following, later = first_and_next(groups)
    inside, outside = round_of_windows(groups.all)
    events = _events(query.life_events, outline)
    return ResultPage(
        city=city,
        days=_days(events, query),
        undated=tuple(event for event in events if event.date_label and event.key not in query.dates),
        mourning=any(_icon(event) == MOURNING for event in events),
        first=first,
        next=following,
        later=later,
        must=tuple(rendered[card] for card in groups.must),
        gain=tuple(rendered[card] for card in groups.gain),
        maybe=tuple(rendered[card] for card in groups.maybe),
        bring=bring_groups(groups.all),
        inside=inside,
        outside=outside,
        edition=edition,
        published=_published(edition),
        code=typed_code(edition.number, code),
        hidden=tuple(fields(query)),
        review_url=address("/review", query),
        sheet_url=f"{base}/sheet" if base else address("/sheet", query),
        calendar_url=address("/result.ics", query),
        notice=notice or _unfinished(guidance, query),
    )


def _unfinished(guidance: Guidance, query: Query) -> Notice | None:
    if guidance.next_question is None:
        return None
    return Notice("unfinished", address("/guide", query), guidance.questions_left_at_most)


def _days(events: Iterable[LifeEvent], query: Query) -> tuple[tuple[LifeEvent, date], ...]:
    return tuple((event, query.dates[event.key]) for event in events if event.key in query.dates)


def _published(edition: Edition) -> date | None:
    return edition.published_at.date() if edition.published_at else None


def typed_code(edition: int, code: str) -> str:
    """The code as people read and type it: the edition's number, then groups of four."""
    return "-".join([str(edition), *(code[start : start + 4] for start in range(0, len(code), 4))])


def code_picture(url: str) -> Markup:
    """The 2D code of an address as inline SVG, error correction M (15 %), with the quiet zone of four modules."""
    drawn = segno.make(url, error="m", micro=False).svg_inline(border=4, svgclass=None, lineclass=None, omitsize=True)
    return Markup(drawn)


def sheet_page(
    city: Municipality,
    outline: Outline,
    *,
    edition: Edition,
    query: Query,
    groups: Groups,
    code: str,
    pinned_url: str,
    today: date,
    result_url: str | None = None,
    notice: Notice | None = None,
) -> SheetPage:
    """The print sheet; `pinned_url` is the full address that the 2D code holds."""
    first, _, _ = first_and_next(groups)
    inside, outside = round_of_windows(groups.all)
    events = _events(query.life_events, outline)
    return SheetPage(
        city=city,
        events=events,
        days=_days(events, query),
        first=first,
        must=groups.must,
        gain=groups.gain,
        maybe=groups.maybe,
        bring=bring_groups(groups.all),
        inside=inside,
        outside=outside,
        edition=edition,
        published=_published(edition),
        code=typed_code(edition.number, code),
        picture=code_picture(pinned_url),
        pinned_url=pinned_url,
        result_url=result_url or address("/result", query),
        today=today,
        notice=notice,
    )


# Building: why


def why_page(
    city: Municipality, outline: Outline, *, query: Query, procedure: Procedure, explanation: Explanation
) -> WhyPage:
    """Why the procedure is listed or not, condition by condition, true before open before false."""
    rank = {"true": 0, "open": 1, "false": 2}
    conditions = sorted(explanation.conditions, key=lambda one: rank[one.state])
    return WhyPage(
        city=city,
        procedure=procedure,
        status=explanation.status,
        conditions=tuple(_why_condition(one, outline, query=query) for one in conditions),
        events=_events(query.life_events, outline),
        result_url=address("/result", query),
        list_url=address("/why", query),
    )


def _why_condition(condition: ExplainedCondition, outline: Outline, *, query: Query) -> WhyCondition:
    """The condition with the clauses that made it what it is (all clauses of a true one)."""
    decisive = [clause for clause in condition.clauses if clause.state == condition.state]
    clauses = tuple(_why_clause(clause, outline, query=query) for clause in decisive)
    return WhyCondition(condition.label, condition.state, clauses)


def _why_clause(clause: Clause, outline: Outline, *, query: Query) -> WhyClause:
    labels = {
        option.key: (_name(question), option.label)
        for question in _questions_of(clause.options, outline)
        for option in question.options
    }
    decided = tuple(
        Decided(
            outline.questions[answer.question].text,
            said(answer, outline),
            address("/guide", query, ask=answer.question),
        )
        for answer in clause.answers
    )
    waiting = clause.state == "open" and not decided
    asked = address("/guide", query, ask=clause.options[0].partition("/")[0]) if waiting else None
    return WhyClause(tuple(labels[one] for one in clause.options), clause.negated, clause.state, decided, asked)


def _questions_of(options: Iterable[str], outline: Outline) -> list[Question]:
    keys = dict.fromkeys(option.partition("/")[0] for option in options)
    return [outline.questions[key] for key in keys]


def why_list_page(city: Municipality, *, query: Query, words: str, procedures: Iterable[Procedure]) -> WhyListPage:
    """The procedures found, by field, each with a link to why."""

    def link(procedure: Procedure) -> Link:
        return Link(procedure.name, address(f"/why/{procedure.key}", query), procedure.summary)

    return WhyListPage(
        city=city,
        words=words,
        groups=_by_field(procedures, link),
        hidden=tuple(fields(query)),
        result_url=address("/result", query),
    )


# Building: catalogue


def procedure_page(
    city: Municipality,
    known: Facts,
    *,
    procedures: Mapping[str, Procedure],
    bring: Sequence[Bring],
    events: Sequence[LifeEvent],
    terms: Sequence[Term],
) -> ProcedurePage:
    """The page of a procedure; `bring` is what it always needs and, with labels, what only some need."""
    own = known.procedure
    after = [one for one in procedures.values() if own.key in one.follows]
    return ProcedurePage(
        city=city,
        facts=known,
        summary=marked_terms(own.summary or "", terms),
        terms=tuple(terms),
        bring=() if own.scope == "example" else tuple(bring),
        before=tuple(procedure_link(procedures[key]) for key in own.follows if key in procedures),
        after=_links(after),
        events=tuple(events),
    )


def _reading(procedure: Procedure) -> tuple[str, str]:
    return (kana_key(procedure.reading or procedure.name), procedure.key)


def _by_field(
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


def _links(procedures: Iterable[Procedure]) -> tuple[Link, ...]:
    return tuple(procedure_link(one) for one in sorted(procedures, key=_reading))


def procedures_page(
    city: Municipality,
    outline: Outline,
    *,
    procedures: Mapping[str, Procedure],
    by_event: Mapping[str, Sequence[str]],
) -> ProceduresPage:
    """All procedures; `by_event` has the keys of the procedures that a life event can lead to."""
    groups = [
        LinkGroup(
            event.summary or event.name,
            f"event-{event.key}",
            _links(procedures[key] for key in by_event[event.key]),
        )
        for event in _by_position(outline)
        if by_event.get(event.key)
    ]
    return ProceduresPage(
        city=city, count=len(procedures), by_event=tuple(groups), by_field=_by_field(procedures.values())
    )


def window_page(city: Municipality, window: Window, *, procedures: Iterable[Procedure]) -> WindowPage:
    """The page of a window, with those of the procedures that are done there."""
    here = _links(one for one in procedures if window.key in one.handled_at)
    return WindowPage(city=city, window=window, procedures=here)


def term_page(city: Municipality, term: Term, *, procedures: Iterable[Procedure]) -> TermPage:
    """The page of a term, with the procedures that mention it."""
    return TermPage(city=city, term=term, procedures=_links(procedures))


def search_page(
    city: Municipality,
    *,
    words: str,
    procedures: Sequence[Procedure] = (),
    terms: Sequence[Term] = (),
    windows: Sequence[Window] = (),
) -> SearchPage:
    """What was found, in the order given."""
    links = tuple(procedure_link(one) for one in procedures)
    return SearchPage(city=city, words=words, procedures=links, terms=tuple(terms), windows=tuple(windows))


_ROWS = {
    "あ": "あいうえお",
    "か": "かきくけこ",
    "さ": "さしすせそ",
    "た": "たちつてと",
    "な": "なにぬねの",
    "は": "はひふへほ",
    "ま": "まみむめも",
    "や": "やゆよ",
    "ら": "らりるれろ",
    "わ": "わをん",
}
_ROW_OF = {kana: row for row, members in _ROWS.items() for kana in members}
_SMALL = str.maketrans("ぁぃぅぇぉっゃゅょゎ", "あいうえおつやゆよわ")
_VOICING = "\u3099\u309a"


def kana_key(reading: str) -> str:
    """The reading as the kana table orders it: hiragana, without voicing marks, small kana as large ones."""
    plain = unicodedata.normalize("NFKC", reading)
    hiragana = "".join(chr(ord(one) - 0x60) if "ァ" <= one <= "ヶ" else one for one in plain)
    bare = "".join(one for one in unicodedata.normalize("NFD", hiragana) if one not in _VOICING)
    return bare.translate(_SMALL)


def terms_page(city: Municipality, terms: Iterable[Term]) -> TermsPage:
    """All terms, row by row."""
    ordered = sorted(terms, key=lambda term: (kana_key(term.reading or term.term), term.key))
    rows: dict[str | None, list[Term]] = {}
    for term in ordered:
        rows.setdefault(_ROW_OF.get(kana_key(term.reading or term.term)[:1]), []).append(term)
    named = [TermRow(row, tuple(rows[row])) for row in _ROWS if row in rows]
    rest = [TermRow(None, tuple(rows[None]))] if None in rows else []
    return TermsPage(city=city, count=len(ordered), rows=(*named, *rest))
