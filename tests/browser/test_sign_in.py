"""Signing in by clicking and typing, without scripts; and every page of accounts at every width."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from service import clock
from service.accounts import people, sessions, vault
from service.accounts.permissions import OPERATOR
from service.accounts.sessions import Lifetime
from service.accounts.signing_in import SigningIn
from service.accounts.vault import Vault
from service.runtime.embedded import external
from service.settings import Settings
from service.store.graph import Graph
from service.web.staff import auth
from tests.browser.conftest import WAITS_MS, Site
from tests.browser.residents import path
from tests.browser.staff import SLOW_MS
from tests.browser.test_previews import _pictured, _quiet
from tests.staff import PASSWORD, account, person, signed_in

LIFE = Lifetime(timedelta(hours=10), timedelta(minutes=60))


@dataclass(frozen=True)
class Prepared:
    """A one-time link, and sessions by name: of an administrator, an editor, and of people on their way in."""

    link: str
    stages: dict[str, str]
    somebody: str


@pytest.fixture(scope="module", autouse=True)
def prepared(settings: Settings, site: Site) -> Prepared:
    """Made before the browser starts: beside playwright no event loop may run."""
    return asyncio.run(_prepare(settings))


async def _prepare(settings: Settings) -> Prepared:
    graph = Graph.open(external(settings))
    try:
        link = await sessions.invite(graph, minutes=60)
        ways = SigningIn(graph, Vault(settings.data_dir / vault.FILE), LIFE, issuer="総社市 職員用")
        boss = await person(ways, "kanri.ichiro", "administrator", "analyst", name="管理 一郎")
        new, _ = await account(graph, "shoukai.mei", "editor", "approver", name="紹介 芽衣")
        closed, _ = await account(graph, "teishi.chuu", "editor", name="停止 忠")
        await people.set_disabled(graph, closed, disabled=True, by=OPERATOR)
        stages = {stage: await signed_in(graph, new, stage=stage) for stage in ("password", "totp", "code")}
        await signed_in(graph, boss.id)
        stages |= {"in": await signed_in(graph, boss.id), "editing": await signed_in(graph, new)}
        return Prepared(link, stages, new)
    finally:
        await graph.close()


@pytest.fixture(autouse=True)
def still() -> Iterator[None]:
    """The clock stands still, in the service too: codes and waits do not depend on how busy the machine is."""
    with clock.fixed(clock.now()):
        yield


@pytest.fixture
def desk(browser: Browser, site: Site) -> Iterator[Page]:
    """A tab of somebody else's browser, without scripts too."""
    with browser.new_context(base_url=site.url, java_script_enabled=False, locale="ja-JP") as context:
        context.set_default_timeout(SLOW_MS)
        yield context.new_page()


def _typed(page: Page, sign_in: str, password: str) -> None:
    page.get_by_label("サインイン名").fill(sign_in)
    page.get_by_label("パスワード", exact=True).fill(password)
    page.get_by_role("button", name="次へ").click()


def test_from_the_one_time_link_to_a_second_sign_in_without_scripts(
    plain: Page, desk: Page, site: Site, prepared: Prepared
) -> None:
    """The operator makes an account; its person signs in at a desk, out, and in again; is made somebody else."""
    plain.goto(f"/staff/enter?token={prepared.link}")
    plain.get_by_role("button", name="職員用の画面に入る").click()
    plain.get_by_role("link", name="アカウント", exact=True).click()
    plain.get_by_label("名前", exact=True).fill("総社 花子")
    plain.get_by_label("サインイン名").fill("hanako.soja")
    plain.get_by_role("checkbox", name="編集者").check()
    plain.get_by_role("button", name="アカウントを作る").click()
    first = plain.locator("#first").inner_text()

    desk.goto("/staff/history")
    assert path(desk) == "/staff/sign-in"
    _typed(desk, "hanako.soja", "まちがい")
    expect(desk.get_by_role("alert")).to_contain_text("サインイン名かパスワードが違います")
    _typed(desk, "hanako.soja", first)
    desk.get_by_label("新しいパスワード", exact=True).fill(PASSWORD)
    desk.get_by_label("新しいパスワード（もう一度）").fill(PASSWORD)
    desk.get_by_role("button", name="パスワードを変えて").click()
    app = pyotp.TOTP(desk.locator("#secret").inner_text().replace(" ", ""))
    expect(desk.get_by_role("img", name="2次元コード")).to_be_visible()
    desk.get_by_label("6けたの数字").fill(app.at(clock.now()))
    desk.get_by_role("button", name="このアプリを使う").click()
    assert desk.locator(".recovery li").count() == 10
    recovery = desk.locator(".recovery li").first.inner_text()
    desk.get_by_role("link", name="控えたので").click()
    assert path(desk) == "/staff/history"
    expect(desk.get_by_role("banner")).to_contain_text("総社 花子")
    assert desk.get_by_role("link", name="アカウント", exact=True).count() == 0

    desk.get_by_role("button", name="サインアウト").click()
    desk.goto("/staff")
    _typed(desk, "hanako.soja", PASSWORD)
    desk.get_by_label("6けたの数字").fill("000 000")
    desk.get_by_role("button", name="サインインする").click()
    expect(desk.get_by_role("alert")).to_contain_text("コードが違う")
    desk.get_by_label("6けたの数字").fill(recovery)
    desk.get_by_role("button", name="サインインする").click()
    assert path(desk) == "/staff"
    desk.get_by_role("link", name="自分のアカウント").click()
    expect(desk.get_by_role("main")).to_contain_text("残り9個")

    plain.goto("/staff/accounts")
    plain.get_by_role("link", name="総社 花子").click()
    plain.get_by_role("button", name="停止する").click()
    expect(plain.get_by_role("status")).to_contain_text("停止しました")
    desk.goto("/staff")
    assert path(desk) == "/staff/sign-in"


