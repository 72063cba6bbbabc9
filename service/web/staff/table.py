"""The decision table of a life event or of a procedure: its conditions as rows, edited in place, saved together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.analysis.bdd import question_of
from service.content import item_yaml, registry
from service.content.models import Edition, Kind
from service.content.patches import Fields, Item, Items
from service.editions import edits, requests
from service.editions.edits import Collision
from service.editions.requests import ItemChange
from service.errors import GuideError, InvalidContent, InvalidRequest, NotFound, Problem
from service.web.previews import Number
from service.web.staff import context, decision_table, effects, form_fields, item, item_form, unsent
from service.web.staff.auth import Posted
from service.web.staff.context import Staff, StaffContext
from service.web.staff.decision_table import MARKS, Cell
from service.web.staff.effects import TrialEffect
from service.web.staff.form_fields import Choice, ChoiceGroup, Index
from service.web.staff.item_form import FIND, Pair, Typed
from service.web.staff.layout import EditionPage

router = APIRouter(include_in_schema=False)

CONDITIONS = "conditions"
NEW = "new-"
ROW, GONE = "row", "gone"
AROUND = frozenset({"do", "note"})
_MARKER = re.compile(r"(?P<key>[a-z0-9]+(?:-[a-z0-9]+)*)(?: (?P<revision>[0-9]{1,15}))?")


@dataclass(frozen=True, slots=True)
class Marker:
    """A row that is edited or goes: its key, and the revision that it was read at (none for a new one)."""

    key: str
    revision: int | None

    @property
    def is_new(self) -> bool:
        """Whether the condition is not saved yet."""
        return self.revision is None

    @property
    def text(self) -> str:
        """The marker as it stands in the form."""
        return self.key if self.revision is None else f"{self.key} {self.revision}"


@dataclass(frozen=True, slots=True)
class OptionMark:
    """An option in a row that is edited, and what the condition asks of it."""

    name: str
    label: str
    mark: str


@dataclass(frozen=True, slots=True)
class RowForm:
    """The fields of a row that is edited; `cells` are None where nothing is asked of the question yet."""

    marker: str
    name: str
    label: str
    cells: Sequence[Sequence[OptionMark] | None]
    events: Sequence[Choice]
    procedures: Sequence[ChoiceGroup]
    words: str
    faults: Sequence[str]


@dataclass(frozen=True, slots=True)
class TableRow:
    """A condition: what it asks of each question (None: more than a table can say), and what it leads to.

    `form` is there while it is edited; `gone` is its marker where it is to be removed.
    """

    key: str
    label: str
    cells: Sequence[Cell] | None
    events: Sequence[str]
    procedures: Sequence[str]
    form: RowForm | None = None
    gone: str = ""


@dataclass(frozen=True, kw_only=True)
class TablePage(EditionPage):
    """The conditions of a life event or of a procedure as a table.

    `columns` are the questions that some row asks of, by key and text, `others` the rest of them.
    """

    template: ClassVar[str] = "staff/table.html"
    fetches: ClassVar[bool] = True

    key: str
    name: str
    kind: str
    is_event: bool
    columns: Sequence[tuple[str, str]]
    others: Sequence[tuple[str, str]]
    rows: Sequence[TableRow]
    marks: Sequence[tuple[str, str]]
    note: str
    faults: Sequence[str]
    unsaved: bool = False
    trial: Sequence[TrialEffect] | None = None
    compared: Edition | None = None


MARK_NAMES = (
    ("", "問わない"),
    (decision_table.OWN, "このどれか"),
    (decision_table.ALL, "必ず"),
    (decision_table.NOT, "除く"),
    *((letter, f"どれか（{letter}の印）") for letter in decision_table.LETTERS),
)


@dataclass(frozen=True, slots=True)
class Table:
    """What the table is about, in a draft or another edition: the life event or the procedure, and its conditions."""

    subject: Item
    index: Index
    saved: Mapping[str, Item] = field(default_factory=dict)

    @classmethod
    def of(cls, items: Items, key: str) -> Table:
        """The table of the item with that key. Errors: NotFound for what has none."""
        subject = items.get(key)
        if subject is None or subject.kind not in {Kind.LIFE_EVENT, Kind.PROCEDURE}:
            raise NotFound(f"「{key[:100]}」の条件表はありません。", where="/key")
        name = "life_events" if subject.kind == Kind.LIFE_EVENT else "selects"
        rows = {
            one.key: one for one in items.values() if one.kind == Kind.CONDITION and key in one.fields.get(name, ())
        }
        return cls(subject, Index(items), rows)

    @property
    def is_event(self) -> bool:
        """Whether it is that of a life event."""
        return self.subject.kind == Kind.LIFE_EVENT

    def questions(self, marked: Sequence[Mapping[str, str]], more: Sequence[str]) -> list[str]:
        """The questions that some row asks of, or is about to, in the order in which they are asked."""
        asked = {question_of(option) for one in marked for option in one} | set(more)
        return [key for key in self.all_questions() if key in asked]

    def all_questions(self) -> list[str]:
        """Every question, in the order in which they are asked."""
        known = [one for one in self.index.items.values() if one.kind == Kind.QUESTION]
        return [one.key for one in sorted(known, key=lambda one: (int(one.fields.get("position", 0)), one.key))]


@router.get("/staff/editions/{number}/table/{key}")
async def show(request: Request, number: Number, key: str, actor: Staff, done: str = "") -> Response:
    """The decision table of a life event or of a procedure."""
    page = await table_page(context.visit(request, actor), number, key, Typed())
    return context.respond(replace(page, done=done))


@router.post("/staff/editions/{number}/table/{key}")
async def submit(request: Request, number: Number, key: str) -> Response:
    """Saves the rows that were edited, or does what another button asks for."""
    return await unsent.kept(request, lambda form: _answer(request, number, key, form))


async def _answer(request: Request, number: int, key: str, form: Posted) -> Response:
    visit = context.visit(request, form.actor)
    given = Typed(tuple(pair for pair in form.fields if pair[0] not in AROUND))
    note, button = form.get("note"), form.get("do") or "save"
    try:
        if button == "save":
            change = await _change(visit, number, key, given, note=note)
            saved = await visit.service.save(number, change, by=visit.actor)
            return context.onward(f"/staff/editions/{number}/table/{key}?done={'saved' if saved.seq else 'unchanged'}")
        if button == "effect":
            trial = await visit.service.trial(number, await _change(visit, number, key, given, note=note))
            page = await table_page(visit, number, key, given, note=note, unsaved=True)
            return context.respond(replace(page, trial=effects.of_trial(trial), compared=trial.live))
        given = await _pressed(visit, number, key, given, button)
    except GuideError as error:
        return await context.again(error, table_page(visit, number, key, given, note=note, refusal=error))
    return context.respond(await table_page(visit, number, key, given, note=note, unsaved=True))


async def _table(visit: StaffContext, number: int, key: str) -> Table:
    edition = (await context.about(visit, number)).edition
    return Table.of((await visit.reviewer.content(edition))[1], key)


# What is typed


def markers(given: Typed, name: str) -> list[Marker]:
    """The rows that are edited, or those that go. Errors: InvalidRequest for what is none, or one twice."""
    made = []
    for text in given.all(name):
        found = _MARKER.fullmatch(text)
        if found is None or (found["revision"] is None) != found["key"].startswith(NEW):
            raise item_form.unreadable()
        made.append(Marker(found["key"], int(found["revision"]) if found["revision"] else None))
    if len({one.key for one in made}) < len(made):
        raise item_form.unreadable()
    return made


def typed(marker: Marker, fields: Mapping[str, Any]) -> list[Pair]:
    """What the row of a condition holds when its editing begins."""
    name = f"/{marker.key}"
    pairs = [(ROW, marker.text), (f"{name}/label", str(fields.get("label", "")))]
    pairs += [(f"{name}/marks/{option}", mark) for option, mark in (decision_table.marks_of(fields) or {}).items()]
    pairs += [(f"{name}/selects", key) for key in fields.get("selects", ())]
    return pairs + [(f"{name}/life_events", key) for key in fields.get("life_events", ())]


def read(marker: Marker, given: Typed, saved: Item | None) -> tuple[Fields, set[str], list[Problem]]:
    """The condition of a row, the names that were looked at, and what is wrong, by the key of the row.

    What the table does not show of a condition stays. Errors: InvalidRequest for what is no mark.
    """
    name = f"/{marker.key}"
    marked = {
        place.removeprefix(f"{name}/marks/"): value
        for place, value in given.pairs
        if place.startswith(f"{name}/marks/") and value
    }
    if not set(marked.values()) <= set(MARKS):
        raise item_form.unreadable()
    requires, excludes = decision_table.clauses(marked)
    label, words = given.get(f"{name}/label"), given.get(f"{FIND}{name}/selects").strip()
    problems = [] if label.strip() else [Problem("条件の名前を書いてください。", "/label", marker.key)]
    if words:
        message = f"「{words[:60]}」は、まだ選んでいません。候補から選ぶか、言葉を消してください。"
        problems.append(Problem(message, "/selects", marker.key))
    listed = {
        "requires": requires,
        "excludes": excludes,
        "selects": list(dict.fromkeys(given.all(f"{name}/selects"))),
        "life_events": list(dict.fromkeys(given.all(f"{name}/life_events"))),
    }
    if not listed["life_events"]:
        problems.append(Problem("ライフイベントを1つ以上選んでください。", "/life_events", marker.key))
    fields = {**(saved.fields if saved else {}), "label": label.replace("\r\n", "\n"), **listed}
    known = {place for place, _ in given.pairs if place.startswith(f"{name}/marks/")}
    known |= {f"{name}/{part}" for part in ("label", "selects", "life_events", "column", "ask")} | {
        f"{FIND}{name}/selects"
    }
    return {field: value for field, value in fields.items() if value != []}, known, problems


async def _change(visit: StaffContext, number: int, key: str, given: Typed, *, note: str) -> ItemChange:
    """The one save of all rows. Errors: InvalidContent, InvalidRequest, NotFound."""
    table = await _table(visit, number, key)
    given = _sought(given, table.index)
    put, revisions, known, problems = [], {}, {ROW, GONE}, list[Problem]()
    for marker in markers(given, ROW):
        saved = None if marker.is_new else table.index.items.get(marker.key)
        fields, names, wrong = read(marker, given, saved)
        known |= names
        problems += wrong
        put.append(fields if marker.is_new else {"key": marker.key} | fields)
        if marker.revision is not None:
            revisions[marker.key] = marker.revision
    gone = markers(given, GONE)
    revisions |= {marker.key: marker.revision for marker in gone if marker.revision is not None}
    if any(name not in known for name, _ in given.pairs):
        raise item_form.unreadable()
    if problems:
        raise InvalidContent(problems)
    if not put and not gone:
        raise InvalidRequest("直した行がありません。「直す」か「条件を加える」を押してください。")
    remove = [marker.key for marker in gone]
    wanted = {"put": {CONDITIONS: put} if put else {}, "remove": remove, "revisions": revisions, "note": note}
    return requests.read(ItemChange, wanted)


def _sought(given: Typed, index: Index) -> Typed:
    """The form with every searched procedure chosen that only one has as its name."""
    pairs = []
    for name, value in given.pairs:
        key = index.named(Kind.PROCEDURE, value) if name.startswith(FIND) and value.strip() else None
        pairs.append((name.removeprefix(FIND), key) if key else (name, value))
    return Typed(tuple(pairs))


async def _pressed(visit: StaffContext, number: int, key: str, given: Typed, button: str) -> Typed:
    """What the form holds after a button. Errors: NotFound for no such condition."""
    act, _, which = button.partition(":")
    if act in {"edit", "remove"}:
        found, revision = await edits.item(visit.graph.latest, number, key=which)
        if found is None or found.kind != Kind.CONDITION:
            raise NotFound(f"条件「{which[:100]}」は、この下書きにありません。", where="/key")
        left, marker = _without(given, which), Marker(which, revision)
        return left.with_((GONE, marker.text)) if act == "remove" else left.with_(*typed(marker, found.fields))
    if act == "undo":
        return _without(given, which)
    if act == "add":
        return given.with_(*_new_row(await _table(visit, number, key), given))
    if act == "column":
        row, _, question = which.partition("/")
        return given.with_((f"/{row}/column", question or given.get(f"/{row}/ask")))
    return given


def _new_row(table: Table, given: Typed) -> list[Pair]:
    taken = {marker.key for marker in markers(given, ROW)}
    key = next(name for name in (f"{NEW}{count}" for count in range(1, len(taken) + 2)) if name not in taken)
    if table.is_event:
        return typed(Marker(key, None), {"life_events": [table.subject.key]})
    events = {event for row in table.saved.values() for event in row.fields["life_events"]}
    fields = {"selects": [table.subject.key], "life_events": sorted(events) if len(events) == 1 else []}
    return typed(Marker(key, None), fields)


def _without(given: Typed, key: str) -> Typed:
    """The form without a row."""
    names = (f"/{key}/", f"{FIND}/{key}/")
    return Typed(
        tuple(
            (name, value)
            for name, value in given.pairs
            if not name.startswith(names) and not (name in {ROW, GONE} and value.partition(" ")[0] == key)
        )
    )


# The page


async def table_page(
    visit: StaffContext,
    number: int,
    key: str,
    given: Typed,
    *,
    note: str = "",
    refusal: GuideError | None = None,
    unsaved: bool = False,
) -> TablePage:
    """The page of a table with what was typed. Errors: NotFound, InvalidRequest for what is not of this form."""
    about = await context.about(visit, number)
    table = Table.of((await visit.reviewer.content(about.edition))[1], key)
    if isinstance(refusal, Collision):
        given = await _renewed(visit, number, given, refusal.key)
    given = _sought(given, table.index)
    edited, gone = markers(given, ROW), {one.key: one.text for one in markers(given, GONE)}
    marked = {one.key: _typed_marks(one, given) for one in edited}
    saved = {name: decision_table.marks_of(row.fields) for name, row in table.saved.items()}
    added = [question for one in edited for question in given.all(f"/{one.key}/column")]
    columns = table.questions([*marked.values(), *(one for one in saved.values() if one)], added)
    faults = _faults(refusal, table.index, (await visit.around()).people if refusal else {})
    forms = {one.key: _form(one, given, table, columns, marked[one.key], faults.get(one.key, ())) for one in edited}
    rows = [
        _row(row, saved[name], table.index, columns, form=forms.pop(name, None), gone=gone.get(name, ""))
        for name, row in table.saved.items()
    ]
    rows.sort(key=lambda row: _order(saved[row.key], columns, row.label))
    rows += [TableRow(name, form.label, None, (), (), form) for name, form in forms.items()]
    return TablePage(
        frame=visit.frame,
        about=about,
        refusal=refusal,
        key=key,
        name=table.index.names[key],
        kind=registry.name_of(table.subject.kind),
        is_event=table.is_event,
        columns=[(question, table.index.names[question]) for question in columns],
        others=[(one, table.index.names[one]) for one in table.all_questions() if one not in columns] if edited else [],
        rows=rows,
        marks=MARK_NAMES,
        note=note,
        faults=faults.get("", ()),
        unsaved=unsaved,
    )


async def _renewed(visit: StaffContext, number: int, given: Typed, key: str) -> Typed:
    """The form whose row counts as made from what somebody else saved meanwhile, now that both are seen."""
    found, revision = await edits.item(visit.graph.latest, number, key=key)
    pairs = []
    for name, value in given.pairs:
        is_its = name in {ROW, GONE} and value.partition(" ")[0] == key
        if not is_its or found is not None:
            pairs.append((name, f"{key} {revision}" if is_its else value))
    return Typed(tuple(pairs))


def _typed_marks(marker: Marker, given: Typed) -> dict[str, str]:
    name = f"/{marker.key}/marks/"
    return {place.removeprefix(name): value for place, value in given.pairs if place.startswith(name) and value}


def _form(
    marker: Marker,
    given: Typed,
    table: Table,
    columns: Sequence[str],
    marked: Mapping[str, str],
    faults: Sequence[str],
) -> RowForm:
    name, index = f"/{marker.key}", table.index
    shown = {question_of(option) for option in marked} | set(given.all(f"{name}/column"))
    events = given.all(f"{name}/life_events")
    known_events = [one for one in index.items.values() if one.kind == Kind.LIFE_EVENT]
    known_events.sort(key=lambda one: int(one.fields.get("position", 0)))
    words = given.get(f"{FIND}{name}/selects")
    return RowForm(
        marker=marker.text,
        name=name,
        label=given.get(f"{name}/label"),
        cells=[_marks(name, question, marked, index) if question in shown else None for question in columns],
        events=[Choice(one.key, index.names[one.key], one.key in events) for one in known_events],
        procedures=form_fields.groups(index, Kind.PROCEDURE, given.all(f"{name}/selects"), words),
        words=words,
        faults=faults,
    )


def _marks(name: str, question: str, marked: Mapping[str, str], index: Index) -> list[OptionMark]:
    return [
        OptionMark(f"{name}/marks/{option}", label, marked.get(option, "")) for option, label in index.options(question)
    ]


def _row(
    row: Item,
    marked: Mapping[str, str] | None,
    index: Index,
    columns: Sequence[str],
    *,
    form: RowForm | None,
    gone: str,
) -> TableRow:
    cells = None if marked is None else [decision_table.cell(marked, index.options(one)) for one in columns]
    return TableRow(
        key=row.key,
        label=str(row.fields["label"]),
        cells=cells,
        events=[index.names.get(key, key) for key in row.fields["life_events"]],
        procedures=[index.names.get(key, key) for key in row.fields.get("selects", ())],
        form=form,
        gone=gone,
    )


def _order(marked: Mapping[str, str] | None, columns: Sequence[str], label: str) -> tuple[list[int], str]:
    """Rows that ask of the same questions stand together; who is asked of none comes first."""
    return sorted(
        {columns.index(question_of(option)) for option in marked or () if question_of(option) in columns}
    ), label


def _faults(refusal: GuideError | None, index: Index, people: Mapping[str, str]) -> dict[str, list[str]]:
    """What is wrong, by the key of the row; under no key what is no row's."""
    made: dict[str, list[str]] = {}
    if isinstance(refusal, InvalidContent):
        for one in refusal.problems:
            entry = registry.kind(Kind.CONDITION).fields.get(str((item_yaml.inside(one.path) or ("",))[0]))
            label = f"{entry.label}：" if entry else ""
            made.setdefault(one.key or "", []).append(f"{label}{one.message}")
    elif isinstance(refusal, Collision):
        found = item.collision_of(refusal, index.items, people)
        made[refusal.key] = [refusal.message, *(sentence for _, sentence in (found.told() if found else ()))]
    elif refusal is not None:
        made[""] = [refusal.message]
    return made
