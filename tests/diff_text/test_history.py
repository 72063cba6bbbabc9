"""The history in sentences: every action, who and when, and what a save did."""

from __future__ import annotations

from datetime import UTC, date, datetime
from random import Random
from typing import Any

import pytest

from service.accounts.permissions import OPERATOR
from service.content.models import Edition
from service.content.patches import Patch, between, items, written
from service.diff_text.differences import names
from service.diff_text.history import ACTIONS, Around, moment, told
from tests.contents import random_content
from tests.diff_text.test_differences import BASE, TENNYU, content

AT = "2026-11-24T05:05:09.123+00:00"
EDITIONS = {
    12: Edition(
        12,
        "夏の更新",
        "published",
        True,
        datetime(2026, 11, 1, tzinfo=UTC),
        datetime(2027, 3, 31, 15, tzinfo=UTC),
        None,
        11,
    )
}
AROUND = Around(people={"a-1": "山田 花子"}, editions=EDITIONS, today=date(2026, 11, 25))


def change(action: str, patch: Patch | None = None, **fields: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "seq": 7,
        "at": AT,
        "by": "a-1",
        "action": action,
        "kind": "Edition",
        "key": "12",
        "edition": 12,
        "previous_hash": "0" * 64,
        "hash": "1" * 64,
    }
    if patch is not None:
        made |= {"before": written(patch.before), "after": written(patch.after)}
    return made | fields


def later_deadline() -> Patch:
    after = TENNYU | {"deadline": {"value": 15, "unit": "day", "from": "住み始めた日"}}
    return between(items(content()), items(content(procedures=[after])))


def test_a_save_is_told_with_who_when_and_what() -> None:
    found = told(change("save", later_deadline(), kind="Procedure", key="tennyu", note="条例の改正"), AROUND)
    assert found.sentence == "山田 花子が、手続き『転入届』の期限を「14日以内」から「15日以内」に変更しました。"
    assert (found.when, found.day, found.time) == ("11月24日 14:05", "11月24日", "14:05")
    assert (found.who, found.note, found.seq, found.edition) == ("山田 花子", "条例の改正", 7, 12)
    assert [one.key for one in found.differences] == ["tennyu"]


@pytest.mark.parametrize(
    ("action", "what"),
    [
        ("import", "内容を取り込み、第12版「夏の更新」を作りました。"),
        ("fork", "下書き 第12版「夏の更新」を作りました。"),
        ("publish", "第12版「夏の更新」を公開しました。"),
        ("schedule", "第12版「夏の更新」の公開を予約しました。"),
        ("withdraw", "第12版「夏の更新」の公開の予約を取り消しました。"),
        ("rollback", "以前の版の内容に戻し、第12版「夏の更新」として公開しました。"),
        ("discard", "第12版「夏の更新」を破棄しました。"),
        ("archive", "第12版「夏の更新」を保管庫に移しました。"),
        ("bring_back", "第12版「夏の更新」を保管庫から戻しました。"),
        ("polish", "第12版「夏の更新」で「polish」を行いました。"),
    ],
)
def test_acts_on_editions(action: str, what: str) -> None:
    found = told(change(action, before="a" * 64, after="b" * 64), AROUND)
    assert found.what == what
    assert found.sentence == f"山田 花子が、{what}"
    assert found.differences == ()


@pytest.mark.parametrize(
    ("action", "what"),
    [
        ("fork", "下書き 第12版を作りました。"),
        ("schedule", "第12版の公開を予約しました。"),
        ("rollback", "以前の版の内容に戻し、第12版として公開しました。"),
    ],
)
def test_without_the_editions_nothing_is_invented(action: str, what: str) -> None:
    assert told(change(action)).what == what


@pytest.mark.parametrize(
    ("action", "what"),
    [
        ("restore", "以前の状態に戻しました（{}）。"),
        ("take_back", "前の変更を取り消しました（{}）。"),
        ("merge", "ほかの版の変更を取り入れました（{}）。"),
        ("polish", "第12版「夏の更新」で「polish」を行いました（{}）。"),
    ],
)
def test_acts_on_items_say_what_became_of_them(action: str, what: str) -> None:
    sentence = "手続き『転入届』の期限を「14日以内」から「15日以内」に変更"
    assert told(change(action, later_deadline()), AROUND).what == what.format(sentence)


