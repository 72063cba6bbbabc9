"""What a patch means: item by item and field by field, in sentences that an official reads at once.

「手続き『転入届』の期限を「14日以内」から「15日以内」に変更」 is a whole sentence; 「しました」 may follow it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal

from service.content import registry
from service.content.fields import FieldEntry
from service.content.patches import Item, Patch
from service.diff_text.passages import Segment
from service.diff_text.phrases import Phrase, one_line, phrases

Done = Literal["added", "removed", "changed"]

PHRASES_IN_SENTENCE = 3
_VERB: Mapping[Done, str] = {"changed": "変更", "added": "追加", "removed": "削除"}
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """One thing that is different in an item.

    `field` is the path of the document's names (`deadline.from`, `options.insurance/yes.label`), `label` its Japanese
    name. `before` and `after` are the whole values in words, None where there is none; of lists, `added` and `removed`
    are what came and went. `segments` are the texts side by side, empty where the field is no text.
    """

    field: str
    label: str
    change: Done
    before: str | None
    after: str | None
    added: tuple[str, ...]
    removed: tuple[str, ...]
    segments: tuple[Segment, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class ItemDifference:
    """What happened to one item; `fields` tell all that it has or had where it was added or removed."""

    kind: str
    key: str
    name: str
    change: Done
    fields: tuple[FieldDifference, ...]
    sentence: str


def names(*sides: Mapping[str, Item]) -> dict[str, str]:
    """What each item is called, by key, options as 「質問の文／選択肢」; where sides differ, the later one counts."""
    names_by_key: dict[str, str] = {}
    options: dict[str, str] = {}
    for item in chain.from_iterable(side.values() for side in sides):
        names_by_key[item.key] = _own_name(item)
        kind = registry.kind(item.kind)
        if kind.owned and kind.owned_model:
            owned_items = item.fields.get(kind.owned.name, [])
            options |= {owned_item["key"]: owned_item[kind.owned_model.about.named_by] for owned_item in owned_items}
    return names_by_key | {key: f"{names_by_key[key.partition('/')[0]]}／{label}" for key, label in options.items()}


def _own_name(item: Item) -> str:
    return str(item.fields.get(registry.kind(item.kind).about.named_by, item.key))


def differences(patch: Patch, item_names: Mapping[str, str] | None = None) -> list[ItemDifference]:
    """What the patch does, one difference per item, by kind, name and key; empty where it does nothing.

    `item_names` names the items that the touched ones speak of (see `names`); what it lacks is called by its key. The
    touched items themselves need not be in it.
    """
    called = {**(item_names or {}), **names(patch.before, patch.after)}
    item_differences = [
        difference
        for key in patch.keys
        for difference in _item_differences(patch.before.get(key), patch.after.get(key), called)
    ]
    order = list(registry.names())
    return sorted(
        item_differences,
        key=lambda difference: (
            order.index(difference.kind),
            difference.name,
            difference.key,
            difference.change != "removed",
        ),
    )


def summary(item_differences: Iterable[ItemDifference]) -> str:
    """How many of what: 「手続き3件を変更、質問1件を追加」; 「変更なし」 for nothing."""
    counts = Counter((difference.change, difference.kind) for difference in item_differences)
    counted = [
        f"{name}{counts[change, kind]}件を{verb}"
        for change, verb in _VERB.items()
        for kind, name in registry.names().items()
        if counts[change, kind]
    ]
    return "、".join(counted) or "変更なし"


def _item_differences(
    before: Item | None, after: Item | None, item_names: Mapping[str, str]
) -> Iterator[ItemDifference]:
    """A key that stands for another kind than before is one item removed and one added."""
    if before == after:
        return
    if before and after and before.kind != after.kind:
        yield from (*_item_differences(before, None, item_names), *_item_differences(None, after, item_names))
        return
    item = after or before
    if item is None:
        return
    change: Done = "changed" if before and after else "added" if after else "removed"
    name = _own_name(item)
    subject = f"{registry.name_of(item.kind)}『{one_line(name, _LONGEST_NAME)}』"
    fields, all_phrases = [], []
    for path, entry, old, new in _differing_fields(item.kind, before, after):
        for phrase in phrases(path, entry, old=old, new=new, names=item_names):
            all_phrases.append(phrase)
            fields.append(_field(subject, phrase))
    sentence = _sentence(subject, all_phrases) if change == "changed" else f"{subject}を{_VERB[change]}"
    yield ItemDifference(item.kind, item.key, name, change, tuple(fields), sentence)


def _differing_fields(
    label: str, before: Item | None, after: Item | None
) -> Iterator[tuple[str, FieldEntry, Any, Any]]:
    """Every field that differs, with its two values; a field that the registry lacks goes by its own name."""
    kind = registry.kind(label)
    old, new = (item.fields if item else {} for item in (before, after))
    defaults = kind.defaults if before and after else {}
    for name in [*kind.fields, *sorted({*old, *new} - set(kind.fields))]:
        entry = kind.fields.get(name) or FieldEntry(name, attribute=name, label=name, shape="number")
        values = [side.get(name, defaults.get(name)) for side in (old, new)]
        if values[0] != values[1] and entry.shape != "key":
            yield name, entry, values[0], values[1]


def _field(subject: str, phrase: Phrase) -> FieldDifference:
    return FieldDifference(
        field=phrase.path,
        label=phrase.label,
        change=phrase.change,
        before=phrase.before,
        after=phrase.after,
        added=phrase.added,
        removed=phrase.removed,
        segments=phrase.segments,
        sentence=f"{subject}{phrase.particle}{phrase.text}",
    )


def _sentence(subject: str, all_phrases: list[Phrase]) -> str:
    """The first phrases as one sentence, and how many more there are."""
    first_phrases = "、".join(phrase.text for phrase in all_phrases[:PHRASES_IN_SENTENCE])
    left_out = len(all_phrases) - PHRASES_IN_SENTENCE
    ending = f"、ほか{left_out}か所を変更" if left_out > 0 else ""
    return f"{subject}{all_phrases[0].particle}{first_phrases}{ending}" if all_phrases else f"{subject}を変更"
