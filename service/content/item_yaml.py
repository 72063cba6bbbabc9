"""Items as text that people type: YAML without the key, read back with a line for everything that is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from service.content import registry
from service.content.canonical import item_yaml
from service.content.fields import Place
from service.content.patches import Item
from service.content.reading import ContentFile, comment_lines, lines, read_file
from service.errors import InvalidContent, Problem

NAME = "item.yaml"
_NOT_KEPT = "「#」から後ろは保存されません。文の一部なら文全体を引用符で囲み、メモなら消してください。"


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


def start(kind: str) -> str:
    """What the form of a new item begins with: some of its fields, each with an example that is replaced."""
    starts = [(name, entry.start) for name, entry in registry.kind(kind).fields.items() if entry.start]
    return "".join(
        f"{name}:{_example(entry.example)}\n" for name, entry in sorted(starts, key=lambda pair: pair[1].order)
    )


def _example(example: str) -> str:
    return example if example.startswith("\n") or not example else f" {example}"


def read(text: str, kind: str, *, key: str | None) -> dict[str, Any]:
    """The fields that were typed, with the key if there is one; empty fields are left out.

    Errors: InvalidContent, with the line of each problem.
    """
    file = _file(text)
    value = file.value
    if not isinstance(value, dict):
        raise InvalidContent([Problem("「name: 転入届」のように、項目名と値を1行ずつ書いてください。", line=1)])
    if "key" in value and value["key"] != key:
        raise InvalidContent([Problem("キーは変えられません。key の行を消してください。", "/key", key)])
    notes = comment_lines(file.text)
    if notes:
        raise InvalidContent([Problem(_NOT_KEPT, line=line) for line in notes])
    known = registry.kind(kind).fields
    fields = {name: field for name, field in value.items() if field is not None or name not in known}
    return ({"key": key} if key else {}) | fields


def _file(text: str) -> ContentFile:
    try:
        return read_file(text.encode("utf-8", "replace"), NAME)
    except InvalidContent as error:
        problems = [replace(problem, file=None) for problem in error.problems]
        raise InvalidContent(problems) from None


def faults(problems: Iterable[Problem], *, text: str, kind: str, key: str | None) -> tuple[Fault, ...]:
    """What is wrong, each thing with the line of the text where it stands.

    Problems of a whole document begin with the list and the index of the item; those of other items name these.
    """
    told = []
    last = text.rstrip("\n").count("\n") + 1  # an end that comes too early stands behind the last line
    for problem in problems:
        own = problem.key is None or key is None or problem.key.partition("/")[0] == key
        place = inside(problem.path)
        line = min(problem.line, last) if problem.line else _line(text, place) if own else None
        entry = registry.kind(kind).fields.get(str(place[0])) if own and place else None
        told.append(Fault(problem.message, entry.label if entry else "", line, None if own else problem.key))
    return tuple(sorted(told, key=lambda problem: (problem.line is None, problem.line or 0)))


def inside(path: str) -> Place:
    """The place inside the item that a pointer names: that of a whole document without the list and the index."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]
    if len(parts) >= 2 and parts[1].isdecimal():
        parts = parts[2:]
    return tuple(int(part) if part.isdecimal() else part for part in parts)


def _line(text: str, place: Place) -> int | None:
    try:
        return lines(_file(text), [place]).get(place) if place else None
    except InvalidContent:
        return None
