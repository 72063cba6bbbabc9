"""Keys: made from names, once. They are never renamed and never used again for something else (ops/design/graph.md)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from service import clock
from service.content import registry
from service.content.models import ItemKind
from service.content.patches import Item
from service.errors import InvalidRequest
from service.store.graph import Reads

LONGEST = 60
TRIED_AT_ONCE = 5

_SYLLABLES = {
    row[0]: row[1:]
    for row in (
        "kかきくけこ",
        "sさしすせそ",
        "tたちつてと",
        "nなにぬねの",
        "hはひふへほ",
        "mまみむめも",
        "rらりるれろ",
        "gがぎぐげご",
        "zざじずぜぞ",
        "dだぢづでど",
        "bばびぶべぼ",
        "pぱぴぷぺぽ",
    )
}
_HEPBURN = {
    kana: consonant + vowel for consonant, row in _SYLLABLES.items() for kana, vowel in zip(row, "aiueo", strict=True)
}
_HEPBURN |= {"や": "ya", "ゆ": "yu", "よ": "yo", "わ": "wa", "を": "o", "ん": "n", "ゔ": "vu"}
_HEPBURN |= dict(zip("あいうえお", "aiueo", strict=True))
_HEPBURN |= {"し": "shi", "ち": "chi", "つ": "tsu", "ふ": "fu", "じ": "ji", "ぢ": "ji", "づ": "zu"}
_SMALL_Y = {"ゃ": "a", "ゅ": "u", "ょ": "o"}
_SMALL_VOWELS = dict(zip("ぁぃぅぇぉ", "aiueo", strict=True))
_KATAKANA = {code: chr(code - 0x60) for code in range(ord("ァ"), ord("ヶ") - 1)}
_UNSPELT = re.compile(r"[^\W\d_a-z]")
_GAPS = re.compile(r"[^a-z0-9]+")


async def fresh(
    reads: Reads,
    kind: str,
    *,
    name: str,
    reading: str | None = None,
    parent: str | None = None,
    also: Collection[str] = (),
) -> str:
    """A key that stands for nothing in any edition and that no change of the history ever touched.

    It is spelt in letters where the name is kana or a `reading` is given, else it holds the day. `parent` is the key
    of an option's question; `also` are keys that were given out a moment ago and are not written yet.
    """
    candidates = _numbered(_stem(kind, name=reading or name), parent)
    while True:
        some = [next(candidates) for _ in range(TRIED_AT_ONCE)]
        rows = await reads.many("editions/keys", "used", keys=some)
        used = {str(row["key"]) for row in rows} | set(also)
        for key in some:
            if key not in used:
                return key


async def keyed(reads: Reads, item: Item, *, taken: set[str], where: str) -> Item:
    """The item with a key, and each of its options too; those that have none get one, made from their name.

    `taken` are keys that were given out a moment ago; it grows. Errors: InvalidRequest for a new item without a name.
    """
    fields = item.fields
    if fields.get("key") is None:
        fields = {**fields, "key": await _new(reads, item, taken=taken, where=where)}
    if not isinstance(fields["key"], str):
        raise InvalidRequest("項目の key は文字列にしてください。", where=f"{where}/key")
    kind = registry.kind(item.kind)
    inside = fields.get(kind.owned.name) if kind.owned else None
    if kind.owned and kind.owned_model and isinstance(inside, list):
        about = kind.owned_model.about
        fields = fields | {kind.owned.name: await _with_keys(reads, inside, about=about, parent=fields["key"])}
    return Item(item.kind, fields)


async def _new(reads: Reads, item: Item, *, taken: set[str], where: str) -> str:
    """The key of a new item."""
    kind = registry.kind(item.kind)
    field = kind.about.named_by
    name, reading = item.fields.get(field), item.fields.get("reading")
    if not isinstance(name, str) or not name.strip():
        raise InvalidRequest(f"{kind.fields[field].label}（{field}）を書いてください。", where=where)
    key = await fresh(reads, item.kind, name=name, reading=reading if isinstance(reading, str) else None, also=taken)
    taken.add(key)
    return key


async def _with_keys(reads: Reads, options: Sequence[Any], *, about: ItemKind, parent: str) -> list[Any]:
    """The options, each with a key; what is no option at all is left to the checks of the content."""
    taken = {str(option["key"]) for option in options if isinstance(option, dict) and "key" in option}
    keyed: list[Any] = []
    for option in options:
        if isinstance(option, dict) and option.get("key") is None and isinstance(option.get(about.named_by), str):
            key = await fresh(reads, about.label, name=option[about.named_by], parent=parent, also=taken)
            taken.add(key)
            option = {**option, "key": key}
        keyed.append(option)
    return keyed


def _numbered(stem: str, parent: str | None) -> Iterator[str]:
    """The stem by itself, then with numbers from 2."""
    base = f"{parent}/{stem}" if parent else stem
    yield base
    number = 2
    while True:
        yield f"{base}-{number}"
        number += 1


def _stem(kind: str, *, name: str) -> str:
    spelt, about = romanised(name), registry.kind(kind).about
    if spelt is None:
        return f"{about.stem}-{clock.today():%Y%m%d}"
    return spelt if about.bare else f"{about.stem}-{spelt}"


def romanised(text: str) -> str | None:
    """The text in small letters, digits and hyphens (Hepburn, long vowels as they are written), at most 60 of them.

    None if it holds something else that matters, as kanji: half a name would say something wrong.
    """
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_KATAKANA)
    letters = _spelt(plain)
    if _UNSPELT.search(letters):
        return None
    return _GAPS.sub("-", letters)[:LONGEST].strip("-") or None


def _spelt(text: str) -> str:
    """The text with each kana in letters; what is no kana stays."""
    sounds: list[str] = []
    doubled = kana = False
    for letter in text:
        if letter in "っー":
            doubled = letter == "っ"
            continue
        sound = _HEPBURN.get(letter, letter)
        if kana and letter in _SMALL_Y:
            sound = _glide(sounds, letter)
        elif letter in _SMALL_VOWELS:
            if kana:
                sounds[-1] = sounds[-1][:-1] or "w"
            sound = _SMALL_VOWELS[letter]
        if doubled and sound[:1].isascii():
            sound = ("t" if sound.startswith("ch") else sound[:1]) + sound
        doubled, kana = False, letter in _HEPBURN
        sounds.append(sound)
    return "".join(sounds)


def _glide(sounds: list[str], letter: str) -> str:
    """What a small や, ゆ or よ adds, having taken the i off the sound before it."""
    sounds[-1] = sounds[-1].removesuffix("i")
    return _SMALL_Y[letter] if sounds[-1].endswith(("sh", "ch", "j")) else "y" + _SMALL_Y[letter]
