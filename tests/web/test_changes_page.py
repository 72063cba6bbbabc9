"""The page and the feed of changes over HTTP: what was published, told to everybody, and nothing of drafts."""

from __future__ import annotations

import asyncio
import time
from xml.etree import ElementTree

import httpx
import pytest

from service.accounts.permissions import OPERATOR
from service.caching import PROCESS
from service.content import patches
from service.content.loading import read_plain
from service.content.models import Edition
from service.editions import drafts, edits, importing, publishing
from service.store import editions
from service.store.graph import Graph
from tests.web.serving import settled
from tests.web.test_edition_pages import CONTENT

pytestmark = pytest.mark.asyncio(loop_scope="session")
KNOWN_WITHIN = 60.0
"""Seconds, on a busy machine, until the service knows of an edition; it asks once a second."""
ATOM = "{http://www.w3.org/2005/Atom}"


async def test_what_was_published_is_told_and_drafts_are_not(api: httpx.Client, graph: Graph) -> None:
    await importing.import_content(graph, read_plain(CONTENT), publish=True, title="最初の版")
    draft = await drafts.fork(graph, None, title="春", by=OPERATOR)
    item, revision = await edits.item(graph.latest, draft.number, key="todoke")
    assert item and revision
    dear = patches.Item(item.kind, {**item.fields, "fee": "98765円", "basis": {"fee": "city"}})
    saved = await edits.change(graph, draft.number, by=OPERATOR, put=[dear], revisions={"todoke": revision})
    before = settled(api, "/changes")
    assert before.status_code == 200 and "98765円" not in before.text
    await publishing.publish(graph, draft.number, by=OPERATOR, seen=saved.edition.content_hash or "")
    until = time.monotonic() + KNOWN_WITHIN
    while "98765円" not in (page := api.get("/changes")).text and time.monotonic() < until:
        await asyncio.sleep(0.1)
    assert "98765円" in page.text and f'id="edition-{draft.number}"' in page.text
    assert page.headers["cache-control"].startswith("public")
    assert "private" in api.get("/changes?who=me").headers["cache-control"]
    assert 'type="application/atom+xml"' in page.text and "この案内の変更" in api.get("/terms").text
    feed = api.get("/changes.atom")
    assert feed.headers["content-type"].startswith("application/atom+xml")
    assert "private" in feed.headers["cache-control"], "it holds the address that was asked for"
    entries = ElementTree.fromstring(feed.content).findall(f"{ATOM}entry")
    assert "98765円" in (entries[0].findtext(f"{ATOM}content") or "")


async def test_the_past_is_read_once_for_a_live_edition(
    api: httpx.Client, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every public edition was read from the database on each request."""
    asked: list[object] = []

    async def counted(*args: object) -> list[Edition]:
        asked.append(args)
        return await public(*args)  # type: ignore[arg-type]

    public = editions.public
    monkeypatch.setattr(editions, "public", counted)
    PROCESS.clear()
    first = settled(api, "/changes")
    assert first.status_code == 200 and len(asked) == 1
    assert api.get("/changes").text == first.text and api.get("/changes.atom").status_code == 200
    assert len(asked) == 1
