"""The findings of editions, kept by what they were found in: pages show them often, finding them takes a while."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from weakref import WeakKeyDictionary

from service import clock
from service.analysis import checks
from service.analysis.findings import Finding
from service.caching import PROCESS, Part
from service.content.models import Edition
from service.store import editions
from service.store.graph import Graph

FINDING_BYTES = 600

Found = tuple[Finding, ...]

_kept: Part[tuple[str, str], Found] = PROCESS.part(lambda found: FINDING_BYTES * (len(found) + 1))
_running: dict[tuple[str, str], asyncio.Task[Found]] = {}
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()
AT_ONCE = 2
"""Searches at a time in one process: residents use the same connections."""


async def findings(graph: Graph, edition: Edition) -> Found:
    """What is wrong with an edition as it is now, what blocks first. Errors: NotFound, Archived, Unavailable.

    Kept for the day under the hash of the content, and only if nobody saved while it was being looked at.
    """
    known = _kept.get(_name(edition))
    if known is not None:
        return known
    found = tuple(await checks.findings(graph, edition.number))
    after = await editions.numbered(graph.latest, edition.number)
    if after.content_hash == edition.content_hash:
        _kept.put(_name(edition), found)
    return found


async def soon(graph: Graph, wanted: Iterable[Edition], *, seconds: float) -> dict[int, Found | None]:
    """The findings by number of edition; None where they take longer than that: the next page will have them."""
    tasks = {one.number: begun(graph, one) for one in wanted}
    if tasks:
        await asyncio.wait(tasks.values(), timeout=seconds)
    return {number: _result(task) for number, task in tasks.items()}


def begun(graph: Graph, edition: Edition) -> asyncio.Task[Found]:
    """The search for findings, which goes on whether somebody waits for it or not."""
    name = _name(edition)
    running = _running.get(name)
    if running is None or running.get_loop() is not asyncio.get_running_loop():
        running = asyncio.create_task(_in_turn(graph, edition))
        _running[name] = running
        running.add_done_callback(lambda done: _ended(name, done))
    return running


async def _in_turn(graph: Graph, edition: Edition) -> Found:
    turns = _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE))
    async with turns:
        return await findings(graph, edition)


def _ended(name: tuple[str, str], task: asyncio.Task[Found]) -> None:
    """Its error is nobody's who does not wait: the page that asks next meets it."""
    if _running.get(name) is task:
        del _running[name]
    if not task.cancelled():
        task.exception()


def _result(task: asyncio.Task[Found]) -> Found | None:
    if not task.done() or task.cancelled() or task.exception() is not None:
        return None
    return task.result()


def _name(edition: Edition) -> tuple[str, str]:
    return (edition.content_hash or f"{edition.number}-{edition.revision}", clock.today().isoformat())
