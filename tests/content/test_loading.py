"""Content documents: read as a whole or refused with every error; one canonical form for what means the same."""

from __future__ import annotations

import copy
import hashlib
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from service.content import loading as content_module
from service.content import reading
from service.content.canonical import as_yaml, canonical, content_hash, to_yaml
from service.content.letters import visible
from service.content.loading import content_files, read_bytes, read_files
from service.content.models import Source, Term
from service.content.reading import read_file, scalar
from service.errors import InvalidContent, Problem
from service.settings import ROOT
from tests.contents import Fields, random_document, raw_documents

CONFORMANCE = json.loads((ROOT / "tests" / "conformance.json").read_text(encoding="utf-8"))

SOUND = """\
format: 2
life_events:
  - {key: moving-in, name: 転入, date_label: 転入した日}
  - {key: birth, name: 出生}
questions:
  - key: age
    text: 年齢は
    kind: one
    unsure: false
    options: [{key: age/young, label: 若い}, {key: age/old, label: 年上}]
  - key: card
    text: 持ち物は
    kind: many
    asked_after: [age/old]
    options: [{key: card/my-number, label: カード}]
conditions:
  - key: old-in
    label: 年上の方
    life_events: [moving-in]
    requires: [[age/old]]
    selects: [enrol]
procedures:
  - key: enrol
    name: 加入
    postal: yes
    sources: [{title: 市のページ, checked_on: 2026-04-01}]
    deadline: {value: 14, unit: day, from_event: moving-in, first_day_counts: unknown}
  - {key: notify, name: 届出}
documents: [{key: photo, name: 写真}]
scenarios:
  - key: family
    name: 家族
    life_events: [moving-in]
    answers: {age: [age/old], card: unsure}
    expects: [enrol]
    rules_out: [notify]
"""


def problems(text: str | bytes, name: str = "a.yaml") -> list[Problem]:
    """What is said of a document that is refused."""
    with pytest.raises(InvalidContent) as caught:
        read_bytes(text if isinstance(text, bytes) else text.encode(), name)
    return list(caught.value.problems)


def refused(old: str, new: str) -> Problem:
    """The only problem of the sound document after one change."""
    assert SOUND.count(old) == 1, old
    found = problems(SOUND.replace(old, new))
    assert len(found) == 1, [str(one) for one in found]
    return found[0]


