"""Signing in: a password, then a code; before that, the first time, a password of one's own and an app for the codes.

Whoever asks learns the same, by the same work, of a name that there is and of one that there is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from service import clock
from service.accounts import attempts, codes, passwords, people, sessions
from service.accounts.permissions import Actor
from service.accounts.sessions import SIGN_IN_MINUTES, Lifetime, Stage
from service.accounts.vault import Vault
from service.errors import InvalidRequest, NotFound
from service.store.graph import Graph, Row

MODULE = people.MODULE
MOST_TYPED = 200
UNDER_WAY = Lifetime(timedelta(minutes=SIGN_IN_MINUTES))


@dataclass(frozen=True, slots=True)
class Admitted:
    """A session with its new token, how far it has come, and recovery codes if some were made: told this once."""

    token: str
    stage: Stage
    recovery: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SigningIn:
    """The ways in, on this store, with this key; `life` is that of a session of who is in."""

    graph: Graph
    vault: Vault
    life: Lifetime
    issuer: str

    async def begin(self, sign_in: str, password: str) -> Admitted:
        """A session for who knows the password, on the way in.

        Errors: InvalidRequest when name and password do not belong together, for whatever reason; Waiting.
        """
        name = people.normalized(sign_in[:MOST_TYPED])
        await attempts.take(self.graph, "password", name)
        row = await self.graph.latest.one(MODULE, "password", sign_in=name, now=clock.now())
        is_right = await passwords.is_right(row["password"] if row else passwords.NOBODY, password)
        if row is None or not is_right:
            raise InvalidRequest("サインイン名かパスワードが違います。", where="/password")
        await attempts.clear(self.graph, "password", name)
        if not row["is_first"] and passwords.is_outdated(row["password"]):
            await self._set_password(row["id"], password)
        stage: Stage = "password" if row["is_first"] else "totp" if row["totp"] is None else "code"
        return Admitted(await sessions.begin(self.graph, row["id"], stage=stage, life=UNDER_WAY), stage)

    async def choose_password(self, token: str, person: Actor, new: str) -> Admitted:
        """The session with a password of the person's own in place of the first one. Errors: InvalidRequest."""
        secrets = await self._secrets(person.id)
        await self._choose(secrets, person.id, new)
        stage: Stage = "totp" if secrets["totp"] is None else "code"
        return Admitted(await sessions.renew(self.graph, token, stage=stage, life=UNDER_WAY), stage)

    async def offer(self, token: str) -> str:
        """The secret that the person may take into an app; the same until it is taken or the session is over."""
        return self.vault.opened(await sessions.offer(self.graph, token, self.vault.closed(codes.new_secret())))

    async def address(self, person: Actor, secret: str) -> str:
        """What an app reads from a 2D code."""
        secrets = await self._secrets(person.id)
        return codes.address(secret, sign_in=secrets["sign_in"], issuer=self.issuer)

    async def take_app(self, token: str, session: sessions.Session, code: str) -> Admitted:
        """The person is in, with the app whose code this is and new recovery codes.

        Errors: InvalidRequest for a code that is not the app's, Waiting.
        """
        person = session.person.id
        if session.offer is None:
            raise NotFound("コードのアプリの設定を、はじめからやり直してください。")
        secret = self.vault.opened(session.offer)
        await attempts.take(self.graph, "code", person)
        step = codes.step_of(code, secret, now=clock.now())
        if step is None:
            raise _wrong_code()
        await attempts.clear(self.graph, "code", person)
        made, closed = codes.new_recovery_codes(), self.vault.closed(secret)
        digests = [codes.recovery_digest(one) for one in made]
        await self.graph.write(
            lambda tx: tx.one(MODULE, "set_totp", id=person, totp=closed, recovery=digests, step=step)
        )
        return Admitted(await self._let_in(token, person), "in", tuple(made))

    async def give_code(self, token: str, person: Actor, code: str) -> Admitted:
        """The person is in, by a code of the app or a recovery code; either is used up by it.

        Errors: InvalidRequest for any other code, Waiting.
        """
        secrets = await self._secrets(person.id)
        await attempts.take(self.graph, "code", person.id)
        if not await self._uses_up(person.id, secrets, code[:MOST_TYPED]):
            raise _wrong_code()
        await attempts.clear(self.graph, "code", person.id)
        return Admitted(await self._let_in(token, person.id), "in")

    async def change_password(self, token: str, session: sessions.Session, *, old: str, new: str) -> str:
        """The session's new token, after its person chose another password; every other session is over.

        Errors: InvalidRequest when the old one is not right or the new one cannot be, Waiting.
        """
        await self.confirm(session.person, old)
        await self._choose(await self._secrets(session.person.id), session.person.id, new)
        await sessions.end_all(self.graph, of=session.person.id, but=session.id)
        return await sessions.renew(self.graph, token, stage="in", life=self.life)

    async def confirm(self, person: Actor, password: str) -> None:
        """Returns if that is the person's password. Errors: InvalidRequest, Waiting."""
        secrets = await self._secrets(person.id)
        await attempts.take(self.graph, "password", secrets["sign_in"])
        if not await passwords.is_right(secrets["password"], password):
            raise InvalidRequest("いまのパスワードが違います。", where="/password")
        await attempts.clear(self.graph, "password", secrets["sign_in"])

    async def _choose(self, secrets: Row, person: str, new: str) -> None:
        passwords.check(new, sign_in=secrets["sign_in"])
        if await passwords.is_right(secrets["password"], new):
            raise InvalidRequest("いまのものと違うパスワードにしてください。", where="/new")
        await self._set_password(person, new)

    async def _set_password(self, person: str, password: str) -> None:
        kept = await passwords.hashed(password)
        await self.graph.write(
            lambda tx: tx.one(MODULE, "set_password", id=person, password=kept, is_first=False, password_until=None)
        )

    async def _uses_up(self, person: str, secrets: Row, code: str) -> bool:
        """Whether the code was one that lets in, and had not been used."""
        step = codes.step_of(code, self.vault.opened(secrets["totp"]), now=clock.now()) if secrets["totp"] else None
        if step is not None:
            return await self.graph.write(lambda tx: tx.one(MODULE, "use_step", id=person, step=step)) is not None
        digest, now = codes.recovery_digest(code), clock.now()
        used = await self.graph.write(lambda tx: tx.one(MODULE, "use_recovery", id=person, digest=digest, now=now))
        return used is not None

    async def _let_in(self, token: str, person: str) -> str:
        renewed = await sessions.renew(self.graph, token, stage="in", life=self.life)
        await self.graph.write(lambda tx: tx.many(MODULE, "signed_in", id=person, now=clock.now()))
        return renewed

    async def _secrets(self, person: str) -> Row:
        row = await self.graph.latest.one(MODULE, "secrets", id=person)
        if row is None:
            raise NotFound("そのアカウントは、使えません。")
        return row


def _wrong_code() -> InvalidRequest:
    return InvalidRequest("コードが違うか、もう使われています。新しいコードを入れてください。", where="/code")
