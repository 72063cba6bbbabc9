"""Editions that have left the graph: told to programs, kept for who has their number on paper."""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from html import unescape
from typing import TypeVar

import httpx
import pytest
from fastapi import FastAPI

from service.accounts.permissions import OPERATOR
from service.caching import PROCESS
from service.cli.guide import guidance_body
from service.content.canonical import canonical, content_hash
from service.content.models import Content
from service.editions import archive, importing
from service.errors import Archived
from service.guidance.answers import RawQuery
from service.runtime.embedded import external
from service.settings import Settings
from service.store import archive_documents, editions
from service.store.catalogue import Catalogue
from service.store.graph import Graph
from tests.seed import small
from tests.web.reading import cards_of
from tests.web.serving import publish, served, settled

Result = TypeVar("Result")

SAID = "event=death&a=deceased-head:yes-two&a=deceased-insurance:kokuho"
HOUSEHOLD = {
    "life_events": ["death"],
    "answers": [{"question": "deceased-insurance", "options": ["deceased-insurance/kokuho"]}],
}
STALE_AT_MOST = 1.0


def _old(number: int) -> Content:
    """The content with one question that asks otherwise, and something of its own in every run."""
    content = small("death")
    questions = [
        one.model_copy(update={"text": f"{one.text}（前）"}) if one.key == "deceased-head" else one
        for one in content.questions
    ]
    terms = [one.model_copy(update={"meaning": f"{one.meaning}（前{number}）"}) for one in content.terms]
    return content.model_copy(update={"questions": questions, "terms": terms})


def _done(settings: Settings, work: Callable[[Graph], Awaitable[Result]]) -> Result:
    """What `work` returns on the store, as another process does it."""

    async def run() -> Result:
        graph = Graph.open(external(settings))
        try:
            return await work(graph)
        finally:
            await graph.close()

    return asyncio.run(run())


def _archive(settings: Settings, number: int) -> None:
    _done(settings, lambda graph: archive.archive(graph, number, by=OPERATOR))


@pytest.fixture(scope="module")
def site(service: tuple[FastAPI, httpx.Client]) -> httpx.Client:
    return service[1]


@pytest.fixture
def old(settings: Settings, site: httpx.Client, request: pytest.FixtureRequest) -> Iterator[int]:
    """The number of an edition that was live until a moment ago."""
    number = publish(settings, _old(id(request)), title="前の版")
    time.sleep(STALE_AT_MOST)
    settled(site, f"/result?{SAID}")
    yield number
    publish(settings, small("death"), title="最初の版")


def _printed(site: httpx.Client, number: int) -> str:
    """The address that is printed on the sheet of what was said."""
    found = re.search(rf"/e/{number}/[0-9A-Z]+", site.get(f"/sheet?{SAID}").text)
    assert found
    return found[0]


def _newer(settings: Settings) -> int:
    number = publish(settings, small("death"), title="いまの版")
    time.sleep(STALE_AT_MOST)
    return number


def test_programs_are_told_what_to_do_and_still_read_the_content(
    site: httpx.Client, settings: Settings, old: int
) -> None:
    body = site.get(f"/api/v1/editions/{old}/content").content
    _newer(settings)
    asked = HOUSEHOLD | {"edition": old}
    assert site.post("/api/v1/guidance", json=asked).status_code == 200
    _archive(settings, old)
    for path, sent in (("guidance", asked), ("guidance/why", asked | {"procedure": "shibou"})):
        refused = site.post(f"/api/v1/{path}", json=sent)
        assert refused.status_code == 410
        error = refused.json()["error"]
        assert (error["code"], error["where"]) == ("archived", "/edition")
        assert "いまの版で案内します" in error["message"] and f"/api/v1/editions/{old}/content" in error["message"]
    assert site.get(f"/api/v1/procedures?edition={old}").status_code == 410
    assert site.get(f"/api/v1/procedures/shibou?edition={old}").status_code == 410
    content = site.get(f"/api/v1/editions/{old}/content")
    assert (content.status_code, content.content) == (200, body)
    assert content.headers["Edition-Number"] == str(old)
    assert content.headers["Edition-Hash"] == hashlib.sha256(body).hexdigest()
    told = {one["number"]: one["live"] for one in site.get("/api/v1/editions").json()["items"]}
    assert told[old] is False


def test_the_content_of_one_that_was_never_asked_for_before(site: httpx.Client, settings: Settings, old: int) -> None:
    _newer(settings)
    _archive(settings, old)
    with served(settings) as (_, fresh):
        content = settled(fresh, f"/api/v1/editions/{old}/content")
    assert hashlib.sha256(content.content).hexdigest() == content.headers["Edition-Hash"]