def test_a_sound_document_is_read_with_words_as_words() -> None:
    read = read_bytes(SOUND.encode(), "a.yaml")
    enrol = read.procedures[0]
    assert (enrol.postal.is_, enrol.sources) == ("yes", [Source(title="市のページ", checked_on="2026-04-01")])
    assert enrol.deadline is not None and enrol.deadline.first_day_counts is None


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        ("requires: [[age/old]]", "requires: [[age/old], []]", "/conditions/0/requires/1", "空の組"),
        ("requires: [[age/old]]", "requires: [[age/gone]]", "/conditions/0/requires/0/0", "age/gone"),
        ("requires: [[age/old]]", "requires: [[age/old]]\n    excludes: [age/old]", "/conditions/0/excludes/0", "両方"),
        ("selects: [enrol]", "selects: [photo]", "/conditions/0/selects/0", "必要書類です"),
        ("selects: [enrol]", "select: [enrol]", "/conditions/0/select", "「selects」ではありませんか"),
        ("    life_events: [moving-in]\n    requires", "    requires", "/conditions/0/life_events", "がありません"),
        ("{key: photo, ", "{key: enrol, ", "/documents/0/key", "すでに手続きに使われています"),
        ("{key: photo, ", "{key: Photo, ", "/documents/0/key", "英小文字"),
        ("{key: photo, ", "{key: 2024, ", "/documents/0/key", "引用符で囲みます"),
        ("{key: card/my-number, label: カード}", "", "/questions/1/options", "1つ以上"),
        ("{key: age/young, label: 若い}, ", "", "/questions/0/options", "2つ以上"),
        ("{key: age/young, ", "{key: card/young, ", "/questions/0/options/0/key", "「age/」で始めて"),
        ("asked_after: [age/old]", "asked_after: [card/my-number]", "/questions/1/asked_after", "card → card"),
        ("rules_out: [notify]", "rules_out: [notify, enrol]", "/scenarios/0/rules_out/1", "両方"),
        ("age: [age/old],", "age: unsure,", "/scenarios/0/answers/age", "わからない"),
        ("age: [age/old],", "age: [],", "/scenarios/0/answers/age", "1つだけ"),
        ("age: [age/old],", "age: [age/old, age/young],", "/scenarios/0/answers/age", "1つだけ"),
        ("age: [age/old],", "age: [card/my-number],", "/scenarios/0/answers/age/0", "選択肢ではありません"),
        ("age: [age/old],", "age: maybe,", "/scenarios/0/answers/age", "unsure"),
        ("age: [age/old],", "age: null,", "/scenarios/0/answers/age", "unsure"),
        ("age: [age/old],", "gone: unsure,", "/scenarios/0/answers/gone", "質問「gone」はありません"),
        ("from_event: moving-in", "from_event: birth", "/procedures/0/deadline/from_event/0", "date_label"),
        ("from_event: moving-in", "from_event: card", "/procedures/0/deadline/from_event/0", "質問です"),
        ("from_event: moving-in", "from_: x", "/procedures/0/deadline/from_", "という項目はありません"),
        ("checked_on: 2026-04-01", "checked_on: 2026-02-30", "/procedures/0/sources/0/checked_on", "暦にありません"),
        ("checked_on: 2026-04-01", "checked_on: 令和8年", "/procedures/0/sources/0/checked_on", "2026-04-01 の形"),
        ("checked_on: 2026-04-01", "url: ftp://x", "/procedures/0/sources/0/url", "https://"),
        ("postal: yes", "postal: maybe", "/procedures/0/postal/is", "yes、no、unknown のどれか"),
        ("postal: yes", "duration_minutes: 1.5", "/procedures/0/duration_minutes", "整数"),
        ("postal: yes", "duration_minutes: 99999999999999999999", "/procedures/0/duration_minutes", "整数"),
        ("name: 写真", 'name: "写\\u0000真"', "/documents/0/name", "U+0000"),
        ("name: 写真", 'name: "か\\u3099"', "/documents/0/name", "濁点"),
        ("name: 写真", 'name: "  "', "/documents/0/name", "空白だけ"),
        ("name: 写真", 'name: ""', "/documents/0/name", "空です"),
        ("title: 市のページ, ", "", "/procedures/0/sources/0", "url（アドレス）か title"),
        ("postal: yes", "basis: {paper: law}", "/procedures/0/basis/paper", "という項目はありません"),
        ("postal: yes", "basis: town", "/procedures/0/basis", "law、city、elsewhere のどれか"),
        ("unit: day,", "unit: day, period: {},", "/procedures/0/deadline/period", "opens（始まり）"),
        (
            "unit: day,",
            "unit: day, period: {opens: 2026-02-01, closes: 2026-01-01},",
            "/procedures/0/deadline/period",
            "より前",
        ),
        ("format: 2", "format: 3", "/format", "format: 2"),
        ("format: 2", "format: true", "/format", "format: 2"),
        ("format: 2", "format: 2\nprocedure: []", "/procedure", "「procedures」ではありませんか"),
    ],
)
def test_what_is_refused_is_told_where_it_stands(old: str, new: str, path: str, words: str) -> None:
    problem = refused(old, new)
    assert (problem.path, problem.file) == (path, "a.yaml")
    assert words in problem.message
    assert problem.line is not None


def test_a_list_that_is_none() -> None:
    [problem] = problems("format: 1\ndocuments: {key: x}\n")
    assert (problem.path, problem.line) == ("/documents", 2) and "リスト" in problem.message


def test_lines_are_those_of_the_file() -> None:
    assert refused("selects: [enrol]", "selects: [gone]").line == SOUND.split("selects:")[0].count("\n") + 1
    [problem] = problems(json.dumps({"format": 1, "documents": [{"key": "a"}]}, indent=1), "a.json")
    assert (problem.line, problem.key) == (4, "a")


def test_every_error_is_found_in_one_pass() -> None:
    text = SOUND.replace("selects: [enrol]", "selects: [gone]").replace("name: 写真", "nome: 写真")
    found = problems(text.replace("age: [age/old],", "age: unsure,"))
    assert {one.path for one in found} == {
        "/documents/0/name",
        "/documents/0/nome",
        "/conditions/0/selects/0",
        "/scenarios/0/answers/age",
    }


