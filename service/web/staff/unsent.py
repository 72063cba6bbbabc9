"""Forms with much to type, of which nothing is lost: neither in a new session, nor when the service fails.

A form that is sent after its session has ended is kept by `auth.posted` itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import Request
from fastapi.responses import Response

from service.errors import Forbidden, GuideError
from service.web.staff import auth, context
from service.web.staff.auth import Posted
from service.web.staff.layout import StaffPage

FAILED = 500
REFUSED = range(400, FAILED)
AGAIN = "again"
"""The button of a form that was made in an earlier session: it is shown as it was typed, and nothing is saved."""


@dataclass(frozen=True, kw_only=True)
class UnsentPage(StaffPage):
    """What was typed, to be sent again to the same address, and why it could not be done now."""

    template: ClassVar[str] = "staff/unsent.html"

    address: str
    fields: Sequence[tuple[str, str]]
    message: str


async def kept(request: Request, work: Callable[[Posted], Awaitable[Response]]) -> Response:
    """What the work makes of the form; where the service fails, a page that holds all that was typed.

    Errors: those of `auth.posted`, and those of the work that are no failures of the service.
    """
    try:
        form, is_stale = await _posted(request)
        answer = await work(form)
        if is_stale:
            answer.status_code = Forbidden.status
        elif request.headers.get("sec-fetch-dest") == "empty" and answer.status_code in REFUSED:
            answer.status_code = 200  # a script takes parts of the page over while one types: no error to the browser
        return answer
    except GuideError as error:
        fields = await auth.read_form(request)
        if error.status < FAILED or not _is_ours(request, fields):
            raise
        page = UnsentPage(
            frame=context.frame(request, None),
            address=request.url.path,
            fields=fields,
            message=error.message,
        )
        answer = context.respond(page)
        answer.status_code = error.status
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
