"""What a request for a page of residents works with, and how its page is sent.

Everything that a page is about stands in its address; the process keeps nothing of anybody.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from service import clock
from service.caching import Part
from service.guidance.service import Reception, Visit
from service.web import previews, rendering
from service.web.residents.layout import CitizenPage

PRIVATE = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}
PUBLIC = {"Cache-Control": "public, max-age=60, stale-if-error=86400"}
HTML = "text/html; charset=utf-8"
PageCache = Part[tuple[object, ...], bytes]


def reception(request: Request) -> Reception:
    """The reception of this request: that of a preview in a preview, else that of everybody."""
    preview = previews.found(request)
    if preview is not None:
        return preview.reception
    own: Reception = request.app.state.reception
    return own


def parameters(request: Request) -> list[tuple[str, str]]:
    """The names and values of the query, in order."""
    return request.query_params.multi_items()


def base(request: Request) -> str:
    """The full address of the guide without a slash at its end; in a preview that of the preview."""
    return reception(request).base(str(request.base_url)) + _root(request)


def _root(request: Request) -> str:
    """What the paths of this request's pages begin with: nothing but in a preview."""
    preview = previews.found(request)
    return preview.mark.root if preview else ""


def respond(request: Request, page: CitizenPage, *, status: int = 200) -> Response:
    """The page; only addresses without a query are the same for everybody, whatever the query says of the visitor."""
    private = page.private or bool(request.scope["query_string"]) or previews.found(request) is not None
    return HTMLResponse(render(request, page), status, PRIVATE if private else PUBLIC)


def render(request: Request, page: CitizenPage) -> str:
    """The page as HTML; in a preview marked as one, and leading on inside it."""
    preview = previews.found(request)
    if preview is None:
        return rendering.render(page)
    return rendering.render(replace(page, preview=preview.mark), root=preview.mark.root)


def redirect(request: Request, address: str) -> Response:
    """On to another page of the guide."""
    return RedirectResponse(_root(request) + address, 303, PRIVATE)


def same_query(path: str, request: Request) -> str:
    """Another page at the same answers, also those that no longer count: it says so where this page only led on."""
    kept = [(name, value) for name, value in parameters(request) if name != "ask"]
    return f"{path}?{urlencode(kept, safe=':,?')}"


async def respond_cached(
    request: Request, visit: Visit, make: Callable[[], Awaitable[CitizenPage]], *, about: str = ""
) -> Response:
    """The page, kept as bytes where nothing but the edition, the answers, what it is `about` and the day decides it."""
    query = visit.query
    if query.dates or query.dropped or visit.newer or visit.unknown or visit.stale or previews.found(request):
        return respond(request, await make())
    cache: PageCache = request.app.state.pages
    key = (request.scope["path"], about, query.from_edition, query.life_events, query.answers, clock.today())
    body = cache.get(key)
    if body is None:
        body = rendering.render(await make()).encode()
        cache.put(key, body)
    return Response(body, 200, PRIVATE, HTML)
