"""Folders and files as people bring them: of editors, of systems, of a first try."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from service.content.loading import content_files, read_bytes, read_files
from service.errors import InvalidContent

QUESTIONS = """format: 1
life_events:
  - {key: hikkoshi-in, name: 転入, summary: 市外から引っ越した, position: 1, date_label: 住み始めた日}
conditions:
  - {key: c-tennyu, label: 引っ越してきた方, life_events: [hikkoshi-in], selects: [tennyu-todoke]}
"""
PROCEDURES = """format: 1
procedures:
  - key: tennyu-todoke
    name: 転入届
    handled_at: [w-shimin, w-fushiki]
windows:
  - {key: w-shimin, name: 市民課, walking_order: 1}
  - {key: w-fushiki, name: 伏木支所}
"""
TERMS = "format: 1\nterms:\n  - {key: term-tennyu, term: 転入, meaning: 市外から市内へ引っ越すことです。}\n"


@pytest.mark.parametrize(("first", "last"), [("yaml", "yml"), ("yml", "yml"), ("yaml", "YAML")])
def test_every_ending_of_yaml_is_read(tmp_path: Path, first: str, last: str) -> None:
    (tmp_path / f"1-questions.{first}").write_text(QUESTIONS, encoding="utf-8")
    (tmp_path / f"2-procedures.{first}").write_text(PROCEDURES, encoding="utf-8")
    (tmp_path / f"3-terms.{last}").write_text(TERMS, encoding="utf-8")
    (tmp_path / "._1-questions.yaml").write_bytes(b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        ")
    read = read_files(content_files(tmp_path))
    assert (len(read.life_events), len(read.procedures), len(read.terms)) == (1, 1, 1)


def test_what_is_left_out_stays_unknown() -> None:
    """None is said by an empty list alone: residents are not told that nothing has to be brought."""
    [unknown] = read_bytes(PROCEDURES.encode(), "a.yaml").procedures
    assert unknown.needs is None and unknown.governed_by is None
    document = {"format": 2, "procedures": [{"key": "a", "name": "あ", "needs": [], "governed_by": []}]}
    [none] = read_bytes(json.dumps(document).encode(), "a.json").procedures
    assert none.needs == [] and none.governed_by == []


FIRST_TRY = """format: 1
procedures:
  - key: inkan-touroku
    name: 印鑑登録
    fee: 300
    duration_minutes: 15分
    online: あり
    deadline: 14日以内
    checked_on: 2026/01/21
    source_url: www.city.takaoka.toyama.jp
    handled_at: w-shimin
  - key: Tennyu_Todoke
    name: 転入届
windows:
  - key: w-shimin
    name: 市民課
    floor: 1
    phone: 0766201337
    e-mail: メールフォーム
"""


def test_a_first_try_is_told_everything_at_once_each_at_its_line() -> None:
    with pytest.raises(InvalidContent) as refused:
        read_bytes(FIRST_TRY.encode(), "takaoka.yaml")
    assert sorted(problem.line or 0 for problem in refused.value.problems) == [*range(5, 13), 17, 18, 19]
    assert all(problem.message.endswith("。") for problem in refused.value.problems)
