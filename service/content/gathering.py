"""Gathering: the items of several files and layers put together, each checked, and every fault told where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from service.content import format_1, layers, registry
from service.content.consistency import faults
from service.content.field_errors import FieldFault, told, unknown_field
from service.content.fields import Place
from service.content.models import FORMAT, Content, ItemModel
from service.content.reading import ContentFile, lines, pointer, shown
from service.content.references import named_in
from service.content.registry import KindEntry, Registry
from service.errors import Problem

MOST_NAMED = 3
"""So many of the items that stand in the way are named."""


@dataclass(frozen=True, slots=True)
class _Said:
    """A place in a file where an item, or a change of one, stands: with what is said there."""

    file: ContentFile
    place: Place
    value: Any


@dataclass(slots=True)
class _Entry:
    """An item as the layers together say it; `first` is where it was added, `changes` what later layers made of it."""

    first: _Said
    value: Any
    layer: int
    changes: list[_Said] = field(default_factory=list)
    dropped: bool = False

    def origin(self, inside: Place) -> _Said:
        """Where that is said which stands at a place inside the item."""
        return next((change for change in reversed(self.changes) if layers.says(change.value, inside)), self.first)


@dataclass(slots=True)
class Gathered:
    """What the layers hold: their items, where each came from, and what is wrong so far."""

    registry: Registry = field(default_factory=registry.current)
    layer: int = 0
    entries: dict[str, list[_Entry]] = field(init=False)
    earlier: dict[str, dict[str, _Entry]] = field(init=False)
    touched: set[tuple[str, str]] = field(default_factory=set)
    counts: dict[str, int] = field(init=False)
    found: list[tuple[ContentFile | None, FieldFault]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.entries = {name: [] for name in self.registry.lists}
        self.earlier = {name: {} for name in self.registry.lists}
        self.counts = dict.fromkeys(self.registry.lists, 0)

    def add_layer(self, files: Sequence[ContentFile]) -> None:
        """Takes the files of the next layer, whose lists are joined."""
        self.layer += 1
        self.touched.clear()
        if self.layer > 1:
            self.earlier = {name: self._by_key(entries) for name, entries in self.entries.items()}
        for file in files:
            self._add(file)

    @staticmethod
    def _by_key(entries: Sequence[_Entry]) -> dict[str, _Entry]:
        return {key: entry for entry in entries if not entry.dropped and (key := _key(entry.value)) is not None}

    def _add(self, file: ContentFile) -> None:
        """Takes the items of one file; each names the format it is written in, and the older one is converted."""
        document = file.value
        if not isinstance(document, dict):
            message = "内容の文書ではありません。「format: 2」と、procedures などのリストを書いてください。"
            self.found.append((file, FieldFault((), message)))
            return
        if self._check_format(file, document) == format_1.FORMAT:
            document, faults = format_1.converted(document)
            self.found.extend((file, fault) for fault in faults)
        names = ("format", *self.registry.lists)
        for name, values in document.items():
            if name not in names:
                self.found.append((file, FieldFault((name,), unknown_field(name, names))))
            elif name != "format" and values is not None:
                self._add_list(file, name, values)

    def _check_format(self, file: ContentFile, document: Mapping[str, object]) -> int | None:
        """The format, None for one that cannot be read."""
        version = document.get("format")
        if type(version) is not int or version not in {FORMAT, format_1.FORMAT}:
            message = f"読める書式は {FORMAT} と {format_1.FORMAT} です。「format: {FORMAT}」と書いてください。"
            self.found.append((file, FieldFault(("format",), message)))
            return None
        if self.layer > 1 and version != FORMAT:
            message = f"ほかの層に重ねる内容は書式 {FORMAT} で書きます。「format: {FORMAT}」と書いてください。"
            self.found.append((file, FieldFault(("format",), message)))
            return None
        return version

    def _add_list(self, file: ContentFile, name: str, values: object) -> None:
        kind = self.registry.lists[name]
        if not isinstance(values, list):
            message = f"{kind.name}のリストを書いてください。"
            self.found.append((file, FieldFault((name,), message)))
            return
        for index, value in enumerate(values):
            said = _Said(file, (name, index), value)
            entry = self.earlier[name].get(_key(value) or "")
            if entry is not None:
                self._change(entry, said, kind)
            elif self.layer > 1 and isinstance(value, dict) and layers.DROP in value:
                self._tell(said, (), self._not_beneath(name, kind, _key(value)))
            elif (other := self._kind_beneath(_key(value))) is not None:
                message = f"キー「{_key(value)}」は、前の層ですでに{other.name}に使われています。"
                self._tell(said, ("key",), f"{message}別のキーにしてください。")
            else:
                self.counts[name] += 1
                if self.counts[name] <= kind.about.most:
                    self.entries[name].append(_Entry(said, value, self.layer))

    def _kind_beneath(self, key: str | None) -> KindEntry | None:
        """The kind of the item that an earlier layer has under that key."""
        lists = self.registry.lists.items()
        return next((kind for name, kind in lists if key in self.earlier[name]), None)

    def _change(self, entry: _Entry, said: _Said, kind: KindEntry) -> None:
        """Does to an item of an earlier layer what this one says of it."""
        key = said.value["key"]
        if (kind.label, key) in self.touched:
            self._tell(said, ("key",), f"キー「{key}」は、この層の中に2回あります。1つにまとめてください。")
            return
        self.touched.add((kind.label, key))
        change = {name: value for name, value in said.value.items() if name != "key"}
        if layers.DROP in change:
            if change != {layers.DROP: True}:
                self._tell(said, (layers.DROP,), "落とす項目には、key と「drop: true」だけを書いてください。")
            entry.dropped = True
        else:
            entry.value = layers.changed(entry.value, change, kind.fields)
        entry.changes.append(_Said(said.file, said.place, change))

    def _not_beneath(self, name: str, kind: KindEntry, key: str | None) -> str:
        """What is said of a change or a drop of what no earlier layer has."""
        near = get_close_matches((key or "")[:100], list(self.earlier[name]), n=1)
        advice = f"「{near[0]}」ではありませんか。" if near else "キーを確かめてください。"
        return f"前の層に、{kind.name}「{shown((key or '')[:100])}」はありません。{advice}"

    def _tell(self, said: _Said, inside: Place, message: str) -> None:
        self.found.append((said.file, FieldFault((*said.place, *inside), message, _key(said.value))))

    def content(self) -> Content:
        """The items that are well formed; what is wrong with any, or between them, is noted."""
        self._check_sizes()
        ill_formed: dict[str, str] = {}
        sound: dict[str, list[_Entry]] = {}
        items: dict[str, list[ItemModel]] = {}
        for name, entries in self.entries.items():
            sound[name], items[name] = [], []
            for entry in entries:
                item = None if entry.dropped else self._validated(entry, name, ill_formed)
                if item is not None:
                    sound[name].append(entry)
                    items[name].append(item)
        content = self.registry.content.model_construct(None, format=FORMAT, **items)
        gone = self._gone()
        self._tell_of_needed(gone, content)
        ill_formed |= {key: kind for key, (_, _, kind) in gone.items()}
        for fault in faults(content, ill_formed=ill_formed):
            list_name, number, *inside = fault.place
            said = sound[str(list_name)][int(number)].origin(tuple(inside))
            self.found.append((said.file, FieldFault((*said.place, *inside), fault.message, fault.key)))
        return content

    def _check_sizes(self) -> None:
        """Each kind has a limit, stated and tested."""
        for name, count in self.counts.items():
            kind = self.registry.lists[name]
            if count > kind.about.most:
                message = f"{kind.name}は{kind.about.most:,}件までです（{count:,}件あります）。減らしてください。"
                self.found.append((None, FieldFault((name,), message)))

    def _validated(self, entry: _Entry, name: str, ill_formed: dict[str, str]) -> ItemModel | None:
        """The item, None for one that is wrong in itself: what it says is then noted, and its keys."""
        kind = self.registry.lists[name]
        try:
            return kind.model.model_validate(entry.value, by_alias=True, by_name=False)
        except ValidationError as error:
            keys = list(_keys(entry.value, kind))
            ill_formed.update(keys)
            key = shown(keys[0][0]) if keys and keys[0][1] == kind.label else None
            if self._is_change_of_nothing(entry, error):
                message = f"{self._not_beneath(name, kind, key)}新しく加えるなら、足りない項目も書いてください。"
                self._tell(entry.first, ("key",), message)
                return None
            for inside, message in told(error, kind.model):
                said = entry.origin(inside)
                self.found.append((said.file, FieldFault((*said.place, *inside), message, key)))
            return None

    @staticmethod
    def _is_change_of_nothing(entry: _Entry, error: ValidationError) -> bool:
        """Whether a later layer says something of a key, without saying all that a new item needs."""
        lacks = any(
            detail["type"] == "missing" and len(detail["loc"]) == 1 for detail in error.errors(include_url=False)
        )
        return entry.layer > 1 and _key(entry.value) is not None and lacks

    def _gone(self) -> dict[str, tuple[_Said, Place, str]]:
        """The keys that a layer takes out of what an earlier one said: where it does, and the label of their kind."""
        gone: dict[str, tuple[_Said, Place, str]] = {}
        left: set[str] = set()
        for name, entries in self.entries.items():
            kind = self.registry.lists[name]
            for entry in entries:
                left |= set() if entry.dropped else {key for key, _ in _keys(entry.value, kind)}
                inside = (kind.owned.name,) if kind.owned and not entry.dropped else ()
                for said in (entry.first, *entry.changes) if entry.changes else ():
                    for key, label in _keys(said.value, kind):
                        gone[key] = (entry.origin(inside) if inside else entry.changes[-1], inside, label)
        return {key: where for key, where in gone.items() if key not in left}

    def _tell_of_needed(self, gone: Mapping[str, tuple[_Said, Place, str]], content: Content) -> None:
        """Notes what is taken out although others still need it."""
        if not gone:
            return
        needed: dict[str, list[str]] = {}
        for name, kind in self.registry.lists.items():
            for item in getattr(content, name):
                for key in sorted(set(named_in(item, kind.model)) & gone.keys()):
                    needed.setdefault(key, []).append(item.key)
        for key, others in needed.items():
            said, inside, _ = gone[key]
            named = "".join(f"「{other}」" for other in others[:MOST_NAMED])
            more = f"など{len(others)}件" if len(others) > MOST_NAMED else ""
            message = f"「{key}」は、{named}{more}がまだ使っています。先にそちらを変えるか、一緒に落としてください。"
            self.found.append((said.file, FieldFault((*said.place, *inside), message, key)))

    def problems(self) -> Iterable[Problem]:
        """Everything found, with file and line, in the order of the files."""
        places: dict[str, list[Place]] = {}
        files = {file.name: file for file, _ in self.found if file}
        for file, fault in self.found:
            places.setdefault(file.name if file else "", []).append(fault.place)
        lines_by_file = {name: lines(file, places[name]) for name, file in files.items()}
        for file, fault in self.found:
            line = lines_by_file[file.name].get(fault.place) if file else None
            name = file.name if file else None
            yield Problem(fault.message, pointer(fault.place), fault.key, name, line)


def _key(value: object) -> str | None:
    key = value.get("key") if isinstance(value, dict) else None
    return key if isinstance(key, str) else None


def _keys(value: object, kind: KindEntry) -> Iterator[tuple[str, str]]:
    """The keys of an item that may be wrong in itself, as far as they can be read, each with the label of its kind."""
    if not isinstance(value, dict):
        return
    if isinstance(value.get("key"), str):
        yield value["key"], kind.label
    inside = value.get(kind.owned.name) if kind.owned else None
    for owned in inside if isinstance(inside, list) else ():
        if kind.owned_model and isinstance(owned, dict) and isinstance(owned.get("key"), str):
            yield owned["key"], kind.owned_model.about.label
