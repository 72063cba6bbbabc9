"""Codes on paper after the documented restore: editions are numbered from 1 again, and mean other content."""

from __future__ import annotations

import asyncio
import re
import shutil
import time
from collections.abc import Iterator

import httpx
import pytest

from service.accounts.permissions import OPERATOR
from service.content.canonical import content_hash
from service.content.models import Content
from service.editions import archive
from service.runtime.embedded import external
from service.settings import Settings
from service.store import schema
from service.store.graph import Graph, Transaction
from tests.databases import OwnDatabase
from tests.seed import small
from tests.web.reading import hidden_fields
from tests.web.serving import publish, served, settled

KNOWN_WITHIN = 60.0
SAID = "event=moving-in&a=transfer-out:paper"
PAPER, ABROAD = "転出届を、窓口や郵送で出した", "国外から来た"
UNKNOWN = "これまでの答えは、いまとは内容の違う案内で選んだものです"
OTHER = "この番号は、いまの案内では開けません"


@pytest.fixture(scope="module")
def own(own_database: OwnDatabase) -> Settings:
    """Settings that lead to a database that can be emptied."""
    return own_database.settings


@pytest.fixture(scope="module")
def site(own: Settings) -> Iterator[httpx.Client]:
    """A service that stays while its store is emptied and filled again."""
    publish(own, small("moving-in"), title="はじめの内容")
    with served(own) as (_, client):
        settled(client, f"/result?{SAID}")
        yield client


def _live(site: httpx.Client, settings: Settings, content: Content) -> int:
    """The number of the edition with this content, once the service knows it."""
    number, until = publish(settings, content, title="版"), time.monotonic() + KNOWN_WITHIN
    while settled(site, "/api/v1/editions").json().get("edition") != {"number": number, "hash": content_hash(content)}:
        assert time.monotonic() < until, "the service does not learn of the edition"
        time.sleep(0.2)
    return number


def _turned() -> Content:
    """The content with the options of one question in another order: the first is the last."""
    content = small("moving-in")
    questions = [
        one.model_copy(update={"options": one.options[::-1]}) if one.key == "transfer-out" else one
        for one in content.questions
    ]
    return content.model_copy(update={"questions": questions})


def _restored(site: httpx.Client, settings: Settings, content: Content) -> None:
    """The store with nothing but this content in it, as an import makes it on a new data directory."""

    async def some(transaction: Transaction) -> int:
        result = await transaction._transaction.run(
            "MATCH (node) WITH node LIMIT 2000 DETACH DELETE node RETURN count(*) AS gone"
        )
        return int((await result.single(strict=True))["gone"])

    async def run() -> None:
        graph = Graph.open(external(settings))
        try:
            while await graph.write(some):
                pass
            await schema.prepare(graph)
        finally:
            await graph.close()

    asyncio.run(run())
    evidence = external(settings).evidence
    assert evidence is not None
    shutil.rmtree(evidence)
    assert _live(site, settings, content) == 1


def _archive(settings: Settings, number: int) -> None:
    async def run() -> None:
        graph = Graph.open(external(settings))
        try:
            await archive.archive(graph, number, by=OPERATOR)
        finally:
            await graph.close()

    asyncio.run(run())


def _printed(site: httpx.Client, number: int = 1) -> str:
    """The address in the 2D code of the sheet."""
    found = re.search(rf"/e/{number}/[0-9A-Z]+", settled(site, f"/sheet?{SAID}").text)
    assert found
    return found[0]


def _is_told(answer: httpx.Response) -> None:
    assert answer.status_code == 404 and OTHER in answer.text and "第1版" in answer.text
    assert "はじめからもう一度お答えください" in answer.text and 'href="/">はじめから調べる' in answer.text
    assert "transfer-out" not in answer.text and ABROAD not in answer.text and PAPER not in answer.text


