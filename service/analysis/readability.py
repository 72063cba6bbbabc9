"""What is hard to read: sentences without a pause, long rows of kanji, administrative words that nobody explains.

All of it is a hint: these are signs, not rules. Short sentences and explained words are what 在留支援のためのやさしい
日本語ガイドライン (出入国在留管理庁・文化庁, 2020) asks for; the limits are ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from service.analysis.findings import Finding, Saying, told
from service.content import registry
from service.content.models import Content

UNPAUSED = 50
"""Characters in a row without a comma, a full stop or a bracket, from which on a sentence is hard to read."""

LONGEST = 100
"""Characters from which on a whole sentence is."""

KANJI_ROW = 9
"""Kanji in a row from which on a word cannot be taken in at once."""

MENTIONED = 2
"""Items that have to speak of a word before it is worth an explanation of its own."""

SAYINGS: Mapping[str, Saying] = {
    "sentence_unpaused": Saying(
        "hint",
        "{item}の文が、{length}文字のあいだ読点なしで続きます：「{text}」",
        "文を分けるか、読点を打ってください。",
    ),
    "sentence_long": Saying(
        "hint",
        "{item}に、{length}文字の長い文があります：「{text}」",
        "2つ以上の文に分けてください。",
    ),
    "kanji_row": Saying(
        "hint",
        "{item}に、漢字が{length}文字続く言葉があります：「{text}」",
        "言い換えるか、「の」などで分けるか、用語集で説明してください。",
    ),
    "word_unexplained": Saying(
        "hint",
        "行政の言葉「{word}」が{count}件で使われていますが、用語集にありません。",
        "用語集で説明するか、やさしい言葉に言い換えてください。",
    ),
}
"""The severity, sentence and advice for each sign of a text that is hard to read."""

_SENTENCES = re.compile(r"[^。！？\n]+[。！？]?")
_STRETCHES = re.compile(r"[^、。，．！？!?・：:；;（）()「」『』［］\[\]／/\s]+")
_KANJI = "[\u4e00-\u9fff々〆]"
_KANJI_ROW = re.compile(f"{_KANJI}{{{KANJI_ROW},}}")
_ENDINGS = (
    "証明書",
    "申請書",
    "通知書",
    "届書",
    "証",
    "届",
    "票",
    "券",
    "手当",
    "給付金",
    "給付",
    "一時金",
    "控除",
    "年金",
    "税額",
    "保険料",
    "謄本",
    "抄本",
    "被保険者",
    "受給者",
    "申立書",
    "申述書",
    "納付書",
    "請求書",
)
_ADMINISTRATIVE = re.compile(f"{_KANJI}{{1,7}}?(?:{'|'.join(sorted(_ENDINGS, key=len, reverse=True))})(?!{_KANJI})")
_SHORTEST_WORD = 3
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Passage:
    """A text that residents read, and the item it belongs to."""

    key: str
    text: str


def findings(content: Content, called: Mapping[str, str]) -> Iterator[Finding]:
    """Everything in the content that is hard to read; `called` is what each item is called with its kind."""
    passages = list(_passages(content))
    words = sorted((term.term for term in content.terms), key=lambda word: (-len(word), word))
    for passage in passages:
        for code, row in _hard_places(passage, words):
            yield told(code, SAYINGS[code], row=row, called=called)
    for word, keys in _unexplained(content, passages, words).items():
        row = {"keys": keys, "word": word, "count": len(keys)}
        yield told("word_unexplained", SAYINGS["word_unexplained"], row=row, called=called)


def _passages(content: Content) -> Iterator[Passage]:
    """What residents read of questions, procedures and documents, and the explanations of words; names apart."""
    for list_name, kind in registry.current().lists.items():
        read_fields = [entry for entry in kind.fields.values() if entry.mentions and entry.name != "name"]
        for item in getattr(content, list_name) if read_fields else ():
            yield from (Passage(item.key, text) for entry in read_fields if (text := entry.of(item)))
    for question in content.questions:
        for option in question.options:
            yield from (Passage(option.key, text) for text in (option.label, option.help) if text)
    yield from (Passage(term.key, term.meaning) for term in content.terms)
    yield from (Passage(condition.key, condition.label) for condition in content.conditions)


def _hard_places(passage: Passage, words: Sequence[str]) -> Iterator[tuple[str, dict[str, object]]]:
    for sentence in _SENTENCES.findall(passage.text):
        if len(sentence) > LONGEST:
            yield "sentence_long", _row(passage, sentence)
        else:
            yield from (
                ("sentence_unpaused", _row(passage, stretch))
                for stretch in _STRETCHES.findall(sentence)
                if len(stretch) > UNPAUSED
            )
    for kanji_row in _KANJI_ROW.findall(passage.text):
        if not any(word in kanji_row for word in words):
            yield "kanji_row", _row(passage, kanji_row)


def _row(passage: Passage, text: str) -> dict[str, object]:
    shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    return {"keys": [passage.key], "length": len(text), "text": shown.strip()}


def _unexplained(content: Content, passages: Sequence[Passage], words: Sequence[str]) -> dict[str, list[str]]:
    """Administrative words that several items speak of and that nothing explains, with the keys of these items.

    What contains an explained word counts as explained; a procedure or document explains its own name on its page.
    """
    own_names = "\n".join([*(item.name for item in content.procedures), *(item.name for item in content.documents)])
    keys_by_word: dict[str, dict[str, None]] = {}
    for passage in passages:
        for word in set(_ADMINISTRATIVE.findall(passage.text)):
            if (
                len(word) >= _SHORTEST_WORD
                and word not in own_names
                and not any(explained in word for explained in words)
            ):
                keys_by_word.setdefault(word, {})[passage.key] = None
    return {word: sorted(keys) for word, keys in sorted(keys_by_word.items()) if len(keys) >= MENTIONED}
