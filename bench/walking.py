"""What it takes to walk through all interviews and to prove what is wrong with the rules; needs no database."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from bench.contents import dense
from service.analysis.bdd import NotDecided
from service.analysis.interview_paths import WORK, Walk, trials
from service.analysis.proofs import flaws
from service.content.models import Content
from tests.seed import seed

T = TypeVar("T")
AGAIN = 3


def measure() -> dict[str, Any]:
    """Milliseconds (the best of three): each life event of the first edition, all its proofs, moving one question to
    every other place, and where the dense content is given up."""
    content = seed()
    events = {event.key: _event(content, event.key) for event in content.life_events}
    question = max(content.questions, key=lambda candidate: (len(candidate.options), candidate.key)).key
    event = next(key for key in events if question in Walk(content, [key]).asked())
    moves, spent = _timed(lambda: trials(content, [event], question=question))
    return {
        "events": events,
        "proofs": {"ms": _timed(lambda: flaws(content))[1]},
        "moves": {"places": len(moves), "ms": spent},
        "dense": {"steps": WORK, **_dense()},
    }


def _event(content: Content, event: str) -> dict[str, Any]:
    journeys, spent = _timed(lambda: Walk(content, [event]).journeys())
    idle, proved = _timed(lambda: Walk(content, [event]).idle())
    return {
        "households": journeys.households,
        "states": journeys.states,
        "fewest": journeys.fewest,
        "mean": float(journeys.mean),
        "most": journeys.most,
        "idle": len(idle),
        "ms": spent,
        "proof_ms": proved,
    }


def _dense() -> dict[str, Any]:
    content = dense()
    decided, spent = _timed(lambda: _decided(content), again=1)
    return {"decided": decided, "ms": spent}


def _decided(content: Content) -> bool:
    try:
        Walk(content, [content.life_events[0].key])
    except NotDecided:
        return False
    return True


def _timed(work: Callable[[], T], *, again: int = AGAIN) -> tuple[T, float]:
    """What the work gives, and how many milliseconds it took at best."""
    best = float("inf")
    for _ in range(again):
        began = time.perf_counter()
        result = work()
        best = min(best, 1000 * (time.perf_counter() - began))
    return result, best
