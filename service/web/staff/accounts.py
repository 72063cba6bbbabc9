"""The pages of administrators about who may work on the guide."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.accounts import people, sessions
from service.accounts.people import Account
from service.accounts.sessions import Listed
from service.errors import GuideError
from service.web.staff import context
from service.web.staff.context import Form, Staff, StaffContext
from service.web.staff.layout import FormPage

router = APIRouter(include_in_schema=False)
log = structlog.get_logger("accounts")

ALL = "/staff/accounts"
Act = Literal["reset", "disable", "enable", "remove", "end"]


@dataclass(frozen=True, slots=True)
class FirstPassword:
    """A first password, shown this once, and whose it is."""

    name: str
    sign_in: str
    password: str
    days: int = people.FIRST_PASSWORD_DAYS


@dataclass(frozen=True, kw_only=True)
class AccountsPage(FormPage):
    """Everybody who has an account, and the form for a new one with what was typed."""

    template: ClassVar[str] = "staff/accounts.html"
    current: ClassVar[str] = "accounts"

    accounts: Sequence[Account]
    sign_in: str
    name: str
    roles: Collection[str]
    first: FirstPassword | None


@dataclass(frozen=True, kw_only=True)
class PersonPage(FormPage):
    """One account: name and roles as they are or as they were typed, sessions, and what can be done."""

    template: ClassVar[str] = "staff/person.html"
    current: ClassVar[str] = "accounts"

    account: Account
    sessions: Sequence[Listed]
    name: str
    roles: Collection[str]
    first: FirstPassword | None


@router.get("/staff/accounts")
async def show(request: Request, actor: Staff, done: str = "") -> Response:
    """Everybody who has an account."""
    return context.respond(await accounts_page(context.visit(request, actor), done=done))


@router.post("/staff/accounts")
async def add(request: Request, form: Form) -> Response:
    """Makes an account; its first password is shown this once."""
    visit, typed = context.visit(request, form.actor), dict(form.fields)
    sign_in, name, roles = typed.get("sign_in", ""), typed.get("name", ""), form.all("roles")
    try:
        id, password = await people.add(visit.graph, sign_in=sign_in, name=name, roles=roles, by=form.actor)
    except GuideError as error:
        page = accounts_page(visit, sign_in=sign_in, name=name, roles=roles, refusal=error)
        return await context.again(error, page)
    _note(visit, "add", id)
    account = await people.one(visit.graph, id)
    return context.respond(await accounts_page(visit, first=FirstPassword(account.name, account.sign_in, password)))


@router.get("/staff/accounts/{account}")
async def show_one(request: Request, account: str, actor: Staff, done: str = "") -> Response:
    """One account."""
    return context.respond(await person_page(context.visit(request, actor), account, done=done))


@router.post("/staff/accounts/{account}")
async def describe(request: Request, account: str, form: Form) -> Response:
    """Changes the name and the roles of an account."""
    visit, name, roles = context.visit(request, form.actor), form.get("name"), form.all("roles")
    try:
        await people.describe(visit.graph, account, name=name, roles=roles, by=form.actor)
    except GuideError as error:
        return await context.again(error, person_page(visit, account, name=name, roles=roles, refusal=error))
    _note(visit, "describe", account)
    return context.onward(f"{ALL}/{account}?done=describe")


@router.post("/staff/accounts/{account}/act/{act}")
async def submit(request: Request, account: str, act: Act, form: Form) -> Response:
    """Gives a new first password, closes or opens an account, removes it, or ends its sessions."""
    visit = context.visit(request, form.actor)
    before = await people.one(visit.graph, account)
    try:
        if act == "reset":
            return context.respond(await _reset(visit, before))
        await _do(visit, account, act)
    except GuideError as error:
        return await context.again(error, person_page(visit, account, refusal=error))
    _note(visit, act, account)
    return context.onward(f"{ALL}?done=remove" if act == "remove" else f"{ALL}/{account}?done={act}")


@router.post("/staff/accounts/{account}/sessions/{session}")
async def end_session(request: Request, account: str, session: str, form: Form) -> Response:
    """Ends a session of somebody."""
    visit = context.visit(request, form.actor)
    await sessions.end(visit.graph, session, of=account)
    _note(visit, "end", account)
    return context.onward(f"{ALL}/{account}?done=end")


async def _reset(visit: StaffContext, account: Account) -> PersonPage:
    password = await people.reset(visit.graph, account.id, by=visit.actor)
    _note(visit, "reset", account.id)
    first = FirstPassword(account.name, account.sign_in, password)
    return await person_page(visit, account.id, first=first)


async def _do(visit: StaffContext, account: str, act: Act) -> None:
    if act == "remove":
        await people.remove(visit.graph, account, by=visit.actor)
    elif act == "end":
        await sessions.end_all(visit.graph, of=account)
    else:
        await people.set_disabled(visit.graph, account, disabled=act == "disable", by=visit.actor)


def _note(visit: StaffContext, act: str, account: str) -> None:
    """A line in the log: who did what to whose account, by ids."""
    log.info("account", act=act, account=account, by=visit.actor.id)


async def accounts_page(
    visit: StaffContext,
    *,
    sign_in: str = "",
    name: str = "",
    roles: Collection[str] = (),
    first: FirstPassword | None = None,
    done: str = "",
    refusal: GuideError | None = None,
) -> AccountsPage:
    """The page of all accounts; with what was typed and why it was refused."""
    return AccountsPage(
        frame=visit.frame,
        refusal=refusal,
        done=done,
        accounts=await people.every(visit.graph),
        sign_in=sign_in,
        name=name,
        roles=roles,
        first=first,
    )


async def person_page(
    visit: StaffContext,
    id: str,
    *,
    name: str | None = None,
    roles: Collection[str] | None = None,
    first: FirstPassword | None = None,
    done: str = "",
    refusal: GuideError | None = None,
) -> PersonPage:
    """The page of an account; with what was typed and why it was refused. Errors: NotFound."""
    account = await people.one(visit.graph, id)
    return PersonPage(
        frame=visit.frame,
        refusal=refusal,
        done=done,
        account=account,
        sessions=await sessions.of_person(visit.graph, id),
        name=account.name if name is None else name,
        roles=account.roles if roles is None else roles,
        first=first,
    )
