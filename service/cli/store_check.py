"""What `doctor` and `rescue` say of a store: whether it holds what the history says was written."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from service.editions import audit
from service.errors import GuideError
from service.runtime import embedded, lockfile
from service.runtime.doctor import Diagnosis
from service.settings import Settings
from service.store.graph import Address, Graph


def history_findings(settings: Settings) -> Iterator[Diagnosis]:
    """Whether history and editions are what was written, where a database is running."""
    holder = lockfile.holder(embedded.data_dir(settings))
    if settings.neo4j_uri is None and (holder is None or not lockfile.is_alive(holder)):
        return
    try:
        with embedded.database(settings, tell=lambda _: None, command="doctor") as address:
            flaws = asyncio.run(_flaws(address))
    except GuideError as error:
        yield Diagnosis("bad", f"版と履歴を確かめられません：{error.message}")
        return
    yield from store_findings(flaws)


def store_findings(flaws: Sequence[str]) -> Iterator[Diagnosis]:
    """What is said of editions and history, with all that is not what was written."""
    if not flaws:
        yield Diagnosis("ok", "公開中の版、ほかの版、変更の履歴は、書き込まれたとおりです")
    for flaw in flaws:
        yield Diagnosis("bad", flaw.rstrip("。"), audit.ADVICE)


async def _flaws(address: Address) -> list[str]:
    graph = Graph.open(address, pool=1)
    try:
        return [flaw.text for flaw in await audit.verify(graph)]
    finally:
        await graph.close()
