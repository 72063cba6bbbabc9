"""Who comes to an item: counts over all answer patterns, checked by going through every household one by one."""

from __future__ import annotations

import random

import pytest

from service.analysis.reach import reach
from service.content.loading import read_plain
from service.content.models import Content, ItemModel
from tests.content.test_dependents import CONTENT
from tests.seed import seed

SMALL = read_plain(CONTENT)


def _item(content: Content, key: str) -> ItemModel:
    lists = ("life_events", "questions", "conditions", "procedures", "documents", "windows", "terms", "laws")
    found: list[ItemModel] = [item for name in lists for item in getattr(content, name) if item.key == key]
    return found[0]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("move", [("move", 3, 3)]),
        ("who", [("move", 3, 3)]),
        ("child", [("move", 2, 3)]),
        ("if-child", [("move", 1, 3)]),
        ("todoke", [("move", 3, 3), ("other", 1, 1)]),
        ("teate", [("move", 1, 3)]),
        ("paper", [("move", 1, 3)]),
        ("card", [("move", 3, 3), ("other", 1, 1)]),
        ("mado", [("move", 3, 3), ("other", 1, 1)]),
    ],
)
def test_counts_are_those_of_all_answers(key: str, expected: list[tuple[str, int, int]]) -> None:
    """ひとり; 家族 with a child; 家族 without one."""
    found = reach(SMALL, _item(SMALL, key))
    assert found is not None
    assert [(one.event, one.count, one.patterns) for one in found] == expected


def test_the_example_is_a_household_that_comes_to_it() -> None:
    found = reach(SMALL, _item(SMALL, "teate"))
    assert found is not None and found[0].example is not None
    assert {answer.question: answer.options for answer in found[0].example} == {
        "who": ("who/b",),
        "child": ("child/y",),
    }


def test_nobody_comes_to_what_no_condition_lists() -> None:
    alone = {"key": "alone", "name": "だれにも出ない", "handled_at": ["mado"]}
    windows = [*CONTENT["windows"], {"key": "unused", "name": "使われない窓口"}]
    content = read_plain({**CONTENT, "procedures": [*CONTENT["procedures"], alone], "windows": windows})
    assert reach(content, _item(content, "alone")) == ()
    assert reach(content, _item(content, "unused")) == ()


def test_what_no_household_meets_has_no_count() -> None:
    terms = [{"key": "term-x", "term": "世帯主", "meaning": "代表する人"}]
    content = read_plain({**CONTENT, "terms": terms})
    assert reach(content, _item(content, "term-x")) is None


def test_what_is_too_large_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.analysis.bdd.VARIABLES", 1)
    found = reach(SMALL, _item(SMALL, "teate"))
    assert found is not None
    assert [(one.event, one.count, one.example) for one in found] == [("move", None, None)]


def test_no_life_event_is_left_out_that_somebody_comes_through() -> None:
    """The life events that are looked at are guessed beforehand; here each of the seed is looked at."""
    content = seed()
    rng = random.Random("reach")
    for item in rng.sample(content.windows, 3) + rng.sample(content.documents, 3) + rng.sample(content.laws, 3):
        found = {one.event for one in reach(content, item) or ()}
        users = [
            one.key
            for one in content.procedures
            if item.key in (*(one.needs or ()), *(one.handled_at or ()), *(one.governed_by or ()))
        ]
        rows = [row for row in content.conditions if set(row.selects) & set(users) or item.key in row.needs]
        assert found == {event for row in rows for event in row.life_events}, item.key
