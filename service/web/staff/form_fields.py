"""The fields of an item's form as a page shows them, made from the registry: labels, help, values, what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from service.content import japanese, registry
from service.content.fields import FieldEntry, Place, fields_of
from service.content.models import Kind
from service.content.patches import Item, Items
from service.content.words import spelt as words_of
from service.diff_text import differences
from service.web.staff import item_form
from service.web.staff.item_form import EMPTY, FIND, NONE, ROW, UNSURE, Typed, spelt

MOST_FOUND = 20
MOST_QUESTIONS = 6
SHORT = 60
"""Longer texts get several lines."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose: its value, what it is called, and the item that it is."""

    value: str
    label: str
    chosen: bool = False
    key: str | None = None


@dataclass(frozen=True, slots=True)
class ChoiceGroup:
    """Choices under one heading (a question over its options), or under none."""

    name: str
    choices: Sequence[Choice]


@dataclass(frozen=True, slots=True)
class FormRow:
    """A row of a list: its fields, or the choices of a clause or of an answer; `chosen`: an answer that counts."""

    name: str
    label: str
    marker: str
    inside: Sequence[FormField] = ()
    groups: Sequence[ChoiceGroup] = ()
    words: str = ""
    chosen: bool = True


@dataclass(frozen=True, slots=True)
class FormField:
    """A field with all that its macro needs; `control` names the macro (`web/templates/staff/form.html`).

    `none` is whether it is said that there is none, None where that cannot be said. `words` are those of its search.
    `filled`: something stands in it.
    """

    name: str
    label: str
    control: str
    hint: str = ""
    unit: str = ""
    value: str = ""
    values: Sequence[str] = ()
    groups: Sequence[ChoiceGroup] = ()
    rows: Sequence[FormRow] = ()
    inside: Sequence[FormField] = ()
    faults: Sequence[str] = ()
    findings: Sequence[str] = ()
    required: bool = False
    none: bool | None = None
    ordered: bool = False
    empty: bool = False
    words: str = ""
    filled: bool = False
    what: str = ""

    @property
    def id(self) -> str:
        """Where the field stands on the page."""
        return "f" + self.name.replace("/", "-")

    @property
    def marked(self) -> bool:
        """Whether something is said about it or about what stands inside."""
        inside = [*self.inside, *(one for row in self.rows for one in row.inside)]
        return bool(self.faults or self.findings) or any(one.marked for one in inside)


