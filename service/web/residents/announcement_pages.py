"""The page and the feed that tell residents what changed in the guide."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from service.guidance.municipality import Municipality
from service.web.residents.announcements import Announcement
from service.web.residents.layout import CitizenPage

MOST_ENTRIES = 30
"""So many announcements are shown; older ones are of interest to nobody who has a procedure before them."""

MEDIA_TYPE = "application/atom+xml; charset=utf-8"
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_FEEDS = uuid.uuid5(uuid.NAMESPACE_URL, "urn:tetsuzuki:changes")


@dataclass(frozen=True, kw_only=True)
class ChangesPage(CitizenPage):
    """What changed in the guide, the newest first; only what is in `there` has a page to lead to."""

    template: ClassVar[str] = "citizen/changes.html"
    current: ClassVar[str] = "changes"

    announcements: tuple[Announcement, ...]
    there: frozenset[str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One announcement in the feed; `id` stays the same for ever, at whatever address the guide is read."""

    announcement: Announcement
    id: str
    updated: str
    url: str


@dataclass(frozen=True, slots=True)
class ChangesFeed:
    """The same as an Atom feed (RFC 4287): render it with `pages.render`, send it as `MEDIA_TYPE`."""

    template: ClassVar[str] = "citizen/changes.xml"

    city: Municipality
    id: str
    updated: str
    url: str
    page_url: str
    entries: tuple[Entry, ...]
    there: frozenset[str]


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
    own = uuid.uuid5(_FEEDS, f"{city.prefecture or ''}{city.name}")
    newest = announced[:MOST_ENTRIES]
    return ChangesFeed(
        city=city,
        id=own.urn,
        updated=_moment(max((one.at for one in newest), default=_NEVER)),
        url=f"{base}/changes.atom",
        page_url=f"{base}/changes",
        entries=tuple(_entry(one, feed=own, base=base) for one in newest),
        there=frozenset(there),
    )


def _entry(announced: Announcement, *, feed: uuid.UUID, base: str) -> Entry:
    own = uuid.uuid5(feed, f"{announced.edition} {announced.content_hash}")
    return Entry(announced, own.urn, _moment(announced.at), f"{base}/changes#edition-{announced.edition}")


def _moment(at: datetime) -> str:
    """A moment as RFC 3339 has it."""
    return at.isoformat(timespec="seconds")
