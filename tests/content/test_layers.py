"""Layers: a later one adds, changes and drops; what it may not do is refused where it stands."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.content import layers, patches
from service.content.canonical import canonical, document, item_yaml
from service.content.loading import read_files, read_folders, read_layers
from service.content.models import Content
from service.errors import InvalidContent, Problem
from tests.contents import random_content
from tests.edits import edited

LAW = """\
format: 2
life_events:
  - {key: moving-in, name: 転入, date_label: 転入した日}
questions:
  - key: age
    text: 年齢は
    kind: one
    options: [{key: age/young, label: 若い}, {key: age/old, label: 年上}]
conditions:
  - {key: all-in, label: 転入した方, life_events: [moving-in], selects: [tennyu]}
  - {key: old-in, label: 年上の方, life_events: [moving-in], requires: [[age/old]], selects: [kaigo]}
procedures:
  - key: tennyu
    name: 転入届
    fee: 無料
    postal: {is: yes, note: 国の案内}
    basis: law
    deadline: {value: 14, unit: day, from: 住み始めた日, from_event: moving-in}
    sources: [{title: 住民基本台帳法, basis: law}]
    needs: [card, seal]
  - {key: kaigo, name: 介護保険の届け出}
documents:
  - {key: card, name: マイナンバーカード}
  - {key: seal, name: 印鑑}
scenarios:
  - {key: family, name: 家族, life_events: [moving-in], answers: {age: [age/old]}, expects: [tennyu]}
"""

CITY = """\
format: 2
windows:
  - {key: hall, name: 市民課}
procedures:
  - key: tennyu
    fee: null
    postal: 'no'
    basis: {windows: city, documents: null}
    deadline: {note: 土曜日は開いていません}
    needs: [card]
    handled_at: [hall]
  - {key: gomi, name: ごみの出し方, nature: information}
documents:
  - {key: seal, drop: true}
scenarios:
  - {key: family, answers: {age: unsure}}
