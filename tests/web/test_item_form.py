"""The form of an item, made from the registry: what it holds is the item, and what is typed becomes one."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings

from service.content import patches, registry
from service.content.canonical import plain_item
from service.content.fields import FieldEntry, fields_of
from service.content.loading import read_plain
from service.content.models import Content
from service.content.patches import Fields, Item, Items
from service.errors import InvalidContent, InvalidRequest
from service.web.rendering import environment
from service.web.staff import form_fields, item_form
from service.web.staff.form_fields import FormField, Index, Showing
from service.web.staff.item_form import Typed
from tests.contents import contents, random_content
from tests.forms import sent
from tests.seed import CITIES, of_city

ONE: dict[str, Any] = {
    "format": 2,
    "life_events": [{"key": "move", "name": "引っ越し", "date_label": "引っ越した日"}],
    "questions": [
        {
            "key": "who",
            "text": "だれが引っ越しますか",
            "kind": "one",
            "options": [{"key": "who/alone", "label": "ひとり"}, {"key": "who/family", "label": "家族で"}],
        },
        {"key": "pet", "text": "飼っていますか", "kind": "many", "options": [{"key": "pet/dog", "label": "犬"}]},
    ],
    "conditions": [
        {
            "key": "if-family",
            "label": "家族の方",
            "life_events": ["move"],
            "requires": [["who/family"], ["pet/dog"]],
            "selects": ["todoke"],
        }
    ],
    "procedures": [
        {
            "key": "todoke",
            "name": "引っ越しの届け",
            "handled_at": ["mado", "shisho"],
            "deadline": {"value": 14, "unit": "day", "from": "引っ越した日", "from_event": ["move"]},
            "sources": [{"title": "市のページ", "basis": "city"}],
        }
    ],
    "windows": [{"key": "mado", "name": "市民の窓口"}, {"key": "shisho", "name": "支所"}],
    "scenarios": [
        {"key": "case-one", "name": "ある世帯", "life_events": ["move"], "answers": {"who": "unsure", "pet": []}}
    ],
}


def _items(content: Content) -> Items:
    return patches.items(content)


def _html(item: Item, index: Index, typed: Typed | None = None) -> str:
    """The form as a page has it."""
    showing = Showing(typed or item_form.typed(item), index)
    macros: Any = environment().get_template("staff/form.html").module
    fields = showing.fields(registry.kind(item.kind).fields.values())
    return "".join(str(macros.field(one, "/send")) for one in fields)


def _made(item: Item, typed: Typed) -> Fields:
    """The item in its normal form that the form holds."""
    fields = {"key": item.key} | item_form.read(item.kind, typed)
    return plain_item(registry.kind(item.kind).model.model_validate(fields, by_alias=True, by_name=False))


def _go_round(known: Items) -> int:
    """Every item through the page that a browser shows and what it would send of it."""
    index = Index(known)
    for item in known.values():
        assert _made(item, Typed(sent(_html(item, index)))) == item.fields, item.key
    return len(known)


@pytest.mark.parametrize("city", CITIES, ids=lambda city: city.name)
def test_every_item_of_a_city_goes_through_its_form_unchanged(city: Any) -> None:
    assert _go_round(_items(of_city(city).content)) > 900


@settings(max_examples=15)
@given(contents())
def test_every_item_goes_through_its_form_unchanged(content: Content) -> None:
    _go_round(_items(content))


def test_every_item_of_larger_contents_goes_through_its_form_unchanged() -> None:
    for seed in range(3):
        _go_round(_items(random_content(Random(seed), questions=20, conditions=40, procedures=30)))


def test_every_field_has_its_place_with_its_label() -> None:
    """For a kind's first item and for a new one: no field of the registry is left out, at any depth."""
    for kind in registry.current().lists.values():
        item = Item(kind.label, {"key": "new"})
        typed = item_form.start(kind.label)
        html = _html(item, Index({}), typed)
        for entry in _entries(kind.fields.values()):
            assert entry.label in html, (kind.label, entry.name)
            for words in entry.words.values():
                assert words in html, (kind.label, entry.name, words)


def _entries(entries: Any) -> list[FieldEntry]:
    """The fields that a new item shows, those of records among them."""
    made: list[FieldEntry] = []
    for entry in entries:
        if entry.shape != "key":
            made.append(entry)
        if entry.is_record and entry.inner:
            made += _entries(fields_of(entry.inner).values())
    return made


