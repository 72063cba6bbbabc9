"""The phrases that tell what became of one field: 「期限を「14日以内」から「15日以内」に変更」.

A phrase follows the name of its item with its particle: 手続き『転入届』 + の + phrase. Each shape of a field
(`fields.Shape`) has one function here that finds what differs and puts it into words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Literal

from service.content.fields import FieldEntry, fields_of
from service.diff_text.passages import Segment, segments, stretches

Names = Mapping[str, str]

SHORT = 30
"""So many letters of a text are quoted in a sentence; of longer ones only what changed."""

NONE = "なし"
"""What an empty list says where one that is left out says nothing."""

_LONGEST_RECORD = 200

MOST_NAMED = 4
"""So many members of a list are named in a sentence; of the rest their number."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """What became of one field; the fields are those of `differences.FieldDifference`."""

    path: str
    label: str
    text: str
    particle: Literal["の", "に", "から"] = "の"
    before: str | None = None
    after: str | None = None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    segments: tuple[Segment, ...] = ()

    @property
    def change(self) -> Literal["added", "removed", "changed"]:
        """Whether there was nothing before, is nothing after, or was and is something."""
        old, new = (self.before is not None or self.removed), (self.after is not None or self.added)
        return "changed" if old and new else "added" if new else "removed"


def phrases(path: str, entry: FieldEntry, *, old: Any, new: Any, names: Names) -> Iterator[Phrase]:
    """What became of a field, in one phrase or several; `old` and `new` differ, None where there is no value."""
    yield from _SHAPES.get(entry.shape, _scalar)(path, entry, old, new, names)


def one_line(text: str, longest: int = SHORT) -> str:
    """The text on one line, cut to so many letters."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def name_of(key: str, names: Names) -> str:
    """An item in a sentence: 『転入届』; an option with its question: 『はい』（質問『…』）."""
    question = _question(key, names)
    return f"『{own_name(key, names)}』" + (f"（質問『{own_name(question, names)}』）" if question else "")


def own_name(key: str, names: Names) -> str:
    """What an item is called, an option without its question; the key where nobody knows."""
    question, name = _question(key, names), names.get(key, key)
    return one_line(name.removeprefix(f"{names[question]}／") if question else name)


def _question(key: str, names: Names) -> str | None:
    """The key of the question that an option belongs to; None for all that is no option, or none that is known."""
    question, slash, _ = key.partition("/")
    return question if slash and key in names and question in names else None


def _listed(keys: Sequence[str], names: Names) -> str:
    """Items by name, options of one question together: 『A』、『B』（質問『…』）."""
    shown, count_left_out = (
        (keys, 0) if len(keys) <= MOST_NAMED else (keys[: MOST_NAMED - 1], len(keys) - MOST_NAMED + 1)
    )
    groups = []
    for question, members in groupby(shown, key=lambda key: _question(key, names)):
        words = "、".join(f"『{own_name(key, names)}』" for key in members)
        groups.append(words + (f"（質問『{own_name(question, names)}』）" if question else ""))
    return "、".join(groups) + (f"ほか{count_left_out}件" if count_left_out else "")


def _value_phrase(path: str, name: str, before: str | None, after: str | None) -> Phrase:
    """A value in words that came, went or became another."""
    if before is None:
        return Phrase(path, name, f"{name}「{one_line(after or '')}」を追加", "に", after=after)
    if after is None:
        return Phrase(path, name, f"{name}「{one_line(before)}」を削除", before=before)
    text = f"{name}を「{one_line(before)}」から「{one_line(after)}」に変更"
    return Phrase(path, name, text, before=before, after=after)


def _text(path: str, entry: FieldEntry, old: str | None, new: str | None, names: Names) -> Iterator[Phrase]:
    plain = _value_phrase(path, entry.label, old, new)
    if old is None or new is None:
        yield plain
        return
    text_segments = segments(old, new)
    short = len(old) <= SHORT and len(new) <= SHORT and one_line(old) != one_line(new)
    yield replace(
        plain, text=plain.text if short else _what_changed_inside(entry.label, text_segments), segments=text_segments
    )


