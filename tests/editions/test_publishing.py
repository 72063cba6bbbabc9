"""Publishing on a real store: now, at a set time, with editions waiting, rolled back; one wins, nothing is lost."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from service import clock
from service.accounts.permissions import Actor, Permission
from service.content import patches
from service.content.canonical import canonical
from service.content.models import Content, Edition, Kind
from service.editions import archive, audit, building, drafts, edits, history, importing, publishing
from service.editions.publishing import Behind, NotReady
from service.errors import Forbidden, GuideError, NotFound, Refused
from service.store import archive_documents, editions
from service.store.graph import Graph
from tests.seed import small

EDITOR = Actor("editor-1", {Permission.EDIT})
APPROVER = Actor("approver-1", set(Permission))
KEYS = [procedure.key for procedure in small().procedures[:6]]


async def _live(graph: Graph) -> Edition:
    live = await editions.live(graph.latest)
    assert live is not None
    return live


async def _fresh(graph: Graph) -> Edition:
    """The seed is live, and nothing waits."""
    while waiting := await editions.waiting(graph.latest):
        await publishing.withdraw(graph, waiting[-1].number, by=APPROVER)
    return (await importing.import_content(graph, small(), publish=True, title="最初の版")).edition


async def _draft(graph: Graph, notes: dict[str, str], *, of: int | None = None) -> Edition:
    """A draft in which these procedures have these notes."""
    draft = await drafts.fork(graph, of, title="下書き", by=EDITOR)
    items = await archive.items(graph, draft.number)
    rows = await graph.latest.many("store/catalogue", "whole", edition=draft.number)
    properties = [item["properties"] for row in rows for item in row["items"]]
    revisions = {one["key"]: one["revision"] for one in properties}
    put = [patches.Item(items[key].kind, items[key].fields | {"note": note}) for key, note in notes.items()]
    saved = await edits.change(
        graph, draft.number, by=EDITOR, put=put, revisions={key: revisions[key] for key in notes}
    )
    return saved.edition


async def _canonical(graph: Graph, number: int) -> bytes:
    return canonical(Content.model_validate(patches.plain(await archive.items(graph, number))))


async def _publish(graph: Graph, draft: Edition, **named: Any) -> Edition:
    return await publishing.publish(graph, draft.number, by=APPROVER, seen=draft.content_hash, **named)


async def _notes(graph: Graph, number: int) -> dict[str, str]:
    """The notes that differ from the seed's."""
    old, new = patches.items(small()), await archive.items(graph, number)
    return {key: new[key].fields.get("note", "") for key in KEYS if new[key] != old[key]}


async def test_a_draft_becomes_what_residents_see(graph: Graph) -> None:
    await _fresh(graph)
    draft = await _draft(graph, {KEYS[0]: "新しい"})
    done = await _publish(graph, draft, note="4月の改正")
    assert (done.number, done.state, done.published_by) == (draft.number, "published", "approver-1")
    assert await _live(graph) == done
    told = (await history.page(graph.latest, history.Filter(edition=draft.number)))[0]
    assert (told["action"], told["note"], told["after"]) == ("publish", "4月の改正", draft.content_hash)
    assert await audit.verify(graph) == []


async def test_the_comparison_has_to_be_seen_as_it_is_now(graph: Graph) -> None:
    await _fresh(graph)
    draft = await _draft(graph, {KEYS[0]: "新しい"})
    for seen in (None, "0" * 64):
        with pytest.raises(Refused, match="比較"):
            await publishing.publish(graph, draft.number, by=APPROVER, seen=seen)
    assert (await _live(graph)).number != draft.number


