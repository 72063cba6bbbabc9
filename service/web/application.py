"""What the application holds while it runs, for whoever answers a request."""

from __future__ import annotations

from fastapi import Request

from service.accounts.signing_in import SigningIn
from service.editions.service import EditionService
from service.guidance.service import GuidanceService


def guidance_service(request: Request) -> GuidanceService:
    """The guidance of everybody, on what is live; `previews.found` has that of a preview."""
    held: GuidanceService = request.app.state.guidance_service
    return held


def edition_service(request: Request) -> EditionService:
    """What reads and writes editions."""
    held: EditionService = request.app.state.editions
    return held


def signing_in(request: Request) -> SigningIn:
    """The ways in for the staff who have an account."""
    held: SigningIn = request.app.state.signing_in
    return held
