"""The service with routes to compare it with. `python -m bench.application FD` serves it as a worker would.

`/bench/ready`, `/bench/ready-question`, `/bench/ready-api`   the same bytes as a page, out of memory
`/bench/plain`, `/bench/plain-question`                       the same page, rendered whole each time from constants
`/bench/async`, `/bench/sync`                                 the same bytes from `async def` and from `def`
Each takes the query of the page that it is compared with, or the API's body.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from service import clock, worker
from service.app import create as create_service
from service.guidance.cards import Groups
from service.settings import settings
from service.web import application, rendering
from service.web.residents import cards, context, question, result
from service.web.residents.layout import CitizenPage
from service.web.residents.parts import address
from service.web.residents.question import QuestionPage, question_page
from service.web.residents.result import ResultPage, result_page

router = APIRouter(include_in_schema=False)
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Constants:
    """What a result page is rendered from."""

    page: ResultPage
    groups: Groups


_ready: dict[str, Response] = {}
_results: dict[str, Constants] = {}
_questions: dict[str, QuestionPage] = {}


def create() -> FastAPI:
    """The service, with these routes in front of its own, so that finding them takes no longer."""
    app = create_service()
    before = list(app.router.routes)
    app.include_router(router)
    added = [route for route in app.router.routes if route not in before]
    app.router.routes[:] = added + before
    return app


async def _ready_bytes(request: Request, kind: str, page: Endpoint) -> Response:
    """A new response with the bytes that the real page had the first time."""
    query = kind + request.scope["query_string"].decode("ascii")
    response = _ready.get(query)
    if response is None:
        response = _ready[query] = await page(request)
    return Response(response.body, 200, context.PRIVATE, context.HTML)


@router.get("/bench/ready")
async def ready(request: Request) -> Response:
    """The result page's bytes."""
    return await _ready_bytes(request, "result?", result.show)


@router.get("/bench/ready-question")
async def ready_question(request: Request) -> Response:
    """The question page's bytes."""
    return await _ready_bytes(request, "guide?", question.show)


@router.post("/bench/ready-api")
async def ready_api(request: Request) -> Response:
    """As many bytes as the API's answer (its length stands in the query); the body is received and not looked at."""
    await request.body()
    size = int(request.query_params["size"])
    response = _ready.get(f"api{size}")
    if response is None:
        response = _ready[f"api{size}"] = Response(b" " * size)
    return Response(response.body, 200, context.PRIVATE, "application/json")


@router.get("/bench/plain")
async def plain(request: Request) -> Response:
    """The result page with its cards, each rendered now."""
    query = request.scope["query_string"].decode("ascii")
    constants = _results.get(query)
    if constants is None:
        constants = _results[query] = await _constants(request)
    groups = constants.groups
    page = replace(
        constants.page,
        html={card.key: rendering.render_part(card) for card in (*groups.all, *groups.no_action)},
    )
    return HTMLResponse(rendering.render(page), 200, context.PRIVATE)


async def _constants(request: Request) -> Constants:
    guidance_service = application.guidance_service(request)
    visit = await guidance_service.visit(request.query_params.multi_items())
    advice = await guidance_service.advice(visit)
    groups = cards.grouped(advice, today=clock.today())
    page = result_page(
        guidance_service.city,
        visit,
        guidance=advice.given.guidance,
        groups=groups,
        cache=request.app.state.cards,
        code=advice.code,
        sheet_url=address("/sheet", visit.query),
    )
    return Constants(page, groups)


@router.get("/bench/plain-question")
async def plain_question(request: Request) -> Response:
    """The question page, rendered now."""
    query = request.scope["query_string"].decode("ascii")
    page: CitizenPage | None = _questions.get(query)
    if page is None:
        page = _questions[query] = await _question(request)
    return HTMLResponse(rendering.render(page), 200, context.PRIVATE)


async def _question(request: Request) -> QuestionPage:
    guidance_service = application.guidance_service(request)
    visit = await guidance_service.visit(request.query_params.multi_items())
    guidance = (await guidance_service.guided(visit)).guidance
    key = guidance.next_question
    assert key is not None, "a state that has a next question"
    terms = await guidance_service.catalogue.terms_in(visit.edition.number, [key])
    return question_page(
        guidance_service.city,
        visit.outline,
        question=visit.outline.questions[key],
        query=visit.query,
        terms=terms.get(key, ()),
        left=guidance.questions_left_at_most,
    )


@router.get("/bench/async")
async def asynchronous(request: Request) -> Response:
    """The result page's bytes from the event loop; the first request prepares both routes."""
    return await ready(request)


@router.get("/bench/sync")
def synchronous(request: Request) -> Response:
    """The result page's bytes from a thread of the pool."""
    query = "result?" + request.scope["query_string"].decode("ascii")
    return Response(_ready[query].body, 200, context.PRIVATE, context.HTML)


def main() -> None:
    """Serves on the inherited socket until SIGTERM."""
    config = worker.configuration(settings())
    config.app = "bench.application:create"
    worker.serve(config)


if __name__ == "__main__":
    main()
