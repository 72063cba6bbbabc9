"""Every check on a real store: a content that it finds nothing in, and one that is wrong in just that way."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest

from service.accounts.permissions import OPERATOR
from service.analysis import bdd, checks, confirmations, proofs, readability
from service.analysis.findings import ORDER, Finding
from service.analysis.proofs import ContentFlaw
from service.content import registry
from service.content.loading import read_plain
from service.content.models import Answer, Content
from service.editions import findings, importing
from service.errors import NotFound
from service.guidance import engine
from service.store.graph import Graph
from service.store.statements import FOLDER, statement
from tests.seed import CITIES, national, of_city, seed

Fields = dict[str, Any]

TODAY = date(2026, 11, 24)
MOST_HITS_PER_ITEM = 80
"""All checks together, for each item of an edition, options counted."""
SCANS = {
    "AllNodesScan",
    "NodeByLabelScan",
    "NodeIndexScan",
    "UnionNodeByLabelsScan",
    "CartesianProduct",
    "DirectedAllRelationshipsScan",
}
"""What would look at other editions too."""

SOURCE: Fields = {"title": "市のページ", "url": "https://example.jp/", "basis": "city", "checked_on": "2026-04-01"}

SOUND: Fields = {
    "format": 2,
    "life_events": [{"key": "move", "name": "引っ越し", "date_label": "引っ越した日"}],
    "questions": [
        {
            "key": "pets",
            "text": "飼っている動物を、すべて選んでください",
            "kind": "many",
            "options": [{"key": "pets/dog", "label": "犬"}, {"key": "pets/cat", "label": "猫"}],
        },
        {
            "key": "car",
            "text": "車を持っていますか",
            "kind": "one",
            "options": [{"key": "car/yes", "label": "はい"}, {"key": "car/no", "label": "いいえ"}],
        },
    ],
    "conditions": [
        {"key": "everybody", "label": "引っ越した方", "life_events": ["move"], "selects": ["notice"]},
        {
            "key": "with-pet",
            "label": "犬か猫を飼っている方",
            "life_events": ["move"],
            "requires": [["pets/dog", "pets/cat"]],
            "selects": ["pet-notice"],
            "needs": ["doc-tag"],
        },
        {
            "key": "with-car",
            "label": "車を持っている方",
            "life_events": ["move"],
            "requires": [["car/yes"]],
            "selects": ["notice"],
            "needs": ["doc-car"],
        },
    ],
    "procedures": [
        {
            "key": "notice",
            "name": "転入届",
            "reading": "てんにゅうとどけ",
            "summary": "世帯の引っ越しを届けます。",
            "basis": "city",
            "sources": [SOURCE],
            "review_by": "2027-04-01",
            "handled_at": ["window-a"],
            "governed_by": ["law-a"],
            "deadline": {"value": 14, "unit": "day", "from": "引っ越した日", "from_event": "move"},
            "needs": [],
            "online": "no",
        },
        {
            "key": "pet-notice",
            "name": "犬の登録",
            "reading": "いぬのとうろく",
            "basis": "city",
            "sources": [SOURCE],
            "handled_at": ["window-a"],
            "needs": ["doc-own"],
            "deadline": {"kind": "none"},
            "online": "no",
        },
    ],
    "documents": [
        {"key": "doc-tag", "name": "鑑札"},
        {"key": "doc-car", "name": "車検証"},
        {"key": "doc-own", "name": "本人確認書類"},
    ],
    "windows": [{"key": "window-a", "name": "市民課", "phone": "0866-00-0000", "walking_order": 1, "basis": "city"}],
    "terms": [{"key": "term-household", "term": "世帯", "reading": "せたい", "meaning": "家計が同じ人です。"}],
    "laws": [{"key": "law-a", "name": "住民基本台帳法", "in_force_from": "1967-11-10"}],
    "scenarios": [
        {
            "key": "case-dog",
            "name": "犬と引っ越す",
            "life_events": ["move"],
            "answers": {"pets": ["pets/dog"], "car": ["car/no"]},
            "expects": ["notice", "pet-notice"],
        },
        {
            "key": "case-alone",
            "name": "一人で引っ越す",
            "life_events": ["move"],
            "answers": {"pets": [], "car": ["car/no"]},
            "expects": ["notice"],
            "rules_out": ["pet-notice"],
        },
    ],
}
"""A content without a single finding."""


@dataclass(frozen=True)
class Case:
    """What makes the sound content wrong, and what is found then: the keys, and words of the sentence."""

    code: str
    spoil: Callable[[Fields], object]
    keys: tuple[str, ...]
    says: str


def _item(made: Fields, name: str, number: int = 0) -> Fields:
    found: Fields = made[name][number]
    return found


def _event(key: str, **fields: Any) -> Fields:
    return {"key": key, "name": "出生", **fields}


def _also(made: Fields, **fields: Any) -> Fields:
    """The content with one more condition for the procedure about pets."""
    row = {"key": "also", "label": "ほかの方", "life_events": ["move"], "selects": ["pet-notice"]}
    made["conditions"].append(row | fields)
    return made


CASES = [
    Case(
        "life_event_leads_nowhere",
        lambda made: made["life_events"].append(_event("birth")),
        ("birth",),
        "ライフイベント『出生』を選んでも、手続きが1つも出ません。",
    ),
    Case(
        "life_event_without_scenario",
        lambda made: (
            made["life_events"].append(_event("birth")),
            _item(made, "conditions")["life_events"].append("birth"),
        ),
        ("birth",),
        "ライフイベント『出生』から始まる試験ケースがありません。",
    ),
    Case(
        "question_unused",
        lambda made: _item(made, "conditions", 2).update(requires=[]),
        ("car",),
        "質問『車を持っていますか』は、どの条件にも使われていない",
    ),
    Case(
        "option_unused",
        lambda made: _item(made, "conditions", 1).update(requires=[["pets/dog"]]),
        ("pets/cat",),
        "選択肢『飼っている動物を、すべて選んでください／猫』は、どの条件にも使われていない",
    ),
    Case(
        "options_alike",
        lambda made: _item(made, "questions", 1)["options"].append({"key": "car/lease", "label": "借りている"}),
        ("car", "car/no", "car/lease"),
        "質問『車を持っていますか』の選択肢『いいえ』、選択肢『借りている』は",
    ),
    Case(
        "label_repeated",
        lambda made: _item(made, "questions")["options"][1].update(label="犬"),
        ("pets", "pets/dog", "pets/cat"),
        "同じ言葉の選択肢「犬」",
    ),
    Case(
        "condition_without_effect",
        lambda made: _item(made, "conditions", 2).update(selects=[]),
        ("with-car",),
        "条件『車を持っている方』は、手続きを1つも選んでいない",
    ),
    Case(
        "document_needed_twice",
        lambda made: _item(made, "procedures", 1).update(needs=["doc-own", "doc-tag"]),
        ("with-pet", "doc-tag"),
        "条件『犬か猫を飼っている方』で求める必要書類『鑑札』は",
    ),
    Case(
        "procedure_unselected",
        lambda made: _item(made, "conditions", 1).update(selects=["notice"]),
        ("pet-notice",),
        "手続き『犬の登録』は、どの条件にも選ばれていない",
    ),
    Case(
        "procedure_without_window",
        lambda made: _item(made, "procedures", 1).pop("handled_at"),
        ("pet-notice",),
        "分野「分野なし」の手続き1件に、窓口がありません（手続き『犬の登録』）。",
    ),
    Case(
        "procedure_without_source",
        lambda made: _item(made, "procedures").pop("sources"),
        ("notice",),
        "手続き『転入届』に、出典がありません。",
    ),
    Case(
        "source_without_link",
        lambda made: _item(made, "procedures").update(sources=[{"title": "市の手引き", "checked_on": "2026-04-01"}]),
        ("notice",),
        "手続き『転入届』の出典に、アドレスがありません。",
    ),
    Case(
        "link_without_tls",
        lambda made: (
            _item(made, "procedures").update(url="http://example.jp/"),
            _item(made, "windows").update(map_url="http://example.jp/"),
        ),
        ("notice", "window-a"),
        "http://example.jp/ を使っています（手続き『転入届』、窓口『市民課』）",
    ),
    Case(
        "link_dead",
        lambda made: _item(made, "windows").update(map_url="https://example.jp/dead"),
        ("window-a",),
        "https://example.jp/dead が開けません（窓口『市民課』）",
    ),
    Case(
        "review_overdue",
        lambda made: _item(made, "procedures").update(review_by="2026-11-23"),
        ("notice",),
        "手続き『転入届』の見直しの期日 2026-11-23 を過ぎています。",
    ),
    Case(
        "source_without_day",
        lambda made: _item(made, "windows").update(sources=[{"url": "https://example.jp/", "basis": "city"}]),
        ("window-a",),
        "窓口『市民課』の出典に、確認した日がありません。",
    ),
    Case(
        "unconfirmed_at_window",
        lambda made: _item(made, "procedures").update(
            basis={"duty": "law", "windows": "city", "deadline": "elsewhere"}
        ),
        ("window-a", "notice"),
        "窓口『市民課』で扱う手続き1件に、まだ確かめていないことがあります（期限、持ち物、オンライン）。",
    ),
    Case(
        "unconfirmed_without_window",
        lambda made: (
            _item(made, "procedures", 1).update(basis={"duty": "elsewhere", "documents": "city"}),
            _item(made, "procedures", 1).pop("handled_at"),
        ),
        ("pet-notice",),
        "分野「分野なし」の手続き1件に、まだ確かめていないことがあり（手続きの要否、期限、オンライン）、窓口もありません（手続き『犬の登録』）。",
    ),
    Case(
        "unsaid_at_window",
        lambda made: _item(made, "procedures").pop("deadline"),
        ("window-a", "notice"),
        "窓口『市民課』で扱う手続き1件に、まだ書いていないことがあります（期限",
    ),
    Case(
        "unsaid_without_window",
        lambda made: (
            _item(made, "procedures", 1).update(field="暮らし"),
            _item(made, "procedures", 1).pop("handled_at"),
        ),
        ("pet-notice",),
        "分野「暮らし」の手続き1件に、まだ書いていないことがあります（",
    ),
    Case(
        "period_over",
        lambda made: _item(made, "procedures")["deadline"].update(period={"closes": "2026-11-23"}),
        ("notice",),
        "手続き『転入届』の受付期間は 2026-11-23 で終わっています。",
    ),
    Case(
        "deadline_elsewhere",
        lambda made: (
            made["life_events"].append(_event("birth", date_label="生まれた日")),
            _item(made, "procedures")["deadline"].update(from_event="birth"),
        ),
        ("notice", "birth"),
        "手続き『転入届』の期限はライフイベント『出生』の日から数えますが",
    ),
    Case(
        "date_unused",
        lambda made: _item(made, "procedures").pop("deadline"),
        ("move",),
        "ライフイベント『引っ越し』で日付を聞きますが",
    ),
    Case(
        "window_without_phone",
        lambda made: _item(made, "windows").pop("phone"),
        ("window-a",),
        "窓口『市民課』に、電話番号がありません。",
    ),
    Case(
        "window_unused",
        lambda made: made["windows"].append({"key": "window-b", "name": "環境課"}),
        ("window-b",),
        "窓口『環境課』は、どの手続きにも使われていません。",
    ),
    Case(
        "document_unneeded",
        lambda made: made["documents"].append({"key": "doc-b", "name": "写真"}),
        ("doc-b",),
        "必要書類『写真』は、どの手続きにも条件にも必要とされていません。",
    ),
    Case(
        "term_unmentioned",
        lambda made: _item(made, "terms").update(term="戸籍"),
        ("term-household",),
        "用語『戸籍』は、質問・手続き・必要書類のどの文章にも出てきません。",
    ),
    Case(
        "law_unused",
        lambda made: _item(made, "procedures").pop("governed_by"),
        ("law-a",),
        "根拠法令『住民基本台帳法』は、どの手続きの根拠にもなっていません。",
    ),
    Case(
        "law_ended",
        lambda made: _item(made, "laws").update(in_force_until="2026-11-23"),
        ("law-a", "notice"),
        "根拠法令『住民基本台帳法』は 2026-11-23 までで効力がなくなっていますが、手続き『転入届』",
    ),
    Case(
        "law_to_come",
        lambda made: _item(made, "laws").update(in_force_from="2026-11-25"),
        ("law-a", "notice"),
        "根拠法令『住民基本台帳法』の施行は 2026-11-25 から",
    ),
    Case(
        "procedure_without_scenario",
        lambda made: _item(made, "scenarios")["expects"].remove("pet-notice"),
        ("pet-notice",),
        "手続き『犬の登録』が出ることを確かめる試験ケースがありません。",
    ),
    Case(
        "scenario_says_nothing",
        lambda made: _item(made, "scenarios", 1).update(expects=[], rules_out=[]),
        ("case-alone",),
        "試験ケース『一人で引っ越す』は、出る手続きも出ない手続きも決めていない",
    ),
    Case(
        "name_repeated",
        lambda made: _item(made, "documents").update(name="車検証"),
        ("doc-car", "doc-tag"),
        "必要書類『車検証』と同じ名前の項目が、ほかに1件あります。",
    ),
    Case(
        "reading_missing",
        lambda made: _item(made, "terms").pop("reading"),
        ("term-household",),
        "用語『世帯』に、よみがながありません。",
    ),
    Case(
        "scenario_fails",
        lambda made: _item(made, "scenarios")["answers"].update(pets=[]),
        ("case-dog", "pet-notice"),
        "試験ケース『犬と引っ越す』：手続き『犬の登録』が出るはずですが、出ません。",
    ),
    Case(
        "scenario_unfinished",
        lambda made: _item(made, "scenarios")["answers"].pop("car"),
        ("case-dog",),
        "試験ケース『犬と引っ越す』は、質問『車を持っていますか』に答えていないので",
    ),
    Case(
        "condition_never",
        lambda made: _item(made, "conditions", 2).update(requires=[["car/yes"], ["car/no"]]),
        ("with-car",),
        "条件『車を持っている方』に当てはまる人は、いません。",
    ),
    Case(
        "procedure_unreachable",
        lambda made: _item(made, "conditions", 1).update(requires=[["car/yes"], ["car/no"]]),
        ("pet-notice",),
        "手続き『犬の登録』は、だれの結果にも出ません。",
    ),
    Case(
        "document_never_needed",
        lambda made: _item(made, "conditions", 2).update(requires=[["car/yes"], ["car/no"]]),
        ("doc-car",),
        "必要書類『車検証』が必要になる人は、いません。",
    ),
    Case(
        "condition_always",
        lambda made: _item(made, "conditions", 1).update(requires=[["car/yes", "car/no"]]),
        ("with-pet",),
        "条件『犬か猫を飼っている方』は、何と答えても当てはまります。",
    ),
    Case(
        "condition_repeats",
        lambda made: _also(made, requires=[["pets/dog", "pets/cat"]], needs=["doc-tag"]),
        ("also", "with-pet"),
        "条件『ほかの方』と条件『犬か猫を飼っている方』は、いつも同時に当てはまり",
    ),
    Case(
        "condition_swallowed",
        lambda made: _also(made, requires=[["pets/dog"]]),
        ("also", "with-pet"),
        "条件『ほかの方』が当てはまるときは必ず条件『犬か猫を飼っている方』も当てはまり",
    ),
    Case(
        "procedure_always",
        lambda made: (
            _item(made, "conditions", 1).update(requires=[["car/yes"]]),
            _also(made, requires=[["car/no"]]),
        ),
        ("pet-notice",),
        "ライフイベント『引っ越し』では、何と答えても手続き『犬の登録』が出ます。",
    ),
    Case(
        "question_without_effect",
        lambda made: (
            _item(made, "conditions", 1).update(requires=[["pets/dog"]], needs=[]),
            _also(made, excludes=["pets/dog"]),
        ),
        ("pets",),
        "に何と答えても、結果が変わりません（ライフイベント『引っ越し』）。",
    ),
    Case(
        "question_never_asked",
        lambda made: _item(made, "conditions", 1).update(selects=["notice"], needs=[]),
        ("pets",),
        "は、だれにも聞かれません（ライフイベント『引っ越し』）。",
    ),
    Case(
        "sentence_long",
        lambda made: _item(made, "procedures").update(summary="世帯の方が、" * 20 + "届けます。"),
        ("notice",),
        "手続き『転入届』に、125文字の長い文があります",
    ),
    Case(
        "sentence_unpaused",
        lambda made: _item(made, "procedures").update(summary="世帯の方が" * 11 + "届けます。"),
        ("notice",),
        "手続き『転入届』の文が、59文字のあいだ読点なしで続きます",
    ),
    Case(
        "kanji_row",
        lambda made: _item(made, "conditions").update(label="転入学通知書交付希望の方"),
        ("everybody",),
        "漢字が10文字続く言葉があります：「転入学通知書交付希望」",
    ),
    Case(
        "word_unexplained",
        lambda made: (
            _item(made, "documents").update(help="身分証を見せます。"),
            _item(made, "documents", 1).update(help="身分証です。"),
        ),
        ("doc-car", "doc-tag"),
        "行政の言葉「身分証」が2件で使われていますが",
    ),
]
"""One for every kind of finding but those of UNSPOILT."""

UNSPOILT = {"question_idle", "not_decided"}
"""What is proved of contents that are larger than a case should be."""


async def _found(graph: Graph, plain: Fields) -> list[Finding]:
    """What is found in a draft with the content; one address is known to be dead."""
    content = read_plain(plain)
    imported = await importing.import_content(graph, content, publish=False, title="checks", by=OPERATOR)
    return await findings.find(graph, imported.edition.number, today=TODAY, dead=["https://example.jp/dead"])


async def test_nothing_is_found_where_nothing_is_wrong(graph: Graph) -> None:
    assert await _found(graph, SOUND) == []


@pytest.mark.parametrize("case", CASES, ids=[case.code for case in CASES])
async def test_what_is_wrong_is_found_and_told(graph: Graph, case: Case) -> None:
    made = copy.deepcopy(SOUND)
    case.spoil(made)
    found = [one for one in await _found(graph, made) if one.code == case.code]
    assert [one.keys for one in found] == [case.keys]
    assert case.says in found[0].sentence
    assert found[0].advice.endswith("。")


def test_every_statement_has_its_saying_and_every_finding_its_case() -> None:
    assert {file.stem for file in (FOLDER / "analysis" / "checks").glob("*.cypher")} == set(checks.SAYINGS)
    told = {*checks.SAYINGS, *confirmations.SAYINGS, *readability.SAYINGS, findings.FAILS, findings.UNFINISHED}
    assert set(checks.PROVED) == set(proofs.SEVERITIES)
    assert {case.code for case in CASES} == told | set(checks.PROVED) - UNSPOILT
    assert {statement("analysis/checks", name).params for name in checks.SAYINGS} == {("asked",)}


@pytest.mark.parametrize("code", sorted(proofs.SEVERITIES))
def test_every_proof_is_told_in_whole_sentences(code: str) -> None:
    params: dict[str, str | int | tuple[str, ...]] = {
        "events": ("move",),
        "households": 3,
        "what": "interviews",
        "why": "steps",
        "limit": 10,
    }
    flaw = ContentFlaw(code, ("pets", "car"), "move", params, (Answer("car", ("car/yes",)),))
    found = checks.proved(flaw, {"pets": "〈甲〉", "car": "〈乙〉", "move": "〈丙〉"})
    assert (found.code, found.severity, found.keys) == (code, proofs.SEVERITIES[code], flaw.keys)
    assert (found.event, found.witness) == ("move", flaw.witness)
    assert "〈甲〉" in found.sentence
    for text in (found.sentence, found.advice):
        assert text.endswith("。")
        assert not set("{}") & set(text)


async def test_what_blocks_stands_first_and_shows_its_household(graph: Graph) -> None:
    made = copy.deepcopy(SOUND)
    _item(made, "scenarios")["answers"].update(pets=[])
    _item(made, "procedures", 1).pop("handled_at")
    _item(made, "terms").pop("reading")
    found = await _found(graph, made)
    assert [one.severity for one in found] == sorted((one.severity for one in found), key=ORDER.index)
    assert found[0].code == "scenario_fails"
    assert found[0].severity == "blocking"
    assert found[0].event == "move"
    assert {answer.question: answer.options for answer in found[0].witness or ()} == {"pets": (), "car": ("car/no",)}


async def test_the_first_edition_has_nothing_that_blocks_and_is_checked_cheaply(graph: Graph) -> None:
    number = (await importing.import_content(graph, seed(), publish=False, title="seed")).edition.number
    found = await findings.find(graph, number, today=TODAY)
    assert found, "the city has still much to confirm"
    assert [one for one in found if one.severity == "blocking"] == []
    asked = {"edition": number, "today": TODAY.isoformat(), "dead": []}
    hits = 0
    for name in checks.SAYINGS:
        profile = await graph.profile("analysis/checks", name, asked=asked)
        hits += profile.db_hits
        assert not profile.operators & SCANS, name
    items = [item for name in registry.current().lists for item in getattr(seed(), name)]
    assert hits <= MOST_HITS_PER_ITEM * (len(items) + sum(len(one.options) for one in seed().questions))


@pytest.mark.parametrize("content", [national(), of_city(CITIES[1]).content], ids=["law alone", CITIES[1].name])
async def test_neither_the_law_nor_another_city_has_anything_that_blocks(graph: Graph, content: Content) -> None:
    number = (await importing.import_content(graph, content, publish=False, title="law")).edition.number
    assert [one for one in await findings.find(graph, number, today=TODAY) if one.severity == "blocking"] == []


async def test_a_new_city_reads_once_for_each_field_which_procedures_want_a_window(graph: Graph) -> None:
    """The law alone names hardly a window: what is to be filled in stands together, and no procedure is left out."""
    number = (await importing.import_content(graph, national(), publish=False, title="law")).edition.number
    found = [one for one in await findings.find(graph, number, today=TODAY) if one.code == "procedure_without_window"]
    settled = {"not_needed", "information"}
    without = [one for one in national().procedures if one.nature not in settled and not one.handled_at]
    assert sorted(key for one in found for key in one.keys) == sorted(one.key for one in without)
    assert len(found) == len({one.field for one in without})


async def test_what_follows_from_the_rules_alone_is_worked_out_once(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = copy.deepcopy(SOUND)
    _also(made, requires=[["pets/dog"]])
    before = await _found(graph, made)
    assert "condition_swallowed" in {one.code for one in before}
    monkeypatch.delattr(bdd, "compiled")
    assert await _found(graph, made) == before
    _item(made, "procedures").update(note="ほかの内容です。")
    assert await _found(graph, made) == before
    _item(made, "conditions").update(label="ほかの名前です")
    with pytest.raises(AttributeError):
        await _found(graph, made)


async def test_households_of_scenarios_are_guided_once_by_the_same_rules(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = copy.deepcopy(SOUND)
    _item(made, "conditions").update(label="規則の名前です")
    before = await _found(graph, made)
    with monkeypatch.context() as patched:
        patched.delattr(engine, "select")
        _item(made, "procedures").update(note="また別の内容です。")
        assert await _found(graph, made) == before
    _item(made, "conditions").update(label="ほかの名前です")
    with monkeypatch.context() as patched, pytest.raises(AttributeError):
        patched.delattr(engine, "select")
        await _found(graph, made)


async def test_findings_are_told_as_they_are_found(graph: Graph) -> None:
    made = copy.deepcopy(SOUND)
    _item(made, "terms").pop("reading")
    _item(made, "procedures").update(note="見つかった順に。")
    imported = await importing.import_content(graph, read_plain(made), publish=False, title="large", by=OPERATOR)
    found, left = await findings.so_far(graph, imported.edition, seconds=0)
    assert (found, left > 1) == ((), True)
    seen = [left]
    while left:
        found, left = await findings.so_far(graph, imported.edition, seconds=0.001)
        seen.append(left)
    assert seen == sorted(seen, reverse=True)
    assert "reading_missing" in {one.code for one in found}
    assert found == await findings.kept(graph, imported.edition)


async def test_of_saves_in_a_row_only_the_last_is_looked_at(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str | None] = []
    monkeypatch.setattr(findings, "CALM_SECONDS", 0.05)
    monkeypatch.setattr(findings, "begin", lambda _, edition: looked_at.append(edition.content_hash))
    made = copy.deepcopy(SOUND)
    edition = (await importing.import_content(graph, read_plain(made), publish=False, title="calm")).edition
    for digest in ("first", "second", "third"):
        findings.begin_when_calm(graph, replace(edition, content_hash=digest))
    await asyncio.sleep(0.5)
    assert looked_at == ["third"]


async def test_an_edition_that_is_not_there_is_not_found(graph: Graph) -> None:
    with pytest.raises(NotFound):
        await findings.find(graph, 999_999_999)
