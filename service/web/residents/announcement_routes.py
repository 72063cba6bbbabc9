"""What changed in the guide, for residents: a page and a feed, made from what was public and never changes again."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from service.caching import PROCESS, Part
from service.content.models import Edition, Kind
from service.editions.reviews import Reviewer
from service.store import editions
from service.web import rendering
from service.web.residents import announcement_pages
from service.web.residents.announcements import Announcement, announcement

router = APIRouter(include_in_schema=False)

PUBLIC = {"Cache-Control": "public, max-age=60, stale-if-error=86400"}
PRIVATE = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}
MOST_EDITIONS = 20
_LEADING = (Kind.PROCEDURE, Kind.WINDOW)
_kept: Part[tuple[object, ...], Announcement] = PROCESS.part(lambda one: 2_000 + 1_000 * one.count)


@router.get("/changes")
async def changes(request: Request) -> Response:
    """What changed lately, in words."""
    announced, there = await _announced(request)
    city = request.app.state.reception.city
    page = announcement_pages.changes_page(city, announced, there=there)
    headers = PRIVATE if request.scope["query_string"] else PUBLIC
    return HTMLResponse(rendering.render(page), 200, headers)


@router.get("/changes.atom")
async def feed(request: Request) -> Response:
    """The same for feed readers."""
    reception = request.app.state.reception
    announced, there = await _announced(request)
    base = reception.base(str(request.base_url))
    made = announcement_pages.changes_feed(reception.city, announced, there=there, base=base)
    return Response(rendering.render(made), 200, PUBLIC, announcement_pages.MEDIA_TYPE)


async def _announced(request: Request) -> tuple[list[Announcement], frozenset[str]]:
    """The newest announcements, and the keys that today's guide has a page for."""
    reviewer: Reviewer = request.app.state.desk.reviewer
    live, _ = await request.app.state.reception.outline()
    public = sorted(await editions.public(request.app.state.desk.graph.latest), key=_order)
    until = [one for one in public if _order(one) <= _order(live)]
    steps = [(None, until[0]), *pairwise(until)] if until else []
    told = [await _told(reviewer, before, after) for before, after in reversed(steps[-MOST_EDITIONS:])]
    items = (await reviewer.content(live))[1]
    there = frozenset(key for key, item in items.items() if item.kind in _LEADING)
    return [one for one in told if one], there


def _order(edition: Edition) -> tuple[float, int]:
    return (edition.published_at.timestamp() if edition.published_at else 0.0, edition.number)


async def _told(reviewer: Reviewer, before: Edition | None, after: Edition) -> Announcement:
    key = (before.content_hash if before else None, after.content_hash, after.number, after.published_at)

    async def make() -> Announcement:
        old = (await reviewer.content(before))[0] if before else None
        new = (await reviewer.content(after))[0]
        return await asyncio.to_thread(announcement, after, old, after=new)

    return await _kept.fetch(key, make)
