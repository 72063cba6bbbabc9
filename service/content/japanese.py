"""Japanese letters folded for searching and sorting, so that the same word is the same text."""

from __future__ import annotations

import re
import unicodedata

from service.content.letters import bare, usual_forms

ROWS = {
    "あ": "あいうえお",
    "か": "かきくけこ",
    "さ": "さしすせそ",
    "た": "たちつてと",
    "な": "なにぬねの",
    "は": "はひふへほ",
    "ま": "まみむめも",
    "や": "やゆよ",
    "ら": "らりるれろ",
    "わ": "わゐゑをん",
}

_KATAKANA = re.compile("[ァ-ヺー]{2,}")
_ROW_OF = {kana: row for row, members in ROWS.items() for kana in members}
_HIRAGANA = {katakana: chr(katakana - 0x60) for katakana in range(ord("ァ"), ord("ヶ") + 1)}
_HIRAGANA |= {
    ord("ヽ"): "ゝ",
    ord("ヾ"): "ゞ",
    ord("ヵ"): "か",
    ord("ヶ"): "け",
    ord("ゕ"): "か",
    ord("ゖ"): "け",
}
_IGNORED = dict.fromkeys(map(ord, "ー〜～~˜∼∽〰・･ \t\r\n\u3000‐‑‒–—―−-"))
_SOUNDS_ALIKE = str.maketrans("ぢづゐゑを", "じずいえお")
_LARGE = str.maketrans("ぁぃぅぇぉっゃゅょゎ", "あいうえおつやゆよわ")
_VOICING = {0x3099: None, 0x309A: None}
_VOWELS = {
    kana: vowel
    for vowel, members in {
        "あ": "あかさたなはまやらわ",
        "い": "いきしちにひみりゐ",
        "う": "うくすつぬふむゆる",
        "え": "えけせてねへめれゑ",
        "お": "おこそとのほもよろを",
    }.items()
    for kana in members
}


def folded(text: str) -> str:
    """The text for comparing in a search.

    Width, capitals, katakana or hiragana, ヶ or け, forms of one kanji, long vowel marks, waves, hyphens, ・, blanks
    and what nobody sees make no difference; nor do kana that sound alike (ぢ and じ).
    """
    plain = _plain(bare(text)).translate(_HIRAGANA).translate(_IGNORED)
    return unicodedata.normalize("NFKC", usual_forms(plain)).translate(_SOUNDS_ALIKE)


def _plain(text: str) -> str:
    """The text without differences of width and capitals."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def told_reading(name: str, reading: str) -> str | None:
    """The reading as it is shown beside the name: its katakana words as the name has them; None where it says nothing.

    Letters that name and reading share, such as brackets and Latin ones, stay as they are.
    """
    told = reading
    for word in _KATAKANA.findall(name):
        told = told.replace(word.translate(_HIRAGANA), word)
    return None if told == name else told


def row(reading: str) -> str | None:
    """The row of the kana table that a reading stands in (か for がくせい); None if it begins with no kana."""
    return _ROW_OF.get(sort_key(reading)[0][:1])


def sort_key(reading: str) -> tuple[str, str]:
    """What readings are sorted by in the order of the kana table (JIS X 4061, simplified).

    First by letters without voicing marks, small ones as large ones and long vowel marks as their vowel; then
    か before が and は before ば before ぱ.
    """
    hiragana = _plain(reading).translate(_HIRAGANA)
    marked = unicodedata.normalize("NFD", hiragana).translate(_LARGE)
    return _long_vowels(marked.translate(_VOICING)).translate(_IGNORED), marked


def _long_vowels(text: str) -> str:
    """The text with each long vowel mark as the vowel that it lengthens."""
    written: list[str] = []
    for letter in text:
        vowel = _VOWELS.get(written[-1]) if letter == "ー" and written else None
        written.append(vowel or letter)
    return "".join(written)
