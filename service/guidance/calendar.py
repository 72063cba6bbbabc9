"""Days as calendar entries (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid5

from icalendar import Alarm, Calendar, Event, vUri

PRODUCT = "-//tetsuzuki//procedures//JA"
_NAMES = UUID("5d0cb2a5-6b0e-4b52-9a5a-6d1f6a3f5f0b")
_BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
_NINE_THE_DAY_BEFORE = timedelta(hours=-15)


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """A procedure on the day to plan with; `url` leads to the procedure, never to anybody's answers.

    `life_events` are those whose day it may be counted from; `location` is None where nobody knows the place.
    """

    day: date
    procedure: str
    life_events: tuple[str, ...]
    summary: str
    description: str
    url: str
    location: str | None = None


def calendar(entries: Iterable[CalendarEntry], *, city: str, name: str, moment: datetime) -> bytes:
    """One all-day entry each, by day and procedure, with a reminder at nine the day before.

    An entry keeps its UID as long as city, procedure and life events are the same, whatever its day, and what is taken
    later has the higher SEQUENCE: a calendar that has it already moves it and holds it once.
    """
    book = Calendar()
    book.add("PRODID", PRODUCT)
    book.add("VERSION", "2.0")
    book.add("METHOD", "PUBLISH")
    book.add("X-WR-CALNAME", name)
    stamp = moment.astimezone(UTC).replace(microsecond=0)
    for entry in sorted(entries, key=lambda entry: (entry.day, entry.procedure)):
        book.add_component(_event(entry, city=city, stamp=stamp))
    written: bytes = book.to_ical()
    return written


def _event(entry: CalendarEntry, *, city: str, stamp: datetime) -> Event:
    event = Event()
    event.add("UID", str(uuid5(_NAMES, "\n".join((city, entry.procedure, *sorted(entry.life_events))))))
    event.add("DTSTAMP", stamp)
    event.add("SEQUENCE", int((stamp - _BEGINNING).total_seconds()))
    event.add("DTSTART", entry.day)
    event.add("SUMMARY", entry.summary)
    event.add("DESCRIPTION", entry.description)
    if entry.location:
        event.add("LOCATION", entry.location)
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
