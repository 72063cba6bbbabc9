"""Editions: which one is live, and which were. Live is derived, never stored (ops/design/editions.md)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime

from service import clock
from service.content.models import Edition
from service.errors import Archived, GuideError, NotFound, Unavailable
from service.store.graph import Graph, Reads, Row, Seen

AHEAD_SECONDS = 0.5
FRESH_SECONDS = 0.9
PATIENCE_SECONDS = 1.0
"""How long after the database was asked a known edition has to do."""
PATIENCE_TURNS = 20


def from_row(row: Row) -> Edition:
    """The edition of a node's properties."""
    return Edition(
        number=row["number"],
        title=row["title"],
        state=row["state"],
        scheduled=row["scheduled"],
        created_at=moment(row["created_at"]),
        published_at=moment(row.get("published_at")),
        content_hash=row.get("content_hash"),
        base=row.get("base"),
        revision=row["revision"],
        created_by=row.get("created_by") or "",
        published_by=row.get("published_by"),
        archived=bool(row.get("archived")),
        beneath=row.get("beneath"),
    )


def moment(value: object) -> datetime:
    """A moment of the store, in Asia/Tokyo. Errors: TypeError for what is none."""
    if value is None:
        return None  # type: ignore[return-value]
    native = value.to_native() if hasattr(value, "to_native") else value
    if not isinstance(native, datetime):
        raise TypeError(f"not a moment: {value!r}")
    return native.astimezone(clock.TOKYO)


async def live(reads: Reads, *, at: datetime | None = None) -> Edition | None:
    """The edition that is live at a moment (now without one), or None in a store without one."""
    row = await reads.one("store/editions", "live", now=at or clock.now())
    return from_row(row["edition"]) if row else None


async def public(reads: Reads) -> list[Edition]:
    """Every edition that is or was live, the newest first."""
    return _from_rows(await reads.many("store/editions", "public", now=clock.now()))


async def waiting(reads: Reads) -> list[Edition]:
    """The published editions whose time has not come yet, the next one first."""
    return _from_rows(await reads.many("store/editions", "waiting", now=clock.now()))


async def drafts(reads: Reads) -> list[Edition]:
    """The open drafts, the newest first."""
    return _from_rows(await reads.many("store/editions", "drafts"))


async def shown(reads: Reads) -> list[Edition]:
    """Every edition that staff may see, the newest first: all but those that are still being built."""
    return _from_rows(await reads.many("store/editions", "shown"))


async def numbered(reads: Reads, number: int) -> Edition:
    """The edition with that number, whatever its state. Errors: NotFound, also while it is still being built."""
    row = await reads.one("store/editions", "one", number=number)
    if row is None or row["edition"]["state"] in {"building", "abandoned"}:
        raise NotFound(f"第{number}版は、ありません。", where="/edition")
    return from_row(row["edition"])


async def is_empty(reads: Reads) -> bool:
    """Whether the store holds no edition that is more than the rest of a broken import."""
    row = await reads.one("store/editions", "any")
    return not (row and row["any"])


def gone(number: int) -> Archived:
    """What to say of guidance on an edition that has left the graph."""
    return Archived(
        f"第{number}版は古いため保管庫に移してあり、この版での案内はできません。版の番号を付けなければ、いまの版で案内します。"
        f"第{number}版の内容は /api/v1/editions/{number}/content で読めます。",
        where="/edition",
    )


def _from_rows(rows: list[Row]) -> list[Edition]:
    return [from_row(row["edition"]) for row in rows]


