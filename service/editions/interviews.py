"""How many questions the residents of an edition are asked, and what another order would cost; kept by content."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial

from service.analysis.bdd import NotDecided
from service.analysis.interview_paths import Idle, Journeys, Moved, Walk, trials
from service.caching import PROCESS, Part
from service.content.models import Content, Kind
from service.content.snapshot import Snapshot
from service.errors import NotFound


@dataclass(frozen=True, slots=True)
class Interviews:
    """The interviews about a life event in figures, and the questions asked in vain; None where not decided."""

    event: str
    journeys: Journeys | None
    idle: tuple[Idle, ...] | None


_counted: Part[tuple[str, str], Interviews] = PROCESS.part(lambda interviews: 20_000)
_moved: Part[tuple[str, str, str], tuple[Moved, ...]] = PROCESS.part(lambda moves: 2_000 + 6_000 * len(moves))


async def interviews(snapshot: Snapshot) -> list[Interviews]:
    """The interviews about each life event of a content, in the order in which residents see the events."""
    events = sorted(snapshot.content.life_events, key=lambda event: (event.position, event.key))
    return [await of_event(snapshot, event.key) for event in events]


async def of_event(snapshot: Snapshot, event: str) -> Interviews:
    """The interviews about one life event of a content."""
    work = partial(asyncio.to_thread, _interviews, snapshot.content, event)
    return await _counted.fetch((snapshot.content_hash, event), work)


def _interviews(content: Content, event: str) -> Interviews:
    try:
        walk = Walk(content, [event])
        journeys = walk.journeys()
    except NotDecided:
        return Interviews(event, None, None)
    try:
        return Interviews(event, journeys, walk.idle())
    except NotDecided:
        return Interviews(event, journeys, None)


async def moves(snapshot: Snapshot, event: str, *, question: str) -> tuple[Moved, ...] | None:
    """What each other place of a question would change for the interviews about a life event; None if not decided.

    Errors: NotFound for a life event that is not there, and for a question that is not asked about it.
    """
    if snapshot.kinds.get(event) != Kind.LIFE_EVENT:
        raise NotFound("このライフイベントはありません。")
    journeys = (await of_event(snapshot, event)).journeys
    if journeys is None:
        return None
    if question not in journeys.asked:
        raise NotFound("その質問は、このライフイベントでは聞かれません。")

    async def make() -> tuple[Moved, ...]:
        return await asyncio.to_thread(lambda: trials(snapshot.content, [event], question=question))

    try:
        return await _moved.fetch((snapshot.content_hash, event, question), make)
    except NotDecided:
        return None
