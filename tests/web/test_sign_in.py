"""Signing in over HTTP: the pages one by one, from any desk over TLS, and the attacks that they have to stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import pyotp
import pytest
from fastapi import FastAPI

from service import clock
from service.accounts import people, sessions
from service.accounts.permissions import OPERATOR
from service.accounts.signing_in import SigningIn
from service.settings import Settings
from service.store.graph import Graph
from service.web.staff import auth, sign_in
from tests.seed import seed
from tests.staff import PASSWORD, Person, account, later, person, signed_in, who_is_in
from tests.web.serving import publish

pytestmark = pytest.mark.asyncio(loop_scope="session")

DESK = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https", "Host": "guide.example"}
"""What the proxy says of a desk somewhere in the town hall."""
SAME = {"Sec-Fetch-Site": "same-origin"}
ELSEWHERE = (
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/staff\\@evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    "/staff\n//evil.example",
    "https:evil.example",
    "/staffevil",
    "/",
    "/staff/sign-in?next=/staff",
    "/staff/" + "x" * 5_000,
    "　//evil.example",
)


@pytest.fixture(scope="module", autouse=True)
def live(settings: Settings) -> int:
    """Something is public."""
    return publish(settings, seed(), title="最初の版")


@pytest.fixture(autouse=True)
def still() -> Iterator[None]:
    """The clock stands still, in the service too: codes and waits do not depend on how busy the machine is."""
    with clock.fixed(clock.now()):
        yield


@pytest.fixture
def ways(service: tuple[FastAPI, httpx.Client], api: httpx.Client) -> SigningIn:
    """The ways in as the service has them."""
    found: SigningIn = service[0].state.signing_in
    return found


@pytest.fixture
def desk(api: httpx.Client) -> Iterator[httpx.Client]:
    """A browser at a desk behind the proxy. It is told cookies for TLS over a connection without: they are kept by
    hand."""
    with httpx.Client(base_url=api.base_url, headers=DESK | SAME, trust_env=False, timeout=60) as client:
        yield client


def _kept(answer: httpx.Response) -> str:
    """The token of the session that an answer gives a browser at a desk; looks at the cookie's guards."""
    cookie = answer.headers["set-cookie"]
    name, _, token = cookie.partition(";")[0].partition("=")
    assert name == "__Host-tetsuzuki-staff"
    for guard in ("httponly", "samesite=strict", "path=/", "secure"):
        assert guard in cookie.lower().split("; "), cookie
    assert "domain" not in cookie.lower()
    return token


def _cookie(token: str) -> dict[str, str]:
    return {"Cookie": f"{auth.TLS_COOKIE}={token}"}


def _post(client: httpx.Client, path: str, token: str, /, **fields: str) -> httpx.Response:
    form = {"form_token": sessions.form_token(token), **fields}
    return client.post(path, data=form, headers=_cookie(token))


async def _somebody(graph: Graph, ways: SigningIn, name: str, *roles: str) -> Person:
    """A person made with the key of the service, on this test's own connection."""
    return await person(SigningIn(graph, ways.vault, ways.life, ways.issuer), name, *roles)


# The way in


