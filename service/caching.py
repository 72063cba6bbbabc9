"""What a process keeps: one bound of bytes for everything, and a value that many ask for at once is made once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from threading import Lock
from typing import Any, Generic, TypeVar
from weakref import WeakSet

from cachetools import LRUCache

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

DEFAULT_BYTES = 192 * 1024 * 1024
ENTRY_BYTES = 200
"""What an entry takes beside its value: the key, and its places in two dictionaries."""


class Cache:
    """Values of many kinds, together at most `size` bytes as they were estimated; the least recently used goes first.

    One bound for all kinds lets each process spend it on what its visitors ask for. Threads may use it too.
    """

    def __init__(self, size: int) -> None:
        self.lock = Lock()
        self._parts: WeakSet[Part[Any, Any]] = WeakSet()
        self._size = size
        self.clear()

    def resize(self, size: int) -> None:
        """Gives the cache another bound, with which it begins empty; with 0 it keeps nothing."""
        if size != self._size:
            self._size = size
            self.clear()

    def clear(self) -> None:
        """Drops everything; what is being made reaches who waits for it, and is not kept."""
        with self.lock:
            self.kept: LRUCache[tuple[object, Hashable], tuple[int, Any]] = LRUCache(
                self._size, getsizeof=lambda entry: entry[0]
            )
        for part in self._parts:
            part.forget_making()

    def part(self, weigh: Callable[[Value], int]) -> Part[Any, Value]:
        """A place for values of one kind; `weigh` estimates the bytes of one."""
        part: Part[Any, Value] = Part(self, weigh)
        self._parts.add(part)
        return part

    @property
    def weight(self) -> int:
        """The sum of the estimated bytes."""
        return int(self.kept.currsize)


class Part(Generic[Key, Value]):
    """The values of one kind in a cache, by keys of their own."""

    def __init__(self, cache: Cache, weigh: Callable[[Value], int]) -> None:
        self._cache = cache
        self._weigh = weigh
        self._name = object()
        self._making: dict[Key, asyncio.Future[Value]] = {}

    def __len__(self) -> int:
        with self._cache.lock:
            return sum(name is self._name for name, _ in self._cache.kept)

    def get(self, key: Key) -> Value | None:
        """The value, if it is there."""
        with self._cache.lock:
            entry = self._cache.kept.get((self._name, key))
        return None if entry is None else entry[1]

    def put(self, key: Key, value: Value) -> None:
        """Keeps the value; one that is larger than the whole cache is not kept."""
        weight = ENTRY_BYTES + self._weigh(value)
        with self._cache.lock:
            if weight <= self._cache.kept.maxsize:
                self._cache.kept[self._name, key] = (weight, value)

    def discard(self, key: Key) -> None:
        """Keeps the value of a key no longer, if it does."""
        with self._cache.lock:
            self._cache.kept.pop((self._name, key), None)

    async def fetch(self, key: Key, make: Callable[[], Awaitable[Value]]) -> Value:
        """The value, made by `make` if it is not there; its error reaches everybody who waits, and is not kept."""
        kept_value = self.get(key)
        if kept_value is not None:
            return kept_value
        waiting = self._making.get(key)
        if waiting is None:
            waiting = asyncio.ensure_future(make())
            self._making[key] = waiting
            waiting.add_done_callback(lambda future: self._keep_made(key, future))
        return await asyncio.shield(waiting)

    def forget_making(self) -> None:
        """What is being made reaches who waits for it, and is not kept."""
        self._making.clear()

    def _keep_made(self, key: Key, future: asyncio.Future[Value]) -> None:
        if self._making.get(key) is not future:
            return
        del self._making[key]
        if not future.cancelled() and future.exception() is None:
            self.put(key, future.result())


PROCESS = Cache(DEFAULT_BYTES)
"""The one cache of this process; `service/app.py` gives it the bound of the settings."""