def test_the_pages_on_the_way_in_at_every_width(page: Page, site: Site, prepared: Prepared) -> None:
    page.set_default_timeout(max(WAITS_MS, SLOW_MS))
    with _quiet(page, site):
        page.goto("/staff/sign-in?next=/staff/history")
        _pictured(page, "accounts-sign-in")
        for stage in ("password", "totp", "code"):
            _cookie(page, site, prepared.stages[stage])
            page.goto(f"/staff/sign-in/{stage}")
            assert path(page) == f"/staff/sign-in/{stage}"
            _pictured(page, f"accounts-{stage}")
        _cookie(page, site, prepared.stages["totp"])
        page.goto("/staff/sign-in/totp")
        app = pyotp.TOTP(page.locator("#secret").inner_text().replace(" ", ""))
        page.get_by_label("6けたの数字").fill(app.at(clock.now()))
        page.get_by_role("button", name="このアプリを使う").click()
        _pictured(page, "accounts-recovery")
    page.context.clear_cookies()
    page.goto("/staff/sign-in")
    _typed(page, "kanri.ichiro", "まちがい")
    _pictured(page, "accounts-sign-in-wrong")


def test_the_pages_of_accounts_at_every_width(page: Page, site: Site, prepared: Prepared) -> None:
    page.set_default_timeout(max(WAITS_MS, SLOW_MS))
    _cookie(page, site, prepared.stages["in"])
    with _quiet(page, site):
        for name, address in (
            ("own", "/staff/account"),
            ("own-app", "/staff/account/totp"),
            ("all", "/staff/accounts"),
            ("person", f"/staff/accounts/{prepared.somebody}"),
        ):
            page.goto(address)
            assert path(page) == address
            _pictured(page, f"accounts-{name}")
        page.goto("/staff/accounts")
        page.get_by_label("名前", exact=True).fill("新しい 人")
        page.get_by_label("サインイン名").fill("atarashii.hito")
        page.get_by_role("checkbox", name="分析者").check()
        page.get_by_role("button", name="アカウントを作る").click()
        expect(page.locator("#first")).to_be_visible()
        _pictured(page, "accounts-made")
    page.get_by_label("サインイン名").fill("atarashii.hito")
    page.get_by_label("名前", exact=True).fill("同じ 名")
    page.get_by_role("button", name="アカウントを作る").click()
    expect(page.get_by_role("alert")).to_contain_text("役割を、一つ以上")
    _pictured(page, "accounts-wrong")


def test_a_form_outlives_its_session(page: Page, site: Site, prepared: Prepared) -> None:
    """What was typed is sent again by who has signed in anew meanwhile."""
    page.set_default_timeout(SLOW_MS)
    _cookie(page, site, prepared.stages["editing"])
    page.goto("/staff/drafts/new")
    page.get_by_label("下書きの名前").fill("夜のあいだも残る")
    page.context.clear_cookies()
    page.get_by_role("button", name="下書きを作る").click()
    expect(page.get_by_role("heading", name="サインインが終わっていました")).to_be_visible()
    _pictured(page, "accounts-signed-out")
    _cookie(page, site, prepared.stages["editing"])
    page.get_by_role("button", name="もう一度送る").click()
    expect(page.get_by_role("status")).to_contain_text("下書きを作りました")
    expect(page.get_by_role("main")).to_contain_text("夜のあいだも残る")


def _cookie(page: Page, site: Site, token: str) -> None:
    page.context.clear_cookies()
    page.context.add_cookies([{"name": auth.COOKIE, "value": token, "url": site.url, "httpOnly": True}])
