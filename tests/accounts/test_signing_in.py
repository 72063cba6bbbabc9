"""Signing in on a real store: the way in, what is the same for everybody, and who is kept out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from argon2 import PasswordHasher

from service import clock
from service.accounts import attempts, codes, passwords, people, sessions
from service.accounts.permissions import OPERATOR, Permission, Role
from service.accounts.signing_in import SigningIn
from service.content.canonical import canonical
from service.editions import drafts, importing
from service.editions.history import Filter
from service.editions.service import EditionService
from service.errors import Forbidden, InvalidRequest, NotFound
from service.store.graph import Graph, Latest, Transaction
from tests.seed import seed
from tests.staff import PASSWORD, account, later, person, signed_in, ways, who_is_in

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(autouse=True)
def still() -> Iterator[None]:
    """The clock stands still, in the service too: codes and waits do not depend on how busy the machine is."""
    with clock.fixed(clock.now()):
        yield


@pytest.fixture
def signing_in(graph: Graph, tmp_path: Path) -> SigningIn:
    """The ways in."""
    return ways(graph, tmp_path)


async def _session(graph: Graph, token: str) -> sessions.Session:
    found = await sessions.find(graph, token)
    assert found is not None
    return found


# The way in


async def test_the_first_time_a_password_and_an_app_are_chosen_and_each_step_has_a_new_token(
    signing_in: SigningIn, graph: Graph
) -> None:
    id, first = await account(graph, "first.time", "editor", "administrator")
    begun = await signing_in.begin("First.Time ", first)
    assert begun.stage == "password" and await who_is_in(graph, begun.token) is None
    session = await _session(graph, begun.token)
    with pytest.raises(InvalidRequest, match="違うパスワード"):
        await signing_in.choose_password(begun.token, session.person, first)
    chosen = await signing_in.choose_password(begun.token, session.person, PASSWORD)
    assert chosen.stage == "totp" and await sessions.find(graph, begun.token) is None
    assert await who_is_in(graph, chosen.token) is None
    secret = await signing_in.offer(chosen.token)
    assert await signing_in.offer(chosen.token) == secret, "looking at the page again changes nothing"
    session = await _session(graph, chosen.token)
    with pytest.raises(InvalidRequest, match="コードが違う"):
        await signing_in.take_app(chosen.token, session, "000000")
    app = pyotp.TOTP(secret)
    admitted = await signing_in.take_app(chosen.token, session, app.at(clock.now()))
    assert admitted.stage == "in" and len(admitted.recovery) == codes.RECOVERY_CODES
    assert await sessions.find(graph, chosen.token) is None
    actor = await who_is_in(graph, admitted.token)
    assert actor is not None and (actor.id, actor.name) == (id, "総社 花子")
    assert set(actor.permissions) == set(Permission) - {Permission.PUBLISH}
    with pytest.raises(InvalidRequest):
        await signing_in.begin("first.time", first)


async def test_a_code_lets_in_once_and_so_does_a_recovery_code(signing_in: SigningIn, graph: Graph) -> None:
    one = await person(signing_in, "code.once")
    begun = await signing_in.begin(one.sign_in, PASSWORD)
    assert begun.stage == "code"
    who = (await _session(graph, begun.token)).person
    with pytest.raises(InvalidRequest, match="使われています"):
        await signing_in.give_code(begun.token, who, one.code())
    with clock.fixed(later(seconds=60)):
        code = one.code()
        admitted = await signing_in.give_code(begun.token, who, code)
        assert await who_is_in(graph, admitted.token) == who
        again = await signing_in.begin(one.sign_in, PASSWORD)
        with pytest.raises(InvalidRequest, match="使われています"):
            await signing_in.give_code(again.token, who, code)
        typed = one.recovery[3].lower().replace("-", "")
        assert (await signing_in.give_code(again.token, who, typed)).stage == "in"
        third = await signing_in.begin(one.sign_in, PASSWORD)
        with pytest.raises(InvalidRequest):
            await signing_in.give_code(third.token, who, one.recovery[3])
        assert (await people.one(graph, one.id)).recovery_left == codes.RECOVERY_CODES - 1


async def test_of_many_who_bring_one_code_at_once_one_gets_in(signing_in: SigningIn, graph: Graph) -> None:
    one = await person(signing_in, "code.race")
    begun = [await signing_in.begin(one.sign_in, PASSWORD) for _ in range(3)]
    who = (await _session(graph, begun[0].token)).person
    with clock.fixed(later(seconds=60)):
        answers = await asyncio.gather(
            *(signing_in.give_code(each.token, who, one.code()) for each in begun), return_exceptions=True
        )
    assert sum(not isinstance(answer, BaseException) for answer in answers) == 1, answers


async def test_a_first_password_is_good_for_some_days(signing_in: SigningIn, graph: Graph) -> None:
    _, first = await account(graph, "too.late")
    with clock.fixed(later(days=people.FIRST_PASSWORD_DAYS)), pytest.raises(InvalidRequest, match="違います"):
        await signing_in.begin("too.late", first)


async def test_a_password_of_other_parameters_is_kept_anew(
    signing_in: SigningIn, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = await person(signing_in, "older.hash")
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(passwords._plain(PASSWORD))
    await graph.write(
        lambda tx: tx.one(people.MODULE, "set_password", id=one.id, password=weak, is_first=False, password_until=None)
    )
    await signing_in.begin(one.sign_in, PASSWORD)
    row = await graph.latest.one(people.MODULE, "secrets", id=one.id)
    assert row is not None and row["password"] != weak and not passwords.is_outdated(row["password"])


# The same for everybody


@contextmanager
def _noted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What is asked of the store and of the hasher meanwhile, in order."""
    calls: list[str] = []
    with monkeypatch.context() as patch:
        for kind in (Latest, Transaction):
            real = kind.many

            async def many(self: Any, module: str, name: str, _real: Any = real, **params: Any) -> Any:
                calls.append(f"{module}/{name}")
                return await _real(self, module, name, **params)

            patch.setattr(kind, "many", many)
            if kind is Latest:

                async def one(self: Any, module: str, name: str, **params: Any) -> Any:
                    rows = await self.many(module, name, **params)
                    return rows[0] if rows else None

                patch.setattr(kind, "one", one)
        verify = passwords._verify

        def verified(kept: str, password: str) -> bool:
            calls.append("verify " + kept.rpartition("$")[0].rpartition("$")[0])
            return verify(kept, password)

        patch.setattr(passwords, "_verify", verified)
        yield calls


