"""The JSON API, `/api/v1`: the guide for programs. Its contract is `ops/design/screens.md`, section "API"."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Sequence
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError

from service import clock
from service.content import registry
from service.content.models import FORMAT, Edition, Kind, Procedure, Strict
from service.content.reading import pointer
from service.errors import InvalidRequest, NotFound
from service.guidance.requests import EditionNumber, EditionQuery, GuidanceRequest, WhyRequest
from service.guidance.responses import (
    Failure,
    GuidanceAnswer,
    Listing,
    OneItem,
    PublicEdition,
    PublicProcedure,
    WhyAnswer,
    edition_name,
    guidance_answer,
    problem,
    public_item,
    public_model,
    public_procedure,
    why_answer,
)
from service.guidance.service import GuidanceService, Visit
from service.store.editions import public
from service.web import application, previews
from service.web.staff import auth

PRIVATE = {"Cache-Control": "private, no-store"}
SHARED_SECONDS = 60
"""How long others may keep a list without asking: a new edition is seen by programs at most so much later."""

_CONDITIONAL: dict[int | str, dict[str, Any]] = {
    304: {"description": "Not changed since the ETag that was sent"},
}
_ERRORS: dict[int | str, dict[str, Any]] = {
    404: {"model": Failure, "description": "No such item, or an edition that never was live"},
    410: {"model": Failure, "description": "An edition that is archived: only its content can be read"},
    422: {"model": Failure, "description": "The request is not understood; `where` names the culprit"},
    503: {"model": Failure, "description": "The database is away, nothing is published yet, or too many wait (`busy`)"},
}
_BODY_ERRORS = _ERRORS | {
    408: {"model": Failure, "description": "The body took too long"},
    413: {"model": Failure, "description": "The body is too large"},
}
_ETAG = {"ETag": {"description": "Changes with the content", "schema": {"type": "string"}}}
_NAMED = _ETAG | {
    "Edition-Number": {"description": "The edition's number", "schema": {"type": "integer"}},
    "Edition-Hash": {"description": "SHA-256 of the bytes, in hexadecimal", "schema": {"type": "string"}},
}
_CANONICAL: dict[str, Any] = {
    "description": "The canonical document (RFC 8785); fields that say nothing are left out",
    "headers": _NAMED,
    "content": {
        "application/json": {
            "schema": {"type": "object", "required": ["format"], "properties": {"format": {"const": FORMAT}}}
        }
    },
}
_HOUSEHOLD: dict[str, Any] = {
    "life_events": ["moving-in"],
    "answers": [{"question": "transfer-out", "options": ["transfer-out/paper"]}],
}
_EXAMPLES: dict[str, Any] = {
    "first": {"summary": "The first question", "value": {"life_events": ["moving-in"]}},
    "answered": {"summary": "One answer given", "value": _HOUSEHOLD},
    "unsure": {
        "summary": "An answer that the resident does not know",
        "value": {"life_events": ["moving-in"], "answers": [{"question": "health-insurance", "unsure": True}]},
    },
    "dated": {
        "summary": "With the day from which deadlines are counted",
        "value": _HOUSEHOLD | {"dates": {"moving-in": "2026-11-01"}},
    },
}
_WHY_EXAMPLES: dict[str, Any] = {
    "why": {"summary": "Why this procedure", "value": _HOUSEHOLD | {"procedure": "tennyu"}},
}


def invalid(error: RequestValidationError | ValidationError) -> InvalidRequest:
    """The first thing that pydantic refused, in the words and the form of this service."""
    first = error.errors()[0]
    place: Sequence[int | str] = first["loc"]
    if isinstance(error, RequestValidationError):
        place = place[1:]
    if first["type"] == "json_invalid":
        place = ()
    return InvalidRequest(problem(first["type"]), where=pointer(tuple(place)))


class Direct(APIRoute):
    """A route whose declared `body` is read in one pass from the bytes, not as JSON first."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The endpoint, called with the request and the model that its `body` declares."""
        endpoint = self.endpoint
        model: type[BaseModel] = self.dependant.body_params[0].field_info.annotation  # type: ignore[assignment]

        async def handle(request: Request) -> Response:
            try:
                body = model.model_validate_json(await request.body())
            except ValidationError as error:
                raise invalid(error) from None
            answer: Response = await endpoint(request, body)
            return answer

        return handle


