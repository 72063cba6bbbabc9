"""Operations: whether the process lives and whether it can guide."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from service.web import application

router = APIRouter(include_in_schema=False)
NOT_KEPT = {"Cache-Control": "no-store"}


@router.get("/health/live")
async def lives() -> JSONResponse:
    """200 as long as the process answers."""
    return JSONResponse({"status": "live"}, headers=NOT_KEPT)


@router.get("/health/ready")
async def ready(request: Request) -> JSONResponse:
    """200 when the database answers, the live edition is what was published and every interview's beginning was
    answered; else 503, with `reasons` where the content differs. That is looked at in the background, not here.

    `writes` says whether staff are refused because the disk is full.
    """
    guidance_service = application.guidance_service(request)
    reasons = await request.app.state.watch.reasons() if await guidance_service.is_ready() else None
    able = reasons == []
    body = {"status": "ready" if able else "not_ready"} | ({"reasons": reasons} if reasons else {})
    body |= {"writes": "refused_for_space" if guidance_service.graph.is_short_of_space else "accepted"}
    return JSONResponse(body, 200 if able else 503, NOT_KEPT)
