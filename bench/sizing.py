"""How capacity grows by settings alone: with workers, and with web processes of their own on one database."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any

from bench import capacity
from bench.households import stages
from bench.load import Plan, get, loaded
from bench.machine import descendants
from bench.serving import Served, busy_stage, ready_bytes, served, warm
from service.content.models import Content
from service.store.graph import Address

WAYS = (("1 worker", 1, 1), ("2 workers", 2, 1), ("4 workers", 4, 1), ("2 ports, 1 worker each", 1, 2))
"""What it is called, workers on each port, ports."""


def measure(address: Address, folder: Path, *, content: Content, seconds: float) -> list[dict[str, Any]]:
    """Each way: ready bytes/s, the highest rate of new guidance, and the processor time of a page at that rate."""
    return [
        {"way": name} | _way(address, folder, workers, ports, content=content, seconds=seconds)
        for name, workers, ports in WAYS
    ]


def _way(
    address: Address, folder: Path, workers: int, ports: int, *, content: Content, seconds: float
) -> dict[str, Any]:
    with ExitStack() as stack:
        services = [stack.enter_context(served(address, folder, workers=workers)) for _ in range(ports)]
        for service in services:
            warm(service.port, content, seconds=seconds)
        port_numbers = tuple(service.port for service in services)
        ready = ready_bytes(port_numbers, busy_stage(content), seconds=seconds)
        drawn = f"{workers} workers, {ports} ports"
        capacity_found = capacity.unseen(port_numbers, content, ready=ready, seconds=seconds, drawn=drawn)
        return {"ready": ready, "rate": capacity_found["rate"], "ratio": capacity_found["ratio"]} | _spent(
            services, content, rate=capacity_found["rate"], seconds=2 * seconds, drawn=drawn
        )


def _spent(
    services: list[Served], content: Content, *, rate: float, seconds: float, drawn: str
) -> dict[str, float | None]:
    """Milliseconds of processor time a page, of the web processes and of the database; None without a rate."""
    if not rate:
        return {"web_ms": None, "database_ms": None, "cores": None}
    web = [pid for service in services for pid in service.pids]
    database = [pid for pid, command in descendants(os.getpid()).items() if "java" in command.split(" ")[0]]
    count = round(rate * seconds)
    addresses = tuple(get(stage.address) for stage in islice(stages(content, drawn=f"{drawn} spent"), count))
    before = _processor(web), _processor(database)
    loaded(Plan(tuple(service.port for service in services), addresses, count=count, seconds=seconds, rate=rate))
    of_web, of_database = _processor(web) - before[0], _processor(database) - before[1]
    return {
        "web_ms": 1000 * of_web / count,
        "database_ms": 1000 * of_database / count,
        "cores": (of_web + of_database) / seconds,
    }


def _processor(pids: Iterable[int]) -> float:
    """Seconds of processor time that these processes have used so far."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