async def test_a_first_sign_in_from_any_desk(desk: httpx.Client, graph: Graph) -> None:
    _, first = await account(graph, "web.first", "editor", name="総社 花子")
    away = desk.get("/staff/editions?x=1&y=2")
    assert away.status_code == 303 and away.headers["cache-control"] == "no-store"
    wanted = parse_qs(urlsplit(away.headers["location"]).query)["next"][0]
    assert wanted == "/staff/editions?x=1&y=2"
    page = desk.get(away.headers["location"])
    assert page.status_code == 200 and page.headers["cache-control"] == "no-store" and "set-cookie" not in page.headers
    found = re.search(r'name="next" value="([^"]+)"', page.text)
    assert found and unescape(found[1]) == wanted

    answer = desk.post("/staff/sign-in", data={"sign_in": "web.first", "password": first, "next": wanted})
    assert answer.status_code == 303 and answer.headers["location"].startswith("/staff/sign-in/password?next=")
    token = _kept(answer)
    assert desk.get("/staff", headers=_cookie(token)).status_code == 303, "a password alone lets nobody in"
    refused = _post(desk, "/staff/sign-in/password", token, new=PASSWORD, again="another one", next=wanted)
    assert refused.status_code == 422 and "2回のパスワードが違います" in refused.text
    assert PASSWORD not in refused.text, "a password is never shown"
    answer = _post(desk, "/staff/sign-in/password", token, new=PASSWORD, again=PASSWORD, next=wanted)
    assert answer.headers["location"].startswith("/staff/sign-in/totp?next=")
    token = _kept(answer)

    page = desk.get(answer.headers["location"], headers=_cookie(token))
    secret = re.search(r'id="secret">([A-Z2-7 ]+)<', page.text)
    assert secret and 'src="data:image/svg+xml' in page.text
    app = pyotp.TOTP(secret[1].replace(" ", ""))
    assert secret[1] in desk.get("/staff/sign-in/totp", headers=_cookie(token)).text
    wrong = _post(desk, "/staff/sign-in/totp", token, code="000000")
    assert wrong.status_code == 422 and "コードが違う" in wrong.text and secret[1] in wrong.text
    answer = _post(desk, "/staff/sign-in/totp", token, code=app.at(clock.now()), next=wanted)
    assert answer.status_code == 200 and len(re.findall(r"<li>([A-Z2-9]{4}-){3}[A-Z2-9]{4}</li>", answer.text)) == 10
    assert f'href="{wanted.replace("&", "&amp;")}"' in answer.text
    token = _kept(answer)
    shown = desk.get("/staff", headers=_cookie(token))
    assert shown.status_code == 200 and "総社 花子" in shown.text and "/staff/accounts" not in shown.text


async def test_a_usual_sign_in_and_sign_out(desk: httpx.Client, graph: Graph, ways: SigningIn) -> None:
    one = await _somebody(graph, ways, "web.usual", "administrator")
    answer = desk.post("/staff/sign-in", data={"sign_in": one.sign_in, "password": PASSWORD})
    assert answer.headers["location"] == "/staff/sign-in/code?next=%2Fstaff"
    token = _kept(answer)
    page = desk.get("/staff/sign-in/code", headers=_cookie(token))
    assert page.status_code == 200 and 'autocomplete="one-time-code"' in page.text
    answer = _post(desk, "/staff/sign-in/code", token, code=one.code(steps=1))
    assert answer.status_code == 303 and answer.headers["location"] == "/staff"
    token = _kept(answer)
    assert "/staff/accounts" in desk.get("/staff", headers=_cookie(token)).text
    again = desk.get("/staff/sign-in?next=/staff/history", headers=_cookie(token))
    assert again.headers["location"] == "/staff/history"
    answer = _post(desk, "/staff/leave", token)
    assert answer.headers["location"] == "/" and 'tetsuzuki-staff=""' in answer.headers["set-cookie"]
    assert desk.get("/staff", headers=_cookie(token)).status_code == 303


async def test_steps_are_taken_in_their_order(desk: httpx.Client, graph: Graph, ways: SigningIn) -> None:
    one = await _somebody(graph, ways, "web.order")
    for stage, own in (("password", "password"), ("totp", "totp"), ("code", "code")):
        token = await signed_in(graph, one.id, stage=stage)  # type: ignore[arg-type]
        for step in ("password", "totp", "code"):
            address = f"/staff/sign-in/{step}"
            status = desk.get(address, headers=_cookie(token)).status_code
            assert status == (200 if step == own else 303), (stage, step)
            if step != own:
                assert (
                    _post(desk, address, token, code="1", new="x", again="x")
                    .headers["location"]
                    .startswith("/staff/sign-in?")
                )
        for page in ("/staff", "/staff/account", "/staff/account/totp"):
            assert desk.get(page, headers=_cookie(token)).status_code == 303
        assert _post(desk, "/staff/account/password", token, new="x").status_code == 303


