"""Importing and exporting on a real store: all or nothing, idempotent, byte for byte, and nothing lost to a kill."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from random import Random

import pytest

from service import clock, editions, history, importing, schema
from service.canonical import canonical, content_hash
from service.errors import GuideError, NotFound, Refused
from service.graph import Graph
from service.importing import import_content
from service.models import Content
from service.subgraph import to_rows
from tests.contents import random_content
from tests.seed import seed


def _content(number: int) -> Content:
    return random_content(Random(50_000 + number))


async def _changes(graph: Graph) -> list[dict[str, object]]:
    return [row["change"] for row in await graph.many("history", "all", own_writes=True)]


async def _items(graph: Graph, edition: int) -> int:
    return len(await graph.many("catalogue", "whole", own_writes=True, edition=edition))


@pytest.mark.parametrize("number", range(8))
async def test_what_was_imported_is_exported_byte_for_byte(graph: Graph, number: int) -> None:
    content = _content(number)
    done = await import_content(graph, content, publish=False, title="往復")
    exported = await importing.export_bytes(graph, str(done.edition.number))
    assert exported == canonical(content)
    assert done.edition.content_hash == content_hash(content)


async def test_the_seed_comes_back_byte_for_byte(graph: Graph) -> None:
    done = await import_content(graph, seed(), publish=False, title="種")
    assert await importing.export_bytes(graph, str(done.edition.number)) == canonical(seed())


async def test_the_same_draft_is_not_made_twice(graph: Graph) -> None:
    first = await import_content(graph, _content(20), publish=False, title="一度目")
    second = await import_content(graph, _content(20), publish=False, title="二度目")
    assert (first.created, second.created) == (True, False)
    assert second.edition == first.edition


async def test_publishing_the_live_content_changes_nothing(graph: Graph) -> None:
    first = await import_content(graph, _content(21), publish=True, title="公開")
    before = await _changes(graph)
    again = await import_content(graph, _content(21), publish=True, title="公開")
    assert again.edition == first.edition
    assert not again.created
    assert await _changes(graph) == before


async def test_older_content_becomes_live_again_as_a_new_edition(graph: Graph) -> None:
    first = await import_content(graph, _content(22), publish=True, title="前")
    await import_content(graph, _content(23), publish=True, title="次")
    third = await import_content(graph, _content(22), publish=True, title="戻す")
    assert third.edition.number > first.edition.number
    live = await editions.live(graph)
    assert live is not None
    assert live.number == third.edition.number


async def test_a_draft_is_nobody_elses_business(graph: Graph) -> None:
    draft = (await import_content(graph, _content(24), publish=False, title="下書き")).edition
    with pytest.raises(NotFound):
        await editions.Live(graph).numbered(draft.number)
    assert draft.number not in {edition.number for edition in await editions.public(graph)}


async def test_a_clock_set_back_brings_no_old_edition_to_life(graph: Graph) -> None:
    await import_content(graph, _content(25), publish=True, title="前")
    with clock.fixed(clock.now() - timedelta(days=400)):
        late = await import_content(graph, _content(26), publish=True, title="時計が戻った")
    live = await editions.live(graph)
    assert live is not None
    assert live.number == late.edition.number


async def test_two_imports_at_once_make_one_edition_live(graph: Graph) -> None:
    both = await asyncio.gather(
        *(import_content(graph, _content(27), publish=True, title=f"同時 {one}") for one in range(2))
    )
    assert len({done.edition.number for done in both}) == 1
    assert {done.created for done in both} == {True, False}
    assert await history.verify(graph) is None


async def test_an_import_that_breaks_off_leaves_what_nobody_sees(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    before = await editions.live(graph)
    whole = to_rows(_content(28))

    async def killed(*_: object, **__: object) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(importing, "_finish", killed)
    with pytest.raises(asyncio.CancelledError):
        await import_content(graph, _content(28), publish=True, title="途中")
    monkeypatch.undo()
    left = await graph.many("importing", "leftovers", own_writes=True, before=clock.now())
    assert len(left) == 1
    assert await _items(graph, left[0]["number"]) == len(whole.nodes)
    assert await editions.live(graph) == before
    assert await importing.tidy(graph, older_than=timedelta(0)) == 1
    assert await _items(graph, left[0]["number"]) == 0
    with pytest.raises(NotFound):
        await importing.export(graph, str(left[0]["number"]))


async def test_an_edge_to_nowhere_is_no_edition(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = to_rows(_content(29))
    broken.edges.append({"type": "NEEDS", "from": broken.nodes[0]["key"], "to": "nowhere", "properties": {}})
    monkeypatch.setattr(importing, "to_rows", lambda _: broken)
    with pytest.raises(GuideError, match="組み立てられませんでした"):
        await import_content(graph, _content(29), publish=True, title="欠けている")
    await importing.tidy(graph, older_than=timedelta(0))


async def test_every_import_and_publish_is_a_link_of_the_chain(graph: Graph) -> None:
    done = await import_content(graph, _content(30), publish=True, title="記録")
    changes = await _changes(graph)
    assert history.broken_at(changes) is None
    mine = [change for change in changes if change["edition"] == done.edition.number]
    assert [change["action"] for change in mine] == ["import", "publish"]
    assert {change["after"] for change in mine} == {done.edition.content_hash}


@pytest.mark.parametrize("fault", ["altered", "removed", "swapped"])
async def test_a_tampered_chain_is_found(graph: Graph, fault: str) -> None:
    await import_content(graph, _content(31), publish=True, title="一")
    await import_content(graph, _content(32), publish=True, title="二")
    changes = await _changes(graph)
    if fault == "altered":
        changes[1] = changes[1] | {"by": "somebody else"}
    elif fault == "removed":
        del changes[1]
    else:
        changes[1], changes[2] = changes[2], changes[1]
    assert history.broken_at(changes) == 2


async def test_a_store_of_a_later_release_is_left_alone(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    await schema.prepare(graph)
    monkeypatch.setattr(schema, "VERSION", schema.VERSION - 1)
    with pytest.raises(Refused, match="新しい版の形式"):
        await schema.prepare(graph)
