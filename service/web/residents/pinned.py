"""Results reopened from paper, in exactly their edition, and codes typed from paper."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.guidance import codes
from service.guidance.service import Advice
from service.web.residents import cards, context, notices, result, sheet
from service.web.residents.notices import Notice
from service.web.residents.parts import address

router = APIRouter(include_in_schema=False)


@router.get("/code")
async def show_typed(request: Request) -> Response:
    """A code typed from paper goes on to its result."""
    number, code = codes.read_typed(request.query_params.get("code", ""))
    return context.redirect(request, f"/e/{number}/{quote(code, safe='')}")


@router.get("/e/{number}/{code}")
async def show(request: Request, number: int, code: str) -> Response:
    """A result in exactly its edition; of an archived one, the same answers on today's."""
    advice = await _advice(request, number, code)
    visit = advice.visit
    page = result.advice_page(
        context.guidance_service(request).city,
        advice,
        cache=cards.cache_of(request),
        sheet_url=address("/sheet", visit.query) if visit.archived else f"{sheet.pinned_path(advice)}/sheet",
        notice=await _notice(request, advice),
        printed=True,
    )
    return context.respond(request, page)


@router.get("/e/{number}/{code}/sheet")
async def show_sheet(request: Request, number: int, code: str) -> Response:
    """The same on paper."""
    advice = await _advice(request, number, code)
    page = sheet.advice_page(
        context.guidance_service(request).city,
        advice,
        base=context.base(request),
        result_url=sheet.pinned_path(advice),
        notice=await _notice(request, advice),
    )
    return context.respond(request, page)


async def _advice(request: Request, number: int, code: str) -> Advice:
    guidance_service = context.guidance_service(request)
    return await guidance_service.advice(await guidance_service.pinned(number, code))


async def _notice(request: Request, advice: Advice) -> Notice | None:
    return notices.for_pinned(advice, await context.guidance_service(request).live.edition())