async def test_over_plain_http_there_is_nothing_but_on_this_machine(api: httpx.Client, graph: Graph) -> None:
    id, _ = await account(graph, "web.plain")
    token = await signed_in(graph, id)
    cookies = {"Cookie": f"{auth.COOKIE}={token}; {auth.TLS_COOKIE}={token}"}
    away = {"X-Forwarded-For": "192.0.2.7", "Host": "guide.example"}
    for path in ("/staff", "/staff/sign-in", "/staff/sign-in/code", "/staff/account"):
        assert api.get(path, headers=away | cookies).status_code == 404, path
        assert api.get(path, headers=cookies).status_code in {200, 303}, path
    assert api.post("/staff/sign-in", data={"sign_in": "a", "password": "b"}, headers=away).status_code == 404


async def test_the_operators_session_is_good_on_the_machine_alone(desk: httpx.Client, graph: Graph) -> None:
    token = await sessions.open_session(graph, hours=1)
    assert desk.get("/staff", headers=_cookie(token)).status_code == 303
    bearer = {"Authorization": f"Bearer {token}"}
    assert desk.get("/api/v1/staff/editions", headers=bearer).status_code == 404
    link = await sessions.invite(graph, minutes=5)
    assert desk.get(f"/staff/enter?token={link}").status_code == 404
    assert desk.post("/staff/enter", data={"token": link}).status_code == 404


# Attacks


@pytest.mark.parametrize("wanted", ELSEWHERE)
async def test_signing_in_never_leads_to_another_site(
    desk: httpx.Client, graph: Graph, ways: SigningIn, wanted: str
) -> None:
    assert sign_in.own_address(wanted) == "/staff"
    page = desk.get("/staff/sign-in", params={"next": wanted})
    assert 'name="next" value="/staff"' in page.text
    id = (await people.by_sign_in(graph, "web.usual")).id
    token = await signed_in(graph, id)
    answer = desk.get("/staff/sign-in", params={"next": wanted}, headers=_cookie(token))
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff")


async def test_own_addresses_are_kept() -> None:
    for own in ("/staff", "/staff?done=x", "/staff/history?person=%E5%B1%B1", "/preview/12/result?event=death"):
        assert sign_in.own_address(own) == own or own == "/staff"


async def test_a_token_that_was_planted_is_never_taken(desk: httpx.Client, graph: Graph, ways: SigningIn) -> None:
    """Session fixation: with a made-up token, and with that of the thief's own half-way session."""
    one, thief = await _somebody(graph, ways, "web.fixed"), await _somebody(graph, ways, "web.thief")
    half_way = await signed_in(graph, thief.id, stage="code")
    for planted in ("planted-by-somebody", half_way):
        answer = desk.post(
            "/staff/sign-in", data={"sign_in": one.sign_in, "password": PASSWORD}, headers=_cookie(planted)
        )
        token = _kept(answer)
        assert token != planted
        with_code = _post(desk, "/staff/sign-in/code", token, code=one.recovery[0 if planted == half_way else 1])
        renewed = _kept(with_code)
        assert renewed not in {token, planted}
        for old in (token, planted):
            assert desk.get("/staff", headers=_cookie(old)).status_code == 303
        assert desk.get("/staff", headers=_cookie(renewed)).status_code == 200
    assert (await sessions.find(graph, half_way)).person.id == thief.id  # type: ignore[union-attr]


