"""Garbage in every hidden field of every form: a page in the design that says so, nothing done, never a 500.

The forms are read out of the pages that a visitor and an official find by following links, so that a new one is tried
without being named here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Match

from service import clock
from service.accounts import sessions
from service.accounts.permissions import OPERATOR
from service.content.loading import read_plain
from service.content.models import Edition
from service.content.patches import Item
from service.editions import drafts, edits, importing, publishing
from service.editions.edits import Saved
from service.errors import Unavailable
from service.settings import ROOT, Settings
from service.store import editions
from service.store.graph import Graph
from service.web.staff import auth
from tests.web.serving import served, settled
from tests.web.test_edition_pages import CONTENT

PLANNED_WITHIN = 6
A_KIND = 3
"""So many addresses of one route are opened: a draft and a scheduled edition have other forms than a public one."""
GARBAGE: dict[str, str | None] = {
    "words": "でたらめ",
    "number": "-1",
    "digits": "9" * 400,
    "long": "k" * 20_000,
    "control characters": "a\x00\x07\x1b",
    "markup": "<script>alert(1)</script>",
    "missing": None,
}
FREE = {"note"}
"""Text that a person typed: any words are right there."""
FEWER = {"a"}
"""Fields of which there may be fewer: a household may have said less."""


@dataclass
class PageForm:
    """A form as a page shows it: the fields that it would send as it stands, and which of them are hidden."""

    page: str
    method: str
    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)

    @property
    def shape(self) -> tuple[str, str, tuple[str, ...]]:
        """What makes it the same form on another page."""
        return self.method, self.action, tuple(sorted(self.hidden))


class Reader(HTMLParser):
    """The links and the forms of a page."""

    def __init__(self, page: str, text: str) -> None:
        super().__init__()
        self.page = page
        self.links: list[str] = []
        self.forms: list[PageForm] = []
        self._form: PageForm | None = None
        self._select = self._area = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes a link, a form or a field of one."""
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(urljoin(self.page, given["href"]))
        elif tag == "form":
            action = urljoin(self.page, given.get("action", self.page))
            self._form = PageForm(self.page, given.get("method", "get"), action)
            self.forms.append(self._form)
        elif self._form is not None and tag in {"input", "select", "textarea", "option"}:
            self._field(self._form, tag, given)

    def _field(self, form: PageForm, tag: str, given: dict[str, str]) -> None:
        name, value, kind = given.get("name", ""), given.get("value", ""), given.get("type", "text")
        if tag == "select":
            self._select = name
        elif tag == "textarea":
            self._area = name
        elif tag == "option":
            if self._select and ("selected" in given or self._select not in dict(form.fields)):
                form.fields = [pair for pair in form.fields if pair[0] != self._select] + [(self._select, value)]
        elif name and (kind not in {"radio", "checkbox"} or "checked" in given):
            form.fields.append((name, value))
            if kind == "hidden":
                form.hidden.add(name)

    def handle_data(self, data: str) -> None:
        """The text of a text area."""
        if self._area and self._form is not None:
            self._form.fields.append((self._area, data.removeprefix("\n")))
            self._area = ""

    def handle_endtag(self, tag: str) -> None:
        """The end of a form."""
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""


async def _put(graph: Graph, draft: Edition, key: str, **fields: Any) -> Saved:
    found, revision = await edits.item(graph.latest, draft.number, key=key)
    assert found and revision
    item = Item(found.kind, found.fields | fields)
    return await edits.change(graph, draft.number, by=OPERATOR, put=[item], revisions={key: revision})


async def _scheduled(graph: Graph, fee: str, days: int) -> Edition:
    at = clock.now() + timedelta(days=days)
    draft = await drafts.fork(graph, None, title=f"予約 {days}", by=OPERATOR)
    before = await editions.live(graph.latest, at=at)
    if before and before.number != draft.base:
        await drafts.merge(graph, draft.number, onto=before.number, by=OPERATOR)
    draft = (await _put(graph, draft, "todoke", fee=fee)).edition
    for _ in range(PLANNED_WITHIN):
        with suppress(Unavailable):  # a busy machine takes long to plan what the checks ask
            return await publishing.publish(graph, draft.number, by=OPERATOR, seen=draft.content_hash, at=at)
    raise AssertionError("the checks of an edition were never planned")


