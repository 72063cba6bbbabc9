"""The entrance of the staff pages over HTTP: who comes in, from where, and whether a form is one of ours.

Until people can sign in, staff pages exist on the machine itself only. For everybody else they are 404, like any
address that is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from fastapi import Request

from service.accounts import sessions
from service.accounts.permissions import Actor
from service.errors import Forbidden, InvalidRequest, NotFound
from service.store.graph import Graph

COOKIE = "tetsuzuki-staff"
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


async def visitor(request: Request) -> Actor | None:
    """Which of the staff it is, by cookie or, for programs, by `Authorization: Bearer`; None for everybody else."""
    if not is_here(request):
        return None
    return await sessions.actor(_graph(request), bearer(request) or request.cookies.get(COOKIE))


def bearer(request: Request) -> str | None:
    """The token that a program sends."""
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret.strip() or None if kind.lower() == "bearer" else None


async def staff(request: Request) -> Actor:
    """Dependency of staff pages: who it is, by cookie. Errors: NotFound for everybody else."""
    found = await sessions.actor(_graph(request), _session(request)) if is_here(request) else None
    if found is None:
        raise nothing()
    return found


async def staff_api(request: Request) -> Actor:
    """Dependency of staff routes of the API: who it is, by `Authorization: Bearer` or by cookie.

    With a cookie a write has to come from one of our own pages. Errors: NotFound for strangers, Forbidden for those.
    """
    found = await visitor(request)
    if found is None:
        raise nothing()
    if request.method not in SAFE_METHODS and bearer(request) is None and sent_from(request) != "here":
        raise cross_site()
    return found


async def posted(request: Request) -> Posted:
    """Dependency of every POST of staff pages: who sent the form, and its fields.

    Errors: NotFound for strangers, Forbidden for a form that another site sent or that was made for another session,
    InvalidRequest for what is no form.
    """
    found = await staff(request)
    fields = await read_form(request)
    given = next((value for name, value in fields if name == "form_token"), "")
    if sent_from(request) == "elsewhere" or not sessions.is_form_token(given, _session(request)):
        raise cross_site()
    return Posted(found, tuple(pair for pair in fields if pair[0] != "form_token"))


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
    return sessions.form_token(_session(request))


def _session(request: Request) -> str:
    return request.cookies.get(COOKIE, "")


def _graph(request: Request) -> Graph:
    graph: Graph = request.app.state.guidance_service.graph
    return graph


def nothing() -> NotFound:
    """What strangers are told: the same as of any address that is not there."""
    return NotFound("そのアドレスには何もありません。")


def cross_site() -> Forbidden:
    """What is told of a form that is not known to be one of ours."""
    return Forbidden("この画面から送られたものと確かめられませんでした。画面を開き直して、もう一度お試しください。")
