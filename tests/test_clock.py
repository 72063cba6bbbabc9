"""The clock: Japan's time, and standing still for tests."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from threading import Thread
from zoneinfo import ZoneInfo

import pytest

from service import clock


def test_now_is_the_present_in_japan() -> None:
    before = datetime.now(UTC)
    now = clock.now()
    assert before <= now <= datetime.now(UTC)
    assert now.utcoffset() == timedelta(hours=9)
    assert not isinstance(now.tzinfo, ZoneInfo), "a named zone crashes with the driver"


def test_the_day_is_japans() -> None:
    with clock.fixed(datetime(2026, 3, 31, 15, 0, tzinfo=UTC)):
        assert clock.today() == date(2026, 4, 1)
        assert clock.now().hour == 0
    with clock.fixed(datetime(2026, 3, 31, 14, 59, tzinfo=UTC)):
        assert clock.today() == date(2026, 3, 31)


def test_it_stands_still_for_all_threads_and_goes_on_after_an_error() -> None:
    seen: list[date] = []
    with pytest.raises(KeyError), clock.fixed(datetime(2000, 1, 1, tzinfo=UTC)):
        thread = Thread(target=lambda: seen.append(clock.today()))
        thread.start()
        thread.join()
        with clock.fixed(datetime(2001, 1, 1, tzinfo=UTC)):
            seen.append(clock.today())
        seen.append(clock.today())
        raise KeyError
    assert seen == [date(2000, 1, 1), date(2001, 1, 1), date(2000, 1, 1)]
    assert clock.now().year >= 2026


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"), clock.fixed(datetime(2026, 1, 1)):
        raise AssertionError("the block must not run")


def test_durations_never_go_back() -> None:
    assert clock.monotonic() <= clock.monotonic()