def _what_changed_inside(name: str, text_segments: Iterable[Segment]) -> str:
    """What changed inside a text that is too long to be quoted."""
    places = stretches(text_segments)
    went, came = (" ".join(text.split()) for text in places[0])
    if all(not (old + new).strip() for old, new in places) or (len(places) == 1 and went == came):
        return f"{name}の空白や改行を変更"
    if len(places) > 1:
        return f"{name}を{len(places)}か所変更"
    if max(len(went), len(came)) > SHORT:
        return f"{name}を変更"
    if went and came:
        return f"{name}の「{went}」を「{came}」に変更"
    return f"{name}に「{came}」を追加" if came else f"{name}から「{went}」を削除"


def _value_in_words(entry: FieldEntry, value: Any, names: Names) -> str | None:
    """A single value in words."""
    if value is None:
        return None
    if entry.shape == "choice":
        return entry.words.get(value, str(value))
    if entry.shape == "item":
        return own_name(str(value), names)
    if entry.shape == "day":
        year, month, day = (int(number) for number in value.split("-"))
        return f"{year}年{month}月{day}日"
    return f"{value}{entry.unit}"


def _scalar(path: str, entry: FieldEntry, old: Any, new: Any, names: Names) -> Iterator[Phrase]:
    yield _value_phrase(path, entry.label, _value_in_words(entry, old, names), _value_in_words(entry, new, names))


def _items(path: str, entry: FieldEntry, old: Any, new: Any, names: Names) -> Iterator[Phrase]:
    """A list of keys or of plain words, which are nobody's keys; an empty one may say that there is none."""
    names = {} if entry.shape == "words" else names
    before, after = (_whole_list(entry, side, names) for side in (old, new))
    old, new = old or [], new or []
    if not old and not new:
        yield _value_phrase(path, entry.label, before, after)
        return
    added, removed = ([key for key in keys if key not in other_keys] for keys, other_keys in ((new, old), (old, new)))
    words = [f"に{_listed(added, names)}を追加"] if added else []
    if removed:
        words.append(f"{'、' if added else 'から'}{_listed(removed, names)}を削除")
    if not new and after:
        words.append(f"して「{after}」に変更")
    yield Phrase(
        path,
        entry.label,
        entry.label + ("".join(words) or "の順序を変更"),
        before=before,
        after=after,
        added=_names_of(added, names),
        removed=_names_of(removed, names),
    )


def _whole_list(entry: FieldEntry, keys: Sequence[str] | None, names: Names) -> str | None:
    """The whole list in words; None where nothing is said."""
    if not keys:
        return NONE if entry.says_none and keys is not None else None
    return "、".join(_names_of(keys, names))


def _names_of(keys: Sequence[str], names: Names) -> tuple[str, ...]:
    return tuple(names.get(key, key) for key in keys)


def _clauses(path: str, entry: FieldEntry, old: Any, new: Any, names: Names) -> Iterator[Phrase]:
    """Clauses are a set of sets: each that came, went, or became another with which it shares an option."""
    before, after = ([frozenset(clause) for clause in clauses or []] for clauses in (old, new))
    went = [clause for clause in before if clause not in after]
    came = [clause for clause in after if clause not in before]
    for clause in went:
        heir = max(came, key=lambda candidate: len(candidate & clause), default=frozenset())
        if heir & clause:
            came.remove(heir)
            yield _changed_clause(path, entry, clause, heir, names)
        else:
            words = _clause_in_words(clause, names)
            yield Phrase(
                path, entry.label, f"{words}を削除", "から", before=words, removed=_names_of(sorted(clause), names)
            )
    for clause in came:
        words = _clause_in_words(clause, names)
        yield Phrase(path, entry.label, f"{words}を追加", "に", after=words, added=_names_of(sorted(clause), names))


def _changed_clause(path: str, entry: FieldEntry, old: frozenset[str], new: frozenset[str], names: Names) -> Phrase:
    """Options of one clause are alternatives, which 「または」 tells from a further clause."""
    added, removed = sorted(new - old), sorted(old - new)
    words = [f"に「または{_listed(added, names)}」を追加"] if added else []
    if removed:
        words.append(f"{'、' if added else 'から'}{_listed(removed, names)}を削除")
    before, after = _clause_in_words(old, names), _clause_in_words(new, names)
    return Phrase(
        path,
        entry.label,
        before + "".join(words),
        before=before,
        after=after,
        added=_names_of(added, names),
        removed=_names_of(removed, names),
    )


