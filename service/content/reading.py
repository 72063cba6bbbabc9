"""Files as plain data: JSON, or YAML by the 1.2 core schema, with a line for every place in them.

YAML is built here from the parser's events, because no library reads the core schema (`yes`, `no` and dates
are strings) at the speed that an import needs and refuses repeated keys, aliases and depth on the way.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from service.content import yaml_advice
from service.content.fields import Place
from service.content.letters import UNPRINTABLE, visible
from service.errors import InvalidContent, Problem

MOST_BYTES = 32 * 1024 * 1024
MOST_VALUES = 2_000_000
MOST_DEPTH = 32
_MOST_DIGITS = 18

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = re.compile(r"(?:~|null|Null|NULL|)\Z")
_TRUE_FALSE = re.compile(r"(?:(true|True|TRUE)|false|False|FALSE)\Z")
_INTEGER = re.compile(r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z")
_FRACTION = re.compile(
    r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z"
)
_EXCEL = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How files of Excel begin, those of today and those of before 2007."""
NO_EXCEL = (
    "Excelのファイルです。Excelからの取り込みは職員のページで行うもので、まだできません。YAMLかJSONにしてください。"
)


@dataclass(frozen=True, slots=True)
class ContentFile:
    """One file: its name as people know it, its text, and what the text says as plain data."""

    name: str
    text: str
    value: object


class _Unreadable(Exception):
    """The text is no document; `line` counts from 1."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


def pointer(place: Place) -> str:
    """The JSON Pointer (RFC 6901) of a place."""
    return shown("".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in place))


def shown(text: str) -> str:
    """The text as every output can hold it: half a surrogate pair becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


def read_file(data: bytes, name: str) -> ContentFile:
    """The file with its value; InvalidContent where it is too large, or neither JSON nor YAML."""
    if len(data) > MOST_BYTES:
        raise InvalidContent([too_many_bytes(name)])
    try:
        text = _decoded(data)
        value, problems = _json(text) if _is_json(text, name) else _yaml(text)
    except _Unreadable as error:
        raise InvalidContent([Problem(error.message, file=name, line=error.line)]) from error
    if problems:
        raise InvalidContent([replace(problem, file=name) for problem in problems])
    return ContentFile(name, text, value)


def too_many_bytes(name: str) -> Problem:
    """What is said of files that are larger, one or together, than this service reads."""
    most = MOST_BYTES // (1024 * 1024)
    return Problem(f"大きすぎます（合わせて{most}MBまで）。余分なものを除いてください。", file=name)


def lines(file: ContentFile, places: Iterable[Place]) -> dict[Place, int]:
    """The line, from 1, on which each place or the nearest around it begins; missing where none is known."""
    asked = set(places)
    wanted = {place[:length] for place in asked for length in range(len(place) + 1)}
    builder = _Builder(wanted)
    with suppress(_Unreadable, yaml.YAMLError):  # of JSON that YAML does not read, the lines up to there
        builder.build(file.text)
    around = {place: _nearest(place, builder.lines) for place in asked}
    return {place: line for place, line in around.items() if line is not None}


def comment_lines(text: str) -> list[int]:
    """The lines, from 1, of a YAML text that hold a comment, which no value keeps."""
    rows = text.split("\n")
    values: dict[int, list[tuple[int, int]]] = {}
    for event in _Builder.events(text):
        if isinstance(event, yaml.ScalarEvent):
            for number, first, end in _places(event, rows):
                values.setdefault(number, []).append((first, end))
    return [number + 1 for number, row in enumerate(rows) if _comments(row, values.get(number, ()))]


