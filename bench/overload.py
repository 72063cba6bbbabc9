"""Twenty times what the service can do: what those get who ask for kept pages, for new ones, staff and probes.

Every second is told by itself. All of it goes to this machine, for a bounded time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

from bench.contents import states
from bench.households import Stage
from bench.interviews import PAIRS
from bench.load import LoadResult, Plan, get, loaded
from service.accounts import sessions
from service.content.models import Content
from service.store.graph import Address, Graph
from service.web.staff.auth import COOKIE

TIMES = 20
KEPT_RATE = 20.0
OTHER_RATE = 2.0
AFTER_SECONDS = 6.0
"""How long the others are still asked when the peak is over: within five seconds all has to be as before."""
RECOVERED_WITHIN = 5
MOST_PAGES = 60_000


def measure(
    address: Address, port: int, content: Content, *, rate: float, kept: Sequence[str], seconds: float
) -> dict[str, Any]:
    """Each second of a peak of `TIMES` x `rate` new pages a second, and of some seconds after it."""
    session = asyncio.run(_session(address))
    whole = seconds + AFTER_SECONDS
    count = min(MOST_PAGES, round(TIMES * rate * seconds))
    new = [get(stage.address) for stage in _new(content, count)]
    more = [get(stage.address) for stage in _new(content, round(OTHER_RATE * AFTER_SECONDS))]
    staff = f"GET /staff HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {COOKIE}={session}\r\n\r\n"
    plans = {
        "new": Plan((port,), tuple(new), count=count, seconds=seconds, rate=count / seconds, timeline=True),
        "kept": _steady(port, [get(path) for path in kept], KEPT_RATE, whole),
        "staff": _steady(port, [staff], OTHER_RATE, whole),
        "health": _steady(port, [get("/health/ready")], OTHER_RATE, whole),
    }
    loaded(plans["kept"])  # everything of these has to be kept, and planned, before
    loaded(plans["staff"])
    with ThreadPoolExecutor(len(plans)) as pool:
        running = {name: pool.submit(loaded, plan) for name, plan in plans.items()}
        peak = running["new"].result()
        after = loaded(_steady(port, more, OTHER_RATE, AFTER_SECONDS))
        results = {name: future.result() for name, future in running.items()}
    return {
        "times": TIMES,
        "rate": count / seconds,
        "seconds": seconds,
        "served": peak.statuses.get("200", 0) / seconds,
        "timeline": {name: result.timeline for name, result in results.items()},
        "after": after.timeline,
        "p95": {name: result.p95 for name, result in results.items()},
        "most": {name: result.most for name, result in results.items()},
        "statuses": {name: result.statuses for name, result in results.items()},
        "recovered": _recovered(after),
    }


def _steady(port: int, requests: Sequence[str], rate: float, seconds: float) -> Plan:
    return Plan((port,), tuple(requests), count=round(rate * seconds), seconds=seconds, rate=rate, timeline=True)


async def _session(address: Address) -> str:
    graph = Graph.open(address, pool=1)
    try:
        return await sessions.open_session(graph, hours=1)
    finally:
        await graph.close()


def _recovered(after: LoadResult) -> int | None:
    """From which second after the peak every new page was answered with 200; None where that never came."""
    bad = [row["second"] for row in after.timeline if row["refused"]]
    first_second = max(bad) + 1 if bad else 0
    return first_second if first_second <= after.timeline[-1]["second"] else None


def _new(content: Content, count: int) -> list[Stage]:
    """Households of two life events at any point of an interview, in no order. They are drawn, not walked: tens of
    thousands are wanted."""
    count_of_pair = -(-count // len(PAIRS)) + 1
    households = [
        Stage(state.life_events, state.answers, None)
        for pair in PAIRS
        for state in states(content, pair, count=count_of_pair)
    ]
    Random("peak").shuffle(households)
    return households[:count]
