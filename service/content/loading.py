"""The content document: files or an upload as one checked `Content`, or all that is wrong with them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from service.content import format_1, registry
from service.content.consistency import faults
from service.content.field_errors import FieldFault, told, unknown_field
from service.content.fields import Place
from service.content.models import FORMAT, Content
from service.content.reading import MOST_BYTES, Source, lines, pointer, read_source, shown, too_many_bytes
from service.content.registry import KindEntry, Registry
from service.errors import InvalidContent, Problem

CONTENT_ENDINGS = frozenset({".yaml", ".yml", ".json"})
DOCUMENT_ENDINGS = frozenset({".md", ".txt"})
"""What may stand beside a content and says something about it."""


def content_files(folder: Path) -> list[Path]:
    """The files of a folder that content is read from, by name; hidden files and documents beside it are no content.

    Errors: InvalidContent, which names every file of a kind that cannot be read: nothing is passed over in silence.
    """
    files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    strange = [path for path in files if path.suffix.lower() not in CONTENT_ENDINGS | DOCUMENT_ENDINGS]
    if strange:
        endings = "、".join(sorted(CONTENT_ENDINGS))
        message = f"この種類のファイルは読めません。{endings} のどれかにするか、このフォルダーから出してください。"
        raise InvalidContent([Problem(message, file=str(path)) for path in strange])
    return [path for path in files if path.suffix.lower() in CONTENT_ENDINGS]


def read_files(paths: Sequence[Path]) -> Content:
    """The content of all files together, their lists joined; InvalidContent names every problem."""
    sources: list[Source] = []
    problems: list[Problem] = []
    left = MOST_BYTES
    for path in paths:
        try:
            data = _bytes(path, left)
            left -= len(data)
            sources.append(read_source(data, str(path)))
        except InvalidContent as error:
            problems.extend(error.problems)
    if not paths:
        problems.append(Problem("読むファイルがありません。ファイルを指定してください。"))
    return _content(sources, problems)


def read_bytes(data: bytes, name: str) -> Content:
    """The content of one upload called `name`; InvalidContent names every problem."""
    return _content([read_source(data, name)], [])


def read_plain(document: Mapping[str, Any]) -> Content:
    """The content of a document that is no file; InvalidContent names every problem, by item and not by line."""
    try:
        return read_bytes(json.dumps(document).encode(), "")
    except InvalidContent as error:
        problems = [replace(problem, file=None, line=None) for problem in error.problems]
        raise InvalidContent(problems) from None


def _bytes(path: Path, most: int) -> bytes:
    """The file's bytes; InvalidContent where it cannot be opened or is larger than `most`."""
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        message = f"ファイルを開けません（{error.strerror}）。名前と権限を確かめてください。"
        raise InvalidContent([Problem(message, file=str(path))]) from error
    if len(data) > most:
        raise InvalidContent([too_many_bytes(str(path))])
    return data


def _content(sources: Sequence[Source], problems: list[Problem]) -> Content:
    """The checked content of all sources; `problems` are those that are already known."""
    gathered = _Gathered()
    for source in sources:
        gathered.add(source)
    gathered.check_sizes()
    content = gathered.content()
    for fault in faults(content, ill_formed=gathered.ill_formed):
        gathered.tell_of_joined(fault)
    problems.extend(gathered.problems())
    if problems:
        raise InvalidContent(problems)
    return content


