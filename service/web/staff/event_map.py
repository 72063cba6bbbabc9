"""The page of the map of a life event: its questions as a flow, its conditions as a decision table."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.analysis.bdd import question_of
from service.analysis.event_map import Cell, EventMap, TableRow, Through, event_map
from service.analysis.interview_paths import Journeys
from service.content import registry
from service.content.models import Kind, Question
from service.content.snapshot import Snapshot
from service.diff_text import differences
from service.editions import contents, interviews
from service.editions.surroundings import Mark, marked_items
from service.errors import NotFound
from service.web.previews import Number
from service.web.staff import context
from service.web.staff.context import Staff, StaffContext
from service.web.staff.drawing import Box, Drawing, Line, drawing
from service.web.staff.households import share_of
from service.web.staff.layout import EditionPage

router = APIRouter(include_in_schema=False)

MOST_BOXES = 40
PATIENCE_SECONDS = 0.5
"""So long the page waits for who is asked what."""


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question of the life event: after which answers it is asked, and by how many of all answer patterns it is met.

    `asked` is None while that is not known. `is_on`: on the way that was asked for.
    """

    key: str
    text: str
    kind: str
    options: Sequence[str]
    after: Sequence[str]
    asked: int | None
    share: str
    mark: Mark | None
    is_on: bool


@dataclass(frozen=True, slots=True)
class CellText:
    """What a condition asks of a question, in words: '' where any answer will do."""

    words: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class ConditionRow:
    """A condition with its cells, and what it brings up, each by key and name."""

    key: str
    label: str
    cells: Sequence[CellText]
    procedures: Sequence[tuple[str, str]]
    documents: Sequence[tuple[str, str]]
    mark: Mark | None
    is_on: bool


@dataclass(frozen=True, kw_only=True)
class EventMapPage(EditionPage):
    """The map of a life event; `at` is the item whose ways stand out, '' for none, with its name `at_name`.

    `patterns` is how many answer patterns there are, None where that is not known; `is_counted` False: not yet. `gone`
    are the questions and conditions that only the live edition has, each by kind and name.
    """

    template: ClassVar[str] = "staff/map.html"

    key: str
    name: str
    at: str
    at_name: str
    through: Through
    is_compared: bool
    patterns: int | None
    is_counted: bool
    drawing: Drawing
    questions: Sequence[QuestionRow]
    rows: Sequence[ConditionRow]
    gone: Sequence[tuple[str, str]]


@router.get("/staff/editions/{number}/map/{key}")
async def show(request: Request, number: Number, key: str, actor: Staff, at: str = "") -> Response:
    """The questions of a life event as a flow, and its conditions as a decision table."""
    return context.respond(await map_page(context.visit(request, actor), number, key=key, at=at))


async def map_page(visit: StaffContext, number: int, *, key: str, at: str = "") -> EventMapPage:
    """The map of a life event. Errors: NotFound, also where nothing of it has the key `at`."""
    about = await context.about(visit, number)
    snapshot = await contents.of_edition(visit.graph.latest, about.edition)
    if snapshot.kinds.get(key) != Kind.LIFE_EVENT:
        raise NotFound("このライフイベントはありません。", where="/key")
    found = event_map(snapshot.content, key)
    through = found.through(at) if at else Through()
    if at and not through.questions and not through.conditions:
        raise NotFound("その項目は、このライフイベントの道すじにありません。", where="/at")
    live = about.live if about.live and about.live.number != number else None
    before = await contents.of_edition(visit.graph.latest, live) if live else None
    marks = marked_items(before.items, snapshot.items) if before else {}
    counted = await _counted(snapshot, key)
    journeys = counted.journeys if counted else None
    names = differences.names(snapshot.items)
    maker = _Maker(found, through, marks, journeys, names, f"/staff/editions/{number}/map/{key}", at)
    return EventMapPage(
        frame=visit.frame,
        about=about,
        key=key,
        name=names[key],
        at=at,
        at_name=names.get(at, at),
        through=through,
        is_compared=live is not None,
        patterns=journeys.households if journeys else None,
        is_counted=counted is not None,
        drawing=maker.drawing(),
        questions=[maker.question(one) for one in found.questions],
        rows=[maker.row(one) for one in found.rows],
        gone=list(_gone(event_map(before.content, key), before, marks)) if before and key in before.items else (),
    )


async def _counted(snapshot: Snapshot, event: str) -> interviews.Interviews | None:
    """The interviews in figures; None where counting takes longer than the page waits: it goes on."""
    try:
        return await asyncio.wait_for(interviews.of_event(snapshot, event), PATIENCE_SECONDS)
    except TimeoutError:
        return None