@dataclass(frozen=True)
class Index:
    """The items that fields may refer to."""

    items: Items

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What each is called, by key."""
        return differences.names(self.items)

    @cached_property
    def _by_name(self) -> Mapping[tuple[str, str], Sequence[str]]:
        found: dict[tuple[str, str], list[str]] = {}
        for key, item in self.items.items():
            found.setdefault((item.kind, self.names[key]), []).append(key)
        return found

    def label(self, key: str) -> str:
        """What an item is called where it is chosen; of several with one name also what tells them apart."""
        item, name = self.items.get(key), self.names.get(key, key)
        if item is None or len(self._by_name.get((item.kind, name), ())) < 2:
            return name
        starts = [entry.name for entry in registry.kind(item.kind).fields.values() if entry.start]
        more = [text for text in (item.fields.get(field) for field in starts) if isinstance(text, str) and text != name]
        return f"{name}（{more[0] if more else key}）"

    def named(self, kind: str, text: str) -> str | None:
        """The key of the only item of that kind that is called so, or has that key."""
        keys = self._by_name.get((kind, text.strip()), ())
        item = self.items.get(text.strip())
        return keys[0] if len(keys) == 1 else item.key if item and item.kind == kind else None

    def found(self, kind: str, words: str) -> list[str]:
        """The items of a kind whose name, other names or key hold the words."""
        entry = registry.kind(kind)
        made = self._holding(kind, words, lambda item: entry.texts(item.fields, names=True))
        return sorted(made, key=lambda key: (len(self.names[key]), self.names[key]))

    def found_questions(self, words: str) -> list[str]:
        """The questions whose text, options or key hold the words."""
        made = self._holding(Kind.QUESTION, words, lambda item: (str(one["label"]) for one in item.fields["options"]))
        return sorted(made, key=lambda key: int(self.items[key].fields.get("position", 0)))

    def _holding(self, kind: str, words: str, texts_of: Callable[[Item], Iterable[str]]) -> Iterator[str]:
        """The items of a kind whose name, key or these texts hold the words."""
        forms = words_of(words).forms
        for key, item in self.items.items():
            if item.kind == kind:
                folded = japanese.folded(" ".join((self.names[key], key, *texts_of(item))))
                if any(form in folded for form in forms):
                    yield key

    def options(self, question: str) -> list[tuple[str, str]]:
        """The options of a question: key and label."""
        item = self.items.get(question)
        return [(one["key"], one["label"]) for one in item.fields.get("options", ())] if item else []


def sought(kind: str, given: Typed, index: Index) -> Typed:
    """The form with every searched name chosen that only one item has; other words stay in their search."""
    references = dict(_references(registry.kind(kind).fields, given, ""))
    pairs = []
    for name, value in given.pairs:
        place = name.removeprefix(FIND)
        wanted = references.get(place) if name.startswith(FIND) and value.strip() else None
        key = index.named(wanted, value) if wanted else None
        if key is None:
            pairs.append((name, value))
        elif (place, key) not in given.pairs and (ROW + place, key) not in given.pairs:
            pairs.append((ROW + place if wanted == Kind.QUESTION and _is_answers(kind, place) else place, key))
    return Typed(tuple(pairs))


def _is_answers(kind: str, place: str) -> bool:
    entry = registry.kind(kind).fields.get(place.removeprefix("/"))
    return entry is not None and entry.shape == "answers"


def _references(entries: Mapping[str, FieldEntry], given: Typed, name: str) -> Iterator[tuple[str, str]]:
    """The names of the fields that refer to items, each with the kind of these."""
    for entry in entries.values():
        here = f"{name}/{entry.name}"
        if entry.shape == "clauses" and entry.reference:
            yield from ((f"{here}/{row.number}", entry.reference.kind) for row in given.rows(here))
        elif entry.reference:
            yield here, entry.reference.kind
        elif entry.shape in {"options", "records"} and entry.inner:
            for row in given.rows(here):
                yield from _references(fields_of(entry.inner), given, f"{here}/{row.number}")
        elif entry.is_record and entry.inner:
            yield from _references(fields_of(entry.inner), given, here)


@dataclass(frozen=True, slots=True)
class Showing:
    """What the fields of one form are made from: what is typed, what there is to refer to, and what is wrong where."""

    given: Typed
    index: Index
    faults: Sequence[tuple[Place, str]] = ()
    findings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Of the saved item, by the name of its field."""

    def fields(self, entries: Iterable[FieldEntry], name: str = "", place: Place = ()) -> list[FormField]:
        """The fields in their order."""
        return [
            self._field(entry, f"{name}/{entry.name}", (*place, entry.name))
            for entry in entries
            if entry.shape != "key"
        ]

    def _field(self, entry: FieldEntry, name: str, place: Place) -> FormField:
        whole = entry.shape not in {"options", "records"} and not entry.is_record
        faults = [said for where, said in self.faults if (where[: len(place)] if whole else where) == place]
        more = {
            "name": name,
            "label": entry.label,
            "hint": entry.help,
            "unit": entry.unit,
            "faults": faults,
            "findings": self.findings.get(entry.name, ()) if len(place) == 1 else (),
            "required": entry.is_required,
            "none": bool(self.given.all(NONE + name)) if item_form.may_be_none(entry) else None,
        }
        return self._shaped(entry, name, place, more)

    def _shaped(self, entry: FieldEntry, name: str, place: Place, more: dict[str, object]) -> FormField:
        made: dict[str, object]
        match entry.shape:
            case "words":
                values = self.given.all(name)
                made = {"control": "words", "values": values if "" in values else [*values, ""], "filled": any(values)}
            case "item" | "items" | "sequence":
                made = self._keys(entry, name)
            case "clauses":
                rows = [self._clause(entry, name, row.number, index) for index, row in enumerate(self.given.rows(name))]
                made = {"control": "clauses", "rows": rows, "filled": bool(rows), "what": self._what(entry)}
            case "answers":
                made = self._answers(name)
            case "options" | "records":
                made = self._rows(entry, name, place)
            case "choice":
                made = self._choice(entry, name)
            case "number" | "day":
                made = {"control": entry.shape, "value": self.given.get(name)}
            case _ if entry.is_record and entry.inner:
                inside = self.fields(fields_of(entry.inner).values(), name, place)
                is_empty = bool(self.given.all(EMPTY + name))
                made = {"control": "record", "inside": inside, "empty": is_empty}
                made["filled"] = is_empty or any(one.filled for one in inside)
            case _:
                value = self.given.get(name)
                is_long = entry.is_prose or "\n" in value or len(value) > SHORT
                made = {"control": "prose" if is_long else "line", "value": value}
        made.setdefault("filled", bool(made.get("value")))
        if more["none"]:
            made["filled"] = True
        return FormField(**{**more, **made})  # type: ignore[arg-type]

    def _what(self, entry: FieldEntry) -> str:
        """What the items are called that a field refers to."""
        if entry.reference is None:
            return ""
        return "質問" if entry.reference.kind == Kind.OPTION else registry.name_of(entry.reference.kind)

    def _keys(self, entry: FieldEntry, name: str) -> dict[str, object]:
        assert entry.reference is not None
        keys = list(dict.fromkeys(filter(None, self.given.all(name))))
        words = self.given.get(FIND + name)
        return {
            "control": "keys",
            "groups": groups(self.index, entry.reference.kind, keys, words),
            "ordered": entry.shape == "sequence",
            "words": words,
            "what": self._what(entry),
            "filled": bool(keys or words),
        }

    def _clause(self, entry: FieldEntry, name: str, number: str, index: int) -> FormRow:
        assert entry.reference is not None
        place = f"{name}/{number}"
        keys, words = self.given.all(place), self.given.get(FIND + place)
        label = f"{index + 1}組目"
        return FormRow(place, label, number, groups=groups(self.index, entry.reference.kind, keys, words), words=words)

    def _answers(self, name: str) -> dict[str, object]:
        words, counting = self.given.get(FIND + name), self.given.all(ROW + name)
        found = self.index.found(Kind.QUESTION, words)[:MOST_QUESTIONS] if words.strip() else []
        rows = [self._answer(name, key, chosen=key in counting) for key in dict.fromkeys([*counting, *found])]
        made: dict[str, object] = {"control": "answers", "rows": rows, "words": words, "what": "質問"}
        return made | {"filled": bool(rows)}

    def _answer(self, name: str, question: str, *, chosen: bool) -> FormRow:
        place, item = f"{name}/{question}", self.index.items.get(question)
        said = self.given.all(place)
        options = self.index.options(question)
        choices = [Choice(key, label, key in said, question) for key, label in options]
        choices += [Choice(key, key, True) for key in said if key != UNSURE and key not in dict(options)]
        if UNSURE in said or (item is not None and item.fields.get("unsure", True)):
            choices.append(Choice(UNSURE, "わからない", UNSURE in said))
        return FormRow(
            place,
            self.index.names.get(question, question),
            question,
            groups=[ChoiceGroup("", choices)],
            chosen=chosen,
        )

    def _rows(self, entry: FieldEntry, name: str, place: Place) -> dict[str, object]:
        assert entry.inner is not None
        entries, rows, kept = fields_of(entry.inner), [], 0
        for index, row in enumerate(self.given.rows(name)):
            here = f"{name}/{row.number}"
            is_blank = row.key is None and item_form.is_blank(entries, self.given, here)
            fields = Showing(self.given, self.index, () if is_blank else self.faults)
            inside = fields.fields(entries.values(), here, (*place, kept))
            kept += not is_blank
            rows.append(FormRow(here, f"{entry.label} {index + 1}", row.marker, inside=inside))
        return {"control": "rows", "rows": rows, "filled": bool(rows)}

    def _choice(self, entry: FieldEntry, name: str) -> dict[str, object]:
        given, default = self.given.get(name), "" if entry.default is None else spelt(entry.default)
        now = given or default
        choices = [Choice(spelt(value), words, spelt(value) == now) for value, words in entry.words.items()]
        if now and now not in {choice.value for choice in choices}:
            choices.append(Choice(now, now, True))
        if not default:
            choices.insert(0, Choice("", "選んでください" if entry.is_required else "書かない", not now))
        filled = bool(given) and given != default
        return {"control": "choice", "value": now, "groups": [ChoiceGroup("", choices)], "filled": filled}


