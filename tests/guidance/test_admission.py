"""How much may be waited for: as much as is expected to be done in time, by what the last ones took."""

from __future__ import annotations

import asyncio
from typing import Literal

import pytest

from service.errors import Busy
from service.guidance.admission import FEWEST, Admission
from tests.clocks import Moving

SECONDS = 2.0


async def _begun(admission: Admission, number: int, end: asyncio.Event) -> list[asyncio.Task[Literal[True]]]:
    """So much work that ends with the event."""
    tasks = [asyncio.ensure_future(admission.run(end.wait)) for _ in range(number)]
    await asyncio.sleep(0)
    return tasks


async def _taught(admission: Admission, moving: Moving, *, seconds: float, together: int = 1) -> None:
    """Lets it see that so many take so long together, often enough that it counts for what is usual."""
    for _ in range(100):
        end = asyncio.Event()
        tasks = await _begun(admission, together, end)
        moving.seconds += seconds
        end.set()
        await asyncio.gather(*tasks)


async def _let_in(admission: Admission) -> int:
    """How many come in when nothing is done."""
    end, number = asyncio.Event(), 0
    with pytest.raises(Busy):
        while True:
            await _begun(admission, 1, end)
            number += 1
    end.set()
    return number


async def test_those_who_come_together_are_looked_at_one_by_one(moving: Moving) -> None:
    admission, end = Admission(SECONDS), asyncio.Event()
    await _taught(admission, moving, seconds=SECONDS)
    tasks = [asyncio.ensure_future(admission.run(end.wait)) for _ in range(2 * FEWEST)]
    await asyncio.sleep(0)
    end.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert results.count(True) == FEWEST and sum(isinstance(one, Busy) for one in results) == FEWEST


@pytest.mark.parametrize(("seconds", "together", "most"), [(0.05, 1, 41), (0.05, 2, 81), (0.5, 1, FEWEST)])
async def test_as_many_come_in_as_are_done_in_time(moving: Moving, seconds: float, together: int, most: int) -> None:
    admission = Admission(SECONDS)
    await _taught(admission, moving, seconds=seconds, together=together)
    # Of several that come together the first meets none and the last all others: half of them on the average.
    met = (1 + together) / 2
    assert await _let_in(admission) == pytest.approx(
        SECONDS * met / seconds if most > FEWEST else most, abs=together + 1
    )


async def test_nobody_more_comes_in_while_nothing_is_done(moving: Moving) -> None:
    admission, end = Admission(SECONDS), asyncio.Event()
    waiting = await _begun(admission, FEWEST, end)
    moving.seconds += SECONDS / 2
    waiting += await _begun(admission, 1, end)
    moving.seconds += SECONDS
    assert admission.expected() > SECONDS
    with pytest.raises(Busy):
        await admission.run(end.wait)
    end.set()
    assert await asyncio.gather(*waiting) == [True] * (FEWEST + 1)
    assert admission.expected() == 0
    assert await admission.run(end.wait)


async def test_work_that_fails_leaves_and_counts_for_nothing(moving: Moving) -> None:
    admission = Admission(SECONDS)

    async def fail() -> None:
        moving.seconds += 100
        raise LookupError

    for _ in range(FEWEST):
        with pytest.raises(LookupError):
            await admission.run(fail)
    assert admission.expected() == 0
    assert await _let_in(admission) > FEWEST


async def test_others_have_their_turn_between_two_that_are_done() -> None:
    """All of a batch are done at once; the pages that are made of them are not."""
    admission, end, done = Admission(SECONDS), asyncio.Event(), list[int]()

    async def visit() -> None:
        await admission.run(end.wait)
        done.append(turn)

    visits = [asyncio.create_task(visit()) for _ in range(FEWEST)]
    turn = 0
    await asyncio.sleep(0)
    end.set()
    while len(done) < FEWEST:
        turn += 1
        await asyncio.sleep(0)
    await asyncio.gather(*visits)
    assert len(set(done)) == FEWEST
