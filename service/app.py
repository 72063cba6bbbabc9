"""The application: wiring only."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from markupsafe import escape
from starlette.exceptions import HTTPException
from starlette.types import Scope

from service import clock
from service.accounts import vault
from service.accounts.sessions import Lifetime
from service.accounts.signing_in import SigningIn
from service.accounts.vault import Vault
from service.caching import PROCESS
from service.editions import audit
from service.editions.history import Flaw
from service.editions.preview_links import PreviewEnded
from service.editions.service import EditionService
from service.errors import Busy, GuideError, OtherContent
from service.guidance import codes, municipality
from service.guidance.municipality import Municipality
from service.guidance.service import GuidanceService
from service.runtime.embedded import external, space
from service.settings import Settings, settings
from service.store.graph import Graph
from service.web import application, assets, health, rendering
from service.web import previews as preview_access
from service.web.api import guidance
from service.web.api import staff as staff_api
from service.web.middleware import Guards
from service.web.residents import cards, context
from service.web.residents import routes as residents
from service.web.residents.kept import KeptPages
from service.web.residents.layout import ErrorPage
from service.web.staff import imports, law, preview_links, sign_in
from service.web.staff import routes as staff
from service.web.staff.auth import NO_STORE, SignedOut, SignInNeeded

log = structlog.get_logger("app")

RETRY_STATUS = {500, 503}
_AGAIN = "/again"
"""What stands in the kept page of a peak where the address of the request belongs."""
MOST_TYPED = 500
"""So much of a code that opens nothing is offered for correction; that of an edition with 400 questions is shorter."""


def create(chosen: Settings | None = None) -> FastAPI:
    """The application with these settings (those of the environment without); the database need not be there yet."""
    app_settings = chosen or settings()
    _log_lines()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        PROCESS.resize(app_settings.cache_bytes)
        graph = Graph.open(external(app_settings), space=space(app_settings))
        city = municipality.read(app_settings.municipality_file)
        app.state.guidance_service = GuidanceService(graph, app_settings, city, city.calendar)
        app.state.editions = EditionService(
            graph,
            second_person=app_settings.second_person,
            archive_after=timedelta(days=app_settings.archive_after_days),
            law=app_settings.layers[:-1],
        )
        app.state.signing_in = _signing_in(graph, app_settings, city)
        app.state.busy_page = _busy_html(city)
        app.state.cards = cards.card_cache(PROCESS)
        app.state.pages = PROCESS.part(len)
        app.state.watch = audit.Watch(graph, tell=_tell_flaws)
        tasks = [asyncio.create_task(app.state.guidance_service.warm_up()), asyncio.create_task(app.state.watch.run())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)  # they may be using the graph, which closes now
            await app.state.editions.close()
            await graph.close()

    app = FastAPI(
        title="手続きガイド API",
        version="1",
        lifespan=lifespan,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    _add_routes(app)
    app.add_exception_handler(GuideError, _handle_guide_error)
    app.add_exception_handler(PreviewEnded, _preview_ended)
    app.add_exception_handler(SignInNeeded, _sign_in_needed)
    app.add_exception_handler(SignedOut, sign_in.signed_out)
    app.add_exception_handler(RequestValidationError, _handle_invalid_request)
    app.add_exception_handler(HTTPException, _handle_http_error)
    app.add_middleware(KeptPages)
    app.add_middleware(
        Guards,
        most_bytes=app_settings.request_bytes,
        seconds=app_settings.request_seconds,
        rate=app_settings.rate_per_minute,
        told=_response_to_error,
        larger=dict.fromkeys((imports.PATH, law.PATH, *staff_api.LARGE_PATHS), app_settings.import_bytes),
    )
    return app


def _signing_in(graph: Graph, app_settings: Settings, city: Municipality) -> SigningIn:
    """The ways in for who has an account."""
    key = app_settings.accounts_key
    return SigningIn(
        graph,
        Vault(app_settings.data_dir / vault.FILE, key.get_secret_value() if key else None),
        Lifetime(timedelta(hours=app_settings.staff_session_hours), timedelta(minutes=app_settings.staff_idle_minutes)),
        issuer=f"{city.guide} 職員用",
    )


def _add_routes(app: FastAPI) -> None:
    """Every address; those of residents once more for previews, behind a door of their own."""
    for router in (residents.public, guidance.router, health.router, staff_api.router, staff.router):
        app.router.routes.extend(router.routes)
    previewed = [Depends(preview_access.enter)]
    app.include_router(residents.previewed, prefix=preview_access.PREFIX, dependencies=previewed)
    app.mount("/static", assets.Assets(), name="static")


def _log_lines() -> None:
    """One JSON line an event on standard output; the web server's own access log (with addresses) stays off."""
    logging.getLogger("uvicorn.access").disabled = True
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        cache_logger_on_first_use=True,
    )


def _tell_flaws(flaws: Sequence[Flaw]) -> None:
    """What the store holds that was not published: names of items and numbers, nothing of residents."""
    log.error("store_differs", flaws=[flaw.text for flaw in flaws], todo=audit.ADVICE)


