"""What an unsaved change means for residents, in words: gained, lost, the same, and what cannot be decided."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

from service.analysis.comparison import Comparison, compare_events
from service.content import patches
from service.content.loading import read_plain
from service.content.models import Content, Edition
from service.diff_text import differences
from service.editions.trials import Trial
from service.web.rendering import environment
from service.web.staff import effects
from tests.web.test_edition_pages import CONTENT

LIVE = Edition(
    3,
    "公開",
    "published",
    scheduled=False,
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
    published_at=None,
    content_hash="a",
)


def _with_clauses(*clauses: list[str]) -> Content:
    one, other = CONTENT["conditions"]
    return read_plain(CONTENT | {"conditions": [one, other | {"requires": list(clauses)}]})


def _words(after: Content, *, steps: int = 10_000) -> str:
    before = read_plain(CONTENT)
    compared = compare_events(before, after, events=("move",), steps=steps)
    names = differences.names(patches.items(before), patches.items(after))
    trial = Trial((), LIVE, before, after, Comparison((compared,), ()), names)
    macros: Any = environment().get_template("staff/trial.html").module
    html = str(macros.effects(effects.of_trial(trial), LIVE, 7))
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())


def test_who_gets_a_procedure_and_who_loses_it() -> None:
    gained = _words(_with_clauses())
    assert "『家族の手当』が新たに出る人がいます。1通り 例）「だれが引っ越しますか」に「ひとり」の方" in gained
    assert "出なくなる手続きはありません。" in gained and "2通りの答え方のうち、1通りで変わります" in gained
    swapped = _words(_with_clauses(["who/alone"]))
    assert "が出なくなる人がいます" in swapped and "手続きはありません" not in swapped


def test_nothing_changes_or_nothing_is_known() -> None:
    assert "変わりません。すべての答え方で確かめました" in _words(read_plain(CONTENT))
    assert "判断できません" in _words(_with_clauses(), steps=1)