def test_to_refer_to_an_item_that_is_wrong_in_itself_is_no_second_fault() -> None:
    assert refused("name: 加入", "name: 加入\n    nature: must").path == "/procedures/0/nature"
    assert refused("kind: one", "kind: two").path == "/questions/0/kind"


def test_cycles_are_named_in_full() -> None:
    chain = [{"key": key, "name": key, "follows": [after]} for key, after in (("a", "c"), ("b", "a"), ("c", "b"))]
    more = [{"key": "x", "name": "x", "follows": ["y"]}, {"key": "y", "name": "y", "follows": ["x"]}]
    found = problems(json.dumps({"format": 1, "procedures": chain + more}), "a.json")
    assert len(found) == 2
    assert all(f"{one} → " in found[0].message for one in "abc")
    assert "x → y" in found[1].message


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        ("format: 1\nformat: 1\n", "2回", 2),
        ("format: 1\nterms: &x []\n", "目印", 2),
        ("format: 1\nterms: *x\n", "別名", 2),
        ("a: &a [x]\nb: *a\n", "別名", 2),
        ("format: !!int 1\n", "型の指定", 1),
        ("format: 1\n---\nformat: 1\n", "1つ", 2),
        ("format: 1\n\tterms: []\n", "タブ", 2),
        ("format: 1\nterms: [\n", "かっこ", 3),
        ("[" * 100, "深すぎます", 1),
        ("? [a]\n: b\n", "項目名", 1),
        ("format: 1\n# \x07\n", "制御文字", 2),
        ("", "内容の文書ではありません", None),
        ("- 1\n", "内容の文書ではありません", None),
    ],
)
def test_what_is_no_document(text: str, words: str, line: int | None) -> None:
    found = problems(text)
    assert any(words in one.message for one in found), [str(one) for one in found]
    assert line is None or line in {one.line for one in found}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"format": 1, "format": 1}', "2回"),
        ('{"format": 1,}', "JSON"),
        ('{"format": NaN}', "format: 2"),
        ('{"format": ' + "9" * 5000 + "}", "format: 2"),
        ("[" * 100_000, "深すぎます"),
        ('{"format": 1, "terms": [{"key": "a", "term": "\\ud800", "meaning": "b"}]}', "サロゲート"),
        ('{"format": 1, "terms": [{"key": "\\ud800", "term": "a", "meaning": "b"}]}', "サロゲート"),
        ('{"format": 1, "\\ud800": []}', "という項目はありません"),
    ],
)
def test_json_is_as_strict(text: str, words: str) -> None:
    found = problems(text, "a.json")
    assert any(words in one.message for one in found), [str(one) for one in found]
    assert "\n".join(map(str, found)).encode()


def test_other_encodings_are_told() -> None:
    [problem] = problems("format: 1\nname: 転入\n".encode("cp932"))
    assert "UTF-8" in problem.message and problem.line == 2
    assert read_bytes(b"\xef\xbb\xbf" + SOUND.replace("\n", "\r\n").encode(), "a.yaml")


def test_several_files_are_one_document(tmp_path: Path) -> None:
    one, other = tmp_path / "1.yaml", tmp_path / "2.json"
    one.write_text("format: 1\nprocedures: [{key: a, name: a, needs: [d]}]\n", encoding="utf-8")
    other.write_text('{"format": 1, "documents": [{"key": "d", "name": "d"}]}', encoding="utf-8")
    assert read_files([one, other]).procedures[0].needs == ["d"]
    other.write_text('{"format": 1,\n"procedures": [{"key": "a", "name": "b", "follows": ["z"]}]}', encoding="utf-8")
    with pytest.raises(InvalidContent) as caught:
        read_files([one, other, tmp_path / "gone.yaml"])
    found = {(Path(str(p.file)).name, p.path, p.line) for p in caught.value.problems}
    assert found == {
        ("gone.yaml", "", None),
        ("1.yaml", "/procedures/0/needs/0", 2),
        ("2.json", "/procedures/0/key", 2),
        ("2.json", "/procedures/0/follows/0", 2),
    }