@pytest.mark.parametrize(
    ("action", "facts", "what"),
    [
        ("fork", {"source": 9}, "第9版から下書き 第12版「夏の更新」を作りました。"),
        ("take_back", {"reverted": 31}, "31番の変更を取り消しました。"),
        ("restore", {"reverted": 31, "side": "after"}, "31番のときの状態に戻しました。"),
        ("restore", {"reverted": 31, "side": "before"}, "31番の変更の前の状態に戻しました。"),
        ("merge", {"source": 13}, "第13版の変更を取り入れました。"),
        (
            "schedule",
            {"publish_at": "2027-04-01T00:00:00.000+09:00"},
            "第12版「夏の更新」を2027年4月1日 0:00に公開するよう予約しました。",
        ),
        (
            "schedule",
            {"publish_at": "2027-04-01T00:00:00.000+09:00", "source": 10, "replaces": 8},
            "第12版「夏の更新」を2027年4月1日 0:00に公開するよう予約しました"
            "（第8版の予約を、第10版をもとに作り直したものです）。",
        ),
        (
            "withdraw",
            {"source": 13, "replaced_by": 14},
            "第12版「夏の更新」の公開の予約を、第13版をもとに作り直した第14版に引き継ぎました。",
        ),
        ("rollback", {"source": 9}, "第9版の内容に戻し、第12版「夏の更新」として公開しました。"),
    ],
)
@pytest.mark.parametrize(
    "note", [None, "3", "31 番の変更", "第9版：期限が\n誤っていたため", "2027-04-01T00:00+09:00 改正"]
)
def test_a_sentence_is_made_of_fields_and_the_note_is_what_was_typed(
    action: str, facts: dict[str, Any], what: str, note: str | None
) -> None:
    found = told(change(action, note=note, **facts), AROUND)
    assert (found.what, found.note) == (what, note)


@pytest.mark.parametrize(
    ("action", "note", "what"),
    [
        ("merge", "3", "ほかの版の変更を取り入れました。"),
        ("take_back", "3 番の変更", "前の変更を取り消しました。"),
        ("rollback", "第3版：誤り", "以前の版の内容に戻し、第12版「夏の更新」として公開しました。"),
    ],
)
def test_a_note_is_never_read_for_facts(action: str, note: str, what: str) -> None:
    found = told(change(action, note=note), AROUND)
    assert (found.what, found.note) == (what, note)


def test_how_conflicts_were_decided_is_told() -> None:
    decisions = '{"tennyu":"theirs","zei":"mine"}'
    around = Around(names={"tennyu": "転入届"}, editions=EDITIONS)
    merged = told(change("merge", source=13, decisions=decisions), around)
    assert merged.decisions == ("『転入届』は、第13版の内容にしました。", "『zei』は、第12版の内容にしました。")
    carried = told(change("schedule", source=13, replaces=8, decisions=decisions), around)
    assert carried.decisions == ("『転入届』は、第13版の内容にしました。", "『zei』は、第8版の内容にしました。")


def test_a_removal_names_what_is_gone_and_what_spoke_of_it() -> None:
    without = {field: value for field, value in TENNYU.items() if field != "handled_at"}
    old, new = items(content()), items(content(windows=BASE["windows"][:1], procedures=[without]))
    around = Around(names=names(old))
    patch = between(old, new)
    assert told(change("remove", patch), around).what == "手続き1件を変更、窓口1件を削除しました。"
    assert [one.sentence for one in told(change("remove", patch), around).differences] == [
        "手続き『転入届』の窓口から『税務課』を削除",
        "窓口『税務課』を削除",
    ]


def test_a_save_that_changed_nothing_says_so() -> None:
    assert told(change("save", Patch())).what == "内容を変えずに保存しました。"


@pytest.mark.parametrize(
    ("by", "who"), [("a-1", "山田 花子"), ("a-2", "a-2"), (OPERATOR.id, "運用者"), (None, "だれか")]
)
def test_people(by: str | None, who: str) -> None:
    assert told(change("publish", by=by), AROUND).who == who


@pytest.mark.parametrize(
    ("at", "when"),
    [
        ("2026-11-24T14:05:09.123+09:00", "11月24日 14:05"),
        ("2026-11-24T15:00:00+00:00", "11月25日 0:00"),
        (datetime(2025, 12, 31, 15, 5, tzinfo=UTC), "1月1日 0:05"),
        ("2025-11-24T14:05:00+09:00", "2025年11月24日 14:05"),
    ],
)
def test_moments_are_japans(at: object, when: str) -> None:
    assert told(change("publish", at=at), AROUND).when == when


def test_a_moment_without_its_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        moment("2026-11-24T14:05:00")


@pytest.mark.parametrize("action", [*ACTIONS, "something-else"])
def test_whatever_a_change_holds_it_is_told(action: str) -> None:
    for seed in range(2):
        old, new = items(random_content(Random(seed))), items(random_content(Random(seed + 100)))
        for patch in (between(old, new), between({}, new), between(old, {}), Patch()):
            found = told(change(action, patch, note=None))
            assert found.sentence == f"{found.who}が、{found.what}"
            assert found.what.endswith("。") and "\n" not in found.sentence and "None" not in found.sentence
            assert {one.key for one in found.differences} == set(patch.keys)
