"""Letters that nobody sees, and the forms of one kanji."""

from __future__ import annotations

import unicodedata

import pytest
from pydantic import ValidationError

from service.content.item_yaml import read
from service.content.letters import bare, usual_forms, visible
from service.content.loading import read_bytes
from service.content.models import Kind, Term
from service.errors import InvalidContent


def test_what_nobody_sees_is_taken_out_of_every_text() -> None:
    for letter in "\u00ad\u200b\u200c\u200e\u2060\u3164\uffa0\U000e0001":
        assert visible(f"転入{letter}届") == "転入届"
        assert Term(key="a", term=f"転入{letter}届", meaning="届け出です。").term == "転入届"
    yaml = 'format: 2\nterms:\n  - {key: a, term: 転入\u200b届, meaning: "届け\\u200b出です。"}\n'
    [term] = read_bytes(yaml.encode(), "a.yaml").terms
    assert (term.term, term.meaning) == ("転入届", "届け出です。")
    assert read("\u200bterm: 転入届\n", Kind.TERM, key=None) == {"term": "転入届"}


def test_nothing_but_what_nobody_sees_is_nothing() -> None:
    with pytest.raises(ValidationError):
        Term(key="a", term="\u200b\u3164", meaning="空です。")


def test_what_chooses_a_glyph_stays_and_is_not_searched() -> None:
    for text in ("葛\U000e0100城", "☎\ufe0f", "👪🏽\u200d🦱", "転入届"):
        assert visible(text) == text
    assert bare("葛\U000e0100城") == "葛城" and bare("👪🏽\u200d🦱") == "👪🏽🦱"


@pytest.mark.parametrize("letter", "\u202a\u202e\u2066\u2069")
def test_what_turns_letters_round_is_refused_by_its_name(letter: str) -> None:
    yaml = f"format: 2\nterms:\n  - key: a\n    term: 転{letter}入\n    meaning: あ\n"
    with pytest.raises(InvalidContent) as refused:
        read_bytes(yaml.encode(), "a.yaml")
    [problem] = refused.value.problems
    assert f"U+{ord(letter):04X}" in problem.message and problem.line == 4
    with pytest.raises(ValidationError):
        Term(key="a", term=f"転{letter}入", meaning="あ")


@pytest.mark.parametrize(
    ("rare", "usual"),
    [
        ("髙﨑澤龍邉邊濵濱", "高崎沢竜辺辺浜浜"),
        ("栁桒嶋嶌齋齊德惠冨", "柳桑島島斎斉徳恵富"),
        ("廣國櫻屆壽瀧舘渕𠮷", "広国桜届寿滝館淵吉"),
    ],
)
def test_the_forms_of_one_kanji(rare: str, usual: str) -> None:
    assert usual_forms(rare) == usual
    assert usual_forms(usual) == usual


def test_the_table_leads_to_letters_that_stay() -> None:
    everyday = "功切師帥書昼着著王玉書類届出申請児童手当転入転出転居婚姻離婚死亡出生戸籍印鑑住民票国民健康保険年金"
    assert usual_forms(everyday).replace("王", "玉") == everyday.replace("王", "玉")
    every = "".join(map(chr, [*range(0x3400, 0xA000), *range(0xFA0E, 0xFA2A), *range(0x20000, 0x2A6E0)]))
    once = usual_forms(every)
    assert usual_forms(once) == once and len(once) == len(every)
    assert unicodedata.normalize("NFKC", once) == unicodedata.normalize("NFKC", usual_forms(every))
