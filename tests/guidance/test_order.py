"""The order of the list: groups, predecessors, days, keys."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from service.content.models import Listed, Procedure
from service.guidance.deadlines import Due
from service.guidance.order import ordered

Status = Literal["applies", "may_apply"]


def procedure(key: str, nature: str = "duty") -> Procedure:
    return Procedure.model_validate({"key": key, "name": key, "nature": nature})


def due(day: int, *, go_by: int | None = None) -> Due:
    return Due(date(2026, 4, day), None, date(2026, 4, go_by) if go_by else None, False)


def keys(
    listed: dict[str, Status],
    natures: dict[str, str] | None = None,
    dues: dict[str, Due] | None = None,
    before: dict[str, set[str]] | None = None,
) -> list[list[str]]:
    items = [Listed(key, status) for key, status in listed.items()]
    procedures = {key: procedure(key, (natures or {}).get(key, "duty")) for key in listed}
    groups = ordered(items, procedures, dues=dues or {}, predecessors=before or {})
    return [[one.procedure for one in group] for group in groups]


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


def test_what_follows_waits_even_with_an_earlier_day() -> None:
    dues = {"a": due(1), "b": due(9), "c": due(5)}
    assert keys(duties("a", "b", "c"), dues=dues, before={"a": {"b"}})[0] == ["c", "b", "a"]


def test_a_predecessor_counts_through_procedures_that_are_not_listed() -> None:
    assert keys(duties("a", "z"), before={"a": {"z", "unlisted"}})[0] == ["z", "a"]


def test_a_predecessor_in_another_group_does_not_hold_up() -> None:
    listed: dict[str, Status] = {"a": "applies", "b": "applies", "z": "may_apply"}
    assert keys(listed, before={"a": {"z"}}) == [["a", "b"], [], ["z"], []]


def test_nothing_vanishes_in_a_cycle() -> None:
    assert keys(duties("a", "b", "c"), before={"a": {"b"}, "b": {"a"}})[0] == ["c", "a", "b"]
    assert keys(duties("a"), before={"a": {"a"}})[0] == ["a"]


NAMES = [f"p-{number}" for number in range(8)]


@given(
    st.permutations(NAMES),
    st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=16),
    st.dictionaries(st.sampled_from(NAMES), st.integers(1, 28)),
)
def test_always_the_least_of_those_that_are_free(
    listed: list[str], edges: set[tuple[int, int]], days: dict[str, int]
) -> None:
    before = {name: {NAMES[a] for a, b in edges if a < b and NAMES[b] == name} for name in NAMES}
    (order, *_) = keys(duties(*listed), dues={key: due(day) for key, day in days.items()}, before=before)
    assert sorted(order) == NAMES
    for at, taken in enumerate(order):
        free = [key for key in order[at:] if not before[key] & set(order[at:])]
        assert taken == min(free, key=lambda key: (days.get(key, 99), key))
    assert all(later not in before[earlier] for earlier, later in pairwise(order))
