"""Items as text that people type: YAML without the key, read back with a line for everything that is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from service.content.canonical import item_yaml
from service.content.labels import LABELS, MODELS
from service.content.models import Kind
from service.content.patches import Item
from service.content.reading import Place, Source, lines, read_source
from service.errors import InvalidContent, Problem

NAME = "item.yaml"

STARTS: dict[Kind, tuple[str, ...]] = {
    Kind.LIFE_EVENT: ("name", "summary", "position"),
    Kind.QUESTION: ("text", "kind", "help", "position", "options"),
    Kind.CONDITION: ("label", "life_events", "requires", "excludes", "selects"),
    Kind.PROCEDURE: ("name", "reading", "summary", "deadline", "needs", "handled_at", "source", "source_url"),
    Kind.DOCUMENT: ("name", "help"),
    Kind.WINDOW: ("name", "building", "floor", "phone", "hours"),
    Kind.TERM: ("term", "reading", "meaning"),
    Kind.LAW: ("name", "article", "url"),
    Kind.SCENARIO: ("name", "life_events", "answers", "expects", "rules_out"),
}
"""The fields that the form of a new item begins with, each as an example that is replaced."""

_EXAMPLES: dict[str, str] = {
    "kind": "one",
    "position": "10",
    "options": "\n- label: はい\n- label: いいえ",
    "life_events": "[]",
    "requires": "[]",
    "excludes": "[]",
    "selects": "[]",
    "needs": "[]",
    "handled_at": "[]",
    "expects": "[]",
    "rules_out": "[]",
    "answers": "{}",
    "deadline": "\n  value: 14\n  unit: day\n  from: ",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with what was typed: the field, the line of the text, the item if it is another one."""

    message: str
    label: str
    line: int | None
    key: str | None = None


def written(item: Item) -> str:
    """The item as people edit it: its key stands beside it."""
    return item_yaml({name: value for name, value in item.fields.items() if name != "key"})


def start(kind: Kind) -> str:
    """What the form of a new item begins with."""
    return "".join(f"{name}:{_example(name)}\n" for name in STARTS[kind])


def _example(name: str) -> str:
    example = _EXAMPLES.get(name, "")
    return example if example.startswith("\n") or not example else f" {example}"


def read(text: str, kind: Kind, *, key: str | None) -> dict[str, Any]:
    """The fields that were typed, with the key if there is one; empty fields are left out.

    Errors: InvalidContent, with the line of each problem.
    """
    value = _source(text).value
    if not isinstance(value, dict):
        raise InvalidContent([Problem("「name: 転入届」のように、項目名と値を1行ずつ書いてください。", line=1)])
    if "key" in value and value["key"] != key:
        raise InvalidContent([Problem("キーは変えられません。key の行を消してください。", "/key", key)])
    known = {entry.alias or name for name, entry in MODELS[kind].model_fields.items()}
    fields = {name: one for name, one in value.items() if one is not None or name not in known}
    return ({"key": key} if key else {}) | fields


def _source(text: str) -> Source:
    try:
        return read_source(text.encode("utf-8", "replace"), NAME)
    except InvalidContent as error:
        found = [Problem(one.message, one.path, one.key, None, one.line) for one in error.problems]
        raise InvalidContent(found) from None


def faults(problems: Iterable[Problem], *, text: str, kind: Kind, key: str | None) -> tuple[Fault, ...]:
    """What is wrong, each thing with the line of the text where it stands.

    Problems of a whole document begin with the list and the index of the item; those of other items name these.
    """
    made = []
    last = text.rstrip("\n").count("\n") + 1  # an end that comes too early stands behind the last line
    for one in problems:
        own = one.key is None or key is None or one.key.partition("/")[0] == key
        place = _inside(one.path)
        line = min(one.line, last) if one.line else _line(text, place) if own else None
        label = LABELS[kind].get(str(place[0])) if own and place else None
        made.append(Fault(one.message, label.name if label else "", line, None if own else one.key))
    return tuple(sorted(made, key=lambda one: (one.line is None, one.line or 0)))


def _inside(path: str) -> Place:
    """The place inside the item: of a whole document's pointer without the list and the index."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]
    if len(parts) >= 2 and parts[1].isdecimal():
        parts = parts[2:]
    return tuple(int(part) if part.isdecimal() else part for part in parts)


def _line(text: str, place: Place) -> int | None:
    try:
        return lines(_source(text), [place]).get(place) if place else None
    except InvalidContent:
        return None
