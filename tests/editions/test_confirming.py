"""The city's confirmation: what is unconfirmed by window, and the act after which it is a fact for residents."""

from __future__ import annotations

from typing import Any

import pytest

from service import clock
from service.accounts.permissions import Actor, Permission
from service.content.basis import as_residents_see, to_ask
from service.content.loading import read_plain
from service.content.models import Procedure
from service.editions import contents, drafts, importing
from service.editions.confirming import ProcedureToConfirm, WindowToConfirm
from service.editions.history import Filter
from service.editions.requests import Confirming, ItemChange
from service.editions.service import EditionService
from service.errors import Forbidden, GuideError, InvalidRequest, NotFound, Refused
from service.store.graph import Graph

HANAKO = Actor("hanako", frozenset(Permission))
CONTENT: dict[str, Any] = {
    "format": 2,
    "life_events": [{"key": "move", "name": "引っ越し"}],
    "questions": [
        {
            "key": "car",
            "text": "車を持っていますか",
            "kind": "one",
            "options": [{"key": "car/yes", "label": "はい"}, {"key": "car/no", "label": "いいえ"}],
        }
    ],
    "conditions": [
        {"key": "if-all", "label": "引っ越した方", "life_events": ["move"], "selects": ["todoke", "gomi", "denwa"]},
        {
            "key": "if-car",
            "label": "車を持っている方",
            "life_events": ["move"],
            "requires": [["car/yes"]],
            "selects": ["todoke"],
            "needs": ["shaken"],
        },
    ],
    "procedures": [
        {
            "key": "todoke",
            "name": "転入届",
            "basis": {"duty": "law", "deadline": "law", "documents": "elsewhere", "windows": "elsewhere"},
            "sources": [{"url": "https://example.jp/", "title": "ほかの市", "basis": "elsewhere"}],
            "handled_at": ["shimin"],
            "needs": ["card"],
            "deadline": {"value": 14, "unit": "day", "from": "引っ越した日"},
        },
        {"key": "gomi", "name": "ごみの届け", "basis": "city", "handled_at": ["shimin"]},
        {"key": "denwa", "name": "電話の届け", "basis": {"duty": "elsewhere"}, "fee": "無料"},
    ],
    "documents": [{"key": "card", "name": "本人確認書類"}, {"key": "shaken", "name": "車検証"}],
    "windows": [{"key": "shimin", "name": "市民課", "phone": "0866-00-0000"}],
}


async def _draft(graph: Graph) -> tuple[EditionService, int]:
    made = await importing.import_content(graph, read_plain(CONTENT), publish=False, title="確かめる前")
    edition = await drafts.fork(graph, made.edition.number, title="確かめる", by=HANAKO)
    return EditionService(graph, looks_ahead=False), edition.number


async def _procedure(graph: Graph, number: int, key: str) -> Procedure:
    found = (await contents.of_number(graph.latest, number)).models[key]
    assert isinstance(found, Procedure)
    return found


def _named(windows: list[WindowToConfirm], key: str) -> ProcedureToConfirm:
    return next(one for window in windows for one in window.procedures if one.key == key)


async def test_what_is_unconfirmed_is_told_by_window_in_words(graph: Graph) -> None:
    service, number = await _draft(graph)
    at_hall, nowhere = await service.to_confirm(number)
    assert (at_hall.window, at_hall.name, at_hall.phone) == ("shimin", "市民課", "0866-00-0000")
    assert ("名前", "市民課") in {(fact.label, fact.text) for fact in at_hall.facts}
    [todoke] = at_hall.procedures
    papers, place = todoke.groups
    assert [(fact.label, fact.text) for fact in papers.facts] == [
        ("必要書類", "本人確認書類"),
        ("「車を持っている方」の必要書類", "車検証"),
    ]
    assert [(fact.label, fact.text) for fact in place.facts] == [("窓口", "市民課")]
    assert nowhere.window is None
    duty, fee = _named([nowhere], "denwa").groups
    assert [(fact.label, fact.text) for fact in duty.facts] == [("区分", "必要な手続き"), ("対象", "引っ越した方")]
    assert [(fact.label, fact.text) for fact in fee.facts] == [("費用", "無料")]
    assert [(one.name, one.groups) for one in nowhere.unsaid] == [
        ("電話の届け", ("期限", "持ち物", "窓口", "オンライン"))
    ]
    assert nowhere.name == "分野なし"