def _places(event: Any, rows: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """The lines that a value stands on, each with where it begins and ends there."""
    start, end = event.start_mark, event.end_mark
    for number in range(start.line, min(end.line + 1, len(rows))):
        first = start.column if number == start.line else 0
        yield number, first, end.column if number == end.line else len(rows[number])


def _comments(row: str, values: Iterable[tuple[int, int]]) -> bool:
    """Whether a # begins a comment outside the values of a line."""
    signs = (place for place, letter in enumerate(row) if letter == "#" and row[:place][-1:] in ("", " ", "\t"))
    return any(not any(first <= place < end for first, end in values) for place in signs)


def scalar(text: str) -> object:
    """What an unquoted word means by YAML 1.2's core schema: null, a truth value, a number, or itself."""
    if _NULL.match(text):
        return None
    truth = _TRUE_FALSE.match(text)
    if truth:
        return truth[1] is not None
    if _INTEGER.match(text):
        return _integer(text)
    if _FRACTION.match(text):
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text


def _integer(text: str) -> int | float:
    """A whole number; one that no field could hold comes as a fraction, which every field refuses."""
    if len(text) > _MOST_DIGITS:
        return float("inf")
    return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))


def _nearest(place: Place, known: dict[Place, int]) -> int | None:
    around = (place[:length] for length in range(len(place), -1, -1))
    return next((known[part] for part in around if part in known), None)


def _decoded(data: bytes) -> str:
    """The text with plain line ends; _Unreadable for other encodings and for control characters."""
    if data.startswith(_EXCEL):
        raise _Unreadable(NO_EXCEL)
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _Unreadable("文字コードがUTF-8ではありません。UTF-8で保存し直してください。", line) from error
    bad = UNPRINTABLE.search(text)
    if bad:
        line = text.count("\n", 0, bad.start()) + 1
        raise _Unreadable(f"制御文字（U+{ord(bad[0]):04X}）があります。消してください。", line)
    return text


def _is_json(text: str, name: str) -> bool:
    lower = name.lower()
    return lower.endswith(".json") or (not lower.endswith((".yaml", ".yml")) and text.lstrip().startswith(("{", "[")))


