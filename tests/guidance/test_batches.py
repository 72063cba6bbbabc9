"""Requests that wait go together: each gets its own answer, and nobody is failed by another."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from service.errors import GuideError, Unavailable
from service.guidance.batches import Batches


class Doubling:
    """Answers numbers with their double once it is let; `failing` is what it cannot answer."""

    def __init__(self, *, failing: int | None = None, error: Exception | None = None) -> None:
        self.sent: list[list[int]] = []
        self.gate = asyncio.Event()
        self.failing = failing
        self.error = error

    async def __call__(self, asked: Sequence[int]) -> list[int]:
        self.sent.append(list(asked))
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        if self.failing in asked:
            raise GuideError("そのひとつは、答えられません。")
        return [2 * one for one in asked]


async def _asking(batches: Batches[int, int], count: int) -> list[asyncio.Task[int]]:
    tasks = [asyncio.ensure_future(batches.ask(number)) for number in range(count)]
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


async def test_what_waits_goes_together_and_each_gets_its_own_answer() -> None:
    run = Doubling()
    batches = Batches(run, at_once=1, most=4)
    tasks = await _asking(batches, 8)
    assert run.sent == [[0]]
    assert batches.waiting == 7
    run.gate.set()
    assert await asyncio.gather(*tasks) == [2 * number for number in range(8)]
    assert run.sent == [[0], [1, 2, 3, 4], [5, 6, 7]]
    assert batches.waiting == 0


async def test_nobody_waits_while_a_place_is_free() -> None:
    run = Doubling()
    batches = Batches(run, at_once=2, most=4)
    tasks = await _asking(batches, 2)
    assert run.sent == [[0], [1]]
    assert batches.waiting == 0
    run.gate.set()
    assert await asyncio.gather(*tasks) == [0, 2]


async def test_one_that_cannot_be_answered_fails_alone() -> None:
    run = Doubling(failing=2)
    batches = Batches(run, at_once=1, most=8)
    tasks = await _asking(batches, 4)
    run.gate.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert answers[:2] == [0, 2] and answers[3] == 6
    assert isinstance(answers[2], GuideError)
    assert run.sent == [[0], [1, 2, 3], [1], [2], [3]]


async def test_a_database_that_is_away_is_told_to_all_at_once() -> None:
    run = Doubling(error=Unavailable("データベースにつながりません。"))
    batches = Batches(run, at_once=1, most=8)
    tasks = await _asking(batches, 4)
    run.gate.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(answer, Unavailable) for answer in answers)
    assert run.sent == [[0], [1, 2, 3]]
    run.error = None
    assert await batches.ask(5) == 10


async def test_who_leaves_while_waiting_is_not_sent() -> None:
    run = Doubling()
    batches = Batches(run, at_once=1, most=8)
    tasks = await _asking(batches, 4)
    tasks[2].cancel()
    await asyncio.sleep(0)
    assert batches.waiting == 2
    run.gate.set()
    assert await asyncio.gather(*(tasks[number] for number in (0, 1, 3))) == [0, 2, 6]
    assert run.sent == [[0], [1, 3]]
    with pytest.raises(asyncio.CancelledError):
        await tasks[2]


async def test_who_leaves_a_batch_that_was_sent_takes_no_other_along() -> None:
    run = Doubling()
    batches = Batches(run, at_once=1, most=8)
    tasks = await _asking(batches, 3)
    tasks[0].cancel()
    await asyncio.sleep(0)
    run.gate.set()
    assert await asyncio.gather(*tasks[1:]) == [2, 4]
    assert await batches.ask(7) == 14