@dataclass(frozen=True)
class Prepared:
    """What the pages are about: a draft in conflict with two schedules (`first` of them), one that has to be merged,
    and one in which the ends of the change `seq` are gone."""

    draft: Edition
    stale: Edition
    lost: Edition
    first: Edition
    seq: int


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def first_edition(graph: Graph) -> Edition:
    """The small content is live, nothing waits, no draft is open."""
    while waiting := await editions.waiting(graph.latest):
        await publishing.withdraw(graph, waiting[-1].number, by=OPERATOR)
    for draft in await editions.drafts(graph.latest):
        await drafts.discard(graph, draft.number, by=OPERATOR)
    return (await importing.import_content(graph, read_plain(CONTENT), publish=True, title="前の版")).edition


@pytest.fixture(scope="module")
def running(settings: Settings, first_edition: Edition) -> Iterator[tuple[FastAPI, httpx.Client]]:
    """The service, warm: nothing below is refused because the database was still planning."""
    with served(settings) as running:
        for path in ("/guide?event=move", "/result?event=move", "/why/todoke?event=move"):
            settled(running[1], path)
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def prepared(graph: Graph, running: tuple[FastAPI, httpx.Client]) -> Prepared:
    """One edition of every standing, and what leads to the forms that only a refusal shows."""
    terms = [{"key": "term", "term": "転入", "meaning": "よそから越して来ることです。"}]
    stale = await drafts.fork(graph, None, title="合流の要る下書き", by=OPERATOR)
    await _put(graph, stale, "teate", note="こちら")
    content = read_plain(CONTENT | {"terms": terms})
    procedures = [
        one.model_copy(update={"note": "あちら"}) if one.key == "teate" else one for one in content.procedures
    ]
    content = content.model_copy(update={"procedures": procedures})
    await importing.import_content(graph, content, publish=True, title="いまの版")
    first = await _scheduled(graph, "100円", 30)
    await _scheduled(graph, "200円", 60)
    lost = await drafts.fork(graph, None, title="つながりの切れた下書き", by=OPERATOR)
    seq = 0
    for key in ("if-family", "teate"):
        _, revision = await edits.item(graph.latest, lost.number, key=key)
        removed = await edits.change(
            graph, lost.number, by=OPERATOR, remove=[key], revisions={key: revision or 0}, detach=True
        )
        seq = seq or removed.seq or 0
    draft = await drafts.fork(graph, None, title="予約とぶつかる下書き", by=OPERATOR)
    draft = (await _put(graph, draft, "todoke", fee="300円")).edition
    return Prepared(draft, stale, lost, first, seq)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def staff(running: tuple[FastAPI, httpx.Client], graph: Graph) -> AsyncIterator[httpx.Client]:
    """A browser of the operator."""
    token = await sessions.open_session(graph, hours=1)
    cookies = {auth.COOKIE: token}
    with httpx.Client(base_url=running[1].base_url, cookies=cookies, trust_env=False, timeout=120) as client:
        settled(client, "/staff")
        yield client


def _route(app: FastAPI, address: str) -> str | None:
    """The route that a page of this site is one of."""
    parts = urlsplit(address)
    if parts.netloc or not parts.path.startswith("/") or parts.path.startswith(("/api/", "/static/")):
        return None
    scope = {"type": "http", "method": "GET", "path": parts.path, "root_path": ""}
    for route in app.routes:
        if isinstance(route, APIRoute) and route.matches(scope)[0] is Match.FULL:
            return route.path
    return None


def _found(app: FastAPI, client: httpx.Client, starts: list[str]) -> list[PageForm]:
    """The forms of the pages that links and forms without consequences lead to, each form once."""
    forms: dict[object, PageForm] = {}
    opened: dict[str, int] = {}
    left, seen = list(starts), set(starts)
    while left:
        address = left.pop(0)
        route = _route(app, address)
        if route is None or (address not in starts and opened.get(route, 0) >= A_KIND):
            continue
        opened[route] = opened.get(route, 0) + 1
        page = client.get(address, follow_redirects=True)
        if "text/html" not in page.headers.get("content-type", ""):
            continue
        reader = Reader(page.url.raw_path.decode(), page.text)
        for form in reader.forms:
            forms.setdefault((_route(app, form.action) or form.action, form.method, *form.shape[2]), form)
        asked = [f"{form.action}?{urlencode(form.fields)}" for form in reader.forms if form.method == "get"]
        fresh = [link for link in dict.fromkeys((*asked, *reader.links)) if link not in seen]
        seen.update(fresh)
        left += fresh
    return list(forms.values())


