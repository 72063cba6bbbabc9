"""The ways into the staff's pages and out of them: with an account from any desk, by a one-time link on the machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar
from urllib.parse import urlencode

import segno
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from service.accounts import passwords, sessions
from service.accounts.sessions import Session, Stage
from service.accounts.signing_in import UNDER_WAY, Admitted
from service.errors import GuideError, InvalidRequest
from service.web import application, rendering
from service.web.staff import auth, context
from service.web.staff.auth import NO_STORE, SIGN_IN
from service.web.staff.context import Form
from service.web.staff.layout import FormPage, Frame, StaffPage

router = APIRouter(include_in_schema=False)

MOST_ADDRESS = 2_000


@dataclass(frozen=True, kw_only=True)
class EnterPage(StaffPage):
    """The way in from a one-time link: a button, so that programs which only look at links do not use it up."""

    template: ClassVar[str] = "staff/enter.html"

    token: str


@dataclass(frozen=True, kw_only=True)
class SignInPage(FormPage):
    """Name and password; `onward` is where to go on."""

    template: ClassVar[str] = "staff/sign_in.html"

    sign_in: str
    onward: str


@dataclass(frozen=True, kw_only=True)
class PasswordPage(FormPage):
    """A password of one's own in place of the first one."""

    template: ClassVar[str] = "staff/sign_in_password.html"

    onward: str
    least: int = passwords.LEAST


@dataclass(frozen=True, kw_only=True)
class CodePage(FormPage):
    """The code of the app, or a recovery code."""

    template: ClassVar[str] = "staff/sign_in_code.html"

    onward: str


@dataclass(frozen=True, kw_only=True)
class AppPage(FormPage):
    """An app for the codes is set up: its secret as a 2D code and in letters; `is_change`: in place of another one."""

    template: ClassVar[str] = "staff/sign_in_app.html"

    onward: str
    picture: str
    secret: str
    is_change: bool


@dataclass(frozen=True, kw_only=True)
class RecoveryPage(StaffPage):
    """The recovery codes, shown this once."""

    template: ClassVar[str] = "staff/recovery.html"

    codes: Sequence[str]
    onward: str


@dataclass(frozen=True, kw_only=True)
class SignedOutPage(StaffPage):
    """A form that came after its session had ended, to be sent again: nothing that was typed is lost."""

    template: ClassVar[str] = "staff/signed_out.html"

    address: str
    fields: Sequence[tuple[str, str]]
    again: str = auth.SENT_AGAIN


@router.get("/staff/enter")
async def show_link(request: Request, token: str = "") -> Response:
    """A button that uses the one-time link up; looking at this page does not."""
    _here(request)
    return context.respond(EnterPage(frame=context.frame(request, None), token=token))


@router.post("/staff/enter")
async def enter(request: Request) -> Response:
    """Exchanges the one-time token for a session."""
    _here(request)
    fields = await _first_form(request)
    chosen = application.guidance_service(request).settings
    session = await sessions.enter(
        application.guidance_service(request).graph,
        fields.get("token", ""),
        hours=chosen.staff_session_hours,
        idle=timedelta(minutes=chosen.staff_idle_minutes),
    )
    answer = RedirectResponse("/staff", 303, NO_STORE)
    auth.keep(request, answer, session, seconds=chosen.staff_session_hours * 3600)
    return answer


@router.get("/staff/sign-in")
async def show(request: Request) -> Response:
    """Name and password; on to where one wanted to go for who is in already."""
    _private(request)
    onward = own_address(request.query_params.get("next", ""))
    if await auth.visitor(request) is not None:
        return context.onward(onward)
    return context.respond(SignInPage(frame=context.frame(request, None), sign_in="", onward=onward))


@router.post("/staff/sign-in")
async def submit(request: Request) -> Response:
    """Looks at name and password; a code is asked for next, or what is lacking for one is made first."""
    _private(request)
    fields = await _first_form(request)
    sign_in, onward = fields.get("sign_in", ""), own_address(fields.get("next", ""))
    try:
        admitted = await application.signing_in(request).begin(sign_in, fields.get("password", ""))
    except GuideError as error:
        page = SignInPage(frame=context.frame(request, None), refusal=error, sign_in=sign_in[:100], onward=onward)
        return await context.again(error, page)
    return _further(request, admitted, onward)


@router.get("/staff/sign-in/password")
async def show_password(request: Request) -> Response:
    """A password of one's own in place of the first one."""
    await _at(request, "password")
    return context.respond(PasswordPage(frame=_frame(request), onward=_onward(request)))


@router.post("/staff/sign-in/password")
async def submit_password(request: Request) -> Response:
    """Keeps the new password."""
    session = await _at(request, "password")
    fields = dict(await auth.own_form(request))
    onward = own_address(fields.get("next", ""))
    try:
        new = same_twice(fields)
        admitted = await application.signing_in(request).choose_password(
            auth.session_token(request), session.person, new
        )
    except GuideError as error:
        return await context.again(error, PasswordPage(frame=_frame(request), refusal=error, onward=onward))
    return _further(request, admitted, onward)


@router.get("/staff/sign-in/totp")
async def show_app(request: Request) -> Response:
    """The secret for the app that makes the codes."""
    session = await _at(request, "totp")
    return context.respond(await app_page(request, session, _frame(request), onward=_onward(request)))


