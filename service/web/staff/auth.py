"""The entrance of the staff pages over HTTP: who comes in, from where, and whether a form is one of ours.

People with an account come from any desk, over TLS; the operator, who needs none, from the machine itself only. Where a
password could be read on the way, the pages are 404, like any address that is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import Request
from fastapi.responses import Response

from service.accounts import sessions
from service.accounts.permissions import OPERATOR, Actor, Permission
from service.accounts.sessions import Session
from service.errors import Forbidden, GuideError, InvalidRequest, NotFound
from service.store.graph import Graph
from service.web import permissions

COOKIE = "tetsuzuki-staff"
TLS_COOKIE = "__Host-tetsuzuki-staff"
"""Over TLS: browsers take a cookie of this name only with `Secure`, and from this very host."""
SIGN_IN = "/staff/sign-in"
OWN_PASSWORD = "/staff/account/"
SENT_AGAIN = "sent_again"
"""The field of a form that is sent again, by who has signed in anew meanwhile."""
NO_STORE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}

HERE = frozenset({"127.0.0.1", "::1", "::ffff:127.0.0.1"})
"""Addresses of those who sit at this machine; the last is how a socket for both families tells the first."""

NAMES = frozenset({"127.0.0.1", "::1", "localhost"})
"""Names under which the pages are asked for on this machine: another one may be a stranger's that leads here."""

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 2_000
SAFE_METHODS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Posted:
    """A form that was sent by whom it was made for, with its fields in order."""

    actor: Actor
    fields: Sequence[tuple[str, str]]

    def get(self, name: str, default: str = "") -> str:
        """The first value of a field."""
        return next((value for given, value in self.fields if given == name), default)

    def all(self, name: str) -> list[str]:
        """Every value of a field."""
        return [value for given, value in self.fields if given == name]


def is_here(request: Request) -> bool:
    """Whether the request comes from this machine itself, asked for by its own name and through no proxy."""
    client = request.client.host if request.client else ""
    if client not in HERE or _hostname(request) not in NAMES:
        return False
    return not any(_is_forwarding(name) for name in request.headers)


def _is_forwarding(name: str) -> bool:
    return name in {"forwarded", "x-real-ip", "via"} or name.startswith("x-forwarded-")


def _hostname(request: Request) -> str:
    try:
        return urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    except ValueError:
        return ""


def is_private(request: Request) -> bool:
    """Whether nobody can read what is sent: over TLS, which a proxy that is trusted may say, or on this machine."""
    return request.url.scheme == "https" or is_here(request)


def cookie_name(request: Request) -> str:
    """The name of the cookie that holds the session."""
    return TLS_COOKIE if request.url.scheme == "https" else COOKIE


