"""Drafts and their edits on a real store: guarded, all or nothing, in the history, taken back and restored."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from service import clock
from service.accounts.permissions import OPERATOR, Actor, Permission
from service.content import patches
from service.content.canonical import canonical
from service.content.models import Content, Edition, Kind
from service.content.patches import Item, Outdated
from service.diff_text import history as history_text
from service.editions import audit, building, drafts, edits, findings, history, importing
from service.editions.edits import Collision, Saved
from service.editions.requests import ItemChange
from service.editions.service import EditionService
from service.errors import Forbidden, InvalidContent, NotFound, Refused
from service.store import editions
from service.store.catalogue import read_content
from service.store.graph import Graph
from tests.seed import small

EDITOR = Actor("editor-1", {Permission.EDIT})
OTHER = Actor("editor-2", {Permission.EDIT})


async def _fork(graph: Graph) -> Edition:
    await importing.import_content(graph, small(), publish=True, title="最初の版")
    return await drafts.fork(graph, None, title="下書き", by=EDITOR)


async def _item(graph: Graph, number: int, key: str) -> tuple[Item, int]:
    """The item as it stands in the draft, and its revision."""
    content = await read_content(graph, number)
    rows = await graph.latest.many("store/catalogue", "whole", edition=number)
    found = [item["properties"] for row in rows for item in row["items"]]
    revision = next(properties["revision"] for properties in found if properties["key"] == key)
    return patches.items(content)[key], revision


def _with(item: Item, **fields: Any) -> Item:
    return Item(item.kind, item.fields | fields)


async def _save(graph: Graph, number: int, key: str, **fields: Any) -> Saved:
    item, revision = await _item(graph, number, key)
    return await edits.change(graph, number, by=EDITOR, put=[_with(item, **fields)], revisions={key: revision})


def _first(content: Content, name: str, **wanted: bool) -> str:
    """The key of the first item of a list that has (True) or lacks (False) these fields."""
    for item in getattr(content, name):
        if all(bool(getattr(item, field)) is there for field, there in wanted.items()):
            return str(item.key)
    raise LookupError(name)


async def test_a_fork_is_equal_and_stands_in_the_history(graph: Graph) -> None:
    draft = await _fork(graph)
    assert canonical(await read_content(graph, draft.number)) == canonical(small())
    live = await editions.live(graph.latest)
    assert live is not None
    assert (draft.state, draft.base, draft.content_hash) == ("draft", live.number, live.content_hash)
    last = await graph.latest.one("editions/history", "head")
    assert last is not None
    told = await history.change(graph.latest, last["seq"])
    assert (told["action"], told["edition"], told["by"]) == ("fork", draft.number, "editor-1")


async def test_a_save_changes_the_item_its_revision_the_hash_and_the_history(graph: Graph) -> None:
    draft = await _fork(graph)
    key = _first(small(), "procedures", summary=True)
    before, revision = await _item(graph, draft.number, key)
    saved = await _save(graph, draft.number, key, summary="新しい説明です。")
    after, raised = await _item(graph, draft.number, key)
    assert after.fields["summary"] == "新しい説明です。"
    assert raised == revision + 1
    assert saved.edition.revision == draft.revision + 1
    assert saved.edition.content_hash != draft.content_hash
    assert saved.seq is not None
    told = await history.change(graph.latest, saved.seq)
    assert (told["action"], told["kind"], told["key"], told["by"]) == ("save", "Procedure", key, "editor-1")
    assert patches.read(told["before"], told["after"]) == patches.Patch({key: before}, {key: after})
    assert await audit.verify(graph) == []


async def test_saving_what_is_there_changes_nothing(graph: Graph) -> None:
    draft = await _fork(graph)
    key = _first(small(), "windows")
    saved = await _save(graph, draft.number, key)
    assert (saved.seq, saved.edition) == (None, draft)


async def test_saving_an_older_revision_is_refused_and_tells_who_was_faster(graph: Graph) -> None:
    draft = await _fork(graph)
    key = _first(small(), "procedures")
    item, revision = await _item(graph, draft.number, key)
    theirs = _with(item, name="先に保存した名前")
    await edits.change(graph, draft.number, by=OTHER, put=[theirs], revisions={key: revision})
    mine = _with(item, name="あとから保存する名前")
    with pytest.raises(Collision) as told:
        await edits.change(graph, draft.number, by=EDITOR, put=[mine], revisions={key: revision})
    assert (told.value.mine, told.value.theirs, told.value.by) == (mine, theirs, "editor-2")
    assert told.value.at is not None
    assert (await _item(graph, draft.number, key))[0] == theirs


async def test_of_two_who_save_at_once_one_wins_and_the_other_is_told(graph: Graph) -> None:
    draft = await _fork(graph)
    key = _first(small(), "terms")
    item, revision = await _item(graph, draft.number, key)

    async def save(by: Actor, meaning: str) -> Saved:
        put = [_with(item, meaning=meaning)]
        return await edits.change(graph, draft.number, by=by, put=put, revisions={key: revision})

    done = await asyncio.gather(save(EDITOR, "一つ目"), save(OTHER, "二つ目"), return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["Collision", "Saved"]


async def test_a_new_item_with_its_edges_and_its_words(graph: Graph) -> None:
    draft = await _fork(graph)
    content = small()
    window, term = content.windows[0].key, content.terms[0]
    procedure = Item(
        Kind.PROCEDURE,
        {"key": "brand-new", "name": f"{term.term}の手続き", "handled_at": [window], "summary": "新しい手続きです。"},
    )
    await edits.change(graph, draft.number, by=EDITOR, put=[procedure], revisions={})
    found, _ = await _item(graph, draft.number, "brand-new")
    assert found.fields["handled_at"] == [window]
    mentions = await graph.latest.many("store/catalogue", "mentions", edition=draft.number, keys=["brand-new"])
    assert term.key in mentions[0]["terms"]
    with pytest.raises(Collision):
        await edits.change(graph, draft.number, by=OTHER, put=[procedure], revisions={})


async def test_a_new_word_is_found_in_the_texts_that_use_it(graph: Graph) -> None:
    draft = await _fork(graph)
    key = _first(small(), "procedures", summary=True)
    await _save(graph, draft.number, key, summary="ヌルデの葉を添えます。")
    term = Item(Kind.TERM, {"key": "nurude", "term": "ヌルデ", "meaning": "木の名前です。"})
    await edits.change(graph, draft.number, by=EDITOR, put=[term], revisions={})
    mentions = await graph.latest.many("store/catalogue", "mentions", edition=draft.number, keys=[key])
    assert "nurude" in mentions[0]["terms"]


async def test_what_would_be_unsound_is_refused_as_a_whole(graph: Graph) -> None:
    draft = await _fork(graph)
    key = _first(small(), "procedures", handled_at=True)
    with pytest.raises(InvalidContent, match="誤り") as told:
        await _save(graph, draft.number, key, handled_at=["no-such-window"])
    assert "no-such-window" in str(told.value.problems[0])
    assert canonical(await read_content(graph, draft.number)) == canonical(small())
    assert (await editions.numbered(graph.latest, draft.number)).revision == draft.revision


async def test_an_item_that_others_use_is_not_removed_silently(graph: Graph) -> None:
    draft = await _fork(graph)
    used = next(document for procedure in small().procedures for document in procedure.needs or ())
    item, revision = await _item(graph, draft.number, used)
    with pytest.raises(Refused, match="使っています"):
        await edits.change(graph, draft.number, by=EDITOR, remove=[used], revisions={used: revision})
    saved = await edits.change(graph, draft.number, by=EDITOR, remove=[used], revisions={used: revision}, detach=True)
    assert saved.patch.before[used] == item
    assert len(saved.patch.keys) > 1, "the items that used it are part of the change"
    assert saved.seq is not None
    await edits.take_back(graph, draft.number, seq=saved.seq, by=EDITOR)
    assert canonical(await read_content(graph, draft.number)) == canonical(small())


async def test_the_last_option_of_a_clause_does_not_vanish(graph: Graph) -> None:
    draft = await _fork(graph)
    question = next(
        question
        for question in small().questions
        if any([question.options[0].key] in condition.requires for condition in small().conditions)
    )
    item, revision = await _item(graph, draft.number, question.key)
    fewer = _with(item, options=item.fields["options"][1:])
    for detach in (False, True):
        with pytest.raises((Refused, InvalidContent)):
            await edits.change(
                graph, draft.number, by=EDITOR, put=[fewer], revisions={question.key: revision}, detach=detach
            )
    assert canonical(await read_content(graph, draft.number)) == canonical(small())


async def test_a_form_made_before_a_removal_does_not_fit_what_was_made_after_it(graph: Graph) -> None:
    draft = await _fork(graph)
    term = Item(Kind.TERM, {"key": "passing", "term": "仮の語", "meaning": "すぐに消えます。"})
    await edits.change(graph, draft.number, by=EDITOR, put=[term], revisions={})
    _, revision = await _item(graph, draft.number, "passing")
    await edits.change(graph, draft.number, by=EDITOR, remove=["passing"], revisions={"passing": revision})
    await edits.change(graph, draft.number, by=EDITOR, put=[term], revisions={})
    with pytest.raises(Collision):
        await edits.change(graph, draft.number, by=OTHER, put=[term], revisions={"passing": revision})


async def test_taking_everything_back_gives_the_first_hash(graph: Graph) -> None:
    draft = await _fork(graph)
    seqs = []
    for number, procedure in enumerate(small().procedures[:4]):
        saved = await _save(graph, draft.number, procedure.key, note=f"覚え書き {number}")
        seqs.append(saved.seq)
    for seq in reversed(seqs):
        assert seq is not None
        last = await edits.take_back(graph, draft.number, seq=seq, by=EDITOR)
    assert last.edition.content_hash == draft.content_hash
    assert await audit.verify(graph) == []


async def test_what_was_changed_again_is_not_taken_back(graph: Graph) -> None:
    draft = await _fork(graph)
    key = _first(small(), "windows")
    first = await _save(graph, draft.number, key, counter="1番")
    await _save(graph, draft.number, key, counter="2番")
    assert first.seq is not None
    with pytest.raises(Outdated, match="さらに変更"):
        await edits.take_back(graph, draft.number, seq=first.seq, by=EDITOR)
    restored = await edits.restore(graph, draft.number, key=key, seq=first.seq, by=EDITOR)
    assert restored.patch.after[key].fields["counter"] == "1番"


async def test_an_item_is_restored_without_the_ends_that_are_gone(graph: Graph) -> None:
    draft = await _fork(graph)
    window = Item(Kind.WINDOW, {"key": "gone-window", "name": "なくなる窓口"})
    procedure = Item(Kind.PROCEDURE, {"key": "back-again", "name": "戻る手続き", "handled_at": ["gone-window"]})
    made = await edits.change(graph, draft.number, by=EDITOR, put=[window, procedure], revisions={})
    await edits.change(
        graph,
        draft.number,
        by=EDITOR,
        remove=["gone-window", "back-again"],
        revisions={"gone-window": made.edition.revision, "back-again": made.edition.revision},
    )
    assert made.seq is not None
    with pytest.raises(InvalidContent) as told:
        await edits.restore(graph, draft.number, key="back-again", seq=made.seq, by=EDITOR)
    assert "gone-window" in str(told.value.problems[0])
    await edits.restore(graph, draft.number, key="back-again", seq=made.seq, by=EDITOR, detach=True)
    assert "handled_at" not in (await _item(graph, draft.number, "back-again"))[0].fields


async def test_only_open_drafts_are_written_to(graph: Graph) -> None:
    draft = await _fork(graph)
    key = _first(small(), "windows")
    item, revision = await _item(graph, draft.number, key)
    await drafts.discard(graph, draft.number, by=EDITOR, note="やめた")
    with pytest.raises(Refused, match="破棄"):
        await edits.change(graph, draft.number, by=EDITOR, put=[_with(item, counter="9番")], revisions={key: revision})
    live = await editions.live(graph.latest)
    assert live is not None
    with pytest.raises(Refused, match="公開されています"):
        await edits.change(graph, live.number, by=EDITOR, put=[_with(item, counter="9番")], revisions={key: 1})
    with pytest.raises(NotFound):
        await edits.change(graph, 10_000, by=EDITOR, put=[item], revisions={})


async def test_who_may_not_edit_does_not(graph: Graph) -> None:
    draft = await _fork(graph)
    reader = Actor("reader", {Permission.READ})
    with pytest.raises(Forbidden):
        await drafts.fork(graph, None, title="無断", by=reader)
    with pytest.raises(Forbidden):
        await edits.change(graph, draft.number, by=reader, put=[], revisions={})
    with pytest.raises(Forbidden):
        await drafts.discard(graph, draft.number, by=reader)


async def test_a_draft_that_is_edited_while_it_is_copied_is_not_copied_half(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = await _fork(graph)
    key = _first(small(), "windows")
    copy = building.copy

    async def slow(*args: Any, **named: Any) -> int:
        number = await copy(*args, **named)
        await _save(graph, draft.number, key, counter="途中")
        return number

    monkeypatch.setattr(building, "copy", slow)
    with pytest.raises(Refused, match="写している間"):
        await drafts.fork(graph, draft.number, title="写し", by=EDITOR)
    assert await graph.latest.many("editions/building", "leftovers", before=clock.now()) == []


async def _both(
    graph: Graph, mine: Mapping[str, Mapping[str, Any]], theirs: Mapping[str, Mapping[str, Any]]
) -> tuple[Edition, Edition]:
    """A draft with edits of mine, and a live edition with theirs, both from the seed."""
    draft = await _fork(graph)
    for key, fields in mine.items():
        await _save(graph, draft.number, key, **fields)
    items = patches.items(small())
    for key, fields in theirs.items():
        items[key] = _with(items[key], **fields)
    content = Content.model_validate(patches.plain(items))
    done = await importing.import_content(graph, content, publish=True, title="先に公開")
    return draft, done.edition


async def test_a_merge_takes_what_only_one_side_touched(graph: Graph) -> None:
    one, other = (procedure.key for procedure in small().procedures[:2])
    draft, live = await _both(graph, {one: {"note": "わたしの"}}, {other: {"note": "あちらの"}})
    saved = await drafts.merge(graph, draft.number, by=EDITOR)
    assert saved.edition.base == live.number
    assert saved.patch.keys == (other,)
    items = patches.items(await read_content(graph, draft.number))
    assert (items[one].fields["note"], items[other].fields["note"]) == ("わたしの", "あちらの")


async def test_a_merge_asks_where_both_sides_touched(graph: Graph) -> None:
    key = small().procedures[0].key
    draft, live = await _both(graph, {key: {"note": "わたしの"}}, {key: {"note": "あちらの"}})
    with pytest.raises(drafts.InConflict) as told:
        await drafts.merge(graph, draft.number, by=EDITOR)
    conflict = told.value.conflicts[0]
    assert told.value.number == live.number
    assert conflict.mine and conflict.theirs and conflict.base
    assert (conflict.mine.fields["note"], conflict.theirs.fields["note"]) == ("わたしの", "あちらの")
    saved = await drafts.merge(graph, draft.number, by=EDITOR, decided={key: "theirs"})
    assert saved.edition.base == live.number
    assert (await _item(graph, draft.number, key))[0] == conflict.theirs


async def test_a_merge_of_the_same_edit_has_nothing_to_do_but_moves_the_base(graph: Graph) -> None:
    key = small().procedures[0].key
    draft, live = await _both(graph, {key: {"note": "同じ"}}, {key: {"note": "同じ"}})
    saved = await drafts.merge(graph, draft.number, by=EDITOR)
    assert (saved.edition.base, bool(saved.patch)) == (live.number, False)


async def test_the_operator_may_do_all(graph: Graph) -> None:
    draft = await drafts.fork(graph, (await _fork(graph)).number, title="写しの写し", by=OPERATOR)
    assert replace(draft, number=0).state == "draft"


async def test_a_decision_counts_for_the_draft_that_was_looked_at(graph: Graph) -> None:
    key, other = (procedure.key for procedure in small().procedures[:2])
    draft, _ = await _both(graph, {key: {"note": "わたしの"}}, {key: {"note": "あちらの"}})
    seen = (await editions.numbered(graph.latest, draft.number)).revision
    await _save(graph, draft.number, other, note="あとから")
    with pytest.raises(Refused, match="開いたあとに変更"):
        await drafts.merge(graph, draft.number, by=EDITOR, decided={key: "theirs"}, revision=seen)
    saved = await drafts.merge(graph, draft.number, by=EDITOR, decided={key: "theirs"}, revision=seen + 1)
    assert saved.patch.keys == (key,)


async def test_what_was_taken_back_restored_and_merged_stands_in_fields_beside_the_typed_note(graph: Graph) -> None:
    key = small().procedures[0].key
    draft, live = await _both(graph, {key: {"note": "わたしの"}}, {key: {"note": "あちらの"}})
    first = await _last(graph, draft)
    await edits.take_back(graph, draft.number, seq=first["seq"], by=EDITOR, note="3 番の変更")
    back = await _last(graph, draft)
    assert (back["action"], back["reverted"], back["note"]) == ("take_back", first["seq"], "3 番の変更")
    await edits.restore(graph, draft.number, key=key, seq=first["seq"], by=EDITOR)
    after = await _last(graph, draft)
    assert (after["reverted"], after["side"], after.get("note")) == (first["seq"], "after", None)
    await drafts.merge(graph, draft.number, by=EDITOR, decided={key: "mine", "no-such": "theirs"}, note="3")
    merged = await _last(graph, draft)
    assert (merged["source"], merged["note"], merged["decisions"]) == (live.number, "3", f'{{"{key}":"mine"}}')
    assert history_text.told(merged).decisions == (f"『{key}』は、第{draft.number}版の内容にしました。",)
    await edits.restore(graph, draft.number, key=key, seq=first["seq"], by=EDITOR, side="before", note="前に")
    before = await _last(graph, draft)
    assert (before["action"], before["side"], before["note"]) == ("restore", "before", "前に")
    assert (await _item(graph, draft.number, key))[0] == patches.items(small())[key]
    with pytest.raises(NotFound, match="ありません"):
        await edits.restore(graph, draft.number, key="no-such", seq=first["seq"], by=EDITOR, side="before")


async def _last(graph: Graph, edition: Edition) -> dict[str, Any]:
    return (await history.page(graph.latest, history.Filter(edition=edition.number), most=1))[0]


async def test_what_goes_on_in_the_background_ends_with_the_service(graph: Graph) -> None:
    key = small().procedures[0].key
    draft = await _fork(graph)
    item, revision = await _item(graph, draft.number, key)
    service = EditionService(graph)
    put = {"procedures": [item.fields | {"note": "見直し"}]}
    saved = await service.save(draft.number, ItemChange(put=put, revisions={key: revision}), by=EDITOR)
    search = findings.begin(graph, saved.edition)
    assert not search.done()
    await service.close()
    assert search.done()