def test_limits_are_clear_errors(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    terms = [{"key": f"t-{n}", "term": "a", "meaning": "b"} for n in range(Term.about.most + 1)]
    [problem] = problems(json.dumps({"format": 1, "terms": terms}), "a.json")
    assert "5,000件まで" in problem.message and problem.path == "/terms"
    assert read_bytes(json.dumps({"format": 1, "terms": terms[:-1]}).encode(), "a.json")
    monkeypatch.setattr(reading, "MOST_VALUES", 20)
    assert "多すぎます" in problems(SOUND)[0].message
    assert "多すぎます" in problems(json.dumps(list(range(30))), "a.json")[0].message
    monkeypatch.setattr(reading, "MOST_BYTES", 10)
    monkeypatch.setattr(content_module, "MOST_BYTES", 10)
    assert "大きすぎます" in problems(SOUND)[0].message
    (tmp_path / "a.yaml").write_text(SOUND, encoding="utf-8")
    with pytest.raises(InvalidContent, match="誤り"):
        read_files([tmp_path / "a.yaml"])


@pytest.mark.slow
def test_the_largest_import_that_is_promised_is_read() -> None:
    document = random_document(Random(1), questions=200, procedures=5_000, conditions=20_000, described=False)
    data = json.dumps(document).encode()
    read = read_bytes(data, "large.json")
    assert (len(read.procedures), len(read.conditions)) == (5_000, 20_000)
    assert len(content_hash(read)) == 64


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("2026-04-01", "2026-04-01"),
        ("1_000", "1_000"),
        ("<<", "<<"),
        ("", None),
        ("~", None),
        ("null", None),
        ("True", True),
        ("FALSE", False),
        ("0o17", 15),
        ("0x1F", 31),
        ("017", 17),
        ("-3", -3),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1.", 1.0),
        ("-.inf", float("-inf")),
        ("12:30", "12:30"),
    ],
)
def test_words_mean_what_the_core_schema_says(word: str, meaning: object) -> None:
    assert scalar(word) == meaning and type(scalar(word)) is type(meaning)


@pytest.mark.parametrize("case", CONFORMANCE, ids=lambda case: str(case["name"]))
def test_the_conformance_contents_are_sound(case: dict[str, Any]) -> None:
    read = read_bytes(json.dumps(case["content"]).encode(), "a.json")
    assert canonical(read_bytes(canonical(read), "a.json")) == canonical(read)


def test_the_canonical_form_is_written_out() -> None:
    text = SOUND.replace("postal: yes", "postal: {is: yes}\n    online: {is: unknown}\n    synonyms: [い, あ, い]")
    text = text.replace("requires: [[age/old]]", "requires: [[age/old, age/young, age/old], [age/old], [age/old]]")
    found = canonical(read_bytes(text.encode(), "a.yaml")).decode()
    assert found.startswith('{"conditions":[{"key":"old-in","label":"年上の方","life_events":["moving-in"],')
    assert '"requires":[["age/old"],["age/old","age/young"]]' in found and not found.endswith("\n")
    assert '"postal":"yes"' in found and '"synonyms":["あ","い"]' in found and "online" not in found
    assert '"deadline":{"from_event":["moving-in"],"unit":"day","value":14}' in found
    assert '"options":[{"key":"age/young","label":"若い"},{"key":"age/old","label":"年上"}]' in found


def test_an_empty_document_has_this_hash() -> None:
    read = read_bytes(b'{"format":1,"terms":[],"laws":null}', "a.json")
    assert canonical(read) == b'{"format":2}'
    assert content_hash(read) == hashlib.sha256(b'{"format":2}').hexdigest()


def shuffled(value: Any, rng: Random, name: str = "") -> Any:
    """The same meaning in another order, with repeats: all lists but those that have an order are sets."""
    if isinstance(value, dict):
        names = rng.sample(list(value), len(value))
        return {one: shuffled(value[one], rng, one) for one in names}
    if not isinstance(value, list) or not value:
        return value
    inner = [shuffled(one, rng) for one in value]
    if name in {"options", "handled_at", "sources"}:
        return inner
    keyed = isinstance(inner[0], dict)
    return rng.sample(inner, len(inner)) + ([] if keyed else [copy.deepcopy(rng.choice(inner))])


