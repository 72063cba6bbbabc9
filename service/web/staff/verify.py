"""The page that reads the whole history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.editions import history
from service.editions.history import Broken, Filter
from service.web.staff import context
from service.web.staff.context import Staff, Visit
from service.web.staff.layout import FormPage

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, kw_only=True)
class VerifyPage(FormPage):
    """Whether the chain is whole, or where it breaks first."""

    template: ClassVar[str] = "staff/verify.html"
    current: ClassVar[str] = "history"

    count: int
    broken: Broken | None
    how: str


@router.get("/staff/history/verify")
async def show(request: Request, actor: Staff) -> Response:
    """Whether the history is whole."""
    return context.respond(await verify_page(context.visit(request, actor)))


async def verify_page(visit: Visit) -> VerifyPage:
    """The whole chain read from its beginning: with 100,000 changes that takes seconds."""
    broken = await history.verify(visit.graph)
    newest = await history.page(visit.graph.latest, Filter(), most=1)
    return VerifyPage(
        frame=visit.frame,
        count=int(newest[0]["seq"]) if newest else 0,
        broken=broken,
        how=history.BREAKS[broken.how] if broken else "",
    )