"""


def put_together(folder: Path, *texts: str) -> Content:
    """The content of the layers, one file each, the first the lowest."""
    files = []
    for number, text in enumerate(texts, start=1):
        files.append(folder / f"{number}.yaml")
        files[-1].write_text(text, encoding="utf-8")
    return read_layers([[file] for file in files]).content


def refused(folder: Path, *texts: str) -> list[Problem]:
    """What is said of layers that are refused."""
    with pytest.raises(InvalidContent) as caught:
        put_together(folder, *texts)
    return list(caught.value.problems)


def test_a_later_layer_adds_changes_and_drops(tmp_path: Path) -> None:
    made = document(put_together(tmp_path, LAW, CITY))
    [gomi, kaigo, tennyu] = made["procedures"]
    assert (gomi["key"], kaigo) == ("gomi", {"key": "kaigo", "name": "介護保険の届け出"})
    assert tennyu["deadline"] == {
        "value": 14,
        "unit": "day",
        "from": "住み始めた日",
        "from_event": ["moving-in"],
        "note": "土曜日は開いていません",
    }
    assert "fee" not in tennyu and tennyu["postal"] == "no", "a way of applying is given anew as a whole"
    assert tennyu["basis"]["duty"] == "law" and tennyu["basis"]["windows"] == "city"
    assert "documents" not in tennyu["basis"]
    assert (tennyu["needs"], tennyu["handled_at"], tennyu["name"]) == (["card"], ["hall"], "転入届")
    assert [one["key"] for one in made["documents"]] == ["card"]
    assert made["scenarios"][0]["answers"] == {"age": "unsure"}


def test_a_third_layer_changes_what_the_second_one_added(tmp_path: Path) -> None:
    third = "format: 2\nprocedures: [{key: gomi, name: ごみ}, {key: tennyu, handled_at: null}]\n"
    third += "documents: [{key: seal, name: 実印}]\n"
    made = document(put_together(tmp_path, LAW, CITY, third))
    assert made["procedures"][0] == {"key": "gomi", "name": "ごみ", "nature": "information"}
    assert "handled_at" not in made["procedures"][2]
    assert [one["name"] for one in made["documents"]] == ["マイナンバーカード", "実印"], (
        "what was dropped may come anew"
    )


def test_what_lies_beneath_is_told_by_itself(tmp_path: Path) -> None:
    (tmp_path / "national").mkdir()
    (tmp_path / "city").mkdir()
    law, city = tmp_path / "national" / "all.yaml", tmp_path / "city" / "own.yaml"
    law.write_text(LAW, encoding="utf-8")
    city.write_text(CITY, encoding="utf-8")
    (tmp_path / "city" / "municipality.yaml").write_text("name: 総社市\n", encoding="utf-8")
    found = read_folders([law.parent, city.parent])
    assert found.beneath is not None and canonical(found.beneath) == canonical(read_files([law]))
    assert read_folders([law.parent]).beneath is None


def test_a_city_without_anything_of_its_own_has_the_law(tmp_path: Path) -> None:
    assert canonical(put_together(tmp_path, LAW, "format: 2\n")) == canonical(put_together(tmp_path, LAW))


@pytest.mark.parametrize(
    ("own", "path", "line", "words"),
    [
        ("documents:\n  - {key: card, floor: 1階}", "/documents/0/floor", 3, "という項目はありません"),
        ("documents:\n  - {key: card, floor: null}", "/documents/0/floor", 3, "という項目はありません"),
        ("procedures:\n  - {key: tennyu, deadline: {vaule: 1}}", "/procedures/0/deadline/vaule", 3, "「value」では"),
        ("procedures:\n  - {key: tennyu, basis: town}", "/procedures/0/basis", 3, "law、city、elsewhere"),
        ("procedures:\n  - {key: tennyu, name: null}", "/procedures/0/name", 3, "「name」がありません"),
        ("procedures:\n  - {key: tennyuu, fee: 1円}", "/procedures/0/key", 3, "「tennyu」ではありませんか"),
        ("procedures:\n  - {key: tennyuu, drop: true}", "/procedures/0", 3, "前の層に、手続き「tennyuu」はありません"),
        ("documents:\n  - {key: kaigo, drop: true}", "/documents/0", 3, "前の層に、必要書類「kaigo」はありません"),
        ("documents:\n  - {key: card, drop: false}", "/documents/0/drop", 3, "drop: true"),
        ("documents:\n  - {key: card, drop: true, name: x}", "/documents/0/drop", 3, "だけを"),
        ("documents:\n  - {key: card, drop: true}", "/documents/0", 3, "「tennyu」がまだ使っています"),
        ("questions:\n  - {key: age, drop: true}", "/questions/0", 3, "「family」がまだ使っています"),
        (
            "questions:\n  - key: age\n    options: [{key: age/young, label: 若い}, {key: age/new, label: 新}]",
            "/questions/0/options",
            4,
            "「age/old」は、「old-in」「family」がまだ使っています",
        ),
        (
            "procedures:\n  - {key: tennyu, fee: 1円}\n  - {key: tennyu, fee: 2円}",
            "/procedures/1/key",
            4,
            "この層の中に2回",
        ),
        ("procedures:\n  - {key: card, name: 写真}", "/procedures/0/key", 3, "すでに必要書類に"),
        ("procedures:\n  - {key: tennyu, handled_at: [gone]}", "/procedures/0/handled_at/0", 3, "「gone」はありません"),
        ("conditions:\n  - {key: old-in, excludes: [age/old]}", "/conditions/0/excludes/0", 3, "両方"),
    ],
)
def test_what_a_layer_may_not_do_is_told_where_it_stands(
    tmp_path: Path, own: str, path: str, line: int, words: str
) -> None:
    found = refused(tmp_path, LAW, f"format: 2\n{own}\n")
    problem = next(one for one in found if one.path == path)
    assert problem.file == str(tmp_path / "2.yaml") and problem.line == line
    assert words in problem.message, problem.message
    assert all(one.file == problem.file or "選択肢" in one.message for one in found), "the law is not to blame"


def test_a_layer_over_another_is_of_the_format_of_today(tmp_path: Path) -> None:
    [problem] = refused(tmp_path, LAW, "format: 1\nwindows: []\n")
    assert (problem.path, problem.line) == ("/format", 1) and "format: 2" in problem.message


def test_what_lies_beneath_has_to_be_sound_by_itself(tmp_path: Path) -> None:
    law = LAW.replace("needs: [card, seal]", "needs: [card, seal]\n    handled_at: [hall]")
    [problem] = refused(tmp_path, law, CITY)
    assert problem.file == str(tmp_path / "1.yaml") and "「hall」はありません" in problem.message


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), times=st.integers(0, 12))
def test_the_difference_of_two_contents_makes_the_one_of_the_other(
    seed: int, times: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever an editor makes of a content, and contents that have nothing to do with each other."""
    old = random_content(Random(seed))
    new = edited(Random(seed), old, times=times) if times else random_content(Random(seed + 1))
    difference = layers.difference(patches.items(old), patches.items(new))
    made = put_together(tmp_path_factory.mktemp("layers"), item_yaml(document(old)), item_yaml(difference))
    assert canonical(made) == canonical(new)
    if canonical(old) == canonical(new):
        assert difference == {"format": 2}
