"""Days as people type them: three fields, or all in one of them; by the western year, by the era, or without a year."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from service import clock
from service.content.models import LifeEvent
from service.guidance.answers import EARLIEST_DAY, latest_day

ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
"""The western year before the first one of each era."""

_LETTERS = {"M": "明治", "T": "大正", "S": "昭和", "H": "平成", "R": "令和"}
_ERA = "|".join((*ERAS, *_LETTERS))
_YEAR = re.compile(rf"(?P<era>{_ERA})?\.?(?P<year>元|[0-9]{{1,4}})年?")
_NUMBER = re.compile(r"[0-9]{1,2}")
_WHOLE = re.compile(
    rf"(?:(?P<year>(?:{_ERA})?\.?(?:元|[0-9]{{1,4}}))[年./-])?(?P<month>[0-9]{{1,2}})[月./-](?P<day>[0-9]{{1,2}})日?"
)
_DIGITS = re.compile(r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})")
_LONG_AGO = timedelta(days=366)


class DateProblem(StrEnum):
    """Why what was typed is no day; the words for it are the template's."""

    INCOMPLETE = "incomplete"
    NOT_A_NUMBER = "not_a_number"
    NO_SUCH_YEAR = "no_such_year"
    NO_SUCH_DAY = "no_such_day"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"


class Doubt(StrEnum):
    """Why a day is asked about once more; the words for it are the template's."""

    AHEAD = "ahead"
    LONG_AGO = "long_ago"


@dataclass(frozen=True, slots=True)
class TypedDay:
    """The three fields of a day as they were typed, to be shown again."""

    year: str = ""
    month: str = ""
    day: str = ""


def read_day(typed: TypedDay) -> date | DateProblem | None:
    """The day that was typed, why it is none, or None where all is empty.

    Without a year it is the day of that name that is nearest to today.
    """
    parts = [_plain(part) for part in (typed.year, typed.month, typed.day)]
    filled = [part for part in parts if part]
    if not filled:
        return None
    if len(filled) == 1:
        whole = _WHOLE.fullmatch(filled[0]) or _DIGITS.fullmatch(filled[0])
        if whole is None:
            return DateProblem.INCOMPLETE
        parts = [whole["year"] or "", whole["month"], whole["day"]]
    year, month, day = parts[0], parts[1].removesuffix("月"), parts[2].removesuffix("日")
    if not (month and day):
        return DateProblem.INCOMPLETE
    if not (_NUMBER.fullmatch(month) and _NUMBER.fullmatch(day)):
        return DateProblem.NOT_A_NUMBER
    if not year:
        return _nearest(int(month), int(day))
    number = _year(year)
    return DateProblem.NO_SUCH_YEAR if number is None else _day(number, int(month), int(day))


def doubt(day: date, event: LifeEvent) -> Doubt | None:
    """Why a resident hardly means this day: long ago, or ahead though its name says that it has been (「…た日」)."""
    today = clock.today()
    if day > today and "た日" in (event.date_label or ""):
        return Doubt.AHEAD
    return Doubt.LONG_AGO if today - day > _LONG_AGO else None


def _plain(typed: str) -> str:
    """What was typed, full width made half width and capital, without blanks; every dash is one."""
    plain = "".join(unicodedata.normalize("NFKC", typed).upper().split())
    return re.sub("[‐‑‒–—―−ー]", "-", plain)


def _year(typed: str) -> int | None:
    """The western year; one or two digits alone are a year of this era, or else of this century."""
    found = _YEAR.fullmatch(typed)
    if found is None:
        return None
    number = 1 if found["year"] == "元" else int(found["year"])
    if found["era"]:
        return ERAS[_LETTERS.get(found["era"], found["era"])] + number
    if len(found["year"]) > 2 or found["year"] == "元":
        return number if len(found["year"]) == 4 else None
    this_era = ERAS["令和"] + number
    return this_era if this_era <= latest_day().year else 2000 + number


def _day(year: int, month: int, day: int) -> date | DateProblem:
    try:
        found = date(year, month, day)
    except ValueError:
        return DateProblem.NO_SUCH_DAY
    if found < EARLIEST_DAY:
        return DateProblem.TOO_EARLY
    return DateProblem.TOO_LATE if found > latest_day() else found


def _nearest(month: int, day: int) -> date | DateProblem:
    today = clock.today()
    found = [_day(today.year + years, month, day) for years in (-1, 0, 1)]
    days = [one for one in found if isinstance(one, date)]
    return min(days, key=lambda one: abs(one - today), default=DateProblem.NO_SUCH_DAY)