def _clause_in_words(clause: frozenset[str], names: Names) -> str:
    """選択肢『はい』（質問『…』）, or 「次のどれか：『A』、『B』（質問『…』）」."""
    keys = sorted(clause)
    return f"選択肢{name_of(keys[0], names)}" if len(keys) == 1 else f"「次のどれか：{_listed(keys, names)}」"


def _options(path: str, entry: FieldEntry, old: Any, new: Any, names: Names) -> Iterator[Phrase]:
    """The options of a question: those that came and went, their words, their order."""
    before, after = ({option["key"]: option for option in options or []} for options in (old, new))
    added, removed = (
        [key for key in side if key not in other_side] for side, other_side in ((after, before), (before, after))
    )
    if added or removed:
        yield from _own_options(path, entry, added, removed, names)
    kept_keys = [key for key in before if key in after]
    for key in kept_keys:
        yield from _option(f"{path}.{key}", entry, before[key], after[key], names)
    order = [key for key in after if key in before]
    if kept_keys != order:
        yield Phrase(
            f"{path}.order",
            f"{entry.label}の順序",
            f"{entry.label}の順序を変更",
            before="、".join(own_name(key, names) for key in kept_keys),
            after="、".join(own_name(key, names) for key in order),
        )


def _own_options(
    path: str, entry: FieldEntry, added: Sequence[str], removed: Sequence[str], names: Names
) -> Iterator[Phrase]:
    for keys, verb in ((added, "追加"), (removed, "削除")):
        option_names = tuple(own_name(key, names) for key in keys)
        words = "、".join(f"『{name}』" for name in option_names[:MOST_NAMED])
        left_out = f"ほか{len(option_names) - MOST_NAMED}件" if len(option_names) > MOST_NAMED else ""
        text = f"{entry.label}{words}{left_out}を{verb}"
        if keys and verb == "追加":
            yield Phrase(path, entry.label, text, "に", after="、".join(option_names), added=option_names)
        elif keys:
            yield Phrase(path, entry.label, text, "から", before="、".join(option_names), removed=option_names)


def _option(
    path: str, entry: FieldEntry, old: Mapping[str, Any], new: Mapping[str, Any], names: Names
) -> Iterator[Phrase]:
    called = f"{entry.label}『{own_name(str(new['key']), names)}』の"
    for name, part_entry in _parts(entry).items():
        if old.get(name) != new.get(name):
            named = replace(part_entry, label=called + part_entry.label)
            yield from phrases(f"{path}.{name}", named, old=old.get(name), new=new.get(name), names=names)


def _parts(entry: FieldEntry) -> Mapping[str, FieldEntry]:
    """The fields inside a field."""
    return fields_of(entry.inner) if entry.inner else {}


def _answers(path: str, entry: FieldEntry, old: Any, new: Any, names: Names) -> Iterator[Phrase]:
    """The answers of a made-up household, question by question."""
    before, after = old or {}, new or {}
    for key in sorted({*before, *after}):
        sides = [_answer_in_words(side[key], names) if key in side else None for side in (before, after)]
        if before.get(key) != after.get(key):
            name = f"質問『{own_name(key, names)}』への{entry.label}"
            yield _value_phrase(f"{path}.{key}", name, sides[0], sides[1])


def _answer_in_words(answer: Any, names: Names) -> str:
    if answer == "unsure":
        return "わからない"
    return "、".join(own_name(key, names) for key in answer) or "どれもない"


