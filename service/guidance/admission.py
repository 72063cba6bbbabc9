"""How much guidance that nobody asked for before may be waited for at once in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import TypeVar

from service import clock
from service.errors import Busy

Result = TypeVar("Result")

FEWEST = 16
"""So many are always let in, however slow the last ones were: a database that has just started is slow to plan."""
FIRST_SECONDS = 0.02
"""What one is taken to need before any was worked out."""
SMOOTHING = 0.1
"""How much the last one counts beside all before it."""


class Admission:
    """Lets work in as long as it is expected to be done within `seconds`, and refuses the rest at once.

    The expected time follows from what is under way and from how much of it is done a second, by Little's law: the
    mean time of one divided by the mean number of them together. So it holds on any machine, beside other processes on
    the same database, and whether the database works on one at a time or on many together.

    What is done leaves one by one, a turn of the event loop apart: who asked goes on to make a page of it, which takes
    milliseconds, and between two of these others have their turn. So a process with too much to do shows here too.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._begun: dict[object, float] = {}
        self._leaving = asyncio.Lock()
        self._mean_seconds = FIRST_SECONDS
        self._mean_together = 1.0

    def expected(self) -> float:
        """In how many seconds one that came now would be done; no less than the oldest has waited already."""
        if not self._begun:
            return 0.0
        oldest = clock.monotonic() - next(iter(self._begun.values()))
        return max(oldest, len(self._begun) * self._mean_seconds / self._mean_together)

    def run(self, work: Callable[[], Awaitable[Result]]) -> Coroutine[None, None, Result]:
        """What the work returns, to be awaited. Errors: Busy, mostly before there is a coroutine; those of the work."""
        self._refuse()
        return self._run(work)

    def _refuse(self) -> None:
        if len(self._begun) >= FEWEST and self.expected() > self._seconds:
            raise Busy

    async def _run(self, work: Callable[[], Awaitable[Result]]) -> Result:
        self._refuse()  # others may have come in since
        name, began = object(), clock.monotonic()
        self._begun[name] = began
        together = len(self._begun)
        try:
            result = await work()
            async with self._leaving:
                await asyncio.sleep(0)
        finally:
            del self._begun[name]
        self._mean_seconds += SMOOTHING * (clock.monotonic() - began - self._mean_seconds)
        self._mean_together += SMOOTHING * (together - self._mean_together)
        return result
