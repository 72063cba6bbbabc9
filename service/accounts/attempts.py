"""Attempts to sign in: after a few that failed each next one has to wait, longer and longer, for whatever is tried.

Counted is by a digest of what was typed, whether there is such an account or not: the answers tell nobody which names
there are, and every process knows of every attempt.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from service import clock
from service.errors import TooMany
from service.store.editions import moment
from service.store.graph import Graph, Transaction

WAITS = (0, 0, 0, 5, 10, 20, 40, 80, 160, 900)
"""Seconds until the next attempt, after the first one that failed, the second, and so on; then always the last."""
FORGOTTEN_AFTER = timedelta(days=1)


class Waiting(TooMany):
    """Too many attempts to sign in have failed: the next one has to wait, whoever makes it."""

    code = "waiting"
    remedy = "Wait as long as the page says"

    def __init__(self, until: datetime) -> None:
        self.retry_seconds = max(1, round((until - clock.now()).total_seconds()))
        minutes = -(-self.retry_seconds // 60)
        told = f"{self.retry_seconds}秒" if self.retry_seconds < 60 else f"{minutes}分"
        super().__init__(f"まちがいが続いたので、いまは確かめられません。{told}ほどおいて、もう一度お試しください。")


async def take(graph: Graph, what: str, whose: str) -> None:
    """Counts an attempt before it is made. Errors: Waiting; then it may not be made."""
    now = clock.now()

    async def work(transaction: Transaction) -> dict[str, object]:
        row = await transaction.one(
            "accounts/attempts",
            "take",
            subject=_subject(what, whose),
            now=now,
            waits=list(WAITS),
            forgotten_at=now + FORGOTTEN_AFTER,
        )
        assert row is not None
        return row

    row = await graph.write(work)
    if not row["taken"]:
        raise Waiting(moment(row["until"]))


async def clear(graph: Graph, what: str, whose: str) -> None:
    """Forgets what failed: it was right now, or somebody who may vouches for it."""
    await graph.write(lambda tx: cleared(tx, what, whose))


async def cleared(transaction: Transaction, what: str, whose: str) -> None:
    """The same, as a part of a write."""
    await transaction.many("accounts/attempts", "clear", subject=_subject(what, whose))


def _subject(what: str, whose: str) -> str:
    return hashlib.sha256(f"{what}\0{whose}".encode("utf-8", "replace")).hexdigest()
