"""Due dates against the statutes: 民法140条・143条, 戸籍法43条, 祝日法3条, and the days of the city hall."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.content.models import Deadline
from service.guidance.deadlines import Due, OpeningDays, due, of_period

CALENDAR = OpeningDays()
ALWAYS_OPEN = OpeningDays(open_days=frozenset(date(2024, 1, 1) + timedelta(n) for n in range(3000)))


def day(text: str) -> date:
    return date.fromisoformat(text)


def deadline(value: int | None, unit: str | None, first: bool | None = False, **more: Any) -> Deadline:
    fields = {"value": value, "unit": unit, "from": "その日", "from_event": "death", "first_day_counts": first}
    return Deadline.model_validate({**fields, **more})


def counted(value: int, unit: str, event: str, *, first: bool | None = False) -> str:
    found = due(deadline(value, unit, first), day(event), CALENDAR)
    assert found is not None
    return found.last_day.isoformat()


# Counting


@pytest.mark.parametrize(
    ("value", "event", "first", "last"),
    [
        (14, "2026-04-01", False, "2026-04-15"),  # 住民基本台帳法22条 with 民法140条: the day of moving does not count
        (14, "2026-04-01", True, "2026-04-14"),  # 戸籍法49条 with 43条: the day of birth counts
        (7, "2026-04-01", True, "2026-04-07"),  # 戸籍法86条 with 43条
        (14, "2026-04-01", None, "2026-04-14"),
        (14, "2026-02-20", False, "2026-03-06"),
        (14, "2028-02-20", False, "2028-03-05"),
        (10, "2026-12-28", True, "2027-01-06"),
        (1, "2026-04-01", True, "2026-04-01"),
        (1, "2026-04-01", False, "2026-04-02"),
        (0, "2026-04-01", True, "2026-04-01"),
        (0, "2026-04-01", False, "2026-04-01"),
    ],
)
def test_days(value: int, event: str, first: bool | None, last: str) -> None:
    assert counted(value, "day", event, first=first) == last


@pytest.mark.parametrize(
    ("value", "event", "first", "last"),
    [
        (3, "2026-04-10", False, "2026-07-10"),  # 民法915条: from the 11th, until the day before the 11th
        (3, "2026-04-10", True, "2026-07-09"),
        (1, "2026-01-27", False, "2026-02-27"),
        (1, "2026-01-28", False, "2026-02-28"),  # from the 29th; February has none: its end
        (1, "2026-01-29", False, "2026-02-28"),
        (1, "2026-01-30", False, "2026-02-28"),
        (1, "2026-01-31", False, "2026-02-28"),  # from 1 February: until the day before 1 March
        (1, "2028-01-28", False, "2028-02-28"),  # leap year: from the 29th until the day before the 29th
        (1, "2028-01-29", False, "2028-02-29"),  # from the 30th; none: the end
        (1, "2026-03-30", False, "2026-04-30"),  # from the 31st; April has none
        (1, "2026-03-31", False, "2026-04-30"),  # from 1 April
        (1, "2026-02-28", False, "2026-03-31"),  # from 1 March: a whole month
        (1, "2026-03-01", True, "2026-03-31"),
        (10, "2026-04-30", False, "2027-02-28"),  # from 1 May: until the day before 1 March
        (12, "2026-12-31", False, "2027-12-31"),
        (1, "2026-12-15", False, "2027-01-15"),
        (0, "2026-04-10", True, "2026-04-10"),
    ],
)
def test_months(value: int, event: str, first: bool, last: str) -> None:
    assert counted(value, "month", event, first=first) == last


@pytest.mark.parametrize(
    ("value", "event", "first", "last"),
    [
        (2, "2026-04-10", False, "2028-04-10"),  # 国民健康保険法110条: two years
        (1, "2028-02-28", False, "2029-02-28"),  # from 29 February; 2029 has none: the end of the month
        (1, "2028-02-29", True, "2029-02-28"),
        (1, "2028-02-29", False, "2029-02-28"),  # from 1 March: until the day before 1 March
        (4, "2028-02-29", True, "2032-02-28"),  # 2032 has a 29 February: until the day before
        (1, "2027-02-28", False, "2028-02-29"),  # from 1 March 2027: until the day before 1 March 2028
        (5, "2026-12-31", False, "2031-12-31"),
    ],
)
def test_years(value: int, event: str, first: bool, last: str) -> None:
    assert counted(value, "year", event, first=first) == last


@pytest.mark.parametrize("unit", ["day", "month", "year"])
@given(event=st.dates(date(1900, 1, 1), date(2100, 1, 1)), value=st.integers(0, 400))
def test_unknown_is_the_earlier_day_and_said_to_be_cautious(unit: str, event: date, value: int) -> None:
    found = {first: due(deadline(value, unit, first), event, CALENDAR) for first in (True, False, None)}
    cautious, counts, not_counts = found[None], found[True], found[False]
    assert cautious and counts and not_counts
    assert cautious.last_day == min(counts.last_day, not_counts.last_day) >= event
    assert (cautious.cautious, counts.cautious, not_counts.cautious) == (True, False, False)
    # From 28 February and from 1 March a month lasts until 27 and until 31 March.
    assert timedelta(0) <= not_counts.last_day - counts.last_day <= timedelta(4)


@given(event=st.dates(date(1900, 1, 1), date(2100, 1, 1)), years=st.integers(1, 50))
def test_a_year_is_twelve_months(event: date, years: int) -> None:
    for first in (True, False):
        by_year, by_month = deadline(years, "year", first), deadline(12 * years, "month", first)
        assert due(by_year, event, CALENDAR) == due(by_month, event, CALENDAR)


def test_days_before_the_event() -> None:
    found = due(deadline(3, "day_before"), day("2026-04-03"), CALENDAR)
    assert found == Due(day("2026-03-31"), None, day("2026-03-31"), False)
    weekend = due(deadline(5, "day_before", None), day("2026-04-03"), CALENDAR)
    assert weekend == Due(day("2026-03-29"), None, day("2026-03-27"), False)


@pytest.mark.parametrize(
    ("value", "event", "last"),
    [
        (20, "2026-04-10", "2026-03-20"),
        (20, "2026-01-10", "2025-12-20"),
        (31, "2026-03-10", "2026-02-28"),
        (31, "2028-03-31", "2028-02-29"),
        (31, "2026-07-31", "2026-06-30"),
        (1, "2026-05-31", "2026-04-01"),
    ],
)
def test_a_day_of_the_month_before(value: int, event: str, last: str) -> None:
    assert counted(value, "day_of_previous_month", event) == last


# The days to go on


def days_of(event: str, *, value: int = 14, next_opening_day: str = "no") -> tuple[str, str | None, str | None]:
    found = due(deadline(value, "day", next_opening_day=next_opening_day), day(event), CALENDAR)
    assert found is not None
    later = (found.accepted_until, found.go_by)
    accepted, go_by = (one.isoformat() if one else None for one in later)
    return found.last_day.isoformat(), accepted, go_by


@pytest.mark.parametrize(
    ("event", "last", "accepted", "go_by"),
    [
        ("2026-04-01", "2026-04-15", "2026-04-15", "2026-04-15"),  # a Wednesday
        ("2026-04-04", "2026-04-18", "2026-04-20", "2026-04-17"),  # a Saturday
        ("2026-04-15", "2026-04-29", "2026-04-30", "2026-04-28"),  # 昭和の日
        ("2026-04-22", "2026-05-06", "2026-05-07", "2026-05-01"),  # 振替休日 behind 3–5 May
        ("2026-09-08", "2026-09-22", "2026-09-24", "2026-09-18"),  # 国民の休日 between two holidays
        ("2026-12-15", "2026-12-29", "2027-01-04", "2026-12-28"),  # year-end closing
        ("2026-12-20", "2027-01-03", "2027-01-04", "2026-12-28"),
        ("2027-12-21", "2028-01-04", "2028-01-04", "2028-01-04"),
    ],
)
def test_the_last_day_is_never_shifted_but_one_plans_with_an_opening_day(
    event: str, last: str, accepted: str, go_by: str
) -> None:
    for by_law in ("yes", "unknown"):
        assert days_of(event, next_opening_day=by_law) == (last, accepted, go_by)
    assert days_of(event, next_opening_day="no") == (last, None, go_by)


def test_no_opening_day_between_event_and_last_day() -> None:
    assert days_of("2026-05-03", value=3) == ("2026-05-06", None, None)
    assert days_of("2026-12-29", value=5, next_opening_day="yes") == ("2027-01-03", "2027-01-04", None)
    assert days_of("2026-05-01", value=3) == ("2026-05-04", None, "2026-05-01")


@pytest.mark.parametrize(
    ("text", "open_"),
    [
        ("2026-12-28", True),
        ("2026-12-29", False),
        ("2026-12-31", False),
        ("2027-01-01", False),
        ("2028-01-03", False),
        ("2027-01-04", True),
        ("2027-03-22", False),  # 振替休日 of 春分の日
        ("2026-07-20", False),
        ("2026-08-11", False),
        ("2026-10-12", False),
        ("2026-10-13", True),
        ("2026-10-10", False),
        ("2026-10-11", False),
        ("2027-02-03", True),
    ],
)
def test_opening_days(text: str, open_: bool) -> None:
    assert CALENDAR.is_open(day(text)) is open_


def test_a_city_may_close_and_open_on_other_days() -> None:
    city = OpeningDays(
        closed_days=frozenset({day("2026-04-15"), day("2026-04-16")}),
        open_days=frozenset({day("2026-04-19"), day("2026-04-16"), day("2026-12-29")}),
    )
    opened = [text for text in ("2026-04-15", "2026-04-16", "2026-04-19", "2026-12-29") if city.is_open(day(text))]
    assert opened == ["2026-04-16", "2026-04-19", "2026-12-29"]
    shown = Due(day("2026-04-15"), day("2026-04-15"), day("2026-04-14"), False)
    assert due(deadline(14, "day"), day("2026-04-01"), city) == shown


@pytest.mark.parametrize(
    ("open_days", "closed_days", "go_by"),
    [
        (("2026-12-19", "2026-12-20"), (), "2026-12-19"),  # 休日開庁
        ((), ("2026-12-21",), "2026-12-18"),
        (("2026-12-19",), ("2026-12-21",), "2026-12-19"),
    ],
)
def test_a_legal_period_runs_on_by_the_holidays_of_the_law_alone(
    open_days: tuple[str, ...], closed_days: tuple[str, ...], go_by: str
) -> None:
    city = OpeningDays(open_days=frozenset(map(day, open_days)), closed_days=frozenset(map(day, closed_days)))
    found = due(deadline(14, "day"), day("2026-12-05"), city)
    assert found == Due(day("2026-12-19"), day("2026-12-21"), day(go_by), False)


def test_a_hall_that_never_opens_ends_the_search() -> None:
    never = OpeningDays(closed_days=frozenset(date(2026, 1, 1) + timedelta(n) for n in range(1000)))
    found = due(deadline(30, "day", next_opening_day="yes"), day("2027-03-01"), never)
    assert found == Due(day("2027-03-31"), day("2027-03-31"), None, False)


@given(event=st.dates(date(2000, 1, 1), date(2090, 1, 1)), value=st.integers(0, 60))
def test_the_days_lie_in_order(event: date, value: int) -> None:
    found = due(deadline(value, "day", next_opening_day="yes"), event, CALENDAR)
    assert found and found.accepted_until
    assert found.last_day <= found.accepted_until <= found.last_day + timedelta(10)
    assert found.go_by is None or (event <= found.go_by <= found.last_day and CALENDAR.is_open(found.go_by))
    between = (found.go_by or event - timedelta(1)) + timedelta(1)
    assert not any(CALENDAR.is_open(between + timedelta(n)) for n in range((found.last_day - between).days + 1))


# Examples of statutes, with the closed days of 2026 and 2027

LAPSE: dict[str, Any] = {"kind": "irreversible"}
BEFORE: dict[str, Any] = {"value": 1, "unit": "day_before", "kind": "before_action"}


@pytest.mark.parametrize(
    ("length", "event", "first", "last", "accepted"),
    [
        pytest.param((14, "day"), "2026-12-15", False, "2026-12-29", "2027-01-04", id="転居届"),
        pytest.param((14, "day"), "2026-12-05", False, "2026-12-19", "2026-12-21", id="転入届、末日が土曜"),
        pytest.param((14, "day"), "2026-12-14", False, "2026-12-28", "2026-12-28", id="転入届、年内最後の開庁日"),
        pytest.param((14, "day"), "2026-12-20", True, "2027-01-02", "2027-01-04", id="出生届"),
        pytest.param((7, "day"), "2026-12-25", True, "2026-12-31", "2027-01-04", id="死亡届"),
        pytest.param((15, "day"), "2026-11-13", False, "2026-11-28", "2026-11-30", id="児童手当の額改定"),
        pytest.param((15, "day"), "2026-12-27", False, "2027-01-11", "2027-01-12", id="児童手当の認定請求"),
        pytest.param((14, "day"), "2026-12-16", False, "2026-12-30", "2027-01-04", id="国民健康保険の加入"),
        pytest.param((14, "day"), "2026-12-17", False, "2026-12-31", "2027-01-04", id="要介護認定の引継ぎ"),
        pytest.param((14, "day"), "2026-12-20", False, "2027-01-03", "2027-01-04", id="国民年金第1号"),
        pytest.param((15, "day"), "2026-11-13", False, "2026-11-28", "2026-11-30", id="車検証の変更登録"),
        pytest.param((2, "year"), "2026-06-11", False, "2028-06-11", "2028-06-12", id="住所等変更登記"),
        pytest.param((2, "year"), "2026-04-01", True, "2028-03-31", "2028-03-31", id="住所等変更登記、施行日から"),
        pytest.param((3, "month"), "2026-10-03", False, "2027-01-03", "2027-01-04", id="相続放棄"),
        pytest.param((10, "month"), "2026-03-11", False, "2027-01-11", "2027-01-12", id="相続税の申告"),
    ],
)
def test_a_period_of_a_statute_runs_on_to_the_next_opening_day(
    length: tuple[int, str], event: str, first: bool, last: str, accepted: str
) -> None:
    found = due(deadline(*length, first), day(event), CALENDAR)
    assert found and (found.last_day, found.accepted_until) == (day(last), day(accepted))


@pytest.mark.parametrize(
    ("fields", "event", "last", "go_by"),
    [
        pytest.param(BEFORE, "2027-01-03", "2027-01-02", "2026-12-28", id="国外継続利用"),
        pytest.param(BEFORE, "2027-01-01", "2026-12-31", "2026-12-28", id="転出届"),
        pytest.param(
            {"value": 90, "unit": "day"} | LAPSE, "2026-10-05", "2027-01-03", "2026-12-28", id="カードの継続利用"
        ),
        pytest.param(
            {"value": 20, "unit": "day_of_previous_month"}, "2027-01-01", "2026-12-20", "2026-12-18", id="保育所の申込"
        ),
    ],
)
def test_what_is_no_period_of_a_statute_ends_with_the_opening_day_before(
    fields: dict[str, Any], event: str, last: str, go_by: str
) -> None:
    wanted = Deadline.model_validate({"from": "その日", "from_event": "move", "first_day_counts": False, **fields})
    assert due(wanted, day(event), CALENDAR) == Due(day(last), None, day(go_by), False)


def test_a_claim_of_this_month_ends_with_its_last_opening_day() -> None:
    """児童手当, claimed after the fifteen days: the end of a month is no end of a period."""
    month_end = Deadline.model_validate({"kind": "claim", "period": {"closes": "2026-12-31"}})
    assert of_period(month_end, day("2026-12-19"), CALENDAR) == Due(day("2026-12-31"), None, day("2026-12-28"), False)


def test_a_fixed_day_of_a_tax_runs_on_where_it_says_so() -> None:
    """ふるさと納税ワンストップ: until 10 January, a Sunday before a holiday."""
    fixed = Deadline.model_validate({"next_opening_day": "yes", "period": {"closes": "2027-01-10"}})
    found = of_period(fixed, day("2026-12-20"), CALENDAR)
    assert found == Due(day("2027-01-10"), day("2027-01-12"), day("2027-01-08"), False)


def test_an_application_is_accepted_after_a_status_that_ends_on_a_closed_day() -> None:
    """在留期間の更新: the status itself ends, so one plans with the opening day before."""
    fields = {"value": 0, "unit": "day_before", "kind": "before_action", "next_opening_day": "yes"}
    wanted = Deadline.model_validate({"from": "満了日", "from_event": "move", **fields})
    shown = Due(day("2027-01-02"), day("2027-01-04"), day("2026-12-28"), False)
    assert due(wanted, day("2027-01-02"), CALENDAR) == shown


# Nothing to count


@pytest.mark.parametrize(
    "nothing",
    [
        deadline(None, "day"),
        deadline(14, None),
        deadline(14, "day", from_event=None),
        deadline(14, "day", kind="none"),
        deadline(10_000, "year"),
    ],
)
def test_without_a_length_an_event_or_a_calendar_there_is_no_due_date(nothing: Deadline) -> None:
    assert due(nothing, day("2026-04-01"), CALENDAR) is None


def test_without_a_day_there_is_no_due_date() -> None:
    assert due(deadline(14, "day"), None, CALENDAR) is None


@pytest.mark.parametrize("unit", ["day", "month", "year", "day_before", "day_of_previous_month"])
@given(event=st.dates(), value=st.integers(0, 10_000), first=st.sampled_from([True, False, None]))
def test_no_day_of_the_calendar_breaks_it(unit: str, event: date, value: int, first: bool | None) -> None:
    found = due(deadline(value, unit, first, next_opening_day="yes"), event, ALWAYS_OPEN)
    assert found is None or unit.startswith("day_") or found.last_day >= event