async def test_failures_are_told_alike_and_then_make_wait(desk: httpx.Client, graph: Graph, ways: SigningIn) -> None:
    one = await _somebody(graph, ways, "web.guess")
    pages: dict[str, list[tuple[int, str]]] = {}
    for name in (one.sign_in, "web.ghost"):
        for _ in range(5):
            answer = desk.post("/staff/sign-in", data={"sign_in": name, "password": "guess"})
            assert "set-cookie" not in answer.headers
            pages.setdefault(name, []).append((answer.status_code, answer.text.replace(name, "NAME")))
    assert pages[one.sign_in] == pages["web.ghost"]
    assert [status for status, _ in pages["web.ghost"]] == [422] * 4 + [429]
    right = desk.post("/staff/sign-in", data={"sign_in": one.sign_in, "password": PASSWORD})
    assert right.status_code == 429 and "まちがいが続いた" in right.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://guide.example"},
    ],
    ids=str,
)
async def test_no_other_site_signs_anybody_in_or_acts_for_them(
    desk: httpx.Client, graph: Graph, headers: dict[str, str]
) -> None:
    id, _ = await account(graph, f"web.csrf{abs(hash(str(headers)))}", "administrator")
    token = await signed_in(graph, id)
    form = {"form_token": sessions.form_token(token), "sign_in": "new.admin", "name": "悪", "roles": "administrator"}
    for path in ("/staff/sign-in", "/staff/accounts", "/staff/account/sessions", f"/staff/accounts/{id}/act/reset"):
        assert desk.post(path, data=form, headers=headers | _cookie(token)).status_code == 403, path
    assert await who_is_in(graph, token) is not None
    assert "new.admin" not in {one.sign_in for one in await people.every(graph)}


async def test_a_form_is_good_for_its_own_session_alone(desk: httpx.Client, graph: Graph) -> None:
    id, _ = await account(graph, "web.form", "administrator")
    mine, other = await signed_in(graph, id), await signed_in(graph, id)
    form = {"form_token": sessions.form_token(other), "name": "名", "sign_in": "by.form", "roles": "editor"}
    assert desk.post("/staff/accounts", data=form, headers=_cookie(mine)).status_code == 403
    half_way = await signed_in(graph, id, stage="code")
    assert desk.post("/staff/sign-in/code", data=form, headers=_cookie(half_way)).status_code == 403


async def test_what_was_typed_outlives_the_session_and_can_be_sent_again(desk: httpx.Client, graph: Graph) -> None:
    id, _ = await account(graph, "web.typed", "editor")
    over, title = await signed_in(graph, id), "期限の「見直し」<b>"
    form = {"form_token": sessions.form_token(over), "title": title, "of": ""}
    await sessions.leave(graph, over)
    kept = desk.post("/staff/drafts/new", data=form, headers=_cookie(over))
    assert kept.status_code == 403 and "期限の「見直し」&lt;b&gt;</textarea>" in kept.text
    assert form["form_token"] not in kept.text and kept.headers["cache-control"] == "no-store"
    again = {"title": title, "of": "", auth.SENT_AGAIN: "yes"}
    token = await signed_in(graph, id)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "none"}, {"Origin": "https://evil.example"}):
        assert desk.post("/staff/drafts/new", data=again, headers=_cookie(token) | headers).status_code == 403
    made = desk.post("/staff/drafts/new", data=again, headers=_cookie(token))
    assert made.status_code == 303 and made.headers["location"].endswith("done=forked")


async def test_a_strangers_form_is_not_kept_to_be_sent_by_somebody_else(desk: httpx.Client) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "none"}, {"Origin": "https://evil.example"}):
        answer = desk.post("/staff/drafts/new", data={"title": "悪"}, headers=headers)
        assert answer.status_code == 303 and "悪" not in answer.text
    password = desk.post("/staff/account/password", data={"password": "x", "new": "y", "again": "y"})
    assert password.status_code == 303, "a password is never shown"


