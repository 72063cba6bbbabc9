"""Previews: what is not public yet, for staff and for those who hold a link (ops/design/editions.md, "Try").

Whether there is anything to preview follows from the edition itself, so a preview ends by itself: with publishing,
discarding, withdrawing, or when the time of a scheduled edition comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service import clock
from service.accounts import sessions
from service.accounts.permissions import Actor, Permission
from service.content.models import Edition
from service.errors import GuideError, InvalidRequest, NotFound
from service.store import editions
from service.store.graph import Graph, Reads, Row, Transaction

MOST_DAYS = 90
MOST_NOTE = 200
REMEMBERED = timedelta(days=90)
"""How long links that are over stay listed."""


class PreviewEnded(GuideError):
    """The edition is public by now, or never will be; only staff are told."""

    status = 410
    code = "preview_ended"
    remedy = "Open the public pages"

    def __init__(self, edition: Edition) -> None:
        super().__init__(f"第{edition.number}版のプレビューは終わりました。")
        self.edition = edition


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a preview as staff see it; `id` names it and does not open anything."""

    id: str
    edition: int
    created_at: datetime
    created_by: str
    expires_at: datetime
    note: str
    revoked_at: datetime | None = None
    revoked_by: str | None = None

    def state(self, now: datetime) -> str:
        """`open`, `revoked` or `expired`."""
        if self.revoked_at is not None:
            return "revoked"
        return "open" if now < self.expires_at else "expired"


def is_previewed(edition: Edition) -> bool:
    """Whether the edition is still to come: a draft, or scheduled and not due."""
    return edition.state == "draft" or edition.waits(clock.now())


async def previewed(reads: Reads, number: int) -> Edition:
    """The edition to preview, as it is now. Errors: NotFound, PreviewEnded."""
    edition = await editions.numbered(reads, number)
    if not is_previewed(edition):
        raise PreviewEnded(edition)
    return edition


async def issue(graph: Graph, *, edition: int, days: int, by: Actor, note: str = "") -> str:
    """The token of a new link to the preview of an edition, open for `days`. It cannot be read again later.

    Errors: Forbidden, NotFound, PreviewEnded, InvalidRequest for days or a note out of bounds.
    """
    by.needs(Permission.EDIT)
    if not 1 <= days <= MOST_DAYS:
        raise InvalidRequest(f"日数は、1 から {MOST_DAYS} までで決めてください。", where="/days")
    if len(note) > MOST_NOTE:
        raise InvalidRequest(f"メモは、{MOST_NOTE} 字までにしてください。", where="/note")
    await previewed(graph.latest, edition)
    token, now = sessions.token(), clock.now()

    async def work(transaction: Transaction) -> None:
        await transaction.many("editions/preview_links", "tidy", before=now - REMEMBERED)
        await transaction.many(
            "editions/preview_links",
            "issue",
            digest=sessions.digest(token),
            edition=edition,
            by=by.id,
            note=note,
            now=now,
            expires_at=now + timedelta(days=days),
        )

    await graph.write(work)
    return token


async def links(graph: Graph, edition: int) -> Sequence[Link]:
    """Every link to the preview of an edition, the newest first, also those that are over."""
    return [_link(row["link"]) for row in await graph.latest.many("editions/preview_links", "links", edition=edition)]


async def revoke(graph: Graph, id: str, *, edition: int, by: Actor) -> Link:
    """A link of that edition, taken back: from now on it opens nothing, also for those who are in.

    Errors: Forbidden, NotFound.
    """
    by.needs(Permission.EDIT)
    row = await graph.write(
        lambda tx: tx.one("editions/preview_links", "revoke", digest=id, edition=edition, by=by.id, now=clock.now())
    )
    if row is None:
        raise NotFound("そのリンクは、ありません。")
    return _link(row["link"])


async def open_until(graph: Graph, number: int, *, token: str | None) -> datetime | None:
    """Until when a token opens the preview of an edition; None when it does not, or not any more."""
    if not token:
        return None
    row = await graph.latest.one(
        "editions/preview_links", "open", digest=sessions.digest(token), edition=number, now=clock.now()
    )
    return editions.moment(row["expires_at"]) if row else None


def _link(row: Row) -> Link:
    return Link(
        id=row["digest"],
        edition=row["edition"],
        created_at=editions.moment(row["created_at"]),
        created_by=row["created_by"],
        expires_at=editions.moment(row["expires_at"]),
        note=row["note"],
        revoked_at=editions.moment(row["revoked_at"]) if row.get("revoked_at") else None,
        revoked_by=row.get("revoked_by"),
    )
