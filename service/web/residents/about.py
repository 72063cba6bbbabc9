"""Pages about the guide itself: 個人情報の扱い, ウェブアクセシビリティ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.web.residents import context
from service.web.residents.layout import CitizenPage

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, kw_only=True)
class PrivacyPage(CitizenPage):
    """個人情報の扱い."""

    template: ClassVar[str] = "citizen/privacy.html"


@dataclass(frozen=True, kw_only=True)
class AccessibilityPage(CitizenPage):
    """ウェブアクセシビリティ."""

    template: ClassVar[str] = "citizen/accessibility.html"


@router.get("/privacy")
async def show_privacy(request: Request) -> Response:
    """個人情報の扱い."""
    return context.respond(request, PrivacyPage(city=context.guidance_service(request).city))


@router.get("/accessibility")
async def show_accessibility(request: Request) -> Response:
    """ウェブアクセシビリティ."""
    return context.respond(request, AccessibilityPage(city=context.guidance_service(request).city))
