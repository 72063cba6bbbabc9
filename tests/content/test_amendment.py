"""An amended law under a city's content: what the city changed stays, what the law changed comes."""

from __future__ import annotations

import copy
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.content import patches
from service.content.amendment import Three, amended
from service.content.loading import read_plain
from service.content.patches import Items
from tests.contents import random_content
from tests.edits import edited

Fields = dict[str, Any]

STATUTE = {"title": "住民基本台帳法", "basis": "law"}
CHECKED = STATUTE | {"checked_on": "2026-04-01"}
CITY_PAGE = {"title": "市のページ", "basis": "city"}

LAW: Fields = {
    "format": 2,
    "life_events": [{"key": "in", "name": "転入"}],
    "questions": [
        {
            "key": "age",
            "text": "年齢は",
            "kind": "one",
            "options": [{"key": "age/young", "label": "若い"}, {"key": "age/old", "label": "年上"}],
        }
    ],
    "procedures": [
        {
            "key": "tennyu",
            "name": "転入届",
            "synonyms": ["引っ越し"],
            "fee": "無料",
            "deadline": {"value": 14, "unit": "day", "from": "住み始めた日"},
            "basis": {"duty": "law", "deadline": "law"},
            "needs": ["card", "seal"],
            "postal": "no",
            "sources": [STATUTE],
        },
        {"key": "kaigo", "name": "介護保険"},
    ],
    "documents": [{"key": "card", "name": "カード"}, {"key": "seal", "name": "印鑑"}, {"key": "photo", "name": "写真"}],
    "scenarios": [
        {"key": "one", "name": "一人", "life_events": ["in"], "answers": {"age": ["age/old"]}, "expects": ["tennyu"]}
    ],
}


def items(document: Fields) -> Items:
    """The items of a document in their normal form."""
    return patches.items(read_plain(document))


def changed(name: str = "procedures", index: int = 0, **fields: Any) -> Fields:
    """The law with other fields in one of its items; None takes one away."""
    made = copy.deepcopy(LAW)
    made[name][index] = {field: value for field, value in {**made[name][index], **fields}.items() if value is not None}
    return made


def merged(new: Fields, own: Fields, key: str = "tennyu") -> Three:
    """The item on three sides."""
    return amended(items(LAW), items(new), items(own))[key]


@pytest.mark.parametrize(
    ("new", "own", "field", "wanted"),
    [
        ({"fee": "300円"}, {"note": "市の補足"}, "fee", "300円"),
        ({"fee": "300円"}, {"note": "市の補足"}, "note", "市の補足"),
        ({"fee": None}, {"note": "市の補足"}, "fee", None),
        ({"note": "国の補足"}, {"fee": None}, "fee", None),
        (
            {"deadline": {"value": 30, "unit": "day", "from": "住み始めた日"}},
            {"deadline": {"value": 14, "unit": "day", "from": "住み始めた日", "note": "土曜日は休みです"}},
            "deadline",
            {"value": 30, "unit": "day", "from": "住み始めた日", "note": "土曜日は休みです"},
        ),
        (
            {"basis": {"duty": "law"}},
            {"basis": {"duty": "law", "deadline": "law", "fee": "city"}},
            "basis",
            {"duty": "law", "fee": "city"},
        ),
        ({"needs": ["card"]}, {"needs": ["card", "seal", "photo"]}, "needs", ["card", "photo"]),
        (
            {"synonyms": ["引っ越し", "転居"]},
            {"synonyms": ["引っ越し", "引越"]},
            "synonyms",
            ["引っ越し", "引越", "転居"],
        ),
        ({"sources": [CHECKED]}, {"sources": [STATUTE, CITY_PAGE]}, "sources", [CHECKED, CITY_PAGE]),
        ({"sources": []}, {"sources": [STATUTE, CITY_PAGE]}, "sources", [CITY_PAGE]),
    ],
)
def test_what_either_side_changed_is_taken(new: Fields, own: Fields, field: str, wanted: Any) -> None:
    found = merged(changed(**new), changed(**own))
    assert found.is_settled and found.mine.fields.get(field) == wanted


