"""Texts as a search compares them: their letters, how they sound, and their words whatever way they are written.

「届出」「届け出」「とどけで」 are one word, 「引越」 and 「ひっこし」 too: the dictionary of Sudachi knows how words
are read and usually spelt. Its file is mapped into memory, so all processes of a machine share it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from threading import Lock

from sudachipy import Dictionary, Morpheme, SplitMode, Tokenizer

from service.caching import PROCESS, Part
from service.content.japanese import folded
from service.content.letters import bare, usual_forms

MOST_LENGTH = 4_000
"""Of longer texts the beginning is read; the dictionary takes three times as many at once."""

_SIGNS = frozenset({"補助記号", "空白", "記号"})
_CARRY_NO_MEANING = frozenset({"助詞", "助動詞", "接頭辞", "感動詞", "連体詞", "代名詞", "接続詞", "副詞"})
_HONORIFIC = frozenset({"御"})
_LIGHT = frozenset(
    {
        *("為る", "居る", "有る", "成る", "出来る", "遣る", "貰う", "呉れる", "下さる", "頂く", "為さる", "御座る"),
        *("置く", "仕舞う", "見る", "行く", "来る", "要る", "知る", "分かる", "教える", "欲しい", "良い", "無い"),
        *(
            "こと",
            "もの",
            "とき",
            "ところ",
            "事",
            "物",
            "時",
            "所",
            "為",
            "方",
            "場合",
            "必要",
            "方法",
            "仕方",
            "遣り方",
            "何",
            "様",
            "さん",
            "達",
            "等",
        ),
        *("的", "中", "後", "前", "人"),
    }
)
"""Words that say nothing of what somebody looks for, as Sudachi writes them."""
ACT = "届"
"""What people do at a window, whatever it is called: who looks for 転入申請 or 転入の手続き means 転入届."""
_ACTS = dict.fromkeys(("届", "届出", "申請", "請求", "申込", "手続"), ACT)
_KANJI = re.compile("[\u3005\u3007\u3400-\u9fff\U00020000-\U0003ffff]")
_BETWEEN_KANJI = re.compile(r"(?<=[\u4e00-\u9fff々〇0-9])[けかが](?=[\u4e00-\u9fff])")
_one_at_a_time = Lock()
"""A tokenizer serves one thread; a text takes it some twenty microseconds."""


@dataclass(frozen=True, slots=True)
class Spelt:
    """A text to be compared: how it is written and how it sounds, folded, and the words in it, in order.

    `written` is empty for blanks and signs; it holds a second form where kana may stand for a ヶ.
    """

    text: str
    written: tuple[str, ...]
    sound: str
    words: tuple[str, ...]

    @property
    def letters(self) -> str:
        """The text as it is written."""
        return self.written[0] if self.written else ""

    @property
    def forms(self) -> tuple[str, ...]:
        """All that may be the same as another text's."""
        return tuple(dict.fromkeys((*self.written, self.sound))) if self.sound else self.written


_kept: Part[str, Spelt] = PROCESS.part(lambda spelt: 600 + 12 * len(spelt.text) + 80 * len(spelt.words))


def spelt(text: str) -> Spelt:
    """The text to be compared, kept while there is room; kana between kanji (3か月, 茅が崎) may stand for a ヶ."""
    kept = _kept.get(text)
    if kept is None:
        kept = _read(text)
        _kept.put(text, kept)
    return kept


def _read(text: str) -> Spelt:
    letters = folded(text)
    morphemes = _morphemes(_readable(text))
    written = dict.fromkeys((letters, _BETWEEN_KANJI.sub("け", letters))) if letters else ()
    return Spelt(
        text, tuple(written), folded("".join(_sound(morpheme) for morpheme in morphemes)), tuple(_words(morphemes))
    )


def _readable(text: str) -> str:
    """The text as the dictionary writes words."""
    plain = unicodedata.normalize("NFKC", bare(text[:MOST_LENGTH]))
    return unicodedata.normalize("NFKC", usual_forms(plain))


def _morphemes(text: str) -> list[Morpheme]:
    with _one_at_a_time:
        return list(_tokenizer().tokenize(text))


@cache
def _tokenizer() -> Tokenizer:
    return Dictionary(dict="small").tokenizer(SplitMode.A)


def _sound(morpheme: Morpheme) -> str:
    """How the morpheme is read; signs and 「お」 before a word are silent, letters of other scripts stay."""
    if morpheme.part_of_speech()[0] in _SIGNS or _is_honorific(morpheme):
        return ""
    surface = morpheme.surface()
    return surface if surface.isascii() else morpheme.reading_form() or surface


def _is_honorific(morpheme: Morpheme) -> bool:
    return morpheme.part_of_speech()[0] == "接頭辞" and morpheme.normalized_form() in _HONORIFIC


def _words(morphemes: list[Morpheme]) -> Iterator[str]:
    """The words that carry meaning; where there are none, all.

    Light ones are left out only beside kanji: a text in kana alone is often cut in the wrong places, and what is left
    of it would mean something else (じどうてあて is no 自動).
    """
    plain = [
        morpheme for morpheme in morphemes if morpheme.part_of_speech()[0] not in _SIGNS and not _is_honorific(morpheme)
    ]
    telling = [morpheme for morpheme in plain if morpheme.part_of_speech()[0] not in _CARRY_NO_MEANING]
    light = _LIGHT if any(_KANJI.search(morpheme.surface()) for morpheme in plain) else frozenset[str]()
    words = [_stem(morpheme.normalized_form()) for morpheme in telling if morpheme.normalized_form() not in light]
    yield from words or [_stem(morpheme.normalized_form()) for morpheme in plain]


def _stem(word: str) -> str:
    """The word without its endings, so that 引っ越す and 引っ越し are one: its kanji, where it is written with any."""
    normalized = folded(word)
    kanji = "".join(_KANJI.findall(normalized))
    return _ACTS.get(kanji, kanji) or normalized