async def test_who_may_not_publish_does_not_and_a_second_person_may_be_asked_for(graph: Graph) -> None:
    await _fresh(graph)
    draft = await _draft(graph, {KEYS[0]: "新しい"})
    with pytest.raises(Forbidden):
        await publishing.publish(graph, draft.number, by=EDITOR, seen=draft.content_hash)
    both = Actor("editor-1", {Permission.EDIT, Permission.PUBLISH})
    with pytest.raises(Refused, match="最後に編集した人"):
        await publishing.publish(graph, draft.number, by=both, seen=draft.content_hash, second_person=True)
    await publishing.publish(graph, draft.number, by=APPROVER, seen=draft.content_hash, second_person=True)


async def test_nothing_new_is_not_published(graph: Graph) -> None:
    await _fresh(graph)
    draft = await drafts.fork(graph, None, title="そのまま", by=EDITOR)
    with pytest.raises(Refused, match="同じ"):
        await _publish(graph, draft)


async def test_a_failing_scenario_blocks(graph: Graph) -> None:
    await _fresh(graph)
    draft = await drafts.fork(graph, None, title="赤い", by=EDITOR)
    scenario = next(one for one in small().scenarios if one.expects)
    wrong = scenario.model_copy(update={"expects": [], "rules_out": scenario.expects})
    item = patches.Item(Kind.SCENARIO, patches.items(Content(format=2, scenarios=[wrong]))[wrong.key].fields)
    saved = await edits.change(graph, draft.number, by=EDITOR, put=[item], revisions={wrong.key: 1})
    with pytest.raises(NotReady) as told:
        await _publish(graph, saved.edition)
    assert wrong.key in told.value.findings[0].keys
    assert (await _live(graph)).number != draft.number


async def test_a_draft_behind_is_merged_first(graph: Graph) -> None:
    await _fresh(graph)
    first, second = await _draft(graph, {KEYS[0]: "一"}), await _draft(graph, {KEYS[1]: "二"})
    await _publish(graph, first)
    with pytest.raises(Behind, match=f"第{first.number}版"):
        await _publish(graph, second)
    saved = await drafts.merge(graph, second.number, by=EDITOR)
    await _publish(graph, saved.edition)
    assert await _notes(graph, second.number) == {KEYS[0]: "一", KEYS[1]: "二"}


