"""Staff over HTTP: the page of an item, and what residents wait beside three editors who save once a second each.

The residents are measured in turns, without editors and beside them, in one run: only the ratio of the two is told of a
machine that others use too.
"""

from __future__ import annotations

import asyncio
import http.client
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

from bench.households import stages
from bench.load import Plan, get
from bench.serving import run, served
from service import clock
from service.accounts import sessions
from service.accounts.permissions import OPERATOR
from service.content import item_yaml
from service.content.models import Content
from service.content.patches import Item
from service.editions import drafts, edits
from service.store.graph import Address, Graph
from service.web.staff.auth import COOKIE, FORM

EDITORS = 3
EVERY_SECONDS = 1.0
RESIDENTS_RATE = 20.0
ROUNDS = 3
PAGES = 60


def percentile(spent: Sequence[float], share: float) -> float:
    """The value that so large a share of the others does not exceed."""
    return sorted(spent)[min(len(spent) - 1, int(len(spent) * share))]


@dataclass(slots=True)
class Editor:
    """Somebody with a session who opens one item after the other and saves it."""

    port: int
    session: str
    number: int
    keys: Sequence[str]
    saved: list[float] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def open(self, key: str) -> tuple[int, float]:
        """The page of an item: its status, and milliseconds."""
        return self._sent("GET", f"/staff/editions/{self.number}/items/{key}", None)

    def save(self, item: Item, revision: int) -> None:
        """One save with the form of the page."""
        fields = item.fields | {"note": f"測定 {clock.now().isoformat()}"}
        form = {"text": item_yaml.written(Item(item.kind, fields)), "revision": str(revision), "note": ""}
        form["form_token"] = sessions.form_token(self.session)
        status, spent = self._sent("POST", f"/staff/editions/{self.number}/items/{item.key}", urlencode(form))
        self.statuses.append(status)
        self.saved.append(spent)

    def _sent(self, method: str, path: str, body: str | None) -> tuple[int, float]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": f"{COOKIE}={self.session}"} | ({"Content-Type": FORM} if body else {})
        began = time.perf_counter()
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, (time.perf_counter() - began) * 1000


def measure(address: Address, folder: Path, *, content: Content, seconds: float) -> dict[str, Any]:
    """The page of an item and the residents' latencies, on the live edition, which has the content."""
    keys = [procedure.key for procedure in content.procedures]
    with served(address, folder) as service:
        session, edition_number = asyncio.run(_begun(address))
        editor = Editor(service.port, session, edition_number, keys)
        pages = [editor.open(keys[index % len(keys)]) for index in range(PAGES)]
        editors = [Editor(service.port, session, edition_number, keys[index::EDITORS]) for index in range(EDITORS)]
        saving = _beside(address, service.port, editors, content=content, seconds=seconds)
    assert {status for status, _ in pages} == {200}
    spent = [milliseconds for _, milliseconds in pages]
    return {"item": {"p50": median(spent), "p95": percentile(spent, 0.95)}} | saving


async def _begun(address: Address) -> tuple[str, int]:
    """A session, and a draft."""
    graph = Graph.open(address)
    try:
        draft = await drafts.fork(graph, None, title="bench", by=OPERATOR)
        return await sessions.open_session(graph, hours=1), draft.number
    finally:
        await graph.close()


def _beside(
    address: Address, port: int, editors: Sequence[Editor], *, content: Content, seconds: float
) -> dict[str, Any]:
    addresses = [
        get(stage.address) for stage in islice(stages(content, drawn="staff"), round(RESIDENTS_RATE * seconds))
    ]
    plan = Plan((port,), tuple(addresses), count=len(addresses), seconds=seconds, rate=RESIDENTS_RATE)
    run(plan)  # everybody's pages are kept then: what is measured is the waiting for staff
    quiet, busy = [], []
    for _ in range(ROUNDS):
        quiet.append(run(plan).p95)
        with _editing(address, editors):
            busy.append(run(plan).p95)
    saved = [spent for editor in editors for spent in editor.saved]
    refused = sum(status != 303 for editor in editors for status in editor.statuses)
    return {
        "residents": {"quiet": median(quiet), "beside": median(busy), "ratio": median(busy) / median(quiet)},
        "saved": {"count": len(saved), "p50": median(saved), "p95": percentile(saved, 0.95), "refused": refused},
    }


@contextmanager
def _editing(address: Address, editors: Sequence[Editor]) -> Iterator[None]:
    """The editors at work, each in a thread of its own, until the block ends."""
    end = threading.Event()
    threads = [threading.Thread(target=_edit, args=(address, editor, end)) for editor in editors]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        end.set()
        for thread in threads:
            thread.join()


def _edit(address: Address, editor: Editor, end: threading.Event) -> None:
    index = len(editor.saved)
    while not end.wait(EVERY_SECONDS):
        item, revision = asyncio.run(_item(address, editor, index))
        editor.save(item, revision)
        index += 1


async def _item(address: Address, editor: Editor, index: int) -> tuple[Item, int]:
    graph = Graph.open(address, pool=1)
    try:
        key = editor.keys[index % len(editor.keys)]
        item, revision = await edits.item(graph.latest, editor.number, key=key)
        assert item is not None and revision is not None
        return item, revision
    finally:
        await graph.close()
