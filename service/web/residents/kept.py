"""Pages as they were sent before, answered again before anything of the request is read: that takes longer than to send
them. Kept is what depends on nothing but its address, the edition and the day."""

from __future__ import annotations

from typing import NamedTuple

from fastapi import Request
from fastapi.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from service import clock
from service.caching import Part
from service.content.models import Edition
from service.guidance.service import Visit
from service.web import application, compression, previews, rendering
from service.web.residents import context
from service.web.residents.layout import CitizenPage

PATHS = frozenset({"/guide", "/result", "/sheet"})
PageCache = Part[tuple[object, ...], bytes]


class _Page(NamedTuple):
    """What the log names in place of a route."""

    path: str


class KeptPages:
    """Wraps the application, with the guards around it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request. Errors: Unavailable when no live edition is known."""
        answer = await _kept(Request(scope)) if _may_be_kept(scope) else None
        if answer is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = _Page(scope["path"])
        await answer(scope, receive, send)


def _may_be_kept(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["method"] == "GET" and scope["path"] in PATHS


async def _kept(request: Request) -> Response | None:
    """The page as it was sent before; compressed, once, for who reads that."""
    guidance_service = application.guidance_service(request)
    live, cache = guidance_service.live, _cache(request)
    key = _key(request, await live.edition())
    body = cache.get(key)
    if body is None or live.away:
        return None
    if not compression.is_accepted(request.scope):
        return Response(body, 200, context.PRIVATE | compression.VARY, context.HTML)
    smaller = cache.get((*key, "gzip"))
    if smaller is None:
        smaller = compression.compressed(body)
        cache.put((*key, "gzip"), smaller)
    return Response(smaller, 200, context.PRIVATE | compression.ENCODED, context.HTML)


def respond(request: Request, visit: Visit, page: CitizenPage) -> Response:
    """The page; kept where only its address, the edition and the day decide what it shows."""
    query = visit.query
    if query.dates or query.dropped or visit.newer or visit.unknown or visit.stale or previews.found(request):
        return context.respond(request, page)
    body = rendering.render(page).encode()
    _cache(request).put(_key(request, visit.edition), body)
    return Response(body, 200, context.PRIVATE | compression.VARY, context.HTML)


def _cache(request: Request) -> PageCache:
    pages: PageCache = request.app.state.pages
    return pages


def _key(request: Request, edition: Edition) -> tuple[object, ...]:
    """The sheet shows the address under which the visitor knows the guide."""
    path = request.scope["path"]
    base = context.base(request) if path == "/sheet" else ""
    return (path, request.scope["query_string"], base, edition.name, clock.today())
