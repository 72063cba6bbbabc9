"""Importing and exporting on a real store: all or nothing, idempotent, byte for byte, and nothing lost to a kill."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from service import clock
from service.content.canonical import canonical, content_hash
from service.content.models import Content
from service.editions import audit, building, history, importing
from service.editions.importing import import_content
from service.errors import GuideError, NotFound, Refused
from service.store import editions, schema
from service.store.catalogue import read_content
from service.store.graph import Graph
from service.store.subgraph import to_rows
from tests.contents import random_content
from tests.seed import seed


def _content(number: int) -> Content:
    return random_content(Random(50_000 + number))


async def _changes(graph: Graph) -> list[dict[str, object]]:
    return [row["change"] for row in await graph.latest.many("editions/history", "after", seq=0, most=10_000)]


async def _items(graph: Graph, edition: int) -> int:
    rows = await graph.many("store/catalogue", "whole", own_writes=True, edition=edition)
    return sum(len(row["items"]) for row in rows)


@pytest.mark.parametrize("number", range(8))
async def test_what_was_imported_is_exported_byte_for_byte(graph: Graph, number: int) -> None:
    content = _content(number)
    done = await import_content(graph, content, publish=False, title="往復")
    exported = canonical(await importing.export(graph, str(done.edition.number)))
    assert exported == canonical(content)
    assert done.edition.content_hash == content_hash(content)


async def test_the_seed_comes_back_byte_for_byte(graph: Graph) -> None:
    done = await import_content(graph, seed(), publish=False, title="種")
    assert canonical(await importing.export(graph, str(done.edition.number))) == canonical(seed())


async def test_an_edition_is_called_after_its_file_or_after_the_day() -> None:
    """Several files have no name in common; the day is Japan's."""
    spring, terms = Path("content-of-spring.yaml"), Path("terms.yaml")
    with clock.fixed(datetime(2026, 11, 23, 16, tzinfo=UTC)):
        assert importing.named_after([spring]) == "content-of-spring"
        assert importing.named_after([spring, terms]) == "取り込み 2026-11-24"


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
    assert await audit.verify(graph) == []


