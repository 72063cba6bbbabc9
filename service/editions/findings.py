"""The findings of editions: all that is wrong, in sentences, what blocks first (ops/design/editions.md, "Check").

They are kept by the content they were found in: pages show them often, and finding them takes a while.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from weakref import WeakKeyDictionary

from service import clock
from service.analysis import checks
from service.analysis.findings import Finding, Saying, ordered, told
from service.caching import PROCESS, Part
from service.content.models import Edition
from service.content.patches import items
from service.diff_text.outcomes import Outcome
from service.editions import scenarios
from service.store import editions
from service.store.graph import Graph

FAILS = "scenario_fails"
UNFINISHED = "scenario_unfinished"
_RED = Saying(
    "blocking",
    "{sentence}",
    "直した内容が正しければ試験ケースのほうを、正しくなければ条件か質問を直してください。",
)
_UNFINISHED = Saying(
    "hint",
    "{item}は、{question}に答えていないので、案内が途中です。",
    "試験ケースに、この質問の答えを加えてください。",
)

FINDING_BYTES = 600
CALM_SECONDS = 2.0
AT_ONCE = 2
"""Searches at a time in one process: residents use the same connections."""

Found = tuple[Finding, ...]
Name = tuple[str, str]
"""What findings are kept under: the hash of the content, and the day, which decides what is overdue."""

_kept: Part[Name, Found] = PROCESS.part(lambda found: FINDING_BYTES * (len(found) + 1))
_running: dict[Name, asyncio.Task[Found]] = {}
_progress: dict[Name, Progress] = {}
_waiting: dict[int, asyncio.Task[None]] = {}
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


@dataclass(slots=True)
class Progress:
    """What was found so far, and how many checks are left (the scenarios and the proofs are one each)."""

    found: list[Finding] = field(default_factory=list)
    left: int = len(checks.SAYINGS) + 2

    def tell(self, found: Sequence[Finding]) -> None:
        """Takes what one check found."""
        self.found += found
        self.left -= 1


async def find(
    graph: Graph,
    number: int,
    *,
    today: date | None = None,
    dead: Collection[str] = (),
    progress: Progress | None = None,
) -> list[Finding]:
    """Everything that is wrong with an edition in whatever state, also while it is being built; what blocks first.

    `today` decides what is overdue (Japan's day without it); `dead` are addresses that a watch of links found dead;
    `progress` learns of each finding as it is found. Errors: NotFound, Archived, Unavailable.
    """
    progress = progress or Progress()
    content = await scenarios.whole(graph, number)
    called = await asyncio.to_thread(lambda: checks.called(items(content)))

    async def run_scenarios() -> None:
        progress.tell(_of_scenarios(await scenarios.run(graph, number, content=content), called))

    async def prove() -> None:
        progress.tell(await asyncio.to_thread(checks.of_content, content, called))

    day = today or clock.today()
    structure = checks.structure(graph.latest, number, today=day, dead=dead, called=called, tell=progress.tell)
    await asyncio.gather(structure, run_scenarios(), prove())
    return ordered(progress.found)


def _of_scenarios(outcomes: Collection[Outcome], called: Mapping[str, str]) -> list[Finding]:
    """A finding per scenario that fails, and per green one that is not asked to its end."""
    found = []
    for outcome in outcomes:
        events, question = outcome.scenario.life_events, outcome.guidance.next_question
        row = {
            "keys": [outcome.key, *(deviation.procedure for deviation in outcome.deviations)],
            "witness": outcome.guidance.answers,
            "event": events[0] if len(events) == 1 else None,
        }
        if not outcome.green:
            found.append(told(FAILS, _RED, row=row | {"sentence": outcome.sentence}, called=called))
        elif question is not None:
            named = called.get(question, f"「{question}」")
            found.append(told(UNFINISHED, _UNFINISHED, row=row | {"question": named}, called=called))
    return found


async def kept(graph: Graph, edition: Edition, *, progress: Progress | None = None) -> Found:
    """What is wrong with an edition as it is now, what blocks first. Errors: NotFound, Archived, Unavailable.

    Kept for the day under the hash of the content, and only if nobody saved while it was being looked at.
    """
    name = _name(edition)
    known = _kept.get(name)
    if known is not None:
        return known
    found = tuple(await find(graph, edition.number, progress=progress))
    after = await editions.numbered(graph.latest, edition.number)
    if after.content_hash == edition.content_hash:
        _kept.put(name, found)
    return found


async def whole(graph: Graph, edition: Edition) -> Found:
    """The same, by the search that has begun, if one has: nobody searches beside it. Errors as in `kept`."""
    return await asyncio.shield(begin(graph, edition))


async def soon(graph: Graph, wanted: Iterable[Edition], *, seconds: float) -> dict[int, Found | None]:
    """The findings by number of edition; None where they take longer than that: the next page will have them."""
    tasks = {edition.number: begin(graph, edition) for edition in wanted}
    if tasks:
        await asyncio.wait(tasks.values(), timeout=seconds)
    return {number: _result(task) for number, task in tasks.items()}


async def so_far(graph: Graph, edition: Edition, *, seconds: float) -> tuple[Found, int]:
    """What was found within that time, what blocks first, and how many checks are left (0: that is all).

    The search goes on, and who asks again is told more. Errors: those of `kept`.
    """
    task = begin(graph, edition)
    progress = _progress.get(_name(edition))
    await asyncio.wait([task], timeout=seconds)
    if task.done():
        return task.result(), 0
    return (tuple(ordered(progress.found)), max(1, progress.left)) if progress else ((), 1)


def begin(graph: Graph, edition: Edition) -> asyncio.Task[Found]:
    """The search for findings, which goes on whether somebody waits for it or not."""
    name = _name(edition)
    running = _running.get(name)
    if running is None or running.get_loop() is not asyncio.get_running_loop():
        _progress[name] = Progress()
        running = asyncio.create_task(_in_turn(graph, edition, _progress[name]))
        _running[name] = running
        running.add_done_callback(lambda done: _ended(name, done))
    return running


def begin_when_calm(graph: Graph, edition: Edition) -> None:
    """Begins the search once nobody has saved the draft for a moment: of saves in a row only the last is looked at."""
    before = _waiting.pop(edition.number, None)
    if before is not None and before.get_loop() is asyncio.get_running_loop():
        before.cancel()
    task = asyncio.create_task(_begin_later(graph, edition))
    _waiting[edition.number] = task
    task.add_done_callback(lambda done: _waiting.pop(edition.number) if _waiting.get(edition.number) is done else None)


async def _begin_later(graph: Graph, edition: Edition) -> None:
    await asyncio.sleep(CALM_SECONDS)
    begin(graph, edition)


async def end() -> None:
    """Ends every search of this event loop, when the process stops."""
    loop = asyncio.get_running_loop()
    tasks = [task for task in (*_running.values(), *_waiting.values()) if task.get_loop() is loop]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _in_turn(graph: Graph, edition: Edition, progress: Progress) -> Found:
    turns = _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE))
    async with turns:
        return await kept(graph, edition, progress=progress)


def _ended(name: Name, task: asyncio.Task[Found]) -> None:
    """Its error is nobody's who does not wait: the page that asks next meets it."""
    if _running.get(name) is task:
        del _running[name]
        _progress.pop(name, None)
    if not task.cancelled():
        task.exception()


def _result(task: asyncio.Task[Found]) -> Found | None:
    if not task.done() or task.cancelled() or task.exception() is not None:
        return None
    return task.result()


def _name(edition: Edition) -> Name:
    return (edition.content_hash or f"{edition.number}-{edition.revision}", clock.today().isoformat())
