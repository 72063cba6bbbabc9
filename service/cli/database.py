"""The database that a command works on, and where its progress is told."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

from service.runtime.embedded import database, space
from service.settings import Settings
from service.store.graph import Graph

Result = TypeVar("Result")


def tell(text: str) -> None:
    """Progress and reasons go to standard error: standard output is for results."""
    print(text, file=sys.stderr, flush=True)


def with_graph(settings: Settings, command: str, work: Callable[[Graph], Awaitable[Result]]) -> Result:
    """What `work` returns, done on the database that runs, or on one started for it."""
    with database(settings, tell=tell, command=command) as address:

        async def run() -> Result:
            graph = Graph.open(address, space=space(settings))
            try:
                return await work(graph)
            finally:
                await graph.close()

        return asyncio.run(run())
