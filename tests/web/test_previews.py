"""Previews: the residents' pages on what is not public yet, for those who may look, and for nobody else."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, timedelta
from html import unescape
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from fastapi.routing import APIRoute

from service import clock
from service.accounts import sessions
from service.accounts.permissions import OPERATOR, Actor, Permission
from service.content.models import Content
from service.editions import preview_links
from service.editions.importing import import_content
from service.errors import Forbidden, InvalidRequest, NotFound
from service.settings import Settings
from service.store.graph import Graph
from service.web import previews
from service.web.residents import routes
from service.web.staff import auth
from tests.seed import seed
from tests.web.reading import form_token, hidden_fields
from tests.web.serving import publish, settled

pytestmark = pytest.mark.asyncio(loop_scope="session")

MARK = "試しの文"
TITLE = "9月の見直し<b>"
BAND = "下書きのプレビュー"
ANSWERS = "event=death&a=deceased-insurance:kokuho"
PAGES = (
    "/",
    "/?none=1",
    f"/guide?{ANSWERS}",
    "/guide?event=death&q=deceased-insurance",
    f"/review?{ANSWERS}",
    f"/result?{ANSWERS}&date=death:2026-11-20",
    f"/sheet?{ANSWERS}",
    f"/why?{ANSWERS}",
    f"/why/shibou?{ANSWERS}",
    "/procedures",
    "/procedures/tennyu",
    "/terms",
    "/search?q=年金",
    "/privacy",
    "/accessibility",
    "/procedures/rocket",
)
OWN_LINK = re.compile(r'\s(?:href|action|formaction|data-copy)="([^"]*)"')


def _edited(content: Content, *, mark: str = MARK) -> Content:
    """The content as an editor would leave it in a draft: every question and procedure says so."""
    return content.model_copy(
        update={
            "questions": [one.model_copy(update={"text": f"{one.text}{mark}"}) for one in content.questions],
            "procedures": [one.model_copy(update={"summary": f"{one.summary}{mark}"}) for one in content.procedures],
        }
    )


@pytest.fixture(scope="module")
def live(settings: Settings) -> int:
    """The number of the live edition."""
    return publish(settings, seed(), title="最初の版")


@pytest.fixture(scope="module")
def draft(settings: Settings, live: int, api: httpx.Client) -> int:
    """The number of a draft that differs from it everywhere."""
    settled(api, "/result?event=death")
    return publish(settings, _edited(seed()), title=TITLE, draft=True)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def staff(service: tuple[FastAPI, httpx.Client], graph: Graph) -> AsyncIterator[httpx.Client]:
    """A browser of staff."""
    token = await sessions.open_session(graph, hours=1)
    with _browser(service[1], {auth.COOKIE: token}) as client:
        yield client


@pytest.fixture
def visitor(service: tuple[FastAPI, httpx.Client]) -> Iterator[httpx.Client]:
    """A browser of somebody else."""
    with _browser(service[1]) as client:
        yield client


def _browser(client: httpx.Client, cookies: dict[str, str] | None = None) -> httpx.Client:
    return httpx.Client(base_url=client.base_url, cookies=cookies, trust_env=False, timeout=30)


def _links(page: httpx.Response) -> set[str]:
    return {unescape(one) for one in OWN_LINK.findall(page.text)}


# What a preview shows


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_is_the_drafts_is_marked_and_leads_on_inside(
    staff: httpx.Client, draft: int, path: str
) -> None:
    root = f"/preview/{draft}"
    page = staff.get(f"{root}{path}", follow_redirects=False)
    expected = {"/guide?event=death&q=deceased-insurance": 422, "/procedures/rocket": 404}.get(path, 200)
    assert page.status_code == expected
    assert f"<b>{BAND}</b> 第{draft}版「9月の見直し&lt;b&gt;」— 公開前の内容です" in page.text
    assert page.headers["cache-control"] == "private, no-store" and "noindex" in page.headers["x-robots-tag"]
    inside = {one for one in _links(page) if one.startswith("/") and not one.startswith("/static/")}
    assert inside and all(one.startswith(f"{root}/") for one in inside), inside
    assert not any(one.startswith(f"{root}{root}") for one in inside)


async def test_all_pages_of_residents_can_be_previewed() -> None:
    """Each of their addresses is among the pages above, or leads to one of them."""
    walked = {urlsplit(path).path for path in PAGES}
    every = [route for page in routes.PREVIEWED for route in page.router.routes]
    patterns = {route.path for route in every if isinstance(route, APIRoute)}
    rest = {one for one in patterns if not any(re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", one), path) for path in walked)}
    assert rest == {
        "/result.ics",
        "/e/{number}/{code}",
        "/e/{number}/{code}/sheet",
        "/code",
        "/windows/{key}",
        "/terms/{key}",
    }


async def test_a_household_is_guided_through_the_draft(staff: httpx.Client, api: httpx.Client, draft: int) -> None:
    root = f"/preview/{draft}"
    page = staff.get(f"{root}/guide?event=death", follow_redirects=True)
    assert MARK in page.text
    first = re.search(r'name="o" value="([^"]+)"', page.text)
    assert first
    onward = staff.get(f"{root}/guide", params=[*hidden_fields(page.text), ("o", first[1])])
    assert onward.status_code == 303 and onward.headers["location"].startswith(f"{root}/guide?event=death&a=")
    assert MARK in staff.get(onward.headers["location"]).text
    empty = staff.get(f"{root}/guide")
    assert (empty.status_code, empty.headers["location"]) == (303, f"{root}/?none=1")
    result = staff.get(f"{root}/result?{ANSWERS}")
    assert MARK in result.text and MARK not in api.get(f"/result?{ANSWERS}").text


async def test_codes_the_sheet_and_the_calendar_lead_back_into_the_preview(staff: httpx.Client, draft: int) -> None:
    root = f"/preview/{draft}"
    sheet = staff.get(f"{root}/sheet?{ANSWERS}")
    printed = re.search(rf"http://[^<\s]+{root}/e/{draft}/([A-Za-z0-9_-]+)", sheet.text)
    assert printed, "the printed address does not lead to the preview"
    typed = re.search(r'<span class="code">([^<]+)</span>', sheet.text)
    assert typed
    opened = staff.get(f"{root}/code", params={"code": typed[1]})
    assert opened.headers["location"] == f"{root}/e/{draft}/{printed[1]}"
    for address in (urlsplit(printed[0]).path, f"{urlsplit(printed[0]).path}/sheet"):
        page = staff.get(address)
        assert page.status_code == 200 and BAND in page.text
    days = staff.get(f"{root}/result.ics?{ANSWERS}&date=death:2026-11-20")
    assert days.status_code == 200
    assert f"{root}/procedures/" in days.text.replace("\r\n ", "")


async def test_other_editions_are_not_seen_through_a_preview(staff: httpx.Client, draft: int, live: int) -> None:
    code = re.search(r'<span class="code">\d+-([^<]+)</span>', staff.get(f"/result?{ANSWERS}").text)
    assert code
    assert staff.get(f"/preview/{draft}/e/{live}/{code[1].replace('-', '')}").status_code == 404
    assert staff.get(f"/preview/{draft}/result?{ANSWERS}&from={live}").status_code == 200


async def test_what_was_saved_a_moment_ago_is_seen_and_nothing_is_kept(
    staff: httpx.Client, service: tuple[FastAPI, httpx.Client], graph: Graph, draft: int
) -> None:
    """The name of a procedure, straight in the store: as a save of the editor would leave it."""
    state, root = service[0].state, f"/preview/{draft}"
    paths = (f"/result?{ANSWERS}", "/procedures/shibou", "/search?q=shibou-x", f"/why/shibou?{ANSWERS}", "/procedures")
    before = [
        len(state.pages),
        len(state.cards),
        len(state.guidance_service.guide._kept),
        len(state.guidance_service.catalogue._items),
    ]
    for name in ("死亡届・一", "死亡届・二"):
        await _rename(graph, draft, name=name)
        for path in paths:
            assert (name in staff.get(root + path).text) == ("search" not in path), path
        body = {"life_events": ["death"], "edition": draft}
        assert name in staff.post("/api/v1/guidance", json=body).text
    after = [
        len(state.pages),
        len(state.cards),
        len(state.guidance_service.guide._kept),
        len(state.guidance_service.catalogue._items),
    ]
    assert after == before, "a cache of the public guide holds something of a draft"


async def _rename(graph: Graph, edition: int, *, name: str) -> None:
    async with graph._driver.session() as session:
        query = "MATCH (n:Procedure {edition: $edition, key: 'shibou'}) SET n.name = $name RETURN n.key"
        result = await session.run(query, edition=edition, name=name)
        assert await result.single()


# Who may look


async def test_strangers_find_nothing_in_pages_and_api(visitor: httpx.Client, draft: int) -> None:
    never = draft + 1_000
    for path in ("", "/", "/enter", "/enter?token=guess", *PAGES):
        hidden, absent = visitor.get(f"/preview/{draft}{path}"), visitor.get(f"/preview/{never}{path}")
        assert hidden.status_code == absent.status_code == 404, path
        assert _same(hidden, draft) == _same(absent, never), "a draft is told from a number that was never given"
        assert TITLE not in hidden.text and BAND not in hidden.text
    for number in ("0", "-1", "x", str(2**53), "９"):
        assert visitor.get(f"/preview/{number}/").status_code == 404
    for path in ("/guidance", "/guidance/why"):
        answers = [
            visitor.post(f"/api/v1{path}", json={"life_events": ["death"], "procedure": "shibou", "edition": number})
            if path.endswith("why")
            else visitor.post(f"/api/v1{path}", json={"life_events": ["death"], "edition": number})
            for number in (draft, never)
        ]
        assert [one.status_code for one in answers] == [404, 404]
        assert _same(answers[0], draft) == _same(answers[1], never)
    for path in ("procedures", "questions", f"procedures/shibou?edition={draft}"):
        assert visitor.get(f"/api/v1/{path}", params={"edition": draft}).status_code == 404
    assert visitor.get(f"/api/v1/editions/{draft}/content").status_code == 404
    assert visitor.get(f"/e/{draft}/AAAA").status_code == 404


def _same(answer: httpx.Response, number: int) -> str:
    """The answer without its number and without the reference on an error page, which names the minute."""
    return re.sub(rf"404-\d{{4}}-\d{{4}}|(?<![0-9a-z]){number}(?![0-9a-z])", "", answer.text)


async def test_a_link_lets_its_holder_look(visitor: httpx.Client, graph: Graph, draft: int, live: int) -> None:
    token = await preview_links.issue(graph, edition=draft, days=3, by=OPERATOR, note="市民課に")
    root = f"/preview/{draft}"
    first = visitor.get(f"{root}/enter?token={token}")
    assert (first.status_code, first.headers["location"]) == (303, f"{root}/")
    kept = first.headers["set-cookie"].lower()
    assert f"path={root}/;" in kept and "httponly" in kept and "samesite=lax" in kept and "secure" not in kept
    assert 0 < int(re.findall(r"max-age=(\d+)", kept)[0]) <= 3 * 86_400
    page = visitor.get(f"{root}/guide?{ANSWERS}")
    assert page.status_code == 200 and BAND in page.text and token not in page.text
    for path in ("/staff", f"/staff/editions/{draft}/previews"):
        assert visitor.get(path).headers["location"].startswith("/staff/sign-in?")
    other = visitor.get(f"/preview/{live}/", headers={"Cookie": f"{previews.COOKIE}={token}"})
    assert other.status_code == 404, "a link opens its own edition"
    again = visitor.get(f"{root}/enter?token={token}")
    assert again.status_code == 303, "a link may be opened again until its time is over"


async def test_the_api_answers_on_a_draft_for_staff_and_holders_of_a_link(
    visitor: httpx.Client, staff: httpx.Client, graph: Graph, draft: int
) -> None:
    token = await preview_links.issue(graph, edition=draft, days=3, by=OPERATOR)
    body = {"life_events": ["death"], "edition": draft}
    ways = [
        visitor.post("/api/v1/guidance", json=body, headers={"Authorization": f"Bearer {token}"}),
        visitor.post("/api/v1/guidance", json=body, headers={"Cookie": f"{previews.COOKIE}={token}"}),
        staff.post("/api/v1/guidance", json=body),
        visitor.post("/api/v1/guidance", json=body, headers={"Authorization": f"Bearer {staff.cookies[auth.COOKIE]}"}),
    ]
    for answer in ways:
        assert answer.status_code == 200 and MARK in answer.text
        assert answer.json()["edition"]["number"] == draft and answer.headers["cache-control"] == "private, no-store"
    why = staff.post("/api/v1/guidance/why", json=body | {"procedure": "shibou"})
    assert why.status_code == 200 and why.json()["edition"]["number"] == draft
    wrong = visitor.post("/api/v1/guidance", json=body, headers={"Authorization": "Bearer guess"})
    assert wrong.status_code == 404


async def test_a_link_is_over_when_it_is_taken_back_or_its_days_are_over(
    visitor: httpx.Client, graph: Graph, draft: int
) -> None:
    root = f"/preview/{draft}/"
    token = await preview_links.issue(graph, edition=draft, days=3, by=OPERATOR)
    visitor.get(f"{root}enter?token={token}")
    assert visitor.get(root).status_code == 200
    with clock.fixed(clock.now() + timedelta(days=3)):
        assert visitor.get(root).status_code == 404
        assert visitor.get(f"{root}enter?token={token}").status_code == 404
    assert visitor.get(root).status_code == 200
    gone = await preview_links.revoke(graph, sessions.digest(token), edition=draft, by=OPERATOR)
    assert gone.revoked_by == OPERATOR.id
    assert visitor.get(root).status_code == 404, "who is in goes out"
    again = await preview_links.revoke(graph, sessions.digest(token), edition=draft, by=OPERATOR)
    assert again.revoked_at == gone.revoked_at


async def test_links_are_for_editors_within_bounds(graph: Graph, draft: int, live: int) -> None:
    reader = Actor("reader", frozenset({Permission.READ}))
    with pytest.raises(Forbidden):
        await preview_links.issue(graph, edition=draft, days=3, by=reader)
    with pytest.raises(Forbidden):
        await preview_links.revoke(graph, "any", edition=draft, by=reader)
    with pytest.raises(NotFound):
        await preview_links.revoke(graph, "unknown", edition=draft, by=OPERATOR)
    for days in (0, preview_links.MOST_DAYS + 1):
        with pytest.raises(InvalidRequest):
            await preview_links.issue(graph, edition=draft, days=days, by=OPERATOR)
    with pytest.raises(NotFound):
        await preview_links.issue(graph, edition=draft + 1_000, days=3, by=OPERATOR)
    with pytest.raises(preview_links.PreviewEnded):
        await preview_links.issue(graph, edition=live, days=3, by=OPERATOR)


async def test_links_over_for_long_are_forgotten(graph: Graph, draft: int) -> None:
    token = await preview_links.issue(graph, edition=draft, days=1, by=OPERATOR)
    assert sessions.digest(token) in {link.id for link in await preview_links.links(graph, draft)}
    with clock.fixed(clock.now() + timedelta(days=1) + preview_links.REMEMBERED):
        await preview_links.issue(graph, edition=draft, days=1, by=OPERATOR)
    assert sessions.digest(token) not in {link.id for link in await preview_links.links(graph, draft)}


# The page of the links


async def test_staff_make_list_and_take_back_links(staff: httpx.Client, visitor: httpx.Client, draft: int) -> None:
    address = f"/staff/editions/{draft}/previews"
    sent = {"form_token": form_token(staff.get(address)), "days": "2", "note": "広報<1>"}
    made = staff.post(address, data=sent)
    assert made.status_code == 200 and "広報&lt;1&gt;" in made.text and made.headers["cache-control"] == "no-store"
    link = re.search(r'value="(http://[^"]+/enter\?token=([^"]+))"', made.text)
    assert link
    assert "この機械の中でだけ開けます" in made.text
    assert visitor.get(link[1]).status_code == 303
    shown = staff.get(address)
    assert link[2] not in shown.text, "a token is shown once"
    revoke = re.search(r'action="(/staff/editions/\d+/previews/[0-9a-f]{64}/revoke)"', shown.text)
    assert revoke
    first = len(re.findall("使えます", shown.text))
    assert staff.post(revoke[1], data={"form_token": "0" * 64}).status_code == 403
    assert staff.post(revoke[1], data=sent, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert staff.post(revoke[1], data=sent).status_code == 303
    assert len(re.findall("使えます", staff.get(address).text)) == first - 1
    assert visitor.post(address, data=sent).headers["location"].startswith("/staff/sign-in?")
    for days in ("0", "91", "x", "", "９９"):
        page = staff.post(address, data=sent | {"days": days})
        assert page.status_code == 422 and "1 から 90 までの数で" in page.text, days
        assert 'value="広報&lt;1&gt;"' in page.text and f'name="days" value="{days}"' in page.text, (
            "what was typed stays"
        )


# How a preview ends


async def test_publishing_ends_the_preview_and_only_staff_are_told(
    staff: httpx.Client, visitor: httpx.Client, graph: Graph, live: int
) -> None:
    content = _edited(seed(), mark="終わる下書き")
    number = (await import_content(graph, content, publish=False, title="終わる下書き")).edition.number
    token = await preview_links.issue(graph, edition=number, days=3, by=OPERATOR)
    visitor.get(f"/preview/{number}/enter?token={token}")
    for path in ("/", f"/result?{ANSWERS}"):
        assert visitor.get(f"/preview/{number}{path}").status_code == 200
    for state, scheduled, status in (
        ("published", True, 200),
        ("withdrawn", True, 404),
        ("discarded", False, 404),
        ("published", False, 404),
    ):
        await _become(graph, number, state=state, scheduled=scheduled)
        page = visitor.get(f"/preview/{number}/")
        assert page.status_code == status, state
        told = staff.get(f"/preview/{number}/")
        if status == 200:
            assert "予約された版のプレビュー" in page.text and "に公開）" in page.text
            continue
        assert told.status_code == 410 and "プレビューは終わりました" in told.text, state
        assert visitor.get(f"/preview/{number}/enter?token={token}").status_code == 404
        assert staff.get(f"/staff/editions/{number}/previews").status_code == 410
    await _become(graph, number, state="discarded", scheduled=False)
    body = {"life_events": ["death"], "edition": number}
    ended = staff.post("/api/v1/guidance", json=body)
    assert (ended.status_code, ended.json()["error"]["code"]) == (410, "preview_ended")
    assert visitor.post("/api/v1/guidance", json=body, headers={"Authorization": f"Bearer {token}"}).status_code == 404


async def _become(graph: Graph, number: int, *, state: str, scheduled: bool) -> None:
    """The edition as publishing, scheduling, withdrawing or discarding would leave it, far in the past if not due."""
    async with graph._driver.session() as session:
        await session.run(
            "MATCH (n:Edition {number: $number}) SET n.state = $state, n.scheduled = $scheduled, n.published_at = $at",
            number=number,
            state=state,
            scheduled=scheduled,
            at=(clock.now() + timedelta(days=10 if scheduled else -10_000)).astimezone(UTC),
        )


# Logs


async def test_no_token_is_logged(
    visitor: httpx.Client, graph: Graph, draft: int, capfd: pytest.CaptureFixture[str]
) -> None:
    token = await preview_links.issue(graph, edition=draft, days=3, by=OPERATOR)
    capfd.readouterr()
    visitor.get(f"/preview/{draft}/enter?token={token}")
    visitor.get(f"/preview/{draft}/result?{ANSWERS}")
    await asyncio.sleep(0.5)  # a line is written once its answer is out
    written = "".join(capfd.readouterr())
    assert written.count('"event": "request"') == 2 and token not in written and "deceased" not in written
