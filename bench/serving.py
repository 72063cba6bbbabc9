"""Over HTTP: pages and API that were seen before, never-seen guidance, the peak, and `async def` beside `def`."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from random import Random
from tempfile import TemporaryFile
from typing import Any

from bench.households import Stage, stages
from bench.load import Found, Plan, get, post
from bench.machine import resident
from service.content.models import Content
from service.runtime import children, supervisor
from service.settings import ROOT, child_environment
from service.store.graph import Address

CONNECTIONS = (1, 16, 64)
STARTS_WITHIN = 30.0
SEEN = 400
WARM_UP = 60
ROUNDS = 3
RATE_UNSEEN = 40.0
RATE_PEAK = 400.0
SHARE_UNSEEN = 0.05


@dataclass(frozen=True, slots=True)
class Served:
    """A running service: its port and process."""

    port: int
    pid: int


@contextmanager
def served(address: Address, folder: Path) -> Iterator[Served]:
    """The service with the routes of `bench/application.py`, one worker, its log thrown away."""
    with supervisor.bind("127.0.0.1", 0) as listening, TemporaryFile() as log:
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
        child = children.start(command, environment=environment, output=log, pass_fds=(handle,))
        try:
            _wait(port, child)
            yield Served(port, child.pid)
        finally:
            child.stop(seconds=5)


def _wait(port: int, child: children.Child) -> None:
    """Returns when a question is answered: before, the database plans its statements."""
    end = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/guide?event=death", timeout=20):
                return
        except OSError:
            if child.status() is not None or time.monotonic() > end:
                raise
            time.sleep(0.1)


def run(plan: Plan) -> Found:
    """What the load generator found, in its own process. ValueError where most answers were no 200."""
    text = json.dumps(asdict(plan))
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"], input=text.encode(), stdout=subprocess.PIPE, check=True, cwd=ROOT
    )
    found = Found(**json.loads(done.stdout))
    if found.refused > found.answered / 2:
        raise ValueError(f"answers other than 200: {found.statuses}")
    return found


def measure(address: Address, folder: Path, *, content: Content, seconds: float) -> dict[str, Any]:
    """Everything over HTTP on the live edition, which has the content; `seconds` is the length of one figure."""
    with served(address, folder) as service:
        result, question = _busy(content)
        # First, while nothing is kept yet; but of a service that has run for a while.
        _unseen(service.port, content, seconds=2 * seconds, drawn="before")
        unseen = _unseen(service.port, content, seconds=4 * seconds)
        peak = _peak(service.port, content, seconds=4 * seconds)
        return {
            "result": _beside(service.port, _pages("/result", "ready", "plain", result), seconds),
            "question": _beside(service.port, _pages("/guide", "ready-question", "plain-question", question), seconds),
            "api": _beside(service.port, _api(service.port, result), seconds),
            "handlers": _handlers(service.port, result, seconds),
            "unseen": asdict(unseen),
            "peak": asdict(peak),
            "about": {
                "result": f"{result.query.count('a=')} answers",
                "question": f"{question.query.count('a=')} answers",
            },
            "web_mb": resident(service.pid),
        }


def _busy(content: Content) -> tuple[Stage, Stage]:
    """A household of a death at the end of its conversation with the longest of some lists, and one half-way."""
    found = [s for s in islice(stages(content, drawn="busy"), 300) if s.life_events == ("death",)]
    ends = [stage for stage in found if stage.asked is None]
    middle = [stage for stage in found if stage.asked is not None and len(stage.answers) == 4]
    return max(ends, key=lambda stage: sum(len(one.options) for one in stage.answers)), middle[0]


def _pages(page: str, ready: str, plain: str, stage: Stage) -> dict[str, str]:
    return {
        "page": get(f"{page}?{stage.query}"),
        "ready": get(f"/bench/{ready}?{stage.query}"),
        "plain": get(f"/bench/{plain}?{stage.query}"),
    }


def _api(port: int, stage: Stage) -> dict[str, str]:
    page = post("/api/v1/guidance", stage.body)
    size = run(Plan(port, (page,), count=1)).bytes
    return {"page": page, "ready": post(f"/bench/ready-api?size={size}", stage.body)}


def _beside(port: int, requests: dict[str, str], seconds: float) -> list[dict[str, Any]]:
    """Each request at 1, 16 and 64 connections."""
    for request in requests.values():
        run(Plan(port, (request,), count=WARM_UP))
    return [
        {"connections": number} | _in_turns(port, requests, connections=number, seconds=seconds)
        for number in CONNECTIONS
    ]


def _in_turns(port: int, requests: dict[str, str], *, connections: int, seconds: float) -> dict[str, Any]:
    """The requests one after the other, several rounds of it, so that all meet the same conditions; each request's
    round of the median requests/s is told."""
    rounds: dict[str, list[Found]] = {name: [] for name in requests}
    for _ in range(ROUNDS):
        for name, request in requests.items():
            plan = Plan(port, (request,), connections=connections, count=100_000, seconds=seconds / ROUNDS)
            rounds[name].append(run(plan))
    return {name: asdict(sorted(found, key=lambda one: one.per_second)[ROUNDS // 2]) for name, found in rounds.items()}


def _handlers(port: int, stage: Stage, seconds: float) -> dict[str, Any]:
    """The same kept page from the event loop and from the pool of threads."""
    query = f"?{stage.query}"
    run(Plan(port, (get(f"/result{query}"),), count=WARM_UP))
    requests = {"async": get(f"/bench/async{query}"), "sync": get(f"/bench/sync{query}")}
    for request in requests.values():
        run(Plan(port, (request,), count=WARM_UP))
    return _in_turns(port, requests, connections=16, seconds=seconds)


def _unseen(port: int, content: Content, *, seconds: float, drawn: str = "unseen") -> Found:
    """Pages whose guidance nobody has asked for, 40 a second; each conversation in its order."""
    count = round(RATE_UNSEEN * seconds)
    addresses = [get(stage.address) for stage in islice(stages(content, drawn=drawn), count)]
    return run(Plan(port, tuple(addresses), count=count, seconds=seconds, rate=RATE_UNSEEN))


def _peak(port: int, content: Content, *, seconds: float) -> Found:
    """400 pages a second, of which 19 in 20 were seen before."""
    count = round(RATE_PEAK * seconds)
    fresh = max(1, round(count * SHARE_UNSEEN))
    drawn = [stage.address for stage in islice(stages(content, drawn="peak"), SEEN + fresh)]
    seen, unseen = drawn[:SEEN], drawn[SEEN:]
    run(Plan(port, tuple(map(get, seen)), connections=4, count=SEEN, seconds=60))
    chance = Random("mix")
    mixed: Sequence[str] = [*unseen, *chance.choices(seen, k=count - fresh)]
    order = chance.sample(mixed, len(mixed))
    return run(Plan(port, tuple(map(get, order)), count=count, seconds=seconds, rate=RATE_PEAK))
