"""The load generator: `python -m bench.load` reads a plan as JSON from standard input and writes what it found.

It runs in a process of its own and speaks plain HTTP/1.1 over kept connections, so that it costs little beside the
server on the same cores. Two ways to load:

- closed: so many connections, each sends its next request when the last is answered (requests/s is what counts);
- open: requests come at random moments at a fixed rate, whether or not earlier ones are answered, and a latency begins
  at the moment at which the request was due, so a slow answer is not hidden by the requests it delays.
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import cycle, islice
from typing import Any, cast

import uvloop

from service.settings import ROOT

CONNECTIONS_OPEN = 128
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What to send: complete requests, in order and again from the start. `rate` makes it an open loop.

    Connections are spread over the ports. `timeline`: what happened is also told second by second.
    """

    ports: tuple[int, ...]
    requests: tuple[str, ...]
    connections: int = 1
    count: int = 10_000
    seconds: float = 5.0
    rate: float | None = None
    timeline: bool = False


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What happened; times in milliseconds, `bytes` the size of the last answer's body."""

    answered: int
    per_second: float
    p50: float
    p95: float
    p99: float
    most: float
    bytes: int
    statuses: dict[str, int] = field(default_factory=dict)
    timeline: list[dict[str, Any]] = field(default_factory=list)

    @property
    def refused(self) -> int:
        """How many answers were no 200."""
        return self.answered - self.statuses.get("200", 0)


def get(path: str) -> str:
    """The request for a page."""
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\nAccept: text/html\r\n\r\n"


def post(path: str, body: str) -> str:
    """The request that sends JSON; the body in ASCII."""
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return f"{head}\r\n\r\n{body}"


class Connection(asyncio.Protocol):
    """One kept connection; calls `answered(connection, status, size)` at the end of each answer."""

    def __init__(self, answered: Callable[[Connection, str, int], None]) -> None:
        self._answered = answered
        self._head = b""
        self._left = -1
        self._size = 0
        self._status = ""
        self._transport: asyncio.Transport | None = None
        self.began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the transport."""
        self._transport = cast(asyncio.Transport, transport)

    def send(self, request: bytes, began: float) -> None:
        """Sends a request whose latency counts from `began`."""
        assert self._transport is not None
        self.began = began
        self._transport.write(request)

    def close(self) -> None:
        """Closes it."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Reads the head, then only counts."""
        if self._left < 0:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return
            self._begin(self._head[:end])
            data = self._head[end + 4 :]
            self._head = b""
        self._left -= len(data)
        if self._left <= 0:
            self._left = -1
            self._answered(self, self._status, self._size)

    def connection_lost(self, exc: Exception | None) -> None:
        """An answer that never came counts as lost."""
        if self._left >= 0 or self._head:
            self._answered(self, "lost", 0)

    def _begin(self, head: bytes) -> None:
        self._status = head[9:12].decode()
        lower = head.lower()
        position = lower.find(b"content-length:")
        self._size = int(lower[position + 15 :].split(b"\r\n", 1)[0]) if position >= 0 else 0
        self._left = self._size