async def test_all_of_a_window_becomes_the_citys_with_day_and_person(graph: Graph) -> None:
    service, number = await _draft(graph)
    assert to_ask(await _procedure(graph, number, "todoke")) == ("documents", "windows", "online")
    [window, _] = await service.to_confirm(number)
    saved = await service.confirm(number, Confirming(window="shimin", seen=window.seen, note="電話で"), by=HANAKO)
    assert sorted(saved.patch.after) == ["shimin", "todoke"]
    left, nowhere = await service.to_confirm(number)
    assert (left.procedures, left.facts) == ((), ()), "nothing that is said is unconfirmed"
    assert [(one.key, one.groups) for one in left.unsaid] == [
        ("gomi", ("期限", "持ち物", "オンライン")),
        ("todoke", ("オンライン",)),
    ]
    assert nowhere.window is None
    after = await _procedure(graph, number, "todoke")
    basis = after.basis
    assert (basis.duty, basis.deadline, basis.documents, basis.windows) == ("law", "law", "city", "city")
    assert basis.online is None, "of what nobody has said anything nothing is confirmed"
    assert to_ask(after) == ("online",)
    [source] = as_residents_see(after).sources or []
    assert (source.title, source.basis, source.checked_on) == ("市民課で確認", "city", clock.today().isoformat())
    [told] = await service.history(Filter(edition=number, action="confirm"))
    assert (told.by, told.note) == ("hanako", "電話で")
    assert told.sentence.startswith("hanakoが、自治体で確かめたことを記録しました")


async def test_a_paper_of_other_cities_is_told_once_the_city_confirmed_it(graph: Graph) -> None:
    papers = [CONTENT["documents"][0] | {"basis": "elsewhere"}, CONTENT["documents"][1]]
    todoke = CONTENT["procedures"][0] | {"basis": "law"}
    content = CONTENT | {"documents": papers, "procedures": [todoke], "conditions": [CONTENT["conditions"][1]]}
    made = await importing.import_content(graph, read_plain(content), publish=False, title="ほかの市の書類")
    service, number = EditionService(graph, looks_ahead=False), made.edition.number
    [group] = _named(await service.to_confirm(number), "todoke").groups
    assert group.group == "documents"
    await service.confirm(number, Confirming(procedure="todoke"), by=HANAKO)
    assert (await service.item(number, "card"))["item"]["basis"] == "city"
    assert (await _procedure(graph, number, "todoke")).basis.documents == "law"
    assert "todoke" not in {one.key for window in await service.to_confirm(number) for one in window.procedures}


async def test_chosen_groups_of_one_procedure_alone(graph: Graph) -> None:
    service, number = await _draft(graph)
    wanted = Confirming(procedure="todoke", groups=["documents"])
    await service.confirm(number, wanted, by=HANAKO)
    basis = (await _procedure(graph, number, "todoke")).basis
    assert (basis.documents, basis.windows) == ("city", "elsewhere")
    await service.confirm(number, Confirming(procedure="todoke"), by=HANAKO)
    after = await _procedure(graph, number, "todoke")
    assert after.basis.windows == "city"
    assert [source.title for source in after.sources or []] == ["ほかの市", "市民課で確認"]
    await service.confirm(number, Confirming(procedure="denwa"), by=HANAKO)
    assert [source.title for source in (await _procedure(graph, number, "denwa")).sources or []] == ["自治体で確認"]


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        ({}, InvalidRequest),
        ({"window": "shimin", "procedure": "todoke"}, InvalidRequest),
        ({"procedure": "todoke", "groups": ["deadline"]}, InvalidRequest),
        ({"procedure": "todoke", "groups": ["nothing"]}, InvalidRequest),
        ({"window": "todoke"}, NotFound),
        ({"procedure": "none"}, NotFound),
        ({"procedure": "gomi"}, Refused),
        ({"window": "shimin", "seen": "0" * 16}, Refused),
        ({"procedure": "todoke", "seen": "0" * 16}, Refused),
    ],
)
async def test_what_cannot_be_confirmed_changes_nothing(
    graph: Graph, wanted: dict[str, Any], error: type[GuideError]
) -> None:
    service, number = await _draft(graph)
    before = await service.to_confirm(number)
    with pytest.raises(error):
        await service.confirm(number, Confirming(**wanted), by=HANAKO)
    assert await service.to_confirm(number) == before


async def test_what_changed_since_it_was_read_is_not_confirmed(graph: Graph) -> None:
    service, number = await _draft(graph)
    seen = _named(await service.to_confirm(number), "todoke").seen
    other = await service.item(number, "card")
    renamed = {"documents": [other["item"] | {"name": "運転免許証"}]}
    await service.save(number, ItemChange(put=renamed, revisions={"card": other["revision"]}), by=HANAKO)
    with pytest.raises(Refused):
        await service.confirm(number, Confirming(procedure="todoke", seen=seen), by=HANAKO)


async def test_who_may_not_edit_may_not_confirm(graph: Graph) -> None:
    service, number = await _draft(graph)
    with pytest.raises(Forbidden):
        await service.confirm(number, Confirming(window="shimin"), by=Actor("x", frozenset({Permission.READ})))
