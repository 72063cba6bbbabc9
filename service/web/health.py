"""Operations: whether the process lives and whether it can guide."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from service.guidance.service import Reception

router = APIRouter(include_in_schema=False)


@router.get("/health/live")
async def lives() -> JSONResponse:
    """200 as long as the process answers."""
    return JSONResponse({"status": "live"}, headers={"Cache-Control": "no-store"})


@router.get("/health/ready")
async def ready(request: Request) -> JSONResponse:
    """200 when an edition is live, the database answers and every interview's beginning was answered, else 503.

    `writes` says whether staff are refused because the disk is full.
    """
    reception: Reception = request.app.state.reception
    able, short = await reception.is_ready(), reception.graph.is_short_of_space
    told = {"status": "ready" if able else "not_ready", "writes": "refused_for_space" if short else "accepted"}
    return JSONResponse(told, 200 if able else 503, {"Cache-Control": "no-store"})
