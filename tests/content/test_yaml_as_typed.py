"""YAML as people type it on a Japanese keyboard: read as it is meant, or refused at the right line."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.content import item_yaml
from service.content.loading import content_files, read_bytes, read_files
from service.content.models import Kind
from service.content.reading import comment_lines
from service.errors import InvalidContent
from tests.content.test_loading import problems

TERM = "format: 2\nterms:\n  - key: t-a\n    term: 転入\n    meaning: 市外から引っ越すことです。\n"


@pytest.mark.parametrize(
    ("old", "typed", "line", "advice"),
    [
        ("    term", "　　term", 4, "全角などの空白"),
        ("    term", "\u00a0\u00a0\u00a0\u00a0term", 4, "全角などの空白"),
        ("    term", "  \u2003term", 4, "全角などの空白"),
        ("  - key", "　- key", 3, "全角などの空白"),
        ("- key", "-　key", 3, "「-」のあとに全角などの空白"),
        ("- key", "－ key", 3, "「－」が全角"),
        ("- key", "ー key", 3, "「ー」が全角"),
        ("- key", "・key", 3, "「・」が全角"),
        ("- key", "−key", 3, "「−」が全角"),
        ("terms:", "terms：", 2, "「：」が全角"),
        ("key: t-a", "key：t-a", 3, "「：」が全角"),
        ("term: 転入", "term：転入", 4, "「：」が全角"),
        ("term: 転入", "term:　転入", 4, "「:」のあとに全角などの空白"),
        ("format: 2", "＃ はじめ\nformat: 2", 1, "「＃」が全角"),
        ("    term: 転入\n", "    term，: 転入\n", 4, "全角の記号"),
    ],
)
def test_a_wide_sign_is_named_at_its_line(old: str, typed: str, line: int, advice: str) -> None:
    problem = problems(TERM.replace(old, typed, 1))[0]
    assert (problem.line, advice in problem.message) == (line, True), problem


@pytest.mark.parametrize(
    ("typed", "advice"),
    [
        ("  - ｛key: t-a, term: 転入, meaning: あ｝", "「｛」が全角"),
        ("  - {key: t-a， term: 転入, meaning: あ}", "「，」が全角"),
        ("  - {key: t-a、 term: 転入, meaning: あ}", "「、」が全角"),
        ("  - {key: t-a, term: 転入, meaning: あ｝", "「｝」が全角"),
    ],
)
def test_wide_signs_between_brackets_are_named_too(typed: str, advice: str) -> None:
    [problem] = problems(f"format: 2\nterms:\n{typed}\n")
    assert (problem.line, advice in problem.message) == (3, True), problem


def test_wide_signs_inside_texts_are_texts() -> None:
    text = TERM.replace("市外から引っ越すことです。", "|\n      　一行目：｛例｝、＃3\n      ・二行目")
    [term] = read_bytes(text.encode(), "a.yaml").terms
    assert term.meaning == "　一行目：｛例｝、＃3\n・二行目\n"


def test_wide_digits_and_brackets_are_told_at_the_field() -> None:
    text = "format: 2\nprocedures:\n  - key: p-a\n    name: あ\n    duration_minutes: １５\n    needs: ［doc-a］\n"
    told = {problem.path: problem.message for problem in problems(text)}
    assert "半角の整数" in told["/procedures/0/duration_minutes"] and "半角" in told["/procedures/0/needs"]


CUT = """format: 2
windows:
  - key: w-a
    name: 救急の相談
    phone: #7119
    hours: 24時間 #祝日も
procedures:
  - key: p-a
    name: 小児救急電話相談 #8000
    summary: 夜間は #8000 に電話します。
    synonyms:
      - こども救急
      - #8000
    note: | # メモ
      電話です。
"""


def test_a_text_that_a_comment_would_cut_is_refused_at_its_line() -> None:
    found = problems(CUT)
    assert [(problem.line, problem.path) for problem in found] == [
        (5, "/windows/0/phone"),
        (6, "/windows/0/hours"),
        (9, "/procedures/0/name"),
        (10, "/procedures/0/summary"),
        (13, "/procedures/0/synonyms/1"),
        (14, "/procedures/0/note"),
    ]
    assert all("引用符" in problem.message for problem in found)


def test_a_quoted_text_keeps_its_sign() -> None:
    text = CUT.replace("#7119", '"#7119"').replace("24時間 #祝日も", '"24時間 #祝日も"').replace("- #8000", "- '#8000'")
    text = text.replace("小児救急電話相談 #8000", "'小児救急電話相談 #8000'").replace("| # メモ", "|")
    text = text.replace("夜間は #8000 に電話します。", '"夜間は #8000 に電話します。"')
    read = read_bytes(text.encode(), "a.yaml")
    assert (read.windows[0].phone, read.windows[0].hours) == ("#7119", "24時間 #祝日も")
    assert read.procedures[0].name == "小児救急電話相談 #8000" and "#8000" in read.procedures[0].synonyms


def test_comments_that_cut_nothing_are_comments() -> None:
    text = '# はじめ\nformat: 2  # 書式\nterms:  # 言葉\n  # 一つ目\n  - key: t-a\n    term: "転入"  # 読める\n'
    text += "    meaning: |\n      # 一行目\n      内線 #3\n    reading: C#とF#\n"
    [term] = read_bytes(text.encode(), "a.yaml").terms
    assert (term.meaning, term.reading) == ("# 一行目\n内線 #3\n", "C#とF#")
    assert comment_lines(text) == [1, 2, 3, 4, 6]


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("note: 夜間は #8000 に電話します。", 2),
        ("fee: #7119", 2),
        ("# あとで確かめる", 2),
        ('note: "夜間" # あとで', 2),
        ("duration_minutes: 15 # およそ", 2),
    ],
)
def test_the_form_keeps_no_comment_and_says_so(typed: str, line: int) -> None:
    with pytest.raises(InvalidContent) as refused:
        item_yaml.read(f"name: 転入届\n{typed}\n", Kind.PROCEDURE, key="p-a")
    [problem] = refused.value.problems
    assert problem.line == line and "引用符" in problem.message


def test_the_form_keeps_a_sign_inside_a_text() -> None:
    text = 'name: 転入届\nnote: "夜間は #8000 に電話します。"\nsummary: |\n  # 一\n  内線 #3\nfee: C#\n'
    read = item_yaml.read(text, Kind.PROCEDURE, key=None)
    assert (
        read["note"] == "夜間は #8000 に電話します。" and read["summary"] == "# 一\n内線 #3\n" and read["fee"] == "C#"
    )


@pytest.mark.parametrize("start", [b"PK\x03\x04\x14\x00\x06\x00", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
@pytest.mark.parametrize("name", ["内容.xlsx", "内容.yaml"])
def test_a_file_of_excel_is_told_as_one(tmp_path: Path, start: bytes, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(start + b"\x00" * 40)
    with pytest.raises(InvalidContent) as refused:
        read_files([path])
    [problem] = refused.value.problems
    assert "Excelのファイルです" in problem.message and "職員のページ" in problem.message and problem.line is None


def test_a_file_of_excel_in_a_folder_is_told_as_one(tmp_path: Path) -> None:
    (tmp_path / "内容.xlsx").write_bytes(b"PK\x03\x04")
    with pytest.raises(InvalidContent) as refused:
        content_files(tmp_path)
    assert "Excelのファイルです" in refused.value.problems[0].message
