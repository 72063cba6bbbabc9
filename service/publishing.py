"""Publishing: which edition residents see, now or from a set moment on (ops/design/editions.md, "Publish")."""

from __future__ import annotations

from datetime import datetime, timedelta

from service import clock, history
from service.actors import Actor
from service.graph import Row, Transaction
from service.models import Edition


async def make_live(transaction: Transaction, chain: Row, *, number: int, live: Edition | None, by: Actor) -> Row:
    """Publishes an edition at once, behind the live one; returns the chain as it is then."""
    at = after(clock.now(), live)
    row = await transaction.one(
        "publishing", "publish", edition=number, published_at=at, published_by=by.id, scheduled=False
    )
    assert row is not None
    return await history.append(
        transaction, chain, edition=number, action="publish", by=by, after=row["edition"]["content_hash"]
    )


def after(moment: datetime, live: Edition | None) -> datetime:
    """The moment, but always after the live edition: a clock set back cannot bring an old edition to life."""
    if live is None or live.published_at is None:
        return moment
    return max(moment, live.published_at + timedelta(milliseconds=1))
