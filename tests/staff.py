"""People with accounts, and browsers and programs that they are signed in with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pyotp

from service import clock
from service.accounts import people, sessions
from service.accounts.permissions import OPERATOR, Actor
from service.accounts.sessions import Lifetime, Stage
from service.accounts.signing_in import SigningIn
from service.accounts.vault import Vault
from service.store.graph import Graph

LIFE = Lifetime(timedelta(hours=10), timedelta(minutes=60))
PASSWORD = "ながいながい合言葉 2026"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has signed in once: password, app and recovery codes are theirs."""

    id: str
    sign_in: str
    app: pyotp.TOTP
    recovery: tuple[str, ...]

    def code(self, *, steps: int = 0) -> str:
        """What the app shows, now or so many times 30 seconds later."""
        return self.app.at(clock.now(), counter_offset=steps)


def ways(graph: Graph, folder: Path) -> SigningIn:
    """The ways in, with a key in that folder."""
    return SigningIn(graph, Vault(folder / "key"), LIFE, issuer="総社市 職員用")


async def account(graph: Graph, sign_in: str, *roles: str, name: str = "総社 花子") -> tuple[str, str]:
    """The id of a new account and its first password."""
    return await people.add(graph, sign_in=sign_in, name=name, roles=roles or ("editor",), by=OPERATOR)


async def person(signing_in: SigningIn, sign_in: str, *roles: str, name: str = "総社 花子") -> Person:
    """Somebody with a new account who has signed in the first time."""
    id, first = await account(signing_in.graph, sign_in, *roles, name=name)
    begun = await signing_in.begin(sign_in, first)
    session = await sessions.find(signing_in.graph, begun.token)
    assert session is not None
    chosen = await signing_in.choose_password(begun.token, session.person, PASSWORD)
    app = pyotp.TOTP(await signing_in.offer(chosen.token))
    session = await sessions.find(signing_in.graph, chosen.token)
    assert session is not None
    admitted = await signing_in.take_app(chosen.token, session, app.at(clock.now()))
    await sessions.leave(signing_in.graph, admitted.token)
    return Person(id, sign_in, app, admitted.recovery)


async def signed_in(graph: Graph, id: str, *, stage: Stage = "in", life: Lifetime = LIFE) -> str:
    """The token of a session of that person."""
    return await sessions.begin(graph, id, stage=stage, life=life)


async def who_is_in(graph: Graph, token: str | None) -> Actor | None:
    """Who is in by the session of that token."""
    found = await sessions.find(graph, token)
    return found.actor if found is not None else None


def later(**away: float) -> datetime:
    """A moment that is to come."""
    return clock.now() + timedelta(**away)
