"""The page that reads the whole history, and every edition beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.web.staff import context
from service.web.staff.context import Staff, StaffContext
from service.web.staff.layout import FormPage

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, kw_only=True)
class VerifyPage(FormPage):
    """Whether history and editions are what was written, or what is wrong."""

    template: ClassVar[str] = "staff/verify.html"
    current: ClassVar[str] = "history"

    count: int
    flaws: Sequence[str]


@router.get("/staff/history/verify")
async def show(request: Request, actor: Staff) -> Response:
    """Whether history and editions are what was written."""
    return context.respond(await verify_page(context.visit(request, actor)))


async def verify_page(visit: StaffContext) -> VerifyPage:
    """The whole chain and every edition read: with 100,000 changes that takes seconds."""
    verification = await visit.service.verify()
    return VerifyPage(
        frame=visit.frame,
        count=verification.changes,
        flaws=[flaw.text for flaw in verification.flaws],
    )