@router.post("/staff/sign-in/totp")
async def submit_app(request: Request) -> Response:
    """Takes the app whose code was typed; shows the recovery codes."""
    session = await _at(request, "totp")
    fields = dict(await auth.own_form(request))
    onward = own_address(fields.get("next", ""))
    try:
        admitted = await application.signing_in(request).take_app(
            auth.session_token(request), session, fields.get("code", "")
        )
    except GuideError as error:
        return await context.again(error, app_page(request, session, _frame(request), onward=onward, refusal=error))
    return with_recovery(request, admitted, onward)


@router.get("/staff/sign-in/code")
async def show_code(request: Request) -> Response:
    """Asks for the code of the app, or for a recovery code."""
    await _at(request, "code")
    return context.respond(CodePage(frame=_frame(request), onward=_onward(request)))


@router.post("/staff/sign-in/code")
async def submit_code(request: Request) -> Response:
    """Lets in who has the code."""
    session = await _at(request, "code")
    fields = dict(await auth.own_form(request))
    onward = own_address(fields.get("next", ""))
    try:
        given = fields.get("code", "")
        admitted = await application.signing_in(request).give_code(auth.session_token(request), session.person, given)
    except GuideError as error:
        return await context.again(error, CodePage(frame=_frame(request), refusal=error, onward=onward))
    return _further(request, admitted, onward)


@router.post("/staff/leave")
async def leave(request: Request, form: Form) -> Response:
    """Ends the session."""
    await sessions.leave(application.guidance_service(request).graph, auth.session_token(request))
    answer = RedirectResponse("/", 303, NO_STORE)
    auth.forget(request, answer)
    return answer


async def signed_out(request: Request, error: Exception) -> Response:
    """What is answered to a form of our own pages whose session had ended."""
    assert isinstance(error, auth.SignedOut)
    page = SignedOutPage(frame=context.frame(request, None), address=auth.address(request), fields=error.fields)
    return HTMLResponse(rendering.render(page), error.status, NO_STORE)


def own_address(wanted: str) -> str:
    """Where to go on: that address if it is one of the staff's pages or of a preview, else where staff begin.

    What a browser might read as another site's is neither: it begins otherwise, or holds a sign that browsers drop.
    """
    is_plain = wanted.isascii() and wanted.isprintable() and "\\" not in wanted and len(wanted) <= MOST_ADDRESS
    is_own = wanted.startswith(("/staff?", "/staff/", "/preview/"))
    leads_back = wanted.startswith((SIGN_IN, "/staff/enter", "/staff/leave"))
    return wanted if is_plain and is_own and not leads_back else "/staff"


def same_twice(fields: dict[str, str]) -> str:
    """The new password, typed twice alike. Errors: InvalidRequest."""
    if fields.get("new", "") != fields.get("again", ""):
        raise InvalidRequest("2回のパスワードが違います。同じものを入れてください。", where="/again")
    return fields.get("new", "")


async def app_page(
    request: Request,
    session: Session,
    frame: Frame,
    *,
    onward: str,
    is_change: bool = False,
    refusal: GuideError | None = None,
) -> AppPage:
    """The page that sets an app up; its secret stays the same until it is taken."""
    ways = application.signing_in(request)
    secret = await ways.offer(auth.session_token(request))
    return AppPage(
        frame=frame,
        refusal=refusal,
        onward=onward,
        picture=_picture(await ways.address(session.person, secret)),
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        is_change=is_change,
    )


def with_recovery(request: Request, admitted: Admitted, onward: str) -> Response:
    """The recovery codes, to a browser that has the new token of its session from now on."""
    frame = context.frame(request, None)
    answer = context.respond(RecoveryPage(frame=frame, codes=admitted.recovery, onward=onward))
    auth.keep(request, answer, admitted.token, seconds=_seconds(request, admitted.stage))
    return answer


def _picture(text: str) -> str:
    """The text as a 2D code, in an address that holds the picture itself."""
    return segno.make(text, error="m", micro=False).svg_data_uri(border=4, scale=5)


def _further(request: Request, admitted: Admitted, onward: str) -> Response:
    """On to the next step, with the new token."""
    step = {"password": f"{SIGN_IN}/password", "totp": f"{SIGN_IN}/totp", "code": f"{SIGN_IN}/code"}
    address = f"{step[admitted.stage]}?{urlencode({'next': onward})}" if admitted.stage in step else onward
    answer = context.onward(address)
    auth.keep(request, answer, admitted.token, seconds=_seconds(request, admitted.stage))
    return answer


def _seconds(request: Request, stage: Stage) -> int:
    life = application.signing_in(request).life if stage == "in" else UNDER_WAY
    return int(life.whole.total_seconds())


async def _at(request: Request, stage: Stage) -> Session:
    """The session on its way in at this step. Errors: SignInNeeded where there is none, or at another step."""
    _private(request)
    found = await auth.session(request)
    if found is None or found.stage != stage:
        raise auth.SignInNeeded(_onward(request))
    return found


async def _first_form(request: Request) -> dict[str, str]:
    """The fields of a form of who has no session yet. Errors: Forbidden for one that another site sent."""
    if auth.sent_from(request) == "elsewhere":
        raise auth.cross_site()
    return dict(await auth.read_form(request))


def _onward(request: Request) -> str:
    return own_address(request.query_params.get("next", ""))


def _frame(request: Request) -> Frame:
    return context.frame(request, None, form_token=auth.form_token(request))


def _private(request: Request) -> None:
    if not auth.is_private(request):
        raise auth.nothing()


def _here(request: Request) -> None:
    if not auth.is_here(request):
        raise auth.nothing()
