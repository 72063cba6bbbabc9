"""Conditions as rows of a decision table: what the table shows is the condition, and what is marked becomes one."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from service.content import patches, registry
from service.content.canonical import plain_item
from service.content.models import Content
from service.content.patches import Item
from service.errors import InvalidRequest
from service.web.staff import decision_table, table
from service.web.staff.decision_table import Cell
from service.web.staff.item_form import Typed
from service.web.staff.table import Marker
from tests.contents import random_content
from tests.seed import CITIES, of_city

LABELS = [("who/alone", "ひとり"), ("who/family", "家族で"), ("who/friends", "友人と")]


def _conditions(content: Content) -> list[Item]:
    return [item for item in patches.items(content).values() if item.kind == "Condition"]


def _goes_round(item: Item) -> bool:
    """Whether the table can say all of it; then its row is the condition."""
    if decision_table.marks_of(item.fields) is None:
        return False
    marker = Marker(item.key, 3)
    fields, known, problems = table.read(marker, Typed(tuple(table.typed(marker, item.fields))), item)
    made = registry.kind(item.kind).model.model_validate(fields, by_alias=True, by_name=False)
    assert plain_item(made) == item.fields and not problems, item.key
    assert {name for name, _ in table.typed(marker, item.fields)} <= known | {table.ROW}
    return True


@pytest.mark.parametrize("city", CITIES, ids=lambda city: city.name)
def test_every_condition_of_a_city_is_a_row(city: Any) -> None:
    found = _conditions(of_city(city).content)
    assert len(found) > 300 and all([_goes_round(item) for item in found])


def test_conditions_of_any_content_are_rows_or_left_alone() -> None:
    """An option in two clauses, or more clauses over several questions than there are letters, is beyond a table."""
    found = [item for seed in range(60) for item in _conditions(random_content(Random(seed)))]
    said = [_goes_round(item) for item in found]
    assert 0.5 < sum(said) / len(said) < 1


@pytest.mark.parametrize(
    ("requires", "excludes", "marks"),
    [
        ([["who/alone", "who/family"]], [], {"who/alone": "own", "who/family": "own"}),
        ([["who/alone"]], ["who/family"], {"who/alone": "own", "who/family": "not"}),
        ([["pet/dog"], ["pet/cat"]], [], {"pet/dog": "all", "pet/cat": "all"}),
        ([["pet/cow", "pet/hen"], ["pet/dog"]], [], {"pet/cow": "own", "pet/hen": "own", "pet/dog": "all"}),
        ([["pet/dog", "who/alone"]], [], {"pet/dog": "A", "who/alone": "A"}),
        ([["pet/dog", "who/alone"], ["pet/dog"]], [], None),
        ([], [], {}),
    ],
)
def test_marks_say_what_the_clauses_say(
    requires: list[list[str]], excludes: list[str], marks: dict[str, str] | None
) -> None:
    assert decision_table.marks(requires, excludes) == marks
    if marks is not None:
        assert decision_table.clauses(marks) == (sorted(sorted(one) for one in requires), excludes)


def test_cells_say_chosen_options_none_or_any() -> None:
    assert decision_table.cell({}, LABELS) == Cell([], [], [], none=False, groups=[])
    assert decision_table.cell({"who/alone": "own", "who/family": "own"}, LABELS).own == ["ひとり", "家族で"]
    assert decision_table.cell(dict.fromkeys(dict(LABELS), "not"), LABELS).none
    assert decision_table.cell({"who/alone": "B"}, LABELS).groups == [("B", ["ひとり"])]


def test_what_a_table_does_not_show_of_a_condition_stays() -> None:
    saved = Item("Condition", {"key": "if-one", "label": "方", "life_events": ["move"], "needs": ["card"]})
    marker = Marker("if-one", 1)
    typed = Typed((*table.typed(marker, saved.fields), ("/if-one/marks/who/alone", "own")))
    fields, _, _ = table.read(marker, typed, saved)
    assert fields == saved.fields | {"requires": [["who/alone"]]}


@pytest.mark.parametrize("text", ["", "if-one", "new-1 2", "if one 3", "if-one -1", "IF 1", "if-one 1 2"])
def test_a_marker_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        table.markers(Typed(((table.ROW, text),)), table.ROW)
    with pytest.raises(InvalidRequest):
        table.markers(Typed(((table.ROW, "if-one 1"), (table.ROW, "if-one 2"))), table.ROW)


def test_a_mark_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        table.read(Marker("new-1", None), Typed((("/new-1/marks/who/alone", "perhaps"),)), None)


def test_a_row_without_name_or_life_event_is_told_so() -> None:
    _, _, problems = table.read(Marker("new-1", None), Typed((("find:/new-1/selects", "届"),)), None)
    assert [one.path for one in problems] == ["/label", "/selects", "/life_events"]