class Live:
    """The live edition as this process knows it: at most a second old; older only while the database is `away`.

    One question at a time goes to the database, however many wait; under load it is asked ahead, so that nobody does.
    It never goes back to an earlier edition because a server of a cluster lags behind, and all reads of content wait
    for the state in which the edition was seen. `forget` drops what is kept by numbers: it is called when a number has
    come to mean other content, because an older backup was restored, and when an edition left the graph or came back.
    """

    def __init__(self, graph: Graph, *, forget: Callable[[], None] = lambda: None) -> None:
        self._graph = graph
        self._forget = forget
        self._edition: Edition | None = None
        self._public: dict[int, Edition] = {}
        self._states_by_number: dict[int, tuple[str | None, bool]] = {}
        self._asked_at = self._answered_at = float("-inf")
        self._asking: asyncio.Future[None] | None = None
        self.away = False

    async def edition(self) -> Edition:
        """The live edition. Errors: Unavailable when none is known and the database is away or empty."""
        age = clock.monotonic() - self._answered_at
        # An edition becomes the first one only once: who asks then is not told for a second that there is none.
        is_unknown = self._edition is None and not self.away
        if age >= AHEAD_SECONDS or is_unknown:
            asking = self._start_asking()
            if age >= FRESH_SECONDS or is_unknown:
                await self._wait(asking)
        if self._edition is None:
            lacking = "データベースにつながりません。" if self.away else "案内の内容が、まだ公開されていません。"
            raise Unavailable(lacking)
        return self._edition

    async def numbered(self, number: int) -> Edition:
        """An edition that is or was live, maybe archived. Errors: NotFound for any other number."""
        current = await self.edition()
        if number == current.number:
            return current
        known = self._public.get(number)
        if known is None:
            await self._read_numbered(number)
        elif known.archived:
            await self._reread_numbered(number)  # it may have been brought back
        if number not in self._public:
            raise NotFound(f"第{number}版は、公開されたことがありません。", where="/edition")
        return self._public[number]

    async def still(self, number: int) -> None:
        """Returns when the edition is whole in the graph, so that what was read of it before is right.

        Another process may have archived it in the meantime, so who reads an edition that is not live asks afterwards;
        while the database is away, what is kept is taken for right. Errors: Archived.
        """
        if self._edition is not None and number == self._edition.number:
            return
        await self._reread_numbered(number)
        if number in self._public and self._public[number].archived:
            raise gone(number)

    async def _reread_numbered(self, number: int) -> None:
        if self.away:
            return
        with suppress(Unavailable):
            await self._read_numbered(number)

    async def _read_numbered(self, number: int) -> None:
        """The leader is asked: a reader that lags behind would not know a new edition, nor that it lacks items."""
        snapshot = await self._graph.seen_by_leader("store/editions", "one", number=number)
        now = clock.now()
        published = [
            edition for edition in _from_rows(snapshot.rows) if edition.state == "published" and not edition.waits(now)
        ]
        if published:
            self._graph.keep_up_with(snapshot.state)
        self._remember_states(published)
        self._public |= {edition.number: edition for edition in published}

    def _start_asking(self) -> asyncio.Future[None]:
        if self._asking is None or self._asking.done():
            self._asked_at = clock.monotonic()
            self._asking = asyncio.ensure_future(self._ask())
            self._asking.add_done_callback(lambda asking: asking.cancelled() or asking.exception())
        return self._asking

    async def _wait(self, asking: asyncio.Future[None]) -> None:
        """Waits for the answer; where an edition is known, no longer than patience lasts.

        It lasts for some turns of the event loop too: a process with much to do is not to take the database, whose
        answer lies there unread, for one that is away.
        """
        if self._edition is None:
            await asyncio.wait({asking})
        seconds_left = max(0.0, self._asked_at + PATIENCE_SECONDS - clock.monotonic())
        for _ in range(PATIENCE_TURNS):
            if asking.done():
                break
            await asyncio.wait({asking}, timeout=seconds_left / PATIENCE_TURNS)
        if asking.done():
            asking.result()
        else:
            self.away = True

    async def _ask(self) -> None:
        """A failure is counted from its end: a database that hangs is not asked again at once."""
        try:
            await self._read_live()
        except GuideError:
            self.away, self._answered_at = True, clock.monotonic()
        else:
            self.away, self._answered_at = False, self._asked_at

    async def _read_live(self) -> None:
        snapshot = await self._graph.seen("store/editions", "live", now=clock.now())
        if _sort_key(_first_edition(snapshot)) < _sort_key(self._edition):
            # The state waited for was forgotten, and a reader lags behind; or a withdrawal, or a restored backup.
            snapshot = await self._graph.seen_by_leader("store/editions", "live", now=clock.now())
        edition = _first_edition(snapshot)
        if edition != self._edition:
            self._public = {}
        if edition != self._edition or not self._graph.keeps_up:
            self._graph.keep_up_with(snapshot.state)
        self._remember_states([edition] if edition else [])
        self._edition = edition

    def _remember_states(self, editions: Iterable[Edition]) -> None:
        """Remembers what the numbers mean, and drops what is kept where that has changed."""
        states = {edition.number: (edition.content_hash, edition.archived) for edition in editions}
        if any(self._states_by_number.get(number, state) != state for number, state in states.items()):
            self._forget()
            self._states_by_number = {}
        self._states_by_number |= states


def _first_edition(snapshot: Seen) -> Edition | None:
    return from_row(snapshot.rows[0]["edition"]) if snapshot.rows else None


def _sort_key(edition: Edition | None) -> tuple[float, int]:
    """The later of two editions that are live is the live one; none is earlier than any."""
    if edition is None or edition.published_at is None:
        return (float("-inf"), 0)
    return (edition.published_at.timestamp(), edition.number)
