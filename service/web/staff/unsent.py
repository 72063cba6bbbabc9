"""Forms with much to type, of which nothing is lost: neither when the session is over, nor when the service fails."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import Response

from service.errors import Forbidden, GuideError
from service.web.staff import auth, context
from service.web.staff.auth import Posted
from service.web.staff.layout import StaffPage

FAILED = 500
REFUSED = range(400, FAILED)
AGAIN = "again"
"""The button of a form that comes back after signing in: it is shown as it was typed, and saves nothing by itself."""


@dataclass(frozen=True, kw_only=True)
class UnsentPage(StaffPage):
    """What was typed, to be sent again to the same address; `is_over`: the session is."""

    template: ClassVar[str] = "staff/unsent.html"

    address: str
    fields: Sequence[tuple[str, str]]
    is_over: bool
    message: str


async def kept(request: Request, work: Callable[[Posted], Awaitable[Response]]) -> Response:
    """What the work makes of the form; where that cannot be done for now, a page that holds all that was typed.

    Errors: those of `auth.posted` for what was not sent from one of our pages, those of the work.
    """
    try:
        form, is_stale = await _posted(request)
        answer = await work(form)
        if is_stale:
            answer.status_code = Forbidden.status
        elif request.headers.get("sec-fetch-dest") == "empty" and answer.status_code in REFUSED:
            answer.status_code = 200  # a script takes parts of the page over while one types: no error to the browser
        return answer
    except Forbidden:
        raise
    except GuideError as error:
        fields = await auth.read_form(request)
        is_over = error.status < FAILED
        if not _is_ours(request, fields) or not _is_filled(fields) or (is_over and await _is_signed_in(request)):
            raise
        page = UnsentPage(
            frame=context.frame(request, None),
            address=urlsplit(str(request.url)).path,
            fields=[pair for pair in fields if not (is_over and pair[0] == "do")] + [("do", AGAIN)] * is_over,
            is_over=is_over,
            message=error.message,
        )
        answer = context.respond(page)
        answer.status_code = Forbidden.status if is_over else error.status
        return answer


async def _posted(request: Request) -> tuple[Posted, bool]:
    """The form, and whether it was made in another session: then none of its buttons counts."""
    try:
        return await auth.posted(request), False
    except Forbidden:
        fields = await auth.read_form(request)
        if not _is_ours(request, fields) or dict(fields)["form_token"] == auth.form_token(request):
            raise
        actor = await auth.staff(request)
        kept_fields = [pair for pair in fields if pair[0] not in {"form_token", "do"}]
        return Posted(actor, [*kept_fields, ("do", AGAIN)]), True


def _is_ours(request: Request, fields: Sequence[tuple[str, str]]) -> bool:
    """Whether it may be a form of one of our pages, made in whatever session."""
    return bool(dict(fields).get("form_token")) and auth.sent_from(request) != "elsewhere"


def _is_filled(fields: Sequence[tuple[str, str]]) -> bool:
    """Whether there is anything to keep."""
    return any(name not in {"form_token", "do"} for name, _ in fields)


async def _is_signed_in(request: Request) -> bool:
    try:
        await auth.staff(request)
    except GuideError:
        return False
    return True