async def test_nobody_ends_or_sees_the_sessions_of_others(desk: httpx.Client, graph: Graph) -> None:
    (mine, _), (theirs, _) = await account(graph, "web.mine"), await account(graph, "web.theirs")
    token, other = await signed_in(graph, mine), await signed_in(graph, theirs)
    session = (await sessions.of_person(graph, theirs))[0].id
    assert session not in desk.get("/staff/account", headers=_cookie(token)).text
    assert _post(desk, f"/staff/account/sessions/{session}", token).status_code == 404
    assert _post(desk, f"/staff/accounts/{theirs}/sessions/{session}", token).status_code == 403
    assert await who_is_in(graph, other) is not None
    admin, _ = await account(graph, "web.admin", "administrator")
    by = await signed_in(graph, admin)
    assert _post(desk, f"/staff/accounts/{mine}/sessions/{session}", by).status_code == 404, "it is not theirs"
    assert _post(desk, f"/staff/accounts/{theirs}/sessions/{session}", by).status_code == 303
    assert await who_is_in(graph, other) is None and await who_is_in(graph, token) is not None


async def test_what_somebody_may_not_do_is_not_offered_and_is_refused_in_words(
    desk: httpx.Client, graph: Graph
) -> None:
    id, _ = await account(graph, "web.reader", "analyst")
    token = await signed_in(graph, id)
    for page in ("/staff", "/staff/editions"):
        shown = desk.get(page, headers=_cookie(token))
        assert (
            shown.status_code == 200 and "新しい下書きを作る" not in shown.text and "/staff/accounts" not in shown.text
        )
    refused = desk.get("/staff/drafts/new", headers=_cookie(token))
    assert refused.status_code == 403 and "編集者の役割を持つ人に頼んでください" in refused.text


# One's own account


async def test_ones_own_password_and_sessions(desk: httpx.Client, graph: Graph, ways: SigningIn) -> None:
    one = await _somebody(graph, ways, "web.own")
    mine, other = await signed_in(graph, one.id), await signed_in(graph, one.id)
    page = desk.get("/staff/account", headers=_cookie(mine)).text
    assert "サインインしている画面　2件" in page and "この画面" in page and "残り10個" in page
    assert _post(desk, "/staff/account/sessions", mine).headers["location"] == "/staff/account?done=ended"
    assert await who_is_in(graph, other) is None
    for old, new, again, words in (
        ("wrong", "a longer password", "a longer password", "いまのパスワードが違います"),
        (PASSWORD, "short", "short", "12文字以上"),
        (PASSWORD, PASSWORD, PASSWORD, "違うパスワード"),
        (PASSWORD, "a longer password", "a longer passwort", "2回のパスワードが違います"),
    ):
        refused = _post(desk, "/staff/account/password", mine, password=old, new=new, again=again)
        assert refused.status_code == 422 and words in refused.text
    new = "a longer password"
    done = _post(desk, "/staff/account/password", mine, password=PASSWORD, new=new, again=new)
    assert done.headers["location"] == "/staff/account?done=password"
    renewed = _kept(done)
    assert renewed != mine and await who_is_in(graph, mine) is None
    assert "パスワードを変えました" in desk.get(done.headers["location"], headers=_cookie(renewed)).text


async def test_another_app_needs_the_password_too(desk: httpx.Client, graph: Graph, ways: SigningIn) -> None:
    one = await _somebody(graph, ways, "web.app")
    token = await signed_in(graph, one.id)
    page = desk.get("/staff/account/totp", headers=_cookie(token)).text
    secret = re.search(r'id="secret">([A-Z2-7 ]+)<', page)
    assert secret and secret[1].replace(" ", "") != one.app.secret
    app = pyotp.TOTP(secret[1].replace(" ", ""))
    refused = _post(desk, "/staff/account/totp", token, password="wrong", code=app.at(clock.now()))
    assert refused.status_code == 422 and "いまのパスワードが違います" in refused.text
    done = _post(desk, "/staff/account/totp", token, password=PASSWORD, code=app.at(clock.now()))
    assert done.status_code == 200 and "回復コード" in done.text
    begun = await SigningIn(graph, ways.vault, ways.life, ways.issuer).begin(one.sign_in, PASSWORD)
    old = _post(desk, "/staff/sign-in/code", begun.token, code=one.code(steps=1))
    assert old.status_code == 422
    assert (
        _post(desk, "/staff/sign-in/code", begun.token, code=app.at(clock.now(), counter_offset=1)).status_code == 303
    )


