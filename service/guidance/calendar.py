"""Days as calendar entries (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

from icalendar import Alarm, Calendar, Event, vUri

PRODUCT = "-//tetsuzuki//procedures//JA"
_NINE_THE_DAY_BEFORE = timedelta(hours=-15)


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """A procedure on the day to plan with; `url` leads to the procedure, never to anybody's answers."""

    day: date
    procedure: str
    summary: str
    description: str
    url: str


def calendar(entries: Iterable[CalendarEntry], *, name: str, stamp: datetime) -> bytes:
    """One all-day entry each, by day and procedure, with a reminder at nine the day before.

    The same entries give the same bytes for one `stamp` and the same UIDs for any, so that taking the calendar again
    replaces entries and doubles none.
    """
    book = Calendar()
    book.add("PRODID", PRODUCT)
    book.add("VERSION", "2.0")
    book.add("METHOD", "PUBLISH")
    book.add("X-WR-CALNAME", name)
    moment = stamp.astimezone(UTC).replace(microsecond=0)
    for entry in sorted(entries, key=lambda entry: (entry.day, entry.procedure)):
        book.add_component(_event(entry, stamp=moment))
    written: bytes = book.to_ical()
    return written


def _event(entry: CalendarEntry, *, stamp: datetime) -> Event:
    event = Event()
    event.add("UID", f"{entry.procedure}-{entry.day:%Y%m%d}@{urlsplit(entry.url).hostname or 'localhost'}")
    event.add("DTSTAMP", stamp)
    event.add("DTSTART", entry.day)
    event.add("SUMMARY", entry.summary)
    event.add("DESCRIPTION", entry.description)
    event.add("URL", vUri(entry.url))
    event.add("TRANSP", "TRANSPARENT")
    event.add_component(_alarm(entry.summary))
    return event


def _alarm(text: str) -> Alarm:
    alarm = Alarm()
    alarm.add("ACTION", "DISPLAY")
    alarm.add("DESCRIPTION", text)
    alarm.add("TRIGGER", _NINE_THE_DAY_BEFORE)
    return alarm
