"""Over HTTP: pages and API that were seen before, how much is possible, the peak, `async def` beside `def`."""

from __future__ import annotations

import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from bench import capacity, overload
from bench.households import Stage, stages
from bench.load import LoadResult, Plan, get, loaded, post
from bench.machine import resident
from service.content.models import Content
from service.runtime import children, supervisor
from service.settings import child_environment
from service.store.graph import Address

CONNECTIONS = (1, 16, 64)
STARTS_WITHIN = 120.0
KEPT = 100
"""How many kept pages are asked for at the peak."""
WARM_UP = 60
ROUNDS = 3
WARM_RATE = 20.0
"""Pages a second by which a service is warmed up."""


@dataclass(frozen=True, slots=True)
class Served:
    """A running service: its port and web processes."""

    port: int
    pids: tuple[int, ...]


@contextmanager
def served(address: Address, folder: Path, *, workers: int = 1) -> Iterator[Served]:
    """The service with the routes of `bench/application.py` and so many workers, its log thrown away."""
    with supervisor.bind("127.0.0.1", 0) as listening, TemporaryFile() as log, ExitStack() as stack:
        environment = child_environment(
            neo4j_uri=address.uri,
            neo4j_user=address.user,
            neo4j_password=address.password,
            neo4j_database=address.database,
            data_dir=str(folder),
            workers="1",
            rate_per_minute="0",
        )
        handle, port = listening.fileno(), int(listening.getsockname()[1])
        command = [sys.executable, "-m", "bench.application", str(handle)]
        started = []
        for _ in range(workers):
            child = children.start(command, environment=environment, output=log, pass_fds=(handle,))
            stack.callback(child.stop, seconds=5)
            started.append(child)
        _wait(port, started)
        yield Served(port, tuple(child.pid for child in started))


def _wait(port: int, started: Sequence[children.Child]) -> None:
    """Returns when questions are answered, as far as can be seen by all: before, the database plans its statements."""
    end = time.monotonic() + STARTS_WITHIN
    answers_left = 4 * len(started) - 3
    while answers_left:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/guide?event=death", timeout=STARTS_WITHIN):
                answers_left -= 1
        except OSError:
            if any(child.status() is not None for child in started) or time.monotonic() > end:
                raise
            time.sleep(0.1)


def run(plan: Plan) -> LoadResult:
    """What the load generator found. ValueError where most answers were no 200."""
    result = loaded(plan)
    if result.refused > result.answered / 2:
        raise ValueError(f"answers other than 200: {result.statuses}")
    return result


def measure(address: Address, folder: Path, *, content: Content, seconds: float) -> dict[str, Any]:
    """Everything over HTTP on the live edition, which has the content; `seconds` is the length of one figure."""
    with served(address, folder) as service:
        result, question = _busy(content)
        # First, while little is kept yet; but of a service that has run for a while.
        warm(service.port, content, seconds=3 * seconds)
        ready = ready_bytes((service.port,), result, seconds=seconds)
        capacities = capacity.measure((service.port,), content, ready=ready, seconds=seconds, drawn="one process")
        peak = overload.measure(
            address,
            service.port,
            content,
            rate=max(capacities["unseen"]["rate"], capacity.FIRST_RATE),
            kept=[stage.address for stage in islice(stages(content, drawn="kept"), KEPT)],
            seconds=15 * seconds,
        )
        return {
            "ready": ready,
            "capacity": capacities,
            "overload": peak,
            "result": _beside(service.port, _pages("/result", "ready", "plain", result), seconds),
            "question": _beside(service.port, _pages("/guide", "ready-question", "plain-question", question), seconds),
            "api": _beside(service.port, _api(service.port, result), seconds),
            "handlers": _handlers(service.port, result, seconds),
            "about": {
                "result": f"{result.query.count('a=')} answers",
                "question": f"{question.query.count('a=')} answers",
            },
            "web_mb": resident(service.pids[0]),
        }


def busy_stage(content: Content) -> Stage:
    """The household whose result page is measured."""
    return _busy(content)[0]


def _busy(content: Content) -> tuple[Stage, Stage]:
    """A household of a death at the end of its conversation with the longest of some lists, and one half-way."""
    death_stages = [stage for stage in islice(stages(content, drawn="busy"), 300) if stage.life_events == ("death",)]
    ends = [stage for stage in death_stages if stage.asked is None]
    middle = [stage for stage in death_stages if stage.asked is not None and len(stage.answers) == 4]
    return max(ends, key=lambda stage: sum(len(given.options) for given in stage.answers)), middle[0]


def _pages(page: str, ready: str, plain: str, stage: Stage) -> dict[str, str]:
    return {
        "page": get(f"{page}?{stage.query}"),
        "ready": get(f"/bench/{ready}?{stage.query}"),
        "plain": get(f"/bench/{plain}?{stage.query}"),
    }


def _api(port: int, stage: Stage) -> dict[str, str]:
    page = post("/api/v1/guidance", stage.body)
    size = run(Plan((port,), (page,), count=1)).bytes
    return {"page": page, "ready": post(f"/bench/ready-api?size={size}", stage.body)}


def _beside(port: int, requests: dict[str, str], seconds: float) -> list[dict[str, Any]]:
    """Each request at 1, 16 and 64 connections."""
    for request in requests.values():
        run(Plan((port,), (request,), count=WARM_UP))
    return [
        {"connections": connections} | _in_turns(port, requests, connections=connections, seconds=seconds)
        for connections in CONNECTIONS
    ]


def _in_turns(port: int, requests: dict[str, str], *, connections: int, seconds: float) -> dict[str, Any]:
    """The requests one after the other, several rounds of it, so that all meet the same conditions; each request's
    round of the median requests/s is told."""
    rounds: dict[str, list[LoadResult]] = {name: [] for name in requests}
    for _ in range(ROUNDS):
        for name, request in requests.items():
            plan = Plan((port,), (request,), connections=connections, count=100_000, seconds=seconds / ROUNDS)
            rounds[name].append(run(plan))
    return {
        name: asdict(sorted(results, key=lambda result: result.per_second)[ROUNDS // 2])
        for name, results in rounds.items()
    }


def _handlers(port: int, stage: Stage, seconds: float) -> dict[str, Any]:
    """The same bytes from the event loop, which makes them ready, and from the pool of threads."""
    requests = {name: get(f"/bench/{name}?{stage.query}") for name in ("async", "sync")}
    for request in requests.values():
        run(Plan((port,), (request,), count=WARM_UP))
    return _in_turns(port, requests, connections=16, seconds=seconds)


def warm(port: int, content: Content, *, seconds: float) -> None:
    """Pages whose guidance nobody has asked for: a service and a database that have just started are slow."""
    count = round(WARM_RATE * seconds)
    addresses = [get(stage.address) for stage in islice(stages(content, drawn="before"), count)]
    loaded(Plan((port,), tuple(addresses), count=count, seconds=seconds, rate=WARM_RATE))


def ready_bytes(ports: tuple[int, ...], stage: Stage, *, seconds: float) -> float:
    """How often a second the bytes of the result page are sent out of memory."""
    request = get(f"/bench/ready?{stage.query}")
    for port in ports:
        run(Plan((port,), (request,), connections=len(CONNECTIONS), count=WARM_UP))
    return run(Plan(ports, (request,), connections=16, count=100_000, seconds=seconds)).per_second
