"""The highest rate of pages at which 95 in 100 are answered within a quarter of a second, found step by step.

A rate depends on the machine and on what else runs there; so it is divided by the ready bytes that the same service
sends a second, measured in the same run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from bench.households import Stage, day, stages
from bench.load import LoadResult, Plan, get, loaded
from service.content.models import Content

MOST_MS = 250.0
FIRST_RATE = 5.0
MOST_RATE = 5_000.0
FINER = 3
"""After doubling, so many steps halve the distance: the rate is right to a tenth."""
FEWEST_PAGES = 40
"""A step takes as long as so many pages take, if that is longer than its time."""


@dataclass(frozen=True, slots=True)
class Step:
    """One rate, and what happened at it."""

    rate: float
    p50: float
    p95: float
    refused: int
    met: bool


def highest(offer: Callable[[float], LoadResult]) -> tuple[float, list[Step]]:
    """The highest rate that is met, 0 where none is, and all steps; a rate that is not met is tried once more."""
    steps: list[Step] = []

    def met(rate: float) -> bool:
        for _ in range(2):
            result = offer(rate)
            is_met = result.p95 <= MOST_MS and result.refused == 0
            steps.append(Step(rate, result.p50, result.p95, result.refused, is_met))
            if is_met:
                return True
        return False

    low, high = 0.0, FIRST_RATE
    while high < MOST_RATE and met(high):
        low, high = high, 2 * high
    for _ in range(FINER if low else 0):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if met(middle) else (low, middle)
    return low, steps


def measure(ports: tuple[int, ...], content: Content, *, ready: float, seconds: float, drawn: str) -> dict[str, Any]:
    """Both capacities: pages whose guidance nobody asked for, and a day of households; `ready` is ready bytes/s.

    `seconds` is the length of a step, `drawn` fixes which households come: each run has its own, seen by nobody.
    """
    return {
        "unseen": unseen(ports, content, ready=ready, seconds=seconds, drawn=drawn),
        "day": _measured(ports, day(content, drawn=f"{drawn} day"), ready=ready, seconds=seconds),
    }


def unseen(ports: tuple[int, ...], content: Content, *, ready: float, seconds: float, drawn: str) -> dict[str, Any]:
    """The capacity for pages whose guidance nobody asked for."""
    return _measured(ports, stages(content, drawn=f"{drawn} unseen"), ready=ready, seconds=seconds)


def _measured(ports: tuple[int, ...], pages: Iterator[Stage], *, ready: float, seconds: float) -> dict[str, Any]:
    rate, steps = highest(lambda rate: _offered(ports, pages, rate=rate, seconds=seconds))
    return {"rate": rate, "ratio": rate / ready, "steps": [asdict(step) for step in steps]}


def _offered(ports: tuple[int, ...], pages: Iterator[Stage], *, rate: float, seconds: float) -> LoadResult:
    count = max(FEWEST_PAGES, round(rate * seconds))
    addresses = tuple(get(stage.address) for stage in islice(pages, count))
    return loaded(Plan(ports, addresses, count=count, seconds=count / rate, rate=rate))
