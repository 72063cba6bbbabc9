"""Days as people type them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import clock
from service.content.models import LifeEvent
from service.guidance.typed_days import ERAS, DateProblem, Doubt, TypedDay, doubt, read_day


@pytest.fixture(autouse=True)
def _autumn() -> Iterator[None]:
    with clock.fixed(datetime(2026, 11, 20, 9, tzinfo=clock.TOKYO)):
        yield


@pytest.mark.parametrize(
    "typed",
    [
        "令和8年3月1日",
        "令和８年３月１日",
        "令和 8年 3月 1日",
        "R8.3.1",
        "r8.3.1",
        "Ｒ８．３．１",
        "R.8.3.1",
        "8.3.1",
        "8/3/1",
        "2026/3/1",
        "2026/03/01",
        "2026-03-01",
        "2026ー3ー1",
        "2026年3月1日",
        "20260301",
    ],
)
def test_a_whole_day_in_one_field(typed: str) -> None:
    for field in (TypedDay(typed), TypedDay(month=typed), TypedDay(day=typed)):
        assert read_day(field) == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("year", "found"),
    [
        ("2026", 2026),
        ("2026年", 2026),
        ("令和8", 2026),
        ("令和8年", 2026),
        ("R8", 2026),
        ("8", 2026),
        ("８", 2026),
        ("26", 2026),
        ("07", 2025),
        ("令和元", 2019),
        ("令和元年", 2019),
        ("平成31", 2019),
        ("H31", 2019),
        ("昭和64", 1989),
        ("S50", 1975),
        ("T10", 1921),
        ("M40", 1907),
    ],
)
def test_years_of_the_era_and_of_the_west(year: str, found: int) -> None:
    assert read_day(TypedDay(year, "3", "1")) == date(found, 3, 1)


def test_eras_begin_where_they_begin() -> None:
    assert {era: before + 1 for era, before in ERAS.items()} == {
        "明治": 1868,
        "大正": 1912,
        "昭和": 1926,
        "平成": 1989,
        "令和": 2019,
    }


@pytest.mark.parametrize(
    ("month", "day", "found"),
    [("11", "21", date(2026, 11, 21)), ("1", "5", date(2027, 1, 5)), ("6", "1", date(2026, 6, 1))],
)
def test_without_a_year_the_nearest_day_is_meant(month: str, day: str, found: date) -> None:
    assert read_day(TypedDay("", month, day)) == found
    for whole in (f"{month}/{day}", f"{month}月{day}日", f"{month}.{day}"):
        assert read_day(TypedDay(whole)) == read_day(TypedDay(month=whole)) == found


def test_without_a_year_a_day_of_leap_years_alone_may_be_none() -> None:
    assert read_day(TypedDay("", "2", "29")) == DateProblem.NO_SUCH_DAY
    with clock.fixed(datetime(2028, 1, 10, 9, tzinfo=clock.TOKYO)):
        assert read_day(TypedDay("", "2", "29")) == date(2028, 2, 29)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        (TypedDay("令和八", "3", "1"), DateProblem.NO_SUCH_YEAR),
        (TypedDay("元", "3", "1"), DateProblem.NO_SUCH_YEAR),
        (TypedDay("X8", "3", "1"), DateProblem.NO_SUCH_YEAR),
        (TypedDay("202", "3", "1"), DateProblem.NO_SUCH_YEAR),
        (TypedDay("令和8年"), DateProblem.INCOMPLETE),
        (TypedDay("きのう"), DateProblem.INCOMPLETE),
        (TypedDay("令和8年2月30日"), DateProblem.NO_SUCH_DAY),
        (TypedDay("2027/11/21"), DateProblem.TOO_LATE),
        (TypedDay("明治30年1月1日"), DateProblem.TOO_EARLY),
    ],
)
def test_what_is_no_day(typed: TypedDay, problem: DateProblem) -> None:
    assert read_day(typed) == problem


@given(st.text(max_size=12), st.text(max_size=3), st.text(max_size=3))
def test_a_typed_day_is_a_day_a_problem_or_nothing(year: str, month: str, day: str) -> None:
    found = read_day(TypedDay(year, month, day))
    assert found is None or isinstance(found, date | DateProblem)


@given(st.dates(date(1900, 1, 1), date(2027, 11, 20)))
def test_every_possible_day_is_read_as_it_is_written(day: date) -> None:
    for typed in (f"{day:%Y-%m-%d}", f"{day.year}年{day.month}月{day.day}日", f"{day:%Y/%m/%d}", f"{day:%Y%m%d}"):
        assert read_day(TypedDay(typed)) == day
    assert read_day(TypedDay(str(day.year), str(day.month), str(day.day))) == day


def test_days_that_are_asked_about() -> None:
    been = LifeEvent(key="moved", name="転居", date_label="引っ越した日")
    coming = LifeEvent(key="moving", name="転出", date_label="引っ越す日")
    today = date(2026, 11, 20)
    assert doubt(date(2026, 11, 21), been) is Doubt.AHEAD and doubt(date(2026, 11, 21), coming) is None
    assert doubt(today, been) is None and doubt(date(2025, 11, 19), been) is None
    assert doubt(date(2025, 11, 18), been) is doubt(date(2025, 11, 18), coming) is Doubt.LONG_AGO