router = APIRouter(prefix="/api/v1", tags=["guide"])
asking = APIRouter(prefix=router.prefix, tags=["guide"], route_class=Direct)


def _told(model: type[BaseModel], *, headers: dict[str, Any] | None = None) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of a good answer."""
    described: dict[str, Any] = {"model": model, "description": "Found"}
    return {200: described | ({"headers": headers} if headers else {})}


async def _kept(request: Request, key: Hashable, make: Callable[[], Awaitable[bytes]]) -> bytes:
    """A finished body, from the cache of pages; keys hold number and hash, so that none goes stale."""
    body: bytes = await request.app.state.pages.fetch(("api", key), make)
    return body


def _name(edition: Edition) -> tuple[int, str | None]:
    return edition.number, edition.content_hash


def _json(answer: BaseModel) -> bytes:
    return answer.model_dump_json(by_alias=True).encode()


def _private(content: bytes) -> Response:
    return Response(content, headers=PRIVATE, media_type="application/json")


def _shared(request: Request, content: bytes, **more: str) -> Response:
    """An answer that is the same for everybody; 304 where the asker has it already."""
    tag = f'"{hashlib.sha256(content).hexdigest()}"'
    headers = {"Cache-Control": f"public, max-age={SHARED_SECONDS}", "ETag": tag, **more}
    sent_tags = request.headers.get("if-none-match", "")
    if sent_tags == "*" or tag in {known.strip().removeprefix("W/") for known in sent_tags.split(",")}:
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type="application/json")


# Lists


async def _items(guidance_service: GuidanceService, edition: int, kind: str) -> Sequence[Strict]:
    """All items of a kind, as residents may see them: life events in their order, others by key."""
    if kind == Kind.LIFE_EVENT:
        return list((await guidance_service.catalogue.outline(edition)).life_events.values())
    if kind == Kind.QUESTION:
        return list((await guidance_service.catalogue.outline(edition)).questions.values())
    items = await guidance_service.catalogue.of_kind(edition, kind)
    return [public_item(item) for item in items]


def _list(path: str, kind: str, item: type[Strict]) -> None:
    """Adds the route of a list."""
    shape = Listing[item]  # type: ignore[valid-type]

    async def listed(request: Request, query: Annotated[EditionQuery, Query()]) -> Response:
        guidance_service = application.guidance_service(request)
        edition, _ = await guidance_service.outline(query.edition)

        async def make() -> bytes:
            items = await _items(guidance_service, edition.number, kind)
            await guidance_service.live.still(edition.number)
            return _json(shape.model_construct(edition=edition_name(edition), items=items))

        return _shared(request, await _kept(request, (kind, _name(edition)), make))

    words = path.strip("/").replace("-", " ")
    router.add_api_route(
        path,
        listed,
        methods=["GET"],
        operation_id=words.replace(" ", "_"),
        summary=f"All {words} of an edition",
        responses=_ERRORS | _CONDITIONAL | _told(shape, headers=_ETAG),
    )


for _name_of_list, _kind in registry.current().lists.items():
    if _kind.about.open:
        _list(
            f"/{_name_of_list.replace('_', '-')}",
            _kind.label,
            public_model(_kind.model),
        )


@router.get(
    "/procedures/{key}",
    operation_id="procedure",
    responses=_ERRORS | _CONDITIONAL | _told(OneItem[PublicProcedure], headers=_ETAG),
)
async def procedure(request: Request, key: str, query: Annotated[EditionQuery, Query()]) -> Response:
    """One procedure of an edition."""
    guidance_service = application.guidance_service(request)
    edition, _ = await guidance_service.outline(query.edition)
    item = await guidance_service.catalogue.item(edition.number, key, Kind.PROCEDURE)
    assert isinstance(item, Procedure)
    await guidance_service.live.still(edition.number)
    body = OneItem[PublicProcedure].model_construct(edition=edition_name(edition), item=public_procedure(item))
    return _shared(request, _json(body))


@router.get(
    "/editions",
    operation_id="editions",
    responses={503: _ERRORS[503]} | _CONDITIONAL | _told(Listing[PublicEdition], headers=_ETAG),
)
async def all_editions(request: Request) -> Response:
    """The editions that are or were live, the newest first; `edition` is the live one."""
    guidance_service = application.guidance_service(request)
    live = await guidance_service.live.edition()

    async def make() -> bytes:
        items = [
            PublicEdition.model_construct(
                number=edition.number,
                hash=edition.content_hash,
                title=edition.title,
                published_at=edition.published_at,
                live=edition.number == live.number,
            )
            for edition in await public(guidance_service.graph)
        ]
        return _json(Listing[PublicEdition].model_construct(edition=edition_name(live), items=items))

    # What becomes public is live first: the list is another one when another edition is live.
    return _shared(request, await _kept(request, ("editions", _name(live), live.published_at), make))


@router.get(
    "/editions/{edition}/content",
    operation_id="content",
    responses=_ERRORS | _CONDITIONAL | {200: _CANONICAL},
)
async def content(request: Request, edition: EditionNumber) -> Response:
    """An edition as its canonical document, byte for byte what its hash is made from; archived ones too."""
    guidance_service = application.guidance_service(request)
    named = await guidance_service.live.numbered(edition)
    body = await _kept(request, ("content", _name(named)), lambda: guidance_service.document(named))
    names = {"Edition-Number": str(named.number), "Edition-Hash": named.content_hash or ""}
    return _shared(request, body, **names)


# Guidance


async def _asked(request: Request, body: GuidanceRequest) -> tuple[GuidanceService, Visit]:
    """The request read on its edition, with the doors that led there: those of a preview for who may see one.

    Errors: NotFound, the same for a draft as for a number that was never given.
    """
    guidance_service = application.guidance_service(request)
    try:
        return guidance_service, await guidance_service.requested(body.raw(), body.edition)
    except NotFound:
        if body.edition is None:
            raise
        token = auth.bearer(request) or request.cookies.get(previews.COOKIE)
        with suppress(NotFound):
            own = (await previews.admitted(request, body.edition, token=token)).guidance_service
            return own, await own.requested(body.raw(), body.edition)
        raise


@asking.post("/guidance", operation_id="guidance", responses=_BODY_ERRORS | _told(GuidanceAnswer))
async def guidance(request: Request, body: Annotated[GuidanceRequest, Body(openapi_examples=_EXAMPLES)]) -> Response:
    """Which procedures apply or may apply, with their documents and reasons, and what to ask next."""
    guidance_service, visit = await _asked(request, body)

    async def make() -> bytes:
        return _json(guidance_answer(await guidance_service.advice(visit)))

    if visit.query.dates or guidance_service is not application.guidance_service(request):
        return _private(await make())
    key = (_name(visit.edition), visit.query.life_events, visit.query.answers, clock.today())
    return _private(await _kept(request, key, make))


@asking.post("/guidance/why", operation_id="why", responses=_BODY_ERRORS | _told(WhyAnswer))
async def why(request: Request, body: Annotated[WhyRequest, Body(openapi_examples=_WHY_EXAMPLES)]) -> Response:
    """Why a procedure is or is not listed: each condition of the chosen life events, clause by clause."""
    guidance_service, visit = await _asked(request, body)

    async def make() -> bytes:
        return _json(why_answer(await guidance_service.why(visit, body.procedure), visit.edition))

    key = ("why", body.procedure, _name(visit.edition), visit.query.life_events, visit.query.answers)
    is_kept = guidance_service is application.guidance_service(request)
    try:
        return _private(await (_kept(request, key, make) if is_kept else make()))
    except NotFound as error:
        raise InvalidRequest(error.message, where="/procedure") from None


router.routes.extend(asking.routes)