# Administrators


async def test_an_administrator_handles_accounts_and_each_first_password_is_shown_once(
    desk: httpx.Client, graph: Graph, capfd: pytest.CaptureFixture[str]
) -> None:
    admin, _ = await account(graph, "web.boss", "administrator")
    token = await signed_in(graph, admin)
    capfd.readouterr()
    refused = _post(desk, "/staff/accounts", token, name="総社 次郎", sign_in="スズキ")
    assert refused.status_code == 422 and "スズキ" in refused.text and "総社 次郎" in refused.text
    made = _post(desk, "/staff/accounts", token, name="総社 <b>次郎", sign_in="web.jiro", roles="editor")
    first = re.search(r'id="first">([a-z2-9-]{19})<', made.text)
    assert made.status_code == 200 and first and "総社 &lt;b&gt;次郎" in made.text and "<b>次郎" not in made.text
    assert first[1] not in desk.get("/staff/accounts", headers=_cookie(token)).text
    id = (await people.by_sign_in(graph, "web.jiro")).id
    at = f"/staff/accounts/{id}"
    assert _post(desk, at, token, name="総社 次郎", roles="approver").headers["location"] == f"{at}?done=describe"
    theirs = await signed_in(graph, id)
    assert _post(desk, f"{at}/act/end", token).status_code == 303 and await who_is_in(graph, theirs) is None
    for act, words in (("disable", "停止しました"), ("enable", "また使えるように")):
        done = _post(desk, f"{at}/act/{act}", token)
        assert words in desk.get(done.headers["location"], headers=_cookie(token)).text
    reset = _post(desk, f"{at}/act/reset", token)
    again = re.search(r'id="first">([a-z2-9-]{19})<', reset.text)
    assert again and again[1] != first[1]
    assert _post(desk, f"{at}/act/remove", token).headers["location"] == "/staff/accounts?done=remove"
    assert desk.get(at, headers=_cookie(token)).status_code == 404
    assert _post(desk, f"{at}/act/burn", token).status_code == 404
    written = "".join(capfd.readouterr())
    assert '"act": "add"' in written and id in written
    for secret in (first[1], again[1], token, "web.jiro", "次郎"):
        assert secret not in written


async def test_the_operator_makes_the_first_administrator(api: httpx.Client, graph: Graph) -> None:
    for one in await people.every(graph):
        await graph.write(lambda tx, id=one.id: tx.many(people.MODULE, "remove", id=id))  # type: ignore[misc]
    token = await sessions.open_session(graph, hours=1)
    here = {"Cookie": f"{auth.COOKIE}={token}"} | SAME
    assert "最初の管理者を作る" in api.get("/staff", headers=here).text
    form = {"form_token": sessions.form_token(token), "name": "管理 一郎", "sign_in": "first.admin"}
    made = api.post("/staff/accounts", data=form | {"roles": "administrator"}, headers=here)
    assert made.status_code == 200 and 'id="first"' in made.text
    assert "最初の管理者を作る" not in api.get("/staff", headers=here).text
    own = api.get("/staff/account", headers=here).text
    assert "運用者" in own and "パスワードを変える" not in own
    assert api.get("/staff/account/totp", headers=here).headers["location"] == "/staff/account"
    assert (await people.every(graph))[0].sign_in == "first.admin" and OPERATOR.name == "運用者"
    with clock.fixed(later(hours=2)):
        assert await who_is_in(graph, token) is None
