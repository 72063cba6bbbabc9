"""The bound of what a process keeps, and that what many ask for at once is made once."""

from __future__ import annotations

import asyncio

import pytest

from service.caching import ENTRY_BYTES, Cache, Part

LARGE = 1_000 * ENTRY_BYTES


def test_all_parts_share_one_bound() -> None:
    cache = Cache(3 * (ENTRY_BYTES + 5))
    words: Part[int, str] = cache.part(len)
    names: Part[int, str] = cache.part(len)
    for number in range(10):
        words.put(number, "small")
        names.put(number, "small")
    assert len(words) + len(names) == 3
    assert cache.weight <= 3 * (ENTRY_BYTES + 5)
    assert names.get(9) == "small" and words.get(0) is None


def test_what_is_asked_for_stays_and_what_is_not_goes() -> None:
    cache = Cache(2 * (ENTRY_BYTES + 5))
    part: Part[str, str] = cache.part(len)
    part.put("asked", "small")
    for number in range(10):
        part.put(str(number), "small")
        assert part.get("asked") == "small"


def test_parts_do_not_see_each_other() -> None:
    cache = Cache(LARGE)
    words: Part[int, str] = cache.part(len)
    names: Part[int, str] = cache.part(len)
    words.put(1, "word")
    assert names.get(1) is None


def test_what_is_larger_than_the_cache_is_not_kept() -> None:
    part: Part[int, str] = Cache(ENTRY_BYTES + 100).part(len)
    part.put(1, "x" * 101)
    assert part.get(1) is None and len(part) == 0


def test_what_is_discarded_is_gone_and_nothing_else() -> None:
    cache = Cache(LARGE)
    words: Part[int, str] = cache.part(len)
    names: Part[int, str] = cache.part(len)
    words.put(1, "word")
    names.put(1, "name")
    words.discard(1)
    words.discard(2)
    assert words.get(1) is None and names.get(1) == "name"
    assert cache.weight == ENTRY_BYTES + 4


def test_a_cache_of_no_bytes_keeps_nothing() -> None:
    part: Part[int, str] = Cache(0).part(len)
    part.put(1, "x")
    assert part.get(1) is None


async def test_many_who_wait_share_one_making() -> None:
    cache: Part[str, str] = Cache(LARGE).part(len)
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
    cache: Part[str, str] = Cache(LARGE).part(len)

    async def fail() -> str:
        await asyncio.sleep(0)
        raise ValueError("away")

    async def succeed() -> str:
        return "back"

    found = await asyncio.gather(*(cache.fetch("key", fail) for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in found] == [ValueError] * 3
    assert await cache.fetch("key", succeed) == "back"


async def test_who_leaves_does_not_take_the_making_along() -> None:
    cache: Part[str, str] = Cache(LARGE).part(len)
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
    whole = Cache(LARGE)
    cache: Part[str, str] = whole.part(len)
    going = asyncio.Event()

    async def old() -> str:
        await going.wait()
        return "old"

    async def new() -> str:
        return "new"

    cache.put("kept", "old")
    waiting = asyncio.ensure_future(cache.fetch("made", old))
    await asyncio.sleep(0)
    whole.clear()
    going.set()
    assert await waiting == "old"
    assert (cache.get("kept"), cache.get("made"), len(cache)) == (None, None, 0)
    assert await cache.fetch("made", new) == "new"