def groups(index: Index, kind: str, keys: Sequence[str], words: str) -> list[ChoiceGroup]:
    """What is chosen, and what the search found beside it; of a question that comes up all options."""
    if kind != Kind.OPTION:
        chosen = [Choice(key, index.label(key), True, key) for key in keys]
        found = [key for key in index.found(kind, words) if key not in keys] if words.strip() else []
        more = [Choice(key, index.label(key), key=key) for key in found[:MOST_FOUND]]
        return [ChoiceGroup("", chosen), ChoiceGroup(_found_title(words, len(found)), more)]
    questions = [key.partition("/")[0] for key in keys]
    found = index.found_questions(words) if words.strip() else []
    made = []
    for question in dict.fromkeys([*questions, *found[:MOST_QUESTIONS]]):
        options = index.options(question)
        lost = [(key, key) for key in keys if key.startswith(f"{question}/") and key not in dict(options)]
        choices = [Choice(key, label, key in keys, question) for key, label in (*options, *lost)]
        made.append(ChoiceGroup(index.names.get(question, question), choices))
    if words.strip() and not found:
        made.append(ChoiceGroup(_found_title(words, 0), ()))
    return made


def _found_title(words: str, count: int) -> str:
    """The heading over what a search found; none where nothing was searched."""
    if not words.strip():
        return ""
    if not count:
        return f"「{words.strip()}」に当たるものは、見つかりませんでした"
    return "候補" if count <= MOST_FOUND else f"候補（{count}件のうち、はじめの{MOST_FOUND}件）"
