"""Due dates by Japan's rules of counting (民法140条・143条, 戸籍法43条) and the days when the city hall is open."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import jpholiday

from service.content.models import Deadline

_DAY = timedelta(days=1)
_LOOKED_AT = 366


@dataclass(frozen=True, slots=True)
class OpeningDays:
    """When the city hall is open: not on weekends, holidays (国民の祝日に関する法律3条) and 12/29–1/3.

    `closed_days` and `open_days` are the exceptions of a city; a day in both is open.
    """

    closed_days: frozenset[date] = frozenset()
    open_days: frozenset[date] = frozenset()

    def is_open(self, day: date) -> bool:
        """Whether the city hall is open on this day."""
        return day in self.open_days or (day not in self.closed_days and not is_statutory_holiday(day))

    def next_opening(self, day: date) -> date | None:
        """The next opening day where the city hall is closed on `day`; None where it is open, or never opens."""
        if self.is_open(day):
            return None
        days = range(day.toordinal() + 1, min(day.toordinal() + _LOOKED_AT, date.max.toordinal() + 1))
        return next((one for one in map(date.fromordinal, days) if self.is_open(one)), None)

    def last_until(self, day: date, *, earliest: date | None = None) -> date | None:
        """The last opening day that is not after `day`, None where none lies between `earliest` and `day`."""
        first_ordinal = max(date.min.toordinal(), day.toordinal() - _LOOKED_AT, earliest.toordinal() if earliest else 0)
        days = (date.fromordinal(ordinal) for ordinal in range(day.toordinal(), first_ordinal - 1, -1))
        return next((candidate for candidate in days if self.is_open(candidate)), None)


def is_statutory_holiday(day: date) -> bool:
    """Whether offices are closed by law (地方自治法4条の2, 行政機関の休日に関する法律1条), open or not in fact."""
    turn_of_the_year = (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)
    return turn_of_the_year or day.weekday() >= 5 or jpholiday.is_holiday(day)


def runs_on_to(last_day: date) -> date | None:
    """The day until which a period is accepted that a statute sets: `last_day`, or else the next that is no holiday.

    Only holidays by law count: a window that is open on a Sunday does not shorten the period, and one that is closed on
    a Monday does not lengthen it. None beyond the calendar.
    """
    days = range(last_day.toordinal(), min(last_day.toordinal() + _LOOKED_AT, date.max.toordinal() + 1))
    return next((candidate for candidate in map(date.fromordinal, days) if not is_statutory_holiday(candidate)), None)


@dataclass(frozen=True, slots=True)
class Due:
    """The days of a deadline: by counting, on which it is still accepted, and to plan with.

    `accepted_until` is None unless the deadline runs on to the next opening day; `go_by` is None where no opening day
    lies in time. `cautious`: whether the first day counts is unknown, so this is the earlier of the two days. `opens`
    is the first day on which it is possible at all, where a fixed period begins.
    """

    last_day: date
    accepted_until: date | None
    go_by: date | None
    cautious: bool
    opens: date | None = None


def event_day(deadline: Deadline, days: Mapping[str, date]) -> date | None:
    """The earliest of the days that the deadline may be counted from; None where none of them is known."""
    return min((days[event] for event in deadline.from_event or () if event in days), default=None)


def of_period(deadline: Deadline, today: date, calendar: OpeningDays) -> Due | None:
    """The days of a deadline that is a fixed period, seen from today; None without one, and once it is over."""
    period = deadline.period
    if period is None or period.closes is None:
        return None
    last_day = date.fromisoformat(period.closes)
    opens = date.fromisoformat(period.opens) if period.opens else None
    until = runs_on_to(last_day) if deadline.runs_on else None
    if (until or last_day) < today:
        return None
    return Due(
        last_day, accepted_until=until, go_by=calendar.last_until(last_day, earliest=opens), cautious=False, opens=opens
    )


def due(deadline: Deadline, event_day: date | None, calendar: OpeningDays) -> Due | None:
    """The days of a deadline counted from the day of its event.

    None where there is nothing to count: no day, no life event to count from, no length, or a day beyond the calendar.
    """
    if event_day is None or deadline.from_event is None or deadline.kind == "none":
        return None
    try:
        last_day = _last_day(deadline, event_day)
    except (OverflowError, ValueError):
        return None
    if last_day is None:
        return None
    before = deadline.unit is None or deadline.unit in {"day_before", "day_of_previous_month"}
    return Due(
        last_day=last_day,
        accepted_until=runs_on_to(last_day) if deadline.runs_on else None,
        go_by=calendar.last_until(last_day, earliest=None if before else event_day),
        cautious=deadline.first_day_counts is None and not before,
    )


def as_if_today(deadline: Deadline, today: date) -> date | None:
    """The last day if today were the day that it is counted from, whatever that is; None where nothing is counted."""
    if deadline.kind == "none" or deadline.period is not None:
        return None
    try:
        return _last_day(deadline, today)
    except (OverflowError, ValueError):
        return None


def _last_day(deadline: Deadline, event_day: date) -> date | None:
    """The last day by counting, not shifted by holidays; not before the event unless it ends before it.

    What has to be done before something ends the day before, where nothing else is said.
    """
    value, unit = deadline.value, deadline.unit
    if value is None or unit is None:
        return event_day - _DAY if deadline.kind == "before_action" else None
    if unit == "day_before":
        return event_day - value * _DAY
    if unit == "day_of_previous_month":
        month = _month(event_day, -1)
        return month.replace(day=min(max(value, 1), _length(month)))
    first_day = event_day if deadline.first_day_counts in {True, None} else event_day + _DAY
    if unit == "day":
        return max(event_day, first_day + (value - 1) * _DAY)
    return max(event_day, _by_calendar(first_day, value * (12 if unit == "year" else 1)))


def _by_calendar(first_day: date, months: int) -> date:
    """The end of so many months from `first_day` on (民法143条2項).

    That is the day before the day of the same number in the last month, or the end of a month without one.
    """
    month = _month(first_day, months)
    if first_day.day > _length(month):
        return month.replace(day=_length(month))
    return month.replace(day=first_day.day) - _DAY


def _month(day: date, months: int) -> date:
    """The first day of the month that is so many months after that of `day`."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _length(month: date) -> int:
    return monthrange(month.year, month.month)[1]