@dataclass(slots=True)
class _Gathered:
    """What the sources hold: the well-formed items, where each came from, and what is wrong so far."""

    registry: Registry = field(default_factory=registry.current)
    items: dict[str, list[Any]] = field(init=False)
    origins: dict[str, list[tuple[Source, int]]] = field(init=False)
    counts: dict[str, int] = field(init=False)
    ill_formed: dict[str, str] = field(default_factory=dict)
    found: list[tuple[Source | None, FieldFault]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.items = {name: [] for name in self.registry.lists}
        self.origins = {name: [] for name in self.registry.lists}
        self.counts = dict.fromkeys(self.registry.lists, 0)

    def add(self, source: Source) -> None:
        """Takes the items of one source; each names the format it is written in, and the older one is converted."""
        document = source.value
        if not isinstance(document, dict):
            message = "内容の文書ではありません。「format: 2」と、procedures などのリストを書いてください。"
            self.found.append((source, FieldFault((), message)))
            return
        if self._check_format(source, document) == format_1.FORMAT:
            document, faults = format_1.converted(document)
            self.found.extend((source, fault) for fault in faults)
        known = ("format", *self.registry.lists)
        for name, values in document.items():
            if name not in known:
                self.found.append((source, FieldFault((name,), unknown_field(name, known))))
            elif name != "format" and values is not None:
                self._add_list(source, name, values)

    def _check_format(self, source: Source, document: Mapping[str, object]) -> int | None:
        """The format, None for one that cannot be read."""
        version = document.get("format")
        if type(version) is not int or version not in {FORMAT, format_1.FORMAT}:
            message = f"読める書式は {FORMAT} と {format_1.FORMAT} です。「format: {FORMAT}」と書いてください。"
            self.found.append((source, FieldFault(("format",), message)))
            return None
        return version

    def _add_list(self, source: Source, name: str, values: object) -> None:
        kind = self.registry.lists[name]
        if not isinstance(values, list):
            message = f"{kind.name}のリストを書いてください。"
            self.found.append((source, FieldFault((name,), message)))
            return
        self.counts[name] += len(values)
        if self.counts[name] <= kind.about.most:
            for index, value in enumerate(values):
                self._add_item(source, (name, index), value)

    def _add_item(self, source: Source, place: Place, value: object) -> None:
        name, index = str(place[0]), int(place[1])
        kind = self.registry.lists[name]
        try:
            self.items[name].append(kind.model.model_validate(value, by_alias=True, by_name=False))
            self.origins[name].append((source, index))
        except ValidationError as error:
            keys = list(_keys(value, kind))
            self.ill_formed.update(keys)
            key = shown(keys[0][0]) if keys and keys[0][1] == kind.label else None
            for inside, message in told(error, kind.model):
                self.found.append((source, FieldFault((*place, *inside), message, key)))

    def check_sizes(self) -> None:
        """Each kind has a limit, stated and tested."""
        for name, count in self.counts.items():
            kind = self.registry.lists[name]
            if count > kind.about.most:
                message = f"{kind.name}は{kind.about.most:,}件までです（{count:,}件あります）。減らしてください。"
                self.found.append((None, FieldFault((name,), message)))

    def content(self) -> Content:
        """The items that are well formed."""
        return self.registry.content.model_construct(None, format=FORMAT, **self.items)

    def tell_of_joined(self, fault: FieldFault) -> None:
        """Takes a fault whose place is in the joined document: it is told where it stands in its file."""
        name, number, *inside = fault.place
        source, index = self.origins[str(name)][int(number)]
        self.found.append((source, FieldFault((name, index, *inside), fault.message, fault.key)))

    def problems(self) -> Iterable[Problem]:
        """Everything found, with file and line, in the order of the files."""
        places: dict[str, list[Place]] = {}
        sources = {source.name: source for source, _ in self.found if source}
        for source, fault in self.found:
            places.setdefault(source.name if source else "", []).append(fault.place)
        known = {name: lines(source, places[name]) for name, source in sources.items()}
        for source, fault in self.found:
            line = known[source.name].get(fault.place) if source else None
            name = source.name if source else None
            yield Problem(fault.message, pointer(fault.place), fault.key, name, line)


def _keys(value: object, kind: KindEntry) -> Iterable[tuple[str, str]]:
    """The keys of an item that is wrong in itself, as far as they can be read, each with the label of its kind."""
    if not isinstance(value, dict):
        return
    if isinstance(value.get("key"), str):
        yield value["key"], kind.label
    inside = value.get(kind.owned.name) if kind.owned else None
    for one in inside if isinstance(inside, list) else ():
        if kind.owned_model and isinstance(one, dict) and isinstance(one.get("key"), str):
            yield one["key"], kind.owned_model.about.label