def _gone(before: EventMap, snapshot: Snapshot, marks: Mapping[str, Mark]) -> Iterator[tuple[str, str]]:
    """The questions and conditions of the live edition that are there no more: kind and name."""
    names = differences.names(snapshot.items)
    for key in (*(one.key for one in before.questions), *(one.condition.key for one in before.rows)):
        if marks.get(key) == "removed":
            yield registry.name_of(snapshot.kinds[key]), names[key]


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the parts of the page of a map; `at` is its address, `asked_for` the item whose ways stand out."""

    found: EventMap
    through: Through
    marks: Mapping[str, Mark]
    journeys: Journeys | None
    names: Mapping[str, str]
    at: str
    asked_for: str

    def question(self, question: Question) -> QuestionRow:
        """The row of a question."""
        asked = self.journeys.asked.get(question.key) if self.journeys else None
        return QuestionRow(
            key=question.key,
            text=question.text,
            kind=registry.kind(Kind.QUESTION).fields["kind"].words[question.kind],
            options=[option.label for option in question.options],
            after=[self.names[option] for option in question.asked_after],
            asked=asked,
            share=self._share(question.key),
            mark=self.marks.get(question.key),
            is_on=question.key in self.through.questions,
        )

    def _share(self, question: str) -> str:
        if self.journeys is None or question not in self.journeys.asked:
            return ""
        return share_of(self.journeys.asked[question], self.journeys.households)

    def row(self, row: TableRow) -> ConditionRow:
        """The row of a condition."""
        names, condition = self.names, row.condition
        is_on = condition.key in self.through.conditions
        pairs = zip(self.found.questions, row.cells, strict=True)
        return ConditionRow(
            key=condition.key,
            label=condition.label,
            cells=[CellText(said(question, cell), is_on and not cell.is_any) for question, cell in pairs],
            procedures=[(key, names[key]) for key in condition.selects],
            documents=[(key, names[key]) for key in condition.needs],
            mark=self.marks.get(condition.key),
            is_on=is_on,
        )

    def drawing(self) -> Drawing:
        """The life event, its questions, and between them the answers after which one is asked; without these where
        that would be too many boxes."""
        questions = self.found.questions[: MOST_BOXES - 1]
        left = len(self.found.questions) - len(questions)
        leading = {option for question in questions for option in question.asked_after}
        answers = leading if 1 + len(questions) + len(leading) <= MOST_BOXES else set()
        columns = _columns(questions)
        event = Box(
            self.found.event,
            0,
            registry.name_of(Kind.LIFE_EVENT),
            self.names[self.found.event],
            self.at,
            "kind-lifeevent",
            mark=self.marks.get(self.found.event),
            is_focus=self.asked_for not in columns,
        )
        boxes = [event, *(self._box(one, columns[one.key]) for one in questions)]
        boxes += [self._answer(option, columns[question_of(option)] + 1) for option in sorted(answers)]
        if left:
            boxes.append(Box("more", 1, registry.name_of(Kind.QUESTION), f"ほか{left}件", "#questions", "more"))
        return drawing(boxes, self._lines(questions, answers))

    def _box(self, question: Question, column: int) -> Box:
        share = self._share(question.key)
        asked = {"": "", "すべて": "・いつも聞く", "なし": "・聞かれない"}.get(share, f"・{share}で聞く")
        return Box(
            question.key,
            column,
            registry.name_of(Kind.QUESTION) + asked,
            question.text,
            f"{self.at}?at={question.key}",
            "kind-question",
            mark=self.marks.get(question.key),
            is_focus=question.key == self.asked_for,
            is_on=question.key in self.through.questions,
        )

    def _answer(self, option: str, column: int) -> Box:
        label = self.names[option].partition("／")[2]
        question = question_of(option)
        return Box(
            option,
            column,
            registry.name_of(Kind.OPTION),
            label,
            f"{self.at}?at={question}",
            "kind-option",
            mark=self.marks.get(option),
            is_on=option in self._answers_on(),
        )

    def _answers_on(self) -> set[str]:
        """The answers after which a question is asked that is on the way."""
        asked = [one for one in self.found.questions if one.key in self.through.questions]
        return {option for one in asked for option in one.asked_after if question_of(option) in self.through.questions}

    def _lines(self, questions: Iterable[Question], answers: set[str]) -> Iterator[Line]:
        on, answers_on = self.through.questions, self._answers_on()
        for option in sorted(answers):
            yield Line(question_of(option), option, self._line_mark(option), is_on=option in answers_on)
        for question in questions:
            is_on, mark = question.key in on, self._line_mark(question.key)
            if not question.asked_after:
                yield Line(self.found.event, question.key, mark, is_on=is_on)
            for option in question.asked_after:
                start = option if option in answers else question_of(option)
                yield Line(start, question.key, mark, is_on=is_on and option in answers_on)

    def _line_mark(self, key: str) -> Mark | None:
        """A line to what is new is new too."""
        return "added" if self.marks.get(key) == "added" else None


def _columns(questions: Iterable[Question]) -> dict[str, int]:
    """In which column each question stands: two further than the last of those that it follows, for the answers."""
    columns: dict[str, int] = {}
    for question in questions:
        above = [columns[question_of(option)] for option in question.asked_after if question_of(option) in columns]
        columns[question.key] = max(above) + 2 if above else 1
    return columns


def said(question: Question, cell: Cell) -> str:
    """What a condition asks of a question, in words; '' where any answer will do."""
    labels = {option.key: option.label for option in question.options}
    parts = ["か".join(f"「{labels[key]}」" for key in clause) for clause in cell.wanted]
    if cell.is_shared:
        parts.append("（または、ほかの列の答え）")
    if cell.excluded and set(cell.excluded) == set(labels):
        parts.append("どれもない")
    elif cell.excluded:
        parts.append("・".join(f"「{labels[key]}」" for key in cell.excluded) + "を除く")
    return "、".join(parts).replace("、（", "（")
