"""Releases: the step, inside a transaction, that makes an edition public, waits with it, or takes it back
(ops/design/editions.md: live is derived, only scheduled editions are compared with the clock)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from service import clock
from service.accounts.permissions import Actor
from service.content.models import Edition
from service.editions import history
from service.editions.history import Facts
from service.errors import Refused
from service.store.graph import Row, Transaction


async def release(
    transaction: Transaction,
    chain: Row,
    *,
    number: int,
    before: Edition | None,
    by: Actor,
    action: str = "publish",
    at: datetime | None = None,
    note: str | None = None,
    facts: Facts | None = None,
) -> Row:
    """Publishes an edition behind the one that is live just before it, now or `at` a later moment.

    Returns the chain as it is then.
    """
    moment = following(at or clock.now(), before)
    row = await transaction.one(
        "editions/releases",
        "publish",
        edition=number,
        published_at=moment,
        published_by=by.id,
        scheduled=at is not None,
    )
    if row is None:
        raise LookupError(f"no edition {number} to publish")
    return await history.append(
        transaction,
        chain,
        edition=number,
        action=action,
        by=by,
        after=row["edition"]["content_hash"],
        note=note,
        node=row["edition"],
        facts=replace(facts or Facts(), publish_at=moment if at else None),
    )


def following(moment: datetime, before: Edition | None) -> datetime:
    """The moment, but always after that edition: a clock set back cannot bring an old edition to life."""
    if before is None or before.published_at is None:
        return moment
    return max(moment, before.published_at + timedelta(milliseconds=1))


async def withdraw(
    transaction: Transaction,
    chain: Row,
    *,
    edition: Edition,
    by: Actor,
    note: str | None = None,
    facts: Facts | None = None,
) -> Row:
    """Takes a scheduled edition back before its time; returns the chain as it is then."""
    row = await transaction.one("editions/releases", "withdraw", edition=edition.number)
    if row is None:
        raise Refused(f"第{edition.number}版は、もう公開を待っていません。もう一度やり直してください。")
    return await history.append(
        transaction,
        chain,
        edition=edition.number,
        action="withdraw",
        by=by,
        after=edition.content_hash,
        note=note,
        node=row["edition"],
        facts=facts,
    )