async def test_an_import_that_breaks_off_leaves_what_nobody_sees(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    before = await editions.live(graph)
    whole = to_rows(_content(28))

    async def killed(*_: object, **__: object) -> None:
        raise asyncio.CancelledError

    async def not_reached(*_: object) -> None:
        """A process that is killed removes nothing."""

    monkeypatch.setattr(importing, "_finish", killed)
    monkeypatch.setattr(building, "remove", not_reached)
    with pytest.raises(asyncio.CancelledError):
        await import_content(graph, _content(28), publish=True, title="途中")
    monkeypatch.undo()
    left = await graph.latest.many("editions/building", "leftovers", before=clock.now())
    assert len(left) == 1
    assert await _items(graph, left[0]["number"]) == len(whole.nodes)
    assert await editions.live(graph) == before
    assert await building.tidy(graph, older_than=timedelta(0)) == 1
    assert await _items(graph, left[0]["number"]) == 0
    with pytest.raises(NotFound):
        await importing.export(graph, str(left[0]["number"]))


async def test_an_edge_to_nowhere_is_no_edition(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = to_rows(_content(29))
    broken.edges.append({"type": "NEEDS", "from": broken.nodes[0]["key"], "to": "nowhere", "properties": {}})
    monkeypatch.setattr(building, "to_rows", lambda _: broken)
    with pytest.raises(GuideError, match="組み立てられませんでした"):
        await import_content(graph, _content(29), publish=True, title="欠けている")
    await building.tidy(graph, older_than=timedelta(0))


async def test_every_import_and_publish_is_a_link_of_the_chain(graph: Graph) -> None:
    done = await import_content(graph, _content(30), publish=True, title="記録")
    changes = await _changes(graph)
    assert not (await history.verify(graph)).flaws
    mine = [change for change in changes if change["edition"] == done.edition.number]
    assert [change["action"] for change in mine] == ["import", "publish"]
    assert {change["after"] for change in mine} == {done.edition.content_hash}


async def test_a_build_that_another_host_takes_for_dead_ends_and_gives_its_number_to_nobody(graph: Graph) -> None:
    """The other host is a service that starts on the same store while an import runs here."""
    live = await editions.live(graph)
    build = asyncio.create_task(building.build(graph, seed(), title="途中", by="test"))
    while not await graph.latest.many("editions/building", "leftovers", before=clock.now()):
        await asyncio.sleep(0.01)
    assert await building.tidy(graph) == 0, "a build that was active within the hour is left alone"
    assert await building.tidy(graph, older_than=timedelta(0)) == 1
    try:
        number = await build
    except Refused as told:
        assert "片付けられました" in told.message
    else:  # the build was done before the other host came: then it cannot be shown
        with pytest.raises(Refused, match="片付けられました"):
            await graph.write(lambda tx: building.finish(tx, number, content_hash=None, base=None, beneath=None))
    assert await graph.latest.many("editions/building", "leftovers", before=clock.now()) == []
    number = await building.build(graph, _content(33), title="次", by="test")
    with pytest.raises(Refused, match="片付けられました"):
        await graph.write(lambda tx: building.finish(tx, number - 1, content_hash=None, base=None, beneath=None))
    assert await _items(graph, number - 1) == 0, "nothing of the dead one is left, and nobody inherits its number"
    await building.remove(graph, number)
    assert await editions.live(graph) == live


async def test_a_shown_edition_is_never_tidied_away(graph: Graph) -> None:
    done = await import_content(graph, _content(34), publish=True, title="公開")
    await building.remove(graph, done.edition.number)
    assert canonical(await importing.export(graph, str(done.edition.number))) == canonical(_content(34))


async def test_two_equal_drafts_at_once_are_one(graph: Graph) -> None:
    both = await asyncio.gather(
        *(import_content(graph, _content(35), publish=False, title=f"同時 {one}") for one in range(2))
    )
    assert len({done.edition.number for done in both}) == 1


async def test_a_copy_is_equal_to_what_it_was_copied_from(graph: Graph) -> None:
    done = await import_content(graph, seed(), publish=False, title="種")
    number = await building.copy(graph, done.edition.number, title="写し", by="test")
    whole = [await read_content(graph, one) for one in (done.edition.number, number)]
    assert canonical(whole[0]) == canonical(whole[1])
    await building.remove(graph, number)


async def test_a_store_of_the_release_before_is_brought_forward(graph: Graph) -> None:
    """What that release had is there still, and what this one adds as well."""
    await schema.prepare(graph)
    async with graph._driver.session() as session:
        for dropped in ("CONSTRAINT account_id", "CONSTRAINT account_sign_in", "INDEX session_actor"):
            await session.run(f"DROP {dropped}")
        await session.run("MATCH (chain:Chain) SET chain.schema_version = $oldest", oldest=schema.OLDEST)
        told = "MATCH (chain:Chain) RETURN chain.head, chain.seq, chain.editions"
        before = await (await session.run(told)).data()
        await schema.ensure(graph)
        assert await (await session.run(told)).data() == before
        constraints = await (await session.run("SHOW CONSTRAINTS YIELD name")).value()
        indexes = await (await session.run("SHOW INDEXES YIELD name")).value()
    assert await schema.checked_version(graph) == schema.VERSION
    assert {"account_id", "account_sign_in"} <= set(constraints) and "session_actor" in indexes


async def test_a_store_of_a_release_too_old_is_left_alone_and_says_what_to_do(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    await schema.prepare(graph)
    monkeypatch.setattr(schema, "OLDEST", schema.VERSION + 1)
    for look in (schema.prepare, schema.ensure):
        with pytest.raises(Refused, match="tetsuzuki export"):
            await look(graph)


async def test_a_store_of_a_later_release_is_left_alone(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    await schema.prepare(graph)
    monkeypatch.setattr(schema, "VERSION", schema.VERSION - 1)
    with pytest.raises(Refused, match="新しい版の形式"):
        await schema.prepare(graph)
