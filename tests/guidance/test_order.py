"""The order of the list: groups, stages, predecessors, days, visits, keys."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import combinations, groupby
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.content.models import Listed, Procedure
from service.guidance.deadlines import Due
from service.guidance.order import Stage, Turn, ordered, stage_of, turns, window

Status = Literal["applies", "may_apply"]
TODAY = date(2026, 4, 1)


def procedure(key: str, nature: str = "duty", **given: Any) -> Procedure:
    return Procedure.model_validate({"key": key, "name": key, "nature": nature, "basis": "law"} | given)


def due(day: int, *, go_by: int | None = None) -> Due:
    return Due(date(2026, 4, day), None, date(2026, 4, go_by) if go_by else None, False)


def placed(
    listed: Mapping[str, Status],
    procedures: Mapping[str, Procedure],
    dues: Mapping[str, Due] | None = None,
    before: Mapping[str, set[str]] | None = None,
) -> dict[str, Turn]:
    items = [Listed(key, status) for key, status in listed.items()]
    return turns(items, procedures, dues=dues or {}, predecessors=before or {}, today=TODAY)


def order(
    listed: Mapping[str, Status],
    procedures: Mapping[str, Procedure],
    dues: Mapping[str, Due] | None = None,
    before: Mapping[str, set[str]] | None = None,
) -> list[list[str]]:
    items = [Listed(key, status) for key, status in listed.items()]
    found = placed(listed, procedures, dues, before)
    groups = ordered(items, procedures, turns=found, predecessors=before or {})
    return [[one.procedure for one in group] for group in groups]


def keys(
    listed: dict[str, Status],
    natures: dict[str, str] | None = None,
    dues: dict[str, Due] | None = None,
    before: dict[str, set[str]] | None = None,
) -> list[list[str]]:
    return order(listed, {key: procedure(key, (natures or {}).get(key, "duty")) for key in listed}, dues, before)


def duties(*names: str) -> dict[str, Status]:
    return dict.fromkeys(names, "applies")


def test_four_groups() -> None:
    listed: dict[str, Status] = {
        "a": "may_apply",
        "b": "applies",
        "c": "applies",
        "d": "applies",
        "e": "may_apply",
        "f": "applies",
        "g": "applies",
    }
    natures = {"b": "benefit", "c": "duty", "d": "option", "e": "benefit", "f": "not_needed", "g": "information"}
    assert keys(listed, natures) == [["c"], ["b", "d"], ["a", "e"], ["f", "g"]]


def test_the_earliest_day_first_then_those_without_then_by_key() -> None:
    dues = {"b": due(20), "c": due(25, go_by=10), "d": due(20), "f": due(12)}
    assert keys(duties("e", "d", "c", "b", "a", "f"), dues=dues)[0] == ["c", "f", "b", "d", "a", "e"]


def test_what_comes_before_another_is_due_with_it() -> None:
    dues = {"a": due(5), "b": due(9), "c": due(7)}
    assert keys(duties("a", "b", "c"), dues=dues, before={"a": {"b"}})[0] == ["b", "a", "c"]
    found = placed(duties("a", "b"), {key: procedure(key) for key in "ab"}, {"a": due(5)}, {"a": {"b"}})
    assert found["b"] == Turn(Stage.DAYS, date(2026, 4, 5), before_others=True, waited_for=1)
    assert not found["a"].before_others


def test_of_equal_days_what_more_wait_for_comes_first() -> None:
    """転入届 before 車庫証明, though both are due on the same day."""
    dues = {"garage": due(9), "moving": due(9), "school": due(20)}
    assert keys(duties("garage", "moving", "school"), dues=dues, before={"school": {"moving"}})[0] == [
        "moving",
        "garage",
        "school",
    ]


def test_what_only_may_apply_hurries_nothing_that_certainly_does() -> None:
    listed: dict[str, Status] = {"first": "applies", "then": "may_apply"}
    found = placed(listed, {key: procedure(key) for key in listed}, {"then": due(5)}, {"then": {"first"}})
    assert found["first"].stage is Stage.OPEN
    found = placed(
        duties("first", "then"), {key: procedure(key) for key in listed}, {"then": due(5)}, {"then": {"first"}}
    )
    assert found["first"].stage is Stage.DAYS


def test_what_another_settles_hurries_it_and_what_that_follows() -> None:
    own = {"top": procedure("top"), "under": procedure("under", done_with=["top"]), "before": procedure("before")}
    assert order(duties(*own), own, {"under": due(5)}, {"top": {"before"}})[0] == ["before", "top", "under"]


def test_what_asks_nothing_has_no_turn_and_hurries_nothing() -> None:
    own = {"act": procedure("act"), "know": procedure("know", "information")}
    assert placed(duties(*own), own, {"know": due(5)}, {"know": {"act"}})["act"].stage is Stage.OPEN


# Stages


@pytest.mark.parametrize(
    ("days", "stage"),
    [
        (-400, Stage.NOW),
        (0, Stage.NOW),
        (3, Stage.NOW),
        (4, Stage.DAYS),
        (14, Stage.DAYS),
        (15, Stage.MONTH),
        (31, Stage.MONTH),
        (32, Stage.QUARTER),
        (92, Stage.QUARTER),
        (93, Stage.LATER),
    ],
)
def test_the_stages_seen_from_today(days: int, stage: Stage) -> None:
    assert stage_of(TODAY + timedelta(days=days), TODAY) is stage


@pytest.mark.parametrize(
    ("deadline", "stage"),
    [
        ({"value": 14, "unit": "day", "from": "その日"}, Stage.DAYS),
        ({"value": 15, "unit": "day", "from": "その日", "first_day_counts": False}, Stage.MONTH),
        ({"value": 1, "unit": "month", "from": "その日"}, Stage.MONTH),
        ({"value": 3, "unit": "month", "from": "その日"}, Stage.QUARTER),
        ({"value": 90, "unit": "day", "from": "その日", "kind": "irreversible"}, Stage.QUARTER),
        ({"value": 2, "unit": "year", "from": "その日", "kind": "claim"}, Stage.LATER),
        ({"from": "引っ越す日", "kind": "before_action"}, Stage.NOW),
        ({"value": 20, "unit": "day_of_previous_month", "from": "入園", "kind": "practical"}, Stage.NOW),
        ({"kind": "none"}, Stage.OPEN),
        ({"kind": "practical"}, Stage.OPEN),
        (None, Stage.OPEN),
    ],
)
def test_without_a_day_the_period_is_counted_from_today(deadline: dict[str, Any] | None, stage: Stage) -> None:
    own = {"a": procedure("a", deadline=deadline)}
    assert placed(duties("a"), own)["a"].stage is stage


def test_a_deadline_that_is_no_fact_here_counts_for_nothing() -> None:
    own = {"a": procedure("a", deadline={"value": 14, "unit": "day", "from": "その日"}, basis="elsewhere")}
    assert placed(duties("a"), own)["a"] == Turn(Stage.OPEN, None)


def test_what_is_done_before_something_far_away_may_be_done_now() -> None:
    own = {"a": procedure("a", deadline={"kind": "before_action", "from": "引っ越す日", "from_event": "move"})}
    far = Due(date(2026, 9, 1), None, date(2026, 9, 1), False)
    assert placed(duties("a"), own, {"a": far})["a"] == Turn(Stage.NOW, TODAY)
    assert placed(duties("a"), own, {"a": Due(date(2026, 3, 1), None, None, False)})["a"].day == date(2026, 3, 1)


# Visits


def at(key: str, place: str, **given: Any) -> Procedure:
    return procedure(key, handled_at=[place], **given)


def test_what_one_window_does_stands_together_in_a_stage() -> None:
    own = {"a": at("a", "window-x"), "b": at("b", "window-y"), "c": at("c", "window-x"), "d": at("d", "window-x")}
    dues = {"a": due(5), "b": due(6), "c": due(7), "d": due(25)}
    assert order(duties(*own), own, dues)[0] == ["a", "c", "b", "d"]


def test_a_visit_is_parted_by_what_lies_between() -> None:
    own = {"a": at("a", "window-x"), "b": at("b", "window-y"), "c": at("c", "window-x")}
    dues = {"a": due(5), "b": due(6), "c": due(7)}
    assert order(duties(*own), own, dues, {"c": {"a", "b"}, "b": {"a"}})[0] == ["a", "b", "c"]


def test_where_nobody_knows_the_window_there_is_no_visit() -> None:
    own = {key: procedure(key, handled_at=["window-x"], basis="elsewhere") for key in "ab"} | {"c": procedure("c")}
    assert {window(one) for one in own.values()} == {None}


def test_a_predecessor_counts_through_procedures_that_are_not_listed() -> None:
    assert keys(duties("a", "z"), before={"a": {"z", "unlisted"}})[0] == ["z", "a"]


def test_a_predecessor_in_another_group_does_not_hold_up() -> None:
    listed: dict[str, Status] = {"a": "applies", "b": "applies", "z": "may_apply"}
    assert keys(listed, before={"a": {"z"}}) == [["a", "b"], [], ["z"], []]


def test_what_is_overdue_comes_first_the_oldest_before_all() -> None:
    """Also what was due last year, whose day would else count as far away."""
    dues = {"ahead": due(9), "old": due(1), "older": Due(date(2025, 12, 1), None, None, False)}
    own = {key: procedure(key) for key in dues}
    assert order(duties(*own), own, dues)[0] == ["older", "old", "ahead"]


def test_nothing_vanishes_in_a_cycle() -> None:
    assert keys(duties("a", "b", "c"), before={"a": {"b"}, "b": {"a"}})[0] == ["a", "b", "c"]
    assert keys(duties("a"), before={"a": {"a"}})[0] == ["a"]


NAMES = [f"p-{number}" for number in range(8)]
PLACES = [None, "window-x", "window-y"]


def closed(edges: set[tuple[int, int]]) -> dict[str, set[str]]:
    """All that comes before each name, however far; an edge leads from a larger number to a smaller one."""
    before: dict[str, set[str]] = {}
    for number, name in enumerate(NAMES):
        direct = {NAMES[a] for a, b in edges if a < b == number}
        before[name] = direct.union(*(before[one] for one in direct))
    return before


@given(
    st.permutations(NAMES),
    st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=16),
    st.dictionaries(st.sampled_from(NAMES), st.integers(1, 28)),
    st.lists(st.sampled_from(PLACES), min_size=8, max_size=8),
)
def test_stages_in_order_what_comes_before_first_and_visits_as_whole_as_can_be(
    listed: list[str], edges: set[tuple[int, int]], days: dict[str, int], places: list[str | None]
) -> None:
    before = closed(edges)
    own = {name: procedure(name, handled_at=[at] if at else None) for name, at in zip(NAMES, places, strict=True)}
    dues = {key: due(day) for key, day in days.items()}
    found = placed(duties(*listed), own, dues, before)
    (row, *_) = order(duties(*listed), own, dues, before)
    assert sorted(row) == NAMES
    assert [found[key].stage for key in row] == sorted((found[key].stage for key in row), key=list(Stage).index)
    rank = {key: number for number, key in enumerate(row)}

    def turn(key: str) -> tuple[date, int, str]:
        return (found[key].day or date.max, -found[key].waited_for, key)

    assert all(rank[earlier] < rank[key] for key in row for earlier in before[key])
    for _, members in groupby(row, key=lambda key: found[key].stage):
        visits = [list(visit) for _, visit in groupby(members, key=lambda key: window(own[key]) or key)]
        assert all(visit == sorted(visit, key=turn) for visit in visits)
        assert [visit[0] for visit in visits] == sorted((visit[0] for visit in visits), key=turn)
        for earlier, later in combinations(range(len(visits)), 2):
            if window(own[visits[earlier][0]]) == window(own[visits[later][0]]) is not None:
                between = {key for visit in visits[earlier + 1 : later] for key in visit}
                assert before[visits[later][0]] & between, "a window is gone to twice without need"
    for key in row:
        hurrying = [days[one] for one in (key, *(one for one in row if key in before[one])) if one in days]
        assert found[key].day == (date(2026, 4, min(hurrying)) if hurrying else None)
