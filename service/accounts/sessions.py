"""Sessions, and the one-time invitations by which the operator comes in.

The store knows a token by its SHA-256 only: tokens are 256 random bits, so a digest can neither be guessed nor be
turned back, and needs no salt. A session has an id too, which names it and opens nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from service import clock
from service.accounts.people import actor_of
from service.accounts.permissions import OPERATOR, Actor, Permission
from service.errors import NotFound
from service.store.editions import moment
from service.store.graph import Graph, Transaction
from service.store.space import NoRoom

Stage = Literal["password", "totp", "code", "in"]
"""How far a session has come: a first password is to be changed, an app to be set up, a code to be typed; in."""

SIGN_IN_MINUTES = 15
"""How long signing in may take from the password on."""
NOTED_EVERY = timedelta(minutes=1)
"""How exactly it is known when a session was last used: writing it down with every request would take too much."""
MODULE = "accounts/sessions"
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Session:
    """A session as it stands at this moment; `offer` is the encrypted secret of an app that is being set up."""

    id: str
    person: Actor
    stage: Stage
    offer: str | None

    @property
    def actor(self) -> Actor | None:
        """Who is in by it; None on the way in, and for who may not even read."""
        return self.person if self.stage == "in" and Permission.READ in self.person.permissions else None


@dataclass(frozen=True, slots=True)
class Listed:
    """A session as its person sees it in a list."""

    id: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a session lasts at most, and how long it may lie idle (None: as long as it lasts)."""

    whole: timedelta
    idle: timedelta | None = None

    def fields(self, now: datetime) -> dict[str, object]:
        """The parameters of the statements."""
        return {"now": now, "expires_at": now + self.whole, "idle": int((self.idle or self.whole).total_seconds())}


def token() -> str:
    """A new secret of 256 random bits, in letters that an address can hold."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def digest(secret: str) -> str:
    """What the store knows of a token: its SHA-256, in lower-case hexadecimal."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


async def invite(graph: Graph, *, minutes: int, by: Actor = OPERATOR) -> str:
    """The token of a new invitation of that person, good for one use within `minutes`."""
    invitation, now = token(), clock.now()

    async def work(transaction: Transaction) -> None:
        await transaction.many(MODULE, "tidy", now=now)
        await transaction.many(
            MODULE,
            "invite",
            digest=digest(invitation),
            actor=by.id,
            now=now,
            expires_at=now + timedelta(minutes=minutes),
        )

    await graph.write(work)
    return invitation


def enter_url(web: str, invitation: str) -> str:
    """Where an invitation is taken up; `web` is the address of the guide with a slash at its end."""
    return f"{web}staff/enter?token={invitation}"


async def enter(graph: Graph, invitation: str, *, hours: int, idle: timedelta | None = None) -> str:
    """The token of a session of `hours` (less where it lies idle), for an invitation that is used up by it.

    Errors: NotFound for one that is unknown, used, or too old: which of these is nobody's business.
    """
    session, life = token(), Lifetime(timedelta(hours=hours), idle).fields(clock.now())
    row = await graph.write(
        lambda tx: tx.one(MODULE, "enter", invitation=digest(invitation), session=digest(session), id=_new_id(), **life)
    )
    if row is None:
        raise NotFound(
            "このリンクは、使用済みか、期限が切れています。新しいリンクは「tetsuzuki staff-link」で作れます。"
        )
    return session


async def open_session(graph: Graph, *, hours: int, by: Actor = OPERATOR) -> str:
    """The token of a session of that person for a program on this machine (`Authorization: Bearer …`)."""
    return await begin(graph, by.id, stage="in", life=Lifetime(timedelta(hours=hours)))


async def begin(graph: Graph, person: str, *, stage: Stage, life: Lifetime) -> str:
    """The token of a new session, as far as it has come. A token that a browser brought along is never taken."""
    session, now = token(), clock.now()

    async def work(transaction: Transaction) -> None:
        await transaction.many(MODULE, "tidy", now=now)
        await transaction.many(
            MODULE,
            "open",
            session=digest(session),
            id=_new_id(),
            actor=person,
            stage=stage,
            **life.fields(now),
        )

    await graph.write(work)
    return session


async def renew(graph: Graph, session: str, *, stage: Stage, life: Lifetime) -> str:
    """Another token for the session in place of this one, a stage further. Errors: NotFound when it is over."""
    renewed = token()
    row = await graph.write(
        lambda tx: tx.one(
            MODULE,
            "renew",
            session=digest(session),
            renewed=digest(renewed),
            stage=stage,
            **life.fields(clock.now()),
        )
    )
    if row is None:
        raise NotFound("サインインが終わっています。もう一度、はじめからサインインしてください。")
    return renewed


async def find(graph: Graph, session: str | None) -> Session | None:
    """The session of a token, whatever its stage; None when it is unknown, over, or nobody's any more."""
    if not session:
        return None
    now = clock.now()
    row = await graph.latest.one(MODULE, "session", session=digest(session), now=now)
    if row is None:
        return None
    if row["actor"] == OPERATOR.id:
        person = OPERATOR
    elif row["roles"] is not None:
        person = actor_of(row["actor"], row["name"], row["roles"])
    else:
        return None
    if now - moment(row["seen_at"]) >= NOTED_EVERY:
        with suppress(NoRoom):  # on a full disk staff may go on reading
            await graph.write(lambda tx: tx.many(MODULE, "touch", session=digest(session), now=now))
    return Session(row["id"], person, row["stage"], row["offer"])


async def offer(graph: Graph, session: str, secret: str) -> str:
    """The encrypted secret that the session offers to an app: this one, or the one that it offers already."""
    row = await graph.write(lambda tx: tx.one(MODULE, "offer", session=digest(session), offer=secret))
    if row is None:
        raise NotFound("サインインが終わっています。もう一度、はじめからサインインしてください。")
    return str(row["offer"])


async def of_person(graph: Graph, person: str) -> Sequence[Listed]:
    """The sessions of somebody that go on, the newest first."""
    rows = await graph.latest.many(MODULE, "of_person", actor=person, now=clock.now())
    return [
        Listed(
            row["session"]["id"],
            *(moment(row["session"][name]) for name in ("created_at", "seen_at", "expires_at")),
        )
        for row in rows
    ]


async def end(graph: Graph, id: str, *, of: str) -> None:
    """Ends a session of this person, by its id. Errors: NotFound when the person has none of it."""
    row = await graph.write(lambda tx: tx.one(MODULE, "end", actor=of, id=id))
    if row is None:
        raise NotFound("そのサインインは、もう終わっています。")


async def end_all(graph: Graph, *, of: str, but: str | None = None) -> None:
    """Ends every session of this person but the one with that id."""
    await graph.write(lambda tx: tx.many(MODULE, "end_all", actor=of, but=but))


async def leave(graph: Graph, session: str) -> None:
    """Ends the session, everywhere at once."""
    await graph.write(lambda tx: tx.many(MODULE, "leave", session=digest(session)))


def form_token(session: str) -> str:
    """What every form of a session carries: only who knows the session's token can make it, and it does not tell it."""
    return hmac.new(session.encode("utf-8", "replace"), b"form", hashlib.sha256).hexdigest()


def is_form_token(token_sent: str, session: str) -> bool:
    """Whether a form was made for this session."""
    return hmac.compare_digest(token_sent.encode("utf-8", "replace"), form_token(session).encode())


def _new_id() -> str:
    return secrets.token_hex(8)
