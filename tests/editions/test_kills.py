"""Faults that must lose nothing: a process, and the database itself, killed at every write of what staff do."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from service import clock
from service.content.canonical import content_hash
from service.content.models import Edition
from service.editions import archive, audit, building, drafts, importing, publishing
from service.errors import GuideError, NotFound
from service.runtime import embedded, lockfile
from service.runtime.embedded import Embedded
from service.settings import Settings
from service.store import editions, schema
from service.store.graph import Graph, Transaction
from tests.cli.running import environment, names
from tests.killed import NOTED, OPERATIONS, OTHER, STAFF, Doomed, When, content, save

pytestmark = pytest.mark.asyncio(loop_scope="session")

STEPS_MOST = 40
UNTOLD = len(schema.STATEMENTS) + 2
"""The first write of an import that is its own: before that it prepares the schema, which is there."""


@dataclass(frozen=True)
class State:
    """What staff see of the editions from `first` on, and how long the history is."""

    live: int | None
    shown: frozenset[tuple[int, str, bool, str | None, int | None]]
    changes: int


async def _state(graph: Graph, first: int) -> State:
    live = await editions.live(graph.latest)
    head = await graph.latest.one("editions/history", "head")
    assert head is not None
    shown = [one for one in await editions.shown(graph.latest) if one.number >= first]
    told = frozenset((one.number, one.state, one.archived, one.content_hash, one.base) for one in shown)
    return State(live.number if live else None, told, head["seq"])


async def _sound(graph: Graph, first: int) -> None:
    """Every edition that somebody can see is whole, and so is the history."""
    live = await editions.live(graph.latest)
    assert live is not None
    seen = [one for one in await editions.shown(graph.latest) if one.number >= first]
    for one in [live, *seen]:
        assert content_hash(await importing.export(graph, str(one.number))) == one.content_hash, one
    assert await audit.verify(graph) == []


async def _numbers_of_items(graph: Graph, first: int) -> set[int]:
    async def run(transaction: Transaction) -> set[int]:
        found = await transaction._transaction.run(
            "MATCH (item:Item) WHERE item.edition >= $first RETURN DISTINCT item.edition AS number", first=first
        )
        return {record["number"] async for record in found}

    return await graph.write(run)


async def _tidied(graph: Graph, first: int) -> None:
    """What was left behind is seen by nobody, and goes."""
    left = await graph.latest.many("editions/building", "leftovers", before=clock.now() + timedelta(seconds=1))
    shown = {one.number: one for one in await editions.shown(graph.latest)}
    for row in left:
        assert row["number"] not in shown
        with pytest.raises(NotFound):
            await editions.numbered(graph.latest, row["number"])
    await building.tidy(graph, older_than=timedelta(0))
    await archive.tidy(graph)
    whole = {number for number, one in shown.items() if number >= first and not one.archived}
    assert await _numbers_of_items(graph, first) == whole


async def _fresh(graph: Graph) -> Edition:
    """The small content is live, and nothing waits."""
    while waiting := await editions.waiting(graph.latest):
        await publishing.withdraw(graph, waiting[-1].number, by=STAFF)
    return (await importing.import_content(graph, content(), publish=True, title="最初の版", by=STAFF)).edition


async def _noted(graph: Graph, key: str, note: str) -> Edition:
    """A draft of the live edition with this note."""
    draft = await drafts.fork(graph, None, title="下書き", by=STAFF)
    await save(graph, draft.number, key=key, note=note)
    return await editions.numbered(graph.latest, draft.number)


async def _prepared(graph: Graph, operation: str) -> tuple[int, int]:
    """The number of the first edition that is looked at, and of the one that the operation is done on."""
    first = 1 + max((one.number for one in await editions.shown(graph.latest)), default=0)
    origin = await _fresh(graph)
    if operation == "import":
        return first, clock.now().microsecond
    if operation == "fork":
        return first, origin.number
    if operation == "publish-before-scheduled":
        later = await _noted(graph, OTHER, "来月から")
        await publishing.publish(
            graph, later.number, by=STAFF, seen=later.content_hash, at=clock.now() + timedelta(days=30)
        )
    draft = await _noted(graph, NOTED, "下書きの内容")
    if operation == "rollback":
        await publishing.publish(graph, draft.number, by=STAFF, seen=draft.content_hash)
        return first, origin.number
    if operation in {"archive", "bring-back"}:
        await drafts.discard(graph, draft.number, by=STAFF)
    if operation == "bring-back":
        await archive.archive(graph, draft.number, by=STAFF)
    return first, draft.number


async def _achieved(graph: Graph, operation: str, number: int, before: State) -> None:
    """The operation did what it is for."""
    live = await editions.live(graph.latest)
    assert live is not None
    if operation in {"import", "publish", "publish-before-scheduled", "rollback"}:
        assert live.number != before.live
    else:
        assert live.number == before.live
    if operation == "rollback":
        assert live.content_hash == content_hash(content())
    if operation == "fork":
        assert len(await editions.drafts(graph.latest)) > 0
    if operation in {"archive", "bring-back"}:
        assert (await editions.numbered(graph.latest, number)).archived is (operation == "archive")
    if operation == "publish-before-scheduled":
        (waiting,) = await editions.waiting(graph.latest)
        assert waiting.base == live.number == number
        wanted = content_hash(content(**{NOTED: "下書きの内容", OTHER: "来月から"}))
        assert waiting.content_hash == wanted


async def _survived(graph: Graph, operation: str, *, first: int, number: int, before: State) -> int:
    """Looks at the store after the kill, does what was not done once more; returns how many changes there are more."""
    await _sound(graph, first)
    after = await _state(graph, first)
    await _tidied(graph, first)
    assert await _state(graph, first) == after, "tidying changes nothing that anybody sees"
    if after == before:
        await OPERATIONS[operation](graph, number)
    await _sound(graph, first)
    await _tidied(graph, first)
    await _achieved(graph, operation, number, before)
    return (await _state(graph, first)).changes - before.changes


@pytest.fixture(scope="module")
def driver(settings: Settings) -> Iterator[subprocess.Popen[str]]:
    """The process whose children are killed."""
    killer = [sys.executable, "-m", "tests.killed"]
    names_of_store = environment(**names(settings))
    with subprocess.Popen(
        killer, env=names_of_store, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process


def _was_killed(driver: subprocess.Popen[str], line: str) -> bool:
    """Whether the process was killed there; False when it came to its end."""
    assert driver.stdin is not None and driver.stdout is not None
    driver.stdin.write(line + "\n")
    driver.stdin.flush()
    status = int(driver.stdout.readline())
    assert status in {0, -signal.SIGKILL}
    return status != 0


@pytest.mark.parametrize("when", ["inside", "after"])
@pytest.mark.parametrize("operation", OPERATIONS)
async def test_a_process_killed_at_any_write_loses_nothing(
    graph: Graph, driver: subprocess.Popen[str], operation: str, when: When
) -> None:
    longer = set()
    begin = UNTOLD if operation == "import" else 1
    for step in range(begin, begin + STEPS_MOST):
        first, number = await _prepared(graph, operation)
        before = await _state(graph, first)
        killed = await asyncio.to_thread(_was_killed, driver, f"{operation} {number} {step} {when}")
        longer.add(await _survived(graph, operation, first=first, number=number, before=before))
        if not killed:
            break
    assert not killed and step > begin
    assert len(longer) == 1, "the history tells the same, whenever the kill came"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """A database of this module's own, to be killed."""
    given = Settings(data_dir=tmp_path_factory.mktemp("killed"), neo4j_uri=None)
    with (
        lockfile.claim(embedded.data_dir(given), command="test") as claim,
        embedded.started(given, claim, tell=print) as found,
    ):
        yield found