def test_paper_never_opens_as_abroad(site: httpx.Client, own: Settings) -> None:
    """The trial that found the fault, and what becomes of the paper when the content it was made from is back."""
    _restored(site, own, small("moving-in"))
    printed = _printed(site)
    opened = site.get(printed)
    assert opened.status_code == 200 and "transfer-out:paper" in opened.text
    typed = re.search(r'class="code">(1-[^<]+)', opened.text)
    assert typed

    _restored(site, own, _turned())
    assert _printed(site) != printed, "the same answers on the other content have another code"
    _is_told(site.get(printed))
    _is_told(site.get(f"{printed}/sheet"))
    _is_told(site.get("/code", params={"code": typed[1]}, follow_redirects=True))
    wrong = site.get(f"{printed[:-1]}{'0' if printed[-1] != '0' else '1'}")
    assert wrong.status_code == 404 and OTHER not in wrong.text, "a wrong letter is told as one"

    assert _live(site, own, small("moving-in")) == 2
    reopened = site.get(printed)
    assert reopened.status_code == 200 and "transfer-out:paper" in reopened.text
    assert "第2版によるものです" in reopened.text
    sheet = re.search(r'href="(/e/2/[0-9A-Z]+/sheet)"', reopened.text)
    assert sheet and site.get(sheet[1]).status_code == 200
    assert site.get(f"{printed}/sheet").status_code == 200


def test_an_archived_edition_of_other_content_opens_nothing(site: httpx.Client, own: Settings) -> None:
    """Paper of an archived edition goes on to today's guide, but only if it is of that edition's content."""
    _restored(site, own, small("moving-in"))
    printed = _printed(site)
    _restored(site, own, _turned())
    turned = _printed(site)
    terms = [one.model_copy(update={"meaning": f"{one.meaning}（新）"}) for one in small("moving-in").terms]
    _live(site, own, _turned().model_copy(update={"terms": terms}))
    _archive(own, 1)
    page = site.get(turned)
    assert page.status_code == 200 and "前の案内はもう表示できないため" in page.text
    assert "transfer-out:paper" in page.text
    _is_told(site.get(printed))


def test_a_number_that_is_not_given_yet_is_told_as_of_other_content(site: httpx.Client, own: Settings) -> None:
    """Before the restore there were more editions than after it."""
    _restored(site, own, small("moving-in"))
    assert _live(site, own, _turned()) == 2
    printed = _printed(site, 2)
    _restored(site, own, small("moving-in"))
    answer = site.get(printed)
    assert answer.status_code == 404 and OTHER in answer.text and "第2版" in answer.text
    typo = site.get("/e/3/" + printed.removeprefix("/e/2/"))
    assert typo.status_code == 404 and OTHER not in typo.text, "a wrong number is told as one"


def test_answers_in_an_address_are_told_to_be_looked_at(site: httpx.Client, own: Settings) -> None:
    """`from` has a number too: an address begun before the restore may mean other words, and the page says so once."""
    _restored(site, own, small("moving-in"))
    shown = site.get(f"/guide?{SAID}")
    assert UNKNOWN not in shown.text
    began = dict(hidden_fields(shown.text))["from"]
    assert UNKNOWN not in site.get(f"/guide?{SAID}&from={began}").text

    _restored(site, own, _turned())
    for page in ("guide", "review", "result", "sheet"):
        assert UNKNOWN in site.get(f"/{page}?{SAID}&from={began}").text, page
        assert UNKNOWN in site.get(f"/{page}?{SAID}&from=1").text, "a number alone names no content"
        assert UNKNOWN not in site.get(f"/{page}?{SAID}").text, page
    onward = site.get("/guide", params=(*hidden_fields(shown.text), ("o", "household")), follow_redirects=True)
    assert onward.status_code in {200, 422} and UNKNOWN in onward.text, "the form that was on the screen"
    now = [pair for pair in hidden_fields(onward.text) if pair[0] != "q"]
    assert UNKNOWN not in site.get("/guide", params=tuple(now)).text, "it is said once"

    assert _live(site, own, small("moving-in")) == 2
    same = site.get(f"/result?{SAID}&from={began}")
    assert same.status_code == 200 and UNKNOWN not in same.text, "the same content under another number"
    assert "案内の内容が新しくなりました" not in same.text
