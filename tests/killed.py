"""Operations of staff that are broken off at a chosen write, and what a store looks like from outside.

`python -m tests.killed` reads lines `OPERATION EDITION STEP inside|after`. For each, a process of its own does the
operation on the store of the environment and kills itself with SIGKILL at its STEP-th write transaction: inside, when
all of it has been said but not committed, or just after. Its exit status is printed: 0 where there are fewer writes.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import traceback
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal, TypeVar

from service.accounts.permissions import Actor, Permission
from service.content import patches
from service.content.models import Content
from service.content.patches import Item
from service.editions import archive, drafts, edits, importing, publishing
from service.runtime.embedded import external
from service.settings import settings
from service.store import editions
from service.store.graph import Graph, Transaction
from tests.cli.running import CONTENT

Result = TypeVar("Result")
When = Literal["inside", "after"]

STAFF = Actor("staff-1", frozenset(Permission))
NOTED, OTHER = "notice", "pension-end"
"""The procedure that operations write a note to, and the one that the scheduled edition changes."""


class Doomed(Graph):
    """A graph on which something terrible happens at a certain write."""

    step = 0
    when: When = "inside"
    writes = 0

    def befall(self) -> None:
        """The terrible thing: this process ends here."""
        os.kill(os.getpid(), signal.SIGKILL)

    async def write(self, work: Callable[[Transaction], Awaitable[Result]]) -> Result:
        """As that of every graph, but for one step."""
        self.writes += 1
        due = self.writes == self.step

        async def run(transaction: Transaction) -> Result:
            done = await work(transaction)
            if due and self.when == "inside":
                self.befall()
            return done

        result = await super().write(run)
        if due and self.when == "after":
            self.befall()
        return result


def noted(items: Mapping[str, Item], key: str, note: str) -> Item:
    """The procedure with this note."""
    return Item(items[key].kind, items[key].fields | {"note": note})


def content(**notes: str) -> Content:
    """The small content with these notes at its procedures."""
    items = patches.items(Content.model_validate(CONTENT))
    items |= {key: noted(items, key, note) for key, note in notes.items()}
    return Content.model_validate(patches.plain(items))


async def save(graph: Graph, number: int, *, key: str = NOTED, note: str = "保存した") -> object:
    """Writes the note into a draft."""
    items = await archive.items(graph, number)
    _, revision = await edits.item(graph.latest, number, key=key)
    assert revision is not None
    return await edits.change(graph, number, by=STAFF, put=[noted(items, key, note)], revisions={key: revision})


async def publish(graph: Graph, number: int) -> object:
    """Publishes a draft now."""
    seen = (await editions.numbered(graph.latest, number)).content_hash
    return await publishing.publish(graph, number, by=STAFF, seen=seen)


async def _import(graph: Graph, number: int) -> object:
    return await importing.import_content(
        graph, content(**{NOTED: f"取り込み {number}"}), publish=True, title="取り込み", by=STAFF
    )


OPERATIONS: Mapping[str, Callable[[Graph, int], Awaitable[Any]]] = {
    "fork": lambda graph, number: drafts.fork(graph, number, title="写し", by=STAFF),
    "save": save,
    "import": _import,
    "publish": publish,
    "publish-before-scheduled": publish,
    "rollback": lambda graph, number: publishing.roll_back(graph, number, by=STAFF, reason="試し"),
    "archive": lambda graph, number: archive.archive(graph, number, by=STAFF),
    "bring-back": lambda graph, number: archive.bring_back(graph, number, by=STAFF),
}
"""Each operation on an edition: `import` uses the number only to make its content a new one."""


async def main(operation: str, number: str, step: str, when: When) -> None:
    """Does the operation, as far as it gets."""
    graph = Doomed.open(external(settings()))
    graph.step, graph.when = int(step), when
    await OPERATIONS[operation](graph, int(number))
    await graph.close()


def child(line: str) -> int:
    """The exit status of a new process that does what the line says; it is forked, so that it need not start anew."""
    pid = os.fork()
    if pid == 0:
        try:
            asyncio.run(main(*line.split()))  # type: ignore[arg-type]
            os._exit(0)
        finally:
            traceback.print_exc()
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    for wanted in sys.stdin:
        print(child(wanted), flush=True)