def _deadline(path: str, entry: FieldEntry, old: Any, new: Any, names: Names) -> Iterator[Phrase]:
    """Value and unit are one thing to readers; the rest is told field by field."""
    parts = _parts(entry)
    spans = [(side.get("value"), side.get("unit")) if side is not None else None for side in (old, new)]
    if spans[0] != spans[1]:
        before, after = (_span(*span, units=parts["unit"].words) if span else None for span in spans)
        yield _value_phrase(f"{path}.value", entry.label, before, after)
    on_both_sides = old is not None and new is not None
    for name, part_entry in parts.items():
        values = [(side or {}).get(name, part_entry.default if on_both_sides else None) for side in (old, new)]
        if name not in {"value", "unit"} and values[0] != values[1]:
            yield from phrases(f"{path}.{name}", part_entry, old=values[0], new=values[1], names=names)


def _span(value: int | None, unit: str | None, *, units: Mapping[str, str]) -> str:
    if value is None:
        return "日数の定めなし" + (f"（単位は{units[unit]}）" if unit else "")
    if value == 0 and unit == "day":
        return "その日のうち"
    return {
        "day": f"{value}日以内",
        "month": f"{value}か月以内",
        "year": f"{value}年以内",
        "day_before": f"{value}日前まで",
        "day_of_previous_month": f"前の月の{value}日まで",
    }.get(unit or "", f"{value}（単位は未定）")


def _record(path: str, entry: FieldEntry, old: Any, new: Any, names: Names) -> Iterator[Phrase]:
    """Field by field; what it `is` (a bare word says nothing else) bears the name of the whole."""
    sides = [{"is": side} if isinstance(side, str) else side or {} for side in (old, new)]
    for name, part_entry in _parts(entry).items():
        values = [side.get(name) for side in sides]
        if values[0] != values[1]:
            named = replace(part_entry, label=entry.label if name == "is" else f"{entry.label}の{part_entry.label}")
            yield from phrases(f"{path}.{name}", named, old=values[0], new=values[1], names=names)


def _basis(path: str, entry: FieldEntry, old: Any, new: Any, names: Names) -> Iterator[Phrase]:
    """Groups of facts of which the same became the same are told together."""
    before, after = (entry.spelled_out(side) or {} for side in (old, new))
    changed: dict[tuple[str | None, str | None], list[FieldEntry]] = {}
    for name, part_entry in _parts(entry).items():
        if before.get(name) != after.get(name):
            words = (
                _value_in_words(part_entry, before.get(name), names),
                _value_in_words(part_entry, after.get(name), names),
            )
            changed.setdefault(words, []).append(part_entry)
    for (before_words, after_words), parts in changed.items():
        group_names = (
            "・".join(part_entry.label for part_entry in parts) if len(parts) < len(_parts(entry)) else "すべて"
        )
        yield _value_phrase(f"{path}.{parts[0].name}", f"{entry.label}（{group_names}）", before_words, after_words)


def _records(path: str, entry: FieldEntry, old: Any, new: Any, names: Names) -> Iterator[Phrase]:
    """Each record by all that it says, as one line."""
    before, after = ([_record_line(entry, record, names) for record in records or []] for records in (old, new))
    for line in (line for line in before if line not in after):
        yield Phrase(path, entry.label, f"{entry.label}「{line}」を削除", before=line, removed=(line,))
    for line in (line for line in after if line not in before):
        yield Phrase(path, entry.label, f"{entry.label}「{line}」を追加", "に", after=line, added=(line,))
    if sorted(before) == sorted(after) and before != after:
        text = f"{entry.label}の順序を変更"
        yield Phrase(path, entry.label, text, before="、".join(before), after="、".join(after))
    if not before and not after:
        sides = (None if records is None else NONE for records in (old, new))
        yield _value_phrase(path, entry.label, *sides)


def _record_line(entry: FieldEntry, record: Mapping[str, Any], names: Names) -> str:
    words = (_value_in_words(part_entry, record.get(name), names) for name, part_entry in _parts(entry).items())
    return one_line("、".join(word for word in words if word), _LONGEST_RECORD)


_SHAPES: Mapping[str, Callable[[str, FieldEntry, Any, Any, Names], Iterator[Phrase]]] = {
    "text": _text,
    "items": _items,
    "sequence": _items,
    "words": _items,
    "options": _options,
    "clauses": _clauses,
    "answers": _answers,
    "deadline": _deadline,
    "method": _record,
    "basis": _basis,
    "records": _records,
    "record": _record,
}
