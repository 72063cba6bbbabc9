"""Words whatever way they are written, and how texts sound."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from service.content.words import spelt


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("引っ越し", "引越"),
        ("引っ越す", "引越し"),
        ("届け出", "届出"),
        ("申し込み", "申込"),
        ("手当て", "手当"),
        ("子ども", "こども"),
        ("お葬式", "葬式"),
        ("ご遺族", "遺族"),
        ("死んだ", "死にました"),
        ("くるま", "車"),
        ("児童手当の申請", "児童手当の手続き"),
        ("入りたい", "入るとき"),
    ],
)
def test_the_same_words(one: str, other: str) -> None:
    assert spelt(one).words == spelt(other).words


@pytest.mark.parametrize(("one", "other"), [("転入", "転出"), ("入る", "出る"), ("死んだ", "亡くなった"), ("犬", "猫")])
def test_other_words(one: str, other: str) -> None:
    assert spelt(one).words != spelt(other).words


@pytest.mark.parametrize(
    ("text", "sound"),
    [
        ("転入とどけ", "てんにゅうとどけ"),
        ("戸籍とう本", "こせきとうほん"),
        ("印かん", "いんかん"),
        ("御葬儀", "そうぎ"),
        ("（転居届）", "てんきょとどけ"),
        ("DV相談", "dvそうだん"),
    ],
)
def test_how_it_sounds(text: str, sound: str) -> None:
    assert spelt(text).forms[-1] == sound


def test_a_small_ke_and_the_kana_that_are_typed_for_it_have_a_form_in_common() -> None:
    for one, other in (("茅ヶ崎", "茅が崎"), ("3ヶ月", "３か月"), ("3ヵ月", "3ケ月")):
        assert set(spelt(one).forms) & set(spelt(other).forms)


def test_nothing_is_nothing() -> None:
    assert spelt("　・ー").forms == () and spelt("　・ー").letters == "" and spelt("").words == ()


def test_words_that_say_little_are_left_out_where_others_say_more() -> None:
    assert spelt("死んだときに必要なこと").words == ("死",)
    assert spelt("これは").words and spelt("する").words
    assert spelt("あ" * 5_000 + "届").letters.endswith("届")


def test_threads_may_ask_at_once() -> None:
    texts = [f"{number}人目の子どもの児童手当" for number in range(200)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(spelt, texts))
    assert [one.text for one in found] == texts and all("手当" in one.words for one in found)