@pytest.mark.parametrize(
    ("new", "own", "field"),
    [
        ({"fee": "300円"}, {"fee": "200円"}, "fee"),
        ({"fee": "300円"}, {"fee": None}, "fee"),
        ({"postal": "yes"}, {"postal": {"is": "no", "note": "窓口だけです"}}, "postal"),
        ({"needs": ["card"]}, {"needs": []}, "needs"),
        ({"needs": ["seal"]}, {"needs": ["card"]}, "needs"),
        ({"deadline": {"value": 30, "unit": "day"}}, {"deadline": {"value": 7, "unit": "day"}}, "deadline"),
    ],
)
def test_what_both_changed_otherwise_is_decided(new: Fields, own: Fields, field: str) -> None:
    """Everything else of the item is settled all the same: only what is in dispute differs."""
    found = merged(changed(**new, summary="国の説明"), changed(**own, note="市の補足"))
    assert not found.is_settled
    mine, theirs = found.mine.fields, found.theirs.fields
    assert {name for name in {*mine, *theirs} if mine.get(name) != theirs.get(name)} == {field}
    assert (mine["summary"], mine["note"]) == ("国の説明", "市の補足")


def test_a_question_gains_an_option_of_the_law_beside_one_of_the_city() -> None:
    old = LAW["questions"][0]["options"]
    new = changed("questions", options=[old[0], {"key": "age/middle", "label": "中くらい"}, old[1]])
    own = changed("questions", options=[*old, {"key": "age/city", "label": "市の選択肢"}])
    found = merged(new, own, "age")
    assert found.is_settled
    assert [one["label"] for one in found.mine.fields["options"]] == ["若い", "中くらい", "年上", "市の選択肢"]


def test_the_answers_of_a_household_are_merged_question_by_question() -> None:
    made = copy.deepcopy(LAW)
    made["questions"].append(
        made["questions"][0]
        | {"key": "pet", "options": [{"key": "pet/a", "label": "a"}, {"key": "pet/b", "label": "b"}]}
    )
    own = copy.deepcopy(made)
    own["scenarios"][0]["answers"]["pet"] = ["pet/a"]
    new = changed("scenarios", answers={"age": ["age/young"]})
    found = merged(new, own, "one")
    assert found.is_settled and found.mine.fields["answers"] == {"age": ["age/young"], "pet": ["pet/a"]}


def test_items_come_and_go() -> None:
    more = copy.deepcopy(LAW)
    more["documents"].append({"key": "new", "name": "新しい書類"})
    del more["procedures"][1]
    city = copy.deepcopy(LAW)
    city["procedures"].append({"key": "gomi", "name": "ごみ"})
    found = amended(items(LAW), items(more), items(city))
    assert found["new"].mine.fields["name"] == "新しい書類" and found["gomi"].is_settled
    assert (found["kaigo"].mine, found["kaigo"].theirs) == (None, None), "nobody in the city changed it"
    changed_here = amended(items(LAW), items(more), items(changed(index=1, note="市の補足")))["kaigo"]
    assert changed_here.theirs is None and changed_here.mine.fields["note"] == "市の補足"
    dropped_here = copy.deepcopy(LAW)
    del dropped_here["procedures"][1]
    assert amended(items(LAW), items(LAW), items(dropped_here))["kaigo"] == Three(None, None, None)
    amended_law = amended(items(LAW), items(changed(index=1, note="国の補足")), items(dropped_here))["kaigo"]
    assert amended_law.mine is None and amended_law.theirs.fields["note"] == "国の補足"


def test_an_item_of_the_city_under_a_key_that_the_law_takes_is_decided() -> None:
    new, own = copy.deepcopy(LAW), copy.deepcopy(LAW)
    new["procedures"].append({"key": "gomi", "name": "ごみの分別（全国）"})
    own["procedures"].append({"key": "gomi", "name": "ごみの出し方"})
    found = merged(new, own, "gomi")
    assert (found.base, found.is_settled) == (None, False)


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), times=st.integers(1, 10))
def test_what_one_side_alone_changed_comes_out_as_that_side_has_it(seed: int, times: int) -> None:
    old = random_content(Random(seed))
    one, before = patches.items(edited(Random(seed), old, times=times)), patches.items(old)
    for new, own in ((one, before), (before, one), (one, one)):
        found = amended(before, new, own)
        assert all(three.is_settled for three in found.values())
        assert {key: three.mine for key, three in found.items() if three.mine} == dict(one)
