"""The days of a result as calendar entries (RFC 5545). They lead to procedures, never to anybody's answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

from icalendar import Alarm, Calendar, Event, vUri

from service.content.models import Edition, Procedure
from service.guidance.cards import Due as ShownDue
from service.guidance.deadlines import Due
from service.web import rendering

PRODUCT = "-//tetsuzuki//procedures//JA"
_NINE_THE_DAY_BEFORE = timedelta(hours=-15)


def calendar(
    procedures: Mapping[str, Procedure], dues: Mapping[str, Due], *, edition: Edition, city: str, base: str
) -> bytes:
    """One all-day entry for each due procedure, on the day to plan with, and a reminder at nine the day before.

    `base` is the address of the guide without a slash at its end. The same days give the same bytes on one edition
    and the same UIDs on all of them, so that taking the calendar again replaces entries and doubles none.
    """
    book = Calendar()
    book.add("PRODID", PRODUCT)
    book.add("VERSION", "2.0")
    book.add("METHOD", "PUBLISH")
    book.add("X-WR-CALNAME", f"{city} 手続きの期限")
    stamp = (edition.published_at or edition.created_at).astimezone(UTC).replace(microsecond=0)
    for day, key in sorted((plan_day(dues[key]), key) for key in dues.keys() & procedures.keys()):
        procedure, url = procedures[key], f"{base}/procedures/{key}"
        book.add_component(_entry(procedure, dues[key], day=day, url=url, stamp=stamp))
    written: bytes = book.to_ical()
    return written


def plan_day(due: Due) -> date:
    """The day that a resident should plan with: the last opening day in time, else the last day."""
    return due.go_by or due.last_day


def _entry(procedure: Procedure, due: Due, *, day: date, url: str, stamp: datetime) -> Event:
    shown = _shown(due, day)
    summary = f"{procedure.name} {rendering.say('until', shown, procedure.deadline)}"
    entry = Event()
    entry.add("UID", f"{procedure.key}-{day:%Y%m%d}@{urlsplit(url).hostname or 'localhost'}")
    entry.add("DTSTAMP", stamp)
    entry.add("DTSTART", day)
    entry.add("SUMMARY", summary)
    entry.add("DESCRIPTION", f"{rendering.say('explained', shown, procedure.deadline)}\n{url}".strip())
    entry.add("URL", vUri(url))
    entry.add("TRANSP", "TRANSPARENT")
    entry.add_component(_alarm(summary))
    return entry


def _shown(due: Due, day: date) -> ShownDue:
    """The days in the form that the set phrases take, told apart from the day on which they are read."""
    until = due.accepted_until
    return ShownDue(
        day=day,
        closed_day=due.last_day if day < due.last_day else None,
        accepted_until=until if until is not None and until > due.last_day else None,
        cautious=due.cautious,
        show_year=True,
    )


def _alarm(text: str) -> Alarm:
    alarm = Alarm()
    alarm.add("ACTION", "DISPLAY")
    alarm.add("DESCRIPTION", text)
    alarm.add("TRIGGER", _NINE_THE_DAY_BEFORE)
    return alarm
