"""The page of one's own account: password, the app for the codes, and where one is signed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.accounts import passwords, people, sessions
from service.accounts.people import Account
from service.accounts.permissions import OPERATOR
from service.accounts.sessions import Listed, Session
from service.accounts.signing_in import Admitted
from service.errors import GuideError
from service.web import application
from service.web.staff import auth, context, sign_in
from service.web.staff.context import Form, Staff, StaffContext
from service.web.staff.layout import FormPage

router = APIRouter(include_in_schema=False)

OWN = "/staff/account"


@dataclass(frozen=True, kw_only=True)
class AccountPage(FormPage):
    """One's own account (None: the operator, who has none), and the sessions; `session` is the one of this browser."""

    template: ClassVar[str] = "staff/account.html"
    current: ClassVar[str] = "account"

    account: Account | None
    sessions: Sequence[Listed]
    session: str
    least: int = passwords.LEAST


@router.get("/staff/account")
async def show(request: Request, actor: Staff, done: str = "") -> Response:
    """One's own account."""
    return context.respond(await account_page(request, context.visit(request, actor), done=done))


@router.post("/staff/account/password")
async def change_password(request: Request, form: Form) -> Response:
    """Changes one's own password, and ends one's other sessions."""
    visit, session = context.visit(request, form.actor), await _session(request)
    fields = dict(form.fields)
    try:
        new = sign_in.same_twice(fields)
        ways, token = application.signing_in(request), auth.session_token(request)
        renewed = await ways.change_password(token, session, old=fields.get("password", ""), new=new)
    except GuideError as error:
        return await context.again(error, account_page(request, visit, refusal=error))
    answer = context.onward(f"{OWN}?done=password")
    auth.keep(request, answer, renewed, seconds=int(ways.life.whole.total_seconds()))
    return answer


@router.get("/staff/account/totp")
async def show_app(request: Request, actor: Staff) -> Response:
    """Another app for the codes; on to the account for the operator, who needs none."""
    if actor == OPERATOR:
        return context.onward(OWN)
    frame = context.visit(request, actor).frame
    page = await sign_in.app_page(request, await _session(request), frame, onward=OWN, is_change=True)
    return context.respond(page)


@router.post("/staff/account/totp")
async def take_app(request: Request, form: Form) -> Response:
    """Takes another app, whose code was typed; shows new recovery codes."""
    frame, session = context.visit(request, form.actor).frame, await _session(request)
    try:
        admitted = await _take(request, session, form)
    except GuideError as error:
        page = sign_in.app_page(request, session, frame, onward=OWN, is_change=True, refusal=error)
        return await context.again(error, page)
    return sign_in.with_recovery(request, admitted, OWN)


async def _take(request: Request, session: Session, form: auth.Posted) -> Admitted:
    ways = application.signing_in(request)
    await ways.confirm(form.actor, form.get("password"))
    return await ways.take_app(auth.session_token(request), session, form.get("code"))


@router.post("/staff/account/sessions/{session}")
async def end_session(request: Request, session: str, form: Form) -> Response:
    """Ends one of one's own sessions."""
    visit = context.visit(request, form.actor)
    await sessions.end(visit.graph, session, of=form.actor.id)
    return context.onward(f"{OWN}?done=ended")


@router.post("/staff/account/sessions")
async def end_others(request: Request, form: Form) -> Response:
    """Ends all of one's own sessions but this one."""
    visit = context.visit(request, form.actor)
    await sessions.end_all(visit.graph, of=form.actor.id, but=(await _session(request)).id)
    return context.onward(f"{OWN}?done=ended")


async def account_page(
    request: Request, visit: StaffContext, *, done: str = "", refusal: GuideError | None = None
) -> AccountPage:
    """The page of one's own account; with why something was refused."""
    actor = visit.actor
    return AccountPage(
        frame=visit.frame,
        refusal=refusal,
        done=done,
        account=None if actor == OPERATOR else await people.one(visit.graph, actor.id),
        sessions=await sessions.of_person(visit.graph, actor.id),
        session=(await _session(request)).id,
    )


async def _session(request: Request) -> Session:
    """The session of who is in. Errors: SignInNeeded where it ended meanwhile."""
    found = await auth.session(request)
    if found is None:
        raise auth.SignInNeeded(OWN)
    return found
