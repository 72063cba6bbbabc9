"""The time: the only place that reads it. Every day and hour of the guide is Japan's."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone

TOKYO = timezone(timedelta(hours=9), "JST")
"""An offset: Japan has had no other since 1951, and named zones crash the driver (gh-125318 of CPython)."""


def _system() -> datetime:
    return datetime.now(TOKYO)


_source: Callable[[], datetime] = _system


def now() -> datetime:
    """The present moment, aware, in Asia/Tokyo."""
    return _source()


def today() -> date:
    """The day it is in Japan."""
    return _source().date()


def monotonic() -> float:
    """Seconds of a clock that never goes back: for durations, never for dates."""
    return time.monotonic()


@contextmanager
def fixed(moment: datetime) -> Iterator[None]:
    """Stops the clock of all threads at an aware moment while the block runs; ValueError if naive."""
    global _source
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    stopped, before = moment.astimezone(TOKYO), _source
    _source = lambda: stopped  # noqa: E731 - a def would hide that it is one value
    try:
        yield
    finally:
        _source = before