def _json(text: str) -> tuple[object, Sequence[Problem]]:
    if text.count(",") + text.count("[") + text.count("{") > MOST_VALUES:
        raise _Unreadable(_too_many_values())
    repeated: list[str] = []

    def mapping(pairs: list[tuple[str, object]]) -> dict[str, object]:
        fields = dict(pairs)
        if len(fields) < len(pairs):
            repeated.extend(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        return fields

    try:
        value = json.loads(text, object_pairs_hook=mapping, parse_int=_integer, parse_constant=lambda _: float("nan"))
    except json.JSONDecodeError as error:
        raise _Unreadable(f"JSONとして読めません（{error.colno}文字目）。", error.lineno) from error
    except RecursionError as error:
        raise _Unreadable(_too_deep()) from error
    return value, _repeated(text, repeated)


def _repeated(text: str, names: list[str]) -> Sequence[Problem]:
    """A problem per repeated name, with its line where YAML reads this JSON too."""
    if not names:
        return ()
    builder = _Builder()
    try:
        builder.build(text)
    except (_Unreadable, yaml.YAMLError):
        return [Problem(_twice(name)) for name in names]
    return builder.problems


def _yaml(text: str) -> tuple[object, Sequence[Problem]]:
    builder = _Builder()
    try:
        return builder.build(text), builder.problems
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        advice, line = yaml_advice.unreadable(text, str(error), mark.line + 1 if mark else None)
        raise _Unreadable(f"YAMLとして読めません。{advice}", line) from error


def _too_many_values() -> str:
    return f"値が多すぎます（{MOST_VALUES:,}個まで）。余分なものを除いてください。"


def _too_deep() -> str:
    return f"入れ子が深すぎます（{MOST_DEPTH}段まで）。書き方を確かめてください。"


def _twice(name: str) -> str:
    return f"項目「{name}」が2回書かれています。1つにしてください。"


@dataclass(slots=True)
class _Frame:
    """A list or mapping that is being filled; `name` waits for its value."""

    value: list[object] | dict[str, object]
    name: str | None = None


@dataclass(slots=True)
class _Builder:
    """Builds a value from the events of a YAML text, and notes on which line each wanted place begins.

    `rows` are the lines of a text that holds a #, behind which values may lose their end.
    """

    wanted: set[Place] = field(default_factory=set)
    lines: dict[Place, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    frames: list[_Frame] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    root: object = None
    documents: int = 0
    values: int = 0

    def build(self, text: str) -> object:
        """The value of the text, None if it is empty; _Unreadable or YAMLError where it is no document."""
        self.rows = text.split("\n") if "#" in text else []
        for event in self.events(text):
            if isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                self._open(event)
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                self.frames.pop()
                self._filled()
            elif isinstance(event, yaml.AliasEvent):
                self._tell("別名（*）は使えません。同じ内容を書いてください。", event)
                self._put(None, event)
                self._filled()
            elif isinstance(event, yaml.DocumentStartEvent):
                self._document(event)
        return self.root

    @staticmethod
    def events(text: str) -> Iterator[Any]:
        """What the parser says of the text, piece by piece; YAMLError where it cannot read on."""
        return iter(yaml.parse(text, Loader=_LOADER))

    def _document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            raise _Unreadable("1つのファイルに書ける文書は1つです。「---」で分けないでください。", _line(event))

    def _scalar(self, event: Any) -> None:
        if event.anchor:
            self._tell("目印（&）は使えません。消してください。", event)
        if event.tag not in (None, "!", "tag:yaml.org,2002:str"):
            self._tell(f"型の指定（{event.tag}）は使えません。消してください。", event)
        frame = self.frames[-1] if self.frames else None
        if frame and isinstance(frame.value, dict) and frame.name is None:
            self._name(frame, event)
        else:
            plain = event.implicit[0] and event.style in (None, "") and event.tag is None
            value = scalar(event.value) if plain else event.value
            self._put(value, event)
            if self.rows and (value is None or isinstance(value, str)) and yaml_advice.cuts(self.rows, event):
                self._tell(yaml_advice.CUT, event)
            self._filled()

    def _name(self, frame: _Frame, event: Any) -> None:
        """Names are words, whatever they look like."""
        frame.name = visible(str(event.value))
        wide = yaml_advice.in_name(frame.name)
        if wide:
            self._tell(wide, event)
        if frame.name in frame.value:
            self._tell(_twice(frame.name), event)
        self._note(event)

    def _open(self, event: Any) -> None:
        if event.anchor:
            self._tell("目印（&）は使えません。消してください。", event)
        if event.tag not in (None, "!"):
            self._tell(f"型の指定（{event.tag}）は使えません。消してください。", event)
        if len(self.frames) >= MOST_DEPTH:
            raise _Unreadable(_too_deep(), _line(event))
        value: list[object] | dict[str, object] = [] if isinstance(event, yaml.SequenceStartEvent) else {}
        self._put(value, event)
        self.frames.append(_Frame(value))

    def _filled(self) -> None:
        """The value is complete: the next thing in a mapping is a name."""
        if self.frames:
            self.frames[-1].name = None

    def _put(self, value: object, event: Any) -> None:
        """Puts a value where it belongs."""
        self.values += 1
        if self.values > MOST_VALUES:
            raise _Unreadable(_too_many_values(), _line(event))
        if not self.frames:
            self.root = value
            return
        frame = self.frames[-1]
        if isinstance(frame.value, list):
            frame.value.append(value)
            self._note(event)
        elif frame.name is None:
            raise _Unreadable("項目名は文字で書いてください。", _line(event))
        else:
            frame.value[frame.name] = value

    def _place(self) -> Place:
        """Where the reader is: behind every open mapping its name, behind every open list its last index."""
        return tuple(
            (frame.name or "") if isinstance(frame.value, dict) else len(frame.value) - 1 for frame in self.frames
        )

    def _note(self, event: Any) -> None:
        if self.wanted:
            place = self._place()
            if place in self.wanted:
                self.lines.setdefault(place, _line(event))

    def _tell(self, message: str, event: Any) -> None:
        self.problems.append(Problem(message, pointer(self._place()), line=_line(event)))


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1
