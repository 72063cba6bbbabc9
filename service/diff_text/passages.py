"""Two versions of a text side by side: what stayed, what went, what came."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal

Mark = Literal["same", "del", "ins"]

_WORD = re.compile(r"[0-9０-９]+|[A-Za-zＡ-Ｚａ-ｚ]+|[一-鿿々〆ヶ]+|[ぁ-ゖー]+|[ァ-ヺー]+|.", re.DOTALL)
_MOST_PAIRS = 250_000
_CHOPPY = 1


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text that is in both versions (`same`), only in the old one (`del`) or only in the new (`ins`)."""

    mark: Mark
    text: str


def segments(before: str, after: str) -> tuple[Segment, ...]:
    """The texts in stretches, of which `same` and `del` make the old one, `same` and `ins` the new one.

    Words are compared, which in Japanese are runs of one script. Where the differing parts are too long to be
    compared in reasonable time they are told as one stretch.
    """
    old, new = _WORD.findall(before), _WORD.findall(after)
    start = _common_beginning(old, new)
    end = _common_beginning(old[start:][::-1], new[start:][::-1])
    inner_old, inner_new = old[start : len(old) - end], new[start : len(new) - end]
    marked_texts = [
        ("same", "".join(old[:start])),
        *_compared(inner_old, inner_new),
        ("same", "".join(old[len(old) - end :])),
    ]
    return tuple(_merged_segments(_without_flicker(marked_texts)))


def stretches(segments_in_order: Iterable[Segment]) -> list[tuple[str, str]]:
    """Every changed place as what went and what came, one of which may be empty."""
    changed_places: list[tuple[str, str]] = []
    for same, group in groupby(segments_in_order, key=lambda segment: segment.mark == "same"):
        if not same:
            parts = {segment.mark: segment.text for segment in group}
            changed_places.append((parts.get("del", ""), parts.get("ins", "")))
    return changed_places


def _common_beginning(words: list[str], other_words: list[str]) -> int:
    """How many words both begin with."""
    count = 0
    for word, other_word in zip(words, other_words, strict=False):
        if word != other_word:
            break
        count += 1
    return count


def _compared(old: list[str], new: list[str]) -> Iterator[tuple[Mark, str]]:
    if len(old) * len(new) > _MOST_PAIRS:
        yield from (("del", "".join(old)), ("ins", "".join(new)))
        return
    for operation, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if operation == "equal":
            yield "same", "".join(old[i:j])
        else:
            yield from (("del", "".join(old[i:j])), ("ins", "".join(new[k:m])))


def _without_flicker(marked_texts: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """A single letter that stayed between two changes reads as changed: a text is not to flicker."""
    filled = [marked_text for marked_text in marked_texts if marked_text[1]]
    calmed: list[tuple[str, str]] = []
    for position, (mark, text) in enumerate(filled):
        if mark == "same" and len(text) <= _CHOPPY and 0 < position < len(filled) - 1:
            calmed += [("del", text), ("ins", text)]
        else:
            calmed.append((mark, text))
    return calmed


def _merged_segments(marked_texts: Iterable[tuple[str, str]]) -> Iterator[Segment]:
    """Neighbours as one: of each changed place first what went, then what came."""
    for same, group in groupby(marked_texts, key=lambda marked_text: marked_text[0] == "same"):
        parts = list(group)
        if same:
            yield Segment("same", "".join(text for _, text in parts))
            continue
        went = "".join(text for mark, text in parts if mark == "del")
        came = "".join(text for mark, text in parts if mark == "ins")
        if went:
            yield Segment("del", went)
        if came:
            yield Segment("ins", came)