async def test_nobody_learns_which_names_there_are(
    signing_in: SigningIn, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same words, and the same work: what the store and the hasher are asked, one by one."""
    known = await person(signing_in, "known.name")
    disabled, _ = await account(graph, "disabled.name")
    await people.set_disabled(graph, disabled, disabled=True, by=OPERATOR)
    told: dict[str, tuple[str, str, list[str]]] = {}
    for name in (known.sign_in, "disabled.name", "unknown.name", "", "x" * 5_000, "名前'}) RETURN 1 //"):
        with _noted(monkeypatch) as calls, pytest.raises(InvalidRequest) as refused:
            await signing_in.begin(name, "a wrong password")
        told[name] = (refused.value.message, refused.value.where, list(calls))
    assert len({repr(one) for one in told.values()}) == 1, told
    (_, _, calls) = told[known.sign_in]
    assert calls == [
        "accounts/attempts/take",
        "accounts/people/password",
        "verify $argon2id$v=19$m=65536,t=3,p=4",
    ]


@pytest.mark.parametrize("sign_in", ["brute.force", "nobody.there"])
async def test_failures_make_wait_longer_and_longer_then_lock_out(
    signing_in: SigningIn, graph: Graph, monkeypatch: pytest.MonkeyPatch, sign_in: str
) -> None:
    """Whether there is the account or not: the answers are the same."""
    if sign_in == "brute.force":
        await person(signing_in, sign_in)
    monkeypatch.setattr(passwords, "_verify", lambda kept, password: password == "right" and kept != passwords.NOBODY)
    moment, failed = clock.now(), 0
    waited: list[int] = []
    while len(waited) < 10:
        with clock.fixed(moment):
            try:
                await signing_in.begin(sign_in, "wrong")
            except attempts.Waiting as waiting:
                waited.append(waiting.retry_seconds or 0)
                moment += timedelta(seconds=waited[-1])
            except InvalidRequest:
                failed += 1
    assert waited == [5, 10, 20, 40, 80, 160, 900, 900, 900, 900] and failed == 13
    with clock.fixed(moment), pytest.raises(InvalidRequest):
        await signing_in.begin(sign_in, "wrong")
    moment += timedelta(seconds=900)
    with clock.fixed(moment - timedelta(seconds=1)), pytest.raises(attempts.Waiting, match="まちがいが続いた"):
        await signing_in.begin(sign_in, "right")
    with clock.fixed(moment):
        if sign_in == "nobody.there":
            with pytest.raises(InvalidRequest):
                await signing_in.begin(sign_in, "right")
        else:
            assert (await signing_in.begin(sign_in, "right")).stage == "code"
            with pytest.raises(InvalidRequest):
                await signing_in.begin(sign_in, "wrong")  # counted from the beginning: nobody has to wait


async def test_many_guesses_at_once_count_one_by_one_and_for_every_process(
    signing_in: SigningIn, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    await person(signing_in, "at.once")
    monkeypatch.setattr(passwords, "_verify", lambda kept, password: False)
    with clock.fixed(clock.now()):
        guesses = await asyncio.gather(
            *(signing_in.begin("at.once", f"guess {n}") for n in range(20)), return_exceptions=True
        )
    looked_at = sum(type(one) is InvalidRequest for one in guesses)
    assert looked_at == sum(not seconds for seconds in attempts.WAITS) + 1
    assert sum(isinstance(one, attempts.Waiting) for one in guesses) == 20 - looked_at


async def test_codes_are_not_guessed_either(signing_in: SigningIn, graph: Graph) -> None:
    one = await person(signing_in, "code.guess")
    begun = await signing_in.begin(one.sign_in, PASSWORD)
    who = (await _session(graph, begun.token)).person
    with clock.fixed(later(seconds=90)):
        for _ in range(4):
            with pytest.raises(InvalidRequest):
                await signing_in.give_code(begun.token, who, "12 34 56")
        with pytest.raises(attempts.Waiting):
            await signing_in.give_code(begun.token, who, one.code())
        await signing_in.begin(one.sign_in, PASSWORD)  # the password is not what was guessed
        fresh = await signing_in.begin(one.sign_in, PASSWORD)
        with pytest.raises(attempts.Waiting):
            await signing_in.give_code(fresh.token, who, one.code())


async def test_a_reset_makes_all_void_and_nobody_waits(signing_in: SigningIn, graph: Graph) -> None:
    one = await person(signing_in, "reset.me")
    token = await signed_in(graph, one.id)
    for _ in range(4):
        with pytest.raises(InvalidRequest):
            await signing_in.begin(one.sign_in, "wrong")
    first = await people.reset(graph, one.id, by=OPERATOR)
    assert await who_is_in(graph, token) is None
    found = await people.one(graph, one.id)
    assert (found.has_totp, found.recovery_left, found.is_first) == (False, 0, True)
    assert (await signing_in.begin(one.sign_in, first)).stage == "password"
    with pytest.raises(InvalidRequest):
        await signing_in.begin(one.sign_in, PASSWORD)


async def test_another_password_ends_every_other_session(signing_in: SigningIn, graph: Graph) -> None:
    one = await person(signing_in, "change.password")
    mine, elsewhere = await signed_in(graph, one.id), await signed_in(graph, one.id)
    session = await _session(graph, mine)
    with pytest.raises(InvalidRequest) as wrong:
        await signing_in.change_password(mine, session, old="wrong", new="another long password")
    assert wrong.value.where == "/password" and await who_is_in(graph, elsewhere) is not None
    renewed = await signing_in.change_password(mine, session, old=PASSWORD, new="another long password")
    assert await who_is_in(graph, renewed) is not None
    assert await who_is_in(graph, mine) is None and await who_is_in(graph, elsewhere) is None
    assert (await signing_in.begin(one.sign_in, "another long password")).stage == "code"


# Sessions


async def test_a_session_ends_when_it_lies_idle_and_at_its_end_whatever_is_done(graph: Graph) -> None:
    id, _ = await account(graph, "idle.one")
    token = await signed_in(graph, id)
    with clock.fixed(later(minutes=59)):
        assert await who_is_in(graph, token) is not None
    with clock.fixed(later(minutes=110)):
        assert await who_is_in(graph, token) is not None, "it was used meanwhile"
    with clock.fixed(later(minutes=171)):
        assert await who_is_in(graph, token) is None
    used = await signed_in(graph, id)
    for minutes in range(50, 600, 50):
        with clock.fixed(later(minutes=minutes)):
            assert await who_is_in(graph, used) is not None, minutes
    with clock.fixed(later(minutes=601)):
        assert await who_is_in(graph, used) is None


async def test_sessions_are_ended_by_whose_they_are_and_by_nobody_else(graph: Graph) -> None:
    (mine, _), (theirs, _) = await account(graph, "mine.one"), await account(graph, "theirs.one")
    token, other = await signed_in(graph, mine), await signed_in(graph, theirs)
    listed = await sessions.of_person(graph, theirs)
    assert [one.id for one in listed] == [(await _session(graph, other)).id]
    with pytest.raises(NotFound):
        await sessions.end(graph, listed[0].id, of=mine)
    assert await who_is_in(graph, other) is not None
    await sessions.end(graph, listed[0].id, of=theirs)
    assert await who_is_in(graph, other) is None and await who_is_in(graph, token) is not None


async def test_what_somebody_may_do_changes_at_once(graph: Graph) -> None:
    id, _ = await account(graph, "role.change", "editor")
    token = await signed_in(graph, id)
    await people.describe(graph, id, name="総社 次郎", roles=["approver"], by=OPERATOR)
    actor = await who_is_in(graph, token)
    assert actor is not None and actor.name == "総社 次郎"
    assert set(actor.permissions) == {Permission.READ, Permission.PUBLISH}
    await people.set_disabled(graph, id, disabled=True, by=OPERATOR)
    assert await who_is_in(graph, token) is None
    await people.set_disabled(graph, id, disabled=False, by=OPERATOR)
    assert await who_is_in(graph, token) is None, "what was ended stays ended"


# Accounts


async def test_names_are_checked_and_taken_once(graph: Graph) -> None:
    await account(graph, "taken.name")
    for sign_in in ("taken.name", "TAKEN.NAME", "ｔａｋｅｎ.name", "", "a", "スズキ", "a b", "-a", "x" * 41, "a/../b"):
        with pytest.raises(InvalidRequest) as refused:
            await account(graph, sign_in)
        assert refused.value.where == "/sign_in"
    for name in ("", "   ", "長" * 61):
        with pytest.raises(InvalidRequest) as refused:
            await account(graph, "other.name", name=name)
        assert refused.value.where == "/name"
    for roles in ((), ("king",), ("editor", "king")):
        with pytest.raises(InvalidRequest) as refused:
            await people.add(graph, sign_in="other.name", name="名", roles=roles, by=OPERATOR)
        assert refused.value.where == "/roles"


async def test_only_administrators_handle_accounts(graph: Graph) -> None:
    id, _ = await account(graph, "handled.one")
    for role in set(Role) - {Role.ADMINISTRATOR}:
        by = people.actor_of("staff-0", "名", [role])
        for act in (
            people.add(graph, sign_in="new.one", name="名", roles=["editor"], by=by),
            people.describe(graph, id, name="名", roles=["administrator"], by=by),
            people.reset(graph, id, by=by),
            people.set_disabled(graph, id, disabled=True, by=by),
            people.remove(graph, id, by=by),
        ):
            with pytest.raises(Forbidden, match="管理者"):
                await act


async def test_the_last_administrator_stays(graph: Graph) -> None:
    first, _ = await account(graph, "admin.one", "administrator")
    others = [one.id for one in await people.every(graph) if Role.ADMINISTRATOR in one.roles and one.id != first]
    for id in others:
        await people.remove(graph, id, by=OPERATOR)
    for act in (
        people.describe(graph, first, name="名", roles=["editor"], by=OPERATOR),
        people.set_disabled(graph, first, disabled=True, by=OPERATOR),
        people.remove(graph, first, by=OPERATOR),
    ):
        with pytest.raises(people.LastAdministrator):
            await act
    second, _ = await account(graph, "admin.two", "administrator")
    left = await asyncio.gather(
        *(people.remove(graph, id, by=OPERATOR) for id in (first, second)), return_exceptions=True
    )
    assert sum(isinstance(one, people.LastAdministrator) for one in left) == 1, left


async def test_who_is_unknown_is_told_so(graph: Graph) -> None:
    for act in (
        people.one(graph, "staff-x"),
        people.by_sign_in(graph, "nobody.at.all"),
        people.describe(graph, "staff-x", name="名", roles=["editor"], by=OPERATOR),
        people.reset(graph, "staff-x", by=OPERATOR),
        people.set_disabled(graph, "staff-x", disabled=True, by=OPERATOR),
        people.remove(graph, "staff-x", by=OPERATOR),
    ):
        with pytest.raises(NotFound):
            await act


# What is kept where


async def test_the_store_holds_nothing_that_lets_in_and_no_edition_holds_accounts(
    signing_in: SigningIn, graph: Graph, tmp_path: Path
) -> None:
    one = await person(signing_in, "secret.keeper", name="秘密 守")
    token = await signed_in(graph, one.id)
    offered = await signing_in.offer(token)
    number = (await importing.import_content(graph, seed(), publish=False, title="種")).edition.number
    async with graph._driver.session() as session:
        result = await session.run("MATCH (n) WHERE NOT n:Item RETURN properties(n) AS node")
        kept = json.dumps([record["node"] async for record in result], default=str, ensure_ascii=False)
        edges = await session.run("MATCH (n:Account|Session|Attempts|Invitation)--() RETURN count(*) AS edges")
        assert (await edges.single(strict=True))["edges"] == 0
    assert "秘密 守" in kept and one.id in kept
    for secret in (PASSWORD, token, offered, one.app.secret, *one.recovery, (tmp_path / "key").read_text().strip()):
        assert secret not in kept, secret
    document = canonical(await importing.export(graph, str(number))).decode()
    for known in (one.id, one.sign_in, "秘密 守", "argon2"):
        assert known not in document


async def test_the_history_shows_names_and_says_of_who_is_gone_that_they_are_gone(graph: Graph) -> None:
    await importing.import_content(graph, seed(), publish=True, title="公開")
    id, _ = await account(graph, "history.one", name="岡山 太郎")
    by = people.actor_of(id, "岡山 太郎", ["editor"])
    number = (await drafts.fork(graph, None, title="試し", by=by)).number
    service, wanted = EditionService(graph, looks_ahead=False), Filter(edition=number)
    told = (await service.history(wanted))[0]
    assert (told.by, told.who) == (id, "岡山 太郎")
    await people.remove(graph, id, by=OPERATOR)
    told = (await service.history(wanted))[0]
    assert (told.by, told.who) == (id, people.FORMER)
    assert (await service.verify()).flaws == (), "the history itself did not change"