def _is_api(request: Request) -> bool:
    return str(request.scope["path"]).startswith("/api/")


def _response_to_error(scope: Scope, error: Exception) -> Response:
    """The response to an error that no route has answered."""
    return _guide_error(Request(scope), error) if isinstance(error, GuideError) else _unforeseen_error(scope, error)


async def _handle_guide_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, GuideError)
    return _guide_error(request, error)


def _guide_error(request: Request, error: GuideError) -> Response:
    if error.status >= 500 and not isinstance(error, Busy):  # at a peak it would be most of the log
        log.error("failed", code=error.code, cause=type(error.__cause__).__name__)
    if _is_api(request):
        error_fields = {"code": error.code, "message": error.message, "where": error.where}
        details = error.details()
        body = {"error": error_fields | ({"details": details} if details else {})}
        return JSONResponse(body, error.status, _headers(error))
    if isinstance(error, Busy):
        return _busy_page(request, error)
    message = error.message if error.status < 500 else None
    return _page(request, error.status, message=message, error=error)


async def _preview_ended(request: Request, error: Exception) -> Response:
    return await (_handle_guide_error if _is_api(request) else preview_links.ended)(request, error)


async def _sign_in_needed(request: Request, error: Exception) -> Response:
    assert isinstance(error, SignInNeeded)
    return RedirectResponse(error.address, 303, NO_STORE)


async def _handle_invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if _is_api(request):
        return await _handle_guide_error(request, guidance.invalid(error))
    return _page(request, 404, message=None)


async def _handle_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if _is_api(request):
        words = {404: "そのアドレスには何もありません。", 405: "このアドレスでは使えない方法です。"}
        body = {"code": "not_found" if error.status_code == 404 else "invalid", "where": ""}
        message = words.get(error.status_code, "受け付けられない要求です。")
        headers = context.PRIVATE | dict(error.headers or {})
        return JSONResponse({"error": body | {"message": message}}, error.status_code, headers)
    return _page(request, error.status_code, message=None)


def _unforeseen_error(scope: Scope, error: Exception) -> Response:
    """What nobody foresaw: the log has the kind of error and where it arose, never what the resident sent."""
    trace, source_line = error.__traceback__, "-"
    while trace is not None:
        source_line, trace = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}", trace.tb_next
    log.error("broken", error=type(error).__name__, place=source_line)
    request = Request(scope)
    if _is_api(request):
        body = {"code": "internal", "message": "サービスの中で問題が起きました。", "where": ""}
        return JSONResponse({"error": body}, 500, context.PRIVATE)
    return _page(request, 500, message=None)


def _typed(request: Request) -> str | None:
    """The code in an address that opens codes, as it was typed; None for other addresses."""
    preview = preview_access.found(request)
    path = str(request.scope["path"]).removeprefix(preview.mark.root if preview else "")
    if path == "/code":
        return request.query_params.get("code", "")[:MOST_TYPED]
    if not path.startswith("/e/"):
        return None
    edition_number, _, code = path.removeprefix("/e/").removesuffix("/sheet").partition("/")
    return f"{edition_number}-{code if '-' in code else codes.grouped(code)}"[:MOST_TYPED]


def _headers(error: GuideError | None) -> dict[str, str]:
    """No error is kept by anybody; where it passes by itself, programs learn when to ask again."""
    seconds = None if error is None else error.retry_seconds
    return context.PRIVATE | ({} if seconds is None else {"Retry-After": str(seconds)})


def _page(request: Request, status: int, *, message: str | None, error: GuideError | None = None) -> Response:
    """The error page; it needs no database."""
    guidance_service = application.guidance_service(request)
    page = ErrorPage(
        city=guidance_service.city,
        status=status,
        message=message,
        retry_url=_same_address(request) if status in RETRY_STATUS else None,
        reference=f"{status}-{clock.now():%m%d-%H%M}",
        typed=_typed(request) if status == 404 else None,
        other_content=isinstance(error, OtherContent),
    )
    return HTMLResponse(context.render(request, page), status, _headers(error))


def _same_address(request: Request) -> str | None:
    """The address of the request, to be opened again; None where opening it would not do the same."""
    if request.method != "GET":
        return None
    query = request.scope["query_string"].decode("latin-1")
    return str(request.scope["path"]) + (f"?{query}" if query else "")


def _busy_page(request: Request, error: Busy) -> Response:
    """The page for who has to come again. At a peak most requests end here, so it was rendered at the start."""
    page: str = request.app.state.busy_page
    return HTMLResponse(page.replace(_AGAIN, escape(_same_address(request) or "/")), error.status, _headers(error))


def _busy_html(city: Municipality) -> str:
    """The HTML of that page, with `_AGAIN` in the place of the address."""
    return rendering.render(ErrorPage(city=city, status=Busy.status, retry_url=_AGAIN, busy_seconds=Busy.retry_seconds))
