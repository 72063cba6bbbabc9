"""Search as people type it: kana, width, readings, synonyms, several words, the best first."""

from __future__ import annotations

import pytest

from service.content.models import Term
from service.guidance.search import MOST_LENGTH, MOST_WORDS, found, words
from service.store.catalogue import Entry, Folded


def _entry(key: str, name: str, reading: str = "", *, synonyms: tuple[str, ...] = (), summary: str = "") -> Entry:
    named, described = (name, reading, *synonyms), (summary, "住所")
    return Entry(key, name, reading, summary, "住所", "duty", (), named, described)


ENTRIES = [
    _entry("card", "マイナンバーカードの継続利用", "まいなんばーかーどのけいぞくりよう"),
    _entry("enter", "転入届", "てんにゅうとどけ", synonyms=("引っ越し届",), summary="引っ越してきた方の届け出です。"),
    _entry("special", "特例転入", "とくれいてんにゅう", summary="転入届をカードで出します。"),
    _entry("birth", "出生届", "しゅっしょうとどけ"),
]


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ("転入届", ["enter", "special"]),
        ("てんにゅう", ["enter", "special"]),
        ("テンニュウ", ["enter", "special"]),
        ("ﾃﾝﾆｭｳ", ["enter", "special"]),
        ("まいなんばー カード", ["card"]),
        ("引越届", []),
        ("引っ越し", ["enter"]),
        ("届　出生", ["birth"]),
        ("存在しない", []),
        ("", []),
        ("　 ", []),
    ],
)
def test_what_is_found(typed: str, keys: list[str]) -> None:
    assert [entry.key for entry in found(map(Folded.of, ENTRIES), words(typed))] == keys


def test_terms_are_found_by_their_meaning_last() -> None:
    given = [
        Term(key="term-a", term="世帯", reading="せたい", meaning="一緒に暮らす人の集まりです。"),
        Term(key="term-b", term="世帯主", reading="せたいぬし", meaning="世帯を代表する人です。"),
        Term(key="term-c", term="転居", reading="てんきょ", meaning="同じ市の中で世帯が引っ越すことです。"),
    ]
    terms = [Folded.of(term) for term in given]
    assert [term.key for term in found(terms, words("せたい"))] == ["term-a", "term-b"]
    assert [term.key for term in found(terms, words("世帯"))] == ["term-a", "term-b", "term-c"]


def test_long_input_is_cut() -> None:
    assert words("あ" * 10_000) == ("あ" * MOST_LENGTH,)
    assert len(words(" ".join("abcdefghijklmnop"))) == MOST_WORDS
