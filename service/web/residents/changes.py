"""What changed in the guide, for residents: a page and a feed, made from what was public and never changes again."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.caching import PROCESS, Part
from service.content.models import Deadline, Edition, Kind
from service.diff_text.announcements import Announcement, DeadlineText, announcement
from service.editions.reviews import Reviewer
from service.guidance.municipality import Municipality
from service.store import editions
from service.store.graph import Reads
from service.web import application, rendering
from service.web.residents import context
from service.web.residents.layout import CitizenPage

router = APIRouter(include_in_schema=False)

MOST_ENTRIES = 30
"""So many announcements are shown; older ones are of interest to nobody who has a procedure before them."""

MEDIA_TYPE = "application/atom+xml; charset=utf-8"
MOST_EDITIONS = 20
_LEADING = (Kind.PROCEDURE, Kind.WINDOW)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_FEEDS = uuid.uuid5(uuid.NAMESPACE_URL, "urn:tetsuzuki:changes")
Announced = tuple[list[Announcement], frozenset[str]]
_lately: Part[tuple[object, ...], Announced] = PROCESS.part(lambda announced: 20_000 + 100 * len(announced[1]))
_kept: Part[tuple[object, ...], Announcement] = PROCESS.part(lambda announced: 2_000 + 1_000 * announced.count)


@dataclass(frozen=True, kw_only=True)
class ChangesPage(CitizenPage):
    """What changed in the guide, the newest first; only what is in `there` has a page to lead to."""

    template: ClassVar[str] = "citizen/changes.html"
    current: ClassVar[str] = "changes"

    announcements: tuple[Announcement, ...]
    there: frozenset[str]


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One announcement in the feed; `id` stays the same for ever, at whatever address the guide is read."""

    announcement: Announcement
    id: str
    updated: str
    url: str


@dataclass(frozen=True, slots=True)
class ChangesFeed:
    """The same as an Atom feed (RFC 4287), sent as `MEDIA_TYPE`."""

    template: ClassVar[str] = "citizen/changes.xml"

    city: Municipality
    id: str
    updated: str
    url: str
    page_url: str
    entries: tuple[FeedEntry, ...]
    there: frozenset[str]


@router.get("/changes")
async def show(request: Request) -> Response:
    """What changed lately, in words."""
    announced, there = await _announced(request)
    city = context.guidance_service(request).city
    return context.respond(request, changes_page(city, announced, there=there))


@router.get("/changes.atom")
async def show_feed(request: Request) -> Response:
    """The same for feed readers."""
    announced, there = await _announced(request)
    service = context.guidance_service(request)
    feed = changes_feed(service.city, announced, there=there, base=context.base(request))
    # Without a public address of its own it holds the one that was asked for, which a shared cache must not hand on.
    headers = context.PUBLIC if service.settings.public_url else context.PRIVATE
    return Response(rendering.render(feed), 200, headers, MEDIA_TYPE)


def changes_page(city: Municipality, announced: Sequence[Announcement], *, there: Iterable[str]) -> ChangesPage:
    """The page of the newest announcements, in the order given.

    `there` are the keys of the procedures and windows of the live edition: what an older one told of may be gone.
    """
    return ChangesPage(city=city, announcements=tuple(announced[:MOST_ENTRIES]), there=frozenset(there))


def changes_feed(
    city: Municipality, announced: Sequence[Announcement], *, there: Iterable[str], base: str
) -> ChangesFeed:
    """The feed of the same announcements; `base` is the address of the guide without a slash at its end.

    Identifiers are made of what is announced and for which city, not of the address, so that readers who come by
    another address see nothing twice.
    """
    own = uuid.uuid5(_FEEDS, f"{city.prefecture or ''}{city.name or ''}")
    newest = announced[:MOST_ENTRIES]
    return ChangesFeed(
        city=city,
        id=own.urn,
        updated=_moment(max((announcement.at for announcement in newest), default=_NEVER)),
        url=f"{base}/changes.atom",
        page_url=f"{base}/changes",
        entries=tuple(_entry(announcement, feed=own, base=base) for announcement in newest),
        there=frozenset(there),
    )


def _entry(announced: Announcement, *, feed: uuid.UUID, base: str) -> FeedEntry:
    own = uuid.uuid5(feed, f"{announced.edition} {announced.content_hash}")
    return FeedEntry(announced, own.urn, _moment(announced.at), f"{base}/changes#edition-{announced.edition}")


def _moment(at: datetime) -> str:
    """A moment as RFC 3339 has it."""
    return at.isoformat(timespec="seconds")


def read_deadline(deadline: Deadline | None) -> DeadlineText:
    """A deadline in the words of the pages."""
    return DeadlineText(rendering.say("rule", deadline), rendering.say("explained", None, deadline))


async def _announced(request: Request) -> Announced:
    """The newest announcements, and the keys that today's guide has a page for; worked out once per live edition."""
    live, _ = await context.guidance_service(request).outline()
    service = application.edition_service(request)
    key = (live.number, live.content_hash, live.published_at)
    return await _lately.fetch(key, lambda: _read(service.graph.latest, service.reviewer, live))


async def _read(reads: Reads, reviewer: Reviewer, live: Edition) -> Announced:
    public = sorted(await editions.public(reads), key=_order)
    until_live = [edition for edition in public if _order(edition) <= _order(live)]
    steps = [(None, until_live[0]), *pairwise(until_live)] if until_live else []
    announced = [await _announcement(reviewer, before, after) for before, after in reversed(steps[-MOST_EDITIONS:])]
    items = (await reviewer.content(live))[1]
    there = frozenset(key for key, item in items.items() if item.kind in _LEADING)
    return [announcement for announcement in announced if announcement], there


def _order(edition: Edition) -> tuple[float, int]:
    return (edition.published_at.timestamp() if edition.published_at else 0.0, edition.number)


async def _announcement(reviewer: Reviewer, before: Edition | None, after: Edition) -> Announcement:
    key = (before.content_hash if before else None, after.content_hash, after.number, after.published_at)

    async def compare() -> Announcement:
        old = (await reviewer.content(before))[0] if before else None
        new = (await reviewer.content(after))[0]
        return await asyncio.to_thread(announcement, after, old, after=new, read_deadline=read_deadline)

    return await _kept.fetch(key, compare)
