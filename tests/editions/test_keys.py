"""Keys spelt from names: from kana and letters only, never from half a name."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.content import registry
from service.content.models import Kind
from service.editions.keys import LONGEST, romanised

KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        ("てんにゅうとどけ", "tennyuutodoke"),
        ("がっこう", "gakkou"),
        ("まっちゃ", "matcha"),
        ("マイナンバーカード", "mainanbakado"),
        ("ファミリー", "famiri"),
        ("ウィーン", "win"),
        ("だい1ごう ひほけんしゃ", "dai1gou-hihokensha"),
        ("ほけん（しょう）・ほか", "hoken-shou-hoka"),
        ("ＡＢＣ　１２", "abc-12"),
        ("New Baby!", "new-baby"),
        ("転入届", None),
        ("DVのひがい者", None),
        ("é", None),
        ("ー", None),
        ("!?", None),
    ],
)
def test_kana_is_spelt_and_nothing_else_is_guessed(text: str, spelt: str | None) -> None:
    assert romanised(text) == spelt


@given(st.text(st.sampled_from("ぁあがきぎゃしゅっちょつんゔァヴヶー 　-・aZ9（証"), max_size=90))
def test_what_is_spelt_is_a_key(text: str) -> None:
    spelt = romanised(text)
    assert spelt is None or (KEY.fullmatch(spelt) and len(spelt) <= LONGEST)
    assert ("証" in text) <= (spelt is None)


def test_every_kind_has_a_beginning() -> None:
    stems = {kind.about.stem for kind in registry.current().kinds.values()}
    assert len(stems) == len(Kind)
    assert all(KEY.fullmatch(stem) for stem in stems)
