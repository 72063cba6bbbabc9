"""What a request for a page of residents works with, and how its page is sent.

Everything that a page is about stands in its address; the process keeps nothing of anybody.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from service.guidance.service import GuidanceService
from service.web import application, previews, rendering
from service.web.residents.layout import CitizenPage

PRIVATE = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}
PUBLIC = {"Cache-Control": "public, max-age=60, stale-if-error=86400"}
HTML = "text/html; charset=utf-8"


def guidance_service(request: Request) -> GuidanceService:
    """The guidance of this request: that of a preview in a preview, else that of everybody."""
    preview = previews.found(request)
    return preview.guidance_service if preview else application.guidance_service(request)


def parameters(request: Request) -> list[tuple[str, str]]:
    """The names and values of the query, in order."""
    return request.query_params.multi_items()


def base(request: Request) -> str:
    """The full address of the guide without a slash at its end; in a preview that of the preview."""
    return guidance_service(request).base(str(request.base_url)) + _root(request)


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
    carried = [(name, value) for name, value in parameters(request) if name != "ask"]
    return f"{path}?{urlencode(carried, safe=':,?')}"