async def test_of_two_who_publish_at_once_one_wins_and_the_other_is_told(graph: Graph) -> None:
    await _fresh(graph)
    both = [await _draft(graph, {KEYS[0]: "一"}), await _draft(graph, {KEYS[1]: "二"})]
    done = await asyncio.gather(*(_publish(graph, draft) for draft in both), return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["Behind", "Edition"]
    assert (await _live(graph)).number in {draft.number for draft in both}


async def test_an_edit_at_that_moment_stops_the_publication(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    await _fresh(graph)
    draft = await _draft(graph, {KEYS[0]: "確かめた内容"})
    follow = publishing.follow

    async def edited(*args: Any, **named: Any) -> Any:
        items = await archive.items(graph, draft.number)
        item = patches.Item(items[KEYS[1]].kind, items[KEYS[1]].fields | {"note": "あとから"})
        await edits.change(graph, draft.number, by=EDITOR, put=[item], revisions={KEYS[1]: 1})
        return await follow(*args, **named)

    monkeypatch.setattr(publishing, "follow", edited)
    with pytest.raises(Refused, match="直前に変更"):
        await _publish(graph, draft)
    assert (await _live(graph)).number != draft.number


async def test_a_scheduled_edition_takes_effect_by_itself(graph: Graph) -> None:
    before = await _fresh(graph)
    draft = await _draft(graph, {KEYS[0]: "4月から"})
    at = clock.now() + timedelta(days=30)
    done = await _publish(graph, draft, at=at)
    assert (done.scheduled, done.published_at) == (True, at)
    assert (await _live(graph)).number == before.number
    with pytest.raises(NotFound):
        await editions.Live(graph).numbered(draft.number)
    with clock.fixed(at - timedelta(seconds=1)):
        assert (await _live(graph)).number == before.number
    with clock.fixed(at):
        assert (await _live(graph)).number == draft.number


async def test_a_time_that_has_passed_is_no_schedule(graph: Graph) -> None:
    await _fresh(graph)
    draft = await _draft(graph, {KEYS[0]: "昨日から"})
    with pytest.raises(Refused, match="過ぎて"):
        await _publish(graph, draft, at=clock.now() - timedelta(minutes=1))


async def _scheduled(graph: Graph, notes: dict[str, str], at: datetime) -> Edition:
    """A scheduled edition with these notes; it builds on whatever will be live just before."""
    draft = await _draft(graph, notes)
    ready = await publishing.readiness(graph, draft.number, at=at)
    if ready.behind and ready.before:
        draft = (await drafts.merge(graph, draft.number, onto=ready.before.number, by=EDITOR)).edition
    return await _publish(graph, draft, at=at)


async def test_scheduled_editions_carry_a_fix_that_is_published_before_them(graph: Graph) -> None:
    await _fresh(graph)
    april, may = clock.now() + timedelta(days=30), clock.now() + timedelta(days=60)
    first = await _scheduled(graph, {KEYS[0]: "4月"}, april)
    second = await _scheduled(graph, {KEYS[1]: "5月"}, may)
    assert second.base == first.number
    fix = await _publish(graph, await _draft(graph, {KEYS[2]: "急ぎの訂正"}))
    assert await _notes(graph, (await _live(graph)).number) == {KEYS[2]: "急ぎの訂正"}
    new_first, new_second = await editions.waiting(graph.latest)
    assert (new_first.published_at, new_second.published_at) == (april, may)
    assert (new_first.base, new_second.base) == (fix.number, new_first.number)
    assert await _notes(graph, new_first.number) == {KEYS[0]: "4月", KEYS[2]: "急ぎの訂正"}
    assert await _notes(graph, new_second.number) == {KEYS[0]: "4月", KEYS[1]: "5月", KEYS[2]: "急ぎの訂正"}
    assert (await editions.numbered(graph.latest, first.number)).state == "withdrawn"
    with clock.fixed(may + timedelta(days=1)):
        assert (await _live(graph)).number == new_second.number
    assert await audit.verify(graph) == []


async def test_a_fix_that_conflicts_with_a_scheduled_edition_publishes_nothing(graph: Graph) -> None:
    before = await _fresh(graph)
    waiting = await _scheduled(graph, {KEYS[0]: "4月"}, clock.now() + timedelta(days=30))
    fix = await _draft(graph, {KEYS[0]: "急ぎの訂正"})
    with pytest.raises(drafts.InConflict) as told:
        await _publish(graph, fix)
    assert (told.value.number, told.value.conflicts[0].key) == (waiting.number, KEYS[0])
    assert (await _live(graph)).number == before.number
    assert [one.number for one in await editions.waiting(graph.latest)] == [waiting.number]
    await _publish(graph, fix, decided={KEYS[0]: "mine"})
    (merged,) = await editions.waiting(graph.latest)
    assert await _notes(graph, merged.number) == {KEYS[0]: "4月"}
    assert await _notes(graph, (await _live(graph)).number) == {KEYS[0]: "急ぎの訂正"}
    (scheduled,) = await history.page(graph.latest, history.Filter(edition=merged.number))
    assert (scheduled["source"], scheduled["replaces"]) == (fix.number, waiting.number)
    assert (scheduled["decisions"], scheduled.get("note")) == (f'{{"{KEYS[0]}":"mine"}}', None)
    withdrawn = (await history.page(graph.latest, history.Filter(edition=waiting.number)))[0]
    assert (withdrawn["action"], withdrawn["source"]) == ("withdraw", fix.number)
    assert (withdrawn["replaced_by"], withdrawn.get("note")) == (merged.number, None)


async def test_an_import_carries_over_to_scheduled_editions_too(graph: Graph) -> None:
    await _fresh(graph)
    await _scheduled(graph, {KEYS[0]: "4月"}, clock.now() + timedelta(days=30))
    items = patches.items(small())
    items[KEYS[1]] = patches.Item(items[KEYS[1]].kind, items[KEYS[1]].fields | {"note": "取り込んだ"})
    content = Content.model_validate(patches.plain(items))
    done = await importing.import_content(graph, content, publish=True, title="取り込み")
    (merged,) = await editions.waiting(graph.latest)
    assert merged.base == done.edition.number
    assert await _notes(graph, merged.number) == {KEYS[0]: "4月", KEYS[1]: "取り込んだ"}
    items[KEYS[0]] = patches.Item(items[KEYS[0]].kind, items[KEYS[0]].fields | {"note": "ぶつかる"})
    content = Content.model_validate(patches.plain(items))
    with pytest.raises(drafts.InConflict):
        await importing.import_content(graph, content, publish=True, title="ぶつかる取り込み")
    assert (await _live(graph)).number == done.edition.number


async def test_a_withdrawn_schedule_leaves_a_draft_and_its_followers_without_it(graph: Graph) -> None:
    await _fresh(graph)
    april, may = clock.now() + timedelta(days=30), clock.now() + timedelta(days=60)
    first = await _scheduled(graph, {KEYS[0]: "4月"}, april)
    await _scheduled(graph, {KEYS[1]: "5月"}, may)
    draft = await publishing.withdraw(graph, first.number, by=APPROVER, note="延期")
    assert (draft.state, draft.content_hash) == ("draft", first.content_hash)
    (left,) = await editions.waiting(graph.latest)
    assert left.published_at == may
    assert await _notes(graph, left.number) == {KEYS[1]: "5月"}
    with pytest.raises(Refused, match="待っていません"):
        await publishing.withdraw(graph, first.number, by=APPROVER)


async def test_rolling_back_publishes_a_copy_with_a_reason(graph: Graph) -> None:
    first = await _fresh(graph)
    await _publish(graph, await _draft(graph, {KEYS[0]: "まちがい"}))
    with pytest.raises(Refused, match="理由"):
        await publishing.roll_back(graph, first.number, by=APPROVER, reason=" ")
    done = await publishing.roll_back(graph, first.number, by=APPROVER, reason="金額の誤り")
    assert done.number > first.number
    assert (await _live(graph)).number == done.number
    assert await _canonical(graph, done.number) == canonical(small())
    told = (await history.page(graph.latest, history.Filter(edition=done.number)))[0]
    assert (told["action"], told["source"], told["note"]) == ("rollback", first.number, "金額の誤り")
    with pytest.raises(Refused, match="同じ"):
        await publishing.roll_back(graph, first.number, by=APPROVER, reason="もう一度")


async def test_rolling_back_keeps_what_is_scheduled(graph: Graph) -> None:
    first = await _fresh(graph)
    await _publish(graph, await _draft(graph, {KEYS[0]: "まちがい"}))
    await _scheduled(graph, {KEYS[1]: "4月"}, clock.now() + timedelta(days=30))
    done = await publishing.roll_back(graph, first.number, by=APPROVER, reason="金額の誤り")
    (waiting,) = await editions.waiting(graph.latest)
    assert waiting.base == done.number
    assert await _notes(graph, waiting.number) == {KEYS[1]: "4月"}


async def test_what_never_was_live_is_not_rolled_back_to(graph: Graph) -> None:
    await _fresh(graph)
    draft = await _draft(graph, {KEYS[0]: "下書き"})
    waiting = await _scheduled(graph, {KEYS[1]: "4月"}, clock.now() + timedelta(days=30))
    for number in (draft.number, waiting.number):
        with pytest.raises(Refused, match="公開されたことがありません"):
            await publishing.roll_back(graph, number, by=APPROVER, reason="試し")


async def test_a_clock_set_back_brings_no_old_edition_to_life(graph: Graph) -> None:
    await _fresh(graph)
    with clock.fixed(clock.now() - timedelta(days=400)):
        done = await _publish(graph, await _draft(graph, {KEYS[0]: "時計が戻った"}))
        assert (await _live(graph)).number == done.number
    assert (await _live(graph)).number == done.number


async def test_archived_editions_leave_the_graph_and_come_back_identical(graph: Graph) -> None:
    first = await _fresh(graph)
    await _publish(graph, await _draft(graph, {KEYS[0]: "次の版"}))
    live = await _live(graph)
    with pytest.raises(Refused, match="公開中"):
        await archive.archive(graph, live.number, by=APPROVER)
    open_draft = await drafts.fork(graph, first.number, title="もとにする", by=EDITOR)
    with pytest.raises(Refused, match="もとになって"):
        await archive.archive(graph, first.number, by=APPROVER)
    await drafts.discard(graph, open_draft.number, by=EDITOR)
    gone = await archive.archive(graph, first.number, by=APPROVER)
    assert gone.archived
    assert await graph.latest.many("store/catalogue", "whole", edition=first.number) == []
    assert await archive_documents.document(graph.latest, first.number) == canonical(small())
    copy = await drafts.fork(graph, first.number, title="保管庫から", by=EDITOR)
    assert copy.content_hash == first.content_hash
    assert await _canonical(graph, copy.number) == canonical(small())
    back = await archive.bring_back(graph, first.number, by=APPROVER)
    assert (back.archived, back.content_hash) == (False, first.content_hash)
    assert await _canonical(graph, first.number) == canonical(small())
    with pytest.raises(GuideError):
        await archive.bring_back(graph, first.number, by=APPROVER)
    assert await audit.verify(graph) == []


async def test_what_is_due_is_archived_and_what_is_needed_stays(graph: Graph) -> None:
    old = await _fresh(graph)
    live = await _publish(graph, await _draft(graph, {KEYS[0]: "次の版"}))
    base_of = await drafts.fork(graph, None, title="開いた下書き", by=EDITOR)
    dropped = await drafts.discard(graph, (await _draft(graph, {KEYS[1]: "やめる"})).number, by=EDITOR)
    with clock.fixed(clock.now() + timedelta(days=365)):
        assert old.number not in {one.number for one in await archive.due(graph)}
    with clock.fixed(clock.now() + timedelta(days=740)):
        due = {one.number for one in await archive.due(graph)}
        assert {old.number, dropped.number} <= due
        assert not due & {live.number, base_of.number, base_of.base}
        done = await archive.archive_due(graph, by=APPROVER)
    assert {old.number, dropped.number} <= {one.number for one in done}
    assert (await _live(graph)).number == live.number


async def test_an_origin_that_is_archived_meanwhile_is_never_rolled_back_to_empty(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    for one in await editions.drafts(graph.latest):
        await drafts.discard(graph, one.number, by=EDITOR)
    first = await _fresh(graph)
    live = await _publish(graph, await _draft(graph, {KEYS[0]: "まちがい"}))
    copied = drafts.copied

    async def archived_first(*args: Any, **named: Any) -> int:
        await archive.archive(graph, first.number, by=APPROVER)
        return await copied(*args, **named)

    monkeypatch.setattr(drafts, "copied", archived_first)
    with pytest.raises(Refused, match="動かされました"):
        await publishing.roll_back(graph, first.number, by=APPROVER, reason="誤り")
    assert (await _live(graph)).number == live.number
    monkeypatch.undo()
    done = await publishing.roll_back(graph, first.number, by=APPROVER, reason="誤り")
    assert await _canonical(graph, done.number) == canonical(small())


@pytest.mark.parametrize("act", ["roll back", "withdraw"])
async def test_a_schedule_that_changes_meanwhile_stops_it(
    graph: Graph, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    first = await _fresh(graph)
    await _publish(graph, await _draft(graph, {KEYS[0]: "まちがい"}))
    april = await _scheduled(graph, {KEYS[1]: "4月"}, clock.now() + timedelta(days=30))
    may = await _scheduled(graph, {KEYS[2]: "5月"}, clock.now() + timedelta(days=60))
    copied = drafts.copied

    async def withdrawn_first(*args: Any, **named: Any) -> int:
        monkeypatch.undo()
        await publishing.withdraw(graph, may.number, by=APPROVER, note="取りやめ")
        return await copied(*args, **named)

    monkeypatch.setattr(drafts, "copied", withdrawn_first)
    with pytest.raises(Refused, match="予約が、いま変わりました"):
        if act == "withdraw":
            await publishing.withdraw(graph, april.number, by=APPROVER)
        else:
            await publishing.roll_back(graph, first.number, by=APPROVER, reason="誤り")
    assert [one.number for one in await editions.waiting(graph.latest)] == [april.number]


async def test_a_decision_counts_for_one_scheduled_edition_only(graph: Graph) -> None:
    await _fresh(graph)
    april = await _scheduled(graph, {KEYS[0]: "4月"}, clock.now() + timedelta(days=30))
    later = await _draft(graph, {KEYS[0]: "5月"}, of=april.number)
    may = await _publish(graph, later, at=clock.now() + timedelta(days=60))
    fix = await _draft(graph, {KEYS[0]: "訂正"})
    with pytest.raises(drafts.InConflict) as first:
        await _publish(graph, fix)
    assert first.value.number == april.number
    with pytest.raises(drafts.InConflict) as second:
        await _publish(graph, fix, decided={KEYS[0]: "theirs"})
    assert second.value.number == may.number
    await _publish(graph, fix, decided={f"{april.number}/{KEYS[0]}": "theirs", f"{may.number}/{KEYS[0]}": "mine"})
    notes = [await _notes(graph, one.number) for one in await editions.waiting(graph.latest)]
    assert notes == [{KEYS[0]: "訂正"}, {KEYS[0]: "5月"}]


async def test_what_fails_for_any_reason_leaves_nothing_that_was_built(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await _fresh(graph)
    draft = await _draft(graph, {KEYS[2]: "公開するところ"})
    live = await _publish(graph, await _draft(graph, {KEYS[1]: "いまの版"}))
    draft = (await drafts.merge(graph, draft.number, by=EDITOR)).edition
    first = await _scheduled(graph, {KEYS[0]: "4月"}, clock.now() + timedelta(days=30))
    second = await _scheduled(graph, {KEYS[3]: "5月"}, clock.now() + timedelta(days=60))
    built: list[int] = []
    build, copy = building.build, building.copy

    async def counted(*args: Any, **named: Any) -> int:
        built.append(number := await (copy if isinstance(args[1], int) else build)(*args, **named))
        return number

    async def broken(*args: Any, **named: Any) -> Any:
        raise MemoryError("for any reason")

    monkeypatch.setattr(building, "build", counted)
    monkeypatch.setattr(building, "copy", counted)
    monkeypatch.setattr(history, "append", broken)
    content = small().model_copy(update={"terms": small().terms[:-1]})
    for expected, attempt in (
        (2, _publish(graph, draft)),
        (3, importing.import_content(graph, content, publish=True, title="取り込み")),
        (2, publishing.withdraw(graph, first.number, by=APPROVER)),
        (3, publishing.roll_back(graph, before.number, by=APPROVER, reason="戻す")),
        (1, drafts.fork(graph, None, title="写し", by=EDITOR)),
    ):
        built.clear()
        with pytest.raises(MemoryError):
            await attempt
        assert len(built) == expected
        left = await graph.many("editions/building", "leftovers", own_writes=True, before=clock.now())
        assert not {row["number"] for row in left} & set(built)
    assert await _live(graph) == live
    assert await editions.waiting(graph.latest) == [first, second]
