"""The people who work on the guide: their accounts, as administrators see and change them."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from service import clock
from service.accounts import attempts, passwords
from service.accounts.permissions import ALLOWED, Actor, Permission, Role
from service.errors import InvalidRequest, NotFound, Refused
from service.store.editions import moment
from service.store.graph import Graph, Reads, Row, Transaction

FIRST_PASSWORD_DAYS = 7
"""How long a first password is good for."""
FORMER = "以前の職員"
"""What somebody is called whose account is gone."""
MOST_NAME = 60
_ID = re.compile(r"staff-[0-9a-f]{16}")
_SIGN_IN = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
MODULE = "accounts/people"


@dataclass(frozen=True, slots=True)
class Account:
    """A person's account without its secrets; `is_first`: the password is one that somebody else gave."""

    id: str
    sign_in: str
    name: str
    roles: tuple[Role, ...]
    is_disabled: bool
    is_first: bool
    has_totp: bool
    recovery_left: int
    created_at: datetime
    signed_in_at: datetime | None


class LastAdministrator(Refused):
    """Without this one there would be no administrator any more."""

    code = "last_administrator"
    remedy = "Make somebody else an administrator first"

    def __init__(self) -> None:
        super().__init__("ほかに管理者がいません。先に、だれかを管理者にしてください。")


def is_account_id(id: str) -> bool:
    """Whether that is an id as accounts have it, of one that is there or of one that is gone."""
    return _ID.fullmatch(id) is not None


def normalized(sign_in: str) -> str:
    """A name to sign in with as it is kept, however it was typed."""
    return unicodedata.normalize("NFKC", sign_in).strip().lower()


def actor_of(id: str, name: str, roles: Collection[str]) -> Actor:
    """Who acts with an account."""
    allowed = (ALLOWED[role] for role in Role if role in roles)
    return Actor(id, frozenset[Permission]().union(*allowed), name)


async def names(reads: Reads) -> Mapping[str, str]:
    """What every person with an account is called, by id."""
    return {row["id"]: row["name"] for row in await reads.many(MODULE, "names")}


async def every(graph: Graph) -> list[Account]:
    """Every account, those in use first, by name."""
    return [_account(row) for row in await graph.latest.many(MODULE, "all")]


async def one(graph: Graph, id: str) -> Account:
    """An account. Errors: NotFound."""
    row = await graph.latest.one(MODULE, "one", id=id)
    if row is None:
        raise _unknown()
    return _account(row)


async def by_sign_in(graph: Graph, sign_in: str) -> Account:
    """The account whose person signs in with that name. Errors: NotFound."""
    found = next((account for account in await every(graph) if account.sign_in == normalized(sign_in)), None)
    if found is None:
        raise _unknown()
    return found


async def add(graph: Graph, *, sign_in: str, name: str, roles: Collection[str], by: Actor) -> tuple[str, str]:
    """The id of a new account, and its first password, which is told this once.

    Errors: Forbidden; InvalidRequest for a name that cannot be or is taken, or without any role.
    """
    by.needs(Permission.ADMINISTER)
    wanted, called, kinds = normalized(sign_in), _name(name), _roles(roles)
    if _SIGN_IN.fullmatch(wanted) is None:
        raise InvalidRequest(
            "サインイン名は、半角の英小文字・数字・「.」「_」「-」で、2文字から40文字までにしてください。",
            where="/sign_in",
        )
    id, password, now = f"staff-{secrets.token_hex(8)}", passwords.first(), clock.now()
    kept = await passwords.hashed(password)
    row = await graph.write(
        lambda tx: tx.one(
            MODULE,
            "add",
            id=id,
            sign_in=wanted,
            called=called,
            roles=kinds,
            password=kept,
            password_until=now + timedelta(days=FIRST_PASSWORD_DAYS),
            now=now,
        )
    )
    if row is None or not row["made"]:
        raise InvalidRequest(f"サインイン名「{wanted}」は、ほかの人が使っています。", where="/sign_in")
    return id, password


