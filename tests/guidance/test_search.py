"""Search as people type it: spellings, readings, synonyms, sentences, slips; the best first."""

from __future__ import annotations

import time

import pytest

from service.content.models import Content, LifeEvent, Procedure, Term, Window
from service.guidance import search
from service.guidance.search import MOST_LENGTH, MOST_LOOSE, MOST_PARTS, query, results
from tests.searching import searchable_content
from tests.seed import seed

CONTENT = Content(
    format=2,
    life_events=[LifeEvent(key="moving-in", name="転入", summary="市外から引っ越してきた", synonyms=["引っ越し"])],
    procedures=[
        Procedure(key="card", name="マイナンバーカードの継続利用", reading="まいなんばーかーどのけいぞくりよう"),
        Procedure(
            key="enter",
            name="転入届",
            reading="てんにゅうとどけ",
            synonyms=["引っ越し届"],
            summary="引っ越してきた方の届け出です。",
        ),
        Procedure(key="special", name="特例転入", reading="とくれいてんにゅう", summary="転入届をカードで出します。"),
        Procedure(key="birth", name="出生届", reading="しゅっしょうとどけ", synonyms=["赤ちゃんが生まれた"]),
        Procedure(
            key="allowance", name="児童手当の認定請求（出生）", synonyms=["子ども手当", "児童手当"], nature="benefit"
        ),
        Procedure(key="allowance-none", name="児童手当（届け出はいりません）", nature="not_needed"),
        Procedure(key="death", name="死亡届", synonyms=["お葬式", "家族が死んだ", "死んだ"]),
        Procedure(key="seal", name="印鑑登録", reading="いんかんとうろく", synonyms=["はんこの登録"]),
        Procedure(key="check-up", name="0歳〜3歳の健診"),
        Procedure(key="advice", name="9時～17時の相談"),
        Procedure(key="cemetery", name="茅ヶ崎の霊園の使用"),
        Procedure(key="graves", name="磯﨑の墓地の使用"),
        Procedure(key="ashes", name="葛\U000e0100城の納骨堂の使用"),
        Procedure(key="hall", name="竜王の集会所の使用"),
        Procedure(key="special-allowance", name="特別\u200b児童扶養手当"),
    ],
    terms=[
        Term(key="term-a", term="世帯", reading="せたい", meaning="一緒に暮らす人の集まりです。"),
        Term(key="term-b", term="世帯主", reading="せたいぬし", meaning="世帯を代表する人です。"),
        Term(key="term-c", term="転居", reading="てんきょ", meaning="同じ市の中で世帯が引っ越すことです。"),
    ],
    windows=[Window(key="window-branch", name="北出張所", synonyms=["支所"])],
)
AMONG = searchable_content(CONTENT)