def keep(request: Request, answer: Response, session: str, *, seconds: int) -> None:
    """Gives the browser the token of its session, for so long at most."""
    answer.set_cookie(
        cookie_name(request),
        session,
        max_age=seconds,
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


def forget(request: Request, answer: Response) -> None:
    """Takes the token from the browser."""
    answer.delete_cookie(
        cookie_name(request), path="/", httponly=True, samesite="strict", secure=request.url.scheme == "https"
    )


async def session(request: Request, token: str | None = None) -> Session | None:
    """The session of the cookie (or of this token) whatever its stage, if it is good where the request comes from."""
    if not is_private(request):
        return None
    found = await sessions.find(_graph(request), token or session_token(request))
    return found if found is None or found.person != OPERATOR or is_here(request) else None


async def visitor(request: Request) -> Actor | None:
    """Which of the staff it is, by cookie or, for programs, by `Authorization: Bearer`; None for everybody else."""
    found = await session(request, bearer(request))
    return found.actor if found is not None else None


def bearer(request: Request) -> str | None:
    """The token that a program sends."""
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret.strip() or None if kind.lower() == "bearer" else None


class SignInNeeded(GuideError):
    """A page of the staff, asked for by somebody who is not signed in (any more)."""

    status = 303
    code = "sign_in_needed"
    remedy = "Sign in"

    def __init__(self, onward: str) -> None:
        super().__init__("サインインしてください。")
        self.address = f"{SIGN_IN}?{urlencode({'next': onward})}"


class SignedOut(GuideError):
    """A form was sent after the session of its page had ended; what was typed is kept on the page that says so."""

    status = 403
    code = "signed_out"
    remedy = "Sign in, and send it again"

    def __init__(self, fields: Sequence[tuple[str, str]]) -> None:
        super().__init__("サインインが終わっていました。")
        self.fields = _typed(fields)


async def staff(request: Request) -> Actor:
    """Dependency of staff pages: who it is, by cookie, if that person may do what the route does.

    Errors: SignInNeeded for who is not in, NotFound where nobody can sign in, Forbidden.
    """
    if not is_private(request):
        raise nothing()
    found = await session(request)
    if found is None or found.stage != "in":
        raise SignInNeeded(_back(request))
    found.person.needs(_needed(request))
    return found.person


async def staff_api(request: Request) -> Actor:
    """Dependency of staff routes of the API: who it is, by `Authorization: Bearer` or by cookie.

    With a cookie a write has to come from one of our own pages. Errors: NotFound for strangers, Forbidden for those and
    for who may not do what the route does.
    """
    found = await visitor(request)
    if found is None:
        raise nothing()
    if request.method not in SAFE_METHODS and bearer(request) is None and sent_from(request) != "here":
        raise cross_site()
    found.needs(_needed(request))
    return found


def _needed(request: Request) -> Permission:
    return permissions.needed(request.method, request.scope["route"].path)


def _back(request: Request) -> str:
    """Where to go on after signing in: here, or where a form is begun anew, at the beginning."""
    return address(request) if request.method in SAFE_METHODS else "/staff"


def address(request: Request) -> str:
    """Path and query of a request, as they stand in a link."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


async def posted(request: Request) -> Posted:
    """Dependency of every POST of staff pages: who sent the form, and its fields.

    Errors: as of `staff`; SignedOut for a form of our own pages whose session ended meanwhile; Forbidden for one that
    another site sent or that was made for another session, InvalidRequest for what is no form.
    """
    try:
        actor = await staff(request)
    except SignInNeeded:
        if sent_from(request) != "here" or request.url.path.startswith(OWN_PASSWORD):
            raise
        raise SignedOut(await read_form(request)) from None
    return Posted(actor, await own_form(request))


async def own_form(request: Request) -> Sequence[tuple[str, str]]:
    """The fields of a form that was made for the session of the request, or that is sent again from our own page.

    Errors: Forbidden, InvalidRequest.
    """
    fields = await read_form(request)
    given = next((value for name, value in fields if name == "form_token"), "")
    source, is_sent_again = sent_from(request), (SENT_AGAIN, "yes") in fields
    is_own = sessions.is_form_token(given, session_token(request)) or (is_sent_again and source == "here")
    if source == "elsewhere" or not is_own:
        raise cross_site()
    return _typed(fields)


def _typed(fields: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The fields that a person typed or chose."""
    return tuple(pair for pair in fields if pair[0] not in {"form_token", SENT_AGAIN})


async def read_form(request: Request) -> list[tuple[str, str]]:
    """The fields of a form in order, without any check of who sent it. Errors: InvalidRequest."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise InvalidRequest("フォームとして送ってください。")
    try:
        text = (await request.body()).decode("ascii")
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise InvalidRequest("送られた内容を読み取れません。") from None


def sent_from(request: Request) -> Literal["here", "elsewhere", "untold"]:
    """Whose page sent the request, as the browser says: `Sec-Fetch-Site`, and `Origin` where it names one.

    A page with `Referrer-Policy: no-referrer` sends its own forms with `Origin: null`, so null tells nothing.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site not in {None, "same-origin", "none"}:
        return "elsewhere"
    if origin not in {None, "null"}:
        own = f"{request.url.scheme}://{request.headers.get('host', '')}"
        return "here" if origin == own else "elsewhere"
    return "here" if site == "same-origin" else "untold"


def form_token(request: Request) -> str:
    """The hidden field `form_token` of every form of a staff page, after `staff` has let its reader in."""
    return sessions.form_token(session_token(request))


def session_token(request: Request) -> str:
    """The token of the session that the browser sends; empty without one."""
    return request.cookies.get(cookie_name(request), "")


def _graph(request: Request) -> Graph:
    graph: Graph = request.app.state.guidance_service.graph
    return graph


def nothing() -> NotFound:
    """What strangers are told: the same as of any address that is not there."""
    return NotFound("そのアドレスには何もありません。")


def cross_site() -> Forbidden:
    """What is told of a form that is not known to be one of ours."""
    return Forbidden("この画面から送られたものと確かめられませんでした。画面を開き直して、もう一度お試しください。")