async def describe(graph: Graph, id: str, *, name: str, roles: Collection[str], by: Actor) -> None:
    """Names the account anew and gives it these roles. Errors: Forbidden, InvalidRequest, NotFound, Refused."""
    by.needs(Permission.ADMINISTER)
    called, kinds = _name(name), _roles(roles)

    async def work(transaction: Transaction) -> None:
        if Role.ADMINISTRATOR not in kinds:
            await _leave_an_administrator(transaction, id)
        await _found(transaction, "describe", id=id, called=called, roles=kinds)

    await graph.write(work)


async def reset(graph: Graph, id: str, *, by: Actor) -> str:
    """A new first password, told this once: the old one, the codes and every session of the account are void, and
    no failure counts any more.

    Errors: Forbidden, NotFound.
    """
    by.needs(Permission.ADMINISTER)
    password = passwords.first()
    kept, until = await passwords.hashed(password), clock.now() + timedelta(days=FIRST_PASSWORD_DAYS)

    async def work(transaction: Transaction) -> None:
        row = await transaction.one(MODULE, "one", id=id)
        if row is None:
            raise _unknown()
        await attempts.cleared(transaction, "password", row["account"]["sign_in"])
        await attempts.cleared(transaction, "code", id)
        await transaction.many(MODULE, "set_password", id=id, password=kept, is_first=True, password_until=until)
        await transaction.many(MODULE, "drop_totp", id=id)
        await transaction.many("accounts/sessions", "end_all", actor=id, but=None)

    await graph.write(work)
    return password


async def set_disabled(graph: Graph, id: str, *, disabled: bool, by: Actor) -> None:
    """Closes the account and ends its sessions, or opens it again. Errors: Forbidden, NotFound, Refused."""
    by.needs(Permission.ADMINISTER)

    async def work(transaction: Transaction) -> None:
        if disabled:
            await _leave_an_administrator(transaction, id)
            await transaction.many("accounts/sessions", "end_all", actor=id, but=None)
        await _found(transaction, "set_disabled", id=id, is_disabled=disabled)

    await graph.write(work)


async def remove(graph: Graph, id: str, *, by: Actor) -> None:
    """Removes the account with all that is known of its person; the history keeps the id.

    Errors: Forbidden, NotFound, Refused.
    """
    by.needs(Permission.ADMINISTER)

    async def work(transaction: Transaction) -> None:
        await _leave_an_administrator(transaction, id)
        if await transaction.one(MODULE, "one", id=id) is None:
            raise _unknown()
        await transaction.many("accounts/sessions", "end_all", actor=id, but=None)
        await transaction.many(MODULE, "remove", id=id)

    await graph.write(work)


async def _leave_an_administrator(transaction: Transaction, id: str) -> None:
    """Returns if there is an administrator beside this account, or it is none itself. Errors: LastAdministrator."""
    row = await transaction.one(MODULE, "one", id=id)
    if row is None or Role.ADMINISTRATOR not in row["account"]["roles"] or row["account"]["is_disabled"]:
        return
    counted = await transaction.one(MODULE, "administrators", id=id, now=clock.now())
    if counted is None or not counted["others"]:
        raise LastAdministrator


async def _found(transaction: Transaction, statement: str, **params: object) -> None:
    if await transaction.one(MODULE, statement, **params) is None:
        raise _unknown()


def _unknown() -> NotFound:
    return NotFound("そのアカウントは、ありません。")


def _name(typed: str) -> str:
    name = " ".join(typed.split())
    if not 0 < len(name) <= MOST_NAME:
        raise InvalidRequest(f"名前を、{MOST_NAME}文字までで書いてください。", where="/name")
    return name


def _roles(given: Collection[str]) -> list[str]:
    found = [role for role in Role if role in given]
    if not found or len(found) != len(set(given)):
        raise InvalidRequest("役割を、一つ以上選んでください。", where="/roles")
    return [str(role) for role in found]


def _account(row: Row) -> Account:
    fields = row["account"]
    return Account(
        id=fields["id"],
        sign_in=fields["sign_in"],
        name=fields["name"],
        roles=tuple(Role(role) for role in fields["roles"]),
        is_disabled=fields["is_disabled"],
        is_first=fields["is_first"],
        has_totp=fields["has_totp"],
        recovery_left=fields["recovery_left"],
        created_at=moment(fields["created_at"]),
        signed_in_at=moment(fields["signed_in_at"]) if fields["signed_in_at"] else None,
    )
