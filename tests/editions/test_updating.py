"""An amended law comes into a city's guide, and what lies beneath an edition goes with it wherever it goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import neo4j
import pytest
import pytest_asyncio

from service import clock
from service.accounts.permissions import OPERATOR, Actor, Permission
from service.content import patches, references
from service.content.canonical import content_hash, item_yaml
from service.content.loading import read_folders, read_plain
from service.content.models import Content, Edition
from service.content.patches import Item
from service.diff_text import history as history_text
from service.editions import archive, audit, history, importing, layering
from service.editions.requests import ItemChange, Merging, NewDraft, NewEdition, Publication, Reason, Updating
from service.editions.service import EditionService
from service.editions.updating import LawInConflict
from service.errors import NotFound, Refused
from service.store.graph import Address, Graph
from tests.seed import LAYERS, small, small_law

OWN = {"summary", "deadline", "basis", "url", "sources", "handled_at"}
KEY = "jidou-teate-gakukai"
BY = Actor("editor", frozenset(Permission))
UPDATING = Updating(title="法改正")
Fields = dict[str, Any]


def law(**changes: Fields | None) -> Content:
    """The law, amended: other fields of procedures, None takes one away; a procedure that is None goes.

    A `-` of a key is written `_`.
    """
    made = dict(patches.items(small_law()))
    for name, fields in changes.items():
        key = name.replace("_", "-")
        merged = {**made[key].fields, **(fields or {})}
        made[key] = Item("Procedure", {name: value for name, value in merged.items() if value is not None})
        if fields is None:
            del made[key]
            made |= {one.key: references.detached(one, {key}) for one in references.referrers(made, {key})}
    return read_plain(patches.plain(made))


@pytest.fixture
def service(graph: Graph) -> EditionService:
    """The service, with the law that came with the program."""
    return EditionService(graph, looks_ahead=False, law=LAYERS[:-1])


@pytest_asyncio.fixture(loop_scope="session")
async def live(graph: Graph) -> Edition:
    """The first edition, live on the law that lies beneath it."""
    return (
        await importing.import_content(graph, small(), publish=True, title="最初の版", beneath=small_law(), by=OPERATOR)
    ).edition


async def _fields(graph: Graph, number: int, key: str) -> Fields:
    return (await archive.items(graph, number))[key].fields


async def test_an_edition_knows_which_values_are_the_law_s(graph: Graph, live: Edition) -> None:
    assert (live.beneath, live.content_hash) == (content_hash(small_law()), content_hash(small()))
    items = await archive.items(graph, live.number)
    beneath = await layering.beneath(graph.latest, live)
    assert set(layering.own_fields(beneath, items[KEY])) == OWN
    assert set(layering.own_fields(beneath, items["ido-ninzu"])) == set(items["ido-ninzu"].fields)
    assert layering.own_fields(beneath, items["law-jiteate-9"]) == ()
    assert set(layering.own_fields(None, items["law-jiteate-9"])) == set(items["law-jiteate-9"].fields)


async def test_an_amended_law_becomes_a_draft_that_keeps_what_the_city_changed(
    graph: Graph, live: Edition, service: EditionService
) -> None:
    new = law(jidou_teate_gakukai={"fee": "300円", "if_late": None})
    saved = await service.update(None, new, UPDATING, by=BY)
    draft = saved.edition
    assert (draft.title, draft.state, draft.base) == ("法改正", "draft", live.number)
    assert draft.beneath == content_hash(new) and saved.patch.keys == (KEY,)
    before, after = (
        await _fields(graph, live.number, KEY),
        await _fields(graph, draft.number, KEY),
    )
    assert after == {name: value for name, value in before.items() if name != "if_late"} | {"fee": "300円"}
    assert "総社市" in after["summary"] and after["handled_at"] == ["window-kodomo"]
    review = await service.review(live.number, draft.number)
    assert [one.key for one in review.content] == [KEY] and review.residents.same
    assert await audit.verify(graph) == []
    again = await service.update(draft.number, new, UPDATING, by=BY)
    assert again.seq is None, "it lies on that law already"


async def test_what_it_changes_for_residents_is_told_by_the_comparison(
    graph: Graph, live: Edition, service: EditionService
) -> None:
    wanted = Updating.model_validate({"decided": {"ninchi": "theirs"}})
    with pytest.raises(LawInConflict) as told:
        await service.update(None, law(ninchi=None), UPDATING, by=BY)
    assert told.value.conflicts[0].theirs is None, "the law drops it, and the city had added its window"
    saved = await service.update(None, law(ninchi=None), wanted, by=BY)
    assert saved.edition.title.startswith("全国の内容の更新 ")
    assert "ninchi" not in await archive.items(graph, saved.edition.number)
    assert "ninchi" not in str(await _fields(graph, saved.edition.number, "if-birth-single-allowance"))
    review = await service.review(live.number, saved.edition.number)
    assert not review.residents.same


async def test_what_both_changed_is_decided_by_a_person(graph: Graph, live: Edition, service: EditionService) -> None:
    new = law(jidou_teate_gakukai={"summary": "法律の新しい説明", "fee": "300円"})
    number = len(await service.editions())
    with pytest.raises(LawInConflict) as told:
        await service.update(None, new, UPDATING, by=BY)
    [conflict] = told.value.conflicts
    assert conflict.key == KEY and conflict.mine and conflict.theirs
    assert {name for name, value in conflict.mine.fields.items() if conflict.theirs.fields.get(name) != value} == {
        "summary"
    }
    assert told.value.details()["conflicts"][0]["theirs"]["summary"] == "法律の新しい説明"
    assert len(await service.editions()) == number, "nothing is made before it is decided"
    for side, summary in (("mine", "総社市で児童手当を受けている方は"), ("theirs", "法律の新しい説明")):
        wanted = Updating.model_validate({"title": f"{side}で", "decided": {KEY: side}})
        saved = await service.update(None, new, wanted, by=BY)
        fields = await _fields(graph, saved.edition.number, KEY)
        assert summary in fields["summary"] and fields["fee"] == "300円"
    [change] = await history.page(graph.latest, history.Filter(edition=saved.edition.number, action="update"))
    told_change = history_text.told(change)
    assert told_change.what.startswith("全国の内容の新しい版を取り入れました")
    assert told_change.decisions == (
        "『児童手当の額改定請求（お子さんが増えたとき）』は、新しい全国の内容にしました。",
    )


async def test_what_the_city_still_needs_is_named_when_the_law_drops_it(
    graph: Graph, live: Edition, service: EditionService
) -> None:
    number = len(await service.editions())
    made, gone = dict(patches.items(small_law())), {"parenting/single"}
    options = [one for one in made["parenting"].fields["options"] if one["key"] not in gone]
    made["parenting"] = Item("Question", made["parenting"].fields | {"options": options})
    for one in references.referrers(made, gone):
        if one.kind == "Condition":
            del made[one.key]
        else:
            made[one.key] = references.detached(one, gone)
    with pytest.raises(Refused, match="requires が空になってしまいます"):
        await service.update(None, read_plain(patches.plain(made)), UPDATING, by=BY)
    assert len(await service.editions()) == number


async def test_the_law_that_came_with_the_program_is_there_or_new(live: Edition, service: EditionService) -> None:
    assert await service.has_new_law(live), "only a part of the law lies beneath this edition"
    assert not await service.has_new_law(replace(live, beneath=content_hash(await service.shipped_law())))
    assert not await service.has_new_law(replace(live, beneath=None))
    same = await service.update(None, small_law(), UPDATING, by=BY)
    assert (same.edition.number, same.seq) == (live.number, None)
    preview = await service.update_preview(live.number, law(shussei={"fee": "300円"}))
    assert [one.key for one in preview.content] == ["shussei"] and preview.is_new and not preview.conflicts
    with pytest.raises(NotFound):
        await EditionService(service.graph).shipped_law()


async def test_where_nobody_knows_what_lies_beneath_it_has_to_be_shown(graph: Graph, service: EditionService) -> None:
    content = small().model_copy(update={"terms": small().terms[:-1]})
    await importing.import_content(graph, content, publish=True, title="層を知らない版")
    live = await service.edition(await service.number("live"))
    unknown = replace(live, beneath=None)
    assert live.beneath == content_hash(small_law()), "what is imported whole counts as grown from the live edition"
    with pytest.raises(NotFound, match="記録されていません"):
        await layering.apart(graph.latest, unknown)


async def test_layers_that_were_written_out_come_back_as_the_same_edition(
    live: Edition, service: EditionService, tmp_path: Path
) -> None:
    found = await service.layers(live.number)
    for name, plain in (("national", patches.plain(found.beneath)), ("city", found.own)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "content.yaml").write_text(item_yaml(plain), encoding="utf-8")
    back = read_folders([tmp_path / "national", tmp_path / "city"])
    assert (content_hash(back.content), back.beneath and content_hash(back.beneath)) == (
        live.content_hash,
        live.beneath,
    )
    done = await service.import_content(
        back.content, NewEdition(title="戻した", publish=True), beneath=back.beneath, by=BY
    )
    assert (done.created, done.edition.number) == (False, live.number)


async def test_what_lies_beneath_goes_with_copies_merges_schedules_and_archives(
    graph: Graph, live: Edition, service: EditionService
) -> None:
    new = law(jidou_teate_gakukai={"fee": "300円"})
    updated = (await service.update(None, new, UPDATING, by=BY)).edition
    other = await service.fork(NewDraft(title="ほかの下書き"), by=BY)
    assert other.beneath == live.beneath
    later = await service.publish(
        other.number,
        Publication(seen=await _changed(service, other.number), at=clock.now() + timedelta(days=30)),
        by=BY,
    )
    assert later.beneath == live.beneath
    published = await service.publish(updated.number, Publication(seen=updated.content_hash), by=BY)
    assert published.beneath == content_hash(new)
    [waiting] = [one for one in await service.editions() if one.waits(clock.now())]
    assert waiting.beneath == content_hash(new), "a scheduled edition takes the law in with the rest"
    kept = await service.withdraw(waiting.number, Reason(), by=BY)
    assert kept.beneath == content_hash(new)
    draft = await service.fork(NewDraft(title="前の版から", of=live.number), by=BY)
    assert draft.beneath == live.beneath
    merged = await service.merge(draft.number, Merging(), by=BY)
    assert merged.edition.beneath == content_hash(new)
    back = await service.roll_back(live.number, Reason(note="元に戻す"), by=BY)
    assert back.beneath == live.beneath
    gone = await service.archive(waiting.number, by=BY)
    assert gone.beneath == content_hash(new) and await layering.beneath(graph.latest, gone)
    assert await audit.verify(graph) == []


async def _changed(service: EditionService, number: int) -> str | None:
    """Something of the city's changed in a draft; its hash then."""
    found = await service.item(number, "ido-ninzu")
    put = {"procedures": [found["item"] | {"note": "補足を足しました"}]}
    wanted = ItemChange(put=put, revisions={"ido-ninzu": found["revision"]})
    return (await service.save(number, wanted, by=BY)).edition.content_hash


async def test_of_two_laws_the_one_that_came_last_counts(graph: Graph, live: Edition, service: EditionService) -> None:
    first, second = law(jidou_teate_gakukai={"fee": "100円"}), law(shussei={"fee": "200円"})
    mine = (await service.update(None, first, UPDATING, by=BY)).edition
    theirs = (await service.update(None, second, UPDATING, by=BY)).edition
    await service.publish(theirs.number, Publication(seen=theirs.content_hash), by=BY)
    merged = (await service.merge(mine.number, Merging(), by=BY)).edition
    assert merged.beneath == content_hash(second)
    assert (await _fields(graph, merged.number, KEY))["fee"] == "100円"


async def test_a_lost_layer_is_told(graph: Graph, address: Address, live: Edition) -> None:
    with neo4j.GraphDatabase.driver(address.uri, auth=(address.user, address.password)) as driver:
        driver.execute_query("MATCH (layer:Layer) SET layer.document = null", database_=address.database)
    found = await audit.verify(graph)
    assert {one.how for one in found} == {"layer"} and "全国の内容の控え" in found[0].text