def test_hostile_text_comes_out_as_text_in_every_field() -> None:
    """In every field of every kind, on the page and in what a browser sends of it."""
    evil = "\"><script>alert(1)</script>{{ 7*7 }}'&amp;</textarea><b onclick=x>"
    for kind in registry.current().lists.values():
        typed = item_form.start(kind.label)
        pairs = sent(_html(Item(kind.label, {"key": "new"}), Index({}), typed))
        spoilt = Typed(tuple((name, value if name.startswith("row:") else evil) for name, value in pairs))
        spoilt = spoilt.with_(*((name, evil) for name in _choosing(kind.fields.values())))
        html = _html(Item(kind.label, {"key": "new"}), Index({}), spoilt)
        for markup in ("<script", "<b ", "</textarea><b", "onclick=x>"):
            assert markup not in html, (kind.label, markup)
        again = sent(html)
        assert {name for name, value in again if value == evil} >= {
            name for name, value in spoilt.pairs if value == evil
        }, kind.label


def _choosing(entries: Any) -> list[str]:
    return [f"/{entry.name}" for entry in entries if entry.shape in {"items", "sequence"}]


# What is typed


def _typed(key: str) -> tuple[Item, Items, Typed]:
    known = _items(read_plain(ONE))
    item = known[key]
    return item, known, Typed(sent(_html(item, Index(known))))


def _with(typed: Typed, name: str, value: str) -> Typed:
    return Typed(tuple((given, value if given == name else was) for given, was in typed.pairs))


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2027-04-01", "2027-04-01"),
        ("２０２７-０４-０１", "2027-04-01"),
        ("令和9年4月1日", "2027-04-01"),
        ("R9.4.1", "2027-04-01"),
        ("2027/4/1", "2027-04-01"),
    ],
)
def test_days_may_be_typed_the_japanese_way(typed: str, day: str) -> None:
    item, _, form = _typed("todoke")
    assert _made(item, _with(form, "/review_by", typed))["review_by"] == day


def test_numbers_may_be_typed_in_full_width() -> None:
    item, _, form = _typed("todoke")
    assert _made(item, _with(form, "/deadline/value", "２１"))["deadline"]["value"] == 21
    event, _, form = _typed("move")
    assert _made(event, _with(form, "/position", "−3"))["position"] == -3