class Load:
    """One run of a plan."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._requests = [request.encode("ascii") for request in plan.requests]
        self._sent = 0
        self._spent: list[float] = []
        self._answers: list[tuple[float, float, str]] = []
        self._began = 0.0
        self._statuses: Counter[str] = Counter()
        self._size = 0
        self._idle: deque[Connection] = deque()
        self._waiting: deque[tuple[bytes, float]] = deque()
        self._end = 0.0
        self._done = asyncio.Event()

    async def run(self) -> LoadResult:
        """Loads until the plan's count or time is reached, and waits for what is under way."""
        connection_count = CONNECTIONS_OPEN if self._plan.rate else self._plan.connections
        loop = asyncio.get_running_loop()
        ports = islice(cycle(self._plan.ports), connection_count)
        pairs = [await loop.create_connection(self._connection, "127.0.0.1", port) for port in ports]
        connections = [connection for _, connection in pairs]
        began = self._began = time.perf_counter()
        self._end = began + self._plan.seconds
        if self._plan.rate:
            self._idle.extend(connections)
            await self._arrive(self._plan.rate, began)
        else:
            for connection in connections:
                connection.send(self._next(), time.perf_counter())
        try:
            async with asyncio.timeout(PATIENCE_SECONDS + self._plan.seconds):
                await self._done.wait()
        except TimeoutError:
            if not self._plan.timeline:
                raise
            self._give_up(connections)
        spent = time.perf_counter() - began
        for connection in connections:
            connection.close()
        return self._result(spent)

    def _connection(self) -> Connection:
        return Connection(self._open_answered if self._plan.rate else self._closed_answered)

    def _next(self) -> bytes:
        self._sent += 1
        return self._requests[(self._sent - 1) % len(self._requests)]

    def _give_up(self, connections: Sequence[Connection]) -> None:
        """What was not answered in time counts as lost."""
        for connection in set(connections) - set(self._idle):
            self._record(connection.began, "lost", 0)
        for _, due in self._waiting:
            self._record(due, "lost", 0)

    def _record(self, began: float, status: str, size: int) -> float:
        now = time.perf_counter()
        self._spent.append(now - began)
        if self._plan.timeline:
            self._answers.append((began - self._began, now - began, status))
        self._statuses[status] += 1
        self._size = size
        return now

    def _closed_answered(self, connection: Connection, status: str, size: int) -> None:
        now = self._record(connection.began, status, size)
        if now < self._end and self._sent < self._plan.count and status != "lost":
            connection.send(self._next(), now)
        elif len(self._spent) == self._sent:
            self._done.set()

    async def _arrive(self, rate: float, began: float) -> None:
        """Sends at random moments (exponential gaps, fixed seed), each at once or as soon as a connection is free."""
        chance, due = random.Random("arrivals"), began
        total = min(self._plan.count, round(rate * self._plan.seconds))
        for _ in range(total):
            due += chance.expovariate(rate)
            ahead = due - time.perf_counter()
            if ahead > 0:
                await asyncio.sleep(ahead)
            if self._idle:
                self._idle.popleft().send(self._next(), due)
            else:
                self._waiting.append((self._next(), due))
        self._end = 0.0
        if len(self._spent) == self._sent:
            self._done.set()

    def _open_answered(self, connection: Connection, status: str, size: int) -> None:
        self._record(connection.began, status, size)
        if self._waiting:
            connection.send(*self._waiting.popleft())
        else:
            self._idle.append(connection)
        if self._end == 0.0 and len(self._spent) == self._sent:
            self._done.set()

    def _result(self, seconds: float) -> LoadResult:
        ordered = sorted(self._spent)
        p50, p95, p99 = (1000 * percentile(ordered, share) for share in (0.5, 0.95, 0.99))
        return LoadResult(
            answered=len(ordered),
            per_second=len(ordered) / seconds,
            p50=p50,
            p95=p95,
            p99=p99,
            most=1000 * ordered[-1],
            bytes=self._size,
            statuses=dict(self._statuses),
            timeline=_seconds(self._answers),
        )


def _seconds(answers: Sequence[tuple[float, float, str]]) -> list[dict[str, Any]]:
    """For each second in which requests were due: how many, how many were no 200, and milliseconds of both kinds."""
    rows = []
    for second in range(int(max((due for due, *_ in answers), default=-1.0)) + 1):
        due = [(spent, status) for moment, spent, status in answers if int(moment) == second]
        row: dict[str, Any] = {"second": second, "due": len(due)}
        row["refused"] = sum(status != "200" for _, status in due)
        for name, chosen in (("ok", True), ("no", False)):
            spent = sorted(1000 * spent for spent, status in due if (status == "200") is chosen)
            row[name] = {"p50": percentile(spent, 0.5), "most": spent[-1]} if spent else None
        rows.append(row)
    return rows


def loaded(plan: Plan) -> LoadResult:
    """What a plan found, in a process of its own."""
    process = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=json.dumps(asdict(plan)).encode(),
        stdout=subprocess.PIPE,
        check=True,
        cwd=ROOT,
    )
    return LoadResult(**json.loads(process.stdout))


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value that so large a share of the (sorted) values does not exceed."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def main() -> None:
    """Runs the plan of standard input."""
    plan_fields: dict[str, Any] = json.load(sys.stdin)
    plan = Plan(**plan_fields | {"requests": tuple(plan_fields["requests"]), "ports": tuple(plan_fields["ports"])})
    result = uvloop.run(Load(plan).run())
    json.dump(asdict(result), sys.stdout)


if __name__ == "__main__":
    main()
