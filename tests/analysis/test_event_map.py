"""A life event as a decision table, and what hangs together with one item of it."""

from __future__ import annotations

from typing import Any

import pytest

from service.analysis.event_map import Cell, Through, event_map
from service.content.loading import read_plain
from service.web.staff.event_map import said
from service.web.staff.households import share_of
from tests.seed import seed


def _options(question: str, *keys: str) -> list[dict[str, Any]]:
    return [{"key": f"{question}/{key}", "label": key.upper()} for key in keys]


CONTENT = read_plain(
    {
        "format": 2,
        "life_events": [{"key": "move", "name": "引っ越し"}, {"key": "other", "name": "別"}],
        "questions": [
            {"key": "who", "text": "だれ", "kind": "one", "position": 1, "options": _options("who", "a", "b")},
            {
                "key": "child",
                "text": "子",
                "kind": "many",
                "position": 2,
                "options": _options("child", "x", "y", "z"),
                "asked_after": ["who/b"],
            },
            {"key": "car", "text": "車", "kind": "one", "position": 3, "options": _options("car", "a", "b")},
            {"key": "far", "text": "別", "kind": "one", "position": 4, "options": _options("far", "a", "b")},
        ],
        "conditions": [
            {"key": "if-all", "label": "全員", "life_events": ["move"], "selects": ["todoke"]},
            {
                "key": "if-child",
                "label": "子",
                "life_events": ["move"],
                "requires": [["child/x", "child/y"], ["child/z", "car/a"]],
                "selects": ["teate"],
            },
            {
                "key": "if-none",
                "label": "子がいない",
                "life_events": ["move"],
                "requires": [["who/b"]],
                "excludes": ["child/x", "child/y", "child/z", "car/a"],
                "selects": ["todoke"],
            },
            {
                "key": "if-far",
                "label": "別",
                "life_events": ["other"],
                "requires": [["far/a"]],
                "selects": ["todoke"],
            },
        ],
        "procedures": [{"key": "todoke", "name": "届け"}, {"key": "teate", "name": "手当"}],
    }
)
MAP = event_map(CONTENT, "move")


def _cells(condition: str) -> list[Cell]:
    return next(list(row.cells) for row in MAP.rows if row.condition.key == condition)


def test_only_what_belongs_to_the_life_event_is_on_it() -> None:
    assert [question.key for question in MAP.questions] == ["who", "child", "car"]
    assert [row.condition.key for row in MAP.rows] == ["if-all", "if-child", "if-none"]


def test_where_any_answer_will_do_a_cell_says_nothing() -> None:
    assert all(cell.is_any for cell in _cells("if-all"))
    assert [cell.is_any for cell in _cells("if-child")] == [True, False, False]


def test_cells_hold_what_is_wanted_and_what_is_excluded() -> None:
    assert _cells("if-child")[1] == Cell((("child/x", "child/y"), ("child/z",)), (), is_shared=True)
    assert _cells("if-none")[2] == Cell((), ("car/a",))


def test_cells_in_words() -> None:
    words = {
        row.condition.key: [said(question, cell) for question, cell in zip(MAP.questions, row.cells, strict=True)]
        for row in MAP.rows
    }
    assert words == {
        "if-all": ["", "", ""],
        "if-child": ["", "「X」か「Y」、「Z」（または、ほかの列の答え）", "「A」（または、ほかの列の答え）"],
        "if-none": ["「B」", "どれもない", "「A」を除く"],
    }


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (
            "who",
            Through(frozenset({"who", "child"}), frozenset({"if-child", "if-none"}), frozenset({"teate", "todoke"})),
        ),
        (
            "child",
            Through(frozenset({"who", "child"}), frozenset({"if-child", "if-none"}), frozenset({"teate", "todoke"})),
        ),
        ("car", Through(frozenset({"car"}), frozenset({"if-child", "if-none"}), frozenset({"teate", "todoke"}))),
        ("if-child", Through(frozenset({"who", "child", "car"}), frozenset({"if-child"}), frozenset({"teate"}))),
        ("if-all", Through(frozenset(), frozenset({"if-all"}), frozenset({"todoke"}))),
        (
            "todoke",
            Through(frozenset({"who", "child", "car"}), frozenset({"if-all", "if-none"}), frozenset({"todoke"})),
        ),
        ("far", Through()),
        ("rocket", Through()),
    ],
)
def test_ways_through_an_item(key: str, expected: Through) -> None:
    assert MAP.through(key) == expected


def test_every_condition_of_the_seed_has_a_row_that_says_all_of_it() -> None:
    content = seed()
    for event in content.life_events:
        found = event_map(content, event.key)
        assert {row.condition.key for row in found.rows} == {
            one.key for one in content.conditions if event.key in one.life_events
        }
        for row in found.rows:
            told = {key for cell in row.cells for clause in cell.wanted for key in clause}
            assert told == {key for clause in row.condition.requires for key in clause}
            assert {key for cell in row.cells for key in cell.excluded} == set(row.condition.excludes)


@pytest.mark.parametrize(
    ("asked", "patterns", "words"),
    [
        (0, 8, "なし"),
        (8, 8, "すべて"),
        (1, 3, "約33%"),
        (1, 1000, "1%未満"),
        (999, 1000, "99%以上"),
        (99, 100, "99%"),
    ],
)
def test_shares_are_never_more_exact_than_they_are(asked: int, patterns: int, words: str) -> None:
    assert share_of(asked, patterns) == words