@pytest.mark.parametrize(
    ("key", "name", "value", "place", "said"),
    [
        ("todoke", "/name", " ", "/name", "名前を書いてください。"),
        ("todoke", "/deadline/value", "たくさん", "/deadline/value", "整数で"),
        ("todoke", "/review_by", "4月1日", "/review_by", "令和8年4月1日"),
        ("todoke", "/nature", "必須", "/nature", "選び直して"),
        ("todoke", "find:/needs", "住民票", "/needs", "「住民票」は、まだ選んでいません"),
        ("who", "/options/1/label", "", "/options/1/label", "文を書いてください。"),
        ("if-family", "/life_events", "", "/life_events", "ライフイベントを選んでください。"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(key: str, name: str, value: str, place: str, said: str) -> None:
    item, _, form = _typed(key)
    with pytest.raises(InvalidContent) as refused:
        item_form.read(item.kind, _with(form, name, value))
    assert [(one.path, said in one.message) for one in refused.value.problems] == [(place, True)]


@pytest.mark.parametrize(
    ("key", "more"),
    [
        ("todoke", ("/prise", "300円")),
        ("todoke", ("/sources/7/title", "行のない出典")),
        ("todoke", ("row:/sources", "x")),
        ("todoke", ("row:/sources", "0")),
        ("todoke", ("empty:/deadline", "full")),
        ("who", ("none:/options", "none")),
    ],
)
def test_what_is_not_of_the_form_is_refused_and_not_lost_in_silence(key: str, more: tuple[str, str]) -> None:
    item, _, form = _typed(key)
    with pytest.raises(InvalidRequest):
        item_form.read(item.kind, form.with_(more))


def test_none_is_not_the_same_as_unknown() -> None:
    item, _, form = _typed("todoke")
    assert "needs" not in _made(item, form)
    assert _made(item, form.with_(("none:/needs", "none")))["needs"] == []
    with pytest.raises(InvalidContent):
        item_form.read(item.kind, form.with_(("none:/handled_at", "none")))


def test_unsure_is_no_answer_among_others() -> None:
    item, _, form = _typed("case-one")
    assert _made(item, form)["answers"] == {"who": "unsure", "pet": []}
    with pytest.raises(InvalidContent):
        item_form.read(item.kind, form.with_(("/answers/who", "who/alone")))
    left = Typed(tuple(pair for pair in form.pairs if pair != ("row:/answers", "who")))
    assert _made(item, left)["answers"] == {"pet": []}


# Buttons


def test_options_are_moved_taken_out_and_added() -> None:
    item, known, form = _typed("who")
    moved = item_form.pressed(form, "up:/options/1")
    assert [one["key"] for one in _made(item, moved)["options"]] == ["who/family", "who/alone"]
    assert item_form.pressed(form, "up:/options/0") == form
    shown = Typed(sent(_html(item, Index(known), moved)))
    assert _made(item, shown) == _made(item, moved)
    added = item_form.pressed(item_form.pressed(shown, "remove:/options/0"), "add:/options")
    added = Typed(sent(_html(item, Index(known), added)))
    assert [one.marker for one in added.rows("/options")] == ["1 who/family", "2"]
    filled = _with(added, "/options/2/label", "友人と")
    assert item_form.read(item.kind, filled)["options"] == [
        {"key": "who/family", "label": "家族で"},
        {"label": "友人と"},
    ]


def test_windows_are_moved_in_their_order() -> None:
    item, _, form = _typed("todoke")
    assert _made(item, item_form.pressed(form, "down:/handled_at/mado"))["handled_at"] == ["shisho", "mado"]
    assert item_form.pressed(form, "down:/handled_at/nowhere") == form


def test_a_clause_is_taken_out_with_what_stands_in_it() -> None:
    item, _, form = _typed("if-family")
    left = item_form.pressed(form, "remove:/requires/0")
    assert _made(item, left)["requires"] == [["who/family"]]
    assert _made(item, item_form.pressed(left, "add:/requires")) == _made(item, left), "an empty clause says nothing"


# Search


def _field(showing: Showing, item: Item, name: str) -> FormField:
    return next(one for one in showing.fields(registry.kind(item.kind).fields.values()) if one.name == name)


def test_a_search_offers_what_it_finds_and_takes_what_only_one_has() -> None:
    item, known, form = _typed("todoke")
    index = Index(known)
    found = _field(Showing(_with(form, "find:/needs", "どこにもない"), index), item, "/needs")
    assert "見つかりませんでした" in found.groups[1].name
    form = Typed(tuple(pair for pair in form.pairs if pair != ("/handled_at", "mado")))
    offered = _field(Showing(_with(form, "find:/handled_at", "窓口"), index), item, "/handled_at")
    assert [(one.value, one.chosen) for one in offered.groups[1].choices] == [("mado", False)]
    for words in ("市民の窓口", "mado"):
        taken = form_fields.sought(item.kind, _with(form, "find:/handled_at", words), index)
        assert _made(item, taken)["handled_at"] == ["shisho", "mado"]


def test_a_search_for_options_offers_those_of_the_whole_question() -> None:
    item, known, form = _typed("if-family")
    row = _field(Showing(_with(form, "find:/requires/0", "引っ越し"), Index(known)), item, "/requires").rows[0]
    assert [(one.name, [choice.label for choice in one.choices]) for one in row.groups] == [
        ("飼っていますか", ["犬"]),
        ("だれが引っ越しますか", ["ひとり", "家族で"]),
    ]


def test_a_search_for_questions_offers_them_with_their_answers() -> None:
    item, known, form = _typed("case-one")
    form = Typed(tuple(pair for pair in form.pairs if "pet" not in pair[0] and pair[1] != "pet"))
    offered = _field(Showing(_with(form, "find:/answers", "飼って"), Index(known)), item, "/answers")
    assert [(one.marker, one.chosen) for one in offered.rows] == [("who", True), ("pet", False)]
    taken = form_fields.sought(item.kind, _with(form, "find:/answers", "飼っていますか"), Index(known))
    assert _made(item, taken)["answers"] == {"who": "unsure", "pet": []}
