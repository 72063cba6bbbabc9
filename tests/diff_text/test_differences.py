"""Patches in sentences: the sentences themselves, that every field is told, and that nothing random can break them."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from service.content import registry
from service.content.fields import fields_of
from service.content.models import Content, Deadline, Kind, Method
from service.content.patches import Item, Patch, between, inverse, items
from service.diff_text.differences import ItemDifference, differences, names, summary
from service.diff_text.passages import Segment, segments, stretches
from tests.contents import TEXTS, contents, random_content
from tests.seed import seed

QUESTION = {
    "key": "kokuho",
    "text": "国民健康保険に入っていますか",
    "kind": "one",
    "options": [{"key": "kokuho/yes", "label": "はい"}, {"key": "kokuho/no", "label": "いいえ"}],
}
AGE = {
    "key": "age",
    "text": "次の方はいますか",
    "kind": "many",
    "options": [{"key": f"age/{own}", "label": label} for own, label in (("old", "65歳以上"), ("baby", "1歳未満"))],
}
CONDITION = {
    "key": "row",
    "label": "国民健康保険に入っている方",
    "life_events": ["moving-in"],
    "selects": ["tennyu"],
    "requires": [["age/old"]],
}
TENNYU = {
    "key": "tennyu",
    "name": "転入届",
    "handled_at": ["zei"],
    "needs": ["card"],
    "deadline": {"value": 14, "unit": "day", "from": "住み始めた日"},
}
SCENARIO = {"key": "family", "name": "4人家族", "life_events": ["moving-in"], "answers": {"kokuho": ["kokuho/yes"]}}
BASE: dict[str, list[dict[str, Any]]] = {
    "life_events": [{"key": "moving-in", "name": "転入"}],
    "questions": [QUESTION, AGE],
    "conditions": [CONDITION],
    "procedures": [TENNYU],
    "documents": [{"key": "card", "name": "本人確認書類"}, {"key": "seal", "name": "印鑑"}],
    "windows": [{"key": "shimin", "name": "市民課"}, {"key": "zei", "name": "税務課"}],
    "terms": [{"key": "word", "term": "転入", "meaning": "市外から引っ越してくることです。"}],
    "scenarios": [SCENARIO],
}


def content(**lists: list[dict[str, Any]]) -> Content:
    return Content.model_validate({"format": 2} | BASE | lists)


def told(before: Content, after: Content) -> list[ItemDifference]:
    old, new = items(before), items(after)
    return differences(between(old, new), names(old, new))


def edited(name: str, /, **fields: Any) -> list[str]:
    """The sentences of the fields after the first item of a list got other values; None takes a field away."""
    item = {key: value for key, value in (BASE[name][0] | fields).items() if value is not None}
    found = told(content(), content(**{name: [item, *BASE[name][1:]]}))
    assert len(found) == 1 and found[0].change == "changed"
    return [one.sentence for one in found[0].fields]


def deadline(**fields: Any) -> list[str]:
    base = TENNYU["deadline"]
    assert isinstance(base, dict)
    return edited("procedures", deadline={key: value for key, value in (base | fields).items() if value is not None})


KINDS = registry.current().kinds


# The sentences


def test_the_sentences_of_the_brief() -> None:
    assert deadline(value=15) == ["手続き『転入届』の期限を「14日以内」から「15日以内」に変更"]
    assert edited("conditions", requires=[["age/old"], ["kokuho/yes"]]) == [
        "条件『国民健康保険に入っている方』に選択肢『はい』（質問『国民健康保険に入っていますか』）を追加"
    ]
    assert edited("procedures", handled_at=["shimin"]) == ["手続き『転入届』の窓口に『市民課』を追加、『税務課』を削除"]
    gone = told(content(scenarios=[]), content(questions=[AGE], scenarios=[]))
    assert [one.sentence for one in gone] == ["質問『国民健康保険に入っていますか』を削除"]


@pytest.mark.parametrize(
    ("fields", "sentences"),
    [
        ({"unit": "month"}, ["の期限を「14日以内」から「14か月以内」に変更"]),
        ({"unit": "day_before"}, ["の期限を「14日以内」から「14日前まで」に変更"]),
        ({"unit": "day_of_previous_month"}, ["の期限を「14日以内」から「前の月の14日まで」に変更"]),
        ({"value": 0}, ["の期限を「14日以内」から「その日のうち」に変更"]),
        ({"value": None}, ["の期限を「14日以内」から「日数の定めなし（単位は日）」に変更"]),
        ({"unit": None}, ["の期限を「14日以内」から「14（単位は未定）」に変更"]),
        ({"value": None, "unit": None}, ["の期限を「14日以内」から「日数の定めなし」に変更"]),
        ({"from": "届いた日"}, ["の期限を数え始める日を「住み始めた日」から「届いた日」に変更"]),
        ({"from": None}, ["の期限を数え始める日「住み始めた日」を削除"]),
        ({"first_day_counts": True}, ["の期限の初日を「要確認」から「数える」に変更"]),
        ({"next_opening_day": "no"}, ["に期限の日が休みのとき「延びない」を追加"]),
        ({"kind": "claim"}, ["の期限の種類を「法律などで決まった期限」から「過ぎると受け取れない」に変更"]),
        ({"from_event": "moving-in"}, ["の期限の日をたずねるライフイベントに『転入』を追加"]),
        ({"note": "お早めに"}, ["に期限の補足「お早めに」を追加"]),
    ],
)
def test_deadlines(fields: dict[str, Any], sentences: list[str]) -> None:
    assert deadline(**fields) == [f"手続き『転入届』{one}" for one in sentences]


def test_a_deadline_that_goes_or_says_nothing() -> None:
    assert edited("procedures", deadline=None) == [
        "手続き『転入届』の期限「14日以内」を削除",
        "手続き『転入届』の期限を数え始める日「住み始めた日」を削除",
    ]
    empty = told(content(procedures=[TENNYU | {"deadline": {}}]), content(procedures=[TENNYU | {"deadline": None}]))
    assert [one.sentence for one in empty] == ["手続き『転入届』の期限「日数の定めなし」を削除"]


@pytest.mark.parametrize(
    ("name", "fields", "sentences"),
    [
        ("procedures", {"name": "転入の届"}, ["手続き『転入の届』の名前を「転入届」から「転入の届」に変更"]),
        ("procedures", {"fee": "300円"}, ["手続き『転入届』に費用「300円」を追加"]),
        ("procedures", {"duration_minutes": 20}, ["手続き『転入届』にかかる時間「20分」を追加"]),
        ("procedures", {"review_by": "2026-04-01"}, ["手続き『転入届』に見直す期日「2026年4月1日」を追加"]),
        (
            "procedures",
            {"sources": [{"title": "市のページ", "basis": "city", "checked_on": "2026-04-01"}]},
            ["手続き『転入届』に出典「市のページ、この自治体の案内・確認、2026年4月1日」を追加"],
        ),
        ("procedures", {"basis": "city"}, ["手続き『転入届』によりどころ（すべて）「この自治体の案内・確認」を追加"]),
        (
            "procedures",
            {"basis": {"documents": "city", "fee": "city", "duty": "law"}},
            [
                "手続き『転入届』によりどころ（手続きの要否）「法令・国や県の案内」を追加",
                "手続き『転入届』によりどころ（持ち物・費用）「この自治体の案内・確認」を追加",
            ],
        ),
        ("procedures", {"governed_by": []}, ["手続き『転入届』に根拠法令「なし」を追加"]),
        ("procedures", {"handled_at": ["zei", "shimin"]}, ["手続き『転入届』の窓口に『市民課』を追加"]),
        ("procedures", {"postal": "yes"}, ["手続き『転入届』の郵送を「要確認」から「可」に変更"]),
        (
            "procedures",
            {"online": {"is": "no", "note": "窓口だけ"}},
            [
                "手続き『転入届』のオンラインを「要確認」から「不可」に変更",
                "手続き『転入届』にオンラインの補足「窓口だけ」を追加",
            ],
        ),
        ("procedures", {"nature": "benefit"}, ["手続き『転入届』の区分を「必要な手続き」から「受け取れるもの」に変更"]),
        ("procedures", {"synonyms": ["引越/移転"]}, ["手続き『転入届』の別の呼び名に『引越/移転』を追加"]),
        ("procedures", {"needs": ["card", "seal"]}, ["手続き『転入届』の必要書類に『印鑑』を追加"]),
        ("procedures", {"needs": []}, ["手続き『転入届』の必要書類から『本人確認書類』を削除して「なし」に変更"]),
        (
            "questions",
            {"unsure": False},
            [f"質問『{QUESTION['text']}』の「わからない」を「選べる」から「選べない」に変更"],
        ),
        ("questions", {"kind": "many"}, [f"質問『{QUESTION['text']}』の選び方を「1つだけ」から「いくつでも」に変更"]),
        (
            "questions",
            {"asked_after": ["age/baby", "age/old"]},
            [
                f"質問『{QUESTION['text']}』の前提となる答えに『1歳未満』、『65歳以上』（質問『次の方はいますか』）を追加"
            ],
        ),
        (
            "conditions",
            {"requires": [["age/old", "kokuho/yes"]]},
            [
                "条件『国民健康保険に入っている方』の選択肢『65歳以上』（質問『次の方はいますか』）に"
                "「または『はい』（質問『国民健康保険に入っていますか』）」を追加"
            ],
        ),
        (
            "conditions",
            {"requires": [["age/old"], ["kokuho/yes", "kokuho/no"]]},
            [
                "条件『国民健康保険に入っている方』に「次のどれか：『いいえ』、『はい』"
                "（質問『国民健康保険に入っていますか』）」を追加"
            ],
        ),
        (
            "conditions",
            {"requires": []},
            ["条件『国民健康保険に入っている方』から選択肢『65歳以上』（質問『次の方はいますか』）を削除"],
        ),
        (
            "conditions",
            {"excludes": ["kokuho/no"]},
            ["条件『国民健康保険に入っている方』の除く答えに『いいえ』（質問『国民健康保険に入っていますか』）を追加"],
        ),
        (
            "scenarios",
            {"answers": {"kokuho": "unsure", "age": []}},
            [
                "試験ケース『4人家族』に質問『次の方はいますか』への答え「どれもない」を追加",
                "試験ケース『4人家族』の質問『国民健康保険に入っていますか』への答えを「はい」から「わからない」に変更",
            ],
        ),
    ],
)
def test_fields_and_edges(name: str, fields: dict[str, Any], sentences: list[str]) -> None:
    assert edited(name, **fields) == sentences


def test_options_of_a_question() -> None:
    options = [
        {"key": "kokuho/no", "label": "いいえ"},
        {"key": "kokuho/yes", "label": "はい、入っています"},
        {"key": "kokuho/soon", "label": "これから入る"},
    ]
    subject = f"質問『{QUESTION['text']}』"
    assert edited("questions", options=options) == [
        f"{subject}に選択肢『これから入る』を追加",
        f"{subject}の選択肢『はい、入っています』の文を「はい」から「はい、入っています」に変更",
        f"{subject}の選択肢の順序を変更",
    ]


def test_one_item_is_one_sentence_and_more_fields_are_counted() -> None:
    after = TENNYU | {"fee": "無料", "postal": "yes", "handled_at": ["shimin"], "url": "https://www.example.jp/"}
    found = told(content(), content(procedures=[after]))
    assert found[0].sentence == (
        "手続き『転入届』に制度のページ「https://www.example.jp/」を追加、郵送を「要確認」から「可」に変更、"
        "費用「無料」を追加、ほか1か所を変更"
    )
    assert len(found[0].fields) == 4


def test_long_texts_are_told_by_what_changed() -> None:
    long = "ほかの市区町村から引っ越してきたときの届け出です。住み始めた日から14日以内に出してください。"
    before = content(procedures=[TENNYU | {"summary": long}])
    one = told(before, content(procedures=[TENNYU | {"summary": long.replace("14", "15")}]))[0].fields[0]
    assert one.sentence == "手続き『転入届』の説明の「14」を「15」に変更"
    assert (one.before, one.after) == (long, long.replace("14", "15"))
    assert [segment for segment in one.segments if segment.mark != "same"] == [
        Segment("del", "14"),
        Segment("ins", "15"),
    ]
    several = long.replace("14", "15").replace("市区町村", "市町村")
    assert told(before, content(procedures=[TENNYU | {"summary": several}]))[0].sentence.endswith("説明を2か所変更")
    longer = told(before, content(procedures=[TENNYU | {"summary": long + "お早めに。"}]))[0]
    assert longer.sentence == "手続き『転入届』の説明に「お早めに。」を追加"
    broken = told(before, content(procedures=[TENNYU | {"summary": long.replace("。住", "。\n住")}]))[0]
    assert broken.sentence == "手続き『転入届』の説明の空白や改行を変更"


def test_a_key_that_stands_for_another_kind_is_one_gone_and_one_new() -> None:
    documents = [*BASE["documents"], {"key": "word", "name": "転出証明書"}]
    found = told(content(), content(terms=[], documents=documents))
    assert [one.sentence for one in found] == ["必要書類『転出証明書』を追加", "用語『転入』を削除"]


def test_added_items_tell_what_they_have_and_nothing_that_goes_without_saying() -> None:
    found = told(content(procedures=[], conditions=[]), content(conditions=[]))
    assert [one.sentence for one in found] == ["手続き『転入届』を追加"]
    assert {one.field for one in found[0].fields} == {"name", "deadline.value", "deadline.from", "needs", "handled_at"}
    assert {one.change for one in found[0].fields} == {"added"}


def test_unknown_names_are_told_by_key() -> None:
    patch = between(items(content()), items(content(procedures=[TENNYU | {"handled_at": ["shimin"]}])))
    assert differences(patch)[0].sentence == "手続き『転入届』の窓口に『shimin』を追加、『zei』を削除"


def test_fields_of_another_release_are_told_by_their_own_name() -> None:
    old = items(content())
    odd = Item(Kind.TERM, old["word"].fields | {"colour": ["red"]})
    found = differences(Patch({"word": old["word"]}, {"word": odd}))
    assert [one.sentence for one in found] == ["用語『転入』にcolour「['red']」を追加"]


def test_the_summary_counts_by_what_was_done() -> None:
    after = content(
        procedures=[TENNYU | {"fee": "無料"}], terms=[], documents=[*BASE["documents"], {"key": "new", "name": "新"}]
    )
    assert summary(told(content(), after)) == "手続き1件を変更、必要書類1件を追加、用語1件を削除"
    assert summary([]) == "変更なし"


def test_names_of_options_have_their_question() -> None:
    assert names(items(content()))["kokuho/yes"] == "国民健康保険に入っていますか／はい"
    renamed = [QUESTION | {"text": "国保に入っていますか", "options": QUESTION["options"][:1]}, AGE]
    both = names(items(content()), items(content(questions=renamed)))
    assert both["kokuho/no"] == "国保に入っていますか／いいえ"


# Every field


def test_every_field_of_every_kind_has_a_japanese_label() -> None:
    assert set(KINDS) == set(Kind)
    for kind in KINDS.values():
        assert kind.model.__name__ == kind.label
        assert kind.about.named_by in kind.fields
        assert not any(entry.label.isascii() for entry in kind.fields.values()), kind.label


def test_every_value_of_a_choice_has_words() -> None:
    models: list[type[BaseModel]] = [*(kind.model for kind in KINDS.values()), Deadline, Method]
    for model in models:
        properties = model.model_json_schema(by_alias=True)["properties"]
        for name, entry in fields_of(model).items():
            assert ("enum" in str(properties[name])) <= (entry.shape in {"choice", "method", "answers"}), name
            values = {value for part in choices(properties[name]) for value in part}
            if entry.shape == "choice" and values:
                assert set(entry.words) >= values, name


def choices(schema: dict[str, Any]) -> list[list[str]]:
    return [part["enum"] for part in [schema, *schema.get("anyOf", [])] if "enum" in part]


def test_no_two_fields_of_a_kind_share_a_label() -> None:
    for kind in KINDS.values():
        assert len({entry.label for entry in kind.fields.values()}) == len(kind.fields), kind.label


SAMPLES: dict[str, Any] = {
    "text": "新",
    "number": 7,
    "day": "2026-01-01",
    "words": ["甲"],
    "item": "x",
    "items": ["x"],
    "options": [{"key": "k/a", "label": "甲"}],
    "clauses": [["k/a"]],
    "answers": {"q": "unsure"},
    "deadline": {"value": 3},
    "method": "yes",
    "basis": "city",
    "sequence": ["x"],
    "records": [{"title": "新"}],
}


@pytest.mark.parametrize(
    ("kind", "name"),
    [(kind.label, name) for kind in KINDS.values() if kind.list_name for name in kind.fields if name != "key"],
)
def test_every_field_is_told_when_it_alone_changes(kind: str, name: str) -> None:
    entry, usual = KINDS[kind].fields[name], KINDS[kind].defaults.get(name)
    value = next(word for word in entry.words if word != usual) if entry.shape == "choice" else SAMPLES[entry.shape]
    old, new = Item(kind, {"key": "k"}), Item(kind, {"key": "k", name: value})
    for patch in (Patch({"k": old}, {"k": new}), Patch({"k": new}, {"k": old})):
        found = differences(patch)
        assert [one.change for one in found] == ["changed"]
        assert [one.field.partition(".")[0] for one in found[0].fields] == [name]
        assert entry.label in found[0].sentence or entry.shape == "clauses"


def test_exactly_the_fields_that_differ_are_told() -> None:
    for number in range(40):
        old, new = (items(random_content(Random(number * 2 + side))) for side in (0, 1))
        for one in differences(between(old, new), names(old, new)):
            if one.change == "changed":
                told_fields = {field.field.partition(".")[0] for field in one.fields}
                assert told_fields == differing(old[one.key].fields, new[one.key].fields, one.kind)


def differing(old: dict[str, Any], new: dict[str, Any], kind: str) -> set[str]:
    """The fields that differ, by plain comparison."""
    known = KINDS[kind].defaults
    return {name for name in {*old, *new} if old.get(name, known.get(name)) != new.get(name, known.get(name))}


# Whatever comes


@settings(max_examples=30, deadline=None)
@given(contents(most=6), contents(most=6))
def test_random_patches_are_told_whole_and_in_one_line(one: Content, other: Content) -> None:
    old, new = items(one), items(other)
    patch = between(old, new)
    found = differences(patch, names(old, new))
    assert {item.key for item in found} == set(patch.keys)
    for item in found:
        assert item.fields
        for text in (item.sentence, *(field.sentence for field in item.fields)):
            assert text and "\n" not in text and "None" not in text
        for field in item.fields:
            moved = field.field in {"options.order", "handled_at"}  # of what reads the same
            assert field.before != field.after or field.added or field.removed or moved
            if field.segments:
                assert "".join(part.text for part in field.segments if part.mark != "ins") == field.before
                assert "".join(part.text for part in field.segments if part.mark != "del") == field.after
    assert differences(between(new, new), names(new)) == []
    back = differences(inverse(patch), names(old, new))
    opposite = {"added": "removed", "removed": "added", "changed": "changed"}
    assert {(item.kind, item.key, item.change) for item in back} == {
        (item.kind, item.key, opposite[item.change]) for item in found
    }


def test_the_seed_against_nothing_and_itself() -> None:
    whole = items(seed())
    assert differences(between(whole, whole), names(whole)) == []
    found = differences(between({}, whole), names(whole))
    assert len(found) == len(whole)
    assert {one.change for one in found} == {"added"}


# Texts side by side


@given(st.one_of(st.sampled_from(TEXTS), st.text()), st.one_of(st.sampled_from(TEXTS), st.text()))
def test_segments_make_both_texts(before: str, after: str) -> None:
    found = segments(before, after)
    assert "".join(one.text for one in found if one.mark != "ins") == before
    assert "".join(one.text for one in found if one.mark != "del") == after
    assert all(one.text for one in found)
    assert (before == after) == (not stretches(found))


def test_words_are_whole_and_single_letters_do_not_flicker() -> None:
    assert segments("市民課で14日以内", "税務課で15日以内") == (
        Segment("del", "市民課で14"),
        Segment("ins", "税務課で15"),
        Segment("same", "日以内"),
    )


def test_the_longest_texts_are_compared_at_once() -> None:
    before, after = "あ1" * 2_000, "い2" * 2_000
    assert [one.mark for one in segments(before, after)] == ["del", "ins"]
