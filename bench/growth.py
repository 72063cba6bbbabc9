"""Growth: does a household's question cost more when the city has more content, or more editions?

`python -m bench.growth TIMES` imports a content that has grown so often, in a process of its own whose memory is told.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from statistics import median
from typing import Any

from bench.contents import grown, states
from bench.guidance import hits
from bench.machine import descendants, resident
from service.content.models import Content
from service.editions.importing import import_content
from service.runtime.embedded import external
from service.settings import ROOT, child_environment, settings
from service.store.graph import Address, Graph

LIFE_EVENT = "life-0"
SOME = 40
TIMES = (1, 10, 100)
EDITIONS = (1, 10, 100)


def measure(address: Address, *, quick: bool) -> dict[str, Any]:
    """Db hits of the same states beside ever more content, then with ever more editions in the store."""
    contents, editions = (TIMES[:2], EDITIONS[:2]) if quick else (TIMES, EDITIONS)
    grew = [imported(address, times) for times in contents]
    return asyncio.run(_counted(address, grew, editions))


def imported(address: Address, times: int) -> dict[str, Any]:
    """The content imported by a process of its own: seconds and MB of it, and MB of the database afterwards."""
    environment = child_environment(
        neo4j_uri=address.uri,
        neo4j_user=address.user,
        neo4j_password=address.password,
        neo4j_database=address.database,
        data_dir=str(address.evidence.parent if address.evidence else ""),
    )
    command = [sys.executable, "-m", "bench.growth", str(times)]
    process = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, cwd=ROOT)
    figures: dict[str, Any] = json.loads(process.stdout)
    return figures | {"database_mb": _database_mb()}


def _database_mb() -> float | None:
    """The memory of the database that this process started, if it did."""
    java = [pid for pid, command in descendants(os.getpid()).items() if "java" in command.split(" ", 1)[0]]
    return resident(java[0]) if java else None


async def _counted(address: Address, grew: list[dict[str, Any]], editions: tuple[int, ...]) -> dict[str, Any]:
    graph = Graph.open(address)
    try:
        household_states = states(grown(1), [LIFE_EVENT], count=SOME)
        contents = []
        for figures in grew:
            counted = await hits(graph, figures["edition"], household_states)
            contents.append(figures | {"hits_worst": max(counted), "hits_median": round(median(counted))})
        return {"contents": contents, "editions": await _with_editions(graph, editions)}
    finally:
        await graph.close()


async def _with_editions(graph: Graph, edition_counts: tuple[int, ...]) -> list[dict[str, Any]]:
    """The same content again and again, each edition different in one word."""
    rows, content = [], grown(1)
    household_states = states(content, [LIFE_EVENT], count=SOME)
    for count in range(1, edition_counts[-1] + 1):
        edition = (await import_content(graph, _renamed(content, count), publish=False, title=f"{count}")).edition
        if count in edition_counts:
            counted = await hits(graph, edition.number, household_states)
            rows.append({"editions": count, "hits_worst": max(counted), "hits_median": round(median(counted))})
    return rows


def _renamed(content: Content, count: int) -> Content:
    first_event = content.life_events[0].model_copy(update={"summary": f"第{count}版"})
    return content.model_copy(update={"life_events": [first_event, *content.life_events[1:]]})


async def _import(times: int) -> dict[str, Any]:
    graph = Graph.open(external(settings()))
    try:
        content = grown(times)
        began = time.perf_counter()
        imported_edition = await import_content(graph, content, publish=False, title=f"grown {times}")
        seconds = time.perf_counter() - began
    finally:
        await graph.close()
    return {
        "times": times,
        "edition": imported_edition.edition.number,
        "procedures": len(content.procedures),
        "conditions": len(content.conditions),
        "seconds": seconds,
        "import_mb": resident(os.getpid(), most=True),
    }


if __name__ == "__main__":
    json.dump(asyncio.run(_import(int(sys.argv[1]))), sys.stdout)
