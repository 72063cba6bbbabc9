"""An item as the fields of a form, and back: names and values in order, as browsers send them.

A name is the place of a field inside the item (`/deadline/value`). Beside the fields stand `row:` (the rows of a list,
in order: a number, and the key of what stands in it), `none:` (it is said that there is none), `empty:` (a value that
is there and holds nothing) and `find:` (words that a search is to look for). What `read` has not looked at is refused,
so that nothing is lost in silence.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pydantic import BaseModel

from service.content import registry
from service.content.fields import FieldEntry, fields_of
from service.content.models import ItemModel
from service.content.patches import Fields, Item
from service.errors import InvalidContent, InvalidRequest, Problem
from service.guidance import typed_days
from service.guidance.typed_days import TypedDay
from service.web.staff import context

ROW, NONE, EMPTY, FIND = "row:", "none:", "empty:", "find:"
UNSURE = "unsure"
_USUAL = {"choice", "number"}
"""Of these fields the example of the registry is a value, and not only one of how it is written."""
_ROW = re.compile(r"(?P<number>[0-9]{1,4})(?: (?P<key>\S+))?")
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBERS = re.compile(r"[0-9]+|元")

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a list: its number in the names of its fields, the key of what stands in it, and its marker."""

    number: str
    key: str | None
    marker: str


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the fields of a form."""

    pairs: Sequence[Pair] = ()

    def get(self, name: str) -> str:
        """The first value of a field; empty where it has none."""
        return next((value for given, value in self.pairs if given == name), "")

    def all(self, name: str) -> list[str]:
        """Every value of a field."""
        return [value for given, value in self.pairs if given == name]

    def rows(self, name: str) -> list[Row]:
        """The rows of a list, in order. Errors: InvalidRequest for what is no row, or one twice."""
        made = []
        for marker in self.all(ROW + name):
            found = _ROW.fullmatch(marker)
            if found is None:
                raise unreadable()
            made.append(Row(found["number"], found["key"], marker))
        if len({row.number for row in made}) < len(made):
            raise unreadable()
        return made

    def with_(self, *more: Pair) -> Typed:
        """The same and more."""
        return Typed((*self.pairs, *more))


def unreadable() -> InvalidRequest:
    """What is said of a form that is not one of ours."""
    return InvalidRequest("送られた内容を読み取れません。画面を開き直してください。")


# From an item to a form


def typed(item: Item, *, known: Collection[str] | None = None) -> Typed:
    """What the form of an item holds; of the keys inside it only the `known` ones stay, the others are made anew."""
    pairs = _pairs(registry.kind(item.kind).fields, item.fields, "")
    if known is None:
        return Typed(tuple(pairs))
    return Typed(tuple((name, _without_key(value, known) if name.startswith(ROW) else value) for name, value in pairs))


def _without_key(marker: str, known: Collection[str]) -> str:
    number, _, key = marker.partition(" ")
    return number if key and key not in known else marker


def start(kind: str) -> Typed:
    """What the form of a new item begins with: what is usual, and two empty rows for items that it has to hold."""
    entry = registry.kind(kind)
    usual = [one for one in entry.fields.values() if one.start and one.start.example and one.shape in _USUAL]
    pairs = [(f"/{one.name}", one.start.example) for one in usual if one.start]
    return Typed((*pairs, *((f"{ROW}/{entry.owned.name}", str(number)) for number in (0, 1) if entry.owned)))


def _pairs(entries: Mapping[str, FieldEntry], fields: Mapping[str, Any], name: str) -> Iterator[Pair]:
    for entry in entries.values():
        if entry.shape != "key" and entry.name in fields:
            yield from _value_pairs(entry, fields[entry.name], f"{name}/{entry.name}")


def _value_pairs(entry: FieldEntry, value: Any, name: str) -> Iterator[Pair]:
    if entry.shape in {"words", "items", "sequence"}:
        yield from ((name, one) for one in value)
        if not value:
            yield NONE + name, "none"
    elif entry.shape == "clauses":
        for number, clause in enumerate(value):
            yield ROW + name, str(number)
            yield from ((f"{name}/{number}", key) for key in clause)
    elif entry.shape == "answers":
        for question, said in value.items():
            yield ROW + name, question
            yield from ((f"{name}/{question}", key) for key in ([said] if isinstance(said, str) else said))
    elif entry.shape in {"options", "records"} and entry.inner:
        for number, record in enumerate(value):
            yield ROW + name, f"{number} {record['key']}" if "key" in record else str(number)
            yield from _pairs(fields_of(entry.inner), record, f"{name}/{number}")
        if not value:
            yield NONE + name, "none"
    elif entry.is_record and entry.inner:
        inside = entry.spelled_out(value)
        yield from _pairs(fields_of(entry.inner), inside, name)
        if not inside:
            yield EMPTY + name, "empty"
    else:
        yield name, spelt(value)


def spelt(value: object) -> str:
    """A value as it stands in a field."""
    return str(value).lower() if isinstance(value, bool) else str(value)


# From a form to an item


def read(kind: str, given: Typed) -> Fields:
    """The fields that were typed, as in the content document, without the key.

    Errors: InvalidContent naming the place of each fault, InvalidRequest for what is not of this form.
    """
    reading = _Reading(given)
    entries = registry.kind(kind).fields
    made = reading.fields(entries, "", "")
    reading.require(entries, made, "")
    if any(name not in reading.known for name, _ in given.pairs):
        raise unreadable()
    if reading.problems:
        raise InvalidContent(reading.problems)
    return made


def is_blank(entries: Mapping[str, FieldEntry], given: Typed, name: str) -> bool:
    """Whether nothing was typed in a row."""
    return not _Reading(given).fields(entries, name, "")


@dataclass(slots=True)
class _Reading:
    """What a form holds, read field by field: `known` are the names that were looked at."""

    given: Typed
    problems: list[Problem] = field(default_factory=list)
    known: set[str] = field(default_factory=set)

    def get(self, name: str) -> str:
        self.known.add(name)
        return self.given.get(name)

    def all(self, name: str) -> list[str]:
        self.known.add(name)
        return self.given.all(name)

    def rows(self, name: str) -> list[Row]:
        self.known.add(ROW + name)
        return self.given.rows(name)

    def wrong(self, place: str, message: str) -> None:
        self.problems.append(Problem(message, place))

    def marked(self, prefix: str, name: str, value: str) -> bool:
        """Whether the mark stands there. Errors: InvalidRequest for another one."""
        found = self.all(prefix + name)
        if set(found) - {value}:
            raise unreadable()
        return bool(found)

    def fields(self, entries: Mapping[str, FieldEntry], name: str, place: str) -> Fields:
        """The fields that hold something."""
        made: Fields = {}
        for entry in entries.values():
            if entry.shape != "key":
                value = self.value(entry, f"{name}/{entry.name}", f"{place}/{entry.name}")
                if value is not None:
                    made[entry.name] = value
        return made

    def require(self, entries: Mapping[str, FieldEntry], made: Fields, place: str) -> None:
        """Notes what may not be left out."""
        for entry in entries.values():
            here = f"{place}/{entry.name}"
            faulty = any(one.path == here or one.path.startswith(f"{here}/") for one in self.problems)
            if entry.is_required and entry.shape != "key" and entry.name not in made and not faulty:
                verb = "選んで" if entry.reference or entry.shape == "choice" else "書いて"
                self.wrong(here, f"{entry.label}を{verb}ください。")

    def value(self, entry: FieldEntry, name: str, place: str) -> Any:
        """The value of a field, None where nothing was typed."""
        match entry.shape:
            case "words":
                return [one for text in self.all(name) if (one := _text(text))] or None
            case "items" | "sequence":
                return self.listed(entry, self.keys(name, place), name, place)
            case "item":
                keys = self.keys(name, place)
                if len(keys) > 1:
                    self.wrong(place, "1つだけ選んでください。")
                return keys[0] if keys else None
            case "clauses":
                clauses = [self.keys(f"{name}/{row.number}", place) for row in self.rows(name)]
                return [clause for clause in clauses if clause] or None
            case "answers":
                return self.answers(name, place) or None
            case "options" | "records":
                return self.records(entry, name, place)
            case "choice":
                return self.choice(entry, name, place)
            case "number":
                return self.number(name, place)
            case "day":
                return self.day(name, place)
        if entry.is_record and entry.inner:
            is_empty = self.marked(EMPTY, name, "empty")
            return self.record(entry.inner, name, place) or ({} if is_empty else None)
        return _text(self.get(name))

    def listed(self, entry: FieldEntry, values: list[Any], name: str, place: str) -> list[Any] | None:
        """The list; an empty one where it is said that there is none."""
        if not may_be_none(entry):
            return values or None
        none = self.marked(NONE, name, "none")
        if none and values:
            self.wrong(place, "「ない」と、選んだもの・書いたものの両方があります。どちらかにしてください。")
        return values or ([] if none else None)

    def keys(self, name: str, place: str) -> list[str]:
        """The keys that were chosen; words of a search that led to none are a fault."""
        words = self.get(FIND + name).strip()
        if words:
            self.wrong(place, f"「{words[:60]}」は、まだ選んでいません。下の候補から選ぶか、言葉を消してください。")
        return list(dict.fromkeys(key for key in self.all(name) if key))

    def record(self, inner: type[BaseModel], name: str, place: str) -> Fields:
        entries = fields_of(inner)
        made = self.fields(entries, name, place)
        if made:
            self.require(entries, made, place)
        return made

    def records(self, entry: FieldEntry, name: str, place: str) -> list[Fields] | None:
        """The rows that hold something; one that was there before stays until it is taken out."""
        assert entry.inner is not None
        entries = fields_of(entry.inner)
        made: list[Fields] = []
        for row in self.rows(name):
            here = f"{place}/{len(made)}"
            fields = self.fields(entries, f"{name}/{row.number}", here)
            if fields or row.key:
                self.require(entries, fields, here)
                made.append(({"key": row.key} if row.key and issubclass(entry.inner, ItemModel) else {}) | fields)
        return self.listed(entry, made, name, place)

    def answers(self, name: str, place: str) -> Fields:
        """What a household says to the questions that are ticked."""
        self.known |= {given for given, _ in self.given.pairs if given.startswith(f"{name}/")}
        self.keys(name, place)
        made: Fields = {}
        for question in self.all(ROW + name):
            said = self.given.all(f"{name}/{question}")
            if UNSURE in said and len(said) > 1:
                self.wrong(place, "「わからない」とほかの答えは、一緒に選べません。")
            made[question] = UNSURE if UNSURE in said else said
        return made

    def choice(self, entry: FieldEntry, name: str, place: str) -> Any:
        """The value that was chosen; what is meant anyway is left out."""
        text = self.get(name)
        values = {spelt(value): value for value in entry.words}
        if not text:
            return None
        if text not in values:
            self.wrong(place, "この値は使えません。選び直してください。")
            return None
        value = values[text]
        return None if value == entry.default and not entry.is_required else value

    def number(self, name: str, place: str) -> int | None:
        text = unicodedata.normalize("NFKC", self.get(name)).strip().replace("−", "-")
        if not text:
            return None
        number = context.number(text.removeprefix("-"))
        if number is None:
            self.wrong(place, "整数で書いてください（例：14）。")
            return None
        return -number if text.startswith("-") else number

    def day(self, name: str, place: str) -> str | None:
        text = unicodedata.normalize("NFKC", self.get(name)).strip()
        if not text or _ISO_DAY.fullmatch(text):
            return text or None
        found = typed_days.read_day(TypedDay(year=text))
        if isinstance(found, date) and (text.isdecimal() or len(_NUMBERS.findall(text)) == 3):
            return found.isoformat()
        self.wrong(place, "日付を「2026-04-01」か「令和8年4月1日」のように書いてください。")
        return None


def may_be_none(entry: FieldEntry) -> bool:
    """Whether an empty list says that there is none, where one that is left out says nothing."""
    return entry.says_none or (entry.shape == "records" and entry.default is None and not entry.is_required)


def _text(text: str) -> str | None:
    """The text as it is kept; blanks alone are nothing."""
    text = text.replace("\r\n", "\n")
    return text if text.strip() else None


# Buttons


def pressed(given: Typed, button: str) -> Typed:
    """What the form holds after a button that changes its rows, such as `add:/options` or `up:/options/1`.

    Other buttons change nothing. Errors: InvalidRequest for what is no row.
    """
    act, _, place = button.partition(":")
    name, _, which = place.rpartition("/")
    if act == "add":
        numbers = [int(row.number) for row in given.rows(place)]
        return given.with_((ROW + place, str(max(numbers, default=-1) + 1)))
    if act == "more":
        return given.with_((place, ""))
    if act == "remove":
        gone = {row.marker for row in given.rows(name) if row.number == which}
        inside = f"{place}/"
        return Typed(
            tuple(
                (given_name, value)
                for given_name, value in given.pairs
                if not (given_name == ROW + name and value in gone)
                and not given_name.partition(":")[2].startswith(inside)
                and not given_name.startswith(inside)
                and given_name not in {place, FIND + place}
            )
        )
    if act in {"up", "down"}:
        return _moved(given, name, which, step=-1 if act == "up" else 1)
    return given


def _moved(given: Typed, name: str, which: str, *, step: int) -> Typed:
    """The rows, or the keys of a list in order, with one of them a place further up or down."""
    if given.all(ROW + name):
        name, order = ROW + name, [row.marker for row in given.rows(name)]
        at = next((index for index, marker in enumerate(order) if marker.partition(" ")[0] == which), None)
    else:
        order = given.all(name)
        at = order.index(which) if which in order else None
    if at is not None and 0 <= at + step < len(order):
        order[at], order[at + step] = order[at + step], order[at]
    return _in_order(given, name, order)


def _in_order(given: Typed, name: str, order: Iterable[str]) -> Typed:
    """The form with the values of one name in another order."""
    values = iter(order)
    return Typed(tuple((one, next(values) if one == name else value) for one, value in given.pairs))
