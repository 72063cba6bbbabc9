"""The bounds of the caches, and that what many ask for at once is made once."""

from __future__ import annotations

import asyncio

import pytest

from service.caching import Bounded


def test_no_more_entries_than_allowed() -> None:
    cache: Bounded[int, str] = Bounded(entries=3, size=3_000, weigh=len)
    for number in range(10):
        cache.put(number, "small")
    assert len(cache) == 3
    assert cache.get(9) == "small"
    assert cache.get(0) is None


def test_no_more_bytes_than_allowed() -> None:
    cache: Bounded[int, str] = Bounded(entries=100, size=1_000, weigh=len)
    for number in range(10):
        cache.put(number, "x" * 400)
    assert len(cache) == 2
    assert cache.weight <= 1_000


def test_what_is_larger_than_the_cache_is_not_kept() -> None:
    cache: Bounded[int, str] = Bounded(entries=10, size=100, weigh=len)
    cache.put(1, "x" * 101)
    assert cache.get(1) is None
    assert len(cache) == 0


def test_a_cache_without_entries_keeps_nothing() -> None:
    cache: Bounded[int, str] = Bounded(entries=0, size=1_000, weigh=len)
    cache.put(1, "x")
    assert cache.get(1) is None


async def test_many_who_wait_share_one_making() -> None:
    cache: Bounded[str, str] = Bounded(entries=10, size=1_000, weigh=len)
    made = 0

    async def make() -> str:
        nonlocal made
        made += 1
        await asyncio.sleep(0.01)
        return "value"

    assert await asyncio.gather(*(cache.fetch("key", make) for _ in range(20))) == ["value"] * 20
    assert made == 1
    assert cache.get("key") == "value"


async def test_an_error_reaches_all_and_is_not_kept() -> None:
    cache: Bounded[str, str] = Bounded(entries=10, size=1_000, weigh=len)

    async def fail() -> str:
        await asyncio.sleep(0)
        raise ValueError("away")

    async def succeed() -> str:
        return "back"

    found = await asyncio.gather(*(cache.fetch("key", fail) for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in found] == [ValueError] * 3
    assert await cache.fetch("key", succeed) == "back"


async def test_who_leaves_does_not_take_the_making_along() -> None:
    cache: Bounded[str, str] = Bounded(entries=10, size=1_000, weigh=len)
    going = asyncio.Event()

    async def make() -> str:
        await going.wait()
        return "value"

    first = asyncio.ensure_future(cache.fetch("key", make))
    second = asyncio.ensure_future(cache.fetch("key", make))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    going.set()
    assert await second == "value"


async def test_what_is_cleared_is_made_anew_also_what_was_being_made() -> None:
    cache: Bounded[str, str] = Bounded(entries=10, size=1_000, weigh=len)
    going = asyncio.Event()

    async def old() -> str:
        await going.wait()
        return "old"

    async def new() -> str:
        return "new"

    cache.put("kept", "old")
    waiting = asyncio.ensure_future(cache.fetch("made", old))
    await asyncio.sleep(0)
    cache.clear()
    going.set()
    assert await waiting == "old"
    assert (cache.get("kept"), cache.get("made"), len(cache)) == (None, None, 0)
    assert await cache.fetch("made", new) == "new"