@settings(max_examples=25, deadline=None)
@given(document=raw_documents(), rng=st.randoms(use_true_random=False))
def test_what_means_the_same_has_the_same_bytes(document: Fields, rng: Random) -> None:
    first = canonical(read_bytes(json.dumps(document).encode(), "a.json"))
    assert canonical(read_bytes(json.dumps(shuffled(document, rng)).encode(), "a.json")) == first
    assert canonical(read_bytes(first, "a.json")) == first
    assert rfc8785.dumps(json.loads(first)) == first


@settings(max_examples=25, deadline=None)
@given(document=raw_documents())
def test_yaml_reads_back_to_the_same_bytes(document: Fields) -> None:
    read = read_bytes(json.dumps(document).encode(), "a.json")
    assert canonical(read_bytes(to_yaml(read).encode(), "a.yaml")) == canonical(read)
    assert as_yaml(read).decode() == to_yaml(read)


WORDS = st.sampled_from(
    ["yes", "0o17", "1e3", "0x1F", "~", "on", "-", "+1", ".5", "a: b", "# x", "x\n", "\tx", " x\n y"]
)


@settings(max_examples=60, deadline=None)
@given(text=WORDS | st.text(min_size=1, max_size=40))
def test_any_readable_text_survives_yaml_and_json(text: str) -> None:
    data = json.dumps({"format": 1, "documents": [{"key": "a", "name": text}]}).encode()
    try:
        read = read_bytes(data, "a.json")
    except InvalidContent as error:
        assert all(one.path == "/documents/0/name" for one in error.problems)
        return
    assert read.documents[0].name == visible(text)
    assert read_bytes(canonical(read), "a.json").documents[0].name == visible(text)
    assert read_bytes(as_yaml(read), "a.yaml").documents[0].name == visible(text)


@settings(max_examples=60, deadline=None)
@given(document=raw_documents(most=3), data=st.data())
def test_whatever_is_wrong_has_words_of_its_own(document: Fields, data: st.DataObject) -> None:
    """One value anywhere is replaced by another: the document is read, or refused in Japanese sentences."""
    holder: Any = document
    while True:
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(holder[key], dict | list) or not holder[key] or data.draw(st.booleans()):
            break
        holder = holder[key]
    holder[key] = data.draw(
        st.sampled_from([None, True, 0, -5, 1.5, 10**12, "", "x", "長" * 5000, [], [1], {}, {"a": 1}])
    )
    try:
        read_bytes(json.dumps(document).encode(), "a.json")
    except InvalidContent as error:
        assert error.problems
        assert not [str(one) for one in error.problems if "この値は使えません" in one.message]


def test_a_source_without_a_telling_name_is_looked_at() -> None:
    assert read_file(b'{"format": 1}', "upload").value == read_file(b"format: 1", "upload").value == {"format": 1}


def test_every_kind_of_file_of_a_folder_is_read_or_refused_by_name(tmp_path: Path) -> None:
    """Editors and systems leave files of their own; nothing that may be content is passed over in silence."""
    parts = json.loads(canonical(read_bytes(SOUND.encode(), "a.yaml")))
    (tmp_path / "1.yaml").write_text(SOUND, encoding="utf-8")
    (tmp_path / "2.yml").write_text(
        "format: 1\nterms: [{key: term-own, term: 住民票, meaning: 住所の記録}]", encoding="utf-8"
    )
    law = {"format": 1, "laws": [{"key": "law-a", "name": "住民基本台帳法"}]}
    (tmp_path / "3.JSON").write_text(json.dumps(law), encoding="utf-8")
    (tmp_path / "._1.yaml").write_bytes(b"\x00\x05\x16\x07 Mac")
    (tmp_path / "README.md").write_text("Where it is from", encoding="utf-8")
    (tmp_path / "city").mkdir()
    content = read_files(content_files(tmp_path))
    assert len(content.terms) == len(parts.get("terms", [])) + 1 and [one.key for one in content.laws][-1] == "law-a"
    (tmp_path / "4.xlsx").write_bytes(b"PK")
    (tmp_path / "5.yaml.bak").write_text(SOUND, encoding="utf-8")
    with pytest.raises(InvalidContent) as refused:
        content_files(tmp_path)
    assert [Path(one.file or "").name for one in refused.value.problems] == ["4.xlsx", "5.yaml.bak"]
    excel, other = refused.value.problems
    assert "Excel" in excel.message and ".yml" in other.message