def _keys(typed: str) -> list[str]:
    return [entry.key for entry in results(AMONG, typed).procedures]


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ("転入届", ["enter", "special"]),
        ("てんにゅう", ["enter", "special"]),
        ("テンニュウ", ["enter", "special"]),
        ("ﾃﾝﾆｭｳ", ["enter", "special"]),
        ("まいなんばー カード", ["card"]),
        ("届　出生", ["birth", "allowance"]),
        ("存在しない", []),
        ("", []),
        ("　 ", []),
        ("「」", []),
    ],
)
def test_what_is_found(typed: str, keys: list[str]) -> None:
    assert _keys(typed) == keys


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("転入屆", "enter"),
        ("転入届け", "enter"),
        ("転入届出", "enter"),
        ("転入とどけ", "enter"),
        ("てんにゅうとど\u3051", "enter"),
        ("転入の手続き", "enter"),
        ("転入申請", "enter"),
        ("引越届", "enter"),
        ("引越し届け", "enter"),
        ("ひっこしとどけ", "enter"),
        ("出生とどけで", "birth"),
        ("赤ちゃん　生まれた", "birth"),
        ("赤ちゃんが生まれました", "birth"),
        ("あかちゃんがうまれた", "birth"),
        ("児童手当て", "allowance"),
        ("こども手当", "allowance"),
        ("子供手当て", "allowance"),
        ("児童手当の手続きをしたい", "allowance"),
        ("葬式", "death"),
        ("御葬式", "death"),
        ("おそうしき", "death"),
        ("父が死んだ", "death"),
        ("印かん登録", "seal"),
        ("いんかん登録", "seal"),
        ("判子の登録", "seal"),
    ],
)
def test_other_spellings_of_the_same_words(typed: str, first: str) -> None:
    assert _keys(typed)[:1] == [first]


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("\ufeff転入届", "enter"),
        ("転入\u200b届", "enter"),
        ("転入\u00ad届", "enter"),
        ("転入\u2060届", "enter"),
        ("転入届\u200e", "enter"),
        ("転\U000e0100入届", "enter"),
        ("転入届\U000e0101", "enter"),
        ("転入届\ufe0e", "enter"),
        ("\u00a0転入届", "enter"),
        ("転入届\u3164", "enter"),
        ("転入届\uffa0", "enter"),
        ("転入\u202e届", "enter"),
        ("転入　届", "enter"),
        ("てんにゅうとと\u3099け", "enter"),
        ("ﾃﾝﾆｭｳﾄﾄﾞｹ", "enter"),
        ("0歳～3歳", "check-up"),
        ("0歳~3歳", "check-up"),
        ("０歳∼３歳", "check-up"),
        ("9時〜17時", "advice"),
        ("茅ヶ崎", "cemetery"),
        ("茅が崎", "cemetery"),
        ("茅ケ崎", "cemetery"),
        ("茅ガ崎", "cemetery"),
        ("磯﨑", "graves"),
        ("磯崎", "graves"),
        ("葛城の納骨堂", "ashes"),
        ("竜王", "hall"),
        ("龍王", "hall"),
        ("特別児童扶養手当", "special-allowance"),
    ],
)
def test_what_looks_the_same_is_the_same(typed: str, key: str) -> None:
    assert _keys(typed)[:1] == [key]


def test_what_is_to_be_done_stands_before_what_is_not() -> None:
    assert _keys("児童手当") == ["allowance", "allowance-none", "special-allowance"]
    assert _keys("児童") == ["allowance", "allowance-none", "special-allowance"]


def test_life_events_and_windows_are_found_by_their_synonyms() -> None:
    assert [event.key for event in results(AMONG, "引越し").life_events] == ["moving-in"]
    assert [window.key for window in results(AMONG, "支所").windows] == ["window-branch"]


def test_terms_are_found_by_their_meaning_last() -> None:
    assert [term.key for term in results(AMONG, "せたい").terms] == ["term-a", "term-b", "term-c"]
    assert [term.key for term in results(AMONG, "世帯").terms] == ["term-a", "term-b", "term-c"]


@pytest.mark.parametrize(
    ("typed", "meant", "first"),
    [
        ("じどうてあと", "児童手当", "allowance"),
        ("印鑑登縁", "印鑑登録", "seal"),
        ("てんにゆうとどけ", "転入届", "enter"),
        ("マイナンパーカードの継続利用", "マイナンバーカードの継続利用", "card"),
    ],
)
def test_a_slip_finds_what_was_meant(typed: str, meant: str, first: str) -> None:
    found = results(AMONG, typed)
    assert query(found.meant[0]).forms[-1] == query(meant).forms[-1]
    assert found.procedures[0].key == first and not found.partly


def test_a_sentence_finds_what_has_most_of_its_words() -> None:
    found = results(AMONG, "旦那が昨日死んだので銀行に電話した")
    assert found.partly and [entry.key for entry in found.procedures] == ["death"]
    assert not results(AMONG, "銀行に電話した").count


def test_long_input_is_cut() -> None:
    assert query("あ" * 10_000).forms[0] == "あ" * MOST_LENGTH
    assert len(query(" ".join("abcdefghijklmnop")).parts) == MOST_PARTS


def test_a_search_costs_little() -> None:
    """At most ten milliseconds of the processor for what is found, what is meant, and what is found in part."""
    among = searchable_content(seed())
    for typed in ("児童手当", "じどうてあと", "旦那が昨日死んだので銀行に電話した"):
        began = time.process_time()
        for _ in range(10):
            results(among, typed)
        assert (time.process_time() - began) / 10 < 0.010, typed
    assert len(search.partly_found(among.procedures, query("国民健康保険と住民票を海外で"))) <= MOST_LOOSE
