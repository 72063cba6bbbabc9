"""Requests that wait while others are answered go together: the more there are, the less each of them costs."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from service.errors import Unavailable

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

AT_ONCE = 2
"""So many batches are answered side by side: while one of a database's cores works, another need not wait."""
MOST = 32
"""So many requests go in one batch: the first of them waits for the last."""


class Batches(Generic[Asked, Answer]):
    """Answers requests by `run`, which takes many at once and returns their answers in the same order.

    A request that comes while fewer than `at_once` batches are under way starts one of its own; the others wait, and go
    together (at most `most` of them) as soon as one ends. No timer: how large a batch gets follows from the load.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Asked]], Awaitable[Sequence[Answer]]],
        *,
        at_once: int = AT_ONCE,
        most: int = MOST,
    ) -> None:
        self._run = run
        self._at_once = at_once
        self._most = most
        self._queue: deque[tuple[Asked, asyncio.Future[Answer]]] = deque()
        self._running: set[asyncio.Task[None]] = set()

    @property
    def waiting(self) -> int:
        """How many requests wait for a batch to end before they are sent."""
        return sum(not future.done() for _, future in self._queue)

    async def ask(self, request: Asked) -> Answer:
        """The answer to one request; its own error, or the one that a whole batch ended with.

        Who is cancelled while it waits is not sent; of a batch that was sent the others get their answers.
        """
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._queue.append((request, future))
        self._start()
        return await future

    def _start(self) -> None:
        while len(self._running) < self._at_once and (batch := self._next_batch()):
            task = asyncio.create_task(self._answer(batch))
            self._running.add(task)
            task.add_done_callback(self._ended)

    def _next_batch(self) -> list[tuple[Asked, asyncio.Future[Answer]]]:
        batch: list[tuple[Asked, asyncio.Future[Answer]]] = []
        while self._queue and len(batch) < self._most:
            request, future = self._queue.popleft()
            if not future.done():
                batch.append((request, future))
        return batch

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._start()

    async def _answer(self, batch: list[tuple[Asked, asyncio.Future[Answer]]]) -> None:
        """Gives each request its answer; a batch that fails as a whole is asked one by one, unless nobody is there to
        answer it."""
        try:
            answers = await self._run([request for request, _ in batch])
        except Exception as error:
            if len(batch) == 1 or isinstance(error, Unavailable):
                _fail(batch, error)
            else:
                for entry in batch:
                    await self._answer([entry])
        except BaseException:
            for _, future in batch:
                future.cancel()
            raise
        else:
            for (_, future), answer in zip(batch, answers, strict=True):
                if not future.done():
                    future.set_result(answer)


def _fail(batch: Sequence[tuple[Asked, asyncio.Future[Answer]]], error: Exception) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