class OnMortal(Doomed):
    """A graph whose database is killed at a certain write."""

    database: Embedded

    def befall(self) -> None:
        """The database ends here, by SIGKILL."""
        assert self.database._running is not None
        os.kill(self.database._running.child.pid, signal.SIGKILL)
        while self.database.is_alive():
            time.sleep(0.01)


@pytest.mark.parametrize(
    ("operation", "step", "when"),
    [
        ("fork", 3, "after"),
        ("save", 1, "inside"),
        ("import", UNTOLD + 2, "inside"),
        ("publish-before-scheduled", 2, "after"),
        ("archive", 1, "after"),
    ],
)
async def test_a_database_that_is_killed_loses_nothing(own: Embedded, operation: str, step: int, when: When) -> None:
    graph = Graph.open(own.address)
    await schema.prepare(graph)
    first, number = await _prepared(graph, operation)
    before = await _state(graph, first)
    doomed = OnMortal.open(own.address)
    doomed.database, doomed.step, doomed.when = own, step, when
    with pytest.raises(GuideError):
        await OPERATIONS[operation](doomed, number)
    await asyncio.gather(graph.close(), doomed.close())
    assert not own.is_alive()
    own.launch_again()
    await asyncio.to_thread(own.wait)
    graph = Graph.open(own.address)
    await _survived(graph, operation, first=first, number=number, before=before)
    await graph.close()
