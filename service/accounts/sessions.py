"""Who may come to the staff pages: one-time invitations, and the sessions that they are exchanged for.

The store knows a token by its SHA-256 only: tokens are 256 random bits, so a digest can neither be guessed nor be
turned back, and needs no salt.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta

from service import clock
from service.accounts.permissions import OPERATOR, Actor, Permission
from service.errors import NotFound
from service.store.graph import Graph, Transaction

KNOWN = {OPERATOR.id: OPERATOR}
"""The accounts there are."""

_TOKEN_BYTES = 32


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
        await transaction.many("accounts/sessions", "tidy", now=now)
        await transaction.many(
            "accounts/sessions",
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


async def enter(graph: Graph, invitation: str, *, hours: int) -> str:
    """The token of a session of `hours`, for an invitation that is used up by it.

    Errors: NotFound for one that is unknown, used, or too old: which of these is nobody's business.
    """
    session, now = token(), clock.now()
    row = await graph.write(
        lambda tx: tx.one(
            "accounts/sessions",
            "enter",
            invitation=digest(invitation),
            session=digest(session),
            now=now,
            expires_at=now + timedelta(hours=hours),
        )
    )
    if row is None:
        raise NotFound(
            "このリンクは、使用済みか、期限が切れています。新しいリンクは「tetsuzuki staff-link」で作れます。"
        )
    return session


async def open_session(graph: Graph, *, hours: int, by: Actor = OPERATOR) -> str:
    """The token of a session of that person for a program on this machine (`Authorization: Bearer …`)."""
    session, now = token(), clock.now()

    async def work(transaction: Transaction) -> None:
        await transaction.many("accounts/sessions", "tidy", now=now)
        await transaction.many(
            "accounts/sessions",
            "open",
            session=digest(session),
            actor=by.id,
            now=now,
            expires_at=now + timedelta(hours=hours),
        )

    await graph.write(work)
    return session


async def actor(graph: Graph, session: str | None) -> Actor | None:
    """Who the token of a session stands for; None without one, or when it is unknown, over, or nobody's any more."""
    if not session:
        return None
    row = await graph.latest.one("accounts/sessions", "session", session=digest(session), now=clock.now())
    account = KNOWN.get(row["actor"]) if row else None
    return account if account is not None and Permission.READ in account.permissions else None


async def leave(graph: Graph, session: str) -> None:
    """Ends the session, everywhere at once."""
    await graph.write(lambda tx: tx.many("accounts/sessions", "leave", session=digest(session)))


def form_token(session: str) -> str:
    """What every form of a session carries: only who knows the session's token can make it, and it does not tell it."""
    return hmac.new(session.encode("utf-8", "replace"), b"form", hashlib.sha256).hexdigest()


def is_form_token(token_sent: str, session: str) -> bool:
    """Whether a form was made for this session."""
    return hmac.compare_digest(token_sent.encode("utf-8", "replace"), form_token(session).encode())
