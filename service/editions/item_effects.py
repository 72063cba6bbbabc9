"""Who comes to an item of a content, and what depends on it; kept by content."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from service.analysis import reach as analysis_reach
from service.analysis.reach import EventReach
from service.caching import PROCESS, Part
from service.content import dependents as content_dependents
from service.content.dependents import Naming
from service.content.snapshot import Snapshot

Reached = tuple[EventReach, ...] | None

NAME_BYTES = 200
_namings: Part[str, Naming] = PROCESS.part(lambda found: NAME_BYTES * (len(found.named) + len(found.namers)))
_reached: Part[tuple[str, str], tuple[Reached]] = PROCESS.part(lambda found: 2_000 * (1 + len(found[0] or ())))


async def dependents(snapshot: Snapshot, key: str, *, beside: Snapshot | None) -> Mapping[str, tuple[str, ...]]:
    """What depends on an item of the content, keys by kind (`content.dependents`).

    Quicker where the content is much like another one that was looked at already, `beside`.
    """
    found = await _namings.fetch(
        snapshot.content_hash,
        lambda: asyncio.to_thread(
            content_dependents.naming, snapshot.items, _namings.get(beside.content_hash) if beside else None
        ),
    )
    return content_dependents.dependents(snapshot.items, found, key)


async def reach(snapshot: Snapshot, key: str, *, seconds: float) -> tuple[Reached] | None:
    """Who comes to an item of the content (`analysis.reach`), in a tuple; None where that takes longer than so many
    seconds: it goes on, and who asks again is told."""

    async def make() -> tuple[Reached]:
        return (await asyncio.to_thread(analysis_reach.reach, snapshot.content, snapshot.models[key]),)

    try:
        return await asyncio.wait_for(_reached.fetch((snapshot.content_hash, key), make), seconds)
    except TimeoutError:
        return None
