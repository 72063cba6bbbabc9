"""Plans made ahead: whoever sends a statement first waits until the database has planned it, which takes long for a
large statement, and seconds while the database is young. So every statement is planned before anybody needs it."""

from __future__ import annotations

import asyncio

from service import clock
from service.errors import GuideError
from service.store.graph import Graph
from service.store.statements import Statement, every

ORDER = ("guidance/", "store/", "accounts/", "editions/")
"""What people wait for first; the rest comes after it."""
WITHIN_WRITES = ("editions/", "store/editions/", "store/archive_documents/", "store/catalogue/whole")
"""What is run in transactions that have written already, so that it is planned a second time."""
PAUSE = 1.0
"""So many times as long as a statement took nothing is planned: others are answered meanwhile."""


async def plan_ahead(graph: Graph, *, pause: float = PAUSE) -> int:
    """Has every statement planned, anew where what the store holds has changed much; returns how many it could.

    What is planned already costs next to nothing. Nothing is found, and nothing is written.
    """
    planned = 0
    for query in sorted(every(), key=_planning_order):
        if query.name.startswith("store/schema/"):
            continue
        began = clock.monotonic()
        try:
            await graph.plan(query)
            if query.name.startswith(WITHIN_WRITES):
                await graph.plan_within_write(query)
        except GuideError:  # the database is away, or busy with somebody's work
            await asyncio.sleep(1)
        else:
            planned += 1
        await asyncio.sleep(pause * (clock.monotonic() - began))
    return planned


def _planning_order(query: Statement) -> tuple[int, str]:
    ranks = [position for position, start in enumerate(ORDER) if query.name.startswith(start)]
    return (ranks[0] if ranks else len(ORDER), query.name)
