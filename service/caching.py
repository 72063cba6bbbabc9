"""Bounded caches: in entries and in bytes, and a value that many ask for at once is made once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from cachetools import LRUCache

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Bounded(Generic[Key, Value]):
    """A least-recently-used cache of at most `entries` values and `size` bytes, as `weigh` estimates them.

    Every value weighs at least size / entries, so one bound keeps both.
    """

    def __init__(self, *, entries: int, size: int, weigh: Callable[[Value], int]) -> None:
        floor = max(1, size // entries) if entries else size + 1
        self._cache: LRUCache[Key, Value] = LRUCache(size, getsizeof=lambda value: max(floor, weigh(value)))
        self._making: dict[Key, asyncio.Future[Value]] = {}

    def __len__(self) -> int:
        return len(self._cache)

    @property
    def weight(self) -> float:
        """The sum of the estimated bytes."""
        return self._cache.currsize

    def get(self, key: Key) -> Value | None:
        """The value, if it is there."""
        return self._cache.get(key)

    def put(self, key: Key, value: Value) -> None:
        """Keeps the value; one that is larger than the whole cache is not kept."""
        if self._cache.getsizeof(value) <= self._cache.maxsize:
            self._cache[key] = value

    def clear(self) -> None:
        """Drops everything; what is being made reaches who waits for it, and is not kept."""
        self._cache.clear()
        self._making.clear()

    async def fetch(self, key: Key, make: Callable[[], Awaitable[Value]]) -> Value:
        """The value, made by `make` if it is not there; its error reaches everybody who waits, and is not kept."""
        kept = self._cache.get(key)
        if kept is not None:
            return kept
        waiting = self._making.get(key)
        if waiting is None:
            waiting = asyncio.ensure_future(make())
            self._making[key] = waiting
            waiting.add_done_callback(lambda done: self._made(key, done))
        return await asyncio.shield(waiting)

    def _made(self, key: Key, done: asyncio.Future[Value]) -> None:
        if self._making.get(key) is not done:
            return
        del self._making[key]
        if not done.cancelled() and done.exception() is None:
            self.put(key, done.result())