@pytest.fixture(scope="module")
def forms(running: tuple[FastAPI, httpx.Client], staff: httpx.Client, prepared: Prepared) -> list[PageForm]:
    """Every form: those that links lead to, and those of a publication and a restoration that were refused."""
    number = prepared.draft.number
    at = f"/staff/editions/{number}"
    starts = ["/", "/guide?event=move", "/review?event=move&a=who:alone", "/staff", f"{at}/publish", "/staff/editions"]
    starts += [f"/staff/history/{prepared.seq}", f"{at}/new-scenario?event=move&a=who:alone", "/staff/enter?token=x"]
    starts += [f"/staff/editions/{prepared.stale.number}/merge"]
    starts += [f"{at}/graph/todoke", f"{at}/graph/todoke/connect?way=own.procedures.needs", f"{at}/graph/mado/connect"]
    starts += [f"{at}/graph/if-family/connect?way=own.conditions.requires"]
    found = _found(running[0], staff, starts)
    form = next(form for form in found if form.action == f"{at}/publish")
    sent = dict(form.fields) | {f"decide-{prepared.first.number}/todoke": "theirs"}
    refused = staff.post(form.action, data=sent)
    assert refused.status_code == 409, refused.text
    lost = {"draft": str(prepared.lost.number), "key": "if-family", "side": "before", "form_token": sent["form_token"]}
    broken = staff.post(f"/staff/history/{prepared.seq}", data=lost)
    assert broken.status_code == 422, broken.text
    table = f"{at}/table/move"
    rows = [staff.post(table, data={**sent, "do": do}) for do in ("edit:if-family", "remove:if-family")]
    outside = httpx.get(staff.base_url.join("/staff/sign-in?next=/staff"), trust_env=False, timeout=120)
    for page in (refused, broken, *rows, outside):
        found += Reader(page.url.raw_path.decode(), page.text).forms
    return list({form.shape: form for form in found}.values())


def _in_the_design(answer: httpx.Response) -> None:
    assert "text/html" in answer.headers["content-type"], answer.text[:200]
    assert "<h1>" in answer.text and 'rel="stylesheet"' in answer.text
    for inner in ("Traceback", "neo4j", "Exception", "<script>alert"):
        assert inner not in answer.text


def _sent(client: httpx.Client, form: PageForm, fields: list[tuple[str, str]]) -> httpx.Response:
    named: dict[str, list[str]] = {}
    for name, value in fields:
        named.setdefault(name, []).append(value)
    if form.method == "post":
        return client.post(form.action, data=named, follow_redirects=False)
    return client.get(form.action, params=named, follow_redirects=True)


def _spoilt(form: PageForm, name: str, value: str | None) -> list[tuple[str, str]]:
    """The fields with another value, or without the field."""
    if value is None:
        return [pair for pair in form.fields if pair[0] != name]
    return [(each, value if each == name else kept) for each, kept in form.fields]


def test_every_hidden_field_of_the_templates_is_reached(forms: list[PageForm]) -> None:
    """A form that no link leads to has to be led to above."""
    named = {name for form in forms for name in form.hidden}
    written = set()
    for template in sorted((ROOT / "web/templates").rglob("*.html")):
        for form in Reader("/", template.read_text(encoding="utf-8")).forms:
            written |= {name for name in form.hidden if "{" not in name}
    assert {"seen", "revision", "of", "onto", "key", "detach", "token", "q"} <= written
    assert written <= named, written - named
    assert any(name.startswith("decide-") for name in named)
    assert {"event", "a"} <= named


def test_garbage_in_forms_of_staff_is_refused_with_a_page(staff: httpx.Client, forms: list[PageForm]) -> None:
    tried = 0
    for form in forms:
        for name in sorted(form.hidden) if form.method == "post" else ():
            for kind, value in GARBAGE.items():
                is_free = name in FREE and kind not in {"long", "control characters"}
                if is_free or (name in FEWER and value is None) or (value or "") == dict(form.fields)[name]:
                    continue
                answer = _sent(staff, form, _spoilt(form, name, value))
                assert 400 <= answer.status_code < 500, (form.page, form.action, name, kind, answer.status_code)
                _in_the_design(answer)
                tried += 1
    assert tried > 100


def test_garbage_in_forms_of_residents_is_answered_with_a_page(staff: httpx.Client, forms: list[PageForm]) -> None:
    """What an address says and nobody knows is left out, by its contract; where nothing is left, that is said."""
    tried = 0
    for form in forms:
        for name in sorted(form.hidden) if form.method == "get" else ():
            for kind, value in GARBAGE.items():
                answer = _sent(staff, form, _spoilt(form, name, value))
                assert answer.status_code < 500, (form.page, form.action, name, kind, answer.status_code)
                _in_the_design(answer)
                if name == "event" and value is not None:
                    assert answer.status_code == 404, (form.page, kind)
                tried += 1
    assert tried > 20