def test_a_printed_code_is_read_as_it_was_printed_and_guided_on_todays(
    site: httpx.Client, settings: Settings, old: int
) -> None:
    printed = _printed(site, old)
    now = _newer(settings)
    assert f"これは第{old}版" in site.get(printed).text, "as long as it is there, it is shown"
    _archive(settings, old)
    page = site.get(printed)
    assert page.status_code == 200
    assert f"第{old}版" in page.text and "前の案内はもう表示できないため" in page.text
    assert "質問が新しくなったので、もう一度おたずねします" in page.text, "the changed question is asked again"
    assert f"第{now}版によるものです" in page.text
    assert cards_of(page) == cards_of(site.get("/result?event=death&a=deceased-insurance:kokuho"))
    onward = re.search(r'href="(/guide[^"]+)">続きの質問に答える', page.text)
    assert onward and f"from={now}-" in onward[1]
    question = site.get(unescape(onward[1]))
    assert question.status_code == 200 and "deceased-insurance:kokuho" in question.text
    sheet = site.get(f"{printed}/sheet")
    assert "前の案内はもう表示できないため" in sheet.text
    assert f"/e/{now}/" in sheet.text and f"/e/{old}/" not in sheet.text, "what is printed now is today's"


def test_a_wrong_code_of_an_archived_edition_opens_nothing(site: httpx.Client, settings: Settings, old: int) -> None:
    printed = _printed(site, old)
    _newer(settings)
    _archive(settings, old)
    assert site.get(printed[:-3] + "000").status_code == 404
    assert site.get(f"{printed}/sheet").status_code == 200


def test_answers_that_were_begun_on_it_are_carried_over(site: httpx.Client, settings: Settings, old: int) -> None:
    found = re.search(rf'name="from" value="({old}-[0-9a-f]{{8}})"', site.get(f"/guide?{SAID}").text)
    assert found
    began = found[1]
    _newer(settings)
    _archive(settings, old)
    page = site.get(f"/result?{SAID}&from={began}")
    assert page.status_code == 200 and "案内の内容が新しくなりました" in page.text
    assert "質問が新しくなったので、もう一度おたずねします" in page.text
    assert "この一覧から外れた手続き" not in page.text, "the older list is not known any more"


def test_one_that_is_brought_back_answers_again(site: httpx.Client, settings: Settings, old: int) -> None:
    asked, printed = HOUSEHOLD | {"edition": old}, _printed(site, old)
    _newer(settings)
    before = site.post("/api/v1/guidance", json=asked)
    _archive(settings, old)
    assert site.post("/api/v1/guidance", json=asked).status_code == 410
    _done(settings, lambda graph: archive.bring_back(graph, old, by=OPERATOR))
    after = site.post("/api/v1/guidance", json=asked)
    assert (after.status_code, after.json()) == (200, before.json())
    assert f"これは第{old}版" in site.get(printed).text


def test_what_is_read_while_another_process_clears_it_is_never_told(settings: Settings, old: int) -> None:
    """The edition leaves between looking it up and reading it: then what was read may lack items."""

    async def race(graph: Graph) -> None:
        live = editions.Live(graph)
        assert not (await live.numbered(old)).archived
        await archive.archive(graph, old, by=OPERATOR)
        assert not (await live.numbered(old)).archived, "it is not known yet"
        with pytest.raises(Archived):
            await live.still(old)
        assert (await live.numbered(old)).archived

    _newer(settings)
    _done(settings, race)


def test_the_vault_gives_the_outline_that_the_graph_gave(settings: Settings, old: int) -> None:
    async def outlines(graph: Graph) -> None:
        before = await Catalogue(graph, PROCESS).outline(old)
        await archive.archive(graph, old, by=OPERATOR)
        after = archive_documents.outline(await archive_documents.document(graph, old), old)
        assert (after.edition, after.questions) == (before.edition, before.questions)
        assert after.life_events == before.life_events

    _newer(settings)
    _done(settings, outlines)


def test_commands_export_it_and_say_that_it_does_not_guide(settings: Settings, old: int) -> None:
    async def asked(graph: Graph) -> None:
        before = await importing.export(graph, str(old))
        await archive.archive(graph, old, by=OPERATOR)
        assert canonical(await importing.export(graph, str(old))) == canonical(before)
        assert content_hash(before) == (await editions.numbered(graph, old)).content_hash
        with pytest.raises(Archived, match="いまの版で案内します"):
            await guidance_body(graph, settings, raw=RawQuery(("death",), (), {}), edition=old, ask=False)

    _newer(settings)
    _done(settings, asked)
