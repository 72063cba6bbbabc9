"""Folding for the search, and the order of the kana table."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from service.content.japanese import ROWS, folded, row, sort_key, told_reading

JAPANESE = st.text(
    st.characters(min_codepoint=0x3041, max_codepoint=0x30FE)
    | st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)
    | st.characters(min_codepoint=0xFF01, max_codepoint=0xFF9F)
    | st.characters(min_codepoint=0x20, max_codepoint=0x7E),
    max_size=12,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("マイナンバーカード", "まいなんばーかーど"),
        ("マイナンバーカード", "ﾏｲﾅﾝﾊﾞｰｶｰﾄﾞ"),
        ("マイナンバー カード", "マイナンバ・カ－ド"),
        ("ＤＶ", "dv"),
        ("１４日", "14日"),
        ("霞ヶ関", "霞ケ関"),
        ("霞ヶ関", "霞け関"),
        ("３ヵ月", "3カ月"),
        ("ヴィザ", "ゔぃざ"),
        ("サーバー", "サーバ"),
        ("母子　健康・手帳", "母子健康手帳"),
        ("が", "か\u3099"),
        ("㈱", "(株)"),
        ("0歳〜3歳", "0歳～3歳"),
        ("0歳〜3歳", "0歳~3歳"),
        ("髙橋", "高橋"),
        ("磯﨑", "磯崎"),
        ("龍王", "竜王"),
        ("渡邉", "渡邊"),
        ("吉備髙原", "吉備高原"),
        ("葛\U000e0100城", "葛城"),
        ("転入\u200b届\ufe0e", "転入届"),
        ("てつずき", "てつづき"),
        ("つー\u3099き", "ずき"),
    ],
)
def test_the_same_word(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(
    ("one", "other"), [("転入", "転出"), ("かき", "がき"), ("きゃく", "きやく"), ("じゆう", "じゅう")]
)
def test_different_words(one: str, other: str) -> None:
    assert folded(one) != folded(other)


def test_nothing_is_left_of_blanks_and_marks() -> None:
    assert folded(" 　・ー-〜\t\n") == ""
    assert folded("\u200b\u3164\ufeff\U000e0101") == ""


@given(JAPANESE)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(JAPANESE, JAPANESE)
def test_a_part_of_a_text_is_found_in_it(before: str, word: str) -> None:
    """No word begins with a voicing mark: it would join the letter before it."""
    assume(not folded(word).startswith(("\u3099", "\u309a")))
    assert folded(word) in folded(f"{before} {word}")


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        ("がくせい", "か"),
        ("ガクセイ", "か"),
        ("ｶﾞｸｾｲ", "か"),
        ("ぱすぽーと", "は"),
        ("んだ", "わ"),
        ("ゔぃざ", "あ"),
        ("ヴィザ", "あ"),
        ("ゃ", "や"),
        ("ヶ", "か"),
        ("いんかん", "あ"),
        ("転入", None),
        ("DV", None),
        ("", None),
    ],
)
def test_rows(reading: str, expected: str | None) -> None:
    assert row(reading) == expected


def test_every_kana_has_its_row() -> None:
    for name, members in ROWS.items():
        assert {row(kana) for kana in members} == {name}
    syllabary = [chr(code) for code in range(ord("ぁ"), ord("ゖ") + 1)]
    assert all(row(kana) for kana in syllabary)
    assert all(row(kana) == row(chr(ord(kana) + 0x60)) for kana in syllabary)


@pytest.mark.parametrize(
    "readings",
    [
        ["DV", "あ", "かき", "かぎ", "がき", "がぎ", "かきく", "かく"],
        ["はは", "はば", "はぱ", "ばは"],
        ["あい", "かい", "さい", "たい", "ない", "はい", "まい", "やい", "らい", "わい", "んい"],
        ["かーと", "カード", "かい", "カウント"],
        ["きやあ", "きゃい", "きやう"],
        ["あっか", "あつき"],
    ],
)
def test_the_order_of_the_kana_table(readings: list[str]) -> None:
    assert sorted(sorted(readings), key=sort_key) == readings
    assert sorted(reversed(readings), key=sort_key) == readings


@pytest.mark.parametrize(
    ("reading", "letters"), [("ガッコウ", "かつこう"), ("ｼﾞﾄﾞｳ", "しとう"), ("ぱーと", "はあと"), ("きゃく", "きやく")]
)
def test_sorting_looks_at_plain_letters_first(reading: str, letters: str) -> None:
    assert sort_key(reading)[0] == letters


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("かき", "がき"),
        ("がき", "かきく"),
        ("はは", "はば"),
        ("はば", "はぱ"),
        ("かあと", "かい"),
        ("かーど", "かい"),
        ("らん", "わ"),
    ],
)
def test_what_comes_first(earlier: str, later: str) -> None:
    assert sort_key(earlier) < sort_key(later)


def test_katakana_and_hiragana_sort_alike() -> None:
    assert sort_key("カード") == sort_key("かーど") == sort_key("ｶｰﾄﾞ")


@pytest.mark.parametrize(
    ("name", "reading", "told"),
    [
        ("在留カード", "ざいりゅうかーど", "ざいりゅうカード"),
        ("標識（ナンバープレート）", "ひょうしき（なんばーぷれーと）", "ひょうしき（ナンバープレート）"),
        ("学生の特例（マル学）", "がくせいのとくれい（マルがく）", "がくせいのとくれい（マルがく）"),
        ("マイナンバーカード", "まいなんばーかーど", None),
        ("ごみ", "ごみ", None),
        ("転入届", "てんにゅうとどけ", "てんにゅうとどけ"),
    ],
)
def test_a_reading_has_the_katakana_of_its_name_and_is_left_out_where_it_says_nothing(
    name: str, reading: str, told: str | None
) -> None:
    assert told_reading(name, reading) == told
